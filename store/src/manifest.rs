//! The manifest: the list of what is in use, and the only file that is ever replaced.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};

use flux_core::ModelId;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::key::ViewKey;
use crate::layout::Layout;

/// Version of the manifest itself. Version 1: first layout; a list of vectors that is missing,
/// as in those written before there were any, is an empty one; so with graphs.
const VERSION: u32 = 1;

/// What a store consists of at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this structure.
    version: u32,
    /// Version of the facts' meaning: bumped when the extractor or chunker changes.
    pub extractor: u32,
    /// Number of the commit that wrote it; every commit adds one.
    pub generation: u64,
    /// Packs in use, oldest first.
    pub packs: Vec<PackName>,
    /// tantivy's list of segments, as it wrote it.
    pub lexical: String,
    /// The trees.
    pub views: BTreeMap<ViewKey, ViewName>,
    /// Files of vectors in use, of all models, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vectors: Vec<VectorName>,
}

/// A pack in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackName {
    /// The commit that wrote it.
    pub generation: u64,
    /// Number of contents.
    pub contents: u32,
}

/// A file of vectors in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VectorName {
    /// The commit that wrote it.
    pub generation: u64,
    /// The model that the vectors are of.
    pub model: ModelId,
    /// Number of units.
    pub units: u32,
    /// Number of vectors.
    pub rows: u32,
    /// Whether a graph of them lies beside.
    #[serde(default)]
    pub graph: bool,
}

/// A view in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewName {
    /// The commit that wrote it.
    pub generation: u64,
    /// The tree's root, for people and for garbage collection.
    pub root: String,
    /// The symbol graph that was made last, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<GraphName>,
    /// Whether that graph is of an earlier view: readers do without, the next graph builds on it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_graph_older: bool,
}

impl ViewName {
    /// The symbol graph of these very files.
    pub fn current_graph(&self) -> Option<GraphName> {
        self.graph.filter(|_| !self.is_graph_older)
    }
}

/// A symbol graph in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphName {
    /// The commit that wrote the base.
    pub base: u64,
    /// The commit that wrote what changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta: Option<u64>,
}

impl Manifest {
    /// A store that holds nothing yet.
    pub fn empty(extractor: u32) -> Self {
        Self {
            version: VERSION,
            extractor,
            generation: 0,
            packs: Vec::new(),
            lexical: String::new(),
            views: BTreeMap::new(),
            vectors: Vec::new(),
        }
    }

    /// The same, as the successor of generation `generation`.
    pub(crate) fn empty_after(extractor: u32, generation: u64) -> Self {
        Self { generation, ..Self::empty(extractor) }
    }

    /// Reads the manifest; [`StoreError::Missing`] when there is none.
    pub fn read(layout: &Layout) -> Result<Self, StoreError> {
        let path = layout.manifest();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                return Err(StoreError::Missing(layout.directory().to_owned()));
            }
            Err(error) => return Err(StoreError::io("read", &path)(error)),
        };
        let found = serde_json::from_slice::<Versioned>(&bytes)
            .map_err(|error| StoreError::damaged(&path, error.to_string()))?
            .version;
        if found != VERSION {
            return Err(StoreError::Version {
                path,
                component: "manifest",
                found,
                wanted: VERSION,
            });
        }
        serde_json::from_slice(&bytes)
            .map_err(|error| StoreError::damaged(&path, error.to_string()))
    }

    /// Replaces the manifest in one step: readers see the old one or the new one.
    pub(crate) fn write(&self, layout: &Layout) -> Result<(), StoreError> {
        let path = layout.manifest();
        let fresh = path.with_extension("json.new");
        let bytes = serde_json::to_vec(self)
            .map_err(|error| StoreError::damaged(&path, error.to_string()))?;
        let write = || -> io::Result<()> {
            let mut file = File::create(&fresh)?;
            file.write_all(&bytes)?;
            file.sync_data()?;
            fs::rename(&fresh, &path)?;
            File::open(layout.directory())?.sync_all()
        };
        write().map_err(StoreError::io("write", &path))
    }
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}
