//! Edits as JSON: plans, refusals, receipts.

use flux_agent::edit::check::Removed;
use flux_agent::edit::refusal::Candidate;
use flux_agent::edit::{
    ApplyError, Checked, EditPlan, Entry, FileEdit, Kind, Receipt, Recovered, Refusal, ScriptError,
    State, diff, history,
};
use serde_json::{Value, json};

use super::SCHEMA;

/// How an edit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditState {
    /// It is planned and not made.
    Planned,
    /// It is made.
    Applied,
}

impl EditState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Applied => "applied",
        }
    }
}

/// A plan that was checked, and its number once it is made.
pub fn edit(root: &str, checked: &Checked, receipt: Option<&Receipt>) -> Value {
    let state = if receipt.is_some() { EditState::Applied } else { EditState::Planned };
    json!({
        "schema": SCHEMA,
        "root": root,
        "state": state.as_str(),
        "id": receipt.map(|receipt| receipt.id),
        "files": checked.plan.files.iter().map(file).collect::<Vec<_>>(),
        "removed": checked.removed.iter().map(removed).collect::<Vec<_>>(),
        "accepted": checked.accepted.iter().map(refusal).collect::<Vec<_>>(),
        "refusals": [],
        "notes": checked.notes,
        "diff": diff::unified(&checked.plan),
    })
}

/// An undo or redo: its plan, and its number once it is made.
pub fn turn(root: &str, of: &Receipt, plan: &EditPlan, receipt: Option<&Receipt>) -> Value {
    let checked = Checked::of_turn(plan.clone());
    let mut value = edit(root, &checked, receipt);
    value["of"] = json!(of.id);
    value
}

/// An edit that was refused.
pub fn refused(root: &str, refusals: &[Refusal]) -> Value {
    let refusals: Vec<Value> = refusals.iter().map(refusal).collect();
    failed(root, "refused", json!(refusals))
}

/// A script that cannot be read.
pub fn no_script(root: &str, error: &ScriptError) -> Value {
    let refusal = json!({
        "reason": error.fault.name(),
        "line": error.line,
        "message": error.fault.to_string(),
    });
    failed(root, "refused", json!([refusal]))
}

/// An edit that was begun and not made, or not begun for a reason outside of it.
pub fn not_applied(root: &str, error: &ApplyError) -> Value {
    let state = match error {
        ApplyError::Refused(refusals) => return refused(root, &refusals.0),
        ApplyError::RolledBack { .. } => "rolled_back",
        ApplyError::Interrupted { .. } => "interrupted",
        ApplyError::Locked | ApplyError::Foreign { .. } | ApplyError::Journal { .. } => "refused",
    };
    let refusal = json!({ "reason": state, "message": error.to_string() });
    failed(root, state, json!([refusal]))
}

/// An edit that nobody said yes to.
pub fn unconfirmed(root: &str, checked: &Checked) -> Value {
    let mut value = edit(root, checked, None);
    let message = "not applied without --yes";
    value["state"] = json!("refused");
    value["refusals"] = json!([{ "reason": "unconfirmed", "message": message }]);
    value
}

fn failed(root: &str, state: &str, refusals: Value) -> Value {
    json!({ "schema": SCHEMA, "root": root, "state": state, "files": [], "refusals": refusals })
}

fn file(file: &FileEdit) -> Value {
    let hunks: Vec<Value> = file
        .hunks
        .iter()
        .map(|hunk| {
            json!({
                "start_line": hunk.lines.0,
                "end_line": hunk.lines.1,
                "matched": hunk.found.as_str(),
                "script_line": hunk.script_line,
            })
        })
        .collect();
    let hash = |version: &Option<flux_agent::edit::plan::Version>| {
        version.as_ref().map(|version| version.content.hash().to_hex().to_string())
    };
    json!({
        "path": file.path.as_str(),
        "from": file.from.as_ref().map(|path| path.as_str()),
        "action": file.verb(),
        "hunks": hunks,
        "before": hash(&file.before),
        "after": hash(&file.after),
    })
}

fn removed(removed: &Removed) -> Value {
    json!({
        "name": removed.name,
        "path": removed.path.as_str(),
        "line": removed.line,
        "referenced_from": places(&removed.sites),
    })
}

fn refusal(refusal: &Refusal) -> Value {
    json!({
        "reason": refusal.reason.name(),
        "path": refusal.path,
        "line": refusal.line,
        "message": refusal.reason.to_string(),
        "candidates": places(refusal.reason.candidates()),
    })
}

fn places(candidates: &[Candidate]) -> Vec<Value> {
    let place = |one: &Candidate| json!({ "path": one.path, "line": one.line, "text": one.text });
    candidates.iter().map(place).collect()
}

/// The edits of a tree, the newest first.
pub fn history(root: &str, receipts: &[Receipt], recovered: &[Recovered]) -> Value {
    let states = history::states(receipts);
    let receipt = |receipt: &Receipt| {
        let (kind, of) = match receipt.kind {
            Kind::Edit => ("edit", None),
            Kind::Undo(id) => ("undo", Some(id)),
            Kind::Redo(id) => ("redo", Some(id)),
        };
        let state = states.get(&receipt.id).map(|state| match state {
            State::Applied => "applied",
            State::Undone => "undone",
        });
        json!({
            "id": receipt.id,
            "kind": kind,
            "of": of,
            "state": state,
            "title": receipt.title,
            "time": receipt.time,
            "files": receipt.entries.iter().map(entry).collect::<Vec<_>>(),
        })
    };
    let recovered: Vec<Value> = recovered
        .iter()
        .map(|one| {
            let torn: Vec<&str> = one.torn.iter().map(|path| path.as_str()).collect();
            json!({ "title": one.title, "torn": torn })
        })
        .collect();
    json!({
        "schema": SCHEMA,
        "root": root,
        "edits": receipts.iter().rev().map(receipt).collect::<Vec<_>>(),
        "recovered": recovered,
    })
}

fn entry(entry: &Entry) -> Value {
    let action = match (&entry.before, &entry.after, &entry.from) {
        (None, _, _) => "create",
        (_, None, _) => "delete",
        (_, _, Some(_)) => "move",
        (_, _, None) => "change",
    };
    json!({
        "path": entry.path.as_str(),
        "from": entry.from.as_ref().map(|path| path.as_str()),
        "action": action,
    })
}
