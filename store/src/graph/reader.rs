//! Reading a graph: base and delta as one, everything by file and position.

use std::ops::Range;
use std::sync::Arc;

use flux_core::{
    Definition, DefinitionIndex, DefinitionRef, EdgeKind, FileGraph, FileId, Occurrence, Relation,
    Target, Tier, Unresolved,
};

use super::format::{Column, IN_DELTA, NONE, RawTarget, Section};
use super::id::{self, SymbolId};
use super::segment::Segment;
use crate::error::StoreError;
use crate::manifest::GraphName;

/// The symbol graph of one view.
#[derive(Debug)]
pub struct GraphReader {
    pub(super) base: Arc<Segment>,
    pub(super) delta: Option<Arc<Segment>>,
    /// Number of definitions of the base, where those of the delta start.
    pub(super) base_definitions: u32,
    files: u32,
    /// What the manifest calls it; `None` for one that is not written yet.
    pub(super) name: Option<GraphName>,
}

/// Keys of what the resolution of a file looked at, each with its digest then.
pub type Dependencies = Vec<(u64, u64)>;

/// Whether what lies in nested definitions counts too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nested {
    /// Only what no inner definition encloses.
    Without,
    /// All.
    With,
}

/// A file in its segment.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub segment: &'a Segment,
    pub slot: u32,
    /// What to add to the segment's numbers of definitions.
    pub offset: u32,
}

impl Place<'_> {
    pub(super) fn range(&self, column: Column) -> Result<Range<u32>, StoreError> {
        self.segment.range(self.slot, column)
    }

    /// The number of a definition within its segment.
    pub(super) fn local(&self, index: DefinitionIndex) -> Result<u32, StoreError> {
        let range = self.range(Column::Definition)?;
        let number = range.start.checked_add(index.0).filter(|number| *number < range.end);
        number.ok_or_else(|| self.segment.damaged("a definition lies outside its file"))
    }
}

impl GraphReader {
    /// Puts a base and its delta together.
    pub(super) fn new(
        base: Arc<Segment>,
        delta: Option<Arc<Segment>>,
        name: Option<GraphName>,
    ) -> Result<Self, StoreError> {
        let newest = delta.as_ref().unwrap_or(&base);
        let (base_definitions, files) = (base.definitions(), newest.head()?.2);
        if let Some(delta) = &delta {
            let (checksum, definitions, _) = delta.head()?;
            let is_of_base = checksum == base.checksum() && definitions == base_definitions;
            let fits = delta.count(Section::Places) == files as usize
                && delta.count(Section::BaseFiles) == base.files() as usize
                && delta.count(Section::OwnFiles) == delta.files() as usize;
            if !is_of_base || !fits {
                return Err(delta.damaged("it does not belong to its base"));
            }
        } else if base.files() != files || base.head()?.0 != [0; 16] {
            return Err(base.damaged("it is no base"));
        }
        Ok(Self { base, delta, base_definitions, files, name })
    }

    /// Number of files of the view, with or without a graph.
    pub fn file_count(&self) -> usize {
        self.files as usize
    }

    /// Where a file's graph lies, if it has one.
    pub(super) fn place(&self, file: FileId) -> Result<Option<Place<'_>>, StoreError> {
        let place = self.listed(file)?;
        Ok(place.segment.has_graph(place.slot)?.then_some(place))
    }

    /// Where a file of the view lies, with or without a graph.
    pub(super) fn listed(&self, file: FileId) -> Result<Place<'_>, StoreError> {
        if file.0 >= self.files {
            return Err(self.newest().damaged("it has no such file"));
        }
        let base = Place { segment: &self.base, slot: file.0, offset: 0 };
        let Some(delta) = &self.delta else { return Ok(base) };
        let slot = delta.number(Section::Places, file.0 as usize)?;
        Ok(match slot & IN_DELTA {
            0 => Place { slot, ..base },
            _ => Place { segment: delta, slot: slot & !IN_DELTA, offset: self.base_definitions },
        })
    }

    pub(super) fn newest(&self) -> &Segment {
        self.delta.as_ref().unwrap_or(&self.base)
    }

    fn place_of(&self, definition: DefinitionRef) -> Result<Place<'_>, StoreError> {
        let place = self.place(definition.file)?;
        place.ok_or_else(|| self.newest().damaged("a definition lies in a file without a graph"))
    }

    /// Place and number within its segment of a definition.
    pub(super) fn locate(&self, definition: DefinitionRef) -> Result<(Place<'_>, u32), StoreError> {
        let place = self.place_of(definition)?;
        Ok((place, place.local(definition.index)?))
    }

    /// The file of the view that a file of the base is; `None` if the delta replaced it.
    pub(super) fn file_of_base(&self, slot: u32) -> Result<Option<FileId>, StoreError> {
        let Some(delta) = &self.delta else { return Ok(Some(FileId(slot))) };
        self.as_file(delta.number(Section::BaseFiles, slot as usize)?)
    }

    fn as_file(&self, number: u32) -> Result<Option<FileId>, StoreError> {
        match number {
            NONE => Ok(None),
            number if number < self.files => Ok(Some(FileId(number))),
            _ => Err(self.newest().damaged("it has no such file")),
        }
    }

    pub(super) fn file_of_delta(&self, delta: &Segment, slot: u32) -> Result<FileId, StoreError> {
        let file = self.as_file(delta.number(Section::OwnFiles, slot as usize)?)?;
        file.ok_or_else(|| delta.damaged("one of its files is not of the view"))
    }

    /// The definition that is number `number` in base and delta together. One of a file that the
    /// delta replaced is found by its id; `None` when it is gone.
    pub(super) fn resolve(&self, number: u32) -> Result<Option<DefinitionRef>, StoreError> {
        if number < self.base_definitions {
            let live = self.live_in_base(number)?;
            let Some(delta) = self.delta.as_ref().filter(|_| live.is_none()) else {
                return Ok(live);
            };
            let found = delta.find_id(self.base.id(number)?)?;
            return found.map(|number| self.resolve_delta(delta, number)).transpose();
        }
        let delta = self.delta.as_ref();
        let delta = delta.ok_or_else(|| self.base.damaged("a definition has no such number"))?;
        self.resolve_delta(delta, number - self.base_definitions).map(Some)
    }

    /// The definition that is number `number` in the base, unless the delta replaced its file.
    pub(super) fn live_in_base(&self, number: u32) -> Result<Option<DefinitionRef>, StoreError> {
        let slot = self.base.slot_of(number, Column::Definition)?;
        let file = self.file_of_base(slot)?;
        file.map(|file| self.definition_of(&self.base, file, slot, number)).transpose()
    }

    pub(super) fn resolve_delta(
        &self,
        delta: &Segment,
        number: u32,
    ) -> Result<DefinitionRef, StoreError> {
        let slot = delta.slot_of(number, Column::Definition)?;
        self.definition_of(delta, self.file_of_delta(delta, slot)?, slot, number)
    }

    fn definition_of(
        &self,
        segment: &Segment,
        file: FileId,
        slot: u32,
        number: u32,
    ) -> Result<DefinitionRef, StoreError> {
        let index = number - segment.range(slot, Column::Definition)?.start;
        Ok(DefinitionRef { file, index: DefinitionIndex(index) })
    }

    /// Whether the file has a graph.
    pub fn has(&self, file: FileId) -> Result<bool, StoreError> {
        Ok(self.place(file)?.is_some())
    }

    /// The path of a file.
    pub fn path(&self, file: FileId) -> Result<&str, StoreError> {
        let place = self.listed(file)?;
        place.segment.file_path(place.slot)
    }

    fn place_of_path(&self, path: &str) -> Result<Option<Place<'_>>, StoreError> {
        if let Some(delta) = &self.delta
            && let Some(slot) = delta.find_path(path)?
        {
            return self.place(self.file_of_delta(delta, slot)?);
        }
        let Some(slot) = self.base.find_path(path)? else { return Ok(None) };
        let Some(file) = self.file_of_base(slot)? else { return Ok(None) };
        self.place(file)
    }

    /// The digest of the content of the file at `path`; `None` when it has no graph.
    pub fn content(&self, path: &str) -> Result<Option<u64>, StoreError> {
        let Some(place) = self.place_of_path(path)? else { return Ok(None) };
        place.segment.content(place.slot).map(Some)
    }

    /// The digest of the content of the file at `path` and what its resolution depended on, each
    /// with its digest then; `None` when it has no graph.
    pub fn previous(&self, path: &str) -> Result<Option<(u64, Dependencies)>, StoreError> {
        let Some(place) = self.place_of_path(path)? else { return Ok(None) };
        let dependencies = place.segment.dependencies(place.slot)?;
        Ok(Some((place.segment.content(place.slot)?, dependencies)))
    }

    /// The digest of a file's content and what its resolution depended on.
    pub(super) fn record(&self, file: FileId) -> Result<(u64, Dependencies), StoreError> {
        let Some(place) = self.place(file)? else { return Ok((0, Vec::new())) };
        Ok((place.segment.content(place.slot)?, place.segment.dependencies(place.slot)?))
    }

    /// Where the lines of a file start; nothing for one without a graph.
    pub fn line_starts(&self, file: FileId) -> Result<Vec<u32>, StoreError> {
        let place = self.place(file)?;
        Ok(place
            .map(|place| place.segment.line_starts(place.slot))
            .transpose()?
            .unwrap_or_default())
    }

    /// The line that holds the byte at `offset`, from 1.
    pub fn line_of(&self, file: FileId, offset: u32) -> Result<u32, StoreError> {
        Ok(self.line_and_column(file, offset)?.0)
    }

    /// The line that holds the byte at `offset`, from 1, and the bytes before it in that line.
    pub fn line_and_column(&self, file: FileId, offset: u32) -> Result<(u32, u32), StoreError> {
        let Some(place) = self.place(file)? else { return Ok((1, offset)) };
        let (line, start) = place.segment.line_of(place.slot, offset)?;
        Ok((line.saturating_add(1), offset.saturating_sub(start)))
    }

    /// How many numbers definitions of base and delta have.
    pub(super) fn numbers(&self) -> usize {
        let own = self.delta.as_ref().map_or(0, |delta| delta.definitions());
        self.base_definitions as usize + own as usize
    }

    /// Number of definitions of a file.
    pub(super) fn definitions_of(&self, file: FileId) -> Result<usize, StoreError> {
        self.count_of(file, Column::Definition)
    }

    pub(super) fn count_of(&self, file: FileId, column: Column) -> Result<usize, StoreError> {
        Ok(self.place(file)?.map(|place| place.range(column)).transpose()?.map_or(0, |r| r.len()))
    }

    fn total(&self, column: Column) -> Result<usize, StoreError> {
        (0..self.files).map(|file| self.count_of(FileId(file), column)).sum()
    }

    /// Number of definitions of all files.
    pub fn definition_count(&self) -> Result<usize, StoreError> {
        self.total(Column::Definition)
    }

    /// Number of occurrences of all files.
    pub fn occurrence_count(&self) -> Result<usize, StoreError> {
        self.total(Column::Occurrence)
    }

    /// Number of relations that all files state.
    pub fn relation_count(&self) -> Result<usize, StoreError> {
        self.total(Column::Relation)
    }

    /// What a file defines, itself first; nothing without a graph.
    pub fn definitions(&self, file: FileId) -> Result<Vec<Definition>, StoreError> {
        let Some(place) = self.place(file)? else { return Ok(Vec::new()) };
        place.range(Column::Definition)?.map(|number| decode(place.segment, number)).collect()
    }

    /// A definition.
    pub fn definition(&self, definition: DefinitionRef) -> Result<Definition, StoreError> {
        let (place, number) = self.locate(definition)?;
        decode(place.segment, number)
    }

    /// The name of a definition.
    pub fn name(&self, definition: DefinitionRef) -> Result<&str, StoreError> {
        let (place, number) = self.locate(definition)?;
        place.segment.string(place.segment.definition(number)?.0)
    }

    /// The name of a definition behind the names of what it lies in, joined by `.`; the file
    /// itself counts only when it is asked for.
    pub fn qualified_name(&self, definition: DefinitionRef) -> Result<String, StoreError> {
        let place = self.place_of(definition)?;
        id::qualified_name(definition.index, |index| {
            let (name, found) = place.segment.definition(place.local(index)?)?;
            Ok((found.parent, place.segment.string(name)?))
        })
    }

    /// The innermost definition whose span holds `offset`; the file itself where there is none.
    pub fn definition_at(
        &self,
        file: FileId,
        offset: u32,
    ) -> Result<Option<DefinitionIndex>, StoreError> {
        let Some(place) = self.place(file)? else { return Ok(None) };
        let range = place.range(Column::Definition)?;
        let mut best = (!range.is_empty()).then_some((u32::MAX, DefinitionIndex::MODULE));
        for (index, number) in (0..).zip(range).skip(1) {
            let span = place.segment.definition(number)?.1.span;
            let is_inside = span.start <= offset && offset < span.end;
            if is_inside && best.is_none_or(|(length, _)| span.len() <= length) {
                best = Some((span.len(), DefinitionIndex(index)));
            }
        }
        Ok(best.map(|(_, index)| index))
    }

    /// An occurrence of a segment, with what it refers to.
    pub(super) fn occurrence(
        &self,
        segment: &Segment,
        number: u32,
    ) -> Result<Occurrence, StoreError> {
        let raw = segment.occurrence(number)?;
        let target = match raw.target {
            RawTarget::Definition(number) => self.resolve(number)?.map(Target::Definition),
            RawTarget::Local(offset) => Some(Target::Local(offset)),
            RawTarget::External(package) => Some(Target::External(package)),
            RawTarget::Unresolved(reason) => Some(Target::Unresolved(reason)),
        };
        let (enclosing, length) = segment.extent(number, raw)?;
        let lost = Target::Unresolved(Unresolved::NoSuchMember);
        let occurrence = raw.with(target.unwrap_or(lost), enclosing, length);
        match target {
            Some(_) => Ok(occurrence),
            None => Ok(Occurrence { tier: Tier::Exact, ..occurrence }),
        }
    }

    /// What the identifiers of a file refer to, by position; nothing without a graph.
    pub fn occurrences(&self, file: FileId) -> Result<Vec<Occurrence>, StoreError> {
        let Some(place) = self.place(file)? else { return Ok(Vec::new()) };
        let range = place.range(Column::Occurrence)?;
        range.map(|number| self.occurrence(place.segment, number)).collect()
    }

    /// The occurrences of one kind in a file, by position.
    pub fn occurrences_of(
        &self,
        file: FileId,
        kind: EdgeKind,
    ) -> Result<Vec<Occurrence>, StoreError> {
        let Some(place) = self.place(file)? else { return Ok(Vec::new()) };
        let range = place.range(Column::Occurrence)?;
        let raw = range.clone().zip(place.segment.occurrences(range)?);
        let mut found = Vec::new();
        for (number, raw) in raw {
            if raw?.kind == kind {
                found.push(self.occurrence(place.segment, number)?);
            }
        }
        Ok(found)
    }

    /// The occurrences of a file that start at `offset`.
    pub fn occurrences_from(
        &self,
        file: FileId,
        offset: u32,
    ) -> Result<Vec<Occurrence>, StoreError> {
        let Some(place) = self.place(file)? else { return Ok(Vec::new()) };
        let range = place.range(Column::Occurrence)?;
        let start = |number| Ok::<_, StoreError>(place.segment.occurrence(number)?.start);
        let (mut low, mut high) = (range.start, range.end);
        while low < high {
            let middle = low.midpoint(high);
            match start(middle)? < offset {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        let mut found = Vec::new();
        for number in low..range.end {
            if start(number)? != offset {
                break;
            }
            found.push(self.occurrence(place.segment, number)?);
        }
        Ok(found)
    }

    /// Whether the name of a definition of a file starts at `offset`.
    pub fn is_name(&self, file: FileId, offset: u32) -> Result<bool, StoreError> {
        let Some(place) = self.place(file)? else { return Ok(false) };
        for number in place.range(Column::Definition)? {
            if place.segment.definition(number)?.1.name_span.start == offset {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The occurrences whose span holds `offset`, the narrowest first, then the best.
    pub fn occurrences_at(&self, file: FileId, offset: u32) -> Result<Vec<Occurrence>, StoreError> {
        let Some(place) = self.place(file)? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for number in place.range(Column::Occurrence)? {
            let raw = place.segment.occurrence(number)?;
            if raw.start > offset {
                break;
            }
            let (_, length) = place.segment.extent(number, raw)?;
            if offset - raw.start < length {
                found.push(self.occurrence(place.segment, number)?);
            }
        }
        found.sort_by_key(|occurrence| occurrence.span.len());
        Ok(found)
    }

    /// The occurrences within a definition, by position.
    pub fn outgoing(
        &self,
        definition: DefinitionRef,
        nested: Nested,
    ) -> Result<Vec<Occurrence>, StoreError> {
        let place = self.place_of(definition)?;
        place.local(definition.index)?;
        let inside = match nested {
            Nested::Without => Vec::new(),
            Nested::With => self.inside(place, definition.index)?,
        };
        let mut found = Vec::new();
        for number in place.range(Column::Occurrence)? {
            let (enclosing, _) = place.segment.extent(number, place.segment.occurrence(number)?)?;
            let is_nested = inside.get(enclosing as usize).is_some_and(|inside| *inside);
            if enclosing == definition.index.0 || is_nested {
                found.push(self.occurrence(place.segment, number)?);
            }
        }
        Ok(found)
    }

    /// For each definition of the file, whether it lies in `outer`.
    fn inside(&self, place: Place<'_>, outer: DefinitionIndex) -> Result<Vec<bool>, StoreError> {
        let range = place.range(Column::Definition)?;
        let parent = |number| Ok(place.segment.definition(number)?.1.parent);
        let parents: Vec<DefinitionIndex> = range.map(parent).collect::<Result<_, StoreError>>()?;
        let is_inside = |index: usize| {
            let mut at = index;
            for _ in 0..id::MAX_DEPTH {
                match parents.get(at) {
                    _ if at == outer.0 as usize => return true,
                    Some(parent) if parent.0 as usize != at => at = parent.0 as usize,
                    _ => return false,
                }
            }
            false
        };
        Ok((0..parents.len()).map(is_inside).collect())
    }

    /// The name of the package that a [`Target::External`] of a file points at.
    pub fn package(&self, file: FileId, position: u32) -> Result<&str, StoreError> {
        let place = self.place(file)?;
        let place = place.ok_or_else(|| self.newest().damaged("the file has no graph"))?;
        let range = place.range(Column::Package)?;
        let number = range.start.checked_add(position).filter(|number| *number < range.end);
        let number = number.ok_or_else(|| place.segment.damaged("it has no such package"))?;
        place.segment.package(number)
    }

    /// The id of a definition.
    pub fn id_of(&self, definition: DefinitionRef) -> Result<SymbolId, StoreError> {
        let (place, number) = self.locate(definition)?;
        place.segment.id(number)
    }

    fn ranked(&self, definition: DefinitionRef) -> Result<(f32, u32), StoreError> {
        let (place, number) = self.locate(definition)?;
        self.newest().rank(place.offset.saturating_add(number))
    }

    /// Rank and community of all definitions of a file, in order.
    pub(super) fn ranks_of(&self, file: FileId) -> Result<Vec<(f32, u32)>, StoreError> {
        let Some(place) = self.place(file)? else { return Ok(Vec::new()) };
        let newest = self.newest();
        let numbers = place.range(Column::Definition)?;
        numbers.map(|number| newest.rank(place.offset.saturating_add(number))).collect()
    }

    /// How much the rest of the tree depends on a definition, as the indexer computed it.
    pub fn rank(&self, definition: DefinitionRef) -> Result<f32, StoreError> {
        Ok(self.ranked(definition)?.0)
    }

    /// The community of a definition, as the indexer computed it.
    pub fn community(&self, definition: DefinitionRef) -> Result<u32, StoreError> {
        Ok(self.ranked(definition)?.1)
    }

    /// Rank and community of a symbol of `newer`, a graph made after this one.
    pub(super) fn ranked_before(
        &self,
        newer: &Self,
        definition: DefinitionRef,
    ) -> Result<Option<(f32, u32)>, StoreError> {
        let (place, number) = newer.locate(definition)?;
        // Most definitions lie where they lay.
        if Arc::ptr_eq(&self.base, &newer.base)
            && std::ptr::eq(place.segment, &*self.base)
            && self.live_in_base(number)?.is_some()
        {
            return self.newest().rank(number).map(Some);
        }
        let then = self.find(place.segment.id(number)?)?;
        then.map(|then| self.ranked(then)).transpose()
    }

    /// All that a file contributed, as it was added; `None` without a graph.
    pub fn file_graph(&self, file: FileId) -> Result<Option<FileGraph>, StoreError> {
        let Some(place) = self.place(file)? else { return Ok(None) };
        let package = |number| Ok(place.segment.package(number)?.into());
        Ok(Some(FileGraph {
            definitions: self.definitions(file)?,
            occurrences: self.occurrences(file)?,
            relations: self.relations(file)?,
            packages: place
                .range(Column::Package)?
                .map(package)
                .collect::<Result<_, StoreError>>()?,
        }))
    }

    /// What a file states of connections between definitions.
    pub fn relations(&self, file: FileId) -> Result<Vec<Relation>, StoreError> {
        let Some(place) = self.place(file)? else { return Ok(Vec::new()) };
        let found = place.range(Column::Relation)?;
        found.filter_map(|number| self.relation(place.segment, number).transpose()).collect()
    }

    /// A relation of a segment; `None` when one of its ends is gone.
    pub(super) fn relation(
        &self,
        segment: &Segment,
        number: u32,
    ) -> Result<Option<Relation>, StoreError> {
        let raw = segment.relation(number)?;
        let ends = self.resolve(raw.from)?.zip(self.resolve(raw.to)?);
        let relation =
            |(from, to)| Relation { kind: raw.kind, tier: raw.tier, from, to, site: raw.site };
        Ok(ends.map(relation))
    }
}

/// A definition by its number within a segment.
fn decode(segment: &Segment, number: u32) -> Result<Definition, StoreError> {
    let (name, definition) = segment.definition(number)?;
    Ok(Definition { name: segment.string(name)?.into(), ..definition })
}
