//! The files of a tree by name, for whoever copies it.

use flux_core::{Cancel, RepoPath};
use flux_indexer::list::list;

use crate::error::EngineError;
use crate::workspace::Workspace;

impl Workspace {
    /// The files that belong to the tree now, ordered by path.
    pub fn files(&self, cancel: &Cancel) -> Result<Vec<RepoPath>, EngineError> {
        let listing = list(self.root(), cancel)?;
        Ok(listing.files.into_iter().map(|file| file.path).collect())
    }
}
