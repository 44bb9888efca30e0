//! Names that a program puts together while it runs: `getattr(self, f"visit_{kind}")`.

use std::collections::BTreeSet;

/// Beginnings and ends of names that stand in strings beside something that is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pieces {
    beginnings: BTreeSet<String>,
    ends: BTreeSet<String>,
}

/// Shorter pieces would fit any name.
const LEAST_BYTES: usize = 3;

impl Pieces {
    /// The pieces in a text of any language: what stands between a quote and `{`, `%` or a quote
    /// before `+` or `.`, and what stands between `}` and a quote. Whole strings that end or begin
    /// with `_` are such pieces, too: `key.startswith("_db_")`.
    pub(crate) fn of(text: &str) -> Self {
        let mut pieces = Self::default();
        let bytes = text.as_bytes();
        let is_quote = |byte: u8| matches!(byte, b'"' | b'\'' | b'`');
        for (at, byte) in bytes.iter().enumerate() {
            let is_joined = is_quote(*byte) && {
                let rest = text.get(at + 1..).unwrap_or_default().trim_start_matches(' ');
                let is_open = at > 0 && bytes[at - 1] == b'_';
                is_open || rest.starts_with('+') || rest.starts_with(". ") || rest.starts_with(".$")
            };
            if matches!(byte, b'{' | b'%') || is_joined {
                let start = word_before(bytes, at);
                let is_string = start > 0 && is_quote(bytes[start - 1]);
                if is_string && at - start >= LEAST_BYTES {
                    pieces.beginnings.extend(text.get(start..at).map(str::to_owned));
                }
            }
            let is_opening = is_quote(*byte) && bytes.get(at + 1) == Some(&b'_');
            if *byte == b'}' || is_opening {
                let end = word_after(bytes, at + 1);
                let is_string = bytes.get(end).is_some_and(|byte| is_quote(*byte));
                if is_string && end - at > LEAST_BYTES {
                    pieces.ends.extend(text.get(at + 1..end).map(str::to_owned));
                }
            }
        }
        pieces
    }

    /// Both together.
    pub(crate) fn and(mut self, mut other: Self) -> Self {
        self.beginnings.append(&mut other.beginnings);
        self.ends.append(&mut other.ends);
        self
    }

    /// Whether `name` may be put together of a piece and something else.
    pub(crate) fn may_make(&self, name: &str) -> bool {
        self.beginnings.iter().any(|piece| name.starts_with(piece.as_str()))
            || self.ends.iter().any(|piece| name.ends_with(piece.as_str()))
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn word_before(bytes: &[u8], end: usize) -> usize {
    let length = bytes[..end].iter().rev().take_while(|byte| is_word(**byte)).count();
    end - length
}

fn word_after(bytes: &[u8], start: usize) -> usize {
    start + bytes[start..].iter().take_while(|byte| is_word(**byte)).count()
}

#[cfg(test)]
mod tests {
    use super::Pieces;

    #[track_caller]
    fn check(text: &str, name: &str, expected: bool) {
        assert_eq!(Pieces::of(text).may_make(name), expected, "{name} by {text}");
    }

    #[test]
    fn a_name_that_strings_may_make_is_known() {
        check(r#"getattr(self, f"visit_{kind}")"#, "visit_Name", true);
        check(r#"getattr(self, "visit_%s" % kind)"#, "visit_Name", true);
        check(r#"this["on_" + name]()"#, "on_click", true);
        check(r#"getattr(self, f"{kind}_handler")"#, "mouse_handler", true);
        check(r#"getattr(self, f"visit_{kind}")"#, "leave_Name", false);
        check(r#"key.startswith("_db_")"#, "_db_postgres", true);
        check(r#"key.endswith('_handler')"#, "mouse_handler", true);
        check(r#"key.startswith("db_x")"#, "db_xy", false);
        check("let visit_ = { 1 };", "visit_Name", false);
    }
}
