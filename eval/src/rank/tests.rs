//! Models on questions whose answer is known to follow from one feature.

use flux_engine::query::rank::features::Trend;
use flux_engine::query::rank::model::{Model, Models};
use flux_engine::query::{Feature, Features, QueryKind};

use super::examples::{Examples, Query};
use super::folds::{best, fitted, held_out};
use super::linear;
use super::sum::Factors;
use super::trees::{self, Growth};

/// Features with these values, of a file that is not ranked down.
fn features(values: &[(Feature, f32)]) -> Features {
    let mut all = [0.0; Feature::COUNT];
    all[Feature::Demotion as usize] = 1.0;
    for (feature, value) in values {
        all[*feature as usize] = *value;
    }
    Features::from(all)
}

/// Questions with four candidates each, of which the one with the most `telling` is right and the
/// one with the most words is wrong.
fn examples(telling: Feature) -> Examples {
    let query = |number: usize| {
        let candidates = (0..4_u32).map(|at| {
            let right = (number as u32 + 1) % 4;
            let words = if at == right { 0.5 } else { 0.6 + 0.05 * at as f32 };
            let told = if at == right { 0.9 } else { 0.2 + 0.1 * at as f32 };
            let values = [(Feature::Words, words), (telling, told)];
            Query::candidate(at, at + 1, u64::from(at == right), features(&values))
        });
        Query {
            set: 0,
            repository: number % 4,
            category: "semantic".to_owned(),
            kind: QueryKind::Natural,
            targets: 1,
            weight: 1.0,
            candidates: candidates.collect(),
        }
    };
    Examples {
        sets: vec!["set".to_owned()],
        repositories: (0..4).map(|number| number.to_string()).collect(),
        queries: (0..80).map(query).collect(),
    }
}

const START: Model = Model { base: 1.0, same_file: 0.5, weights: Vec::new(), trees: Vec::new() };

const GROWTH: Growth =
    Growth { trees: 20, depth: 2, rate: 0.3, features: 1.0, questions: 1.0, least: 0.5, calm: 1.0 };

fn both(model: &Model) -> Models {
    Models { words: model.clone(), names: model.clone() }
}

#[track_caller]
fn answers_all(examples: &Examples, model: &Model) {
    let row = fitted(examples, "model", &both(model));
    assert_eq!(row.reached(examples, QueryKind::Natural), 1.0);
}

#[test]
fn trees_find_the_feature_that_tells() {
    let examples = examples(Feature::Similarity);
    let queries: Vec<&Query> = examples.queries.iter().collect();
    answers_all(&examples, &trees::grow(&queries, &START, &GROWTH, &[]));
}

#[test]
fn trees_are_the_same_in_every_run() {
    let examples = examples(Feature::Similarity);
    let queries: Vec<&Query> = examples.queries.iter().collect();
    let grown = || trees::grow(&queries, &START, &GROWTH, &[]);
    assert_eq!(grown(), grown());
}

#[test]
fn a_feature_that_may_only_raise_a_score_never_lowers_it() {
    assert_eq!(Feature::Words.trend(), Trend::Up);
    let examples = examples(Feature::Similarity);
    let queries: Vec<&Query> = examples.queries.iter().collect();
    for model in [
        trees::grow(&queries, &START, &GROWTH, &[Feature::Similarity]),
        linear::fit(&queries, &START, 0.0, &[Feature::Similarity]),
    ] {
        let at = |words: f32| model.score(&features(&[(Feature::Words, words)]));
        let scores: Vec<f32> = (0..20).map(|step| at(step as f32 / 20.0)).collect();
        assert!(scores.is_sorted(), "{scores:?}");
    }
}

#[test]
fn weights_find_the_feature_that_tells_and_leave_out_what_they_must() {
    let examples = examples(Feature::Similarity);
    let queries: Vec<&Query> = examples.queries.iter().collect();
    answers_all(&examples, &linear::fit(&queries, &START, 0.001, &[]));
    let model = linear::fit(&queries, &START, 0.001, &[Feature::Similarity]);
    assert!(model.weights.iter().all(|(feature, _)| *feature != Feature::Similarity));
}

#[test]
fn factors_of_the_sum_favour_the_part_that_tells() {
    let examples = examples(Feature::Meaning);
    let queries: Vec<&Query> = examples.queries.iter().collect();
    let right = |factors: &Factors| {
        queries.iter().filter(|query| factors.answer(query).hit1 == 1.0).count()
    };
    let fit = Factors::fit(&queries, 0.6);
    assert!(right(&fit) >= right(&Factors::now(0.6)));
    assert_eq!(right(&fit), queries.len());
}

#[test]
fn held_out_repositories_are_not_learned_from_and_the_best_of_each_kind_is_taken() {
    let examples = examples(Feature::Similarity);
    let rows = held_out(&examples, 2, &|_| true, &|queries| {
        assert!(
            queries.len() == 40
                && queries.iter().all(|q| q.repository % 2 == queries[0].repository % 2)
        );
        let linear = linear::fit(queries, &START, 0.001, &[]);
        vec![("sum".to_owned(), both(&START)), ("linear".to_owned(), both(&linear))]
    });
    assert!(rows[0].reached(&examples, QueryKind::Natural) < 0.9);
    let (row, [words, _]) = best(&examples, &rows).unwrap();
    assert_eq!(words, 1);
    assert_eq!(row.mean(&examples, 0, None), Some((1.0, 1.0)));
}
