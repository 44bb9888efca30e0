//! The store as a whole: commits, damage, upkeep. Contents are texts whose every line is a
//! symbol, so that no parser is needed.

mod carried;
mod commits;
mod damage;
mod graph;
mod parts;
mod upkeep;
mod vectors;

use std::path::{Path, PathBuf};
use std::time::Duration;

use flux_core::{
    ByteSpan, Chunk, FileClass, FileFacts, Language, LineSpan, Outline, RepoPath, Symbol,
    SymbolKind,
};

use crate::error::StoreError;
use crate::key::{ContentKey, UnitKey, ViewKey};
use crate::layout::Layout;
use crate::lexical::index::Load;
use crate::lexical::{ChunkDocument, QueryTerm, Weights};
use crate::pack::PackedFacts;
use crate::snapshot::Snapshot;
use crate::trigram::{TrigramQuery, TrigramSet};
use crate::view::{FileState, NewEntry, Stamp, View};
use crate::writer::{Addition, Writer};

const EXTRACTOR: u32 = 7;
const NOW: Duration = Duration::ZERO;

/// A store in a temporary folder.
struct Store {
    folder: tempfile::TempDir,
    layout: Layout,
}

/// A tree's name and its files, as (path, text).
type Files<'a> = &'a [(&'a str, &'a str)];

impl Store {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path().join("store"));
        Self { folder, layout }
    }

    fn root(&self, tree: &str) -> PathBuf {
        self.folder.path().join(tree)
    }

    fn key(&self, tree: &str) -> ViewKey {
        ViewKey::of(&self.root(tree))
    }

    fn writer(&self) -> Writer {
        Writer::open(&self.layout, EXTRACTOR, NOW).unwrap()
    }

    /// Commits `files` as the whole of `tree`.
    fn commit(&self, tree: &str, files: Files<'_>) -> u64 {
        self.commit_with(self.writer(), tree, files)
    }

    fn commit_with(&self, mut writer: Writer, tree: &str, files: Files<'_>) -> u64 {
        let entries = files.iter().map(|(path, text)| add(&mut writer, path, text)).collect();
        writer.commit(&self.key(tree), &self.root(tree), &View::new(entries, Vec::new())).unwrap()
    }

    fn open(&self, tree: &str) -> Result<Snapshot, StoreError> {
        Snapshot::open(&self.layout, &self.key(tree), EXTRACTOR)
    }

    #[track_caller]
    fn snapshot(&self, tree: &str) -> Snapshot {
        self.open(tree).unwrap()
    }

    /// Names of the files below a folder of the store.
    fn files(&self, folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Every file of the store except the lock.
    fn all_files(&self) -> Vec<PathBuf> {
        let mut paths = vec![self.layout.manifest()];
        let layout = &self.layout;
        let parts = [layout.packs(), layout.views(), layout.lexical(), layout.vectors()];
        for folder in parts.into_iter().chain([layout.graphs()]) {
            paths.extend(self.files(&folder).iter().map(|name| folder.join(name)));
        }
        paths
    }
}

/// Adds what the writer does not know of a file, as the indexer does.
fn add(writer: &mut Writer, path: &str, text: &str) -> NewEntry {
    let path = RepoPath::new(path);
    let key = ContentKey::of(text.as_bytes(), "text", EXTRACTOR);
    let unit = UnitKey::of(key, &path);
    let trigrams = TrigramSet::new().extract(text.as_bytes()).to_vec();
    let facts = PackedFacts::new(&facts(text));
    writer.add_content(&Addition { key, facts, trigrams }).unwrap();
    if !writer.units().unwrap().contains(&unit) {
        let document = ChunkDocument {
            path: path.to_string(),
            body: text.to_owned(),
            ..ChunkDocument::default()
        };
        writer.add_chunks(unit, vec![document], Load::Update).unwrap();
    }
    NewEntry {
        path,
        stamp: Stamp::default(),
        racy: false,
        language: Language::text(),
        class: FileClass::default(),
        state: FileState::Indexed(key),
    }
}

/// A symbol for each line and one chunk for all.
fn facts(text: &str) -> FileFacts {
    let mut symbols = Vec::new();
    let mut start = 0;
    for (number, line) in (1..).zip(text.lines()) {
        let span = ByteSpan::new(start, start + line.len() as u32);
        symbols.push(Symbol {
            name: line.into(),
            kind: SymbolKind::Function,
            container: "".into(),
            parent: None,
            span,
            lines: LineSpan::new(number, number),
            name_span: span,
            signature: line.into(),
            doc: ByteSpan::new(0, 0),
        });
        start = span.end + 1;
    }
    let lines = symbols.len().max(1) as u32;
    let chunk = Chunk {
        span: ByteSpan::new(0, text.len() as u32),
        lines: LineSpan::new(1, lines),
        owner: None,
        first_symbol: 0,
        symbol_count: symbols.len() as u32,
    };
    let outline = Outline { chunks: vec![chunk], symbols, line_count: lines, parse_errors: 0 };
    FileFacts { outline, lowered: text.as_bytes().into(), exports: text.len() as u64 }
}

const WEIGHTS: Weights = Weights {
    field: [1.0; 5],
    length: [0.5; 5],
    usual: [8.0; 5],
    k1: 1.2,
    file_k1: 1.2,
    file_length: 0.3,
};

/// The paths that full-text search finds for a word.
fn found(snapshot: &Snapshot, word: &str) -> Result<Vec<String>, StoreError> {
    let term = QueryTerm { variants: vec![(word.to_owned(), 1.0)], weight: 1.0 };
    let scores = snapshot.lexical()?.score(&[term], &WEIGHTS)?;
    Ok(scores.files.iter().map(|file| snapshot.view().file(file.file).path.to_string()).collect())
}

/// The paths that may hold a literal text.
fn candidates(snapshot: &Snapshot, text: &str) -> Vec<String> {
    let files = snapshot.candidates(&TrigramQuery::literal(text.as_bytes()));
    files.into_iter().map(|file| snapshot.view().file(file).path.to_string()).collect()
}

/// Asserts that a snapshot holds exactly `files`, and finds each by everything it knows of it.
/// The first line of every text is a word of its own.
#[track_caller]
fn check(snapshot: &Snapshot, files: Files<'_>) {
    let paths: Vec<&str> = snapshot.view().files().iter().map(|file| file.path.as_str()).collect();
    let mut expected: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    expected.sort_unstable();
    assert_eq!(paths, expected);
    for (path, text) in files {
        let file = snapshot.view().find(path).unwrap();
        let FileFacts { outline, lowered, exports } = facts(text);
        assert_eq!(snapshot.outline(file).unwrap(), outline, "{path}");
        assert_eq!(snapshot.lowered(file).unwrap(), &*lowered, "{path}");
        assert_eq!(snapshot.exports(file).unwrap(), exports, "{path}");
        let word = text.lines().next().unwrap();
        assert!(candidates(snapshot, word).iter().any(|p| p == path), "{path}: no `{word}`");
        assert!(found(snapshot, word).unwrap().iter().any(|p| p == path), "{path}: no `{word}`");
    }
}
