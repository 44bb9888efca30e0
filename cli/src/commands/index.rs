//! `flux index`, and the indexing that a first search does.

use std::io::Write;
use std::time::{Duration, Instant};

use flux_engine::{IndexOptions, IndexReport, Workspace};
use flux_server::wire;

use crate::args::IndexArgs;
use crate::context::Context;
use crate::exit::{Outcome, say};
use crate::progress::Bar;

/// How long one process waits for another to finish writing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) fn run(context: &Context, args: &IndexArgs) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.path)?;
    let start = Instant::now();
    let report = index(context, &workspace, args.rebuild)?;
    let root = workspace.root().display().to_string();
    if args.json {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", wire::index(&report, &root))?;
    } else if !context.is_quiet {
        let IndexReport { files, read, parsed, removed, generation } = report;
        let seconds = start.elapsed().as_secs_f64();
        match generation {
            None => say(&format!("{root} is up to date: {files} files")),
            Some(_) => say(&format!(
                "indexed {root}: {files} files, {read} read, {parsed} parsed, {removed} removed, \
                 in {seconds:.1} s"
            )),
        }
    }
    Ok(Outcome::Done)
}

/// Indexes with a progress bar. A damaged or foreign index is rebuilt and said so: it is a cache.
pub(crate) fn index(
    context: &Context,
    workspace: &Workspace,
    rebuild: bool,
) -> anyhow::Result<IndexReport> {
    let bar = Bar::new(context.is_quiet);
    let options = IndexOptions { rebuild, patience: PATIENCE };
    match workspace.index(&options, &bar, &context.cancel) {
        Err(error) if !rebuild && error.is_mended_by_rebuild() => {
            let text = error.to_string();
            say(&format!("flux: {}; rebuilding", text.lines().next().unwrap_or_default()));
            let options = IndexOptions { rebuild: true, ..options };
            Ok(workspace.index(&options, &bar, &context.cancel)?)
        }
        result => Ok(result?),
    }
}
