//! `flux workflow`: record, run, list, show, remove, schedule.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use flux_agent::edit::apply::files::Disk;
use flux_agent::edit::history::states;
use flux_agent::edit::{Indexed, Journal, State};
use flux_agent::policy::Mode;
use flux_agent::session::Transcript;
use flux_agent::tools::{Asked, Bench, Limits, offer};
use flux_agent::workflow::fill::check_values;
use flux_agent::workflow::folder::{self, Over};
use flux_agent::workflow::run::OnFailure;
use flux_agent::workflow::schedule::{Scheduled, crontab, systemd};
use flux_agent::workflow::{
    Filled, Recorded, Report, Workflow, WorkflowError, fill, record, run as run_steps,
};
use flux_core::Cancel;
use flux_engine::Workspace;
use flux_server::knowledge::IndexKnowledge;
use flux_server::wire::workflow as wire;

use super::session::{named, usage as session_usage};
use super::show::{Screen, visible};
use super::{Asking, approver, parts, sessions_folder};
use crate::args::{
    WorkflowCommand, WorkflowListArgs, WorkflowNameArgs, WorkflowRecordArgs, WorkflowRunArgs,
    WorkflowScheduleArgs,
};
use crate::commands::learn::{Learning, if_on};
use crate::commands::tree::one_line;
use crate::config;
use crate::context::Context;
use crate::exit::{Outcome, UsageError, say};

pub(crate) fn run(context: &Context, command: &WorkflowCommand) -> anyhow::Result<Outcome> {
    match command {
        WorkflowCommand::Record(args) => recorded(context, args),
        WorkflowCommand::Run(args) => ran(context, args),
        WorkflowCommand::List(args) => list(context, args),
        WorkflowCommand::Show(args) => show(context, args),
        WorkflowCommand::Remove(args) => {
            folder::remove(context.workspace(&args.tree)?.root(), &args.name).map_err(usage)?;
            Ok(Outcome::Done)
        }
        WorkflowCommand::Schedule(args) => schedule(context, args),
    }
}

/// What is wrong with a name, a value or a file is wrong use; a file that cannot be read is not.
fn usage(error: WorkflowError) -> anyhow::Error {
    match error {
        WorkflowError::Session(error) => session_usage(error),
        WorkflowError::Io { .. } => error.into(),
        WorkflowError::Name(_)
        | WorkflowError::Missing(_)
        | WorkflowError::Exists(_)
        | WorkflowError::Form { .. }
        | WorkflowError::Use(_)
        | WorkflowError::Nothing(_)
        | WorkflowError::Outside(_) => UsageError(error.to_string()).into(),
    }
}

fn recorded(context: &Context, args: &WorkflowRecordArgs) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.tree)?;
    let folder = sessions_folder(context, &workspace)?;
    let id = named(&folder, &args.session)?;
    let recorded = record(&folder, &id, &undone(&workspace)?).map_err(usage)?;
    let over = if args.force { Over::Allowed } else { Over::Refused };
    let path = folder::save(workspace.root(), &args.name, &recorded.workflow, over);
    let path = path.map_err(usage)?;
    if !context.is_quiet {
        tell(&args.name, &path, &recorded);
    }
    Ok(Outcome::Done)
}

/// Edits that were taken back since they were made.
fn undone(workspace: &Workspace) -> anyhow::Result<BTreeSet<u64>> {
    let tree = Indexed { workspace, snapshot: None }.tree();
    let journal = Journal::open(&tree, &Disk, Duration::from_secs(10))?;
    let states = states(&journal.receipts()?);
    Ok(states.into_iter().filter(|(_, state)| *state == State::Undone).map(|(id, _)| id).collect())
}

fn tell(name: &str, path: &Path, recorded: &Recorded) {
    let Recorded { workflow, looked, failed, undone, unwritable } = recorded;
    say(&format!("wrote {}: {} steps", path.display(), workflow.steps.len()));
    for (parameter, value) in &workflow.parameters {
        let value = one_line(value.default.as_deref().unwrap_or_default());
        say(&format!("  {parameter} = {value}"));
    }
    let left = [
        (*looked, "only looked"),
        (*failed, "failed"),
        (*undone, "were undone"),
        (*unwritable, "have an argument called as a key of the format"),
    ];
    for (count, why) in left.into_iter().filter(|(count, _)| *count > 0) {
        say(&format!("left out {count} calls that {why}"));
    }
    say(&format!("read it, then: flux workflow run {name} --dry-run"));
}

/// `key=value` as it is typed.
fn values(typed: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    for text in typed {
        let Some((key, value)) = text.split_once('=') else {
            let text = format!("`{text}` gives no parameter a value\nhint: key=value");
            return Err(UsageError(text).into());
        };
        if values.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(UsageError(format!("`{key}` is given twice")).into());
        }
    }
    Ok(values)
}

fn ran(context: &Context, args: &WorkflowRunArgs) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.tree)?;
    let workflow = folder::load(workspace.root(), &args.name).map_err(usage)?;
    let values = values(&args.values)?;
    let knowledge =
        IndexKnowledge::start(workspace.clone(), if_on(context, &workspace)?, &Cancel::default());
    let mode = if args.yes { Mode::Auto } else { Mode::Ask };
    let asking = Asking::without_prompt(mode, args.network);
    let config = config::agent(&context.config)?;
    let parts = parts(context, &asking, &config, &workspace, &knowledge)?;
    let bench = Bench::new(parts, LIMITS);
    let filled = fill(&workflow, &values, &offer::tools(&bench)).map_err(usage)?;
    if args.dry_run {
        return dry_run(args, &filled);
    }
    filled.notes.iter().for_each(|note| say(&format!("flux: {note}")));
    let on_failure = match (args.keep_going, args.keep_edits) {
        (true, _) => OnFailure::GoOn,
        (false, true) => OnFailure::Stop,
        (false, false) => OnFailure::TakeBack,
    };
    let mut approver = approver(context, args.json);
    let (mute, tree) = (Transcript::mute(&args.name), bench.tree.clone());
    let mut screen = Screen::new(context, args.json, mute, tree, &approver);
    let mut approve = |asked: &Asked| approver.ask(asked);
    let mut show = |event| screen.show(&event);
    let report = run_steps(&bench, &filled.steps, on_failure, &mut approve, &mut show);
    let mut learning = Learning::of(context, &workspace)?;
    report.calls.iter().for_each(|(call, answered)| learning.observer.call(call, answered));
    learning.keep();
    ended(context, args, &report, bench.cancel.is_cancelled())
}

/// How much a result says: enough to see why tests failed.
const LIMITS: Limits = Limits { result: 8_000, turn: 32_000 };
/// Lines of a failure that are shown, from its end, where errors stand.
const SHOWN: usize = 40;

fn dry_run(args: &WorkflowRunArgs, filled: &Filled) -> anyhow::Result<Outcome> {
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", wire::steps(&args.name, &filled.steps, &filled.notes))?;
        return Ok(Outcome::Done);
    }
    for (number, step) in (1..).zip(&filled.steps) {
        let note = step.note.as_ref().map(|note| format!(": {}", one_line(note)));
        let with = if step.together { " (with the step before it)" } else { "" };
        let note = note.unwrap_or_default();
        let line = format!("{number}. {}{with}{note}", one_line(&step.described()));
        writeln!(out, "{}", visible(&line))?;
        for (key, value) in &step.arguments {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let text = visible(&text);
            let mut lines = text.lines();
            writeln!(out, "   {key}: {}", lines.next().unwrap_or_default())?;
            lines.try_for_each(|line| writeln!(out, "   {:>1$} {line}", "", key.len() + 1))?;
        }
    }
    filled.notes.iter().for_each(|note| say(&format!("flux: {note}")));
    Ok(Outcome::Done)
}

fn ended(
    context: &Context,
    args: &WorkflowRunArgs,
    report: &Report,
    is_cancelled: bool,
) -> anyhow::Result<Outcome> {
    if args.json {
        writeln!(io::stdout().lock(), "{}", wire::ended(&args.name, report))?;
    } else {
        for (number, text) in &report.failed {
            let lines: Vec<&str> = text.lines().collect();
            let shown = &lines[lines.len().saturating_sub(SHOWN)..];
            say(&visible(&format!("flux: step {number} failed:\n{}", shown.join("\n"))));
        }
        if !context.is_quiet || report.is_stopped {
            summary(report).iter().for_each(|line| say(&format!("flux: {line}")));
        }
    }
    Ok(match (is_cancelled, report.is_stopped || !report.failed.is_empty()) {
        (true, _) => Outcome::Cancelled,
        (false, true) => Outcome::Refused,
        (false, false) => Outcome::Done,
    })
}

fn summary(report: &Report) -> Vec<String> {
    let numbers = |edits: &[u64]| edits.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    let mut lines = vec![format!("{} steps done, {} failed", report.done, report.failed.len())];
    if !report.taken_back.is_empty() {
        lines.push(format!("took back what it edited: edits {}", numbers(&report.taken_back)));
    }
    if let Some(why) = &report.stuck {
        lines.push(format!("{why}\nthe edits before it stay, too"));
    }
    let stays = report.edits.len() - report.taken_back.len();
    if stays > 0 && report.is_stopped && report.stuck.is_none() {
        lines.push(format!("its edits stay: {}\nhint: flux undo ID", numbers(&report.edits)));
    }
    if report.is_stopped && report.has_commands {
        lines.push("what its commands wrote by themselves is not taken back".to_owned());
    }
    lines
}

fn list(context: &Context, args: &WorkflowListArgs) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.tree)?;
    let names = folder::names(workspace.root());
    let loaded = names.iter().map(|name| (name.as_str(), folder::load(workspace.root(), name)));
    let loaded: Vec<(&str, Result<Workflow, WorkflowError>)> = loaded.collect();
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", wire::list(&loaded))?;
        return Ok(Outcome::Done);
    }
    for (name, workflow) in &loaded {
        match workflow {
            Ok(workflow) => {
                let parameters = workflow.parameters.keys().map(String::as_str);
                let parameters: Vec<&str> = parameters.collect();
                let (steps, parameters) = (workflow.steps.len(), parameters.join(" "));
                let description = one_line(&workflow.description);
                writeln!(out, "{name}\t{steps} steps\t{parameters}\t{description}")?;
            }
            Err(error) => say(&format!("flux: {error}")),
        }
    }
    Ok(if loaded.is_empty() { Outcome::Nothing } else { Outcome::Done })
}

fn show(context: &Context, args: &WorkflowNameArgs) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.tree)?;
    let text = folder::text(workspace.root(), &args.name).map_err(usage)?;
    io::stdout().lock().write_all(text.as_bytes())?;
    folder::load(workspace.root(), &args.name).map_err(usage)?;
    Ok(Outcome::Done)
}

fn schedule(context: &Context, args: &WorkflowScheduleArgs) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.tree)?;
    let workflow = folder::load(workspace.root(), &args.name).map_err(usage)?;
    let given = values(&args.values)?;
    check_values(&workflow, &given).map_err(usage)?;
    let program = std::env::current_exe().context("it is not known where this program lies")?;
    let mut arguments = args.values.clone();
    if args.yes {
        arguments.push("--yes".to_owned());
    }
    let (root, name) = (workspace.root(), args.name.as_str());
    let run = Scheduled { program: &program, root, name, arguments: &arguments };
    let text = match (&args.cron, &args.systemd) {
        (Some(when), _) => crontab(when, &run).map(|line| format!("{line}\n")),
        (None, when) => systemd(when.as_deref().unwrap_or_default(), &run),
    };
    io::stdout().lock().write_all(text.map_err(UsageError)?.as_bytes())?;
    if !args.yes {
        say("flux: without --yes a run that nobody watches is refused its changes");
    }
    Ok(Outcome::Done)
}
