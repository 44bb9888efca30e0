//! What was said so far, in a form that cannot express what services refuse: a call without its
//! result, a result without its call, two results of one call, or two calls of one name.
//!
//! An [`Exchange`] is only made together with one result for each of its calls. Encoders read
//! whole units, so whatever is left out of a long conversation, pairs stay pairs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// One step of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "unit", rename_all = "snake_case")]
pub enum Unit {
    /// What the user typed, word for word, and what was gathered for it.
    User {
        /// The user's words. They outlive every shortening.
        text: String,
        /// Code that was found for them; the first to go when room is needed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        context: Option<String>,
    },
    /// What the model said and did, with what came of it.
    Exchange(Exchange),
    /// What Flux says itself: a digest of what was left out, or advice.
    Note {
        /// Its text.
        text: String,
    },
}

/// A reply of the model with the results of its calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    blocks: Vec<Block>,
    results: Vec<Answered>,
}

/// A part of a reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    /// Text for the user.
    Text {
        /// The text.
        text: String,
    },
    /// What the model thought on the way.
    Thinking {
        /// What is shown of it; may be empty.
        text: String,
        /// What the service wants back with it.
        proof: Proof,
    },
    /// A tool that is to be run.
    Call(Call),
}

/// What a service wants back, unchanged, with the thoughts of its model. Another service's proof
/// is never sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Proof {
    /// Nothing can be sent back.
    None,
    /// The signature of Anthropic's `thinking` block.
    Anthropic {
        /// The signature.
        signature: String,
    },
    /// The content of Anthropic's `redacted_thinking` block.
    Redacted {
        /// The content.
        data: String,
    },
    /// OpenAI's `reasoning` item.
    OpenAi {
        /// Its id.
        id: String,
        /// Its content, for requests that leave nothing on the server.
        encrypted: Option<String>,
    },
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Joins it to its result; unique in a conversation.
    pub id: String,
    /// OpenAI's id of the item, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// The tool.
    pub name: String,
    /// The arguments as they came: JSON, if the model made no mistake.
    pub arguments: String,
    /// Whether the reply ended before the call did.
    #[serde(default)]
    pub is_cut: bool,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// What the model is told.
    pub text: String,
    /// Whether the call failed.
    pub is_error: bool,
}

impl Call {
    /// The arguments, if they are a JSON object. No text at all stands for none.
    pub fn object(&self) -> Result<serde_json::Map<String, serde_json::Value>, String> {
        let text = match self.arguments.trim() {
            "" => "{}",
            text => text,
        };
        match serde_json::from_str(text) {
            Ok(serde_json::Value::Object(map)) => Ok(map),
            Ok(_) => Err("they are no JSON object".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Exchange {
    /// Joins a reply with the results of its calls, in their order. `None` unless there is exactly
    /// one result for each call.
    pub fn new(blocks: Vec<Block>, results: Vec<Answered>) -> Option<Self> {
        let calls = blocks.iter().filter(|block| matches!(block, Block::Call(_))).count();
        (calls == results.len()).then_some(Self { blocks, results })
    }

    /// What the model said.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Its calls with their results, in order.
    pub fn answered(&self) -> impl Iterator<Item = (&Call, &Answered)> {
        let calls = self.blocks.iter().filter_map(|block| match block {
            Block::Call(call) => Some(call),
            Block::Text { .. } | Block::Thinking { .. } => None,
        });
        calls.zip(&self.results)
    }

    /// All its text.
    pub fn text(&self) -> String {
        let texts = self.blocks.iter().filter_map(|block| match block {
            Block::Text { text } => Some(text.as_str()),
            Block::Thinking { .. } | Block::Call(_) => None,
        });
        texts.collect::<Vec<_>>().join("")
    }
}

/// A conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    units: Vec<Unit>,
    ids: BTreeSet<String>,
    made: usize,
}

/// Longest name of a call that every service takes.
const LONGEST_ID: usize = 64;

impl History {
    /// The conversation of these units.
    pub fn of(units: Vec<Unit>) -> Self {
        let mut history = Self::default();
        for unit in units {
            history.push(unit);
        }
        history
    }

    /// Appends a unit. Calls whose id is empty, used before or of another form get a new one.
    pub fn push(&mut self, mut unit: Unit) {
        if let Unit::Exchange(exchange) = &mut unit {
            for block in &mut exchange.blocks {
                if let Block::Call(call) = block {
                    self.name(call);
                }
            }
        }
        self.units.push(unit);
    }

    fn name(&mut self, call: &mut Call) {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
        let is_fit = |id: &str| (1..=LONGEST_ID).contains(&id.len()) && id.chars().all(is_plain);
        while !is_fit(&call.id) || self.ids.contains(&call.id) {
            self.made += 1;
            call.id = format!("call_{}", self.made);
            call.item = None;
        }
        self.ids.insert(call.id.clone());
    }

    /// Its units, the oldest first.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// Puts other units in the place of all. Ids that were used stay used.
    pub(crate) fn replace(&mut self, units: Vec<Unit>) {
        self.units = units;
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}
