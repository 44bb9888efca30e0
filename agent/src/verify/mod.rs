//! Whether a change that was made holds: its files parse as well as before, nothing refers to what
//! it removed, and the project's own check and the tests that it can affect run as well as before.
//!
//! Reading order: [`mod@changes`] (what was changed), `references`, [`mod@affected`] (which tests), this
//! file, [`mod@complaints`] (what a program found that it did not find before), [`back`] (taking edits
//! back, for good or for a look at how it was).

pub mod affected;
pub mod back;
pub mod changes;
pub mod complaints;
mod references;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use flux_engine::syntax::Syntax;
use flux_engine::{RefreshLimit, Snapshot};

use self::affected::{Affected, affected};
use self::changes::{Change, changes};
use self::complaints::complaints;
use crate::edit::{CheckCommand, Receipt};
use crate::policy::Decision;
use crate::policy::secrets::redacted;
use crate::tools::process::shortened;
use crate::tools::{Approve, Asked, Bench, of_check};

/// What was found out about a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// What is wrong with it; empty for a change that holds.
    pub findings: Vec<Finding>,
    /// What was looked at, in words, in order.
    pub looked: Vec<String>,
    /// What was not, and why.
    pub unseen: Vec<String>,
    /// Files that it changed, by path.
    pub touched: BTreeSet<String>,
    /// Files of tests that it can affect.
    pub tests: BTreeSet<String>,
}

/// Something that a change broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A file has more parse errors than before.
    Syntax {
        /// The file.
        path: String,
        /// Line of an error, 1-based.
        line: usize,
    },
    /// Places refer to what is gone.
    Dangling {
        /// Its name.
        name: String,
        /// The places, as `path:line`.
        places: Vec<String>,
    },
    /// A program of the project fails that ran before the change, or finds more.
    Failed {
        /// The program as it is typed.
        command: String,
        /// How it ended.
        how: String,
        /// What it printed, cut to what can be read.
        output: String,
    },
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Syntax { path, line } => write!(f, "{path}:{line} does not parse any more"),
            Self::Dangling { name, places } => {
                write!(f, "`{name}` is gone and still used at {}", places.join(", "))
            }
            Self::Failed { command, how, output } => write!(f, "`{command}` {how}\n{output}"),
        }
    }
}

/// Bytes of a program's output that are compared.
const MOST_OUTPUT: usize = 1 << 20;
/// Bytes of it that are told: its start and, because errors stand there, more of its end.
const TOLD_OUTPUT: usize = 6_000;
/// Words that are told of a long command.
const MOST_WORDS: usize = 8;
/// Places that are listed of many.
const MOST_PLACES: usize = 8;

/// A change that is to be looked at.
pub struct Made<'a> {
    /// Its edits, in order.
    pub receipts: &'a [Receipt],
    /// The index as it was before them, if there was one.
    pub before: Option<&'a Snapshot>,
    /// Whether all tests ran well after the last of them.
    pub is_tested: bool,
}

impl Verification {
    /// Whether nothing is wrong.
    pub fn holds(&self) -> bool {
        self.findings.is_empty()
    }

    /// What a change touched, without a look at whether it holds.
    pub fn untried(bench: &Bench<'_>, made: &Made<'_>) -> Self {
        let mut found = Self { unseen: vec!["anything".to_owned()], ..Self::default() };
        if let Ok(changes) = changes(&bench.tree, made.receipts) {
            found.touched = changes.iter().map(|change| change.path.to_string()).collect();
        }
        found
    }

    /// Looks at a change. Programs are run only if the mode or the user allows it; `begun` is told of
    /// each before.
    pub fn of(
        bench: &Bench<'_>,
        made: &Made<'_>,
        approve: Approve<'_>,
        begun: &mut dyn FnMut(&str),
    ) -> Self {
        let mut found = Self::default();
        let changes = match changes(&bench.tree, made.receipts) {
            Ok(changes) => changes,
            Err(why) => {
                found.unseen.push(format!("what was changed cannot be read again: {why}"));
                return found;
            }
        };
        found.touched = changes.iter().map(|change| change.path.to_string()).collect();
        found.findings.extend(changes.iter().filter_map(syntax));
        found.looked.push("syntax".to_owned());
        let opened = bench.workspace.graph_snapshot(RefreshLimit::A_SECOND, &bench.cancel);
        match (made.before, opened) {
            (Some(before), Ok((after, _))) => {
                found.references(bench, &changes, before, &after);
                found.run_all(
                    bench,
                    made,
                    &affected(bench, &changes, Some((before, &after))),
                    approve,
                    begun,
                );
            }
            _ => {
                found.unseen.push("references: there is no index".to_owned());
                found.run_all(bench, made, &affected(bench, &changes, None), approve, begun);
            }
        }
        found
    }

    fn references(
        &mut self,
        bench: &Bench<'_>,
        changes: &[Change],
        before: &Snapshot,
        after: &Snapshot,
    ) {
        match references::dangling(bench, changes, before, after) {
            Ok(references::Dangling { names, unread }) => {
                match unread.is_empty() {
                    true => self.looked.push("references".to_owned()),
                    false => self.unseen.push(format!(
                        "references in {}: not as they were indexed",
                        crate::plan::listed(&unread)
                    )),
                }
                self.findings.extend(names.into_iter().map(|(name, mut places)| {
                    places.truncate(MOST_PLACES);
                    Finding::Dangling { name, places }
                }));
            }
            Err(error) => self.unseen.push(format!("references: {error}")),
        }
    }

    /// The project's check, then the tests. What a broken text does to them is known.
    fn run_all(
        &mut self,
        bench: &Bench<'_>,
        made: &Made<'_>,
        affected: &Affected,
        approve: Approve<'_>,
        begun: &mut dyn FnMut(&str),
    ) {
        self.tests.clone_from(&affected.files);
        if !self.holds() {
            return self.unseen.push(
                "checks and tests: not run on what does not parse or refers to nothing".to_owned(),
            );
        }
        if let Some(check) = &bench.checks.check {
            self.run_one(bench, made, check, approve, begun);
        }
        match (made.is_tested, affected.commands.is_empty()) {
            (true, _) => self.looked.push("tests (run by the model)".to_owned()),
            (false, true) => self.unseen.push(affected.none.clone()),
            (false, false) => {
                for test in &affected.commands {
                    if self.holds() {
                        self.run_one(bench, made, test, approve, begun);
                    }
                }
            }
        }
    }

    fn run_one(
        &mut self,
        bench: &Bench<'_>,
        made: &Made<'_>,
        check: &CheckCommand,
        approve: Approve<'_>,
        begun: &mut dyn FnMut(&str),
    ) {
        let shown = shown(check);
        let asked = match bench.mode.on_change(&format!("check the change with `{shown}`")) {
            Decision::Allow => None,
            Decision::Deny(why) => Some(why),
            Decision::Ask(what) => {
                let asked = Asked { tool: "run_tests".to_owned(), what, detail: String::new() };
                (!approve(&asked)).then(|| "not allowed".to_owned())
            }
        };
        if let Some(why) = asked {
            return self.unseen.push(format!("`{shown}`: {why}"));
        }
        begun(&shown);
        match judged(bench, made, check, &self.tests) {
            Ok(Judged::Well) => self.looked.push(format!("`{shown}`")),
            Ok(Judged::AsBefore(why)) => {
                self.unseen.push(format!("`{shown}` fails as it did before the change: {why}"));
            }
            Ok(Judged::Broken { how, output }) => {
                self.looked.push(format!("`{shown}`"));
                self.findings.push(Finding::Failed { command: shown, how, output });
            }
            Err(why) => self.unseen.push(format!("`{shown}`: {why}")),
        }
    }
}

/// More parse errors than before.
fn syntax(change: &Change) -> Option<Finding> {
    let after = Syntax::of(&change.path, change.after.as_deref()?)?;
    let before = change.before.as_deref().and_then(|text| Syntax::of(&change.from, text));
    let errors = before.map_or(0, |syntax| syntax.errors.len());
    if after.errors.len() <= errors {
        return None;
    }
    let text = change.after.as_deref()?;
    let at = *after.errors.last()? as usize;
    let line = text.get(..at).map_or(1, |head| head.matches('\n').count() + 1);
    Some(Finding::Syntax { path: change.path.to_string(), line })
}

/// A command as it is told: a list of many files is cut.
fn shown(check: &CheckCommand) -> String {
    match check.words.len().checked_sub(MOST_WORDS) {
        None | Some(0) => check.shown(),
        Some(more) => format!("{} … and {more} more", check.words[..MOST_WORDS].join(" ")),
    }
}

/// What a program says of a change.
enum Judged {
    /// Nothing is wrong.
    Well,
    /// It fails, as it did before, so that it says nothing of the change; a line of why.
    AsBefore(String),
    /// It fails because of the change.
    Broken { how: String, output: String },
}

/// Runs a program. One that fails is run again without the change: what was broken before is not
/// the change's fault.
fn judged(
    bench: &Bench<'_>,
    made: &Made<'_>,
    check: &CheckCommand,
    tests: &BTreeSet<String>,
) -> Result<Judged, String> {
    let program = of_check(check);
    let failed = |error: std::io::Error| format!("cannot be run: {error}");
    let after = program.run(bench, MOST_OUTPUT).map_err(failed)?;
    if after.is_success {
        return Ok(Judged::Well);
    }
    if bench.cancel.is_cancelled() {
        return Err("was stopped".to_owned());
    }
    let (output, _) = redacted(&after.output);
    let looked = back::without(bench, made.receipts, || {
        let mut look = program.clone();
        // What the change made is not there now, and pytest would run nothing for it.
        look.words.retain(|word| !tests.contains(word) || bench.tree.root.join(word).exists());
        // A cache of bytecode would pass for that of the text which comes back in the same second.
        look.environment.push(("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned()));
        look.run(bench, MOST_OUTPUT).map_err(failed)
    });
    let before = match looked {
        Ok(before) => before?,
        // Nothing excuses the failure, and edits that are gone are no change that holds.
        Err(why) => {
            let how = format!("{}; {why}", after.how);
            return Ok(Judged::Broken { how, output: shortened(&output, TOLD_OUTPUT) });
        }
    };
    if bench.cancel.is_cancelled() {
        return Err("was stopped".to_owned());
    }
    let known = complaints(&redacted(&before.output).0);
    let is_new = |line: &String| !known.contains(line);
    // A hang or a crash is another failure, whatever was printed before it.
    let is_alike = after.how == before.how || after.how.starts_with("ended with exit code");
    if !before.is_success && is_alike && !complaints(&output).iter().any(is_new) {
        let last = output.lines().rfind(|line| !line.trim().is_empty());
        return Ok(Judged::AsBefore(last.unwrap_or(&after.how).trim().to_owned()));
    }
    Ok(Judged::Broken { how: after.how, output: shortened(&output, TOLD_OUTPUT) })
}
