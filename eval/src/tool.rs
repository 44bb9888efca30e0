//! Asking the `flux` binary, and reading what it prints.
//!
//! Questions go in one per line; answers come out one JSON object per line, in any order, and are
//! matched by their text. A question that was not answered is an error of that question only.

use std::collections::{BTreeMap, VecDeque};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::metrics::Found;
use crate::suite::{Lines, Repository, one_line};

/// Results asked for and scored; all metrics look at ten.
const LIMIT: &str = "10";
/// Results asked for when one question is explained: enough to say how far away a target is.
const EXPLAIN_LIMIT: &str = "100";

/// The results of one question, or why there are none.
pub(crate) type Answer = Result<Vec<Found>, String>;

#[derive(Deserialize)]
struct AnswerLine {
    query: String,
    results: Vec<ResultLine>,
    /// Why the question could not be answered; a batch goes on after it.
    error: Option<String>,
}

/// What is read of a result; all else is for people.
#[derive(Clone, Deserialize)]
pub(crate) struct ResultLine {
    path: String,
    start_line: Option<u32>,
    end_line: Option<u32>,
}

/// Asks all questions of a repository in one process. Answers are in the order of the questions.
pub(crate) fn ask_all(flux: &Path, repository: &Repository) -> anyhow::Result<Vec<Answer>> {
    let root = std::path::absolute(repository.search_root())?;
    ensure!(root.is_dir(), "the corpus lacks {}", root.display());
    let mut command = Command::new(flux);
    command.args(["search", "--batch", "--json", "--limit", LIMIT]).arg(&root);
    let lines = repository.questions.iter().map(|question| format!("{}\n", question.query));
    let output = feed(command, lines.collect())?;
    let printed = String::from_utf8_lossy(&output.stdout);
    Ok(match_answers(repository, &printed))
}

/// Asks one question and returns every result with whatever the tool says about it.
pub(crate) fn explain(
    flux: &Path,
    repository: &Repository,
    query: &str,
) -> anyhow::Result<Vec<(Found, Value)>> {
    let root = std::path::absolute(repository.search_root())?;
    let mut command = Command::new(flux);
    command.args(["search", "--batch", "--json", "--explain", "--limit", EXPLAIN_LIMIT]).arg(&root);
    let output = feed(command, format!("{query}\n"))?;
    let mut answer: Value = serde_json::from_slice(&output.stdout).context("unreadable answer")?;
    let results = answer["results"].as_array_mut().context("an answer without results")?;
    std::mem::take(results)
        .into_iter()
        .map(|value| Ok((found(ResultLine::deserialize(&value)?, repository), value)))
        .collect()
}

/// Runs a command on some input. Exit code 1 means that nothing was found, which is an answer.
fn feed(mut command: Command, input: String) -> anyhow::Result<Output> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command.spawn().with_context(|| format!("cannot run `{name}`"))?;
    let mut stdin = child.stdin.take().context("the tool has no standard input")?;
    // A tool may answer before it has read everything; writing beside reading avoids a deadlock.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output()?;
    let written = writer.join();
    let code = output.status.code();
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(matches!(code, Some(0 | 1)), "`{name}` ended with {}: {complaint}", output.status);
    written.ok().context("the writer panicked")?.context("the tool did not read its questions")?;
    Ok(output)
}

fn match_answers(repository: &Repository, printed: &str) -> Vec<Answer> {
    let questions = &repository.questions;
    let mut answers: Vec<Answer> = vec![Err("no answer".to_owned()); questions.len()];
    let mut waiting: BTreeMap<&str, VecDeque<usize>> = BTreeMap::new();
    for (index, question) in questions.iter().enumerate() {
        waiting.entry(&question.query).or_default().push_back(index);
    }
    for line in printed.lines() {
        // Lines that are no answers are talk.
        let Ok(answer) = serde_json::from_str::<AnswerLine>(line) else { continue };
        let queue = waiting.get_mut(one_line(&answer.query).as_str());
        let Some(index) = queue.and_then(VecDeque::pop_front) else { continue };
        let results = answer.results.into_iter().map(|one| found(one, repository));
        answers[index] = match answer.error {
            Some(error) => Err(error),
            None => Ok(results.collect()),
        };
    }
    answers
}

fn found(line: ResultLine, repository: &Repository) -> Found {
    let lines = line.start_line.map(|start| Lines { start, end: line.end_line.unwrap_or(start) });
    Found { path: relative_path(&line.path, repository), lines }
}

/// A printed path, relative to the searched folder. Tools print paths relative to that folder or
/// to the export, or absolute ones; the ambiguous is decided by which file exists.
fn relative_path(printed: &str, repository: &Repository) -> String {
    let path = printed.replace('\\', "/");
    let path = path.trim_start_matches("./");
    let root = repository.search_root();
    let absolute_root = root.canonicalize().unwrap_or_else(|_| root.clone());
    for base in [&absolute_root, &root] {
        if let Ok(inside) = Path::new(path).strip_prefix(base) {
            return inside.to_string_lossy().into_owned();
        }
    }
    let inside_root = path.strip_prefix(&format!("{}/", repository.root));
    let is_of_export = repository.folder.join(path).exists() || !root.join(path).exists();
    match inside_root {
        Some(inside) if !repository.root.is_empty() && is_of_export => inside.to_owned(),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests;
