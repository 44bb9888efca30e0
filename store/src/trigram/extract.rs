//! From the bytes of a file to the set of its trigrams, sorted.
//!
//! The set is a bitmap over all 2^24 trigrams that is kept between files. Sorting the words that
//! were touched, instead of the trigrams themselves, orders the result for a fifth of the work,
//! and clearing only those words makes the cost of a file depend on its size alone.

const WORDS: usize = 1 << (24 - 6);

/// An extractor of trigrams, to be kept by a thread and used for many files.
///
/// It holds 2 MiB, so one per thread and not one per file.
#[derive(Debug)]
pub struct TrigramSet {
    words: Vec<u64>,
    /// Positions in `words` that are not zero.
    touched: Vec<u32>,
}

impl Default for TrigramSet {
    fn default() -> Self {
        Self::new()
    }
}

impl TrigramSet {
    /// Allocates an empty set.
    pub fn new() -> Self {
        Self { words: vec![0; WORDS], touched: Vec::new() }
    }

    /// Returns the distinct trigrams of a text in ascending order.
    ///
    /// ASCII letters are folded to lower case. A trigram never spans a line feed, since patterns
    /// match within lines.
    pub fn extract(&mut self, bytes: &[u8]) -> Vec<u32> {
        self.mark(bytes);
        self.drain()
    }

    fn mark(&mut self, bytes: &[u8]) {
        let Self { words, touched } = self;
        let words: &mut [u64] = words;
        for line in bytes.split(|byte| *byte == b'\n') {
            let [first, second, rest @ ..] = line else { continue };
            let mut window =
                u32::from(first.to_ascii_lowercase()) << 8 | u32::from(second.to_ascii_lowercase());
            for byte in rest {
                window = (window << 8 | u32::from(byte.to_ascii_lowercase())) & 0x00ff_ffff;
                let position = window >> 6;
                let word = &mut words[position as usize];
                if *word == 0 {
                    touched.push(position);
                }
                *word |= 1 << (window & 63);
            }
        }
    }

    fn drain(&mut self) -> Vec<u32> {
        self.touched.sort_unstable();
        let mut trigrams = Vec::with_capacity(self.touched.len() * 4);
        for position in self.touched.drain(..) {
            let mut word = std::mem::take(&mut self.words[position as usize]);
            while word != 0 {
                trigrams.push(position << 6 | word.trailing_zeros());
                word &= word - 1;
            }
        }
        trigrams
    }
}
