//! A look at a small piece of a text before all of it is parsed.
//!
//! Where the parser meets something that it cannot read, it undoes and redoes what it has not
//! finished. If that is most of the text, as in `a<b,a<b,a<b,…`, one such step takes the square
//! of the length or more, minutes for some hundred kilobytes, and nothing can interrupt it. A
//! piece shows it: the end of a piece is such a place, and the steps taken there count what was
//! unfinished.

use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, Parser};

use super::budget::end_behind;

/// Length of the piece. Twice as much would show no more, and the worst text known takes a third
/// of a second already.
const PIECE: usize = 2048;
/// Lines of this length are generated, not written.
const LONG_LINE: usize = 8 * 1024;
/// Texts from this length on are looked at even if they have no long line.
const LARGE: usize = 64 * 1024;
/// Reports at the end of the piece, each a hundred steps. Of 37,000 files of 26 languages those
/// that are looked at had 16 at most, texts that take the square of their length have 25 to 80.
const MAX_AT_END: usize = 23;

/// Whether a piece of the text says that parsing it may take forever. `parser` has the language.
pub(super) fn is_hopeless(parser: &mut Parser, language: &str, text: &str) -> bool {
    let Some(piece) = piece(text) else { return false };
    let end = end_behind(language, piece.as_bytes());
    let mut at_end = 0;
    let tree = parser.parse_with_options(
        &mut |offset, _| match piece.as_bytes().get(offset..) {
            Some([]) => end,
            rest => rest.unwrap_or_default(),
        },
        None,
        Some(ParseOptions::new().progress_callback(&mut |state| {
            at_end += usize::from(state.current_byte_offset() + char::MAX_LEN_UTF8 >= piece.len());
            if at_end > MAX_AT_END { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })),
    );
    if tree.is_none() {
        parser.reset();
    }
    tree.is_none()
}

/// The start of the longest line if that is a long one, else of the text if that is large.
fn piece(text: &str) -> Option<&str> {
    let mut longest = (0, 0);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.len() > longest.1 {
            longest = (start, line.len());
        }
        start += line.len();
    }
    let start = match longest {
        (start, length) if length >= LONG_LINE => start,
        _ if text.len() >= LARGE => 0,
        _ => return None,
    };
    text.get(start..text.floor_char_boundary(start + PIECE))
}
