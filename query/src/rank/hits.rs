//! From candidates to hits: what their symbols say, and what their files' class takes away.

use flux_core::{Chunk, FileClass, FileId, LineSpan, Outline, Symbol, SymbolKind};

use super::features::{Feature, Features};
use super::{Candidate, Found, Ranker};
use crate::error::QueryError;
use crate::filter::Filter;
use crate::hit::{Hit, HitSymbol};

/// Definitions up to this many lines are shown whole, longer ones by the chunk that matched.
const SHOWN_LINES: u32 = 120;
/// Deeper nesting than this is no code that anyone wrote.
const MAX_NESTING: usize = 64;

impl Ranker<'_> {
    /// Looks at the symbols of candidates and makes hits of those the filter admits.
    pub(super) fn hits(&mut self, candidates: Vec<Candidate>) -> Result<Vec<Found>, QueryError> {
        let mut found = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let file = candidate.file;
            let outline = match self.outlines.remove(&file) {
                Some(outline) => outline,
                None => self.snapshot.outline(file)?,
            };
            let hit = self.hit(candidate, &outline);
            self.outlines.insert(file, outline);
            found.extend(hit?.filter(|found| self.admits_kind(&found.hit)));
        }
        Ok(found)
    }

    fn admits_kind(&self, hit: &Hit) -> bool {
        self.filter.kinds.is_empty()
            || hit.symbol.as_ref().is_some_and(|symbol| is_kind(self.filter, symbol.kind))
    }

    fn hit(
        &mut self,
        candidate: Candidate,
        outline: &Outline,
    ) -> Result<Option<Found>, QueryError> {
        let Some(chunk) = outline.chunks.get(candidate.chunk as usize) else { return Ok(None) };
        let owner = chunk.owner.and_then(|index| outline.symbols.get(index.0 as usize));
        let view = self.snapshot.view();
        let entry = view.file(candidate.file);
        let class = match is_test(outline, chunk) {
            true => entry.class().with(FileClass::TEST),
            false => entry.class(),
        };
        if !self.admitted.admits_class(class) {
            return Ok(None);
        }
        let mut features = candidate.features;
        let best = self.name_features(candidate.file, outline, chunk, &mut features);
        self.symbol_features(candidate.file, best.or(owner), &mut features)?;
        chunk_features(candidate.chunk, chunk, outline, &mut features);
        let demoted = self.ranking.parameters.class_factor(class, self.traits.wants_tests);
        features.set(Feature::Demotion, demoted.map_or(1.0, |(_, factor)| factor));
        class_features(class, &mut features);
        self.traits.describe(&mut features);
        let typed = self.terms.typed.iter().enumerate();
        let matched = typed.filter(|(term, _)| candidate.matched >> term & 1 == 1);
        let hit = Hit {
            file: candidate.file,
            path: entry.path.clone(),
            language: view.language(entry).clone(),
            class,
            lines: best.map_or(chunk.lines, |symbol| shown_lines(symbol, chunk)),
            chunk: candidate.chunk,
            symbol: best.or(owner).map(shown),
            score: 0.0,
            signals: Vec::new(),
            matched: matched.map(|(_, typed)| typed.clone()).collect(),
        };
        let demoted = demoted.map(|(name, _)| name);
        Ok(Some(Found { hit, features, places: candidate.places, demoted }))
    }

    /// Sets what the names of symbols say; returns the definition that answers.
    fn name_features<'o>(
        &mut self,
        file: FileId,
        outline: &'o Outline,
        chunk: &Chunk,
        features: &mut Features,
    ) -> Option<&'o Symbol> {
        let parameters = &self.ranking.parameters;
        let named = outline.symbols.get(chunk.symbols()).unwrap_or_default();
        let filter = self.filter;
        let named = || named.iter().filter(|symbol| is_kind(filter, symbol.kind));
        let mut best = None;
        if let Some((symbol, value)) = self.names.best(named()) {
            features.set(Feature::Name, value);
            best = Some(symbol);
        } else if let Some(owner) = chunk.owner.and_then(|o| outline.symbols.get(o.0 as usize)) {
            features.set(Feature::OwnerName, parameters.owner * self.names.name(&owner.name));
        }
        let path = &self.snapshot.view().file(file).path;
        if let Some((symbol, value, feature)) = self.exact_symbol(named, path) {
            features.set(feature, value);
            best = Some(symbol);
        }
        let value = parameters.file_symbol * self.file_symbol(file, outline);
        features.set(Feature::FileSymbol, value);
        best
    }

    /// Sets what is known of the answering symbol.
    fn symbol_features(
        &mut self,
        file: FileId,
        symbol: Option<&Symbol>,
        features: &mut Features,
    ) -> Result<(), QueryError> {
        let path = &self.snapshot.view().file(file).path;
        let mut told = self.names.terms_of_path(path);
        if let Some(symbol) = symbol {
            let name = self.names.expressed(&symbol.name);
            let around = self.names.expressed(&symbol.container);
            told |= name.terms | around.terms;
            features.set(Feature::NameRecall, name.recall);
            features.set(Feature::NamePrecision, name.precision);
            features.set(Feature::ContainerName, around.value);
            features.set_if(Feature::Callable, symbol.kind.is_callable());
            features.set_if(Feature::Type, symbol.kind.is_type());
            let kind = self.ranking.parameters.kind_factor(symbol.kind);
            features.set_if(Feature::Hint, kind < HINTS_BELOW);
            features.set_if(Feature::TopLevel, symbol.parent.is_none());
            features.set_if(Feature::Documented, !symbol.doc.is_empty());
            features.set(Feature::SymbolLines, logarithm(symbol.lines.count() as usize));
            features.set(Feature::Mentions, logarithm(self.mentions(&symbol.name)?));
        }
        features.set(Feature::Told, self.names.share_of(told));
        features.set(Feature::FileMentions, logarithm(self.mentions(path.stem())?));
        Ok(())
    }

    /// What the best name at the top of the file says.
    fn file_symbol(&mut self, file: FileId, outline: &Outline) -> f32 {
        if let Some(known) = self.file_symbols.get(&file) {
            return *known;
        }
        let parameters = &self.ranking.parameters;
        let top = outline.symbols.iter().filter(|symbol| symbol.parent.is_none());
        let values =
            top.map(|symbol| self.names.name(&symbol.name) * parameters.kind_factor(symbol.kind));
        let value = values.fold(0.0, f32::max);
        self.file_symbols.insert(file, value);
        value
    }
}

/// Kinds that count less than this in a name hint rather than answer.
const HINTS_BELOW: f32 = 0.5;

fn chunk_features(number: u32, chunk: &Chunk, outline: &Outline, features: &mut Features) {
    let last = outline.chunks.len().saturating_sub(1).max(1);
    features.set_if(Feature::Defines, chunk.symbol_count > 0);
    features.set(Feature::Lines, logarithm(chunk.lines.count() as usize));
    features.set(Feature::ChunkSymbols, logarithm(chunk.symbol_count as usize));
    features.set(Feature::FileChunks, logarithm(outline.chunks.len()));
    features.set(Feature::Position, number as f32 / last as f32);
}

fn class_features(class: FileClass, features: &mut Features) {
    let parts = [
        (Feature::Test, FileClass::TEST),
        (Feature::Vendored, FileClass::VENDORED),
        (Feature::Generated, FileClass::GENERATED),
        (Feature::Document, FileClass::DOCUMENT),
        (Feature::Example, FileClass::EXAMPLE),
        (Feature::Data, FileClass::DATA),
    ];
    for (feature, part) in parts {
        features.set_if(feature, class.has(part));
    }
}

/// A count on a scale where doubling it counts alike everywhere.
pub(super) fn logarithm(count: usize) -> f32 {
    (1.0 + count as f32).ln()
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
