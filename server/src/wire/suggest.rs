//! Suggestions, and what was learned, as JSON.

use flux_agent::learn::{Learned, Runs};
use flux_agent::suggest::{Place, Suggestions, Unseen};
use serde_json::{Map, Value, json};

use super::SCHEMA;

/// What is suggested.
pub fn suggestions(root: &str, found: &Suggestions) -> Value {
    let companions = found.companions.iter().map(|one| {
        let (path, with) = (one.path.as_str(), one.with.as_str());
        json!({ "path": path, "with": with, "together": one.together, "of": one.of })
    });
    let tests =
        found.tests.iter().map(|one| json!({ "path": one.path.as_str(), "tests": one.tests }));
    let warnings = found.warnings.iter().map(|one| {
        let (runs, failed) = (one.runs.runs, one.runs.failed);
        json!({ "path": one.path, "check": one.check, "runs": runs, "failed": failed })
    });
    let changed: Vec<&str> = found.changed.iter().map(|path| path.as_str()).collect();
    json!({
        "schema": SCHEMA, "root": root, "changed": changed,
        "companions": companions.collect::<Vec<_>>(),
        "unseen": found.unseen.iter().map(unseen).collect::<Vec<_>>(),
        "tests": tests.collect::<Vec<_>>(),
        "warnings": warnings.collect::<Vec<_>>(),
        "usual_check": found.check.as_ref().map(|(command, of)| run(command, *of)),
        "not_seen": found.notes,
    })
}

fn unseen(one: &Unseen) -> Value {
    let place = |place: &Place| {
        json!({
            "path": place.path.as_str(), "line": place.line, "within": place.within,
            "likely": place.is_likely,
        })
    };
    json!({
        "path": one.path.as_str(), "line": one.line, "name": one.name, "kind": one.kind.as_str(),
        "change": one.change.as_str(), "places": one.places.iter().map(place).collect::<Vec<_>>(),
    })
}

fn run(command: &str, of: Runs) -> Value {
    json!({ "command": command, "runs": of.runs, "failed": of.failed, "last": of.last })
}

/// All that was learned, and where it lies.
pub fn learned(root: &str, file: &str, is_on: bool, learned: &Learned) -> Value {
    let queries = learned.queries.iter().map(|(query, known)| {
        let used = known.used.iter();
        let used = used
            .map(|(path, used)| json!({ "path": path, "read": used.read, "edited": used.edited }));
        json!({ "query": query, "last": known.last, "used": used.collect::<Vec<_>>() })
    });
    let checks = learned.checks.iter().map(|(path, checks)| {
        let checks: Vec<Value> = checks.iter().map(|(check, of)| run(check, *of)).collect();
        (path.clone(), Value::Array(checks))
    });
    let commands = learned.commands.iter().map(|(command, of)| run(command, *of));
    json!({
        "schema": SCHEMA, "root": root, "file": file, "enabled": is_on,
        "queries": queries.collect::<Vec<_>>(),
        "checks": Value::Object(checks.collect::<Map<_, _>>()),
        "commands": commands.collect::<Vec<_>>(),
        "warnings": { "given": learned.warned.given, "right": learned.warned.right },
    })
}
