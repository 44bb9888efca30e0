//! A list in brackets, written anew: what stays keeps its text and what separates it, and lists
//! within its items are written anew as well.

use std::collections::BTreeMap;

use flux_core::ByteSpan;
use flux_engine::syntax::List;

/// What becomes of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListEdit {
    pub(super) list: List,
    pub(super) pieces: Vec<Piece>,
}

/// An item of the new list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// The old item at this position.
    Old(usize),
    /// The same, behind a name and `=`.
    Named(usize, String),
    /// A new one.
    Text(String),
}

/// The outermost lists that change, each with its new content.
pub(super) fn written(text: &str, edits: &[ListEdit]) -> Vec<(ByteSpan, String)> {
    // A call in a macro can be named twice by the graph.
    let edits: BTreeMap<(u32, u32), &ListEdit> =
        edits.iter().map(|edit| ((edit.list.inside.start, edit.list.inside.end), edit)).collect();
    let edits: Vec<&ListEdit> = edits.into_values().collect();
    let whole = ByteSpan::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX));
    outermost(&edits, whole, None)
        .into_iter()
        .map(|edit| (edit.list.inside, content(text, &edits, edit)))
        .filter(|(span, new)| span.of(text) != new)
        .collect()
}

/// The edits in `span` that lie in no other of it, by position, but for that of the list `around` it:
/// one item can be all of a list.
fn outermost<'a>(
    edits: &[&'a ListEdit],
    span: ByteSpan,
    around: Option<ByteSpan>,
) -> Vec<&'a ListEdit> {
    let mut end = span.start;
    let mut found = Vec::new();
    let inside = edits.iter().filter(|edit| {
        let inside = edit.list.inside;
        span.start <= inside.start && inside.end <= span.end && Some(inside) != around
    });
    for edit in inside {
        if edit.list.inside.start >= end {
            found.push(*edit);
            end = edit.list.inside.end.max(edit.list.inside.start + 1);
        }
    }
    found
}

/// The text of `span`, with the edits in it made.
fn edited(text: &str, edits: &[&ListEdit], span: ByteSpan, around: ByteSpan) -> String {
    let mut out = String::new();
    let mut at = span.start;
    for edit in outermost(edits, span, Some(around)) {
        out.push_str(ByteSpan::new(at, edit.list.inside.start).of(text));
        out.push_str(&content(text, edits, edit));
        at = edit.list.inside.end;
    }
    out.push_str(ByteSpan::new(at, span.end).of(text));
    out
}

fn content(text: &str, edits: &[&ListEdit], edit: &ListEdit) -> String {
    let List { inside, items } = &edit.list;
    let is_same = edit.pieces.len() == items.len()
        && edit.pieces.iter().enumerate().all(|(at, piece)| *piece == Piece::Old(at));
    let (Some(first), Some(last)) = (items.first(), items.last()) else {
        return match edit.pieces.is_empty() {
            true => inside.of(text).to_owned(),
            false => joined(text, edits, edit, ", "),
        };
    };
    if edit.pieces.is_empty() {
        return String::new();
    }
    let leading = ByteSpan::new(inside.start, first.start).of(text);
    let trailing = ByteSpan::new(last.end, inside.end).of(text);
    if is_same {
        let middle = edited(text, edits, ByteSpan::new(first.start, last.end), *inside);
        return format!("{leading}{middle}{trailing}");
    }
    let usual = match items.as_slice() {
        [first, second, ..] => without_comment(ByteSpan::new(first.end, second.start).of(text)),
        // One item on a line of its own.
        _ if leading.contains('\n') => format!(",{leading}"),
        _ => ", ".to_owned(),
    };
    format!("{leading}{}{trailing}", joined(text, edits, edit, &usual))
}

fn joined(text: &str, edits: &[&ListEdit], edit: &ListEdit, usual: &str) -> String {
    let items = &edit.list.items;
    let mut out = String::new();
    let mut before: Option<usize> = None;
    for (at, piece) in edit.pieces.iter().enumerate() {
        let old = match piece {
            Piece::Old(index) | Piece::Named(index, _) => Some(*index),
            Piece::Text(_) => None,
        };
        if at > 0 {
            // Neighbours that stay so keep what is between them, with its comments.
            let kept = before.filter(|index| old == Some(index + 1));
            let kept = kept.map(|index| ByteSpan::new(items[index].end, items[index + 1].start));
            out.push_str(kept.map_or(usual, |span| span.of(text)));
        }
        match piece {
            Piece::Old(index) => {
                out.push_str(&edited(text, edits, items[*index], edit.list.inside))
            }
            Piece::Named(index, name) => {
                out.push_str(&format!(
                    "{name}={}",
                    edited(text, edits, items[*index], edit.list.inside)
                ));
            }
            Piece::Text(new) => out.push_str(new),
        }
        before = old;
    }
    out
}

/// What separates items, without a comment that is about one of them.
fn without_comment(separator: &str) -> String {
    let is_comment =
        separator.contains('#') || separator.contains("//") || separator.contains("/*");
    match separator.rfind('\n') {
        Some(line) if is_comment => format!(",{}", &separator[line..]),
        _ if is_comment => ", ".to_owned(),
        _ => separator.to_owned(),
    }
}
