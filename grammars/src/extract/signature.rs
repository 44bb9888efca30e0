//! The declaration of a symbol on one line.

use flux_core::{ByteSpan, Symbol};
use tree_sitter::{Node, TreeCursor};

use crate::compiled::{Compiled, KindFlags};

/// Nodes looked at before the search for a body gives up: a declaration has tens.
const MAX_NODES: usize = 400;
/// A body further away lies behind what is kept of the text, with room for white space.
const MAX_DISTANCE: usize = 4 * Symbol::MAX_SIGNATURE;
/// A body lies below the definition, a wrapper, a declarator and a value at most.
const MAX_LEVELS: usize = 5;

/// The text of `node`, up to the body of `definition` inside it, without attributes.
pub(super) fn signature<'tree>(
    compiled: &Compiled,
    source: &str,
    cursor: &mut TreeCursor<'tree>,
    node: Node<'tree>,
    definition: Node<'tree>,
) -> Box<str> {
    let start = node.start_byte();
    let scan = scan(compiled, cursor, node, start + MAX_DISTANCE, definition);
    let end = scan.body.unwrap_or(node.end_byte()).max(start);
    let mut line = OneLine::default();
    let mut from = start;
    for (skip_start, skip_end) in scan.skipped {
        if skip_start >= from && skip_end <= end {
            line.push(source.get(from..skip_start).unwrap_or(""));
            line.push(" ");
            from = skip_end;
        }
    }
    line.push(source.get(from..end).unwrap_or(""));
    line.finish(scan.body.is_some())
}

struct Scan {
    body: Option<usize>,
    skipped: Vec<(usize, usize)>,
}

/// Finds the shallowest body and what to leave out, in one bounded walk.
fn scan<'tree>(
    compiled: &Compiled,
    cursor: &mut TreeCursor<'tree>,
    node: Node<'tree>,
    limit: usize,
    definition: Node<'tree>,
) -> Scan {
    let mut body: Option<(usize, usize)> = None;
    let mut skipped = Vec::new();
    cursor.reset(node);
    let mut depth = 0;
    let mut is_below = cursor.goto_first_child();
    for _ in 0..MAX_NODES {
        if is_below {
            depth += 1;
        } else if !cursor.goto_next_sibling() {
            if !cursor.goto_parent() || depth <= 1 {
                break;
            }
            depth -= 1;
            continue;
        }
        let child = cursor.node();
        let flags = compiled.flags(child.kind_id());
        let field = cursor.field_id().map_or(0, std::num::NonZeroU16::get);
        let is_before = child.start_byte() < definition.start_byte();
        let is_body = flags.has(KindFlags::BODY) || (field != 0 && field == compiled.body_field);
        is_below = false;
        if child.start_byte() > limit {
            break;
        }
        if flags.has(KindFlags::UNSIGNED) {
            skipped.push((child.start_byte(), child.end_byte()));
        } else if is_body && !is_before && child != definition {
            if body.is_none_or(|(found_depth, _)| depth < found_depth) {
                body = Some((depth, child.start_byte()));
            }
        } else if depth < MAX_LEVELS && body.is_none_or(|(found_depth, _)| depth + 1 < found_depth)
        {
            is_below = cursor.goto_first_child();
        }
    }
    Scan { body: body.map(|(_, start)| start), skipped }
}

/// Collects text with white space collapsed, up to the longest signature.
#[derive(Default)]
struct OneLine {
    text: String,
    is_full: bool,
    wants_space: bool,
}

impl OneLine {
    fn push(&mut self, text: &str) {
        for character in text.chars() {
            if self.is_full {
                return;
            }
            if character.is_whitespace() {
                self.wants_space = !self.text.is_empty();
                continue;
            }
            if std::mem::take(&mut self.wants_space) {
                self.text.push(' ');
            }
            self.text.push(character);
            self.is_full = self.text.len() > Symbol::MAX_SIGNATURE;
        }
    }

    fn finish(mut self, has_body: bool) -> Box<str> {
        if self.is_full {
            let ellipsis = '…';
            let end = self.text.floor_char_boundary(Symbol::MAX_SIGNATURE - ellipsis.len_utf8());
            self.text.truncate(end);
            self.text.push(ellipsis);
        } else {
            let cut: &[char] = if has_body { &['{', ':', '=', ';', ','] } else { &[';', ','] };
            let text = if has_body { self.text.trim_end_matches("=>") } else { &self.text };
            let length = text.trim_end_matches(|c: char| c == ' ' || cut.contains(&c)).len();
            self.text.truncate(length);
        }
        self.text.into()
    }
}

/// The span of a node.
pub(super) fn span_of(node: Node<'_>) -> ByteSpan {
    ByteSpan::new(node.start_byte() as u32, node.end_byte() as u32)
}
