//! Candidates by words. Numbers come first, for every chunk that matched; names and signals only
//! for the few that can still reach the first page.

use std::collections::HashMap;

use flux_core::FileId;
use flux_store::lexical::{ChunkScore, Scores};

use super::{Candidate, Ranker, perfect};
use crate::filter::Tests;
use crate::hit::Signal;

/// Chunks whose files' names are looked at.
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

impl Ranker<'_> {
    /// The best chunks by words, their files' words and their paths.
    pub(super) fn by_words(&mut self, scores: &Scores) -> Vec<Candidate> {
        let files = self.file_words(scores);
        let perfect = perfect(scores);
        let p = self.parameters;
        let by_words = |chunk: &ChunkScore| {
            let file = &files[chunk.file.0 as usize];
            p.chunk * chunk.score + p.file * file.words + p.coherence * file.coherence()
        };
        let admitted = scores.chunks.iter().filter(|c| files[c.file.0 as usize].words > 0.0);
        let mut order: Vec<(f32, &ChunkScore)> =
            admitted.map(|c| (by_words(c) * self.demotion(c.file), c)).collect();
        let wider = if self.is_narrow() { NARROW_FACTOR } else { 1 };
        best(&mut order, BY_WORDS * wider);

        let ranks = Ranks::of(scores, &order);
        let mut of_file: HashMap<FileId, Vec<Signal>> = HashMap::new();
        let mut candidates = Vec::with_capacity(order.len());
        for (_, chunk) in &order {
            let words = &files[chunk.file.0 as usize];
            let signals = of_file.entry(chunk.file).or_insert_with(|| {
                self.file_signals(chunk.file, words, perfect, ranks.files.get(&chunk.file).copied())
            });
            let value = p.chunk * chunk.score / perfect;
            let rank = ranks.chunks.get(&(chunk.file, chunk.chunk)).copied();
            let own = Signal { name: "words", value, rank };
            let total: f32 = signals.iter().map(|signal| signal.value).sum();
            let score = (value + total) * self.demotion(chunk.file);
            candidates.push((score, *chunk, own));
        }
        let mut kept: Vec<(f32, &ChunkScore, Signal)> = candidates;
        kept.sort_unstable_by(|a, b| order_of((a.0, a.1), (b.0, b.1)));
        kept.truncate(CANDIDATES * wider);
        let candidate = |(_, chunk, own): (f32, &ChunkScore, Signal)| Candidate {
            file: chunk.file,
            chunk: chunk.chunk,
            matched: chunk.matched,
            signals: std::iter::once(own).chain(of_file[&chunk.file].iter().copied()).collect(),
        };
        kept.into_iter().map(candidate).collect()
    }

    /// Whether the filter asks for what only outlines tell.
    fn is_narrow(&self) -> bool {
        !self.filter.kinds.is_empty() || self.admitted.tests != Tests::Ranked
    }

    /// The words of every file that the filter admits; zero for the others.
    fn file_words(&self, scores: &Scores) -> Vec<FileWords> {
        let view = self.snapshot.view();
        let mut files = vec![FileWords::default(); view.files().len()];
        for score in &scores.files {
            if self.admitted.admits(view.file(score.file)) {
                files[score.file.0 as usize].words = score.score;
            }
        }
        for chunk in &scores.chunks {
            files[chunk.file.0 as usize].push(chunk.score);
        }
        files
    }

    fn demotion(&self, file: FileId) -> f32 {
        let class = self.snapshot.view().file(file).class();
        self.parameters.class_factor(class, self.wants_tests).map_or(1.0, |(_, factor)| factor)
    }

    /// What a file adds to all its chunks.
    fn file_signals(
        &mut self,
        file: FileId,
        words: &FileWords,
        perfect: f32,
        rank: Option<u32>,
    ) -> Vec<Signal> {
        let path = &self.snapshot.view().file(file).path;
        let p = self.parameters;
        let is_mentioned =
            self.terms.paths.iter().any(|mentioned| mentions(mentioned, path.as_str()));
        let values = [
            ("file words", p.file * words.words / perfect, rank),
            ("coherence", p.coherence * words.coherence() / perfect, None),
            ("file name", p.stem * self.names.stem(path), None),
            ("folder", p.folder * self.names.folder(path), None),
            ("mentioned", p.mentioned * f32::from(u8::from(is_mentioned)), None),
        ];
        let added = values.into_iter().filter(|(_, value, _)| *value > 0.0);
        added.map(|(name, value, rank)| Signal { name, value, rank }).collect()
    }
}

/// 1-based positions in the retrievers' own lists, for explanations.
struct Ranks {
    chunks: HashMap<(FileId, u32), u32>,
    files: HashMap<FileId, u32>,
}

impl Ranks {
    fn of(scores: &Scores, shown: &[(f32, &ChunkScore)]) -> Self {
        let mut chunks: Vec<(f32, &ChunkScore)> =
            scores.chunks.iter().map(|c| (c.score, c)).collect();
        best(&mut chunks, shown.len());
        let chunks = (1..).zip(chunks).map(|(rank, (_, c))| ((c.file, c.chunk), rank)).collect();
        let mut files: Vec<(f32, FileId)> =
            scores.files.iter().map(|f| (f.score, f.file)).collect();
        files.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let files = (1..).zip(files).map(|(rank, (_, file))| (file, rank)).collect();
        Self { chunks, files }
    }
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
