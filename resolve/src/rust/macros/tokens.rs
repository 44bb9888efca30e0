//! Token trees, flat: a bracket knows the position of its partner.

use serde::{Deserialize, Serialize};

use super::Specifier;
use super::lexer::{Lexeme, Lexer};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An identifier or keyword.
    Ident,
    /// A lifetime or label.
    Lifetime,
    /// A number.
    Number,
    /// A string or character.
    Text,
    /// An operator.
    Punct,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// The start of what an earlier expansion matched as a whole. It has no text.
    OpenFragment(Specifier),
    /// Its end.
    CloseFragment,
}

/// One token of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Whether the next token follows without a space.
    pub(super) is_joint: bool,
    /// First byte.
    pub(super) start: u32,
    /// One past the last byte.
    pub(super) end: u32,
    /// The partner of a bracket.
    pub(super) link: u32,
}

/// What doc comments read as, to macros. Their tokens lie in this text, from `DOC_START` on.
const DOC: &str = "#![doc=\"\"]";
const DOC_START: u32 = 1 << 31;
/// `#`, `[`, `doc`, `=`, `""` and `]` in [`DOC`].
const DOC_TOKENS: [(Kind, u32, u32); 6] = [
    (Kind::Punct, 0, 1),
    (Kind::Open, 2, 3),
    (Kind::Ident, 3, 6),
    (Kind::Punct, 6, 7),
    (Kind::Text, 7, 9),
    (Kind::Close, 9, 10),
];

/// Brackets within brackets that are still read. Deeper text is hostile or generated.
const MAX_NESTING: usize = 1000;

/// A text and its tokens.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
}

impl<'a> View<'a> {
    /// The text of a token; empty for the edges of fragments.
    pub(super) fn text(self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| token.text(self.text))
    }

    /// The position after the tree that starts at `at`.
    pub(super) fn after(self, at: usize) -> usize {
        match self.tokens[at].kind {
            Kind::Open | Kind::OpenFragment(_) => self.tokens[at].link as usize + 1,
            _ => at + 1,
        }
    }

    /// Whether `>` at `at` and what follows are one operator: `>>`, `>=`.
    pub(super) fn is_glued(self, at: usize) -> bool {
        self.tokens[at].is_joint && self.text(at) == ">" && matches!(self.text(at + 1), ">" | "=")
    }

    /// The position after the operator that starts with `>` at `at`.
    pub(super) fn after_glued(self, mut at: usize) -> usize {
        for _ in 0..2 {
            if !self.is_glued(at) {
                break;
            }
            at += 1;
        }
        at + 1
    }
}

impl Token {
    /// Its text, given the text it was read from.
    pub(super) fn text<'a>(&self, text: &'a str) -> &'a str {
        match self.start.checked_sub(DOC_START) {
            None => &text[self.start as usize..self.end as usize],
            Some(start) => &DOC[start as usize..(self.end - DOC_START) as usize],
        }
    }

    /// Whether it stands in the text, and not for a part of a doc comment.
    pub(super) fn is_written(&self) -> bool {
        self.start < DOC_START
    }
}

/// A stretch of a text that an earlier expansion matched as a whole.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Fragment {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) specifier: Specifier,
}

/// Reads `text`. `fragments` lie in it, by start, outer before inner. `None` when brackets do not
/// match.
pub(super) fn read(text: &str, fragments: &[Fragment]) -> Option<Vec<Token>> {
    if text.len() >= DOC_START as usize {
        return None;
    }
    // Tokens of real code are four bytes on average, with the space before them.
    let reader = Reader {
        text,
        tokens: Vec::with_capacity(text.len() / 4),
        open: Vec::new(),
        fragments,
        open_fragments: Vec::new(),
    };
    reader.read()
}

struct Reader<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    /// Positions of brackets that are open.
    open: Vec<u32>,
    /// Those that start later.
    fragments: &'a [Fragment],
    /// Positions of the starts of open ones, and where they end.
    open_fragments: Vec<(u32, u32)>,
}

impl Reader<'_> {
    fn read(mut self) -> Option<Vec<Token>> {
        let mut lexer = Lexer::new(self.text);
        while let Some((lexeme, start, end)) = lexer.next() {
            self.edges(start as u32);
            let kind = match lexeme {
                Lexeme::Ident => Kind::Ident,
                Lexeme::Lifetime => Kind::Lifetime,
                Lexeme::Number => Kind::Number,
                Lexeme::Text => Kind::Text,
                Lexeme::Punct => Kind::Punct,
                Lexeme::Open => Kind::Open,
                Lexeme::Close => Kind::Close,
                Lexeme::OuterDoc | Lexeme::InnerDoc => {
                    self.doc(lexeme)?;
                    continue;
                }
            };
            if let Some(last) = self.tokens.last_mut() {
                last.is_joint = last.end == start as u32;
            }
            self.push(kind, start as u32, end as u32)?;
        }
        self.edges(self.text.len() as u32);
        (self.open.is_empty() && self.open_fragments.is_empty()).then_some(self.tokens)
    }

    /// Closes and opens fragments before the token at `start`.
    fn edges(&mut self, start: u32) {
        while let Some(&(open, end)) = self.open_fragments.last()
            && end <= start
        {
            self.open_fragments.pop();
            let close = self.tokens.len() as u32;
            let token =
                Token { kind: Kind::CloseFragment, is_joint: false, start: end, end, link: open };
            self.tokens.push(token);
            self.tokens[open as usize].link = close;
        }
        while let Some((&first, rest)) = self.fragments.split_first()
            && first.start <= start
        {
            self.fragments = rest;
            // One that no token starts was cut in pieces since, or is empty.
            if first.start == start && first.end > start {
                self.open_fragments.push((self.tokens.len() as u32, first.end));
                let kind = Kind::OpenFragment(first.specifier);
                self.tokens.push(Token { kind, is_joint: false, start, end: start, link: 0 });
            }
        }
    }

    fn doc(&mut self, lexeme: Lexeme) -> Option<()> {
        for (at, (kind, start, end)) in DOC_TOKENS.into_iter().enumerate() {
            self.push(kind, DOC_START + start, DOC_START + end)?;
            if at == 0 && lexeme == Lexeme::InnerDoc {
                self.push(Kind::Punct, DOC_START + 1, DOC_START + 2)?;
            }
        }
        Some(())
    }

    fn push(&mut self, kind: Kind, start: u32, end: u32) -> Option<()> {
        let at = self.tokens.len() as u32;
        let mut token = Token { kind, is_joint: false, start, end, link: 0 };
        if kind == Kind::Open {
            self.open.push(at);
            if self.open.len() > MAX_NESTING {
                return None;
            }
        } else if kind == Kind::Close {
            let open = self.open.pop()?;
            let is_pair = matches!(
                (self.tokens[open as usize].text(self.text), token.text(self.text)),
                ("(", ")") | ("[", "]") | ("{", "}")
            );
            if !is_pair {
                return None;
            }
            token.link = open;
            self.tokens[open as usize].link = at;
        }
        self.tokens.push(token);
        Some(())
    }
}
