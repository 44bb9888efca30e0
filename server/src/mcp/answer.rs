//! From a call of a tool to the text of its reply.

use std::sync::Arc;

use flux_agent::learn::load;
use flux_agent::suggest::{Known, suggest};
use flux_core::{DefinitionRef, RepoPath};
use flux_engine::query::graph::{Direction, ImpactLimits, Named};
use flux_engine::query::pack::{Have, Markdown, PackFormat, PackParameters};
use flux_engine::query::pattern::{CaseMode, PatternBoundary};
use flux_engine::query::{Filter, Mode, SearchRequest};
use flux_engine::repository::head_commit;
use flux_engine::tokens::{Counter, Tokenizer};
use flux_engine::{ContextRequest, EngineError, Freshness, Graph, Reply, Snapshot, Workspace};
use rmcp::model::JsonObject;

use super::arguments::{self, OneOrMany, Show};
use super::indexing::{Indexing, Opened};
use super::memory::{self, Memory, Why};
use super::page::{DEFAULT_TOKENS, LEAST_TOKENS, Wanted, page};
use crate::text::{ByName, Text};

/// Results of a ranked search when none were asked for.
const DEFAULT_LIMIT: usize = 10;
/// Lines of text shown for each result.
const SNIPPET_LINES: usize = 14;

/// The text of a reply, or what is wrong with the call.
type Answered = Result<String, String>;

/// Who is asked, and what is remembered.
pub(crate) struct Asking<'a> {
    indexing: &'a Arc<Indexing>,
    memory: Option<(&'a Memory, Why)>,
    call: Option<String>,
}

impl<'a> Asking<'a> {
    /// Every answer is made.
    pub(crate) fn afresh(indexing: &'a Arc<Indexing>) -> Self {
        Self { indexing, memory: None, call: None }
    }

    /// Answers that were given are given again.
    pub(crate) fn remembered(indexing: &'a Arc<Indexing>, memory: &'a Memory, why: Why) -> Self {
        Self { indexing, memory: Some((memory, why)), call: None }
    }

    fn recalled(
        &self,
        snapshot: &Snapshot,
        freshness: Freshness,
        make: impl FnOnce() -> Answered,
    ) -> Answered {
        match self.memory {
            Some((memory, why)) => {
                memory.answer(snapshot, freshness, self.call.as_deref(), why, make)
            }
            None => make(),
        }
    }
}

/// Answers the call of the tool `name`.
pub(crate) fn answer(asking: &Asking<'_>, name: &str, arguments: JsonObject) -> Answered {
    let call = asking.memory.and_then(|_| memory::key(name, &arguments));
    let asking = &Asking { call, ..*asking };
    match name {
        "search_code" => search(asking, &arguments::read(arguments)?),
        "symbol" => symbol(asking, &arguments::read(arguments)?),
        "impact" => impact(asking, &arguments::read(arguments)?),
        "context" => context(asking, &arguments::read(arguments)?),
        // What differs and what was learned is no part of the index, so this is never remembered.
        "get_suggestions" => suggestions(asking.indexing, &arguments::read(arguments)?),
        "status" => {
            let arguments::Status {} = arguments::read(arguments)?;
            status(asking.indexing)
        }
        _ => Err(format!(
            "there is no tool `{name}`; there are search_code, symbol, impact, context, get_suggestions, status"
        )),
    }
}

fn told(error: EngineError) -> String {
    error.to_string()
}

/// Opens the index, and pages what `lines` says.
fn paged(
    asking: &Asking<'_>,
    wanted: Wanted<'_>,
    lines: impl FnOnce(&Workspace, &Snapshot, Freshness) -> Result<Vec<String>, EngineError>,
) -> Answered {
    let (snapshot, freshness) = match asking.indexing.open().map_err(told)? {
        Opened::Ready(snapshot, freshness) => (snapshot, freshness),
        Opened::Warming(text) => return Ok(text),
    };
    let workspace = &asking.indexing.workspace;
    let body = asking.recalled(&snapshot, freshness, || {
        let lines = lines(workspace, &snapshot, freshness).map_err(told)?;
        page(&lines, snapshot.generation(), wanted)
    })?;
    Ok(format!("{}\n{body}", origin(workspace, freshness)))
}

/// Of which state of the code an answer is.
fn origin(workspace: &Workspace, freshness: Freshness) -> String {
    let revision = head_commit(workspace.root());
    let revision = revision.as_deref().and_then(|revision| revision.get(..12));
    let state = match freshness {
        Freshness::Fresh => "fresh".to_owned(),
        Freshness::Unknown => "of unknown age".to_owned(),
        Freshness::Stale(files) => format!("stale: {files} files changed since"),
    };
    format!("[revision {}, index {state}]", revision.unwrap_or("none"))
}

fn search(asking: &Asking<'_>, asked: &arguments::Search) -> Answered {
    let request = SearchRequest {
        text: asked.query.clone(),
        mode: Mode::Auto,
        case: CaseMode::Sensitive,
        boundary: PatternBoundary::Anywhere,
        filter: Filter {
            languages: OneOrMany::list(asked.lang.as_ref()),
            paths: OneOrMany::list(asked.path.as_ref()),
            kinds: Vec::new(),
            tests: asked.tests.into(),
            hidden: false,
        },
        limit: asked.limit.unwrap_or(DEFAULT_LIMIT),
    };
    paged(asking, asked.wanted(), |workspace, snapshot, freshness| {
        let reply = workspace.search(snapshot, freshness, &request)?;
        Ok(results(&reply))
    })
}

/// The lines of an answer to a search.
fn results(reply: &Reply) -> Vec<String> {
    let mut lines = Vec::new();
    for (hit, snippet) in reply.answer.hits.iter().zip(&reply.snippets) {
        let (path, span) = (&hit.path, hit.lines);
        let symbol = hit.symbol.as_ref();
        let symbol = symbol.map(|found| format!(": {} {}", found.kind, found.qualified_name));
        lines.push(format!("{path}:{}-{}{}", span.start, span.end, symbol.unwrap_or_default()));
        let shown = snippet.lines.iter().take(SNIPPET_LINES);
        lines.extend(shown.map(|line| format!("  {line}")));
        if snippet.lines.len() > SNIPPET_LINES {
            lines.push(format!("  … {} more lines", snippet.lines.len() - SNIPPET_LINES));
        }
    }
    for file in &reply.answer.lines {
        for line in &file.lines {
            let text = String::from_utf8_lossy(&line.text);
            lines.push(format!("{}:{}: {}", file.path, line.line, text.trim()));
        }
    }
    if lines.is_empty() {
        lines.push("nothing found".to_owned());
        if !reply.answer.suggestions.is_empty() {
            lines.push(format!("similar names: {}", reply.answer.suggestions.join(", ")));
        }
    }
    lines
}

/// The lines that say what a name means too much of, or nothing.
enum Found {
    Symbol(Vec<DefinitionRef>),
    Lines(Vec<String>),
}

fn find(graph: &Graph<'_>, text: &Text<'_>, name: &str) -> Result<Found, EngineError> {
    Ok(match graph.find(name)? {
        Named::One { definitions, .. } => Found::Symbol(definitions),
        Named::Many(candidates) => {
            let mut lines = text.candidates(name, &candidates)?;
            lines.push("ask again with what it lies in, or with path:line".to_owned());
            Found::Lines(lines)
        }
        Named::Nothing(close) => {
            let mut lines = vec![format!("nothing is called `{name}`")];
            if !close.is_empty() {
                lines.push(format!("similar names: {}", close.join(", ")));
            }
            Found::Lines(lines)
        }
    })
}

fn symbol(asking: &Asking<'_>, asked: &arguments::Symbol) -> Answered {
    if asked.show == Show::Path && asked.to.is_none() {
        return Err("show=path needs `to`, the symbol to reach".to_owned());
    }
    if asked.show != Show::Path && asked.to.is_some() {
        return Err("`to` is for show=path only".to_owned());
    }
    paged(asking, asked.wanted(), |workspace, snapshot, _| {
        let graph = workspace.graph(snapshot)?;
        let text = Text { graph: &graph, shown: &RepoPath::to_string };
        let symbol = match find(&graph, &text, &asked.name)? {
            Found::Symbol(symbol) => symbol,
            Found::Lines(lines) => return Ok(lines),
        };
        told_of(&graph, &text, &symbol, asked)
    })
}

fn told_of(
    graph: &Graph<'_>,
    text: &Text<'_>,
    symbol: &[DefinitionRef],
    asked: &arguments::Symbol,
) -> Result<Vec<String>, EngineError> {
    match asked.show {
        Show::Definition => {
            let mut lines = Vec::new();
            for definition in symbol {
                lines.extend(text.symbol(&graph.card(*definition)?)?);
            }
            Ok(lines)
        }
        Show::References => text.references(&graph.references(symbol)?, ByName::Hidden),
        Show::Callers => text.callers(&graph.callers(symbol)?, ByName::Hidden),
        Show::Callees => text.callees(&graph.callees(symbol)?),
        Show::Hierarchy => {
            let above = graph.relatives(symbol, Direction::Up)?;
            let mut lines = text.relatives("above", &above)?;
            lines.extend(text.relatives("below", &graph.relatives(symbol, Direction::Down)?)?);
            if lines.is_empty() {
                lines.push("nothing is above or below it in this tree".to_owned());
            }
            Ok(lines)
        }
        Show::Imports => {
            let Some(first) = symbol.first() else { return Ok(Vec::new()) };
            let path = graph.view().entry(first.file).path.clone();
            text.imports(&path, &graph.imports(first.file)?)
        }
        Show::Path => {
            let to = asked.to.as_deref().unwrap_or_default();
            let end = match find(graph, text, to)? {
                Found::Symbol(end) => end,
                Found::Lines(lines) => return Ok(lines),
            };
            let steps = text.steps(&graph.path(symbol, &end)?)?;
            let none = "no chain of certain or likely references leads there";
            Ok(if steps.is_empty() { vec![none.to_owned()] } else { steps })
        }
    }
}

fn impact(asking: &Asking<'_>, asked: &arguments::Impact) -> Answered {
    if asked.target.is_some() == asked.diff.is_some() {
        return Err("pass either `target` or `diff`".to_owned());
    }
    paged(asking, asked.wanted(), |workspace, snapshot, _| {
        let graph = workspace.graph(snapshot)?;
        let text = Text { graph: &graph, shown: &RepoPath::to_string };
        let mut lines = Vec::new();
        let roots = match (&asked.target, &asked.diff) {
            (Some(target), _) => match find(&graph, &text, target)? {
                Found::Symbol(symbol) => symbol,
                Found::Lines(lines) => return Ok(lines),
            },
            (None, revision) => {
                let revision = revision.as_deref().unwrap_or("HEAD");
                let changes = workspace.changes_since(snapshot, revision)?;
                lines.extend(text.changes(&changes));
                changes.iter().filter_map(|change| change.definition).collect()
            }
        };
        let depth = asked.depth.unwrap_or(ImpactLimits::default().depth);
        let limits = ImpactLimits { depth, ..ImpactLimits::default() };
        let impact = graph.impact(&roots, limits)?;
        lines.extend(if asked.tests_only { text.tests(&impact)? } else { text.impact(&impact)? });
        Ok(lines)
    })
}

/// What one task needs; the pack keeps its budget itself, and says what it left out.
fn context(asking: &Asking<'_>, asked: &arguments::Context) -> Answered {
    let (snapshot, freshness) = match asking.indexing.open().map_err(told)? {
        Opened::Ready(snapshot, freshness) => (snapshot, freshness),
        Opened::Warming(text) => return Ok(text),
    };
    let have = Have::parse(&asked.have.join("\n")).map_err(|error| error.to_string())?;
    let filter = Filter {
        paths: OneOrMany::list(asked.path.as_ref()),
        tests: asked.tests.into(),
        ..Filter::default()
    };
    let request = ContextRequest {
        task: &asked.task,
        budget: asked.budget.unwrap_or(DEFAULT_TOKENS).max(LEAST_TOKENS),
        counter: &Counter::exact(Tokenizer::O200kBase),
        format: &Markdown,
        have: &have,
        filter: &filter,
        parameters: &PackParameters::default(),
    };
    asking.recalled(&snapshot, freshness, || {
        let workspace = &asking.indexing.workspace;
        let pack = workspace.context(&snapshot, freshness, &request).map_err(told)?;
        if pack.is_empty() {
            return Ok("nothing was found for this task; ask in other words".to_owned());
        }
        Ok(Markdown.render(&pack))
    })
}

/// What goes with a change. What was learned cannot be read where nobody learns, or where the file is
/// damaged; `flux learn` says so.
fn suggestions(indexing: &Arc<Indexing>, asked: &arguments::Suggestions) -> Answered {
    let files = OneOrMany::list(asked.files.as_ref());
    let files: Vec<RepoPath> = files.iter().map(|path| RepoPath::new(path.as_str())).collect();
    let learned = indexing.learned.as_deref().and_then(|file| load(file).ok()).unwrap_or_default();
    paged(&Asking::afresh(indexing), asked.wanted(), |workspace, snapshot, _| {
        let known = Known { workspace, snapshot: Some(snapshot), learned: &learned };
        Ok(crate::text::suggest::suggestions(&suggest(known, &files)?, &RepoPath::to_string))
    })
}

fn status(indexing: &Arc<Indexing>) -> Answered {
    if let Some(text) = indexing.warming() {
        return Ok(text);
    }
    let status = indexing.workspace.status(&flux_core::Cancel::default()).map_err(told)?;
    let mut lines = vec![
        origin(&indexing.workspace, status.freshness),
        format!("root {}", indexing.workspace.root().display()),
        format!("{} of {} files indexed", status.indexed, status.files),
    ];
    let languages = status.languages.iter().map(|(name, count)| format!("{name} {count}"));
    lines.push(format!("languages: {}", languages.collect::<Vec<_>>().join(", ")));
    if let Some(counts) = &status.graph {
        let unresolved: usize = counts.unresolved.iter().sum();
        lines.push(format!(
            "graph: {} certain, {} likely, {} external, {unresolved} unresolved",
            counts.by_tier[0], counts.by_tier[1], counts.external
        ));
    }
    let skipped = status.skipped.iter().map(|(reason, count)| format!("{reason} {count}"));
    let skipped = skipped.collect::<Vec<_>>().join(", ");
    if !skipped.is_empty() {
        lines.push(format!("left out: {skipped}"));
    }
    Ok(lines.join("\n"))
}
