//! The lines a search finds, as values.

use std::io;
use std::ops::{ControlFlow, Range};

use grep_matcher::Matcher;
use grep_regex::RegexMatcher;
use grep_searcher::{Searcher, Sink, SinkMatch};

/// A line with a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineMatch {
    /// Its number, from 1.
    pub line: u64,
    /// Where it begins in the searched text. That is the file, except that a byte order mark is
    /// not counted and UTF-16 counts as UTF-8.
    pub offset: u64,
    /// Its bytes without the line feed; a carriage return stays, and it may not be UTF-8.
    pub text: Vec<u8>,
    /// The matches in `text`, in order, which do not overlap and may be empty.
    pub ranges: Vec<Range<usize>>,
}

/// How a search came to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SearchEnd {
    /// Where a NUL byte was found, which ended the search: about there, in the searched text.
    pub binary_offset: Option<u64>,
}

/// All matching lines of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileMatches {
    /// The lines in order.
    pub lines: Vec<LineMatch>,
    /// How the search ended.
    pub end: SearchEnd,
}

impl FileMatches {
    /// The words that ripgrep puts after `PATH: ` for a search that a NUL byte ended after a
    /// match. It says nothing of a binary file without a match before that.
    pub fn notice(&self) -> Option<String> {
        let offset = self.end.binary_offset.filter(|_| !self.lines.is_empty())?;
        Some(format!(
            "WARNING: stopped searching binary file after match \
             (found \"\\0\" byte around offset {offset})"
        ))
    }
}

/// Receives matches from the searcher.
pub(super) struct Collector<'matcher, V> {
    matcher: &'matcher RegexMatcher,
    visit: V,
    end: SearchEnd,
}

impl<'matcher, V> Collector<'matcher, V> {
    pub(super) fn new(matcher: &'matcher RegexMatcher, visit: V) -> Self {
        Self { matcher, visit, end: SearchEnd::default() }
    }

    pub(super) fn end(&self) -> SearchEnd {
        self.end
    }

    fn ranges(&self, text: &[u8]) -> io::Result<Vec<Range<usize>>> {
        let mut ranges = Vec::new();
        self.matcher
            .find_iter(text, |found| {
                ranges.push(found.start()..found.end());
                true
            })
            .map_err(io::Error::other)?;
        Ok(ranges)
    }
}

impl<V: FnMut(LineMatch) -> ControlFlow<()>> Sink for &mut Collector<'_, V> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        let line = found.bytes();
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let line = LineMatch {
            line: found.line_number().unwrap_or_default(),
            offset: found.absolute_byte_offset(),
            text: text.to_vec(),
            ranges: self.ranges(text)?,
        };
        Ok((self.visit)(line).is_continue())
    }

    fn binary_data(&mut self, _: &Searcher, offset: u64) -> io::Result<bool> {
        self.end.binary_offset = Some(offset);
        Ok(true)
    }
}
