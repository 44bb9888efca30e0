//! A linear model on lambdas: weights of features and of the hand-made sum, by gradient ascent
//! with a step of its own for each weight (Adam), on features of unit spread.

use flux_engine::query::rank::features::{Feature, Group, Trend};
use flux_engine::query::rank::model::Model;
use flux_engine::query::rank::spread::SameFile;
use rayon::prelude::*;

use super::examples::Query;
use super::lambdas::lambdas;

/// How often all questions are looked at.
const STEPS: usize = 120;
/// Size of a step.
const STEP: f32 = 0.03;
/// One number for each feature, and the last for the logarithm of the sum.
const COUNT: usize = Feature::COUNT + 1;

type Weights = [f32; COUNT];

/// Fits weights on top of `start`. Each step takes the share `calm` of every weight, which holds
/// them near zero; `left_out` are features that may not be used.
pub(crate) fn fit(queries: &[&Query], start: &Model, calm: f32, left_out: &[Feature]) -> Model {
    let spreads = spreads(queries);
    let mut weights = [0.0; COUNT];
    weights[Feature::COUNT] = start.base;
    let (mut mean, mut square) = ([0.0_f32; COUNT], [0.0_f32; COUNT]);
    for step in 1..=STEPS {
        let model = model(start, &weights, &spreads);
        let slopes = slopes(queries, &model, &spreads);
        for at in 0..COUNT {
            mean[at] = 0.9 * mean[at] + 0.1 * slopes[at];
            square[at] = 0.99 * square[at] + 0.01 * slopes[at] * slopes[at];
            let mean = mean[at] / (1.0 - 0.9_f32.powi(step as i32));
            let square = square[at] / (1.0 - 0.99_f32.powi(step as i32));
            weights[at] += STEP * mean / (square.sqrt() + 1e-8);
            weights[at] *= if at < Feature::COUNT { 1.0 - calm } else { 1.0 };
            hold(&mut weights[at], at, left_out);
        }
    }
    model(start, &weights, &spreads)
}

/// Keeps a weight within what its feature allows.
fn hold(weight: &mut f32, at: usize, left_out: &[Feature]) {
    let Some(feature) = Feature::ALL.get(at) else {
        *weight = weight.max(0.0);
        return;
    };
    if feature.trend() == Trend::Up {
        *weight = weight.max(0.0);
    }
    // What is the same for all candidates has no slope but that of rounding.
    if left_out.contains(feature) || feature.group() == Group::Query {
        *weight = 0.0;
    }
}

fn model(start: &Model, weights: &Weights, spreads: &Weights) -> Model {
    let weighed = Feature::ALL.iter().zip(weights).zip(spreads);
    let weighed = weighed.map(|((feature, weight), spread)| (*feature, weight / spread));
    Model {
        base: weights[Feature::COUNT],
        same_file: start.same_file,
        weights: weighed.filter(|(_, weight)| *weight != 0.0).collect(),
        trees: Vec::new(),
    }
}

fn slopes(queries: &[&Query], model: &Model, spreads: &Weights) -> Weights {
    let each: Vec<Weights> = queries
        .par_iter()
        .map(|query| {
            let mut slopes = [0.0; COUNT];
            let scores: Vec<f32> =
                query.candidates.iter().map(|one| model.score(&one.features)).collect();
            let found = lambdas(query, &scores, SameFile::Less(model.same_file));
            for (candidate, lambda) in query.candidates.iter().zip(found) {
                if lambda.slope == 0.0 {
                    continue;
                }
                let values = candidate.features.values();
                for (at, value) in values.iter().enumerate() {
                    slopes[at] += lambda.slope * value / spreads[at];
                }
                let base = Model::logarithm(candidate.features.sum());
                slopes[Feature::COUNT] += lambda.slope * base;
            }
            slopes
        })
        .collect();
    let mut total = [0.0; COUNT];
    for slopes in each {
        total.iter_mut().zip(slopes).for_each(|(sum, slope)| *sum += slope);
    }
    total
}

/// The standard deviation of each feature.
fn spreads(queries: &[&Query]) -> Weights {
    let mut spreads = [1.0; COUNT];
    for (at, feature) in Feature::ALL.iter().enumerate() {
        let values = || {
            let candidates = queries.iter().flat_map(|query| &query.candidates);
            candidates.map(|one| f64::from(one.features.get(*feature)))
        };
        let count = values().count().max(1) as f64;
        let mean = values().sum::<f64>() / count;
        let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        spreads[at] = variance.sqrt().max(1e-3) as f32;
    }
    spreads
}
