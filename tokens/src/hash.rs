//! The hash of a token's bytes, the same when the tables are made and when they are read.

/// Mixes eight bytes at a time.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = bytes.len() as u64;
    for part in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        state = (state ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR);
        state ^= state >> 29;
    }
    state
}

/// Bits of a slot that hold one more than the rank of its token; the rest is a part of the hash.
pub(crate) const RANK_BITS: u32 = 18;

/// The part of a hash that a slot keeps.
pub(crate) fn tag(hash: u64) -> u32 {
    (hash >> 50) as u32
}
