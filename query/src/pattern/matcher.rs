//! A compiled pattern, and searching files with it as ripgrep does on a walk of a directory.
//!
//! Every search has a searcher of its own. Ripgrep keeps one per thread, whose buffer grows with
//! long lines and stays large, so that what it finds in a file with a late NUL byte depends on
//! the files before it; a fresh buffer costs microseconds and gives one answer.

use std::io;
use std::ops::ControlFlow;

use flux_store::trigram::TrigramQuery;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{BinaryDetection, MmapChoice, Searcher, SearcherBuilder};

use super::collect::{Collector, FileMatches, LineMatch, SearchEnd};
use super::requirement::required_trigrams;
use super::{CaseMode, PatternBoundary, PatternError, PatternOptions, PatternSyntax, parse};

/// A compiled pattern.
///
/// Cloning is cheap, and a clone per thread avoids that threads wait for each other's scratch
/// memory.
///
/// ```
/// use flux_query::pattern::{
///     CaseMode, LineMatcher, PatternBoundary, PatternOptions, PatternSyntax,
/// };
///
/// let options = PatternOptions {
///     syntax: PatternSyntax::Regex,
///     case: CaseMode::Smart,
///     boundary: PatternBoundary::Anywhere,
/// };
/// let matcher = LineMatcher::compile(r"fn \w+_path", &options)?;
/// let found = matcher.matches_in_reader(&b"mod a;\nfn open_path() {}\n"[..], usize::MAX)?;
/// assert_eq!((found.lines[0].line, &*found.lines[0].text), (2, &b"fn open_path() {}"[..]));
/// assert_eq!(found.lines[0].ranges, [0..12]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct LineMatcher {
    matcher: RegexMatcher,
    trigrams: TrigramQuery,
}

impl LineMatcher {
    /// Compiles a pattern.
    pub fn compile(pattern: &str, options: &PatternOptions) -> Result<Self, PatternError> {
        let matcher = builder(options).build(pattern).map_err(explain)?;
        let trigrams = match parse::parse(pattern, options) {
            Some(hir) => required_trigrams(&hir),
            None => TrigramQuery::All,
        };
        Ok(Self { matcher, trigrams })
    }

    /// Returns what a file must hold to have a matching line: trigrams of its text after decoding,
    /// for files in UTF-16 begin with a byte order mark and are searched as UTF-8.
    pub fn trigrams(&self) -> &TrigramQuery {
        &self.trigrams
    }

    /// Returns the matching lines of a file, `most` at most, without holding the file in memory.
    pub fn matches_in_reader(&self, reader: impl io::Read, most: usize) -> io::Result<FileMatches> {
        let mut lines = Vec::new();
        let end = self.search_reader(reader, |line| {
            lines.push(line);
            if lines.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(FileMatches { lines, end })
    }

    /// A reader and not a slice, which the searcher checks for NUL bytes in other places.
    pub(super) fn search_reader(
        &self,
        reader: impl io::Read,
        visit: impl FnMut(LineMatch) -> ControlFlow<()>,
    ) -> io::Result<SearchEnd> {
        let mut collector = Collector::new(&self.matcher, visit);
        searcher().search_reader(&self.matcher, reader, &mut collector)?;
        Ok(collector.end())
    }
}

/// The matcher of `rg PATTERN`. The limits on size are the crate's, which are ripgrep's.
fn builder(options: &PatternOptions) -> RegexMatcherBuilder {
    let mut builder = RegexMatcherBuilder::new();
    builder
        .multi_line(true)
        .unicode(true)
        .octal(false)
        .line_terminator(Some(b'\n'))
        .dot_matches_new_line(false)
        .ban_byte(Some(b'\x00'))
        .fixed_strings(options.syntax == PatternSyntax::Literal)
        .word(options.boundary == PatternBoundary::Word);
    match options.case {
        CaseMode::Sensitive => &mut builder,
        CaseMode::Insensitive => builder.case_insensitive(true),
        CaseMode::Smart => builder.case_smart(true),
    };
    builder
}

/// The searcher of `rg -n PATTERN DIRECTORY` for a file it has met on its walk.
fn searcher() -> Searcher {
    SearcherBuilder::new()
        .line_number(true)
        .multi_line(false)
        .bom_sniffing(true)
        .binary_detection(BinaryDetection::quit(b'\x00'))
        .memory_map(MmapChoice::never())
        .build()
}

fn explain(error: grep_regex::Error) -> PatternError {
    match error.kind() {
        grep_regex::ErrorKind::NotAllowed(_) => PatternError::LineFeed,
        grep_regex::ErrorKind::Banned(_) => PatternError::Nul,
        _ => PatternError::Invalid { message: error.to_string() },
    }
}
