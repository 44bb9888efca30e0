//! Focus: which of several small definitions in a chunk the words of a query are about.
//!
//! Chunks join small neighbours, and the index knows words by chunk. For the few hits that are
//! shown, the text itself says which definition holds the words.

use std::collections::HashSet;
use std::io::Read;

use flux_core::{Chunk, LineSpan, Outline, Symbol};
use flux_store::lexical::QueryTerm;
use flux_store::lexical::text::Analyzer;

use crate::filter::Filter;
use crate::hit::Hit;
use crate::names::NameMatcher;
use crate::rank::hits::{is_kind, shown};
use crate::request::Sources;

/// The part of the chunk's matching weight that a definition must hold to stand for it.
const MIN_PART: f32 = 0.5;

/// Narrows `hit`, which shows `chunk`, to the definition that holds the words.
pub(super) fn focus(
    hit: &mut Hit,
    chunk: &Chunk,
    outline: &Outline,
    terms: &[(QueryTerm, f32)],
    (names, filter): (&mut NameMatcher<'_>, &Filter),
    sources: &dyn Sources,
) {
    let named = outline.symbols.get(chunk.symbols()).unwrap_or_default();
    let definitions: Vec<&Symbol> = named
        .iter()
        .filter(|symbol| symbol.kind.is_callable() || symbol.kind.is_type())
        .filter(|symbol| is_kind(filter, symbol.kind))
        .filter(|symbol| chunk.lines.contains(symbol.lines))
        .collect();
    if definitions.is_empty() {
        return;
    }
    // A file that is gone keeps its chunk: the reader of the hit will say so.
    let mut bytes = Vec::new();
    let read = sources.open(&hit.path).and_then(|mut opened| opened.read_to_end(&mut bytes));
    if read.is_err() {
        return;
    }
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let mut weight = Weigher { terms, analyzer: Analyzer::default() };
    let whole = weight.of(&lines, chunk.lines);
    if whole <= 0.0 {
        return;
    }
    let mut best: Option<(f32, &Symbol)> = None;
    for symbol in definitions {
        let start = doc_line(symbol, &text).unwrap_or(symbol.lines.start);
        let part = weight.of(&lines, LineSpan::new(start, symbol.lines.end.max(start))) / whole;
        let value = part + names.symbol(symbol);
        let is_better = best.is_none_or(|(known, other)| {
            value > known || (value == known && symbol.lines.count() < other.lines.count())
        });
        if part >= MIN_PART && is_better {
            best = Some((value, symbol));
        }
    }
    if let Some((_, symbol)) = best {
        hit.lines = symbol.lines;
        hit.symbol = Some(shown(symbol));
    }
}

/// The line on which the doc comment above a definition starts.
fn doc_line(symbol: &Symbol, text: &str) -> Option<u32> {
    if symbol.doc.is_empty() || symbol.doc.start >= symbol.span.start {
        return None;
    }
    let before = text.get(symbol.doc.start as usize..symbol.span.start as usize)?;
    let above = before.bytes().filter(|byte| *byte == b'\n').count() as u32;
    Some(symbol.lines.start.saturating_sub(above).max(1))
}

struct Weigher<'a> {
    terms: &'a [(QueryTerm, f32)],
    analyzer: Analyzer,
}

impl Weigher<'_> {
    /// The rarity of the terms that some lines hold, added up.
    fn of(&mut self, lines: &[&str], span: LineSpan) -> f32 {
        let end = lines.len().min(span.end as usize);
        let text = lines[(span.start as usize - 1).min(end)..end].join("\n");
        let mut held: HashSet<String> = HashSet::new();
        self.analyzer.analyze(&text, |_, term| {
            if !held.contains(term) {
                held.insert(term.to_owned());
            }
        });
        let is_held = |term: &QueryTerm| term.variants.iter().any(|(text, _)| held.contains(text));
        self.terms.iter().filter(|(term, _)| is_held(term)).map(|(_, rarity)| *rarity).sum()
    }
}
