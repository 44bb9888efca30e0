//! Slopes: how the score of every candidate of a question should change.
//!
//! The loss is that of choosing one candidate by softmax (ListNet; Cao et al. 2007), and what is
//! raised is the chance that a target is covered by whichever of its candidates is likeliest to
//! cover it. LambdaRank was tried and left: questions whose target lies far down make up most of
//! its slope, and it gave up the first places of the others for them.
//!
//! Scores are taken after hits are spread over files, so that models learn the order that is
//! shown.

use flux_engine::query::rank::spread::SameFile;

use super::examples::Query;

/// What a candidate weighs as a wrong answer when it lies in the right file and misses the lines.
const NEAR: f64 = 0.5;
/// Least curvature, as a share of the slope: where nothing is known of it, steps stay short.
const LEAST_CURVE: f64 = 0.25;

/// How a candidate's score should change: first and second derivative of what is gained.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Lambda {
    pub(crate) slope: f32,
    pub(crate) curve: f32,
}

/// The slopes of a question's candidates.
pub(crate) fn lambdas(query: &Query, scores: &[f32], same_file: SameFile) -> Vec<Lambda> {
    let mut lambdas = vec![Lambda::default(); query.candidates.len()];
    let order = query.order(scores, same_file);
    let chances = chances(query, &order);
    let share = f64::from(query.weight) / query.targets.max(1) as f64;
    for target in 0..query.targets.min(64) {
        let covers = |index: usize| query.candidates[index].covers >> target & 1 == 1;
        let covering = order.iter().zip(&chances).filter(|((index, _), _)| covers(*index));
        let covered: f64 = covering.map(|(_, chance)| chance).sum();
        if covered <= 0.0 {
            continue;
        }
        for ((index, _), chance) in order.iter().zip(&chances) {
            let wanted = if covers(*index) { chance / covered } else { 0.0 };
            let slope = wanted - chance;
            let curve = (chance * (1.0 - chance)).max(LEAST_CURVE * slope.abs());
            lambdas[*index].slope += (share * slope) as f32;
            lambdas[*index].curve += (share * curve) as f32;
        }
    }
    lambdas
}

/// The chance of each place to be chosen.
fn chances(query: &Query, order: &[(usize, f32)]) -> Vec<f64> {
    let best = order.iter().map(|(_, score)| *score).fold(f32::MIN, f32::max);
    let weigh = |(index, score): &(usize, f32)| {
        let candidate = &query.candidates[*index];
        let near = if candidate.is_near && candidate.covers == 0 { NEAR } else { 1.0 };
        near * f64::from(score - best).exp()
    };
    let weights: Vec<f64> = order.iter().map(weigh).collect();
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / total).collect()
}

#[cfg(test)]
mod tests {
    use flux_engine::query::rank::spread::SameFile;
    use flux_engine::query::{Features, QueryKind};

    use super::lambdas;
    use crate::rank::examples::Query;

    #[test]
    fn targets_rise_others_sink_and_the_likelier_of_two_that_cover_takes_most() {
        let candidate =
            |file, line, covers| Query::candidate(file, line, covers, Features::default());
        let query = Query {
            set: 0,
            repository: 0,
            category: String::new(),
            kind: QueryKind::Natural,
            targets: 1,
            weight: 1.0,
            candidates: vec![
                candidate(0, 1, 0),
                candidate(1, 2, 0),
                candidate(2, 3, 1),
                candidate(2, 9, 1),
            ],
        };
        let found = lambdas(&query, &[3.0, 2.0, 1.0, 0.0], SameFile::Less(0.0));
        assert!(found[0].slope < found[1].slope && found[1].slope < 0.0);
        assert!(found[2].slope > found[3].slope && found[3].slope > 0.0);
        let total: f32 = found.iter().map(|lambda| lambda.slope).sum();
        assert!(total.abs() < 1e-6);
        assert!(found.iter().all(|lambda| lambda.curve > 0.0));
    }
}
