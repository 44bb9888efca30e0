//! `flux replace`: structural search, and replacing what it finds.

use std::io::{self, Write};
use std::path::Path;

use flux_agent::edit::apply::files::Disk;
use flux_agent::edit::{Accept, Checked, Indexed, Journal};
use flux_agent::replace;
use flux_engine::Workspace;
use flux_engine::structural::{FoundInTree, StructuralRequest};
use flux_server::wire;
use serde_json::Value;

use crate::args::ReplaceArgs;
use crate::commands::edit::{
    PATIENCE, Wanted, accepted, conclude, not_applied, refuse, report_recovered, snapshot,
};
use crate::commands::search::language;
use crate::commands::shown::Shown;
use crate::commands::tree::one_line;
use crate::context::Context;
use crate::exit::{Outcome, say};

pub(crate) fn run(context: &Context, args: &ReplaceArgs) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.how.tree)?;
    match &args.rewrite {
        None => list(
            context,
            args,
            &workspace,
            &workspace.structural(&request(args, &workspace), &context.cancel)?,
        ),
        Some(rewrite) => rewritten(context, args, workspace, rewrite),
    }
}

fn request(args: &ReplaceArgs, workspace: &Workspace) -> StructuralRequest {
    StructuralRequest {
        pattern: args.pattern.clone(),
        rewrite: args.rewrite.clone(),
        languages: args.lang.iter().map(|name| language(name)).collect(),
        paths: args.path.clone(),
        inside: workspace.location().inside.to_string_lossy().into_owned(),
        is_hidden_wanted: args.hidden,
    }
}

/// Replaces what is found.
fn rewritten(
    context: &Context,
    args: &ReplaceArgs,
    workspace: Workspace,
    rewrite: &str,
) -> anyhow::Result<Outcome> {
    let root = workspace.root().display().to_string();
    let tree = Indexed { workspace: &workspace, snapshot: None }.tree();
    match Journal::open(&tree, &Disk, PATIENCE) {
        Ok(journal) => report_recovered(&journal.recovered),
        Err(error) => return not_applied(args.how.json, &root, error),
    }
    let found = workspace.structural(&request(args, &workspace), &context.cancel)?;
    if found.files.is_empty() {
        return list(context, args, &workspace, &found);
    }
    let snapshot = snapshot(context, &workspace)?;
    let indexed = Indexed { workspace: &workspace, snapshot: snapshot.as_ref() };
    let accept: Vec<Accept> = args.accept.iter().map(|kind| accepted(*kind)).collect();
    let plan = replace::plan(&tree, &found);
    let mut checked = match plan.and_then(|plan| Checked::check(plan, &indexed, &accept)) {
        Ok(checked) => checked,
        Err(refused) => return refuse(args.how.json, &root, &refused),
    };
    checked.notes.splice(0..0, replace::notes(&found));
    if checked.plan.files.is_empty() {
        return nothing(args.how.json, &checked, &wire::edits::edit(&root, &checked, None));
    }
    let wanted = Wanted {
        tree: &tree,
        has_index: snapshot.is_some(),
        is_dry_run: args.how.dry_run,
        is_applied_unasked: args.how.yes,
        is_json: args.how.json,
        can_ask: true,
        title: format!("replace {} by {}", one_line(&args.pattern), one_line(rewrite)),
    };
    conclude(context, workspace.clone(), &checked, &wanted, Value::Null)
}

/// Says that a rewrite changes nothing of what it finds.
fn nothing(is_json: bool, checked: &Checked, json: &Value) -> anyhow::Result<Outcome> {
    if is_json {
        writeln!(io::stdout().lock(), "{json}")?;
    } else {
        checked.notes.iter().for_each(|note| say(&format!("note: {note}")));
        say("flux: nothing would change");
    }
    Ok(Outcome::Nothing)
}

/// Lists matches: place and first line, as a literal search does.
fn list(
    context: &Context,
    args: &ReplaceArgs,
    workspace: &Workspace,
    found: &FoundInTree,
) -> anyhow::Result<Outcome> {
    let mut shown = Shown::default();
    let typed = if args.how.tree == Path::new(".") { Path::new("") } else { &args.how.tree };
    shown.add(typed, &workspace.location().inside);
    let notes = replace::notes(found);
    let mut out = io::stdout().lock();
    if args.how.json {
        writeln!(
            out,
            "{}",
            wire::structural::structural(workspace.root(), &args.pattern, found, &notes)
        )?;
    } else {
        for file in &found.files {
            let path = one_line(&shown.path(&file.path));
            for one in &file.found.matches {
                let (line, column) = wire::structural::place(&file.text, one.span.start);
                let text = one.span.of(&file.text);
                let (first, more) = match text.split_once('\n') {
                    Some((first, _)) => (first.trim_end(), " …"),
                    None => (text, ""),
                };
                writeln!(out, "{path}:{line}:{column}: {first}{more}")?;
            }
        }
        if !context.is_quiet {
            notes.iter().for_each(|note| say(&format!("note: {note}")));
        }
    }
    Ok(if found.files.is_empty() { Outcome::Nothing } else { Outcome::Done })
}
