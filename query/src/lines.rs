//! Literal and regex search: the lines ripgrep would print, found through trigrams.

use flux_core::{FileClass, FileId, RepoPath};
use flux_store::Snapshot;
use rayon::prelude::*;

use crate::error::QueryError;
use crate::filter::FileFilter;
use crate::kind::QueryKind;
use crate::pattern::{FileMatches, LineMatch, LineMatcher, PatternOptions, PatternSyntax};
use crate::request::{SearchRequest, Sources};

/// The matching lines of one file, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLines {
    /// The file.
    pub path: RepoPath,
    /// Its lines.
    pub lines: Vec<LineMatch>,
    /// What ripgrep says when a NUL byte ended the search of the file early.
    pub notice: Option<String>,
}

/// What literal search found.
pub(crate) struct LineSearch {
    pub(crate) files: Vec<FileLines>,
    pub(crate) is_cut: bool,
    pub(crate) unreadable: Vec<RepoPath>,
}

/// Files read at a time: few enough that a small limit stops early.
const BATCH: usize = 256;

/// Searches the files in which `text` may occur, in the order of their paths.
pub(crate) fn find_lines(
    snapshot: &Snapshot,
    request: &SearchRequest,
    kind: QueryKind,
    text: &str,
    filter: &FileFilter<'_>,
    sources: &dyn Sources,
) -> Result<LineSearch, QueryError> {
    let syntax = match kind {
        QueryKind::Literal => PatternSyntax::Literal,
        _ => PatternSyntax::Regex,
    };
    let options = PatternOptions { syntax, case: request.case, boundary: request.boundary };
    let matcher = LineMatcher::compile(text, &options)?;
    let view = snapshot.view();
    let wanted = |file: &FileId| {
        let entry = view.file(*file);
        (request.filter.hidden || !entry.class().has(FileClass::HIDDEN))
            && filter.admits(entry)
            && filter.admits_class(entry.class())
    };
    let files: Vec<FileId> =
        snapshot.candidates(matcher.trigrams()).into_iter().filter(wanted).collect();
    let mut found = LineSearch { files: Vec::new(), is_cut: false, unreadable: Vec::new() };
    let mut left = request.limit;
    // One more than can be shown tells that there is more.
    let most = request.limit.saturating_add(1);
    for batch in files.chunks(BATCH) {
        let results: Vec<_> = batch
            .par_iter()
            .map(|file| {
                let path = &view.file(*file).path;
                let found =
                    sources.open(path).and_then(|opened| matcher.matches_in_reader(opened, most));
                (path.clone(), found)
            })
            .collect();
        for (path, matches) in results {
            match matches {
                Ok(matches) => found.push(path, matches, &mut left),
                Err(_) => found.unreadable.push(path),
            }
        }
        if found.is_cut {
            break;
        }
    }
    Ok(found)
}

impl LineSearch {
    fn push(&mut self, path: RepoPath, matches: FileMatches, left: &mut usize) {
        let notice = matches.notice();
        let mut lines = matches.lines;
        if lines.len() > *left {
            self.is_cut = true;
            lines.truncate(*left);
        }
        *left -= lines.len();
        if !lines.is_empty() {
            self.files.push(FileLines { path, lines, notice });
        }
    }
}
