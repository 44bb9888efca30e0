//! The weights of the hand-made sum, found again by coordinate ascent on candidates that were
//! collected once: thousands of times quicker than searching anew, and blind only to what decides
//! which chunks become candidates.

use flux_engine::query::Feature;
use flux_engine::query::rank::spread::SameFile;
use rayon::prelude::*;

use super::examples::Query;
use crate::metrics::Scores;

/// By what each part of the sum is multiplied, against what it counts now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Factors {
    /// By part, in the order of [`Feature::ADDED`].
    parts: Vec<f32>,
    /// For similarity, when a name is asked for.
    named: f32,
    /// For how steeply classes of files are ranked down.
    demotion: f32,
    /// What each further hit of a file is multiplied by.
    same_file: f32,
}

/// Factors that are tried on each number.
const TRIED: [f32; 6] = [0.5, 0.8, 0.9, 1.12, 1.3, 2.0];
/// What a part is given back that was thought worth nothing.
const FROM_ZERO: [f32; 2] = [0.3, 1.0];
/// Rounds over all numbers at most, and what a change must gain to be kept.
const ROUNDS: usize = 3;
const LEAST_GAIN: f64 = 1e-4;

impl Factors {
    /// The sum as it is.
    pub(crate) fn now(same_file: f32) -> Self {
        let parts = vec![1.0; Feature::ADDED.len()];
        Self { parts, named: 1.0, demotion: 1.0, same_file }
    }

    /// Better factors for some questions.
    pub(crate) fn fit(queries: &[&Query], same_file: f32) -> Self {
        let mut best = Self::now(same_file);
        let mut reached = best.reached(queries);
        for _ in 0..ROUNDS {
            let before = reached;
            for number in 0..best.count() {
                let now = *best.number(number);
                let tried: Vec<f32> = match now == 0.0 {
                    true => FROM_ZERO.to_vec(),
                    false => TRIED.iter().map(|factor| factor * now).chain([0.0]).collect(),
                };
                for value in tried {
                    let mut trial = best.clone();
                    *trial.number(number) = value;
                    let gained = trial.reached(queries);
                    if gained > reached + LEAST_GAIN {
                        (best, reached) = (trial, gained);
                    }
                }
            }
            if reached - before < LEAST_GAIN {
                break;
            }
        }
        best
    }

    fn count(&self) -> usize {
        self.parts.len() + 3
    }

    fn number(&mut self, number: usize) -> &mut f32 {
        let parts = self.parts.len();
        match number.checked_sub(parts) {
            None => &mut self.parts[number],
            Some(0) => &mut self.named,
            Some(1) => &mut self.demotion,
            Some(_) => &mut self.same_file,
        }
    }

    fn reached(&self, queries: &[&Query]) -> f64 {
        let each = queries.par_iter().map(|query| {
            let weight = f64::from(query.weight);
            (self.answer(query).ndcg10 * weight, weight)
        });
        let each: Vec<(f64, f64)> = each.collect();
        each.iter().map(|one| one.0).sum::<f64>() / each.iter().map(|one| one.1).sum::<f64>()
    }

    /// How well a question is answered.
    pub(crate) fn answer(&self, query: &Query) -> Scores {
        let scores: Vec<f32> = query
            .candidates
            .iter()
            .map(|candidate| {
                let features = &candidate.features;
                let asks_name = features.get(Feature::SymbolQuery) > 0.0;
                let named = if asks_name { self.named } else { 1.0 };
                let part = |(feature, factor): (&Feature, &f32)| {
                    let is_meaning = matches!(feature, Feature::Meaning | Feature::FileMeaning);
                    let by = if is_meaning { named } else { 1.0 };
                    factor * by * features.get(*feature)
                };
                let added: f32 = Feature::ADDED.iter().zip(&self.parts).map(part).sum();
                added * features.get(Feature::Demotion).powf(self.demotion)
            })
            .collect();
        query.score(&scores, SameFile::Times(self.same_file))
    }

    /// The factors with their names.
    pub(crate) fn text(&self) -> String {
        let parts = Feature::ADDED.iter().zip(&self.parts);
        let mut text: String = parts
            .map(|(feature, factor)| format!("  {} times {factor}\n", feature.name()))
            .collect();
        text += &format!(
            "  meaning of names times {}, demotion to the power of {}, same file {}\n",
            self.named, self.demotion, self.same_file
        );
        text
    }
}
