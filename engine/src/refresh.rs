//! Freshness: what a search does about files that changed since they were indexed.

use std::time::Duration;

use flux_core::{Cancel, NoProgress};
use flux_indexer::changes::{Changes, changes};
use flux_indexer::{IndexOptions, index};
use flux_store::{Snapshot, StoreError};

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

impl Workspace {
    /// The newest snapshot, after indexing what changed if that stays within `limit`.
    pub fn fresh_snapshot(
        &self,
        limit: RefreshLimit,
        cancel: &Cancel,
    ) -> Result<(Snapshot, Freshness), EngineError> {
        let snapshot = self.snapshot()?;
        let root = &self.location.root;
        let found = changes(root, snapshot.view(), cancel)?;
        let Changes::Some { listing, differing } = found else {
            return Ok((snapshot, Freshness::Fresh));
        };
        let is_cheap =
            differing <= limit.files && listing.differing_bytes(snapshot.view()) <= limit.bytes;
        if !is_cheap {
            return Ok((snapshot, Freshness::Stale(differing)));
        }
        let options = IndexOptions { rebuild: false, patience: Duration::from_millis(200) };
        match index(root, &self.layout, &options, Some(listing), &NoProgress, cancel) {
            Ok(report) if report.generation.is_none() => Ok((snapshot, Freshness::Fresh)),
            Ok(_) => Ok((self.snapshot()?, Freshness::Fresh)),
            Err(flux_indexer::IndexError::Store(
                StoreError::Locked { .. } | StoreError::Io { .. },
            )) => Ok((
                snapshot,
                if differing == 0 { Freshness::Fresh } else { Freshness::Stale(differing) },
            )),
            Err(error) => Err(error.into()),
        }
    }
}
