//! Structural patterns: a piece of code with holes that is looked for in syntax trees, so that
//! spaces, line breaks, comments and strings do not mislead.
//!
//! ast-grep's core matches; here is what it leaves to its callers: how holes are written in a
//! language's own terms, in which surroundings a piece of code can be parsed at all, and a
//! rewriting that keeps the text between holes wherever the rewrite does not change it.
//!
//! Reading order: [`text`], `dialect`, `compile`, `search`, `rewrite`.

mod compile;
mod dialect;
mod rewrite;
mod search;
#[cfg(test)]
mod tests;
pub mod text;

use crate::grammar::Grammar;

pub use self::search::{Capture, Found, Match};
pub use self::text::{PatternText, Rewrite};

/// A pattern that can be looked for in texts of one language.
pub struct Pattern {
    pub(crate) grammar: &'static Grammar,
    text: PatternText,
    /// The readings of the text: `a: b` may be a field of a type and a parameter.
    readings: Vec<compile::Reading>,
}

/// Why a text is no pattern of a language, or no rewrite of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// There is nothing in it.
    #[error("the pattern is empty")]
    Empty,
    /// It is longer than any code that somebody would look for.
    #[error("the pattern is longer than {} bytes", compile::MAX_LENGTH)]
    TooLong,
    /// It would match every node.
    #[error("a metavariable alone matches everything\nhint: put code around it, as in foo($X)")]
    Bare,
    /// A metavariable within a word: `get_$NAME`.
    #[error("{0} is a part of a word\nhint: a metavariable stands for a whole piece of code")]
    PartOfWord(String),
    /// The language has no table of surroundings.
    #[error("structural patterns are not known in {0}")]
    Unsupported(&'static str),
    /// It is no code of the language.
    #[error(
        "the pattern does not parse as {language}\n\
         hint: write one complete piece of code; metavariables are $NAME and $$$NAME, in capitals"
    )]
    NoParse {
        /// The language.
        language: &'static str,
    },
    /// It is code of the language, but several pieces.
    #[error(
        "the pattern is several pieces of {language}\nhint: write one expression, statement or \
         definition, or put them into a block"
    )]
    Several {
        /// The language.
        language: &'static str,
    },
    /// A metavariable stands within a string, comment or number.
    #[error(
        "a metavariable stands within a string or comment\n\
         hint: it can be all of a string, as in \"$X\", or stand for the string"
    )]
    HoleInText,
    /// The rewrite names what the pattern does not.
    #[error(
        "the rewrite names {0}, which the pattern does not\nhint: write \\{0} if it is meant as it \
         stands"
    )]
    Unknown(String),
}
