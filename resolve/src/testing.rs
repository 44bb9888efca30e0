//! A tree in memory, for tests.

use std::sync::Arc;

use flux_core::{Cancel, FileGraph, FileId, RepoPath, Target};
use flux_grammars::Extractor;

use crate::layer::Files;
use crate::run::{Nothing, Outcome, resolve};
use crate::{Facts, lower};

/// Files with their texts and facts, ordered by path.
pub(crate) struct Tree {
    files: Vec<File>,
}

struct File {
    path: String,
    language: &'static str,
    text: String,
    facts: Option<Arc<Facts>>,
}

impl Tree {
    /// Parses and lowers `files`, pairs of path and text.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let mut extractor = Extractor::new();
        let mut files: Vec<File> = files
            .iter()
            .map(|&(path, text)| {
                let grammar = flux_grammars::detect(&RepoPath::new(path), text);
                let facts = grammar.and_then(|grammar| {
                    let look = |tree: &_| lower(grammar.name(), text, tree);
                    extractor.extract_with(grammar, text, look).expect("a small text").1
                });
                let language = grammar.map_or("text", |grammar| grammar.name());
                File { path: path.into(), language, text: text.into(), facts: facts.map(Arc::new) }
            })
            .collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files }
    }

    /// The graph of every file, in order of path; empty for files of unknown languages.
    pub(crate) fn resolve(&self) -> Vec<FileGraph> {
        let found = resolve(self, &Nothing, &Cancel::default()).expect("nobody cancels");
        let graph = |outcome| match outcome {
            Outcome::Fresh { resolved, .. } => resolved.graph,
            Outcome::NoRules | Outcome::Kept | Outcome::Failed => FileGraph::default(),
        };
        found.outcomes.into_iter().map(graph).collect()
    }

    /// What the identifier at `place` refers to, as `path:line`, best first. `place` is
    /// `path:line:text`, the first mention of `text` as a whole word on that 1-based line that is
    /// an occurrence; or `path:line:text:n` for the n-th, from 1. Externals read
    /// `external:package`, failures `unresolved:reason`, locals `local:line`.
    pub(crate) fn target(&self, place: &str) -> Vec<String> {
        let mut parts = place.split(':');
        let mut next = || parts.next();
        let path = next().expect("a path");
        let line: usize = next().and_then(|text| text.parse().ok()).expect("a line");
        let name = next().expect("a name");
        let nth: usize = next().map_or(1, |text| text.parse().expect("a number"));
        let id = self.find(path).expect("the path is one of the tree's");
        let file = &self.files[id.0 as usize];
        let graph = &self.resolve()[id.0 as usize];
        let mut places: Vec<u32> = graph
            .occurrences
            .iter()
            .filter(|found| line_of(&file.text, found.span.start) == line)
            .filter(|found| found.span.of(&file.text) == name)
            .map(|found| found.span.start)
            .collect();
        places.dedup();
        let Some(&start) = places.get(nth - 1) else { return Vec::new() };
        let found = graph.occurrences.iter().filter(|found| found.span.start == start);
        found.map(|found| self.shown(id, found.target)).collect()
    }

    fn shown(&self, from: FileId, target: Target) -> String {
        let graphs = self.resolve();
        match target {
            Target::Definition(to) => {
                let file = &self.files[to.file.0 as usize];
                let definition = &graphs[to.file.0 as usize].definitions[to.index.0 as usize];
                format!("{}:{}", file.path, line_of(&file.text, definition.name_span.start))
            }
            Target::Local(offset) => {
                format!("local:{}", line_of(&self.files[from.0 as usize].text, offset))
            }
            Target::External(package) => {
                format!("external:{}", graphs[from.0 as usize].packages[package as usize])
            }
            Target::Unresolved(reason) => format!("unresolved:{}", reason.as_str()),
        }
    }
}

fn line_of(text: &str, offset: u32) -> usize {
    text.as_bytes()[..offset as usize].iter().filter(|byte| **byte == b'\n').count() + 1
}

impl Files for Tree {
    fn len(&self) -> usize {
        self.files.len()
    }

    fn path(&self, file: FileId) -> &str {
        &self.files[file.0 as usize].path
    }

    fn language(&self, file: FileId) -> &str {
        self.files[file.0 as usize].language
    }

    fn facts(&self, file: FileId) -> Option<Arc<Facts>> {
        self.files[file.0 as usize].facts.clone()
    }

    fn exports(&self, file: FileId) -> u64 {
        self.files[file.0 as usize].facts.as_ref().map_or(0, |facts| facts.exports())
    }

    fn content(&self, file: FileId) -> u64 {
        use std::hash::{Hash, Hasher};
        let mut hasher = rustc_hash::FxHasher::default();
        self.files[file.0 as usize].text.hash(&mut hasher);
        hasher.finish() | 1
    }

    fn text(&self, file: FileId) -> Option<String> {
        Some(self.files[file.0 as usize].text.clone())
    }
}
