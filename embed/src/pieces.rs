//! Passages longer than a model reads at once.
//!
//! They are cut into pieces, each of which repeats the passage's context, and the passage's vector
//! is the mean of theirs, weighted by how much text each holds. The rejected alternative, reading
//! only the start, would make the end of a long function unfindable.

use crate::vector::{add, unit};

/// The texts that a model is asked about, and which passage each is a piece of.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    texts: Vec<String>,
    owners: Vec<Owner>,
}

#[derive(Debug)]
struct Owner {
    passage: usize,
    weight: f32,
}

impl Pieces {
    /// Adds a piece of the passage at place `passage`; pieces come in the order of passages.
    pub(crate) fn push(&mut self, passage: usize, text: String, weight: f32) {
        self.texts.push(text);
        self.owners.push(Owner { passage, weight });
    }

    /// What the model is to embed.
    pub(crate) fn texts(&self) -> &[String] {
        &self.texts
    }

    /// One unit vector for each of `passages` passages; the place of the first passage that has
    /// none otherwise.
    pub(crate) fn join(
        &self,
        vectors: &[Vec<f32>],
        passages: usize,
    ) -> Result<Vec<Vec<f32>>, usize> {
        let mut sums = vec![Vec::new(); passages];
        for (owner, vector) in self.owners.iter().zip(vectors) {
            // Lengths would otherwise count a second time.
            let vector = unit(vector.clone()).ok_or(owner.passage)?;
            add(&mut sums[owner.passage], &vector, owner.weight);
        }
        sums.into_iter().enumerate().map(|(place, sum)| unit(sum).ok_or(place)).collect()
    }
}

/// Cuts `text` into pieces of at most `limit` bytes, at the last line end that fits, else at the
/// last space, else between characters. A text without a piece is one empty piece.
pub(crate) fn cut(text: &str, limit: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > limit {
        // A limit below four bytes could be less than one character.
        let end = rest.floor_char_boundary(limit.max(4));
        let window = &rest[..end];
        let at = window.rfind('\n').or_else(|| window.rfind(' ')).map_or(end, |at| at + 1);
        let (piece, remainder) = rest.split_at(at);
        pieces.push(piece);
        rest = remainder;
    }
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// A piece as the model reads it: the context on the first line, then the text.
pub(crate) fn with_context(context: &str, text: &str) -> String {
    if context.is_empty() { text.to_owned() } else { format!("{context}\n{text}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

    use super::{Pieces, cut, with_context};

    #[test]
    fn a_short_text_is_whole() {
        assert_eq!(cut("abc", 3), ["abc"]);
        assert_eq!(cut("", 3), [""]);
    }

    #[test]
    fn lines_come_before_spaces_and_spaces_before_characters() {
        assert_eq!(cut("ab cd\nef gh ij", 9), ["ab cd\n", "ef gh ij"]);
        assert_eq!(cut("abcd efgh", 7), ["abcd ", "efgh"]);
        assert_eq!(cut("abcdefgh", 5), ["abcde", "fgh"]);
        assert_eq!(cut("ééé", 5), ["éé", "é"]);
    }

    #[test]
    fn a_passage_is_the_weighted_mean_of_its_pieces() {
        let mut pieces = Pieces::default();
        pieces.push(0, "first".to_owned(), 3.0);
        pieces.push(0, "second".to_owned(), 4.0);
        pieces.push(1, "other".to_owned(), 1.0);
        assert_eq!(pieces.texts(), ["first", "second", "other"]);
        let vectors = [vec![2.0, 0.0], vec![0.0, 9.0], vec![0.0, -5.0]];
        assert_eq!(pieces.join(&vectors, 2), Ok(vec![vec![0.6, 0.8], vec![0.0, -1.0]]));
    }

    #[test]
    fn a_passage_without_a_direction_is_named() {
        let mut pieces = Pieces::default();
        pieces.push(0, "good".to_owned(), 1.0);
        pieces.push(1, "bad".to_owned(), 1.0);
        assert_eq!(pieces.join(&[vec![1.0], vec![0.0]], 2), Err(1));
        assert_eq!(pieces.join(&[vec![1.0], vec![f32::NAN]], 2), Err(1));
    }

    #[test]
    fn the_context_stands_above_the_text() {
        assert_eq!(with_context("auth.rs login", "fn login()"), "auth.rs login\nfn login()");
        assert_eq!(with_context("", "fn login()"), "fn login()");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn nothing_is_lost_in_cutting(text in "[a-zé \n🚀]{0,60}", limit in 4_usize..20) {
            let pieces = cut(&text, limit);
            prop_assert_eq!(pieces.concat(), text.as_str());
            prop_assert!(pieces.iter().all(|piece| piece.len() <= limit));
        }
    }
}
