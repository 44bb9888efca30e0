//! Runs a workflow: step by step, through the same judging, asking and confining as a model's calls.
//!
//! A step that fails ends the run, and what the run edited is taken back: half a workflow is a state
//! that nobody has seen. What commands wrote is theirs and stays, and is said to.

use super::Step;
use super::record::EDITING;
use crate::edit::Receipt;
use crate::llm::{Answered, Call};
use crate::run::Event;
use crate::tools::prepare::{prepare, run as run_calls, shown};
use crate::tools::{Approve, Bench};
use crate::verify::back::take_back;

/// What becomes of a run with a step that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// It ends, and its edits are taken back.
    TakeBack,
    /// It ends, and its edits stay.
    Stop,
    /// It goes on.
    GoOn,
}

/// What came of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Steps that went well.
    pub done: usize,
    /// Steps that failed, counted from 1, with what is said of them.
    pub failed: Vec<(usize, String)>,
    /// Whether it ended before its last step.
    pub is_stopped: bool,
    /// Its edits in the journal, in order.
    pub edits: Vec<u64>,
    /// Those of them that were taken back.
    pub taken_back: Vec<u64>,
    /// Why not all of them were, where that was wanted.
    pub stuck: Option<String>,
    /// Whether it ran commands, whose doing is not taken back.
    pub has_commands: bool,
    /// The calls with what came of them, for what is learned of them.
    pub calls: Vec<(Call, Answered)>,
}

/// Runs steps that have no parameters left.
pub fn run(
    bench: &Bench<'_>,
    steps: &[Step],
    on_failure: OnFailure,
    approve: Approve<'_>,
    on: &mut dyn FnMut(Event),
) -> Report {
    let mut report = Report::default();
    let mut receipts = Vec::new();
    let mut at = 0;
    while at < steps.len() && !report.is_stopped {
        let joined = steps[at + 1..].iter().take_while(|step| step.together).count();
        let group = &steps[at..=at + joined];
        let mut told = |event: Event| {
            if let Event::Edited(receipt) = &event {
                receipts.push(receipt.clone());
            }
            on(event);
        };
        let failures = run_group(bench, (at, steps.len()), group, approve, &mut told, &mut report);
        at += group.len();
        let is_borne = on_failure == OnFailure::GoOn || group.iter().all(|step| step.keep_going);
        report.is_stopped = bench.cancel.is_cancelled() || (failures > 0 && !is_borne);
    }
    if report.is_stopped && on_failure == OnFailure::TakeBack {
        undo(bench, &receipts, &mut report);
    }
    report.edits = receipts.iter().map(|receipt| receipt.id).collect();
    report
}

/// Runs steps that are one transaction; how many of them failed.
fn run_group(
    bench: &Bench<'_>,
    (before, total): (usize, usize),
    group: &[Step],
    approve: Approve<'_>,
    on: &mut dyn FnMut(Event),
    report: &mut Report,
) -> usize {
    look(bench, group);
    let mut calls = Vec::new();
    let mut prepared = Vec::new();
    for (number, step) in (before + 1..).zip(group) {
        let call = call(format!("step-{number}"), &step.tool, &step.arguments);
        let what = format!("{number}/{total} {}", shown(bench, &call));
        on(Event::Started { id: call.id.clone(), tool: call.name.clone(), what });
        prepared.push(prepare(bench, &call, approve));
        report.has_commands |= matches!(call.name.as_str(), "run_command" | "run_tests");
        calls.push(call);
    }
    let mut failures = 0;
    for ((number, call), done) in (before + 1..).zip(calls).zip(run_calls(bench, prepared)) {
        let Answered { text, is_error } = done.answered.clone();
        match is_error {
            true => {
                failures += 1;
                report.failed.push((number, text.clone()));
            }
            false => report.done += 1,
        }
        on(Event::Finished { id: call.id.clone(), tool: call.name.clone(), is_error, text });
        if let Some(receipt) = done.receipt {
            on(Event::Edited(receipt));
        }
        report.calls.push((call, done.answered));
    }
    failures
}

/// Reads what is about to be edited. That a file was read before is asked of models, which make texts
/// up; a workflow has nobody who could read, and its edits are held to the text they name.
fn look(bench: &Bench<'_>, group: &[Step]) {
    let edits = group.iter().filter(|step| EDITING.contains(&step.tool.as_str()));
    let paths = edits.flat_map(|step| ["path", "from"].map(|key| step.arguments.get(key)));
    let paths: Vec<serde_json::Value> = paths.flatten().cloned().collect();
    if paths.is_empty() {
        return;
    }
    let mut arguments = crate::tools::Arguments::new();
    arguments.insert("paths".to_owned(), paths.into());
    let call = call("look".to_owned(), "read_files", &arguments);
    // A file that is not there, or cannot be read, is the edit's to complain of.
    run_calls(bench, vec![prepare(bench, &call, &mut |_| false)]);
}

fn call(id: String, tool: &str, arguments: &crate::tools::Arguments) -> Call {
    let arguments = serde_json::Value::Object(arguments.clone()).to_string();
    Call { id, item: None, name: tool.to_owned(), arguments, is_cut: false }
}

/// Takes the edits of a run back, the last first. One that cannot be stays, and so do those before
/// it: they may be what it builds on.
fn undo(bench: &Bench<'_>, receipts: &[Receipt], report: &mut Report) {
    for receipt in receipts.iter().rev() {
        match take_back(bench, std::slice::from_ref(receipt)) {
            Ok(()) => report.taken_back.push(receipt.id),
            Err(why) => {
                report.stuck = Some(why);
                return;
            }
        }
    }
}
