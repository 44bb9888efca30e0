//! What a layer gives and what it is given.

use std::sync::Arc;

use flux_core::{ByteSpan, Definition, DefinitionIndex, FileGraph, FileId, SymbolKind};

use crate::facts::Facts;

/// The files of a tree, ordered by path; a [`FileId`] is a position in that order.
pub trait Files: Sync {
    /// Number of files, those without facts included.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The path, relative to the root, with `/`.
    fn path(&self, file: FileId) -> &str;

    /// The name of the grammar, such as `python`.
    fn language(&self, file: FileId) -> &str;

    /// The facts; `None` for a file that no layer understands. Decoded on first use.
    fn facts(&self, file: FileId) -> Option<Arc<Facts>>;

    /// [`Facts::exports`] without decoding them; 0 for a file without facts.
    fn exports(&self, file: FileId) -> u64;

    /// A digest of the file's content; 0 when it is not known.
    fn content(&self, file: FileId) -> u64;

    /// The text of a manifest (`Cargo.toml`, `tsconfig.json`); `None` when it cannot be read.
    fn text(&self, file: FileId) -> Option<String>;

    /// The file at `path`.
    fn find(&self, path: &str) -> Option<FileId> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.path(FileId(middle as u32)).cmp(path) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(FileId(middle as u32)),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

/// Something outside a file that its resolution looked at, by a hash of names and paths that
/// means the same in every run. Its layer knows what it stands for.
pub type Dependency = u64;

/// One file, resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// Its part of the graph.
    pub graph: FileGraph,
    /// What the answers depend on beside the file's own facts, ascending, without repetition.
    pub dependencies: Vec<Dependency>,
}

/// All files of one layer, ready to be resolved one by one.
///
/// [`resolve`](World::resolve) must be a pure function of the file's facts and of what its
/// `dependencies` stand for, whatever was resolved before it and on which thread: tables that
/// files share hold only what does not depend on the order of questions.
pub(crate) trait World: Sync {
    /// Resolves one file of the layer.
    fn resolve(&self, file: FileId) -> Resolved;

    /// A digest of what `dependency` stands for now; 0 for what is not there. While it stays
    /// equal, a file that looked at it need not look again.
    fn digest(&self, dependency: Dependency) -> u64;
}

/// The definition that stands for a whole file.
pub(crate) fn module(path: &str) -> Definition {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    Definition {
        name: stem.into(),
        kind: SymbolKind::Module,
        parent: DefinitionIndex::MODULE,
        span: ByteSpan::new(0, 0),
        name_span: ByteSpan::new(0, 0),
        is_public: true,
    }
}
