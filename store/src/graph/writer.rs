//! Writing a graph: what is new, what stays, and whether that makes a base or a delta.

use std::path::PathBuf;
use std::sync::Arc;

use flux_core::{DefinitionIndex, DefinitionRef, FileGraph, FileId};
use rustc_hash::FxHashMap;

use super::adjacency::{Adjacency, Ranks};
use super::build::{FileRecord, SegmentBuilder, append_ranks};
use super::carry::Carried;
use super::format::{Column, IN_DELTA, NONE, Section};
use super::id::{SymbolId, ids_of};
use super::lines::LineTable;
use super::reader::GraphReader;
use super::segment::Segment;
use crate::component::{SYMBOL_GRAPH, write_component};
use crate::error::StoreError;
use crate::key::ViewKey;
use crate::layout::Layout;
use crate::manifest::GraphName;
use crate::map::MappedFile;
use crate::view::View;

/// A delta, and what it replaces, may be one in this many records of its base. Every commit writes
/// the delta anew: at this share it takes about a tenth of the time that a base takes.
const DELTA_SHARE: usize = 10;

/// What becomes of one file.
enum Source<'a> {
    /// It has no graph.
    None,
    /// The previous graph holds, where it is this file.
    Kept(FileId),
    /// It was resolved.
    Added { graph: &'a FileGraph, ids: Vec<SymbolId>, known: FileRecord },
}

/// Collects the graph of a new view.
pub struct GraphWriter<'a> {
    view: &'a View,
    previous: Option<&'a GraphReader>,
    files: Vec<Source<'a>>,
    kept: Vec<FileId>,
    carried: Carried,
    delta_share: usize,
}

/// A graph to be written by [`commit_with_graph`](crate::Writer::commit_with_graph).
#[derive(Debug)]
pub struct PackedGraph {
    form: Form,
    /// What it goes on from.
    previous: Option<GraphName>,
}

#[derive(Debug)]
enum Form {
    /// Nothing changed.
    Same,
    Base(Vec<u8>),
    Delta(Vec<u8>),
}

impl PackedGraph {
    /// Bytes to be written.
    pub fn byte_count(&self) -> usize {
        match &self.form {
            Form::Same => 0,
            Form::Base(body) | Form::Delta(body) => body.len(),
        }
    }

    /// Whether it holds only what changed since a base.
    pub fn is_delta(&self) -> bool {
        matches!(self.form, Form::Delta(_))
    }

    /// Writes it as part of commit `generation`, which finds `current` in the manifest.
    pub(crate) fn write(
        self,
        layout: &Layout,
        key: &ViewKey,
        generation: u64,
        current: Option<GraphName>,
    ) -> Result<GraphName, StoreError> {
        let goes_on = || {
            let path = layout.graphs();
            let lost =
                || StoreError::damaged(&path, "the graph that a new one goes on from is gone");
            self.previous.filter(|previous| Some(*previous) == current).ok_or_else(lost)
        };
        match self.form {
            Form::Same => goes_on(),
            Form::Base(body) => {
                write_component(SYMBOL_GRAPH, layout.graph_base(key, generation), &body)?;
                Ok(GraphName { base: generation, delta: None })
            }
            Form::Delta(body) => {
                let name = GraphName { delta: Some(generation), ..goes_on()? };
                write_component(SYMBOL_GRAPH, layout.graph_delta(key, generation), &body)?;
                Ok(name)
            }
        }
    }
}

impl<'a> GraphWriter<'a> {
    /// Starts the graph of `view`, which goes on from `previous`.
    pub fn new(view: &'a View, previous: Option<&'a GraphReader>) -> Self {
        let files = view.files().iter().map(|_| Source::None).collect();
        let (kept, carried) = (Vec::new(), Carried::default());
        Self { view, previous, files, kept, carried, delta_share: DELTA_SHARE }
    }

    /// Puts beside the files what the next run of resolution can make use of.
    pub fn carry(&mut self, carried: Carried) {
        self.carried = carried;
    }

    /// Makes a base when the delta would be worth more than one in `share` of it.
    #[cfg(test)]
    pub(crate) fn with_delta_share(mut self, share: usize) -> Self {
        self.delta_share = share;
        self
    }

    /// Takes over what the previous graph says of the file at this path.
    pub fn keep(&mut self, file: FileId) {
        self.kept.push(file);
    }

    /// Adds a file that was resolved: its graph, the digest of its content, what its resolution
    /// depended on, and where its lines start.
    ///
    /// # Panics
    ///
    /// When the view has no such file.
    pub fn add(
        &mut self,
        file: FileId,
        graph: &'a FileGraph,
        content: u64,
        dependencies: &[(u64, u64)],
        lines: &[u32],
    ) {
        let ids = ids_of(self.view.file(file).path.as_str(), &graph.definitions);
        let lines = LineTable::new(lines);
        let known = FileRecord { content, dependencies: dependencies.to_vec(), lines };
        self.files[file.0 as usize] = Source::Added { graph, ids, known };
    }

    /// Puts everything together. `rank` is given the new graph as nodes and edges, and must go by
    /// them alone: it is not asked when none of them changed.
    pub fn finish(
        mut self,
        rank: &dyn Fn(&Adjacency<'_>) -> Result<Ranks, StoreError>,
    ) -> Result<PackedGraph, StoreError> {
        let before = self.find_before()?;
        for file in std::mem::take(&mut self.kept) {
            if let (Some(previous), Some(then)) = (self.previous, before.old_of(file))
                && previous.has(then)?
            {
                self.files[file.0 as usize] = Source::Kept(then);
            }
        }
        let name = self.previous.and_then(|previous| previous.name);
        if name.is_some() && self.is_same(&before)? {
            return Ok(PackedGraph { form: Form::Same, previous: name });
        }
        let base = match self.previous.filter(|_| name.is_some()) {
            Some(previous) => self.base_to_keep(previous, &before)?,
            None => None,
        };
        let plan = Plan::new(&self, base, &before)?;
        let segment = Arc::new(Segment::of_body(plan.body()?)?);
        let ranks = match self.has_same_edges(&before)? {
            true => self.ranks_before(&plan)?,
            false => self.rank(&plan, segment.clone(), rank)?,
        };
        let segment = Arc::into_inner(segment).expect("its only other user is done");
        let body = append_ranks(segment.into_body(), &ranks);
        let form = match plan.base {
            Some(_) => Form::Delta(body),
            None => Form::Base(body),
        };
        Ok(PackedGraph { form, previous: name })
    }

    /// Which file of the view is which of the previous one.
    fn find_before(&self) -> Result<Before, StoreError> {
        let mut before = Before { old: vec![None; self.files.len()], new: Vec::new() };
        let Some(previous) = self.previous else { return Ok(before) };
        for then in (0..previous.file_count() as u32).map(FileId) {
            let now = self.view.find(previous.path(then)?);
            if let Some(now) = now {
                before.old[now.0 as usize] = Some(then);
            }
            before.new.push(now);
        }
        Ok(before)
    }

    fn is_same(&self, before: &Before) -> Result<bool, StoreError> {
        let Some(previous) = self.previous else { return Ok(false) };
        if previous.file_count() != self.files.len() || previous.inputs()? != self.carried.inputs {
            return Ok(false);
        }
        for (file, source) in (0..).map(FileId).zip(&self.files) {
            let is_same = match (source, before.old_of(file)) {
                (Source::Kept(then), _) => *then == file,
                (Source::None, Some(then)) => then == file && !previous.has(then)?,
                (Source::None, None) | (Source::Added { .. }, _) => false,
            };
            if !is_same {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// For each file its place in the base of the previous graph, if it can stay there; nothing
    /// when too much has changed since that base was written.
    fn base_to_keep(
        &self,
        previous: &'a GraphReader,
        before: &Before,
    ) -> Result<Option<Base<'a>>, StoreError> {
        let mut slots = vec![None; self.files.len()];
        let (mut changed, mut total) = (0, 0);
        let mut stays = vec![false; previous.base.files() as usize];
        for (file, source) in (0..).map(FileId).zip(&self.files) {
            let then = before.old_of(file).map(|then| previous.listed(then)).transpose()?;
            let in_base =
                then.filter(|then| then.offset == 0 && std::ptr::eq(then.segment, &*previous.base));
            let slot = match (source, in_base) {
                (Source::Added { .. }, _) | (_, None) => None,
                (Source::Kept(_), Some(place)) => Some(place.slot),
                (Source::None, Some(place)) => {
                    (!place.segment.has_graph(place.slot)?).then_some(place.slot)
                }
            };
            match slot {
                Some(slot) => stays[slot as usize] = true,
                None => changed += self.weight_of(source)?,
            }
            slots[file.0 as usize] = slot;
        }
        for (slot, stays) in (0..).zip(stays) {
            let weight = FILE_WEIGHT
                + previous.base.range(slot, Column::Occurrence)?.len()
                + previous.base.range(slot, Column::Definition)?.len();
            total += weight;
            changed += if stays { 0 } else { weight };
        }
        let is_small = changed.saturating_mul(self.delta_share) <= total;
        Ok(is_small.then_some(Base { segment: &previous.base, slots }))
    }

    /// About how much of a file must be written, in records.
    fn weight_of(&self, source: &Source<'_>) -> Result<usize, StoreError> {
        Ok(FILE_WEIGHT
            + match (source, self.previous) {
                (Source::Added { graph, .. }, _) => {
                    graph.occurrences.len() + graph.definitions.len()
                }
                (Source::Kept(then), Some(previous)) => {
                    previous.count_of(*then, Column::Occurrence)?
                        + previous.count_of(*then, Column::Definition)?
                }
                (Source::Kept(_), None) | (Source::None, _) => 0,
            })
    }

    /// Whether the new graph has the definitions and edges of the previous one.
    fn has_same_edges(&self, before: &Before) -> Result<bool, StoreError> {
        let Some(previous) = self.previous else { return Ok(false) };
        if previous.file_count() != self.files.len() {
            return Ok(false);
        }
        for (file, source) in (0..).map(FileId).zip(&self.files) {
            let is_same = before.old_of(file) == Some(file)
                && match source {
                    Source::None => !previous.has(file)?,
                    Source::Kept(_) => true,
                    Source::Added { graph, ids, .. } => {
                        previous.has_same_edges(file, graph, ids)?
                    }
                };
            if !is_same {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Rank and community of each definition by its number, as in the previous graph.
    fn ranks_before(&self, plan: &Plan<'_, '_>) -> Result<Vec<(f32, u32)>, StoreError> {
        let mut by_number = vec![(0.0, 0); plan.numbers as usize];
        let Some(previous) = self.previous else { return Ok(by_number) };
        for (file, (first, count)) in (0..).map(FileId).zip(plan.firsts.iter().zip(&plan.counts)) {
            if *first != NONE {
                let known = previous.ranks_of(file)?;
                let places = by_number[*first as usize..].iter_mut().take(*count as usize);
                places.zip(known).for_each(|(place, known)| *place = known);
            }
        }
        Ok(by_number)
    }

    /// Reads the new graph before it has ranks, and has them computed for each number.
    fn rank(
        &self,
        plan: &Plan<'_, '_>,
        segment: Arc<Segment>,
        rank: &dyn Fn(&Adjacency<'_>) -> Result<Ranks, StoreError>,
    ) -> Result<Vec<(f32, u32)>, StoreError> {
        let reader = match (&plan.base, self.previous) {
            (Some(_), Some(previous)) => {
                GraphReader::new(previous.base.clone(), Some(segment), None)?
            }
            _ => GraphReader::new(segment, None, None)?,
        };
        let adjacency = Adjacency::new(&reader, self.previous)?;
        let Ranks { ranks, communities } = rank(&adjacency)?;
        let mut by_number = vec![(0.0, 0); plan.numbers as usize];
        for (file, first) in (0..).map(FileId).zip(&plan.firsts) {
            let first_node = adjacency.node(DefinitionRef { file, index: DefinitionIndex::MODULE });
            let Some(node) = first_node.filter(|_| *first != NONE) else { continue };
            let places = by_number[*first as usize..].iter_mut();
            for (node, place) in (node as usize..).zip(places).take(reader.definitions_of(file)?) {
                let rank = ranks.get(node).copied().unwrap_or_default();
                *place = (rank, communities.get(node).copied().unwrap_or_default());
            }
        }
        Ok(by_number)
    }
}

/// What a file costs beside its records, as so many of them.
const FILE_WEIGHT: usize = 16;

/// Which file was which, by path.
struct Before {
    /// For each file of the new view.
    old: Vec<Option<FileId>>,
    /// For each file of the previous view.
    new: Vec<Option<FileId>>,
}

impl Before {
    fn old_of(&self, file: FileId) -> Option<FileId> {
        self.old.get(file.0 as usize).copied().flatten()
    }

    fn new_of(&self, file: FileId) -> Option<FileId> {
        self.new.get(file.0 as usize).copied().flatten()
    }
}

/// A base that stays.
struct Base<'a> {
    segment: &'a Segment,
    /// For each file of the new view its place there.
    slots: Vec<Option<u32>>,
}

/// Where everything will lie.
struct Plan<'w, 'a> {
    writer: &'w GraphWriter<'a>,
    before: &'w Before,
    base: Option<Base<'a>>,
    /// The number of each file's first definition; `NONE` for one without a graph.
    firsts: Vec<u32>,
    /// Number of definitions of each file.
    counts: Vec<u32>,
    /// Number of definitions of base and delta, those of replaced files included.
    numbers: u32,
    /// Definitions of resolved files, by id, to be found by kept files.
    added: FxHashMap<SymbolId, DefinitionRef>,
}

impl<'w, 'a> Plan<'w, 'a> {
    fn new(
        writer: &'w GraphWriter<'a>,
        base: Option<Base<'a>>,
        before: &'w Before,
    ) -> Result<Self, StoreError> {
        let mut numbers = base.as_ref().map_or(0, |base| base.segment.definitions());
        let (mut firsts, mut counts) = (Vec::new(), Vec::new());
        let mut added = FxHashMap::default();
        for (file, source) in (0..).map(FileId).zip(&writer.files) {
            let count = match (source, writer.previous) {
                (Source::Added { graph, .. }, _) => graph.definitions.len() as u32,
                (Source::Kept(then), Some(previous)) => previous.definitions_of(*then)? as u32,
                (Source::Kept(_), None) | (Source::None, _) => 0,
            };
            let in_base =
                base.as_ref().and_then(|base| Some((base.segment, base.slots[file.0 as usize]?)));
            let first = match (source, in_base) {
                (Source::None, _) => NONE,
                (_, Some((segment, slot))) => segment.range(slot, Column::Definition)?.start,
                (_, None) => {
                    let first = numbers;
                    numbers += count;
                    first
                }
            };
            firsts.push(first);
            counts.push(count);
            if let (Source::Added { ids, .. }, Some(_)) = (source, before.old_of(file)) {
                let found =
                    (0..).map(|index| DefinitionRef { file, index: DefinitionIndex(index) });
                added.extend(ids.iter().copied().zip(found));
            }
        }
        Ok(Self { writer, before, base, firsts, counts, numbers, added })
    }

    /// The number of a definition of the new view; `None` for one that does not exist.
    fn number(&self, definition: DefinitionRef) -> Option<u32> {
        let file = definition.file.0 as usize;
        let (first, count) = (*self.firsts.get(file)?, *self.counts.get(file)?);
        (first != NONE && definition.index.0 < count).then(|| first + definition.index.0)
    }

    /// The number of what was a definition of the previous view.
    fn number_then(
        &self,
        previous: &GraphReader,
        then: DefinitionRef,
    ) -> Result<Option<u32>, StoreError> {
        let Some(file) = self.before.new_of(then.file) else { return Ok(None) };
        Ok(match &self.writer.files[file.0 as usize] {
            Source::None => None,
            Source::Kept(_) => self.number(DefinitionRef { file, ..then }),
            Source::Added { .. } => {
                let now = self.added.get(&previous.id_of(then)?);
                now.and_then(|now| self.number(*now))
            }
        })
    }

    /// The bytes of the new base or delta, without ranks.
    fn body(&self) -> Result<Vec<u8>, StoreError> {
        let base = self.base.as_ref();
        let head = base.map(|base| (base.segment.checksum(), base.segment.definitions()));
        let view = self.writer.view;
        let mut builder = SegmentBuilder::new(head, view.files().len() as u32);
        let mut base_files = base.map(|base| vec![NONE; base.segment.files() as usize]);
        let mut own = 0;
        for (file, source) in (0..).map(FileId).zip(&self.writer.files) {
            let slot = base.and_then(|base| base.slots[file.0 as usize]);
            if let (Some(slot), Some(files)) = (slot, &mut base_files) {
                builder.push_number(Section::Places, slot);
                files[slot as usize] = file.0;
                continue;
            }
            if base.is_some() {
                builder.push_number(Section::Places, own | IN_DELTA);
                builder.push_number(Section::OwnFiles, file.0);
                own += 1;
            }
            self.add(&mut builder, view.file(file).path.as_str(), source)?;
        }
        let base_files = base_files.unwrap_or_default();
        base_files.iter().for_each(|file| builder.push_number(Section::BaseFiles, *file));
        let base = base.map(|base| base.segment);
        self.writer.carried.push(self.writer.previous, base, &mut builder)?;
        Ok(builder.finish(self.numbers))
    }

    fn add(
        &self,
        builder: &mut SegmentBuilder,
        path: &str,
        source: &Source<'_>,
    ) -> Result<(), StoreError> {
        match (source, self.writer.previous) {
            (Source::Added { graph, ids, known }, _) => {
                builder.add(path, graph, ids, known, |definition| Ok(self.number(definition)))?;
            }
            (Source::Kept(then), Some(previous)) => {
                let Some(graph) = previous.file_graph(*then)? else { return Ok(()) };
                let (content, dependencies) = previous.record(*then)?;
                let lines = LineTable::new(&previous.line_starts(*then)?);
                let known = FileRecord { content, dependencies, lines };
                let ids = ids_of(path, &graph.definitions);
                let number = |definition| self.number_then(previous, definition);
                builder.add(path, &graph, &ids, &known, number)?;
            }
            (Source::Kept(_), None) | (Source::None, _) => builder.add_none(path),
        }
        Ok(())
    }
}

impl GraphReader {
    /// Maps the graph `name` of the tree `key`.
    pub(crate) fn open(
        layout: &Layout,
        key: &ViewKey,
        name: GraphName,
    ) -> Result<Self, StoreError> {
        let open = |path: PathBuf| Ok::<_, StoreError>((path.clone(), MappedFile::open(&path)?));
        let delta = name.delta.map(|generation| open(layout.graph_delta(key, generation)));
        Self::of_maps(open(layout.graph_base(key, name.base))?, delta.transpose()?, name)
    }

    /// Reads files that are mapped already.
    pub(crate) fn of_maps(
        base: (PathBuf, MappedFile),
        delta: Option<(PathBuf, MappedFile)>,
        name: GraphName,
    ) -> Result<Self, StoreError> {
        let open = |(path, map)| Segment::open(path, map).map(Arc::new);
        Self::new(open(base)?, delta.map(open).transpose()?, Some(name))
    }
}
