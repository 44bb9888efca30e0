//! The code among the arguments of attributes that procedural macros read.

use super::syntax::fragment;
use super::tokens::{Kind, View};
use super::transcribe::{Expansion, Writer};
use super::{Budget, Call, Specifier, inside};

/// What an attribute stands above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Annotated {
    /// A function: the attribute is a macro, whose arguments may be any expressions.
    Function,
    /// A type, a field: the attribute helps a derive. Words alone are options and words before
    /// brackets groups of them; only what stands after `=` is code.
    Other,
}

/// The code among the arguments, as `(a, b,)`. `None` when there is none.
pub(crate) fn attribute(call: &Call<'_>, of: Annotated, budget: &mut Budget) -> Option<Expansion> {
    let tokens = call.tokens()?;
    let view = View { text: call.text, tokens: &tokens };
    let range = inside(&tokens)?;
    budget.spend(3 * tokens.len() as u32)?;
    let mut parts = Vec::new();
    values(view, range, of, 0, &mut parts);
    if parts.is_empty() {
        return None;
    }
    let mut writer = Writer::new(call);
    writer.put("(");
    for part in parts {
        writer.fragment(view, part, Specifier::Expression, None).ok()?;
        writer.put(",");
    }
    writer.put(")");
    Some(writer.expansion)
}

/// Deepest nesting of groups of options. Real ones stay below 4.
const MAX_DEPTH: u32 = 8;

fn values(
    view: View<'_>,
    (start, end): (usize, usize),
    of: Annotated,
    depth: u32,
    parts: &mut Vec<(usize, usize)>,
) {
    let mut at = start;
    while at < end {
        let is_word = view.tokens[at].kind == Kind::Ident && at + 1 < end;
        let is_named = is_word && view.text(at + 1) == "=";
        let is_group = is_word && view.text(at + 1) == "(" && depth < MAX_DEPTH;
        let from = if is_named { at + 2 } else { at };
        if of == Annotated::Other && is_group {
            values(view, (at + 2, view.tokens[at + 1].link as usize), of, depth + 1, parts);
        } else if of == Annotated::Function || is_named {
            match fragment(view, (from, end), Specifier::Expression) {
                Ok(after) if is_end(view, after, end) => {
                    if !is_plain(view, (from, after), is_named) {
                        parts.push((from, after));
                    }
                    at = after + 1;
                    continue;
                }
                _ => {}
            }
        }
        while !is_end(view, at, end) {
            at = view.after(at);
        }
        at += 1;
    }
}

fn is_end(view: View<'_>, at: usize, end: usize) -> bool {
    at >= end || matches!(view.text(at), "," | ";" | "=>")
}

/// Whether a value mentions nothing: a literal, or a word alone that is an option.
fn is_plain(view: View<'_>, (from, after): (usize, usize), is_named: bool) -> bool {
    if after != from + 1 {
        return false;
    }
    let is_ident = view.tokens[from].kind == Kind::Ident;
    !is_ident || !is_named && view.text(from).starts_with(|first: char| first.is_lowercase())
}
