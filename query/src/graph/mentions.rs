//! Where a name stands without being resolved: what a list of references may lack.
//!
//! The text decides and not the graph, so that files that could not be parsed, strings and
//! comments are seen as well.

use flux_core::{FileId, RepoPath, Target, Unresolved};
use rayon::prelude::*;

use super::view::{GraphView, Texts};
use crate::error::QueryError;
use crate::pattern::{CaseMode, LineMatcher, PatternBoundary, PatternOptions, PatternSyntax};

/// Files that are looked into. A name in more of them is a common word, and a count of its places
/// would say nothing; reading 300 files takes about 10 ms.
const MAX_FILES: usize = 300;

/// Where a name stands without being resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Identifiers that may be meant, by path and line.
    pub unresolved: Vec<Mention>,
    /// Places in comments, strings, documents and what no grammar read.
    pub in_text: usize,
    /// Files that mention it and could not be parsed in full.
    pub unparsed: Vec<RepoPath>,
    /// Files that may mention it and have changed since. Files that are not indexed at all are
    /// listed by a report of their own.
    pub unread: Vec<RepoPath>,
    /// Number of files that hold the name, if they are too many to be looked into.
    pub too_common: usize,
}

/// An identifier that could not be resolved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// Its file.
    pub path: RepoPath,
    /// Its line, 1-based.
    pub line: u32,
    /// Why it has no target.
    pub reason: Unresolved,
}

/// Looks for `name` in the texts of the tree.
pub fn mentions(
    view: &GraphView<'_>,
    name: &str,
    texts: Texts<'_>,
) -> Result<Mentions, QueryError> {
    let mut files = files_with(view, name)?;
    files.retain(|file| view.entry(*file).content().is_some());
    if files.len() > MAX_FILES {
        return Ok(Mentions { too_common: files.len(), ..Mentions::default() });
    }
    let parts: Result<Vec<_>, _> =
        files.par_iter().map(|file| mentions_in(view, *file, name, texts)).collect();
    let mut all = Mentions::default();
    for part in parts? {
        all.unresolved.extend(part.unresolved);
        all.in_text += part.in_text;
        all.unparsed.extend(part.unparsed);
        all.unread.extend(part.unread);
    }
    Ok(all)
}

/// The files that may hold `name` as a word.
pub fn files_with(view: &GraphView<'_>, name: &str) -> Result<Vec<FileId>, QueryError> {
    let options = PatternOptions {
        syntax: PatternSyntax::Literal,
        case: CaseMode::Sensitive,
        boundary: PatternBoundary::Word,
    };
    let matcher = LineMatcher::compile(name, &options)?;
    Ok(view.snapshot.candidates(matcher.trigrams()))
}

fn mentions_in(
    view: &GraphView<'_>,
    file: FileId,
    name: &str,
    texts: Texts<'_>,
) -> Result<Mentions, QueryError> {
    let path = &view.entry(file).path;
    let Some(text) = texts(file) else {
        return Ok(Mentions { unread: vec![path.clone()], ..Mentions::default() });
    };
    let mut found = Mentions::default();
    let spots = words(&text, name);
    if spots.is_empty() {
        return Ok(found);
    }
    if view.snapshot.outline(file)?.parse_errors > 0 {
        found.unparsed.push(path.clone());
    }
    if !view.graph.has(file)? {
        found.in_text = spots.len();
        return Ok(found);
    }
    for spot in spots {
        let here = view.graph.occurrences_from(file, spot)?;
        let unresolved = here.iter().find_map(|occurrence| match occurrence.target {
            Target::Unresolved(reason) => Some(reason),
            _ => None,
        });
        if let Some(reason) = unresolved {
            let line = view.graph.line_of(file, spot)?;
            found.unresolved.push(Mention { path: path.clone(), line, reason });
        } else if here.is_empty() && !view.graph.is_name(file, spot)? {
            found.in_text += 1;
        }
    }
    Ok(found)
}

/// The offsets at which `name` stands as a word.
pub(crate) fn words(text: &str, name: &str) -> Vec<u32> {
    if name.is_empty() {
        return Vec::new();
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let is_whole = |at: &usize| {
        !text[..*at].ends_with(is_word) && !text[at + name.len()..].starts_with(is_word)
    };
    // UTF-8 within UTF-8 is only ever found at the borders of characters.
    let all = memchr::memmem::find_iter(text.as_bytes(), name);
    all.filter(is_whole).map(|at| at as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn only_whole_words_count() {
        assert_eq!(words("run rerun run_it run", "run"), [0, 17]);
        assert_eq!(words("größe übergröße größe", "größe"), [0, 21]);
        assert!(words("run", "").is_empty());
    }
}
