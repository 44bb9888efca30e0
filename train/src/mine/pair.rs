//! Pairs, and the choice among them: at most so many of a kind, chosen by a hash of the question,
//! so that neither the order of files nor the number of threads changes what is kept.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest text of a pair in bytes: that of a chunk of the index.
pub(crate) const MAX_TEXT: usize = 1500;
/// Shortest text in bytes that a question can be about.
pub(crate) const MIN_TEXT: usize = 60;
/// Longest question in bytes; longer ones are cut between words.
const MAX_QUERY: usize = 400;

/// A question and the code that answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pair {
    /// Where the question comes from.
    pub(crate) kind: Kind,
    /// The language of `text`.
    pub(crate) language: String,
    /// The file of `text`.
    pub(crate) path: String,
    /// The question.
    pub(crate) query: String,
    /// The path and the names around `text`.
    pub(crate) context: String,
    /// The answer.
    pub(crate) text: String,
}

/// Where a question comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// The documentation of a definition.
    Doc,
    /// The name of a definition, as words.
    Name,
    /// The name of a test, as words.
    Test,
    /// A heading of a document.
    Section,
    /// The documentation of a file's main definition, asked about the whole file.
    File,
    /// The comment at the top of a file.
    Header,
    /// The subject of a commit.
    Commit,
    /// The message of a commit below its subject, worded as a report of a fault often is.
    Issue,
}

impl Kind {
    /// Every kind, in order.
    pub(crate) const ALL: [Self; 8] = [
        Self::Doc,
        Self::Name,
        Self::Test,
        Self::Section,
        Self::File,
        Self::Header,
        Self::Commit,
        Self::Issue,
    ];

    /// The word for it in the files of pairs.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Doc => "doc",
            Self::Name => "name",
            Self::Test => "test",
            Self::Section => "section",
            Self::File => "file",
            Self::Header => "header",
            Self::Commit => "commit",
            Self::Issue => "issue",
        }
    }

    /// Pairs of this kind that one repository may give, together about 20,000: among 350
    /// repositories none should weigh more than a hundredth.
    fn limit(self) -> usize {
        match self {
            Self::Doc | Self::Name => 7000,
            Self::Commit => 2500,
            Self::Test | Self::Section | Self::File => 2000,
            Self::Header | Self::Issue => 1000,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The pairs of one repository that are kept.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    kinds: BTreeMap<Kind, BTreeMap<u64, Pair>>,
}

impl Selection {
    /// Takes `pair` in, if its question is new and there is room, or it comes before one that is
    /// kept. Text and question are cut to their limits.
    pub(crate) fn add(&mut self, pair: Pair) {
        self.insert(pair, "");
    }

    /// Takes `pair` in as a second answer to a question that was added before.
    pub(crate) fn add_another(&mut self, pair: Pair) {
        self.insert(pair, "another");
    }

    fn insert(&mut self, mut pair: Pair, which: &str) {
        pair.query = cut_words(&pair.query, MAX_QUERY).to_owned();
        pair.text.truncate(pair.text.floor_char_boundary(MAX_TEXT));
        if pair.text.trim().len() < MIN_TEXT || pair.query.is_empty() {
            return;
        }
        let kept = self.kinds.entry(pair.kind).or_default();
        let key = hash(&[&pair.query.to_lowercase(), which]);
        let place = |pair: &Pair| hash(&[&pair.path, &pair.text]);
        match kept.get(&key) {
            Some(known) if place(known) <= place(&pair) => {}
            _ => drop(kept.insert(key, pair)),
        }
        if kept.len() > kept.first_key_value().map_or(0, |(_, first)| first.kind.limit()) {
            kept.pop_last();
        }
    }

    /// What was kept, ordered by path and question.
    pub(crate) fn into_pairs(self) -> Vec<Pair> {
        let kinds = self.kinds.into_values();
        let mut pairs: Vec<Pair> = kinds.flat_map(BTreeMap::into_values).collect();
        pairs.sort_by(|one, other| {
            let key = |pair: &Pair| (pair.path.clone(), pair.kind, pair.query.clone());
            key(one).cmp(&key(other))
        });
        pairs
    }
}

/// The start of `text`, at most `limit` bytes, ending between words.
fn cut_words(text: &str, limit: usize) -> &str {
    let text = text.trim();
    if text.len() <= limit {
        return text;
    }
    let start = &text[..text.floor_char_boundary(limit)];
    start.rsplit_once(char::is_whitespace).map_or(start, |(words, _)| words).trim_end()
}

/// FNV-1a over the parts and the borders between them, finished by a multiplication because its
/// high bits mix slowly: the same on every machine and in every version.
pub(crate) fn hash(parts: &[&str]) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    let folded = bytes.fold(0xcbf2_9ce4_8422_2325, fold);
    (folded ^ (folded >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Whether a coin that falls on its head `percent` times in a hundred does so for `parts`.
pub(crate) fn chance(percent: u64, parts: &[&str]) -> bool {
    (hash(parts) >> 32) % 100 < percent
}

#[cfg(test)]
mod tests {
    use super::{Kind, MAX_TEXT, Pair, Selection, chance};

    fn pair(query: &str, path: &str) -> Pair {
        Pair {
            kind: Kind::Issue,
            language: "rust".to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            context: path.to_owned(),
            text: "x".repeat(100),
        }
    }

    #[test]
    fn a_question_is_kept_once_whatever_the_order_and_its_letters() {
        let mut pairs = vec![pair("Open it", "a"), pair("open it", "b"), pair("close it", "a")];
        let choose = |pairs: &[Pair]| {
            let mut selection = Selection::default();
            pairs.iter().cloned().for_each(|pair| selection.add(pair));
            selection.into_pairs()
        };
        let chosen = choose(&pairs);
        assert_eq!(chosen.len(), 2);
        pairs.reverse();
        assert_eq!(choose(&pairs), chosen);
    }

    #[test]
    fn no_kind_outgrows_its_limit_and_the_order_does_not_choose() {
        let all: Vec<Pair> =
            (0..3000).map(|n| pair(&format!("question {n}"), &format!("{n:04}"))).collect();
        let (mut one, mut other) = (Selection::default(), Selection::default());
        all.iter().cloned().for_each(|pair| one.add(pair));
        all.iter().rev().cloned().for_each(|pair| other.add(pair));
        let chosen = one.into_pairs();
        assert_eq!(chosen.len(), Kind::Issue.limit());
        assert_eq!(chosen, other.into_pairs());
    }

    #[test]
    fn text_is_cut_between_letters_and_a_question_between_words() {
        let mut selection = Selection::default();
        let text = "é".repeat(MAX_TEXT);
        selection.add(Pair { text, ..pair(&"long words ".repeat(50), "a") });
        selection.add(Pair { text: "too short".to_owned(), ..pair("why", "b") });
        let pairs = selection.into_pairs();
        assert_eq!(pairs.len(), 1);
        assert_eq!(pairs[0].text.len(), MAX_TEXT);
        assert!(pairs[0].query.len() <= 400 && pairs[0].query.ends_with("long words"));
    }

    #[test]
    fn the_coin_is_fair_enough() {
        let heads = (0..1000).filter(|n| chance(75, &[&n.to_string()])).count();
        assert!((700..800).contains(&heads), "{heads}");
    }

    #[test]
    fn every_kind_is_written_as_its_word() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
    }
}
