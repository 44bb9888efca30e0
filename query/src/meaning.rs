//! Where search by meaning enters: the vector of a question, the vectors it is compared with, and
//! words that mean nearly the same. The model that makes vectors is none of this crate's business.

use flux_store::{VectorQuery, VectorReader};

/// What a question means.
#[derive(Clone, Copy)]
pub struct Meaning<'a> {
    /// Its vector.
    pub query: &'a VectorQuery,
    /// What it is compared with, made by the same model.
    pub vectors: &'a VectorReader,
    /// Similarity below which a chunk has nothing to do with it.
    pub least: f32,
    /// Other words for its words; empty for none.
    pub related: &'a [Related],
}

/// A word of a question and others that the model takes for nearly the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// The word as typed.
    pub word: String,
    /// Other words, each with its similarity.
    pub others: Vec<(String, f32)>,
}
