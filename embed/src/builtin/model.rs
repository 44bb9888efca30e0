//! The model at work: texts to vectors, and words to the words near them.
//!
//! Sums run in the order in which pieces first occur, in single precision without fused
//! operations, so a text has the same vector on every machine.

use std::borrow::Cow;
use std::fmt;

use flux_core::{EmbedError, Embedder, ModelId, Pace, Passage};

use super::format::{FormatError, Weights};
use super::tokenizer::for_each_piece;

/// What the pieces of a passage's context count for, those of its text counting 1. File-level
/// nDCG@10 of the model alone on the development questions, with half of the file's mean added:
/// 0.875 with 2, 0.880 with 3, 0.876 with 4; with the text alone 0.767.
pub const CONTEXT_WEIGHT: f32 = 3.0;
/// Numbers of a vector are rounded to this range before it is compared with rows: 16-bit
/// products of two rows, summed in 32 bits, cannot overflow then.
const LEVELS: f32 = 1000.0;

/// In a web framework's repository, the nearest chunk to questions about what is not there
/// (kubernetes, shaders, invoices, random letters) has a similarity of 0.18 to 0.22, and to
/// questions about what is there 0.45 and more.
const LEAST_SIMILARITY: f32 = 0.25;

/// Numbers of a vector that the first look for near words compares, and how many times more words
/// than wanted it keeps. The whole table takes four times as long.
const PREFIX: usize = 64;
const SHORTLIST: usize = 12;

static BUNDLED: &[u8] = include_bytes!("../../models/builtin.flux");

/// The model inside the binary.
pub struct BuiltinModel {
    model: ModelId,
    weights: Weights,
}

impl fmt::Debug for BuiltinModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BuiltinModel").field(&self.model).finish()
    }
}

impl BuiltinModel {
    /// The model that this program was built with.
    pub fn bundled() -> Result<Self, FormatError> {
        Self::new(BUNDLED)
    }

    /// The model in the weights file `bytes`.
    pub fn new(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, FormatError> {
        let weights = Weights::read(bytes)?;
        Ok(Self { model: ModelId::new(weights.name()), weights })
    }

    /// The weights.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Whether every byte of the weights is as it was written.
    pub fn verify(&self) -> Result<(), FormatError> {
        self.weights.verify()
    }

    /// How much `word` says in a question: the length of its vector there. About 0 for words
    /// such as "the" and "how"; `None` for a word the model has no piece of.
    pub fn query_weight(&self, word: &str) -> Option<f32> {
        let mut bag = Bag::new(&self.weights);
        bag.count(word);
        let mut sum = vec![0.0; self.weights.dimensions()];
        bag.drain(|piece| self.weights.weight(piece), &mut sum);
        Some(length(&sum)).filter(|length| *length > 0.0)
    }

    /// The words nearest to a vector and their cosines, without these pieces.
    fn nearest(&self, vector: &[f32], without: &[u16], count: usize) -> Vec<(u16, f32)> {
        let largest = vector.iter().fold(0_f32, |largest, value| largest.max(value.abs()));
        if largest == 0.0 || count == 0 {
            return Vec::new();
        }
        let rounded: Vec<i16> =
            vector.iter().map(|value| (value / largest * LEVELS).round() as i16).collect();
        let square: i64 = rounded.iter().map(|value| i64::from(*value).pow(2)).sum();
        let own = (square as f32).sqrt();
        let words = (0..self.weights.pieces().starts() as u16).filter(|one| !without.contains(one));
        // Training makes the first numbers of a vector a smaller vector of their own.
        let prefix = &rounded[..rounded.len().min(PREFIX)];
        let near = self.best(words, prefix, own, count * SHORTLIST);
        let mut nearest = self.best(near.iter().map(|near| near.0), &rounded, own, count);
        nearest.retain(|(_, cosine)| *cosine > 0.0);
        nearest
    }

    /// The `count` of `pieces` whose first numbers have the largest product with `vector`, by what
    /// that says of their cosine, the largest first.
    fn best(
        &self,
        pieces: impl Iterator<Item = u16>,
        vector: &[i16],
        own: f32,
        count: usize,
    ) -> Vec<(u16, f32)> {
        let (rows, dimensions) = (self.weights.rows(), self.weights.dimensions());
        let mut best: Vec<(u16, f32)> = Vec::with_capacity(count + 1);
        for piece in pieces {
            let start = usize::from(piece) * dimensions;
            let row = &rows[start..start + vector.len()];
            let cosine = product(vector, row) as f32 / (own * self.weights.length(piece));
            // A comparison with NaN, of a row of zeros, is false.
            if cosine > best.get(count - 1).map_or(f32::MIN, |last| last.1) {
                let at = best.partition_point(|other| other.1 >= cosine);
                best.insert(at, (piece, cosine));
                best.truncate(count);
            }
        }
        best
    }

    fn passage(&self, bag: &mut Bag<'_>, passage: &Passage<'_>) -> Vec<f32> {
        let mut sum = vec![0.0; self.weights.dimensions()];
        bag.count(passage.text);
        bag.drain(|_| 1.0, &mut sum);
        bag.count(passage.context);
        bag.drain(|_| CONTEXT_WEIGHT, &mut sum);
        normalize(&mut sum);
        sum
    }
}

impl Embedder for BuiltinModel {
    fn model(&self) -> &ModelId {
        &self.model
    }

    fn dimensions(&self) -> usize {
        self.weights.dimensions()
    }

    fn pace(&self) -> Pace {
        Pace::Inline
    }

    fn embed_passages(&self, passages: &[Passage<'_>]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let mut bag = Bag::new(&self.weights);
        Ok(passages.iter().map(|one| self.passage(&mut bag, one)).collect())
    }

    fn embed_query(&self, query: &str) -> Result<Vec<f32>, EmbedError> {
        let mut bag = Bag::new(&self.weights);
        bag.count(query);
        let mut sum = vec![0.0; self.weights.dimensions()];
        bag.drain(|piece| self.weights.weight(piece), &mut sum);
        normalize(&mut sum);
        Ok(sum)
    }

    fn least_similarity(&self) -> f32 {
        LEAST_SIMILARITY
    }

    fn related(&self, word: &str, count: usize) -> Vec<(String, f32)> {
        let pieces = self.weights.pieces();
        let mut own = Vec::new();
        for_each_piece(&pieces, word, |piece| own.push(piece));
        let mut bag = Bag::new(&self.weights);
        bag.count(word);
        let mut sum = vec![0.0; self.weights.dimensions()];
        bag.drain(|_| 1.0, &mut sum);
        let nearest = self.nearest(&sum, &own, count);
        let text = |piece| String::from_utf8_lossy(pieces.text(piece)).into_owned();
        nearest.into_iter().map(|(piece, cosine)| (text(piece), cosine)).collect()
    }
}

/// The pieces of a text and how often each occurs. Kept between texts, because clearing a count
/// for each piece would take longer than most texts do.
struct Bag<'a> {
    weights: &'a Weights,
    counts: Vec<u32>,
    /// The pieces that occur, in order of first occurrence.
    seen: Vec<u16>,
}

impl<'a> Bag<'a> {
    fn new(weights: &'a Weights) -> Self {
        Self { weights, counts: vec![0; weights.pieces().len()], seen: Vec::new() }
    }

    fn count(&mut self, text: &str) {
        for_each_piece(&self.weights.pieces(), text, |piece| {
            let count = &mut self.counts[usize::from(piece)];
            if *count == 0 {
                self.seen.push(piece);
            }
            *count += 1;
        });
    }

    /// Adds each row, times the square root of its count and `factor`, to `sum`, and forgets the
    /// text.
    fn drain(&mut self, factor: impl Fn(u16) -> f32, sum: &mut [f32]) {
        for piece in self.seen.drain(..) {
            let count = std::mem::take(&mut self.counts[usize::from(piece)]);
            let weight = (count as f32).sqrt() * factor(piece) * self.weights.scale(piece);
            for (total, value) in sum.iter_mut().zip(self.weights.row(piece)) {
                *total += weight * f32::from(*value as i8);
            }
        }
    }
}

fn product(left: &[i16], row: &[u8]) -> i32 {
    left.iter().zip(row).map(|(a, b)| i32::from(*a) * i32::from(i16::from(*b as i8))).sum()
}

fn length(vector: &[f32]) -> f32 {
    vector.iter().map(|value| value * value).sum::<f32>().sqrt()
}

/// A text without known pieces stays all zeros, and is similar to nothing.
fn normalize(vector: &mut [f32]) {
    let length = length(vector);
    if length > 0.0 {
        vector.iter_mut().for_each(|value| *value /= length);
    }
}
