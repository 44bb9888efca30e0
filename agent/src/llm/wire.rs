//! What the three dialects have in common: a request, and a decoder of the events that answer it.

use serde_json::{Map, Value};

use super::failure::Failure;
use super::history::History;
use super::provider::{Dialect, Quirks};
use super::reply::{Delta, Reply};
use super::sse::Event;
use super::{anthropic, chat, responses};

/// A tool as a model is told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolSpec {
    /// Its name: letters, digits, `_` and `-`.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// JSON Schema of its arguments, an object.
    pub schema: Value,
}

/// What is asked of a model.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The model, as its service calls it.
    pub model: &'a str,
    /// What it is told before everything else.
    pub system: &'a str,
    /// What it may call.
    pub tools: &'a [ToolSpec],
    /// What was said so far.
    pub history: &'a History,
    /// The most tokens it may answer with.
    pub max_output: usize,
}

/// Turns the events of one answer into a reply.
pub trait Decoder {
    /// Takes the next event. An event that cannot be read fails the answer: nothing is guessed.
    fn push(&mut self, event: &Event) -> Result<Vec<Delta>, Failure>;

    /// The reply, if the stream came to its end. Only here calls are handed out.
    fn finish(self: Box<Self>) -> Result<Reply, Failure>;
}

/// The body of a request.
pub fn encode(dialect: Dialect, quirks: &Quirks, request: &Request<'_>) -> Value {
    match dialect {
        Dialect::Anthropic => anthropic::encode(request),
        Dialect::Chat => chat::encode(request, quirks),
        Dialect::Responses => responses::encode(request),
    }
}

/// What reads the answer.
pub fn decoder(dialect: Dialect) -> Box<dyn Decoder> {
    match dialect {
        Dialect::Anthropic => Box::new(anthropic::Stream::default()),
        Dialect::Chat => Box::new(chat::Stream::default()),
        Dialect::Responses => Box::new(responses::Stream::default()),
    }
}

/// The data of an event as JSON.
pub(super) fn json(event: &Event) -> Result<Value, Failure> {
    serde_json::from_str(&event.data)
        .map_err(|error| Failure::passing(format!("an event of the stream is no JSON: {error}")))
}

/// A stream that ended too soon.
pub(super) fn broken_off() -> Failure {
    Failure::passing("the stream ended before the reply did")
}

/// The arguments of a call as they may be sent back: what is no object is left out, because
/// services refuse it.
pub(super) fn sent_back(call: &super::history::Call) -> Map<String, Value> {
    match call.is_cut {
        true => Map::new(),
        false => call.object().unwrap_or_default(),
    }
}

/// Longest name of a tool.
const LONGEST_NAME: usize = 64;

/// The name of a tool as it may be sent back, whatever the model made of it.
pub(super) fn tool_name(name: &str) -> String {
    let plain = |letter: char| match letter.is_ascii_alphanumeric() || "_-".contains(letter) {
        true => letter,
        false => '_',
    };
    let name: String = name.chars().take(LONGEST_NAME).map(plain).collect();
    if name.is_empty() { "unnamed".to_owned() } else { name }
}

/// What is said for the user where a conversation may not begin with the model's words.
pub(super) const LEFT_OUT: &str = "(What was said before is left out.)";
/// What is said for the user where it may not end with them.
pub(super) const GO_ON: &str = "(Go on.)";
/// What stands for a reply, or a result, without a word.
pub(super) const NOTHING: &str = "(nothing)";

/// A text that services take: not empty, not only white space.
pub(super) fn worded(text: &str) -> &str {
    if text.trim().is_empty() { NOTHING } else { text }
}
