//! What is learned from one file alone: a pure function of its bytes, its language and the
//! extractor's version.

use serde::{Deserialize, Serialize};

use crate::chunk::Chunk;
use crate::reference::{Import, Reference};
use crate::symbol::Symbol;

/// Everything learned from one file.
///
/// The two halves are stored apart because a search reads outlines only. The second is opaque
/// here: only the crate that resolves names knows its form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {
    /// Chunks and symbols.
    pub outline: Outline,
    /// What resolving its names needs to know of it, encoded; empty when nothing is.
    pub lowered: Box<[u8]>,
    /// A digest of what other files' resolution may see of `lowered`; 0 when it is empty.
    pub exports: u64,
}

/// The chunks and symbols of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// Chunks in order of position.
    pub chunks: Vec<Chunk>,
    /// Symbols in order of the position of their names.
    pub symbols: Vec<Symbol>,
    /// Lines of the file; a last line without a line feed counts.
    pub line_count: u32,
    /// Places the parser could not read, 0 for a file that parsed well or has no grammar.
    pub parse_errors: u32,
}

/// The raw references and imports of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct References {
    /// Distinct identifier texts, in order of first mention.
    pub names: Vec<Box<str>>,
    /// Mentions in order of position.
    pub references: Vec<Reference>,
    /// Imports in order of position.
    pub imports: Vec<Import>,
}
