//! How much work one parse may be. What is counted is steps and reads, never time, so that the
//! same text is refused on every machine or on none.
//!
//! A parse can cost the square of its length in three ways: more steps than the text is worth,
//! scanners that look ahead to the end of the text at every token, and error recovery that
//! copies the whole stack at every step. Each has its own limit.

use std::ops::ControlFlow;

use tree_sitter::ParseState;

/// Bytes given to the parser at a time. Small, so that reading far ahead shows; large, so that
/// a usual file is one read.
const CHUNK: usize = 16 * 1024;
/// Reads of a chunk: usual texts need two or three each, as tokens are read again at its edges.
const READS_PER_CHUNK: usize = 200;
/// Reports without progress while the parser is in an error, each a hundred steps.
const MAX_STALLED: usize = 32;

/// What the parser reads for the rest of a text of which it read too much. White space and not the
/// end: every scanner stops at white space, and that of Kotlin does not look for the end.
static BLANK: [u8; CHUNK] = [b'\n'; CHUNK];
/// Languages whose scanner runs past the end of a text that ends in the middle of a line.
const NEEDS_LAST_LINE_FEED: &[&str] = &["kotlin"];

/// What the parser reads behind a text or a piece of one: nothing, or a line feed where a scanner
/// would not stop without.
pub(super) fn end_behind(language: &str, text: &[u8]) -> &'static [u8] {
    match NEEDS_LAST_LINE_FEED.contains(&language) && !text.ends_with(b"\n") {
        true => b"\n",
        false => b"",
    }
}

/// What is left of one parse.
pub(super) struct Budget {
    /// What the parser reads behind the text.
    end: &'static [u8],
    /// Reports left; one comes every hundred steps, and a usual text takes less than one step
    /// for each byte.
    steps: usize,
    reads: usize,
    furthest: usize,
    stalled: usize,
}

impl Budget {
    pub(super) fn new(language: &str, text: &[u8]) -> Self {
        let reads = READS_PER_CHUNK * (1 + text.len() / CHUNK);
        let end = end_behind(language, text);
        Self { end, steps: 1000 + text.len() / 10, reads, furthest: 0, stalled: 0 }
    }

    /// The text from `offset` on; nothing but white space when too much was read, which ends every
    /// scan.
    pub(super) fn read<'text>(&mut self, text: &'text [u8], offset: usize) -> &'text [u8] {
        let length = text.len().saturating_sub(offset).min(CHUNK);
        if length == 0 {
            return if offset == text.len() { self.end } else { &[] };
        }
        if self.reads == 0 {
            return &BLANK[..length];
        }
        self.reads -= 1;
        text.get(offset..offset + length).unwrap_or_default()
    }

    /// Accounts for a report of the parser.
    pub(super) fn spend(&mut self, state: &ParseState) -> ControlFlow<()> {
        let offset = state.current_byte_offset();
        if !state.has_error() || offset > self.furthest {
            self.stalled = 0;
        } else {
            self.stalled += 1;
        }
        self.furthest = self.furthest.max(offset);
        self.steps = self.steps.saturating_sub(1);
        if self.steps == 0 || self.is_overdrawn() || self.stalled > MAX_STALLED {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Whether the parser saw an end that is not that of the text.
    pub(super) fn is_overdrawn(&self) -> bool {
        self.reads == 0
    }
}
