//! A server as a configuration names it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

/// A server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// What it is called.
    pub name: String,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Variables that it gets.
    pub environment: Vec<(String, String)>,
    /// Variables with keys that it gets from the user's own.
    pub keep: Vec<String>,
    /// Its tools that are called without asking; `*` stands for all.
    pub allow: Vec<String>,
    /// Whether the user declared it, and not the tree.
    pub is_own: bool,
    time: Duration,
}

/// As it is written down.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    command: Vec<String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    keep: Vec<String>,
    #[serde(default)]
    allow: Vec<String>,
    #[serde(default)]
    timeout_s: Option<u64>,
}

/// Time that a call gets unless it is said otherwise, and the most it can get.
const USUAL_TIME: Duration = Duration::from_secs(60);
const MOST_TIME: Duration = Duration::from_secs(1800);
/// Longest name of a server, so that there is room for those of its tools.
const LONGEST_NAME: usize = 32;

impl Declared {
    /// Reads the user's own declaration of the server `name`.
    pub fn own(name: &str, value: Value) -> Result<Self, String> {
        Self::read(name, value, true)
    }

    /// Reads a tree's declaration, which can neither allow its tools nor ask for keys.
    pub fn of_tree(name: &str, value: Value) -> Result<Self, String> {
        let declared = Self::read(name, value, false)?;
        if !declared.keep.is_empty() || !declared.allow.is_empty() {
            return Err(format!(
                "the MCP server {name} is left out: `keep` and `allow` count in config.toml only"
            ));
        }
        Ok(declared)
    }

    fn read(name: &str, value: Value, is_own: bool) -> Result<Self, String> {
        let left_out = |why: String| format!("the MCP server {name} is left out: {why}");
        let written = serde_json::from_value(value).map_err(|error| left_out(error.to_string()))?;
        let Written { command, environment, keep, allow, timeout_s } = written;
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if !(1..=LONGEST_NAME).contains(&name.len()) || !name.chars().all(is_plain) {
            let why = "its name is not of 1 to 32 letters, digits and `-`";
            return Err(left_out(why.to_owned()));
        }
        if command.first().is_none_or(|word| word.trim().is_empty()) {
            return Err(left_out("its command is empty".to_owned()));
        }
        let time = timeout_s.map_or(USUAL_TIME, Duration::from_secs).min(MOST_TIME);
        let environment = environment.into_iter().collect();
        Ok(Self { name: name.to_owned(), command, environment, keep, allow, is_own, time })
    }

    /// Time that a call gets.
    pub(super) fn time(&self) -> Duration {
        self.time
    }

    /// Whether a tool is called without asking.
    pub(super) fn allows(&self, tool: &str) -> bool {
        self.allow.iter().any(|name| name == tool || name == "*")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Declared;

    #[track_caller]
    fn refused(name: &str, value: Value, expected: &str) {
        let said = Declared::of_tree(name, value).err().unwrap_or_default();
        assert!(said.contains(expected), "{said}");
    }

    #[test]
    fn a_declaration_that_is_wrong_says_how() {
        refused("x", json!({ "command": [] }), "command is empty");
        refused("x", json!({ "command": "x" }), "invalid type");
        refused("x", json!({ "url": "http://x" }), "unknown field `url`");
        refused("x y", json!({ "command": ["x"] }), "its name");
        refused("x", json!({ "command": ["x"], "allow": ["*"] }), "config.toml only");
        refused("x", json!({ "command": ["x"], "keep": ["TOKEN"] }), "config.toml only");
    }

    #[test]
    fn tools_are_allowed_by_name_or_all() {
        let own =
            |allow: Value| Declared::own("x", json!({ "command": ["x"], "allow": allow })).unwrap();
        assert!(own(json!(["a"])).allows("a") && !own(json!(["a"])).allows("b"));
        assert!(own(json!(["*"])).allows("b") && !own(json!([])).allows("b"));
    }
}
