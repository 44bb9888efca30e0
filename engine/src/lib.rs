//! A workspace: one indexed tree and everything that can be asked of it.
//!
//! Every face (command line, MCP, HTTP, agent) calls this crate and adds nothing of its own to
//! an answer. It alone knows both the indexer and queries, and brings files and snapshots
//! together.
//!
//! This crate must never know clap, HTTP or prompts.
//!
//! Reading order: [`repository`], [`workspace`], [`refresh`], [`meaning`], [`search`], [`graph`], [`diff`],
//! [`companions`], [`context`], [`report`].
//! For edits: `listing`, [`mod@syntax`], [`remains`], [`structural`].

pub mod companions;
pub mod context;
pub mod diff;
mod error;
pub mod graph;
mod listing;
pub mod meaning;
pub mod refresh;
pub mod remains;
pub mod report;
pub mod repository;
pub mod search;
mod sources;
pub mod structural;
pub mod syntax;
pub mod workspace;

pub use context::{ContextRequest, MapOrder};
pub use diff::{ChangeKind, SymbolChange};
pub use error::EngineError;
pub use flux_core as core;
pub use flux_indexer::{IndexOptions, IndexReport};
pub use flux_query as query;
pub use flux_store::Snapshot;
pub use flux_store::graph::GraphCounts;
pub use flux_store::maintain::Collected;
pub use flux_tokens as tokens;
pub use graph::{Graph, SymbolCard};
pub use meaning::Asked;
pub use refresh::{Freshness, RefreshLimit};
pub use remains::{Named, Site};
pub use report::{Coverage, Status};
pub use repository::Location;
pub use search::{MeaningState, Reply, Snippet};
pub use workspace::Workspace;
