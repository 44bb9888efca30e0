//! Ranking: candidates from words and names, signals, then a greedy order that spreads over files.

use std::collections::{BTreeMap, HashMap};

use flux_core::{FileId, LineSpan, Outline, RepoPath, Symbol};
use flux_store::Snapshot;
use flux_store::lexical::text::{exact_name, whole};
use flux_store::lexical::{Field, Scores};

use crate::error::QueryError;
use crate::filter::{FileFilter, Filter, Tests};
use crate::hit::{Hit, HitSymbol, Signal};
use crate::kind::{QueryKind, name_path};
use crate::request::SearchRequest;
use crate::names::NameMatcher;
use crate::parameters::Parameters;
use crate::terms::{Terms, terms};

/// Chunks whose outlines are looked at; more cost time and never reach the first page.
const CANDIDATES: usize = 150;
/// Definitions with the exact name that are looked at.
const EXACT_CANDIDATES: usize = 300;
/// Definitions up to this many lines are shown whole, longer ones by the chunk that matched.
const SHOWN_LINES: u32 = 120;

/// A chunk on its way to becoming a hit.
#[derive(Clone, Debug)]
struct Candidate {
    file: FileId,
    chunk: u32,
    score: f32,
    matched: u64,
    signals: Vec<Signal>,
}

/// Ranks the chunks of `snapshot` for `text`.
pub(crate) fn rank(
    snapshot: &Snapshot,
    text: &str,
    kind: QueryKind,
    request: &SearchRequest,
    parameters: &Parameters,
) -> Result<Vec<Hit>, QueryError> {
    let filter = &request.filter;
    let terms = terms(text, kind, snapshot.lexical(), parameters)?;
    let scores = snapshot.lexical().score(&terms.scored, &parameters.weights)?;
    let admitted = FileFilter::new(filter, snapshot.view())?;
    let mut ranker = Ranker {
        snapshot,
        filter,
        names: NameMatcher::new(&terms, &scores.rarity, parameters),
        parameters,
        terms: &terms,
        wants_tests: wants_tests(&terms, &admitted),
        admitted,
        outlines: HashMap::new(),
        file_symbols: HashMap::new(),
        exact: exact_names(text, kind, &terms),
    };
    let mut candidates = ranker.candidates(&scores);
    ranker.add_exact(&mut candidates)?;
    let ranked = ranker.signals(candidates)?;
    Ok(spread(ranked, parameters.same_file, request.limit))
}

struct Ranker<'a> {
    snapshot: &'a Snapshot,
    filter: &'a Filter,
    admitted: FileFilter<'a>,
    names: NameMatcher<'a>,
    parameters: &'a Parameters,
    terms: &'a Terms,
    wants_tests: bool,
    outlines: HashMap<FileId, Outline>,
    file_symbols: HashMap<FileId, f32>,
    /// Names to be met exactly, each with the names it must lie in.
    exact: Vec<Vec<String>>,
}

fn wants_tests(terms: &Terms, filter: &FileFilter<'_>) -> bool {
    filter.tests == Tests::Only
        || terms.scored.iter().any(|term| matches!(&*term.variants[0].0, "test" | "fixtur" | "mock"))
}

fn exact_names(text: &str, kind: QueryKind, terms: &Terms) -> Vec<Vec<String>> {
    let owned = |names: Vec<&str>| names.into_iter().map(whole).collect::<Vec<_>>();
    match kind {
        QueryKind::Symbol => vec![owned(name_path(text))],
        _ => terms.identifiers.iter().map(|name| owned(vec![name])).collect(),
    }
}

impl Ranker<'_> {
    /// The best chunks by words, their files' words and their paths.
    fn candidates(&mut self, scores: &Scores) -> Vec<Candidate> {
        let perfect: f32 = scores.rarity.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let file_rank = ranks(scores.files.iter().map(|f| (f.file.0, f.score)));
        let chunk_rank =
            ranks((0..).zip(&scores.chunks).map(|(position, chunk)| (position, chunk.score)));
        let coherence = coherence(scores);
        let mut by_file: BTreeMap<FileId, Option<Vec<Signal>>> = BTreeMap::new();
        let mut candidates = Vec::new();
        for (position, chunk) in (0u32..).zip(&scores.chunks) {
            let signals = by_file.entry(chunk.file).or_insert_with(|| {
                let score = scores.files.binary_search_by_key(&chunk.file, |f| f.file);
                let score = score.map_or(0.0, |found| scores.files[found].score);
                let rank = file_rank.get(&chunk.file.0).copied();
                let together = coherence.get(&chunk.file).map_or(0.0, |sum| sum / perfect);
                self.file_signals(chunk.file, score / perfect, together, rank)
            });
            let Some(signals) = signals else { continue };
            let value = self.parameters.chunk * chunk.score / perfect;
            let rank = chunk_rank.get(&position).copied();
            let mut signals = signals.clone();
            signals.insert(0, Signal { name: "words", value, rank });
            let score = signals.iter().map(|signal| signal.value).sum();
            let (file, number, matched) = (chunk.file, chunk.chunk, chunk.matched);
            candidates.push(Candidate { file, chunk: number, score, matched, signals });
        }
        let factor = |c: &Candidate| {
            let class = self.snapshot.view().file(c.file).class();
            c.score * self.parameters.class_factor(class, self.wants_tests).map_or(1.0, |(_, factor)| factor)
        };
        let mut keyed: Vec<(f32, Candidate)> =
            candidates.into_iter().map(|c| (factor(&c), c)).collect();
        let order = |a: &(f32, Candidate), b: &(f32, Candidate)| {
            b.0.total_cmp(&a.0).then((a.1.file, a.1.chunk).cmp(&(b.1.file, b.1.chunk)))
        };
        if keyed.len() > CANDIDATES {
            keyed.select_nth_unstable_by(CANDIDATES, order);
            keyed.truncate(CANDIDATES);
        }
        keyed.sort_unstable_by(order);
        keyed.into_iter().map(|(_, candidate)| candidate).collect()
    }

    /// What a file adds to all its chunks; `None` when the filter leaves it out.
    fn file_signals(
        &mut self,
        file: FileId,
        score: f32,
        together: f32,
        rank: Option<u32>,
    ) -> Option<Vec<Signal>> {
        let entry = self.snapshot.view().file(file);
        if !self.admitted.admits(entry) {
            return None;
        }
        let mentioned = self.terms.paths.iter().any(|path| is_mentioned(path, &entry.path));
        let values = [
            ("file words", self.parameters.file * score, rank),
            ("coherence", self.parameters.coherence * together, None),
            ("file size", self.parameters.file_size * size(self.snapshot.lexical().chunks_of(file)), None),
            ("file name", self.parameters.stem * self.names.stem(&entry.path), None),
            ("folder", self.parameters.folder * self.names.folder(&entry.path), None),
            ("mentioned", self.parameters.mentioned * f32::from(u8::from(mentioned)), None),
        ];
        let signals = values.into_iter().filter(|(_, value, _)| *value > 0.0);
        Some(signals.map(|(name, value, rank)| Signal { name, value, rank }).collect())
    }

    /// Adds the chunks that define a name asked for, if words alone did not bring them.
    fn add_exact(&mut self, candidates: &mut Vec<Candidate>) -> Result<(), QueryError> {
        let mut found = Vec::new();
        for names in &self.exact {
            let Some(name) = names.last() else { continue };
            self.snapshot.lexical().chunks_with(Field::Name, &exact_name(name), |file, chunk| {
                found.push((file, chunk));
            })?;
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|(file, _)| self.admitted.admits(self.snapshot.view().file(*file)));
        found.truncate(EXACT_CANDIDATES);
        for (file, chunk) in found {
            if !candidates.iter().any(|c| (c.file, c.chunk) == (file, chunk)) {
                let (score, matched, signals) = (0.0, 0, Vec::new());
                candidates.push(Candidate { file, chunk, score, matched, signals });
            }
        }
        Ok(())
    }

    /// Looks at symbols, applies what multiplies, and makes hits.
    fn signals(&mut self, candidates: Vec<Candidate>) -> Result<Vec<Hit>, QueryError> {
        let mut hits = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            if !self.outlines.contains_key(&candidate.file) {
                let outline = self.snapshot.outline(candidate.file)?;
                self.outlines.insert(candidate.file, outline);
            }
            let hit = self.hit(candidate);
            hits.extend(hit.filter(|hit| admits_kind(self.filter, hit)));
        }
        Ok(hits)
    }

    fn hit(&mut self, candidate: Candidate) -> Option<Hit> {
        let outline = &self.outlines[&candidate.file];
        let chunk = outline.chunks.get(candidate.chunk as usize)?;
        let view = self.snapshot.view();
        let entry = view.file(candidate.file);
        let named = &outline.symbols[chunk.symbols()];
        let owner = chunk.owner.map(|index| &outline.symbols[index.0 as usize]);
        let mut signals = candidate.signals;
        let mut best = None;
        if let Some((position, value)) = self.names.best(named) {
            signals.push(Signal { name: "name", value, rank: None });
            best = Some(&named[position]);
        } else if let Some(owner) = owner {
            let value = self.parameters.owner * self.names.name(&owner.name);
            if value > 0.0 {
                signals.push(Signal { name: "owner's name", value, rank: None });
            }
        }
        if let Some((symbol, value)) = self.exact_symbol(named, &entry.path) {
            signals.push(Signal { name: "exact name", value, rank: None });
            best = Some(symbol);
        }
        let top = outline.symbols.iter().filter(|symbol| symbol.parent.is_none());
        let file_symbol = match self.file_symbols.get(&candidate.file) {
            Some(value) => *value,
            None => {
                let value = top.map(|symbol| self.names.name(&symbol.name) * self.parameters.kind_factor(symbol.kind)).fold(0.0, f32::max);
                self.file_symbols.insert(candidate.file, value);
                value
            }
        };
        if file_symbol * self.parameters.file_symbol > 0.0 {
            signals.push(Signal { name: "file's symbol", value: file_symbol * self.parameters.file_symbol, rank: None });
        }
        let mut score: f32 = signals.iter().map(|signal| signal.value).sum();
        if let Some((name, value)) = self.parameters.class_factor(entry.class(), self.wants_tests) {
            signals.push(Signal { name, value, rank: None });
            score *= value;
        }
        let lines = match best {
            Some(symbol) if symbol.lines.count() <= SHOWN_LINES => symbol.lines,
            _ => chunk.lines,
        };
        let matched = self.terms.typed.iter().enumerate();
        let matched = matched.filter(|(i, _)| candidate.matched >> i & 1 == 1);
        Some(Hit {
            file: candidate.file,
            path: entry.path.clone(),
            language: view.language(entry).clone(),
            class: entry.class(),
            lines,
            symbol: best.or(owner).map(hit_symbol),
            score,
            signals,
            matched: matched.map(|(_, typed)| typed.clone()).collect(),
        })
    }

    /// The symbol with a name asked for. A qualified name counts fully when the names before it
    /// are found in the symbol's container or path, and half otherwise.
    fn exact_symbol<'s>(&self, named: &'s [Symbol], path: &RepoPath) -> Option<(&'s Symbol, f32)> {
        let mut best: Option<(&Symbol, f32)> = None;
        for names in &self.exact {
            let Some((last, before)) = names.split_last() else { continue };
            for symbol in named.iter().filter(|symbol| whole(&symbol.name) == *last) {
                let is_there = before.iter().all(|name| lies_in(symbol, path, name));
                let place = if is_there { 1.0 } else { 0.5 };
                let length = self.parameters.exact_size * size(symbol.lines.count());
                let value = self.parameters.kind_factor(symbol.kind) * place
                    * (self.parameters.exact + length);
                if best.is_none_or(|(_, known)| value > known) {
                    best = Some((symbol, value));
                }
            }
        }
        best
    }
}

/// Whether a folded name is one of the containers of a symbol or of the folders above it.
fn lies_in(symbol: &Symbol, path: &RepoPath, name: &str) -> bool {
    matches!(name, "crate" | "self" | "super" | "this")
        || path.as_str().split(['/', '.']).chain(symbol.container.split('.')).any(|p| whole(p) == name)
}

fn admits_kind(filter: &Filter, hit: &Hit) -> bool {
    filter.kinds.is_empty()
        || hit.symbol.as_ref().is_some_and(|symbol| filter.kinds.contains(&symbol.kind))
}

fn hit_symbol(symbol: &Symbol) -> HitSymbol {
    HitSymbol {
        name: symbol.name.to_string(),
        qualified_name: symbol.qualified_name(),
        kind: symbol.kind,
        signature: symbol.signature.to_string(),
        lines: symbol.lines,
    }
}

/// Size on a scale from 0 to about 1, where each doubling counts the same.
fn size(count: u32) -> f32 {
    ((1 + count) as f32).log2() / 10.0
}

/// What the best three chunks of each file score together, each counting half of the one before,
/// as a share of what three perfect ones would.
fn coherence(scores: &Scores) -> HashMap<FileId, f32> {
    let mut best: HashMap<FileId, [f32; 3]> = HashMap::new();
    for chunk in &scores.chunks {
        let top = best.entry(chunk.file).or_default();
        let mut score = chunk.score;
        for slot in top {
            if score > *slot {
                std::mem::swap(&mut score, slot);
            }
        }
    }
    best.into_iter().map(|(file, [a, b, c])| (file, (a + b / 2.0 + c / 4.0) / 1.75)).collect()
}

fn is_mentioned(mentioned: &str, path: &RepoPath) -> bool {
    let path = path.as_str();
    let ends = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    };
    ends(path, mentioned) || (path.contains('/') && ends(mentioned, path))
}

/// 1-based ranks by falling score, ties by key.
fn ranks(scores: impl Iterator<Item = (u32, f32)>) -> HashMap<u32, u32> {
    let mut order: Vec<(u32, f32)> = scores.collect();
    order.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    order.into_iter().zip(1..).take(1000).map(|((key, _), rank)| (key, rank)).collect()
}

/// Orders hits by score, each further hit of a file counting less, and shows a definition once.
fn spread(mut hits: Vec<Hit>, same_file: f32, limit: usize) -> Vec<Hit> {
    let order = |a: &Hit, b: &Hit| {
        let tie = || (&a.path, a.lines).cmp(&(&b.path, b.lines));
        b.score.total_cmp(&a.score).then_with(tie)
    };
    hits.sort_by(order);
    let mut shown: HashMap<FileId, Vec<LineSpan>> = HashMap::new();
    let mut spread: Vec<Hit> = Vec::new();
    for mut hit in hits {
        let of_file = shown.entry(hit.file).or_default();
        if of_file.iter().any(|lines| lines.overlaps(hit.lines)) {
            continue;
        }
        let factor = same_file.powi(of_file.len() as i32);
        if factor < 1.0 {
            hit.score *= factor;
            hit.signals.push(Signal { name: "same file", value: factor, rank: None });
        }
        of_file.push(hit.lines);
        spread.push(hit);
    }
    spread.sort_by(order);
    spread.truncate(limit);
    spread
}

#[cfg(test)]
mod tests {
    use flux_core::RepoPath;

    use super::is_mentioned;

    #[test]
    fn a_mentioned_path_matches_from_its_end_at_a_slash() {
        let path = RepoPath::new("src/app/views.py");
        assert!(is_mentioned("app/views.py", &path));
        assert!(is_mentioned("home/me/src/app/views.py", &path));
        assert!(!is_mentioned("ews.py", &path));
    }
}
