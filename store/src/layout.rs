//! Where the files of a store lie.
//!
//! ```text
//! DIR/manifest.json        what is in use; replaced by rename
//! DIR/lock                 held by the one writer; names its owner
//! DIR/packs/N.facts        what was learned from contents first seen in generation N
//! DIR/packs/N.grams        their trigrams
//! DIR/views/KEY-N.view     the files of one tree as of generation N
//! DIR/graphs/KEY-N.base    the symbol graph of one tree as of generation N
//! DIR/graphs/KEY-N.delta   what changed in it since, as of generation N
//! DIR/lexical/             tantivy's segments
//! DIR/vectors/N-MODEL.vec  vectors that one model gave units first seen in generation N
//! DIR/vectors/N-MODEL.near which of them are near which, if they are many
//! ```

use std::path::{Path, PathBuf};

use flux_core::ModelId;

use crate::key::ViewKey;

/// The paths of one store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    directory: PathBuf,
}

impl Layout {
    /// A store that lies, or will lie, in `directory`.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// Whether `directory` holds a store. Asked of every folder of a tree: in nearly all of them
    /// the first look settles it.
    pub fn is_store(directory: &Path) -> bool {
        let layout = Self::new(directory);
        layout.lock().is_file() && layout.packs().is_dir() && layout.views().is_dir()
    }

    /// The directory itself.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The manifest.
    pub fn manifest(&self) -> PathBuf {
        self.directory.join("manifest.json")
    }

    /// The writer's lock.
    pub fn lock(&self) -> PathBuf {
        self.directory.join("lock")
    }

    /// The folder of packs.
    pub fn packs(&self) -> PathBuf {
        self.directory.join("packs")
    }

    /// A pack's facts.
    pub fn facts(&self, generation: u64) -> PathBuf {
        self.packs().join(format!("{generation}.facts"))
    }

    /// A pack's trigrams.
    pub fn grams(&self, generation: u64) -> PathBuf {
        self.packs().join(format!("{generation}.grams"))
    }

    /// The folder of views.
    pub fn views(&self) -> PathBuf {
        self.directory.join("views")
    }

    /// A view's file.
    pub fn view(&self, key: &ViewKey, generation: u64) -> PathBuf {
        self.views().join(format!("{}-{generation}.view", key.as_str()))
    }

    /// The folder of symbol graphs. A store written before there were any has none.
    pub fn graphs(&self) -> PathBuf {
        self.directory.join("graphs")
    }

    /// The base of a view's symbol graph.
    pub fn graph_base(&self, key: &ViewKey, generation: u64) -> PathBuf {
        self.graphs().join(format!("{}-{generation}.base", key.as_str()))
    }

    /// What changed since the base.
    pub fn graph_delta(&self, key: &ViewKey, generation: u64) -> PathBuf {
        self.graphs().join(format!("{}-{generation}.delta", key.as_str()))
    }

    /// The folder of the full-text index.
    pub fn lexical(&self) -> PathBuf {
        self.directory.join("lexical")
    }

    /// The folder of vectors. A store written before there were any has none.
    pub fn vectors(&self) -> PathBuf {
        self.directory.join("vectors")
    }

    /// A file of vectors. Models have names of any form, so it is named after a hash of them.
    pub fn vector_file(&self, generation: u64, model: &ModelId) -> PathBuf {
        self.vectors().join(format!("{}.vec", vector_stem(generation, model)))
    }

    /// The graph of near vectors of a file of them.
    pub fn graph_file(&self, generation: u64, model: &ModelId) -> PathBuf {
        self.vectors().join(format!("{}.near", vector_stem(generation, model)))
    }
}

fn vector_stem(generation: u64, model: &ModelId) -> String {
    let hash = blake3::hash(model.as_str().as_bytes()).to_hex();
    format!("{generation}-{}", &hash[..16])
}
