//! A plan as JSON: `{"edits": [{"op": "replace", "path": …, "old": …, "new": …}, …]}`.
//!
//! Unknown fields are errors: a misspelt `"alll": true` must not become a different edit.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Action, Operation, ScriptError, ScriptFault, SymbolPart, Which, operation};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan<'a> {
    #[serde(borrow)]
    edits: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Edit {
    Replace {
        path: String,
        old: String,
        new: String,
        #[serde(default)]
        all: bool,
        line: Option<u32>,
    },
    Write {
        path: String,
        content: String,
    },
    Create {
        path: String,
        content: String,
        #[serde(default)]
        executable: bool,
    },
    Delete {
        path: String,
    },
    Move {
        from: String,
        to: String,
    },
    ReplaceBody {
        symbol: String,
        body: String,
    },
    ReplaceDefinition {
        symbol: String,
        text: String,
    },
}

pub(super) fn parse(text: &str) -> Result<Vec<Operation>, ScriptError> {
    let failed = |error: &serde_json::Error, line: usize| {
        ScriptFault::Json(error.to_string()).at(line.max(1))
    };
    let edits = if text.trim_start().starts_with('[') {
        serde_json::from_str::<Vec<&RawValue>>(text)
    } else {
        serde_json::from_str::<Plan<'_>>(text).map(|plan| plan.edits)
    };
    let edits = edits.map_err(|error| failed(&error, error.line()))?;
    let read = |raw: &&RawValue| {
        let start = line_of(text, raw.get());
        let edit: Edit = serde_json::from_str(raw.get())
            .map_err(|error| failed(&error, start + error.line().saturating_sub(1)))?;
        Ok(operation(start, action(edit).map_err(|fault| fault.at(start))?))
    };
    edits.iter().map(read).collect()
}

/// The line of `text` on which `part`, a slice of it, starts.
fn line_of(text: &str, part: &str) -> usize {
    let offset = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    text.get(..offset).map_or(1, |before| before.matches('\n').count() + 1)
}

fn action(edit: Edit) -> Result<Action, ScriptFault> {
    Ok(match edit {
        Edit::Replace { path, old, new, all, line } => {
            if old.is_empty() {
                return Err(ScriptFault::NoContext);
            }
            if old == new {
                return Err(ScriptFault::NoChange);
            }
            let which = match (all, line) {
                (true, None) => Which::All,
                (false, Some(line)) => Which::Line(line),
                (false, None) => Which::Only,
                (true, Some(_)) => {
                    let text = "`all` and `line` exclude each other";
                    return Err(ScriptFault::Json(text.to_owned()));
                }
            };
            Action::Text { path, old, new, which }
        }
        Edit::Write { path, content } => Action::Write { path, content },
        Edit::Create { path, content, executable } => {
            Action::Create { path, content, is_executable: executable }
        }
        Edit::Delete { path } => Action::Delete { path, content: None },
        Edit::Move { from, to } => Action::Move { from, to },
        Edit::ReplaceBody { symbol, body } => {
            Action::Symbol { symbol, part: SymbolPart::Body, text: body }
        }
        Edit::ReplaceDefinition { symbol, text } => {
            Action::Symbol { symbol, part: SymbolPart::Definition, text }
        }
    })
}
