//! Structural matches as JSON.

use std::path::Path;

use flux_engine::structural::{FoundInFile, FoundInTree, Match};
use serde_json::{Map, Value, json};

use super::SCHEMA;

/// What a pattern without a rewrite found; paths are relative to `root`.
pub fn structural(root: &Path, pattern: &str, found: &FoundInTree, notes: &[String]) -> Value {
    let matches = found
        .files
        .iter()
        .flat_map(|file| file.found.matches.iter().map(move |one| matched(file, one)));
    json!({
        "schema": SCHEMA,
        "root": root.to_string_lossy(),
        "pattern": pattern,
        "matches": matches.collect::<Vec<_>>(),
        "searched": found.searched,
        "notes": notes,
    })
}

fn matched(file: &FoundInFile, one: &Match) -> Value {
    let (line, column) = place(&file.text, one.span.start);
    let mut captures = Map::new();
    for capture in &one.captures {
        let text = capture.span.map_or("", |span| span.of(&file.text));
        captures.insert(capture.name.clone(), json!(text));
    }
    json!({
        "path": file.path.as_str(),
        "language": file.language,
        "line": line,
        "column": column,
        "end_line": place(&file.text, one.span.end).0,
        "start": one.span.start,
        "end": one.span.end,
        "text": one.span.of(&file.text),
        "captures": captures,
    })
}

/// The line and column of an offset, 1-based; columns count bytes.
pub fn place(text: &str, offset: u32) -> (usize, usize) {
    let before = &text[..offset as usize];
    let line = before.matches('\n').count() + 1;
    let column = before.len() - before.rfind('\n').map_or(0, |found| found + 1) + 1;
    (line, column)
}
