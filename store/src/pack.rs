//! Packs: what was learned from contents, found by key.
//!
//! ```text
//! body   frames, one after the other: LZ4 of the outline, LZ4 of the lowered facts; no bytes
//!        for lowered facts that are empty
//! table  n × (key 16, offset u64, outline length u32, lowered length u32, exports u64), sorted
//!        by key
//! order  n × u32: the table row of the i-th content pushed, which is its trigram id
//! tail   u32 n
//! ```

use std::path::{Path, PathBuf};

use flux_core::{ByteSpan, FileFacts, LineSpan, Outline, SymbolIndex};

use crate::component::{ComponentWriter, FACTS};
use crate::error::StoreError;
use crate::key::ContentKey;
use crate::map::MappedFile;

const ROW_LEN: usize = 40;
/// One byte of LZ4 stands for 255 at most, so a damaged length asks for no absurd memory.
pub(crate) const LZ4_BEST_RATIO: u64 = 255;

/// The compressed facts of one content, ready to be appended to a pack.
#[derive(Clone, Debug)]
pub struct PackedFacts {
    outline: Vec<u8>,
    lowered: Vec<u8>,
    exports: u64,
}

impl PackedFacts {
    /// Encodes and compresses; meant to run in parallel, before the one writer.
    pub fn new(facts: &FileFacts) -> Self {
        let outline = postcard::to_stdvec(&facts.outline);
        let outline = outline.expect("plain data without maps always encodes");
        let lowered = match &*facts.lowered {
            [] => Vec::new(),
            lowered => lz4_flex::compress_prepend_size(lowered),
        };
        let exports = facts.exports;
        Self { outline: lz4_flex::compress_prepend_size(&outline), lowered, exports }
    }
}

#[derive(Clone, Copy)]
struct Row {
    key: ContentKey,
    offset: u64,
    outline_len: u32,
    lowered_len: u32,
    exports: u64,
}

impl Row {
    fn lowered_offset(&self) -> u64 {
        self.offset.saturating_add(u64::from(self.outline_len))
    }
}

/// Appends contents to a new pack.
pub struct PackWriter {
    file: ComponentWriter,
    rows: Vec<Row>,
}

impl PackWriter {
    /// Creates the pack's file.
    pub fn create(path: PathBuf) -> Result<Self, StoreError> {
        Ok(Self { file: ComponentWriter::create(FACTS, path)?, rows: Vec::new() })
    }

    /// Number of contents so far, which is the next one's trigram id.
    pub fn len(&self) -> u32 {
        self.rows.len() as u32
    }

    /// Whether nothing was pushed.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Appends one content.
    pub fn push(&mut self, key: ContentKey, facts: &PackedFacts) -> Result<(), StoreError> {
        self.push_frames(key, &facts.outline, &facts.lowered, facts.exports)
    }

    fn push_frames(
        &mut self,
        key: ContentKey,
        outline: &[u8],
        lowered: &[u8],
        exports: u64,
    ) -> Result<(), StoreError> {
        self.rows.push(Row {
            key,
            offset: self.file.position(),
            outline_len: outline.len() as u32,
            lowered_len: lowered.len() as u32,
            exports,
        });
        self.file.write(outline)?;
        self.file.write(lowered)
    }

    /// Copies one content of another pack without decoding it.
    pub(crate) fn copy(&mut self, from: &Pack, ordinal: u32) -> Result<(), StoreError> {
        let row = from.row(from.row_of(ordinal));
        let outline = from.frame(row.offset, row.outline_len)?;
        let lowered = from.frame(row.lowered_offset(), row.lowered_len)?;
        self.push_frames(row.key, outline, lowered, row.exports)
    }

    /// Writes the tables and makes the file durable.
    pub fn finish(mut self) -> Result<(), StoreError> {
        let mut order: Vec<u32> = (0..self.len()).collect();
        order.sort_unstable_by_key(|&i| self.rows[i as usize].key);
        let mut row_of = vec![0u32; order.len()];
        for (row, &pushed) in order.iter().enumerate() {
            row_of[pushed as usize] = row as u32;
            let Row { key, offset, outline_len, lowered_len, exports } = self.rows[pushed as usize];
            self.file.write(&key.0)?;
            self.file.write(&offset.to_le_bytes())?;
            self.file.write(&outline_len.to_le_bytes())?;
            self.file.write(&lowered_len.to_le_bytes())?;
            self.file.write(&exports.to_le_bytes())?;
        }
        for row in &row_of {
            self.file.write(&row.to_le_bytes())?;
        }
        self.file.write(&(order.len() as u32).to_le_bytes())?;
        self.file.finish()
    }
}

/// A pack opened for reading.
#[derive(Debug)]
pub struct Pack {
    path: PathBuf,
    map: MappedFile,
    table: usize,
    count: usize,
}

impl Pack {
    /// Maps the file and checks that its tables fit into it.
    pub fn open(path: PathBuf) -> Result<Self, StoreError> {
        let map = MappedFile::open(&path)?;
        let body = FACTS.body(&path, map.as_ref())?;
        let tail =
            body.len().checked_sub(4).ok_or_else(|| StoreError::damaged(&path, "no tail"))?;
        let count = read_u32(body, tail) as usize;
        let table = tail
            .checked_sub(count * (ROW_LEN + 4))
            .ok_or_else(|| StoreError::damaged(&path, "its table does not fit"))?;
        Ok(Self { path, map, table, count })
    }

    /// Number of contents.
    pub fn len(&self) -> u32 {
        self.count as u32
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The file it lies in.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key of the content that was pushed as number `ordinal`.
    pub fn key_at(&self, ordinal: u32) -> ContentKey {
        self.row(self.row_of(ordinal)).key
    }

    /// Where a content lies, if it is here.
    pub fn find(&self, key: ContentKey) -> Option<PackRow> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.row(middle).key.cmp(&key) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(PackRow(middle)),
            }
        }
        None
    }

    /// Decodes the outline of a content.
    pub fn outline(&self, row: PackRow) -> Result<Outline, StoreError> {
        let row = self.row(row.0);
        let plain = self.unpack(row.offset, row.outline_len)?;
        let outline = postcard::from_bytes(&plain)
            .map_err(|error| StoreError::damaged(&self.path, error.to_string()))?;
        if !is_sound(&outline) {
            return Err(StoreError::damaged(&self.path, "an outline contradicts itself"));
        }
        Ok(outline)
    }

    /// The lowered facts of a content; empty when there are none.
    pub fn lowered(&self, row: PackRow) -> Result<Vec<u8>, StoreError> {
        let row = self.row(row.0);
        match row.lowered_len {
            0 => Ok(Vec::new()),
            len => self.unpack(row.lowered_offset(), len),
        }
    }

    /// The digest of what other files may see of a content's lowered facts.
    pub fn exports(&self, row: PackRow) -> u64 {
        self.row(row.0).exports
    }

    /// Recomputes the checksum of the whole file.
    pub fn verify(&self) -> Result<(), StoreError> {
        FACTS.verify(&self.path, self.map.as_ref())
    }

    fn body(&self) -> &[u8] {
        let bytes = self.map.as_ref();
        let end = bytes.len() - crate::component::CHECKSUM_LEN;
        &bytes[crate::component::HEADER_LEN..end]
    }

    fn row(&self, index: usize) -> Row {
        let at = self.table + index * ROW_LEN;
        let bytes = &self.body()[at..at + ROW_LEN];
        let mut key = [0; 16];
        key.copy_from_slice(&bytes[..16]);
        Row {
            key: ContentKey(key),
            offset: read_u64(bytes, 16),
            outline_len: read_u32(bytes, 24),
            lowered_len: read_u32(bytes, 28),
            exports: read_u64(bytes, 32),
        }
    }

    fn row_of(&self, ordinal: u32) -> usize {
        let at = self.table + self.count * ROW_LEN + ordinal as usize * 4;
        (read_u32(self.body(), at) as usize).min(self.count - 1)
    }

    fn frame(&self, start: u64, len: u32) -> Result<&[u8], StoreError> {
        let end = start.saturating_add(u64::from(len));
        usize::try_from(start)
            .ok()
            .zip(usize::try_from(end).ok())
            .and_then(|(start, end)| self.body()[..self.table].get(start..end))
            .ok_or_else(|| StoreError::damaged(&self.path, "a frame lies outside the body"))
    }

    fn unpack(&self, start: u64, len: u32) -> Result<Vec<u8>, StoreError> {
        let frame = self.frame(start, len)?;
        let claimed = frame.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        if u64::from(claimed) > frame.len() as u64 * LZ4_BEST_RATIO {
            return Err(StoreError::damaged(&self.path, "a frame claims more than it can hold"));
        }
        lz4_flex::decompress_size_prepended(frame)
            .map_err(|error| StoreError::damaged(&self.path, error.to_string()))
    }
}

/// Whether every position within `outline` exists, so that readers may index and subtract.
fn is_sound(outline: &Outline) -> bool {
    let known = outline.symbols.len();
    let exists =
        |symbol: Option<SymbolIndex>| symbol.is_none_or(|index| (index.0 as usize) < known);
    let is_forward = |span: ByteSpan| span.start <= span.end;
    let are_lines = |lines: LineSpan| lines.start >= 1 && lines.start <= lines.end;
    outline.chunks.iter().all(|chunk| {
        exists(chunk.owner)
            && chunk.symbols().end <= known
            && is_forward(chunk.span)
            && are_lines(chunk.lines)
    }) && outline.symbols.iter().all(|symbol| {
        exists(symbol.parent)
            && [symbol.span, symbol.name_span, symbol.doc].into_iter().all(is_forward)
            && are_lines(symbol.lines)
    })
}

/// The place of a content in a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackRow(usize);

fn read_u32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn read_u64(bytes: &[u8], at: usize) -> u64 {
    u64::from(read_u32(bytes, at)) | u64::from(read_u32(bytes, at + 4)) << 32
}

#[cfg(test)]
mod tests {
    use flux_core::{FileFacts, Outline};

    use super::{Pack, PackWriter, PackedFacts};
    use crate::key::ContentKey;

    fn facts(lines: u32) -> FileFacts {
        FileFacts {
            outline: Outline { line_count: lines, ..Outline::default() },
            ..FileFacts::default()
        }
    }

    #[test]
    fn every_content_pushed_is_found_again_by_key_and_by_ordinal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.facts");
        let mut writer = PackWriter::create(path.clone()).unwrap();
        let keys: Vec<_> =
            (0..100u32).map(|i| ContentKey::of(&i.to_le_bytes(), "rust", 1)).collect();
        for (i, key) in keys.iter().enumerate() {
            writer.push(*key, &PackedFacts::new(&facts(i as u32))).unwrap();
        }
        writer.finish().unwrap();
        let pack = Pack::open(path).unwrap();
        pack.verify().unwrap();
        for (i, key) in keys.iter().enumerate() {
            assert_eq!(pack.key_at(i as u32), *key);
            let row = pack.find(*key).unwrap();
            assert_eq!(pack.outline(row).unwrap().line_count, i as u32);
        }
        assert_eq!(pack.find(ContentKey::of(b"absent", "rust", 1)), None);
    }

    #[test]
    fn a_flipped_bit_is_found_by_verify() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.facts");
        let mut writer = PackWriter::create(path.clone()).unwrap();
        writer.push(ContentKey([7; 16]), &PackedFacts::new(&facts(3))).unwrap();
        writer.finish().unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[20] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let error = Pack::open(path).unwrap().verify().unwrap_err();
        assert!(error.to_string().contains("checksum"), "{error}");
    }
}
