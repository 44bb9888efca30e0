//! The files of a tree as the query crate may see them.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use flux_core::RepoPath;
use flux_query::Sources;

/// Reads the files below a root.
pub(crate) struct Tree<'a>(pub(crate) &'a Path);

impl Sources for Tree<'_> {
    fn open(&self, path: &RepoPath) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(open_inside(self.0, path)?))
    }
}

/// Opens a regular file of the tree. What was a file when it was indexed may have become a link
/// out of the tree or a pipe that never ends.
pub(crate) fn open_inside(root: &Path, path: &RepoPath) -> io::Result<File> {
    let full = root.join(path.as_str());
    if !fs::symlink_metadata(&full)?.is_file() {
        return Err(io::Error::other("it is no regular file any more"));
    }
    File::open(full)
}
