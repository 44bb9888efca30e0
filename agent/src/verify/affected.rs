//! The tests that a change can affect, and how they are run.
//!
//! The graph says which tests exercise what changed. Runners that take files or folders are given
//! those; others run all tests.

use std::collections::{BTreeMap, BTreeSet};

use flux_core::{RepoPath, Symbol};
use flux_engine::query::graph::{ImpactLimits, Named};
use flux_engine::syntax::Syntax;
use flux_engine::{EngineError, Snapshot};

use super::changes::Change;
use crate::edit::check::definitions;
use crate::edit::{CheckCommand, Tree};
use crate::tools::Bench;

/// Tests that a change can affect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affected {
    /// Their files, by path.
    pub files: BTreeSet<String>,
    /// What runs them.
    pub commands: Vec<CheckCommand>,
    /// Why there is nothing to run, if there is not.
    pub none: String,
}

/// Steps from what changed to a test.
const DEPTH: usize = 6;
/// Definitions that are looked at.
const MOST: usize = 20_000;
/// With more packages all tests are run.
const MOST_PACKAGES: usize = 6;

/// What a change can affect, by the graphs before and after it. Without them nothing can be left out,
/// and all tests are run.
pub fn affected(
    bench: &Bench<'_>,
    changes: &[Change],
    graphs: Option<(&Snapshot, &Snapshot)>,
) -> Affected {
    let reached = graphs.map(|graphs| reached(bench, changes, graphs));
    let (mut files, is_known) = match reached {
        Some(Ok(files)) => (files, true),
        Some(Err(_)) | None => (BTreeSet::new(), false),
    };
    let present = changes.iter().filter(|change| change.after.is_some());
    let own = present.map(|change| change.path.to_string()).filter(|path| is_test_file(path));
    files.extend(own);
    let Some(test) = &bench.checks.test else {
        let none = "tests: it is not known how this project is tested".to_owned();
        return Affected { files, commands: Vec::new(), none };
    };
    let commands = match is_known {
        true => commands(&bench.tree, test, &files, changes),
        false => vec![test.clone()],
    };
    Affected { files, commands, none: "tests: none reaches what changed".to_owned() }
}

/// Files of tests that reach what changed.
fn reached(
    bench: &Bench<'_>,
    changes: &[Change],
    (before, after): (&Snapshot, &Snapshot),
) -> Result<BTreeSet<String>, EngineError> {
    let gone = |change: &&Change| change.after.is_none() || change.from != change.path;
    let gone = changes.iter().filter(gone).map(|change| change.from.to_string());
    let changed = changes.iter().flat_map(changed_places);
    let mut files = tests_of(bench, before, gone.collect())?;
    files.extend(tests_of(bench, after, changed.collect())?);
    files.retain(|path| bench.tree.root.join(path).exists());
    Ok(files)
}

/// Files of tests that reach these places of a graph.
fn tests_of(
    bench: &Bench<'_>,
    snapshot: &Snapshot,
    places: Vec<String>,
) -> Result<BTreeSet<String>, EngineError> {
    let graph = bench.workspace.graph(snapshot)?;
    let mut roots = Vec::new();
    for place in places {
        if let Named::One { definitions, .. } = graph.find(&place)? {
            roots.extend(definitions);
        }
    }
    let mut files = BTreeSet::new();
    if roots.is_empty() {
        return Ok(files);
    }
    let impact = graph.impact(&roots, ImpactLimits { depth: DEPTH, most: MOST })?;
    for test in impact.tests() {
        files.insert(graph.describe(test.definition)?.path.to_string());
    }
    Ok(files)
}

/// The definitions of a file that are not as they were, as `path:line`; the file itself where
/// something else in it changed.
fn changed_places(change: &Change) -> Vec<String> {
    let path = &change.path;
    let Some(after) = &change.after else { return Vec::new() };
    let Some(syntax) = Syntax::of(path, after) else { return Vec::new() };
    let before = change.before.as_deref().unwrap_or_default();
    let old = Syntax::of(&change.from, before);
    let bodies = |syntax: &Syntax, text: &str| -> BTreeMap<String, String> {
        let body = |one: &Symbol| (one.qualified_name(), text_of(one, text).to_owned());
        definitions(syntax).map(body).collect()
    };
    let known = old.as_ref().map(|syntax| bodies(syntax, before)).unwrap_or_default();
    let is_changed = |one: &&Symbol| {
        known.get(&one.qualified_name()).is_none_or(|body| body != text_of(one, after))
    };
    let changed: Vec<&Symbol> = definitions(&syntax).filter(is_changed).collect();
    // What encloses a changed definition is only changed by it.
    let is_inner = |one: &&&Symbol| {
        !changed.iter().any(|other| other.span != one.span && one.span.contains(other.span))
    };
    let mut places: Vec<String> =
        changed.iter().filter(is_inner).map(|one| format!("{path}:{}", one.lines.start)).collect();
    // Imports, and what a definition was before it went, matter to all of the file.
    let names: BTreeSet<String> = definitions(&syntax).map(Symbol::qualified_name).collect();
    let is_gone = known.keys().any(|name| !names.contains(name));
    let rest = old.as_ref().map(|syntax| outside(syntax, before)).unwrap_or_default();
    if places.is_empty() || is_gone || outside(&syntax, after) != rest {
        places.push(path.to_string());
    }
    places
}

/// A text without its definitions and without what only sets it out.
fn outside(syntax: &Syntax, text: &str) -> String {
    let mut rest = String::new();
    let mut at = 0;
    let mut spans: Vec<(usize, usize)> =
        definitions(syntax).map(|one| (one.span.start as usize, one.span.end as usize)).collect();
    spans.sort_unstable();
    for (start, end) in spans {
        if start >= at {
            rest.push_str(text.get(at..start).unwrap_or_default());
        }
        at = at.max(end);
    }
    rest.push_str(text.get(at..).unwrap_or_default());
    rest.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text_of<'a>(symbol: &Symbol, text: &'a str) -> &'a str {
    text.get(symbol.span.start as usize..symbol.span.end as usize).unwrap_or_default()
}

/// Whether a runner of Python's tests takes a file for one.
fn is_test_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("test_")
        || name.contains("_test.")
        || name.contains(".test.")
        || name.contains(".spec.")
}

/// What runs the tests that matter.
fn commands(
    tree: &Tree,
    test: &CheckCommand,
    files: &BTreeSet<String>,
    changes: &[Change],
) -> Vec<CheckCommand> {
    let words: Vec<&str> = test.words.iter().map(String::as_str).collect();
    let with = |added: Vec<String>| CheckCommand {
        words: test.words.iter().cloned().chain(added).collect(),
        ..test.clone()
    };
    match words[..] {
        [_, "-m", "pytest", ..] | ["pytest", ..] => {
            let is_configured =
                changes.iter().any(|change| change.path.file_name() == "conftest.py");
            let files: Vec<String> = files
                .iter()
                .filter(|path| path.ends_with(".py") && is_test_file(path))
                .cloned()
                .collect();
            match (is_configured, files.is_empty()) {
                (true, _) => vec![test.clone()],
                (false, true) => Vec::new(),
                (false, false) => vec![with(files)],
            }
        }
        ["cargo", "test", ..] => {
            let manifests = folders_with(tree, "Cargo.toml", files, changes);
            if manifests.is_empty() || manifests.len() > MOST_PACKAGES {
                return vec![test.clone()];
            }
            let of_folder = |folder: String| match folder.as_str() {
                "" => test.clone(),
                folder => with(vec!["--manifest-path".to_owned(), format!("{folder}/Cargo.toml")]),
            };
            manifests.into_iter().map(of_folder).collect()
        }
        ["go", "test", "./..."] => {
            let changed = changes.iter().map(|change| change.path.parent().to_owned());
            let tested = files.iter().map(|path| RepoPath::new(path.as_str()).parent().to_owned());
            let has_go = |folder: &String| {
                let entries = std::fs::read_dir(tree.root.join(folder)).into_iter().flatten();
                let mut files = entries.flatten();
                files.any(|entry| entry.path().extension().is_some_and(|end| end == "go"))
            };
            let folders: BTreeSet<String> = changed.chain(tested).filter(has_go).collect();
            if folders.is_empty() {
                return vec![test.clone()];
            }
            let mut words: Vec<String> = vec!["go".to_owned(), "test".to_owned()];
            words.extend(folders.iter().map(|folder| format!("./{folder}")));
            vec![CheckCommand { words, ..test.clone() }]
        }
        _ => vec![test.clone()],
    }
}

/// The nearest folders above the files that hold a file called `name`.
fn folders_with(
    tree: &Tree,
    name: &str,
    files: &BTreeSet<String>,
    changes: &[Change],
) -> BTreeSet<String> {
    let paths = files.iter().cloned().chain(changes.iter().map(|change| change.path.to_string()));
    let nearest = |path: String| {
        let path = RepoPath::new(path.as_str());
        let mut folder = path.parent();
        loop {
            if tree.root.join(folder).join(name).is_file() {
                return Some(folder.to_owned());
            }
            folder = match folder.rsplit_once('/') {
                Some((above, _)) => above,
                None if folder.is_empty() => return None,
                None => "",
            };
        }
    };
    paths.filter_map(nearest).collect()
}
