//! What vectors say of candidates.
//!
//! Similarities of a static model have no natural zero and differ in range from query to query,
//! so what the hand-made sum adds is a chunk's place between the nearest chunk and the last of
//! the near ones.

use std::collections::HashMap;

use flux_core::FileId;
use flux_store::VectorHit;

use super::candidates::over;
use super::features::{Feature, Features};
use crate::meaning::Meaning;
use crate::parameters::Parameters;

/// Chunks taken from the vectors.
const NEAREST: usize = 200;

/// The similarities met while a query is answered.
pub(super) struct Meant<'a> {
    meaning: Option<Meaning<'a>>,
    /// What similarity counts for this kind of query.
    share: f32,
    nearest: Vec<VectorHit>,
    ranks: HashMap<(FileId, u32), u32>,
    /// By file, ascending by chunk.
    files: HashMap<FileId, Vec<(u32, f32)>>,
}

impl<'a> Meant<'a> {
    /// Finds the chunks nearest to the query; `share` is what similarity counts for its kind.
    pub(super) fn new(
        meaning: Option<Meaning<'a>>,
        share: f32,
        admits: &(dyn Fn(FileId) -> bool + Sync),
    ) -> Self {
        let nearest = match &meaning {
            Some(meaning) => meaning.vectors.search(meaning.query, NEAREST, admits),
            None => Vec::new(),
        };
        let ranks = (1..).zip(&nearest).map(|(rank, near)| ((near.file, near.chunk), rank));
        Self { meaning, share, ranks: ranks.collect(), files: HashMap::new(), nearest }
    }

    /// Forgets chunks that have nothing to do with the query. Where words match, they decide;
    /// where none do, the nearest of what is there may be far.
    pub(super) fn keep_related(&mut self) {
        let least = self.meaning.map_or(0.0, |meaning| meaning.least);
        self.nearest.retain(|near| near.similarity >= least);
    }

    /// The nearest chunks.
    pub(super) fn places(&self) -> impl Iterator<Item = (FileId, u32)> + '_ {
        self.nearest.iter().map(|near| (near.file, near.chunk))
    }

    /// The similarity of the nearest chunk.
    pub(super) fn best(&self) -> f32 {
        self.nearest.first().map_or(0.0, |near| near.similarity)
    }

    /// Sets what is known of a chunk; returns its place among the nearest.
    pub(super) fn describe(
        &mut self,
        file: FileId,
        chunk: u32,
        parameters: &Parameters,
        features: &mut Features,
    ) -> Option<u32> {
        let meaning = self.meaning?;
        let (best, last) = (self.best(), self.nearest.last()?.similarity);
        let of_file = self.files.entry(file);
        let of_file = of_file.or_insert_with(|| meaning.vectors.similarities(meaning.query, file));
        let at = of_file.binary_search_by_key(&chunk, |(known, _)| *known).ok()?;
        let own = of_file[at].1;
        let similarities = of_file.iter().map(|(_, similarity)| *similarity);
        let of_best = similarities.clone().fold(f32::MIN, f32::max);
        let mean = similarities.sum::<f32>() / of_file.len() as f32;
        let between = |similarity: f32| match best > last {
            true => ((similarity - last) / (best - last)).clamp(0.0, 1.0),
            false => f32::from(u8::from(similarity >= best)),
        };
        let rank = self.ranks.get(&(file, chunk)).copied();
        features.set(Feature::Meaning, self.share * parameters.meaning * between(own));
        features.set(Feature::FileMeaning, self.share * parameters.file_meaning * between(of_best));
        features.set(Feature::Similarity, own);
        features.set(Feature::SimilarityLead, own - best);
        features.set(Feature::SimilarityRank, over(rank));
        features.set(Feature::FileSimilarity, of_best);
        features.set(Feature::FileSimilarityLead, of_best - best);
        features.set(Feature::FileMean, mean);
        features.set(Feature::SimilarityInFile, own - of_best);
        rank
    }
}
