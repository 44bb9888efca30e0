//! Calls of macros that nobody knows, and lists of arguments.

use super::syntax::{Parser, fragment};
use super::tokens::{Kind, View};
use super::transcribe::{Expansion, Writer};
use super::{Budget, Call, Specifier, inside};

/// What a call of an unknown macro seems to mean.
#[derive(Clone, Debug)]
pub(crate) struct Guess {
    /// Its arguments as Rust.
    pub(crate) expansion: Expansion,
    /// What they are.
    pub(crate) shape: Shape,
}

/// What the arguments of a macro are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Expressions: the text is `(a, b,)`.
    Expressions,
    /// Items: the text is theirs.
    Items,
    /// Statements: the text is `{ a; b }`.
    Statements,
}

/// Reads the arguments of a macro whose definition is not known: as expressions between commas
/// or semicolons (also `name = a`, `name: a` and `a => b`), as items, as statements. `None` when
/// they are none of these.
pub(crate) fn guess(call: &Call<'_>, budget: &mut Budget) -> Option<Guess> {
    let tokens = call.tokens()?;
    let view = View { text: call.text, tokens: &tokens };
    let (start, end) = inside(&tokens)?;
    budget.spend(3 * tokens.len() as u32)?;
    let mut writer = Writer::new(call);
    if let Some(parts) = expressions(view, start, end) {
        writer.put("(");
        for (from, to) in parts {
            writer.fragment(view, (from, to), Specifier::Expression, None).ok()?;
            writer.put(",");
        }
        writer.put(")");
        return Some(Guess { expansion: writer.expansion, shape: Shape::Expressions });
    }
    let shape = if is_items(view, start, end) {
        Shape::Items
    } else if is_statements(view, start, end) {
        Shape::Statements
    } else {
        return None;
    };
    if shape == Shape::Statements {
        writer.put("{");
    }
    writer.tokens(view, start, end).ok()?;
    if shape == Shape::Statements {
        writer.put("}");
    }
    Some(Guess { expansion: writer.expansion, shape })
}

/// The expressions, if there is nothing else.
fn expressions(view: View<'_>, start: usize, end: usize) -> Option<Vec<(usize, usize)>> {
    let mut parts = Vec::new();
    let mut at = start;
    while at < end {
        // Statements start with `let`, and end with semicolons that lists of expressions lack.
        if view.text(at) == "let" {
            return None;
        }
        if view.tokens[at].kind == Kind::Ident
            && at + 1 < end
            && matches!(view.text(at + 1), "=" | ":")
        {
            at += 2;
        } else if view.text(at) == "@" {
            // A snapshot: `@"expected"`.
            at += 1;
        }
        let after = fragment(view, (at, end), Specifier::Expression).ok()?;
        parts.push((at, after));
        at = after;
        if at < end {
            let is_cut = match view.text(at) {
                "," | "=>" => true,
                ";" => at + 1 < end,
                _ => false,
            };
            if !is_cut {
                return None;
            }
            at += 1;
        }
    }
    Some(parts)
}

fn is_items(view: View<'_>, start: usize, end: usize) -> bool {
    let mut at = start;
    while at < end {
        match fragment(view, (at, end), Specifier::Item) {
            Ok(after) => at = after,
            Err(_) => return false,
        }
    }
    start < end
}

fn is_statements(view: View<'_>, start: usize, end: usize) -> bool {
    let mut at = start;
    while at < end {
        if view.text(at) == ";" {
            at += 1;
            continue;
        }
        match fragment(view, (at, end), Specifier::Statement) {
            Ok(after) => at = after,
            Err(_) => return false,
        }
    }
    true
}

/// What [`arguments`] finds, for tests: the arguments of a call, cut at commas outside of brackets, closures and generics. Spans of
/// `text`, which starts with the call's bracket.
#[cfg(test)]
pub(crate) fn split_arguments(text: &str) -> Vec<flux_core::ByteSpan> {
    let Some(tokens) = super::tokens::read(text, &[]) else { return Vec::new() };
    let Some((start, end)) = inside(&tokens) else { return Vec::new() };
    let view = View { text, tokens: &tokens };
    let span = |(from, to): (usize, usize)| {
        let mut written = tokens[from..to].iter().filter(|token| token.is_written());
        let (first, last) = (written.clone().next()?, written.next_back()?);
        Some(flux_core::ByteSpan::new(first.start, last.end))
    };
    arguments(view, start, end).into_iter().filter_map(span).collect()
}

/// The arguments between two positions, as positions. None is empty.
pub(super) fn arguments(view: View<'_>, start: usize, end: usize) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut at = start;
    while at < end {
        let mut parser = Parser { view, at, end, depth: 0 };
        let is_read = parser.expression(true);
        let mut after = if is_read { parser.at } else { at };
        // What is no expression goes on to the next comma.
        while after < end && view.text(after) != "," {
            after = view.after(after);
        }
        if after > at {
            parts.push((at, after));
        }
        at = after + 1;
    }
    parts
}
