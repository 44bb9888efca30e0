//! Small sets of byte strings, the values that the analysis of a regex computes with.

use flux_store::trigram::TrigramQuery;

/// The largest set that is kept. Unicode makes `s` and `k` two alternatives each when case is
/// ignored, so a word with five of them still fits.
pub(super) const MAX_STRINGS: usize = 32;

/// The longest string that is kept, beyond what people search for by hand.
const MAX_LENGTH: usize = 256;

/// A set of strings in lower case (ASCII only), sorted and without repetition.
///
/// As a set of beginnings or ends it may hold the empty string, which stands for "anything".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Strings(Vec<Vec<u8>>);

impl Strings {
    /// The set of the empty string.
    pub(super) fn empty_string() -> Self {
        Self(vec![Vec::new()])
    }

    pub(super) fn new(strings: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut strings: Vec<_> = strings
            .into_iter()
            .map(|mut string| {
                string.make_ascii_lowercase();
                string
            })
            .collect();
        strings.sort_unstable();
        strings.dedup();
        Self(strings)
    }

    /// Whether the set is small enough to go on with.
    pub(super) fn is_small(&self) -> bool {
        self.0.len() <= MAX_STRINGS && self.0.iter().all(|string| string.len() <= MAX_LENGTH)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the product of two sets has few enough members to be computed.
    pub(super) fn can_cross(&self, other: &Self) -> bool {
        self.len() * other.len() <= MAX_STRINGS
    }

    /// Every string of this set followed by every string of the other.
    pub(super) fn cross(&self, other: &Self) -> Self {
        Self::new(self.0.iter().flat_map(|left| {
            other.0.iter().map(move |right| [left.as_slice(), right.as_slice()].concat())
        }))
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self::new(self.0.into_iter().chain(other.0))
    }

    /// What a document with at least one of the strings must hold.
    pub(super) fn query(&self) -> TrigramQuery {
        TrigramQuery::or(self.0.iter().map(|string| TrigramQuery::literal(string)))
    }

    /// The first two bytes of each string: what can still be part of a new trigram on the left.
    pub(super) fn into_beginnings(self) -> Self {
        Self::new(self.0.into_iter().map(|mut string| {
            string.truncate(2);
            string
        }))
        .or_anything()
    }

    /// The last two bytes of each string.
    pub(super) fn into_ends(self) -> Self {
        Self::new(
            self.0.into_iter().map(|string| string[string.len().saturating_sub(2)..].to_vec()),
        )
        .or_anything()
    }

    /// The same, or the set that says nothing in place of one that is large or says nothing.
    fn or_anything(self) -> Self {
        let says_nothing = self.0.first().is_some_and(Vec::is_empty);
        if says_nothing || !self.is_small() { Self::empty_string() } else { self }
    }
}
