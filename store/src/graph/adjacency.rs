//! The graph as nodes and edges, for computing ranks and communities before it is written.

use flux_core::{DefinitionIndex, DefinitionRef, EdgeKind, FileId, Tier};

use super::format::{Column, NONE, RawOccurrence, RawRelation, RawTarget};
use super::reader::GraphReader;
use crate::error::StoreError;

/// An edge between two definitions, by node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The definition around an occurrence, or the subject of a relation.
    pub from: u32,
    /// What it refers to.
    pub to: u32,
    /// What it does with it.
    pub kind: EdgeKind,
    /// How sure it is.
    pub tier: Tier,
}

/// What was computed of the nodes, in their order. Nodes without values get 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranks {
    /// How much the rest of the tree depends on each.
    pub ranks: Vec<f32>,
    /// The community of each.
    pub communities: Vec<u32>,
}

/// The node of each number of a definition; `NONE` for one that is gone.
pub(super) struct Nodes(Vec<u32>);

impl Nodes {
    pub(super) fn of(&self, number: u32) -> Option<u32> {
        self.0.get(number as usize).copied().filter(|node| *node != NONE)
    }
}

/// All definitions of a graph as nodes `0..len`, ordered by file and position.
pub struct Adjacency<'a> {
    reader: &'a GraphReader,
    previous: Option<&'a GraphReader>,
    /// The first node of each file, and the number of nodes.
    starts: Vec<u32>,
}

impl GraphReader {
    /// The graph as nodes and edges.
    pub fn adjacency(&self) -> Result<Adjacency<'_>, StoreError> {
        Adjacency::new(self, None)
    }
}

impl<'a> Adjacency<'a> {
    pub(super) fn new(
        reader: &'a GraphReader,
        previous: Option<&'a GraphReader>,
    ) -> Result<Self, StoreError> {
        let mut starts = vec![0];
        let mut nodes = 0_u32;
        for file in (0..reader.file_count() as u32).map(FileId) {
            nodes = u32::saturating_add(nodes, reader.definitions_of(file)? as u32);
            starts.push(nodes);
        }
        Ok(Self { reader, previous, starts })
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.starts.last().map_or(0, |nodes| *nodes as usize)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Everything else about the graph; its ranks are not there yet.
    pub fn reader(&self) -> &'a GraphReader {
        self.reader
    }

    /// The node of a definition.
    pub fn node(&self, definition: DefinitionRef) -> Option<u32> {
        let file = definition.file.0 as usize;
        let (start, end) = (*self.starts.get(file)?, *self.starts.get(file + 1)?);
        start.checked_add(definition.index.0).filter(|node| *node < end)
    }

    /// The definition of a node.
    pub fn definition(&self, node: u32) -> Option<DefinitionRef> {
        let file = self.starts.partition_point(|start| *start <= node).checked_sub(1)?;
        let index = DefinitionIndex(node - self.starts[file]);
        (file + 1 < self.starts.len()).then_some(DefinitionRef { file: FileId(file as u32), index })
    }

    /// One edge for each occurrence whose target is a definition, ordered by file and position,
    /// then one for each relation.
    pub fn edges(&self) -> Result<Vec<Edge>, StoreError> {
        let nodes = self.nodes()?;
        let (mut edges, mut related) = (Vec::new(), Vec::new());
        for file in (0..self.reader.file_count() as u32).map(FileId) {
            let Some(place) = self.reader.place(file)? else { continue };
            let range = place.range(Column::Occurrence)?;
            for (number, raw) in range.clone().zip(place.segment.occurrences(range)?) {
                let raw = raw?;
                let RawOccurrence { kind, tier, target, .. } = raw;
                let RawTarget::Definition(target) = target else { continue };
                let (enclosing, _) = place.segment.extent(number, raw)?;
                let index = DefinitionIndex(enclosing);
                let ends = self.node(DefinitionRef { file, index }).zip(nodes.of(target));
                edges.extend(ends.map(|(from, to)| Edge { from, to, kind, tier }));
            }
            for number in place.range(Column::Relation)? {
                let RawRelation { from, to, kind, tier, .. } = place.segment.relation(number)?;
                let ends = nodes.of(from).zip(nodes.of(to));
                related.extend(ends.map(|(from, to)| Edge { from, to, kind, tier }));
            }
        }
        edges.append(&mut related);
        Ok(edges)
    }

    /// The node of each number that a definition may have in base or delta.
    pub(super) fn nodes(&self) -> Result<Nodes, StoreError> {
        let mut nodes = vec![NONE; self.reader.numbers()];
        for file in (0..self.reader.file_count() as u32).map(FileId) {
            let Some(place) = self.reader.place(file)? else { continue };
            let range = place.range(Column::Definition)?;
            let first = place.offset as usize + range.start as usize;
            let own = nodes.get_mut(first..first + range.len()).unwrap_or_default();
            own.iter_mut().zip(self.starts[file.0 as usize]..).for_each(|(own, node)| *own = node);
        }
        for number in 0..self.reader.base_definitions {
            if nodes[number as usize] == NONE {
                let found = self.reader.resolve(number)?.and_then(|found| self.node(found));
                nodes[number as usize] = found.unwrap_or(NONE);
            }
        }
        Ok(Nodes(nodes))
    }

    /// Rank and community that the same symbol has in the graph before this one.
    pub fn previous(&self, node: u32) -> Result<Option<(f32, u32)>, StoreError> {
        let Some((previous, definition)) = self.previous.zip(self.definition(node)) else {
            return Ok(None);
        };
        previous.ranked_before(self.reader, definition)
    }
}
