//! Source tree to new snapshot: list, read, decode, classify, parse, chunk, write.
//!
//! What is learned from one file is a pure function of its bytes and language, computed in
//! parallel and stored by content; a second tree, branch or edit pays only for what is new.
//!
//! This crate must never know queries, scores or tokio. A file that cannot be read, decoded or
//! parsed is an entry with a reason, never an error of the run.
//!
//! Reading order: [`git`], [`list`], [`changes`], [`decode`], [`classify`], [`chunk`], `document`,
//! [`vectors`], `graph`, [`stamp`], `process`, [`mod@index`], [`embed`]. [`syntax`] and
//! [`structural`], [`imports`] and [`items`] stand apart.

pub mod arguments;
pub mod changes;
pub mod chunk;
pub mod classify;
pub mod decode;
mod document;
pub mod embed;
mod error;
pub mod git;
mod graph;
pub mod imports;
pub mod index;
pub mod items;
pub mod lines;
pub mod list;
mod process;
pub mod stamp;
pub mod structural;
pub mod syntax;
#[cfg(test)]
mod tests;
pub mod vectors;
pub mod words;

pub use embed::embed_missing;
pub use error::IndexError;
pub use index::{IndexOptions, IndexReport, Surroundings, index};
pub use process::outline_of;
pub use vectors::space_of;

/// Version of everything that decides which facts a content has: bump `CHUNKER_VERSION` when
/// chunks or documents change, the extractor's own version when symbols do, the resolver's when
/// the graph does.
pub const FACTS_VERSION: u32 =
    (flux_resolve::RESOLVER_VERSION * 1000 + flux_grammars::EXTRACTOR_VERSION) * 1000
        + CHUNKER_VERSION;

/// Version of chunking and of the documents made from chunks. Version 1: first layout. Version 2:
/// units are keyed by FNV-1a over content and path. Version 3: classes of data, manual pages and
/// source sets of tests.
const CHUNKER_VERSION: u32 = 3;
