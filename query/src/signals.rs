//! Signals: what about a chunk, its symbols and its file answers a query, each a named number.

use flux_core::{FileClass, RepoPath, Symbol, SymbolKind};
use flux_store::lexical::text::{Analyzer, TermKind};

use crate::terms::Terms;

/// Weights of the signals. They were set on the development questions by `flux-eval run`; the
/// run they come from is `eval/baselines/dev.csv`.
pub(crate) struct Tuning {
    /// BM25F of the chunk, as a share of what a perfect match would get.
    pub(crate) chunk: f32,
    /// The same for the whole file.
    pub(crate) file: f32,
    /// The name of a symbol the chunk defines.
    pub(crate) name: f32,
    /// The file's name.
    pub(crate) stem: f32,
    /// The folders above it.
    pub(crate) folder: f32,
    /// The exact name that was asked for.
    pub(crate) exact: f32,
    /// A path that an issue mentions.
    pub(crate) mentioned: f32,
}

pub(crate) const TUNING: Tuning = Tuning {
    chunk: 1.0,
    file: 0.8,
    name: 0.35,
    stem: 0.35,
    folder: 0.1,
    exact: 1.5,
    mentioned: 0.6,
};

/// By what a file's class multiplies the score of its chunks.
pub(crate) fn class_factor(class: FileClass, wants_tests: bool) -> Option<(&'static str, f32)> {
    let factors: [(FileClass, &'static str, f32); 6] = [
        (FileClass::VENDORED, "vendored", 0.4),
        (FileClass::GENERATED, "generated", 0.5),
        (FileClass::TEST, "test", if wants_tests { 1.0 } else { 0.5 }),
        (FileClass::DOCUMENT, "document", 0.6),
        (FileClass::EXAMPLE, "example", 0.6),
        (FileClass::HIDDEN, "hidden", 0.7),
    ];
    factors
        .into_iter()
        .filter(|(part, _, factor)| class.has(*part) && *factor < 1.0)
        .map(|(_, name, factor)| (name, factor))
        .min_by(|a, b| a.1.total_cmp(&b.1))
}

/// By what a symbol's kind multiplies its name signal: definitions answer, fields hint.
pub(crate) fn kind_factor(kind: SymbolKind) -> f32 {
    match kind {
        SymbolKind::Class
        | SymbolKind::Struct
        | SymbolKind::Interface
        | SymbolKind::Trait
        | SymbolKind::Enum
        | SymbolKind::Function
        | SymbolKind::Method
        | SymbolKind::Macro => 1.0,
        SymbolKind::Constructor
        | SymbolKind::TypeAlias
        | SymbolKind::Module
        | SymbolKind::Table => 0.9,
        SymbolKind::Constant | SymbolKind::Property | SymbolKind::Test => 0.7,
        SymbolKind::Field
        | SymbolKind::Variable
        | SymbolKind::EnumMember
        | SymbolKind::Section
        | SymbolKind::Rule
        | SymbolKind::Element
        | SymbolKind::Key => 0.5,
    }
}

/// Compares names with the terms of a query.
pub(crate) struct NameMatcher<'a> {
    terms: &'a Terms,
    /// Importance of each term: its weight and rarity, as shares of the whole.
    share: Vec<f32>,
    analyzer: Analyzer,
}

impl<'a> NameMatcher<'a> {
    pub(crate) fn new(terms: &'a Terms, rarity: &[f32]) -> Self {
        let total: f32 = rarity.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let share = rarity.iter().map(|rarity| rarity / total).collect();
        Self { terms, share, analyzer: Analyzer::default() }
    }

    /// How well `name` says what the query asks, from 0 to 1: the share of the query's weight
    /// found in it, times the square root of the share of its own parts that were asked for.
    pub(crate) fn name(&mut self, name: &str) -> f32 {
        let parts = self.analyzer.terms(name);
        if parts.is_empty() {
            return 0.0;
        }
        let mut found = 0.0;
        let mut hit = vec![false; parts.len()];
        for (term, share) in self.terms.scored.iter().zip(&self.share) {
            let mut best: f32 = 0.0;
            for (position, (_, part)) in parts.iter().enumerate() {
                if let Some((_, factor)) = term.variants.iter().find(|(text, _)| text == part) {
                    best = best.max(*factor);
                    hit[position] = true;
                }
            }
            found += share * best;
        }
        let is_part = |(_, (kind, _)): &(usize, &(TermKind, String))| *kind == TermKind::Part;
        let own = parts.iter().enumerate().filter(is_part).count().max(1);
        let asked = parts.iter().enumerate().filter(is_part).filter(|(i, _)| hit[*i]).count();
        found * (asked as f32 / own as f32).sqrt()
    }

    /// The best name among `symbols` and its value.
    pub(crate) fn best(&mut self, symbols: &[Symbol]) -> Option<(usize, f32)> {
        let mut best: Option<(usize, f32)> = None;
        for (position, symbol) in symbols.iter().enumerate() {
            let value = self.name(&symbol.name) * kind_factor(symbol.kind);
            if value > 0.0 && best.is_none_or(|(_, known)| value > known) {
                best = Some((position, value));
            }
        }
        best
    }

    /// How well the file's name says what the query asks. A file that is only its folder's
    /// entrance is called by the folder's name.
    pub(crate) fn stem(&mut self, path: &RepoPath) -> f32 {
        let stem = path.stem();
        if is_entrance(stem) {
            let folder = path.parent().rsplit('/').next().unwrap_or_default();
            return self.name(folder) * 0.8;
        }
        self.name(stem)
    }

    /// How well the folders above the file say what the query asks: the best of them.
    pub(crate) fn folder(&mut self, path: &RepoPath) -> f32 {
        let folders = path.parent().split('/').filter(|folder| !folder.is_empty());
        folders.map(|folder| self.name(folder)).fold(0.0, f32::max)
    }
}

fn is_entrance(stem: &str) -> bool {
    matches!(stem, "__init__" | "mod" | "index" | "lib" | "main" | "init")
}

#[cfg(test)]
mod tests {
    use flux_core::FileClass;

    use super::class_factor;

    #[test]
    fn the_strongest_reason_ranks_down_and_plain_source_has_none() {
        assert_eq!(class_factor(FileClass::default(), false), None);
        let class = FileClass::VENDORED.with(FileClass::TEST);
        assert_eq!(class_factor(class, false).map(|(name, _)| name), Some("vendored"));
        assert_eq!(class_factor(FileClass::TEST, true), None);
    }
}
