//! A call in a few words, from its name and arguments alone: for what is shown without a tree at
//! hand, as a session shown again or a workflow.

use serde_json::Value;

use super::Arguments;

/// Arguments that say what a call is about, the most telling first.
const TELLING: &[&str] = &[
    "command",
    "path",
    "paths",
    "from",
    "name",
    "query",
    "target",
    "task",
    "message",
    "arguments",
];
/// Arguments that say what becomes of it.
const BECOMES: &[&str] = &["to", "new_name"];
/// Characters that are shown of each.
const SHOWN: usize = 120;

/// A call in a few words, on one line.
pub fn described(tool: &str, arguments: &Arguments) -> String {
    let first = |keys: &[&str]| keys.iter().find_map(|key| text(arguments.get(*key)?));
    let mut words = tool.to_owned();
    if let Some(about) = first(TELLING) {
        words.push_str(&format!(" {about}"));
    }
    if let Some(becomes) = first(BECOMES) {
        words.push_str(&format!(" → {becomes}"));
    }
    words
}

fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            texts.join(" ")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    let line = text.lines().next().unwrap_or_default();
    let shown: String = line.chars().take(SHOWN).collect();
    let is_cut = shown.len() < text.trim_end().len();
    (!shown.is_empty()).then(|| if is_cut { format!("{shown}…") } else { shown })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::described;

    #[track_caller]
    fn check(tool: &str, arguments: serde_json::Value, expected: &str) {
        assert_eq!(described(tool, arguments.as_object().unwrap()), expected);
    }

    #[test]
    fn a_call_is_told_by_what_it_is_about() {
        check("edit", json!({ "path": "a.py", "old": "x", "new": "y" }), "edit a.py");
        check("read_files", json!({ "paths": ["a", "b:1-2"] }), "read_files a b:1-2");
        let rename = json!({ "name": "a", "new_name": "b" });
        check("rename_symbol", rename, "rename_symbol a → b");
        check("run_command", json!({ "command": "ls\nrm x" }), "run_command ls…");
        check("auto_fix", json!({}), "auto_fix");
    }
}
