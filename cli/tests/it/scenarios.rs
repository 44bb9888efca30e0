//! The scenarios of `fixtures/refactorings`; its README says how to read one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::Sandbox;

/// A tree: each file with its bytes.
type Picture = BTreeMap<String, Vec<u8>>;

#[test]
fn every_refactoring_ends_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/refactorings");
    let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut scenarios: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    scenarios.sort();
    let failures: Vec<String> = scenarios
        .iter()
        .filter_map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            failure(path).map(|failure| format!("{name}: {failure}"))
        })
        .collect();
    assert!(scenarios.len() > 25 && failures.is_empty(), "{}", failures.join("\n"));
}

/// What is wrong with a scenario, in words.
fn failure(folder: &Path) -> Option<String> {
    let sandbox = Sandbox::new();
    for (path, bytes) in picture(&folder.join("input")) {
        sandbox.write(path, bytes);
    }
    sandbox.index();
    let before = picture(&sandbox.tree());
    let lines = |name: &str| -> Vec<String> {
        let text = fs::read_to_string(folder.join(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    };
    let typed: Vec<String> =
        lines("command").iter().map(|line| line.replace("\\n", "\n")).collect();
    let mut arguments: Vec<&str> = typed.iter().map(String::as_str).collect();
    arguments.extend(["--yes", "--json"]);
    let ran = sandbox.run(&arguments);
    if !matches!(ran.code, Some(0 | 5)) {
        return Some(format!("{ran:?}"));
    }
    let json = ran.json();
    let texts = |field: &str, of: &dyn Fn(&serde_json::Value) -> String| -> Vec<String> {
        json[field].as_array().into_iter().flatten().map(of).collect()
    };
    let notes = texts("notes", &|note| note.as_str().unwrap_or_default().to_owned());
    let missing =
        lines("notes").into_iter().find(|line| !notes.iter().any(|note| note.contains(line)));
    if let Some(missing) = missing {
        return Some(format!("no note says `{missing}`: {notes:?}"));
    }
    let mut reasons =
        texts("refusals", &|one| one["reason"].as_str().unwrap_or_default().to_owned());
    reasons.sort();
    reasons.dedup();
    let after = picture(&sandbox.tree());
    if reasons != lines("refused") {
        return Some(format!("refused by {reasons:?}: {json}"));
    }
    if !reasons.is_empty() {
        return (after != before).then(|| "refused, but something is written".to_owned());
    }
    let expected = picture(&folder.join("expected"));
    if after != expected {
        return Some(format!("{}\ninstead of\n{}", shown(&after), shown(&expected)));
    }
    let undone = sandbox.run(&["undo", "--quiet"]);
    let is_back = undone.code == Some(0) && picture(&sandbox.tree()) == before;
    (!is_back).then(|| format!("not undone: {undone:?}"))
}

fn picture(root: &Path) -> Picture {
    let mut files = Picture::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn shown(picture: &Picture) -> String {
    let file = |(path, bytes): (&String, &Vec<u8>)| {
        format!("--- {path}\n{}", String::from_utf8_lossy(bytes))
    };
    picture.iter().map(file).collect()
}
