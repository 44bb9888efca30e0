//! A snapshot: one view and everything it needs, opened for reading, never changing.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::PathBuf;
use std::sync::OnceLock;

use flux_core::{FileId, ModelId, Outline};
use rustc_hash::FxHashMap;

use crate::component::GRAMS;
use crate::error::StoreError;
use crate::graph::GraphReader;
use crate::key::{ContentKey, UnitKey, ViewKey};
use crate::layout::Layout;
use crate::lexical::{LexicalReader, MappedSegments};
use crate::manifest::{Manifest, ViewName};
use crate::map::MappedFile;
use crate::pack::Pack;
use crate::trigram::{TrigramIndex, TrigramQuery};
use crate::vectors::file::VectorFile;
use crate::vectors::graph::Graph;
use crate::vectors::reader::Source;
use crate::vectors::{VectorCoverage, VectorReader};
use crate::view::View;

/// How often a reader starts over when a writer removed a file under its hands. Each attempt
/// reads the then newest manifest; losing twice in a row takes two commits within milliseconds.
const ATTEMPTS: usize = 8;

/// One tree as of one commit. Cheap to open: parts are mapped or read when first needed.
pub struct Snapshot {
    layout: Layout,
    manifest: Manifest,
    view: View,
    packs: Vec<Pack>,
    segments: MappedSegments,
    lexical: OnceLock<LexicalReader>,
    grams: Vec<TrigramIndex<GramBytes>>,
    by_content: OnceLock<HashMap<ContentKey, Vec<FileId>>>,
    units: OnceLock<FxHashMap<UnitKey, FileId>>,
    vectors: BTreeMap<ModelId, ModelVectors>,
    graph: Option<GraphReader>,
}

/// A file of vectors and its graph.
struct MappedVectors {
    vectors: (PathBuf, MappedFile),
    graph: Option<(PathBuf, MappedFile)>,
}

impl MappedVectors {
    /// What can be read of it.
    fn read(&self, model: &ModelId) -> Option<Source> {
        let (path, map) = self.vectors.clone();
        let vectors = VectorFile::new(path, map, model).ok()?;
        let open = |(path, map)| Graph::new(path, map, vectors.row_count()).ok();
        let graph = self.graph.clone().and_then(open);
        Some((vectors, graph))
    }
}

/// The vectors of one model, mapped when the snapshot is opened, so that no later commit can
/// take them away, and looked at when first asked for.
#[derive(Default)]
struct ModelVectors {
    files: Vec<MappedVectors>,
    reader: OnceLock<Option<VectorReader>>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("directory", &self.layout.directory())
            .field("generation", &self.manifest.generation)
            .finish_non_exhaustive()
    }
}

/// The body of a trigram component.
struct GramBytes(MappedFile);

impl AsRef<[u8]> for GramBytes {
    fn as_ref(&self) -> &[u8] {
        let bytes = self.0.as_ref();
        let end = bytes.len() - crate::component::CHECKSUM_LEN;
        &bytes[crate::component::HEADER_LEN..end]
    }
}

impl Snapshot {
    /// Opens the newest state of the tree `key`, if it was written by this `extractor` version.
    pub fn open(layout: &Layout, key: &ViewKey, extractor: u32) -> Result<Self, StoreError> {
        let mut attempt = 1;
        loop {
            match Self::try_open(layout, key, extractor) {
                Err(error) if !error.is_vanished_file() => return Err(error),
                Err(_) if attempt < ATTEMPTS => attempt += 1,
                Err(StoreError::Io { path, .. }) => {
                    return Err(StoreError::damaged(&path, "it is gone"));
                }
                result => return result,
            }
        }
    }

    fn try_open(layout: &Layout, key: &ViewKey, extractor: u32) -> Result<Self, StoreError> {
        let manifest = Manifest::read(layout)?;
        let none = || StoreError::NoView(layout.directory().to_owned());
        if manifest.extractor != extractor {
            return Err(none());
        }
        let name = manifest.views.get(key).ok_or_else(none)?;
        let view = View::read(layout.view(key, name.generation))?;
        let generations = || manifest.packs.iter().map(|pack| pack.generation);
        let packs = generations().map(|number| Pack::open(layout.facts(number)));
        let packs: Vec<Pack> = packs.collect::<Result<_, _>>()?;
        let grams =
            generations().zip(&packs).map(|(number, pack)| open_grams(layout, number, pack));
        Ok(Self {
            vectors: map_vectors(layout, &manifest)?,
            graph: map_graph(layout, &manifest, key, view.files().len())?,
            segments: MappedSegments::map(layout, &manifest.lexical)?,
            lexical: OnceLock::new(),
            units: OnceLock::new(),
            grams: grams.collect::<Result<_, _>>()?,
            packs,
            layout: layout.clone(),
            view,
            manifest,
            by_content: OnceLock::new(),
        })
    }

    /// The commit it was made by.
    pub fn generation(&self) -> u64 {
        self.manifest.generation
    }

    /// The files.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The full-text part. The first call reads what belongs to the view; an error means damage.
    pub fn lexical(&self) -> Result<&LexicalReader, StoreError> {
        if let Some(reader) = self.lexical.get() {
            return Ok(reader);
        }
        let reader = self.segments.read(self.units(), self.view.files().len())?;
        Ok(self.lexical.get_or_init(|| reader))
    }

    fn units(&self) -> &FxHashMap<UnitKey, FileId> {
        self.units.get_or_init(|| units_of(&self.view))
    }

    /// The models that have vectors, of any tree.
    pub fn vector_models(&self) -> impl Iterator<Item = &ModelId> {
        self.vectors.keys()
    }

    /// The vectors of `model`; none when no file of them can be read. The first call for a model
    /// finds out which of them belong to the view.
    pub fn vectors(&self, model: &ModelId) -> Option<&VectorReader> {
        let vectors = self.vectors.get(model)?;
        let read = || {
            let files = vectors.files.iter().filter_map(|file| file.read(model)).collect();
            VectorReader::new(files, self.units(), self.view.files().len())
        };
        vectors.reader.get_or_init(read).as_ref()
    }

    /// How much of the view has vectors of `model`.
    pub fn vector_coverage(&self, model: &ModelId) -> VectorCoverage {
        let none = VectorCoverage { files: self.units().len(), embedded: 0 };
        self.vectors(model).map_or(none, VectorReader::coverage)
    }

    /// The symbol graph; none when it was not made, or cannot be read and must be made anew.
    pub fn graph(&self) -> Option<&GraphReader> {
        self.graph.as_ref()
    }

    /// The chunks and symbols of a file; empty for one that is not indexed.
    pub fn outline(&self, file: FileId) -> Result<Outline, StoreError> {
        match self.find(file)? {
            Some((pack, row)) => pack.outline(row),
            None => Ok(Outline::default()),
        }
    }

    /// What resolving a file's names needs to know of it, encoded; empty for one that is not
    /// indexed or of which nothing is known.
    pub fn lowered(&self, file: FileId) -> Result<Vec<u8>, StoreError> {
        match self.find(file)? {
            Some((pack, row)) => pack.lowered(row),
            None => Ok(Vec::new()),
        }
    }

    /// The digest of what other files may see of that; 0 for a file that is not indexed.
    pub fn exports(&self, file: FileId) -> Result<u64, StoreError> {
        Ok(self.find(file)?.map_or(0, |(pack, row)| pack.exports(row)))
    }

    fn find(&self, file: FileId) -> Result<Option<(&Pack, crate::pack::PackRow)>, StoreError> {
        let Some(key) = self.view.file(file).content() else { return Ok(None) };
        let found = self.packs.iter().find_map(|pack| Some((pack, pack.find(key)?)));
        let path = &self.view.file(file).path;
        found.map(Some).ok_or_else(|| {
            StoreError::damaged(self.layout.directory(), format!("no pack holds {path}"))
        })
    }

    /// The files in which something that needs `query` may be found, ordered by path: every
    /// indexed file with the trigrams, and every file of text that has none because it was left
    /// out of the index.
    pub fn candidates(&self, query: &TrigramQuery) -> Vec<FileId> {
        let by_content = self.by_content.get_or_init(|| by_content(&self.view));
        let mut files: Vec<FileId> = Vec::new();
        for (pack, grams) in self.packs.iter().zip(&self.grams) {
            for ordinal in grams.candidates(query) {
                if ordinal < pack.len()
                    && let Some(same) = by_content.get(&pack.key_at(ordinal))
                {
                    files.extend(same);
                }
            }
        }
        let unindexed = self
            .view
            .iter()
            .filter(|(_, entry)| entry.skipped().is_some_and(flux_core::SkipReason::is_text));
        files.extend(unindexed.map(|(file, _)| file));
        files.sort_unstable();
        files.dedup();
        files
    }
}

fn by_content(view: &View) -> HashMap<ContentKey, Vec<FileId>> {
    let mut map: HashMap<ContentKey, Vec<FileId>> = HashMap::new();
    for (file, entry) in view.iter() {
        if let Some(key) = entry.content() {
            map.entry(key).or_default().push(file);
        }
    }
    map
}

fn units_of(view: &View) -> FxHashMap<UnitKey, FileId> {
    view.iter().filter_map(|(file, entry)| Some((entry.unit()?, file))).collect()
}

/// Maps the vectors in use. A file that is gone although the newest manifest still names it was
/// lost, and counts as missing vectors; otherwise the reader lost a race and starts over.
fn map_vectors(
    layout: &Layout,
    manifest: &Manifest,
) -> Result<BTreeMap<ModelId, ModelVectors>, StoreError> {
    let mut models: BTreeMap<ModelId, ModelVectors> = BTreeMap::new();
    for name in &manifest.vectors {
        let (generation, model) = (name.generation, &name.model);
        let path = layout.vector_file(generation, model);
        let Some(vectors) = map_in_use(layout, manifest, path)? else { continue };
        let graph = match name.graph {
            true => map_in_use(layout, manifest, layout.graph_file(generation, model))?,
            false => None,
        };
        let files = &mut models.entry(model.clone()).or_default().files;
        files.push(MappedVectors { vectors, graph });
    }
    Ok(models)
}

/// Maps the symbol graph of a view of `files` files, if it can be read.
fn map_graph(
    layout: &Layout,
    manifest: &Manifest,
    key: &ViewKey,
    files: usize,
) -> Result<Option<GraphReader>, StoreError> {
    let Some(name) = manifest.views.get(key).and_then(ViewName::current_graph) else {
        return Ok(None);
    };
    let Some(base) = map_in_use(layout, manifest, layout.graph_base(key, name.base))? else {
        return Ok(None);
    };
    let delta = match name.delta {
        None => None,
        Some(generation) => {
            let mapped = map_in_use(layout, manifest, layout.graph_delta(key, generation))?;
            let Some(delta) = mapped else { return Ok(None) };
            Some(delta)
        }
    };
    let graph = GraphReader::of_maps(base, delta, name);
    Ok(graph.ok().filter(|graph| graph.file_count() == files))
}

/// Maps a file that `manifest` names; none if it was lost.
fn map_in_use(
    layout: &Layout,
    manifest: &Manifest,
    path: PathBuf,
) -> Result<Option<(PathBuf, MappedFile)>, StoreError> {
    match MappedFile::open(&path) {
        Ok(map) => Ok(Some((path, map))),
        Err(error) if !error.is_vanished_file() => Err(error),
        Err(error) if Manifest::read(layout)?.generation != manifest.generation => Err(error),
        Err(_) => Ok(None),
    }
}

/// Opens the trigrams of `pack`, whose contents they count.
fn open_grams(
    layout: &Layout,
    generation: u64,
    pack: &Pack,
) -> Result<TrigramIndex<GramBytes>, StoreError> {
    let path = layout.grams(generation);
    let map = MappedFile::open(&path)?;
    GRAMS.body(&path, map.as_ref())?;
    let index = TrigramIndex::open(GramBytes(map))
        .map_err(|error| StoreError::damaged(&path, error.to_string()))?;
    if index.document_count() != pack.len() {
        return Err(StoreError::damaged(&path, "it does not belong to its pack"));
    }
    Ok(index)
}

pub(crate) fn open_gram_index(
    layout: &Layout,
    generation: u64,
    pack: &Pack,
) -> Result<TrigramIndex<impl AsRef<[u8]>>, StoreError> {
    open_grams(layout, generation, pack)
}
