//! The files of a tree as the query crate may see them.

use std::io;
use std::path::Path;

use flux_core::RepoPath;
use flux_query::Sources;

/// Reads the files below a root.
pub(crate) struct Tree<'a>(pub(crate) &'a Path);

impl Sources for Tree<'_> {
    fn read(&self, path: &RepoPath) -> io::Result<Vec<u8>> {
        std::fs::read(self.0.join(path.as_str()))
    }
}
