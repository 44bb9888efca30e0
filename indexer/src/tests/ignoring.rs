//! Ignore rules: exactly those of git, and the files that are only ours on top of them.

use flux_fixtures::world::{World, git};
use proptest::prelude::*;

use super::{Indexed, listed};

fn listed_by_git(root: &std::path::Path) -> Vec<String> {
    let text = git(root, &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let mut paths: Vec<String> =
        text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    paths
}

/// Asserts that a tree of `files` is listed as git lists it, and returns that list.
#[track_caller]
fn check(files: &str) -> Vec<String> {
    let world = World::new(files);
    world.git_init();
    let expected = listed_by_git(world.root());
    assert_eq!(listed(world.root()), expected);
    expected
}

#[test]
fn patterns_are_anchored_by_a_slash_and_end_at_folders() {
    let left = check(
        "//- /.gitignore\n/top.log\n*.tmp\nbuild/\ndoc/*.html\n\n# comment\n\\#odd\n\\!odd\nends \n\
         //- /top.log\n//- /a/top.log\n//- /a/b.tmp\n//- /build/x\n//- /a/build/x\n//- /a/c/build\n\
         //- /doc/a.html\n//- /doc/b/a.html\n//- /#odd\n//- /!odd\n//- /ends\n",
    );
    assert_eq!(left, [".gitignore", "a/c/build", "a/top.log", "doc/b/a.html"]);
}

#[test]
fn a_deeper_rule_wins_and_cannot_reach_into_an_ignored_folder() {
    let left = check(
        "//- /.gitignore\n*.log\nout/\n//- /a/.gitignore\n!keep.log\n//- /out/.gitignore\n!*\n\
         //- /a/keep.log\n//- /a/b/keep.log\n//- /a/drop.log\n//- /out/keep.log\n",
    );
    assert_eq!(left, [".gitignore", "a/.gitignore", "a/b/keep.log", "a/keep.log"]);
}

#[test]
fn a_tracked_file_counts_although_it_is_ignored() {
    let world = World::new(
        "//- /.gitignore\n*.log\nout/\n//- /a.log\n//- /b.log\n//- /out/kept/c.rs\n//- /out/d.rs\n",
    );
    world.git_init();
    world.git(&["add", "--force", "a.log", "out/kept/c.rs"]);
    assert_eq!(listed(world.root()), [".gitignore", "a.log", "out/kept/c.rs"]);
    assert_eq!(listed(world.root()), listed_by_git(world.root()));
    world.remove("out/kept/c.rs");
    assert_eq!(listed(world.root()), [".gitignore", "a.log"], "it is tracked, but not there");
}

#[test]
fn our_own_ignore_files_leave_out_what_git_tracks() {
    let world = World::new(
        "//- /.gitignore\n*.gen\n//- /.fluxignore\nbig/\n!one.gen\n//- /.ignore\nold.rs\n\
         //- /big/a.rs\n//- /old.rs\n//- /one.gen\n//- /two.gen\n//- /new.rs\n",
    );
    world.git_init();
    world.git(&["add", "--force", "big/a.rs", "old.rs", "two.gen"]);
    let expected = [".fluxignore", ".gitignore", ".ignore", "new.rs", "one.gen", "two.gen"];
    assert_eq!(listed(world.root()), expected);
}

#[test]
fn outside_of_git_only_our_own_ignore_files_count() {
    let world = World::new(
        "//- /.gitignore\na.rs\n//- /.fluxignore\nb.rs\n//- /sub/.ignore\nc.rs\n\
         //- /a.rs\n//- /b.rs\n//- /sub/c.rs\n",
    );
    assert_eq!(listed(world.root()), [".fluxignore", ".gitignore", "a.rs", "sub/.ignore"]);
}

#[test]
fn a_linked_work_tree_obeys_the_exclude_file_of_its_repository() {
    let world = World::new("//- /a.rs\n");
    world.git_init();
    world.git_commit_all("all");
    world.write(".git/info/exclude", "*.tmp\n");
    let second = world.git_worktree_add("second");
    std::fs::write(second.join("b.tmp"), "").unwrap();
    assert_eq!(listed(&second), ["a.rs"]);
    assert_eq!(listed(&second), listed_by_git(&second));
}

#[test]
fn git_s_own_files_are_never_listed() {
    let world = World::new("//- /a.rs\n//- /inner/b.rs\n");
    world.git_init();
    git(&world.path("inner"), &["init", "--quiet"]);
    assert_eq!(listed(world.root()), ["a.rs", "inner/b.rs"]);
}

#[test]
fn what_lies_below_an_ignored_folder_is_ignored() {
    let world = World::new("//- /.gitignore\nout/\n//- /out/a/b.rs\n//- /src/c.rs\n");
    world.git_init();
    let is_ignored = |path| crate::list::is_ignored(world.root(), &world.path(path));
    assert!(is_ignored("out"));
    assert!(is_ignored("out/a"));
    assert!(is_ignored("out/a/b.rs"));
    assert!(!is_ignored("src"));
    assert!(!is_ignored("src/c.rs"));
}

#[test]
fn a_change_of_rules_is_seen_wherever_they_stand() {
    let indexed =
        Indexed::unindexed("//- /.gitignore\n.gitignore\n//- /a.log\n//- /b.tmp\n//- /sub/c.txt\n");
    indexed.world.git_init();
    indexed.world.settle();
    indexed.index();
    assert_eq!(indexed.paths(), ["a.log", "b.tmp", "sub/c.txt"]);
    assert_eq!(indexed.differing(), None);
    for (path, rules, left) in [
        (".gitignore", ".gitignore\n*.log\n", &["b.tmp", "sub/c.txt"][..]),
        (".git/info/exclude", "*.tmp\n", &["sub/c.txt"]),
        ("sub/.ignore", "*\n", &[]),
    ] {
        indexed.world.write(path, rules);
        indexed.index();
        let paths = indexed.paths();
        let seen: Vec<&String> = paths.iter().filter(|path| !path.ends_with("ignore")).collect();
        assert_eq!(seen, left, "after {path}");
        indexed.world.settle();
        indexed.index();
        assert_eq!(indexed.differing(), None);
    }
    indexed.world.git(&["add", "--force", "a.log"]);
    indexed.index();
    assert_eq!(indexed.paths(), ["a.log"], "git add makes it part of the tree");
}

const FOLDERS: &[&str] = &["", "a/", "b/", "a/b/", "a/c.d/", "b/a/b/"];
const NAMES: &[&str] = &["a", "b", "x.log", "y.txt", "#z", "!w", "c d.txt", "[q]", "x.c", ".dot"];
const BODIES: &[&str] = &[
    "*.log",
    "a",
    "b",
    "a/b",
    "x.*",
    "y.txt",
    "?.txt",
    "**/x.log",
    "a/**",
    "a/**/y.txt",
    "**/b",
    "**",
    "*",
    "*.*",
    "a/*",
    "\\#z",
    "\\!w",
    "c\\ d.txt",
    "c d.txt",
    "\\[q\\]",
    "[xy].*",
    "[!x].*",
    "[a-c]",
    ".dot",
    ".*",
    "c.d",
    "*/x.log",
    "a/*/b",
    "**/a/**",
    "# a",
    "x.c  ",
    "\\x.log",
    "b/**/b",
    "*\\.log",
    "x*g",
];

fn pattern() -> impl Strategy<Value = String> {
    let body = prop::sample::select(BODIES);
    (prop::bool::weighted(0.25), prop::bool::weighted(0.3), body, prop::bool::weighted(0.25))
        .prop_map(|(is_negated, is_anchored, body, is_folder)| {
            let mark = |holds: bool, mark: &'static str| if holds { mark } else { "" };
            let (before, after) = (mark(is_negated, "!"), mark(is_folder, "/"));
            format!("{before}{}{body}{after}\n", mark(is_anchored, "/"))
        })
}

fn rules() -> impl Strategy<Value = String> {
    prop::collection::vec(pattern(), 1..5).prop_map(|lines| lines.concat())
}

fn path() -> impl Strategy<Value = String> {
    (prop::sample::select(FOLDERS), prop::sample::select(NAMES))
        .prop_map(|(folder, name)| format!("{folder}{name}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_is_listed_as_git_lists_it(
        files in prop::collection::btree_set(path(), 1..24),
        ignores in prop::collection::btree_map(prop::sample::select(FOLDERS), rules(), 0..4),
        exclude in prop::option::of(rules()),
        tracked in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
    ) {
        let world = World::new("");
        world.git(&["init", "--quiet", "--template="]);
        let mut written: Vec<String> = Vec::new();
        for file in files {
            // A file cannot lie where another one needs a folder.
            let is_folder = FOLDERS.iter().any(|folder| folder.starts_with(&format!("{file}/")));
            if !is_folder {
                world.write(&file, "");
                written.push(file);
            }
        }
        for (folder, rules) in &ignores {
            world.write(&format!("{folder}.gitignore"), rules);
        }
        if let Some(rules) = &exclude {
            world.write(".git/info/exclude", rules);
        }
        if !written.is_empty() {
            for index in tracked {
                world.git(&["add", "--force", "--", &format!(":(literal){}", index.get(&written))]);
            }
        }
        prop_assert_eq!(listed(world.root()), listed_by_git(world.root()));
    }
}

// Ripgrep shows them, so search must, too.
#[test]
fn hidden_files_that_an_ignore_file_asks_for_are_not_marked() {
    let world = World::new(
        "//- /.ignore\n!/.github/\n//- /.github/workflows/ci.yml\n//- /.github/.deep/a\n\
         //- /.env\n//- /src/.hidden/b\n//- /src/c\n",
    );
    let listing = crate::list::list(world.root(), &flux_core::Cancel::default()).unwrap();
    let hidden = listing.files.iter().filter(|file| file.is_hidden);
    let hidden: Vec<&str> = hidden.map(|file| file.path.as_str()).collect();
    assert_eq!(hidden, [".env", ".github/.deep/a", ".ignore", "src/.hidden/b"]);
}
