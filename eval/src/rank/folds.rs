//! Measuring models on repositories that they did not learn from.

use flux_engine::query::QueryKind;
use flux_engine::query::rank::model::{Model, Models};
use flux_engine::query::rank::spread::SameFile;

use super::examples::{Examples, Query};
use crate::metrics::Scores;

/// Models that were learned from the same questions, with their names.
pub(crate) type Learned = Vec<(String, Models)>;

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
                    *scores = answer(query, model.of(query.kind));
                }
            }
        }
    }
    rows
}

/// How well a model answers all questions.
pub(crate) fn fitted(examples: &Examples, name: &str, models: &Models) -> Row {
    let answered = examples.queries.iter().map(|query| answer(query, models.of(query.kind)));
    let scores = answered.collect();
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

    /// Weighted mean nDCG@10 over the questions of a kind.
    pub(crate) fn reached(&self, examples: &Examples, kind: QueryKind) -> f64 {
        let all = examples.queries.iter().zip(&self.scores);
        let own = all.filter(|(query, _)| query.kind == kind);
        let (mut sum, mut weight) = (0.0, 0.0);
        for (query, scores) in own {
            sum += scores.ndcg10 * f64::from(query.weight);
            weight += f64::from(query.weight);
        }
        sum / weight
    }
}

/// The row that takes questions of a kind from the best row for it, and the numbers of both rows.
pub(crate) fn best(examples: &Examples, rows: &[Row]) -> Option<(Row, [usize; 2])> {
    let best = |kind| {
        let reached = |at: &usize| rows[*at].reached(examples, kind);
        (0..rows.len()).max_by(|a, b| reached(a).total_cmp(&reached(b)))
    };
    let (words, names) = (best(QueryKind::Natural)?, best(QueryKind::Symbol)?);
    let of = |query: &Query| if query.kind == QueryKind::Symbol { names } else { words };
    let scores = examples.queries.iter().enumerate().map(|(at, one)| rows[of(one)].scores[at]);
    let name = format!("{} / {}", rows[words].name, rows[names].name);
    Some((Row { name, scores: scores.collect() }, [words, names]))
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
