//! Running `flux` against one tree and one index, and asking it the questions whose answers must
//! not depend on how the index came about.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;

/// Ranked and exact questions that nearly every repository has answers for.
const QUESTIONS: &[&[&str]] = &[
    &["parse the configuration file"],
    &["error handling"],
    &["new"],
    &["where are files read"],
    &["test fixture setup", "--tests"],
    &["-F", "return"],
    &["-e", r"\bfn \w+|def \w+"],
];

/// A binary, a tree and an index.
#[derive(Clone, Debug)]
pub(super) struct Tool {
    pub(super) flux: PathBuf,
    pub(super) tree: PathBuf,
    pub(super) index: PathBuf,
}

impl Tool {
    /// The same with another index.
    pub(super) fn with_index(&self, index: PathBuf) -> Self {
        Self { index, ..self.clone() }
    }

    /// `flux COMMAND` in the tree, not yet started.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.flux);
        command.args(arguments).arg("--quiet").arg("--index-dir").arg(&self.index);
        command.current_dir(&self.tree);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs `flux COMMAND`.
    pub(super) fn run(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        let output = self.command(arguments).output();
        output.with_context(|| format!("cannot run {}", self.flux.display()))
    }

    /// Starts `flux index`.
    pub(super) fn start_index(&self) -> anyhow::Result<Child> {
        let child = self.command(&["index"]).spawn();
        child.with_context(|| format!("cannot run {}", self.flux.display()))
    }

    /// Runs `flux index` to its end.
    pub(super) fn index(&self) -> anyhow::Result<()> {
        let output = self.run(&["index"])?;
        ensure!(output.status.success(), "flux index failed: {}", talk(&output));
        Ok(())
    }

    /// What `flux verify` complains about; nothing when all is well.
    pub(super) fn verify(&self) -> anyhow::Result<Option<String>> {
        let output = self.run(&["verify"])?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok((!output.status.success()).then(|| said + &talk(&output)))
    }

    /// The answers to all questions, without looking at the tree for changes.
    pub(super) fn answers(&self) -> anyhow::Result<Vec<Value>> {
        QUESTIONS.iter().map(|question| self.answer(question)).collect()
    }

    fn answer(&self, question: &[&str]) -> anyhow::Result<Value> {
        let mut arguments = vec!["search", "--json", "--no-refresh"];
        arguments.extend(question);
        let output = self.run(&arguments)?;
        let code = output.status.code();
        ensure!(matches!(code, Some(0 | 1)), "{question:?} ended with {code:?}: {}", talk(&output));
        ensure!(output.stderr.is_empty(), "{question:?} was answered with: {}", talk(&output));
        let mut answer: Value = serde_json::from_slice(&output.stdout).context("no JSON")?;
        if let Some(fields) = answer.as_object_mut() {
            fields.remove("freshness");
        }
        Ok(answer)
    }

    /// Whether a search says that there is no index, and nothing else.
    pub(super) fn has_no_index(&self) -> anyhow::Result<bool> {
        let output = self.run(&["search", "--no-refresh", "new"])?;
        Ok(output.status.code() == Some(3) && output.stdout.is_empty())
    }
}

/// What a process wrote to standard error, on one line.
pub(super) fn talk(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().replace('\n', " / ")
}

/// Where two lists of answers differ first, for people.
pub(super) fn difference(left: &[Value], right: &[Value]) -> Option<String> {
    let pair = left.iter().zip(right).find(|(left, right)| left != right)?;
    let fields = pair.0.as_object()?;
    let field = fields.iter().find(|(name, value)| pair.1.get(name.as_str()) != Some(value));
    let (name, value) = field?;
    let query = &pair.0["query"];
    let cut = |value: &Value| value.to_string().chars().take(300).collect::<String>();
    Some(format!("{query}, {name}: {} / {}", cut(value), cut(&pair.1[name.as_str()])))
}
