//! The layer of Rust.
//!
//! Lowering keeps a file's items and, apart and packed, its bodies. Opening a world reads the items
//! of all files: crates, modules, what `use` brings into scope, impls. Resolving a file infers the
//! types inside of its own bodies only, since Rust declares the types of everything between them.

mod cargo;
mod infer;
mod items;
mod lower;
mod macros;
mod name;
mod signatures;
mod syntax;
#[cfg(test)]
mod tests;
mod world;

use flux_core::FileId;
use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};
use tree_sitter::Tree;

use crate::layer::{Dependency, Files, Resolved, World};
use crate::notes::Notes;

/// What one file says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    items: items::Items,
    /// [`items::Bodies`], packed: only the resolution of the file itself unpacks them.
    bodies: Packed,
}

/// Bytes; serde would write a list of them one by one.
#[derive(Clone, Debug, Default, PartialEq)]
struct Packed(Vec<u8>);

impl Serialize for Packed {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Packed {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl serde::de::Visitor<'_> for Bytes {
            type Value = Packed;
            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Packed, E> {
                Ok(Packed(bytes.to_vec()))
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

impl Facts {
    fn new(items: items::Items, bodies: &items::Bodies) -> Self {
        // Packing into memory fails only when a sequence does not know its length; ours do.
        Self { items, bodies: Packed(postcard::to_allocvec(bodies).unwrap_or_default()) }
    }

    fn unpack(&self) -> items::Bodies {
        // Packed by the same version of this code; a file that was damaged has no bodies.
        postcard::from_bytes(&self.bodies.0).unwrap_or_default()
    }

    pub(crate) fn exports(&self) -> u64 {
        let mut hasher = FxHasher::default();
        self.items.hash(&mut hasher);
        hasher.finish() | 1
    }
}

/// Whether the layer understands the language.
pub(crate) fn speaks(language: &str) -> bool {
    language == "rust"
}

/// Lowers one parsed text.
pub(crate) fn lower(text: &str, tree: &Tree) -> Facts {
    let lowered = lower::file(text, tree);
    Facts::new(lowered.items, &lowered.bodies)
}

/// Whether the layer reads the text of the file at a path.
pub(crate) fn reads(path: &str) -> bool {
    cargo::is_manifest(path)
}

/// Sees all files of the layer together.
pub(crate) fn open<'a>(files: &'a dyn Files, notes: &Notes<'_>) -> Box<dyn World + 'a> {
    Box::new(Opened { files, tables: world::open(files, notes) })
}

/// All files, and what is known of them together.
struct Opened<'a> {
    files: &'a dyn Files,
    tables: world::Tables,
}

impl World for Opened<'_> {
    fn resolve(&self, file: FileId) -> Resolved {
        let graph = infer::resolve(&self.tables, self.files, file);
        Resolved { graph, dependencies: self.tables.dependencies(file) }
    }

    fn digest(&self, dependency: Dependency) -> u64 {
        self.tables.digest(dependency)
    }
}
