//! Which files change together, by the history of git: what was changed in one commit with a file
//! again and again is probably to be changed with it again.
//!
//! Commits are read oldest first, and a file keeps its past when it is moved. The numbers below were
//! chosen on four projects and measured on eight others, see `eval/companions`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use flux_core::RepoPath;

use crate::error::EngineError;
use crate::workspace::Workspace;

/// Commits that are read, the newest: what was together years ago says little of today.
pub const MOST_COMMITS: usize = 2_000;
/// A commit of more files says nothing of any two of them: a licence header, a formatter, a move.
const LARGE: usize = 30;
/// What a suggestion needs to be made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Commits that changed both.
    pub together: usize,
    /// Their share in the commits that changed the one that is known; see [`Companion::share`].
    pub share: f64,
    /// Commits of the one that is known that are looked at, its last ones.
    pub last: usize,
}

impl Default for Bar {
    fn default() -> Self {
        Self { together: 3, share: 0.5, last: 20 }
    }
}

/// What a commit did to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Where it is; where it was, if it is gone.
    pub path: RepoPath,
    /// Where it was, if it was moved.
    pub from: Option<RepoPath>,
    /// Whether it is gone.
    pub is_gone: bool,
}

/// A file that usually changes with another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Companion {
    /// The file.
    pub path: RepoPath,
    /// With which.
    pub with: RepoPath,
    /// Commits that changed both.
    pub together: usize,
    /// Commits that changed the other, of those that were looked at.
    pub of: usize,
}

impl Companion {
    /// The share of commits, pulled towards none where there are few: 3 of 3 is less than 9 of 9.
    pub fn share(&self) -> f64 {
        self.together as f64 / (self.of as f64 + 1.0)
    }
}

/// A file in [`History`].
type Id = u32;

/// What changed together so far.
#[derive(Clone, Debug, Default)]
pub struct History {
    ids: HashMap<RepoPath, Id>,
    /// By id; `None` for what is gone.
    paths: Vec<Option<RepoPath>>,
    /// For each file the commits that changed it.
    commits_of: Vec<Vec<usize>>,
    commits: Vec<Vec<Id>>,
}

impl History {
    /// Adds the commit that follows.
    pub fn add(&mut self, commit: &[FileChange]) {
        let mut ids: Vec<Id> = commit.iter().map(|change| self.id(change)).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() > LARGE {
            ids.clear();
        }
        for id in &ids {
            self.commits_of[*id as usize].push(self.commits.len());
        }
        self.commits.push(ids);
    }

    fn id(&mut self, change: &FileChange) -> Id {
        let before = change.from.as_ref().unwrap_or(&change.path);
        let id = match self.ids.remove(before) {
            Some(id) => id,
            None => {
                self.paths.push(None);
                self.commits_of.push(Vec::new());
                Id::try_from(self.paths.len() - 1).unwrap_or(Id::MAX)
            }
        };
        self.paths[id as usize] = (!change.is_gone).then(|| change.path.clone());
        self.ids.insert(change.path.clone(), id);
        id
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.commits.is_empty()
    }

    /// The files that usually change with one of `changed` and are none of them, the surest first.
    pub fn companions(&self, changed: &[RepoPath], bar: Bar) -> Vec<Companion> {
        let known: BTreeSet<Id> =
            changed.iter().filter_map(|path| self.ids.get(path)).copied().collect();
        let mut best: BTreeMap<Id, Companion> = BTreeMap::new();
        for id in &known {
            let Some(with) = &self.paths[*id as usize] else { continue };
            for (other, together, of) in self.together(*id, bar.last) {
                let Some(path) = self.paths[other as usize].as_ref() else { continue };
                let found = Companion { path: path.clone(), with: with.clone(), together, of };
                let is_enough = together >= bar.together && found.share() >= bar.share;
                let is_better =
                    best.get(&other).is_none_or(|before| before.share() < found.share());
                if is_enough && is_better && !known.contains(&other) {
                    best.insert(other, found);
                }
            }
        }
        let mut found: Vec<Companion> = best.into_values().collect();
        found.sort_by(|one, other| {
            other.share().total_cmp(&one.share()).then_with(|| one.path.cmp(&other.path))
        });
        found
    }

    /// What changed with a file: which, how often, of how many commits.
    fn together(&self, id: Id, last: usize) -> Vec<(Id, usize, usize)> {
        let all = &self.commits_of[id as usize];
        let last = &all[all.len().saturating_sub(last)..];
        let mut counts: BTreeMap<Id, usize> = BTreeMap::new();
        for other in last.iter().flat_map(|commit| &self.commits[*commit]) {
            if *other != id {
                *counts.entry(*other).or_default() += 1;
            }
        }
        counts.into_iter().map(|(other, count)| (other, count, last.len())).collect()
    }
}

impl Workspace {
    /// What changed together in the last commits of the tree's branch. Merges say nothing of their
    /// own and are left out.
    pub fn history(&self) -> Result<History, EngineError> {
        let most = format!("-n{MOST_COMMITS}");
        let log = self.asked(&[&["log"], LOG, &[&most, "HEAD", "--"]].concat())?;
        let mut history = History::default();
        commits_of(&log).iter().for_each(|commit| history.add(commit));
        Ok(history)
    }

    /// The files that differ from HEAD in the work tree, those that git does not know yet with them,
    /// by path.
    pub fn changed_files(&self) -> Result<Vec<RepoPath>, EngineError> {
        let options = ["status", "--porcelain", "-z", "--untracked-files=all", "--no-renames"];
        let text = self.asked(&options)?;
        let names = text.split('\0').filter_map(|entry| entry.get(3..));
        let mut paths: Vec<RepoPath> = names.map(RepoPath::new).collect();
        paths.sort();
        paths.dedup();
        Ok(paths)
    }

    fn asked(&self, arguments: &[&str]) -> Result<String, EngineError> {
        let failed = |reason: String| EngineError::History(reason);
        let options = ["--no-optional-locks", "-c", "log.showRoot=false"];
        let mut git = self.git(&[&options, arguments].concat());
        let output = git.output().map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().next().unwrap_or("git failed");
            return Err(failed(said.trim_start_matches("fatal: ").to_owned()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// How `git log` is asked, so that [`commits_of`] can read it. Only files that moved unchanged are
/// followed: finding others reads both texts of each, which a history of thousands makes slow, and
/// a partial clone does not have.
pub const LOG: &[&str] =
    &["--no-merges", "--find-renames=100%", "--name-status", "-z", "--format=%x01"];

/// The commits that `git log` printed, the oldest first.
pub fn commits_of(log: &str) -> Vec<Vec<FileChange>> {
    let mut commits = Vec::new();
    let mut parts = log.split('\0');
    while let Some(part) = parts.next() {
        let part = part.trim_start_matches('\n');
        let status = part.trim_start_matches('\u{1}').trim_start_matches('\n');
        if part.starts_with('\u{1}') {
            commits.push(Vec::new());
        }
        let Some(commit) = commits.last_mut() else { continue };
        let mut path = || parts.next().map(RepoPath::new);
        let change = match status.chars().next() {
            None => continue,
            Some('R') => {
                let (from, path) = (path(), path());
                path.map(|path| FileChange { path, from, is_gone: false })
            }
            // A copy leaves what it was made of as it is.
            Some('C') => {
                path();
                path().map(|path| FileChange { path, from: None, is_gone: false })
            }
            Some(kind) => path().map(|path| FileChange { path, from: None, is_gone: kind == 'D' }),
        };
        commit.extend(change);
    }
    commits.reverse();
    commits
}

#[cfg(test)]
mod tests {
    use flux_core::RepoPath;

    use super::{Bar, FileChange, History, commits_of};

    fn change(path: &str) -> FileChange {
        FileChange { path: RepoPath::new(path), from: None, is_gone: false }
    }

    /// A history of commits written as paths with spaces between.
    fn history(commits: &[&str]) -> History {
        let mut history = History::default();
        for commit in commits {
            let changes: Vec<FileChange> = commit.split_whitespace().map(change).collect();
            history.add(&changes);
        }
        history
    }

    #[track_caller]
    fn check(history: &History, changed: &[&str], expected: &[(&str, &str, usize, usize)]) {
        let changed: Vec<RepoPath> = changed.iter().map(|path| RepoPath::new(*path)).collect();
        let found = history.companions(&changed, Bar::default());
        let found: Vec<(&str, &str, usize, usize)> = found
            .iter()
            .map(|one| (one.path.as_str(), one.with.as_str(), one.together, one.of))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_changed_together_again_and_again_is_a_companion() {
        let history = history(&["a b", "a b", "a b c", "a d", "a b", "c"]);
        check(&history, &["a"], &[("b", "a", 4, 5)]);
        check(&history, &["a", "b"], &[]);
        check(&history, &["c"], &[]);
        check(&history, &["new"], &[]);
    }

    #[test]
    fn large_commits_and_lone_changes_count_against_it() {
        let files: Vec<String> = (0..40).map(|at| format!("f{at}")).collect();
        let all = files.join(" ");
        let large = history(&[&all, &all, &all]);
        check(&large, &["f1"], &[]);
        let alone = history(&["a b", "a b", "a b", "a", "a", "a"]);
        check(&alone, &["a"], &[]);
    }

    #[test]
    fn a_file_keeps_its_past_when_it_moves_and_none_when_it_is_gone() {
        let mut history = history(&["a b", "a b", "a b"]);
        let from = Some(RepoPath::new("b"));
        history.add(&[FileChange { path: RepoPath::new("c"), from, is_gone: false }]);
        check(&history, &["a"], &[("c", "a", 3, 3)]);
        history.add(&[FileChange { is_gone: true, ..change("c") }]);
        check(&history, &["a"], &[]);
    }

    #[test]
    fn the_log_is_read_whatever_files_are_called() {
        let log = "\u{1}\0\nM\0M\0A\0b c\0\u{1}\0\nR100\0old\0new\0D\0gone\0\u{1}\0";
        let gone = FileChange { is_gone: true, ..change("gone") };
        let moved = FileChange { from: Some(RepoPath::new("old")), ..change("new") };
        assert_eq!(commits_of(log), [vec![], vec![moved, gone], vec![change("M"), change("b c")]]);
    }
}
