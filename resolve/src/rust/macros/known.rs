//! Macros of the standard library and of widespread packages: what their calls stand for.
//!
//! They are data: `prelude.rs` defines them by example, so that they are read like any other.
//! Only what no example can say is code: format strings, and branches on the configuration.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::tokens::{Kind, View};
use super::transcribe::{Expansion, Writer};
use super::{Budget, Call, Failure, Rules, expand, format, inside};
use crate::rust::cargo::{Truth, cfg};

/// Not a module: the text of definitions.
const PRELUDE: &str = include_str!("prelude.rs");

static KNOWN: LazyLock<FxHashMap<&str, Rules>> = LazyLock::new(|| {
    // Each definition starts a line and ends with a brace of its own.
    let starts: Vec<usize> =
        PRELUDE.match_indices("\nmacro_rules! ").map(|(at, _)| at + 1).collect();
    let ends = starts.iter().skip(1).copied().chain([PRELUDE.len()]);
    let definitions = starts.iter().zip(ends).map(|(start, end)| &PRELUDE[*start..end]);
    let named = definitions.filter_map(|text| {
        let name = text.strip_prefix("macro_rules! ")?.split([' ', '{']).next()?;
        Some((name, Rules::parse(text)?))
    });
    named.collect()
});

/// Expands a macro known by the last part of its name, for places where no definition of the tree
/// is in scope. `None` when it is not known.
pub(crate) fn expand_known(
    name: &str,
    call: &Call<'_>,
    budget: &mut Budget,
) -> Option<Result<Expansion, Failure>> {
    match name {
        "format_args" | "format_args_nl" => Some(format::expand(call)),
        "cfg_if" => Some(expand_cfg_if(call)),
        _ => Some(expand(KNOWN.get(name)?, call, budget)),
    }
}

/// `if #[cfg(a)] { .. } else if #[cfg(b)] { .. } else { .. }`: the branches that may be built.
fn expand_cfg_if(call: &Call<'_>) -> Result<Expansion, Failure> {
    let tokens = call.tokens().ok_or(Failure::Malformed)?;
    let view = View { text: call.text, tokens: &tokens };
    let (mut at, end) = inside(&tokens).ok_or(Failure::Malformed)?;
    let mut writer = Writer::new(call);
    // `else` and `if` before a branch may stand or not.
    let mut truth = Truth::True;
    while at < end {
        let text = view.text(at);
        if text == "[" {
            truth = predicate(view, at).map_or(Truth::Unknown, cfg);
        } else if text == "{" {
            let inner = (at + 1, view.tokens[at].link as usize);
            if truth != Truth::False {
                writer.tokens(view, inner.0, inner.1)?;
            }
            if truth == Truth::True {
                break;
            }
            truth = Truth::True;
        }
        at = view.after(at);
    }
    Ok(writer.expansion)
}

/// What is inside of `[cfg(...)]`.
fn predicate<'a>(view: View<'a>, at: usize) -> Option<&'a str> {
    let open = view.tokens.get(at + 2).filter(|token| token.kind == Kind::Open)?;
    let close = view.tokens[open.link as usize];
    Some(&view.text[open.end as usize..close.start as usize])
}
