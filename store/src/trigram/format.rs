//! The layout of the component's bytes, and the checks that make reading them safe.
//!
//! ```text
//! header      magic [8], version u32, documents u32, blocks u32, zero u32,
//!             directory length u64, postings length u64
//! block table one per BLOCK trigrams: first trigram u32, offset in directory u32,
//!             offset in postings u64
//! directory   per trigram: varint difference to the one before, varint code,
//!             then for ONE a varint document
//! postings    lists, in the order of the directory
//! ```
//!
//! Numbers are little-endian. A code is COMMON (in too many documents to be of use), ONE (in one
//! document), or `2 + (length << 1 | bitmap)` for a list of `length` bytes. A list is either
//! varints, the first document and then each difference less one, or a bitmap. Only the header
//! and the block table are checked on opening, so that opening costs the same for any size; the
//! rest is checked where it is read.

use thiserror::Error;

/// The version of the layout. 1: the first.
pub const TRIGRAM_VERSION: u32 = 1;

pub(super) const MAGIC: [u8; 8] = *b"fluxtri\n";
pub(super) const HEADER_LENGTH: usize = 40;
pub(super) const BLOCK_ENTRY_LENGTH: usize = 16;
/// Trigrams to a block of the directory: a look-up reads half a block on average, and the table
/// costs a quarter of a byte per trigram.
pub(super) const BLOCK: usize = 64;
pub(super) const CODE_COMMON: u64 = 0;
pub(super) const CODE_ONE: u64 = 1;
pub(super) const CODE_LIST: u64 = 2;

/// Why bytes are not a trigram index.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TrigramError {
    /// Something else, or not even a header.
    #[error("not a trigram index")]
    NotAnIndex,
    /// Written by another release.
    #[error("trigram index has version {found}, this release reads {TRIGRAM_VERSION}")]
    Version {
        /// The version in the bytes.
        found: u32,
    },
    /// Cut short, or changed after it was written.
    #[error("trigram index is damaged: {0}")]
    Damaged(&'static str),
}

/// The lengths a header states, which [`read_header`] has found to fit the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) documents: u32,
    pub(super) blocks: usize,
    pub(super) directory_start: usize,
    pub(super) postings_start: usize,
}

/// Writes a header.
pub(super) fn write_header(documents: u32, blocks: u32, lengths: [u64; 2], out: &mut Vec<u8>) {
    out.extend_from_slice(&MAGIC);
    for number in [TRIGRAM_VERSION, documents, blocks, 0] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    for length in lengths {
        out.extend_from_slice(&length.to_le_bytes());
    }
}

/// Reads the header and checks it against the number of bytes there are.
pub(super) fn read_header(bytes: &[u8]) -> Result<Header, TrigramError> {
    if bytes.get(..MAGIC.len()) != Some(MAGIC.as_slice()) {
        return Err(TrigramError::NotAnIndex);
    }
    let short = TrigramError::Damaged("the header is cut short");
    let version = read_u32(bytes, 8).ok_or_else(|| short.clone())?;
    if version != TRIGRAM_VERSION {
        return Err(TrigramError::Version { found: version });
    }
    let fields =
        (read_u32(bytes, 12), read_u32(bytes, 16), read_length(bytes, 24), read_length(bytes, 32));
    let (Some(documents), Some(blocks), Some(directory), Some(postings)) = fields else {
        return Err(short);
    };
    sections(bytes.len(), documents, blocks, [directory, postings])
        .ok_or(TrigramError::Damaged("the sections do not add up to its length"))
}

fn sections(total: usize, documents: u32, blocks: u32, lengths: [usize; 2]) -> Option<Header> {
    let blocks = usize::try_from(blocks).ok()?;
    let directory_start = blocks.checked_mul(BLOCK_ENTRY_LENGTH)?.checked_add(HEADER_LENGTH)?;
    let postings_start = directory_start.checked_add(lengths[0])?;
    let end = postings_start.checked_add(lengths[1])?;
    (end == total).then_some(Header { documents, blocks, directory_start, postings_start })
}

pub(super) fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    let field = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(field.try_into().ok()?))
}

pub(super) fn read_u64(bytes: &[u8], at: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(field.try_into().ok()?))
}

fn read_length(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(read_u64(bytes, at)?).ok()
}

pub(super) fn write_varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes a varint off the front, or nothing when it is cut short or too long.
pub(super) fn read_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..63).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
