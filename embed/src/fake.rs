//! A model that knows nothing but words, for the tests of other crates.
//!
//! Every word has a pseudo-random direction of its own, so texts are as similar as the words they
//! share. Names are taken apart, so that `getUser` and `get_user` are the same two words.

use flux_core::{EmbedError, Embedder, ModelId, Pace, Passage};

use crate::vector::{add, unit};

/// Deterministic vectors from the hashes of words; needs nothing and never fails.
#[derive(Clone, Debug)]
pub struct FakeEmbedder {
    model: ModelId,
    dimensions: usize,
    pace: Pace,
}

impl FakeEmbedder {
    /// A model with vectors of `dimensions` numbers, at least one.
    pub fn new(dimensions: usize, pace: Pace) -> Self {
        let dimensions = dimensions.max(1);
        Self { model: ModelId::new(format!("fake/{dimensions}")), dimensions, pace }
    }

    fn embed(&self, texts: &[&str]) -> Vec<f32> {
        let mut sum = vec![0.0; self.dimensions];
        for text in texts {
            for_each_word(text, |word| add(&mut sum, &self.direction(word), 1.0));
        }
        // A text without a word, and one whose words cancel out, points where the empty word does.
        unit(sum).or_else(|| unit(self.direction(""))).unwrap_or_default()
    }

    fn direction(&self, word: &str) -> Vec<f32> {
        let mut state = word.bytes().fold(0xcbf2_9ce4_8422_2325, fnv);
        (0..self.dimensions).map(|_| fraction(split_mix(&mut state))).collect()
    }
}

impl Embedder for FakeEmbedder {
    fn model(&self) -> &ModelId {
        &self.model
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn pace(&self) -> Pace {
        self.pace
    }

    fn embed_passages(&self, passages: &[Passage<'_>]) -> Result<Vec<Vec<f32>>, EmbedError> {
        Ok(passages.iter().map(|passage| self.embed(&[passage.context, passage.text])).collect())
    }

    fn embed_query(&self, query: &str) -> Result<Vec<f32>, EmbedError> {
        Ok(self.embed(&[query]))
    }
}

/// Words are runs of letters and digits, cut before a capital that follows a small letter.
fn for_each_word(text: &str, mut visit: impl FnMut(&str)) {
    let mut word = String::new();
    let mut was_small = false;
    for character in text.chars().chain([' ']) {
        let is_part = character.is_alphanumeric();
        if (!is_part || (was_small && character.is_uppercase())) && !word.is_empty() {
            visit(&word);
            word.clear();
        }
        if is_part {
            word.extend(character.to_lowercase());
        }
        was_small = character.is_lowercase();
    }
}

fn fnv(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

/// The next number of Steele, Lea and Flood's `SplitMix` generator.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A number from -1 to 1 out of 24 random bits, all that single precision holds.
fn fraction(random: u64) -> f32 {
    (random >> 40) as f32 / (1_u32 << 23) as f32 - 1.0
}

#[cfg(test)]
mod tests {
    use flux_core::{Embedder, Pace, Passage};

    use super::{FakeEmbedder, for_each_word};

    fn product(left: &[f32], right: &[f32]) -> f32 {
        left.iter().zip(right).map(|(left, right)| left * right).sum()
    }

    #[track_caller]
    fn words(text: &str, expected: &[&str]) {
        let mut found = Vec::new();
        for_each_word(text, |word| found.push(word.to_owned()));
        assert_eq!(found, expected);
    }

    #[test]
    fn names_are_taken_apart() {
        words("getUser get_user2 HTTPServer", &["get", "user", "get", "user2", "httpserver"]);
        words("été—Ärger", &["été", "ärger"]);
        words(" ;; ", &[]);
    }

    #[test]
    fn shared_words_make_texts_similar() {
        let model = FakeEmbedder::new(128, Pace::Inline);
        let question = model.embed_query("where is the password checked").unwrap();
        let passages = [
            Passage { context: "auth", text: "fn password_checked(password: &str)" },
            Passage { context: "shapes", text: "fn area(radius: f64)" },
        ];
        let vectors = model.embed_passages(&passages).unwrap();
        assert!(product(&question, &vectors[0]) > product(&question, &vectors[1]) + 0.3);
        for vector in vectors.iter().chain([&question]) {
            assert_eq!(vector.len(), model.dimensions());
            assert!((product(vector, vector) - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn the_context_counts() {
        let model = FakeEmbedder::new(32, Pace::Inline);
        let whole = Passage { context: "auth login", text: "" };
        let vectors = model.embed_passages(&[whole]).unwrap();
        assert_eq!(vectors[0], model.embed_query("auth login").unwrap());
    }

    #[test]
    fn vectors_never_change() {
        let model = FakeEmbedder::new(4, Pace::Deferred);
        assert_eq!(model.model().as_str(), "fake/4");
        assert_eq!(model.pace(), Pace::Deferred);
        let vector = model.embed_query("retry").unwrap();
        assert_eq!(vector, model.embed_query("Retry!").unwrap());
        insta::assert_snapshot!(format!("{vector:.4?}"), @"[0.5872, 0.4871, 0.5243, -0.3783]");
    }

    #[test]
    fn a_text_without_words_has_a_vector_too() {
        let model = FakeEmbedder::new(8, Pace::Inline);
        let vector = model.embed_query("").unwrap();
        assert!((product(&vector, &vector) - 1.0).abs() < 1e-5);
    }
}
