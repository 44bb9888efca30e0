//! `flux search`: from arguments to a request, and through the refresh to an answer.

use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use flux_engine::query::kind::is_ranked;
use flux_engine::query::pattern::{CaseMode, PatternBoundary};
use flux_engine::query::{Filter, Mode, SearchRequest, Tests};
use flux_engine::{EngineError, Freshness, MeaningState, Reply, Workspace};
use flux_server::wire::{self, Detail};

use crate::args::SearchArgs;
use crate::commands::index::{Opening, lament, opened, with_model};
use crate::commands::output;
use crate::commands::shown::Shown;
use crate::commands::tree::one_line;
use crate::context::Context;
use crate::exit::{Outcome, UsageError, say};

/// Results of a ranked search when none were asked for.
const DEFAULT_LIMIT: usize = 10;

pub(crate) fn run(context: &Context, args: &SearchArgs) -> anyhow::Result<Outcome> {
    let (query, paths) = split_words(args)?;
    check_options(args, query.as_deref())?;
    let Place { workspace, filters, shown } = locate(context, &paths)?;
    let mut filter = filter(args)?;
    filter.paths.extend(filters);
    let request = |text: &str| SearchRequest {
        text: text.to_owned(),
        mode: mode(args),
        case: case(args),
        boundary: if args.word { PatternBoundary::Word } else { PatternBoundary::Anywhere },
        filter: filter.clone(),
        limit: limit(args, text),
    };
    let is_ranked =
        args.batch || query.as_deref().is_some_and(|query| is_ranked(query, mode(args)));
    let (workspace, _) = with_model(context, workspace, is_ranked && !args.no_vectors)?;
    let opening = if args.no_refresh { Opening::AsItIs } else { Opening::Search };
    let (snapshot, freshness) = opened(context, &workspace, opening)?;
    if args.batch {
        let mut answer = |text: &str| workspace.search(&snapshot, freshness, &request(text));
        return batch(args, workspace.root(), &mut answer);
    }
    let query = query.unwrap_or_default();
    let mut reply = workspace.search(&snapshot, freshness, &request(&query))?;
    if let Some(tokens) = args.max_tokens {
        reply.fit(tokens);
    }
    if args.json {
        print_json(args, &query, workspace.root(), &reply)?;
    } else {
        print(context, args, &shown, &reply)?;
    }
    talk(context, args, &shown, &reply);
    Ok(outcome(args, &reply))
}

/// The query and the paths. Words that are no paths belong to a query that was not quoted.
fn split_words(args: &SearchArgs) -> anyhow::Result<(Option<String>, Vec<PathBuf>)> {
    let mut words = args.words.iter();
    let query = if args.batch { None } else { words.next().cloned() };
    let paths: Vec<PathBuf> = words.map(PathBuf::from).collect();
    if paths.len() > 1 && paths.iter().all(|path| !path.exists()) {
        let text = format!(
            "the words of a query must be quoted\nhint: flux search \"{}\"",
            args.words.join(" ")
        );
        return Err(UsageError(text).into());
    }
    Ok((query, paths))
}

/// Options that one kind of search has and the other would ignore are refused.
fn check_options(args: &SearchArgs, query: Option<&str>) -> anyhow::Result<()> {
    let Some(query) = query else { return Ok(()) };
    let is_ranked = is_ranked(query, mode(args));
    let about_lines = args.ignore_case || args.smart_case || args.word;
    let text = match is_ranked {
        true if about_lines => {
            "--ignore-case, --smart-case and --word need a literal or regex search\n\
             hint: add --literal or --regex"
        }
        false if !args.kind.is_empty() => {
            "--kind chooses definitions, and a literal or regex search finds lines\n\
             hint: leave out --kind, or search by name"
        }
        _ => return Ok(()),
    };
    Err(UsageError(text.to_owned()).into())
}

/// Where to search: a tree, what of it, and how its files are named.
struct Place {
    workspace: Workspace,
    filters: Vec<String>,
    shown: Shown,
}

/// Finds the place that the paths mean, or the current folder without any.
fn locate(context: &Context, paths: &[PathBuf]) -> anyhow::Result<Place> {
    let here = [PathBuf::new()];
    let paths = if paths.is_empty() { &here } else { paths };
    let mut found: Option<Workspace> = None;
    let mut inside = Vec::new();
    let mut shown = Shown::default();
    for path in paths {
        let is_here = path.as_os_str().is_empty();
        let workspace = context.workspace(if is_here { Path::new(".") } else { path })?;
        let relative = workspace.location().inside.to_string_lossy().into_owned();
        shown.add(path, &workspace.location().inside);
        match &found {
            Some(first) if first.root() != workspace.root() => {
                return Err(UsageError(format!(
                    "{} and {} lie in different trees\nhint: search them one by one",
                    first.root().display(),
                    path.display()
                ))
                .into());
            }
            Some(_) => {}
            None => found = Some(workspace),
        }
        inside.push(relative);
    }
    let found = found.ok_or_else(|| UsageError("no path to search".to_owned()))?;
    if inside.iter().any(String::is_empty) {
        inside.clear();
    }
    let anchored = inside.into_iter().map(|path| format!("/{}", escape_glob(&path)));
    Ok(Place { workspace: found, filters: anchored.collect(), shown })
}

/// A path on the command line is a name, not a pattern.
pub(crate) fn escape_glob(path: &str) -> String {
    path.chars().fold(String::new(), |mut escaped, c| {
        match c {
            '*' | '?' | '[' | ']' | '{' | '}' => escaped.extend(['[', c, ']']),
            _ => escaped.push(c),
        }
        escaped
    })
}

fn filter(args: &SearchArgs) -> anyhow::Result<Filter> {
    let kinds: Result<Vec<_>, _> = args.kind.iter().map(|kind| kind.parse()).collect();
    let kinds = kinds.map_err(|error: flux_core::symbol::UnknownSymbolKind| {
        let known: Vec<_> = flux_core::SymbolKind::ALL.iter().map(|kind| kind.as_str()).collect();
        UsageError(format!("{error}\nhint: --kind takes one of {}", known.join(", ")))
    })?;
    let tests = match (args.tests, args.no_tests) {
        (true, _) => Tests::Only,
        (_, true) => Tests::Never,
        _ => Tests::Ranked,
    };
    Ok(Filter {
        languages: args.lang.iter().map(|name| language(name)).collect(),
        paths: args.path.clone(),
        kinds,
        tests,
        hidden: args.hidden,
    })
}

/// The name of a language as the index has it, from what people call it.
pub(crate) fn language(typed: &str) -> String {
    let lower = typed.to_lowercase();
    let name = match lower.as_str() {
        "py" => "python",
        "rs" => "rust",
        "js" | "jsx" => "javascript",
        "ts" => "typescript",
        "golang" => "go",
        "c++" | "cc" | "cxx" => "cpp",
        "c#" | "cs" => "csharp",
        "rb" => "ruby",
        "kt" => "kotlin",
        "sh" | "shell" => "bash",
        "ex" | "exs" => "elixir",
        "hs" => "haskell",
        "md" => "markdown",
        "yml" => "yaml",
        _ => return lower,
    };
    name.to_owned()
}

fn mode(args: &SearchArgs) -> Mode {
    match (args.literal, args.regex) {
        (true, _) => Mode::Literal,
        (_, true) => Mode::Regex,
        _ => Mode::Auto,
    }
}

fn case(args: &SearchArgs) -> CaseMode {
    match (args.ignore_case, args.smart_case) {
        (true, _) => CaseMode::Insensitive,
        (_, true) => CaseMode::Smart,
        _ => CaseMode::Sensitive,
    }
}

fn limit(args: &SearchArgs, text: &str) -> usize {
    args.limit.unwrap_or(if is_ranked(text, mode(args)) { DEFAULT_LIMIT } else { usize::MAX })
}

fn batch(
    args: &SearchArgs,
    root: &Path,
    answer: &mut dyn FnMut(&str) -> Result<Reply, EngineError>,
) -> anyhow::Result<Outcome> {
    let mut out = io::stdout().lock();
    for query in io::stdin().lock().split(b'\n') {
        let query = String::from_utf8_lossy(&query?).into_owned();
        if query.trim().is_empty() {
            continue;
        }
        let start = Instant::now();
        let mut json = match answer(&query) {
            Ok(mut reply) => {
                if let Some(tokens) = args.max_tokens {
                    reply.fit(tokens);
                }
                wire::search(&query, root, &reply, detail(args))
            }
            Err(error) => wire::failed_search(&query, root, &error.to_string()),
        };
        json["ms"] = serde_json::json!(start.elapsed().as_secs_f64() * 1000.0);
        writeln!(out, "{json}")?;
        out.flush()?;
    }
    Ok(Outcome::Done)
}

fn detail(args: &SearchArgs) -> Detail {
    if args.explain { Detail::Explained } else { Detail::Plain }
}

fn print_json(args: &SearchArgs, query: &str, root: &Path, reply: &Reply) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(out, "{}", wire::search(query, root, reply, detail(args)))?;
    out.flush()
}

fn print(context: &Context, args: &SearchArgs, shown: &Shown, reply: &Reply) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    output::print(&mut out, context, args, shown, reply)?;
    out.flush()
}

/// What there is to say beside the answer.
fn talk(context: &Context, args: &SearchArgs, shown: &Shown, reply: &Reply) {
    if context.is_quiet {
        return;
    }
    if let Freshness::Stale(files) = reply.freshness {
        say(&format!("flux: the index is stale, {files} files changed\nhint: run flux index"));
    }
    match &reply.meaning {
        MeaningState::Failed(error) => lament(error),
        MeaningState::Used { missing } if *missing > 0 => {
            say(&format!("flux: {missing} files have no vectors yet\nhint: run flux index"));
        }
        MeaningState::Used { .. } | MeaningState::Unused => {}
    }
    for path in &reply.answer.unreadable {
        say(&format!("flux: cannot read {}, skipped", one_line(&shown.path(path))));
    }
    if !reply.answer.suggestions.is_empty() && !args.json {
        say(&format!("no symbol has that name; similar: {}", reply.answer.suggestions.join(", ")));
    }
}

fn outcome(args: &SearchArgs, reply: &Reply) -> Outcome {
    match reply.freshness {
        Freshness::Stale(_) | Freshness::Unknown if args.strict => Outcome::Stale,
        _ if args.strict && !reply.answer.unreadable.is_empty() => Outcome::Stale,
        _ if args.strict && !reply.meaning.is_whole() => Outcome::Stale,
        _ if reply.answer.hits.is_empty() && reply.answer.lines.is_empty() => Outcome::Nothing,
        _ => Outcome::Done,
    }
}

#[cfg(test)]
mod tests {
    use super::escape_glob;

    #[test]
    fn a_path_with_brackets_is_a_name() {
        assert_eq!(escape_glob("app/[id]/page.tsx"), "app/[[]id[]]/page.tsx");
    }
}
