//! From the scores of questions to the figures that are quoted.
//!
//! Each repository weighs the same, however many questions it has: figures are means over
//! repositories of the means over their questions. A language's figure is such a mean over its
//! repositories, a category's one over the repositories that have questions of the category.

use std::collections::BTreeMap;

use crate::metrics::Scores;
use crate::run::{QuestionRun, Run};

/// A mean, and how many questions it stands on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mean {
    pub(crate) scores: Scores,
    pub(crate) questions: usize,
}

/// The mean over everything.
pub(crate) fn overall(run: &Run) -> Mean {
    grouped(run, |_| "").remove("").unwrap_or(Mean { scores: Scores::default(), questions: 0 })
}

/// One mean for each value that `group` gives.
pub(crate) fn grouped<'a>(
    run: &'a Run,
    group: impl Fn(&'a QuestionRun) -> &'a str,
) -> BTreeMap<&'a str, Mean> {
    let mut by_group: BTreeMap<&str, BTreeMap<&str, Vec<Scores>>> = BTreeMap::new();
    for repository in &run.repositories {
        for question in &repository.questions {
            let repositories = by_group.entry(group(question)).or_default();
            repositories.entry(&repository.name).or_default().push(question.scores);
        }
    }
    by_group.into_iter().map(|(name, repositories)| (name, mean_of_means(&repositories))).collect()
}

fn mean_of_means(repositories: &BTreeMap<&str, Vec<Scores>>) -> Mean {
    let means: Vec<Scores> = repositories.values().map(|scores| mean_scores(scores)).collect();
    Mean { scores: mean_scores(&means), questions: repositories.values().map(Vec::len).sum() }
}

fn mean_scores(all: &[Scores]) -> Scores {
    let mean_of = |field: fn(&Scores) -> f64| mean(all.iter().map(field));
    Scores {
        ndcg10: mean_of(|scores| scores.ndcg10),
        mrr: mean_of(|scores| scores.mrr),
        hit1: mean_of(|scores| scores.hit1),
        hit5: mean_of(|scores| scores.hit5),
        hit10: mean_of(|scores| scores.hit10),
    }
}

/// The mean of some values, 0 of none.
pub(crate) fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len();
    if count == 0 { 0.0 } else { values.sum::<f64>() / count as f64 }
}

#[cfg(test)]
mod tests {
    use super::{grouped, overall};
    use crate::run::tests::run_of;

    #[test]
    fn repositories_weigh_the_same_whatever_their_number_of_questions() {
        let run = run_of(&[("a", "go", "x", 1.0), ("a", "go", "y", 0.0), ("b", "c", "x", 1.0)]);
        let mean = overall(&run);
        assert_eq!((mean.scores.ndcg10, mean.questions), (0.75, 3));
    }

    #[test]
    fn a_group_counts_only_the_repositories_that_have_it() {
        let run = run_of(&[("a", "go", "x", 1.0), ("a", "go", "y", 0.0), ("b", "c", "x", 0.5)]);
        let categories = grouped(&run, |question| &question.category);
        assert_eq!(categories["x"].scores.ndcg10, 0.75);
        assert_eq!(categories["y"].scores.ndcg10, 0.0);
        let languages = grouped(&run, |question| &question.language);
        assert_eq!((languages["go"].scores.ndcg10, languages["go"].questions), (0.5, 2));
    }
}
