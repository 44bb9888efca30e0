//! From candidates to hits: what their symbols say, and what their files' class takes away.

use flux_core::{Chunk, FileClass, FileId, LineSpan, Outline, Symbol, SymbolKind};

use super::{Candidate, Ranker};
use crate::error::QueryError;
use crate::filter::Filter;
use crate::hit::{Hit, HitSymbol, Signal};

/// Definitions up to this many lines are shown whole, longer ones by the chunk that matched.
const SHOWN_LINES: u32 = 120;
/// Deeper nesting than this is no code that anyone wrote.
const MAX_NESTING: usize = 64;

impl Ranker<'_> {
    /// Looks at the symbols of candidates and makes hits of those the filter admits.
    pub(super) fn hits(&mut self, candidates: Vec<Candidate>) -> Result<Vec<Hit>, QueryError> {
        let mut hits = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let file = candidate.file;
            let outline = match self.outlines.remove(&file) {
                Some(outline) => outline,
                None => self.snapshot.outline(file)?,
            };
            let hit = self.hit(candidate, &outline);
            self.outlines.insert(file, outline);
            hits.extend(hit.filter(|hit| self.admits_kind(hit)));
        }
        Ok(hits)
    }

    fn admits_kind(&self, hit: &Hit) -> bool {
        self.filter.kinds.is_empty()
            || hit.symbol.as_ref().is_some_and(|symbol| is_kind(self.filter, symbol.kind))
    }

    fn hit(&mut self, candidate: Candidate, outline: &Outline) -> Option<Hit> {
        let chunk = outline.chunks.get(candidate.chunk as usize)?;
        let owner = chunk.owner.map(|index| &outline.symbols[index.0 as usize]);
        let mut signals = candidate.signals;
        let best = self.symbol_signals(candidate.file, outline, chunk, &mut signals);
        let mut score: f32 = signals.iter().map(|signal| signal.value).sum();
        let view = self.snapshot.view();
        let entry = view.file(candidate.file);
        let class = match is_test(outline, chunk) {
            true => entry.class().with(FileClass::TEST),
            false => entry.class(),
        };
        if !self.admitted.admits_class(class) {
            return None;
        }
        if let Some((name, value)) = self.parameters.class_factor(class, self.wants_tests) {
            signals.push(Signal { name, value, rank: None });
            score *= value;
        }
        let typed = self.terms.typed.iter().enumerate();
        let matched = typed.filter(|(term, _)| candidate.matched >> term & 1 == 1);
        Some(Hit {
            file: candidate.file,
            path: entry.path.clone(),
            language: view.language(entry).clone(),
            class,
            lines: best.map_or(chunk.lines, |symbol| shown_lines(symbol, chunk)),
            chunk: candidate.chunk,
            symbol: best.or(owner).map(shown),
            score,
            signals,
            matched: matched.map(|(_, typed)| typed.clone()).collect(),
        })
    }

    /// Adds what the names of symbols say; returns the definition that answers.
    fn symbol_signals<'o>(
        &mut self,
        file: FileId,
        outline: &'o Outline,
        chunk: &Chunk,
        signals: &mut Vec<Signal>,
    ) -> Option<&'o Symbol> {
        let mut add = |name, value: f32| {
            if value > 0.0 {
                signals.push(Signal { name, value, rank: None });
            }
        };
        let named = outline.symbols.get(chunk.symbols()).unwrap_or_default();
        let filter = self.filter;
        let named = || named.iter().filter(|symbol| is_kind(filter, symbol.kind));
        let mut best = None;
        if let Some((symbol, value)) = self.names.best(named()) {
            add("name", value);
            best = Some(symbol);
        } else if let Some(owner) = chunk.owner {
            let owner = &outline.symbols[owner.0 as usize];
            add("owner's name", self.parameters.owner * self.names.name(&owner.name));
        }
        let path = &self.snapshot.view().file(file).path;
        if let Some((symbol, value, name)) = self.exact_symbol(named, path) {
            add(name, value);
            best = Some(symbol);
        }
        add("file's symbol", self.parameters.file_symbol * self.file_symbol(file, outline));
        best
    }

    /// What the best name at the top of the file says.
    fn file_symbol(&mut self, file: FileId, outline: &Outline) -> f32 {
        if let Some(known) = self.file_symbols.get(&file) {
            return *known;
        }
        let top = outline.symbols.iter().filter(|symbol| symbol.parent.is_none());
        let values = top
            .map(|symbol| self.names.name(&symbol.name) * self.parameters.kind_factor(symbol.kind));
        let value = values.fold(0.0, f32::max);
        self.file_symbols.insert(file, value);
        value
    }
}

/// A definition from its first line on, without the doc comment above it: all of it, or of a long
/// one what the chunk holds.
fn shown_lines(symbol: &Symbol, chunk: &Chunk) -> LineSpan {
    if symbol.lines.count() <= SHOWN_LINES {
        return symbol.lines;
    }
    let start = symbol.lines.start.clamp(chunk.lines.start, chunk.lines.end);
    LineSpan::new(start, chunk.lines.end)
}

/// Whether a chunk lies in a test within a file of source, such as Rust's `mod tests`.
fn is_test(outline: &Outline, chunk: &Chunk) -> bool {
    let mut at = chunk.owner;
    for _ in 0..MAX_NESTING {
        let Some(symbol) = at.and_then(|index| outline.symbols.get(index.0 as usize)) else {
            return false;
        };
        let is_suite =
            symbol.kind == SymbolKind::Module && matches!(&*symbol.name, "test" | "tests");
        if symbol.kind == SymbolKind::Test || is_suite {
            return true;
        }
        at = symbol.parent;
    }
    false
}

/// Whether a filter admits symbols of a kind.
pub(super) fn is_kind(filter: &Filter, kind: SymbolKind) -> bool {
    filter.kinds.is_empty() || filter.kinds.contains(&kind)
}

pub(super) fn shown(symbol: &Symbol) -> HitSymbol {
    HitSymbol {
        name: symbol.name.to_string(),
        qualified_name: symbol.qualified_name(),
        kind: symbol.kind,
        signature: symbol.signature.to_string(),
        lines: symbol.lines,
    }
}
