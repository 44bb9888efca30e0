//! Literal and regex search compared with ripgrep: the whole output of both, byte for byte once
//! their lines are sorted.
//!
//! ripgrep runs on one thread: on more, what it finds in a file with a late NUL byte depends on
//! which files its thread has read before.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;

use super::draw::{Pattern, patterns};
use super::tool::{Tool, talk};
use super::tree::clear;
use super::{PatternsArgs, Report};

pub(super) fn run(arguments: &PatternsArgs) -> anyhow::Result<Report> {
    clear(&arguments.work)?;
    let mut report = Report::default();
    for repository in &arguments.repositories {
        let tree = std::path::absolute(repository)?;
        let name = tree.file_name().context("a repository without a name")?;
        let index = std::path::absolute(arguments.work.join(name))?;
        let tool = Tool { flux: std::path::absolute(&arguments.flux)?, tree: tree.clone(), index };
        tool.index()?;
        compare(arguments, &tool, &mut report)?;
    }
    Ok(report)
}

fn compare(arguments: &PatternsArgs, tool: &Tool, report: &mut Report) -> anyhow::Result<()> {
    let patterns = patterns(&tool.tree, arguments.patterns)?;
    let (mut equal, mut lines, mut bytes) = (0, 0, 0);
    let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
    for pattern in &patterns {
        let start = Instant::now();
        let flux = ask_flux(tool, pattern)?;
        let middle = Instant::now();
        let rg = ask_ripgrep(&arguments.rg, &tool.tree, pattern)?;
        ours += middle - start;
        theirs += middle.elapsed();
        lines += rg.stdout.iter().filter(|byte| **byte == b'\n').count();
        bytes += rg.stdout.len();
        match difference(&flux, &rg) {
            None => equal += 1,
            Some(difference) => {
                let Pattern { text, options } = pattern;
                let tree = tool.tree.display();
                report
                    .problems
                    .push(format!("{tree}: {} {text:?}: {difference}", options.join(" ")));
            }
        }
    }
    report.lines.push(format!(
        "{}: {} patterns, {equal} equal; {lines} lines, {bytes} bytes; flux {:.1} s, rg {:.1} s",
        tool.tree.display(),
        patterns.len(),
        ours.as_secs_f64(),
        theirs.as_secs_f64()
    ));
    Ok(())
}

fn ask_flux(tool: &Tool, pattern: &Pattern) -> anyhow::Result<Output> {
    let mut arguments = vec!["search", "--no-refresh"];
    // What ripgrep calls -e takes the pattern; here it is a switch.
    arguments.extend(&pattern.options);
    arguments.extend(["--", &pattern.text]);
    let mut command = Command::new(&tool.flux);
    command.args(["--quiet", "--color", "never", "--index-dir"]).arg(&tool.index);
    command.args(arguments).current_dir(&tool.tree).stdin(Stdio::null());
    command.output().context("cannot run flux")
}

fn ask_ripgrep(rg: &Path, tree: &Path, pattern: &Pattern) -> anyhow::Result<Output> {
    let mut command = Command::new(rg);
    command.args(["-n", "--no-heading", "--color", "never", "-j1", "--sort", "path"]);
    command.args(pattern.options.iter().filter(|option| **option != "-e"));
    command.arg("-e").arg(&pattern.text).current_dir(tree).stdin(Stdio::null());
    command.output().with_context(|| format!("cannot run {}", rg.display()))
}

/// How two outputs differ: in their exit codes or in a line.
fn difference(flux: &Output, rg: &Output) -> Option<String> {
    let (ours, theirs) = (sorted(&flux.stdout), sorted(&rg.stdout));
    if flux.status.code() != rg.status.code() {
        let codes = (flux.status.code(), rg.status.code());
        return Some(format!("exit codes {codes:?}, {} | {}", talk(flux), talk(rg)));
    }
    if ours == theirs {
        return None;
    }
    let extra = ours.iter().find(|line| theirs.binary_search(line).is_err());
    let missing = theirs.iter().find(|line| ours.binary_search(line).is_err());
    let counts = (ours.len(), theirs.len());
    Some(format!("lines {counts:?}, flux only: {}, rg only: {}", show(extra), show(missing)))
}

fn show(line: Option<&&[u8]>) -> String {
    line.map_or_else(
        || "none".to_owned(),
        |line| format!("{:?}", String::from_utf8_lossy(&line[..line.len().min(200)])),
    )
}

fn sorted(output: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = output.split(|byte| *byte == b'\n').collect();
    lines.sort_unstable();
    lines
}
