//! The full-text part: BM25F over the fields of chunks.
//!
//! tantivy keeps dictionaries, postings and field lengths. Scoring is our own, because the
//! promise "incremental equals full" rules out statistics that count documents no view holds:
//! frequencies and lengths are taken over the live chunks of one view only, so the answer does
//! not depend on how segments came about.

mod directory;
pub mod index;
pub mod reader;
pub mod score;
pub mod text;

#[cfg(test)]
mod tests;

pub use index::{ChunkDocument, Field, LexicalWriter};
pub use reader::{LexicalReader, MappedSegments};
pub use score::{ChunkScore, FileScore, QueryTerm, Scores, Weights};
