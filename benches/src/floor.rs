//! The floors: the least that anything has to do that lists a tree, or reads and parses it.
//!
//! They run as processes of their own, started by this same program. The floor of an index reads
//! exactly the files that flux indexes, parses each whole with the same parsers, and keeps
//! nothing.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;

use anyhow::Context;
use flux_core::RepoPath;
use ignore::{WalkBuilder, WalkState};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tree_sitter::Parser;

/// A file that was listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ListedFile {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
}

/// How much was read and parsed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parsed {
    /// Files read.
    pub(crate) files: usize,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// Files parsed.
    pub(crate) parsed: usize,
    /// Nodes at the roots; using them keeps the parse from being left out.
    pub(crate) children: u64,
}

impl Parsed {
    fn plus(self, other: Self) -> Self {
        Self {
            files: self.files + other.files,
            bytes: self.bytes + other.bytes,
            parsed: self.parsed + other.parsed,
            children: self.children + other.children,
        }
    }
}

/// Lists the files below `root` with their sizes, by the ignore rules that flux goes by, ordered
/// by path.
pub(crate) fn list_tree(root: &Path) -> Vec<ListedFile> {
    let found = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(12);
    let walker = WalkBuilder::new(root)
        .hidden(false)
        .follow_links(false)
        .add_custom_ignore_filename(".fluxignore")
        .filter_entry(|entry| entry.file_name() != ".git" || entry.depth() == 0)
        .threads(threads)
        .build_parallel();
    walker.run(|| {
        let mut local = Local { files: Vec::new(), found: &found };
        Box::new(move |entry| {
            if let Ok(entry) = entry
                && let Ok(metadata) = entry.metadata()
                && metadata.is_file()
            {
                local.files.push(ListedFile { path: entry.into_path(), bytes: metadata.len() });
            }
            WalkState::Continue
        })
    });
    let mut files = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    files.sort_unstable();
    files
}

/// What one thread found, handed over when the thread ends.
struct Local<'a> {
    files: Vec<ListedFile>,
    found: &'a Mutex<Vec<ListedFile>>,
}

impl Drop for Local<'_> {
    fn drop(&mut self) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).append(&mut self.files);
    }
}

/// Reads a JSON list of paths.
pub(crate) fn read_skipped(file: &Path) -> anyhow::Result<HashSet<String>> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// Lists the tree at `root`, then reads and parses every file that is not `skipped`.
pub(crate) fn parse_tree(root: &Path, skipped: &HashSet<String>) -> anyhow::Result<Parsed> {
    let files = list_tree(root);
    let wanted = files.par_iter().filter_map(|file| {
        let path = file.path.strip_prefix(root).ok()?.to_str()?;
        (!skipped.contains(path)).then(|| (RepoPath::new(path), &file.path))
    });
    wanted
        .map(|(name, path)| read_and_parse(&name, path))
        .try_reduce(Parsed::default, |a, b| Ok(a.plus(b)))
}

thread_local! {
    static PARSER: RefCell<Parser> = RefCell::new(Parser::new());
}

fn read_and_parse(name: &RepoPath, path: &Path) -> anyhow::Result<Parsed> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    let read = Parsed { files: 1, bytes: bytes.len() as u64, parsed: 0, children: 0 };
    let Some(grammar) = flux_grammars::detect(name, &text) else { return Ok(read) };
    PARSER.with_borrow_mut(|parser| {
        parser.set_language(&grammar.parser_language())?;
        let tree = parser.parse(text.as_bytes(), None).context("the parser gave no tree")?;
        Ok(Parsed { parsed: 1, children: tree.root_node().child_count().into(), ..read })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs;

    use super::{Parsed, list_tree, parse_tree};

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(".git/HEAD", "ref: refs/heads/main\n");
        write(".gitignore", "out/\n");
        write("out/made.rs", "fn made() {}\n");
        write("src/a.rs", "fn a() {}\nfn b() {}\n");
        write("src/b.py", "def b(): pass\n");
        write("notes", "no grammar\n");
        folder
    }

    #[test]
    fn ignored_files_and_git_are_not_listed() {
        let folder = tree();
        let files = list_tree(folder.path());
        let names: Vec<_> =
            files.iter().map(|f| f.path.strip_prefix(folder.path()).unwrap().to_str()).collect();
        assert_eq!(names, [".gitignore", "notes", "src/a.rs", "src/b.py"].map(Some));
        assert_eq!(files[2].bytes, 20);
    }

    #[test]
    fn every_file_is_read_and_those_with_a_grammar_are_parsed() {
        let parsed = parse_tree(tree().path(), &HashSet::new()).unwrap();
        assert_eq!(parsed, Parsed { files: 4, bytes: 50, parsed: 2, children: 3 });
    }

    #[test]
    fn skipped_files_are_not_read() {
        let skipped = HashSet::from(["src/a.rs".to_owned(), ".gitignore".to_owned()]);
        let parsed = parse_tree(tree().path(), &skipped).unwrap();
        assert_eq!(parsed, Parsed { files: 2, bytes: 25, parsed: 1, children: 1 });
    }
}
