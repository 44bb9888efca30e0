//! Workflows as JSON.

use flux_agent::workflow::{Report, Step, Workflow, WorkflowError};
use serde_json::{Value, json};

use super::SCHEMA;

/// The workflows of a tree; of one that cannot be read, why.
pub fn list(workflows: &[(&str, Result<Workflow, WorkflowError>)]) -> Value {
    let one = |(name, workflow): &(&str, Result<Workflow, WorkflowError>)| match workflow {
        Err(error) => json!({ "name": name, "error": error.to_string() }),
        Ok(workflow) => {
            let parameters = workflow.parameters.iter().map(|(name, parameter)| {
                let (about, default) = (&parameter.about, &parameter.default);
                (name.clone(), json!({ "about": about, "default": default }))
            });
            json!({
                "name": name, "description": workflow.description,
                "steps": workflow.steps.len(),
                "parameters": Value::Object(parameters.collect()),
            })
        }
    };
    let listed: Vec<Value> = workflows.iter().map(one).collect();
    json!({ "schema": SCHEMA, "workflows": listed })
}

/// The steps that a run would take.
pub fn steps(name: &str, steps: &[Step], notes: &[String]) -> Value {
    let one = |step: &Step| {
        json!({
            "tool": step.tool, "note": step.note, "together": step.together,
            "keep_going": step.keep_going, "arguments": step.arguments,
        })
    };
    let listed: Vec<Value> = steps.iter().map(one).collect();
    json!({ "schema": SCHEMA, "workflow": name, "steps": listed, "notes": notes })
}

/// How a run ended.
pub fn ended(name: &str, report: &Report) -> Value {
    let failed = report.failed.iter().map(|(step, text)| json!({ "step": step, "text": text }));
    json!({
        "event": "ended", "workflow": name, "done": report.done,
        "failed": failed.collect::<Vec<_>>(), "stopped": report.is_stopped,
        "edits": report.edits, "taken_back": report.taken_back,
        "stuck": report.stuck,
    })
}
