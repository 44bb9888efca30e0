//! `flux rename`, `flux move` and `flux signature`: refactorings, which end as edits do.

use flux_agent::edit::apply::files::Disk;
use flux_agent::edit::{Checked, Indexed, Journal, Refused};
use flux_agent::refactor::{
    self, Added, Certainty, MoveRequest, RefactorError, RenameRequest, SignatureChange,
    SignatureObstacle, SignatureRequest,
};
use flux_engine::{Snapshot, Workspace};
use flux_server::text::refactoring as text;
use flux_server::wire::refactoring as wire;
use serde_json::Value;

use crate::args::{ApplyArgs, MoveArgs, RenameArgs, SignatureArgs};
use crate::commands::edit::{PATIENCE, Wanted, conclude, not_applied, refuse, report_recovered};
use crate::commands::index::index;
use crate::context::Context;
use crate::exit::{Outcome, UsageError, say};

/// Renames a symbol.
pub(crate) fn rename(context: &Context, args: &RenameArgs) -> anyhow::Result<Outcome> {
    let certainty = if args.likely { Certainty::Inferred } else { Certainty::Proven };
    let (symbol, new) = (args.symbol.as_str(), args.new.as_str());
    let request = RenameRequest { symbol, new, certainty, renames_api: args.api };
    let title = format!("rename {symbol} to {new}");
    run(context, &args.how, title, |workspace, snapshot| {
        let rename = refactor::rename(workspace, snapshot, &request)?;
        let lines = text::rename(&rename);
        Ok(Planned { json: wire::rename(&rename), lines, checked: rename.checked()? })
    })
}

/// Moves a definition.
pub(crate) fn move_symbol(context: &Context, args: &MoveArgs) -> anyhow::Result<Outcome> {
    let certainty = if args.likely { Certainty::Inferred } else { Certainty::Proven };
    let (symbol, module) = (args.symbol.as_str(), args.module.as_str());
    let (moves_api, reexports) = (args.api, args.reexport);
    let request = MoveRequest { symbol, module, certainty, moves_api, reexports };
    run(context, &args.how, format!("move {symbol} to {module}"), |workspace, snapshot| {
        let moved = refactor::move_symbol(workspace, snapshot, &request)?;
        let lines = text::moved(&moved);
        Ok(Planned { json: wire::moved(&moved), lines, checked: moved.checked()? })
    })
}

/// Changes a signature.
pub(crate) fn signature(context: &Context, args: &SignatureArgs) -> anyhow::Result<Outcome> {
    let certainty = if args.likely { Certainty::Inferred } else { Certainty::Proven };
    let change = match change(args)? {
        Ok(change) => change,
        Err(obstacle) => return Err(UsageError(obstacle.to_string()).into()),
    };
    let symbol = args.symbol.as_str();
    let request = SignatureRequest { symbol, change: &change, certainty, changes_api: args.api };
    run(context, &args.how, format!("signature of {symbol}"), |workspace, snapshot| {
        let signature = refactor::signature(workspace, snapshot, &request)?;
        let lines = text::signature(&signature);
        Ok(Planned { json: wire::signature(&signature), lines, checked: signature.checked()? })
    })
}

/// What is asked for; the outer error says that it is nothing, the inner that it is no code.
fn change(args: &SignatureArgs) -> anyhow::Result<Result<SignatureChange, SignatureObstacle>> {
    let usage = |text: &str| UsageError(text.to_owned());
    if args.add.is_empty() && args.remove.is_empty() && args.reorder.is_empty() {
        return Err(usage("nothing to change\nhint: --add, --remove or --reorder").into());
    }
    if args.at.len() > args.add.len() || args.value.len() > args.add.len() {
        return Err(usage("there are more --at or --value than --add").into());
    }
    let added: Result<Vec<Added>, SignatureObstacle> = (0..args.add.len())
        .map(|at| {
            Added::parse(&args.add[at], args.value.get(at).cloned(), args.at.get(at).copied())
        })
        .collect();
    Ok(added.map(|added| SignatureChange {
        removed: args.remove.clone(),
        order: (!args.reorder.is_empty()).then(|| args.reorder.clone()),
        added,
    }))
}

/// A refactoring that can be made.
struct Planned {
    checked: Checked,
    /// What it does, for people.
    lines: Vec<String>,
    /// The same for programs.
    json: Value,
}

/// Plans a refactoring on a fresh index, and concludes it as an edit.
fn run(
    context: &Context,
    how: &ApplyArgs,
    title: String,
    plan: impl Fn(&Workspace, &Snapshot) -> Result<Planned, RefactorError>,
) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&how.tree)?;
    let root = workspace.root().display().to_string();
    let tree = Indexed { workspace: &workspace, snapshot: None }.tree();
    match Journal::open(&tree, &Disk, PATIENCE) {
        Ok(journal) => report_recovered(&journal.recovered),
        Err(error) => return not_applied(how.json, &root, error),
    }
    index(context, &workspace, false, true)?;
    let snapshot = workspace.snapshot()?;
    let planned = match plan(&workspace, &snapshot) {
        Ok(planned) => planned,
        Err(RefactorError::Refused(refused)) => return refused_by(how, &root, &refused),
        Err(RefactorError::Engine(error)) => return Err(error.into()),
    };
    drop(snapshot);
    if !how.json && !context.is_quiet {
        planned.lines.iter().for_each(|line| say(line));
    }
    let wanted = Wanted {
        tree: &tree,
        has_index: true,
        is_dry_run: how.dry_run,
        is_applied_unasked: how.yes,
        is_json: how.json,
        can_ask: true,
        title,
    };
    conclude(context, workspace, &planned.checked, &wanted, planned.json)
}

fn refused_by(how: &ApplyArgs, root: &str, refused: &Refused) -> anyhow::Result<Outcome> {
    refuse(how.json, root, refused)
}
