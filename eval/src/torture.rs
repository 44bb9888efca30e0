//! Torture: what `flux` promises under bad conditions, tried on real repositories.
//!
//! Each trial drives the binary as a user would and prints what it tried and what went wrong. The
//! integration tests of the command line hold small versions of the same trials; these take
//! minutes and are run by hand.
//!
//! Reading order: [`tool`] (running the binary), [`tree`] (copies and edits of a repository),
//! [`kill`], [`crowd`], [`patterns`].

mod crowd;
mod draw;
mod kill;
mod patterns;
mod tool;
mod tree;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::ensure;
use clap::{Args, Subcommand};

use crate::print_text;

/// Arguments of `flux-eval torture`.
#[derive(Args)]
pub(crate) struct TortureArgs {
    #[command(subcommand)]
    trial: Trial,
}

#[derive(Subcommand)]
enum Trial {
    /// Kills the indexer at many points and looks at what is left.
    Kill(KillArgs),
    /// Lets indexers, searchers and an editor work on one tree at once.
    Crowd(CrowdArgs),
    /// Compares literal and regex search with ripgrep, byte for byte.
    Patterns(PatternsArgs),
}

#[derive(Args)]
struct KillArgs {
    /// The flux binary.
    #[arg(long, default_value = "flux")]
    flux: PathBuf,
    /// A folder that is overwritten with a copy of the repository and its indexes.
    #[arg(long)]
    work: PathBuf,
    /// Points at which a first index is killed, and again at which an update is.
    #[arg(long, default_value_t = 50)]
    points: usize,
    /// The repository.
    repository: PathBuf,
}

#[derive(Args)]
struct CrowdArgs {
    /// The flux binary.
    #[arg(long, default_value = "flux")]
    flux: PathBuf,
    /// A folder that is overwritten with a copy of the repository and its index.
    #[arg(long)]
    work: PathBuf,
    /// How long it goes on.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Processes that index, all the time.
    #[arg(long, default_value_t = 2)]
    indexers: usize,
    /// Processes that search, all the time.
    #[arg(long, default_value_t = 20)]
    searchers: usize,
    /// The repository.
    repository: PathBuf,
}

#[derive(Args)]
struct PatternsArgs {
    /// The flux binary.
    #[arg(long, default_value = "flux")]
    flux: PathBuf,
    /// The ripgrep binary.
    #[arg(long, default_value = "rg")]
    rg: PathBuf,
    /// A folder that is overwritten with the indexes.
    #[arg(long)]
    work: PathBuf,
    /// Patterns tried on each repository: the handmade ones, and as many drawn from its text.
    #[arg(long, default_value_t = 200)]
    patterns: usize,
    /// The repositories.
    #[arg(required = true)]
    repositories: Vec<PathBuf>,
}

/// Runs a trial. It fails when anything went wrong, after saying what.
pub(crate) fn command(arguments: &TortureArgs) -> anyhow::Result<()> {
    let report = match &arguments.trial {
        Trial::Kill(arguments) => kill::run(arguments)?,
        Trial::Crowd(arguments) => crowd::run(arguments)?,
        Trial::Patterns(arguments) => patterns::run(arguments)?,
    };
    let mut text = report.lines.join("\n");
    text.push('\n');
    report.problems.iter().for_each(|problem| text.push_str(&format!("PROBLEM {problem}\n")));
    print_text(&text)?;
    ensure!(report.problems.is_empty(), "{} problems", report.problems.len());
    Ok(())
}

/// What a trial has to say.
#[derive(Debug, Default)]
struct Report {
    /// What was tried, and how often.
    lines: Vec<String>,
    /// What went wrong.
    problems: Vec<String>,
}

impl Report {
    fn check(&mut self, holds: bool, problem: impl FnOnce() -> String) {
        if !holds {
            self.problems.push(problem());
        }
    }
}

impl CrowdArgs {
    fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}
