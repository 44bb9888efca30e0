//! `run_command`, `run_tests` and `auto_fix`.

use std::time::Duration;

use flux_engine::repository::harmless_git;
use serde::Deserialize;

use super::bench::{Bench, Done};
use super::edits::commit_checked;
use super::process::{Ended, MOST_TIME, Program, USUAL_TIME};
use crate::edit::script::{Action, Operation};
use crate::edit::{
    Accept, CheckCommand, Checked, EditPlan, EditScript, NoReferences, NoSymbols, Tree,
};
use crate::policy::Effect;
use crate::policy::confine::Confined;

/// Arguments of `run_command`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    pub(super) command: String,
    #[serde(default)]
    timeout_s: Option<u64>,
}

/// Arguments of `run_tests`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Test {
    #[serde(default)]
    arguments: Vec<String>,
}

/// Arguments of tools that take none.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Time that tests get.
const TEST_TIME: Duration = Duration::from_secs(900);

impl Run {
    pub(super) fn run(&self, bench: &Bench<'_>, tokens: usize) -> Done {
        let time = self.timeout_s.map_or(USUAL_TIME, Duration::from_secs).min(MOST_TIME);
        // What only looks is run unasked, so it must not run what the tree's git settings name.
        let looks = bench.commands.effect(&self.command) == Effect::Looks;
        let environment = match looks && self.command.contains("git") {
            true => harmless_git(&bench.tree.root),
            false => Vec::new(),
        };
        let program = Program { time, environment, ..Program::new(&["sh", "-c", &self.command]) };
        finished(program.run(bench, tokens * 3), &self.command)
    }
}

impl Test {
    pub(super) fn run(&self, bench: &Bench<'_>, tokens: usize) -> Done {
        let Some(check) = &bench.checks.test else {
            return Done::badly(
                "it is not known how this project is tested\nhint: use run_command, or ask the \
                 user to set `test` below [check] in flux.toml",
            );
        };
        let mut program = of_check(check);
        program.words.extend(self.arguments.iter().cloned());
        let shown = program.words.join(" ");
        finished(program.run(bench, tokens * 3), &shown)
    }

    /// The command with what the model adds, for judging it.
    pub(super) fn shown(&self, bench: &Bench<'_>) -> String {
        let base = bench.checks.test.as_ref().map(CheckCommand::shown).unwrap_or_default();
        format!("{base} {}", self.arguments.join(" ")).trim().to_owned()
    }

    /// Arguments that could make another command of it.
    pub(super) fn is_plain(&self) -> bool {
        let is_plain = |word: &String| {
            word.chars().all(|letter| letter.is_alphanumeric() || "-_.:/[]=,*".contains(letter))
                && !word.starts_with('/')
                && !word.split('/').any(|part| part == "..")
                && !word.starts_with("--config")
                && !word.starts_with("-c")
        };
        self.arguments.iter().all(is_plain)
    }
}

/// A command of the project with the time that tests get.
pub(crate) fn of_check(check: &CheckCommand) -> Program {
    Program {
        words: check.words.clone(),
        environment: check.environment.clone(),
        time: check.time.max(TEST_TIME),
    }
}

pub(super) fn finished(ended: std::io::Result<Ended>, shown: &str) -> Done {
    let ended = match ended {
        Ok(ended) => ended,
        Err(error) => return Done::badly(format!("`{shown}` cannot be run: {error}")),
    };
    let mut text = format!("[`{shown}` {}]", ended.how);
    if let Confined::Partly(why) = &ended.confined {
        text.push_str(&format!("\n[not confined by the system: {why}]"));
    }
    if !ended.output.is_empty() {
        text.push('\n');
        text.push_str(&ended.output);
    }
    if ended.is_success { Done::well(text) } else { Done::badly(text) }
}

/// Runs the project's formatter on a copy of the tree, and makes what it changed an edit: so it is
/// undone like any other.
pub(super) fn fix(bench: &Bench<'_>) -> Done {
    let Some(check) = &bench.checks.fix else {
        return Done::badly(
            "it is not known how this project is formatted\nhint: use run_command, or ask the user \
             to set `fix` below [check] in flux.toml",
        );
    };
    let shown = check.shown();
    match fixed(bench, check) {
        Ok((text, receipt)) => Done { receipt, ..Done::well(format!("[`{shown}`] {text}")) },
        Err(why) => Done::badly(format!("`{shown}` {why}")),
    }
}

fn fixed(
    bench: &Bench<'_>,
    check: &CheckCommand,
) -> Result<(String, Option<crate::edit::Receipt>), String> {
    let files = bench.workspace.files(&bench.cancel).map_err(|error| error.to_string())?;
    let changed = check.changes(&bench.tree, &files, &bench.cancel)?;
    if changed.is_empty() {
        return Ok(("changes nothing".to_owned(), None));
    }
    let operation = |(path, content): (String, String)| Operation {
        line: 1,
        action: Action::Write { path, content },
    };
    let script = EditScript { operations: changed.into_iter().map(operation).collect() };
    let plan = EditPlan::of_script(&bench.tree, &script, &NoSymbols);
    // A formatter may do what a model may not.
    let references = NoReferences("a formatter removes no definition".to_owned());
    let checked = plan.and_then(|plan| Checked::check(plan, &references, Accept::ALL));
    let checked = checked.map_err(|refused| refused.to_string())?;
    let receipt = commit_checked(bench, &checked, check.shown())?;
    let names: Vec<&str> = receipt.entries.iter().map(|entry| entry.path.as_str()).collect();
    Ok((format!("applied as edit {}: changed {}", receipt.id, names.join(", ")), Some(receipt)))
}

/// The check of a program that reads the whole project. A parse of each file is no news here.
pub(super) fn check_of(tree: &Tree) -> Option<CheckCommand> {
    let is_compiler = |check: &CheckCommand| {
        check.words.first().is_some_and(|word| word == "cargo" || word == "go")
    };
    CheckCommand::detected(tree).filter(is_compiler)
}

/// The tests that the files at the root of a tree call for.
pub(super) fn test_of(tree: &Tree) -> Option<CheckCommand> {
    let has = |name: &str| tree.root.join(name).exists();
    if has("Cargo.toml") {
        return Some(CheckCommand::new(&["cargo", "test", "--quiet", "--offline"]));
    }
    if has("go.mod") {
        return Some(CheckCommand::new(&["go", "test", "./..."]));
    }
    if has("package.json") {
        let detected = CheckCommand::detected(tree);
        return detected.filter(|check| check.words.first().is_some_and(|word| word == "npm"));
    }
    let is_python =
        ["pyproject.toml", "setup.py", "setup.cfg", "pytest.ini", "tox.ini", "conftest.py"];
    let has_tests = is_python.into_iter().any(has) || tree.root.join("tests").is_dir();
    has_tests.then(|| CheckCommand::new(&["python3", "-m", "pytest", "-q"]))
}

/// The formatter that they call for.
pub(super) fn fix_of(tree: &Tree) -> Option<CheckCommand> {
    let has = |name: &str| tree.root.join(name).is_file();
    if has("Cargo.toml") {
        return Some(CheckCommand::new(&["cargo", "fmt"]));
    }
    if has("go.mod") {
        return Some(CheckCommand::new(&["gofmt", "-w", "."]));
    }
    let names_ruff = |name: &str| {
        std::fs::read_to_string(tree.root.join(name)).is_ok_and(|text| text.contains("[tool.ruff"))
    };
    if has("ruff.toml") || names_ruff("pyproject.toml") {
        return Some(CheckCommand::new(&["ruff", "format", "."]));
    }
    None
}
