//! Chores of the workspace: `check` is what has to be green before a review, `tidy` and
//! `licences` are the parts of it that no ready-made tool covers.
//!
//! Reading order: [`check`], [`tidy`], [`licences`].
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to its user")]

use std::process::ExitCode;

use anyhow::{Context, bail};
use xshell::Shell;

mod check;
mod licences;
mod tidy;

const USAGE: &str = "usage: cargo xtask check | tidy | licences";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let shell = workspace_shell()?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["check"] => check::run(&shell),
        ["tidy"] => tidy::run(&shell),
        ["licences"] => licences::run(&shell),
        _ => bail!("{USAGE}"),
    }
}

/// A shell that stands in the workspace root, wherever it was called from.
fn workspace_shell() -> anyhow::Result<Shell> {
    let manifest_folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = manifest_folder.parent().context("xtask lies in no workspace")?;
    let shell = Shell::new()?;
    shell.change_dir(root);
    Ok(shell)
}
