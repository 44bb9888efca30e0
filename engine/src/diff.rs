//! What changed since a revision, symbol by symbol.
//!
//! Git says which files changed and what they held; both texts are read by the same grammars, and
//! symbols are compared by name. A hunk of lines says less: it cannot tell a signature from a
//! body, and moving a function would change it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use flux_core::{DefinitionIndex, DefinitionRef, LineSpan, RepoPath, Symbol, SymbolKind};
use flux_indexer::decode::decode;
use flux_indexer::outline_of;
use flux_query::graph::{Mentions, mentions};
use flux_store::Snapshot;

use crate::error::EngineError;
use crate::repository::harmless_git;
use crate::workspace::Workspace;

/// What became of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It is gone.
    Removed,
    /// Its declaration differs.
    Signature,
    /// Its declaration differs by who may use it.
    Visibility,
    /// What it does differs.
    Body,
    /// It is new.
    Added,
}

impl ChangeKind {
    /// The word used in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Signature => "signature",
            Self::Visibility => "visibility",
            Self::Body => "body",
            Self::Added => "added",
        }
    }
}

/// A symbol that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct SymbolChange {
    /// Its file.
    pub path: RepoPath,
    /// Names of what it lies in, and its own.
    pub qualified_name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// Its lines now; those it had, if it is gone.
    pub lines: LineSpan,
    /// What became of it.
    pub change: ChangeKind,
    /// Where it is in the graph, unless it is gone.
    pub definition: Option<DefinitionRef>,
    /// Where the name of one that is gone still stands.
    pub left: Option<Mentions>,
}

impl Workspace {
    /// The symbols that differ between `revision` and the tree as `snapshot` has it, by path and
    /// position, without files that git does not track.
    pub fn changes_since(
        &self,
        snapshot: &Snapshot,
        revision: &str,
    ) -> Result<Vec<SymbolChange>, EngineError> {
        let paths = self.changed_paths(revision)?;
        let before = self.texts_at(revision, &paths)?;
        let graph = self.graph(snapshot)?;
        let mut changes = Vec::new();
        for (path, before) in before {
            let file = snapshot.view().find(path.as_str());
            let now = file.and_then(|file| self.indexed_text(snapshot, file)).unwrap_or_default();
            for mut change in compare(&path, &before, &now) {
                if let Some(file) = file {
                    change.definition = definition_at(&graph, file, &change)?;
                }
                if change.change == ChangeKind::Removed {
                    let name = change.qualified_name.rsplit('.').next().unwrap_or_default();
                    let texts = |file| self.indexed_text(snapshot, file).map(Arc::from);
                    change.left = Some(mentions::mentions(&graph.view(), name, &texts)?);
                }
                changes.push(change);
            }
        }
        Ok(changes)
    }

    /// Git that only looks at the tree.
    pub(crate) fn git(&self, arguments: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.envs(harmless_git(self.root())).arg("-C").arg(self.root()).args(arguments);
        git.stderr(Stdio::piped());
        git
    }

    /// The files that differ from `revision`.
    fn changed_paths(&self, revision: &str) -> Result<Vec<RepoPath>, EngineError> {
        let failed = |reason: String| EngineError::Git { revision: revision.to_owned(), reason };
        if revision.starts_with('-') {
            return Err(failed("it is no revision".to_owned()));
        }
        let arguments = [
            "diff",
            "--name-only",
            "-z",
            "--no-renames",
            "--no-ext-diff",
            "--relative",
            revision,
            "--",
        ];
        let output = self.git(&arguments).output().map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().next().unwrap_or("git failed");
            return Err(failed(said.trim_start_matches("fatal: ").to_owned()));
        }
        let names = output.stdout.split(|byte| *byte == 0);
        let names = names.filter_map(|name| std::str::from_utf8(name).ok());
        // A name with a line feed cannot be asked for below, and is no file of source.
        let names = names.filter(|name| !name.is_empty() && !name.contains('\n'));
        Ok(names.map(RepoPath::new).collect())
    }

    /// The texts that files had at `revision`; empty for those that were not there.
    fn texts_at(
        &self,
        revision: &str,
        paths: &[RepoPath],
    ) -> Result<Vec<(RepoPath, String)>, EngineError> {
        let failed = |error: std::io::Error| EngineError::Git {
            revision: revision.to_owned(),
            reason: error.to_string(),
        };
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let mut git = self.git(&["cat-file", "--batch"]);
        let git = git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = git.spawn().map_err(failed)?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let asked: String = paths.iter().map(|path| format!("{revision}:./{path}\n")).collect();
        let texts = std::thread::scope(|scope| {
            let writer = scope.spawn(move || match stdin {
                Some(mut stdin) => stdin.write_all(asked.as_bytes()),
                None => Ok(()),
            });
            let texts = read_objects(stdout, paths);
            // A pipe that broke shows in what could be read: the texts are incomplete then.
            match writer.join() {
                Ok(Ok(())) | Err(_) => texts,
                Ok(Err(error)) => texts.and(Err(error)),
            }
        });
        child.wait().map_err(failed)?;
        texts.map_err(failed)
    }
}

/// Reads what `git cat-file --batch` prints: a header and the bytes of each object.
fn read_objects(
    from: Option<impl Read>,
    paths: &[RepoPath],
) -> std::io::Result<Vec<(RepoPath, String)>> {
    let mut texts = Vec::new();
    let Some(from) = from else { return Ok(texts) };
    let mut from = BufReader::new(from);
    for path in paths {
        let mut header = String::new();
        from.read_line(&mut header)?;
        let size = header.trim_end().rsplit_once(' ').and_then(|(before, size)| {
            before.ends_with("blob").then(|| size.parse::<usize>().ok()).flatten()
        });
        let mut text = String::new();
        if let Some(size) = size {
            let mut bytes = vec![0; size + 1];
            from.read_exact(&mut bytes)?;
            bytes.pop();
            text = decode(&bytes).map(|text| text.into_owned()).unwrap_or_default();
        }
        texts.push((path.clone(), text));
    }
    Ok(texts)
}

fn definition_at(
    graph: &crate::graph::Graph<'_>,
    file: flux_core::FileId,
    change: &SymbolChange,
) -> Result<Option<DefinitionRef>, EngineError> {
    if change.change == ChangeKind::Removed {
        return Ok(None);
    }
    let view = graph.view();
    let definitions = view.graph.definitions(file).map_err(flux_query::QueryError::from)?;
    let name = change.qualified_name.rsplit('.').next().unwrap_or_default();
    for (index, known) in (0..).map(DefinitionIndex).zip(&definitions).skip(1) {
        let definition = DefinitionRef { file, index };
        if &*known.name == name && view.lines(definition)?.overlaps(change.lines) {
            return Ok(Some(definition));
        }
    }
    Ok(None)
}

/// A symbol with what is compared of it.
struct Compared<'a> {
    symbol: &'a Symbol,
    own_text: String,
}

/// The symbols of a text by name, kind, and place among equals.
fn compared<'a>(
    symbols: &'a [Symbol],
    text: &str,
) -> BTreeMap<(String, SymbolKind, usize), Compared<'a>> {
    let mut found = BTreeMap::new();
    for symbol in symbols {
        let name = symbol.qualified_name();
        let mut ordinal = 0;
        while found.contains_key(&(name.clone(), symbol.kind, ordinal)) {
            ordinal += 1;
        }
        let own_text = own_text(symbols, symbol, text);
        found.insert((name, symbol.kind, ordinal), Compared { symbol, own_text });
    }
    found
}

/// The text of a symbol without that of the symbols in it, and without differences of space.
fn own_text(symbols: &[Symbol], symbol: &Symbol, text: &str) -> String {
    let mut own = String::new();
    let mut at = symbol.span.start;
    for inner in symbols {
        let is_inner = symbol.span.contains(inner.span) && inner.span != symbol.span;
        if is_inner && inner.span.start >= at {
            own.push_str(text.get(at as usize..inner.span.start as usize).unwrap_or_default());
            at = inner.span.end;
        }
    }
    own.push_str(text.get(at as usize..symbol.span.end as usize).unwrap_or_default());
    own.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What differs between two texts of one file.
fn compare(path: &RepoPath, before: &str, now: &str) -> Vec<SymbolChange> {
    let outlines = [outline_of(path, before), outline_of(path, now)];
    let old = compared(&outlines[0].symbols, before);
    let new = compared(&outlines[1].symbols, now);
    let change = |found: &Compared<'_>, change| SymbolChange {
        path: path.clone(),
        qualified_name: found.symbol.qualified_name(),
        kind: found.symbol.kind,
        lines: found.symbol.lines,
        change,
        definition: None,
        left: None,
    };
    let mut changes = Vec::new();
    for (key, was) in &old {
        match new.get(key) {
            None => changes.push(change(was, ChangeKind::Removed)),
            Some(is) => changes.extend(difference(was, is).map(|kind| change(is, kind))),
        }
    }
    let added = new.iter().filter(|(key, _)| !old.contains_key(*key));
    changes.extend(added.map(|(_, is)| change(is, ChangeKind::Added)));
    changes.sort_by_key(|change| (change.lines.start, change.change));
    changes
}

fn difference(was: &Compared<'_>, is: &Compared<'_>) -> Option<ChangeKind> {
    if was.symbol.signature != is.symbol.signature {
        let same =
            without_visibility(&was.symbol.signature) == without_visibility(&is.symbol.signature);
        return Some(if same { ChangeKind::Visibility } else { ChangeKind::Signature });
    }
    (was.own_text != is.own_text).then_some(ChangeKind::Body)
}

/// A declaration without the words that say who may use what it declares.
fn without_visibility(signature: &str) -> String {
    const WORDS: &[&str] = &[
        "pub",
        "public",
        "private",
        "protected",
        "internal",
        "export",
        "default",
        "open",
        "fileprivate",
    ];
    let words = signature.split_whitespace();
    let is_kept = |word: &&str| {
        let word = word.split('(').next().unwrap_or(word);
        !WORDS.contains(&word)
    };
    words.filter(is_kept).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use flux_core::RepoPath;

    use super::compare;

    #[track_caller]
    fn check(path: &str, before: &str, now: &str, expected: &[(&str, &str)]) {
        let changes = compare(&RepoPath::new(path), before, now);
        let found: Vec<(&str, &str)> = changes
            .iter()
            .map(|change| (change.qualified_name.as_str(), change.change.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_change_is_told_by_what_it_changes() {
        check("a.py", "def f(a):\n    return a\n", "def f(a):\n    return 1\n", &[("f", "body")]);
        check("a.py", "def f(a):\n    pass\n", "def f(a, b):\n    pass\n", &[("f", "signature")]);
        check("a.rs", "fn f() {}\n", "pub(crate) fn f() {}\n", &[("f", "visibility")]);
        check(
            "a.py",
            "def f():\n    pass\n",
            "def g():\n    pass\n",
            &[("f", "removed"), ("g", "added")],
        );
    }

    #[test]
    fn a_method_does_not_change_its_class_and_moving_changes_nothing() {
        let before =
            "class A:\n    def f(self):\n        return 1\n    def g(self):\n        pass\n";
        check("a.py", before, &before.replace("return 1", "return 2"), &[("A.f", "body")]);
        check("a.py", before, &format!("\n\n{before}"), &[]);
    }
}
