//! The workspace: opens, indexes, maintains.

use std::path::Path;
use std::time::Duration;

use flux_core::{Cancel, Progress};
use flux_indexer::{FACTS_VERSION, IndexOptions, IndexReport, index};
use flux_store::maintain::{Collected, collect, verify};
use flux_store::{Layout, Snapshot, ViewKey};

use crate::error::EngineError;
use crate::repository::Location;

/// One tree and its index.
#[derive(Clone, Debug)]
pub struct Workspace {
    pub(crate) location: Location,
    pub(crate) layout: Layout,
    key: ViewKey,
}

impl Workspace {
    /// The workspace at `location`; nothing is read yet.
    pub fn new(location: Location) -> Self {
        let layout = Layout::new(&location.index);
        let key = ViewKey::of(&location.root);
        Self { location, layout, key }
    }

    /// The root of the tree.
    pub fn root(&self) -> &Path {
        &self.location.root
    }

    /// Where it lies.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The newest snapshot.
    pub fn snapshot(&self) -> Result<Snapshot, EngineError> {
        Ok(Snapshot::open(&self.layout, &self.key, FACTS_VERSION)?)
    }

    /// Brings the index up to date, however long that takes.
    pub fn index(
        &self,
        options: &IndexOptions,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<IndexReport, EngineError> {
        Ok(index(&self.location.root, &self.layout, options, None, progress, cancel)?)
    }

    /// Checks every byte of the index; a line for each problem.
    pub fn verify(&self) -> Result<Vec<String>, EngineError> {
        Ok(verify(&self.layout)?)
    }

    /// Removes what no tree needs any more.
    pub fn collect(&self, patience: Duration) -> Result<Collected, EngineError> {
        let own = self.root().to_owned();
        // A root that cannot be looked at, or whose name was not kept whole, may still be there.
        let is_gone = |root: &Path| {
            root != own
                && !root.to_string_lossy().contains(char::REPLACEMENT_CHARACTER)
                && matches!(root.try_exists(), Ok(false))
        };
        Ok(collect(&self.layout, patience, is_gone)?)
    }
}
