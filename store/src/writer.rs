//! The one writer: collects what is new, then commits it with one rename.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use flux_core::{ModelId, Outline};

use crate::component::{GRAMS, write_component};
use crate::error::StoreError;
use crate::graph::{GraphReader, PackedGraph};
use crate::key::{ContentKey, UnitKey, ViewKey};
use crate::layout::Layout;
use crate::lexical::index::Load;
use crate::lexical::{ChunkDocument, LexicalWriter, reader};
use crate::lock::WriterLock;
use crate::maintain::Live;
use crate::manifest::{Manifest, PackName, ViewName};
use crate::pack::{Pack, PackRow, PackWriter, PackedFacts};
use crate::trigram::TrigramBuilder;
use crate::vectors::PackedVectors;
use crate::vectors::writer::VectorWriter;
use crate::view::View;

/// What was learned from one content that the store did not know.
#[derive(Clone, Debug)]
pub struct Addition {
    /// Its key.
    pub key: ContentKey,
    /// Its facts, compressed.
    pub facts: PackedFacts,
    /// Its trigrams, ascending.
    pub trigrams: Vec<u32>,
}

/// More packs than this and the smallest are merged.
const MAX_PACKS: usize = 8;
/// How many of the smallest are merged then.
const MERGED_PACKS: usize = 7;

/// Writes one store. Dropped before [`commit`](Writer::commit), it leaves the store as it was.
pub struct Writer {
    layout: Layout,
    manifest: Manifest,
    stored: Stored,
    pending: Option<Pending>,
    pending_keys: HashSet<ContentKey>,
    lexical: Option<LexicalWriter>,
    units: Option<HashSet<UnitKey>>,
    vectors: VectorWriter,
    is_settled: bool,
    _lock: WriterLock,
}

/// The facts that earlier commits stored, shared between threads.
#[derive(Clone)]
pub struct Stored(Arc<Vec<Pack>>);

impl Stored {
    /// Whether the facts of `key` are stored.
    pub fn has_content(&self, key: ContentKey) -> bool {
        self.find(key).is_some()
    }

    /// The outline of a content.
    pub fn outline(&self, key: ContentKey) -> Result<Option<Outline>, StoreError> {
        self.find(key).map(|(pack, row)| pack.outline(row)).transpose()
    }

    /// The lowered facts of a content, empty when it has none; `None` for an unknown content.
    pub fn lowered(&self, key: ContentKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.find(key).map(|(pack, row)| pack.lowered(row)).transpose()
    }

    /// The digest of what other files may see of a content's lowered facts.
    pub fn exports(&self, key: ContentKey) -> Option<u64> {
        self.find(key).map(|(pack, row)| pack.exports(row))
    }

    fn find(&self, key: ContentKey) -> Option<(&Pack, PackRow)> {
        self.0.iter().find_map(|pack| Some((pack, pack.find(key)?)))
    }
}

struct Pending {
    facts: PackWriter,
    grams: TrigramBuilder,
}

impl Writer {
    /// Creates the store in `layout` if need be and waits up to `patience` for its lock.
    ///
    /// Facts of another `extractor` version are forgotten. A store whose manifest cannot be read
    /// is an error; [`Writer::rebuild`] starts over.
    pub fn open(layout: &Layout, extractor: u32, patience: Duration) -> Result<Self, StoreError> {
        let lock = prepare(layout, patience)?;
        let manifest = match Manifest::read(layout) {
            Ok(manifest) if manifest.extractor == extractor => manifest,
            Ok(other) => Manifest::empty_after(extractor, other.generation),
            Err(StoreError::Missing(_)) => Manifest::empty(extractor),
            Err(error) => return Err(error),
        };
        Self::with_manifest(layout, manifest, lock)
    }

    /// Opens the store as if it held nothing, whatever it holds.
    pub fn rebuild(
        layout: &Layout,
        extractor: u32,
        patience: Duration,
    ) -> Result<Self, StoreError> {
        let lock = prepare(layout, patience)?;
        let generation = Manifest::read(layout).map_or(0, |manifest| manifest.generation);
        let manifest = Manifest::empty_after(extractor, generation);
        Self::with_manifest(layout, manifest, lock)
    }

    fn with_manifest(
        layout: &Layout,
        manifest: Manifest,
        lock: WriterLock,
    ) -> Result<Self, StoreError> {
        let packs = manifest.packs.iter().map(|pack| Pack::open(layout.facts(pack.generation)));
        Ok(Self {
            layout: layout.clone(),
            stored: Stored(Arc::new(packs.collect::<Result<_, _>>()?)),
            manifest,
            pending: None,
            pending_keys: HashSet::new(),
            lexical: None,
            units: None,
            vectors: VectorWriter::default(),
            is_settled: false,
            _lock: lock,
        })
    }

    /// The view last committed under `key`, empty when there is none.
    pub fn view(&self, key: &ViewKey) -> Result<View, StoreError> {
        match self.manifest.views.get(key) {
            Some(name) => View::read(self.layout.view(key, name.generation)),
            None => Ok(View::default()),
        }
    }

    /// What earlier commits stored; stays as it is while this writer goes on.
    pub fn stored(&self) -> Stored {
        self.stored.clone()
    }

    /// Whether the facts of `key` are stored or about to be.
    pub fn has_content(&self, key: ContentKey) -> bool {
        self.pending_keys.contains(&key) || self.stored.has_content(key)
    }

    /// The units that have chunks in the full-text index.
    pub fn units(&mut self) -> Result<&HashSet<UnitKey>, StoreError> {
        if self.units.is_none() {
            self.units = Some(reader::known_units(&self.layout, &self.manifest.lexical)?);
        }
        Ok(self.units.get_or_insert_default())
    }

    /// Adds a content; one that is known already is dropped.
    pub fn add_content(&mut self, addition: &Addition) -> Result<(), StoreError> {
        if self.has_content(addition.key) {
            return Ok(());
        }
        self.pending_keys.insert(addition.key);
        let generation = self.manifest.generation + 1;
        let pending = match &mut self.pending {
            Some(pending) => pending,
            none => none.insert(Pending {
                facts: PackWriter::create(self.layout.facts(generation))?,
                grams: TrigramBuilder::new(),
            }),
        };
        pending.grams.push(pending.facts.len(), &addition.trigrams);
        pending.facts.push(addition.key, &addition.facts)
    }

    /// Adds the chunks of a unit; the caller has asked [`units`](Self::units) whether it is new.
    pub fn add_chunks(
        &mut self,
        unit: UnitKey,
        chunks: Vec<ChunkDocument>,
        load: Load,
    ) -> Result<(), StoreError> {
        let writer = match &mut self.lexical {
            Some(writer) => writer,
            none => {
                let writer = LexicalWriter::open(&self.layout, &self.manifest.lexical, load)?;
                none.insert(writer)
            }
        };
        chunks.into_iter().try_for_each(|chunk| writer.add(unit, chunk))
    }

    /// The units that have vectors of `model`, those added by this writer included. Files of
    /// vectors that cannot be read count as missing: their units are wanted again.
    pub fn vector_units(&mut self, model: &ModelId) -> Result<&HashSet<UnitKey>, StoreError> {
        self.vectors.units(&self.layout, &self.manifest, model)
    }

    /// Adds the vectors that `model` gave the chunks of a unit; one that has some is left alone.
    /// The unit need not be part of any view yet.
    pub fn add_vectors(
        &mut self,
        model: &ModelId,
        unit: UnitKey,
        vectors: &PackedVectors,
    ) -> Result<(), StoreError> {
        self.vectors.add(&self.layout, &self.manifest, model, unit, vectors)
    }

    /// The symbol graph last committed under `key`, be it of an earlier view; none when it cannot
    /// be read, for then it is made anew.
    pub fn graph(&self, key: &ViewKey) -> Option<GraphReader> {
        let name = self.manifest.views.get(key)?.graph?;
        GraphReader::open(&self.layout, key, name).ok()
    }

    /// Whether the view last committed under `key` has a symbol graph that can be read.
    pub fn has_current_graph(&self, key: &ViewKey) -> bool {
        let current = self.manifest.views.get(key).and_then(ViewName::current_graph);
        current.is_some() && self.graph(key).is_some()
    }

    /// Writes everything that a commit of `view` would write but its graph and the manifest, so
    /// that the graph can be made in the meantime. No reader sees any of it.
    ///
    /// After that nothing may be added, and nothing else be committed.
    pub fn settle(&mut self, key: &ViewKey, root: &Path, view: &View) -> Result<(), StoreError> {
        let generation = self.manifest.generation + 1;
        view.write(self.layout.view(key, generation))?;
        let root = root.to_string_lossy().into_owned();
        let graph = self.manifest.views.get(key).and_then(|name| name.graph);
        let name = ViewName { generation, root, graph, is_graph_older: graph.is_some() };
        self.manifest.views.insert(key.clone(), name);
        self.settle_additions()?;
        self.is_settled = true;
        Ok(())
    }

    fn settle_additions(&mut self) -> Result<(), StoreError> {
        let generation = self.manifest.generation + 1;
        self.finish_packs(generation)?;
        if let Some(writer) = self.lexical.take() {
            self.manifest.lexical = writer.finish(false)?;
        }
        let named = self.manifest.clone();
        // Damage to the view of another tree must not keep this one from being written.
        let live = || match Live::of(&self.layout, &named) {
            Ok(live) => Some(live.units),
            Err(_) => None,
        };
        let vectors = std::mem::take(&mut self.vectors);
        vectors.finish(&mut self.manifest, generation, live)
    }

    /// Makes everything added, and `view` of the tree at `root`, the state that readers see.
    /// Returns the new generation. Readers of the view find no symbol graph; the one of the view
    /// before is kept for [`commit_with_graph`](Self::commit_with_graph) to build on.
    pub fn commit(self, key: &ViewKey, root: &Path, view: &View) -> Result<u64, StoreError> {
        self.commit_view(key, root, view, None)
    }

    /// Does as [`commit`](Self::commit), with the symbol graph made for `view` from what
    /// [`graph`](Self::graph) gave.
    pub fn commit_with_graph(
        self,
        key: &ViewKey,
        root: &Path,
        view: &View,
        graph: PackedGraph,
    ) -> Result<u64, StoreError> {
        self.commit_view(key, root, view, Some(graph))
    }

    fn commit_view(
        mut self,
        key: &ViewKey,
        root: &Path,
        view: &View,
        graph: Option<PackedGraph>,
    ) -> Result<u64, StoreError> {
        if !self.is_settled {
            self.settle(key, root, view)?;
        }
        let generation = self.manifest.generation + 1;
        if let (Some(graph), Some(name)) = (graph, self.manifest.views.get_mut(key)) {
            name.graph = Some(graph.write(&self.layout, key, generation, name.graph)?);
            name.is_graph_older = false;
        }
        self.finish()
    }

    /// Makes everything added the state that readers see, and leaves every view as it is.
    /// Returns the new generation. For vectors that come later than the words.
    pub fn commit_additions(mut self) -> Result<u64, StoreError> {
        self.settle_additions()?;
        self.finish()
    }

    fn finish(mut self) -> Result<u64, StoreError> {
        self.manifest.generation += 1;
        self.manifest.write(&self.layout)?;
        crate::maintain::sweep(&self.layout, &self.manifest)?;
        Ok(self.manifest.generation)
    }

    fn finish_packs(&mut self, generation: u64) -> Result<(), StoreError> {
        let Some(mut pending) = self.pending.take() else { return Ok(()) };
        if self.stored.0.len() >= MAX_PACKS {
            self.merge_smallest(&mut pending)?;
        }
        let contents = pending.facts.len();
        pending.facts.finish()?;
        write_component(GRAMS, self.layout.grams(generation), &pending.grams.finish())?;
        self.manifest.packs.push(PackName { generation, contents });
        Ok(())
    }

    fn merge_smallest(&mut self, pending: &mut Pending) -> Result<(), StoreError> {
        let mut smallest = self.manifest.packs.clone();
        smallest.sort_by_key(|pack| (pack.contents, pack.generation));
        smallest.truncate(MERGED_PACKS);
        let merged: BTreeSet<u64> = smallest.iter().map(|pack| pack.generation).collect();
        for (name, pack) in self.manifest.packs.iter().zip(self.stored.0.iter()) {
            if merged.contains(&name.generation) {
                let keep = |_| true;
                crate::maintain::append_pack(
                    &self.layout,
                    name.generation,
                    pack,
                    &mut pending.facts,
                    &mut pending.grams,
                    keep,
                )?;
            }
        }
        self.manifest.packs.retain(|pack| !merged.contains(&pack.generation));
        Ok(())
    }
}

fn prepare(layout: &Layout, patience: Duration) -> Result<WriterLock, StoreError> {
    let parts = [layout.packs(), layout.views(), layout.lexical(), layout.vectors()];
    for folder in parts.into_iter().chain([layout.graphs()]) {
        fs::create_dir_all(&folder).map_err(StoreError::io("create", &folder))?;
    }
    WriterLock::acquire(layout, patience)
}
