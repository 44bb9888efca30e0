//! One repository: every file is copied, and those with a grammar lose their doc comments.

use std::fs;
use std::path::Path;

use anyhow::Context;
use flux_core::{RepoPath, Symbol, SymbolKind};
use flux_grammars::{Extractor, Grammar, detect};

use super::{docs, sentence};
use crate::suite::MinedQuestion;

/// Larger files are copied unread: they are data or generated.
const MAX_BYTES: usize = 1 << 20;
/// Shorter functions have no body to be found by.
const MIN_LINES: u32 = 3;
/// Folders whose functions nobody asks for.
const SKIPPED_FOLDERS: &[&str] = &[
    "__tests__",
    "bench",
    "benches",
    "example",
    "examples",
    "node_modules",
    "spec",
    "test",
    "tests",
    "third_party",
    "vendor",
];

/// Copies `folder` to `copy` and returns every question its comments give, in order of place.
pub(crate) fn mine(name: &str, folder: &Path, copy: &Path) -> anyhow::Result<Vec<MinedQuestion>> {
    let mut paths = Vec::new();
    list(folder, "", &mut paths)?;
    let mut extractor = Extractor::new();
    let mut questions = Vec::new();
    for path in paths {
        let bytes = fs::read(folder.join(&path)).with_context(|| path.clone())?;
        let (text, found) = mine_file(name, &path, bytes, &mut extractor);
        questions.extend(found);
        let target = copy.join(&path);
        fs::create_dir_all(target.parent().context("a file without a folder")?)?;
        fs::write(&target, text).with_context(|| target.display().to_string())?;
    }
    Ok(questions)
}

/// Regular files below `prefix`, in order of their paths. Links are left out of the copy because
/// what they point to is copied itself or lies elsewhere.
fn list(folder: &Path, prefix: &str, paths: &mut Vec<String>) -> anyhow::Result<()> {
    let mut entries = fs::read_dir(folder.join(prefix))?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        // A name that is not UTF-8 could not be written to the set.
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() && name != ".git" {
            list(folder, &path, paths)?;
        } else if kind.is_file() {
            paths.push(path);
        }
    }
    Ok(())
}

/// The bytes for the copy and the questions of one file. Whatever cannot be read as code, or
/// would not parse as well without its comments, is copied as it is.
fn mine_file(
    repo: &str,
    path: &str,
    bytes: Vec<u8>,
    extractor: &mut Extractor,
) -> (Vec<u8>, Vec<MinedQuestion>) {
    let path = RepoPath::new(path);
    let Ok(source) = std::str::from_utf8(&bytes) else { return (bytes, Vec::new()) };
    let head = &source[..source.floor_char_boundary(1024)];
    let Some(grammar) = detect(&path, head) else { return (bytes, Vec::new()) };
    if bytes.len() > MAX_BYTES {
        return (bytes, Vec::new());
    }
    let Ok(before) = extractor.extract(grammar, source) else { return (bytes, Vec::new()) };
    let stripped = docs::blank(source, &before.symbols);
    match extractor.extract(grammar, &stripped) {
        Ok(after) if after.parse_errors <= before.parse_errors => {
            let questions = questions(repo, &path, grammar, source, &before.symbols);
            (stripped.into_bytes(), questions)
        }
        _ => (bytes, Vec::new()),
    }
}

fn questions(
    repo: &str,
    path: &RepoPath,
    grammar: &Grammar,
    source: &str,
    symbols: &[Symbol],
) -> Vec<MinedQuestion> {
    let is_skipped = path.parent().split('/').any(|part| SKIPPED_FOLDERS.contains(&part));
    if is_skipped || grammar.is_test_file(path) {
        return Vec::new();
    }
    let question = |symbol: &Symbol| {
        Some(MinedQuestion {
            repo: repo.to_owned(),
            query: sentence::first(symbol.doc.of(source), &symbol.name)?,
            path: path.to_string(),
            start_line: symbol.lines.start,
            end_line: symbol.lines.end,
            category: symbol.kind.to_string(),
            language: grammar.name().to_owned(),
        })
    };
    symbols.iter().filter(|symbol| is_asked_for(symbol)).filter_map(question).collect()
}

fn is_asked_for(symbol: &Symbol) -> bool {
    let has_body = symbol.lines.count() >= MIN_LINES;
    symbol.kind.is_callable() && symbol.kind != SymbolKind::Test && has_body
}
