//! Paths are printed so that they work from where the user stands, as ripgrep prints them.

use crate::support::Sandbox;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("src/a.py", "def alpha():\n    return 1\n");
    sandbox.write("src/deep/b.py", "def alpha_beta():\n    return 2\n");
    sandbox.write("lib/[x] y.py", "alpha = 3\n");
    sandbox.index();
    sandbox
}

#[track_caller]
fn check(folder: &str, paths: &[&str], expected: &str) {
    let arguments = [&["search", "-F", "alpha"], paths].concat();
    sandbox().run_in(folder, &arguments).check(0, expected, "");
}

const A: &str = "1:def alpha():\n";
const B: &str = "1:def alpha_beta():\n";

#[test]
fn without_a_path_they_are_relative_to_the_current_folder() {
    check("", &[], &format!("lib/[x] y.py:1:alpha = 3\nsrc/a.py:{A}src/deep/b.py:{B}"));
    check("src", &[], &format!("a.py:{A}deep/b.py:{B}"));
    check("src/deep", &[], &format!("b.py:{B}"));
}

#[test]
fn a_path_that_was_typed_stays_in_front() {
    check("", &["src"], &format!("src/a.py:{A}src/deep/b.py:{B}"));
    check("", &["./src/"], &format!("./src/a.py:{A}./src/deep/b.py:{B}"));
    check("", &["."], &format!("./lib/[x] y.py:1:alpha = 3\n./src/a.py:{A}./src/deep/b.py:{B}"));
    check(
        "src",
        &[".."],
        &format!("../lib/[x] y.py:1:alpha = 3\n../src/a.py:{A}../src/deep/b.py:{B}"),
    );
    check("src/deep", &["../../lib"], "../../lib/[x] y.py:1:alpha = 3\n");
    check("src", &["a.py", "deep"], &format!("a.py:{A}deep/b.py:{B}"));
    check("", &["lib/[x] y.py"], "lib/[x] y.py:1:alpha = 3\n");
}

#[test]
fn an_absolute_path_stays_absolute() {
    let sandbox = sandbox();
    let tree = sandbox.tree();
    let ran = sandbox.run_in("lib", &["search", "-F", "alpha_", tree.to_str().unwrap()]);
    ran.check(0, &format!("[TREE]/src/deep/b.py:{B}"), "");
}

#[test]
fn ranked_hits_are_named_the_same_way() {
    let ran = sandbox().run_in("src", &["search", "alpha_beta", "-n", "1"]);
    ran.check(0, "deep/b.py:1: def alpha_beta()\n", "");
}

#[test]
fn json_keeps_paths_from_the_root_and_names_it() {
    let json = sandbox().run_in("src", &["search", "--json", "-F", "alpha_beta"]).json();
    assert_eq!(json["root"], "[TREE]");
    assert_eq!(json["matches"][0]["path"], "src/deep/b.py");
}

#[test]
fn a_folder_outside_of_git_belongs_to_the_tree_indexed_above_it() {
    let sandbox = Sandbox::plain();
    sandbox.write("src/a.py", "def alpha(): pass\n");
    sandbox.index();
    sandbox.run_in("src", &["search", "-F", "alpha"]).check(0, "a.py:1:def alpha(): pass\n", "");
}

#[test]
fn paths_of_two_trees_are_refused() {
    let sandbox = Sandbox::plain();
    sandbox.write("one/.git/HEAD", "");
    sandbox.write("two/.git/HEAD", "");
    sandbox.run(&["search", "x", "one", "two"]).check(
        2,
        "",
        "flux: [TREE]/one and two lie in different trees\nhint: search them one by one\n",
    );
}
