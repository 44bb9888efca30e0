//! Literal and regex search: which files can match, and the lines that do.
//!
//! [`LineMatcher`] answers both from one compilation. [`LineMatcher::trigrams`] is what a file
//! must hold to be worth reading, [`LineMatcher::matches_in_reader`] reads it, and reports the lines
//! that `rg -n PATTERN DIRECTORY` prints. The decision a reader would question is the agreement
//! with ripgrep down to its handling of binary files: people, and tools driven by models, know
//! those rules by heart, and the index must not change the answer, only the time.

mod collect;
mod matcher;
mod parse;
mod requirement;
mod strings;

#[cfg(test)]
mod tests;

use thiserror::Error;

pub use collect::{FileMatches, LineMatch, SearchEnd};
pub use matcher::LineMatcher;

/// How a pattern is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PatternOptions {
    /// Regex or plain text.
    pub syntax: PatternSyntax,
    /// Whether capital and small letters differ.
    pub case: CaseMode,
    /// Where a match may begin and end.
    pub boundary: PatternBoundary,
}

/// Whether a pattern is a regex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatternSyntax {
    /// A regex of the `regex` crate's syntax, Unicode on.
    Regex,
    /// Plain text, as with `rg -F`.
    Literal,
}

/// Whether capital and small letters differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CaseMode {
    /// They differ.
    Sensitive,
    /// They are the same, by the rules of Unicode.
    Insensitive,
    /// They differ only for a pattern that has a capital letter.
    Smart,
}

/// Where a match may begin and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatternBoundary {
    /// Anywhere.
    Anywhere,
    /// At the edges of words, as with `rg -w`.
    Word,
}

/// Why a pattern cannot be searched for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PatternError {
    /// The regex does not parse, or is too large when compiled.
    #[error("bad pattern: {message}{}", hint_of(.message))]
    Invalid {
        /// What the regex compiler says, which may have several lines.
        message: String,
    },
    /// The pattern asks for a line feed, but lines are searched one by one.
    #[error(
        "the pattern holds a line feed, but a match lies within a line\n\
         hint: search for one of the lines"
    )]
    LineFeed,
    /// The pattern asks for a NUL byte, but files with one are binary and not searched.
    #[error("the pattern holds a NUL byte, but binary files are not searched")]
    Nul,
}

fn hint_of(message: &str) -> &'static str {
    if message.contains("look-around") || message.contains("backreferences") {
        "\nhint: this syntax is not supported, search for a simpler pattern and read the hits"
    } else if message.contains("size limit") || message.contains("nest limit") {
        "\nhint: make the repetitions smaller"
    } else {
        "\nhint: escape the special character with \\, or search for it literally"
    }
}
