//! What is asked and what comes back.

use std::io;

use flux_core::RepoPath;

use crate::filter::Filter;
use crate::hit::Hit;
use crate::kind::QueryKind;
use crate::lines::FileLines;
use crate::pattern::{CaseMode, PatternBoundary};

/// One search.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// What was typed.
    pub text: String,
    /// How it is to be read.
    pub mode: Mode,
    /// Letter case in literal and regex search.
    pub case: CaseMode,
    /// Where a literal or regex match may begin and end.
    pub boundary: PatternBoundary,
    /// Which files and symbols count.
    pub filter: Filter,
    /// Most hits, or matching lines, wanted.
    pub limit: usize,
}

/// How the text of a request is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As it looks: `"quoted"` is literal, `/slashed/` is a regex, the rest is ranked.
    Auto,
    /// Ranked, whatever it looks like.
    Ranked,
    /// As a literal string.
    Literal,
    /// As a regular expression.
    Regex,
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct Answer {
    /// How the text was read.
    pub kind: QueryKind,
    /// Ranked hits, best first; empty for literal and regex search.
    pub hits: Vec<Hit>,
    /// Matching lines by file, for literal and regex search.
    pub lines: Vec<FileLines>,
    /// Whether there is more than was asked for.
    pub is_cut: bool,
    /// Names close to a symbol that was asked for and not found.
    pub suggestions: Vec<String>,
    /// Files of the snapshot that could not be read for literal search.
    pub unreadable: Vec<RepoPath>,
}

/// Gives the text of files to literal search and snippets.
pub trait Sources: Sync {
    /// Opens a file as it is now; it may be larger than memory.
    fn open(&self, path: &RepoPath) -> io::Result<Box<dyn io::Read + '_>>;
}
