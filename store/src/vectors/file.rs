//! Files of vectors: the rows of one model that one commit added.
//!
//! ```text
//! padding  52 bytes, so that the rows begin at byte 64 of the file
//! rows     n × stride bytes of i8, turned as in `quantise`; the stride is the dimensions,
//!          rounded up to 64
//! scales   n × f32: what 1 in the row is worth
//! chunks   n × u32: the chunk of the unit that the row stands for, ascending within a unit
//! units    m × (key u64, first row u32, number of rows u32), sorted by key
//! model    its name in UTF-8
//! tail     u32 n, u32 m, u32 dimensions, u32 length of the model's name
//! ```
//!
//! With 256 dimensions a row takes 264 bytes and a unit 16 more.

use std::ops::Range;
use std::path::{Path, PathBuf};

use flux_core::ModelId;

use super::quantise::{ALIGNMENT, MAX_DIMENSIONS, PackedVectors, stride_of};
use crate::component::{CHECKSUM_LEN, ComponentWriter, HEADER_LEN, VECTORS};
use crate::error::StoreError;
use crate::key::UnitKey;
use crate::map::MappedFile;

/// Where the rows begin, counted from the start of the file.
const ROWS_AT: usize = ALIGNMENT;
const UNIT_LEN: usize = 16;
const TAIL_LEN: usize = 16;

/// One unit's place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitRows {
    /// The unit.
    pub unit: UnitKey,
    /// Its first row.
    pub first: u32,
    /// Number of its rows.
    pub count: u32,
}

impl UnitRows {
    pub(super) fn range(self) -> Range<usize> {
        self.first as usize..self.first as usize + self.count as usize
    }
}

/// Appends units to a new file.
pub(crate) struct VectorFileWriter {
    file: ComponentWriter,
    model: ModelId,
    dimensions: usize,
    scales: Vec<f32>,
    chunks: Vec<u32>,
    units: Vec<UnitRows>,
}

impl VectorFileWriter {
    pub(crate) fn create(
        path: PathBuf,
        model: ModelId,
        dimensions: usize,
    ) -> Result<Self, StoreError> {
        let mut file = ComponentWriter::create(VECTORS, path)?;
        file.write(&[0; ROWS_AT - HEADER_LEN])?;
        let (scales, chunks, units) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { file, model, dimensions, scales, chunks, units })
    }

    pub(crate) fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Number of rows so far.
    pub(crate) fn rows(&self) -> u32 {
        self.chunks.len() as u32
    }

    /// Number of units so far.
    pub(crate) fn units(&self) -> u32 {
        self.units.len() as u32
    }

    /// Appends a unit that is not in the file, with vectors of the file's dimensions.
    pub(crate) fn push(
        &mut self,
        unit: UnitKey,
        vectors: &PackedVectors,
    ) -> Result<(), StoreError> {
        let rows = vectors.rows();
        self.units.push(UnitRows { unit, first: self.rows(), count: rows.len() as u32 });
        for row in rows {
            self.file.write(&row.numbers)?;
            self.scales.push(row.scale);
            self.chunks.push(row.chunk);
        }
        Ok(())
    }

    /// Copies a unit of another file of the same model.
    pub(crate) fn copy(&mut self, from: &VectorFile, unit: UnitRows) -> Result<(), StoreError> {
        self.units.push(UnitRows { first: self.rows(), ..unit });
        self.file.write(from.rows(unit.range()))?;
        self.scales.extend(unit.range().map(|row| from.scale(row)));
        self.chunks.extend(unit.range().map(|row| from.chunk(row)));
        Ok(())
    }

    /// Writes the tables and makes the file durable.
    pub(crate) fn finish(mut self) -> Result<(), StoreError> {
        self.units.sort_unstable_by_key(|unit| unit.unit);
        for scale in &self.scales {
            self.file.write(&scale.to_le_bytes())?;
        }
        for chunk in &self.chunks {
            self.file.write(&chunk.to_le_bytes())?;
        }
        for unit in &self.units {
            self.file.write(&unit.unit.0.to_le_bytes())?;
            self.file.write(&unit.first.to_le_bytes())?;
            self.file.write(&unit.count.to_le_bytes())?;
        }
        let name = self.model.as_str().as_bytes();
        self.file.write(name)?;
        for number in [self.rows(), self.units(), self.dimensions as u32, name.len() as u32] {
            self.file.write(&number.to_le_bytes())?;
        }
        self.file.finish()
    }
}

/// A file of vectors opened for reading.
#[derive(Clone, Debug)]
pub struct VectorFile {
    path: PathBuf,
    map: MappedFile,
    dimensions: usize,
    stride: usize,
    row_count: usize,
    unit_count: usize,
}

impl VectorFile {
    /// Maps the file at `path` and checks it as [`VectorFile::new`] does.
    pub(crate) fn open(path: PathBuf, model: &ModelId) -> Result<Self, StoreError> {
        let map = MappedFile::open(&path)?;
        Self::new(path, map, model)
    }

    /// Checks that the file is of `model`, that its tables fit into it, and that they name rows
    /// that exist.
    pub(crate) fn new(path: PathBuf, map: MappedFile, model: &ModelId) -> Result<Self, StoreError> {
        let damaged = |what: &str| StoreError::damaged(&path, what);
        VECTORS.body(&path, map.as_ref())?;
        let bytes = map.as_ref();
        let end = bytes.len() - CHECKSUM_LEN;
        let tail = end.checked_sub(TAIL_LEN).ok_or_else(|| damaged("no tail"))?;
        let number = |place: usize| read_u32(bytes, tail + place * 4) as usize;
        let [row_count, unit_count, dimensions, name] = [0, 1, 2, 3].map(number);
        if !(1..=MAX_DIMENSIONS).contains(&dimensions) {
            return Err(damaged("its vectors have no sensible length"));
        }
        let stride = stride_of(dimensions);
        // No overflow: numbers below 2^32 times less than 2^14, in 64 bits.
        let expected = ROWS_AT as u64
            + row_count as u64 * (stride as u64 + 8)
            + unit_count as u64 * UNIT_LEN as u64
            + name as u64;
        if expected != tail as u64 {
            return Err(damaged("its tables do not fit"));
        }
        if &bytes[tail - name..tail] != model.as_str().as_bytes() {
            return Err(damaged("its vectors are of another model"));
        }
        let file = Self { path, map, dimensions, stride, row_count, unit_count };
        file.check_units()?;
        Ok(file)
    }

    fn check_units(&self) -> Result<(), StoreError> {
        let mut last = None;
        for unit in self.units() {
            let end = u64::from(unit.first) + u64::from(unit.count);
            if end > self.row_count as u64 || last.is_some_and(|last| last >= unit.unit) {
                return Err(StoreError::damaged(&self.path, "its table of units makes no sense"));
            }
            last = Some(unit.unit);
        }
        Ok(())
    }

    /// Recomputes the checksum of the whole file.
    pub(crate) fn verify(&self) -> Result<(), StoreError> {
        VECTORS.verify(&self.path, self.map.as_ref())
    }

    /// Has what is not in memory fetched from the disk, if the operating system can be told to.
    pub(crate) fn fetch(&self) -> bool {
        self.map.fetch()
    }

    /// The file it lies in.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Numbers in each vector.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Number of rows.
    pub fn row_count(&self) -> usize {
        self.row_count
    }

    /// The units, ascending.
    pub fn units(&self) -> impl Iterator<Item = UnitRows> {
        let bytes = self.map.as_ref();
        let start = ROWS_AT + self.row_count * (self.stride + 8);
        (0..self.unit_count).map(move |index| {
            let at = start + index * UNIT_LEN;
            let key = u64::from(read_u32(bytes, at)) | u64::from(read_u32(bytes, at + 4)) << 32;
            let (first, count) = (read_u32(bytes, at + 8), read_u32(bytes, at + 12));
            UnitRows { unit: UnitKey(key), first, count }
        })
    }

    /// The bytes of rows that lie one after the other.
    pub(super) fn rows(&self, range: Range<usize>) -> &[u8] {
        &self.map.as_ref()[ROWS_AT + range.start * self.stride..ROWS_AT + range.end * self.stride]
    }

    pub(super) fn scale(&self, row: usize) -> f32 {
        let at = ROWS_AT + self.row_count * self.stride + row * 4;
        f32::from_bits(read_u32(self.map.as_ref(), at))
    }

    pub(super) fn chunk(&self, row: usize) -> u32 {
        let at = ROWS_AT + self.row_count * (self.stride + 4) + row * 4;
        read_u32(self.map.as_ref(), at)
    }
}

fn read_u32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
