//! Keys made of content, so that equal things meet wherever they were found.

use std::fmt;
use std::path::Path;

use flux_core::RepoPath;
use serde::{Deserialize, Serialize};

/// Names what was learned from one file: a hash of its bytes, language and extractor version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContentKey(pub [u8; 16]);

impl ContentKey {
    /// Hashes `bytes` together with whatever else decides what is learned from them.
    pub fn of(bytes: &[u8], language: &str, extractor: u32) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&extractor.to_le_bytes());
        hasher.update(&(language.len() as u64).to_le_bytes());
        hasher.update(language.as_bytes());
        hasher.update(bytes);
        Self(first_bytes(&hasher.finalize()))
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Names one content at one path: the unit of the full-text index, where words of the path count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitKey(pub u64);

impl UnitKey {
    /// The unit of `content` at `path`. The content's key is a strong hash already; the path is
    /// mixed in by FNV-1a, because every search does this for every file of the tree.
    pub fn of(content: ContentKey, path: &RepoPath) -> Self {
        let start = content.0.chunks_exact(8).fold(FNV_OFFSET, |hash, half| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(half);
            (hash ^ u64::from_le_bytes(bytes)).wrapping_mul(FNV_PRIME)
        });
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        let hash = path.as_str().bytes().fold(start, mix);
        Self((hash ^ hash >> 32).wrapping_mul(FNV_PRIME))
    }
}

/// Parameters of FNV-1a, 64 bits (Fowler, Noll, Vo).
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// Names one tree within a store: a hash of its root's absolute path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ViewKey(String);

impl ViewKey {
    /// The key of the tree at `root`, an absolute path without links.
    pub fn of(root: &Path) -> Self {
        let hash = blake3::hash(root.as_os_str().as_encoded_bytes());
        Self(hash.to_hex()[..16].to_owned())
    }

    /// Sixteen hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn first_bytes<const N: usize>(hash: &blake3::Hash) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&hash.as_bytes()[..N]);
    bytes
}
