//! Pieces of answers and what is printed for them; colours are written as `<code>`.

use super::Markdown;

fn shown(pieces: &[&str]) -> String {
    let mut markdown = Markdown::new();
    let mut text: String = pieces.iter().map(|piece| markdown.push(piece)).collect();
    text.push_str(&markdown.end());
    text.replace("\x1b[0m", "</>").replace("\x1b[", "<")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(shown(&[text]), expected, "as one piece");
    // What is shown does not depend on how the answer was cut, but for where colours are taken up.
    let letters: Vec<String> = text.chars().map(String::from).collect();
    let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
    assert_eq!(plain(&shown(&letters)), plain(expected), "letter by letter");
}

/// Without colours.
fn plain(text: &str) -> String {
    let mut parts = text.split('<');
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| match part.split_once(['m', '>']) {
        Some((code, rest))
            if code.chars().all(|one| one.is_ascii_digit() || ";/".contains(one)) =>
        {
            rest.to_owned()
        }
        _ => format!("<{part}"),
    });
    first + &rest.collect::<String>()
}

#[test]
fn blocks_lose_their_marks_and_get_a_look() {
    check("# One\n## Two\ntext\n", "<1;4mOne</>\n<1mTwo</>\ntext\n");
    check("- a\n  * b\n1. c\n+ d", "<36m• </>a\n<36m  • </>b\n1. c\n<36m• </>d");
    check("> said\n---\n\nx", "<2m│</> said\n<2m────────────────────────</>\n\nx");
    check("#hash -dash #", "#hash -dash #");
}

#[test]
fn emphasis_is_what_stands_around_words() {
    check("a **bold** word", "a <1mbold</> word");
    check("**a**: `x = *p` b", "<1ma</>: <36mx = *p</> b");
    check("an *odd* _word_.", "an <3m*odd*</> <3m_word_</>.");
    check("snake_case_name, 2 * 3 * 4, a**b", "snake_case_name, 2 * 3 * 4, a**b");
    check("``a`b`` and \\*no\\*", "<36ma`b</> and *no*");
    check("**open\nnext", "<1mopen</>\nnext");
}

#[test]
fn code_keeps_its_marks_and_gets_colours() {
    check(
        "```rust\nfn a() { 1 } // one\n  let s = \"x\\\"y\"; /* b */ c\n```\n**b**",
        "<2m```rust</>\n<35mfn</> a() { <33m1</> } <2m// one</>\n  <35mlet</> s = \
         <32m\"x\\\"y\"</>; <2m/* b */</> c\n<2m```</>\n<1mb</>",
    );
    check("```\n**no**\n~~~\n```", "<2m```</>\n**no**\n~~~\n<2m```</>");
    check("~~~py\n# c\nx = 'a'\n~~~\n", "<2m~~~py</>\n<2m# c</>\nx = <32m'a'</>\n<2m~~~</>\n");
    check("```diff\n-a\n+b\n c\n```", "<2m```diff</>\n<31m-a</>\n<32m+b</>\n c\n<2m```</>");
    check("````\n```\n````\n*a*\n", "<2m````</>\n```\n<2m````</>\n<3m*a*</>\n");
}

#[test]
fn no_text_waits_for_more() {
    let mut markdown = Markdown::new();
    for (piece, expected) in [
        ("He", "He"),
        ("llo *", "llo "),
        ("*Wor", "\x1b[1mWor\x1b[0m"),
        ("ld**", "\x1b[1mld\x1b[0m"),
        ("\n#", "\n"),
        (" T", "\x1b[1;4mT\x1b[0m"),
        ("\n```py\nret", "\n\x1b[2m```py\x1b[0m\nret"),
        ("urn 1", "urn \x1b[33m1\x1b[0m"),
        ("\n  ", "\n"),
        ("if", "  \x1b[35mif\x1b[0m"),
    ] {
        assert_eq!(markdown.push(piece), expected, "{piece:?}");
    }
}
