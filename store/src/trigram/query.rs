//! Boolean queries over trigrams, and their evaluation.
//!
//! A query is a necessary condition: dropping a part of an `And` or replacing anything by `All`
//! keeps it true, which is how limits and damage are dealt with everywhere.

use super::index::TrigramIndex;
use super::postings::Postings;
use super::trigram;

/// What a document must hold to be worth reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrigramQuery {
    /// Nothing is known: every document.
    All,
    /// Nothing can match.
    None,
    /// Documents with the trigram.
    Trigram(u32),
    /// Documents that satisfy every part; all of them when there is none.
    And(Vec<TrigramQuery>),
    /// Documents that satisfy at least one part; none when there is none.
    Or(Vec<TrigramQuery>),
}

impl TrigramQuery {
    /// Joins queries that must all hold, flattening and leaving out what says nothing.
    pub fn and(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::All => {}
                Self::None => return Self::None,
                Self::And(inner) => kept.extend(inner),
                Self::Trigram(_) | Self::Or(_) => kept.push(part),
            }
        }
        match kept.len() {
            0 => Self::All,
            1 => kept.swap_remove(0),
            _ => Self::And(kept),
        }
    }

    /// Joins queries of which one must hold, flattening and leaving out what cannot.
    pub fn or(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::All => return Self::All,
                Self::None => {}
                Self::Or(inner) => kept.extend(inner),
                Self::Trigram(_) | Self::And(_) => kept.push(part),
            }
        }
        match kept.len() {
            0 => Self::None,
            1 => kept.swap_remove(0),
            _ => Self::Or(kept),
        }
    }

    /// Requires the trigrams of a text that lies within a line; `All` for one that is too short.
    pub fn literal(text: &[u8]) -> Self {
        let mut trigrams: Vec<u32> = text
            .windows(3)
            .filter(|window| !window.contains(&b'\n'))
            .map(|window| trigram([window[0], window[1], window[2]]))
            .collect();
        trigrams.sort_unstable();
        trigrams.dedup();
        Self::and(trigrams.into_iter().map(Self::Trigram))
    }

    /// Counts the trigrams that evaluation looks up at most.
    pub fn trigram_count(&self) -> usize {
        match self {
            Self::All | Self::None => 0,
            Self::Trigram(_) => 1,
            Self::And(parts) | Self::Or(parts) => parts.iter().map(Self::trigram_count).sum(),
        }
    }
}

/// The outcome of a query.
pub(super) enum Selection {
    Every,
    /// In ascending order.
    Documents(Vec<u32>),
}

pub(super) fn select<D: AsRef<[u8]>>(index: &TrigramIndex<D>, query: &TrigramQuery) -> Selection {
    match query {
        TrigramQuery::All => Selection::Every,
        TrigramQuery::None => Selection::Documents(Vec::new()),
        TrigramQuery::Trigram(trigram) => read(index.postings(*trigram)),
        TrigramQuery::And(parts) => intersection(index, parts),
        TrigramQuery::Or(parts) => union(index, parts),
    }
}

fn read(mut postings: Postings<'_>) -> Selection {
    if postings.is_every() {
        return Selection::Every;
    }
    let documents = postings.by_ref().collect();
    if postings.is_damaged() { Selection::Every } else { Selection::Documents(documents) }
}

/// Lists come before other parts, and short ones before long, so that one without documents
/// ends the work early.
fn intersection<D: AsRef<[u8]>>(index: &TrigramIndex<D>, parts: &[TrigramQuery]) -> Selection {
    let mut lists = Vec::new();
    let mut others = Vec::new();
    for part in parts {
        match part {
            TrigramQuery::Trigram(trigram) => lists.push(index.postings(*trigram)),
            other => others.push(other),
        }
    }
    lists.sort_by_key(Postings::weight);
    let lists = lists.into_iter().map(read);
    let others = others.into_iter().map(|part| select(index, part));
    let mut found = Selection::Every;
    for next in lists.chain(others) {
        found = both(found, next);
        if matches!(&found, Selection::Documents(documents) if documents.is_empty()) {
            break;
        }
    }
    found
}

fn both(left: Selection, right: Selection) -> Selection {
    match (left, right) {
        (Selection::Every, other) | (other, Selection::Every) => other,
        (Selection::Documents(mut documents), Selection::Documents(others)) => {
            let mut others = others.into_iter().peekable();
            documents.retain(|document| {
                while others.next_if(|other| other < document).is_some() {}
                others.peek() == Some(document)
            });
            Selection::Documents(documents)
        }
    }
}

fn union<D: AsRef<[u8]>>(index: &TrigramIndex<D>, parts: &[TrigramQuery]) -> Selection {
    let mut found = Vec::new();
    for part in parts {
        match select(index, part) {
            Selection::Every => return Selection::Every,
            Selection::Documents(documents) => found.extend(documents),
        }
    }
    found.sort_unstable();
    found.dedup();
    Selection::Documents(found)
}
