//! The file: TOML that people write and read. A key that means nothing is refused, because one that
//! is silently dropped is a step that does something else.

use std::collections::BTreeMap;

use serde_json::Value;
use toml::Table;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item};

use super::{Parameter, Step, Workflow};
use crate::tools::Arguments;

const TOP: &[&str] = &["description", "parameters", "step"];
const PARAMETER: &[&str] = &["about", "default"];
/// Keys of a step; all others are arguments of its tool.
pub(super) const STEP: &[&str] = &["tool", "note", "together", "keep_going"];
/// Arguments that stand first when a step is written; the others follow by name.
const FIRST: &[&str] = &["path", "from", "to", "command", "name", "new_name", "line", "old", "new"];

/// Reads a workflow, or says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Workflow, String> {
    let table: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    known(&table, TOP, "a workflow")?;
    let parameters = match table.get("parameters") {
        None => BTreeMap::new(),
        Some(toml::Value::Table(table)) => {
            let read = |(name, value): (&String, &toml::Value)| {
                Ok((parameter_name(name)?, parameter(name, value)?))
            };
            table.iter().map(read).collect::<Result<_, String>>()?
        }
        Some(_) => return Err("`parameters` is no table\nhint: write [parameters]".to_owned()),
    };
    let steps = match table.get("step") {
        Some(toml::Value::Array(steps)) if !steps.is_empty() => {
            steps.iter().enumerate().map(|(at, value)| step(at + 1, value))
        }
        _ => return Err("there is no step\nhint: write [[step]] and below it tool = …".to_owned()),
    };
    let steps: Vec<Step> = steps.collect::<Result<_, String>>()?;
    if steps.first().is_some_and(|step| step.together) {
        return Err("step 1: there is no step before it that it could be together with".to_owned());
    }
    let description = text_of(&table, "description")?.unwrap_or_default();
    Ok(Workflow { description, parameters, steps })
}

/// Refuses keys that mean nothing.
fn known(table: &Table, keys: &[&str], what: &str) -> Result<(), String> {
    match table.keys().find(|key| !keys.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(format!("{what} has no `{key}`\nhint: it has {}", keys.join(", "))),
    }
}

/// What can stand between `{{` and `}}`.
pub(super) fn is_parameter_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

fn parameter_name(name: &str) -> Result<String, String> {
    match is_parameter_name(name) {
        true => Ok(name.to_owned()),
        false => Err(format!(
            "`{name}` is no name of a parameter\nhint: letters, digits and `_`, no digit first"
        )),
    }
}

fn parameter(name: &str, value: &toml::Value) -> Result<Parameter, String> {
    match value {
        toml::Value::Table(table) => {
            known(table, PARAMETER, &format!("parameter `{name}`"))?;
            let default = table.get("default").map(|value| plain(name, value)).transpose()?;
            Ok(Parameter { about: text_of(table, "about")?, default })
        }
        value => Ok(Parameter { about: None, default: Some(plain(name, value)?) }),
    }
}

/// A value as it is put into a text.
fn plain(name: &str, value: &toml::Value) -> Result<String, String> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Float(number) => Ok(number.to_string()),
        toml::Value::Boolean(flag) => Ok(flag.to_string()),
        toml::Value::Datetime(_) | toml::Value::Array(_) | toml::Value::Table(_) => Err(format!(
            "parameter `{name}` is no text\nhint: {name} = \"its value\", or {name} = \
             {{ about = \"what it is\" }} for one that has to be given"
        )),
    }
}

fn text_of(table: &Table, key: &str) -> Result<Option<String>, String> {
    match table.get(key) {
        None => Ok(None),
        Some(toml::Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{key}` is no text")),
    }
}

fn step(number: usize, value: &toml::Value) -> Result<Step, String> {
    let told = |what: String| format!("step {number}: {what}");
    let toml::Value::Table(table) = value else {
        return Err(told("it is no table\nhint: write [[step]]".to_owned()));
    };
    let flag = |key: &str| match table.get(key) {
        None => Ok(false),
        Some(toml::Value::Boolean(flag)) => Ok(*flag),
        Some(_) => Err(told(format!("`{key}` is neither true nor false"))),
    };
    let tool = text_of(table, "tool").map_err(&told)?.ok_or_else(|| {
        told("it has no tool\nhint: tool = \"edit\", \"run_command\", \"run_tests\", …".to_owned())
    })?;
    let arguments = table.iter().filter(|(key, _)| !STEP.contains(&key.as_str()));
    Ok(Step {
        tool,
        note: text_of(table, "note").map_err(&told)?,
        together: flag("together")?,
        keep_going: flag("keep_going")?,
        arguments: arguments.map(|(key, value)| (key.clone(), json(value))).collect(),
    })
}

fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text.as_str()),
        toml::Value::Integer(number) => Value::from(*number),
        toml::Value::Float(number) => Value::from(*number),
        toml::Value::Boolean(flag) => Value::from(*flag),
        toml::Value::Datetime(time) => Value::from(time.to_string()),
        toml::Value::Array(values) => values.iter().map(json).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.iter().map(|(key, value)| (key.clone(), json(value))).collect())
        }
    }
}

/// Writes a workflow, with a comment for who reads it first.
pub(super) fn write(workflow: &Workflow, comment: &str) -> String {
    let mut document = DocumentMut::new();
    document["description"] = toml_edit::value(workflow.description.as_str());
    if !workflow.parameters.is_empty() {
        let mut table = toml_edit::Table::new();
        for (name, parameter) in &workflow.parameters {
            table.insert(name, written(parameter));
        }
        document["parameters"] = Item::Table(table);
    }
    let mut steps = ArrayOfTables::new();
    for step in &workflow.steps {
        steps.push(table_of(step));
    }
    document["step"] = Item::ArrayOfTables(steps);
    let comment: String = comment.lines().map(|line| format!("# {line}\n")).collect();
    format!("{comment}\n{document}")
}

fn written(parameter: &Parameter) -> Item {
    match (&parameter.about, &parameter.default) {
        (None, Some(default)) => toml_edit::value(default.as_str()),
        (about, default) => {
            let mut table = InlineTable::new();
            for (key, text) in [("about", about), ("default", default)] {
                if let Some(text) = text {
                    table.insert(key, text.as_str().into());
                }
            }
            toml_edit::value(table)
        }
    }
}

fn table_of(step: &Step) -> toml_edit::Table {
    let mut table = toml_edit::Table::new();
    table.insert("tool", toml_edit::value(step.tool.as_str()));
    if let Some(note) = &step.note {
        table.insert("note", toml_edit::value(note.as_str()));
    }
    for (key, flag) in [("together", step.together), ("keep_going", step.keep_going)] {
        if flag {
            table.insert(key, toml_edit::value(true));
        }
    }
    for (key, value) in in_order(&step.arguments) {
        if let Some(value) = toml_of(value) {
            table.insert(key, Item::Value(value));
        }
    }
    table
}

fn in_order(arguments: &Arguments) -> Vec<(&String, &Value)> {
    let mut arguments: Vec<(&String, &Value)> = arguments.iter().collect();
    let place = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    arguments.sort_by_key(|(key, _)| (place(key), (*key).clone()));
    arguments
}

/// TOML has no null; an argument that is null is one that is not given.
fn toml_of(value: &Value) -> Option<toml_edit::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(float)) => float.into(),
            (None, None) => return None,
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(values) => {
            toml_edit::Value::Array(values.iter().filter_map(toml_of).collect::<Array>())
        }
        Value::Object(map) => {
            let mut table = InlineTable::new();
            for (key, value) in map {
                if let Some(value) = toml_of(value) {
                    table.insert(key, value);
                }
            }
            toml_edit::Value::InlineTable(table)
        }
    })
}
