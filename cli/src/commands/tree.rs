//! `flux status`, `coverage`, `verify` and `gc`.

use std::io::{self, Write};

use flux_core::Tier;
use flux_engine::{Coverage, Freshness, GraphCounts, Status, Workspace};
use flux_server::wire;

use crate::args::{GcArgs, TreeArgs};
use crate::commands::index::{PATIENCE, with_model};
use crate::context::Context;
use crate::exit::Outcome;

pub(crate) fn status(context: &Context, args: &TreeArgs) -> anyhow::Result<Outcome> {
    let (workspace, _) = with_model(context, context.workspace(&args.path)?, true)?;
    let status = workspace.status(&context.cancel)?;
    let root = workspace.root().display().to_string();
    let index = workspace.location().index.display().to_string();
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", wire::status(&status, &root, &index))?;
    } else {
        print_status(&mut out, &workspace, &status)?;
    }
    let is_stale = matches!(status.freshness, Freshness::Stale(_));
    Ok(if args.strict && is_stale { Outcome::Stale } else { Outcome::Done })
}

fn print_status(out: &mut impl Write, workspace: &Workspace, status: &Status) -> io::Result<()> {
    writeln!(out, "tree       {}", workspace.root().display())?;
    writeln!(out, "index      {}", workspace.location().index.display())?;
    if let Some(revision) = &status.revision {
        writeln!(out, "revision   {revision}")?;
    }
    match status.freshness {
        Freshness::Fresh => writeln!(out, "state      fresh")?,
        Freshness::Unknown => writeln!(out, "state      unknown")?,
        Freshness::Stale(files) => writeln!(out, "state      stale: {files} files changed")?,
    }
    writeln!(out, "files      {} of {} indexed", status.indexed, status.files)?;
    writeln!(out, "chunks     {}", status.chunks)?;
    if let Some((model, files)) = &status.vectors {
        writeln!(out, "vectors    {files} of {} files, by {model}", status.indexed)?;
    }
    if let Some(counts) = &status.graph {
        writeln!(out, "graph      {}", graph(counts))?;
    }
    writeln!(out, "source     {}", bytes(status.source_bytes))?;
    writeln!(out, "on disk    {}", bytes(status.index_bytes))?;
    let languages = status.languages.iter().map(|(name, count)| format!("{name} {count}"));
    writeln!(out, "languages  {}", languages.collect::<Vec<_>>().join(", "))?;
    let classes = status.classes.iter().map(|(name, count)| format!("{name} {count}"));
    writeln!(out, "ranked low {}", classes.collect::<Vec<_>>().join(", "))?;
    let skipped = status.skipped.iter().map(|(reason, count)| format!("{reason} {count}"));
    writeln!(out, "left out   {}", skipped.collect::<Vec<_>>().join(", "))?;
    if status.unnameable > 0 {
        writeln!(out, "           name not utf-8 {}", status.unnameable)?;
    }
    Ok(())
}

/// How many identifiers refer to what, in words.
fn graph(counts: &GraphCounts) -> String {
    let tiers = Tier::ALL.iter().zip(counts.by_tier).filter(|(_, count)| *count > 0);
    let tiers = tiers.map(|(tier, count)| format!("{count} {}", tier.as_str()));
    let unresolved: usize = counts.unresolved.iter().sum();
    let GraphCounts { local, external, .. } = counts;
    let rest = [(*local, "local"), (*external, "external"), (unresolved, "unresolved")];
    let rest = rest.map(|(count, word)| format!("{count} {word}"));
    tiers.chain(rest).collect::<Vec<_>>().join(", ")
}

#[expect(clippy::cast_precision_loss, reason = "one decimal of a size is shown")]
fn bytes(count: u64) -> String {
    match count {
        0..1024 => format!("{count} B"),
        1024..1_048_576 => format!("{:.1} KiB", count as f64 / 1024.0),
        _ => format!("{:.1} MiB", count as f64 / 1_048_576.0),
    }
}

pub(crate) fn coverage(context: &Context, args: &TreeArgs) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.path)?;
    let coverage = workspace.coverage()?;
    let root = workspace.root().display().to_string();
    let mut out = io::BufWriter::new(io::stdout().lock());
    if args.json {
        writeln!(out, "{}", wire::coverage(&coverage, &root))?;
    } else {
        print_coverage(&mut out, &coverage)?;
    }
    out.flush()?;
    Ok(Outcome::Done)
}

/// One line for each file, so that it can be filtered: reason, path.
fn print_coverage(out: &mut impl Write, coverage: &Coverage) -> io::Result<()> {
    writeln!(out, "indexed: {} files, {} lines", coverage.indexed, coverage.lines)?;
    for (path, reason) in &coverage.skipped {
        writeln!(out, "left out, {reason}: {}", one_line(path.as_str()))?;
    }
    for name in &coverage.unnameable {
        writeln!(out, "left out, name not utf-8: {}", one_line(name))?;
    }
    for (path, places) in &coverage.parse_errors {
        let places = format!("{places} {}", if *places == 1 { "place" } else { "places" });
        writeln!(out, "parsed except {places}: {}", one_line(path.as_str()))?;
    }
    for path in &coverage.text_only {
        writeln!(out, "text without grammar: {}", one_line(path.as_str()))?;
    }
    Ok(())
}

/// A name with a line feed in it must not look like two.
pub(crate) fn one_line(path: &str) -> String {
    path.replace('\n', "\\n").replace('\r', "\\r")
}

pub(crate) fn verify(context: &Context, args: &TreeArgs) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.path)?;
    let problems = workspace.verify()?;
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", wire::verify(&problems))?;
    } else if problems.is_empty() {
        writeln!(out, "no problem found in {}", workspace.location().index.display())?;
    } else {
        problems.iter().try_for_each(|problem| writeln!(out, "{problem}"))?;
    }
    Ok(if problems.is_empty() { Outcome::Done } else { Outcome::Nothing })
}

pub(crate) fn gc(context: &Context, args: &GcArgs) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.path)?;
    let (workspace, _) = with_model(context, workspace, args.other_models)?;
    let collected = workspace.collect(PATIENCE)?;
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", wire::collected(&collected))?;
    } else {
        writeln!(
            out,
            "removed {} trees, {} contents, {} vectors; {} now, {} before",
            collected.views,
            collected.contents,
            collected.vectors,
            bytes(collected.bytes_after),
            bytes(collected.bytes_before)
        )?;
    }
    Ok(Outcome::Done)
}
