//! One line per question: the form of a run that is committed and compared by eye.

use crate::run::{QuestionRun, Run};

const HEADER: &str = "suite,repo,language,category,query,rank,ndcg10\n";

/// The whole run as a table, sorted so that a diff shows only what changed.
pub(crate) fn table(run: &Run) -> String {
    let mut lines: Vec<String> = run
        .repositories
        .iter()
        .flat_map(|repository| {
            repository.questions.iter().map(|question| line(&run.suite, &repository.name, question))
        })
        .collect();
    lines.sort();
    HEADER.to_owned() + &lines.concat()
}

/// The rank is that of the first target found, empty when none was.
fn line(suite: &str, repository: &str, question: &QuestionRun) -> String {
    let rank = question.best_rank().map_or(String::new(), |rank| rank.to_string());
    let texts = [suite, repository, &question.language, &question.category, &question.query];
    let cells = texts.map(cell).join(",");
    format!("{cells},{rank},{:.4}\n", question.scores.ndcg10)
}

fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::run::tests::run_of;

    #[test]
    fn lines_are_sorted_and_cells_with_commas_are_quoted() {
        let mut run = run_of(&[("b", "go", "x", 1.0), ("a", "c", "y", 0.25)]);
        run.repositories[0].questions[0].query = "say \"a, b\"".to_owned();
        run.repositories[0].questions[0].ranks = vec![None, Some(7), Some(3)];
        let expected = "suite,repo,language,category,query,rank,ndcg10\n\
                        set,a,c,y,question 1,,0.2500\n\
                        set,b,go,x,\"say \"\"a, b\"\"\",3,1.0000\n";
        assert_eq!(table(&run), expected);
    }
}
