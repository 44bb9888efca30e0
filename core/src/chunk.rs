//! Chunks: the pieces of a file that are ranked and shown.

use serde::{Deserialize, Serialize};

use crate::span::{ByteSpan, LineSpan};
use crate::symbol::SymbolIndex;

/// A contiguous piece of a file, cut along its syntax. The chunks of a file are ordered, do not
/// overlap, and cover every line that is not blank.
///
/// A chunk holds no text: its capsule (path, container, signature, doc, body) is put together
/// from the file, the outline and the span when it is indexed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// The bytes, starting and ending at line boundaries.
    pub span: ByteSpan,
    /// The lines of `span`.
    pub lines: LineSpan,
    /// The innermost symbol whose span encloses the whole chunk, or the one defined by it.
    pub owner: Option<SymbolIndex>,
    /// First symbol whose name lies in the chunk; they are contiguous because outlines are
    /// ordered by position of the name.
    pub first_symbol: u32,
    /// Number of symbols whose name lies in the chunk.
    pub symbol_count: u32,
}

impl Chunk {
    /// The outline positions of the symbols named in the chunk.
    pub fn symbols(&self) -> std::ops::Range<usize> {
        let first = self.first_symbol as usize;
        first..first + self.symbol_count as usize
    }
}
