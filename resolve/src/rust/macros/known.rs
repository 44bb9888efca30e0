//! Macros of the standard library and of widespread packages: what their calls stand for.
//!
//! They are data: `prelude.rs` defines them by example, so that they are read like any other.
//! Only what no example can say is code: format strings, and branches on the configuration.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::tokens::{Kind, View};
use super::transcribe::{Expansion, Writer};
use super::{Budget, Call, Failure, Rules, Source, expand, format, inside, paste, quote, tokens};
use crate::rust::cargo::{Truth, cfg};
use crate::rust::name::Name;

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

/// Macros of the standard library that no tree is expected to define anew.
const STANDARD: [Name; 20] = [
    Name::of("assert"),
    Name::of("assert_eq"),
    Name::of("assert_ne"),
    Name::of("debug_assert"),
    Name::of("debug_assert_eq"),
    Name::of("debug_assert_ne"),
    Name::of("eprint"),
    Name::of("eprintln"),
    Name::of("format"),
    Name::of("format_args"),
    Name::of("matches"),
    Name::of("panic"),
    Name::of("print"),
    Name::of("println"),
    Name::of("todo"),
    Name::of("unimplemented"),
    Name::of("unreachable"),
    Name::of("vec"),
    Name::of("write"),
    Name::of("writeln"),
];

/// Whether the name is that of a common macro of the standard library.
pub(crate) fn is_standard(name: Name) -> bool {
    STANDARD.contains(&name)
}

/// Expands a macro by its path, of which mostly the last name matters, for places where no
/// definition of the tree is in scope. `None` when it is not known.
pub(crate) fn expand_known(
    path: &str,
    call: &Call<'_>,
    budget: &mut Budget,
) -> Option<Result<Expansion, Failure>> {
    let name = match path {
        "paste::item" | "paste::expr" => "paste",
        _ => path.rsplit("::").next().unwrap_or(path),
    };
    expand_flat(name, call, budget, 0)
}

/// Calls in calls of known macros that are replaced at once. An event of a log has one level for
/// each of its fields.
const MAX_DEPTH: u32 = 32;

fn expand_flat(
    name: &str,
    call: &Call<'_>,
    budget: &mut Budget,
    depth: u32,
) -> Option<Result<Expansion, Failure>> {
    match name {
        "format_args" | "format_args_nl" => Some(format::expand(call)),
        "cfg_if" => Some(expand_cfg_if(call)),
        "paste" => Some(paste::expand(call)),
        "quote" | "parse_quote" => Some(quote::expand(call, false)),
        "quote_spanned" | "parse_quote_spanned" => Some(quote::expand(call, true)),
        _ => {
            let expansion = expand(KNOWN.get(name)?, call, budget);
            Some(expansion.map(|expansion| flatten(expansion, call, budget, depth)))
        }
    }
}

/// Replaces the calls that the prelude itself makes by what they stand for. Whoever reads the
/// expansion then parses it once, and cannot take them for macros of the tree.
fn flatten(expansion: Expansion, call: &Call<'_>, budget: &mut Budget, depth: u32) -> Expansion {
    if depth >= MAX_DEPTH || !expansion.text.contains('!') {
        return expansion;
    }
    let Some(tokens) = tokens::read(&expansion.text, &[]) else { return expansion };
    let view = View { text: &expansion.text, tokens: &tokens };
    let mut parts = Vec::new();
    let mut at = 0;
    while at + 2 < tokens.len() {
        let is_call = tokens[at].kind == Kind::Ident
            && view.text(at + 1) == "!"
            && tokens[at + 2].kind == Kind::Open
            && expansion.origin(tokens[at].start).is_some_and(|name| name.context == call.context);
        if !is_call {
            at += 1;
            continue;
        }
        let after = view.after(at + 2);
        let (open, close) = (tokens[at + 2].start, tokens[after - 1].end);
        let text = &expansion.text[open as usize..close as usize];
        let inner = Call { text, source: Source::Expansion(&expansion, open), ..*call };
        if let Some(Ok(part)) = expand_flat(view.text(at), &inner, budget, depth + 1) {
            parts.push((tokens[at].start, close, part));
        }
        at = after;
    }
    if parts.is_empty() { expansion } else { expansion.with(parts) }
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

#[cfg(test)]
mod tests {
    use super::super::tokens::Kind;
    use super::{KNOWN, PRELUDE, Rules};

    /// Brackets right inside of the braces around the arms.
    fn brackets(rules: &Rules) -> usize {
        let body = rules.tokens.iter().position(|token| token.kind == Kind::Open);
        let mut at = body.expect("a definition has braces") + 1;
        let mut count = 0;
        while rules.tokens[at].kind != Kind::Close {
            count += usize::from(rules.tokens[at].kind == Kind::Open);
            at = rules.view().after(at);
        }
        count
    }

    #[test]
    fn every_arm_of_the_prelude_is_read() {
        assert_eq!(KNOWN.len(), PRELUDE.matches("macro_rules! ").count());
        let mut all: Vec<_> = KNOWN.iter().collect();
        all.sort_by_key(|(name, _)| **name);
        for (name, rules) in all {
            assert_eq!(2 * rules.arms.len(), brackets(rules), "{name}");
        }
    }
}
