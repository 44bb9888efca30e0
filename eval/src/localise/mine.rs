//! Making the set: commits whose message says what changed, and the functions that changed.

use std::collections::BTreeSet;
use std::path::Path;

use flux_core::{Outline, RepoPath};
use flux_grammars::{Category, Extractor, detect};

use super::git::{Commit, History, OldLines};
use super::{MineLocaliseArgs, Question};

/// Newest commits looked at.
const MAX_COMMITS: usize = 900;
/// A commit that touches more files than this is no single idea.
const MAX_FILES: usize = 14;
/// Source files that the answer may have.
const MAX_ANSWERS: usize = 8;
/// Fewest words of a message of substance.
const MIN_WORDS: usize = 5;
/// Starts of subjects that tell of no change in what the code does, in lower case.
const NO_CHANGE: &[&str] = &[
    "merge",
    "bump",
    "release",
    "revert",
    "upgrade",
    "update dep",
    "update readme",
    "version",
    "prepare",
    "wip",
    "typo",
    "fix typo",
    "lint",
    "format",
    "reformat",
    "changelog",
    "cleanup",
    "clean up",
    "chore",
    "build(deps",
    "ci",
    "style",
    "apply",
    "address",
    "rustfmt",
    "clippy",
    "fix clippy",
    "fix warnings",
    "docs",
    "doc:",
    "[maven",
    "add release",
    "set version",
    "next",
    "rename",
    "copyright",
    "update copyright",
    "fix build",
    "fix ci",
    "fix test",
    "run ",
];
/// Parts of paths of files that nobody is asked for.
const NOT_ASKED: &[&str] =
    &["test", "spec", "example", "bench", "fixture", "vendor", "third_party", "grammars", "docs"];

/// Mines all repositories of a list and writes the set.
pub(super) fn command(arguments: &MineLocaliseArgs) -> anyhow::Result<()> {
    let mut lines = String::new();
    for name in &arguments.repos {
        let history = History::in_mirror(&arguments.mirrors, name)?;
        let found = questions(name, &history)?;
        let kept = spread(found, arguments.per_repo);
        eprintln!("{name}: {} questions", kept.len());
        for question in kept {
            lines.push_str(&serde_json::to_string(&question)?);
            lines.push('\n');
        }
    }
    std::fs::write(&arguments.out, lines)?;
    Ok(())
}

/// `count` of them, spread evenly.
fn spread(found: Vec<Question>, count: usize) -> Vec<Question> {
    let all = found.len();
    let wanted: BTreeSet<usize> = (0..count.min(all)).map(|at| at * all / count.min(all)).collect();
    found.into_iter().enumerate().filter(|(at, _)| wanted.contains(at)).map(|(_, q)| q).collect()
}

fn questions(name: &str, history: &History) -> anyhow::Result<Vec<Question>> {
    let mut extractor = Extractor::new();
    let mut found = Vec::new();
    for commit in history.newest(MAX_COMMITS)? {
        if super::question_of(&commit).is_some_and(|text| has_substance(&commit.subject, &text)) {
            found.extend(question(name, history, &commit, &mut extractor)?);
        }
    }
    Ok(found)
}

fn has_substance(subject: &str, text: &str) -> bool {
    let lower = subject.to_lowercase();
    let is_dull = NO_CHANGE.iter().any(|start| lower.starts_with(start));
    !is_dull && text.split_whitespace().count() >= MIN_WORDS
}

fn question(
    name: &str,
    history: &History,
    commit: &Commit,
    extractor: &mut Extractor,
) -> anyhow::Result<Option<Question>> {
    let (modified, touched) = history.modified(commit)?;
    let files: Vec<String> = modified.into_iter().filter(|path| is_asked_for(path)).collect();
    if touched > MAX_FILES || !(1..=MAX_ANSWERS).contains(&files.len()) {
        return Ok(None);
    }
    let mut functions = Vec::new();
    for path in &files {
        let source = history.file(&commit.parent, path)?;
        let changed = history.changed_lines(commit, path)?;
        functions.extend(changed_functions(path, &source, &changed, extractor));
    }
    let question = Question { repo: name.to_owned(), commit: commit.id.clone(), files, functions };
    Ok((!question.functions.is_empty()).then_some(question))
}

/// Whether a changed file is source that a question can be about.
fn is_asked_for(path: &str) -> bool {
    let lower = path.to_lowercase();
    if NOT_ASKED.iter().any(|part| lower.contains(part)) {
        return false;
    }
    let path = RepoPath::new(path);
    detect(&path, "")
        .is_some_and(|grammar| grammar.category() == Category::Code && !grammar.is_test_file(&path))
}

/// The functions that hold changed lines, each as `path:line:name`.
fn changed_functions(
    path: &str,
    source: &str,
    changed: &[OldLines],
    extractor: &mut Extractor,
) -> Vec<String> {
    let Some(grammar) = detect(&RepoPath::new(path), source) else { return Vec::new() };
    let Ok(outline) = extractor.extract(grammar, source) else { return Vec::new() };
    let outline = Outline { symbols: outline.symbols, ..Outline::default() };
    let mut found = BTreeSet::new();
    for lines in changed {
        // What was only added lies between two lines and belongs to who holds both.
        let (first, last) = match lines.count {
            0 => (lines.start, lines.start + 1),
            count => (lines.start, lines.start + count - 1),
        };
        let is_hit = |start: u32, end: u32| match lines.count {
            0 => start <= first && last <= end,
            _ => start <= last && first <= end,
        };
        let callables = outline.symbols.iter().filter(|symbol| symbol.kind.is_callable());
        let hit: Vec<_> =
            callables.filter(|symbol| is_hit(symbol.lines.start, symbol.lines.end)).collect();
        for symbol in &hit {
            let is_around = hit
                .iter()
                .any(|inner| symbol.span != inner.span && symbol.span.contains(inner.span));
            if !is_around {
                found.insert((symbol.lines.start, symbol.qualified_name()));
            }
        }
    }
    found.into_iter().map(|(line, name)| format!("{path}:{line}:{name}")).collect()
}

/// The set in a file.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Question>> {
    let text = std::fs::read_to_string(path)?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}
