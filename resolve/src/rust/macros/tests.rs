//! Tests of expansion. Texts are compared token by token: spaces do not count.

mod arms;
mod formats;
mod fragments;
mod hostile;
mod known;
mod lexing;

use super::lexer::Lexer;
use super::{Budget, Call, Context, Expansion, Failure, Rules, Source, expand};

/// The context of the only expansion in a test.
const MACRO: Context = Context(1);

/// The arguments stand at this offset of an imagined file.
const BASE: u32 = 1000;

fn call(text: &str) -> Call<'_> {
    Call { text, source: Source::File(BASE), context: MACRO, root: "crate" }
}

fn try_expand(definition: &str, arguments: &str) -> Result<Expansion, Failure> {
    let rules = Rules::parse(definition).expect("the definition has an arm");
    expand(&rules, &call(arguments), &mut Budget::default())
}

/// The tokens of a text, with one space between them.
fn spaced(text: &str) -> String {
    let mut lexer = Lexer::new(text);
    let tokens = std::iter::from_fn(|| lexer.next());
    tokens.map(|(_, start, end)| &text[start..end]).collect::<Vec<_>>().join(" ")
}

/// Expands `arguments` by `definition` and compares the text.
#[track_caller]
fn check(definition: &str, arguments: &str, expected: &str) {
    let expansion = try_expand(definition, arguments).expect("an arm matches");
    assert_eq!(spaced(&expansion.text), spaced(expected));
    check_origins(&expansion, definition, arguments);
}

/// Every token stands where its origin says it was written.
#[track_caller]
fn check_origins(expansion: &Expansion, definition: &str, arguments: &str) {
    for origin in &expansion.origins {
        let token = first_token(&expansion.text[origin.start as usize..]);
        let written = match origin.context {
            Context::FILE => &arguments[(origin.offset - BASE) as usize..],
            _ => &definition[origin.offset as usize..],
        };
        let is_same = written.starts_with(token) || token == "crate" || token == ">";
        assert!(is_same, "{token:?} was written as {written:?}");
    }
}

fn first_token(text: &str) -> &str {
    let (_, start, end) = Lexer::new(text).next().expect("an origin is that of a token");
    &text[start..end]
}

/// The identifiers of the expansion that stand in the calling file, in order.
fn written<'a>(expansion: &Expansion, arguments: &'a str) -> Vec<&'a str> {
    let in_file = expansion.origins.iter().filter(|origin| origin.context == Context::FILE);
    in_file
        .map(|origin| first_token(&arguments[(origin.offset - BASE) as usize..]))
        .filter(|token| token.starts_with(|char: char| char == '_' || char.is_alphabetic()))
        .collect()
}
