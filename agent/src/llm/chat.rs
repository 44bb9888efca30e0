//! OpenAI's Chat Completions, and the many servers that resemble it.
//!
//! What they do differently is told by [`Quirks`] where a request must differ, and is simply
//! understood in answers: calls that come whole, whose index is always 0, whose id is empty, or
//! whose `finish_reason` does not mention them.

use serde_json::{Value, json};

use super::failure::{self, Failure};
use super::history::{Block, Call, Exchange, Proof, Unit};
use super::provider::Quirks;
use super::reply::{Delta, Reply, Stop, Usage};
use super::sse::Event;
use super::wire::{self, Decoder, GO_ON, Request, broken_off, json, sent_back, tool_name, worded};

/// The body of a request.
pub(super) fn encode(request: &Request<'_>, quirks: &Quirks) -> Value {
    let mut messages = Vec::new();
    if !request.system.trim().is_empty() {
        messages.push(json!({ "role": "system", "content": request.system }));
    }
    for unit in request.history.units() {
        match unit {
            Unit::User { text, context } => messages.push(user(&joined(text, context.as_deref()))),
            Unit::Note { text } => messages.push(user(text)),
            Unit::Exchange(exchange) => {
                messages.push(said(exchange));
                messages.extend(exchange.answered().map(|(call, answered)| {
                    let text = worded(&answered.text);
                    // There is no field for it.
                    let content = match answered.is_error {
                        true => format!("error: {text}"),
                        false => text.to_owned(),
                    };
                    json!({ "role": "tool", "tool_call_id": call.id, "content": content })
                }));
            }
        }
    }
    if messages.last().is_none_or(|last| last["role"] == "assistant" || last["role"] == "system") {
        messages.push(user(GO_ON));
    }
    let mut body = json!({ "model": request.model, "messages": messages, "stream": true });
    body[quirks.limit] = request.max_output.into();
    if quirks.tells_usage {
        body["stream_options"] = json!({ "include_usage": true });
    }
    if !request.tools.is_empty() {
        let tools: Vec<Value> = request.tools.iter().map(tool).collect();
        body["tools"] = Value::Array(tools);
    }
    body
}

/// The user's words behind what was gathered for them.
pub(super) fn joined(text: &str, context: Option<&str>) -> String {
    match context.filter(|context| !context.trim().is_empty()) {
        Some(context) => format!("{context}\n\n{text}"),
        None => text.to_owned(),
    }
}

fn user(text: &str) -> Value {
    json!({ "role": "user", "content": worded(text) })
}

fn said(exchange: &Exchange) -> Value {
    let calls: Vec<Value> = exchange
        .answered()
        .map(|(call, _)| {
            let arguments = Value::Object(sent_back(call)).to_string();
            let function = json!({ "name": tool_name(&call.name), "arguments": arguments });
            json!({ "id": call.id, "type": "function", "function": function })
        })
        .collect();
    let text = exchange.text();
    if calls.is_empty() {
        return json!({ "role": "assistant", "content": worded(&text) });
    }
    let content = if text.trim().is_empty() { Value::Null } else { text.into() };
    json!({ "role": "assistant", "content": content, "tool_calls": calls })
}

fn tool(spec: &wire::ToolSpec) -> Value {
    let function = json!({
        "name": spec.name, "description": spec.description, "parameters": spec.schema,
    });
    json!({ "type": "function", "function": function })
}

/// Reads the events of an answer.
#[derive(Default)]
pub(super) struct Stream {
    text: String,
    thinking: String,
    calls: Vec<Open>,
    stop: Option<Stop>,
    usage: Option<Usage>,
}

/// A call that is being received.
struct Open {
    index: Option<u64>,
    call: Call,
}

impl Decoder for Stream {
    fn push(&mut self, event: &Event) -> Result<Vec<Delta>, Failure> {
        if event.data.trim() == "[DONE]" {
            return Ok(Vec::new());
        }
        let data = json(event)?;
        if let Some(error) = data.get("error").filter(|error| !error.is_null()) {
            return Err(failure::of_event(error));
        }
        if let Some(usage) = data.get("usage").filter(|usage| usage.is_object()) {
            self.usage = Some(usage_of(usage));
        }
        let choice = &data["choices"][0];
        let mut deltas = self.delta(&choice["delta"]);
        if let Some(reason) = choice["finish_reason"].as_str() {
            self.stop = Some(stop(reason));
        }
        deltas.retain(
            |delta| !matches!(delta, Delta::Text(text) | Delta::Thinking(text) if text.is_empty()),
        );
        Ok(deltas)
    }

    fn finish(self: Box<Self>) -> Result<Reply, Failure> {
        let stop = self.stop.ok_or_else(broken_off)?;
        let mut blocks = Vec::new();
        if !self.thinking.is_empty() {
            blocks.push(Block::Thinking { text: self.thinking, proof: Proof::None });
        }
        if !self.text.is_empty() {
            blocks.push(Block::Text { text: self.text });
        }
        // The reply was cut: of its calls only the last can be incomplete.
        let last = self.calls.len().saturating_sub(1);
        let calls = self.calls.into_iter().enumerate().map(|(at, open)| {
            let is_cut = stop == Stop::Length && at == last && open.call.object().is_err();
            Block::Call(Call { is_cut, ..open.call })
        });
        blocks.extend(calls);
        Ok(Reply { blocks, stop, usage: self.usage })
    }
}

fn stop(reason: &str) -> Stop {
    match reason {
        "length" => Stop::Length,
        "content_filter" => Stop::Refused,
        _ => Stop::Done,
    }
}

fn usage_of(usage: &Value) -> Usage {
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    Usage {
        input: number(&usage["prompt_tokens"]),
        cached: number(&usage["prompt_tokens_details"]["cached_tokens"]),
        cache_written: 0,
        output: number(&usage["completion_tokens"]),
    }
}

impl Stream {
    fn delta(&mut self, delta: &Value) -> Vec<Delta> {
        let mut deltas = Vec::new();
        let thoughts = ["reasoning_content", "reasoning"].map(|name| delta[name].as_str());
        if let Some(text) = thoughts.into_iter().flatten().next() {
            self.thinking.push_str(text);
            deltas.push(Delta::Thinking(text.to_owned()));
        }
        for name in ["content", "refusal"] {
            if let Some(text) = delta[name].as_str() {
                self.text.push_str(text);
                deltas.push(Delta::Text(text.to_owned()));
            }
        }
        let pieces = delta["tool_calls"].as_array();
        deltas.extend(pieces.into_iter().flatten().filter_map(|piece| self.piece(piece)));
        deltas
    }

    /// A piece of a call. One with a name begins another call than that of its index if its id is
    /// another, or, where servers give none, if that one has arguments already.
    fn piece(&mut self, piece: &Value) -> Option<Delta> {
        let index = piece["index"].as_u64();
        let string = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (id, name) = (string(&piece["id"]), string(&piece["function"]["name"]));
        let arguments = match &piece["function"]["arguments"] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            // Some servers send the object itself.
            value => value.to_string(),
        };
        let known = match index {
            Some(_) => self.calls.iter_mut().rev().find(|open| open.index == index),
            None => self.calls.last_mut(),
        };
        let is_next = |open: &Open| {
            let is_other = match id.is_empty() {
                true => !open.call.arguments.is_empty(),
                false => id != open.call.id,
            };
            !name.is_empty() && is_other
        };
        match known {
            Some(open) if !is_next(open) => {
                open.call.arguments.push_str(&arguments);
                if open.call.name.is_empty() {
                    open.call.name = name;
                }
                None
            }
            _ => {
                let delta = Delta::Call(name.clone());
                let call = Call { id, item: None, name, arguments, is_cut: false };
                self.calls.push(Open { index, call });
                Some(delta)
            }
        }
    }
}
