//! Questions from doc comments: the first sentence asks for the definition below it.

use flux_core::{Symbol, SymbolKind};

use super::repository::SourceFile;
use super::{Candidate, Kind, sentence};
use crate::suite::{QuestionLine, Relevant};

/// Shorter definitions have no body to be found by.
const MIN_LINES: u32 = 3;
/// Longer types are hit by almost anything that finds their file.
const MAX_TYPE_LINES: u32 = 60;

/// A question for each documented definition.
pub(crate) fn questions(repo: &str, files: &[SourceFile]) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for file in files {
        candidates.extend(file.symbols.iter().filter_map(|symbol| question(repo, file, symbol)));
    }
    candidates
}

fn question(repo: &str, file: &SourceFile, symbol: &Symbol) -> Option<Candidate> {
    if !is_asked_for(symbol) {
        return None;
    }
    Some(Candidate {
        kind: Kind::Doc,
        line: QuestionLine {
            repo: repo.to_owned(),
            root: String::new(),
            query: sentence::first(symbol.doc.of(&file.source), &symbol.name)?,
            category: if symbol.kind.is_type() { "doc-type" } else { "doc" }.to_owned(),
            language: file.language.to_owned(),
            relevant: vec![place(file, symbol)],
        },
    })
}

/// The lines of a definition.
pub(crate) fn place(file: &SourceFile, symbol: &Symbol) -> Relevant {
    Relevant::Place {
        path: file.path.to_string(),
        start_line: Some(symbol.lines.start),
        end_line: Some(symbol.lines.end),
    }
}

fn is_asked_for(symbol: &Symbol) -> bool {
    let lines = symbol.lines.count();
    let is_function = symbol.kind.is_callable() && symbol.kind != SymbolKind::Test;
    let is_short_type = symbol.kind.is_type() && lines <= MAX_TYPE_LINES;
    lines >= MIN_LINES && (is_function || is_short_type)
}
