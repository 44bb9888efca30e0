//! Measuring models on repositories that they did not learn from.

use flux_engine::query::rank::model::Model;
use flux_engine::query::rank::spread::SameFile;

use super::examples::{Examples, Query};
use crate::metrics::Scores;

/// Models that were learned from the same questions, with their names.
pub(crate) type Learned = Vec<(String, Model)>;

/// One way to rank, and how well it answers every question of the examples.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) scores: Vec<Scores>,
}

/// Learns as often as there are folds, each time without the repositories of one, and scores
/// their questions with what was learned from the others that `is_taught` admits.
pub(crate) fn held_out(
    examples: &Examples,
    folds: usize,
    is_taught: &dyn Fn(&Query) -> bool,
    learn: &dyn Fn(&[&Query]) -> Learned,
) -> Vec<Row> {
    let pruned: Vec<Query> = examples.queries.iter().map(Query::pruned).collect();
    let mut rows: Vec<Row> = Vec::new();
    for fold in 0..folds {
        let is_held = |query: &Query| query.repository % folds == fold;
        let taught: Vec<&Query> =
            pruned.iter().filter(|query| !is_held(query) && is_taught(query)).collect();
        eprintln!("fold {} of {folds}: {} questions", fold + 1, taught.len());
        for (number, (name, model)) in learn(&taught).into_iter().enumerate() {
            if rows.len() <= number {
                rows.push(Row { name, scores: vec![Scores::default(); examples.queries.len()] });
            }
            for (query, scores) in examples.queries.iter().zip(&mut rows[number].scores) {
                if is_held(query) {
                    *scores = answer(query, &model);
                }
            }
        }
    }
    rows
}

/// How well a model answers all questions.
pub(crate) fn fitted(examples: &Examples, name: &str, model: &Model) -> Row {
    let scores = examples.queries.iter().map(|query| answer(query, model)).collect();
    Row { name: name.to_owned(), scores }
}

fn answer(query: &Query, model: &Model) -> Scores {
    let scores: Vec<f32> =
        query.candidates.iter().map(|candidate| model.score(&candidate.features)).collect();
    query.score(&scores, SameFile::Less(model.same_file))
}

impl Row {
    /// Mean over the repositories of a set of the mean nDCG@10 and MRR over their questions, of
    /// one category or of all.
    pub(crate) fn mean(
        &self,
        examples: &Examples,
        set: usize,
        category: Option<&str>,
    ) -> Option<(f64, f64)> {
        let mut sums = vec![(0.0, 0.0, 0.0); examples.repositories.len()];
        for (query, scores) in examples.queries.iter().zip(&self.scores) {
            if query.set == set && category.is_none_or(|category| category == query.category) {
                let sum = &mut sums[query.repository];
                *sum = (sum.0 + scores.ndcg10, sum.1 + scores.mrr, sum.2 + 1.0);
            }
        }
        sums.retain(|sum| sum.2 > 0.0);
        let count = sums.len() as f64;
        let mean = |part: fn(&(f64, f64, f64)) -> f64| {
            sums.iter().map(|sum| part(sum) / sum.2).sum::<f64>() / count
        };
        (count > 0.0).then(|| (mean(|sum| sum.0), mean(|sum| sum.1)))
    }

    /// Mean nDCG@10 over the sets.
    pub(crate) fn overall(&self, examples: &Examples) -> f64 {
        let sets = 0..examples.sets.len();
        let means = sets.clone().filter_map(|set| self.mean(examples, set, None));
        means.map(|(ndcg, _)| ndcg).sum::<f64>() / sets.len() as f64
    }
}

/// One line for each row: nDCG@10 and MRR by set, then nDCG@10 by category.
pub(crate) fn table(examples: &Examples, rows: &[Row]) -> String {
    let mut text = String::new();
    for (set, name) in examples.sets.iter().enumerate() {
        let in_set = examples.queries.iter().filter(|query| query.set == set);
        let mut categories: Vec<&str> = in_set.map(|query| query.category.as_str()).collect();
        categories.sort_unstable();
        categories.dedup();
        text += &format!("{:<28} {:>7} {:>7}", name, "nDCG@10", "MRR");
        for category in &categories {
            text += &format!(" {:>14}", category);
        }
        text += "\n";
        for row in rows {
            let Some((ndcg, mrr)) = row.mean(examples, set, None) else { continue };
            text += &format!("  {:<26} {ndcg:>7.4} {mrr:>7.4}", row.name);
            for category in &categories {
                let (ndcg, _) = row.mean(examples, set, Some(category)).unwrap_or_default();
                text += &format!(" {ndcg:>14.4}");
            }
            text += "\n";
        }
    }
    text
}
