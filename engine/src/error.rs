//! What a workspace can fail with: its parts' errors, unchanged.

use std::path::PathBuf;

use flux_indexer::IndexError;
use flux_indexer::structural::PatternError;
use flux_query::QueryError;
use flux_store::StoreError;

/// Why a workspace did not answer.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The tree could not be indexed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The request could not be answered.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A structural pattern or its rewrite is none.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A path does not exist.
    #[error("cannot find {path}\nhint: pass a folder or file that exists")]
    Path {
        /// What was given.
        path: PathBuf,
        /// The refusal.
        source: std::io::Error,
    },
    /// Git could not say what differs from a revision.
    #[error("cannot compare with `{revision}`: {reason}\nhint: pass a revision that git knows")]
    Git {
        /// What was given.
        revision: String,
        /// What git said.
        reason: String,
    },
    /// Git could not say what happened in the tree.
    #[error("the history of the tree cannot be read: {0}")]
    History(String),
}

impl EngineError {
    /// Whether there is no index yet.
    pub fn is_missing_index(&self) -> bool {
        matches!(
            self,
            Self::Store(StoreError::Missing(_) | StoreError::NoView(_))
                | Self::Query(QueryError::NoGraph)
                | Self::Index(IndexError::Store(StoreError::Missing(_)))
        )
    }

    /// Whether starting over from the sources mends it.
    pub fn is_mended_by_rebuild(&self) -> bool {
        match self {
            Self::Store(error) | Self::Index(IndexError::Store(error)) => {
                error.is_mended_by_rebuild()
            }
            Self::Query(QueryError::Store(error)) => error.is_mended_by_rebuild(),
            Self::Index(_)
            | Self::Query(_)
            | Self::Pattern(_)
            | Self::Path { .. }
            | Self::Git { .. }
            | Self::History(_) => false,
        }
    }

    /// Whether the user stopped it.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Index(IndexError::Cancelled))
    }

    /// Whether what was asked is wrong, and not the state of the machine.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Query(error) => !matches!(error, QueryError::Store(_)),
            Self::Pattern(_)
            | Self::Path { .. }
            | Self::Git { .. }
            | Self::Index(IndexError::Root { .. }) => true,
            Self::Index(_) | Self::Store(_) | Self::History(_) => false,
        }
    }
}
