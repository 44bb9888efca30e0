//! The word pieces and their ids: a hash table that lies in the weights file as it is used.
//!
//! `flux search` is a fresh process for each question, so nothing may be built when the model is
//! opened. A slot is four bytes, the upper half of them taken from the hash, so that a word that
//! is not there is nearly always known from the slot alone.

use super::format::FormatError;

/// Most pieces a table can hold: ids are 16 bits, and one of them marks an empty slot.
pub(super) const MAX_PIECES: usize = u16::MAX as usize;
const EMPTY: u32 = u32::MAX;
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
const START: u64 = 0;
const CONTINUATION: u64 = 0x51_7c_c1_b7_27_22_0a_95;

/// Where the parts of a table lie, and its pieces. Ids below `starts` begin a word, the others
/// continue one.
#[derive(Clone, Copy, Debug)]
pub struct PieceTable<'a> {
    slots: &'a [u8],
    offsets: &'a [u8],
    strings: &'a [u8],
    starts: usize,
}

impl<'a> PieceTable<'a> {
    /// The table in `slots` (four bytes each, a power of two of them), `offsets` (four bytes
    /// each, one more than there are pieces) and `strings`.
    pub fn new(
        slots: &'a [u8],
        offsets: &'a [u8],
        strings: &'a [u8],
        starts: usize,
    ) -> Result<Self, FormatError> {
        let table = Self { slots, offsets, strings, starts };
        let is_sound = (slots.len() / 4).is_power_of_two()
            && slots.len().is_multiple_of(4)
            && offsets.len() >= 4
            && offsets.len().is_multiple_of(4)
            && starts <= table.len()
            && table.len() < MAX_PIECES
            && table.len() < slots.len() / 4
            && word_at(offsets, table.len()) as usize <= strings.len();
        if is_sound { Ok(table) } else { Err(FormatError::Damaged("the table of pieces")) }
    }

    /// Number of pieces.
    pub fn len(&self) -> usize {
        self.offsets.len() / 4 - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of pieces that begin a word.
    pub fn starts(&self) -> usize {
        self.starts
    }

    /// The text of a piece; empty for an id that is not in the table.
    pub fn text(&self, piece: u16) -> &'a [u8] {
        let at = piece as usize;
        if at >= self.len() {
            return &[];
        }
        let (from, to) = (word_at(self.offsets, at) as usize, word_at(self.offsets, at + 1));
        self.strings.get(from..to as usize).unwrap_or(&[])
    }

    /// The piece that is all of `text`, or begins a word with it.
    #[inline]
    pub fn start(&self, text: &[u8]) -> Option<u16> {
        self.find(text, START)
    }

    /// The piece that continues a word with `text`.
    #[inline]
    pub fn continuation(&self, text: &[u8]) -> Option<u16> {
        self.find(text, CONTINUATION)
    }

    #[inline]
    fn find(&self, text: &[u8], kind: u64) -> Option<u16> {
        let hash = hash(text, kind);
        let mask = self.slots.len() / 4 - 1;
        let mut at = hash as usize & mask;
        // A damaged table may have no empty slot to stop at.
        for _ in 0..=mask {
            let slot = word_at(self.slots, at);
            if slot == EMPTY {
                return None;
            }
            let piece = slot as u16;
            let is_kind = (usize::from(piece) >= self.starts) == (kind == CONTINUATION);
            if slot >> 16 == fingerprint(hash) && is_kind && self.text(piece) == text {
                return Some(piece).filter(|piece| usize::from(*piece) < self.len());
            }
            at = (at + 1) & mask;
        }
        None
    }
}

/// The slots, offsets and strings of a table of `pieces`, of which the first `starts` begin a
/// word, for [`PieceTable::new`].
pub fn table_bytes(pieces: &[String], starts: usize) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let mut slots = vec![EMPTY; (pieces.len() * 2).next_power_of_two().max(2)];
    let mut offsets = vec![0_u8; 4];
    let mut strings = Vec::new();
    let mask = slots.len() - 1;
    for (piece, text) in pieces.iter().enumerate() {
        let hash = hash(text.as_bytes(), if piece < starts { START } else { CONTINUATION });
        let mut at = hash as usize & mask;
        while slots[at] != EMPTY {
            at = (at + 1) & mask;
        }
        slots[at] = fingerprint(hash) << 16 | piece as u32;
        strings.extend_from_slice(text.as_bytes());
        offsets.extend_from_slice(&(strings.len() as u32).to_le_bytes());
    }
    (slots.iter().flat_map(|slot| slot.to_le_bytes()).collect(), offsets, strings)
}

#[inline]
fn word_at(bytes: &[u8], at: usize) -> u32 {
    match bytes.get(at * 4..at * 4 + 4) {
        Some(word) => u32::from_le_bytes([word[0], word[1], word[2], word[3]]),
        None => EMPTY,
    }
}

#[inline]
fn fingerprint(hash: u64) -> u32 {
    (hash >> 48) as u32
}

/// Eight bytes at a time: most words are that short.
#[inline]
fn hash(text: &[u8], kind: u64) -> u64 {
    let mut hash = kind ^ (text.len() as u64).wrapping_mul(FACTOR);
    for part in text.chunks(8) {
        let word = part.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        hash = (hash ^ word).wrapping_mul(FACTOR);
        hash ^= hash >> 29;
    }
    hash
}
