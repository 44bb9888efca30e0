//! `flux-eval paraphrase`: checks that no question of a set shares a content word with the files
//! that answer it, so that only meaning can find them.
//!
//! Words are compared as the index sees them: identifiers split, lower case, stemmed. The words
//! of a file's path count as words of the file, since searching by words reads paths as well.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::Args;
use flux_store::lexical::text::{Analyzer, TermKind};

use crate::print_text;
use crate::suite::{self, Question, Repository};

/// Words without content: articles, pronouns, prepositions, conjunctions, auxiliaries, question
/// words, words of quantity. Every file with a sentence in it holds most of them.
const STOP_WORDS: &[&str] = &[
    "a",
    "about",
    "after",
    "afterwards",
    "all",
    "an",
    "and",
    "any",
    "anything",
    "are",
    "as",
    "at",
    "away",
    "back",
    "be",
    "been",
    "before",
    "by",
    "can",
    "cannot",
    "do",
    "does",
    "down",
    "each",
    "every",
    "everything",
    "for",
    "from",
    "get",
    "has",
    "have",
    "how",
    "in",
    "inside",
    "instead",
    "into",
    "is",
    "it",
    "its",
    "may",
    "more",
    "no",
    "none",
    "not",
    "of",
    "off",
    "on",
    "or",
    "out",
    "own",
    "s",
    "so",
    "some",
    "something",
    "such",
    "than",
    "that",
    "the",
    "their",
    "them",
    "themselves",
    "then",
    "these",
    "they",
    "this",
    "those",
    "to",
    "until",
    "up",
    "us",
    "was",
    "were",
    "what",
    "when",
    "where",
    "whether",
    "which",
    "who",
    "whole",
    "will",
    "with",
    "without",
];

/// What to check.
#[derive(Args)]
pub(crate) struct ParaphraseArgs {
    /// The questions, in either layout.
    #[arg(long)]
    suite: PathBuf,
    /// The folder that holds one folder of sources per repository.
    #[arg(long)]
    corpus: PathBuf,
}

/// Prints the words that questions share with their answers; none may do so.
pub(crate) fn command(arguments: &ParaphraseArgs) -> anyhow::Result<()> {
    let suite = suite::load(&arguments.suite, &arguments.corpus, &[])?;
    let mut analyzer = Analyzer::default();
    let (mut shared, mut count) = (0, 0);
    for repository in &suite.repositories {
        for question in &repository.questions {
            let words = shared_words(repository, question, &mut analyzer)?;
            count += 1;
            if !words.is_empty() {
                shared += 1;
                let words = Vec::from_iter(words).join(" ");
                print_text(&format!("{}: {}: {words}\n", repository.name, question.query))?;
            }
        }
    }
    ensure!(shared == 0, "{shared} of {count} questions share words with their answers");
    print_text(&format!("{count} questions share no word with their answers\n"))
}

/// The stems of the question that occur in an answer or its path.
fn shared_words(
    repository: &Repository,
    question: &Question,
    analyzer: &mut Analyzer,
) -> anyhow::Result<BTreeSet<String>> {
    let mut asked = BTreeSet::new();
    for word in question.query.split_whitespace() {
        let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
        if !STOP_WORDS.contains(&bare.as_str()) {
            asked.extend(stems(word, analyzer));
        }
    }
    let mut shared = BTreeSet::new();
    for target in &question.targets {
        let whole = repository.folder.join(&target.path);
        let inside = repository.search_root().join(&target.path);
        let path = if whole.is_file() { whole } else { inside };
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        let mut words = stems(&String::from_utf8_lossy(&bytes), analyzer);
        words.extend(stems(&target.path, analyzer));
        shared.extend(asked.intersection(&words).cloned());
    }
    Ok(shared)
}

fn stems(text: &str, analyzer: &mut Analyzer) -> BTreeSet<String> {
    let mut stems = BTreeSet::new();
    analyzer.analyze(text, |kind, term| {
        if kind == TermKind::Part && !stems.contains(term) {
            stems.insert(term.to_owned());
        }
    });
    stems
}

#[cfg(test)]
mod tests {
    use std::fs;

    use flux_store::lexical::text::Analyzer;

    use super::shared_words;
    use crate::suite::{Question, Repository, Target};

    #[track_caller]
    fn check(query: &str, expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        let text = "/// The way to it.\nfn parseHeaders(requestBody: u8) {}\n";
        fs::write(folder.path().join("src/wire_format.rs"), text).unwrap();
        let word = |text: &str| text.to_owned();
        let target = Target { path: word("src/wire_format.rs"), lines: None };
        let question = Question {
            query: word(query),
            category: word("c"),
            language: word("rust"),
            targets: vec![target],
        };
        let folder = folder.path().to_owned();
        let root = word("src");
        let repository = Repository { name: word("r"), folder, root, questions: Vec::new() };
        let shared = shared_words(&repository, &question, &mut Analyzer::default()).unwrap();
        assert_eq!(Vec::from_iter(shared), expected);
    }

    #[test]
    fn forms_of_a_word_inside_an_identifier_are_shared() {
        check("parsing the header of requests", &["header", "pars", "request"]);
    }

    #[test]
    fn words_of_the_path_are_shared() {
        check("formatting things for the wire", &["format", "wire"]);
    }

    #[test]
    fn stop_words_may_be_shared() {
        check("the decoder that it sends metadata to", &[]);
    }
}
