//! Both layouts, read from files written here.

use std::fs;
use std::path::Path;

use super::{Lines, Target, infer_category, load};

fn write_folder_suite(folder: &Path) {
    let repos = r#"[{"name": "one", "language": "rust", "benchmark_root": "/src/"},
                    {"name": "two", "language": "go"}]"#;
    let one = r#"[{"query": "how  it\nstarts", "relevant": ["src/a.rs"],
                   "secondary": [{"path": "b.rs", "start_line": 3, "end_line": 9},
                                 {"path": "c.rs", "start_line": 3}]}]"#;
    fs::create_dir(folder.join("annotations")).unwrap();
    fs::write(folder.join("repos.json"), repos).unwrap();
    fs::write(folder.join("annotations/one.json"), one).unwrap();
    fs::write(folder.join("annotations/two.json"), "[]").unwrap();
}

#[test]
fn a_folder_gives_questions_with_primary_and_secondary_targets() {
    let folder = tempfile::tempdir().unwrap();
    write_folder_suite(folder.path());
    let suite = load(folder.path(), Path::new("corpus"), &["one".to_owned()]).unwrap();
    assert_eq!(suite.repositories.len(), 1);
    let repository = &suite.repositories[0];
    assert_eq!(repository.search_root(), Path::new("corpus/one/src"));
    let question = &repository.questions[0];
    assert_eq!(
        (question.query.as_str(), question.category.as_str(), question.language.as_str()),
        ("how it starts", "architecture", "rust")
    );
    let target = |path: &str, lines| Target { path: path.to_owned(), lines };
    let expected = [
        target("src/a.rs", None),
        target("b.rs", Some(Lines { start: 3, end: 9 })),
        target("c.rs", None),
    ];
    assert_eq!(question.targets, expected);
}

#[test]
fn an_unknown_repository_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    write_folder_suite(folder.path());
    let error = load(folder.path(), Path::new("corpus"), &["three".to_owned()]).err().unwrap();
    assert_eq!(error.to_string(), "the suite has no repository `three`");
}

#[test]
fn json_lines_give_places_and_files_and_name_a_broken_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines.jsonl");
    let line = r#"{"repo":"r","query":"q w","category":"method","language":"rust","relevant":[{"path":"a.rs","start_line":2,"end_line":4},"b.rs"]}"#;
    fs::write(&file, format!("{line}\n")).unwrap();
    let suite = load(&file, Path::new("corpus"), &[]).unwrap();
    assert_eq!(suite.name, "lines");
    let targets = &suite.repositories[0].questions[0].targets;
    assert_eq!([targets[0].to_string(), targets[1].to_string()], ["a.rs:2-4", "b.rs"]);

    fs::write(&file, format!("{line}\nnot json\n")).unwrap();
    let error = load(&file, Path::new("corpus"), &[]).err().unwrap();
    assert!(error.to_string().ends_with("lines.jsonl:2"), "{error}");
}

#[test]
fn a_missing_category_is_inferred_from_the_wording() {
    assert_eq!(infer_category("parse_json"), "symbol");
    assert_eq!(infer_category("How is it parsed"), "architecture");
    assert_eq!(infer_category("json parser"), "semantic");
}
