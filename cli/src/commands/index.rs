//! `flux index`, and the indexing that a first search does.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use flux_core::EmbedError;
use flux_core::stated::Stated;
use flux_engine::{Freshness, IndexOptions, IndexReport, RefreshLimit, Snapshot, Workspace};
use flux_server::wire;

use crate::args::IndexArgs;
use crate::context::Context;
use crate::exit::{Outcome, UsageError, say};
use crate::model::{choice, open};
use crate::progress::Bar;

/// How long one process waits for another to finish writing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) fn run(context: &Context, args: &IndexArgs) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.path)?;
    let start = Instant::now();
    let (workspace, no_model) = with_model(context, workspace, !args.no_vectors)?;
    let stated = args.scip.as_deref().map(|file| stated(&workspace, file)).transpose()?;
    let graph = !args.no_graph;
    let options = IndexOptions { rebuild: args.rebuild, patience: PATIENCE, graph, stated };
    let report = index_with(context, &workspace, options)?;
    let report = IndexReport { no_vectors: no_model.or(report.no_vectors), ..report };
    let root = workspace.root().display().to_string();
    if args.json {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", wire::index(&report, &root))?;
    } else if !context.is_quiet {
        let IndexReport { files, read, parsed, embedded, removed, generation, .. } = report;
        if args.scip.is_some() {
            say(&format!("lifted {} references by the SCIP index", report.lifted));
        }
        let seconds = start.elapsed().as_secs_f64();
        match generation {
            None if embedded == 0 => say(&format!("{root} is up to date: {files} files")),
            _ => say(&format!(
                "indexed {root}: {files} files, {read} read, {parsed} parsed, \
                 {embedded} embedded, {removed} removed, in {seconds:.1} s"
            )),
        }
    }
    Ok(if report.no_vectors.is_some() { Outcome::Stale } else { Outcome::Done })
}

/// The workspace with the model in use, and why there is none. Words do without.
pub(crate) fn with_model(
    context: &Context,
    workspace: Workspace,
    is_wanted: bool,
) -> anyhow::Result<(Workspace, Option<EmbedError>)> {
    if !is_wanted {
        return Ok((workspace, None));
    }
    let bar = Bar::new(context.is_quiet);
    match open(context, &choice(context)?.name, false, &bar) {
        Ok(model) => Ok((workspace.with_embedder(model), None)),
        Err(error) => {
            drop(bar);
            lament(&error);
            Ok((workspace, Some(error)))
        }
    }
}

/// Says that there are no vectors, and why.
pub(crate) fn lament(error: &EmbedError) {
    say(&format!("flux: no vectors: {error}"));
}

/// Indexes with a progress bar. A damaged or foreign index is rebuilt and said so: it is a cache.
/// A model that fails is said so; words and names are indexed then.
pub(crate) fn index(
    context: &Context,
    workspace: &Workspace,
    rebuild: bool,
    graph: bool,
) -> anyhow::Result<IndexReport> {
    let options = IndexOptions { rebuild, patience: PATIENCE, graph, stated: None };
    index_with(context, workspace, options)
}

fn index_with(
    context: &Context,
    workspace: &Workspace,
    options: IndexOptions,
) -> anyhow::Result<IndexReport> {
    let bar = Bar::new(context.is_quiet);
    let result = match workspace.index(&options, &bar, &context.cancel) {
        Err(error) if !options.rebuild && error.is_mended_by_rebuild() => {
            let text = error.to_string();
            say(&format!("flux: {}; rebuilding", text.lines().next().unwrap_or_default()));
            let options = IndexOptions { rebuild: true, ..options };
            workspace.index(&options, &bar, &context.cancel)
        }
        result => result,
    };
    drop(bar);
    let report = result?;
    for path in &report.unresolved {
        say(&format!("flux: {path} has no graph: resolving it met a fault of this program"));
    }
    if let Some(error) = &report.no_vectors {
        lament(error);
    }
    Ok(report)
}

/// What a snapshot is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// Whatever is there.
    AsItIs,
    /// Searching: words and vectors are brought up to date where that is quick.
    Search,
    /// Asking the graph: it is brought up to date.
    Graph,
    /// Both.
    All,
}

/// The newest snapshot. A tree that nobody has indexed is indexed first, unless it is to be taken
/// as it is.
pub(crate) fn opened(
    context: &Context,
    workspace: &Workspace,
    opening: Opening,
) -> anyhow::Result<(Snapshot, Freshness)> {
    let (limit, cancel) = (RefreshLimit::A_SECOND, &context.cancel);
    let tried = match opening {
        Opening::AsItIs => return Ok((workspace.snapshot()?, Freshness::Unknown)),
        Opening::Search => workspace.fresh_snapshot(limit, cancel),
        Opening::Graph => workspace.graph_snapshot(limit, cancel),
        Opening::All => workspace.full_snapshot(limit, cancel),
    };
    match tried {
        Err(error) if error.is_missing_index() || error.is_mended_by_rebuild() => {
            if !context.is_quiet {
                say(&format!("indexing {} …", workspace.root().display()));
            }
            let graph = opening != Opening::Search;
            index(context, workspace, !error.is_missing_index(), graph)?;
            Ok((workspace.snapshot()?, Freshness::Fresh))
        }
        result => Ok(result?),
    }
}

/// What the SCIP index in `file` states.
fn stated(workspace: &Workspace, file: &Path) -> anyhow::Result<Arc<Stated>> {
    let bytes = std::fs::read(file).map_err(|error| {
        let file = file.display();
        UsageError(format!("cannot read {file}: {error}\nhint: pass the file of a SCIP index"))
    })?;
    let stated = flux_exchange::scip::read(&bytes, &|path| workspace.current_text(path))?;
    if !stated.unreadable.is_empty() {
        let count = stated.unreadable.len();
        say(&format!("flux: {count} files of the SCIP index cannot be read and are left out"));
    }
    Ok(Arc::new(stated))
}
