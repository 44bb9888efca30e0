//! Questions from documents: a section's heading and first sentence, answered by the files whose
//! paths or symbols the section names.

use std::collections::{BTreeMap, BTreeSet};

use flux_core::ByteSpan;

use super::repository::{Document, SourceFile};
use super::{Candidate, Kind, sentence};
use crate::suite::{QuestionLine, Relevant};

/// A section that names more files is an overview, which no file answers.
const MAX_FILES: usize = 3;
/// Shorter names occur by chance.
const MIN_LETTERS: usize = 5;

struct Section<'a> {
    heading: &'a str,
    body: &'a str,
    span: ByteSpan,
}

/// The questions of a document, and the sections they were taken from.
pub(crate) fn questions(
    repo: &str,
    document: &Document,
    files: &[SourceFile],
) -> (Vec<Candidate>, Vec<ByteSpan>) {
    // A log of changes names things that are gone, in sentences about what was.
    if document.path.to_lowercase().contains("change") {
        return (Vec::new(), Vec::new());
    }
    let known = known_names(files);
    let (mut candidates, mut spans) = (Vec::new(), Vec::new());
    for section in sections(&document.text) {
        let named = named_files(section.body, &known, files);
        let said = sentence::first(section.body, "");
        let Some((said, first)) = said.zip(named.first()) else { continue };
        if named.len() > MAX_FILES {
            continue;
        }
        spans.push(section.span);
        candidates.push(Candidate {
            kind: Kind::Heading,
            line: QuestionLine {
                repo: repo.to_owned(),
                root: String::new(),
                query: format!("{}: {said}", section.heading),
                category: "heading".to_owned(),
                language: first.language.to_owned(),
                relevant: named.iter().map(|one| Relevant::Path(one.path.to_string())).collect(),
            },
        });
    }
    (candidates, spans)
}

/// Sections of Markdown. Whatever lies between fences is code, even when it starts with `#`.
fn sections(text: &str) -> Vec<Section<'_>> {
    let mut starts = Vec::new();
    let (mut at, mut is_code) = (0, false);
    for line in text.split_inclusive('\n') {
        is_code ^= line.trim_start().starts_with("```");
        if !is_code && line.starts_with('#') {
            starts.push((at, at + line.len()));
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([text.len()]);
    let section = |((start, body), end): ((usize, usize), usize)| Section {
        heading: text[start..body]
            .trim_matches(|letter: char| letter == '#' || letter.is_whitespace()),
        body: &text[body..end],
        span: ByteSpan::new(start as u32, end as u32),
    };
    starts.iter().copied().zip(ends).map(section).collect()
}

/// For each name the file that alone defines it.
fn known_names(files: &[SourceFile]) -> BTreeMap<&str, usize> {
    let mut by_name: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (index, file) in files.iter().enumerate() {
        for symbol in file.symbols.iter().filter(|one| one.kind.is_callable() || one.kind.is_type())
        {
            by_name.entry(&symbol.name).or_default().insert(index);
        }
    }
    let single = |(name, places): (_, BTreeSet<usize>)| {
        (places.len() == 1).then(|| places.first().map(|index| (name, *index)))?
    };
    by_name.into_iter().filter_map(single).collect()
}

/// The files that the text in back ticks names, in order of their paths.
fn named_files<'a>(
    body: &str,
    known: &BTreeMap<&str, usize>,
    files: &'a [SourceFile],
) -> Vec<&'a SourceFile> {
    let mut named = BTreeSet::new();
    for term in body.split('`').skip(1).step_by(2) {
        let term = term.split(['(', '<', '[', ' ']).next().unwrap_or("");
        let name = term.rsplit(['.', ':', '#', '/']).next().unwrap_or("");
        if name.len() >= MIN_LETTERS {
            named.extend(known.get(name));
        }
        let is_named = |file: &SourceFile| file.path.as_str().ends_with(&format!("/{term}"));
        if term.contains('.') && term.len() >= MIN_LETTERS {
            named.extend(files.iter().position(is_named));
        }
    }
    named.into_iter().map(|index| &files[index]).collect()
}
