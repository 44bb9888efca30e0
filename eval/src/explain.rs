//! `flux-eval explain`: one question, where its targets rank, and what the tool says about the
//! results around them.

use anyhow::Context;
use serde_json::Value;

use crate::metrics::{self, Found};
use crate::suite::{self, Question};
use crate::{ExplainArgs, print_text, run, tool};

/// Results shown besides the targets.
const SHOWN: usize = 10;

/// Asks one question of a suite and prints the answer with its targets marked.
pub(crate) fn command(arguments: &ExplainArgs) -> anyhow::Result<()> {
    let sources = &arguments.suite;
    let only = std::slice::from_ref(&arguments.repo);
    let suite = suite::load(&sources.suite, &sources.corpus, only)?;
    let repository = suite.repositories.first().context("the suite is empty")?;
    let query = suite::one_line(&arguments.query);
    let question = repository
        .questions
        .iter()
        .find(|question| question.query == query)
        .with_context(|| format!("`{}` is not asked `{query}`", repository.name))?;
    let results = tool::explain(&sources.flux, repository, &query)?;
    print_text(&explanation(question, &results))
}

fn explanation(question: &Question, results: &[(Found, Value)]) -> String {
    let found: Vec<Found> = results.iter().map(|(found, _)| found.clone()).collect();
    let ranks = metrics::ranks(&found, &question.targets);
    let mut text = format!("`{}` ({})\n", question.query, question.category);
    for (target, rank) in question.targets.iter().zip(&ranks) {
        let place = match rank {
            Some(rank) => format!("rank {rank}"),
            None => format!("not among {}", found.len()),
        };
        text += &format!("target {target}: {place}\n");
    }
    for (index, (found, value)) in results.iter().enumerate() {
        let is_target = ranks.contains(&Some(index + 1));
        if index < SHOWN || is_target {
            let mark = if is_target { '*' } else { ' ' };
            text += &format!("{mark}{:>3} {}{}\n", index + 1, run::show(found), reasons(value));
        }
    }
    text
}

/// Fields of a result that its line shows already, or that are the found text itself.
const SHOWN_FIELDS: &[&str] = &["path", "start_line", "end_line", "language", "text"];

/// Everything else that the tool printed about a result.
fn reasons(value: &Value) -> String {
    let Some(fields) = value.as_object() else { return String::new() };
    let others = fields.iter().filter(|(name, _)| !SHOWN_FIELDS.contains(&name.as_str()));
    others.map(|(name, value)| format!("\n       {name}: {value}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::explanation;
    use crate::metrics::Found;
    use crate::suite::{Question, Target};

    #[test]
    fn targets_are_placed_marked_and_explained() {
        let target = |path: &str| Target { path: path.to_owned(), lines: None };
        let question = Question {
            query: "q".to_owned(),
            category: "symbol".to_owned(),
            language: "go".to_owned(),
            targets: vec![target("far.go"), target("gone.go")],
        };
        let result = |path: &str| {
            let found = Found { path: path.to_owned(), lines: None };
            (found, json!({"path": path, "explain": {"bm25": 2}}))
        };
        let mut results: Vec<_> = (0..12).map(|index| result(&format!("x{index}.go"))).collect();
        results[11] = result("far.go");
        let text = explanation(&question, &results);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..2], ["`q` (symbol)", "target far.go: rank 12"]);
        assert_eq!(lines[2], "target gone.go: not among 12");
        assert_eq!(lines[3..5], ["   1 x0.go", "       explain: {\"bm25\":2}"]);
        assert_eq!(lines[lines.len() - 2], "* 12 far.go");
        assert_eq!(lines.len(), 3 + 2 * 11);
    }
}
