//! The tools, their schemas and what is said of them.

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Value, json};

/// All tools, in the order in which clients show them.
pub(crate) fn all() -> Vec<Tool> {
    vec![
        tool(
            "search_code",
            "Search code",
            "Find code in this repository by meaning, name, \"literal text\" (in double quotes) or \
             /regex/ (in slashes). Returns the best places first, with their text. Prefer it to \
             grep and to listing files.",
            &["query"],
            json!({
                "query": { "type": "string", "description": "Plain words, a symbol, \"literal\" or /regex/" },
                "path": texts("Only files that match these globs or lie in these folders; ! in front leaves out"),
                "lang": texts("Only files in these languages"),
                "tests": { "type": "string", "enum": ["include", "only", "exclude"] },
                "limit": { "type": "integer", "minimum": 1, "maximum": 100, "description": "Most results, 10 without it" },
            }),
        ),
        tool(
            "symbol",
            "Look up a symbol",
            "Where a function, class, method, constant or module is defined, and from the resolved \
             graph: who refers to it, who calls it, what it calls, its supertypes and subtypes, or \
             how it reaches another symbol.",
            &["name"],
            json!({
                "name": { "type": "string", "description": "As in code (Class.method, module::function), path:line, or the path of a file" },
                "show": {
                    "type": "string",
                    "enum": ["definition", "references", "callers", "callees", "hierarchy", "imports", "path"],
                    "description": "What to tell of it; definition without it. imports is for files, path needs `to`",
                },
                "to": { "type": "string", "description": "With show=path: the symbol to reach" },
            }),
        ),
        tool(
            "impact",
            "What a change can touch",
            "Every caller, subtype, override and test that a change of a symbol or file can touch, \
             the riskiest first, with the way that leads there. Call it before editing a signature \
             or removing something, or with diff after editing.",
            &[],
            json!({
                "target": { "type": "string", "description": "The symbol or file that is to change" },
                "diff": { "type": "string", "description": "Instead of target: what changed in the work tree since this revision, such as HEAD" },
                "depth": { "type": "integer", "minimum": 1, "maximum": 20, "description": "Steps to follow, 3 without it" },
                "tests_only": { "type": "boolean", "description": "List only the tests to run" },
            }),
        ),
        tool(
            "context",
            "Gather what a task needs",
            "Everything worth reading for one task or question, within a token budget: the functions \
             that matter with what they call, who calls them and their tests, signatures where bodies \
             do not fit, and a list of what was left out. One call instead of many reads.",
            &["task"],
            json!({
                "task": { "type": "string", "description": "The task or question, as you would tell a colleague" },
                "budget": { "type": "integer", "minimum": 100, "description": "Most tokens, 2800 without it" },
                "path": texts("Only files that match these globs or lie in these folders; ! in front leaves out"),
                "tests": { "type": "string", "enum": ["include", "only", "exclude"] },
                "have": { "type": "array", "items": { "type": "string" }, "description": "What you have read already, as path:first-last lines" },
            }),
        ),
        tool(
            "get_suggestions",
            "What goes with a change",
            "After editing: files that usually change with those that are changed, callers of changed \
             signatures in files that are not, tests of what changed, checks that often fail then.",
            &[],
            json!({ "files": texts("Ask of these files instead of what differs from HEAD") }),
        ),
        tool(
            "status",
            "State of the index",
            "Whether the index is ready and fresh, what it holds, and what it leaves out.",
            &[],
            json!({}),
        ),
    ]
}

fn texts(description: &str) -> Value {
    json!({
        "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
        "description": description,
    })
}

fn tool(
    name: &'static str,
    title: &'static str,
    description: &'static str,
    required: &[&str],
    mut properties: Value,
) -> Tool {
    let is_paged = !matches!(name, "status" | "context");
    if is_paged && let Some(properties) = properties.as_object_mut() {
        properties.insert(
            "max_tokens".into(),
            json!({ "type": "integer", "minimum": 100, "description": "Largest reply, 2800 without it" }),
        );
        properties.insert(
            "cursor".into(),
            json!({ "type": "string", "description": "From the end of an earlier reply, for what follows" }),
        );
    }
    let schema = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    let schema: JsonObject = schema.as_object().cloned().unwrap_or_default();
    let mut tool = Tool::new(name, description, schema);
    tool.title = Some(title.to_owned());
    let annotations = ToolAnnotations::with_title(title).read_only(true).destructive(false);
    tool.annotations = Some(annotations.idempotent(true).open_world(false));
    tool
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn every_tool_is_read_only_and_refuses_unknown_arguments() {
        for tool in all() {
            let annotations = tool.annotations.unwrap();
            assert_eq!(annotations.read_only_hint, Some(true), "{}", tool.name);
            assert_eq!(annotations.open_world_hint, Some(false), "{}", tool.name);
            assert_eq!(tool.input_schema["additionalProperties"], false, "{}", tool.name);
        }
    }

    #[test]
    fn the_tools_cost_little_to_list() {
        let bytes = serde_json::to_string(&all()).unwrap().len();
        assert!(bytes < 6000, "{bytes} bytes");
    }
}
