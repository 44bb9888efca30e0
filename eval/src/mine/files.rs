//! Questions answered by whole files: what a file says at its top, and how a thing works.

use std::collections::BTreeMap;

use flux_core::Symbol;
use flux_store::lexical::text::parts;

use super::repository::SourceFile;
use super::{Candidate, Kind, hash, sentence};
use crate::suite::{QuestionLine, Relevant};

/// Smaller types and files hold nothing that works in a way worth explaining.
const MIN_TYPE_LINES: u32 = 40;
const MIN_FILE_LINES: usize = 100;

/// Every question that a file answers.
pub(crate) fn questions(repo: &str, files: &[SourceFile]) -> Vec<Candidate> {
    let candidate = |category: &str, query: String, file: &SourceFile| Candidate {
        kind: Kind::File,
        line: QuestionLine {
            repo: repo.to_owned(),
            root: String::new(),
            query,
            category: category.to_owned(),
            language: file.language.to_owned(),
            relevant: vec![Relevant::Path(file.path.to_string())],
        },
    };
    let mut candidates = Vec::new();
    for file in files {
        let said = sentence::first(file.head.of(&file.source), file.path.stem());
        candidates.extend(said.map(|query| candidate("file", query, file)));
    }
    for (words, file) in things(files) {
        candidates.push(candidate("how", ask(&words), file));
    }
    candidates
}

/// The words of types and of file names that one file alone can stand for.
fn things(files: &[SourceFile]) -> Vec<(String, &SourceFile)> {
    let mut by_words: BTreeMap<String, Vec<&SourceFile>> = BTreeMap::new();
    for file in files {
        let mut names: Vec<&str> =
            file.symbols.iter().filter(|symbol| is_large(symbol)).map(|one| &*one.name).collect();
        if file.source.lines().count() >= MIN_FILE_LINES {
            names.push(file.path.stem());
        }
        for words in names.into_iter().filter_map(words) {
            let of_words = by_words.entry(words).or_default();
            if of_words.last().is_none_or(|last| last.path != file.path) {
                of_words.push(file);
            }
        }
    }
    let single = |(words, files): (String, Vec<_>)| match files[..] {
        [file] => Some((words, file)),
        _ => None,
    };
    by_words.into_iter().filter_map(single).collect()
}

fn is_large(symbol: &Symbol) -> bool {
    symbol.kind.is_type() && symbol.lines.count() >= MIN_TYPE_LINES
}

/// At least two words: a single one could be the name of anything.
fn words(name: &str) -> Option<String> {
    let plain = name.replace(['-', '.', ' '], "_");
    let words: Vec<String> = parts(&plain).map(str::to_lowercase).collect();
    let is_prose = words.iter().all(|word| word.chars().all(char::is_alphabetic));
    (words.len() >= 2 && is_prose).then(|| words.join(" "))
}

/// The forms in which people ask, told apart by a hash so that all occur.
fn ask(thing: &str) -> String {
    match hash(thing) % 4 {
        0 => format!("how does the {thing} work"),
        1 => format!("how the {thing} is implemented"),
        2 => format!("where is the {thing} implemented"),
        _ => format!("{thing} implementation"),
    }
}
