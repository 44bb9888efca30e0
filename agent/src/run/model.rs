//! Which model is asked, and how much it reads and writes.

use flux_engine::tokens::{Counter, Model};

use crate::llm::Provider;

/// The model that is asked.
#[derive(Clone, Debug)]
pub struct ModelChoice {
    /// Who serves it.
    pub provider: &'static Provider,
    /// What its service calls it.
    pub name: String,
    /// Tokens that fit into one request, answer included.
    pub window: usize,
    /// The most tokens it is asked to answer with.
    pub output: usize,
    /// What counts its tokens.
    pub counter: Counter,
    /// What it costs, if that is known.
    pub price: Option<Price>,
}

/// Dollars for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    /// Of what it reads.
    pub input: f64,
    /// Of what it writes.
    pub output: f64,
}

/// The most tokens of an answer. Longer ones are rare, and what is kept for them is taken from
/// what can be read.
const MOST_OUTPUT: usize = 64_000;

impl ModelChoice {
    /// The model `name`, of which the table says `known`; window and answer may be overridden.
    pub fn new(
        provider: &'static Provider,
        name: &str,
        known: &Model,
        window: Option<usize>,
        output: Option<usize>,
    ) -> Self {
        let window = window.unwrap_or(known.window).max(LEAST_WINDOW);
        // An answer that takes most of the window leaves nothing to answer to.
        let output = output.unwrap_or(known.output).min(MOST_OUTPUT).min(window / 3);
        let price = known.price.map(|price| Price { input: price.input, output: price.output });
        let name = name.to_owned();
        Self { provider, name, window, output, counter: known.counter(), price }
    }

    /// Tokens that a request may have: what the answer leaves of the window, without a tenth,
    /// because counts are estimates.
    pub fn room(&self) -> usize {
        (self.window - self.output) / 10 * 9
    }
}

/// A smaller window holds no tools and no answer.
const LEAST_WINDOW: usize = 4_000;
