//! From a workflow and values to calls: `{{name}}` is put in place, and what a tool would refuse is
//! refused before anything runs.
//!
//! Only names of parameters are replaced. Code is full of double braces, and `{{ x }}` of a template
//! must come out as it went in.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::format::{STEP, is_parameter_name};
use super::{Step, Workflow, WorkflowError};
use crate::llm::ToolSpec;
use crate::tools::Arguments;

/// Steps that can run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filled {
    /// The steps, without parameters.
    pub steps: Vec<Step>,
    /// What looks like a parameter and is none.
    pub notes: Vec<String>,
}

/// Puts `values` in the place of parameters, and checks each step against the form of its tool.
pub fn fill(
    workflow: &Workflow,
    values: &BTreeMap<String, String>,
    tools: &[ToolSpec],
) -> Result<Filled, WorkflowError> {
    let values = check_values(workflow, values)?;
    let mut strange = BTreeSet::new();
    let mut steps = Vec::new();
    for (at, step) in workflow.steps.iter().enumerate() {
        let told = |what: String| WorkflowError::Use(format!("step {}: {what}", at + 1));
        let schema = checked(step, tools).map_err(told)?;
        let mut arguments = Arguments::new();
        for (key, value) in &step.arguments {
            let kind = schema["properties"][key]["type"].as_str().unwrap_or_default();
            let value = typed(value, kind, &values)
                .map_err(|what| told(format!("`{key}` {what}")))?
                .unwrap_or_else(|| replaced(value, &values, &mut strange));
            arguments.insert(key.clone(), value);
        }
        steps.push(Step { arguments, ..step.clone() });
    }
    let note = |name: String| format!("`{{{{{name}}}}}` is no parameter and stays as it is");
    Ok(Filled { steps, notes: strange.into_iter().map(note).collect() })
}

/// The value of each parameter, if all have one and nothing else is given one.
pub fn check_values(
    workflow: &Workflow,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, WorkflowError> {
    let names: Vec<&str> = workflow.parameters.keys().map(String::as_str).collect();
    if let Some(name) = given.keys().find(|name| !workflow.parameters.contains_key(*name)) {
        let hint = match names.is_empty() {
            true => "it has no parameters".to_owned(),
            false => format!("it has {}", names.join(", ")),
        };
        return Err(WorkflowError::Use(format!("there is no parameter `{name}`\nhint: {hint}")));
    }
    let mut values = BTreeMap::new();
    for (name, parameter) in &workflow.parameters {
        let Some(value) = given.get(name).or(parameter.default.as_ref()) else {
            let about = parameter.about.as_ref().map(|about| format!(" ({about})"));
            let about = about.unwrap_or_default();
            let text = format!("`{name}`{about} has no value\nhint: {name}=VALUE");
            return Err(WorkflowError::Use(text));
        };
        values.insert(name.clone(), value.clone());
    }
    Ok(values)
}

/// The form of a step's arguments, if the tool is there and takes them.
fn checked<'a>(step: &Step, tools: &'a [ToolSpec]) -> Result<&'a Value, String> {
    let Some(tool) = tools.iter().find(|tool| tool.name == step.tool) else {
        let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
        return Err(format!("there is no tool `{}`\nhint: {}", step.tool, names.join(", ")));
    };
    let properties = tool.schema["properties"].as_object();
    // Tools that others declare may take what they do not list.
    let is_closed = tool.schema["additionalProperties"] == false;
    let is_known = |key: &String| properties.is_some_and(|all| all.contains_key(key));
    if let Some(key) = step.arguments.keys().find(|key| is_closed && !is_known(key)) {
        let names: Vec<&str> =
            properties.into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        let takes = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        return Err(format!(
            "`{}` takes no `{key}`\nhint: it takes {takes}; a step has {} besides",
            step.tool,
            STEP.join(", ")
        ));
    }
    let required = tool.schema["required"].as_array().into_iter().flatten();
    let missing = required.filter_map(Value::as_str).find(|key| !step.arguments.contains_key(*key));
    match missing {
        Some(key) => Err(format!("`{}` needs `{key}`", step.tool)),
        None => Ok(&tool.schema),
    }
}

/// The value of an argument that is one parameter and no text.
fn typed(
    value: &Value,
    kind: &str,
    values: &BTreeMap<String, String>,
) -> Result<Option<Value>, String> {
    let name = value.as_str().and_then(|text| text.strip_prefix("{{")?.strip_suffix("}}"));
    let Some(text) = name.and_then(|name| values.get(name)) else { return Ok(None) };
    match kind {
        "integer" | "number" | "boolean" => {
            let parsed = serde_json::from_str::<Value>(text).ok();
            let is_right = |value: &Value| match kind {
                "integer" => value.is_i64() || value.is_u64(),
                "number" => value.is_number(),
                _ => value.is_boolean(),
            };
            let wrong = || format!("is to be a {kind}, and `{text}` is none");
            parsed.filter(is_right).map(Some).ok_or_else(wrong)
        }
        _ => Ok(None),
    }
}

fn replaced(
    value: &Value,
    values: &BTreeMap<String, String>,
    strange: &mut BTreeSet<String>,
) -> Value {
    match value {
        Value::String(text) => Value::String(put(text, values, strange)),
        Value::Array(all) => all.iter().map(|one| replaced(one, values, strange)).collect(),
        Value::Object(map) => {
            let one =
                |(key, value): (&String, &Value)| (key.clone(), replaced(value, values, strange));
            Value::Object(map.iter().map(one).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// A text with its parameters in place. In one pass: a value that looks like a parameter is a value.
fn put(text: &str, values: &BTreeMap<String, String>, strange: &mut BTreeSet<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let inside = &rest[start + 2..];
        let name = inside.find("}}").map(|end| &inside[..end]);
        match name.and_then(|name| Some((name, values.get(name)?))) {
            Some((name, value)) => {
                filled.push_str(&rest[..start]);
                filled.push_str(value);
                rest = &inside[name.len() + 2..];
            }
            None => {
                strange.extend(name.filter(|name| is_parameter_name(name)).map(str::to_owned));
                // One brace at a time: in `{{{name}}` the parameter begins with the second.
                filled.push_str(&rest[..=start]);
                rest = &rest[start + 1..];
            }
        }
    }
    filled.push_str(rest);
    filled
}
