//! What is wrong with a request, and what to write instead.

use flux_store::StoreError;

use crate::pattern::PatternError;

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// Nothing to look for.
    #[error("the query is empty\nhint: flux search \"where is auth validated\"")]
    Empty,
    /// A regular expression that cannot be compiled.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A path filter that is no glob.
    #[error("`{glob}` is not a path pattern: {reason}\nhint: --path 'src/**/*.rs'")]
    Glob {
        /// What was typed.
        glob: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A language no file of the index has.
    #[error("no file of the index is in `{language}`\nhint: --lang takes one of {known}")]
    Language {
        /// What was typed.
        language: String,
        /// The languages of the index.
        known: String,
    },
    /// The index was made without a graph.
    #[error("the index holds no symbol graph\nhint: run `flux index`")]
    NoGraph,
    /// A budget in which nothing can be said.
    #[error(
        "the budget is too small: an empty answer alone takes {least} tokens\nhint: --budget 2000"
    )]
    Budget {
        /// What an empty answer takes.
        least: usize,
    },
    /// The snapshot could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}
