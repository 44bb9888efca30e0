//! Texts → tokens.

use proptest::prelude::*;

use super::super::lexer::{Lexeme, Lexer};
use super::super::tokens;
use super::spaced;

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(spaced(text), expected);
}

fn lexemes(text: &str) -> Vec<Lexeme> {
    let mut lexer = Lexer::new(text);
    std::iter::from_fn(|| lexer.next()).map(|(lexeme, ..)| lexeme).collect()
}

#[test]
fn numbers_end_before_ranges_and_members() {
    check("0..1", "0 .. 1");
    check("0..=1", "0 ..= 1");
    check("x.0.1", "x . 0 . 1");
    check("1.0.max(2.)", "1.0 . max ( 2. )");
    check("1.max(2)", "1 . max ( 2 )");
    check("1e-3+2E5f32-0x1e+1", "1e-3 + 2E5f32 - 0x1e + 1");
    check("1_000u32", "1_000u32");
}

#[test]
fn characters_are_told_from_lifetimes() {
    check("'a 'b' '\\'' 'static '\\u{1F600}' 'é'", "'a 'b' '\\'' 'static '\\u{1F600}' 'é'");
    assert_eq!(lexemes("'a"), [Lexeme::Lifetime]);
    assert_eq!(lexemes("'a'"), [Lexeme::Text]);
    assert_eq!(lexemes("&'a str"), [Lexeme::Punct, Lexeme::Lifetime, Lexeme::Ident]);
    assert_eq!(lexemes("b'x' b'\\n'"), [Lexeme::Text; 2]);
    assert_eq!(lexemes("'\\\\' 'x'"), [Lexeme::Text; 2]);
}

#[test]
fn strings_of_every_kind_are_one_token() {
    for text in
        [r#""a\"b""#, "r\"\\\"", "r#\"a\"b\"#", "b\"x\"", "br##\"\"# \"##", "c\"x\"", "cr#\"x\"#"]
    {
        assert_eq!(lexemes(text), [Lexeme::Text], "{text}");
    }
}

#[test]
fn raw_identifiers_are_one_token() {
    check("r#type r#\"s\"# r", "r#type r#\"s\"# r");
    assert_eq!(lexemes("r#type"), [Lexeme::Ident]);
}

#[test]
fn comments_are_skipped_and_nest() {
    check("a /* b /* c */ d */ e // f\n g", "a e g");
    assert_eq!(lexemes("//// a\n/* b */ /**/ /*** c */"), []);
}

#[test]
fn doc_comments_are_kept() {
    assert_eq!(lexemes("/// a\n"), [Lexeme::OuterDoc]);
    assert_eq!(lexemes("//! a\n/*! b */"), [Lexeme::InnerDoc; 2]);
    assert_eq!(lexemes("/** a */ b"), [Lexeme::OuterDoc, Lexeme::Ident]);
}

#[test]
fn operators_are_glued_but_for_those_that_close_generics() {
    check("a<<=b>>=c&&d||e..=f->g=>h::i", "a <<= b > > = c && d || e ..= f -> g => h :: i");
}

#[test]
fn brackets_must_match() {
    assert!(tokens::read("([{}])", &[]).is_some());
    for text in ["(", ")", "(]", "{(})"] {
        assert!(tokens::read(text, &[]).is_none(), "{text}");
    }
}

#[test]
fn brackets_know_their_partners() {
    let tokens = tokens::read("(a [b] c)", &[]).expect("brackets match");
    assert_eq!(tokens[0].link, 6);
    assert_eq!(tokens[6].link, 0);
    assert_eq!(tokens[2].link, 4);
}

#[test]
fn a_doc_comment_reads_as_an_attribute() {
    let text = "/// a\nb";
    let tokens = tokens::read(text, &[]).expect("brackets match");
    let texts: Vec<&str> = tokens.iter().map(|token| token.text(text)).collect();
    assert_eq!(texts, ["#", "[", "doc", "=", "\"\"", "]", "b"]);
}

proptest! {
    #[test]
    fn tokens_cover_all_but_space_and_comments(text in "[ab1_\"'#r/*!.\\\\(){}<>=&|:$\n é]{0,60}") {
        let mut lexer = Lexer::new(&text);
        let mut last = 0;
        while let Some((_, start, end)) = lexer.next() {
            prop_assert!(last <= start && start < end && end <= text.len());
            let between = text[last..start].trim_start();
            prop_assert!(between.is_empty() || between.starts_with('/'), "skipped {between:?}");
            last = end;
        }
        prop_assert!(text[last..].trim_start().is_empty() || text[last..].contains('/'));
    }
}
