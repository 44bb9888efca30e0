//! From what a model did to what is to be counted. It sees finished exchanges only, as they are in
//! the transcript.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::llm::{Answered, Call, Exchange, Unit};
use crate::policy::secrets::redacted;
use crate::policy::{CommandPolicy, Effect};
use crate::tools::Arguments;

/// Something to count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A result of a search was used.
    Used {
        /// The search.
        query: String,
        /// The file.
        path: String,
        /// How.
        how: How,
    },
    /// A check was run.
    Checked {
        /// Its command line.
        check: String,
        /// Whether it failed.
        failed: bool,
        /// Files that were edited since it was run last.
        after: Vec<String>,
    },
    /// A command that does more than look was run.
    Ran {
        /// Its line.
        command: String,
        /// Whether it failed.
        failed: bool,
    },
}

/// How a result was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It was read.
    Read,
    /// It was edited.
    Edited,
}

/// Follows a conversation.
#[derive(Clone, Debug, Default)]
pub struct Observer {
    /// The last search, with the files that it found and that were not used yet.
    search: Option<(String, BTreeSet<(String, bool)>)>,
    edited: Vec<String>,
    /// For each check, how many of the edits it has seen.
    seen: BTreeMap<String, usize>,
    facts: Vec<Fact>,
}

/// Longest text that is kept.
const LONGEST: usize = 300;

impl Observer {
    /// Sees what was said.
    pub fn see(&mut self, unit: &Unit) {
        match unit {
            // Another prompt is about something else.
            Unit::User { .. } => self.search = None,
            Unit::Note { .. } => {}
            Unit::Exchange(exchange) => self.exchange(exchange),
        }
    }

    /// What is to be counted since this was asked last.
    pub fn take(&mut self) -> Vec<Fact> {
        std::mem::take(&mut self.facts)
    }

    fn exchange(&mut self, exchange: &Exchange) {
        for (call, answered) in exchange.answered() {
            self.call(call, answered);
        }
    }

    /// Sees a call with its result.
    pub fn call(&mut self, call: &Call, answered: &Answered) {
        let Ok(arguments) = call.object() else { return };
        let text = |key: &str| arguments.get(key).and_then(Value::as_str);
        match call.name.as_str() {
            "search_code" | "context" if !answered.is_error => {
                let query = text("query").or(text("task")).map(kept);
                self.search = query.map(|query| (query, found(&answered.text)));
            }
            "read_files" => {
                for path in paths(&arguments) {
                    self.used(&path, How::Read);
                }
            }
            "edit" | "write_file" | "delete_file" | "move_file" if !answered.is_error => {
                for path in ["path", "from", "to"].into_iter().filter_map(text) {
                    let path = plain(path);
                    self.used(&path, How::Edited);
                    self.edited.push(path);
                }
            }
            "run_tests" => self.ran(answered, true),
            "run_command" => {
                match text("command").map(|line| CommandPolicy::default().effect(line)) {
                    Some(Effect::Builds) => self.ran(answered, true),
                    Some(Effect::Unknown(_)) => self.ran(answered, false),
                    Some(Effect::Looks | Effect::Forbidden(_)) | None => {}
                }
            }
            _ => {}
        }
    }

    fn used(&mut self, path: &str, how: How) {
        let Some((query, found)) = &mut self.search else { return };
        // Each file counts once for a search, as read and as edited.
        if found.remove(&(path.to_owned(), how == How::Edited)) {
            let (query, path) = (query.clone(), path.to_owned());
            self.facts.push(Fact::Used { query, path, how });
        }
    }

    fn ran(&mut self, answered: &Answered, is_check: bool) {
        let Some(command) = command_of(&answered.text) else { return };
        let failed = answered.is_error;
        if is_check {
            let seen = self.seen.insert(command.clone(), self.edited.len()).unwrap_or_default();
            let after: BTreeSet<&String> = self.edited[seen..].iter().collect();
            let after = after.into_iter().cloned().collect();
            self.facts.push(Fact::Checked { check: command.clone(), failed, after });
        }
        self.facts.push(Fact::Ran { command, failed });
    }
}

/// The command line that a result is of, if it was run to its end: `` [`pytest -q` ended well] ``.
fn command_of(text: &str) -> Option<String> {
    let (command, how) = text.strip_prefix("[`")?.split_once("` ")?;
    // The project's own commands are lines for a shell.
    let command = command.strip_prefix("sh -c ").unwrap_or(command);
    how.starts_with("ended").then(|| kept(command))
}

/// A text as it is kept: without secrets, and not long.
fn kept(text: &str) -> String {
    let (text, _) = redacted(text.trim());
    text.chars().take(LONGEST).collect()
}

fn plain(path: &str) -> String {
    path.strip_prefix("./").unwrap_or(path).to_owned()
}

fn paths(arguments: &Arguments) -> Vec<String> {
    let paths = arguments.get("paths").and_then(Value::as_array).into_iter().flatten();
    let paths = paths.filter_map(Value::as_str).map(|path| {
        let is_span = |span: &str| span.chars().all(|l| l.is_ascii_digit() || l == '-');
        plain(
            path.rsplit_once(':').filter(|(_, span)| is_span(span)).map_or(path, |(path, _)| path),
        )
    });
    paths.collect()
}

/// The files that the lines of an answer begin with, each to be read and to be edited once.
fn found(text: &str) -> BTreeSet<(String, bool)> {
    let path = |line: &str| {
        let (path, rest) = line.split_once(':')?;
        let is_place = rest.starts_with(|letter: char| letter.is_ascii_digit());
        (is_place && !path.is_empty() && !path.contains(' ')).then(|| path.to_owned())
    };
    // A pack puts a place into a heading.
    let lines = text.lines().map(|line| line.trim_start_matches(['#', ' ', '`']));
    lines.filter_map(path).flat_map(|path| [(path.clone(), false), (path, true)]).collect()
}
