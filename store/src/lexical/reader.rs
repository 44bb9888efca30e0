//! Reading: segments of one snapshot, with every document mapped to a file of the view.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use flux_core::FileId;
use rustc_hash::FxHashMap;
use tantivy::directory::{FileHandle, ManagedDirectory};
use tantivy::index::SegmentComponent;
use tantivy::schema::IndexRecordOption;
use tantivy::{Directory, Index, SegmentReader, TantivyError, Term};

use crate::error::StoreError;
use crate::key::UnitKey;
use crate::layout::Layout;
use crate::lexical::directory::StoreDirectory;
use crate::lexical::index::{Field, ORDINAL, UNIT, guarded, open_index};

/// Marks a document of a unit that the view does not hold.
const DEAD: u32 = u32::MAX;

/// The files that every segment has.
const PARTS: [SegmentComponent; 6] = [
    SegmentComponent::Postings,
    SegmentComponent::Positions,
    SegmentComponent::FastFields,
    SegmentComponent::FieldNorms,
    SegmentComponent::Terms,
    SegmentComponent::Store,
];

/// The files of a segment list, mapped so that no later commit can take them away, and not looked
/// at: who asks the graph needs none of them.
pub struct MappedSegments {
    layout: Layout,
    index: Option<Index>,
    /// tantivy shares a mapping as long as somebody holds it.
    files: Vec<Arc<dyn FileHandle>>,
}

impl fmt::Debug for MappedSegments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MappedSegments").field("files", &self.files.len()).finish_non_exhaustive()
    }
}

impl MappedSegments {
    /// Maps the files of the segment list `meta`.
    pub fn map(layout: &Layout, meta: &str) -> Result<Self, StoreError> {
        let mut mapped = Self { layout: layout.clone(), index: None, files: Vec::new() };
        if meta.is_empty() {
            return Ok(mapped);
        }
        guarded(layout, || {
            let directory = StoreDirectory::open(&layout.lexical(), meta)?;
            let index = open_index(directory.clone())?;
            for segment in index.searchable_segment_metas()? {
                let deletes = segment.has_deletes().then_some(SegmentComponent::Delete);
                for part in PARTS.into_iter().chain(deletes) {
                    let file = segment.relative_path(part);
                    mapped.files.push(directory.get_file_handle(&file)?);
                }
            }
            mapped.index = Some(index);
            Ok(())
        })?;
        Ok(mapped)
    }

    /// Reads them; `units` are those of the view and `file_count` is its number of files.
    pub fn read(
        &self,
        units: &FxHashMap<UnitKey, FileId>,
        file_count: usize,
    ) -> Result<LexicalReader, StoreError> {
        let mut reader = LexicalReader {
            layout: self.layout.clone(),
            segments: Vec::new(),
            live_chunks: 0,
            file_chunks: vec![0; file_count],
        };
        if let Some(index) = &self.index {
            guarded(&self.layout, || reader.open_segments(index, units))?;
        }
        Ok(reader)
    }
}

/// The full-text index as one view sees it.
pub struct LexicalReader {
    layout: Layout,
    pub(super) segments: Vec<Segment>,
    pub(super) live_chunks: u32,
    /// Number of chunks of each file of the view.
    pub(super) file_chunks: Vec<u32>,
}

pub(super) struct Segment {
    pub(super) reader: SegmentReader,
    /// For each document its file, or [`DEAD`].
    files: Vec<u32>,
    ordinals: Vec<u64>,
}

impl Segment {
    pub(super) fn file(&self, document: u32) -> Option<FileId> {
        match self.files[document as usize] {
            DEAD => None,
            file => Some(FileId(file)),
        }
    }

    pub(super) fn ordinal(&self, document: u32) -> u32 {
        self.ordinals[document as usize] as u32
    }
}

impl LexicalReader {
    fn open_segments(
        &mut self,
        index: &Index,
        units: &FxHashMap<UnitKey, FileId>,
    ) -> Result<(), TantivyError> {
        for reader in segment_readers(index)? {
            let count = reader.max_doc() as usize;
            let mut unit_of = vec![0u64; count];
            let mut ordinals = vec![0u64; count];
            reader.fast_fields().u64(UNIT)?.values.get_range(0, &mut unit_of);
            reader.fast_fields().u64(ORDINAL)?.values.get_range(0, &mut ordinals);
            let mut last = (u64::MAX, DEAD);
            let mut files = Vec::with_capacity(count);
            for (document, unit) in unit_of.into_iter().enumerate() {
                if unit != last.0 {
                    last = (unit, units.get(&UnitKey(unit)).map_or(DEAD, |file| file.0));
                }
                let dead = last.1 == DEAD || reader.is_deleted(document as u32);
                files.push(if dead { DEAD } else { last.1 });
                if !dead {
                    self.live_chunks += 1;
                    self.file_chunks[last.1 as usize] += 1;
                }
            }
            self.segments.push(Segment { reader, files, ordinals });
        }
        Ok(())
    }

    /// Number of chunks of the view.
    pub fn live_chunks(&self) -> u32 {
        self.live_chunks
    }

    /// Number of documents, with those of other views and of files that changed.
    pub fn total_chunks(&self) -> u32 {
        self.segments.iter().map(|segment| segment.reader.max_doc()).sum()
    }

    /// Terms of `field` that start with `prefix` and have at most `longest` bytes, in order.
    pub fn terms_with_prefix(
        &self,
        field: Field,
        prefix: &str,
        longest: usize,
    ) -> Result<Vec<String>, StoreError> {
        let mut terms = Vec::new();
        self.each_term(field, prefix, |term| {
            if !term.starts_with(prefix) {
                return false;
            }
            if term.len() <= longest {
                terms.push(term.to_owned());
            }
            true
        })?;
        terms.sort_unstable();
        terms.dedup();
        Ok(terms)
    }

    /// Whether a live chunk holds `term` in `field`.
    pub fn has_term(&self, field: Field, term: &str) -> Result<bool, StoreError> {
        let mut is_held = false;
        self.chunks_with(field, term, |_, _| is_held = true)?;
        Ok(is_held)
    }

    /// Calls `each` with every term of `field` from `first` on, per segment, until it says stop.
    pub fn each_term(
        &self,
        field: Field,
        first: &str,
        mut each: impl FnMut(&str) -> bool,
    ) -> Result<(), StoreError> {
        guarded(&self.layout, || {
            for segment in &self.segments {
                let index = segment.reader.inverted_index(field.number())?;
                let mut stream = index.terms().range().ge(first.as_bytes()).into_stream()?;
                while stream.advance() {
                    if std::str::from_utf8(stream.key()).is_ok_and(|term| !each(term)) {
                        break;
                    }
                }
            }
            Ok(())
        })
    }

    /// Calls `each` with (file, chunk) for every live chunk whose `field` holds `term`.
    pub fn chunks_with(
        &self,
        field: Field,
        term: &str,
        mut each: impl FnMut(FileId, u32),
    ) -> Result<(), StoreError> {
        let term = Term::from_field_text(field.number(), term);
        guarded(&self.layout, || {
            for segment in &self.segments {
                let index = segment.reader.inverted_index(field.number())?;
                let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)?
                else {
                    continue;
                };
                super::score::each_document(&mut postings, |document, _| {
                    if let Some(file) = segment.file(document) {
                        each(file, segment.ordinal(document));
                    }
                });
            }
            Ok(())
        })
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }
}

fn index_of(layout: &Layout, meta: &str) -> Result<Index, TantivyError> {
    open_index(StoreDirectory::open(&layout.lexical(), meta)?)
}

fn segment_readers(index: &Index) -> Result<Vec<SegmentReader>, TantivyError> {
    index.searchable_segments()?.iter().map(SegmentReader::open).collect()
}

/// The units that have documents, whichever view holds them.
pub(crate) fn known_units(layout: &Layout, meta: &str) -> Result<HashSet<UnitKey>, StoreError> {
    let mut units = HashSet::new();
    if meta.is_empty() {
        return Ok(units);
    }
    guarded(layout, || {
        for reader in segment_readers(&index_of(layout, meta)?)? {
            let mut unit_of = vec![0u64; reader.max_doc() as usize];
            reader.fast_fields().u64(UNIT)?.values.get_range(0, &mut unit_of);
            let alive = (0..).zip(unit_of).filter(|(document, _)| !reader.is_deleted(*document));
            units.extend(alive.map(|(_, unit)| UnitKey(unit)));
        }
        Ok(units)
    })
}

/// Whether a file of the full-text folder belongs to one of the segments that `meta` lists.
/// tantivy names a segment's files after its identifier.
pub(crate) struct SegmentFiles {
    prefixes: Vec<String>,
}

impl SegmentFiles {
    pub(crate) fn of(layout: &Layout, meta: &str) -> Result<Self, StoreError> {
        if meta.is_empty() {
            return Ok(Self { prefixes: Vec::new() });
        }
        let ids = guarded(layout, || index_of(layout, meta)?.searchable_segment_ids())?;
        Ok(Self { prefixes: ids.iter().map(tantivy::index::SegmentId::uuid_string).collect() })
    }

    pub(crate) fn contains(&self, file_name: &str) -> bool {
        self.prefixes.iter().any(|prefix| file_name.starts_with(prefix.as_str()))
    }
}

/// Checks that every segment that `meta` lists can be opened.
pub(crate) fn verify_segments(layout: &Layout, meta: &str) -> Result<(), StoreError> {
    if meta.is_empty() {
        return Ok(());
    }
    guarded(layout, || segment_readers(&index_of(layout, meta)?).map(drop))
}

/// Recomputes tantivy's checksum of the segment file at `path`.
pub(crate) fn verify_segment_file(layout: &Layout, path: &Path) -> Result<(), StoreError> {
    let name = Path::new(path.file_name().unwrap_or_default());
    let matches = guarded(layout, || {
        let directory = StoreDirectory::open(&layout.lexical(), "")?;
        Ok(ManagedDirectory::wrap(Box::new(directory))?.validate_checksum(name)?)
    });
    match matches {
        Ok(true) => Ok(()),
        Ok(false) => Err(StoreError::damaged(path, "its checksum does not match")),
        Err(error) if error.is_vanished_file() => Err(error),
        Err(error) => Err(StoreError::damaged(path, error.to_string())),
    }
}
