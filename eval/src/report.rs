//! The printed report of a run.

use crate::aggregate::{Mean, grouped, overall};
use crate::bootstrap;
use crate::run::{QuestionRun, Run};

/// Errors shown in full; the rest are counted.
const SHOWN_ERRORS: usize = 5;

/// Prints every figure of a run.
pub(crate) fn print(run: &Run) {
    let total = overall(run);
    println!("{}: {} repositories, {} questions", run.suite, run.repositories.len(), total.questions);
    println!("{:<16} {:>5}  ndcg@10     mrr   hit@1   hit@5  hit@10", "", "n");
    print_row("all", total);
    let (low, high) = bootstrap::interval(&groups(run));
    println!("95 % interval of ndcg@10: {low:.4} to {high:.4}");
    print_section(run, "category", |question| &question.category);
    print_section(run, "language", |question| &question.language);
    print_repositories(run);
    print_errors(run);
}

fn groups(run: &Run) -> Vec<Vec<f64>> {
    let scores = |question: &QuestionRun| question.scores.ndcg10;
    run.repositories.iter().map(|one| one.questions.iter().map(scores).collect()).collect()
}

fn print_section<'a>(run: &'a Run, title: &str, group: impl Fn(&'a QuestionRun) -> &'a str) {
    println!("by {title}");
    for (name, mean) in grouped(run, group) {
        print_row(name, mean);
    }
}

fn print_repositories(run: &Run) {
    println!("by repository");
    for repository in &run.repositories {
        let values = repository.questions.iter().map(|question| question.scores.ndcg10);
        let mean = crate::aggregate::mean(values);
        println!("  {:<18} {:>3}  {mean:>7.4}", repository.name, repository.questions.len());
    }
}

fn print_row(name: &str, mean: Mean) {
    let Mean { scores, questions } = mean;
    println!(
        "  {name:<14} {questions:>5}  {:>7.4} {:>7.4} {:>7.4} {:>7.4} {:>7.4}",
        scores.ndcg10, scores.mrr, scores.hit1, scores.hit5, scores.hit10
    );
}

fn print_errors(run: &Run) {
    let errors: Vec<String> = run
        .repositories
        .iter()
        .flat_map(|repository| repository.questions.iter().map(move |one| (repository, one)))
        .filter_map(|(repository, one)| {
            Some(format!("{}: `{}`: {}", repository.name, one.query, one.error.as_ref()?))
        })
        .collect();
    for error in errors.iter().take(SHOWN_ERRORS) {
        println!("error: {error}");
    }
    if errors.len() > SHOWN_ERRORS {
        println!("error: and {} more", errors.len() - SHOWN_ERRORS);
    }
}
