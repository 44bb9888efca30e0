//! What counts tokens: a tokenizer, or an estimate on top of one.

use flux_core::TokenCounter;
use serde::Deserialize;

use crate::encoding::{CL100K, Encoding, O200K};

/// A tokenizer that is part of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tokenizer {
    /// OpenAI's `cl100k_base`.
    #[serde(rename = "cl100k_base")]
    Cl100kBase,
    /// OpenAI's `o200k_base`.
    #[serde(rename = "o200k_base")]
    O200kBase,
}

impl Tokenizer {
    /// What it is called.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cl100kBase => "cl100k_base",
            Self::O200kBase => "o200k_base",
        }
    }

    fn encoding(self) -> &'static Encoding {
        match self {
            Self::Cl100kBase => &CL100K,
            Self::O200kBase => &O200K,
        }
    }
}

/// Counts tokens by a tokenizer.
#[derive(Clone, Debug)]
pub struct Counter {
    tokenizer: Tokenizer,
    factor: Option<f64>,
    name: String,
}

impl Counter {
    /// Counts as `tokenizer` does.
    pub fn exact(tokenizer: Tokenizer) -> Self {
        Self { tokenizer, factor: None, name: tokenizer.as_str().to_owned() }
    }

    /// Estimates `factor` times what `tokenizer` counts.
    pub fn estimate(tokenizer: Tokenizer, factor: f64) -> Self {
        let name = format!("estimate: {factor} × {}", tokenizer.as_str());
        Self { tokenizer, factor: Some(factor), name }
    }
}

impl TokenCounter for Counter {
    fn count(&self, text: &str) -> usize {
        let count = self.tokenizer.encoding().count(text);
        match self.factor {
            Some(factor) => (count as f64 * factor).ceil() as usize,
            None => count,
        }
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn is_exact(&self) -> bool {
        self.factor.is_none()
    }
}
