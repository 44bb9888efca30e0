//! OpenAI's Responses. Nothing is left on the server: thoughts come back encrypted and are sent
//! again with the call or text that followed them, which must come with its own id then.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::chat::joined;
use super::failure::{self, Failure};
use super::history::{Block, Call, Exchange, Proof, Unit};
use super::reply::{Delta, Reply, Stop, Usage};
use super::sse::Event;
use super::wire::{
    self, Decoder, GO_ON, NOTHING, Request, broken_off, json, sent_back, tool_name, worded,
};

/// The body of a request.
pub(super) fn encode(request: &Request<'_>) -> Value {
    let mut input = Vec::new();
    for unit in request.history.units() {
        match unit {
            Unit::User { text, context } => input.push(user(&joined(text, context.as_deref()))),
            Unit::Note { text } => input.push(user(text)),
            Unit::Exchange(exchange) => {
                input.extend(said(exchange));
                input.extend(exchange.answered().map(|(call, answered)| {
                    let text = worded(&answered.text);
                    let output = match answered.is_error {
                        true => format!("error: {text}"),
                        false => text.to_owned(),
                    };
                    json!({ "type": "function_call_output", "call_id": call.id, "output": output })
                }));
            }
        }
    }
    if input.last().is_none_or(|last| last["role"] == "assistant") {
        input.push(user(GO_ON));
    }
    let mut body = json!({
        "model": request.model,
        "input": input,
        "max_output_tokens": request.max_output,
        "include": ["reasoning.encrypted_content"],
        "store": false,
        "stream": true,
    });
    if !request.system.trim().is_empty() {
        body["instructions"] = request.system.into();
    }
    if !request.tools.is_empty() {
        let tools: Vec<Value> = request.tools.iter().map(tool).collect();
        body["tools"] = Value::Array(tools);
    }
    body
}

fn user(text: &str) -> Value {
    json!({ "role": "user", "content": worded(text) })
}

fn tool(spec: &wire::ToolSpec) -> Value {
    json!({
        "type": "function", "name": spec.name, "description": spec.description,
        "parameters": spec.schema, "strict": false,
    })
}

/// The items of a reply. A thought that nothing follows is refused, so it is left out.
fn said(exchange: &Exchange) -> Vec<Value> {
    // An item that is named wants the thought before it, which cannot be sent without its content.
    let is_lost = |block: &Block| {
        matches!(block, Block::Thinking { proof: Proof::OpenAi { encrypted: None, .. }, .. })
    };
    let is_named = !exchange.blocks().iter().any(is_lost);
    let items = exchange.blocks().iter().filter_map(|block| item(block, is_named));
    let mut items: Vec<Value> = items.collect();
    while items.last().is_some_and(|item| item["type"] == "reasoning") {
        items.pop();
    }
    if items.is_empty() {
        items.push(assistant(NOTHING));
    }
    items
}

fn assistant(text: &str) -> Value {
    json!({ "role": "assistant", "content": text })
}

fn item(block: &Block, is_named: bool) -> Option<Value> {
    match block {
        Block::Text { text } => (!text.trim().is_empty()).then(|| assistant(text)),
        Block::Thinking { text, proof: Proof::OpenAi { id, encrypted: Some(encrypted) } } => {
            let summary = match text.is_empty() {
                true => json!([]),
                false => json!([{ "type": "summary_text", "text": text }]),
            };
            Some(json!({
                "type": "reasoning", "id": id, "summary": summary, "encrypted_content": encrypted,
            }))
        }
        Block::Thinking { .. } => None,
        Block::Call(call) => {
            let arguments = Value::Object(sent_back(call)).to_string();
            let mut item = json!({
                "type": "function_call", "call_id": call.id, "name": tool_name(&call.name),
                "arguments": arguments,
            });
            if let (Some(id), true) = (&call.item, is_named) {
                item["id"] = id.as_str().into();
            }
            Some(item)
        }
    }
}

/// Reads the events of an answer.
#[derive(Default)]
pub(super) struct Stream {
    items: BTreeMap<u64, Open>,
    end: Option<(Stop, Option<Usage>)>,
}

/// An item that is being received.
struct Open {
    block: Block,
    is_closed: bool,
}

impl Decoder for Stream {
    fn push(&mut self, event: &Event) -> Result<Vec<Delta>, Failure> {
        if event.data.trim() == "[DONE]" {
            return Ok(Vec::new());
        }
        let data = json(event)?;
        let text = || data["delta"].as_str().unwrap_or_default().to_owned();
        let delta = match data["type"].as_str().unwrap_or_default() {
            "response.output_item.added" => self.add(&data)?,
            "response.output_item.done" => {
                self.close(&data);
                None
            }
            "response.output_text.delta" | "response.refusal.delta" => {
                if let Some(Block::Text { text: whole }) = self.block(&data) {
                    whole.push_str(&text());
                }
                Some(Delta::Text(text()))
            }
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                if let Some(Block::Thinking { text: whole, .. }) = self.block(&data) {
                    whole.push_str(&text());
                }
                Some(Delta::Thinking(text()))
            }
            "response.function_call_arguments.delta" => {
                if let Some(Block::Call(call)) = self.block(&data) {
                    call.arguments.push_str(&text());
                }
                None
            }
            "response.completed" => {
                self.end = Some((Stop::Done, usage(&data["response"]["usage"])));
                None
            }
            "response.incomplete" => {
                let reason = data["response"]["incomplete_details"]["reason"].as_str();
                let is_refused = reason == Some("content_filter");
                let stop = if is_refused { Stop::Refused } else { Stop::Length };
                self.end = Some((stop, usage(&data["response"]["usage"])));
                None
            }
            "response.failed" => return Err(failure::of_event(&data["response"]["error"])),
            "error" => {
                let error = data.get("error").filter(|error| error.is_object()).unwrap_or(&data);
                return Err(failure::of_event(error));
            }
            _ => None,
        };
        Ok(delta.into_iter().collect())
    }

    fn finish(self: Box<Self>) -> Result<Reply, Failure> {
        let (stop, usage) = self.end.ok_or_else(broken_off)?;
        let close = |open: Open| match open.block {
            Block::Call(call) => {
                let is_part = stop == Stop::Length && call.object().is_err();
                Block::Call(Call { is_cut: !open.is_closed || is_part, ..call })
            }
            block => block,
        };
        let blocks = self.items.into_values().map(close).collect();
        Ok(Reply { blocks, stop, usage })
    }
}

fn usage(usage: &Value) -> Option<Usage> {
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    usage.is_object().then(|| Usage {
        input: number(&usage["input_tokens"]),
        cached: number(&usage["input_tokens_details"]["cached_tokens"]),
        cache_written: number(&usage["input_tokens_details"]["cache_write_tokens"]),
        output: number(&usage["output_tokens"]),
    })
}

impl Stream {
    fn block(&mut self, data: &Value) -> Option<&mut Block> {
        let open = self.items.get_mut(&data["output_index"].as_u64()?)?;
        Some(&mut open.block)
    }

    fn add(&mut self, data: &Value) -> Result<Option<Delta>, Failure> {
        let index = data["output_index"].as_u64();
        let index = index.ok_or_else(|| Failure::passing("an item of the stream has no number"))?;
        let block = received(&data["item"]);
        let delta = match &block {
            Some(Block::Call(call)) => Some(Delta::Call(call.name.clone())),
            _ => None,
        };
        if let Some(block) = block {
            self.items.insert(index, Open { block, is_closed: false });
        }
        Ok(delta)
    }

    /// The finished item replaces what its pieces made of it.
    fn close(&mut self, data: &Value) {
        let Some(index) = data["output_index"].as_u64() else { return };
        if let Some(block) = received(&data["item"]) {
            self.items.insert(index, Open { block, is_closed: true });
        }
    }
}

/// An item as received; `None` for kinds that are not asked for.
fn received(item: &Value) -> Option<Block> {
    let string = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
    match item["type"].as_str()? {
        "message" => {
            let parts = item["content"].as_array().into_iter().flatten();
            let text = |part: &Value| {
                let text = part["text"].as_str().or_else(|| part["refusal"].as_str());
                text.map(str::to_owned)
            };
            Some(Block::Text { text: parts.filter_map(text).collect() })
        }
        "reasoning" => {
            let parts = item["summary"].as_array().into_iter().flatten();
            let texts: Vec<&str> = parts.filter_map(|part| part["text"].as_str()).collect();
            let encrypted = item["encrypted_content"].as_str().map(str::to_owned);
            let proof = Proof::OpenAi { id: string("id"), encrypted };
            Some(Block::Thinking { text: texts.join("\n"), proof })
        }
        "function_call" => Some(Block::Call(Call {
            id: string("call_id"),
            item: item["id"].as_str().map(str::to_owned),
            name: string("name"),
            arguments: string("arguments"),
            is_cut: false,
        })),
        _ => None,
    }
}
