//! Upkeep: sweeping what no manifest names, verifying every byte, collecting what no view needs.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use flux_core::ModelId;

use crate::component::{GRAMS, SYMBOL_GRAPH, VIEW, remove_if_there, write_component};
use crate::error::StoreError;
use crate::graph::GraphReader;
use crate::key::{ContentKey, UnitKey, ViewKey};
use crate::layout::Layout;
use crate::lexical::LexicalWriter;
use crate::lexical::index::Load;
use crate::lexical::reader::{SegmentFiles, known_units, verify_segment_file, verify_segments};
use crate::lock::WriterLock;
use crate::manifest::{Manifest, PackName, VectorName, ViewName};
use crate::map::MappedFile;
use crate::pack::{Pack, PackWriter};
use crate::snapshot::open_gram_index;
use crate::trigram::TrigramBuilder;
use crate::vectors::file::VectorFile;
use crate::vectors::graph::{self, GRAPH_ROWS, Graph};
use crate::vectors::writer::compact;
use crate::view::View;

/// What [`collect`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Views of trees that are gone.
    pub views: usize,
    /// Contents that no view holds.
    pub contents: usize,
    /// Units of the full-text index that no view holds.
    pub units: usize,
    /// Vectors of units that no view holds, and of models that nobody uses.
    pub vectors: usize,
    /// Bytes on disk before.
    pub bytes_before: u64,
    /// Bytes on disk after.
    pub bytes_after: u64,
}

/// Bytes that the store's files take.
pub fn disk_bytes(layout: &Layout) -> Result<u64, StoreError> {
    let mut bytes = 0;
    let parts =
        [layout.packs(), layout.views(), layout.lexical(), layout.vectors(), layout.graphs()];
    for folder in [layout.directory().to_owned()].into_iter().chain(parts) {
        for (path, _) in files_of(&folder)? {
            match fs::metadata(&path) {
                Ok(metadata) => bytes += metadata.len(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(StoreError::io("look at", &path)(error)),
            }
        }
    }
    Ok(bytes)
}

/// How often verifying starts over because a writer removed files that it had yet to read.
const VERIFY_ATTEMPTS: usize = 4;

/// Checks every byte of every file in use against its checksum. Returns a line for each problem.
///
/// Takes no lock, so that it can run beside a writer. A file that is gone is a problem only while
/// the manifest names it: a commit removes files that the one before it used.
pub fn verify(layout: &Layout) -> Result<Vec<String>, StoreError> {
    let mut attempt = 1;
    loop {
        let manifest = Manifest::read(layout)?;
        let mut errors = check_files(layout, &manifest)?;
        let has_vanished = errors.iter().any(StoreError::is_vanished_file);
        if has_vanished && Manifest::read(layout)? != manifest {
            if attempt < VERIFY_ATTEMPTS {
                attempt += 1;
                continue;
            }
            errors.retain(|error| !error.is_vanished_file());
        }
        return Ok(errors.iter().map(ToString::to_string).collect());
    }
}

fn check_files(layout: &Layout, manifest: &Manifest) -> Result<Vec<StoreError>, StoreError> {
    let mut errors = Vec::new();
    let mut check = |result: Result<(), StoreError>| errors.extend(result.err());
    for pack in &manifest.packs {
        check(Pack::open(layout.facts(pack.generation)).and_then(|pack| pack.verify()));
        let path = layout.grams(pack.generation);
        check(MappedFile::open(&path).and_then(|map| GRAMS.verify(&path, map.as_ref())));
    }
    for (key, name) in &manifest.views {
        let path = layout.view(key, name.generation);
        check(MappedFile::open(&path).and_then(|map| VIEW.verify(&path, map.as_ref())));
        for path in graph_files(layout, key, name) {
            let verify = |map: MappedFile| SYMBOL_GRAPH.verify(&path, map.as_ref());
            check(MappedFile::open(&path).and_then(verify));
        }
        if let Some(graph) = name.graph {
            check(GraphReader::open(layout, key, graph).map(drop));
        }
    }
    for name in &manifest.vectors {
        let path = layout.vector_file(name.generation, &name.model);
        let vectors = VectorFile::open(path, &name.model);
        if let (Ok(vectors), true) = (&vectors, name.graph) {
            let path = layout.graph_file(name.generation, &name.model);
            check(Graph::open(path, vectors).and_then(|graph| graph.verify()));
        }
        check(vectors.and_then(|file| file.verify()));
    }
    check(verify_segments(layout, &manifest.lexical));
    if let Ok(segments) = SegmentFiles::of(layout, &manifest.lexical) {
        for (path, name) in files_of(&layout.lexical())? {
            if segments.contains(&name) {
                check(verify_segment_file(layout, &path));
            }
        }
    }
    Ok(errors)
}

/// What [`collect_unwanted`] may take away besides what nothing refers to.
pub struct Unwanted<'a> {
    /// Whether the tree with this root is gone.
    pub is_gone: &'a dyn Fn(&Path) -> bool,
    /// Whether vectors of this model are still wanted.
    pub is_used: &'a dyn Fn(&ModelId) -> bool,
}

/// Removes views of trees that are gone, then what no view needs, then compacts the rest. Keeps
/// the vectors of every model.
pub fn collect(
    layout: &Layout,
    patience: Duration,
    is_gone: impl Fn(&Path) -> bool,
) -> Result<Collected, StoreError> {
    collect_unwanted(layout, patience, &Unwanted { is_gone: &is_gone, is_used: &|_| true })
}

/// Does as [`collect`], and removes the vectors of models that are not used.
pub fn collect_unwanted(
    layout: &Layout,
    patience: Duration,
    unwanted: &Unwanted<'_>,
) -> Result<Collected, StoreError> {
    collect_with_graphs(layout, patience, unwanted, GRAPH_ROWS)
}

/// Does as [`collect_unwanted`], with graphs for files of at least `graph_rows` vectors; for
/// measuring and testing what usually takes millions of them.
pub fn collect_with_graphs(
    layout: &Layout,
    patience: Duration,
    unwanted: &Unwanted<'_>,
    graph_rows: usize,
) -> Result<Collected, StoreError> {
    // A lock file cannot be made where there is no store.
    Manifest::read(layout)?;
    let _lock = WriterLock::acquire(layout, patience)?;
    let mut manifest = Manifest::read(layout)?;
    let mut collected = Collected { bytes_before: disk_bytes(layout)?, ..Collected::default() };
    let before = manifest.views.len();
    manifest.views.retain(|_, name| !(unwanted.is_gone)(Path::new(&name.root)));
    collected.views = before - manifest.views.len();

    let live = Live::of(layout, &manifest)?;
    manifest.generation += 1;
    collected.contents = collect_packs(layout, &mut manifest, &live.contents)?;
    collected.units = collect_units(layout, &mut manifest, &live.units)?;
    collected.vectors = collect_vectors(layout, &mut manifest, &live.units, unwanted.is_used)?;
    build_graphs(layout, &mut manifest, graph_rows)?;
    manifest.write(layout)?;
    sweep(layout, &manifest)?;
    collected.bytes_after = disk_bytes(layout)?;
    Ok(collected)
}

/// What some view holds.
pub(crate) struct Live {
    contents: HashSet<ContentKey>,
    pub(crate) units: HashSet<UnitKey>,
}

impl Live {
    pub(crate) fn of(layout: &Layout, manifest: &Manifest) -> Result<Self, StoreError> {
        let mut live = Self { contents: HashSet::new(), units: HashSet::new() };
        for (key, name) in &manifest.views {
            for entry in View::read(layout.view(key, name.generation))?.files() {
                live.contents.extend(entry.content());
                live.units.extend(entry.unit());
            }
        }
        Ok(live)
    }
}

fn collect_packs(
    layout: &Layout,
    manifest: &mut Manifest,
    live: &HashSet<ContentKey>,
) -> Result<usize, StoreError> {
    let generation = manifest.generation;
    let mut facts = PackWriter::create(layout.facts(generation))?;
    let mut grams = TrigramBuilder::new();
    let mut before = 0;
    for name in &manifest.packs {
        let pack = Pack::open(layout.facts(name.generation))?;
        before += pack.len();
        let keep = |key| live.contains(&key);
        append_pack(layout, name.generation, &pack, &mut facts, &mut grams, keep)?;
    }
    let contents = facts.len();
    facts.finish()?;
    write_component(GRAMS, layout.grams(generation), &grams.finish())?;
    manifest.packs = vec![PackName { generation, contents }];
    Ok((before - contents) as usize)
}

fn collect_units(
    layout: &Layout,
    manifest: &mut Manifest,
    live: &HashSet<UnitKey>,
) -> Result<usize, StoreError> {
    let mut dead: Vec<UnitKey> =
        known_units(layout, &manifest.lexical)?.difference(live).copied().collect();
    dead.sort_unstable();
    let mut writer = LexicalWriter::open(layout, &manifest.lexical, Load::Update)?;
    for unit in &dead {
        writer.remove(*unit);
    }
    manifest.lexical = writer.finish(true)?;
    Ok(dead.len())
}

/// Puts the live vectors of each used model into one file. A file that cannot be read goes.
fn collect_vectors(
    layout: &Layout,
    manifest: &mut Manifest,
    live: &HashSet<UnitKey>,
    is_used: &dyn Fn(&ModelId) -> bool,
) -> Result<usize, StoreError> {
    let rows = |names: &[VectorName]| names.iter().map(|name| name.rows as usize).sum::<usize>();
    let before = rows(&manifest.vectors);
    let models: BTreeSet<&ModelId> = manifest.vectors.iter().map(|name| &name.model).collect();
    let mut kept = Vec::new();
    for model in models.into_iter().filter(|model| is_used(model)) {
        kept.extend(compact(layout, manifest, model, live)?);
    }
    manifest.vectors = kept;
    Ok(before - rows(&manifest.vectors))
}

/// Gives large files of vectors the graph that they lack.
fn build_graphs(
    layout: &Layout,
    manifest: &mut Manifest,
    graph_rows: usize,
) -> Result<(), StoreError> {
    for name in manifest.vectors.iter_mut().filter(|name| name.rows as usize >= graph_rows) {
        let vectors = layout.vector_file(name.generation, &name.model);
        let vectors = VectorFile::open(vectors, &name.model)?;
        let path = layout.graph_file(name.generation, &name.model);
        if !name.graph || Graph::open(path.clone(), &vectors).is_err() {
            graph::build(&vectors, path)?;
            name.graph = true;
        }
    }
    Ok(())
}

/// The files of a view's symbol graph.
fn graph_files(layout: &Layout, key: &ViewKey, name: &ViewName) -> Vec<PathBuf> {
    let base = name.graph.map(|graph| layout.graph_base(key, graph.base));
    let delta = name.graph.and_then(|graph| graph.delta);
    base.into_iter().chain(delta.map(|delta| layout.graph_delta(key, delta))).collect()
}

/// Copies the contents of a pack that `keep` wants behind those already in `facts`.
pub(crate) fn append_pack(
    layout: &Layout,
    generation: u64,
    pack: &Pack,
    facts: &mut PackWriter,
    grams: &mut TrigramBuilder,
    keep: impl Fn(ContentKey) -> bool,
) -> Result<(), StoreError> {
    let index = open_gram_index(layout, generation, pack)?;
    let documents = index.documents();
    for (ordinal, trigrams) in (0..pack.len()).zip(documents) {
        if keep(pack.key_at(ordinal)) {
            grams.push(facts.len(), &trigrams);
            facts.copy(pack, ordinal)?;
        }
    }
    Ok(())
}

/// Deletes every file that `manifest` does not name. The caller holds the writer's lock.
pub(crate) fn sweep(layout: &Layout, manifest: &Manifest) -> Result<(), StoreError> {
    let mut used: HashSet<PathBuf> = HashSet::new();
    for pack in &manifest.packs {
        used.insert(layout.facts(pack.generation));
        used.insert(layout.grams(pack.generation));
    }
    let vectors = manifest.vectors.iter();
    used.extend(vectors.map(|name| layout.vector_file(name.generation, &name.model)));
    let graphs = manifest.vectors.iter().filter(|name| name.graph);
    used.extend(graphs.map(|name| layout.graph_file(name.generation, &name.model)));
    for (key, name) in &manifest.views {
        used.insert(layout.view(key, name.generation));
        used.extend(graph_files(layout, key, name));
    }
    for folder in [layout.packs(), layout.views(), layout.vectors(), layout.graphs()] {
        for (path, _) in files_of(&folder)? {
            if !used.contains(&path) {
                remove_if_there(&path)?;
            }
        }
    }
    let segments = SegmentFiles::of(layout, &manifest.lexical)?;
    for (path, name) in files_of(&layout.lexical())? {
        if !segments.contains(&name) {
            remove_if_there(&path)?;
        }
    }
    Ok(())
}

/// The files right in `folder`, with their names; none in a folder that does not exist.
fn files_of(folder: &Path) -> Result<Vec<(PathBuf, String)>, StoreError> {
    let mut files = Vec::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
        entries => entries.map_err(StoreError::io("list", folder))?,
    };
    for entry in entries {
        let entry = entry.map_err(StoreError::io("list", folder))?;
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            files.push((entry.path(), entry.file_name().to_string_lossy().into_owned()));
        }
    }
    Ok(files)
}
