//! Soundness of the required trigrams, and ripgrep's rules for what is a matching line.

use std::ops::ControlFlow;

use flux_store::trigram::{TrigramBuilder, TrigramIndex, TrigramQuery, TrigramSet};
use proptest::prelude::*;

use super::{CaseMode, LineMatcher, PatternBoundary, PatternError, PatternOptions, PatternSyntax};

const REGEX: PatternOptions = PatternOptions {
    syntax: PatternSyntax::Regex,
    case: CaseMode::Sensitive,
    boundary: PatternBoundary::Anywhere,
};
const LITERAL: PatternOptions = PatternOptions { syntax: PatternSyntax::Literal, ..REGEX };
const INSENSITIVE: PatternOptions = PatternOptions { case: CaseMode::Insensitive, ..REGEX };
const SMART: PatternOptions = PatternOptions { case: CaseMode::Smart, ..REGEX };
const WORD: PatternOptions = PatternOptions { boundary: PatternBoundary::Word, ..REGEX };

fn show(query: &TrigramQuery) -> String {
    let join = |parts: &[TrigramQuery], word: &str| {
        format!("({})", parts.iter().map(show).collect::<Vec<_>>().join(word))
    };
    match query {
        TrigramQuery::All => "all".to_owned(),
        TrigramQuery::None => "none".to_owned(),
        TrigramQuery::Trigram(trigram) => trigram.to_be_bytes()[1..].escape_ascii().to_string(),
        TrigramQuery::And(parts) => join(parts, " "),
        TrigramQuery::Or(parts) => join(parts, "|"),
    }
}

#[track_caller]
fn check_query(pattern: &str, options: &PatternOptions, expected: &str) {
    let matcher = LineMatcher::compile(pattern, options).unwrap();
    assert_eq!(show(matcher.trigrams()), expected, "{pattern}");
}

/// Compares with the lines `rg -n` prints for a file met on a walk.
#[track_caller]
fn check_lines(pattern: &str, options: &PatternOptions, bytes: &[u8], expected: &[&str]) {
    let found = LineMatcher::compile(pattern, options)
        .unwrap()
        .matches_in_reader(bytes, usize::MAX)
        .unwrap();
    let lines = found
        .lines
        .iter()
        .map(|line| format!("{}:{}", line.line, line.text.escape_ascii()))
        .chain(found.notice());
    assert_eq!(lines.collect::<Vec<_>>(), expected, "{pattern}");
}

#[test]
fn literals_require_all_their_trigrams() {
    check_query("Hello", &REGEX, "(ell hel llo)");
    check_query("a.b", &LITERAL, "a.b");
    check_query("a.b", &REGEX, "all");
    check_query("", &REGEX, "all");
    check_query("ab", &REGEX, "all");
    check_query("^foo$", &REGEX, "foo");
    check_query("foo", &WORD, "foo");
}

#[test]
fn parts_of_a_regex_are_joined_across_their_seams() {
    check_query("foo.*bar", &REGEX, "(foo bar)");
    check_query("ab(c|d)ef", &REGEX, "((abc bce cef)|(abd bde def))");
    check_query("fo+bar", &REGEX, "(bar oba)");
    check_query("(foo|bar)+", &REGEX, "(bar|foo)");
    check_query("(foo|b)", &REGEX, "all");
    check_query("x{4}", &REGEX, "xxx");
    check_query("(ab){2,}c", &REGEX, "(aba bab abc)");
    check_query("(foo)?bar", &REGEX, "(bar|(bar foo oba oob))");
    check_query("(foo)*bar", &REGEX, "bar");
    check_query(r"foo\w+bar", &REGEX, "(foo bar)");
    check_query("v[0-2]x", &REGEX, "(v0x|v1x|v2x)");
    check_query("[a-z]foo", &REGEX, "foo");
    check_query("[a&&b]foo", &REGEX, "none");
    check_query(r"(?-u)\xff\xfe\xfd", &REGEX, r"\xff\xfe\xfd");
}

#[test]
fn folding_beyond_ascii_is_an_alternative() {
    check_query("kin", &REGEX, "kin");
    check_query("kin", &INSENSITIVE, r"(kin|(\x84\xaai \xaain \xe2\x84\xaa))");
    check_query("kin", &SMART, r"(kin|(\x84\xaai \xaain \xe2\x84\xaa))");
    check_query("Kin", &SMART, "kin");
    check_query(r"kin\S", &SMART, r"(kin|(\x84\xaai \xaain \xe2\x84\xaa))");
    check_query("éa", &INSENSITIVE, r"(\xc3\x89a|\xc3\xa9a)");
}

#[test]
fn patterns_made_to_be_hard_give_small_queries() {
    let words: Vec<String> = (0..5000).map(|number| format!("word{number:05}")).collect();
    let nested = format!("{}ab{}", "(".repeat(100), "){1,3}".repeat(3) + &")?".repeat(97));
    for pattern in [&words.join("|"), &nested, &"[abc]".repeat(300), &"(a|bc|d)".repeat(200)] {
        for options in [REGEX, INSENSITIVE] {
            let matcher = LineMatcher::compile(pattern, &options).unwrap();
            assert!(matcher.trigrams().trigram_count() <= 8192);
        }
    }
}

#[test]
fn a_bad_pattern_says_what_to_do() {
    let error = |pattern: &str, options| LineMatcher::compile(pattern, options).unwrap_err();
    assert_eq!(error("a\nb", &LITERAL), PatternError::LineFeed);
    assert_eq!(error(r"a\nb", &REGEX), PatternError::LineFeed);
    assert_eq!(error(r"a\x00b", &REGEX), PatternError::Nul);
    let message = error("foo(", &REGEX).to_string();
    assert!(message.contains("unclosed group"), "{message}");
    assert!(
        message.ends_with("hint: escape the special character with \\, or search for it literally")
    );
    assert!(error("(?=x)", &REGEX).to_string().contains("search for a simpler pattern"));
    assert!(error("(a{999}){999}{999}", &REGEX).to_string().contains("repetitions smaller"));
}

#[test]
fn lines_are_searched_one_by_one() {
    check_lines("^a|b$", &REGEX, b"xa\nab\nb\nba\n", &["2:ab", "3:b"]);
    check_lines("^$", &REGEX, b"x\n\ny\n", &["2:"]);
    check_lines("a\\s*b", &REGEX, b"a\nb\na b\n", &["3:a b"]);
    check_lines("", &REGEX, b"x\n", &["1:x"]);
    check_lines("x", &REGEX, b"no end x", &["1:no end x"]);
    check_lines("x$", &REGEX, b"x\r\n", &[]);
    check_lines("x", &REGEX, b"x\r\n", &[r"1:x\r"]);
    check_lines("foo", &WORD, b"foobar\na foo.\n", &["2:a foo."]);
    check_lines(
        "kin",
        &INSENSITIVE,
        "KIN\n\u{212a}in\n".as_bytes(),
        &["1:KIN", r"2:\xe2\x84\xaain"],
    );
    check_lines(r"(?-u)\xff", &REGEX, b"a\xffb\nc\n", &[r"1:a\xffb"]);
}

#[test]
fn byte_order_marks_are_obeyed_and_not_part_of_the_text() {
    check_lines("^foo", &REGEX, b"\xef\xbb\xbffoo\n", &["1:foo"]);
    let utf16: Vec<u8> = "\u{feff}foo\nbar\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check_lines("^bar", &REGEX, &utf16, &["2:bar"]);
}

#[test]
fn a_nul_byte_ends_the_search_of_a_file() {
    check_lines("foo", &REGEX, b"foo\n\0\n", &[]);
    // Ripgrep reads 64 KiB at a time and drops what it has read along with a NUL byte.
    let mut late = b"foo 1\n".to_vec();
    late.resize(70_000, b'x');
    late.extend_from_slice(b"\nfoo 2\n\0\nfoo 3\n");
    check_lines(
        "foo",
        &REGEX,
        &late,
        &[
            "1:foo 1",
            "WARNING: stopped searching binary file after match (found \"\\0\" byte around offset 70007)",
        ],
    );
}

#[test]
fn matches_are_located_in_their_line() {
    let matcher = LineMatcher::compile("a+", &REGEX).unwrap();
    let found = matcher.matches_in_reader(&b"b\nbaa a\n"[..], usize::MAX).unwrap();
    assert_eq!(found.lines[0].offset, 2);
    assert_eq!(found.lines[0].ranges, [1..3, 4..5]);
}

#[test]
fn a_visitor_can_end_the_search() {
    let matcher = LineMatcher::compile("a", &REGEX).unwrap();
    let mut seen = Vec::new();
    matcher
        .search_reader(&b"a\na\na\n"[..], |line| {
            seen.push(line.line);
            if seen.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!(seen, [1, 2]);
}

#[test]
fn a_search_stops_after_as_many_lines_as_are_wanted() {
    let matcher = LineMatcher::compile("a", &REGEX).unwrap();
    let found = matcher.matches_in_reader(&b"a\nb\na\na\n"[..], 2).unwrap();
    assert_eq!(found.lines.iter().map(|line| line.line).collect::<Vec<_>>(), [1, 3]);
}

/// Regexes over few letters, among them those that fold to or from another alphabet.
fn regex() -> impl Strategy<Value = String> {
    let common = prop::sample::select(vec!["a", "b", "ab", "k", "s", "."]);
    let rare = prop::sample::select(vec![
        "abc",
        "K",
        "ss",
        "é",
        "É",
        "\u{17f}",
        "\u{212a}",
        "[ab]",
        "[^a]",
        "[a-c]",
        "[k-s]",
        r"\w",
        r"\s",
        r"\S",
        "^",
        "$",
        r"\b",
        "",
        r"(?-u:\xff)",
        r"(?-u:[\xf0-\xff])",
        "(?i:k)",
        "(?i:ab)",
        "[[:upper:]]",
        r"\pL",
        "(?-u:.)",
    ]);
    let leaf = prop_oneof![common, rare].prop_map(str::to_owned);
    leaf.prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            4 => prop::collection::vec(inner.clone(), 2..5).prop_map(|parts| parts.concat()),
            2 => prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|parts| format!("(?:{})", parts.join("|"))),
            3 => (inner.clone(), prop::sample::select(vec!["*", "+", "?", "{2}", "{3}", "{5}",
                "{1,3}", "{2,}", "{0}", "{4,6}"]))
                .prop_map(|(part, times)| format!("(?:{part}){times}")),
            1 => inner.clone().prop_map(|part| format!("(?i:{part})")),
            1 => inner.prop_map(|part| format!("({part})")),
        ]
    })
}

fn document() -> impl Strategy<Value = Vec<u8>> {
    let common = prop::sample::select(vec![b"a".as_slice(), b"b", b"k", b"s"]);
    let rare = prop::sample::select(vec![
        b"c".as_slice(),
        b"A",
        b"B",
        b"K",
        b"S",
        b"\n",
        b" ",
        b"\xff",
        b"\xfe",
        b"\xc5\xbf",
        b"\xe2\x84\xaa",
        b"\xc3\xa9",
        b"\xc3\x89",
    ]);
    let piece = prop_oneof![common, rare];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn options() -> impl Strategy<Value = PatternOptions> {
    let cases = vec![CaseMode::Sensitive, CaseMode::Insensitive, CaseMode::Smart];
    let boundaries = vec![PatternBoundary::Anywhere, PatternBoundary::Word];
    let syntaxes = vec![PatternSyntax::Regex, PatternSyntax::Regex, PatternSyntax::Literal];
    (prop::sample::select(syntaxes), prop::sample::select(cases), prop::sample::select(boundaries))
        .prop_map(|(syntax, case, boundary)| PatternOptions { syntax, case, boundary })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn documents_with_a_match_are_candidates(
        pattern in regex(),
        options in options(),
        documents in prop::collection::vec(document(), 30),
    ) {
        let Ok(matcher) = LineMatcher::compile(&pattern, &options) else { return Ok(()) };
        let mut set = TrigramSet::new();
        let mut builder = TrigramBuilder::new();
        for (id, text) in documents.iter().enumerate() {
            builder.push(id as u32, &set.extract(text));
        }
        let index = TrigramIndex::open(builder.finish()).unwrap();
        let candidates = index.candidates(matcher.trigrams());
        for (id, text) in documents.iter().enumerate() {
            let matches = matcher.matches_in_reader(text.as_slice(), usize::MAX).unwrap();
            prop_assert!(
                matches.lines.is_empty() || candidates.contains(&(id as u32)),
                "{:?} matches {:?} but requires {}",
                pattern, text.escape_ascii().to_string(), show(matcher.trigrams()),
            );
        }
    }
}
