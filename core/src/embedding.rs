//! Text to vectors: the one interface through which every embedding model is used.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names a model exactly, its weights and its way of reading text included: vectors of two
/// models are never compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ModelId(String);

impl ModelId {
    /// The model called `name`, such as `builtin/1-5f3a90c2`.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A piece of text that is to be found by its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage<'a> {
    /// Where it stands: path and enclosing names. Short, and about the whole of `text`.
    pub context: &'a str,
    /// The text itself.
    pub text: &'a str,
}

/// How quick a model is, which decides when passages are embedded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Quick enough to run while a tree is indexed, and on every refresh before a search.
    Inline,
    /// Runs after the words are searchable, in steps that can be interrupted and resumed.
    Deferred,
}

/// Turns text into vectors of unit length, so that the dot product of two is their similarity.
/// The same text gives the same vector, whatever it is embedded together with.
pub trait Embedder: Send + Sync + fmt::Debug {
    /// Which model it is.
    fn model(&self) -> &ModelId;

    /// Numbers in each vector.
    fn dimensions(&self) -> usize;

    /// How quick it is.
    fn pace(&self) -> Pace;

    /// A vector for each passage, in the same order.
    fn embed_passages(&self, passages: &[Passage<'_>]) -> Result<Vec<Vec<f32>>, EmbedError>;

    /// The vector of a question.
    fn embed_query(&self, query: &str) -> Result<Vec<f32>, EmbedError>;

    /// Passages less similar to a question than this have nothing to do with it. Models whose
    /// similarities have no such floor keep 0.
    fn least_similarity(&self) -> f32 {
        0.0
    }

    /// Up to `count` words that mean nearly the same as `word`, each with its similarity, the
    /// nearest first. A model without a vocabulary of its own knows none.
    fn related(&self, word: &str, count: usize) -> Vec<(String, f32)> {
        let (_, _) = (word, count);
        Vec::new()
    }
}

/// Why a text has no vector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}\nhint: {hint}")]
pub struct EmbedError {
    /// What went wrong.
    pub message: String,
    /// What the user can do about it.
    pub hint: String,
}
