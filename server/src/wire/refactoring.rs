//! Refactorings as JSON: what they change and what they leave alone. The plan itself is an edit's.

use flux_agent::edit::refusal::Candidate;
use flux_agent::refactor::{Moved, Place, Rename, Signature};
use flux_engine::query::graph::Described;
use serde_json::{Value, json};

/// A rename.
pub fn rename(rename: &Rename) -> Value {
    let definitions: Vec<Value> = rename.definitions.iter().map(definition).collect();
    json!({
        "kind": "rename",
        "old": rename.old,
        "new": rename.new,
        "definitions": definitions,
        "places": rename.places.iter().map(place).collect::<Vec<_>>(),
        "unproven": rename.unproven.iter().map(place).collect::<Vec<_>>(),
        "impact": { "code": rename.touched.0, "tests": rename.touched.1 },
    })
}

/// A move.
pub fn moved(moved: &Moved) -> Value {
    let all = |list: &[Candidate]| list.iter().map(shown).collect::<Vec<_>>();
    json!({
        "kind": "move",
        "name": moved.name,
        "from": moved.from,
        "to": moved.to,
        "creates": moved.is_created,
        "definitions": moved.definitions.iter().map(definition).collect::<Vec<_>>(),
        "uses": all(&moved.uses),
        "imports": moved.imports,
        "widened": all(&moved.widened),
        "unproven": all(&moved.unproven),
    })
}

/// A change of a signature.
pub fn signature(signature: &Signature) -> Value {
    json!({
        "kind": "signature",
        "name": signature.name,
        "old": signature.parameters.0,
        "new": signature.parameters.1,
        "definitions": signature.definitions.iter().map(definition).collect::<Vec<_>>(),
        "calls": signature.changed.iter().map(shown).collect::<Vec<_>>(),
        "kept": signature.kept,
        "unproven": signature.unproven.iter().map(shown).collect::<Vec<_>>(),
    })
}

fn shown(at: &Candidate) -> Value {
    json!({ "path": at.path, "line": at.line, "text": at.text })
}

fn definition(one: &Described) -> Value {
    json!({
        "name": one.qualified_name,
        "kind": one.kind.as_str(),
        "path": one.path.as_str(),
        "line": one.name_line,
    })
}

fn place(place: &Place) -> Value {
    json!({
        "path": place.path.as_str(),
        "line": place.shown.line,
        "text": place.shown.text,
        "certainty": place.certainty.as_str(),
        "in": place.word.role.as_str(),
    })
}
