//! Tests of packages.

use super::{Package, Target, TargetKind, Truth, cfg, packages};
use crate::layer::Files;
use crate::testing::Tree;

/// Files that only have to exist are given by path alone.
fn tree(manifests: &[(&str, &str)], others: &[&str]) -> Tree {
    let others = others.iter().map(|path| (*path, ""));
    Tree::new(&manifests.iter().copied().chain(others).collect::<Vec<_>>())
}

/// `kind name path` of each crate of a package.
fn crates(tree: &Tree, package: &Package) -> Vec<String> {
    let shown =
        |target: &Target| format!("{:?} {} {}", target.kind, target.name, tree.path(target.root));
    package.targets.iter().map(shown).collect()
}

/// `name=package:member` of each dependency.
fn dependencies(all: &[Package], at: usize) -> Vec<String> {
    let list = all[at].dependencies.iter();
    let shown = list.map(|found| {
        let member = found.member.map_or("", |member| &all[member as usize].directory);
        format!("{:?} {}={}:{member}", found.kind, found.name, found.package)
    });
    shown.collect()
}

#[test]
fn crates_are_found_by_where_files_lie() {
    let manifest = "[package]\nname = \"my-tool\"\nedition = \"2021\"";
    let tree = tree(
        &[("Cargo.toml", manifest)],
        &[
            "build.rs",
            "src/lib.rs",
            "src/main.rs",
            "src/other.rs",
            "src/bin/extra.rs",
            "src/bin/big/main.rs",
            "src/bin/big/part.rs",
            "tests/one.rs",
            "tests/common/mod.rs",
            "benches/speed.rs",
            "examples/show-it.rs",
        ],
    );
    let all = packages(&tree);
    assert_eq!(all.len(), 1);
    assert_eq!((&*all[0].name, all[0].edition, &*all[0].directory), ("my-tool", 2021, ""));
    assert_eq!(
        crates(&tree, &all[0]),
        [
            "Library my_tool src/lib.rs",
            "Binary big src/bin/big/main.rs",
            "Binary extra src/bin/extra.rs",
            "Binary my_tool src/main.rs",
            "Example show_it examples/show-it.rs",
            "Test one tests/one.rs",
            "Bench speed benches/speed.rs",
            "BuildScript build_script_build build.rs",
        ]
    );
    assert_eq!(all[0].library().map(|library| &*library.name), Some("my_tool"));
}

#[test]
fn manifests_list_crates() {
    let manifest = "
        [package]
        name = \"a\"
        edition = \"2018\"
        autotests = false
        build = false
        [lib]
        name = \"other_name\"
        path = \"lib/root.rs\"
        proc-macro = true
        [[bin]]
        name = \"rg\"
        path = \"crates/core/main.rs\"
        [[bin]]
        name = \"named\"
        [[test]]
        name = \"all\"
        path = \"tests/tests.rs\"
        [[bin]]
        name = \"missing\"
    ";
    let tree = tree(
        &[("x/Cargo.toml", manifest)],
        &[
            "x/build.rs",
            "x/lib/root.rs",
            "x/crates/core/main.rs",
            "x/src/bin/named.rs",
            "x/tests/tests.rs",
            "x/tests/skipped.rs",
        ],
    );
    let all = packages(&tree);
    assert_eq!(
        crates(&tree, &all[0]),
        [
            "Library other_name x/lib/root.rs",
            "Binary rg x/crates/core/main.rs",
            "Binary named x/src/bin/named.rs",
            "Test all x/tests/tests.rs",
        ]
    );
    assert!(all[0].library().is_some_and(|library| library.is_proc_macro));
}

#[test]
fn dependencies_lead_to_packages_of_the_tree() {
    let root = "
        [workspace]
        members = [\"crates/*\"]
        exclude = [\"vendor\"]
        [workspace.package]
        edition = \"2024\"
        [workspace.dependencies]
        core = { package = \"the-core\", path = \"crates/core\" }
        serde = \"1\"
    ";
    let app = "
        [package]
        name = \"app\"
        edition.workspace = true
        [dependencies]
        core = { workspace = true, features = [\"x\"] }
        serde.workspace = true
        by-name = \"0.3\"
        [target.'cfg(unix)'.dependencies]
        nix = \"1\"
        [dev-dependencies]
        kit = { path = \"../kit\", package = \"test-kit\" }
        [build-dependencies]
        cc = \"1\"
        [features]
        default = [\"fast\"]
        fast = [\"dep:serde\"]
    ";
    let tree = tree(
        &[
            ("Cargo.toml", root),
            ("crates/app/Cargo.toml", app),
            ("crates/core/Cargo.toml", "[package]\nname = \"the-core\""),
            ("crates/kit/Cargo.toml", "package.name = \"test-kit\""),
            ("other/Cargo.toml", "package.name = \"by-name\""),
            ("vendor/v/Cargo.toml", "[package]\nname = \"v\"\nedition = { workspace = true }"),
        ],
        &[],
    );
    let all = packages(&tree);
    let names: Vec<_> = all.iter().map(|package| (&*package.name, package.edition)).collect();
    let expected =
        [("app", 2024), ("the-core", 2015), ("test-kit", 2015), ("by-name", 2015), ("v", 2015)];
    assert_eq!(names, expected);
    assert_eq!(
        dependencies(&all, 0),
        [
            "Normal by_name=by-name:other",
            "Build cc=cc:",
            "Normal core=the-core:crates/core",
            "Development kit=test-kit:crates/kit",
            "Normal nix=nix:",
            "Normal serde=serde:",
        ]
    );
    let features: Vec<_> = all[0].features.iter().map(|one| (&*one.name, &one.enables)).collect();
    assert_eq!(features, [("default", &vec!["fast".into()]), ("fast", &vec!["dep:serde".into()])]);
}

#[test]
fn a_name_that_two_packages_have_means_the_one_nearby() {
    let tree = tree(
        &[
            ("a/Cargo.toml", "[workspace]\n[package]\nname = \"a\"\n[dependencies]\nx = \"1\""),
            ("a/x/Cargo.toml", "package.name = \"x\""),
            ("b/Cargo.toml", "[workspace]"),
            ("b/x/Cargo.toml", "package.name = \"x\""),
            ("c/Cargo.toml", "[package]\nname = \"c\"\n[dependencies]\nx = \"1\""),
        ],
        &[],
    );
    let all = packages(&tree);
    assert_eq!(dependencies(&all, 0), ["Normal x=x:a/x"]);
    assert_eq!(all[3].name, "c".into());
    assert_eq!(dependencies(&all, 3), ["Normal x=x:"]);
}

#[test]
fn of_a_broken_manifest_is_read_what_can_be() {
    let broken = "[package]\nname = \"a\"\nversion = 1.2.3\n= 4\n[dependencies]\nb = \"1\"\n[[bin";
    let tree = tree(
        &[
            ("a/Cargo.toml", broken),
            ("b/Cargo.toml", "name = [\n"),
            ("c/Cargo.toml", "package = 1\ndependencies = []\nbin = { a = 1 }"),
            ("d/Cargo.toml", "[package]\nname = 3\nworkspace = \"../../..\""),
            ("e/Cargo.toml", ""),
        ],
        &["a/src/lib.rs"],
    );
    let all = packages(&tree);
    assert_eq!(all.len(), 1);
    assert_eq!(crates(&tree, &all[0]), ["Library a a/src/lib.rs"]);
    assert_eq!(dependencies(&all, 0), ["Normal b=b:"]);
}

#[test]
fn the_first_edition_looks_for_files_only_when_none_is_listed() {
    let manifest = "[package]\nname = \"a\"\n[[test]]\nname = \"one\"";
    let tree =
        tree(&[("Cargo.toml", manifest)], &["tests/one.rs", "tests/two.rs", "examples/e.rs"]);
    let all = packages(&tree);
    assert_eq!(crates(&tree, &all[0]), ["Example e examples/e.rs", "Test one tests/one.rs"]);
    let kinds: Vec<TargetKind> = all[0].targets.iter().map(|target| target.kind).collect();
    assert_eq!(kinds, [TargetKind::Example, TargetKind::Test]);
}

#[test]
fn conditions_are_those_of_the_tests_on_linux() {
    let check =
        |predicate: &str, expected: Truth| assert_eq!(cfg(predicate), expected, "{predicate}");
    for predicate in [
        "unix",
        "test",
        "feature = \"any-thing\"",
        "all(unix, not(windows))",
        "any(windows, target_os = \"linux\", mine)",
        "target_pointer_width = \"64\"",
        "not(any(windows, target_arch = \"wasm32\"))",
        "all()",
        " all ( unix , test , ) ",
    ] {
        check(predicate, Truth::True);
    }
    for predicate in
        ["windows", "not(test)", "all(mine, windows)", "any()", "target_env = \"msvc\""]
    {
        check(predicate, Truth::False);
    }
    for predicate in
        ["mine", "not(mine)", "any(mine, windows)", "", "all(", "nothing(unix)", "unix unix"]
    {
        check(predicate, Truth::Unknown);
    }
    check(&"not(".repeat(10_000), Truth::Unknown);
}
