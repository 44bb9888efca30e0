//! `flux rename`: refactorings, which end as edits do.

use flux_agent::edit::apply::files::Disk;
use flux_agent::edit::{Checked, Indexed, Journal, Refused};
use flux_agent::refactor::{self, Certainty, RefactorError, RenameRequest};
use flux_engine::{Snapshot, Workspace};
use flux_server::text::refactoring as text;
use flux_server::wire::refactoring as wire;
use serde_json::Value;

use crate::args::{ApplyArgs, RenameArgs};
use crate::commands::edit::{PATIENCE, Wanted, conclude, not_applied, refuse, report_recovered};
use crate::commands::index::index;
use crate::context::Context;
use crate::exit::{Outcome, say};

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
