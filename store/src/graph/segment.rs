//! One file of a graph, base or delta, opened for reading: its records by number.
//!
//! Knows nothing of the other file: what points there is a number as yet.

use std::cmp::Ordering;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::OnceLock;

use flux_core::Definition;

use super::format::{
    COLUMNS, Column, RawOccurrence, RawRelation, SECTIONS, Section, decode_definition, numbers,
    take_varint, unzigzag,
};
use super::id::SymbolId;
use super::lines;
use crate::component::{CHECKSUM_LEN, HEADER_LEN, SYMBOL_GRAPH};
use crate::error::StoreError;
use crate::map::MappedFile;

/// The section of records and the section of items that make one list for each key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lists {
    Targets,
    RelationsFrom,
    RelationsTo,
}

impl Lists {
    pub(super) fn sections(self) -> (Section, Section) {
        match self {
            Self::Targets => (Section::Targets, Section::TargetItems),
            Self::RelationsFrom => (Section::RelationsFrom, Section::RelationsFromItems),
            Self::RelationsTo => (Section::RelationsTo, Section::RelationsToItems),
        }
    }

    /// What the items number.
    pub(super) fn column(self) -> Column {
        match self {
            Self::Targets => Column::Occurrence,
            Self::RelationsFrom | Self::RelationsTo => Column::Relation,
        }
    }
}

/// Bytes of a segment: of a file, or of one about to be written.
#[derive(Debug)]
enum Bytes {
    Mapped(MappedFile),
    Owned(Vec<u8>),
}

/// A base or a delta.
#[derive(Debug)]
pub(super) struct Segment {
    path: PathBuf,
    bytes: Bytes,
    /// Where each section ends within the body.
    ends: [usize; SECTIONS],
    /// What each file has before it in a column, side by side: most of an answer's time would go
    /// into finding the files that numbers belong to.
    starts: [OnceLock<Vec<u32>>; COLUMNS],
}

/// Bytes of the list of ends.
pub(super) const TAIL_LEN: usize = SECTIONS * 8;

impl Segment {
    /// Maps a file and checks that its sections fit into it and to each other.
    pub(super) fn open(path: PathBuf, map: MappedFile) -> Result<Self, StoreError> {
        SYMBOL_GRAPH.body(&path, map.as_ref())?;
        Self::new(path, Bytes::Mapped(map))
    }

    /// Reads the body of a file that is not written yet.
    pub(super) fn of_body(body: Vec<u8>) -> Result<Self, StoreError> {
        Self::new(PathBuf::from("the new graph"), Bytes::Owned(body))
    }

    fn new(path: PathBuf, bytes: Bytes) -> Result<Self, StoreError> {
        let mut segment = Self { path, bytes, ends: [0; SECTIONS], starts: Default::default() };
        let body = segment.body();
        let tail = body.len().checked_sub(TAIL_LEN);
        let tail = tail.ok_or_else(|| segment.damaged("no tail"))?;
        let mut ends = [0; SECTIONS];
        let mut start = 0;
        for (place, (section, end)) in Section::ALL.iter().zip(&mut ends).enumerate() {
            let number = u64_of(&body[tail + place * 8..]);
            *end = usize::try_from(number).unwrap_or(usize::MAX);
            if *end < start || *end > tail || (*end - start) % section.width() != 0 {
                return Err(segment.damaged("its sections do not fit"));
            }
            start = *end;
        }
        segment.ends = ends;
        let count = |section| segment.count(section);
        let definitions = count(Section::Definitions);
        let strings = count(Section::StringStarts);
        let fits = count(Section::Head) == 1
            && count(Section::Files) > 0
            && [Section::Ids, Section::IdOrder, Section::NameOrder]
                .iter()
                .all(|section| count(*section) == definitions)
            && strings > 0
            && count(Section::NoteStarts) == count(Section::NoteKeys) + 1
            && count(Section::NameStarts) == strings
            && count(Section::Folded) == strings - 1;
        if !fits {
            return Err(segment.damaged("its sections do not fit to each other"));
        }
        Ok(segment)
    }

    /// The body of a segment that was made of one.
    pub(super) fn into_body(self) -> Vec<u8> {
        match self.bytes {
            Bytes::Owned(body) => body,
            Bytes::Mapped(_) => self.body().to_vec(),
        }
    }

    fn body(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Owned(body) => body,
            Bytes::Mapped(map) => {
                let bytes = map.as_ref();
                &bytes[HEADER_LEN..bytes.len() - CHECKSUM_LEN]
            }
        }
    }

    /// The checksum that the file ends with.
    pub(super) fn checksum(&self) -> [u8; CHECKSUM_LEN] {
        let mut checksum = [0; CHECKSUM_LEN];
        if let Bytes::Mapped(map) = &self.bytes {
            let bytes = map.as_ref();
            checksum.copy_from_slice(&bytes[bytes.len() - CHECKSUM_LEN..]);
        }
        checksum
    }

    pub(super) fn damaged(&self, what: &str) -> StoreError {
        StoreError::damaged(&self.path, what)
    }

    /// The bytes of a section.
    pub(super) fn section(&self, section: Section) -> &[u8] {
        let place = section as usize;
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.body()[start..self.ends[place]]
    }

    /// Number of records in a section.
    pub(super) fn count(&self, section: Section) -> usize {
        self.section(section).len() / section.width()
    }

    /// A record of a section.
    pub(super) fn record<const WIDTH: usize>(
        &self,
        section: Section,
        index: usize,
    ) -> Result<&[u8; WIDTH], StoreError> {
        debug_assert_eq!(WIDTH, section.width());
        let bytes = index.checked_mul(WIDTH).and_then(|at| self.section(section).get(at..));
        bytes
            .and_then(|bytes| bytes.first_chunk())
            .ok_or_else(|| self.damaged("a record lies outside its section"))
    }

    /// A record that is one number.
    pub(super) fn number(&self, section: Section, index: usize) -> Result<u32, StoreError> {
        Ok(u32::from_le_bytes(*self.record(section, index)?))
    }

    /// Bytes of a section of bytes.
    fn slice(&self, section: Section, range: Range<u32>) -> Result<&[u8], StoreError> {
        let range = range.start as usize..range.end as usize;
        let bytes = self.section(section).get(range);
        bytes.ok_or_else(|| self.damaged("bytes lie outside their section"))
    }

    /// Checksum of the base, its number of definitions, number of files of the view.
    pub(super) fn head(&self) -> Result<([u8; CHECKSUM_LEN], u32, u32), StoreError> {
        let head: &[u8; 24] = self.record(Section::Head, 0)?;
        let [_, _, _, _, definitions, files] = numbers(head);
        let mut checksum = [0; CHECKSUM_LEN];
        checksum.copy_from_slice(&head[..CHECKSUM_LEN]);
        Ok((checksum, definitions, files))
    }

    /// Number of files that the segment holds, with or without a graph.
    pub(super) fn files(&self) -> u32 {
        (self.count(Section::Files) - 1) as u32
    }

    /// Number of definitions.
    pub(super) fn definitions(&self) -> u32 {
        self.count(Section::Definitions) as u32
    }

    fn start(&self, slot: u32, column: Column) -> Result<u32, StoreError> {
        let record: &[u8; 44] = self.record(Section::Files, slot as usize)?;
        let at = column as usize * 4;
        Ok(u32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]]))
    }

    /// Whether a file of the segment has a graph.
    pub(super) fn has_graph(&self, slot: u32) -> Result<bool, StoreError> {
        Ok(self.start(slot, Column::HasGraph)? == 1)
    }

    /// The digest of a file's content.
    pub(super) fn content(&self, slot: u32) -> Result<u64, StoreError> {
        let record: &[u8; 44] = self.record(Section::Files, slot as usize)?;
        Ok(u64_of(&record[COLUMNS * 4..]))
    }

    /// The numbers of what a file has in a column.
    pub(super) fn range(&self, slot: u32, column: Column) -> Result<Range<u32>, StoreError> {
        let (start, end) = (self.start(slot, column)?, self.start(slot + 1, column)?);
        let count = column.section().map_or(0, |section| self.count(section));
        match start <= end && end as usize <= count {
            true => Ok(start..end),
            false => Err(self.damaged("what belongs to a file makes no sense")),
        }
    }

    /// The file that has what is number `number` in a column.
    pub(super) fn slot_of(&self, number: u32, column: Column) -> Result<u32, StoreError> {
        let start = |slot| self.start(slot, column).unwrap_or(u32::MAX);
        let starts =
            self.starts[column as usize].get_or_init(|| (0..self.files()).map(start).collect());
        let behind = starts.partition_point(|start| *start <= number);
        let slot = behind.checked_sub(1).and_then(|slot| u32::try_from(slot).ok());
        let slot = slot.ok_or_else(|| self.damaged("a number belongs to no file"))?;
        match self.range(slot, column)?.contains(&number) {
            true => Ok(slot),
            false => Err(self.damaged("a number belongs to no file")),
        }
    }

    /// The first of `count` positions, in order, that is not `Less`.
    fn search(
        &self,
        count: u32,
        order: impl Fn(u32) -> Result<Ordering, StoreError>,
    ) -> Result<u32, StoreError> {
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low.midpoint(high);
            match order(middle)? {
                Ordering::Less => low = middle + 1,
                Ordering::Equal | Ordering::Greater => high = middle,
            }
        }
        Ok(low)
    }

    /// The path of a file.
    pub(super) fn file_path(&self, slot: u32) -> Result<&str, StoreError> {
        self.text(Section::Paths, self.range(slot, Column::Path)?)
    }

    /// The file at `path`.
    pub(super) fn find_path(&self, path: &str) -> Result<Option<u32>, StoreError> {
        let slot = self.search(self.files(), |slot| Ok(self.file_path(slot)?.cmp(path)))?;
        Ok((slot < self.files() && self.file_path(slot)? == path).then_some(slot))
    }

    fn text(&self, section: Section, range: Range<u32>) -> Result<&str, StoreError> {
        let bytes = self.slice(section, range)?;
        std::str::from_utf8(bytes).map_err(|_| self.damaged("a name is not UTF-8"))
    }

    /// A string by number.
    pub(super) fn string(&self, number: u32) -> Result<&str, StoreError> {
        let at = number as usize;
        let start = self.number(Section::StringStarts, at)?;
        self.text(Section::Strings, start..self.number(Section::StringStarts, at + 1)?)
    }

    fn strings(&self) -> u32 {
        self.count(Section::Folded) as u32
    }

    /// The definitions called `name`.
    pub(super) fn by_name(&self, name: &str) -> Result<Vec<u32>, StoreError> {
        let place = self.search(self.strings(), |place| Ok(self.string(place)?.cmp(name)))?;
        match place < self.strings() && self.string(place)? == name {
            true => self.definitions_called(place),
            false => Ok(Vec::new()),
        }
    }

    /// The definitions whose name is `name` when both are in lower case.
    pub(super) fn by_folded_name(&self, name: &str) -> Result<Vec<u32>, StoreError> {
        let name = name.to_lowercase();
        let string = |place: u32| {
            let string = self.number(Section::Folded, place as usize)?;
            Ok::<_, StoreError>((string, self.string(string)?.to_lowercase()))
        };
        let first = self.search(self.strings(), |place| Ok(string(place)?.1.cmp(&name)))?;
        let mut definitions = Vec::new();
        for place in first..self.strings() {
            let (string, folded) = string(place)?;
            if folded != name {
                break;
            }
            definitions.extend(self.definitions_called(string)?);
        }
        Ok(definitions)
    }

    fn definitions_called(&self, string: u32) -> Result<Vec<u32>, StoreError> {
        let at = string as usize;
        let range =
            self.number(Section::NameStarts, at)?..self.number(Section::NameStarts, at + 1)?;
        range.map(|place| self.number(Section::NameOrder, place as usize)).collect()
    }

    /// The id of a definition.
    pub(super) fn id(&self, definition: u32) -> Result<SymbolId, StoreError> {
        let bytes: &[u8; 8] = self.record(Section::Ids, definition as usize)?;
        Ok(SymbolId(u64::from_le_bytes(*bytes)))
    }

    /// The definition with an id.
    pub(super) fn find_id(&self, id: SymbolId) -> Result<Option<u32>, StoreError> {
        let at = |place: u32| self.number(Section::IdOrder, place as usize);
        let place = self.search(self.definitions(), |place| Ok(self.id(at(place)?)?.cmp(&id)))?;
        if place == self.definitions() {
            return Ok(None);
        }
        let found = at(place)?;
        Ok((self.id(found)? == id).then_some(found))
    }

    /// The number of the string that is the name of a definition, and the rest of it.
    pub(super) fn definition(&self, number: u32) -> Result<(u32, Definition), StoreError> {
        let record = self.record(Section::Definitions, number as usize)?;
        decode_definition(record).ok_or_else(|| self.damaged("a definition of an unknown kind"))
    }

    /// An occurrence.
    pub(super) fn occurrence(&self, number: u32) -> Result<RawOccurrence, StoreError> {
        let record = self.record(Section::Occurrences, number as usize)?;
        RawOccurrence::decode(record)
            .ok_or_else(|| self.damaged("an occurrence of an unknown kind"))
    }

    /// Occurrences that lie one behind the other.
    pub(super) fn occurrences(
        &self,
        range: Range<u32>,
    ) -> Result<impl Iterator<Item = Result<RawOccurrence, StoreError>>, StoreError> {
        let width = Section::Occurrences.width();
        // No overflow: the range lies within a section that is in memory.
        let bytes = range.start as usize * width..range.end as usize * width;
        let records = self.section(Section::Occurrences).get(bytes);
        let records = records.ok_or_else(|| self.damaged("occurrences lie outside their section"));
        let (records, _) = records?.as_chunks::<12>();
        let unknown = || self.damaged("an occurrence of an unknown kind");
        Ok(records.iter().map(move |record| RawOccurrence::decode(record).ok_or_else(unknown)))
    }

    /// The definition around an occurrence, and its length.
    pub(super) fn extent(
        &self,
        number: u32,
        occurrence: RawOccurrence,
    ) -> Result<(u32, u32), StoreError> {
        if !occurrence.is_wide() {
            return Ok((u32::from(occurrence.enclosing), u32::from(occurrence.length)));
        }
        let wide = |place: u32| -> Result<[u32; 3], StoreError> {
            Ok(numbers::<3, 12>(self.record(Section::Wide, place as usize)?))
        };
        let count = self.count(Section::Wide) as u32;
        let place = self.search(count, |place| Ok(wide(place)?[0].cmp(&number)))?;
        match wide(place)? {
            [found, enclosing, length] if found == number => Ok((enclosing, length)),
            _ => Err(self.damaged("a wide occurrence is not to be found")),
        }
    }

    /// A relation.
    pub(super) fn relation(&self, number: u32) -> Result<RawRelation, StoreError> {
        let record = self.record(Section::Relations, number as usize)?;
        RawRelation::decode(record).ok_or_else(|| self.damaged("a relation of an unknown kind"))
    }

    /// The items listed under `key`.
    pub(super) fn list(
        &self,
        lists: Lists,
        key: u32,
    ) -> Result<impl Iterator<Item = Result<u32, StoreError>>, StoreError> {
        let (keys, items) = lists.sections();
        let row = |place: u32| -> Result<[u32; 2], StoreError> {
            Ok(numbers::<2, 8>(self.record(keys, place as usize)?))
        };
        let count = (self.count(keys) as u32).saturating_sub(1);
        let place = self.search(count, |place| Ok(row(place)?[0].cmp(&key)))?;
        let range = match place < count && row(place)?[0] == key {
            true => row(place)?[1]..row(place + 1)?[1],
            false => 0..0,
        };
        Ok(range.map(move |place| self.number(items, place as usize)))
    }

    /// What the resolution of a file depended on, each with its digest then.
    pub(super) fn dependencies(&self, slot: u32) -> Result<Vec<(u64, u64)>, StoreError> {
        let mut bytes = self.slice(Section::Dependencies, self.range(slot, Column::Dependency)?)?;
        let mut dependencies = Vec::new();
        let mut place = 0;
        while let Some(step) = take_varint(&mut bytes) {
            place = unzigzag(place, step);
            let record: &[u8; 16] = self.record(Section::DependencyTable, place as usize)?;
            dependencies.push((u64_of(record), u64_of(&record[8..])));
        }
        Ok(dependencies)
    }

    fn steps(&self, slot: u32) -> Result<&[u8], StoreError> {
        self.slice(Section::Lines, self.range(slot, Column::Line)?)
    }

    /// Where the lines of a file start.
    pub(super) fn line_starts(&self, slot: u32) -> Result<Vec<u32>, StoreError> {
        Ok(lines::starts(self.steps(slot)?))
    }

    /// The number of the line that holds `offset`, from 0, and where it starts.
    pub(super) fn line_of(&self, slot: u32, offset: u32) -> Result<(u32, u32), StoreError> {
        let marks = self.range(slot, Column::Mark)?;
        let mark = |index: usize| -> Result<(u32, u32), StoreError> {
            let record = self.record(Section::Marks, marks.start as usize + index)?;
            let [start, place] = numbers::<2, 8>(record);
            Ok((start, place))
        };
        lines::find(self.steps(slot)?, marks.len(), mark, offset)
    }

    /// The note at a place in the order of their keys.
    pub(super) fn note_at(&self, place: u32) -> Result<([u8; 16], &[u8]), StoreError> {
        let at = place as usize;
        let start = self.number(Section::NoteStarts, at)?;
        let end = self.number(Section::NoteStarts, at + 1)?;
        Ok((*self.record(Section::NoteKeys, at)?, self.slice(Section::Notes, start..end)?))
    }

    /// The note with a key.
    pub(super) fn note(&self, key: [u8; 16]) -> Result<Option<&[u8]>, StoreError> {
        let count = self.count(Section::NoteKeys) as u32;
        let at = |place: u32| self.record::<16>(Section::NoteKeys, place as usize);
        let place = self.search(count, |place| Ok(at(place)?.cmp(&key)))?;
        match place < count && *at(place)? == key {
            true => Ok(Some(self.note_at(place)?.1)),
            false => Ok(None),
        }
    }

    /// Rank and community of the definition that is number `number` in base and delta together.
    pub(super) fn rank(&self, number: u32) -> Result<(f32, u32), StoreError> {
        let record = self.record(Section::Ranks, number as usize)?;
        let [rank, community] = numbers::<2, 8>(record);
        Ok((f32::from_bits(rank), community))
    }

    /// The name of a package of a file.
    pub(super) fn package(&self, number: u32) -> Result<&str, StoreError> {
        self.string(self.number(Section::Packages, number as usize)?)
    }
}

/// The number at the start of `bytes`, which are enough.
fn u64_of(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
