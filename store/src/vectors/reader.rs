//! Reading: the vectors of one model as one view sees them, and the search among them.

use std::cmp::Ordering;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::thread;

use flux_core::FileId;
use rustc_hash::{FxHashMap, FxHashSet};

use super::best::Best;
use super::file::VectorFile;
use super::graph::{Graph, Limits};
use super::kernel::Kernel;
use super::quantise::VectorQuery;
use crate::error::StoreError;
use crate::key::UnitKey;

/// A chunk that a search by vector found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VectorHit {
    /// Its file.
    pub file: FileId,
    /// Its position in the file's outline.
    pub chunk: u32,
    /// The dot product with the question, about 1 at most for vectors of unit length.
    pub similarity: f32,
}

impl VectorHit {
    /// The order of lists: the most similar first, then by file and chunk.
    pub(super) fn rank_order(&self, other: &Self) -> Ordering {
        other
            .similarity
            .total_cmp(&self.similarity)
            .then(self.file.cmp(&other.file))
            .then(self.chunk.cmp(&other.chunk))
    }
}

/// How much of a view has vectors of one model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VectorCoverage {
    /// Indexed files.
    pub files: usize,
    /// Those of them that have vectors.
    pub embedded: usize,
}

impl VectorCoverage {
    /// Indexed files without vectors.
    pub fn missing(self) -> usize {
        self.files - self.embedded
    }
}

/// A file of vectors, and its graph if it has one.
pub(crate) type Source = (VectorFile, Option<Graph>);

/// A file of vectors as one view sees it.
#[derive(Debug)]
struct Part {
    vectors: VectorFile,
    graph: Option<Graph>,
    /// Its place among all runs.
    runs: Range<usize>,
    /// Number of its rows that take part.
    rows: usize,
}

/// The rows of one live unit.
#[derive(Clone, Copy, Debug)]
struct Run {
    part: u32,
    first: u32,
    count: u32,
    file: FileId,
}

impl Run {
    fn rows(self) -> Range<usize> {
        self.first as usize..self.first as usize + self.count as usize
    }
}

/// Marks a file without vectors.
const NO_RUN: u32 = u32::MAX;

/// The vectors of one model as one view sees them: units that the view does not hold take no
/// part. Rows are read where they lie.
#[derive(Debug)]
pub struct VectorReader {
    dimensions: usize,
    parts: Vec<Part>,
    /// In the order in which they lie.
    runs: Vec<Run>,
    /// For each file of the view its run, or [`NO_RUN`].
    run_of: Vec<u32>,
    rows: usize,
    coverage: VectorCoverage,
    kernel: Kernel,
}

/// Which files a search may find.
pub type Admits<'a> = &'a (dyn Fn(FileId) -> bool + Sync);

impl VectorReader {
    /// Puts `sources` together; none when there are none. `units` are those of the view and
    /// `file_count` is its number of files.
    pub(crate) fn new(
        sources: Vec<Source>,
        units: &FxHashMap<UnitKey, FileId>,
        file_count: usize,
    ) -> Option<Self> {
        let dimensions = sources.first()?.0.dimensions();
        let mut reader = Self {
            dimensions,
            parts: Vec::new(),
            runs: Vec::new(),
            run_of: vec![NO_RUN; file_count],
            rows: 0,
            coverage: VectorCoverage { files: units.len(), embedded: 0 },
            kernel: Kernel::best(),
        };
        for source in sources {
            source.0.fetch();
            if source.0.dimensions() == dimensions {
                reader.add(source, units);
            }
        }
        Some(reader)
    }

    fn add(&mut self, (vectors, graph): Source, units: &FxHashMap<UnitKey, FileId>) {
        let part = self.parts.len() as u32;
        let mut runs = Vec::new();
        for rows in vectors.units() {
            let Some(&file) = units.get(&rows.unit) else { continue };
            let is_new = std::mem::replace(&mut self.run_of[file.0 as usize], 0) == NO_RUN;
            if is_new {
                runs.push(Run { part, first: rows.first, count: rows.count, file });
            }
        }
        runs.sort_unstable_by_key(|run| (run.first, run.count));
        let start = self.runs.len();
        for (run, place) in runs.iter().zip(start as u32..) {
            self.run_of[run.file.0 as usize] = place;
        }
        let rows = row_count(&runs);
        self.rows += rows;
        self.coverage.embedded += runs.len();
        self.runs.extend(runs);
        self.parts.push(Part { vectors, graph, runs: start..self.runs.len(), rows });
    }

    /// Numbers in each vector.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Number of vectors that take part.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How much of the view has vectors.
    pub fn coverage(&self) -> VectorCoverage {
        self.coverage
    }

    /// Whether a file has vectors; one without chunks may have been given none and still has.
    pub fn has(&self, file: FileId) -> bool {
        self.run(file).is_some()
    }

    /// The `k` chunks most similar to `query` in files that `admits` wants: the most similar
    /// first, then by file and chunk. A question of another length finds nothing.
    ///
    /// Exact, unless there are so many vectors that collecting garbage gave them a graph: then
    /// some of the last of the exact answer may be missing. The filter is exact in either case;
    /// `admits` is asked from several threads, and only of files that would make it into the list.
    pub fn search(&self, query: &VectorQuery, k: usize, admits: Admits<'_>) -> Vec<VectorHit> {
        let mut hits = Vec::new();
        let mut rest = Vec::new();
        if k == 0 || query.dimensions() != self.dimensions {
            return hits;
        }
        for part in &self.parts {
            match self.walk(part, query, k, admits) {
                Some(found) => hits.extend(found),
                None => rest.push(&self.runs[part.runs.clone()]),
            }
        }
        hits.extend(scan_all(&rest, |runs| self.scan(query, runs, k, admits)));
        sorted(hits, k)
    }

    /// The same by comparing every vector, which is always exact.
    pub fn search_all(&self, query: &VectorQuery, k: usize, admits: Admits<'_>) -> Vec<VectorHit> {
        if k == 0 || query.dimensions() != self.dimensions {
            return Vec::new();
        }
        sorted(scan_all(&[&self.runs], |runs| self.scan(query, runs, k, admits)), k)
    }

    /// The similarity of each chunk of a file that has vectors, ascending by chunk.
    pub fn similarities(&self, query: &VectorQuery, file: FileId) -> Vec<(u32, f32)> {
        let mut similarities = Vec::new();
        if query.dimensions() == self.dimensions
            && let Some(run) = self.run(file)
        {
            let mut sums = Sums::new();
            self.each_chunk(query, run, &mut sums, |chunk, similarity| {
                similarities.push((chunk, similarity));
            });
        }
        similarities
    }

    /// The similarity of one chunk, if it has a vector.
    pub fn similarity(&self, query: &VectorQuery, file: FileId, chunk: u32) -> Option<f32> {
        let similarities = self.similarities(query, file);
        let place = similarities.binary_search_by_key(&chunk, |&(chunk, _)| chunk).ok()?;
        Some(similarities[place].1)
    }

    fn run(&self, file: FileId) -> Option<Run> {
        let place = *self.run_of.get(file.0 as usize)?;
        (place != NO_RUN).then(|| self.runs[place as usize])
    }

    /// The best chunks of a part that has a graph of use; none when it must be scanned.
    fn walk(
        &self,
        part: &Part,
        query: &VectorQuery,
        k: usize,
        admits: Admits<'_>,
    ) -> Option<Vec<VectorHit>> {
        let graph = part.graph.as_ref()?;
        let dead = part.vectors.row_count() - part.rows;
        if dead * DEAD_SHARE > part.vectors.row_count() {
            return None;
        }
        let runs = &self.runs[part.runs.clone()];
        let run_of = |row: u32| {
            let run = runs[..runs.partition_point(|run| run.first <= row)].last()?;
            run.rows().contains(&(row as usize)).then_some(run)
        };
        let is_wanted = |row| run_of(row).is_some_and(|run| admits(run.file));
        let limits = Limits {
            breadth: k.saturating_mul(BREADTH_PER_HIT).max(MIN_BREADTH),
            rows: part.vectors.row_count() / GIVE_UP_SHARE,
        };
        let met = graph.walk(&part.vectors, (self.kernel, query), limits, is_wanted)?;
        let mut seen = FxHashSet::default();
        let hits = met.into_iter().filter_map(|met| {
            let (file, chunk) = (run_of(met.row)?.file, part.vectors.chunk(met.row as usize));
            let is_new = seen.insert((file, chunk));
            is_new.then_some(VectorHit { file, chunk, similarity: met.similarity })
        });
        let hits: Vec<VectorHit> = hits.take(k).collect();
        (hits.len() == k).then_some(hits)
    }

    fn scan(
        &self,
        query: &VectorQuery,
        runs: &[Run],
        k: usize,
        admits: Admits<'_>,
    ) -> Vec<VectorHit> {
        let mut best = Best::new(k);
        let mut sums = Sums::new();
        for run in runs {
            let mut is_admitted = None;
            self.each_chunk(query, *run, &mut sums, |chunk, similarity| {
                let hit = VectorHit { file: run.file, chunk, similarity };
                if best.wants(&hit) && *is_admitted.get_or_insert_with(|| admits(run.file)) {
                    best.keep(hit);
                }
            });
        }
        best.into_hits()
    }

    /// Calls `each` with the chunks of a run and the similarity of the best row of each.
    fn each_chunk(
        &self,
        query: &VectorQuery,
        run: Run,
        sums: &mut Sums,
        mut each: impl FnMut(u32, f32),
    ) {
        let vectors = &self.parts[run.part as usize].vectors;
        let mut last: Option<(u32, f32)> = None;
        let rows = run.rows();
        for start in rows.clone().step_by(BLOCK) {
            let block = start..rows.end.min(start + BLOCK);
            let sums = &mut sums.0[..block.len()];
            self.kernel.sums(query, vectors.rows(block.clone()), sums);
            for (row, &sum) in block.zip(&*sums) {
                let chunk = vectors.chunk(row);
                let similarity = query.similarity(sum, vectors.scale(row));
                match &mut last {
                    Some((known, best)) if *known == chunk => *best = best.max(similarity),
                    _ => {
                        if let Some((chunk, similarity)) = last.replace((chunk, similarity)) {
                            each(chunk, similarity);
                        }
                    }
                }
            }
        }
        if let Some((chunk, similarity)) = last {
            each(chunk, similarity);
        }
    }
}

/// A graph of which more than one row in this many is dead is left aside until it is rebuilt.
const DEAD_SHARE: usize = 5;
/// Rows that a walk keeps for each chunk that is wanted: with 4, it found 0.9896 of the first 50
/// among 50 000 rows.
const BREADTH_PER_HIT: usize = 8;
/// Rows that a walk keeps at least: with 200, it found 0.996 of the first 10 there.
const MIN_BREADTH: usize = 200;
/// A walk that looks at more than one row in so many is given up: rows met one by one come from
/// memory about ten times slower than one after the other.
const GIVE_UP_SHARE: usize = 12;

/// Rows whose sums are found by one call: their sums stay in the nearest cache.
const BLOCK: usize = 128;

struct Sums([i64; BLOCK]);

impl Sums {
    fn new() -> Self {
        Self([0; BLOCK])
    }
}

fn sorted(mut hits: Vec<VectorHit>, k: usize) -> Vec<VectorHit> {
    hits.sort_unstable_by(VectorHit::rank_order);
    hits.truncate(k);
    hits
}

fn row_count(runs: &[Run]) -> usize {
    runs.iter().map(|run| run.count as usize).sum()
}

/// Scans `parts` on as many threads as are worth it.
fn scan_all(parts: &[&[Run]], scan: impl Fn(&[Run]) -> Vec<VectorHit> + Sync) -> Vec<VectorHit> {
    let rows: usize = parts.iter().map(|runs| row_count(runs)).sum();
    let threads = thread_count(rows);
    let pieces = parts.iter().flat_map(|runs| cut(runs, rows.div_ceil(threads).max(1)));
    if threads == 1 {
        return pieces.flat_map(scan).collect();
    }
    let scan = &scan;
    thread::scope(|scope| {
        let threads: Vec<_> = pieces.map(|piece| scope.spawn(move || scan(piece))).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, Vec<VectorHit>>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        threads.into_iter().flat_map(join).collect()
    })
}

/// Cuts runs into pieces of about `share` rows.
fn cut(runs: &[Run], share: usize) -> Vec<&[Run]> {
    let mut pieces = Vec::new();
    let (mut start, mut rows) = (0, 0);
    for (place, run) in runs.iter().enumerate() {
        rows += run.count as usize;
        if rows >= share {
            pieces.push(&runs[start..=place]);
            (start, rows) = (place + 1, 0);
        }
    }
    pieces.push(&runs[start..]);
    pieces
}

/// Rows that are worth a thread of their own: they take about 2 ms, starting one takes 0.05 ms.
const ROWS_PER_THREAD: usize = 100_000;
/// More threads than this only wait for the same memory.
const MAX_THREADS: usize = 8;

fn thread_count(rows: usize) -> usize {
    let wanted = (rows / ROWS_PER_THREAD).clamp(1, MAX_THREADS);
    if wanted == 1 {
        return 1;
    }
    thread::available_parallelism().map_or(1, NonZeroUsize::get).min(wanted)
}

/// A file that is damaged or of another version counts as if it had never been written.
pub(crate) fn sound_or_none(
    opened: Result<VectorFile, StoreError>,
) -> Result<Option<VectorFile>, StoreError> {
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.is_mended_by_rebuild() || error.is_vanished_file() => Ok(None),
        Err(error) => Err(error),
    }
}
