//! Macros that quote code: of what they quote only the interpolations `#name` mean something here.

use super::syntax::fragment;
use super::tokens::{Kind, View};
use super::transcribe::{Expansion, Writer};
use super::{Call, Failure, Specifier, inside};

/// The interpolated names as `(a, b,)`, after the span that a `quote_spanned!` begins with.
pub(super) fn expand(call: &Call<'_>, is_spanned: bool) -> Result<Expansion, Failure> {
    let tokens = call.tokens().ok_or(Failure::Malformed)?;
    let view = View { text: call.text, tokens: &tokens };
    let (mut at, end) = inside(&tokens).ok_or(Failure::Malformed)?;
    let mut writer = Writer::new(call);
    writer.put("(");
    if is_spanned && let Ok(after) = fragment(view, (at, end), Specifier::Expression) {
        writer.fragment(view, (at, after), Specifier::Expression, None)?;
        writer.put(",");
        at = after;
    }
    // Brackets are tokens as well: names inside of repetitions are found like all others.
    while at + 1 < end {
        if view.text(at) == "#" && tokens[at + 1].kind == Kind::Ident {
            writer.fragment(view, (at + 1, at + 2), Specifier::Expression, None)?;
            writer.put(",");
            at += 1;
        }
        at += 1;
    }
    writer.put(")");
    Ok(writer.expansion)
}
