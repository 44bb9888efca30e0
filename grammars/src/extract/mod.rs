//! From a text to its symbols, references and imports: one parse, one walk over the tree.
//!
//! The walk looks for the language's patterns only at nodes that are the root of a pattern, reads
//! references from tables, and is iterative throughout, because a tree may be as deep as its
//! text is long.

mod budget;
mod definitions;
mod docs;
mod imports;
mod probe;
mod references;
mod signature;
mod walk;

use std::cell::RefCell;

use flux_core::{References, Symbol};
use tree_sitter::{ParseOptions, Parser, Tree};

use self::budget::Budget;
use crate::compiled::Compiled;
use crate::grammar::{Grammar, GrammarError};

/// Changes whenever the same text may give other facts, so that stored facts are made anew.
///
/// 2: equations and clauses of one function are one symbol; texts that cannot be parsed in
/// bounded time are refused.
pub const EXTRACTOR_VERSION: u32 = 2;

/// What one text says, with no look at any other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extracted {
    /// Symbols in order of the position of their names.
    pub symbols: Vec<Symbol>,
    /// Mentions and imports.
    pub references: References,
    /// Places the parser could not read.
    pub parse_errors: u32,
}

/// Why a text gives nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// The parser needs far more steps than the text is worth.
    #[error("parsing takes too many steps")]
    TooCostly,
    /// The tree is deeper than any text written by people.
    #[error("nested more than {} levels deep", walk::MAX_DEPTH)]
    TooDeep,
    /// The text is larger than the 4 GiB that offsets can count.
    #[error("larger than 4 GiB")]
    TooLarge,
    /// The language's own files are broken.
    #[error(transparent)]
    Grammar(#[from] GrammarError),
}

/// Extracts one text after another. Keep one for each thread: it reuses the parser's memory.
pub struct Extractor {
    parser: Parser,
}

impl Default for Extractor {
    fn default() -> Self {
        Self::new()
    }
}

impl Extractor {
    /// Makes an extractor for any language.
    pub fn new() -> Self {
        Self { parser: Parser::new() }
    }

    /// Reads `source` as a text in the language of `grammar`.
    pub fn extract(&mut self, grammar: &Grammar, source: &str) -> Result<Extracted, ExtractError> {
        self.extract_with(grammar, source, |_| ()).map(|(extracted, ())| extracted)
    }

    /// Like [`extract`](Self::extract), and shows the syntax tree to `look`, so that what else is
    /// read from the same text costs no second parse.
    pub fn extract_with<T>(
        &mut self,
        grammar: &Grammar,
        source: &str,
        look: impl FnOnce(&Tree) -> T,
    ) -> Result<(Extracted, T), ExtractError> {
        let compiled = grammar.compiled().map_err(Clone::clone)?;
        let tree = self.parse(compiled, source)?;
        Ok((facts(compiled, source, &tree)?, look(&tree)))
    }

    /// The syntax tree of `source`, for whoever needs nothing else.
    pub(crate) fn tree(&mut self, grammar: &Grammar, source: &str) -> Result<Tree, ExtractError> {
        self.parse(grammar.compiled().map_err(Clone::clone)?, source)
    }

    fn parse(&mut self, compiled: &Compiled, source: &str) -> Result<Tree, ExtractError> {
        if u32::try_from(source.len()).is_err() {
            return Err(ExtractError::TooLarge);
        }
        let refused = |error: tree_sitter::LanguageError| GrammarError::Parser {
            language: compiled.name,
            reason: error.to_string(),
        };
        self.parser.set_language(&compiled.language).map_err(refused)?;
        if probe::is_hopeless(&mut self.parser, compiled.name, source) {
            return Err(ExtractError::TooCostly);
        }
        let budget = RefCell::new(Budget::new(compiled.name, source.as_bytes()));
        let tree = self.parser.parse_with_options(
            &mut |offset, _| budget.borrow_mut().read(source.as_bytes(), offset),
            None,
            Some(
                ParseOptions::new()
                    .progress_callback(&mut |state| budget.borrow_mut().spend(state)),
            ),
        );
        match tree {
            Some(tree) if !budget.borrow().is_overdrawn() => Ok(tree),
            _ => {
                self.parser.reset();
                Err(ExtractError::TooCostly)
            }
        }
    }
}

fn facts(compiled: &Compiled, source: &str, tree: &Tree) -> Result<Extracted, ExtractError> {
    let mut found = walk::walk(compiled, source, tree)?;
    let definitions = definitions::resolve(compiled, source, tree, &mut found);
    let imports = imports::resolve(compiled, source, &found.imports);
    let references = references::resolve(source, &found.mentions, &definitions.names, imports);
    Ok(Extracted { symbols: definitions.symbols, references, parse_errors: found.parse_errors })
}
