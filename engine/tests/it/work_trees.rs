//! Work trees and branches: one store, a list of files for each tree, and no fact learned twice.

use std::path::{Path, PathBuf};
use std::time::Duration;

use flux_engine::core::{Cancel, NoProgress};
use flux_engine::{Freshness, IndexOptions, Location, Workspace};
use flux_fixtures::world::{World, git, settle};

use crate::support::{UPDATE, fresh, hits, index, paths};

/// A repository with enough files that sharing them can be told from copying them.
fn repository() -> World {
    let world = World::new("//- /.gitignore\nout/\n");
    for number in 0..40 {
        let lines: String = (0..30)
            .map(|line| format!("def f_{number}_{line}(value):\n    return value\n\n"))
            .collect();
        world.write(&format!("src/m{number}.py"), lines);
    }
    world.git_init();
    world.git_commit_all("all");
    world.settle();
    world
}

fn open(world: &World, root: &Path) -> Workspace {
    Workspace::new(Location::of(root, &world.beside("cache"), None).unwrap())
}

fn bytes(workspace: &Workspace) -> u64 {
    workspace.status(&Cancel::default()).unwrap().index_bytes
}

/// The graph of a tree is its own, and is made when a command needs it; a search needs none.
#[test]
fn a_second_work_tree_that_is_searched_costs_its_list_of_files_only() {
    let world = repository();
    let first = open(&world, world.root());
    index(&first);
    let before = bytes(&first);
    let second_root = world.git_worktree_add("second");
    settle(&second_root);
    let second = open(&world, &second_root);
    assert_eq!(second.location().index, first.location().index);
    let words = IndexOptions { graph: false, ..UPDATE };
    let report = second.index(&words, &NoProgress, &Cancel::default()).unwrap();
    assert_eq!((report.files, report.read, report.parsed), (41, 41, 0));
    let grown = bytes(&second) - before;
    assert!(grown < 8 << 10 && grown < before / 4, "{before} bytes grew by {grown}");
    assert_eq!(hits(&second, "f_7_3")[0], "src/m7.py");
}

#[test]
fn work_trees_do_not_see_each_other_s_edits() {
    let world = repository();
    let second_root = world.git_worktree_add("second");
    let [first, second] = [open(&world, world.root()), open(&world, &second_root)];
    index(&first);
    index(&second);
    std::fs::write(second_root.join("src/m0.py"), "def only_in_second(): pass\n").unwrap();
    std::fs::remove_file(second_root.join("src/m1.py")).unwrap();
    assert_eq!(index(&second).parsed, 1);
    assert_eq!(hits(&second, "only_in_second")[0], "src/m0.py");
    assert!(!paths(&second.snapshot().unwrap()).contains(&"src/m1.py".to_owned()));
    assert_eq!(index(&first).parsed, 0);
    assert_eq!(hits(&first, "only_in_second"), Vec::<String>::new());
    assert_eq!(hits(&first, "f_0_0")[0], "src/m0.py");
    assert_eq!(hits(&first, "f_1_0")[0], "src/m1.py");
}

#[test]
fn a_removed_work_tree_is_collected_and_the_other_one_keeps_its_answers() {
    let world = repository();
    let second_root = world.git_worktree_add("second");
    let [first, second] = [open(&world, world.root()), open(&world, &second_root)];
    index(&first);
    std::fs::write(second_root.join("src/extra.py"), "def only_in_second(): pass\n").unwrap();
    index(&second);
    assert_eq!(first.collect(Duration::ZERO).unwrap().views, 0, "both are there");
    git(world.root(), &["worktree", "remove", "--force", second_root.to_str().unwrap()]);
    let collected = first.collect(Duration::ZERO).unwrap();
    assert_eq!((collected.views, collected.contents, collected.units), (1, 1, 1));
    assert!(collected.bytes_after < collected.bytes_before);
    assert_eq!(hits(&first, "f_39_29")[0], "src/m39.py");
    assert!(second.snapshot().unwrap_err().is_missing_index());
    assert_eq!(first.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn a_branch_switched_to_and_back_is_not_learned_twice() {
    let world = repository();
    let workspace = open(&world, world.root());
    index(&workspace);
    world.git(&["switch", "--quiet", "--create", "feature"]);
    world.write("src/m3.py", "def feature(): pass\n");
    world.remove("src/m4.py");
    world.write("src/new.py", "def brand_new(): pass\n");
    world.git_commit_all("feature");
    let report = index(&workspace);
    assert_eq!((report.parsed, report.removed), (2, 1));
    assert_eq!(hits(&workspace, "brand_new"), ["src/new.py"]);
    world.git(&["switch", "--quiet", "main"]);
    let report = index(&workspace);
    assert_eq!((report.parsed, report.removed), (0, 1));
    assert_eq!(hits(&workspace, "brand_new"), Vec::<String>::new());
    assert_eq!(hits(&workspace, "f_4_1")[0], "src/m4.py");
    world.git(&["switch", "--quiet", "feature"]);
    assert_eq!(index(&workspace).parsed, 0, "and forth");
    assert_eq!(hits(&workspace, "brand_new"), ["src/new.py"]);
}

#[test]
fn a_switched_branch_is_fresh_at_the_next_search() {
    let world = repository();
    world.git(&["switch", "--quiet", "--create", "feature"]);
    world.write("src/m3.py", "def feature(): pass\n");
    world.git_commit_all("feature");
    let workspace = open(&world, world.root());
    index(&workspace);
    let on_feature = workspace.status(&Cancel::default()).unwrap();
    assert_eq!(on_feature.revision.as_deref(), Some(world.git(&["rev-parse", "HEAD"]).trim()));
    world.git(&["switch", "--quiet", "main"]);
    let stale = workspace.status(&Cancel::default()).unwrap();
    assert_eq!(stale.freshness, Freshness::Stale(1));
    assert_eq!(stale.revision.as_deref(), Some(world.git(&["rev-parse", "HEAD"]).trim()));
    let (snapshot, freshness) = fresh(&workspace);
    assert_eq!((snapshot.generation(), freshness), (2, Freshness::Fresh));
    assert_eq!(hits(&workspace, "f_3_0")[0], "src/m3.py");
}

#[test]
fn a_tree_is_found_from_anywhere_inside_and_ignored_folders_are_their_own() {
    let world = repository();
    world.write("out/inner/x.py", "");
    let cache = world.beside("cache");
    let of = |path: &str| Location::of(&world.path(path), &cache, None).unwrap();
    let root = world.root().to_owned();
    assert_eq!((of("").root, of("").inside), (root.clone(), PathBuf::new()));
    assert_eq!((of("src").root, of("src").inside), (root.clone(), PathBuf::from("src")));
    let file = of("src/m0.py");
    assert_eq!((file.root, file.inside), (root.clone(), PathBuf::from("src/m0.py")));
    assert_eq!(of("out/inner").root, world.path("out/inner"), "ignored, so not part of the tree");
    assert!(of("").index.starts_with(&cache));
    assert_eq!(of("").index, of("src").index);
    let name = of("").index.file_name().unwrap().to_string_lossy().into_owned();
    assert!(name.starts_with("tree-"), "{name}");
}

#[test]
fn outside_of_git_the_nearest_indexed_folder_is_the_tree() {
    let world = World::new("//- /a/b/c.py\ndef inner(): pass\n");
    let cache = world.beside("cache");
    let of = |path: &str| Location::of(&world.path(path), &cache, None).unwrap();
    assert_eq!(of("a/b").root, world.path("a/b"));
    assert_eq!(of("a/b/c.py").root, world.path("a/b"));
    index(&Workspace::new(of("a")));
    assert_eq!((of("a/b").root, of("a/b").inside), (world.path("a"), PathBuf::from("b")));
    let own = Location::of(&world.path("a/b"), &cache, Some(&world.beside("own"))).unwrap();
    assert_eq!((own.root, own.index), (world.path("a/b"), world.beside("own")));
}

#[test]
fn a_path_that_is_not_there_is_a_wrong_question() {
    let world = World::new("");
    let error = Location::of(&world.path("absent"), &world.beside("cache"), None).unwrap_err();
    assert!(error.is_usage() && !error.is_missing_index(), "{error}");
    assert!(error.to_string().contains("absent"));
}

#[test]
fn the_commit_is_read_from_loose_packed_and_detached_heads() {
    let world = World::new("//- /a.py\n");
    let head = |root: &Path| flux_engine::repository::head_commit(root);
    assert_eq!(head(world.root()), None, "no repository");
    world.git_init();
    assert_eq!(head(world.root()), None, "no commit");
    world.git_commit_all("first");
    let second = world.git_worktree_add("second");
    std::fs::write(second.join("b.py"), "").unwrap();
    git(&second, &["add", "--all"]);
    git(&second, &["commit", "--quiet", "--message", "second"]);
    let check = || {
        for root in [world.root(), &second] {
            let expected = git(root, &["rev-parse", "HEAD"]);
            assert_eq!(head(root).as_deref(), Some(expected.trim()));
        }
    };
    check();
    world.git(&["pack-refs", "--all"]);
    check();
    world.git(&["checkout", "--quiet", "--detach"]);
    check();
    assert_ne!(head(world.root()), head(&second));
}

#[test]
fn a_work_tree_indexed_before_its_repository_is_found_by_it() {
    let world = repository();
    let second_root = world.git_worktree_add("second");
    let second = open(&world, &second_root);
    assert_eq!(index(&second).parsed, 41);
    let first = open(&world, world.root());
    assert!(first.snapshot().unwrap_err().is_missing_index(), "its files were never listed");
    let report = first.index(&UPDATE, &NoProgress, &Cancel::default()).unwrap();
    assert_eq!((report.files, report.parsed), (41, 0));
}
