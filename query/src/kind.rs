//! What kind of query a text is, from how it looks.

use std::fmt;

use crate::request::Mode;

/// How a query is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryKind {
    /// The name of something: `Foo::bar`, `parse_json`, `HttpClient`.
    Symbol,
    /// Words.
    Natural,
    /// Long text with code in it: a bug report, a stack trace.
    Issue,
    /// An exact string.
    Literal,
    /// A regular expression.
    Regex,
}

impl QueryKind {
    /// The word for it in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Symbol => "symbol",
            Self::Natural => "natural",
            Self::Issue => "issue",
            Self::Literal => "literal",
            Self::Regex => "regex",
        }
    }
}

impl fmt::Display for QueryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// From this many words on a text is an issue and not a question.
const ISSUE_WORDS: usize = 40;

/// Whether `text` asks for ranked hits and not for matching lines.
pub fn is_ranked(text: &str, mode: Mode) -> bool {
    !matches!(read(text, mode).0, QueryKind::Literal | QueryKind::Regex)
}

/// Reads `text`: its kind and what is left of it without quotes or slashes.
pub(crate) fn read(text: &str, mode: Mode) -> (QueryKind, &str) {
    let trimmed = text.trim();
    match mode {
        Mode::Literal => (QueryKind::Literal, text),
        Mode::Regex => (QueryKind::Regex, text),
        Mode::Ranked => (ranked_kind(trimmed), trimmed),
        Mode::Auto => {
            if let Some(inner) = enclosed(trimmed, '"').or_else(|| enclosed(trimmed, '\'')) {
                (QueryKind::Literal, inner)
            } else if let Some(inner) = enclosed(trimmed, '/').filter(|inner| !is_path(inner)) {
                (QueryKind::Regex, inner)
            } else {
                (ranked_kind(trimmed), trimmed)
            }
        }
    }
}

fn enclosed(text: &str, mark: char) -> Option<&str> {
    let inner = text.strip_prefix(mark)?.strip_suffix(mark)?;
    let is_one = !inner.is_empty() && (mark == '/' || !inner.contains(mark));
    is_one.then_some(inner)
}

/// `/usr/lib/` is a folder, not a regular expression.
fn is_path(inner: &str) -> bool {
    inner.contains('/') && inner.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c))
}

fn ranked_kind(text: &str) -> QueryKind {
    if text.split_whitespace().count() >= ISSUE_WORDS || text.lines().count() > 5 {
        QueryKind::Issue
    } else if is_symbol(text) {
        QueryKind::Symbol
    } else {
        QueryKind::Natural
    }
}

/// One word, or words joined as names are: with `::`, `.`, `#`, `-`, `->` and `()` at the end.
fn is_symbol(text: &str) -> bool {
    let name = text.strip_suffix("()").unwrap_or(text);
    !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || "_:.#$@!?->~".contains(c))
        && name.chars().any(char::is_alphanumeric)
}

/// Whether a symbol query is but a word of prose, so that nobody expects a name behind it.
pub(crate) fn is_plain_word(text: &str) -> bool {
    text.trim_end_matches(['?', '!', '.']).chars().all(char::is_lowercase)
}

/// The names of a symbol query, outermost first: `a::B.c()` → `a`, `B`, `c`.
pub(crate) fn name_path(text: &str) -> Vec<&str> {
    let is_name = |c: char| c.is_alphanumeric() || "_$@!?~-".contains(c);
    let names = text.split("->").flat_map(|part| part.split(|c: char| !is_name(c)));
    names.map(|name| name.trim_matches(['-', '?', '!'])).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::{QueryKind, name_path, read};
    use crate::request::Mode;

    #[track_caller]
    fn check(text: &str, kind: QueryKind, inner: &str) {
        assert_eq!(read(text, Mode::Auto), (kind, inner));
    }

    #[test]
    fn a_query_is_read_as_it_looks() {
        check("Foo::bar", QueryKind::Symbol, "Foo::bar");
        check("parse_json()", QueryKind::Symbol, "parse_json()");
        check("where is auth validated", QueryKind::Natural, "where is auth validated");
        check("\"exact words\"", QueryKind::Literal, "exact words");
        check("\"a\" and \"b\"", QueryKind::Natural, "\"a\" and \"b\"");
        check("/fn \\w+_test/", QueryKind::Regex, "fn \\w+_test");
        check("/usr/lib/python3/", QueryKind::Natural, "/usr/lib/python3/");
        check(&"word ".repeat(50), QueryKind::Issue, "word ".repeat(50).trim());
    }

    #[test]
    fn a_qualified_name_falls_into_its_names() {
        assert_eq!(name_path("crate::a::B.c()"), ["crate", "a", "B", "c"]);
        assert_eq!(name_path("Foo->bar"), ["Foo", "bar"]);
        assert_eq!(name_path("before-request"), ["before-request"]);
    }
}
