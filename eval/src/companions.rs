//! `flux-eval companions`: would the files that "usually change as well" have been the right ones?
//!
//! The history of a project is replayed. Before each of its last commits is learned from, each of its
//! files in turn is what is known, and the others are to be suggested; a file that the commit makes
//! cannot be. The same is asked of what needs no history: the files beside it that changed last, those
//! whose names are most alike, and those of the project that change most.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;
use clap::Args;
use flux_core::RepoPath;
use flux_engine::companions::{Bar, FileChange, History, LOG, commits_of};

use crate::print_text;

/// Where histories are and how they are replayed.
#[derive(Args)]
pub(crate) struct CompanionsArgs {
    /// The folder of mirrors, each at OWNER+NAME/repo.
    #[arg(long)]
    mirrors: PathBuf,
    /// Repositories, as OWNER/NAME.
    #[arg(long, num_args = 1.., required = true)]
    repos: Vec<String>,
    /// The last commits of each, of 2 to 20 files, that are to be predicted.
    #[arg(long, default_value_t = 300)]
    held_out: usize,
    /// Tries other numbers than those of the program.
    #[arg(long)]
    grid: bool,
}

/// Commits that are read of each project.
const MOST: usize = 6_000;
/// Commits of more files are no single change.
const LARGE: usize = 20;
/// Places of a ranking that are looked at.
const PLACES: [usize; 3] = [1, 3, 5];

/// Replays the histories and prints what came of it.
pub(crate) fn command(args: &CompanionsArgs) -> anyhow::Result<()> {
    let mut histories = Vec::new();
    for name in &args.repos {
        let commits = commits(&args.mirrors, name)?;
        ensure!(!commits.is_empty(), "{name} has no history\nhint: pass a full mirror");
        histories.push((name.as_str(), commits));
    }
    let report = if args.grid { grid } else { report };
    print_text(&report(&histories, args.held_out))
}

/// The commits of a project, the oldest first.
fn commits(mirrors: &Path, name: &str) -> anyhow::Result<Vec<Vec<FileChange>>> {
    let directory = mirrors.join(name.replace('/', "+")).join("repo");
    let mut git = Command::new("git");
    git.arg("--git-dir").arg(&directory).args(["-c", "log.showRoot=false", "log"]).args(LOG);
    git.arg(format!("-n{MOST}")).arg("HEAD");
    let output = git.output()?;
    ensure!(output.status.success(), "git cannot read {}", directory.display());
    Ok(commits_of(&String::from_utf8_lossy(&output.stdout)))
}

/// What is known of a file without asking what changed together.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    last: usize,
    count: usize,
}

/// A project as it was before a commit.
#[derive(Default)]
struct Past {
    history: History,
    files: BTreeMap<RepoPath, Known>,
    commits: usize,
}

impl Past {
    fn add(&mut self, commit: &[FileChange]) {
        self.history.add(commit);
        self.commits += 1;
        for change in commit {
            let before = change.from.as_ref().unwrap_or(&change.path);
            let known = self.files.remove(before).unwrap_or_default();
            if !change.is_gone {
                let known = Known { last: self.commits, count: known.count + 1 };
                self.files.insert(change.path.clone(), known);
            }
        }
    }

    fn suggested(&self, known: &[RepoPath], bar: Bar) -> Vec<RepoPath> {
        self.history.companions(known, bar).into_iter().map(|one| one.path).collect()
    }

    /// The files that a commit changed and that were there before it.
    fn there(&self, commit: &[FileChange]) -> Vec<RepoPath> {
        let before = commit.iter().map(|change| change.from.as_ref().unwrap_or(&change.path));
        let there: BTreeSet<&RepoPath> =
            before.filter(|path| self.files.contains_key(*path)).collect();
        there.into_iter().cloned().collect()
    }

    /// The other files, the best by `score` first.
    fn ranked<T: Ord>(
        &self,
        seed: &RepoPath,
        score: impl Fn(&RepoPath, Known) -> Option<T>,
    ) -> Vec<RepoPath> {
        let others = self.files.iter().filter(|(path, _)| *path != seed);
        let mut scored: Vec<(T, &RepoPath)> =
            others.filter_map(|(path, known)| Some((score(path, *known)?, path))).collect();
        scored.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(other.1)));
        scored.into_iter().take(PLACES[2]).map(|(_, path)| path.clone()).collect()
    }

    fn rankings(&self, seed: &RepoPath) -> [Vec<RepoPath>; 4] {
        let any = Bar { together: 1, share: 0.0, ..Bar::default() };
        let companions = self.suggested(std::slice::from_ref(seed), any);
        let folder = folder(seed);
        let stem = stem(seed);
        [
            companions.into_iter().take(PLACES[2]).collect(),
            self.ranked(seed, |path, known| {
                (self::folder(path) == folder).then_some((known.last, known.count))
            }),
            self.ranked(seed, |path, known| {
                let other = self::stem(path);
                let is_alike = other.contains(stem) || stem.contains(other);
                is_alike.then_some((other.len().min(stem.len()), known.last))
            }),
            self.ranked(seed, |_, known| Some((known.count, known.last))),
        ]
    }
}

fn folder(path: &RepoPath) -> &str {
    path.as_str().rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The name without what makes a test or a header of it.
fn stem(path: &RepoPath) -> &str {
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    let name = name.split_once('.').map_or(name, |(stem, _)| stem);
    let name = name.strip_prefix("test_").unwrap_or(name);
    ["_test", "Tests", "Test", "_spec", "-test"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(name)
}

/// How often suggestions were right.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tally {
    asked: usize,
    with_any: usize,
    made: usize,
    right: usize,
    wanted: usize,
}

impl Tally {
    fn add(&mut self, made: &[RepoPath], wanted: &BTreeSet<&RepoPath>) {
        self.asked += 1;
        self.with_any += usize::from(!made.is_empty());
        self.made += made.len();
        self.right += made.iter().filter(|path| wanted.contains(path)).count();
        self.wanted += wanted.len();
    }

    fn join(&mut self, other: Self) {
        self.asked += other.asked;
        self.with_any += other.with_any;
        self.made += other.made;
        self.right += other.right;
        self.wanted += other.wanted;
    }

    fn precision(self) -> f64 {
        self.right as f64 / self.made.max(1) as f64
    }

    fn recall(self) -> f64 {
        self.right as f64 / self.wanted.max(1) as f64
    }
}

/// Goes through a history; for each held-out commit, asks `ask` with what was known before it, one
/// of its files, and the others.
fn replay(
    commits: &[Vec<FileChange>],
    held_out: usize,
    mut ask: impl FnMut(&Past, &[RepoPath], &BTreeSet<&RepoPath>),
) {
    let is_fit = |commit: &[FileChange]| (2..=LARGE).contains(&commit.len());
    let fit: Vec<usize> = (0..commits.len()).filter(|at| is_fit(&commits[*at])).collect();
    let first = fit.len().saturating_sub(held_out);
    let first = fit.get(first).copied().unwrap_or(commits.len());
    let mut past = Past::default();
    for (at, commit) in commits.iter().enumerate() {
        if at >= first && is_fit(commit) {
            let there = past.there(commit);
            for (number, seed) in there.iter().enumerate() {
                let others = there.iter().enumerate().filter(|(other, _)| *other != number);
                let wanted: BTreeSet<&RepoPath> = others.map(|(_, path)| path).collect();
                if !wanted.is_empty() {
                    ask(&past, std::slice::from_ref(seed), &wanted);
                }
            }
        }
        past.add(commit);
    }
}

/// All but one file of a commit is known; the last is wanted.
fn replay_last(commits: &[Vec<FileChange>], held_out: usize, bar: Bar) -> Tally {
    let mut tally = Tally::default();
    replay(commits, held_out, |past, seed, wanted| {
        let known: Vec<RepoPath> = wanted.iter().map(|path| (*path).clone()).collect();
        let made = past.suggested(&known, bar);
        tally.add(&made, &seed.iter().collect());
    });
    tally
}

type Histories<'a> = [(&'a str, Vec<Vec<FileChange>>)];

fn report(histories: &Histories<'_>, held_out: usize) -> String {
    let mut text = String::from(
        "| project | asked | suggested | right | precision | recall | last file: precision | recall |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    let (mut all, mut all_last) = (Tally::default(), Tally::default());
    let mut ranks = [[Tally::default(); PLACES.len()]; 4];
    for (name, commits) in histories {
        let mut own = Tally::default();
        replay(commits, held_out, |past, seed, wanted| {
            let made = past.suggested(seed, Bar::default());
            own.add(&made, wanted);
            for (ranks, ranking) in ranks.iter_mut().zip(past.rankings(&seed[0])) {
                for (rank, place) in ranks.iter_mut().zip(PLACES) {
                    rank.add(&ranking[..ranking.len().min(place)], wanted);
                }
            }
        });
        let last = replay_last(commits, held_out, Bar::default());
        line(&mut text, name, own, last);
        all.join(own);
        all_last.join(last);
    }
    line(&mut text, "all", all, all_last);
    text.push_str("\n| ranked by | precision@1 | @3 | @5 | recall@5 |\n|---|---|---|---|---|\n");
    let names = ["history", "same folder, changed last", "names most alike", "changed most of all"];
    for (name, ranks) in names.iter().zip(ranks) {
        let [one, three, five] = ranks.map(|tally| tally.precision() * 100.0);
        let recall = ranks[2].recall() * 100.0;
        let row = writeln!(text, "| {name} | {one:.1} | {three:.1} | {five:.1} | {recall:.1} |");
        row.unwrap_or_default();
    }
    text
}

fn line(text: &mut String, name: &str, own: Tally, last: Tally) {
    let percent = |share: f64| share * 100.0;
    let row = writeln!(
        text,
        "| {name} | {} | {} | {} | {:.1} | {:.1} | {:.1} | {:.1} |",
        own.asked,
        own.made,
        own.right,
        percent(own.precision()),
        percent(own.recall()),
        percent(last.precision()),
        percent(last.recall())
    );
    row.unwrap_or_default();
}

fn grid(histories: &Histories<'_>, held_out: usize) -> String {
    let mut text = String::from(
        "| together | share | last | made | precision | recall | asked with any |\n\
         |---|---|---|---|---|---|---|\n",
    );
    let mut bars = Vec::new();
    for last in [10, 20, 40, 80] {
        for together in [2, 3, 4] {
            let shares = [0.3, 0.4, 0.5, 0.6, 0.7];
            bars.extend(shares.map(|share| Bar { together, share, last }));
        }
    }
    let mut tallies = vec![Tally::default(); bars.len()];
    for (_, commits) in histories {
        replay(commits, held_out, |past, seed, wanted| {
            for (tally, bar) in tallies.iter_mut().zip(&bars) {
                let made = past.suggested(seed, *bar);
                tally.add(&made, wanted);
            }
        });
    }
    for (bar, tally) in bars.iter().zip(tallies) {
        let row = writeln!(
            text,
            "| {} | {:.1} | {} | {} | {:.1} | {:.1} | {:.1} |",
            bar.together,
            bar.share,
            bar.last,
            tally.made,
            tally.precision() * 100.0,
            tally.recall() * 100.0,
            tally.with_any as f64 * 100.0 / tally.asked.max(1) as f64
        );
        row.unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use flux_core::RepoPath;
    use flux_engine::companions::{Bar, FileChange};

    use super::{Tally, replay, replay_last, stem};

    fn commits(commits: &[&str]) -> Vec<Vec<FileChange>> {
        let change =
            |path: &str| FileChange { path: RepoPath::new(path), from: None, is_gone: false };
        commits.iter().map(|commit| commit.split(' ').map(change).collect()).collect()
    }

    #[test]
    fn a_commit_is_predicted_from_what_came_before_it() {
        let commits = commits(&["a b", "a b", "a b", "c", "a b", "a new"]);
        let mut tally = Tally::default();
        replay(&commits, 2, |past, seed, wanted| {
            let made = past.suggested(seed, Bar::default());
            tally.add(&made, wanted);
        });
        // Of the last commit nothing can be known: its other file is new.
        let expected = Tally { asked: 2, with_any: 2, made: 2, right: 2, wanted: 2 };
        assert_eq!(tally, expected);
        assert_eq!(replay_last(&commits, 2, Bar::default()).right, 2);
    }

    #[test]
    fn a_test_is_alike_what_it_tests() {
        for path in ["x/test_parse.py", "y/parse.rs", "ParseTests.cs", "parse_test.go"] {
            assert_eq!(stem(&RepoPath::new(path)).to_lowercase(), "parse", "{path}");
        }
    }
}
