//! Candidates of all retrievers. Numbers come first, for every chunk that matched; names and
//! signals only for the few that can still reach the first page.

use std::collections::HashMap;

use flux_core::FileId;
use flux_store::lexical::{ChunkScore, FileScore, Scores};

use super::features::{Feature, Features};
use super::meaning::Meant;
use super::{Candidate, Places, Ranker};
use crate::filter::Tests;
use crate::kind::QueryKind;
use crate::names::is_entrance;

/// Chunks found by words whose files' names are looked at.
const BY_WORDS: usize = 500;
/// Chunks whose outlines are looked at; more cost time and never reach the first page.
const CANDIDATES: usize = 150;
/// How many more are looked at when a filter on symbols will leave out most of them.
const NARROW_FACTOR: usize = 8;

/// What is known of a file before its names are looked at.
#[derive(Clone, Copy, Debug, Default)]
struct FileWords {
    /// BM25F of the file.
    words: f32,
    /// Which terms it holds.
    matched: u64,
    /// Its three best chunks, best first.
    best: [f32; 3],
}

impl FileWords {
    fn push(&mut self, mut score: f32) {
        for slot in &mut self.best {
            if score > *slot {
                std::mem::swap(&mut score, slot);
            }
        }
    }

    /// The best three chunks together, each counting half of the one before.
    fn coherence(&self) -> f32 {
        let [first, second, third] = self.best;
        (first + second / 2.0 + third / 4.0) / 1.75
    }
}

/// Everything that words say of the files that the filter admits.
pub(super) struct Words<'a> {
    scores: &'a Scores,
    /// By file; zero for those that are not admitted.
    files: Vec<FileWords>,
    /// What a perfect match of every term would score.
    perfect: f32,
    best_chunk: f32,
    best_file: f32,
    chunk_ranks: HashMap<(FileId, u32), u32>,
    file_ranks: HashMap<FileId, u32>,
    /// What a file gives to all its chunks.
    known: HashMap<FileId, Features>,
}

impl Words<'_> {
    /// The share of a perfect match that the best chunk reaches.
    pub(super) fn best_share(&self) -> f32 {
        self.best_chunk / self.perfect
    }

    fn chunk(&self, file: FileId, chunk: u32) -> Option<&ChunkScore> {
        let chunks = &self.scores.chunks;
        chunks
            .binary_search_by_key(&(file, chunk), |c| (c.file, c.chunk))
            .ok()
            .map(|at| &chunks[at])
    }
}

impl Ranker<'_> {
    /// The chunks that words and vectors find, with all that is known without their outlines.
    pub(super) fn gather(
        &mut self,
        words: &mut Words<'_>,
        meant: &mut Meant<'_>,
    ) -> Vec<Candidate> {
        let wider = if self.is_narrow() { NARROW_FACTOR } else { 1 };
        let mut places = Vec::new();
        if self.ranking.retrievers.words {
            let best = self.best_by_words(words, BY_WORDS * wider);
            words.chunk_ranks = ranks(words.scores, best.len());
            places.extend(best);
        }
        places.extend(meant.places());
        places.sort_unstable();
        places.dedup();
        let candidates = places.into_iter().map(|place| self.candidate(place, words, meant));
        let mut candidates: Vec<Candidate> = candidates.collect();
        if self.traits.kind == QueryKind::Symbol {
            keep_fullest(&mut candidates);
        }
        let mut order: Vec<(f32, usize)> =
            candidates.iter().map(|candidate| candidate.features.sum()).zip(0..).collect();
        order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        order.truncate(CANDIDATES * wider);
        order.into_iter().map(|(_, at)| candidates[at].clone()).collect()
    }

    /// A chunk with all that is known of it without its outline.
    pub(super) fn candidate(
        &mut self,
        (file, chunk): (FileId, u32),
        words: &mut Words<'_>,
        meant: &mut Meant<'_>,
    ) -> Candidate {
        let mut features = self.file_features(file, words);
        let mut places =
            Places { words: None, file: words.file_ranks.get(&file).copied(), meaning: None };
        let mut matched = 0;
        if let Some(found) = words.chunk(file, chunk) {
            matched = found.matched;
            places.words = words.chunk_ranks.get(&(file, chunk)).copied();
            let in_file = words.files[file.0 as usize].best[0];
            features
                .set(Feature::Words, self.ranking.parameters.chunk * found.score / words.perfect);
            features.set(Feature::WordsRank, over(places.words));
            features.set(Feature::WordsLead, share(found.score, words.best_chunk));
            features.set(Feature::WordsInFile, share(found.score, in_file));
            features.set(Feature::Coverage, self.names.share_of(matched));
        }
        places.meaning = meant.describe(file, chunk, &self.ranking.parameters, &mut features);
        Candidate { file, chunk, matched, features, places }
    }

    /// The best chunks by words and the words of their files.
    fn best_by_words(&self, words: &Words<'_>, count: usize) -> Vec<(FileId, u32)> {
        let p = &self.ranking.parameters;
        let by_words = |chunk: &ChunkScore| {
            let file = &words.files[chunk.file.0 as usize];
            p.chunk * chunk.score + p.file * file.words + p.coherence * file.coherence()
        };
        let chunks = words.scores.chunks.iter();
        let admitted = chunks.filter(|c| words.files[c.file.0 as usize].words > 0.0);
        let mut order: Vec<(f32, &ChunkScore)> =
            admitted.map(|c| (by_words(c) * self.demotion(c.file), c)).collect();
        best(&mut order, count);
        order.into_iter().map(|(_, chunk)| (chunk.file, chunk.chunk)).collect()
    }

    /// Whether the filter asks for what only outlines tell.
    fn is_narrow(&self) -> bool {
        !self.filter.kinds.is_empty() || self.admitted.tests != Tests::Ranked
    }

    /// What words say of chunks and files.
    pub(super) fn words<'s>(&self, scores: &'s Scores) -> Words<'s> {
        let view = self.snapshot.view();
        let mut files = vec![FileWords::default(); view.files().len()];
        let admitted = |file: &&FileScore| self.admitted.admits(view.file(file.file));
        let mut order: Vec<&FileScore> = scores.files.iter().filter(admitted).collect();
        for score in &order {
            let file = &mut files[score.file.0 as usize];
            (file.words, file.matched) = (score.score, score.matched);
        }
        for chunk in &scores.chunks {
            files[chunk.file.0 as usize].push(chunk.score);
        }
        order.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.file.cmp(&b.file)));
        Words {
            perfect: scores.rarity.iter().sum::<f32>().max(f32::MIN_POSITIVE),
            best_chunk: scores.chunks.iter().map(|chunk| chunk.score).fold(0.0, f32::max),
            best_file: order.first().map_or(0.0, |file| file.score),
            file_ranks: (1..).zip(&order).map(|(rank, file)| (file.file, rank)).collect(),
            chunk_ranks: HashMap::new(),
            known: HashMap::new(),
            scores,
            files,
        }
    }

    fn demotion(&self, file: FileId) -> f32 {
        let class = self.snapshot.view().file(file).class();
        let factor = self.ranking.parameters.class_factor(class, self.traits.wants_tests);
        factor.map_or(1.0, |(_, factor)| factor)
    }

    /// What a file gives to all its chunks.
    fn file_features(&mut self, file: FileId, words: &mut Words<'_>) -> Features {
        if let Some(known) = words.known.get(&file) {
            return *known;
        }
        let path = &self.snapshot.view().file(file).path;
        let p = &self.ranking.parameters;
        let of_file = &words.files[file.0 as usize];
        let mentioned = self.terms.paths.iter().any(|known| mentions(known, path.as_str()));
        let (stem, folder) = (self.names.stem(path), self.names.folder(path));
        let told = self.names.terms_of_path(path);
        let mut features = Features::default();
        features.set(Feature::FileWords, p.file * of_file.words / words.perfect);
        features.set(Feature::Coherence, p.coherence * of_file.coherence() / words.perfect);
        features.set(Feature::FileWordsRank, over(words.file_ranks.get(&file).copied()));
        features.set(Feature::FileWordsLead, share(of_file.words, words.best_file));
        features.set(Feature::FileCoverage, self.names.share_of(of_file.matched));
        features.set(Feature::FileName, p.stem * stem);
        features.set(Feature::Folder, p.folder * folder);
        features.set(Feature::Mentioned, p.mentioned * f32::from(u8::from(mentioned)));
        features.set(Feature::PathRecall, self.names.share_of(told));
        features.set(Feature::Depth, path.as_str().matches('/').count() as f32);
        features.set_if(Feature::Entrance, is_entrance(path.stem()));
        features.set(Feature::Demotion, self.demotion(file));
        words.known.insert(file, features);
        features
    }
}

/// Leaves the candidates that hold every part of a name, if there are any: who types a name that
/// is there wants to see it, and not what resembles it or shares a number with it.
fn keep_fullest(candidates: &mut Vec<Candidate>) {
    let all = candidates.iter().fold(0, |all, one| all | one.matched);
    if all != 0 && candidates.iter().any(|one| one.matched == all) {
        candidates.retain(|one| one.matched == all);
    }
}

/// One over a place in a list, 0 for what is not in it.
pub(super) fn over(rank: Option<u32>) -> f32 {
    rank.map_or(0.0, |rank| 1.0 / rank as f32)
}

/// A part of a whole that may be nothing.
pub(super) fn share(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// 1-based places of the best `count` chunks by words alone.
fn ranks(scores: &Scores, count: usize) -> HashMap<(FileId, u32), u32> {
    let mut chunks: Vec<(f32, &ChunkScore)> = scores.chunks.iter().map(|c| (c.score, c)).collect();
    best(&mut chunks, count);
    (1..).zip(chunks).map(|(rank, (_, c))| ((c.file, c.chunk), rank)).collect()
}

/// Keeps the `count` best in order.
fn best(scored: &mut Vec<(f32, &ChunkScore)>, count: usize) {
    if scored.len() > count && count > 0 {
        scored.select_nth_unstable_by(count - 1, |a, b| order_of(*a, *b));
        scored.truncate(count);
    }
    scored.sort_unstable_by(|a, b| order_of(*a, *b));
}

fn order_of(a: (f32, &ChunkScore), b: (f32, &ChunkScore)) -> std::cmp::Ordering {
    b.0.total_cmp(&a.0).then_with(|| (a.1.file, a.1.chunk).cmp(&(b.1.file, b.1.chunk)))
}

/// Whether a path in an issue means `path`: one ends with the other, at a folder.
fn mentions(mentioned: &str, path: &str) -> bool {
    let ends = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    };
    ends(path, mentioned) || (path.contains('/') && ends(mentioned, path))
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn a_mentioned_path_matches_from_its_end_at_a_slash() {
        let path = "src/app/views.py";
        assert!(mentions("app/views.py", path));
        assert!(mentions("home/me/src/app/views.py", path));
        assert!(!mentions("ews.py", path));
    }
}
