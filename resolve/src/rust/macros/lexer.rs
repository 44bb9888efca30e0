//! Text → the tokens of Rust, one by one.
//!
//! Never fails: what is no token of Rust comes out as punctuation of one character, and what is
//! not closed ends with the text. Two differences from the compiler serve macros: a run of `>` is
//! not glued, because types take it apart, and `x.0.1` has two numbers instead of a float.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lexeme {
    /// An identifier or keyword, `_` and raw ones included.
    Ident,
    /// `'a`.
    Lifetime,
    /// An integer or float.
    Number,
    /// A string, character or byte literal of any kind.
    Text,
    /// An operator or another character.
    Punct,
    /// An opening bracket.
    Open,
    /// A closing bracket.
    Close,
    /// A doc comment on what follows: `///`, `/** */`.
    OuterDoc,
    /// A doc comment on what is around it: `//!`, `/*! */`.
    InnerDoc,
}

/// Reads tokens from the front of a text.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Whether the last token was a lone `.`, after which a number is a field.
    is_after_dot: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, is_after_dot: false }
    }

    /// The next token and where it starts and ends.
    pub(super) fn next(&mut self) -> Option<(Lexeme, usize, usize)> {
        loop {
            self.skip_space();
            let start = self.at;
            let first = self.rest().chars().next()?;
            if let Some(comment) = self.comment() {
                match comment {
                    Some(doc) => return Some((doc, start, self.at)),
                    None => continue,
                }
            }
            let lexeme = self.token(first);
            self.is_after_dot = &self.text[start..self.at] == ".";
            return Some((lexeme, start, self.at));
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Reads a comment, if there is one: what kind of doc comment it is, if it is one.
    fn comment(&mut self) -> Option<Option<Lexeme>> {
        let rest = self.rest();
        if rest.starts_with("//") {
            self.at += rest.find('\n').unwrap_or(rest.len());
            let is_outer = rest.starts_with("///") && !rest.starts_with("////");
            let inner = rest.starts_with("//!").then_some(Lexeme::InnerDoc);
            return Some(is_outer.then_some(Lexeme::OuterDoc).or(inner));
        }
        if !rest.starts_with("/*") {
            return None;
        }
        self.at += block_comment(rest.as_bytes());
        let is_outer =
            rest.starts_with("/**") && !rest.starts_with("/***") && !rest.starts_with("/**/");
        let inner = rest.starts_with("/*!").then_some(Lexeme::InnerDoc);
        Some(is_outer.then_some(Lexeme::OuterDoc).or(inner))
    }

    fn token(&mut self, first: char) -> Lexeme {
        match first {
            '(' | '[' | '{' => self.take(1, Lexeme::Open),
            ')' | ']' | '}' => self.take(1, Lexeme::Close),
            '"' => self.string(0),
            '\'' => self.quote(),
            '0'..='9' => self.number(),
            _ if is_ident_start(first) => self.word(),
            _ => self.punct(first),
        }
    }

    fn take(&mut self, bytes: usize, lexeme: Lexeme) -> Lexeme {
        self.at += bytes;
        lexeme
    }

    /// An identifier, or a literal with a prefix.
    fn word(&mut self) -> Lexeme {
        let rest = self.rest();
        let length = ident_length(rest);
        let (word, after) = rest.split_at(length);
        let is_raw = matches!(word, "r" | "br" | "cr");
        if is_raw && (after.starts_with('"') || after.starts_with('#')) {
            let hashes = after.bytes().take_while(|byte| *byte == b'#').count();
            if after[hashes..].starts_with('"') {
                return self.raw_string(length + hashes + 1, hashes);
            }
            let name = ident_length(&after[1..]);
            let is_ident = word == "r" && hashes == 1 && name > 0;
            return self.take(if is_ident { 2 + name } else { length }, Lexeme::Ident);
        }
        if matches!(word, "b" | "c") && after.starts_with('"') {
            return self.string(1);
        }
        if word == "b" && after.starts_with('\'') {
            self.at += 1;
            return self.quote();
        }
        self.take(length, Lexeme::Ident)
    }

    fn string(&mut self, prefix: usize) -> Lexeme {
        let bytes = self.rest().as_bytes();
        let mut at = prefix + 1;
        while at < bytes.len() && bytes[at] != b'"' {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        let end = (at + 1).min(bytes.len());
        self.take(end, Lexeme::Text)
    }

    fn raw_string(&mut self, open: usize, hashes: usize) -> Lexeme {
        let body = &self.rest()[open..];
        let closes = |at: &usize| {
            let after = &body.as_bytes()[at + 1..];
            after.len() >= hashes && after[..hashes].iter().all(|byte| *byte == b'#')
        };
        let end = body.match_indices('"').map(|(at, _)| at).find(closes);
        let length = end.map_or(body.len(), |at| at + 1 + hashes);
        self.take(open + length, Lexeme::Text)
    }

    /// A character or a lifetime.
    fn quote(&mut self) -> Lexeme {
        let rest = self.rest();
        let mut chars = rest.char_indices().skip(1);
        let Some((_, first)) = chars.next() else { return self.take(1, Lexeme::Punct) };
        if first == '\\' {
            let bytes = rest.as_bytes();
            // The escaped character may be a quote itself.
            let mut at = 2 + rest[2..].chars().next().map_or(0, char::len_utf8);
            while at < bytes.len() && bytes[at] != b'\'' && bytes[at] != b'\n' {
                at += 1;
            }
            let closed = usize::from(bytes.get(at) == Some(&b'\''));
            return self.take(at + closed, Lexeme::Text);
        }
        if let Some((at, '\'')) = chars.next() {
            return self.take(at + 1, Lexeme::Text);
        }
        let name = ident_length(&rest[1..]);
        let lexeme = if name > 0 { Lexeme::Lifetime } else { Lexeme::Punct };
        self.take(1 + name, lexeme)
    }

    fn number(&mut self) -> Lexeme {
        let start = self.at;
        self.skip_word();
        if self.is_after_dot {
            return Lexeme::Number;
        }
        let has_radix = self.text.as_bytes()[start] == b'0'
            && matches!(self.text.as_bytes().get(start + 1), Some(b'x' | b'o' | b'b'));
        if !has_radix && self.byte(0) == b'.' && self.byte(1) != b'.' {
            let after = self.rest()[1..].chars().next();
            if !after.is_some_and(is_ident_start) {
                self.at += 1;
                self.skip_word();
            }
        }
        let has_exponent = !has_radix && self.text[start..self.at].ends_with(['e', 'E']);
        if has_exponent && matches!(self.byte(0), b'+' | b'-') && self.byte(1).is_ascii_digit() {
            self.at += 1;
            self.skip_word();
        }
        Lexeme::Number
    }

    fn skip_word(&mut self) {
        while self.byte(0).is_ascii_alphanumeric() || self.byte(0) == b'_' {
            self.at += 1;
        }
    }

    fn punct(&mut self, first: char) -> Lexeme {
        let rest = self.rest();
        let glued = GLUED.iter().find(|glued| rest.starts_with(**glued));
        self.take(glued.map_or(first.len_utf8(), |glued| glued.len()), Lexeme::Punct)
    }
}

/// Operators of several characters, longer ones before their beginnings.
const GLUED: [&str; 21] = [
    "<<=", "...", "..=", "::", "->", "=>", "==", "!=", "<=", "&&", "||", "+=", "-=", "*=", "/=",
    "^=", "%=", "&=", "|=", "<<", "..",
];

/// Length of the block comment at the start of `bytes`; comments nest.
fn block_comment(bytes: &[u8]) -> usize {
    let (mut at, mut depth) = (2, 1);
    while at < bytes.len() && depth > 0 {
        match (bytes[at], bytes.get(at + 1)) {
            (b'/', Some(b'*')) => (at, depth) = (at + 2, depth + 1),
            (b'*', Some(b'/')) => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    at
}

fn is_ident_start(char: char) -> bool {
    char == '_' || char.is_alphabetic()
}

/// Length of the identifier at the start of `text`; 0 when there is none.
pub(super) fn ident_length(text: &str) -> usize {
    if !text.starts_with(is_ident_start) {
        return 0;
    }
    text.find(|char: char| !(char == '_' || char.is_alphanumeric())).unwrap_or(text.len())
}
