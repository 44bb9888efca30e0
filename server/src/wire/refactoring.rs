//! Refactorings as JSON: what they change and what they leave alone. The plan itself is an edit's.

use flux_agent::refactor::{Place, Rename};
use serde_json::{Value, json};

/// A rename.
pub fn rename(rename: &Rename) -> Value {
    let definitions: Vec<Value> = rename
        .definitions
        .iter()
        .map(|one| {
            json!({
                "name": one.qualified_name,
                "kind": one.kind.as_str(),
                "path": one.path.as_str(),
                "line": one.name_line,
            })
        })
        .collect();
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

fn place(place: &Place) -> Value {
    json!({
        "path": place.path.as_str(),
        "line": place.shown.line,
        "text": place.shown.text,
        "certainty": place.certainty.as_str(),
        "in": place.word.role.as_str(),
    })
}
