//! Matching: every node of a text against every reading of a pattern.
//!
//! ast-grep passes over unnamed nodes that the pattern lacks, so that `def f()` finds
//! `async def f()`. A rewriting would drop the word. Here a match may hold nothing outside of its
//! holes that the pattern does not say, but comments and last separators.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use ast_grep_core::matcher::{Matcher as _, MatcherExt as _, NodeMatch};
use ast_grep_core::tree_sitter::StrDoc;
use ast_grep_core::{AstGrep, Node};
use flux_core::ByteSpan;
use tree_sitter::Tree;

use super::Pattern;
use super::compile::{Reading, may_hold};
use super::dialect::{Dialect, Text};
use super::rewrite::Renderer;
use super::text::Rewrite;
use crate::extract::{ExtractError, Extractor};

/// What a text holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The matches, by position. With a rewrite none lies in another.
    pub matches: Vec<Match>,
    /// Matches that are left out because they lie in others that are rewritten.
    pub inside: usize,
}

/// A place that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Where it is.
    pub span: ByteSpan,
    /// What its named holes hold, in the order of the pattern.
    pub captures: Vec<Capture>,
    /// What comes instead, if there is a rewrite.
    pub replacement: Option<String>,
    /// Comments that the rewrite drops.
    pub lost_comments: usize,
}

/// What a hole holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// The name of the hole, without signs.
    pub name: String,
    /// Where it is; `None` if it holds nothing.
    pub span: Option<ByteSpan>,
}

/// A match as offsets.
pub(super) struct Hit {
    pub(super) span: Range<usize>,
    /// By number of the hole; `None` if it holds nothing.
    pub(super) holes: Vec<Option<Range<usize>>>,
    /// Comments outside of the holes.
    pub(super) comments: Vec<Range<usize>>,
}

thread_local! {
    static EXTRACTOR: RefCell<Extractor> = RefCell::new(Extractor::new());
}

impl Pattern {
    /// Finds the pattern in a text of its language, and says what a rewrite makes of each match.
    pub fn find(&self, text: &str, rewrite: Option<&Rewrite>) -> Result<Found, ExtractError> {
        if !may_hold(&self.readings, text) {
            return Ok(Found::default());
        }
        let tree = EXTRACTOR.with_borrow_mut(|extractor| extractor.tree(self.grammar, text))?;
        let src = text.to_owned();
        let root = AstGrep::doc(StrDoc { src, lang: Dialect(self.grammar), tree: tree.clone() });
        let hits = self.hits(&root, text);
        Ok(self.found(text, &tree, hits, rewrite))
    }

    fn hits(&self, root: &AstGrep<Text>, text: &str) -> Vec<Hit> {
        let kinds: Vec<_> =
            self.readings.iter().map(|reading| reading.matcher.potential_kinds()).collect();
        let mut hits: Vec<Hit> = Vec::new();
        for node in root.root().dfs() {
            let kind = usize::from(node.kind_id());
            let readings = self.readings.iter().zip(&kinds);
            let mut fitting = readings
                .filter(|(_, kinds)| kinds.as_ref().is_none_or(|kinds| kinds.contains(kind)))
                .filter_map(|(reading, _)| self.hit(reading, &node, text));
            let Some(hit) = fitting.next() else { continue };
            // A statement and the expression that is all of it are one match.
            if hits.last().is_none_or(|last| last.span != hit.span) {
                hits.push(hit);
            }
        }
        hits
    }

    fn hit(&self, reading: &Reading, node: &Node<'_, Text>, text: &str) -> Option<Hit> {
        let matched = reading.matcher.match_node(node.clone())?;
        let whole = node.range();
        let length = reading.matcher.get_match_len(node.clone()).unwrap_or(whole.len());
        let span = whole.start..whole.start + length;
        let mut count =
            Count { text, grammar: self.grammar, tokens: BTreeMap::new(), comments: Vec::new() };
        count.add(node, &span, 1);
        for token in &reading.tokens {
            count.one(token, -1);
        }
        let (mut holes, mut contents) = (Vec::new(), Vec::new());
        for hole in 0..self.text.holes.len() {
            let nodes = nodes(&matched, hole, self.text.holes[hole].is_many);
            nodes.iter().for_each(|node| count.add(node, &node.range(), -1));
            holes.push(range(&nodes));
            contents.push(nodes);
        }
        let mut twins = self.text.twins();
        if !twins.all(|(first, second)| {
            count.leaves(&contents[first]) == count.leaves(&contents[second])
        }) {
            return None;
        }
        let is_whole = count.tokens.iter().all(|(token, left)| *left <= 0 || is_separator(token));
        let is_outside = |comment: &Range<usize>| {
            !holes
                .iter()
                .flatten()
                .any(|hole| hole.start <= comment.start && comment.end <= hole.end)
        };
        count.comments.retain(is_outside);
        is_whole.then_some(Hit { span, holes, comments: count.comments })
    }

    fn found(&self, text: &str, tree: &Tree, hits: Vec<Hit>, rewrite: Option<&Rewrite>) -> Found {
        let renderer = rewrite.map(|rewrite| Renderer::new(&self.text, rewrite, text, tree));
        let mut found = Found::default();
        let mut end = 0;
        for hit in hits {
            if renderer.is_some() && hit.span.start < end {
                found.inside += 1;
                continue;
            }
            end = hit.span.end;
            let rendered = renderer.as_ref().map(|renderer| renderer.render(&hit));
            let named = self.text.holes.iter().zip(&hit.holes);
            let captures = named.filter(|(hole, _)| !hole.name.is_empty()).map(|(hole, range)| {
                Capture { name: hole.name.clone(), span: range.as_ref().map(span) }
            });
            found.matches.push(Match {
                span: span(&hit.span),
                captures: captures.collect(),
                lost_comments: rendered.as_ref().map_or(0, |rendered| rendered.lost_comments),
                replacement: rendered.map(|rendered| rendered.text),
            });
        }
        found
    }
}

/// The nodes that a hole holds, without the separators around them.
fn nodes<'tree>(
    matched: &NodeMatch<'tree, Text>,
    hole: usize,
    is_many: bool,
) -> Vec<Node<'tree, Text>> {
    let (env, key) = (matched.get_env(), hole.to_string());
    if !is_many {
        return env.get_match(&key).cloned().into_iter().collect();
    }
    let mut nodes = env.get_multiple_matches(&key);
    let is_loose = |node: &Node<'_, Text>| !node.is_named() && is_separator(&node.text());
    while nodes.last().is_some_and(|node| is_loose(node) || node.range().is_empty()) {
        nodes.pop();
    }
    nodes
}

fn range(nodes: &[Node<'_, Text>]) -> Option<Range<usize>> {
    let (first, last) = (nodes.first()?, nodes.last()?);
    Some(first.range().start..last.range().end)
}

fn span(range: &Range<usize>) -> ByteSpan {
    // A text that the extractor takes is shorter than 4 GiB.
    ByteSpan::new(range.start as u32, range.end as u32)
}

fn is_separator(token: &str) -> bool {
    matches!(token.trim(), "," | ";" | "")
}

/// Leaves of a match, those of the pattern and of its holes taken off.
struct Count<'a> {
    text: &'a str,
    grammar: &'static crate::grammar::Grammar,
    tokens: BTreeMap<String, i64>,
    comments: Vec<Range<usize>>,
}

impl Count<'_> {
    fn one(&mut self, token: &str, times: i64) {
        *self.tokens.entry(token.trim().to_owned()).or_default() += times;
    }

    /// Counts the leaves of a node that lie in `span`.
    fn add(&mut self, node: &Node<'_, Text>, span: &Range<usize>, times: i64) {
        let comments = self.grammar.config().map_or(&[][..], |config| &config.comments);
        let mut end = 0;
        for one in node.dfs() {
            let range = one.range();
            if range.is_empty() || range.start < end || range.end > span.end {
                continue;
            }
            if comments.iter().any(|kind| *kind == *one.kind()) {
                end = range.end;
                if times > 0 {
                    self.comments.push(range);
                }
            } else if one.is_leaf() {
                let token = &self.text[range];
                self.one(token, times);
            }
        }
    }

    /// The leaves of what a hole holds, without comments and separators at ends.
    fn leaves(&self, nodes: &[Node<'_, Text>]) -> Vec<&str> {
        let comments = self.grammar.config().map_or(&[][..], |config| &config.comments);
        let leaves = nodes.iter().flat_map(Node::dfs).filter(Node::is_leaf);
        let leaves = leaves.filter(|leaf| !comments.iter().any(|kind| *kind == *leaf.kind()));
        leaves.map(|leaf| self.text[leaf.range()].trim()).filter(|leaf| !leaf.is_empty()).collect()
    }
}
