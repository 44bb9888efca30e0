//! Freshness: what a search does about files that changed since they were indexed.

use std::time::Duration;

use flux_core::{Cancel, NoProgress, Pace};
use flux_indexer::changes::{Changes, changes};
use flux_indexer::{IndexError, IndexOptions, embed_missing, index};
use flux_store::{Snapshot, StoreError, VectorCoverage};

use crate::error::EngineError;
use crate::workspace::Workspace;

/// How current an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It reflects the tree as it was when the search began.
    Fresh,
    /// This many files changed since.
    Stale(usize),
    /// Nobody looked.
    Unknown,
}

/// How much a search may index before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshLimit {
    /// Bytes of changed files.
    pub bytes: u64,
    /// Number of changed files.
    pub files: usize,
}

impl RefreshLimit {
    /// What two cores index in less than a second: they parse about 8 MB of source a second.
    pub const A_SECOND: Self = Self { bytes: 5 << 20, files: 1500 };
    /// Answer from what is there.
    pub const NONE: Self = Self { bytes: 0, files: 0 };
}

/// What a snapshot is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// Searching: words and vectors.
    Search,
    /// Asking the symbol graph.
    Graph,
    /// Both.
    All,
}

impl Workspace {
    /// The newest snapshot, after indexing what changed if that stays within `limit`.
    pub fn fresh_snapshot(
        &self,
        limit: RefreshLimit,
        cancel: &Cancel,
    ) -> Result<(Snapshot, Freshness), EngineError> {
        self.refreshed(limit, Purpose::Search, cancel)
    }

    /// The same for questions to the graph alone. A graph that is missing altogether is made,
    /// whatever that costs; the words and vectors are not looked at.
    pub fn graph_snapshot(
        &self,
        limit: RefreshLimit,
        cancel: &Cancel,
    ) -> Result<(Snapshot, Freshness), EngineError> {
        self.refreshed(limit, Purpose::Graph, cancel)
    }

    /// The same for a search that asks the graph, too.
    pub fn full_snapshot(
        &self,
        limit: RefreshLimit,
        cancel: &Cancel,
    ) -> Result<(Snapshot, Freshness), EngineError> {
        self.refreshed(limit, Purpose::All, cancel)
    }

    fn refreshed(
        &self,
        limit: RefreshLimit,
        purpose: Purpose,
        cancel: &Cancel,
    ) -> Result<(Snapshot, Freshness), EngineError> {
        let (snapshot, freshness) = self.current(limit, purpose, cancel)?;
        if purpose == Purpose::Graph {
            return Ok((snapshot, freshness));
        }
        // Damage is met here, where a caller can still have the index rebuilt.
        snapshot.lexical()?;
        let is_current = matches!(freshness, Freshness::Fresh);
        let snapshot = if is_current { self.embedded(snapshot, limit, cancel)? } else { snapshot };
        Ok((snapshot, freshness))
    }

    fn current(
        &self,
        limit: RefreshLimit,
        purpose: Purpose,
        cancel: &Cancel,
    ) -> Result<(Snapshot, Freshness), EngineError> {
        let snapshot = self.snapshot()?;
        let graph = purpose != Purpose::Search;
        let lacks_graph = graph && snapshot.graph().is_none();
        let (listing, differing) = match changes(self.root(), snapshot.view(), cancel)? {
            Changes::Some { listing, differing } => (Some(listing), differing),
            Changes::None => (None, 0),
        };
        if listing.is_none() && !lacks_graph {
            return Ok((snapshot, Freshness::Fresh));
        }
        let bytes = listing.as_ref().map_or(0, |listing| listing.differing_bytes(snapshot.view()));
        let is_cheap = differing <= limit.files && bytes <= limit.bytes;
        if !is_cheap && !lacks_graph {
            return Ok((snapshot, Freshness::Stale(differing)));
        }
        let options = IndexOptions { rebuild: false, patience: PATIENCE, graph, stated: None };
        let around = self.surroundings(&NoProgress, cancel);
        match index(self.root(), &self.layout, &options, listing, around) {
            Ok(report) if report.generation.is_none() => Ok((snapshot, Freshness::Fresh)),
            Ok(_) => Ok((self.snapshot()?, Freshness::Fresh)),
            Err(error) if is_passing(&error) => Ok((
                snapshot,
                if differing == 0 { Freshness::Fresh } else { Freshness::Stale(differing) },
            )),
            Err(error) => Err(error.into()),
        }
    }

    /// The same snapshot with the vectors that it lacks, if a quick model can make them within
    /// `limit`: an index made without vectors, or by a program with another built-in model.
    fn embedded(
        &self,
        snapshot: Snapshot,
        limit: RefreshLimit,
        cancel: &Cancel,
    ) -> Result<Snapshot, EngineError> {
        let quick = self.embedder().filter(|embedder| embedder.pace() == Pace::Inline);
        let coverage = quick.and_then(|_| self.coverage_of(&snapshot));
        let missing = coverage.map_or(0, VectorCoverage::missing);
        if missing == 0 {
            return Ok(snapshot);
        }
        let bytes: u64 = snapshot.view().files().iter().map(|entry| entry.stamp.size).sum();
        if missing / EMBED_PACE > limit.files || bytes / EMBED_PACE as u64 > limit.bytes {
            return Ok(snapshot);
        }
        let around = self.surroundings(&NoProgress, cancel);
        match embed_missing(self.root(), &self.layout, PATIENCE, around) {
            Ok(0) => Ok(snapshot),
            Ok(_) => self.snapshot(),
            Err(error) if is_passing(&error) => Ok(snapshot),
            Err(error) => Err(error.into()),
        }
    }
}

/// How many times quicker a quick model embeds than files are indexed.
const EMBED_PACE: usize = 6;

/// How long a search waits for another process to finish writing.
const PATIENCE: Duration = Duration::from_millis(200);

/// Whether an index that could not be written still answers: another process writes it, or the
/// disk is full or read-only.
fn is_passing(error: &IndexError) -> bool {
    use IndexError::{Embed, Store};
    matches!(error, Store(StoreError::Locked { .. } | StoreError::Io { .. }) | Embed(_))
}
