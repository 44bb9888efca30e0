//! Building a segment: sections grow file by file, the lists that lead backwards come at the end.

use flux_core::{DefinitionRef, FileGraph, Target, Unresolved};
use rustc_hash::FxHashMap;

use super::format::{
    COLUMNS, RawOccurrence, RawRelation, RawTarget, Section, encode_definition, push_varint,
    record, zigzag,
};
use super::id::SymbolId;
use super::lines::LineTable;
use super::segment::{Lists, TAIL_LEN};
use crate::error::StoreError;

/// What is known of a file beside its graph.
pub(super) struct FileRecord {
    pub content: u64,
    pub dependencies: Vec<(u64, u64)>,
    pub lines: LineTable,
}

/// A segment that grows.
pub(super) struct SegmentBuilder {
    sections: Vec<Vec<u8>>,
    definitions: u32,
    occurrences: u32,
    relations: u32,
    strings: FxHashMap<Box<str>, u32>,
    /// The string of each definition, for now by order of first mention.
    names: Vec<u32>,
    packages: Vec<u32>,
    ids: Vec<SymbolId>,
    dependencies: FxHashMap<(u64, u64), u32>,
    /// For each file the dependencies, by order of first mention.
    file_dependencies: Vec<Vec<u32>>,
    /// Key and item of each entry of a list.
    targets: Vec<(u32, u32)>,
    from: Vec<(u32, u32)>,
    to: Vec<(u32, u32)>,
}

impl SegmentBuilder {
    /// A segment of a graph of `files` files, with the checksum and the number of definitions of
    /// the base it belongs to, if it is a delta.
    pub(super) fn new(base: Option<([u8; 16], u32)>, files: u32) -> Self {
        let mut builder = Self {
            sections: vec![Vec::new(); Section::ALL.len()],
            definitions: 0,
            occurrences: 0,
            relations: 0,
            strings: FxHashMap::default(),
            names: Vec::new(),
            packages: Vec::new(),
            ids: Vec::new(),
            dependencies: FxHashMap::default(),
            file_dependencies: Vec::new(),
            targets: Vec::new(),
            from: Vec::new(),
            to: Vec::new(),
        };
        let (checksum, definitions) = base.unwrap_or_default();
        builder.push(Section::Head, &checksum);
        builder.push(Section::Head, &record::<2, 8>([definitions, files]));
        builder
    }

    pub(super) fn push(&mut self, section: Section, bytes: &[u8]) {
        self.sections[section as usize].extend_from_slice(bytes);
    }

    pub(super) fn push_number(&mut self, section: Section, number: u32) {
        self.push(section, &number.to_le_bytes());
    }

    fn len(&self, section: Section) -> u32 {
        (self.sections[section as usize].len() / section.width()) as u32
    }

    /// Says where the next file starts in every column.
    fn push_file(&mut self, path: &str, has_graph: bool, content: u64) {
        let starts: [u32; COLUMNS] = [
            self.len(Section::Paths),
            self.definitions,
            self.occurrences,
            self.relations,
            self.packages.len() as u32,
            // Set when all dependencies are known.
            0,
            self.len(Section::Lines),
            self.len(Section::Marks),
            u32::from(has_graph),
        ];
        self.push(Section::Files, &record::<COLUMNS, { COLUMNS * 4 }>(starts));
        self.push(Section::Files, &content.to_le_bytes());
        self.push(Section::Paths, path.as_bytes());
    }

    /// Appends a file that has no graph.
    pub(super) fn add_none(&mut self, path: &str) {
        self.push_file(path, false, 0);
        self.file_dependencies.push(Vec::new());
    }

    /// Appends a file. `number` finds definitions that its graph points at.
    pub(super) fn add(
        &mut self,
        path: &str,
        graph: &FileGraph,
        ids: &[SymbolId],
        known: &FileRecord,
        number: impl Fn(DefinitionRef) -> Result<Option<u32>, StoreError>,
    ) -> Result<(), StoreError> {
        self.push_file(path, true, known.content);
        self.ids.extend_from_slice(ids);
        for definition in &graph.definitions {
            let name = self.string(&definition.name);
            self.names.push(name);
            self.push(Section::Definitions, &encode_definition(definition, 0));
            self.definitions += 1;
        }
        for package in &graph.packages {
            let package = self.string(package);
            self.packages.push(package);
        }
        self.add_occurrences(graph, &number)?;
        for relation in &graph.relations {
            let ends = number(relation.from)?.zip(number(relation.to)?);
            let Some((from, to)) = ends else { continue };
            let (kind, tier, site) = (relation.kind, relation.tier, relation.site);
            let raw = RawRelation { from, to, site, kind, tier };
            self.push(Section::Relations, &raw.encode());
            self.from.push((from, self.relations));
            self.to.push((to, self.relations));
            self.relations += 1;
        }
        self.push(Section::Lines, &known.lines.steps);
        for (start, place) in &known.lines.marks {
            self.push(Section::Marks, &record::<2, 8>([*start, *place]));
        }
        let positions = known.dependencies.iter().map(|dependency| {
            let next = self.dependencies.len() as u32;
            *self.dependencies.entry(*dependency).or_insert(next)
        });
        let positions = positions.collect();
        self.file_dependencies.push(positions);
        Ok(())
    }

    fn add_occurrences(
        &mut self,
        graph: &FileGraph,
        number: &impl Fn(DefinitionRef) -> Result<Option<u32>, StoreError>,
    ) -> Result<(), StoreError> {
        for occurrence in &graph.occurrences {
            let target = match occurrence.target {
                Target::Definition(definition) => match number(definition)? {
                    Some(number) => {
                        self.targets.push((number, self.occurrences));
                        RawTarget::Definition(number)
                    }
                    None => RawTarget::Unresolved(Unresolved::NoSuchMember),
                },
                Target::Local(offset) => RawTarget::Local(offset),
                Target::External(package) => RawTarget::External(package),
                Target::Unresolved(reason) => RawTarget::Unresolved(reason),
            };
            let (raw, wide) = RawOccurrence::of(occurrence, target);
            self.push(Section::Occurrences, &raw.encode());
            if let Some((enclosing, length)) = wide {
                let wide = record::<3, 12>([self.occurrences, enclosing, length]);
                self.push(Section::Wide, &wide);
            }
            self.occurrences += 1;
        }
        Ok(())
    }

    fn string(&mut self, text: &str) -> u32 {
        if let Some(known) = self.strings.get(text) {
            return *known;
        }
        let next = self.strings.len() as u32;
        self.strings.insert(text.into(), next);
        next
    }

    /// The body without ranks. `numbers` is how many definitions can be pointed at.
    pub(super) fn finish(mut self, numbers: u32) -> Vec<u8> {
        self.push_file("", false, 0);
        self.finish_strings();
        self.finish_ids();
        self.finish_dependencies();
        for (lists, entries) in [
            (Lists::Targets, std::mem::take(&mut self.targets)),
            (Lists::RelationsFrom, std::mem::take(&mut self.from)),
            (Lists::RelationsTo, std::mem::take(&mut self.to)),
        ] {
            self.finish_lists(lists, &entries, numbers);
        }
        let mut body = Vec::with_capacity(self.sections.iter().map(Vec::len).sum::<usize>());
        let mut ends = Vec::with_capacity(TAIL_LEN);
        for section in &self.sections {
            body.extend_from_slice(section);
            ends.extend_from_slice(&(body.len() as u64).to_le_bytes());
        }
        body.extend_from_slice(&ends);
        body
    }

    /// Strings in order, and what leads from them to definitions.
    fn finish_strings(&mut self) {
        let strings = std::mem::take(&mut self.strings);
        let count = strings.len();
        let mut ordered: Vec<(Box<str>, u32)> = strings.into_iter().collect();
        ordered.sort_unstable();
        let mut place = vec![0_u32; count];
        for (position, (text, first)) in (0..).zip(&ordered) {
            place[*first as usize] = position;
            self.push_number(Section::StringStarts, self.len(Section::Strings));
            self.push(Section::Strings, text.as_bytes());
        }
        self.push_number(Section::StringStarts, self.len(Section::Strings));
        let names: Vec<u32> = self.names.iter().map(|name| place[*name as usize]).collect();
        let records = self.sections[Section::Definitions as usize]
            .chunks_exact_mut(Section::Definitions.width());
        for (record, name) in records.zip(&names) {
            record[..4].copy_from_slice(&name.to_le_bytes());
        }
        for package in std::mem::take(&mut self.packages) {
            self.push_number(Section::Packages, place[package as usize]);
        }
        let entries: Vec<(u32, u32)> = names.into_iter().zip(0..).collect();
        let (starts, order) = group(&entries, count as u32);
        starts.iter().for_each(|start| self.push_number(Section::NameStarts, *start));
        order.iter().for_each(|definition| self.push_number(Section::NameOrder, *definition));
        let mut folded: Vec<(String, u32)> =
            ordered.iter().map(|(text, _)| text.to_lowercase()).zip(0..).collect();
        folded.sort_unstable();
        folded.iter().for_each(|(_, string)| self.push_number(Section::Folded, *string));
    }

    fn finish_ids(&mut self) {
        let ids = std::mem::take(&mut self.ids);
        let mut order: Vec<(SymbolId, u32)> = ids.iter().copied().zip(0..).collect();
        order.sort_unstable();
        ids.iter().for_each(|id| self.push(Section::Ids, &id.0.to_le_bytes()));
        order.iter().for_each(|(_, definition)| self.push_number(Section::IdOrder, *definition));
    }

    fn finish_dependencies(&mut self) {
        let mut table: Vec<((u64, u64), u32)> =
            std::mem::take(&mut self.dependencies).into_iter().collect();
        table.sort_unstable();
        let mut place = vec![0_u32; table.len()];
        for (position, ((key, digest), first)) in (0..).zip(&table) {
            place[*first as usize] = position;
            self.push(Section::DependencyTable, &key.to_le_bytes());
            self.push(Section::DependencyTable, &digest.to_le_bytes());
        }
        let mut steps = Vec::new();
        let width = Section::Files.width();
        let column = super::format::Column::Dependency as usize * 4;
        let mut starts = Vec::with_capacity(self.file_dependencies.len() + 1);
        for dependencies in std::mem::take(&mut self.file_dependencies) {
            starts.push(steps.len() as u32);
            let mut last = 0;
            for dependency in dependencies {
                let next = place[dependency as usize];
                push_varint(&mut steps, zigzag(last, next));
                last = next;
            }
        }
        starts.push(steps.len() as u32);
        let records = self.sections[Section::Files as usize].chunks_exact_mut(width);
        for (record, start) in records.zip(starts) {
            record[column..column + 4].copy_from_slice(&start.to_le_bytes());
        }
        self.push(Section::Dependencies, &steps);
    }

    /// The items of each key, in order.
    fn finish_lists(&mut self, lists: Lists, entries: &[(u32, u32)], numbers: u32) {
        let (keys, items) = lists.sections();
        let (starts, grouped) = group(entries, numbers);
        for (key, range) in (0..).zip(starts.windows(2)) {
            if range[0] < range[1] {
                self.push(keys, &record::<2, 8>([key, range[0]]));
            }
        }
        self.push(keys, &record::<2, 8>([numbers, grouped.len() as u32]));
        grouped.iter().for_each(|item| self.push_number(items, *item));
    }
}

/// Items by their keys, which are less than `keys`: where those of each key start, and the end,
/// and all of them, those of one key in the order they came in.
fn group(entries: &[(u32, u32)], keys: u32) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; keys as usize + 1];
    for (key, _) in entries {
        starts[*key as usize + 1] += 1;
    }
    for key in 1..starts.len() {
        starts[key] += starts[key - 1];
    }
    let mut next = starts.clone();
    let mut items = vec![0; entries.len()];
    for (key, item) in entries {
        let place = &mut next[*key as usize];
        items[*place as usize] = *item;
        *place += 1;
    }
    (starts, items)
}

/// Puts the ranks of all definitions behind a body.
pub(super) fn append_ranks(mut body: Vec<u8>, ranks: &[(f32, u32)]) -> Vec<u8> {
    let tail = body.split_off(body.len() - TAIL_LEN);
    for (rank, community) in ranks {
        body.extend_from_slice(&rank.to_bits().to_le_bytes());
        body.extend_from_slice(&community.to_le_bytes());
    }
    // Ranks are the last section.
    body.extend_from_slice(&tail[..TAIL_LEN - 8]);
    let end = body.len() as u64 - (TAIL_LEN - 8) as u64;
    body.extend_from_slice(&end.to_le_bytes());
    body
}
