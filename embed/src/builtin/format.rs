//! The weights as one file, read where it lies.
//!
//! Little endian. A header of [`HEADER`] bytes, then, each right after the other: the slots,
//! offsets and strings of the pieces (see `pieces`), a scale for each row (`f32`), the length of
//! each row before scaling (`f32`), the weight of each piece in a question (`f32`), the rows
//! (`i8`). Numbers are read byte by byte, so the file may lie at any address.

use std::borrow::Cow;
use std::ops::Range;

use super::pieces::{MAX_PIECES, PieceTable, table_bytes};

/// Bytes of the header: magic (8), layout, dimensions, pieces, pieces that begin a word, slots,
/// bytes of strings, version of the model (4 each), hash of all that follows (8), zeros.
pub const HEADER: usize = 64;
const MAGIC: &[u8; 8] = b"fluxembd";
/// 1: the first.
const LAYOUT: u32 = 1;

/// Why a file is no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// It begins otherwise.
    #[error("the weights file is no model of this program")]
    NotAModel,
    /// It has another layout.
    #[error("the weights file has layout {0}, which this version does not read")]
    Layout(u32),
    /// A part of it is missing or contradicts another.
    #[error("the weights file is damaged: {0}")]
    Damaged(&'static str),
}

/// What training found, for [`write()`].
#[derive(Clone, Copy, Debug)]
pub struct Trained<'a> {
    /// Which training it was; part of the model's name.
    pub version: u32,
    /// The pieces, those that begin a word first.
    pub pieces: &'a [String],
    /// How many of them begin a word.
    pub starts: usize,
    /// A vector for each piece, one after the other.
    pub rows: &'a [f32],
    /// What each piece counts for in a question.
    pub weights: &'a [f32],
}

/// The file for a trained model. Rows are rounded to 8 bits with a scale each, which costs no
/// measurable quality.
pub fn write(trained: &Trained<'_>) -> Vec<u8> {
    let (slots, offsets, strings) = table_bytes(trained.pieces, trained.starts);
    let dimensions = trained.rows.len() / trained.pieces.len().max(1);
    let (mut scales, mut lengths, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for row in trained.rows.chunks_exact(dimensions.max(1)) {
        let largest = row.iter().fold(0_f32, |largest, value| largest.max(value.abs()));
        let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
        let rounded: Vec<i8> = row.iter().map(|value| (value / scale).round() as i8).collect();
        let square: i32 = rounded.iter().map(|value| i32::from(*value).pow(2)).sum();
        scales.extend(scale.to_le_bytes());
        lengths.extend((square as f32).sqrt().to_le_bytes());
        rows.extend(rounded.iter().map(|value| *value as u8));
    }
    let weights: Vec<u8> = trained.weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
    let body = [&slots, &offsets, &strings, &scales, &lengths, &weights, &rows].map(Vec::as_slice);
    let body = body.concat();
    let numbers = [
        LAYOUT,
        dimensions as u32,
        trained.pieces.len() as u32,
        trained.starts as u32,
        (slots.len() / 4) as u32,
        strings.len() as u32,
        trained.version,
    ];
    let mut file = MAGIC.to_vec();
    file.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    let mut hashed = blake3::Hasher::new();
    hashed.update(&file);
    hashed.update(&body);
    file.extend(&hashed.finalize().as_bytes()[..8]);
    file.resize(HEADER, 0);
    file.extend(body);
    file
}

/// The parts of a weights file.
#[derive(Debug)]
pub struct Weights {
    bytes: Cow<'static, [u8]>,
    slots: Range<usize>,
    offsets: Range<usize>,
    strings: Range<usize>,
    scales: Range<usize>,
    lengths: Range<usize>,
    weights: Range<usize>,
    rows: Range<usize>,
    starts: usize,
    dimensions: usize,
}

impl Weights {
    /// The parts of the file `bytes`. Only the sizes are checked, so that this costs nothing;
    /// [`Weights::verify`] reads all of it.
    pub fn read(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, FormatError> {
        let bytes = bytes.into();
        if bytes.get(..8) != Some(MAGIC.as_slice()) {
            return Err(FormatError::NotAModel);
        }
        if bytes.len() < HEADER {
            return Err(FormatError::Damaged("the header"));
        }
        let number = |at: usize| number_at(&bytes, 8 + at * 4) as usize;
        if number(0) != LAYOUT as usize {
            return Err(FormatError::Layout(number(0) as u32));
        }
        let (dimensions, pieces, slots, strings) = (number(1), number(2), number(4), number(5));
        if pieces >= MAX_PIECES || dimensions == 0 || dimensions > 1 << 16 || slots > 1 << 24 {
            return Err(FormatError::Damaged("its sizes"));
        }
        let mut from = HEADER;
        let mut part = |length: usize| {
            from += length;
            from - length..from
        };
        let weights = Self {
            slots: part(slots * 4),
            offsets: part((pieces + 1) * 4),
            strings: part(strings),
            scales: part(pieces * 4),
            lengths: part(pieces * 4),
            weights: part(pieces * 4),
            rows: part(pieces * dimensions),
            starts: number(3),
            dimensions,
            bytes,
        };
        if weights.rows.end != weights.bytes.len() {
            return Err(FormatError::Damaged("its length"));
        }
        weights.checked_pieces()?;
        Ok(weights)
    }

    /// Whether every byte is as it was written.
    pub fn verify(&self) -> Result<(), FormatError> {
        let mut hashed = blake3::Hasher::new();
        hashed.update(&self.bytes[..HASH_AT]);
        hashed.update(&self.bytes[HEADER..]);
        let is_same = hashed.finalize().as_bytes()[..8] == self.bytes[HASH_AT..HASH_AT + 8];
        if is_same { Ok(()) } else { Err(FormatError::Damaged("its hash")) }
    }

    /// The name of the model: its version and the start of its hash.
    pub fn name(&self) -> String {
        let hash = &self.bytes[HASH_AT..HASH_AT + 4];
        let version = number_at(&self.bytes, HASH_AT - 4);
        let hash = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        format!("builtin/{version}-{hash:08x}")
    }

    /// Numbers in each row.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// The pieces.
    pub fn pieces(&self) -> PieceTable<'_> {
        self.checked_pieces().expect("it was checked when the file was read")
    }

    /// The row of a piece; its true values are these times [`Weights::scale`].
    pub fn row(&self, piece: u16) -> &[u8] {
        let from = self.rows.start + usize::from(piece) * self.dimensions;
        &self.bytes[from..from + self.dimensions]
    }

    /// All rows, one after the other.
    pub fn rows(&self) -> &[u8] {
        &self.bytes[self.rows.clone()]
    }

    /// What the numbers of a row are multiplied with.
    pub fn scale(&self, piece: u16) -> f32 {
        self.float(&self.scales, piece)
    }

    /// The length of a row before scaling.
    pub fn length(&self, piece: u16) -> f32 {
        self.float(&self.lengths, piece)
    }

    /// What a piece counts for in a question.
    pub fn weight(&self, piece: u16) -> f32 {
        self.float(&self.weights, piece)
    }

    fn float(&self, part: &Range<usize>, piece: u16) -> f32 {
        f32::from_bits(number_at(&self.bytes, part.start + usize::from(piece) * 4))
    }

    fn checked_pieces(&self) -> Result<PieceTable<'_>, FormatError> {
        PieceTable::new(
            &self.bytes[self.slots.clone()],
            &self.bytes[self.offsets.clone()],
            &self.bytes[self.strings.clone()],
            self.starts,
        )
    }
}

const HASH_AT: usize = 8 + 7 * 4;

fn number_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
