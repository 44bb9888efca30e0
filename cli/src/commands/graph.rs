//! The questions to the symbol graph: `flux symbol`, `refs`, `callers`, `callees`, `path`,
//! `impls`, `hierarchy`, `imports`, `cycles`, `unused` and `impact`.
//!
//! They share everything but one line each: open the tree, find what the name means, ask, print.

use std::io::{self, Write};
use std::path::Path;

use flux_core::{DefinitionRef, RepoPath};
use flux_engine::query::graph::{Direction, ImpactLimits, Named};
use flux_engine::repository::head_commit;
use flux_engine::{EngineError, Freshness, Graph, Snapshot, Workspace};
use flux_server::text::{ByName, Text};
use flux_server::wire::graph as wire;
use serde_json::Value;

use crate::args::{Command, GraphArgs, ImpactArgs};
use crate::commands::index::{self, Opening};
use crate::commands::shown::Shown;
use crate::context::Context;
use crate::exit::{Outcome, UsageError, say};
use crate::style::Style;

/// An opened tree, and how its answers are given.
struct Asked<'a> {
    context: &'a Context,
    args: &'a GraphArgs,
    workspace: &'a Workspace,
    snapshot: &'a Snapshot,
    freshness: Freshness,
    shown: Shown,
}

pub(crate) fn run(context: &Context, command: &Command) -> anyhow::Result<Outcome> {
    match command {
        Command::Symbol(args) => named(context, &args.common, &args.name, symbol),
        Command::Refs(args) => named(context, &args.common, &args.name, references),
        Command::Callers(args) => named(context, &args.common, &args.name, callers),
        Command::Callees(args) => named(context, &args.common, &args.name, callees),
        Command::Impls(args) => named(context, &args.common, &args.name, implementations),
        Command::Hierarchy(args) => named(context, &args.common, &args.name, hierarchy),
        Command::Path(args) => opened(context, &args.common, |asked, graph| {
            let Some(start) = asked.find(graph, &args.from)? else { return Ok(Outcome::Nothing) };
            let Some(end) = asked.find(graph, &args.to)? else { return Ok(Outcome::Nothing) };
            path(asked, graph, &start, &end)
        }),
        Command::Imports(args) => {
            opened(context, &args.common, |asked, graph| imports(asked, graph, &args.file))
        }
        Command::Cycles(args) => opened(context, args, cycles),
        Command::Unused(args) => opened(context, args, unused),
        Command::Impact(args) => {
            opened(context, &args.common, |asked, graph| impact(asked, graph, args))
        }
        _ => Err(UsageError("this command asks nothing of the graph".to_owned()).into()),
    }
}

/// Opens the tree with its graph and answers; says how stale the answer is.
fn opened(
    context: &Context,
    args: &GraphArgs,
    answer: impl FnOnce(&Asked<'_>, &Graph<'_>) -> anyhow::Result<Outcome>,
) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.path)?;
    let opening = if args.no_refresh { Opening::AsItIs } else { Opening::Graph };
    let (snapshot, freshness) = index::opened(context, &workspace, opening)?;
    let mut shown = Shown::default();
    let typed = if args.path == Path::new(".") { Path::new("") } else { &args.path };
    shown.add(typed, &workspace.location().inside);
    let graph = workspace.graph(&snapshot)?;
    let asked =
        Asked { context, args, workspace: &workspace, snapshot: &snapshot, freshness, shown };
    let outcome = answer(&asked, &graph)?;
    if let Freshness::Stale(files) = freshness {
        if !context.is_quiet {
            say(&format!("flux: {files} files changed since they were indexed\nhint: flux index"));
        }
        if args.strict {
            return Ok(Outcome::Stale);
        }
    }
    Ok(outcome)
}

/// A command about one symbol.
fn named(
    context: &Context,
    args: &GraphArgs,
    name: &str,
    answer: fn(&Asked<'_>, &Graph<'_>, &[DefinitionRef]) -> anyhow::Result<Outcome>,
) -> anyhow::Result<Outcome> {
    opened(context, args, |asked, graph| match asked.find(graph, name)? {
        Some(symbol) => answer(asked, graph, &symbol),
        None => Ok(Outcome::Nothing),
    })
}

impl Asked<'_> {
    /// What a name means; `None` after saying that it means nothing, or too much.
    fn find(&self, graph: &Graph<'_>, name: &str) -> anyhow::Result<Option<Vec<DefinitionRef>>> {
        match graph.find(name)? {
            Named::One { definitions, passed_over } => {
                if !passed_over.is_empty() && !self.context.is_quiet {
                    let count = passed_over.len();
                    say(&format!(
                        "flux: {count} more called so in tests, examples or vendored code"
                    ));
                }
                Ok(Some(definitions))
            }
            Named::Many(candidates) => {
                let body = || wire::definitions(graph, &candidates);
                self.print(graph, "candidates", body, |text| text.candidates(name, &candidates))?;
                say("hint: add what it lies in (Class.method, module::f), or pass path:line");
                Ok(None)
            }
            Named::Nothing(close) => {
                let body = || Ok(Value::Array(Vec::new()));
                self.print(graph, "candidates", body, |_| Ok(Vec::new()))?;
                let hint = match close.is_empty() {
                    true => "flux search finds code by words".to_owned(),
                    false => format!("similar names: {}", close.join(", ")),
                };
                say(&format!("flux: nothing is called `{name}`\nhint: {hint}"));
                Ok(None)
            }
        }
    }

    fn by_name(&self) -> ByName {
        if self.args.all { ByName::Listed } else { ByName::Hidden }
    }

    /// Prints an answer as JSON or as lines.
    fn print(
        &self,
        graph: &Graph<'_>,
        about: &str,
        body: impl FnOnce() -> Result<Value, EngineError>,
        lines: impl FnOnce(&Text<'_>) -> Result<Vec<String>, EngineError>,
    ) -> anyhow::Result<()> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        if self.args.json {
            let revision = head_commit(self.workspace.root());
            let root = self.workspace.root().display().to_string();
            let origin = wire::Origin {
                root: &root,
                revision: revision.as_deref(),
                freshness: self.freshness,
            };
            writeln!(out, "{}", wire::answer(origin, about, body()?))?;
        } else {
            let style = Style { has_color: self.context.has_color };
            let shown = |path: &RepoPath| self.shown.path(path);
            let lines = lines(&Text { graph, shown: &shown })?;
            lines.iter().try_for_each(|line| writeln!(out, "{}", style.place(line)))?;
        }
        Ok(out.flush()?)
    }
}

fn found(is_empty: bool) -> Outcome {
    if is_empty { Outcome::Nothing } else { Outcome::Done }
}

fn symbol(
    asked: &Asked<'_>,
    graph: &Graph<'_>,
    symbol: &[DefinitionRef],
) -> anyhow::Result<Outcome> {
    let cards: Result<Vec<_>, EngineError> =
        symbol.iter().map(|definition| graph.card(*definition)).collect();
    let cards = cards?;
    let body = || Ok(cards.iter().map(wire::symbol).collect());
    asked.print(graph, "symbols", body, |text| {
        let lines: Result<Vec<_>, _> = cards.iter().map(|card| text.symbol(card)).collect();
        Ok(lines?.concat())
    })?;
    Ok(Outcome::Done)
}

fn references(
    asked: &Asked<'_>,
    graph: &Graph<'_>,
    symbol: &[DefinitionRef],
) -> anyhow::Result<Outcome> {
    let sites = graph.references(symbol)?;
    let body = || wire::references(graph, &sites);
    asked.print(graph, "references", body, |text| text.references(&sites, asked.by_name()))?;
    Ok(found(sites.certain.is_empty() && sites.likely.is_empty()))
}

fn callers(
    asked: &Asked<'_>,
    graph: &Graph<'_>,
    symbol: &[DefinitionRef],
) -> anyhow::Result<Outcome> {
    let calls = graph.callers(symbol)?;
    let body = || wire::callers(graph, &calls);
    asked.print(graph, "calls", body, |text| text.callers(&calls, asked.by_name()))?;
    Ok(found(calls.callers.is_empty()))
}

fn callees(
    asked: &Asked<'_>,
    graph: &Graph<'_>,
    symbol: &[DefinitionRef],
) -> anyhow::Result<Outcome> {
    let callees = graph.callees(symbol)?;
    let body = || wire::callees(graph, &callees);
    asked.print(graph, "callees", body, |text| text.callees(&callees))?;
    Ok(found(callees.is_empty()))
}

fn path(
    asked: &Asked<'_>,
    graph: &Graph<'_>,
    start: &[DefinitionRef],
    end: &[DefinitionRef],
) -> anyhow::Result<Outcome> {
    let steps = graph.path(start, end)?;
    let body = || wire::steps(graph, &steps);
    asked.print(graph, "steps", body, |text| text.steps(&steps))?;
    if steps.is_empty() && !asked.context.is_quiet {
        say("flux: no chain of certain or likely references leads there");
    }
    Ok(found(steps.is_empty()))
}

fn implementations(
    asked: &Asked<'_>,
    graph: &Graph<'_>,
    symbol: &[DefinitionRef],
) -> anyhow::Result<Outcome> {
    let below = graph.relatives(symbol, Direction::Down)?;
    let body = || wire::relatives(graph, &below);
    asked.print(graph, "below", body, |text| text.relatives("implementations", &below))?;
    Ok(found(below.is_empty()))
}

fn hierarchy(
    asked: &Asked<'_>,
    graph: &Graph<'_>,
    symbol: &[DefinitionRef],
) -> anyhow::Result<Outcome> {
    let above = graph.relatives(symbol, Direction::Up)?;
    let below = graph.relatives(symbol, Direction::Down)?;
    let body = || {
        let (above, below) = (wire::relatives(graph, &above)?, wire::relatives(graph, &below)?);
        Ok(serde_json::json!({ "above": above, "below": below }))
    };
    asked.print(graph, "hierarchy", body, |text| {
        let mut lines = text.relatives("above", &above)?;
        lines.extend(text.relatives("below", &below)?);
        Ok(lines)
    })?;
    Ok(found(above.is_empty() && below.is_empty()))
}

fn imports(asked: &Asked<'_>, graph: &Graph<'_>, file: &str) -> anyhow::Result<Outcome> {
    let Some(id) = graph.file(file) else {
        let text =
            format!("the index has no file `{file}`\nhint: pass its path from here or the root");
        return Err(UsageError(text).into());
    };
    let path = &asked.snapshot.view().file(id).path;
    let imports = graph.imports(id)?;
    let body = || Ok(wire::imports(path.as_str(), &imports));
    asked.print(graph, "file", body, |text| text.imports(path, &imports))?;
    let is_alone =
        imports.inside.is_empty() && imports.outside.is_empty() && imports.imported_by.is_empty();
    Ok(found(is_alone))
}

fn cycles(asked: &Asked<'_>, graph: &Graph<'_>) -> anyhow::Result<Outcome> {
    let cycles = graph.cycles()?;
    asked.print(graph, "cycles", || Ok(wire::cycles(&cycles)), |text| Ok(text.cycles(&cycles)))?;
    Ok(found(cycles.is_empty()))
}

fn unused(asked: &Asked<'_>, graph: &Graph<'_>) -> anyhow::Result<Outcome> {
    let report = graph.unused()?;
    let body = || wire::unused(graph, &report);
    asked.print(graph, "unused", body, |text| text.unused(&report, asked.by_name()))?;
    Ok(found(report.findings.is_empty()))
}

fn impact(asked: &Asked<'_>, graph: &Graph<'_>, args: &ImpactArgs) -> anyhow::Result<Outcome> {
    let (roots, changes) = match (&args.target, &args.diff) {
        (Some(target), None) => match asked.find(graph, target)? {
            Some(roots) => (roots, None),
            None => return Ok(Outcome::Nothing),
        },
        (None, Some(revision)) => {
            let changes = asked.workspace.changes_since(asked.snapshot, revision)?;
            (changes.iter().filter_map(|change| change.definition).collect(), Some(changes))
        }
        _ => {
            let text = "impact needs a symbol, a file or --diff\nhint: flux impact Class.method";
            return Err(UsageError(text.to_owned()).into());
        }
    };
    let limits = ImpactLimits { depth: args.depth, ..ImpactLimits::default() };
    let impact = graph.impact(&roots, limits)?;
    let body = || {
        let mut body = wire::impact(graph, &impact)?;
        if let (Some(changes), Some(object)) = (&changes, body.as_object_mut()) {
            object.insert("changes".to_owned(), wire::changes(changes));
        }
        Ok(body)
    };
    asked.print(graph, "impact", body, |text| match args.tests {
        true => text.tests(&impact),
        false => {
            let mut lines = changes.as_deref().map_or_else(Vec::new, |found| text.changes(found));
            lines.extend(text.impact(&impact)?);
            Ok(lines)
        }
    })?;
    let is_empty = match args.tests {
        true => impact.tests().is_empty(),
        false => impact.touched.is_empty() && changes.is_none_or(|changes| changes.is_empty()),
    };
    Ok(found(is_empty))
}
