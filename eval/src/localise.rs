//! `flux-eval localise`: does the window for a task hold what the task will change? A commit's
//! message is the question, the files and functions it changed are the answer, and both windows
//! are made from the tree before it: search hits pasted in order, and the pack.
//!
//! A set is kept as ids of repositories, commits, files and functions; no text of the projects is.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

mod ask;
mod git;
mod mine;
mod table;
mod tune;

/// The two halves of `localise`.
#[derive(Args)]
pub(crate) struct LocaliseArgs {
    #[command(subcommand)]
    command: LocaliseCommand,
}

#[derive(Subcommand)]
enum LocaliseCommand {
    /// Makes a set from the histories of repositories.
    Mine(MineLocaliseArgs),
    /// Asks the questions of a set.
    Run(RunLocaliseArgs),
    /// Tries other numbers for what a pack holds, one at a time, on the first half of a set.
    Tune(TuneLocaliseArgs),
}

#[derive(Args)]
struct MineLocaliseArgs {
    /// The folder of mirrors, each at OWNER+NAME/repo.
    #[arg(long)]
    mirrors: PathBuf,
    /// Repositories, as OWNER/NAME.
    #[arg(long, num_args = 1.., required = true)]
    repos: Vec<String>,
    /// Questions taken from each.
    #[arg(long, default_value_t = 15)]
    per_repo: usize,
    /// Where to write the set.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
struct RunLocaliseArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Which half of the set.
    #[arg(long, value_enum, default_value_t = Half::Both)]
    half: Half,
    /// Budgets in tokens.
    #[arg(long, num_args = 1.., default_values_t = [2_000, 8_000, 32_000])]
    budgets: Vec<usize>,
}

#[derive(Args)]
struct TuneLocaliseArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Variants `name=number` with commas between; without any, each number is halved and doubled.
    #[arg(long, num_args = 1..)]
    variants: Vec<String>,
    /// Every n-th question only.
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// Budgets in tokens.
    #[arg(long, num_args = 1.., default_values_t = [2_000, 8_000, 32_000])]
    budgets: Vec<usize>,
}

#[derive(Args)]
struct PlaceArgs {
    /// The set.
    #[arg(long)]
    set: PathBuf,
    /// The folder of mirrors.
    #[arg(long)]
    mirrors: PathBuf,
    /// Where work trees and indexes lie, to be reused by the next run.
    #[arg(long)]
    work: PathBuf,
    /// Only these repositories.
    #[arg(long, num_args = 1..)]
    only: Vec<String>,
}

/// A part of a set, by the ids of its commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Half {
    /// That on which numbers are set.
    Dev,
    /// That which is reported.
    Test,
    /// All.
    Both,
}

impl Half {
    fn has(self, question: &Question) -> bool {
        let is_dev = question.commit.bytes().next().is_some_and(|digit| digit % 2 == 0);
        match self {
            Self::Dev => is_dev,
            Self::Test => !is_dev,
            Self::Both => true,
        }
    }
}

/// A question and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Question {
    /// `owner/name`.
    repo: String,
    /// The commit whose message asks, and whose parent's tree is asked about.
    commit: String,
    /// Source files that it changed.
    files: Vec<String>,
    /// Functions that it changed, as `path:line:name` in the parent's tree.
    functions: Vec<String>,
}

/// The question that the message of a commit asks: without tickets and trailers. None when it says
/// too little.
fn question_of(commit: &git::Commit) -> Option<String> {
    const TRAILERS: &[&str] = &[
        "signed-off-by",
        "co-authored-by",
        "reviewed-by",
        "fixes",
        "closes",
        "fix #",
        "refs",
        "see #",
        "change-id",
        "git-svn-id",
        "(cherry",
        "piperorigin",
        "http",
        "reviewed-on",
        "resolves",
        "close",
        "bug:",
    ];
    let subject = commit.subject.split(" (#").next().unwrap_or_default();
    let is_kept = |line: &&str| {
        let lower = line.trim().to_lowercase();
        !TRAILERS.iter().any(|start| lower.starts_with(start))
    };
    let body: Vec<&str> = commit.body.lines().filter(is_kept).collect();
    let text = format!("{subject}\n{}", body.join("\n"));
    let text: String = text.trim().chars().take(1500).collect();
    (!text.is_empty()).then_some(text)
}

/// Runs what was typed.
pub(crate) fn command(arguments: &LocaliseArgs) -> anyhow::Result<()> {
    match &arguments.command {
        LocaliseCommand::Mine(arguments) => mine::command(arguments),
        LocaliseCommand::Run(arguments) => table::command(arguments),
        LocaliseCommand::Tune(arguments) => tune::command(arguments),
    }
}
