//! What a repository gives, and what is taken of it.

use std::fs;
use std::path::Path;

use super::{Candidate, Kind, choose, ids, repository};
use crate::suite::{QuestionLine, Relevant};

fn candidate(kind: Kind, path: &str, query: &str) -> Candidate {
    let word = |text: &str| text.to_owned();
    let line = QuestionLine {
        repo: word("r"),
        root: String::new(),
        query: word(query),
        category: word("doc"),
        language: word("rust"),
        relevant: vec![Relevant::Place {
            path: word(path),
            start_line: Some(5),
            end_line: Some(8),
        }],
    };
    Candidate { kind, line }
}

fn doc(path: &str, query: &str) -> Candidate {
    candidate(Kind::Doc, path, query)
}

#[test]
fn a_question_asked_twice_is_asked_by_none() {
    let mined = vec![doc("a", "Closes it"), doc("b", "closes it"), doc("c", "q")];
    assert_eq!(choose(mined, 9), [doc("c", "q")]);
}

#[test]
fn the_choice_does_not_depend_on_the_order_and_is_sorted_by_place() {
    let all: Vec<_> = (0..30).map(|n| doc(&format!("f{n:02}"), &format!("q{n}"))).collect();
    let reversed = all.iter().rev().cloned().collect();
    let chosen = choose(all, 7);
    assert_eq!(chosen, choose(reversed, 7));
    assert_eq!(chosen.len(), 7);
    assert!(chosen.is_sorted_by_key(ids::order));
}

#[test]
fn kinds_take_turns_until_one_is_used_up() {
    let mut all: Vec<_> = (0..30).map(|n| doc("a", &format!("q{n}"))).collect();
    all.extend((0..2).map(|n| candidate(Kind::Name, "b", &format!("n{n}"))));
    let chosen = choose(all, 10);
    assert_eq!(chosen.iter().filter(|one| one.kind == Kind::Name).count(), 2);
    assert_eq!(chosen.iter().filter(|one| one.kind == Kind::Doc).count(), 8);
}

#[test]
fn ids_choose_the_same_questions_again() {
    let all: Vec<_> = (0..30).map(|n| doc(&format!("f{n:02}"), &format!("q{n}"))).collect();
    let chosen = choose(all.clone(), 7);
    let wanted = chosen.iter().map(ids::of).collect();
    assert_eq!(ids::keep(all, &wanted), chosen);
    assert!(ids::of(&chosen[0]).starts_with("r\tf"), "{}", ids::of(&chosen[0]));
    assert!(!ids::of(&chosen[0]).contains(&chosen[0].line.query));
}

/// Mines one repository made of `files` and returns its copy with the candidates.
fn mine(files: &[(&str, &str)]) -> (tempfile::TempDir, Vec<Candidate>) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join("r").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let copy = folder.path().join("copy");
    let mined = repository::mine("r", &folder.path().join("r"), &copy).unwrap();
    (folder, mined)
}

fn read(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join("copy").join(path)).unwrap()
}

fn of_kind(mined: &[Candidate], kind: Kind) -> Vec<String> {
    let show = |one: &Candidate| {
        let places: Vec<String> = one.line.relevant.iter().map(|one| one.path().into()).collect();
        format!("{}: {} -> {}", one.line.category, one.line.query, places.join(" "))
    };
    mined.iter().filter(|one| one.kind == kind).map(show).collect()
}

#[test]
fn a_repository_gives_questions_and_a_copy_without_its_comments() {
    let text = "use x;\n\n/// Sorts the given words by length. More.\n/// More still.\n\
                pub fn order(a: A) {\n    // why\n    a.sort()\n}\n";
    let (folder, mined) = mine(&[("src/a.rs", text), ("tests/b.rs", text), ("logo.png", "\u{1}")]);
    let docs: Vec<Candidate> = mined.into_iter().filter(|one| one.kind == Kind::Doc).collect();
    assert_eq!(docs, [doc("src/a.rs", "Sorts the given words by length")]);
    let stripped = read(folder.path(), "src/a.rs");
    assert_eq!(stripped.lines().count(), text.lines().count());
    assert!(!stripped.contains("length") && stripped.contains("pub fn order"), "{stripped}");
    assert_eq!(read(folder.path(), "logo.png"), "\u{1}");
}

#[test]
fn a_name_is_typed_in_some_way_and_answered_by_its_definitions() {
    let body = "{\n    a();\n}\n";
    let names = ["parseHttpHead", "readBody", "write_all_bytes", "close", "openSocketNow"];
    let text: String = names.iter().map(|name| format!("fn {name}() {body}")).collect();
    let often = format!("fn often() {body}");
    let files = [
        ("a.rs", text.as_str()),
        ("b.rs", &often),
        ("c.rs", &often),
        ("d.rs", &often),
        ("e.rs", &often),
    ];
    let (_, mined) = mine(&files);
    let typed = of_kind(&mined, Kind::Name);
    assert_eq!(
        typed,
        [
            "name: close -> a.rs",
            "name: openSocketNow -> a.rs",
            "name-words: parse http head -> a.rs",
            "name-words: read body -> a.rs",
            "name-partial: write_all -> a.rs",
        ]
    );
}

#[test]
fn the_top_of_a_file_asks_for_the_file_and_is_blanked() {
    let text = "//! Keeps open connections for later use.\n\nuse x;\n";
    let (folder, mined) = mine(&[("pool.rs", text)]);
    assert_eq!(
        of_kind(&mined, Kind::File),
        ["file: Keeps open connections for later use -> pool.rs"]
    );
    assert_eq!(read(folder.path(), "pool.rs").lines().last(), Some("use x;"));
    assert!(!read(folder.path(), "pool.rs").contains("connections"));
}

#[test]
fn a_large_type_is_asked_for_by_its_words() {
    let text = format!("struct ConnectionPool {{\n{}}}\n", "    a: u8,\n".repeat(50));
    let (_, mined) = mine(&[("a.rs", &text), ("b.rs", "struct SmallThing;\n")]);
    let asked = of_kind(&mined, Kind::File);
    assert_eq!(asked.len(), 1);
    assert!(asked[0].contains("connection pool") && asked[0].ends_with("-> a.rs"), "{asked:?}");
}

#[test]
fn a_section_asks_for_the_files_it_names_and_is_blanked() {
    let readme = "# Guide\n\nNothing of note is said in here.\n\n## Pooling\n\n\
                  Connections are kept open for `take_one()` to use.\n\n\
                  ```\n# no heading\n```\n\n## Rest\n\nMore.\n";
    let files = [("README.md", readme), ("src/pool.rs", "fn take_one() {\n}\n")];
    let (folder, mined) = mine(&files);
    assert_eq!(
        of_kind(&mined, Kind::Heading),
        ["heading: Pooling: Connections are kept open for take_one() to use -> src/pool.rs"]
    );
    let copy = read(folder.path(), "README.md");
    assert!(copy.contains("Guide") && copy.contains("Rest"), "{copy}");
    assert!(!copy.contains("Pooling") && !copy.contains("kept"), "{copy}");
}
