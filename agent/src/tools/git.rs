//! `git_diff` and `git_commit`: through git itself, with arguments that are ours.

use flux_engine::repository::harmless_git;
use serde::Deserialize;

use super::bench::{Bench, Done};
use super::process::Program;
use crate::edit::path::checked_path;

/// Arguments of `git_diff`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Diff {
    #[serde(default)]
    revision: Option<String>,
    #[serde(default)]
    paths: Vec<String>,
}

/// Arguments of `git_commit`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Commit {
    message: String,
    paths: Vec<String>,
}

impl Diff {
    pub(super) fn run(&self, bench: &Bench<'_>, tokens: usize) -> Done {
        let revision = self.revision.as_deref().unwrap_or("HEAD");
        if !is_revision(revision) {
            return Done::badly(format!("`{revision}` is no revision"));
        }
        let mut words =
            vec!["diff", "--no-ext-diff", "--no-textconv", "--no-color", revision, "--"];
        words.extend(self.paths.iter().map(String::as_str));
        match looking(bench, &words).run(bench, tokens * 3) {
            Ok(ended) if ended.is_success && ended.output.is_empty() => {
                Done::well("nothing differs; files that git does not know are not compared")
            }
            Ok(ended) if ended.is_success => Done::well(ended.output),
            Ok(ended) => Done::badly(format!("git {}\n{}", ended.how, ended.output)),
            Err(error) => Done::badly(format!("git cannot be run: {error}")),
        }
    }
}

impl Commit {
    /// The whole message, and the files.
    pub(super) fn detail(&self) -> String {
        format!("{}\n\n{}", self.message.trim_end(), self.paths.join("\n"))
    }

    pub(super) fn shown(&self) -> String {
        let first = self.message.lines().next().unwrap_or_default();
        format!("commit {} files: {first}", self.paths.len())
    }

    pub(super) fn run(&self, bench: &Bench<'_>) -> Done {
        if self.message.trim().is_empty() || self.paths.is_empty() {
            return Done::badly("a commit needs a message and the paths that it is to hold");
        }
        let mut paths = Vec::new();
        for path in &self.paths {
            match checked_path(&bench.path(path)) {
                Ok(path) => paths.push(path.as_str().to_owned()),
                Err(fault) => return Done::badly(format!("{path}: {fault}")),
            }
        }
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let add = [&["add", "--"][..], &paths].concat();
        // Hooks are the user's own and run; a model cannot skip them.
        let commit = [&["commit", "--quiet", "-m", &self.message, "--"][..], &paths].concat();
        let shown = ["log", "-1", "--oneline", "--stat"];
        for words in [&add[..], &commit] {
            match Program::new(&with_git(words)).run(bench, 3000) {
                Ok(ended) if ended.is_success => {}
                Ok(ended) => return Done::badly(format!("git {}\n{}", ended.how, ended.output)),
                Err(error) => return Done::badly(format!("git cannot be run: {error}")),
            }
        }
        match Program::new(&with_git(&shown)).run(bench, 3000) {
            Ok(ended) => Done::well(format!("committed\n{}", ended.output)),
            Err(error) => Done::badly(format!("git cannot be run: {error}")),
        }
    }
}

fn with_git<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [&["git", "-c", "core.quotePath=false"], words].concat()
}

/// Git that only looks, and runs nothing that the tree's own settings name.
pub(crate) fn looking(bench: &Bench<'_>, words: &[&str]) -> Program {
    let environment = harmless_git(&bench.tree.root);
    Program { environment, ..Program::new(&with_git(words)) }
}

/// Whether a text is a revision and no option.
fn is_revision(text: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || "_-./~^@{}:".contains(letter);
    !text.is_empty() && !text.starts_with('-') && text.chars().all(is_letter)
}
