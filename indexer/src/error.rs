//! What ends an indexing run. Problems of single files never do.

use std::io;
use std::path::PathBuf;

use flux_core::EmbedError;
use flux_store::StoreError;

/// Why a tree could not be indexed.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The root is not there or not a folder.
    #[error("cannot list {path}")]
    Root {
        /// The root.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The model gave no vectors. Words and names are indexed, and vectors made so far are kept.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// A stop was asked for; the previous snapshot still answers.
    #[error("indexing was cancelled; the previous index still answers")]
    Cancelled,
}
