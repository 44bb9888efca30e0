//! Reading answers: order, repetition, gaps, and the spellings of a path.

use std::fs;
use std::path::PathBuf;

use super::{match_answers, relative_path};
use crate::suite::{Question, Repository};

fn repository(queries: &[&str], folder: PathBuf, root: &str) -> Repository {
    let question = |query: &&str| Question {
        query: (*query).to_owned(),
        category: String::new(),
        language: String::new(),
        targets: Vec::new(),
    };
    let questions = queries.iter().map(question).collect();
    Repository { name: "r".to_owned(), folder, root: root.to_owned(), questions }
}

#[test]
fn answers_find_their_questions_in_any_order_and_repeated_ones_in_turn() {
    let repository = repository(&["a b", "c", "a b", "d", "/(/"], PathBuf::from("r"), "");
    let printed = r#"{"query": "c", "results": [{"path": "c.rs"}]}
indexing 3 files
{"query": "a  b", "results": [{"path": "one.rs", "start_line": 4, "end_line": 9}]}
{"query": "a b", "results": [{"path": "two.rs", "start_line": 7}]}
{"query": "/(/", "results": [], "error": "unclosed group"}
{"query": "never asked", "results": []}"#;
    let shown: Vec<String> = match_answers(&repository, printed)
        .into_iter()
        .map(|answer| match answer {
            Ok(found) => {
                format!("{} {:?}", found[0].path, found[0].lines.map(|l| (l.start, l.end)))
            }
            Err(error) => error,
        })
        .collect();
    let expected =
        ["one.rs Some((4, 9))", "c.rs None", "two.rs Some((7, 7))", "no answer", "unclosed group"];
    assert_eq!(shown, expected);
}

#[test]
fn a_path_is_made_relative_to_the_searched_folder() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("src/src")).unwrap();
    for file in ["src/a.rs", "src/src/b.rs", "top.rs"] {
        fs::write(folder.path().join(file), "").unwrap();
    }
    let repository = repository(&[], folder.path().to_owned(), "src");
    let absolute = folder.path().join("src/a.rs").to_string_lossy().into_owned();
    for (printed, expected) in [
        ("a.rs", "a.rs"),
        ("./a.rs", "a.rs"),
        ("src/a.rs", "a.rs"),
        ("src/b.rs", "src/b.rs"),
        ("src/src/b.rs", "src/b.rs"),
        ("src/gone.rs", "gone.rs"),
        (absolute.as_str(), "a.rs"),
    ] {
        assert_eq!(relative_path(printed, &repository), expected, "{printed}");
    }
}
