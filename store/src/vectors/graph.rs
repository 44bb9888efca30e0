//! Graphs of near rows, for files so large that comparing every row takes too long.
//!
//! `hnsw_rs` builds the graph; what is kept of it is its lowest layer, as a table that is mapped
//! and read where it lies. hnsw_rs can map the vectors that it dumped, but not the graph, whose
//! points it allocates one by one: loading takes longer than comparing every row. The upper
//! layers only lead to a good start, and rows lie in the order of their files, so every
//! [`SPACING`]th of them makes as good a start (compare Munyampirwa et al. 2024, "Down with the
//! Hierarchy").
//!
//! ```text
//! padding  52 bytes, so that the table begins at byte 64 of the file
//! table    n × 32 × u32: the rows near each row, the nearest first; u32::MAX where there are
//!          fewer
//! ```
//!
//! A graph belongs to one file of vectors and is as immutable. Rows of dead units, and of files
//! that a question's filter leaves out, are walked over but never found.

use std::collections::BinaryHeap;
use std::path::PathBuf;

use hnsw_rs::prelude::{Distance, Hnsw};

use super::file::VectorFile;
use super::kernel::{Kernel, product};
use super::quantise::{ALIGNMENT, VectorQuery};
use crate::component::{CHECKSUM_LEN, ComponentWriter, GRAPH, HEADER_LEN};
use crate::error::StoreError;
use crate::map::MappedFile;

/// Files of at least so many vectors are given a graph: more than repositories have.
///
/// Measured with `examples/vector_crossover` on one core (EPYC, AVX-512, 256 dimensions, vectors
/// in clusters): walking is quicker from below 50 000 rows on (0.3 ms instead of 0.7 ms for 50
/// chunks at a recall of 0.99), but building takes 1.4 ms for each row, so that 200 000 searches
/// must follow before it pays, at any size. What decides is therefore when comparing every row
/// becomes felt: it takes 22 ms for a million rows on one core, in a process that has just
/// started 37 ms, and less on several, so about 0.1 s here.
pub(crate) const GRAPH_ROWS: usize = 5_000_000;

/// Neighbours of a row.
const DEGREE: usize = 32;
const NODE_LEN: usize = DEGREE * 4;
/// Marks the absence of a neighbour.
const NOBODY: u32 = u32::MAX;
/// Candidates that hnsw_rs weighs for each row.
const BREADTH_OF_BUILD: usize = 200;
/// One row in so many is a possible start.
const SPACING: usize = 256;
/// Starts that a walk begins with.
const STARTS: usize = 16;
/// Builds the graph of `vectors` and writes it to `path`. The same vectors make the same graph.
pub(crate) fn build(vectors: &VectorFile, path: PathBuf) -> Result<(), StoreError> {
    let count = vectors.row_count();
    let layers = 16;
    let graph = Hnsw::<u32, RowDistance<'_>>::new(
        DEGREE / 2,
        count,
        layers,
        BREADTH_OF_BUILD,
        RowDistance(vectors),
    );
    for row in 0..count {
        graph.insert_slice((&[row as u32], row));
    }
    let mut table = vec![NOBODY; count * DEGREE];
    for point in graph.get_point_indexation() {
        let near = point.get_neighborhood_id();
        let start = point.get_origin_id() * DEGREE;
        let node = &mut table[start..start + DEGREE];
        for (slot, neighbour) in node.iter_mut().zip(near.first().into_iter().flatten()) {
            *slot = neighbour.d_id as u32;
        }
    }
    let mut file = ComponentWriter::create(GRAPH, path)?;
    file.write(&[0; ALIGNMENT - HEADER_LEN])?;
    for row in &table {
        file.write(&row.to_le_bytes())?;
    }
    file.finish()
}

/// How far two rows of a file, each given by its number, are from each other.
struct RowDistance<'a>(&'a VectorFile);

impl Distance<u32> for RowDistance<'_> {
    fn eval(&self, one: &[u32], other: &[u32]) -> f32 {
        let (one, other) = (one[0] as usize, other[0] as usize);
        let sum = product(self.0.rows(one..one + 1), self.0.rows(other..other + 1));
        (1.0 - sum as f32 * self.0.scale(one) * self.0.scale(other)).max(0.0)
    }
}

/// The graph of a file of vectors, opened for reading.
#[derive(Debug)]
pub(crate) struct Graph {
    path: PathBuf,
    map: MappedFile,
    rows: usize,
}

/// A row met on a walk, greater the more similar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Met {
    pub(crate) similarity: f32,
    pub(crate) row: u32,
}

impl Eq for Met {}

impl PartialOrd for Met {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Met {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.similarity.total_cmp(&other.similarity).then(other.row.cmp(&self.row))
    }
}

impl Graph {
    /// Maps the graph of `vectors`.
    pub(crate) fn open(path: PathBuf, vectors: &VectorFile) -> Result<Self, StoreError> {
        let map = MappedFile::open(&path)?;
        Self::new(path, map, vectors.row_count())
    }

    /// Checks that the file is a graph of `rows` rows.
    pub(crate) fn new(path: PathBuf, map: MappedFile, rows: usize) -> Result<Self, StoreError> {
        GRAPH.body(&path, map.as_ref())?;
        if map.as_ref().len() != ALIGNMENT + rows * NODE_LEN + CHECKSUM_LEN {
            return Err(StoreError::damaged(&path, "it does not belong to its vectors"));
        }
        Ok(Self { path, map, rows })
    }

    /// Recomputes the checksum of the whole file.
    pub(crate) fn verify(&self) -> Result<(), StoreError> {
        GRAPH.verify(&self.path, self.map.as_ref())
    }

    fn near(&self, row: u32) -> impl Iterator<Item = u32> {
        let at = ALIGNMENT + row as usize * NODE_LEN;
        let node = self.map.as_ref()[at..at + NODE_LEN].chunks_exact(4);
        let rows = self.rows;
        node.map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .filter(move |&row| (row as usize) < rows)
    }

    /// Walks from row to nearer row and returns the `breadth` nearest that it meets and `admits`
    /// wants, the nearest first. None when the walk met too few or took too long: then comparing
    /// every row is better.
    pub(crate) fn walk(
        &self,
        vectors: &VectorFile,
        (kernel, query): (Kernel, &VectorQuery),
        limits: Limits,
        admits: impl Fn(u32) -> bool,
    ) -> Option<Vec<Met>> {
        let mut walk = Walk {
            compare: |row: u32| {
                let mut sum = [0];
                let row = row as usize;
                kernel.sums(query, vectors.rows(row..row + 1), &mut sum);
                query.similarity(sum[0], vectors.scale(row))
            },
            admits,
            breadth: limits.breadth,
            seen: vec![0; self.rows.div_ceil(64)],
            ahead: BinaryHeap::new(),
            found: BinaryHeap::new(),
        };
        walk.start(self.rows);
        let mut budget = limits.rows;
        while let Some(next) = walk.ahead.pop() {
            if walk.is_full() && walk.worst() > next.similarity {
                break;
            }
            for row in self.near(next.row) {
                budget = budget.checked_sub(usize::from(walk.meet(row)))?;
            }
        }
        walk.is_full().then(|| {
            let sorted = walk.found.into_sorted_vec();
            sorted.into_iter().map(|std::cmp::Reverse(met)| met).collect()
        })
    }
}

/// How far a walk goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Rows that it keeps: the more, the surer that the nearest are among them.
    pub(crate) breadth: usize,
    /// Rows that it looks at before it is given up.
    pub(crate) rows: usize,
}

/// A walk under way.
struct Walk<C, A> {
    compare: C,
    admits: A,
    breadth: usize,
    /// A bit for each row.
    seen: Vec<u64>,
    /// Rows whose neighbours are to be met, the most similar on top.
    ahead: BinaryHeap<Met>,
    /// The best rows that are admitted, the worst on top.
    found: BinaryHeap<std::cmp::Reverse<Met>>,
}

impl<C: Fn(u32) -> f32, A: Fn(u32) -> bool> Walk<C, A> {
    /// Compares the possible starts and begins with the best.
    fn start(&mut self, rows: usize) {
        let mut starts: Vec<Met> = (0..rows)
            .step_by(SPACING)
            .map(|row| Met { similarity: (self.compare)(row as u32), row: row as u32 })
            .collect();
        starts.sort_unstable_by(|a, b| b.cmp(a));
        for start in starts.iter().take(STARTS) {
            self.meet(start.row);
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() == self.breadth
    }

    fn worst(&self) -> f32 {
        self.found.peek().map_or(f32::NEG_INFINITY, |worst| worst.0.similarity)
    }

    /// Looks at a row; whether that is the first time.
    fn meet(&mut self, row: u32) -> bool {
        let (word, bit) = (&mut self.seen[row as usize / 64], 1 << (row % 64));
        if *word & bit != 0 {
            return false;
        }
        *word |= bit;
        let met = Met { similarity: (self.compare)(row), row };
        if !met.similarity.is_finite() || self.is_full() && met.similarity <= self.worst() {
            return true;
        }
        self.ahead.push(met);
        if (self.admits)(row) {
            if self.is_full() {
                self.found.pop();
            }
            self.found.push(std::cmp::Reverse(met));
        }
        true
    }
}
