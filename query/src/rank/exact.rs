//! Exact names: definitions that are called as the query says, or nearly so when none is.

use std::collections::HashSet;

use flux_core::{FileId, RepoPath, Symbol};
use flux_store::lexical::Field;
use flux_store::lexical::text::{exact_name, whole};

use super::candidates::Words;
use super::features::Feature;
use super::meaning::Meant;
use super::{Candidate, Ranker};
use crate::error::QueryError;
use crate::kind::{QueryKind, name_path};
use crate::suggest::similar_names;
use crate::terms::Terms;

/// Definitions with a wanted name that are looked at.
const EXACT_CANDIDATES: usize = 300;
/// What a similar name counts against the exact one.
const SIMILAR: f32 = 0.4;
/// What a name counts that does not lie where the query says.
const ELSEWHERE: f32 = 0.5;

/// A name to be met exactly, without regard to case and underscores.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WantedName {
    name: String,
    /// Names of what it must lie in, outermost first.
    inside: Vec<String>,
    /// 1 for what was typed, less for what only resembles it.
    share: f32,
}

/// The names that a query asks for.
pub(super) fn wanted_names(text: &str, kind: QueryKind, terms: &Terms) -> Vec<WantedName> {
    let wanted = |names: &[&str]| {
        let (name, inside) = names.split_last()?;
        let inside = inside.iter().map(|name| whole(name)).collect();
        Some(WantedName { name: whole(name), inside, share: 1.0 })
    };
    match kind {
        QueryKind::Symbol => wanted(&name_path(text)).into_iter().collect(),
        _ => terms.identifiers.iter().filter_map(|name| wanted(&[name])).collect(),
    }
}

impl Ranker<'_> {
    /// Adds the chunks that define a wanted name, if no other retriever brought them. A symbol
    /// that nothing is called falls back to similar names.
    pub(super) fn add_exact(
        &mut self,
        candidates: &mut Vec<Candidate>,
        words: &mut Words<'_>,
        meant: &mut Meant<'_>,
    ) -> Result<(), QueryError> {
        let mut found = self.definitions()?;
        if found.is_empty() && self.traits.kind == QueryKind::Symbol {
            for wanted in std::mem::take(&mut self.wanted) {
                for name in similar_names(self.snapshot, &wanted.name)? {
                    let similar =
                        WantedName { name: whole(&name), share: SIMILAR, ..wanted.clone() };
                    self.wanted.push(similar);
                    self.similar.push(name);
                }
            }
            found = self.definitions()?;
        }
        let known: HashSet<(FileId, u32)> = candidates.iter().map(|c| (c.file, c.chunk)).collect();
        let fresh = found.into_iter().filter(|place| !known.contains(place));
        for place in fresh.take(EXACT_CANDIDATES) {
            candidates.push(self.candidate(place, words, meant));
        }
        Ok(())
    }

    /// The chunks that define a wanted name, in order.
    fn definitions(&self) -> Result<Vec<(FileId, u32)>, QueryError> {
        let mut found = Vec::new();
        for wanted in &self.wanted {
            let term = exact_name(&wanted.name);
            self.snapshot.lexical()?.chunks_with(Field::Name, &term, |file, chunk| {
                found.push((file, chunk));
            })?;
        }
        found.retain(|(file, _)| self.admitted.admits(self.snapshot.view().file(*file)));
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// The symbol with a wanted name, what that adds, and as which feature.
    pub(super) fn exact_symbol<'s, I: Iterator<Item = &'s Symbol>>(
        &self,
        named: impl Fn() -> I,
        path: &RepoPath,
    ) -> Option<(&'s Symbol, f32, Feature)> {
        let p = &self.ranking.parameters;
        let mut best: Option<(&Symbol, f32, Feature)> = None;
        for wanted in &self.wanted {
            for symbol in named().filter(|symbol| whole(&symbol.name) == wanted.name) {
                let is_there = wanted.inside.iter().all(|name| lies_in(symbol, path, name));
                let place = if is_there { 1.0 } else { ELSEWHERE };
                let value = p.exact * place * wanted.share * p.kind_factor(symbol.kind);
                let feature = match wanted.share < 1.0 {
                    true => Feature::Similar,
                    false => Feature::Exact,
                };
                if best.is_none_or(|(_, known, _)| value > known) {
                    best = Some((symbol, value, feature));
                }
            }
        }
        best
    }
}

/// Whether a folded name is one of the containers of a symbol or of the folders above it.
fn lies_in(symbol: &Symbol, path: &RepoPath, name: &str) -> bool {
    let mut places = path.as_str().split(['/', '.']).chain(symbol.container.split('.'));
    matches!(name, "crate" | "self" | "super" | "this") || places.any(|place| whole(place) == name)
}
