//! Vectors in a store: commits that add them, views that share them, upkeep, damage.

use std::collections::BTreeMap;
use std::fs;

use flux_core::ModelId;

use super::{EXTRACTOR, Files, NOW, Store};
use crate::key::{ContentKey, UnitKey};
use crate::maintain::{Unwanted, collect, collect_unwanted, disk_bytes, verify};
use crate::manifest::Manifest;
use crate::snapshot::Snapshot;
use crate::vectors::tests::noise;
use crate::vectors::{PackedVectors, VectorCoverage, VectorQuery};
use crate::writer::Writer;
use crate::{StoreError, vectors::VectorReader};
use flux_core::RepoPath;

const DIMENSIONS: usize = 20;

fn model(name: &str) -> ModelId {
    ModelId::new(name)
}

/// A vector that depends on the model and on one line.
fn vector(model: &ModelId, line: &str) -> Vec<f32> {
    let hash = blake3::hash(format!("{model} {line}").as_bytes());
    noise(u64::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap()), DIMENSIONS)
}

fn unit(path: &str, text: &str) -> UnitKey {
    UnitKey::of(ContentKey::of(text.as_bytes(), "text", EXTRACTOR), &RepoPath::new(path))
}

/// Gives every line of the files that have none a vector of its own; returns how many files
/// that were.
pub(super) fn embed(writer: &mut Writer, model: &ModelId, files: Files<'_>) -> usize {
    let mut added = 0;
    for (path, text) in files {
        let unit = unit(path, text);
        if writer.vector_units(model).unwrap().contains(&unit) {
            continue;
        }
        let mut vectors = PackedVectors::new(DIMENSIONS).unwrap();
        for (chunk, line) in (0..).zip(text.lines()) {
            vectors.push(chunk, &vector(model, line)).unwrap();
        }
        writer.add_vectors(model, unit, &vectors).unwrap();
        assert!(writer.vector_units(model).unwrap().contains(&unit));
        added += 1;
    }
    added
}

/// Commits `files` as the whole of `tree`, with their vectors.
fn commit(store: &Store, tree: &str, model: &ModelId, files: Files<'_>) -> usize {
    let mut writer = store.writer();
    let added = embed(&mut writer, model, files);
    store.commit_with(writer, tree, files);
    added
}

/// Every line that a search finds: its path, number and similarity, the most similar first.
pub(super) fn answers(
    snapshot: &Snapshot,
    model: &ModelId,
    question: &str,
) -> Vec<(String, u32, f32)> {
    let Some(reader) = snapshot.vectors(model) else { return Vec::new() };
    let query = VectorQuery::new(&vector(model, question));
    let hits = reader.search(&query, usize::MAX, &|_| true);
    let path = |file| snapshot.view().file(file).path.to_string();
    hits.iter().map(|hit| (path(hit.file), hit.chunk, hit.similarity)).collect()
}

/// Asserts that the lines of `files` are found, each most similar to itself, and nothing else.
#[track_caller]
fn check(snapshot: &Snapshot, model: &ModelId, files: Files<'_>) {
    let lines: usize = files.iter().map(|(_, text)| text.lines().count()).sum();
    let coverage = snapshot.vector_coverage(model);
    assert_eq!(coverage, VectorCoverage { files: files.len(), embedded: files.len() });
    assert_eq!(snapshot.vectors(model).map_or(0, VectorReader::rows), lines);
    for (path, text) in files {
        for (chunk, line) in (0..).zip(text.lines()) {
            let answers = answers(snapshot, model, line);
            assert_eq!(answers.len(), lines);
            assert_eq!((answers[0].0.as_str(), answers[0].1), (*path, chunk), "{line}");
        }
    }
}

const FILES: Files<'_> = &[
    ("a.txt", "alpha\nfirst line"),
    ("b.txt", "beta\nsecond line\nthird line"),
    ("c/d.txt", "gamma"),
];

#[test]
fn vectors_are_found_by_the_line_they_were_made_of() {
    let (store, model) = (Store::new(), model("m/1"));
    assert_eq!(commit(&store, "tree", &model, FILES), 3);
    check(&store.snapshot("tree"), &model, FILES);
    super::check(&store.snapshot("tree"), FILES);
    assert_eq!(verify(&store.layout).unwrap(), Vec::<String>::new());
    let names = Manifest::read(&store.layout).unwrap().vectors;
    assert_eq!(names.len(), 1);
    assert_eq!((names[0].generation, names[0].units, names[0].rows), (1, 3, 6));
    assert_eq!(names[0].model, model);
    let bytes: u64 = store.all_files().iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    let lock = fs::metadata(store.layout.lock()).unwrap().len();
    assert_eq!(disk_bytes(&store.layout).unwrap(), bytes + lock);
}

#[test]
fn a_store_without_vectors_has_none() {
    let (store, model) = (Store::new(), model("m/1"));
    store.commit("tree", FILES);
    let text = fs::read_to_string(store.layout.manifest()).unwrap();
    assert!(!text.contains("vectors"), "as written before there were any: {text}");
    fs::remove_dir(store.layout.vectors()).unwrap();
    let snapshot = store.snapshot("tree");
    assert!(snapshot.vectors(&model).is_none());
    assert_eq!(snapshot.vector_models().count(), 0);
    assert_eq!(snapshot.vector_coverage(&model).missing(), 3);
    assert_eq!(verify(&store.layout).unwrap(), Vec::<String>::new());
    collect(&store.layout, NOW, |_| false).unwrap();
    commit(&store, "tree", &model, FILES);
    check(&store.snapshot("tree"), &model, FILES);
}

#[test]
fn vectors_may_come_later_than_the_words_and_in_steps() {
    let (store, model) = (Store::new(), model("m/1"));
    store.commit("tree", FILES);
    for done in 1..=FILES.len() {
        let before = store.snapshot("tree");
        let mut writer = store.writer();
        assert_eq!(embed(&mut writer, &model, &FILES[..done]), 1);
        let generation = writer.commit_additions().unwrap();
        let snapshot = store.snapshot("tree");
        assert_eq!(snapshot.generation(), generation);
        assert_eq!(snapshot.vector_coverage(&model).embedded, done);
        assert_eq!(before.vector_coverage(&model).embedded, done - 1);
        super::check(&snapshot, FILES);
    }
    check(&store.snapshot("tree"), &model, FILES);
}

#[test]
fn a_writer_that_is_dropped_leaves_no_vectors() {
    let (store, model) = (Store::new(), model("m/1"));
    commit(&store, "tree", &model, &FILES[..1]);
    let mut writer = store.writer();
    embed(&mut writer, &model, FILES);
    drop(writer);
    assert_eq!(store.files(&store.layout.vectors()).len(), 2);
    check(&store.snapshot("tree"), &model, &FILES[..1]);
    assert_eq!(verify(&store.layout).unwrap(), Vec::<String>::new());
    store.commit("tree", &FILES[..1]);
    assert_eq!(store.files(&store.layout.vectors()).len(), 1, "the orphan is swept");
    assert_eq!(commit(&store, "tree", &model, FILES), 2);
    check(&store.snapshot("tree"), &model, FILES);
}

/// Files whose number `i` has the text of revision `revisions[i]`.
fn tree(revisions: &[u32]) -> Vec<(String, String)> {
    let file = |(number, revision): (usize, &u32)| {
        let text = format!("file {number} revision {revision}\nline of {number} {revision}");
        (format!("{number:02}.txt"), text)
    };
    revisions.iter().enumerate().map(file).collect()
}

fn borrowed(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect()
}

#[test]
fn many_commits_answer_like_one_and_keep_few_files() {
    let (incremental, full, model) = (Store::new(), Store::new(), model("m/1"));
    let mut revisions = vec![0; 12];
    for step in 0..30 {
        revisions[step * 7 % 12] += 1;
        let files = tree(&revisions);
        commit(&incremental, "tree", &model, &borrowed(&files));
        assert!(Manifest::read(&incremental.layout).unwrap().vectors.len() <= 8);
    }
    let files = tree(&revisions);
    commit(&full, "tree", &model, &borrowed(&files));
    let (one, other) = (incremental.snapshot("tree"), full.snapshot("tree"));
    check(&one, &model, &borrowed(&files));
    for question in ["file 3 revision 1", "line of 7 2", "anything"] {
        assert_eq!(answers(&one, &model, question), answers(&other, &model, question));
    }
    assert_eq!(verify(&incremental.layout).unwrap(), Vec::<String>::new());
}

#[test]
fn merging_leaves_the_dead_behind_when_they_are_many() {
    let (store, model) = (Store::new(), model("m/1"));
    for revision in 0..30 {
        commit(&store, "tree", &model, &borrowed(&tree(&[revision])));
    }
    let names = Manifest::read(&store.layout).unwrap().vectors;
    let units: u32 = names.iter().map(|name| name.units).sum();
    assert!(units <= 9, "{units} of 30 units are left");
    check(&store.snapshot("tree"), &model, &borrowed(&tree(&[29])));
}

#[test]
fn trees_share_the_vectors_of_what_they_have_in_common() {
    let (store, model) = (Store::new(), model("m/1"));
    commit(&store, "one", &model, FILES);
    let other = [FILES[0], FILES[1], ("e.txt", "epsilon")];
    assert_eq!(commit(&store, "two", &model, &other), 1);
    check(&store.snapshot("one"), &model, FILES);
    check(&store.snapshot("two"), &model, &other);
}

#[test]
fn models_lie_side_by_side_until_one_is_collected() {
    let (store, first, second) = (Store::new(), model("m/1"), model("other"));
    commit(&store, "tree", &first, FILES);
    let mut writer = store.writer();
    assert_eq!(embed(&mut writer, &second, FILES), 3);
    let doubled = [FILES[0], FILES[1], FILES[2], ("e.txt", "epsilon")];
    assert_eq!(embed(&mut writer, &first, &doubled), 1);
    writer.commit_additions().unwrap();
    let models: Vec<_> = store.snapshot("tree").vector_models().cloned().collect();
    assert_eq!(models, [first.clone(), second.clone()]);
    for model in [&first, &second] {
        check(&store.snapshot("tree"), model, FILES);
    }
    let unwanted = Unwanted { is_gone: &|_| false, is_used: &|model| *model == second };
    let collected = collect_unwanted(&store.layout, NOW, &unwanted).unwrap();
    assert_eq!(collected.vectors, 7, "six lines and the one of no tree");
    let snapshot = store.snapshot("tree");
    assert!(snapshot.vectors(&first).is_none());
    check(&snapshot, &second, FILES);
    assert_eq!(store.files(&store.layout.vectors()).len(), 1);
}

#[test]
fn collecting_drops_the_vectors_of_what_no_tree_holds() {
    let (store, model) = (Store::new(), model("m/1"));
    commit(&store, "tree", &model, FILES);
    commit(&store, "tree", &model, &FILES[1..]);
    let before = store.snapshot("tree");
    let first = collect(&store.layout, NOW, |_| false).unwrap();
    assert_eq!(first.vectors, 2);
    check(&store.snapshot("tree"), &model, &FILES[1..]);
    check(&before, &model, &FILES[1..]);
    let names = Manifest::read(&store.layout).unwrap().vectors;
    let second = collect(&store.layout, NOW, |_| false).unwrap();
    assert_eq!(second.vectors, 0);
    assert_eq!(Manifest::read(&store.layout).unwrap().vectors, names, "nothing is written anew");
    assert_eq!(collect(&store.layout, NOW, |_| true).unwrap().vectors, 4);
    assert_eq!(Manifest::read(&store.layout).unwrap().vectors, []);
    assert_eq!(store.files(&store.layout.vectors()), Vec::<String>::new());
}

/// Collects what no tree holds and gives every file of vectors a graph.
fn collect_with_graphs(store: &Store) {
    let unwanted = Unwanted { is_gone: &|_| false, is_used: &|_| true };
    crate::maintain::collect_with_graphs(&store.layout, NOW, &unwanted, 1).unwrap();
}

#[test]
fn a_graph_is_built_once_and_again_when_its_vectors_change() {
    let (store, model) = (Store::new(), model("m/1"));
    let files = tree(&[0; 40]);
    let files = borrowed(&files);
    commit(&store, "tree", &model, &files);
    let before = answers(&store.snapshot("tree"), &model, "file 7 revision 0");
    collect_with_graphs(&store);
    let names = Manifest::read(&store.layout).unwrap().vectors;
    assert!(names[0].graph && names[0].generation == 1);
    let path = store.layout.graph_file(1, &model);
    let written = fs::metadata(&path).unwrap().modified().unwrap();
    collect_with_graphs(&store);
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), written);
    check(&store.snapshot("tree"), &model, &files);
    assert_eq!(answers(&store.snapshot("tree"), &model, "file 7 revision 0"), before);
    assert_eq!(verify(&store.layout).unwrap(), Vec::<String>::new());

    commit(&store, "tree", &model, &files[5..]);
    check(&store.snapshot("tree"), &model, &files[5..]);
    collect_with_graphs(&store);
    let names = Manifest::read(&store.layout).unwrap().vectors;
    assert!(names[0].graph && names[0].units == 35);
    assert!(!path.exists());
    assert_eq!(store.files(&store.layout.vectors()).len(), 2);
    check(&store.snapshot("tree"), &model, &files[5..]);
}

#[test]
fn a_damaged_or_lost_graph_is_named_by_verify_done_without_and_rebuilt() {
    let damage: [fn(&std::path::Path); 3] = [
        |path| fs::remove_file(path).unwrap(),
        |path| fs::write(path, "no graph").unwrap(),
        |path| {
            let mut bytes = fs::read(path).unwrap();
            bytes[8] += 1;
            fs::write(path, bytes).unwrap();
        },
    ];
    for damage in damage {
        let (store, model) = (Store::new(), model("m/1"));
        commit(&store, "tree", &model, FILES);
        collect_with_graphs(&store);
        let path = store.layout.graph_file(1, &model);
        damage(&path);
        let problems = verify(&store.layout).unwrap();
        assert!(problems.len() == 1 && problems[0].contains(path.to_str().unwrap()));
        check(&store.snapshot("tree"), &model, FILES);
        collect_with_graphs(&store);
        assert_eq!(verify(&store.layout).unwrap(), Vec::<String>::new());
        check(&store.snapshot("tree"), &model, FILES);
    }
}

#[test]
fn a_reader_keeps_its_vectors_although_it_asks_for_them_late() {
    let (store, model) = (Store::new(), model("m/1"));
    commit(&store, "tree", &model, FILES);
    let reader = store.snapshot("tree");
    commit(&store, "tree", &model, &[("z.txt", "zeta")]);
    collect(&store.layout, NOW, |_| false).unwrap();
    check(&reader, &model, FILES);
}

#[test]
fn a_file_without_chunks_counts_as_embedded() {
    let (store, model) = (Store::new(), model("m/1"));
    let files = [("a.txt", "alpha"), ("empty.txt", "")];
    let mut writer = store.writer();
    embed(&mut writer, &model, &files);
    let entries = files.iter().map(|(path, text)| super::add(&mut writer, path, text)).collect();
    let view = crate::View::new(entries, Vec::new());
    writer.commit(&store.key("tree"), &store.root("tree"), &view).unwrap();
    let snapshot = store.snapshot("tree");
    assert_eq!(snapshot.vector_coverage(&model).missing(), 0);
    let empty = snapshot.view().find("empty.txt").unwrap();
    assert!(snapshot.vectors(&model).unwrap().has(empty));
}

#[test]
fn a_vector_that_does_not_fit_its_model_is_refused() {
    let (store, model) = (Store::new(), model("m/1"));
    let mut writer = store.writer();
    for commit in 0..2 {
        embed(&mut writer, &model, &FILES[..=commit]);
        let longer = PackedVectors::new(DIMENSIONS + 1).unwrap();
        let error = writer.add_vectors(&model, UnitKey(9), &longer).unwrap_err();
        assert!(matches!(error, StoreError::Dimensions { found: 21, wanted: DIMENSIONS }));
        assert!(!writer.vector_units(&model).unwrap().contains(&UnitKey(9)));
        writer.commit_additions().unwrap();
        writer = store.writer();
    }
}

/// Damage to the bytes of a file.
type Change = fn(&mut Vec<u8>);

#[test]
fn damaged_vectors_are_named_by_verify_and_embedded_again() {
    let changes: [(&str, Change); 4] = [
        ("version 2 of the vectors", |bytes| bytes[8] += 1),
        ("not a vectors file", |bytes| bytes.truncate(5)),
        ("is damaged", |bytes| bytes.truncate(bytes.len() / 2)),
        ("another model", |bytes| {
            let name = bytes.len() - 16 - 16 - 1;
            bytes[name] ^= 1;
        }),
    ];
    for (message, change) in changes {
        let (store, model) = (Store::new(), model("m/1"));
        commit(&store, "tree", &model, &FILES[..1]);
        commit(&store, "tree", &model, FILES);
        let path = store.layout.vector_file(1, &model);
        let mut bytes = fs::read(&path).unwrap();
        change(&mut bytes);
        fs::write(&path, bytes).unwrap();
        let problems = verify(&store.layout).unwrap();
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        assert!(problem.contains(message) && problem.contains(path.to_str().unwrap()), "{problem}");
        let snapshot = store.snapshot("tree");
        assert_eq!(snapshot.vector_coverage(&model).embedded, 2);
        super::check(&snapshot, FILES);
        assert_eq!(commit(&store, "tree", &model, FILES), 1);
        check(&store.snapshot("tree"), &model, FILES);
        assert_eq!(verify(&store.layout).unwrap(), Vec::<String>::new());
    }
}

#[test]
fn a_flipped_bit_in_a_row_is_found_by_verify() {
    let (store, model) = (Store::new(), model("m/1"));
    commit(&store, "tree", &model, FILES);
    let path = store.layout.vector_file(1, &model);
    let mut bytes = fs::read(&path).unwrap();
    bytes[70] ^= 4;
    fs::write(&path, bytes).unwrap();
    assert!(verify(&store.layout).unwrap()[0].contains("checksum"));
    assert_eq!(store.snapshot("tree").vector_coverage(&model).missing(), 0);
}

#[test]
fn lost_vectors_are_missing_and_named_by_verify() {
    let (store, model) = (Store::new(), model("m/1"));
    commit(&store, "tree", &model, &FILES[..1]);
    commit(&store, "tree", &model, FILES);
    fs::remove_file(store.layout.vector_file(2, &model)).unwrap();
    assert_eq!(verify(&store.layout).unwrap().len(), 1);
    assert_eq!(store.snapshot("tree").vector_coverage(&model).embedded, 1);
    assert_eq!(commit(&store, "tree", &model, FILES), 2);
    check(&store.snapshot("tree"), &model, FILES);
    assert_eq!(verify(&store.layout).unwrap(), Vec::<String>::new());
}

#[test]
fn another_extractor_forgets_the_vectors() {
    let (store, model) = (Store::new(), model("m/1"));
    commit(&store, "tree", &model, FILES);
    let mut writer = Writer::open(&store.layout, EXTRACTOR + 1, NOW).unwrap();
    assert!(writer.vector_units(&model).unwrap().is_empty());
}

#[test]
fn the_best_rows_of_two_models_do_not_mix() {
    let (store, first, second) = (Store::new(), model("m/1"), model("m/2"));
    let mut writer = store.writer();
    embed(&mut writer, &first, FILES);
    embed(&mut writer, &second, &FILES[1..]);
    store.commit_with(writer, "tree", FILES);
    let snapshot = store.snapshot("tree");
    let found = |model| -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for (path, _, _) in answers(&snapshot, model, "alpha") {
            *counts.entry(path).or_default() += 1;
        }
        counts
    };
    assert_eq!(found(&first).len(), 3);
    assert_eq!(
        found(&second).into_iter().collect::<Vec<_>>(),
        [("b.txt".to_owned(), 3), ("c/d.txt".to_owned(), 1)]
    );
    assert_eq!(snapshot.vector_coverage(&second).missing(), 1);
}
