//! The printed report of a run.

use crate::aggregate::{Mean, grouped, mean, overall};
use crate::bootstrap;
use crate::run::{QuestionRun, Run};

/// Errors shown in full; the rest are counted.
const SHOWN_ERRORS: usize = 5;

/// Every figure of a run.
pub(crate) fn text(run: &Run) -> String {
    let total = overall(run);
    let (low, high) = bootstrap::interval(&groups(run));
    let head = format!(
        "{}: {} repositories, {} questions\n{:<16} {:>5}  ndcg@10     mrr   hit@1   hit@5  hit@10\n",
        run.suite,
        run.repositories.len(),
        total.questions,
        "",
        "n",
    );
    head + &row("all", total)
        + &format!("95 % interval of ndcg@10: {low:.4} to {high:.4}\n")
        + &section(run, "category", |question| &question.category)
        + &section(run, "language", |question| &question.language)
        + &repositories(run)
        + &errors(run)
}

fn groups(run: &Run) -> Vec<Vec<f64>> {
    let scores = |question: &QuestionRun| question.scores.ndcg10;
    run.repositories.iter().map(|one| one.questions.iter().map(scores).collect()).collect()
}

fn section<'a>(run: &'a Run, title: &str, group: impl Fn(&'a QuestionRun) -> &'a str) -> String {
    let rows = grouped(run, group).into_iter().map(|(name, mean)| row(name, mean));
    format!("by {title}\n{}", rows.collect::<String>())
}

fn row(name: &str, mean: Mean) -> String {
    let Mean { scores, questions } = mean;
    format!(
        "  {name:<14} {questions:>5}  {:>7.4} {:>7.4} {:>7.4} {:>7.4} {:>7.4}\n",
        scores.ndcg10, scores.mrr, scores.hit1, scores.hit5, scores.hit10
    )
}

fn repositories(run: &Run) -> String {
    let mut text = "by repository\n".to_owned();
    for repository in &run.repositories {
        let values = repository.questions.iter().map(|question| question.scores.ndcg10);
        let (name, count) = (&repository.name, repository.questions.len());
        text += &format!("  {name:<18} {count:>3}  {:>7.4}\n", mean(values));
    }
    text
}

fn errors(run: &Run) -> String {
    let mut lines = Vec::new();
    for repository in &run.repositories {
        for question in &repository.questions {
            let (name, query) = (&repository.name, &question.query);
            let line = |error: &String| format!("error: {name}: `{query}`: {error}\n");
            lines.extend(question.error.as_ref().map(line));
        }
    }
    let hidden = lines.len().saturating_sub(SHOWN_ERRORS);
    lines.truncate(SHOWN_ERRORS);
    if hidden > 0 {
        lines.push(format!("error: and {hidden} more\n"));
    }
    lines.concat()
}

#[cfg(test)]
mod tests {
    use super::text;
    use crate::run::tests::run_of;

    #[test]
    fn a_report_gives_every_grouping_and_counts_what_it_does_not_show() {
        let rows = [("a", "go", "x", 1.0), ("b", "c", "y", 0.5)];
        let mut run = run_of(&rows.repeat(4));
        for question in run.repositories.iter_mut().flat_map(|one| &mut one.questions) {
            question.error = Some("no answer".to_owned());
        }
        let expected = "\
set: 2 repositories, 8 questions
                     n  ndcg@10     mrr   hit@1   hit@5  hit@10
  all                8   0.7500  0.0000  0.0000  0.0000  0.0000
95 % interval of ndcg@10: 0.7500 to 0.7500
by category
  x                  4   1.0000  0.0000  0.0000  0.0000  0.0000
  y                  4   0.5000  0.0000  0.0000  0.0000  0.0000
by language
  c                  4   0.5000  0.0000  0.0000  0.0000  0.0000
  go                 4   1.0000  0.0000  0.0000  0.0000  0.0000
by repository
  a                    4   1.0000
  b                    4   0.5000
error: a: `question 0`: no answer
error: a: `question 2`: no answer
error: a: `question 4`: no answer
error: a: `question 6`: no answer
error: b: `question 1`: no answer
error: and 3 more
";
        assert_eq!(text(&run), expected);
    }
}
