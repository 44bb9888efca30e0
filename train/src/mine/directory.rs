//! The directory of a tree: definitions by name and files by path, for what tests and documents
//! refer to.

use flux_core::{FileClass, Symbol, SymbolKind};
use rustc_hash::FxHashMap;

use super::definitions::is_test;
use super::names;
use super::tree::{SourceFile, Tree};

/// More definitions of one name than this leave open which one is meant.
const MAX_NAMESAKES: usize = 3;
/// Shorter names, in letters, are also words.
const MIN_LETTERS: usize = 4;

/// Finds what a text refers to.
pub(crate) struct Directory<'a> {
    tree: &'a Tree,
    /// Places of the definitions, by the letters of their names in lower case.
    definitions: FxHashMap<String, Vec<(usize, usize)>>,
}

impl<'a> Directory<'a> {
    /// Lists every function and type of `tree` that is no test.
    pub(crate) fn of(tree: &'a Tree) -> Self {
        let mut definitions: FxHashMap<String, Vec<(usize, usize)>> = FxHashMap::default();
        for (at, file) in tree.code.iter().enumerate() {
            for (place, symbol) in file.symbols.iter().enumerate() {
                if is_referred_to(symbol) && !is_test(file, symbol) {
                    definitions.entry(letters(&symbol.name)).or_default().push((at, place));
                }
            }
        }
        Self { tree, definitions }
    }

    /// The definition that a name in a text means: its first, if few share it. Whether a word of
    /// a test or a document is joined or hyphenated does not matter.
    pub(crate) fn definition(&self, name: &str) -> Option<(&'a SourceFile, &'a Symbol)> {
        let letters = letters(name);
        let found = self.definitions.get(&letters).filter(|_| letters.len() >= MIN_LETTERS)?;
        let (file, symbol) = *found.first().filter(|_| found.len() <= MAX_NAMESAKES)?;
        let file = &self.tree.code[file];
        Some((file, &file.symbols[symbol]))
    }

    /// The file whose path ends in `path`, if there is exactly one.
    pub(crate) fn file(&self, path: &str) -> Option<&'a SourceFile> {
        let is_meant = |file: &&SourceFile| {
            let rest = file.path.as_str().strip_suffix(path);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        };
        let mut meant = self.tree.code.iter().filter(is_meant);
        meant.next().filter(|_| meant.next().is_none())
    }

    /// The language that most of the code is written in.
    pub(crate) fn main_language(&self) -> &'static str {
        let mut counts: FxHashMap<&'static str, usize> = FxHashMap::default();
        for file in self.tree.code.iter().filter(|file| !file.class.has(FileClass::TEST)) {
            *counts.entry(file.language).or_default() += file.text.len();
        }
        let most = counts.into_iter().max_by_key(|(language, bytes)| (*bytes, *language));
        most.map_or("text", |(language, _)| language)
    }
}

/// Whether a text may refer to it by its name alone.
fn is_referred_to(symbol: &Symbol) -> bool {
    (symbol.kind.is_callable() && symbol.kind != SymbolKind::Test) || symbol.kind.is_type()
}

fn letters(name: &str) -> String {
    names::words(name).concat()
}
