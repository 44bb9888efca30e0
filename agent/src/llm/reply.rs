//! What a model answers: pieces while they come, and the whole when it is whole.

use serde::{Deserialize, Serialize};

use super::history::Block;

/// A piece of a reply, to be shown at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delta {
    /// Text for the user.
    Text(String),
    /// Thoughts.
    Thinking(String),
    /// A call of this tool begins. It is not to be run before the reply is whole.
    Call(String),
}

/// A whole reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// Its parts, in order.
    pub blocks: Vec<Block>,
    /// Why it ended.
    pub stop: Stop,
    /// What it cost; `None` where the server does not say.
    pub usage: Option<Usage>,
}

/// Why a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The model was done, or waits for results.
    Done,
    /// It reached the most tokens it may answer with, or the end of its window.
    Length,
    /// The service or the model refused.
    Refused,
}

/// Tokens of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// All that was read, from the cache or not.
    pub input: u64,
    /// What of that came from the cache.
    pub cached: u64,
    /// What of that was written into the cache.
    pub cache_written: u64,
    /// All that was written, thoughts included.
    pub output: u64,
}
