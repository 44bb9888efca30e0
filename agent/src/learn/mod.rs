//! What is learned of a project from work in it: counts, kept on this machine in one readable file
//! for each tree, shown and forgotten on request.
//!
//! Counted is what was used after which search, which checks failed after which edits, and which
//! commands were run. Nothing of it ranks a search: see `eval/companions/README.md` for why. A warning
//! is given only while it has been right more often than wrong.
//!
//! Reading order: this file (the counts), [`observe`] (from a conversation to facts), `file`.

mod file;
pub mod observe;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use file::{LearnError, load, save};
pub use observe::{Fact, How, Observer};

/// Version of the file. 1: first.
const VERSION: u32 = 1;
/// Most searches, files with checks, and commands that are kept; the oldest are forgotten first.
const MOST: [usize; 3] = [200, 500, 100];
/// Runs of a check after edits of a file before anything is said of them.
const LEAST_RUNS: u32 = 3;
/// Warnings after which it is looked at how often they were right.
const LEAST_WARNED: u32 = 5;

/// All that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learned {
    version: u32,
    /// By search, what was used of what it found.
    pub queries: BTreeMap<String, QueryUse>,
    /// By file, then by check, how the check went when it was run after edits of the file.
    pub checks: BTreeMap<String, BTreeMap<String, Runs>>,
    /// By command line.
    pub commands: BTreeMap<String, Runs>,
    /// How often a warning stood when a check was run, and how often the check failed then.
    pub warned: Warned,
}

impl Default for Learned {
    fn default() -> Self {
        Self {
            version: VERSION,
            queries: BTreeMap::new(),
            checks: BTreeMap::new(),
            commands: BTreeMap::new(),
            warned: Warned::default(),
        }
    }
}

/// What was used of the results of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryUse {
    /// By path.
    pub used: BTreeMap<String, Used>,
    /// When last, in seconds since 1970.
    pub last: u64,
}

/// How often a result was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Used {
    /// Read.
    pub read: u32,
    /// Edited.
    pub edited: u32,
}

/// How something went that was run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runs {
    /// How often it was run.
    pub runs: u32,
    /// How often it failed.
    pub failed: u32,
    /// When last, in seconds since 1970.
    pub last: u64,
}

impl Runs {
    fn add(&mut self, failed: bool, now: u64) {
        self.runs += 1;
        self.failed += u32::from(failed);
        self.last = now;
    }

    /// Whether it is worth a warning: it was run often enough and failed as often as not.
    fn is_likely(&self) -> bool {
        self.runs >= LEAST_RUNS && self.failed * 2 >= self.runs
    }
}

/// Warnings, and those that were right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warned {
    /// Checks that were run while a warning stood.
    pub given: u32,
    /// Those of them that failed.
    pub right: u32,
}

impl Warned {
    /// Whether warnings are worth giving.
    pub fn is_trusted(&self) -> bool {
        self.given < LEAST_WARNED || self.right * 2 >= self.given
    }
}

/// A check that often failed after edits of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The file.
    pub path: String,
    /// The check.
    pub check: String,
    /// How it went.
    pub runs: Runs,
}

/// What is forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forget {
    /// Everything.
    All,
    /// What was used after searches.
    Queries,
    /// How checks went, and how often warnings were right.
    Checks,
    /// Which commands were run.
    Commands,
    /// Whatever has this text as its search, file, check or command.
    Text(String),
}

impl Learned {
    /// Counts what happened.
    pub fn add(&mut self, fact: Fact, now: u64) {
        match fact {
            Fact::Used { query, path, how } => {
                let found = self.queries.entry(query).or_default();
                found.last = now;
                let used = found.used.entry(path).or_default();
                match how {
                    How::Read => used.read += 1,
                    How::Edited => used.edited += 1,
                }
            }
            Fact::Ran { command, failed } => {
                self.commands.entry(command).or_default().add(failed, now);
            }
            Fact::Checked { check, failed, after } => self.checked(&check, failed, &after, now),
        }
        self.prune();
    }

    fn checked(&mut self, check: &str, failed: bool, after: &[String], now: u64) {
        let is_likely = |path: &String| {
            let known = self.checks.get(path).and_then(|checks| checks.get(check));
            known.is_some_and(Runs::is_likely)
        };
        // Judged by what was known before, whether or not the warning was shown: so one that was
        // silenced can earn its voice again.
        if after.iter().any(is_likely) {
            self.warned.given += 1;
            self.warned.right += u32::from(failed);
        }
        for path in after {
            let checks = self.checks.entry(path.clone()).or_default();
            checks.entry(check.to_owned()).or_default().add(failed, now);
        }
    }

    /// What to beware of after edits of these files, the worst first.
    pub fn warnings(&self, changed: &[String]) -> Vec<Warning> {
        if !self.warned.is_trusted() {
            return Vec::new();
        }
        let mut warnings = Vec::new();
        for path in changed {
            for (check, runs) in self.checks.get(path).into_iter().flatten() {
                if runs.is_likely() {
                    let (path, check) = (path.clone(), check.clone());
                    warnings.push(Warning { path, check, runs: *runs });
                }
            }
        }
        let share = |warning: &Warning| warning.runs.failed * 1000 / warning.runs.runs;
        warnings.sort_by_key(|warning| std::cmp::Reverse((share(warning), warning.runs.runs)));
        warnings
    }

    /// The checks of this project, those that were run most often first.
    pub fn usual_checks(&self) -> Vec<(&str, Runs)> {
        let mut checks: BTreeMap<&str, Runs> = BTreeMap::new();
        for check in self.checks.values().flat_map(BTreeMap::keys) {
            if let Some(runs) = self.commands.get(check) {
                checks.insert(check, *runs);
            }
        }
        let mut checks: Vec<(&str, Runs)> = checks.into_iter().collect();
        checks.sort_by_key(|(check, runs)| (std::cmp::Reverse(runs.runs), *check));
        checks
    }

    /// Forgets; whether there was anything to forget.
    pub fn forget(&mut self, what: &Forget) -> bool {
        let before = self.clone();
        match what {
            Forget::All => *self = Self::default(),
            Forget::Queries => self.queries.clear(),
            Forget::Checks => {
                self.checks.clear();
                self.warned = Warned::default();
            }
            Forget::Commands => self.commands.clear(),
            Forget::Text(text) => {
                self.queries.remove(text);
                self.queries
                    .values_mut()
                    .for_each(|query| query.used.retain(|path, _| path != text));
                self.queries.retain(|_, query| !query.used.is_empty());
                self.checks.remove(text);
                self.checks.values_mut().for_each(|checks| checks.retain(|check, _| check != text));
                self.checks.retain(|_, checks| !checks.is_empty());
                self.commands.remove(text);
            }
        }
        before != *self
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.queries.is_empty() && self.checks.is_empty() && self.commands.is_empty()
    }

    fn prune(&mut self) {
        let newest = |checks: &BTreeMap<String, Runs>| {
            checks.values().map(|runs| runs.last).max().unwrap_or_default()
        };
        keep_newest(&mut self.queries, MOST[0], |query| query.last);
        keep_newest(&mut self.checks, MOST[1], newest);
        keep_newest(&mut self.commands, MOST[2], |runs| runs.last);
    }
}

/// Removes the oldest until there are no more than `most`.
fn keep_newest<T>(map: &mut BTreeMap<String, T>, most: usize, time: impl Fn(&T) -> u64) {
    while map.len() > most {
        let oldest = map.iter().min_by_key(|(name, value)| (time(value), (*name).clone()));
        let Some(name) = oldest.map(|(name, _)| name.clone()) else { return };
        map.remove(&name);
    }
}
