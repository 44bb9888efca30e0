//! One repository: every file is copied, and what may become a question is blanked in the copy.

use std::fs;
use std::path::Path;

use anyhow::Context;
use flux_core::{ByteSpan, RepoPath, Symbol};
use flux_grammars::{Category, Extractor, Grammar, detect};

use super::{Candidate, definitions, docs, files, head, headings, names};

/// Larger files are copied unread: they are data or generated.
const MAX_BYTES: usize = 1 << 20;
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

/// A file of code, read.
pub(crate) struct SourceFile {
    pub(crate) path: RepoPath,
    pub(crate) source: String,
    pub(crate) language: &'static str,
    pub(crate) symbols: Vec<Symbol>,
    /// What the file says about itself at its top; empty when it says nothing.
    pub(crate) head: ByteSpan,
}

/// A file of prose.
pub(crate) struct Document {
    pub(crate) path: String,
    pub(crate) text: String,
}

enum File {
    /// Code, with its copy without comments. Tests are stripped and nobody asks for them.
    Code {
        file: SourceFile,
        stripped: String,
        is_asked_for: bool,
    },
    Document(Document),
    Other(Vec<u8>),
}

/// Copies `folder` to `copy` and returns every question it gives, in order of place.
pub(crate) fn mine(name: &str, folder: &Path, copy: &Path) -> anyhow::Result<Vec<Candidate>> {
    let mut paths = Vec::new();
    list(folder, "", &mut paths)?;
    let mut extractor = Extractor::new();
    let (mut code, mut documents) = (Vec::new(), Vec::new());
    for path in paths {
        let bytes = fs::read(folder.join(&path)).with_context(|| path.clone())?;
        match read(&path, bytes, &mut extractor) {
            File::Code { file, stripped, is_asked_for } => {
                write(copy, &path, stripped.as_bytes())?;
                code.extend(is_asked_for.then_some(file));
            }
            File::Document(document) => documents.push(document),
            File::Other(bytes) => write(copy, &path, &bytes)?,
        }
    }
    let mut candidates = definitions::questions(name, &code);
    candidates.extend(names::questions(name, &code));
    candidates.extend(files::questions(name, &code));
    for document in &documents {
        let (found, spans) = headings::questions(name, document, &code);
        candidates.extend(found);
        write(copy, &document.path, docs::blank(&document.text, spans).as_bytes())?;
    }
    Ok(candidates)
}

fn write(copy: &Path, path: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let target = copy.join(path);
    fs::create_dir_all(target.parent().context("a file without a folder")?)?;
    fs::write(&target, bytes).with_context(|| target.display().to_string())
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

/// Whatever cannot be read as code, or would not parse as well without its comments, is copied as
/// it is and asks nothing.
fn read(path: &str, bytes: Vec<u8>, extractor: &mut Extractor) -> File {
    let path = RepoPath::new(path);
    if bytes.len() > MAX_BYTES {
        return File::Other(bytes);
    }
    let source = match String::from_utf8(bytes) {
        Ok(source) => source,
        Err(error) => return File::Other(error.into_bytes()),
    };
    let start = &source[..source.floor_char_boundary(1024)];
    let Some(grammar) = detect(&path, start) else { return File::Other(source.into_bytes()) };
    if grammar.category() != Category::Code {
        let is_prose = grammar.name() == "markdown" && !is_skipped(&path, grammar);
        return match is_prose {
            true => File::Document(Document { path: path.to_string(), text: source }),
            false => File::Other(source.into_bytes()),
        };
    }
    read_code(path, source, grammar, extractor)
}

fn read_code(
    path: RepoPath,
    source: String,
    grammar: &'static Grammar,
    extractor: &mut Extractor,
) -> File {
    let Ok(before) = extractor.extract(grammar, &source) else {
        return File::Other(source.into_bytes());
    };
    let head = head::comment(&source, &before.symbols);
    let comments = before.symbols.iter().map(|symbol| symbol.doc).chain([head]).collect();
    let stripped = docs::blank(&source, comments);
    match extractor.extract(grammar, &stripped) {
        Ok(after) if after.parse_errors <= before.parse_errors => {
            let is_asked_for = !is_skipped(&path, grammar);
            let (symbols, language) = (before.symbols, grammar.name());
            let file = SourceFile { path, source, language, symbols, head };
            File::Code { file, stripped, is_asked_for }
        }
        _ => File::Other(source.into_bytes()),
    }
}

fn is_skipped(path: &RepoPath, grammar: &Grammar) -> bool {
    let is_in_folder = path.parent().split('/').any(|part| SKIPPED_FOLDERS.contains(&part));
    is_in_folder || grammar.is_test_file(path)
}
