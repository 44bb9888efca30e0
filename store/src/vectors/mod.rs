//! Vectors: what the chunks mean, one row of small integers for each, found by similarity.
//!
//! A file of vectors is written by one commit for one model and never changes. Units stand for
//! content at a path, as in the full-text part: a view takes part with the units that it holds,
//! all others are skipped. Files of several models lie side by side until they are collected.

mod best;
pub mod file;
pub(crate) mod graph;
pub mod kernel;
pub mod quantise;
pub mod reader;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod writer;

pub use quantise::{PackedVectors, VectorQuery};
pub use reader::{VectorCoverage, VectorHit, VectorReader};
