//! Format strings: the names they capture, and calls of `format_args!` as tuples.

use flux_core::ByteSpan;

use super::guess::arguments;
use super::tokens::{Kind, View};
use super::transcribe::{Expansion, Origin, Writer};
use super::{Call, Failure, Specifier, inside, lexer};

/// The names that a format string captures, as spans of the literal: `x` and `width` in
/// `"{x:>width$}"`. Raw strings and escapes are understood; other literals have none.
pub(crate) fn captures(literal: &str) -> Vec<ByteSpan> {
    let Some(quote) = literal.find('"') else { return Vec::new() };
    let prefix = &literal[..quote];
    if !prefix.bytes().all(|byte| matches!(byte, b'r' | b'#')) {
        return Vec::new();
    }
    let hashes = prefix.len().saturating_sub(1);
    let end = literal.len().saturating_sub(1 + hashes).max(quote + 1);
    let mut scanner = Scanner { literal, at: quote + 1, end, is_raw: !prefix.is_empty() };
    scanner.scan()
}

struct Scanner<'a> {
    literal: &'a str,
    at: usize,
    end: usize,
    is_raw: bool,
}

impl Scanner<'_> {
    fn scan(&mut self) -> Vec<ByteSpan> {
        let mut found = Vec::new();
        while self.at < self.end {
            match self.byte() {
                b'\\' if !self.is_raw => self.escape(),
                b'{' if self.literal.as_bytes().get(self.at + 1) == Some(&b'{') => self.at += 2,
                b'{' => {
                    self.at += 1;
                    self.argument(&mut found);
                }
                _ => self.at += 1,
            }
        }
        found
    }

    fn byte(&self) -> u8 {
        self.literal.as_bytes()[self.at]
    }

    /// Goes past a backslash and what it escapes; `\u{7b}` has braces of its own.
    fn escape(&mut self) {
        let rest = &self.literal[self.at..self.end];
        let length = match rest.find('}') {
            Some(close) if rest.starts_with("\\u{") => close + 1,
            _ => 2,
        };
        self.at += length;
    }

    /// What is between braces: a name, then after `:` widths and precisions that end with `$`.
    fn argument(&mut self, found: &mut Vec<ByteSpan>) {
        let start = self.at;
        let rest = &self.literal[start..self.end];
        let Some(close) = rest.find('}') else {
            self.at = self.end;
            return;
        };
        self.at = start + close + 1;
        let inside = &rest[..close];
        let colon = inside.find(':').unwrap_or(close);
        let name = inside[..colon].trim_end();
        let skipped = name.len() - name.trim_start().len();
        push(found, start + skipped, name.trim_start());
        for (dollar, _) in inside.match_indices('$').filter(|(at, _)| *at > colon) {
            let before = &inside[..dollar];
            let is_part = |char: char| char == '_' || char.is_alphanumeric();
            let name = before.trim_end_matches(is_part).len();
            // Zero padding is no part of the name: `{:0width$}`.
            let padding = before[name..].len() - before[name..].trim_start_matches('0').len();
            push(found, start + name + padding, &before[name + padding..]);
        }
    }
}

fn push(found: &mut Vec<ByteSpan>, start: usize, name: &str) {
    if !name.is_empty() && lexer::ident_length(name) == name.len() {
        found.push(ByteSpan::new(start as u32, (start + name.len()) as u32));
    }
}

/// `("{x} {}", y, z = w)` as `(&x, &(y), &(w),)`.
pub(super) fn expand(call: &Call<'_>) -> Result<Expansion, Failure> {
    let tokens = call.tokens().ok_or(Failure::Malformed)?;
    let view = View { text: call.text, tokens: &tokens };
    let (start, end) = inside(&tokens).ok_or(Failure::Malformed)?;
    let mut writer = Writer::new(call);
    let mut names = Vec::new();
    let mut literal = None;
    writer.put("(");
    for (number, (from, to)) in arguments(view, start, end).into_iter().enumerate() {
        if number == 0 {
            literal = literal_of(view, from, to);
            if literal.is_some() {
                continue;
            }
        }
        let is_named =
            from + 2 < to && view.tokens[from].kind == Kind::Ident && view.text(from + 1) == "=";
        if is_named {
            names.push(view.text(from));
        }
        let from = if is_named { from + 2 } else { from };
        writer.put("&");
        writer.fragment(view, (from, to), Specifier::Expression, Some(("(", ")")))?;
        writer.put(",");
    }
    if let Some(literal) = literal {
        write_captures(&mut writer, view, literal, &names);
    }
    writer.put(")");
    Ok(writer.expansion)
}

/// The one string literal of an argument.
fn literal_of(view: View<'_>, from: usize, to: usize) -> Option<usize> {
    let is_literal = |at: usize| view.tokens[at].kind == Kind::Text;
    match view.tokens[from].kind {
        Kind::Text if to == from + 1 => Some(from),
        Kind::OpenFragment(_) if to == from + 3 && is_literal(from + 1) => Some(from + 1),
        _ => None,
    }
}

fn write_captures(writer: &mut Writer<'_>, view: View<'_>, literal: usize, names: &[&str]) {
    let text = view.text(literal);
    let origin = writer.call.origin(view.tokens[literal].start);
    for span in captures(text) {
        let name = span.of(text);
        if names.contains(&name) {
            continue;
        }
        writer.put("&");
        let start = writer.expansion.text.len() as u32 + 1;
        if let Some((offset, context)) = origin {
            let offset = offset + span.start;
            writer.expansion.origins.push(Origin { start, offset, context });
        }
        writer.put(name);
        writer.put(",");
    }
}
