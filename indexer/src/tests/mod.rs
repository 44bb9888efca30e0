//! The indexer as a whole, on trees in temporary folders.

mod chunks;
mod freshness;
mod ignoring;
mod runs;
mod text;
mod vectors;

use std::path::Path;
use std::time::Duration;

use flux_core::{Cancel, Embedder, NoProgress};
use flux_fixtures::world::World;
use flux_store::{Layout, Snapshot, ViewKey};

use crate::changes::{Changes, changes};
use crate::{FACTS_VERSION, IndexError, IndexOptions, IndexReport, Surroundings};

const UPDATE: IndexOptions =
    IndexOptions { rebuild: false, patience: Duration::ZERO, graph: true, stated: None };

/// A world and its index.
struct Indexed {
    world: World,
    layout: Layout,
}

impl Indexed {
    /// Writes the files, with stamps old enough to be trusted, and indexes them.
    fn new(text: &str) -> Self {
        let indexed = Self::unindexed(text);
        indexed.world.settle();
        indexed.index();
        indexed
    }

    fn unindexed(text: &str) -> Self {
        let world = World::new(text);
        let layout = Layout::new(world.beside("index"));
        Self { world, layout }
    }

    #[track_caller]
    fn index(&self) -> IndexReport {
        self.try_index(&UPDATE).unwrap()
    }

    fn try_index(&self, options: &IndexOptions) -> Result<IndexReport, IndexError> {
        index_tree(self.world.root(), &self.layout, options)
    }

    #[track_caller]
    fn snapshot(&self) -> Snapshot {
        snapshot_of(self.world.root(), &self.layout)
    }

    /// Indexes, and returns the names of all symbols by file.
    #[track_caller]
    fn symbols(&self) -> Vec<String> {
        self.index();
        symbols(&self.snapshot())
    }

    /// The number of files that look different, none when nothing at all changed.
    #[track_caller]
    fn differing(&self) -> Option<usize> {
        let snapshot = self.snapshot();
        match changes(self.world.root(), snapshot.view(), &Cancel::default()).unwrap() {
            Changes::None => None,
            Changes::Some { differing, .. } => Some(differing),
        }
    }

    /// The paths of the snapshot.
    #[track_caller]
    fn paths(&self) -> Vec<String> {
        self.snapshot().view().files().iter().map(|file| file.path.to_string()).collect()
    }
}

fn index_tree(
    root: &Path,
    layout: &Layout,
    options: &IndexOptions,
) -> Result<IndexReport, IndexError> {
    index_with(root, layout, options, None)
}

fn index_with(
    root: &Path,
    layout: &Layout,
    options: &IndexOptions,
    embedder: Option<&dyn Embedder>,
) -> Result<IndexReport, IndexError> {
    let around = Surroundings { embedder, progress: &NoProgress, cancel: &Cancel::default() };
    crate::index(root, layout, options, None, around)
}

#[track_caller]
fn snapshot_of(root: &Path, layout: &Layout) -> Snapshot {
    Snapshot::open(layout, &ViewKey::of(root), FACTS_VERSION).unwrap()
}

/// `path: names` of every file.
fn symbols(snapshot: &Snapshot) -> Vec<String> {
    let of_file = |(file, entry): (flux_core::FileId, &flux_store::FileEntry)| {
        let outline = snapshot.outline(file).unwrap();
        let names: Vec<&str> = outline.symbols.iter().map(|symbol| &*symbol.name).collect();
        format!("{}: {}", entry.path, names.join(" "))
    };
    snapshot.view().iter().map(of_file).collect()
}

/// The paths that the tree at `root` has.
#[track_caller]
fn listed(root: &Path) -> Vec<String> {
    let listing = crate::list::list(root, &Cancel::default()).unwrap();
    listing.files.iter().map(|file| file.path.to_string()).collect()
}
