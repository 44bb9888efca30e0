//! Words: how text and identifiers become terms, the same for documents and queries.
//!
//! An identifier yields its parts (`parseHTTPBody2` → `parse`, `http`, `body`, `2`), stemmed so
//! that `validated` meets `validate`, and itself as a whole without case and underscores
//! (`parsehttpbody2`), so that `parse_http_body2` meets it and an exact name outranks its parts.
//! Runs of CJK letters yield overlapping pairs, since they are written without spaces.

use std::collections::hash_map::Entry;

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Longest term kept, in bytes: longer runs are data (hashes, Base64), not words.
const MAX_TERM: usize = 64;
/// Stems remembered per thread; identifiers repeat, stemming is slow.
const MAX_MEMO: usize = 1 << 16;

/// Splits text into terms, reusing its buffers.
pub struct Analyzer {
    stemmer: Stemmer,
    memo: FxHashMap<Box<str>, Box<str>>,
    lower: String,
}

impl Default for Analyzer {
    fn default() -> Self {
        Self {
            stemmer: Stemmer::create(Algorithm::English),
            memo: FxHashMap::default(),
            lower: String::new(),
        }
    }
}

/// What a term is to the identifier it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermKind {
    /// One part, stemmed.
    Part,
    /// A whole identifier of several parts.
    Whole,
}

impl Analyzer {
    /// Calls `emit` with every term of `text`, in order.
    pub fn analyze(&mut self, text: &str, mut emit: impl FnMut(TermKind, &str)) {
        for run in runs(text) {
            self.run(run, &mut emit);
        }
    }

    /// The terms of `text`.
    pub fn terms(&mut self, text: &str) -> Vec<(TermKind, String)> {
        let mut terms = Vec::new();
        self.analyze(text, |kind, term| terms.push((kind, term.to_owned())));
        terms
    }

    fn run(&mut self, run: &str, emit: &mut impl FnMut(TermKind, &str)) {
        if run.len() > MAX_TERM * 2 {
            return;
        }
        let mut count = 0;
        let mut lower = std::mem::take(&mut self.lower);
        for part in parts(run) {
            count += 1;
            lower.clear();
            lower_into(part, &mut lower);
            if part.chars().next().is_some_and(is_cjk) {
                emit_pairs(&lower, emit);
            } else if lower.len() <= MAX_TERM {
                emit(TermKind::Part, self.stem(&lower));
            }
        }
        if count > 1 {
            whole_into(run, &mut lower);
            if lower.len() <= MAX_TERM {
                emit(TermKind::Whole, &lower);
            }
        }
        self.lower = lower;
    }

    /// Words of one to three letters, and what is not English, stay as they are.
    fn stem<'w>(&'w mut self, word: &'w str) -> &'w str {
        if word.len() < 4 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return word;
        }
        if self.memo.len() >= MAX_MEMO {
            self.memo.clear();
        }
        // A look-up that fails is rare and pays twice, so that one that succeeds copies nothing.
        if !self.memo.contains_key(word)
            && let Entry::Vacant(vacant) = self.memo.entry(word.into())
        {
            vacant.insert(self.stemmer.stem(word).as_ref().into());
        }
        self.memo.get(word).map_or(word, |stem| stem)
    }
}

/// An identifier as a whole: lower case, without underscores.
pub fn whole(identifier: &str) -> String {
    let mut text = String::new();
    whole_into(identifier, &mut text);
    text
}

fn whole_into(identifier: &str, text: &mut String) {
    text.clear();
    for part in identifier.split(['_', '-', '$']) {
        lower_into(part, text);
    }
}

fn lower_into(part: &str, text: &mut String) {
    if part.is_ascii() {
        text.extend(part.bytes().map(|byte| byte.to_ascii_lowercase() as char));
    } else {
        text.extend(part.chars().flat_map(char::to_lowercase));
    }
}

fn emit_pairs(run: &str, emit: &mut impl FnMut(TermKind, &str)) {
    let starts: Vec<usize> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
    if starts.len() <= 3 {
        emit(TermKind::Part, run);
        return;
    }
    for window in starts.windows(3) {
        emit(TermKind::Part, &run[window[0]..window[2]]);
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_cjk(c: char) -> bool {
    matches!(c as u32, 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF
        | 0xF900..=0xFAFF | 0x20000..=0x2FA1F)
}

/// The maximal runs of letters, digits and underscores.
pub fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !is_word(c)).filter(|run| !run.is_empty())
}

/// The parts of one run: at underscores, case changes, ends of acronyms, digits, scripts.
pub fn parts(run: &str) -> impl Iterator<Item = &str> {
    let mut rest = run;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches('_');
        if rest.is_empty() {
            return None;
        }
        let (part, tail) = rest.split_at(part_end(rest));
        rest = tail;
        Some(part)
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Lower,
    Upper,
    Digit,
    Cjk,
    Underscore,
}

fn class(c: char) -> Class {
    match c {
        '_' => Class::Underscore,
        'a'..='z' => Class::Lower,
        'A'..='Z' => Class::Upper,
        '0'..='9' => Class::Digit,
        _ if is_cjk(c) => Class::Cjk,
        _ if c.is_uppercase() => Class::Upper,
        _ if c.is_numeric() => Class::Digit,
        _ => Class::Lower,
    }
}

fn part_end(run: &str) -> usize {
    let mut chars = run.char_indices().map(|(at, c)| (at, class(c))).peekable();
    let Some((_, mut before)) = chars.next() else { return 0 };
    while let Some((at, now)) = chars.next() {
        let ends_acronym = before == Class::Upper
            && now == Class::Upper
            && at > 0
            && chars.peek().is_some_and(|(_, next)| *next == Class::Lower)
            && !is_plural_acronym(run, at);
        let continues = now == before || (before == Class::Upper && now == Class::Lower);
        if ends_acronym || !continues {
            return at;
        }
        before = now;
    }
    run.len()
}

/// Whether what follows `at` is one letter and a final `s`, as in `URLs` or `parseIDs`.
fn is_plural_acronym(run: &str, at: usize) -> bool {
    let mut rest = run[at..].chars().skip(1);
    rest.next() == Some('s') && rest.next().is_none_or(|c| !c.is_lowercase())
}

/// Marks a term that is a symbol's whole name, so that `session` finds the definition `Session`
/// without passing through every `create_session`.
pub const EXACT: char = '=';

/// The term of [`Field::Name`](crate::lexical::Field::Name) that finds the symbols called `name`,
/// without regard to case and underscores.
pub fn exact_name(name: &str) -> String {
    let mut term = whole(name);
    term.insert(0, EXACT);
    term
}

/// What a field's text consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Code or prose.
    Text,
    /// Names of symbols, each also kept whole behind [`EXACT`].
    Names,
}

/// [`Analyzer`] in tantivy's shape.
pub(crate) struct CodeTokenizer {
    content: Content,
    analyzer: Analyzer,
    terms: Vec<Token>,
    used: usize,
    next: usize,
}

impl CodeTokenizer {
    pub(crate) fn new(content: Content) -> Self {
        Self { content, analyzer: Analyzer::default(), terms: Vec::new(), used: 0, next: 0 }
    }

    fn push(terms: &mut Vec<Token>, used: &mut usize, term: &str) {
        if *used == terms.len() {
            terms.push(Token::default());
        }
        let token = &mut terms[*used];
        token.text.clear();
        token.text.push_str(term);
        token.position = *used;
        *used += 1;
    }
}

impl Clone for CodeTokenizer {
    fn clone(&self) -> Self {
        Self::new(self.content)
    }
}

impl Tokenizer for CodeTokenizer {
    type TokenStream<'a> = CodeTokenStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> CodeTokenStream<'a> {
        let Self { content, analyzer, terms, used, next } = self;
        *next = 0;
        *used = 0;
        analyzer.analyze(text, |_, term| Self::push(terms, used, term));
        if *content == Content::Names {
            for name in text.lines().filter(|name| name.len() <= MAX_TERM) {
                Self::push(terms, used, &exact_name(name));
            }
        }
        CodeTokenStream { tokenizer: self }
    }
}

/// The stream over the terms of one text.
pub(crate) struct CodeTokenStream<'a> {
    tokenizer: &'a mut CodeTokenizer,
}

impl TokenStream for CodeTokenStream<'_> {
    fn advance(&mut self) -> bool {
        if self.tokenizer.next == self.tokenizer.used {
            return false;
        }
        self.tokenizer.next += 1;
        true
    }

    fn token(&self) -> &Token {
        &self.tokenizer.terms[self.tokenizer.next - 1]
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokenizer.terms[self.tokenizer.next - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::{Analyzer, parts};

    #[track_caller]
    fn check_parts(run: &str, expected: &[&str]) {
        assert_eq!(parts(run).collect::<Vec<_>>(), expected);
    }

    #[track_caller]
    fn check_terms(text: &str, expected: &[&str]) {
        let terms: Vec<_> = Analyzer::default().terms(text).into_iter().map(|t| t.1).collect();
        assert_eq!(terms, expected);
    }

    #[test]
    fn identifiers_split_at_case_underscores_digits_and_acronyms() {
        check_parts("parseHTTPBody2", &["parse", "HTTP", "Body", "2"]);
        check_parts("__init__", &["init"]);
        check_parts("SCREAMING_SNAKE_CASE", &["SCREAMING", "SNAKE", "CASE"]);
        check_parts("utf8Decode", &["utf", "8", "Decode"]);
        check_parts("URLs", &["URLs"]);
        check_parts("IOError", &["IO", "Error"]);
        check_parts("x", &["x"]);
    }

    #[test]
    fn a_compound_yields_stemmed_parts_and_the_whole() {
        check_terms("validate_tokens", &["valid", "token", "validatetokens"]);
        check_terms("validateTokens", &["valid", "token", "validatetokens"]);
        check_terms("Where is auth validated?", &["where", "is", "auth", "valid"]);
    }

    #[test]
    fn chinese_and_emoji_are_split_without_spaces() {
        check_terms("解析配置", &["解析", "析配", "配置"]);
        check_terms("🦀 crab", &["crab"]);
    }

    #[test]
    fn long_data_is_dropped() {
        check_terms(&"a".repeat(300), &[]);
    }
}
