//! `cargo xtask check`: every gate in order, stopping at the first that fails.
//!
//! The cheap gates that find most slips come first. The tests use `cargo nextest` where it is
//! installed because it runs them in parallel processes; doc tests still need `cargo test`.

use anyhow::Context;
use xshell::{Cmd, Shell, cmd};

use crate::{licences, tidy};

type Step = fn(&Shell) -> anyhow::Result<()>;

const STEPS: &[(&str, Step)] = &[
    ("fmt", fmt),
    ("clippy", clippy),
    ("tests", tests),
    ("doc", doc),
    ("tidy", tidy::run),
    ("licences", licences::run),
    ("deny", deny),
];

/// Runs every gate; the error names the one that failed.
pub(crate) fn run(shell: &Shell) -> anyhow::Result<()> {
    for (name, step) in STEPS {
        println!("check: {name}");
        step(shell).with_context(|| format!("check failed at `{name}`"))?;
    }
    println!("check: all {} gates passed", STEPS.len());
    Ok(())
}

fn fmt(shell: &Shell) -> anyhow::Result<()> {
    run_visibly(cmd!(shell, "cargo fmt --all -- --check"))
}

fn clippy(shell: &Shell) -> anyhow::Result<()> {
    run_visibly(cmd!(shell, "cargo clippy --workspace --all-targets --locked -- -D warnings"))
}

fn tests(shell: &Shell) -> anyhow::Result<()> {
    if !is_installed(shell, "nextest") {
        return run_visibly(cmd!(shell, "cargo test --workspace --locked"));
    }
    run_visibly(cmd!(shell, "cargo test --workspace --locked --doc"))?;
    run_visibly(cmd!(shell, "cargo nextest run --workspace --locked"))
}

fn doc(shell: &Shell) -> anyhow::Result<()> {
    let _warnings_are_errors = shell.push_env("RUSTDOCFLAGS", "-D warnings");
    run_visibly(cmd!(shell, "cargo doc --no-deps --workspace --locked"))
}

/// `licences` has already judged licences and sources, so a machine without cargo-deny loses
/// only the list of duplicate versions: too little to build cargo-deny for (3.5 processor minutes).
fn deny(shell: &Shell) -> anyhow::Result<()> {
    if !is_installed(shell, "deny") {
        println!("cargo-deny is not installed: skipped; `licences` covers licences and sources");
        return Ok(());
    }
    run_visibly(cmd!(shell, "cargo deny check bans licenses sources"))
}

fn is_installed(shell: &Shell, subcommand: &str) -> bool {
    cmd!(shell, "cargo {subcommand} --version")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .is_ok()
}

fn run_visibly(command: Cmd<'_>) -> anyhow::Result<()> {
    println!("$ {command}");
    Ok(command.quiet().run()?)
}
