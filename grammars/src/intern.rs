//! Names by number, with a hash that costs less than the identifiers it is made of.
//!
//! The standard hash resists chosen collisions, at three times the price on short texts. Here a
//! file of colliding names can only slow down its own extraction, and the size of a file is
//! limited before it is parsed.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Gives each distinct text a number, in order of first mention.
#[derive(Default)]
pub(crate) struct Interner<'text> {
    numbers: HashMap<&'text str, u32, BuildHasherDefault<FoldHasher>>,
    names: Vec<Box<str>>,
}

impl<'text> Interner<'text> {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let numbers = HashMap::with_capacity_and_hasher(capacity, BuildHasherDefault::default());
        Self { numbers, names: Vec::with_capacity(capacity) }
    }

    pub(crate) fn number(&mut self, text: &'text str) -> u32 {
        *self.numbers.entry(text).or_insert_with(|| {
            self.names.push(text.into());
            self.names.len() as u32 - 1
        })
    }

    pub(crate) fn into_names(self) -> Vec<Box<str>> {
        self.names
    }
}

/// Multiplies and rotates eight bytes at a time.
#[derive(Default)]
pub(crate) struct FoldHasher(u64);

/// An odd number with well spread bits (2^64 divided by the golden ratio).
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

impl FoldHasher {
    fn fold(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(SPREAD);
    }
}

impl Hasher for FoldHasher {
    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            self.fold(chunk.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        }
        let rest = chunks.remainder().iter().rev();
        self.fold(rest.fold(bytes.len() as u64, |word, byte| word << 8 | u64::from(*byte)));
    }

    fn write_usize(&mut self, number: usize) {
        self.fold(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}

#[cfg(test)]
mod tests {
    use super::Interner;

    #[test]
    fn a_text_keeps_the_number_of_its_first_mention() {
        let mut interner = Interner::with_capacity(2);
        let numbers = ["b", "a", "b", "a_rather_long_name", "a"].map(|text| interner.number(text));
        assert_eq!(numbers, [0, 1, 0, 2, 1]);
        assert_eq!(interner.into_names().len(), 3);
    }
}
