//! The documents of one trigram, read in ascending order.

use super::format::read_varint;

/// The documents that may hold a trigram, in ascending order.
///
/// A common trigram, and one whose list cannot be read from its start, gives every document. A
/// list found damaged on the way ends early and says so by [`is_damaged`](Self::is_damaged).
#[derive(Clone, Debug)]
pub struct Postings<'index> {
    source: Source<'index>,
    documents: u32,
    damaged: bool,
}

#[derive(Clone, Debug)]
enum Source<'index> {
    Every { next: u32 },
    One(Option<u32>),
    Varints { bytes: &'index [u8], next: u64 },
    Bitmap { bytes: &'index [u8], byte: u8, position: u32 },
}

impl<'index> Postings<'index> {
    pub(super) fn every(documents: u32) -> Self {
        Self { source: Source::Every { next: 0 }, documents, damaged: false }
    }

    pub(super) fn none(documents: u32) -> Self {
        Self { source: Source::One(None), documents, damaged: false }
    }

    pub(super) fn one(document: u32, documents: u32) -> Self {
        if document >= documents {
            return Self::every(documents);
        }
        Self { source: Source::One(Some(document)), documents, damaged: false }
    }

    pub(super) fn varints(bytes: &'index [u8], documents: u32) -> Self {
        Self { source: Source::Varints { bytes, next: 0 }, documents, damaged: false }
    }

    pub(super) fn bitmap(bytes: &'index [u8], documents: u32) -> Self {
        let (byte, bytes) = bytes.split_first().map_or((0, bytes), |(byte, rest)| (*byte, rest));
        let source = Source::Bitmap { bytes, byte, position: 0 };
        Self { source, documents, damaged: false }
    }

    /// Whether these are all documents because the trigram tells none apart.
    pub fn is_every(&self) -> bool {
        matches!(self.source, Source::Every { .. })
    }

    /// Whether the list turned out to be damaged, so that documents are missing.
    pub fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// How much there is to read, for reading the short lists first.
    pub(super) fn weight(&self) -> usize {
        match &self.source {
            Source::Every { .. } => usize::MAX,
            Source::One(_) => 0,
            Source::Varints { bytes, .. } | Source::Bitmap { bytes, .. } => bytes.len(),
        }
    }

    fn within(&mut self, document: u64) -> Option<u32> {
        if document < u64::from(self.documents) {
            return u32::try_from(document).ok();
        }
        self.damaged = true;
        self.source = Source::One(None);
        None
    }
}

impl Iterator for Postings<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        match &mut self.source {
            Source::Every { next } => {
                let document = *next;
                *next = self.documents.min(document.saturating_add(1));
                (document < self.documents).then_some(document)
            }
            Source::One(document) => document.take(),
            Source::Varints { bytes: [], .. } => None,
            Source::Varints { bytes, next } => {
                // The bound keeps the sum of two numbers from disk from overflowing.
                let gap = read_varint(bytes).filter(|gap| *gap <= u64::from(u32::MAX));
                let document = gap.map_or(u64::MAX, |gap| *next + gap);
                *next = document.saturating_add(1);
                self.within(document)
            }
            Source::Bitmap { bytes, byte, position } => {
                while *byte == 0 {
                    let (first, rest) = bytes.split_first()?;
                    (*byte, *bytes) = (*first, rest);
                    *position = position.saturating_add(8);
                }
                let document = u64::from(*position) + u64::from(byte.trailing_zeros());
                *byte &= *byte - 1;
                self.within(document)
            }
        }
    }
}

/// Turns a list of varints into a bitmap of a length that holds them.
pub(super) fn to_bitmap(varints: &[u8], length: usize) -> Vec<u8> {
    let mut bitmap = vec![0; length];
    for document in Postings::varints(varints, u32::MAX) {
        bitmap[document as usize / 8] |= 1 << (document % 8);
    }
    bitmap
}
