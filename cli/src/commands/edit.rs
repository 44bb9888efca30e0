//! `flux edit`, `undo`, `redo` and `history`.
//!
//! What is to happen is shown before it happens. On a terminal the user is asked; a script that
//! runs without one has to say `--yes`.

use std::fs;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use flux_agent::edit::apply::files::Disk;
use flux_agent::edit::script::MAX_SCRIPT_BYTES;
use flux_agent::edit::{
    About, Accept, ApplyError, CheckCommand, Checked, EditPlan, EditScript, FileEdit, Format,
    Indexed, Journal, Kind, Receipt, Recovered, Refused, ScriptError, State, Tree, Turn, diff,
    history,
};
use flux_engine::{Snapshot, Workspace};
use flux_server::wire::edits as wire;
use serde_json::Value;

use crate::args::{EditAccept, EditArgs, EditFormat, HistoryArgs, TurnArgs};
use crate::commands::index::{index, with_model};
use crate::commands::tree::one_line;
use crate::config::check_command;
use crate::context::Context;
use crate::exit::{Outcome, UsageError, say};

/// How long one process waits for another to finish its edit.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) fn run(context: &Context, args: &EditArgs) -> anyhow::Result<Outcome> {
    let text = script_text(&args.script)?;
    let workspace = context.workspace(&args.tree)?;
    let root = workspace.root().display().to_string();
    let script = match EditScript::parse(&text, format(args.format)) {
        Ok(script) => script,
        Err(error) => return refuse_script(args.json, &root, &error),
    };
    let tree = Indexed { workspace: &workspace, snapshot: None }.tree();
    // Takes back what a crash left. The lock is not held while the user thinks: the plan is bound
    // to what is there now.
    match Journal::open(&tree, &Disk, PATIENCE) {
        Ok(journal) => report_recovered(&journal.recovered),
        Err(error) => return not_applied(args.json, &root, error),
    }
    let snapshot = snapshot(context, &workspace)?;
    let indexed = Indexed { workspace: &workspace, snapshot: snapshot.as_ref() };
    let accept: Vec<Accept> = args.accept.iter().map(|kind| accepted(*kind)).collect();
    let checked = EditPlan::of_script(&tree, &script, &indexed)
        .and_then(|plan| Checked::check(plan, &indexed, &accept))
        .and_then(|checked| own_check(context, args, &workspace, &tree, checked));
    let checked = match checked {
        Ok(checked) => checked,
        Err(refused) => return refuse(args.json, &root, &refused),
    };
    let wanted = Wanted {
        tree: &tree,
        has_index: snapshot.is_some(),
        is_dry_run: args.dry_run,
        is_applied_unasked: args.yes,
        is_json: args.json,
        can_ask: args.script != Path::new("-"),
        title: args.title.clone().unwrap_or_else(|| title(&checked.plan)),
    };
    conclude(context, workspace, &checked, &wanted, Value::Null)
}

/// What is to become of a plan that was checked.
pub(crate) struct Wanted<'a> {
    pub(crate) tree: &'a Tree,
    /// Whether there is an index to refresh.
    pub(crate) has_index: bool,
    pub(crate) is_dry_run: bool,
    /// `--yes`.
    pub(crate) is_applied_unasked: bool,
    pub(crate) is_json: bool,
    /// Whether standard input is free for an answer.
    pub(crate) can_ask: bool,
    /// What the edit is called in the history.
    pub(crate) title: String,
}

/// Shows a plan, asks, applies it, refreshes the index. `refactoring` is what the plan was made
/// of, for `--json`.
pub(crate) fn conclude(
    context: &Context,
    workspace: Workspace,
    checked: &Checked,
    wanted: &Wanted<'_>,
    refactoring: Value,
) -> anyhow::Result<Outcome> {
    let root = workspace.root().display().to_string();
    let with = |mut json: Value| {
        if !refactoring.is_null() {
            json["refactoring"] = refactoring.clone();
        }
        json
    };
    if wanted.is_dry_run {
        return dry_run(wanted.is_json, checked, with(wire::edit(&root, checked, None)));
    }
    if !wanted.is_json && !context.is_quiet {
        print_plan(checked);
    }
    if !wanted.is_applied_unasked && !is_confirmed(wanted)? {
        let hint = "flux: nothing was changed\nhint: pass --yes to apply without being asked";
        let json = with(wire::unconfirmed(&root, checked));
        return finish_refused(wanted.is_json, &json, hint);
    }
    let about = About { kind: Kind::Edit, title: wanted.title.clone(), now: SystemTime::now() };
    let journal = Journal::open(wanted.tree, &Disk, PATIENCE);
    let receipt = match journal.and_then(|journal| journal.apply(checked, &about)) {
        Ok(receipt) => receipt,
        Err(error) => return not_applied(wanted.is_json, &root, error),
    };
    refresh(context, workspace, wanted.has_index)?;
    done(context, wanted.is_json, &with(wire::edit(&root, checked, Some(&receipt))), &receipt)
}

fn script_text(path: &Path) -> anyhow::Result<String> {
    let limit = MAX_SCRIPT_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes).context("cannot read the script")?;
    } else {
        let file = fs::File::open(path).map_err(|error| {
            let path = path.display();
            UsageError(format!("cannot read {path}: {error}\nhint: pass a script, or - to read it"))
        })?;
        let read = file.take(limit).read_to_end(&mut bytes);
        read.with_context(|| format!("cannot read {}", path.display()))?;
    }
    let text = String::from_utf8(bytes);
    Ok(text.map_err(|_| UsageError("the script is not UTF-8".to_owned()))?)
}

fn format(format: EditFormat) -> Option<Format> {
    match format {
        EditFormat::Auto => None,
        EditFormat::SearchReplace => Some(Format::SearchReplace),
        EditFormat::Diff => Some(Format::Diff),
        EditFormat::Patch => Some(Format::Patch),
        EditFormat::Json => Some(Format::Json),
    }
}

pub(crate) fn accepted(accept: EditAccept) -> Accept {
    match accept {
        EditAccept::Syntax => Accept::Syntax,
        EditAccept::Elision => Accept::Elision,
        EditAccept::Deletion => Accept::Deletion,
        EditAccept::Removals => Accept::Removals,
    }
}

/// The index as of now, with its graph; none if the tree was never indexed. An edit does not make
/// an index by the way.
pub(crate) fn snapshot(
    context: &Context,
    workspace: &Workspace,
) -> anyhow::Result<Option<Snapshot>> {
    match workspace.snapshot() {
        Err(error) if error.is_missing_index() => return Ok(None),
        _ => index(context, workspace, false, true)?,
    };
    Ok(Some(workspace.snapshot()?))
}

/// Lets the next search see the new text, if there is an index.
fn refresh(context: &Context, workspace: Workspace, has_index: bool) -> anyhow::Result<()> {
    if !has_index {
        return Ok(());
    }
    let (workspace, _) = with_model(context, workspace, true)?;
    if let Err(error) = index(context, &workspace, false, true) {
        say(&format!("flux: the edit is made, but the index is not refreshed: {error:#}"));
    }
    Ok(())
}

/// Runs the project's own check, if that is asked for.
fn own_check(
    context: &Context,
    args: &EditArgs,
    workspace: &Workspace,
    tree: &Tree,
    mut checked: Checked,
) -> Result<Checked, Refused> {
    if !args.check && args.check_command.is_none() {
        return Ok(checked);
    }
    let shell = |command: &str| CheckCommand::new(&["sh", "-c", command]);
    let configured = || check_command(workspace.root(), "command");
    let unusable = |text: String| {
        let reason = flux_agent::edit::Reason::Unusable(text);
        Refused(vec![flux_agent::edit::Refusal { line: None, path: String::new(), reason }])
    };
    let command = match (&args.check_command, configured()) {
        (Some(command), _) => Some(shell(command)),
        (None, Ok(Some(command))) => Some(shell(&command)),
        (None, Ok(None)) => CheckCommand::detected(tree),
        (None, Err(error)) => return Err(unusable(format!("{error:#}"))),
    };
    let Some(mut command) = command else {
        checked.notes.push("no check is known for this project".to_owned());
        return Ok(checked);
    };
    if let Some(seconds) = args.check_time {
        command.time = Duration::from_secs(seconds);
    }
    let files = workspace.files(&context.cancel).map_err(|error| unusable(error.to_string()))?;
    command.run(tree, &files, &checked.plan, &context.cancel)?;
    checked.notes.push(format!("`{}` passed", command.shown()));
    Ok(checked)
}

/// The plan in lines: what happens to which file, how its places were found, what goes.
fn print_plan(checked: &Checked) {
    for file in &checked.plan.files {
        say(&file_line(file));
        for hunk in &file.hunks {
            let (first, last) = hunk.lines;
            say(&format!("  lines {first}-{last}, found by {}", hunk.found.as_str()));
        }
    }
    for removed in &checked.removed {
        let (path, name, line) = (&removed.path, &removed.name, removed.line);
        let count = removed.sites.len();
        say(&format!("removes {name}, {path}:{line}, referred to from {count} places that stay"));
        for site in &removed.sites {
            say(&format!("  {}:{}: {}", site.path, site.line, site.text));
        }
    }
    for refusal in &checked.accepted {
        say(&format!("accepted: {refusal}"));
    }
    for note in &checked.notes {
        say(&format!("note: {note}"));
    }
}

fn file_line(file: &FileEdit) -> String {
    let path = one_line(file.path.as_str());
    match &file.from {
        Some(from) => format!("move {} to {path}", one_line(from.as_str())),
        None => format!("{} {path}", file.verb()),
    }
}

fn title(plan: &EditPlan) -> String {
    match plan.files.as_slice() {
        [file] => file_line(file),
        files => format!("{} and {} more", file_line(&files[0]), files.len() - 1),
    }
}

/// Asks, where there is somebody to ask.
fn is_confirmed(wanted: &Wanted<'_>) -> anyhow::Result<bool> {
    let is_free = wanted.can_ask && !wanted.is_json;
    if !is_free || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(false);
    }
    write!(io::stderr(), "apply? [y/N] ")?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn dry_run(is_json: bool, checked: &Checked, json: Value) -> anyhow::Result<Outcome> {
    let mut out = io::stdout().lock();
    if is_json {
        writeln!(out, "{json}")?;
    } else {
        out.write_all(diff::unified(&checked.plan).as_bytes())?;
        for note in &checked.notes {
            say(&format!("note: {note}"));
        }
    }
    Ok(Outcome::Done)
}

fn done(
    context: &Context,
    is_json: bool,
    json: &Value,
    receipt: &Receipt,
) -> anyhow::Result<Outcome> {
    if is_json {
        writeln!(io::stdout().lock(), "{json}")?;
    } else if !context.is_quiet {
        let Receipt { id, entries, .. } = receipt;
        say(&format!("applied as edit {id}: {} files", entries.len()));
    }
    Ok(Outcome::Done)
}

fn finish_refused(is_json: bool, json: &Value, message: &str) -> anyhow::Result<Outcome> {
    if is_json {
        writeln!(io::stdout().lock(), "{json}")?;
    } else {
        say(message);
    }
    Ok(Outcome::Refused)
}

pub(crate) fn refuse(is_json: bool, root: &str, refused: &Refused) -> anyhow::Result<Outcome> {
    let message = format!("{refused}\nflux: the edit is refused; nothing was changed");
    finish_refused(is_json, &wire::refused(root, &refused.0), &message)
}

fn refuse_script(is_json: bool, root: &str, error: &ScriptError) -> anyhow::Result<Outcome> {
    let message = format!("{error}\nflux: the edit is refused; nothing was changed");
    finish_refused(is_json, &wire::no_script(root, error), &message)
}

pub(crate) fn not_applied(is_json: bool, root: &str, error: ApplyError) -> anyhow::Result<Outcome> {
    match error {
        ApplyError::Refused(refused) => refuse(is_json, root, &refused),
        ApplyError::Journal { .. } => Err(error.into()),
        ApplyError::RolledBack { .. }
        | ApplyError::Interrupted { .. }
        | ApplyError::Locked
        | ApplyError::Foreign { .. } => {
            let json = wire::not_applied(root, &error);
            finish_refused(is_json, &json, &format!("flux: {error}"))
        }
    }
}

pub(crate) fn report_recovered(recovered: &[Recovered]) {
    for one in recovered {
        say(&format!("flux: an edit that was interrupted is taken back: {}", one.title));
        for path in &one.torn {
            say(&format!("flux: {path} was changed since and is left as it is"));
        }
    }
}

/// Undoes or redoes an edit.
pub(crate) fn turn(context: &Context, args: &TurnArgs, turn: Turn) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.tree)?;
    let root = workspace.root().display().to_string();
    let tree = Indexed { workspace: &workspace, snapshot: None }.tree();
    let turned = Journal::open(&tree, &Disk, PATIENCE).and_then(|journal| {
        report_recovered(&journal.recovered);
        let (of, plan) = journal.turn(turn, args.id)?;
        let checked = Checked::of_turn(plan);
        if args.dry_run {
            return Ok((of, checked, None));
        }
        let (kind, title) = match turn {
            Turn::Undo => (Kind::Undo(of.id), format!("undo of {}: {}", of.id, of.title)),
            Turn::Redo => (Kind::Redo(of.id), format!("redo of {}: {}", of.id, of.title)),
        };
        let about = About { kind, title, now: SystemTime::now() };
        let receipt = journal.apply(&checked, &about)?;
        Ok((of, checked, Some(receipt)))
    });
    let (of, checked, receipt) = match turned {
        Ok(turned) => turned,
        Err(error) => return not_applied(args.json, &root, error),
    };
    let json = wire::turn(&root, &of, &checked.plan, receipt.as_ref());
    let Some(receipt) = receipt else { return dry_run(args.json, &checked, json) };
    if !args.json && !context.is_quiet {
        print_plan(&checked);
    }
    let has_index = !matches!(workspace.snapshot(), Err(error) if error.is_missing_index());
    refresh(context, workspace, has_index)?;
    done(context, args.json, &json, &receipt)
}

/// Lists the edits of a tree, the newest first.
pub(crate) fn history(context: &Context, args: &HistoryArgs) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.path)?;
    let root = workspace.root().display().to_string();
    let tree = Indexed { workspace: &workspace, snapshot: None }.tree();
    let journal = match Journal::open(&tree, &Disk, PATIENCE) {
        Ok(journal) => journal,
        Err(error) => return not_applied(args.json, &root, error),
    };
    let receipts = journal.receipts()?;
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", wire::history(&root, &receipts, &journal.recovered))?;
        return Ok(Outcome::Done);
    }
    report_recovered(&journal.recovered);
    let states = history::states(&receipts);
    for receipt in receipts.iter().rev() {
        let Receipt { id, title, entries, .. } = receipt;
        let undone = match states.get(id) {
            Some(State::Undone) => ", undone",
            Some(State::Applied) | None => "",
        };
        writeln!(out, "{id}\t{}\t{} files{undone}", one_line(title), entries.len())?;
    }
    Ok(if receipts.is_empty() { Outcome::Nothing } else { Outcome::Done })
}
