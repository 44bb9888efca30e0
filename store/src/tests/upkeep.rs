//! Upkeep: the lock, garbage collection, what old readers still see.

use std::path::Path;
use std::time::Duration;

use super::{EXTRACTOR, NOW, Store, check, found};
use crate::error::StoreError;
use crate::maintain::{Collected, collect, disk_bytes, verify};
use crate::manifest::Manifest;
use crate::writer::Writer;

const EVERYONE_STAYS: fn(&Path) -> bool = |_| false;

#[test]
fn a_second_writer_learns_who_holds_the_lock() {
    let store = Store::new();
    store.commit("tree", &[("a.txt", "alpha")]);
    let writer = store.writer();
    let errors = [
        Writer::open(&store.layout, EXTRACTOR, NOW).err().unwrap(),
        Writer::rebuild(&store.layout, EXTRACTOR, Duration::from_millis(50)).err().unwrap(),
        collect(&store.layout, NOW, EVERYONE_STAYS).unwrap_err(),
    ];
    for error in errors {
        let StoreError::Locked { path, owner } = error else { panic!("{error}") };
        assert_eq!(path, store.layout.directory());
        assert_eq!(owner, format!("process {}", std::process::id()));
    }
    check(&store.snapshot("tree"), &[("a.txt", "alpha")]);
    drop(writer);
    store.commit("tree", &[("a.txt", "beta")]);
}

#[test]
fn a_patient_writer_gets_the_lock_when_it_is_dropped() {
    let store = Store::new();
    let writer = store.writer();
    std::thread::scope(|scope| {
        let second =
            scope.spawn(|| Writer::open(&store.layout, EXTRACTOR, Duration::from_secs(20)));
        drop(writer);
        assert!(second.join().unwrap().is_ok());
    });
}

#[test]
fn collecting_where_nothing_was_indexed_says_so_and_creates_nothing() {
    let store = Store::new();
    let error = collect(&store.layout, NOW, EVERYONE_STAYS).unwrap_err();
    assert!(matches!(&error, StoreError::Missing(path) if path == store.layout.directory()));
    assert!(!store.layout.directory().exists());
    assert!(matches!(verify(&store.layout), Err(StoreError::Missing(_))));
}

#[test]
fn a_removed_tree_is_collected_with_what_only_it_needed() {
    let store = Store::new();
    store.commit("kept", &[("a.txt", "alpha"), ("b.txt", "beta")]);
    store.commit("gone", &[("a.txt", "alpha"), ("c.txt", "gamma")]);
    store.commit("kept", &[("a.txt", "alpha"), ("b.txt", "delta")]);
    let gone = store.root("gone");
    let collected = collect(&store.layout, NOW, |root| root == gone).unwrap();
    let Collected { views, contents, units, vectors, bytes_before, bytes_after } = collected;
    assert_eq!(
        (views, contents, units, vectors),
        (1, 2, 2, 0),
        "gamma of `gone`, beta of the past"
    );
    assert!(bytes_after < bytes_before, "{bytes_before} to {bytes_after}");
    assert_eq!(bytes_after, disk_bytes(&store.layout).unwrap());
    check(&store.snapshot("kept"), &[("a.txt", "alpha"), ("b.txt", "delta")]);
    assert!(matches!(store.open("gone"), Err(StoreError::NoView(_))));
    assert_eq!(verify(&store.layout).unwrap(), Vec::<String>::new());
    assert_eq!(Manifest::read(&store.layout).unwrap().packs.len(), 1);
}

#[test]
fn collecting_twice_finds_nothing_more() {
    let store = Store::new();
    store.commit("tree", &[("a.txt", "alpha"), ("b.txt", "beta")]);
    store.commit("tree", &[("a.txt", "alpha")]);
    let first = collect(&store.layout, NOW, EVERYONE_STAYS).unwrap();
    assert_eq!((first.views, first.contents, first.units), (0, 1, 1));
    let second = collect(&store.layout, NOW, EVERYONE_STAYS).unwrap();
    assert_eq!((second.views, second.contents, second.units), (0, 0, 0));
    check(&store.snapshot("tree"), &[("a.txt", "alpha")]);
}

#[test]
fn a_collected_content_that_comes_back_is_found_again() {
    let store = Store::new();
    let both = [("a.txt", "alpha"), ("b.txt", "beta")];
    store.commit("tree", &both);
    store.commit("tree", &both[..1]);
    collect(&store.layout, NOW, EVERYONE_STAYS).unwrap();
    assert_eq!(found(&store.snapshot("tree"), "beta").unwrap(), Vec::<String>::new());
    store.commit("tree", &both);
    check(&store.snapshot("tree"), &both);
}

#[test]
fn collecting_the_last_tree_leaves_a_store_that_works() {
    let store = Store::new();
    store.commit("tree", &[("a.txt", "alpha")]);
    let collected = collect(&store.layout, NOW, |_| true).unwrap();
    assert_eq!((collected.views, collected.contents, collected.units), (1, 1, 1));
    assert!(matches!(store.open("tree"), Err(StoreError::NoView(_))));
    assert_eq!(verify(&store.layout).unwrap(), Vec::<String>::new());
    store.commit("tree", &[("a.txt", "alpha")]);
    check(&store.snapshot("tree"), &[("a.txt", "alpha")]);
}

#[test]
fn a_reader_opened_before_a_collection_still_answers() {
    let store = Store::new();
    let files = [("a.txt", "alpha"), ("b.txt", "beta")];
    store.commit("tree", &files);
    let reader = store.snapshot("tree");
    store.commit("tree", &[("c.txt", "gamma")]);
    collect(&store.layout, NOW, |_| true).unwrap();
    check(&reader, &files);
}
