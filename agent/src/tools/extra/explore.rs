//! `explore`: a question about the tree that a cheaper model answers in a conversation of its own.
//!
//! Models are not switched within a conversation: thoughts are signed by the model that had them,
//! and what a service keeps of a prompt belongs to one model, so that a switch would throw both
//! away. A question with its answer, as a call with its result, crosses between models unharmed.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::llm::{ToolSpec, Usage};
use crate::tools::Arguments;
use crate::tools::bench::Bench;

/// What the tool is called.
pub(super) const NAME: &str = "explore";

/// Answers questions about the tree.
pub trait Explore: Sync {
    /// Answers with the places that the answer rests on. `bench` only looks.
    fn explore(&self, bench: Bench<'_>, question: &str) -> Result<String, String>;

    /// What it cost since this was asked last.
    fn take_spent(&self) -> Explored;
}

/// What exploring cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Explored {
    /// Questions that were answered or given up.
    pub questions: u64,
    /// Requests for them.
    pub requests: u64,
    /// Tokens of these.
    pub usage: Usage,
    /// What they cost, in dollars, where the price is known.
    pub dollars: f64,
}

impl Explored {
    /// Adds what something more cost.
    pub fn add(&mut self, more: &Self) {
        self.questions += more.questions;
        self.requests += more.requests;
        self.usage.input += more.usage.input;
        self.usage.cached += more.usage.cached;
        self.usage.cache_written += more.usage.cache_written;
        self.usage.output += more.usage.output;
        self.dollars += more.dollars;
    }
}

/// Arguments of `explore`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::tools) struct Question {
    pub(super) question: String,
}

impl Question {
    pub(super) fn read(arguments: Arguments) -> Result<Self, String> {
        let read = serde_json::from_value::<Self>(Value::Object(arguments));
        let read = read.map_err(|error| format!("wrong arguments: {error}"))?;
        match read.question.trim().is_empty() {
            true => Err("the question is empty".to_owned()),
            false => Ok(read),
        }
    }
}

pub(super) fn offer() -> ToolSpec {
    let text = "Let a cheaper model look around and answer one question about this repository, with \
                the places it rests on. It reads and searches, changes nothing, and knows nothing of \
                this conversation: say all it needs. Several questions of one turn are answered at \
                once. Read a file yourself before you edit it.";
    let schema = json!({
        "type": "object",
        "properties": { "question": { "type": "string" } },
        "required": ["question"],
        "additionalProperties": false,
    });
    ToolSpec { name: NAME.to_owned(), description: text.to_owned(), schema }
}
