//! What happens in a conversation as JSON, an event a line.

use std::time::SystemTime;

use flux_agent::llm::{Unit, Usage};
use flux_agent::plan::{Forecast, Plan};
use flux_agent::run::citations::Cited;
use flux_agent::run::{Ended, Event, Ledger, ModelChoice, StepReport, StepState};
use flux_agent::session::{Session, StepLine};
use flux_agent::verify::{Finding, Verification};
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
            let files = receipt.entries.iter().map(|one| one.path.to_string());
            edited(receipt.id, &files.collect::<Vec<_>>())
        }
        Event::Retry { attempt, after, why } => json!({
            "event": "retry", "attempt": attempt, "after_ms": after.as_millis() as u64, "why": why,
        }),
        Event::Waiting { after, why } => {
            json!({ "event": "waiting", "after_ms": after.as_millis() as u64, "why": why })
        }
        Event::Shortened { before, after } => {
            json!({ "event": "shortened", "tokens_before": before, "tokens_after": after })
        }
        Event::Asked { estimate, usage: counted } => {
            json!({ "event": "asked", "tokens_estimated": estimate, "usage": counted.map(usage) })
        }
        Event::Said(Unit::User { text, .. }) => json!({ "event": "user", "text": text }),
        Event::Said(Unit::Exchange(_) | Unit::Note { .. }) => return None,
        Event::Planned { plan, forecast } => planned(plan, forecast),
        Event::Steps(steps) => {
            let step =
                |(id, state): &(String, StepState)| json!({ "id": id, "state": state.as_str() });
            json!({ "event": "steps", "steps": steps.iter().map(step).collect::<Vec<_>>() })
        }
        Event::Checking(command) => json!({ "event": "checking", "command": command }),
        Event::Verified(found) => {
            let mut line = verification(found);
            line["event"] = "verified".into();
            line
        }
        Event::TakenBack { edits, failed } => {
            json!({ "event": "taken_back", "edits": edits, "failed": failed })
        }
        Event::Cited(citations) => json!({
            "event": "cited", "revision": citations.revision,
            "found": citations.found.iter().map(cited).collect::<Vec<_>>(),
            "missing": citations.missing.iter().map(|(one, why)| {
                let mut place = cited(one);
                place["why"] = why.as_str().into();
                place
            }).collect::<Vec<_>>(),
            "changed": citations.changed,
        }),
        Event::Summary(summary) => json!({
            "event": "summary", "steps": summary.steps.iter().map(step).collect::<Vec<_>>(),
            "touched": summary.touched, "predicted": summary.predicted,
            "unforeseen": summary.unforeseen(), "left": summary.untouched(),
        }),
        Event::Note(text) => json!({ "event": "note", "text": text }),
    })
}

/// A plan with what its steps reach.
pub fn planned(plan: &Plan, forecast: &Forecast) -> Value {
    let steps = plan.steps.iter().zip(&forecast.steps).map(|(step, reach)| {
        json!({
            "id": step.id, "title": step.title, "after": step.after, "files": step.files,
            "symbols": step.symbols, "tools": step.tools,
            "reaches": {
                "places": reach.places, "files": reach.direct, "files_indirect": reach.indirect,
                "tests": reach.tests, "unclear": reach.unclear,
            },
        })
    });
    json!({
        "event": "planned", "goal": plan.goal, "steps": steps.collect::<Vec<_>>(),
        "unnamed": forecast.unnamed(plan), "blind": forecast.blind,
    })
}

fn cited(cited: &Cited) -> Value {
    json!({ "path": cited.path, "first": cited.first, "last": cited.last })
}

fn step(step: &StepReport) -> Value {
    json!({
        "id": step.id, "title": step.title, "state": step.state.as_str(), "edits": step.edits,
        "revisions": step.revisions, "verification": step.verification.as_ref().map(verification),
    })
}

fn verification(found: &Verification) -> Value {
    let finding = |finding: &Finding| match finding {
        Finding::Syntax { path, line } => json!({ "kind": "syntax", "path": path, "line": line }),
        Finding::Dangling { name, places } => {
            json!({ "kind": "dangling", "name": name, "places": places })
        }
        Finding::Failed { command, how, output } => {
            json!({ "kind": "failed", "command": command, "how": how, "output": output })
        }
    };
    json!({
        "holds": found.holds(), "findings": found.findings.iter().map(finding).collect::<Vec<_>>(),
        "checked": found.looked, "not_checked": found.unseen, "touched": found.touched,
        "tests": found.tests,
    })
}

/// An edit of the journal.
pub fn edited(edit: u64, files: &[String]) -> Value {
    json!({ "event": "edited", "edit": edit, "files": files })
}

/// The first line of a session that is shown again; its other lines are those of [`event`].
pub fn replayed(session: &str, time: SystemTime, root: &str, model: &str) -> Value {
    json!({
        "schema": SCHEMA, "event": "replayed", "session": session, "time": seconds(time),
        "root": root, "model": model,
    })
}

/// A plan of a session that is shown again. What its steps reach was known then, and is not kept.
pub fn planned_then(plan: &Plan) -> Value {
    let steps = plan.steps.iter().map(|step| {
        json!({
            "id": step.id, "title": step.title, "after": step.after, "files": step.files,
            "symbols": step.symbols, "tools": step.tools,
        })
    });
    json!({ "event": "planned", "goal": plan.goal, "steps": steps.collect::<Vec<_>>() })
}

/// What became of a turn of a session that is shown again.
pub fn summary_then(steps: &[StepLine], touched: &[String], unforeseen: &[String]) -> Value {
    let step = |step: &StepLine| {
        json!({
            "id": step.id, "state": step.state, "edits": step.edits, "revisions": step.revisions,
            "checked": step.looked, "not_checked": step.unseen, "findings": step.findings,
        })
    };
    json!({
        "event": "summary", "steps": steps.iter().map(step).collect::<Vec<_>>(),
        "touched": touched, "unforeseen": unforeseen,
    })
}

/// Sessions, as they are listed.
pub fn sessions(sessions: &[Session]) -> Value {
    let one = |session: &Session| json!({ "session": session.id, "time": seconds(session.time), "title": session.title });
    let listed: Vec<Value> = sessions.iter().map(one).collect();
    json!({ "schema": SCHEMA, "sessions": listed })
}

/// Seconds since 1970.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
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
        "cost_usd": model.price.map(|price| ledger.cost(price)), "explored": explored(ledger),
        "recall": recall(ledger),
    })
}

/// How often answers of the index were there before they were asked for.
fn recall(ledger: &Ledger) -> Value {
    let recall = ledger.recall;
    json!({
        "asked": recall.asked, "repeated": recall.repeated, "foreseen": recall.foreseen,
        "prepared": recall.prepared,
    })
}

/// What the model that explores cost; `null` if it was not asked.
fn explored(ledger: &Ledger) -> Option<Value> {
    let explored = ledger.explored;
    (explored.questions > 0).then(|| {
        json!({
            "questions": explored.questions, "requests": explored.requests,
            "usage": usage(explored.usage),
        })
    })
}

/// An answer that needed no model.
pub fn answered(text: &str) -> Value {
    json!({ "event": "answered_without_model", "text": text })
}
