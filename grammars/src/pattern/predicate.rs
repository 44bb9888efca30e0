//! What the text of captured nodes must be.

use std::sync::OnceLock;

use regex::Regex;
use tree_sitter::Node;

use super::PatternError;
use super::matcher::Captured;
use super::parse::{Argument, Call};

/// A condition that every node of one capture meets.
pub(super) struct Predicate {
    capture: u16,
    test: Test,
    is_positive: bool,
}

enum Test {
    /// The nodes of another capture have the same texts, in the same order.
    Same(u16),
    OneOf(Vec<String>),
    Matches(Expression),
}

/// A regular expression, compiled when the first node asks.
struct Expression {
    text: String,
    /// `None` inside if it is none; a test compiles them all.
    compiled: OnceLock<Option<Regex>>,
}

impl Predicate {
    /// Takes what was read; `number` gives captures their numbers.
    pub(super) fn new(
        call: &Call<'_>,
        mut number: impl FnMut(&str) -> u16,
    ) -> Result<Self, PatternError> {
        let wrong = |problem| PatternError { text: call.name.to_owned(), problem };
        let (name, is_positive) =
            call.name.strip_prefix("not-").map_or((call.name, true), |name| (name, false));
        let [Argument::Capture(capture), rest @ ..] = &call.arguments[..] else {
            return Err(wrong("does not begin with a capture"));
        };
        let test = match (name, rest) {
            ("eq", [Argument::Capture(other)]) => Test::Same(number(other)),
            ("eq", [Argument::Text(text)]) => Test::OneOf(vec![text.clone()]),
            ("match", [Argument::Text(text)]) => {
                Test::Matches(Expression { text: text.clone(), compiled: OnceLock::new() })
            }
            ("any-of", texts) => Test::OneOf(
                texts
                    .iter()
                    .map(|argument| match argument {
                        Argument::Text(text) => Ok(text.clone()),
                        Argument::Capture(_) => Err(wrong("compares with one capture only")),
                    })
                    .collect::<Result<_, _>>()?,
            ),
            _ => return Err(wrong("is no predicate with such arguments")),
        };
        Ok(Self { capture: number(capture), test, is_positive })
    }

    /// Whether a match meets it. One without such captures does.
    pub(super) fn holds(&self, source: &str, captured: &[Captured<'_>]) -> bool {
        let mut texts = texts(source, captured, self.capture);
        match &self.test {
            Test::Same(other) => self.is_same(texts, self::texts(source, captured, *other)),
            Test::OneOf(wanted) => {
                texts.all(|text| wanted.iter().any(|wanted| wanted == text) == self.is_positive)
            }
            Test::Matches(expression) => {
                texts.all(|text| expression.is_match(text) == self.is_positive)
            }
        }
    }

    fn is_same<'text>(
        &self,
        mut texts: impl Iterator<Item = &'text str>,
        mut others: impl Iterator<Item = &'text str>,
    ) -> bool {
        loop {
            match (texts.next(), others.next()) {
                (None, None) => return true,
                (Some(text), Some(other)) if (text == other) == self.is_positive => {}
                _ => return false,
            }
        }
    }
}

impl Expression {
    fn is_match(&self, text: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| Regex::new(&self.text).ok());
        compiled.as_ref().is_some_and(|compiled| compiled.is_match(text))
    }
}

fn texts<'text>(
    source: &'text str,
    captured: &[Captured<'_>],
    capture: u16,
) -> impl Iterator<Item = &'text str> {
    let text = |node: Node<'_>| source.get(node.byte_range()).unwrap_or("");
    captured.iter().filter(move |found| found.capture == capture).map(move |found| text(found.node))
}
