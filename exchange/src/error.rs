//! Everything that can go wrong between Flux and another tool, and what to do about it.

use std::io;

use flux_store::StoreError;

/// Why an export, a push or an import ended.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The graph cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was written to failed.
    #[error("cannot write the export")]
    Write(#[from] io::Error),
    /// A stop was asked for.
    #[error("the export was stopped")]
    Cancelled,
    /// The bytes are no SCIP index.
    #[error(
        "this is no SCIP index: {0}\nhint: pass the file that an indexer of SCIP wrote, usually index.scip"
    )]
    NotScip(String),
    /// The address names no database that can be spoken to.
    #[error("{address} is no address of a database: {why}\nhint: {hint}")]
    Address {
        /// The address as given.
        address: String,
        /// What is wrong with it.
        why: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// Nothing answers there, or the line broke.
    #[error("cannot {action} {address}\nhint: {hint}")]
    Connection {
        /// What was tried, as a verb.
        action: &'static str,
        /// The database.
        address: String,
        /// What to do.
        hint: &'static str,
        /// The refusal.
        source: io::Error,
    },
    /// What answers does not speak Bolt as it should.
    #[error(
        "{address} does not speak Bolt: {what}\nhint: pass the port of Bolt, which is 7687 unless configured otherwise"
    )]
    NotBolt {
        /// The database.
        address: String,
        /// What it did.
        what: String,
    },
    /// The database refused a request.
    #[error("the database refused: {message} ({code})\nhint: {hint}")]
    Refused {
        /// Its code, such as `Neo.ClientError.Security.Unauthorized`.
        code: String,
        /// Its message.
        message: String,
        /// What to do.
        hint: &'static str,
    },
}
