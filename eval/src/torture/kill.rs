//! The indexer is killed at points spread over its whole run. What is left must be a whole
//! snapshot, the one before or the one after, and the next run must finish the work.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::tool::{Tool, difference, talk};
use super::tree::{clear, copy, edit, text_files};
use super::{KillArgs, Report};
use crate::bootstrap::SplitMix;

/// Fixed, so that two runs kill at the same points.
const SEED: u64 = 50;
/// One edit for this many files: enough that an update takes long enough to be hit everywhere.
const FILES_PER_EDIT: usize = 8;

/// How the killed runs ended.
#[derive(Default)]
struct Tally {
    nothing: usize,
    before: usize,
    after: usize,
    finished: usize,
}

pub(super) fn run(arguments: &KillArgs) -> anyhow::Result<Report> {
    clear(&arguments.work)?;
    let tree = arguments.work.join("tree");
    copy(&arguments.repository, &tree)?;
    let flux = std::path::absolute(&arguments.flux)?;
    let index = std::path::absolute(arguments.work.join("index"))?;
    let tool = Tool { flux, tree: std::path::absolute(tree)?, index };
    let mut report = Report::default();
    let mut random = SplitMix(SEED);
    first_index(&tool, arguments.points, &mut random, &mut report)?;
    update(&tool, arguments.points, &mut random, &mut report)?;
    Ok(report)
}

fn first_index(
    tool: &Tool,
    points: usize,
    random: &mut SplitMix,
    report: &mut Report,
) -> anyhow::Result<()> {
    let (duration, expected) = reference(tool)?;
    let mut tally = Tally::default();
    for point in 0..points {
        clear(&tool.index)?;
        tally.finished += usize::from(killed(tool, delay(duration, point, points, random))?);
        if tool.has_no_index()? {
            tally.nothing += 1;
        } else {
            check_answers(tool, &[&expected], &format!("first index, point {point}"), report);
            check_verify(tool, &format!("first index, point {point}"), report)?;
            tally.after += 1;
        }
        check_completion(tool, &expected, &format!("first index, point {point}"), report)?;
    }
    report.lines.push(format!(
        "first index ({:.1} s): {points} kills; then no index {}, whole index {}; {} runs had \
         ended before the kill",
        duration.as_secs_f64(),
        tally.nothing,
        tally.after,
        tally.finished
    ));
    Ok(())
}

fn update(
    tool: &Tool,
    points: usize,
    random: &mut SplitMix,
    report: &mut Report,
) -> anyhow::Result<()> {
    let base = tool.with_index(tool.index.with_extension("base"));
    base.index()?;
    let files = text_files(&tool.tree)?;
    for number in 0..files.len().div_ceil(FILES_PER_EDIT) {
        edit(&files, random, number)?;
    }
    let before = base.answers()?;
    let duration = {
        clear(&tool.index)?;
        copy(&base.index, &tool.index)?;
        let start = Instant::now();
        tool.index()?;
        start.elapsed()
    };
    let (_, after) = reference(tool)?;
    let mut tally = Tally::default();
    for point in 0..points {
        let name = format!("update, point {point}");
        clear(&tool.index)?;
        copy(&base.index, &tool.index)?;
        tally.finished += usize::from(killed(tool, delay(duration, point, points, random))?);
        match check_answers(tool, &[&before, &after], &name, report) {
            Some(0) => tally.before += 1,
            _ => tally.after += 1,
        }
        check_verify(tool, &name, report)?;
        check_completion(tool, &after, &name, report)?;
    }
    report.lines.push(format!(
        "update of {} files ({:.1} s): {points} kills; then the old snapshot {}, the new {}; {} \
         runs had ended before the kill",
        files.len().div_ceil(FILES_PER_EDIT),
        duration.as_secs_f64(),
        tally.before,
        tally.after,
        tally.finished
    ));
    Ok(())
}

/// The answers of an index made in one go, and how long that took.
fn reference(tool: &Tool) -> anyhow::Result<(Duration, Vec<Value>)> {
    let fresh = tool.with_index(tool.index.with_extension("fresh"));
    clear(&fresh.index)?;
    let start = Instant::now();
    fresh.index()?;
    let duration = start.elapsed();
    Ok((duration, fresh.answers()?))
}

/// Points are spread evenly over the run and jittered within their share of it.
fn delay(duration: Duration, point: usize, points: usize, random: &mut SplitMix) -> Duration {
    let jitter = random.below(1000) as f64 / 1000.0;
    duration.mul_f64((point as f64 + jitter) / points as f64)
}

/// Starts an indexer and kills it after `delay`. Returns whether it had ended by itself.
fn killed(tool: &Tool, delay: Duration) -> anyhow::Result<bool> {
    let mut child = tool.start_index()?;
    std::thread::sleep(delay);
    // On Unix this is SIGKILL.
    child.kill()?;
    Ok(child.wait()?.code().is_some())
}

/// Which of `allowed` the index answers with.
fn check_answers(
    tool: &Tool,
    allowed: &[&[Value]],
    name: &str,
    report: &mut Report,
) -> Option<usize> {
    match tool.answers() {
        Ok(answers) => {
            let found = allowed.iter().position(|allowed| *allowed == answers);
            report.check(found.is_some(), || {
                let difference = difference(allowed[0], &answers).unwrap_or_default();
                format!("{name}: answers from no whole snapshot: {difference}")
            });
            found
        }
        Err(error) => {
            report.problems.push(format!("{name}: {error:#}"));
            None
        }
    }
}

fn check_verify(tool: &Tool, name: &str, report: &mut Report) -> anyhow::Result<()> {
    if let Some(problem) = tool.verify()? {
        report.problems.push(format!("{name}: verify: {problem}"));
    }
    Ok(())
}

/// The next run completes what the killed one began.
fn check_completion(
    tool: &Tool,
    expected: &[Value],
    name: &str,
    report: &mut Report,
) -> anyhow::Result<()> {
    let output = tool.run(&["index"])?;
    report.check(output.status.success(), || format!("{name}: index after: {}", talk(&output)));
    check_answers(tool, &[expected], &format!("{name}, completed"), report);
    check_verify(tool, &format!("{name}, completed"), report)
}
