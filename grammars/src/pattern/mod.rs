//! Patterns of `symbols.scm` and `imports.scm`, and the search for them at one node.
//!
//! The texts are tree-sitter's query language. `tree_sitter::Query` is not used because making
//! one costs up to a second: it works out in advance, from the parser's tables, where each
//! pattern may fail. Our patterns are short, run at nodes of one kind only and need no such
//! plan, so reading them is all there is to do. `differential` holds both against each other.
//!
//! Reading order: `parse`, `compile`, `predicate`, `siblings`, `matcher`.

mod compile;
#[cfg(test)]
mod differential;
mod matcher;
mod parse;
mod predicate;
mod siblings;

pub(crate) use self::compile::Patterns;
pub(crate) use self::matcher::{Captured, Matcher};

/// A pattern that cannot be used.
#[derive(Debug)]
pub(crate) struct PatternError {
    pub(crate) text: String,
    pub(crate) problem: &'static str,
}
