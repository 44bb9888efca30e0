//! Commits: what readers see, what a killed writer leaves, what merging keeps.

use std::fs;

use super::{EXTRACTOR, NOW, Store, add, candidates, check, found};
use crate::error::StoreError;
use crate::manifest::Manifest;
use crate::view::View;
use crate::writer::Writer;

#[test]
fn a_reader_sees_the_last_commit_and_nothing_of_an_unfinished_one() {
    let store = Store::new();
    assert!(matches!(store.open("tree"), Err(StoreError::Missing(_))));
    store.commit("tree", &[("a.txt", "alpha")]);
    let mut writer = store.writer();
    add(&mut writer, "b.txt", "beta");
    check(&store.snapshot("tree"), &[("a.txt", "alpha")]);
    drop(writer);
    check(&store.snapshot("tree"), &[("a.txt", "alpha")]);
    assert_eq!(store.commit("tree", &[("b.txt", "beta")]), 2);
    check(&store.snapshot("tree"), &[("b.txt", "beta")]);
}

#[test]
fn trees_share_contents_and_nothing_else() {
    let store = Store::new();
    store.commit("one", &[("a.txt", "alpha"), ("copy.txt", "alpha")]);
    store.commit("two", &[("a.txt", "alpha"), ("b.txt", "beta")]);
    check(&store.snapshot("one"), &[("a.txt", "alpha"), ("copy.txt", "alpha")]);
    check(&store.snapshot("two"), &[("a.txt", "alpha"), ("b.txt", "beta")]);
    assert_eq!(found(&store.snapshot("one"), "beta").unwrap(), Vec::<String>::new());
    let contents: u32 =
        Manifest::read(&store.layout).unwrap().packs.iter().map(|pack| pack.contents).sum();
    assert_eq!(contents, 2, "alpha and beta, once each");
    assert!(matches!(store.open("three"), Err(StoreError::NoView(_))));
}

#[test]
fn a_writer_killed_before_its_rename_leaves_the_old_state_whole() {
    let store = Store::new();
    store.commit("tree", &[("a.txt", "alpha")]);
    let before: Vec<_> =
        store.all_files().into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect();
    store.commit("tree", &[("a.txt", "beta"), ("b.txt", "gamma")]);
    for (bytes, path) in before {
        fs::write(path, bytes).unwrap();
    }
    check(&store.snapshot("tree"), &[("a.txt", "alpha")]);
    store.commit("tree", &[("a.txt", "delta"), ("b.txt", "gamma")]);
    check(&store.snapshot("tree"), &[("a.txt", "delta"), ("b.txt", "gamma")]);
    assert_eq!(crate::maintain::verify(&store.layout).unwrap(), Vec::<String>::new());
}

#[test]
fn leftovers_are_ignored_by_readers_and_swept_by_the_next_commit() {
    let store = Store::new();
    store.commit("tree", &[("a.txt", "alpha")]);
    let clean = store.all_files().len();
    fs::write(store.layout.directory().join("manifest.json.new"), "{\"version\":").unwrap();
    fs::write(store.layout.facts(99), "half a pack").unwrap();
    fs::write(store.layout.grams(99), "").unwrap();
    fs::write(store.layout.view(&store.key("tree"), 99), "half a view").unwrap();
    fs::write(store.layout.graph_base(&store.key("tree"), 99), "half a graph").unwrap();
    fs::write(store.layout.graph_delta(&store.key("tree"), 99), "").unwrap();
    fs::write(store.layout.lexical().join("0123456789abcdef.term"), "half a segment").unwrap();
    check(&store.snapshot("tree"), &[("a.txt", "alpha")]);
    assert_eq!(crate::maintain::verify(&store.layout).unwrap(), Vec::<String>::new());
    store.commit("tree", &[("a.txt", "alpha")]);
    check(&store.snapshot("tree"), &[("a.txt", "alpha")]);
    assert_eq!(store.all_files().len(), clean);
    assert_eq!(
        store.files(store.layout.directory()),
        ["graphs", "lexical", "lock", "manifest.json", "packs", "vectors", "views"]
    );
}

#[test]
fn many_small_commits_are_merged_and_everything_is_still_found() {
    let store = Store::new();
    let texts: Vec<(String, String)> =
        (0..32).map(|i| (format!("f{i}.txt"), format!("word{i}\nshared{i}"))).collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let early = {
        store.commit("tree", &files[..1]);
        store.snapshot("tree")
    };
    for count in 2..=files.len() {
        store.commit("tree", &files[..count]);
        let packs = Manifest::read(&store.layout).unwrap().packs.len();
        assert!(packs <= 9, "{packs} packs after {count} commits");
    }
    check(&store.snapshot("tree"), &files);
    check(&early, &files[..1]);
    assert_eq!(crate::maintain::verify(&store.layout).unwrap(), Vec::<String>::new());
}

#[test]
fn a_known_content_is_written_once() {
    let store = Store::new();
    store.commit("tree", &[("a.txt", "alpha")]);
    let mut writer = store.writer();
    let entry = add(&mut writer, "b.txt", "alpha");
    assert!(
        writer.has_content(
            crate::FileEntry::content(
                View::new(vec![entry.clone()], vec![]).file(flux_core::FileId(0))
            )
            .unwrap()
        )
    );
    writer
        .commit(&store.key("tree"), &store.root("tree"), &View::new(vec![entry], vec![]))
        .unwrap();
    assert_eq!(Manifest::read(&store.layout).unwrap().packs.len(), 1);
    check(&store.snapshot("tree"), &[("b.txt", "alpha")]);
}

#[test]
fn another_extractor_forgets_every_tree() {
    let store = Store::new();
    store.commit("one", &[("a.txt", "alpha")]);
    store.commit("two", &[("b.txt", "beta")]);
    let writer = Writer::open(&store.layout, EXTRACTOR + 1, NOW).unwrap();
    assert_eq!(writer.view(&store.key("one")).unwrap(), View::default());
    assert_eq!(store.commit_with(writer, "one", &[("a.txt", "alpha")]), 3);
    assert!(matches!(store.open("one"), Err(StoreError::NoView(_))), "the old extractor's");
    let open = |tree| crate::Snapshot::open(&store.layout, &store.key(tree), EXTRACTOR + 1);
    check(&open("one").unwrap(), &[("a.txt", "alpha")]);
    assert!(matches!(open("two"), Err(StoreError::NoView(_))));
    assert_eq!(store.files(&store.layout.packs()), ["3.facts", "3.grams"]);
}

#[test]
fn files_left_out_of_the_index_are_candidates_when_they_are_text() {
    let store = Store::new();
    let mut writer = store.writer();
    let mut entries = vec![add(&mut writer, "b.txt", "beta")];
    for (path, reason) in [
        ("a.min.js", flux_core::SkipReason::Minified),
        ("c.png", flux_core::SkipReason::Binary),
        ("d.sql", flux_core::SkipReason::Oversized),
    ] {
        let state = crate::FileState::Skipped(reason.code());
        let path = flux_core::RepoPath::new(path);
        entries.push(crate::view::NewEntry { path, state, ..entries[0].clone() });
    }
    let view = View::new(entries, vec![]);
    writer.commit(&store.key("tree"), &store.root("tree"), &view).unwrap();
    let snapshot = store.snapshot("tree");
    assert_eq!(candidates(&snapshot, "beta"), ["a.min.js", "b.txt", "d.sql"]);
    assert_eq!(candidates(&snapshot, "nowhere"), ["a.min.js", "d.sql"]);
    let left_out = snapshot.view().find("c.png").unwrap();
    assert_eq!(snapshot.outline(left_out).unwrap(), flux_core::Outline::default());
    assert_eq!(snapshot.view().file(left_out).skipped(), Some(flux_core::SkipReason::Binary));
}

#[test]
fn lowered_facts_are_found_by_key_and_may_be_empty() {
    let store = Store::new();
    store.commit("tree", &[("a.txt", "alpha"), ("empty.txt", "")]);
    let stored = store.writer().stored();
    let key = |text: &str| crate::ContentKey::of(text.as_bytes(), "text", EXTRACTOR);
    assert_eq!(stored.lowered(key("alpha")).unwrap(), Some(b"alpha".to_vec()));
    assert_eq!(stored.exports(key("alpha")), Some(5));
    assert_eq!(stored.lowered(key("")).unwrap(), Some(Vec::new()));
    assert_eq!(stored.exports(key("")), Some(0));
    assert_eq!(
        (stored.lowered(key("absent")).unwrap(), stored.exports(key("absent"))),
        (None, None)
    );
}
