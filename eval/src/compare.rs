//! `flux-eval compare`: what changed between two runs, question by question.
//!
//! The interval is that of the differences, paired by question: it is far narrower than the two
//! runs' own intervals, because most of their spread is how hard the questions are.

use std::collections::{BTreeMap, VecDeque};

use anyhow::ensure;

use crate::aggregate::mean;
use crate::run::{QuestionRun, Run};
use crate::{CompareArgs, bootstrap, print_text, suite};

/// Smaller differences are rounding.
const SAME: f64 = 1e-9;
/// Results shown of a question that lost.
const SHOWN_RESULTS: usize = 3;

/// A question of both runs.
struct Pair<'a> {
    repository: &'a str,
    before: &'a QuestionRun,
    after: &'a QuestionRun,
}

impl Pair<'_> {
    fn change(&self) -> f64 {
        self.after.scores.ndcg10 - self.before.scores.ndcg10
    }
}

/// Reads two runs and prints how they differ.
pub(crate) fn command(arguments: &CompareArgs) -> anyhow::Result<()> {
    let before: Run = suite::read_json(&arguments.before)?;
    let after: Run = suite::read_json(&arguments.after)?;
    let pairs = pair(&before, &after);
    ensure!(!pairs.is_empty(), "the two runs share no question");
    print_text(&(summary(&pairs) + &losses(pairs, arguments.worst)))
}

/// Questions of both runs. One that is asked twice in a repository is paired in turn.
fn pair<'a>(before: &'a Run, after: &'a Run) -> Vec<Pair<'a>> {
    let mut waiting: BTreeMap<(&str, &str), VecDeque<&QuestionRun>> = BTreeMap::new();
    for repository in &before.repositories {
        for question in &repository.questions {
            let key = (repository.name.as_str(), question.query.as_str());
            waiting.entry(key).or_default().push_back(question);
        }
    }
    let mut pairs = Vec::new();
    for repository in &after.repositories {
        for after in &repository.questions {
            let queue = waiting.get_mut(&(repository.name.as_str(), after.query.as_str()));
            let before = queue.and_then(VecDeque::pop_front);
            pairs.extend(before.map(|before| Pair { repository: &repository.name, before, after }));
        }
    }
    pairs
}

fn summary(pairs: &[Pair<'_>]) -> String {
    let changes = by(pairs, |pair| pair.repository);
    let groups: Vec<Vec<f64>> = changes.into_values().collect();
    let total = mean(groups.iter().map(|group| mean(group.iter().copied())));
    let (low, high) = bootstrap::interval(&groups);
    let count = |test: fn(f64) -> bool| pairs.iter().filter(|pair| test(pair.change())).count();
    format!(
        "ndcg@10 {total:+.4} on {} shared questions, 95 % interval {low:+.4} to {high:+.4}\n\
         better {}, equal {}, worse {}\nby category: {}\nby language: {}\nby repository: {}\n",
        pairs.len(),
        count(|change| change > SAME),
        count(|change| change.abs() <= SAME),
        count(|change| change < -SAME),
        group_line(pairs, |pair| &pair.after.category),
        group_line(pairs, |pair| &pair.after.language),
        group_line(pairs, |pair| pair.repository),
    )
}

/// The changes of each group, in order of its name.
fn by<'a>(
    pairs: &'a [Pair<'a>],
    group: impl Fn(&'a Pair<'a>) -> &'a str,
) -> BTreeMap<&'a str, Vec<f64>> {
    let mut groups: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for pair in pairs {
        groups.entry(group(pair)).or_default().push(pair.change());
    }
    groups
}

fn group_line<'a>(pairs: &'a [Pair<'a>], group: impl Fn(&'a Pair<'a>) -> &'a str) -> String {
    let shown: Vec<String> = by(pairs, group)
        .into_iter()
        .map(|(name, changes)| format!("{name} {:+.3}", mean(changes.iter().copied())))
        .collect();
    shown.join(", ")
}

/// The questions that lost most, the worst first.
fn losses(mut pairs: Vec<Pair<'_>>, worst: usize) -> String {
    pairs.retain(|pair| pair.change() < -SAME);
    pairs.sort_by(|one, other| one.change().total_cmp(&other.change()));
    pairs.iter().take(worst).map(show_loss).collect()
}

fn show_loss(pair: &Pair<'_>) -> String {
    let first = |question: &QuestionRun| {
        let shown = question.top.iter().take(SHOWN_RESULTS).map(String::as_str);
        shown.collect::<Vec<_>>().join("  ")
    };
    format!(
        "{:+.3} {} `{}`\n       want {}\n       was  {}\n       now  {}\n",
        pair.change(),
        pair.repository,
        pair.after.query,
        pair.after.targets.join("  "),
        first(pair.before),
        first(pair.after),
    )
}

#[cfg(test)]
mod tests {
    use super::{losses, pair, summary};
    use crate::run::tests::run_of;

    #[test]
    fn a_summary_counts_questions_and_weighs_repositories_alike() {
        let before = run_of(&[("a", "go", "x", 0.5), ("a", "go", "x", 0.5), ("b", "c", "y", 1.0)]);
        let after = run_of(&[("a", "go", "x", 1.0), ("a", "go", "x", 0.5), ("b", "c", "y", 0.5)]);
        let text = summary(&pair(&before, &after));
        assert!(text.starts_with("ndcg@10 -0.1250 on 3 shared questions"), "{text}");
        assert!(text.contains("better 1, equal 1, worse 1"), "{text}");
        assert!(text.contains("by category: x +0.250, y -0.500"), "{text}");
    }

    #[test]
    fn only_losses_are_shown_the_worst_first() {
        let before = run_of(&[("a", "go", "x", 0.5), ("a", "go", "x", 1.0), ("b", "c", "y", 0.5)]);
        let after = run_of(&[("a", "go", "x", 0.2), ("a", "go", "x", 0.1), ("b", "c", "y", 0.9)]);
        let shown = losses(pair(&before, &after), 9);
        let heads: Vec<&str> = shown.lines().step_by(4).collect();
        assert_eq!(heads, ["-0.900 a `question 1`", "-0.300 a `question 0`"]);
    }

    #[test]
    fn questions_of_one_run_only_are_left_out() {
        let before = run_of(&[("a", "go", "x", 0.5)]);
        let after = run_of(&[("b", "go", "x", 0.5)]);
        assert_eq!(pair(&before, &after).len(), 0);
    }
}
