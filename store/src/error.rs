//! Everything that can go wrong with a store, and what the user can do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why a store could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("cannot {action} {path}")]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
    /// There is no index yet.
    #[error("no index in {0}\nhint: run flux index")]
    Missing(PathBuf),
    /// There is an index, but not of this tree.
    #[error("the index in {0} does not hold this tree\nhint: run flux index")]
    NoView(PathBuf),
    /// Another process is writing.
    #[error(
        "another flux process ({owner}) is writing the index in {path}\nhint: wait for it to end, or pass --index-dir for an index of your own"
    )]
    Locked {
        /// The store.
        path: PathBuf,
        /// What the lock file says of its owner.
        owner: String,
    },
    /// A file was written by a version of Flux that is not known here.
    #[error(
        "{path} has version {found} of the {component}, this flux reads version {wanted}\nhint: run flux index --rebuild"
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Which component.
        component: &'static str,
        /// The version in the file.
        found: u32,
        /// The version this program reads.
        wanted: u32,
    },
    /// A file does not hold what it should.
    #[error("{path} is damaged: {what}\nhint: run flux index --rebuild")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A vector is not as long as the others of its model.
    #[error("a vector of {found} numbers does not fit where {wanted} are kept")]
    Dimensions {
        /// Numbers in the vector.
        found: usize,
        /// Numbers in the others of its model, or the most that can be kept.
        wanted: usize,
    },
    /// The full-text engine failed.
    #[error("the full-text index in {path} failed\nhint: run flux verify")]
    Lexical {
        /// The store.
        path: PathBuf,
        /// Its message.
        source: Box<tantivy::TantivyError>,
    },
}

impl StoreError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    pub(crate) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), what: what.into() }
    }

    /// Whether a rebuild from the sources mends it.
    pub fn is_mended_by_rebuild(&self) -> bool {
        matches!(self, Self::Version { .. } | Self::Damaged { .. } | Self::Lexical { .. })
    }

    /// Whether a file named by the manifest was gone, as happens to a reader that lost a race
    /// with garbage collection and should read the manifest again.
    pub fn is_vanished_file(&self) -> bool {
        match self {
            Self::Io { source, .. } => source.kind() == io::ErrorKind::NotFound,
            Self::Lexical { source, .. } => matches!(
                **source,
                tantivy::TantivyError::OpenReadError(
                    tantivy::directory::error::OpenReadError::FileDoesNotExist(_)
                )
            ),
            _ => false,
        }
    }
}
