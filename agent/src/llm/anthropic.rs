//! Anthropic's Messages, version 2026-10-21: no sampling parameters, the last word to the user,
//! results of one turn in one message and before any text.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::failure::{self, Failure};
use super::history::{Block, Call, Exchange, Proof, Unit};
use super::reply::{Delta, Reply, Stop, Usage};
use super::sse::Event;
use super::wire::{
    self, Decoder, GO_ON, LEFT_OUT, NOTHING, Request, broken_off, json, sent_back, tool_name,
};

/// The version of the interface that is spoken.
pub(super) const VERSION: &str = "2026-10-21";

/// The body of a request. The cache is marked behind the system prompt and behind the last block,
/// of the four marks that are allowed.
pub(super) fn encode(request: &Request<'_>) -> Value {
    let tools: Vec<Value> = request.tools.iter().map(tool).collect();
    let mut body = json!({
        "model": request.model,
        "max_tokens": request.max_output,
        "messages": messages(request.history.units()),
        "stream": true,
        "cache_control": { "type": "ephemeral" },
    });
    if !request.system.trim().is_empty() {
        let cached = json!({ "type": "ephemeral" });
        body["system"] =
            json!([{ "type": "text", "text": request.system, "cache_control": cached }]);
    }
    if !tools.is_empty() {
        body["tools"] = Value::Array(tools);
    }
    body
}

fn tool(spec: &wire::ToolSpec) -> Value {
    json!({ "name": spec.name, "description": spec.description, "input_schema": spec.schema })
}

/// Messages that alternate between user and assistant, and start and end with the user.
fn messages(units: &[Unit]) -> Vec<Value> {
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    let mut add = |role: &'static str, blocks: Vec<Value>| match turns.last_mut() {
        Some((last, content)) if *last == role => content.extend(blocks),
        _ => turns.push((role, blocks)),
    };
    if !matches!(units.first(), Some(Unit::User { .. } | Unit::Note { .. })) {
        add("user", vec![text(LEFT_OUT)]);
    }
    for unit in units {
        match unit {
            Unit::User { text: words, context } => {
                let context = context.iter().filter(|context| !context.trim().is_empty());
                let mut blocks: Vec<Value> = context.map(|context| text(context)).collect();
                blocks.push(text(words));
                add("user", blocks);
            }
            Unit::Note { text: words } => add("user", vec![text(words)]),
            Unit::Exchange(exchange) => {
                add("assistant", said(exchange));
                let results: Vec<Value> = exchange.answered().map(result).collect();
                if !results.is_empty() {
                    add("user", results);
                }
            }
        }
    }
    if turns.last().is_some_and(|(role, _)| *role == "assistant") {
        turns.push(("user", vec![text(GO_ON)]));
    }
    let message = |(role, content)| json!({ "role": role, "content": Value::Array(content) });
    turns.into_iter().map(message).collect()
}

fn text(text: &str) -> Value {
    json!({ "type": "text", "text": wire::worded(text) })
}

/// The blocks of a reply. A last block that is a thought is refused, and an empty text.
fn said(exchange: &Exchange) -> Vec<Value> {
    let mut blocks: Vec<Value> = exchange.blocks().iter().filter_map(block).collect();
    let is_thought =
        |block: &Value| matches!(block["type"].as_str(), Some("thinking" | "redacted_thinking"));
    while blocks.last().is_some_and(is_thought) {
        blocks.pop();
    }
    if blocks.is_empty() {
        blocks.push(text(NOTHING));
    }
    blocks
}

fn block(block: &Block) -> Option<Value> {
    match block {
        Block::Text { text: words } => (!words.trim().is_empty()).then(|| text(words)),
        Block::Thinking { text, proof: Proof::Anthropic { signature } } => {
            Some(json!({ "type": "thinking", "thinking": text, "signature": signature }))
        }
        Block::Thinking { proof: Proof::Redacted { data }, .. } => {
            Some(json!({ "type": "redacted_thinking", "data": data }))
        }
        Block::Thinking { proof: Proof::None | Proof::OpenAi { .. }, .. } => None,
        Block::Call(call) => Some(json!({
            "type": "tool_use", "id": call.id, "name": tool_name(&call.name),
            "input": sent_back(call),
        })),
    }
}

fn result((call, answered): (&Call, &super::history::Answered)) -> Value {
    let mut block = json!({
        "type": "tool_result", "tool_use_id": call.id, "content": wire::worded(&answered.text),
    });
    if answered.is_error {
        block["is_error"] = true.into();
    }
    block
}

/// Reads the events of an answer.
#[derive(Default)]
pub(super) struct Stream {
    blocks: BTreeMap<u64, Open>,
    stop: Option<Stop>,
    usage: Usage,
    is_ended: bool,
}

/// A block that is being received.
struct Open {
    block: Block,
    is_closed: bool,
}

impl Decoder for Stream {
    fn push(&mut self, event: &Event) -> Result<Vec<Delta>, Failure> {
        let data = json(event)?;
        let deltas = match data["type"].as_str().unwrap_or_default() {
            "message_start" => {
                self.read_usage(&data["message"]["usage"]);
                None
            }
            "content_block_start" => self.start(&data)?,
            "content_block_delta" => self.delta(&data)?,
            "content_block_stop" => {
                self.open(&data)?.is_closed = true;
                None
            }
            "message_delta" => {
                self.read_usage(&data["usage"]);
                self.stop = data["delta"]["stop_reason"].as_str().map(stop).or(self.stop);
                None
            }
            "message_stop" => {
                self.is_ended = true;
                None
            }
            "error" => return Err(failure::of_event(&data["error"])),
            // Services may add events; theirs that we know need no more.
            _ => None,
        };
        Ok(deltas.into_iter().collect())
    }

    fn finish(self: Box<Self>) -> Result<Reply, Failure> {
        let (Some(stop), true) = (self.stop, self.is_ended) else { return Err(broken_off()) };
        let close = |open: Open| match open.block {
            Block::Call(call) => Block::Call(Call { is_cut: !open.is_closed, ..call }),
            block => block,
        };
        let blocks = self.blocks.into_values().map(close).collect();
        Ok(Reply { blocks, stop, usage: Some(self.usage) })
    }
}

fn stop(reason: &str) -> Stop {
    match reason {
        "max_tokens" | "model_context_window_exceeded" => Stop::Length,
        "refusal" => Stop::Refused,
        _ => Stop::Done,
    }
}

impl Stream {
    fn open(&mut self, data: &Value) -> Result<&mut Open, Failure> {
        let index = data["index"].as_u64();
        let open = index.and_then(|index| self.blocks.get_mut(&index));
        open.ok_or_else(|| Failure::passing("an event of the stream belongs to no block"))
    }

    fn start(&mut self, data: &Value) -> Result<Option<Delta>, Failure> {
        let index = data["index"].as_u64();
        let index = index.ok_or_else(|| Failure::passing("a block of the stream has no number"))?;
        let given = &data["content_block"];
        let string = |name: &str| given[name].as_str().unwrap_or_default().to_owned();
        let (block, delta) = match given["type"].as_str().unwrap_or_default() {
            "text" => (Block::Text { text: string("text") }, None),
            "thinking" => {
                let proof = Proof::Anthropic { signature: string("signature") };
                (Block::Thinking { text: string("thinking"), proof }, None)
            }
            "redacted_thinking" => {
                let proof = Proof::Redacted { data: string("data") };
                (Block::Thinking { text: String::new(), proof }, None)
            }
            "tool_use" => {
                let (id, name) = (string("id"), string("name"));
                let delta = Delta::Call(name.clone());
                let arguments = String::new();
                (Block::Call(Call { id, item: None, name, arguments, is_cut: false }), Some(delta))
            }
            // Blocks of tools that run at the service; none is asked for.
            _ => (Block::Text { text: String::new() }, None),
        };
        self.blocks.insert(index, Open { block, is_closed: false });
        Ok(delta)
    }

    fn delta(&mut self, data: &Value) -> Result<Option<Delta>, Failure> {
        let delta = &data["delta"];
        let string = |name: &str| delta[name].as_str().unwrap_or_default();
        let open = self.open(data)?;
        Ok(match (&mut open.block, delta["type"].as_str().unwrap_or_default()) {
            (Block::Text { text }, "text_delta") => {
                text.push_str(string("text"));
                Some(Delta::Text(string("text").to_owned()))
            }
            (Block::Thinking { text, .. }, "thinking_delta") => {
                text.push_str(string("thinking"));
                Some(Delta::Thinking(string("thinking").to_owned()))
            }
            (Block::Thinking { proof: Proof::Anthropic { signature }, .. }, "signature_delta") => {
                signature.push_str(string("signature"));
                None
            }
            (Block::Call(call), "input_json_delta") => {
                call.arguments.push_str(string("partial_json"));
                None
            }
            _ => None,
        })
    }

    fn read_usage(&mut self, usage: &Value) {
        let number = |name: &str| usage[name].as_u64();
        if let Some(plain) = number("input_tokens") {
            self.usage.cached = number("cache_read_input_tokens").unwrap_or(0);
            self.usage.cache_written = number("cache_creation_input_tokens").unwrap_or(0);
            self.usage.input = plain + self.usage.cached + self.usage.cache_written;
        }
        self.usage.output = number("output_tokens").unwrap_or(self.usage.output);
    }
}
