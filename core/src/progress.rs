//! How libraries report what they do and learn that they should stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A step of a long operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Listing the tree.
    List,
    /// Reading, parsing and indexing files.
    Index,
    /// Resolving what names refer to.
    Resolve,
    /// Writing the snapshot.
    Commit,
    /// Turning chunks into vectors; counted in files.
    Embed,
    /// Fetching a model, in units of 1024 bytes.
    Download,
}

/// Receives the progress of a long operation; called from several threads.
pub trait Progress: Sync {
    /// `done` of `total` units of `stage` are finished; `total` is 0 while unknown.
    fn update(&self, stage: Stage, done: u64, total: u64);
}

/// Ignores all progress.
pub struct NoProgress;

impl Progress for NoProgress {
    fn update(&self, _: Stage, _: u64, _: u64) {}
}

/// A shared flag that asks a long operation to stop at the next safe point.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Forgets that a stop was asked for, so that the next operation can begin.
    pub fn renew(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether a stop was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
