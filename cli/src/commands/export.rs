//! `flux export`: the symbol graph for other tools.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, bail};
use flux_core::{EdgeKind, Tier};
use flux_engine::{Snapshot, Workspace};
use flux_exchange::bolt::{Credentials, Database};
use flux_exchange::{Format, Options, Source, Summary, bolt, export, neo4j_csv};

use crate::args::{ExportArgs, ExportFormat, ExportKind, ExportTier};
use crate::commands::index::index;
use crate::context::Context;
use crate::environment::variable;
use crate::exit::{Outcome, UsageError, say};

pub(crate) fn run(context: &Context, args: &ExportArgs) -> anyhow::Result<Outcome> {
    let options = options(args);
    let workspace = context.workspace(&args.path)?;
    if !args.no_refresh {
        index(context, &workspace, false, true)?;
    }
    let snapshot = workspace.snapshot()?;
    let Some(graph) = snapshot.graph() else {
        bail!("the index holds no symbol graph\nhint: run `flux index`");
    };
    let project = workspace.root().file_name().map_or("tree".into(), |name| name.to_string_lossy());
    let source = Source {
        graph,
        view: snapshot.view(),
        texts: &|file| workspace.indexed_text(&snapshot, file),
        project: &project,
        cancel: &context.cancel,
    };
    let summary = match format(args.format) {
        Some(format) => write(&source, format, &options, args.output.as_deref())?,
        None if args.format == ExportFormat::Bolt => push(&source, &options, args)?,
        None => {
            let folder = args.output.as_deref();
            let folder = folder
                .ok_or_else(|| wrong("neo4j-csv writes two files\nhint: pass --output FOLDER"))?;
            neo4j_csv::export(&source, &options, folder)?
        }
    };
    report(context, &workspace, &snapshot, args, &summary);
    Ok(Outcome::Done)
}

fn report(
    context: &Context,
    workspace: &Workspace,
    snapshot: &Snapshot,
    args: &ExportArgs,
    summary: &Summary,
) {
    let Summary { files, nodes, edges, unreadable } = summary;
    if !unreadable.is_empty() {
        let count = unreadable.len();
        say(&format!(
            "flux: {count} files changed since they were indexed; their names are missing"
        ));
    }
    if !context.is_quiet && (args.output.is_some() || args.format == ExportFormat::Bolt) {
        let root = workspace.root().display();
        let generation = snapshot.generation();
        say(&format!(
            "exported {root}, generation {generation}: {files} files, {nodes} nodes, {edges} edges"
        ));
    }
}

/// The format, if it is one stream of bytes.
fn format(format: ExportFormat) -> Option<Format> {
    match format {
        ExportFormat::RefsJsonl => Some(Format::RefsJsonl),
        ExportFormat::Scip => Some(Format::Scip),
        ExportFormat::Graphml => Some(Format::Graphml),
        ExportFormat::Dot => Some(Format::Dot),
        ExportFormat::Cypher => Some(Format::Cypher),
        ExportFormat::Neo4jCsv | ExportFormat::Bolt => None,
    }
}

fn options(args: &ExportArgs) -> Options {
    let mut options = Options {
        least_tier: match args.tier {
            ExportTier::Exact => Tier::Exact,
            ExportTier::Likely => Tier::Likely,
            ExportTier::Name => Tier::Name,
        },
        with_tests: !args.no_tests,
        with_externals: args.externals,
        ..Options::default()
    };
    if !args.kinds.is_empty() {
        options.kinds = args.kinds.iter().copied().map(kind).collect();
    }
    options
}

fn kind(kind: ExportKind) -> EdgeKind {
    match kind {
        ExportKind::Calls => EdgeKind::Calls,
        ExportKind::References => EdgeKind::References,
        ExportKind::Imports => EdgeKind::Imports,
        ExportKind::Inherits => EdgeKind::Inherits,
        ExportKind::Implements => EdgeKind::Implements,
        ExportKind::Overrides => EdgeKind::Overrides,
    }
}

fn write(
    source: &Source<'_>,
    format: Format,
    options: &Options,
    output: Option<&Path>,
) -> anyhow::Result<Summary> {
    let Some(path) = output else {
        let mut out = BufWriter::new(io::stdout().lock());
        let summary = export(source, format, options, &mut out)?;
        out.flush()?;
        return Ok(summary);
    };
    let file = File::create(path).map_err(|error| {
        let path = path.display();
        wrong(&format!("cannot write {path}: {error}\nhint: pass a path in a folder that exists"))
    })?;
    let mut out = BufWriter::new(file);
    let summary = export(source, format, options, &mut out)?;
    out.flush().with_context(|| format!("cannot write {}", path.display()))?;
    Ok(summary)
}

fn push(source: &Source<'_>, options: &Options, args: &ExportArgs) -> anyhow::Result<Summary> {
    let address = args.to.as_deref();
    let address =
        address.ok_or_else(|| wrong("no database to push to\nhint: pass --to bolt://HOST:7687"))?;
    let login = variable("FLUX_BOLT_PASSWORD")
        .map(|password| Credentials { user: args.user.clone(), password });
    let database =
        Database { address, credentials: login.as_ref(), name: args.database.as_deref() };
    Ok(bolt::push(&database, source, options)?)
}

fn wrong(what: &str) -> UsageError {
    UsageError(what.to_owned())
}
