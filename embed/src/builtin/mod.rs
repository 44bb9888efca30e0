//! The model inside the binary: one table of word vectors, trained on public code.
//!
//! A text is the sum of the vectors of its word pieces, so embedding is a few microseconds and
//! needs no runtime, no download and no start. The weights are one file in the binary that is
//! used where it lies: opening it builds nothing.

pub mod format;
mod model;
mod pieces;
pub mod tokenizer;

pub use model::{BuiltinModel, CONTEXT_WEIGHT};
pub use pieces::{PieceTable, table_bytes};

#[cfg(test)]
mod tests;
