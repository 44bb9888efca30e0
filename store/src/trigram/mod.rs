//! Which files can hold a text: trigrams of bytes, and for each the files it occurs in.
//!
//! A *trigram* is three neighbouring bytes of one line, ASCII letters in lower case, packed into
//! the low 24 bits of a `u32`. The index answers "which files may match" and never "which do":
//! whoever asks reads the files. The decision a reader would question is that a list or an entry
//! found to be damaged counts as "every file" and is no error: it makes a search slower, but does
//! not hide a file.

mod build;
mod extract;
mod format;
mod index;
mod postings;
mod query;

#[cfg(test)]
mod tests;

pub use build::TrigramBuilder;
pub use extract::TrigramSet;
pub use format::{TRIGRAM_VERSION, TrigramError};
pub use index::TrigramIndex;
pub use postings::Postings;
pub use query::TrigramQuery;

/// Packs three bytes into a trigram, folding ASCII letters to lower case.
pub fn trigram(bytes: [u8; 3]) -> u32 {
    let [first, second, third] = bytes.map(|byte| u32::from(byte.to_ascii_lowercase()));
    first << 16 | second << 8 | third
}
