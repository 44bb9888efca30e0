//! `flux-eval run`: asks every question of a suite, and the saved form of the answers.

use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::metrics::{self, Found, Scores};
use crate::suite::{self, Question, Repository, Target};
use crate::tool::{self, Answer};
use crate::{RunArgs, csv, print_text, report};

/// Changes when a saved run can no longer be read by an older version.
const SCHEMA: u32 = 1;
/// Results kept for each question, so that a comparison can show what was found.
const KEPT_RESULTS: usize = 10;

/// A suite with its scores.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) schema: u32,
    pub(crate) suite: String,
    pub(crate) repositories: Vec<RepositoryRun>,
}

/// A repository with its scores.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RepositoryRun {
    pub(crate) name: String,
    pub(crate) questions: Vec<QuestionRun>,
}

/// A question with its scores.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct QuestionRun {
    pub(crate) query: String,
    pub(crate) category: String,
    pub(crate) language: String,
    pub(crate) scores: Scores,
    /// The rank of each target.
    pub(crate) ranks: Vec<Option<usize>>,
    pub(crate) targets: Vec<String>,
    pub(crate) top: Vec<String>,
    /// Why there was no answer.
    pub(crate) error: Option<String>,
}

impl QuestionRun {
    /// The rank of the target that was found first.
    pub(crate) fn best_rank(&self) -> Option<usize> {
        self.ranks.iter().flatten().min().copied()
    }
}

/// Runs the suite, prints the report and saves the run.
pub(crate) fn command(arguments: &RunArgs) -> anyhow::Result<()> {
    let sources = &arguments.suite;
    let suite = suite::load(&sources.suite, &sources.corpus, &arguments.only)?;
    let mut repositories = Vec::new();
    for repository in &suite.repositories {
        eprintln!("{}: {} questions", repository.name, repository.questions.len());
        let answers = tool::ask_all(&sources.flux, repository)
            .with_context(|| format!("repository {}", repository.name))?;
        repositories.push(score_repository(repository, answers));
    }
    let run = Run { schema: SCHEMA, suite: suite.name, repositories };
    write(&arguments.out, &(serde_json::to_string_pretty(&run)? + "\n"))?;
    if let Some(path) = &arguments.csv {
        write(path, &csv::table(&run))?;
    }
    print_text(&report::text(&run))
}

fn score_repository(repository: &Repository, answers: Vec<Answer>) -> RepositoryRun {
    let questions = repository.questions.iter().zip(answers);
    RepositoryRun {
        name: repository.name.clone(),
        questions: questions.map(|(question, answer)| score_question(question, answer)).collect(),
    }
}

fn score_question(question: &Question, answer: Answer) -> QuestionRun {
    let (results, error) = match answer {
        Ok(results) => (results, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let ranks = metrics::ranks(&results, &question.targets);
    QuestionRun {
        query: question.query.clone(),
        category: question.category.clone(),
        language: question.language.clone(),
        scores: metrics::score(&ranks),
        ranks,
        targets: question.targets.iter().map(Target::to_string).collect(),
        top: results.into_iter().take(KEPT_RESULTS).map(|found| show(&found)).collect(),
        error,
    }
}

/// A result as `path:start-end`, or as its path when it stands for the whole file.
pub(crate) fn show(found: &Found) -> String {
    Target { path: found.path.clone(), lines: found.lines }.to_string()
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| path.display().to_string())
}

#[cfg(test)]
pub(crate) mod tests {
    //! Runs made of bare scores, for the tests of this crate.

    use super::{QuestionRun, RepositoryRun, Run, SCHEMA, score_question};
    use crate::metrics::{Found, Scores};
    use crate::suite::{Question, Target};

    /// A run of (repository, language, category, nDCG) rows; questions are numbered.
    pub(crate) fn run_of(rows: &[(&str, &str, &str, f64)]) -> Run {
        let mut repositories: Vec<RepositoryRun> = Vec::new();
        for (index, (repository, language, category, ndcg10)) in rows.iter().enumerate() {
            let question = QuestionRun {
                query: format!("question {index}"),
                category: (*category).to_owned(),
                language: (*language).to_owned(),
                scores: Scores { ndcg10: *ndcg10, ..Scores::default() },
                ranks: Vec::new(),
                targets: Vec::new(),
                top: Vec::new(),
                error: None,
            };
            match repositories.iter_mut().find(|one| one.name == *repository) {
                Some(one) => one.questions.push(question),
                None => repositories.push(RepositoryRun {
                    name: (*repository).to_owned(),
                    questions: vec![question],
                }),
            }
        }
        Run { schema: SCHEMA, suite: "set".to_owned(), repositories }
    }

    fn question() -> Question {
        let targets = vec![Target { path: "a.rs".to_owned(), lines: None }];
        let word = |text: &str| text.to_owned();
        Question { query: word("q"), category: word("c"), language: word("rust"), targets }
    }

    #[test]
    fn a_question_without_answer_scores_nothing_and_says_why() {
        let run = score_question(&question(), Err("no answer".to_owned()));
        assert_eq!((run.scores, run.ranks), (Scores::default(), vec![None]));
        assert_eq!(run.error.as_deref(), Some("no answer"));
    }

    #[test]
    fn an_answer_keeps_its_ranks_and_its_first_results() {
        let found = |path: &str| Found { path: path.to_owned(), lines: None };
        let run = score_question(&question(), Ok(vec![found("b.rs"), found("a.rs")]));
        assert_eq!((run.best_rank(), run.top), (Some(2), vec!["b.rs".to_owned(), "a.rs".into()]));
    }
}
