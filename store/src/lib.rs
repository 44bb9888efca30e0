//! The index on disk: written once, read by many, never half there.
//!
//! A store is a directory. Its `manifest.json` names every other file that is in use; a commit
//! is one rename of the manifest, so a killed writer leaves the previous snapshot whole. What is
//! learned from a file's bytes is kept by content, in *packs*; a *view* lists the files of one
//! tree and says which content each has, so that branches and worktrees share everything but
//! the list. One writer works at a time, under a lock the operating system drops with its owner.
//!
//! This crate must never know parsing, fusion or the terminal. Only it knows tantivy.
//!
//! Reading order: [`layout`], [`manifest`], [`component`], [`pack`], [`trigram`], [`view`],
//! [`lexical`], [`vectors`], [`graph`], [`writer`], [`snapshot`], [`maintain`].

pub mod component;
pub mod error;
pub mod graph;
pub mod key;
pub mod layout;
pub mod lexical;
mod lock;
pub mod maintain;
pub mod manifest;
mod map;
pub mod pack;
pub mod snapshot;
#[cfg(test)]
mod tests;
pub mod trigram;
pub mod vectors;
pub mod view;
pub mod writer;

pub use error::StoreError;
pub use graph::{GraphReader, GraphWriter, PackedGraph, SymbolId};
pub use key::{ContentKey, UnitKey, ViewKey};
pub use layout::Layout;
pub use snapshot::Snapshot;
pub use vectors::{PackedVectors, VectorCoverage, VectorHit, VectorQuery, VectorReader};
pub use view::{FileEntry, FileState, Stamp, View};
pub use writer::{Addition, Stored, Writer};
