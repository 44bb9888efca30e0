//! The pairs as bags of pieces, in memory all at once and on disk between runs.
//!
//! Reading and cutting gigabytes of JSON takes longer than an epoch does, so it is done once. The
//! same code in two repositories would be each other's wrong answer and would let held-out code
//! into training, so the repository that is read first keeps it.

use anyhow::Result;
use flux_embed::builtin::PieceTable;
use flux_embed::builtin::tokenizer::for_each_piece;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::pairs::{self, Pair, Purpose, Repository};
use crate::vocabulary::Vocabulary;

/// Lines that are shorter together than this many bytes occur everywhere.
const TELLING_LINES: usize = 60;
/// A text with fewer pieces says too little to be an answer.
const LEAST_PIECES: usize = 6;

/// Pieces and how often each occurs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Bags {
    pub(crate) ids: Vec<u16>,
    pub(crate) counts: Vec<u8>,
    /// Where each bag ends.
    pub(crate) ends: Vec<u32>,
}

/// A pair without its bags.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Facts {
    /// Position in [`Corpus::purposes`].
    pub(crate) repository: u32,
    /// Position in [`Corpus::languages`].
    pub(crate) language: u16,
    /// Position in [`Corpus::kinds`].
    pub(crate) kind: u16,
    /// Equal for pairs with the same question.
    pub(crate) query_hash: u32,
    /// Equal for pairs with the same code.
    pub(crate) text_hash: u32,
}

/// The sides of a pair, as offsets of its bags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The question.
    Query,
    /// Path and enclosing names.
    Context,
    /// The code.
    Text,
}

const SIDES: usize = 3;

/// All pairs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Corpus {
    /// What each repository serves.
    pub(crate) purposes: Vec<Purpose>,
    pub(crate) languages: Vec<String>,
    pub(crate) kinds: Vec<String>,
    pub(crate) pairs: Vec<Facts>,
    pub(crate) bags: Bags,
}

impl Bags {
    /// Piece and count, in order of first occurrence.
    pub(crate) fn get(&self, bag: usize) -> impl Iterator<Item = (u16, u8)> + Clone + '_ {
        let from = if bag == 0 { 0 } else { self.ends[bag - 1] as usize };
        let range = from..self.ends[bag] as usize;
        self.ids[range.clone()].iter().copied().zip(self.counts[range].iter().copied())
    }

    pub(crate) fn push(&mut self, pieces: &[u16]) {
        let mut at: FxHashMap<u16, usize> = FxHashMap::default();
        for &piece in pieces {
            let next = self.ids.len();
            match at.entry(piece) {
                std::collections::hash_map::Entry::Occupied(seen) => {
                    let count = &mut self.counts[*seen.get()];
                    *count = count.saturating_add(1);
                }
                std::collections::hash_map::Entry::Vacant(new) => {
                    new.insert(next);
                    self.ids.push(piece);
                    self.counts.push(1);
                }
            }
        }
        self.ends.push(self.ids.len() as u32);
    }

    fn append(&mut self, other: &Self, bag: usize) {
        for (id, count) in other.get(bag) {
            self.ids.push(id);
            self.counts.push(count);
        }
        self.ends.push(self.ids.len() as u32);
    }
}

impl Corpus {
    /// The bag of one side of a pair.
    pub(crate) fn bag(
        &self,
        pair: usize,
        side: Side,
    ) -> impl Iterator<Item = (u16, u8)> + Clone + '_ {
        self.bags.get(pair * SIDES + side as usize)
    }

    /// How often each piece occurs.
    pub(crate) fn occurrences(&self, pieces: usize) -> Vec<u64> {
        let mut occurrences = vec![0; pieces];
        for (piece, count) in self.bags.ids.iter().zip(&self.bags.counts) {
            occurrences[usize::from(*piece)] += u64::from(*count);
        }
        occurrences
    }

    /// The pairs of the repositories that serve this.
    pub(crate) fn select(&self, purpose: Purpose) -> Vec<u32> {
        let serves =
            |pair: &u32| self.purposes[self.pairs[*pair as usize].repository as usize] == purpose;
        (0..self.pairs.len() as u32).filter(serves).collect()
    }
}

/// One repository's pairs, with what tells whether another has the same.
#[derive(Default)]
struct Part {
    languages: Vec<String>,
    kinds: Vec<String>,
    pairs: Vec<(Facts, [u64; 2])>,
    bags: Bags,
}

/// Reads the pairs of these repositories, of which the first keep code that others have too.
pub(crate) fn read(repositories: &[Repository], vocabulary: &Vocabulary) -> Result<Corpus> {
    let parts: Vec<Part> = vocabulary.with_table(|table| {
        repositories.par_iter().map(|one| read_one(one, &table)).collect::<Result<_>>()
    })??;
    Ok(merge(repositories, &parts))
}

fn read_one(repository: &Repository, table: &PieceTable<'_>) -> Result<Part> {
    let mut part = Part::default();
    let mut seen = FxHashSet::default();
    let mut pieces: [Vec<u16>; SIDES] = Default::default();
    pairs::for_each(repository, |pair| {
        cut(table, &pair, &mut pieces);
        let [query, _, text] = &pieces;
        let query_hash = hash(query.iter().map(|piece| u64::from(*piece)));
        if query.is_empty()
            || text.len() < LEAST_PIECES
            || !seen.insert((query_hash, kind_group(&pair.kind)))
        {
            return;
        }
        let text_hash = hash(text.iter().map(|piece| u64::from(*piece)));
        let facts = Facts {
            repository: 0,
            language: position(&mut part.languages, &pair.language),
            kind: position(&mut part.kinds, &pair.kind),
            query_hash: query_hash as u32,
            text_hash: text_hash as u32,
        };
        part.pairs.push((facts, [text_hash, telling_lines(&pair.text).unwrap_or(text_hash)]));
        pieces.iter().for_each(|side| part.bags.push(side));
    })?;
    Ok(part)
}

/// The same words may ask for code once as prose and once as a name.
fn kind_group(kind: &str) -> bool {
    kind == "name"
}

fn cut(table: &PieceTable<'_>, pair: &Pair, pieces: &mut [Vec<u16>; SIDES]) {
    for (side, text) in pieces.iter_mut().zip([&pair.query, &pair.context, &pair.text]) {
        side.clear();
        for_each_piece(table, text, |piece| side.push(piece));
    }
}

fn position(names: &mut Vec<String>, name: &str) -> u16 {
    let at = names.iter().position(|known| known == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    });
    at as u16
}

fn hash(values: impl Iterator<Item = u64>) -> u64 {
    values.fold(0xcbf2_9ce4_8422_2325, |hash, value| {
        (hash ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
    })
}

/// The hash of the two longest lines, if they are long enough to tell copies by.
fn telling_lines(text: &str) -> Option<u64> {
    let mut lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.sort_by_key(|line| (std::cmp::Reverse(line.len()), *line));
    lines.truncate(2);
    let is_telling = lines.iter().map(|line| line.len()).sum::<usize>() >= TELLING_LINES;
    is_telling.then(|| hash(lines.iter().flat_map(|line| line.bytes().map(u64::from))))
}

fn merge(repositories: &[Repository], parts: &[Part]) -> Corpus {
    let mut corpus = Corpus {
        purposes: repositories.iter().map(|one| one.purpose).collect(),
        ..Corpus::default()
    };
    let mut owners: FxHashMap<u64, u32> = FxHashMap::default();
    for (repository, part) in parts.iter().enumerate() {
        let repository = repository as u32;
        let languages: Vec<u16> =
            part.languages.iter().map(|name| position(&mut corpus.languages, name)).collect();
        let kinds: Vec<u16> =
            part.kinds.iter().map(|name| position(&mut corpus.kinds, name)).collect();
        for (at, (facts, keys)) in part.pairs.iter().enumerate() {
            let is_own = |key: &u64| owners.get(key).is_none_or(|owner| *owner == repository);
            if !keys.iter().all(is_own) {
                continue;
            }
            owners.extend(keys.iter().map(|key| (*key, repository)));
            corpus.pairs.push(Facts {
                repository,
                language: languages[usize::from(facts.language)],
                kind: kinds[usize::from(facts.kind)],
                ..*facts
            });
            (0..SIDES).for_each(|side| corpus.bags.append(&part.bags, at * SIDES + side));
        }
    }
    corpus
}
