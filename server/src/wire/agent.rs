//! What happens in a conversation as JSON, an event a line.

use flux_agent::llm::{Unit, Usage};
use flux_agent::run::{Ended, Event, Ledger, ModelChoice};
use serde_json::{Value, json};

use super::SCHEMA;

/// The first line: which session, tree and model.
pub fn started(session: &str, root: &str, model: &ModelChoice) -> Value {
    json!({
        "schema": SCHEMA, "event": "started", "session": session, "root": root,
        "provider": model.provider.name, "model": model.name, "window": model.window,
    })
}

/// An event; `None` for those that only repeat others.
pub fn event(event: &Event) -> Option<Value> {
    Some(match event {
        Event::Text(text) => json!({ "event": "text", "text": text }),
        Event::Thinking(text) => json!({ "event": "thinking", "text": text }),
        Event::Calling(_) => return None,
        Event::Started { id, tool, what } => {
            json!({ "event": "call_started", "id": id, "tool": tool, "what": what })
        }
        Event::Finished { id, tool, is_error, text } => json!({
            "event": "call_finished", "id": id, "tool": tool, "is_error": is_error, "text": text,
        }),
        Event::Edited(receipt) => {
            let files: Vec<&str> = receipt.entries.iter().map(|one| one.path.as_str()).collect();
            json!({ "event": "edited", "edit": receipt.id, "files": files })
        }
        Event::Retry { attempt, after, why } => json!({
            "event": "retry", "attempt": attempt, "after_ms": after.as_millis() as u64, "why": why,
        }),
        Event::Shortened { before, after } => {
            json!({ "event": "shortened", "tokens_before": before, "tokens_after": after })
        }
        Event::Asked { estimate, usage: counted } => {
            json!({ "event": "asked", "tokens_estimated": estimate, "usage": counted.map(usage) })
        }
        Event::Said(Unit::User { text, .. }) => json!({ "event": "user", "text": text }),
        Event::Said(Unit::Exchange(_) | Unit::Note { .. }) => return None,
        Event::Note(text) => json!({ "event": "note", "text": text }),
    })
}

fn usage(usage: Usage) -> Value {
    json!({
        "input": usage.input, "cached": usage.cached, "cache_written": usage.cache_written,
        "output": usage.output,
    })
}

/// How a prompt ended, and what the session cost so far.
pub fn ended(ended: &Ended, ledger: &Ledger, model: &ModelChoice) -> Value {
    let (state, why) = match ended {
        Ended::Done => ("done", None),
        Ended::Stopped(why) => ("stopped", Some(why.clone())),
        Ended::Cancelled => ("cancelled", None),
        Ended::Failed(failure) => ("failed", Some(failure.message.clone())),
    };
    json!({
        "event": "ended", "state": state, "why": why, "requests": ledger.requests,
        "retries": ledger.retries, "usage": usage(ledger.usage),
        "cost_usd": model.price.map(|price| ledger.cost(price)),
    })
}

/// An answer that needed no model.
pub fn answered(text: &str) -> Value {
    json!({ "event": "answered_without_model", "text": text })
}
