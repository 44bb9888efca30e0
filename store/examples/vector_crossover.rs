//! Measures the search among vectors: what it costs by number of rows, in a process that has
//! just started and in one that has searched before, and what rounding costs in recall.
//!
//! `vector_crossover DIRECTORY ROWS` makes a store of so many rows in DIRECTORY if there is none
//! and searches it; with `graph` behind, it gives the vectors a graph and compares. The vectors lie in clusters within clusters (areas, folders, files) whose
//! sizes are as uneven as those of repositories, and in a space whose directions are unevenly
//! used, as those of trained models are; each question lies near some chunk.
#![expect(clippy::print_stdout, reason = "it reports to a person")]

use std::path::Path;
use std::time::{Duration, Instant};

use flux_core::{FileClass, FileId, Language, ModelId, RepoPath};
use flux_store::maintain::{Unwanted, collect_with_graphs};
use flux_store::view::NewEntry;
use flux_store::{
    ContentKey, FileState, Layout, PackedVectors, Snapshot, Stamp, StoreError, UnitKey,
    VectorQuery, View, ViewKey, Writer,
};

const DIMENSIONS: usize = 256;
const ROWS_PER_FILE: usize = 5;
const FILES_PER_FOLDER: usize = 12;
const QUESTIONS: usize = 50;
const EXTRACTOR: u32 = 1;
/// Up to this many rows the vectors before rounding fit into memory for comparison.
const MAX_COMPARED: usize = 250_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(directory), Some(rows)) = (arguments.next(), arguments.next()) else {
        return Err("usage: vector_crossover DIRECTORY ROWS".into());
    };
    let rows: usize = rows.parse()?;
    let layout = Layout::new(format!("{directory}/{rows}"));
    let key = ViewKey::of(Path::new("/tree"));
    if !layout.manifest().is_file() {
        make(&layout, &key, rows)?;
    }
    if arguments.next().is_some_and(|word| word == "graph") {
        let start = Instant::now();
        let unwanted = Unwanted { is_gone: &|_| false, is_used: &|_| true };
        collect_with_graphs(&layout, Duration::ZERO, &unwanted, 1)?;
        println!("graph built in {:.1} s", start.elapsed().as_secs_f64());
        compare(&layout, &key, rows)?;
    } else {
        measure(&layout, &key, rows)?;
    }
    Ok(())
}

fn model() -> ModelId {
    ModelId::new("crossover/1")
}

/// Numbers of a normal distribution that depend on nothing but `seed`.
struct Normal(u64);

impl Normal {
    fn uniform(&mut self) -> f32 {
        // splitmix64 (Steele, Lea, Flood 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) >> 40) as f32 / (1 << 24) as f32
    }

    fn next(&mut self) -> f32 {
        let (radius, angle) = (self.uniform().max(1e-7), self.uniform());
        (-2.0 * radius.ln()).sqrt() * (std::f32::consts::TAU * angle).cos()
    }
}

/// Adds `weight` times the direction that belongs to `seed`.
fn add(vector: &mut [f32], seed: u64, weight: f32) {
    let mut normal = Normal(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    for (place, value) in (1..).zip(vector) {
        *value += weight * normal.next() / (place as f32).powf(0.3);
    }
}

fn unit_length(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|value| *value /= length);
    vector
}

/// The vector of row number `row`.
fn vector(row: usize) -> Vec<f32> {
    let file = row / ROWS_PER_FILE;
    let folder = file / FILES_PER_FOLDER;
    // Areas of uneven size: the square of a uniform number makes the first the largest.
    let area = (Normal(folder as u64 | 1 << 60).uniform().powi(2) * 40.0) as u64;
    let mut vector = vec![0.0; DIMENSIONS];
    add(&mut vector, 1 << 50 | area, 0.5);
    add(&mut vector, 1 << 51 | folder as u64, 0.6);
    add(&mut vector, 1 << 52 | file as u64, 0.6);
    add(&mut vector, 1 << 53 | row as u64, 0.7);
    unit_length(vector)
}

/// Question number `number`, near one of `rows` rows.
fn question(number: usize, rows: usize) -> Vec<f32> {
    let mut question = vector(number * 7919 % rows);
    let mut away = vec![0.0; DIMENSIONS];
    add(&mut away, 1 << 54 | number as u64, 1.0);
    let away = unit_length(away);
    question.iter_mut().zip(away).for_each(|(value, away)| *value = *value * 0.7 + away * 0.7);
    unit_length(question)
}

fn make(layout: &Layout, key: &ViewKey, rows: usize) -> Result<(), StoreError> {
    let start = Instant::now();
    let mut writer = Writer::open(layout, EXTRACTOR, Duration::ZERO)?;
    let mut entries = Vec::new();
    for file in 0..rows / ROWS_PER_FILE {
        let path = RepoPath::new(format!("{file:08}"));
        let content = ContentKey::of(path.as_str().as_bytes(), "text", EXTRACTOR);
        let mut vectors = PackedVectors::new(DIMENSIONS)?;
        for chunk in 0..ROWS_PER_FILE {
            vectors.push(chunk as u32, &vector(file * ROWS_PER_FILE + chunk))?;
        }
        writer.add_vectors(&model(), UnitKey::of(content, &path), &vectors)?;
        entries.push(NewEntry {
            path,
            stamp: Stamp::default(),
            racy: false,
            language: Language::text(),
            class: FileClass::default(),
            state: FileState::Indexed(content),
        });
    }
    writer.commit(key, Path::new("/tree"), &View::new(entries, Vec::new()))?;
    println!("made {rows} rows in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}

fn everything(_: FileId) -> bool {
    true
}

fn measure(layout: &Layout, key: &ViewKey, rows: usize) -> Result<(), StoreError> {
    let start = Instant::now();
    let snapshot = Snapshot::open(layout, key, EXTRACTOR)?;
    let opened = milliseconds(start);
    let start = Instant::now();
    let reader = snapshot.vectors(&model()).expect("the store was made with vectors");
    let mapped = milliseconds(start);
    let start = Instant::now();
    reader.search(&VectorQuery::new(&question(0, rows)), 100, &everything);
    let first = milliseconds(start);
    let mut later: Vec<f64> = (1..QUESTIONS)
        .map(|number| {
            let query = VectorQuery::new(&question(number, rows));
            let start = Instant::now();
            reader.search(&query, 100, &everything);
            milliseconds(start)
        })
        .collect();
    later.sort_by(f64::total_cmp);
    let median = later[later.len() / 2];
    let speed = (rows * DIMENSIONS) as f64 / median / 1e6;
    println!(
        "{rows} rows: snapshot {opened:.1} ms, vectors {mapped:.2} ms, \
         first search {first:.2} ms, later {median:.2} ms ({speed:.1} GB/s)"
    );
    if rows <= MAX_COMPARED {
        let recalls: Vec<f64> = recalls(&snapshot, rows);
        println!("recall of the first 100 before rounding: {:.4}", mean(&recalls));
    }
    Ok(())
}

/// The walk along the graph beside the comparison of every row.
fn compare(layout: &Layout, key: &ViewKey, rows: usize) -> Result<(), StoreError> {
    let snapshot = Snapshot::open(layout, key, EXTRACTOR)?;
    let reader = snapshot.vectors(&model()).expect("the store was made with vectors");
    for k in [10, 50, 100] {
        let (mut walks, mut scans, mut recalls) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..QUESTIONS {
            let query = VectorQuery::new(&question(number, rows));
            let start = Instant::now();
            let walked = reader.search(&query, k, &everything);
            walks.push(milliseconds(start));
            let start = Instant::now();
            let scanned = reader.search_all(&query, k, &everything);
            scans.push(milliseconds(start));
            let found = scanned.iter().filter(|hit| walked.contains(hit)).count();
            recalls.push(found as f64 / k as f64);
        }
        let first = walks[0];
        let [walk, scan] = [walks, scans].map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        });
        println!(
            "{rows} rows, {k} wanted: walk {walk:.2} ms (first {first:.2}), \
             recall {:.4}; all rows {scan:.2} ms",
            mean(&recalls)
        );
    }
    Ok(())
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// For each question, the share of the 100 rows most similar before rounding that are found.
fn recalls(snapshot: &Snapshot, rows: usize) -> Vec<f64> {
    let reader = snapshot.vectors(&model()).expect("the store was made with vectors");
    let vectors: Vec<Vec<f32>> = (0..rows).map(vector).collect();
    let recall = |number| {
        let question = question(number, rows);
        let dot = |row: &Vec<f32>| row.iter().zip(&question).map(|(a, b)| a * b).sum::<f32>();
        let mut exact: Vec<(f32, usize)> = vectors.iter().map(dot).zip(0..).collect();
        exact.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let wanted: std::collections::HashSet<usize> =
            exact[..100].iter().map(|&(_, row)| row).collect();
        let hits = reader.search(&VectorQuery::new(&question), 100, &everything);
        let row = |file: FileId, chunk: u32| file.0 as usize * ROWS_PER_FILE + chunk as usize;
        hits.iter().filter(|hit| wanted.contains(&row(hit.file, hit.chunk))).count() as f64 / 100.0
    };
    (0..QUESTIONS).map(recall).collect()
}
