//! Vectors below the level of a store: rounding, kernels, files, the exact search.

use flux_core::{FileId, ModelId};
use proptest::prelude::*;
use rustc_hash::FxHashMap;

use super::file::{VectorFile, VectorFileWriter};
use super::graph::{self, Graph, Limits};
use super::kernel::Kernel;
use super::quantise::{MAX_DIMENSIONS, PackedVectors, VectorQuery, turned};
use super::reader::{VectorCoverage, VectorHit, VectorReader};
use crate::error::StoreError;
use crate::key::UnitKey;

/// Numbers between -1 and 1 that depend on nothing but `seed`.
pub(crate) fn noise(seed: u64, count: usize) -> Vec<f32> {
    let mut bytes = vec![0; count * 4];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    let number = |bytes: &[u8]| i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    bytes.chunks_exact(4).map(|four| number(four) as f32 / i32::MAX as f32).collect()
}

fn packed(rows: &[(u32, Vec<f32>)]) -> PackedVectors {
    let mut packed = PackedVectors::new(rows[0].1.len()).unwrap();
    for (chunk, vector) in rows {
        packed.push(*chunk, vector).unwrap();
    }
    packed
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

fn largest(vector: &[f32]) -> f64 {
    vector.iter().fold(0.0, |largest, value| f64::from(value.abs()).max(largest))
}

/// The similarity that the one row of `packed` has to `query`, by `kernel`.
fn similarity(kernel: Kernel, query: &VectorQuery, packed: &PackedVectors) -> f32 {
    let row = &packed.rows()[0];
    let mut sum = [0];
    kernel.sums(query, &row.numbers, &mut sum);
    query.similarity(sum[0], row.scale)
}

proptest! {
    #[test]
    fn rounding_costs_at_most_half_a_step_of_each_number(
        (row, query) in (1..200_usize).prop_flat_map(|dimensions| {
            let vector = || prop::collection::vec(-4.0_f32..4.0, dimensions);
            (vector(), vector())
        }),
    ) {
        let (turned_row, turned_query) = (turned(&row), turned(&query));
        let row_step = largest(&turned_row) / 127.0;
        let query_step = largest(&turned_query) / 8191.0;
        let bound: f64 = turned_row.iter().zip(&turned_query).map(|(&row, &query)| {
            let (row, query) = (f64::from(row.abs()), f64::from(query.abs()));
            query * row_step / 2.0 + (row + row_step / 2.0) * query_step / 2.0
        }).sum();
        let packed = packed(&[(0, row.clone())]);
        let found = similarity(Kernel::Portable, &VectorQuery::new(&query), &packed);
        let error = (f64::from(found) - dot(&row, &query)).abs();
        prop_assert!(error <= bound + 1e-5 * (1.0 + bound), "{error} above {bound}");
    }

    #[test]
    fn turning_leaves_dot_products_as_they_are(
        (one, other) in (1..200_usize).prop_flat_map(|dimensions| {
            let vector = || prop::collection::vec(-1.0_f32..1.0, dimensions);
            (vector(), vector())
        }),
    ) {
        let error = (dot(&turned(&one), &turned(&other)) - dot(&one, &other)).abs();
        prop_assert!(error <= 1e-4, "{error}");
    }

    #[test]
    fn every_kernel_finds_the_very_same_sums(
        dimensions in 1..400_usize,
        count in 1..9_usize,
        bytes in prop::collection::vec(any::<u8>(), 64),
        seed in any::<u64>(),
    ) {
        let query = VectorQuery::new(&noise(seed, dimensions));
        let length = dimensions.next_multiple_of(64) * count;
        let rows: Vec<u8> = bytes.iter().copied().cycle().take(length).collect();
        let mut expected = vec![0; count];
        Kernel::Portable.sums(&query, &rows, &mut expected);
        for kernel in Kernel::available() {
            let mut sums = vec![7; count];
            kernel.sums(&query, &rows, &mut sums);
            prop_assert_eq!(&sums, &expected, "{:?}", kernel);
        }
    }
}

#[test]
fn no_kernel_overflows_at_the_longest_vector() {
    let query = VectorQuery::of_numbers(vec![-8191; MAX_DIMENSIONS]);
    for byte in [-128_i8, 127] {
        let rows = vec![byte.cast_unsigned(); MAX_DIMENSIONS];
        for kernel in Kernel::available() {
            let mut sum = [0];
            kernel.sums(&query, &rows, &mut sum);
            assert_eq!(sum[0], -8191 * i64::from(byte) * MAX_DIMENSIONS as i64, "{kernel:?}");
        }
    }
}

#[test]
fn the_portable_kernel_is_always_there_and_the_best_is_available() {
    assert_eq!(Kernel::available()[0], Kernel::Portable);
    assert!(Kernel::available().contains(&Kernel::best()));
}

#[test]
fn turning_evens_out_what_lies_in_one_direction() {
    for place in [0, 17, 69, 255] {
        let mut vector = vec![0.0; 256];
        vector[place] = 1.0;
        let turned = turned(&vector);
        assert!(largest(&turned) <= 0.25, "{} at {place}", largest(&turned));
        assert!((dot(&turned, &turned) - 1.0).abs() < 1e-6);
    }
}

#[test]
fn numbers_that_are_none_count_as_zero() {
    let odd = packed(&[(0, vec![f32::NAN, 1.0, f32::INFINITY, f32::NEG_INFINITY, -0.5])]);
    let plain = packed(&[(0, vec![0.0, 1.0, 0.0, 0.0, -0.5])]);
    assert_eq!(odd, plain);
    let nothing = VectorQuery::new(&[f32::NAN; 5]);
    assert_eq!(similarity(Kernel::Portable, &nothing, &odd), 0.0);
    assert_eq!(nothing, VectorQuery::new(&[0.0; 5]));
}

#[test]
fn a_vector_of_another_length_is_refused() {
    let mut vectors = PackedVectors::new(4).unwrap();
    let error = vectors.push(0, &[1.0; 5]).unwrap_err();
    assert!(matches!(error, StoreError::Dimensions { found: 5, wanted: 4 }), "{error}");
    for length in [0, MAX_DIMENSIONS + 1] {
        assert!(PackedVectors::new(length).is_err());
    }
}

/// The file in which a test looks for the unit with this number.
fn unit(number: u64) -> UnitKey {
    UnitKey(number)
}

/// A unit's number, and its rows.
type Unit = (u64, Vec<(u32, Vec<f32>)>);
type Units<'a> = &'a [Unit];

const DIMENSIONS: usize = 70;

fn write(folder: &std::path::Path, name: &str, units: Units<'_>) -> VectorFile {
    let (path, model) = (folder.join(name), ModelId::new("test/1"));
    let mut writer = VectorFileWriter::create(path.clone(), model.clone(), DIMENSIONS).unwrap();
    for (number, rows) in units {
        let mut vectors = PackedVectors::new(DIMENSIONS).unwrap();
        rows.iter().for_each(|(chunk, vector)| vectors.push(*chunk, vector).unwrap());
        writer.push(unit(*number), &vectors).unwrap();
    }
    writer.finish().unwrap();
    VectorFile::open(path, &model).unwrap()
}

/// A reader of a view whose file number `i` is the unit number `live[i]`.
fn reader(files: Vec<VectorFile>, live: &[u64]) -> VectorReader {
    let files = files.into_iter().map(|file| (file, None)).collect();
    let units: FxHashMap<UnitKey, FileId> =
        live.iter().zip(0..).map(|(&number, file)| (unit(number), FileId(file))).collect();
    VectorReader::new(files, &units, live.len()).unwrap()
}

/// What the integers say, computed the long way.
fn expected(units: Units<'_>, live: &[u64], query: &[f32]) -> Vec<VectorHit> {
    let query = VectorQuery::new(query);
    let mut hits: Vec<VectorHit> = Vec::new();
    for (number, rows) in units {
        let Some(file) = live.iter().position(|live| live == number) else { continue };
        for (chunk, vector) in rows {
            let similarity =
                similarity(Kernel::Portable, &query, &packed(&[(*chunk, vector.clone())]));
            hits.push(VectorHit { file: FileId(file as u32), chunk: *chunk, similarity });
        }
    }
    hits.sort_by(VectorHit::rank_order);
    let mut seen = std::collections::HashSet::new();
    hits.retain(|hit| seen.insert((hit.file, hit.chunk)));
    hits
}

/// Units 0 to `count`, with 0 to 4 chunks each, some of which have two rows; every seventh row
/// is like the one of another unit, so that there are ties.
fn some_units(count: u64) -> Vec<Unit> {
    let row = |unit: u64, chunk: u32| {
        let seed = unit * 10 + u64::from(chunk);
        (chunk, noise(if seed.is_multiple_of(7) { 7 } else { seed }, DIMENSIONS))
    };
    let rows = |unit: u64| {
        let mut rows: Vec<_> = (0..unit as u32 % 5).map(|chunk| row(unit, chunk)).collect();
        if unit.is_multiple_of(3) {
            rows.extend((0..unit as u32 % 5).map(|chunk| (chunk, row(unit + count, chunk).1)));
        }
        rows
    };
    (0..count).map(|unit| (unit, rows(unit))).collect()
}

fn everything(_: FileId) -> bool {
    true
}

#[test]
fn a_search_is_exact_whatever_the_number_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let units = some_units(60);
    let live: Vec<u64> = (0..60).rev().collect();
    let (first, second) = units.split_at(23);
    let files = vec![write(folder.path(), "1.vec", first), write(folder.path(), "2.vec", second)];
    let reader = reader(files, &live);
    assert_eq!(reader.coverage(), VectorCoverage { files: 60, embedded: 60 });
    for seed in 0..5 {
        let question = noise(1000 + seed, DIMENSIONS);
        let expected = expected(&units, &live, &question);
        assert_eq!(expected.len(), 120);
        for k in [0, 1, 2, 10, 119, 120, 500, usize::MAX] {
            let hits = reader.search(&VectorQuery::new(&question), k, &everything);
            assert_eq!(hits, expected[..k.min(expected.len())], "k = {k}");
        }
    }
}

#[test]
fn units_that_the_view_does_not_hold_take_no_part() {
    let folder = tempfile::tempdir().unwrap();
    let units = some_units(40);
    let live: Vec<u64> = (0..40).filter(|unit| unit % 3 != 1).chain([77]).collect();
    let reader = reader(vec![write(folder.path(), "1.vec", &units)], &live);
    let coverage = reader.coverage();
    assert_eq!((coverage.files, coverage.embedded, coverage.missing()), (28, 27, 1));
    let absent = FileId(live.len() as u32 - 1);
    assert!(!reader.has(absent) && reader.has(FileId(0)));
    let question = noise(5, DIMENSIONS);
    let query = VectorQuery::new(&question);
    assert_eq!(reader.search(&query, 50, &everything), expected(&units, &live, &question)[..50]);
    assert_eq!(reader.similarities(&query, absent), []);
    assert_eq!(reader.similarity(&query, absent, 0), None);
}

#[test]
fn a_filter_is_exact_and_asked_at_most_once_for_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let units = some_units(50);
    let live: Vec<u64> = (0..50).collect();
    let reader = reader(vec![write(folder.path(), "1.vec", &units)], &live);
    let question = noise(6, DIMENSIONS);
    for divisor in [2, 9, 49, 1000] {
        let asked = std::sync::Mutex::new(Vec::new());
        let admits = |file: FileId| {
            asked.lock().unwrap().push(file);
            file.0 % divisor == 4
        };
        let hits = reader.search(&VectorQuery::new(&question), 12, &admits);
        let mut wanted = expected(&units, &live, &question);
        wanted.retain(|hit| hit.file.0 % divisor == 4);
        wanted.truncate(12);
        assert_eq!(hits, wanted);
        let mut asked = asked.into_inner().unwrap();
        let before = asked.len();
        asked.sort_unstable();
        asked.dedup();
        assert_eq!(asked.len(), before);
    }
}

#[test]
fn similarities_of_a_file_agree_with_the_search() {
    let folder = tempfile::tempdir().unwrap();
    let units = some_units(30);
    let live: Vec<u64> = (0..30).collect();
    let reader = reader(vec![write(folder.path(), "1.vec", &units)], &live);
    let query = VectorQuery::new(&noise(8, DIMENSIONS));
    let hits = reader.search(&query, usize::MAX, &everything);
    for number in 0..30 {
        let file = FileId(number);
        let mut found: Vec<(u32, f32)> = hits
            .iter()
            .filter(|hit| hit.file == file)
            .map(|hit| (hit.chunk, hit.similarity))
            .collect();
        found.sort_by_key(|&(chunk, _)| chunk);
        assert_eq!(reader.similarities(&query, file), found);
        for (chunk, similarity) in found {
            assert_eq!(reader.similarity(&query, file, chunk), Some(similarity));
        }
        assert_eq!(reader.similarity(&query, file, 99), None);
    }
}

/// A file of 900 rows in clusters of 15, each a unit of its own, and its graph.
fn file_with_graph(folder: &std::path::Path) -> (VectorFile, Graph) {
    let row = |number: u64| {
        let centre = noise(5000 + number / 15, DIMENSIONS);
        let own = noise(number, DIMENSIONS);
        let sum: Vec<f32> = centre.iter().zip(own).map(|(centre, own)| centre + own).collect();
        let length = dot(&sum, &sum).sqrt() as f32;
        sum.into_iter().map(|value| value / length).collect()
    };
    let units: Vec<_> = (0..900).map(|number| (number, vec![(0, row(number))])).collect();
    let vectors = write(folder, "1.vec", &units);
    graph::build(&vectors, folder.join("1.near")).unwrap();
    let graph = Graph::open(folder.join("1.near"), &vectors).unwrap();
    (vectors, graph)
}

/// The rows that a walk finds for a question, and those that comparing every row finds.
fn walked_and_best(
    (vectors, graph): &(VectorFile, Graph),
    limits: Limits,
    question: u64,
    admits: impl Fn(u32) -> bool,
) -> (Option<Vec<u32>>, Vec<u32>) {
    let query = VectorQuery::new(&noise(9000 + question, DIMENSIONS));
    let near = graph.walk(vectors, (Kernel::best(), &query), limits, &admits);
    let mut sums = vec![0; vectors.row_count()];
    Kernel::Portable.sums(&query, vectors.rows(0..vectors.row_count()), &mut sums);
    let similarity = |row: u32| {
        let place = row as usize;
        query.similarity(sums[place], vectors.scale(place))
    };
    let mut best: Vec<u32> = (0..900).filter(|&row| admits(row)).collect();
    best.sort_by(|&a, &b| similarity(b).total_cmp(&similarity(a)).then(a.cmp(&b)));
    (near.map(|near| near.iter().map(|met| met.row).collect()), best)
}

#[test]
fn a_walk_finds_nearly_all_of_the_nearest_rows_that_are_admitted() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_with_graph(folder.path());
    let limits = Limits { breadth: 80, rows: 900 };
    for divisor in [1, 2, 5] {
        let admits = |row: u32| row.is_multiple_of(divisor);
        let mut found = 0;
        for question in 0..20 {
            let (walked, best) = walked_and_best(&file, limits, question, admits);
            let walked = walked.unwrap();
            assert_eq!(walked.len(), 80);
            assert!(walked.iter().all(|&row| admits(row)));
            found += best[..20].iter().filter(|row| walked[..20].contains(row)).count();
        }
        assert!(found >= 396, "{found} of 400, one row in {divisor} admitted");
    }
}

#[test]
fn a_walk_that_cannot_find_enough_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_with_graph(folder.path());
    let enough = Limits { breadth: 10, rows: 900 };
    assert!(walked_and_best(&file, enough, 1, |_| true).0.is_some());
    assert_eq!(walked_and_best(&file, enough, 1, |row| row < 9).0, None);
    assert_eq!(walked_and_best(&file, Limits { rows: 5, ..enough }, 1, |_| true).0, None);
}

#[test]
fn the_same_vectors_make_the_same_graph() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [one, other] = folders.each_ref().map(|folder| {
        file_with_graph(folder.path());
        std::fs::read(folder.path().join("1.near")).unwrap()
    });
    assert!(one == other);
}

#[test]
fn a_graph_of_other_vectors_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    file_with_graph(folder.path());
    let other = write(folder.path(), "2.vec", &some_units(9));
    let error = Graph::open(folder.path().join("1.near"), &other).unwrap_err();
    assert!(error.to_string().contains("does not belong"), "{error}");
}

#[test]
fn a_question_of_another_length_finds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let reader = reader(vec![write(folder.path(), "1.vec", &some_units(9))], &[3, 4]);
    let query = VectorQuery::new(&noise(1, DIMENSIONS - 1));
    assert_eq!(reader.search(&query, 5, &everything), []);
    assert_eq!(reader.similarities(&query, FileId(0)), []);
}

#[test]
fn more_rows_than_one_block_in_a_unit_are_all_compared() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..700).map(|chunk| (chunk / 2, noise(u64::from(chunk), DIMENSIONS))).collect();
    let units = [(5, rows)];
    let reader = reader(vec![write(folder.path(), "1.vec", &units)], &[5]);
    assert_eq!(reader.rows(), 700);
    let question = noise(9, DIMENSIONS);
    let hits = reader.search(&VectorQuery::new(&question), usize::MAX, &everything);
    assert_eq!(hits, expected(&units, &[5], &question));
    assert_eq!(hits.len(), 350);
}

#[test]
fn a_file_of_another_model_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "1.vec", &some_units(3)).path().to_owned();
    let error = VectorFile::open(path, &ModelId::new("test/2")).unwrap_err();
    assert!(error.to_string().contains("another model"), "{error}");
}

#[test]
fn a_row_of_256_numbers_takes_fewer_than_300_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (path, model) = (folder.path().join("1.vec"), ModelId::new("test/1"));
    let mut writer = VectorFileWriter::create(path.clone(), model.clone(), 256).unwrap();
    for number in 0..100 {
        writer.push(unit(number), &packed(&[(0, noise(number, 256))])).unwrap();
    }
    writer.finish().unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() < 100 * 300);
}
