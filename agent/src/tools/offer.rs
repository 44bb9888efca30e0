//! All tools and their forms, as a model is told of them. Few and short: every request carries
//! them all.

use serde_json::{Value, json};

use super::Bench;
use crate::llm::ToolSpec;
use crate::policy::Mode;

/// The names of all built-in tools but those of [`super::Knowledge`], in whatever mode they are offered.
pub(super) const NAMES: &[&str] = &[
    "read_files",
    "edit",
    "write_file",
    "delete_file",
    "rename_symbol",
    "move_symbol",
    "change_signature",
    "replace_code",
    "move_file",
    "run_command",
    "git_diff",
    "run_tests",
    "auto_fix",
    "git_commit",
    "index_codebase",
    "plan",
];

/// The tools on offer. In read-only mode those that change something are not even mentioned.
pub fn tools(bench: &Bench<'_>) -> Vec<ToolSpec> {
    let mode = bench.mode;
    let mut tools = vec![reading()];
    tools.extend(bench.knowledge.tools());
    if bench.offers_plans() {
        tools.push(super::planning::offer());
    }
    if mode != Mode::ReadOnly {
        tools.extend(changing());
    }
    tools.extend(running(mode));
    tools
}

fn reading() -> ToolSpec {
    tool(
        "read_files",
        "Read files, or lines of them. A file must be read before it is edited.",
        &["paths"],
        json!({
            "paths": { "type": "array", "items": { "type": "string" }, "description": "Relative to the root; `a.rs:10-40` for lines" },
            "start_line": { "type": "integer", "minimum": 1 },
            "end_line": { "type": "integer", "minimum": 1 },
        }),
    )
}

fn changing() -> Vec<ToolSpec> {
    let accept = json!({
        "type": "array",
        "items": { "type": "string", "enum": ["syntax", "elision", "deletion", "removals"] },
        "description": "Findings of a refusal that are meant",
    });
    let mut tools = vec![
        tool(
            "edit",
            "Replace a text that stands in one place of a file by another. Show only the lines \
             that change and what makes the place unique. All edits of one turn are one \
             transaction: make changes that belong together in one turn.",
            &["path", "old", "new"],
            json!({
                "path": { "type": "string" },
                "old": { "type": "string" },
                "new": { "type": "string" },
                "all": { "type": "boolean", "description": "Replace it everywhere in the file" },
                "line": { "type": "integer", "minimum": 1, "description": "The line it starts on, if it is in several places" },
                "accept": accept.clone(),
            }),
        ),
        tool(
            "write_file",
            "Make a new file, or give a small one new content. Use edit for changes.",
            &["path", "content"],
            json!({ "path": { "type": "string" }, "content": { "type": "string" }, "accept": accept.clone() }),
        ),
        tool(
            "delete_file",
            "Remove a file.",
            &["path"],
            json!({ "path": { "type": "string" }, "accept": accept }),
        ),
        tool(
            "move_file",
            "Give a file another path.",
            &["from", "to"],
            json!({ "from": { "type": "string" }, "to": { "type": "string" } }),
        ),
    ];
    tools.extend(refactoring());
    tools
}

/// What the graph does by itself.
fn refactoring() -> Vec<ToolSpec> {
    vec![
        tool(
            "rename_symbol",
            "Give a function, class, variable or module another name everywhere, proven by the \
             graph. Prefer it to edits of each place.",
            &["name", "new_name"],
            json!({
                "name": { "type": "string", "description": "As for symbol" },
                "new_name": { "type": "string" },
                "likely": { "type": "boolean", "description": "Change places that types suggest, too" },
                "api": { "type": "boolean", "description": "It may be used from outside of this repository" },
            }),
        ),
        tool(
            "move_symbol",
            "Move a function, class or other definition that lies directly in a file to another \
             module (Python, Rust), with the imports of all that use it. Prefer it to cutting and \
             pasting.",
            &["name", "module"],
            json!({
                "name": { "type": "string", "description": "As for symbol" },
                "module": { "type": "string", "description": "pkg.other, crate::other or a path" },
                "likely": { "type": "boolean", "description": "Move it although places may mean it that types suggest" },
                "api": { "type": "boolean", "description": "It may be used from outside of this repository" },
                "reexport": { "type": "boolean", "description": "The old module goes on offering it" },
            }),
        ),
        tool(
            "change_signature",
            "Add, remove or reorder parameters of a function (Python, Rust), with all that override \
             it and every call. Prefer it to edits of each call.",
            &["name"],
            json!({
                "name": { "type": "string", "description": "As for symbol" },
                "remove": { "type": "array", "items": { "type": "string" } },
                "order": { "type": "array", "items": { "type": "string" }, "description": "All that are given by position, in their new order" },
                "add": { "type": "array", "items": {
                    "type": "object",
                    "properties": {
                        "declaration": { "type": "string", "description": "`name: type = default`" },
                        "value": { "type": "string", "description": "What calls pass for it" },
                        "at": { "type": "integer", "minimum": 1, "description": "Its place; the last without" },
                    },
                    "required": ["declaration"],
                    "additionalProperties": false,
                } },
                "likely": { "type": "boolean", "description": "Change calls that types suggest, too" },
                "api": { "type": "boolean", "description": "It may be used from outside of this repository" },
            }),
        ),
        tool(
            "replace_code",
            "Rewrite every piece of code that has a form: `$X` stands for one node, `$$$X` for \
             several, as in `assert_eq($A, $B)` to `assert $A == $B`.",
            &["pattern", "rewrite"],
            json!({
                "pattern": { "type": "string" },
                "rewrite": { "type": "string" },
                "languages": { "type": "array", "items": { "type": "string" } },
                "paths": { "type": "array", "items": { "type": "string" }, "description": "Globs" },
            }),
        ),
    ]
}

fn running(mode: Mode) -> Vec<ToolSpec> {
    let mut tools = vec![
        tool(
            "run_command",
            "Run a shell command at the root. Commands that only look, build or test are run; \
             others need the user's approval. Files are changed by edit, not by commands.",
            &["command"],
            json!({ "command": { "type": "string" }, "timeout_s": { "type": "integer", "minimum": 1 } }),
        ),
        tool(
            "git_diff",
            "What differs from a revision, HEAD without one.",
            &[],
            json!({
                "revision": { "type": "string" },
                "paths": { "type": "array", "items": { "type": "string" } },
            }),
        ),
    ];
    if mode == Mode::ReadOnly {
        return tools;
    }
    tools.extend([
        tool(
            "run_tests",
            "Run the project's tests, or with arguments some of them.",
            &[],
            json!({ "arguments": { "type": "array", "items": { "type": "string" }, "description": "Added to the project's test command" } }),
        ),
        tool("auto_fix", "Run the project's formatter and fixer, as one edit.", &[], json!({})),
        tool(
            "git_commit",
            "Commit files, if the user asked for it.",
            &["message", "paths"],
            json!({ "message": { "type": "string" }, "paths": { "type": "array", "items": { "type": "string" } } }),
        ),
        tool("index_codebase", "Bring the index up to date. It follows edits by itself.", &[], json!({})),
    ]);
    tools
}

pub(super) fn tool(
    name: &str,
    description: &str,
    required: &[&str],
    properties: Value,
) -> ToolSpec {
    let schema = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    ToolSpec { name: name.to_owned(), description: description.to_owned(), schema }
}
