//! The vocabulary of Flux: what every crate means by a path, a span, a symbol, a chunk, a
//! reference and a skipped file.
//!
//! This crate must never know I/O, JSON or any algorithm. The serde derives serve the store's
//! binary codec only; the JSON a user sees is made in `flux-server`.
//!
//! Reading order: [`path`], [`span`], [`symbol`], [`mod@reference`], [`chunk`], [`facts`], [`mod@file`],
//! [`graph`], [`stated`], [`embedding`], [`tokens`], [`progress`].

pub mod chunk;
pub mod embedding;
pub mod facts;
pub mod file;
pub mod graph;
pub mod path;
pub mod progress;
pub mod reference;
pub mod span;
pub mod stated;
pub mod symbol;
pub mod tokens;

pub use chunk::Chunk;
pub use embedding::{EmbedError, Embedder, ModelId, Pace, Passage};
pub use facts::{FileFacts, Outline, References};
pub use file::{FileClass, FileId, Language, SkipReason};
pub use graph::{
    Definition, DefinitionIndex, DefinitionRef, EdgeKind, FileGraph, Occurrence, Relation, Target,
    Tier, Unresolved,
};
pub use path::RepoPath;
pub use progress::{Cancel, NoProgress, Progress, Stage};
pub use reference::{Import, Reference, ReferenceRole};
pub use span::{ByteSpan, LineSpan};
pub use symbol::{Symbol, SymbolIndex, SymbolKind};
pub use tokens::TokenCounter;
