//! From a text to the weighted terms that are looked up.

use std::collections::HashSet;

use flux_store::lexical::text::{Analyzer, TermKind, parts, runs, whole};
use flux_store::lexical::{Field, LexicalReader, QueryTerm};

use crate::abbreviations::Ideas;
use crate::error::QueryError;
use crate::kind::QueryKind;
use crate::meaning::Related;
use crate::parameters::Parameters;

/// The terms of a query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    /// For the scorer.
    pub(crate) scored: Vec<QueryTerm>,
    /// What was typed, for each of `scored`.
    pub(crate) typed: Vec<String>,
    /// Paths and file names mentioned in an issue.
    pub(crate) paths: Vec<String>,
    /// Identifiers mentioned among words, as typed.
    pub(crate) identifiers: Vec<String>,
}

/// How many letters longer a word of the dictionary may be to count as a form of the typed one:
/// `rout` (of routing) meets `router`, and not `routecollection`.
const MAX_LONGER_BY: usize = 3;
/// Terms of an issue's title and code at most; the rest is left to its prose.
const MAX_CODE_TERMS: usize = 40;
/// Terms scored at most: the mask of matched terms has 64 bits.
const MAX_TERMS: usize = 60;

/// Words that say nothing about code. Question words, articles, pronouns, auxiliaries.
const STOP_WORDS: &[&str] = &[
    "a",
    "an",
    "the",
    "of",
    "in",
    "on",
    "at",
    "to",
    "for",
    "from",
    "by",
    "with",
    "without",
    "and",
    "or",
    "but",
    "not",
    "is",
    "are",
    "was",
    "were",
    "be",
    "been",
    "being",
    "am",
    "do",
    "does",
    "did",
    "done",
    "doing",
    "has",
    "have",
    "had",
    "having",
    "how",
    "what",
    "when",
    "where",
    "which",
    "who",
    "whom",
    "whose",
    "why",
    "that",
    "this",
    "these",
    "those",
    "it",
    "its",
    "they",
    "them",
    "their",
    "there",
    "here",
    "i",
    "we",
    "you",
    "he",
    "she",
    "me",
    "my",
    "our",
    "your",
    "can",
    "could",
    "should",
    "would",
    "may",
    "might",
    "will",
    "shall",
    "must",
    "if",
    "then",
    "than",
    "so",
    "as",
    "into",
    "onto",
    "over",
    "under",
    "about",
    "between",
    "through",
    "during",
    "before",
    "after",
    "up",
    "down",
    "out",
    "off",
    "again",
    "also",
    "just",
    "only",
    "some",
    "any",
    "all",
    "each",
    "every",
    "both",
    "such",
    "same",
    "other",
    "via",
    "using",
    "used",
    "get",
    "gets",
    "work",
    "works",
    "working",
    "code",
    "logic",
    "happen",
    "happens",
    "find",
    "show",
    "please",
    "implemented",
    "implementation",
    "implement",
    "defined",
    "definition",
    "handled",
    "where's",
    "what's",
    "like",
    "etc",
    "vs",
    "us",
    "let",
    "make",
    "made",
    "within",
];

/// Makes the terms of `text`, asking the dictionary of the index for longer words; `related` are
/// further words for those of the text.
pub(crate) fn terms(
    text: &str,
    kind: QueryKind,
    lexical: &LexicalReader,
    parameters: &Parameters,
    related: &[Related],
) -> Result<Terms, QueryError> {
    let mut analyzer = Analyzer::default();
    let mut builder = Builder {
        lexical,
        parameters,
        ideas: Ideas::new(&mut analyzer),
        related,
        analyzer,
        seen: HashSet::new(),
        terms: Terms::default(),
    };
    builder.terms.paths = paths(text);
    match kind {
        QueryKind::Issue => builder.issue(text)?,
        _ => builder.words(text, 1.0)?,
    }
    if builder.terms.scored.is_empty() {
        for run in runs(text) {
            builder.word(run, 1.0)?;
        }
    }
    builder.terms.scored.truncate(MAX_TERMS);
    builder.terms.typed.truncate(MAX_TERMS);
    Ok(builder.terms)
}

struct Builder<'a> {
    lexical: &'a LexicalReader,
    parameters: &'a Parameters,
    ideas: Ideas,
    related: &'a [Related],
    analyzer: Analyzer,
    seen: HashSet<String>,
    terms: Terms,
}

impl Builder<'_> {
    fn words(&mut self, text: &str, prose: f32) -> Result<(), QueryError> {
        let mut before = None;
        for run in runs(text) {
            let is_word = !is_identifier(run) && !is_stop_word(run);
            if is_identifier(run) {
                self.identifier(run)?;
            } else if is_word {
                self.word(run, prose)?;
            }
            if let Some(before) = before.filter(|_| is_word) {
                self.pair(before, run, prose)?;
            }
            before = is_word.then_some(run);
        }
        Ok(())
    }

    /// Neighbouring words that the index knows as one compound: `event loop` is `EventLoop`.
    fn pair(&mut self, first: &str, second: &str, weight: f32) -> Result<(), QueryError> {
        let mut joined = whole(first);
        joined.push_str(&whole(second));
        if self.parameters.pair > 0.0 && self.lexical.has_term(Field::Body, &joined)? {
            let mut variants = vec![(joined.clone(), 1.0)];
            for other in self.ideas.same(&joined) {
                variants.push((other.clone(), self.parameters.same_idea));
            }
            self.push(&format!("{first} {second}"), variants, self.parameters.pair * weight);
        }
        Ok(())
    }

    /// The title first, then code, then prose: the number of terms is limited, and a stack trace
    /// must not crowd out what the issue is about.
    fn issue(&mut self, text: &str) -> Result<(), QueryError> {
        self.words(text.lines().next().unwrap_or_default(), 1.0)?;
        for run in runs(text).filter(|run| is_identifier(run)) {
            if self.terms.scored.len() >= MAX_CODE_TERMS {
                break;
            }
            self.identifier(run)?;
        }
        self.words(text, self.parameters.prose_in_issue)
    }

    fn identifier(&mut self, run: &str) -> Result<(), QueryError> {
        for (kind, term) in self.analyzer.terms(run) {
            match kind {
                TermKind::Whole => {
                    if !self.terms.identifiers.iter().any(|known| known == run) {
                        self.terms.identifiers.push(run.to_owned());
                    }
                    self.push(run, vec![(term, 1.0)], self.parameters.whole);
                }
                TermKind::Part => self.push(&term.clone(), vec![(term, 1.0)], self.parameters.part),
            }
        }
        Ok(())
    }

    fn word(&mut self, run: &str, weight: f32) -> Result<(), QueryError> {
        let analyzed = self.analyzer.terms(run);
        for (kind, term) in analyzed {
            if kind == TermKind::Whole {
                self.push(run, vec![(term, 1.0)], self.parameters.whole * weight);
                continue;
            }
            let mut variants = self.variants(term)?;
            self.add_related(run, &mut variants);
            self.push(run, variants, weight);
        }
        Ok(())
    }

    /// The term, other words for its idea, and longer words of the dictionary.
    fn variants(&mut self, term: String) -> Result<Vec<(String, f32)>, QueryError> {
        let mut variants = vec![(term.clone(), 1.0)];
        let mut add = |term: String, factor: f32| {
            if !variants.iter().any(|(known, _)| *known == term) {
                variants.push((term, factor));
            }
        };
        for other in self.ideas.same(&term) {
            add(other.clone(), self.parameters.same_idea);
        }
        if term.len() >= 4 && term.is_ascii() {
            let longest = term.len() + MAX_LONGER_BY;
            let longer = self.lexical.terms_with_prefix(Field::Name, &term, longest)?;
            for term in longer {
                // The dictionary may know names that no live chunk has any more.
                if self.lexical.has_term(Field::Name, &term)? {
                    add(term, self.parameters.longer);
                }
            }
        }
        Ok(variants)
    }

    /// Words that mean nearly the same.
    fn add_related(&mut self, run: &str, variants: &mut Vec<(String, f32)>) {
        let known = self.related.iter().filter(|related| related.word.eq_ignore_ascii_case(run));
        for (other, similarity) in known.flat_map(|related| &related.others) {
            for (_, term) in self.analyzer.terms(other) {
                if !variants.iter().any(|(known, _)| *known == term) {
                    variants.push((term, self.parameters.related * similarity));
                }
            }
        }
    }

    fn push(&mut self, typed: &str, variants: Vec<(String, f32)>, weight: f32) {
        if self.seen.insert(variants[0].0.clone()) {
            self.terms.scored.push(QueryTerm { variants, weight });
            self.terms.typed.push(typed.to_owned());
        }
    }
}

/// Whether a word of prose says nothing of what is looked for: "the", "how".
pub fn is_stop_word(run: &str) -> bool {
    STOP_WORDS.contains(&run.to_lowercase().as_str())
}

/// Whether a run looks like code among prose: several parts, and not just a capital in front.
fn is_identifier(run: &str) -> bool {
    parts(run).nth(1).is_some()
        && (run.contains('_') || run.chars().skip(1).any(char::is_uppercase))
}

/// Paths and file names: runs with a dot or slash and an extension, without `line 3` behind.
fn paths(text: &str) -> Vec<String> {
    let is_path = |c: char| c.is_alphanumeric() || "._-/\\".contains(c);
    let mut found: Vec<String> = Vec::new();
    for word in text.split(|c: char| !is_path(c)) {
        let word = word.trim_matches(['.', '/', '-']).replace('\\', "/");
        let name = word.rsplit('/').next().unwrap_or(&word);
        let has_extension = name.rsplit_once('.').is_some_and(|(stem, extension)| {
            !stem.is_empty()
                && (1..=5).contains(&extension.len())
                && extension.starts_with(|c: char| c.is_ascii_lowercase())
                && extension.chars().all(|c| c.is_ascii_alphanumeric())
        });
        if has_extension && !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{is_identifier, paths};

    #[test]
    fn paths_are_found_in_stack_traces() {
        let text = "  File \"/usr/lib/app/core/views.py\", line 3, in get\n  at src\\main.ts:10:5 (v1.2.3)";
        assert_eq!(paths(text), ["usr/lib/app/core/views.py", "src/main.ts"]);
    }

    #[test]
    fn identifiers_have_parts_and_capitalised_words_do_not() {
        assert!(is_identifier("parse_json"));
        assert!(is_identifier("HttpClient"));
        assert!(!is_identifier("Where"));
        assert!(!is_identifier("utf8"));
    }
}
