//! Reading a graph backwards: who refers to a definition, and which definitions have a name or
//! an id.

use flux_core::{DefinitionRef, FileId, Occurrence, Relation};

use super::id::SymbolId;
use super::reader::GraphReader;
use super::segment::{Lists, Segment};
use crate::error::StoreError;

/// An occurrence or relation: the file of the view, and where in which segment.
type Source<'a> = (FileId, &'a Segment, u32);

impl GraphReader {
    /// Everything that refers to a definition, by file and position.
    pub fn references_to(
        &self,
        definition: DefinitionRef,
    ) -> Result<impl ExactSizeIterator<Item = Result<(FileId, Occurrence), StoreError>>, StoreError>
    {
        let sources = self.sources(Lists::Targets, definition)?.into_iter();
        Ok(sources.map(|(file, segment, number)| Ok((file, self.occurrence(segment, number)?))))
    }

    /// How many occurrences refer to a definition.
    pub fn reference_count(&self, definition: DefinitionRef) -> Result<usize, StoreError> {
        Ok(self.sources(Lists::Targets, definition)?.len())
    }

    /// The relations that come from a definition: its supertypes, what it overrides.
    pub fn relations_of(&self, definition: DefinitionRef) -> Result<Vec<Relation>, StoreError> {
        self.related(Lists::RelationsFrom, definition)
    }

    /// The relations that go to a definition: its subtypes, what overrides it.
    pub fn relations_to(&self, definition: DefinitionRef) -> Result<Vec<Relation>, StoreError> {
        self.related(Lists::RelationsTo, definition)
    }

    fn related(
        &self,
        lists: Lists,
        definition: DefinitionRef,
    ) -> Result<Vec<Relation>, StoreError> {
        let sources = self.sources(lists, definition)?.into_iter();
        sources
            .filter_map(|(_, segment, number)| self.relation(segment, number).transpose())
            .collect()
    }

    /// What is listed under a definition in the base, as far as its files are still there, and in
    /// the delta.
    fn sources(
        &self,
        lists: Lists,
        definition: DefinitionRef,
    ) -> Result<Vec<Source<'_>>, StoreError> {
        let (place, local) = self.locate(definition)?;
        let number = place.offset.saturating_add(local);
        let mut sources = Vec::new();
        let in_base = match place.offset {
            _ if self.delta.is_none() || number < self.base_definitions => Some(number),
            // The base knows it by the number it had before its file was replaced.
            _ => self.base.find_id(place.segment.id(local)?)?,
        };
        if let Some(number) = in_base {
            let file_of = |slot| self.file_of_base(slot);
            collect(&self.base, lists, number, file_of, &mut sources)?;
        }
        if let Some(delta) = &self.delta {
            let file_of = |slot| self.file_of_delta(delta, slot).map(Some);
            collect(delta, lists, number, file_of, &mut sources)?;
            sources.sort_by_key(|(file, _, _)| *file);
        }
        Ok(sources)
    }

    /// The definitions called `name`, by file and position.
    pub fn by_name(&self, name: &str) -> Result<Vec<DefinitionRef>, StoreError> {
        self.named(|segment| segment.by_name(name))
    }

    /// The definitions called `name` in any mixture of cases, by file and position.
    pub fn by_name_ignoring_case(&self, name: &str) -> Result<Vec<DefinitionRef>, StoreError> {
        self.named(|segment| segment.by_folded_name(name))
    }

    fn named(
        &self,
        find: impl Fn(&Segment) -> Result<Vec<u32>, StoreError>,
    ) -> Result<Vec<DefinitionRef>, StoreError> {
        let mut found = Vec::new();
        for number in find(&self.base)? {
            found.extend(self.live_in_base(number)?);
        }
        if let Some(delta) = &self.delta {
            for number in find(delta)? {
                found.push(self.resolve_delta(delta, number)?);
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// The definition with an id.
    pub fn find(&self, id: SymbolId) -> Result<Option<DefinitionRef>, StoreError> {
        if let Some(delta) = &self.delta
            && let Some(number) = delta.find_id(id)?
        {
            return self.resolve_delta(delta, number).map(Some);
        }
        let number = self.base.find_id(id)?;
        Ok(number.map(|number| self.live_in_base(number)).transpose()?.flatten())
    }
}

/// Appends what a segment lists under `key`, without that of files that `file_of` knows no more.
fn collect<'a>(
    segment: &'a Segment,
    lists: Lists,
    key: u32,
    file_of: impl Fn(u32) -> Result<Option<FileId>, StoreError>,
    sources: &mut Vec<Source<'a>>,
) -> Result<(), StoreError> {
    let column = lists.column();
    // Neighbours in the list mostly lie in one file.
    let mut last = (0..0, None);
    for number in segment.list(lists, key)? {
        let number = number?;
        if !last.0.contains(&number) {
            let slot = segment.slot_of(number, column)?;
            last = (segment.range(slot, column)?, file_of(slot)?);
        }
        sources.extend(last.1.map(|file| (file, segment, number)));
    }
    Ok(())
}
