//! Freshness: every change of a tree is seen, and nothing is done when there is none.

use std::fs;
use std::time::{Duration, SystemTime};

use super::Indexed;

const TREE: &str = "//- /a.py\ndef first(): pass\n//- /sub/b.py\ndef other(): pass\n";

#[test]
fn nothing_changed_is_nothing_to_do() {
    let indexed = Indexed::new(TREE);
    assert_eq!(indexed.differing(), None);
    let report = indexed.index();
    assert_eq!((report.files, report.read, report.parsed, report.removed), (2, 0, 0, 0));
    assert_eq!((report.generation, indexed.snapshot().generation()), (None, 1));
}

#[test]
fn a_young_stamp_is_no_proof_and_costs_no_commit() {
    let indexed = Indexed::unindexed(TREE);
    indexed.world.settle();
    // Always young, however slow the machine: the clock may be off by hours.
    indexed.world.set_modified("a.py", SystemTime::now() + Duration::from_secs(3600));
    indexed.index();
    assert_eq!(indexed.differing(), Some(0), "it has to be read to know");
    let report = indexed.index();
    assert_eq!((report.read, report.parsed, report.generation), (1, 0, None));
}

#[test]
fn a_stamp_of_another_age_is_as_good_as_any() {
    let indexed = Indexed::unindexed(TREE);
    indexed.world.settle();
    indexed.world.set_modified("a.py", SystemTime::now() + Duration::from_secs(900 * 86_400));
    indexed.world.set_modified("sub/b.py", SystemTime::UNIX_EPOCH - Duration::from_secs(86_400));
    indexed.index();
    assert_eq!(indexed.differing(), None);
}

#[test]
fn an_edit_within_one_tick_of_the_clock_is_seen() {
    let indexed = Indexed::unindexed(TREE);
    assert_eq!(indexed.symbols(), ["a.py: first", "sub/b.py: other"]);
    let stamp = indexed.world.modified("a.py");
    indexed.world.write("a.py", "def third(): pass\n");
    indexed.world.set_modified("a.py", stamp);
    assert_eq!(indexed.symbols(), ["a.py: third", "sub/b.py: other"]);
}

#[test]
fn a_file_put_in_the_place_of_another_is_seen_with_the_same_size_and_time() {
    let indexed = Indexed::new(TREE);
    let stamp = indexed.world.modified("a.py");
    let folder = indexed.world.modified("");
    indexed.world.write("new.py", "def third(): pass\n");
    indexed.world.set_modified("new.py", stamp);
    indexed.world.rename("new.py", "a.py");
    indexed.world.set_modified("", folder);
    assert_eq!(indexed.differing(), Some(1));
    assert_eq!(indexed.symbols(), ["a.py: third", "sub/b.py: other"]);
}

#[test]
fn touching_reads_and_parses_nothing_new() {
    let indexed = Indexed::new(TREE);
    indexed.world.set_modified("a.py", SystemTime::UNIX_EPOCH + Duration::from_secs(1));
    assert_eq!(indexed.differing(), Some(1));
    let report = indexed.index();
    assert_eq!((report.read, report.parsed, report.generation), (1, 0, Some(2)));
    assert_eq!(indexed.differing(), None);
}

#[test]
fn new_moved_and_removed_files_are_seen() {
    let indexed = Indexed::new(TREE);
    let check = |expected: &[&str]| {
        indexed.world.settle();
        assert!(indexed.differing().is_some());
        assert_eq!(indexed.symbols(), expected);
        assert_eq!(indexed.differing(), None);
    };
    indexed.world.write("sub/c.py", "def fresh(): pass\n");
    check(&["a.py: first", "sub/b.py: other", "sub/c.py: fresh"]);
    indexed.world.rename("sub/c.py", "moved.py");
    check(&["a.py: first", "moved.py: fresh", "sub/b.py: other"]);
    indexed.world.remove("sub");
    check(&["a.py: first", "moved.py: fresh"]);
    indexed.world.write("deep/er/d.py", "def low(): pass\n");
    check(&["a.py: first", "deep/er/d.py: low", "moved.py: fresh"]);
    indexed.world.rename("deep", "shallow");
    check(&["a.py: first", "moved.py: fresh", "shallow/er/d.py: low"]);
    for path in ["a.py", "moved.py", "shallow"] {
        indexed.world.remove(path);
    }
    check(&[]);
}

#[test]
fn a_change_in_an_ignored_folder_is_not_looked_at() {
    let indexed = Indexed::unindexed("//- /.gitignore\nout/\n//- /a.py\n//- /out/b.py\n");
    indexed.world.git_init();
    indexed.world.settle();
    indexed.index();
    indexed.world.write("out/b.py", "def changed(): pass\n");
    indexed.world.write("out/c.py", "def changed(): pass\n");
    assert_eq!(indexed.differing(), None);
}

#[test]
fn new_rules_take_files_away_and_their_end_brings_them_back() {
    let indexed = Indexed::unindexed(TREE);
    indexed.world.git_init();
    indexed.world.settle();
    indexed.index();
    indexed.world.write(".gitignore", "sub/\n");
    let report = indexed.index();
    assert_eq!((report.removed, report.parsed), (1, 1), "parsed is the new file itself");
    assert_eq!(indexed.paths(), [".gitignore", "a.py"]);
    indexed.world.remove(".gitignore");
    let report = indexed.index();
    assert_eq!((report.removed, report.parsed), (1, 0));
    assert_eq!(indexed.paths(), ["a.py", "sub/b.py"]);
}

#[test]
fn a_file_that_becomes_a_folder_or_a_link_is_seen() {
    let indexed = Indexed::new(TREE);
    indexed.world.remove("a.py");
    indexed.world.write("a.py/c.py", "def inner(): pass\n");
    assert_eq!(indexed.symbols(), ["a.py/c.py: inner", "sub/b.py: other"]);
    indexed.world.remove("a.py");
    std::os::unix::fs::symlink("sub/b.py", indexed.world.path("a.py")).unwrap();
    assert_eq!(indexed.symbols(), ["a.py: ", "sub/b.py: other"]);
    fs::remove_file(indexed.world.path("a.py")).unwrap();
    indexed.world.write("a.py", "def first(): pass\n");
    assert_eq!(indexed.symbols(), ["a.py: first", "sub/b.py: other"]);
}
