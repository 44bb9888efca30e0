//! Reports: what the index holds and what it leaves out.

use std::collections::BTreeMap;

use flux_core::{Cancel, FileClass, ModelId, RepoPath, SkipReason};
use flux_indexer::changes::{Changes, changes};

use flux_store::GraphReader;
use flux_store::graph::GraphCounts;

use crate::error::EngineError;
use crate::refresh::Freshness;
use crate::repository::head_commit;
use crate::workspace::Workspace;

/// The state of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Number of the commit of the store.
    pub generation: u64,
    /// The commit of git the tree is on.
    pub revision: Option<String>,
    /// How current it is.
    pub freshness: Freshness,
    /// Files of the tree.
    pub files: usize,
    /// Files that are indexed.
    pub indexed: usize,
    /// Bytes of the files that are indexed.
    pub source_bytes: u64,
    /// Bytes of the index on disk, all trees of the repository together.
    pub index_bytes: u64,
    /// Chunks of this tree.
    pub chunks: u32,
    /// The model in use, and the files it has embedded.
    pub vectors: Option<(ModelId, usize)>,
    /// How many identifiers of the symbol graph refer to what; `None` when there is none of this
    /// very tree.
    pub graph: Option<GraphCounts>,
    /// Number of files of each language, most first.
    pub languages: Vec<(String, usize)>,
    /// Number of files of each class.
    pub classes: Vec<(&'static str, usize)>,
    /// Number of files left out, by reason.
    pub skipped: Vec<(SkipReason, usize)>,
    /// Names that are not UTF-8.
    pub unnameable: usize,
}

/// What an index leaves out, file by file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Files that are indexed.
    pub indexed: usize,
    /// Lines of the files that are indexed.
    pub lines: u64,
    /// Files left out, with the reason, ordered by path.
    pub skipped: Vec<(RepoPath, SkipReason)>,
    /// Files with places the parser could not read, and how many, ordered by path.
    pub parse_errors: Vec<(RepoPath, u32)>,
    /// Files in languages without a grammar here, which are searched as text.
    pub text_only: Vec<RepoPath>,
    /// Names that are not UTF-8, made readable.
    pub unnameable: Vec<String>,
}

impl Workspace {
    /// Summarises the index and compares it with the tree.
    pub fn status(&self, cancel: &Cancel) -> Result<Status, EngineError> {
        let snapshot = self.snapshot()?;
        let view = snapshot.view();
        let freshness = match changes(self.root(), view, cancel)? {
            Changes::None | Changes::Some { differing: 0, .. } => Freshness::Fresh,
            Changes::Some { differing, .. } => Freshness::Stale(differing),
        };
        let indexed = view.files().iter().filter(|entry| entry.content().is_some());
        let languages = indexed.clone().map(|entry| view.language(entry).to_string());
        let classes = indexed.clone().flat_map(|entry| FileClass::names(entry.class()));
        Ok(Status {
            generation: snapshot.generation(),
            revision: head_commit(self.root()),
            freshness,
            files: view.files().len(),
            indexed: indexed.clone().count(),
            source_bytes: indexed.clone().map(|entry| entry.stamp.size).sum(),
            index_bytes: flux_store::maintain::disk_bytes(&self.layout)?,
            chunks: snapshot.lexical()?.live_chunks(),
            vectors: self
                .coverage_of(&snapshot)
                .and_then(|coverage| Some((self.embedder()?.model().clone(), coverage.embedded))),
            graph: snapshot.graph().map(GraphReader::counts).transpose()?,
            languages: counted(languages),
            classes: counted(classes),
            skipped: counted(view.files().iter().filter_map(|entry| entry.skipped())),
            unnameable: view.unnameable.len(),
        })
    }

    /// Lists what the index leaves out.
    pub fn coverage(&self) -> Result<Coverage, EngineError> {
        let snapshot = self.snapshot()?;
        let view = snapshot.view();
        let mut coverage = Coverage {
            indexed: 0,
            lines: 0,
            skipped: Vec::new(),
            parse_errors: Vec::new(),
            text_only: Vec::new(),
            unnameable: view.unnameable.iter().map(ToString::to_string).collect(),
        };
        for (file, entry) in view.iter() {
            if let Some(reason) = entry.skipped() {
                coverage.skipped.push((entry.path.clone(), reason));
                continue;
            }
            let outline = snapshot.outline(file)?;
            coverage.indexed += 1;
            coverage.lines += u64::from(outline.line_count);
            if outline.parse_errors > 0 {
                coverage.parse_errors.push((entry.path.clone(), outline.parse_errors));
            }
            if view.language(entry).as_str() == "text" {
                coverage.text_only.push(entry.path.clone());
            }
        }
        Ok(coverage)
    }
}

/// How often each value occurs, most frequent first, ties by value.
fn counted<T: Ord>(values: impl Iterator<Item = T>) -> Vec<(T, usize)> {
    let mut counts = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_insert(0) += 1;
    }
    let mut counts: Vec<(T, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}
