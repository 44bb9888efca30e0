//! What is carried from one graph to the next beside files: digests of what resolution saw, its
//! notes, and the ranks of definitions between which nothing changed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use flux_core::{DefinitionIndex, DefinitionRef, EdgeKind, FileGraph, FileId, Target, Tier};

use super::build::SegmentBuilder;
use super::format::Section;
use super::id::SymbolId;
use super::reader::GraphReader;
use super::segment::Segment;
use crate::error::StoreError;
use crate::pack::LZ4_BEST_RATIO;

/// Names a note, by a hash of all that it follows from.
pub type NoteKey = [u8; 16];

/// What the next run of resolution can make use of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// For each layer, by its number, a digest of all that it saw.
    pub inputs: Vec<(u64, u64)>,
    /// Notes; those without bytes as the previous graph has them. `None` keeps all it has.
    pub notes: Option<Vec<(NoteKey, Option<Vec<u8>>)>>,
}

impl Carried {
    /// Writes it into a segment whose base stays, if it is a delta.
    pub(super) fn push(
        &self,
        previous: Option<&GraphReader>,
        base: Option<&Segment>,
        builder: &mut SegmentBuilder,
    ) -> Result<(), StoreError> {
        for (layer, digest) in &self.inputs {
            builder.push(Section::Inputs, &layer.to_le_bytes());
            builder.push(Section::Inputs, &digest.to_le_bytes());
        }
        let mut start = 0_u32;
        for (key, packed) in self.notes(previous, base)? {
            builder.push(Section::NoteKeys, &key);
            builder.push_number(Section::NoteStarts, start);
            builder.push(Section::Notes, &packed);
            start += packed.len() as u32;
        }
        builder.push_number(Section::NoteStarts, start);
        Ok(())
    }

    /// Notes as they are written, by key.
    fn notes<'a>(
        &'a self,
        previous: Option<&'a GraphReader>,
        base: Option<&Segment>,
    ) -> Result<BTreeMap<NoteKey, Cow<'a, [u8]>>, StoreError> {
        let mut notes = BTreeMap::new();
        if let Some(own) = &self.notes {
            for (key, bytes) in own {
                let known = || match (previous, base) {
                    (_, Some(base)) if base.note(*key)?.is_some() => Ok(None),
                    (Some(previous), _) => previous.packed_note(*key),
                    (None, _) => Ok(None),
                };
                let packed = match bytes {
                    Some(bytes) => Some(Cow::Owned(lz4_flex::compress_prepend_size(bytes))),
                    None => known()?.map(Cow::Borrowed),
                };
                notes.extend(packed.map(|packed| (*key, packed)));
            }
            return Ok(notes);
        }
        let Some(previous) = previous else { return Ok(notes) };
        let in_base = base.is_none().then_some(&previous.base);
        for segment in in_base.into_iter().chain(&previous.delta) {
            for place in 0..segment.count(Section::NoteKeys) as u32 {
                let (key, bytes) = segment.note_at(place)?;
                notes.insert(key, Cow::Borrowed(bytes));
            }
        }
        Ok(notes)
    }
}

impl GraphReader {
    /// For each layer of resolution a digest of all that it saw.
    pub fn inputs(&self) -> Result<Vec<(u64, u64)>, StoreError> {
        let newest = self.newest();
        let one = |place| {
            let record: &[u8; 16] = newest.record(Section::Inputs, place)?;
            let number = |bytes: &[u8]| bytes.first_chunk().map_or(0, |it| u64::from_le_bytes(*it));
            Ok((number(record), number(&record[8..])))
        };
        (0..newest.count(Section::Inputs)).map(one).collect()
    }

    /// What resolution noted under a key.
    pub fn note(&self, key: NoteKey) -> Result<Option<Vec<u8>>, StoreError> {
        let unpack = |packed: &[u8]| {
            let claimed = packed.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
            if u64::from(claimed) > packed.len() as u64 * LZ4_BEST_RATIO {
                return Err(self.newest().damaged("a note claims more than it can hold"));
            }
            lz4_flex::decompress_size_prepended(packed)
                .map_err(|error| self.newest().damaged(&error.to_string()))
        };
        self.packed_note(key)?.map(unpack).transpose()
    }

    fn packed_note(&self, key: NoteKey) -> Result<Option<&[u8]>, StoreError> {
        if let Some(delta) = &self.delta
            && let Some(found) = delta.note(key)?
        {
            return Ok(Some(found));
        }
        self.base.note(key)
    }

    /// Whether `graph` has the definitions that `file` had, and the same edges between them and
    /// others. Then ranks, which follow from nothing else, are the same.
    pub(super) fn has_same_edges(
        &self,
        file: FileId,
        graph: &FileGraph,
        ids: &[SymbolId],
    ) -> Result<bool, StoreError> {
        if !self.has(file)? || self.definitions_of(file)? != ids.len() {
            return Ok(false);
        }
        for (index, id) in (0..).map(DefinitionIndex).zip(ids) {
            if self.id_of(DefinitionRef { file, index })? != *id {
                return Ok(false);
            }
        }
        let then = self.file_graph(file)?.unwrap_or_default();
        Ok(edges(file, &then) == edges(file, graph))
    }
}

type Edge = (DefinitionRef, DefinitionRef, EdgeKind, Tier, bool);

/// The edges that a file states, in an order of their own; those of relations apart.
fn edges(file: FileId, graph: &FileGraph) -> Vec<Edge> {
    let occurrences = graph.occurrences.iter().filter_map(|found| {
        let Target::Definition(to) = found.target else { return None };
        let from = DefinitionRef { file, index: found.enclosing };
        Some((from, to, found.kind, found.tier, false))
    });
    let relations =
        graph.relations.iter().map(|found| (found.from, found.to, found.kind, found.tier, true));
    let mut edges: Vec<Edge> = occurrences.chain(relations).collect();
    edges.sort_unstable();
    edges
}
