//! The layer of languages described as data.
//!
//! `languages/<name>/rules.toml` says what the node kinds of a grammar mean; lowering turns a
//! tree into [`facts`] by it, in words common to all languages, and one resolver works on those.
//! What no table can say is in `lower/families.rs`, `lower/script.rs` and `modules.rs`. The
//! standard library's commonest types are declared in `languages/<name>/prelude.txt`, in the
//! language itself: they give types to expressions and are external.
//!
//! Reading order: [`language`], [`facts`], `lower`, [`world`], [`types`], `infer`, [`output`],
//! [`relations`].

mod facts;
mod infer;
mod json;
mod language;
mod lower;
mod modules;
mod output;
mod relations;
#[cfg(test)]
mod tests;
mod types;
mod world;

use flux_core::FileId;
use tree_sitter::Tree;

pub(crate) use facts::Facts;

use crate::layer::{Dependency, Files, Resolved, World};
use language::Language;

/// Whether the layer understands the language.
pub(crate) fn speaks(language: &str) -> bool {
    Language::named(language).is_some()
}

/// Whether the layer reads the text of the file at a path.
pub(crate) fn reads(path: &str) -> bool {
    modules::is_manifest(path)
}

/// Lowers one parsed text; `None` for a language without rules.
pub(crate) fn lower(language: &str, text: &str, tree: &Tree) -> Option<Facts> {
    lower::lower(Language::named(language)?, text, tree)
}

/// Sees all files of the layer together.
pub(crate) fn open<'a>(files: &'a dyn Files) -> Box<dyn World + 'a> {
    Box::new(world::Table::open(files))
}

impl World for world::Table<'_> {
    fn resolve(&self, file: FileId) -> Resolved {
        output::resolve(self, file.0)
    }

    fn digest(&self, dependency: Dependency) -> u64 {
        self.digest(dependency)
    }
}
