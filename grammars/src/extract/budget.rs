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

/// What is left of one parse.
pub(super) struct Budget {
    /// Reports left; one comes every hundred steps, and a usual text takes less than one step
    /// for each byte.
    steps: usize,
    reads: usize,
    furthest: usize,
    stalled: usize,
}

impl Budget {
    pub(super) fn new(length: usize) -> Self {
        let reads = READS_PER_CHUNK * (1 + length / CHUNK);
        Self { steps: 1000 + length / 10, reads, furthest: 0, stalled: 0 }
    }

    /// The text from `offset` on; nothing when too much was read, which ends every scan.
    pub(super) fn read<'text>(&mut self, text: &'text [u8], offset: usize) -> &'text [u8] {
        if self.reads == 0 {
            return &[];
        }
        self.reads -= 1;
        let end = text.len().min(offset.saturating_add(CHUNK));
        text.get(offset..end).unwrap_or_default()
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
