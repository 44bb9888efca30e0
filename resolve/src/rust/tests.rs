//! Small trees, one for each thing the layer understands.

mod calls;

use flux_core::{Cancel, EdgeKind};

use crate::run::{Nothing, Outcome, resolve};
use crate::testing::Tree;

const MANIFEST: (&str, &str) =
    ("Cargo.toml", "[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");

/// Checks what `place` refers to in a package with these files.
#[track_caller]
fn check(files: &[(&str, &str)], place: &str, expected: &[&str]) {
    let mut all = vec![MANIFEST];
    all.extend(files);
    assert_eq!(Tree::new(&all).target(place), expected);
}

/// Checks a package of one file.
#[track_caller]
fn check_one(text: &str, place: &str, expected: &[&str]) {
    check(&[("src/lib.rs", text)], &format!("src/lib.rs:{place}"), expected);
}

#[test]
fn a_module_in_a_file_of_its_own() {
    let files =
        [("src/lib.rs", "mod a;\npub fn f() { a::g() }\n"), ("src/a.rs", "pub fn g() {}\n")];
    check(&files, "src/lib.rs:2:g", &["src/a.rs:1"]);
    check(&files, "src/lib.rs:1:a", &["src/a.rs:1"]);
}

#[test]
fn a_module_with_a_path_of_its_own() {
    let files = [
        ("src/lib.rs", "#[path = \"other/x.rs\"]\nmod a;\nfn f() { a::g() }\n"),
        ("src/other/x.rs", "pub fn g() {}\n"),
    ];
    check(&files, "src/lib.rs:3:g", &["src/other/x.rs:1"]);
}

#[test]
fn re_exports_through_globs() {
    let text = "mod a { pub use b::*; mod b { pub struct S; } }\nuse a::*;\nfn f() -> S { S }\n";
    check_one(text, "3:S", &["src/lib.rs:1"]);
}

#[test]
fn an_import_under_another_name() {
    let text = "mod a { pub fn g() {} }\nuse a::g as h;\nfn f() { h() }\n";
    check_one(text, "3:h", &["src/lib.rs:1"]);
}

#[test]
fn imports_of_the_first_edition_start_at_the_root() {
    let files = |edition: &'static str| {
        vec![
            ("Cargo.toml", edition),
            ("src/main.rs", "extern crate dep;\nmod a;\nmod b;\nfn main() { b::f() }\n"),
            ("src/a.rs", "pub fn g() {}\n"),
            ("src/b.rs", "use a::g;\nuse ::a::g as h;\npub fn f() { g(); h() }\n"),
        ]
    };
    let first = files("[package]\nname = \"a\"\n");
    let later = files("[package]\nname = \"a\"\nedition = \"2018\"\n");
    assert_eq!(Tree::new(&first).target("src/b.rs:3:g"), ["src/a.rs:1"]);
    assert_eq!(Tree::new(&first).target("src/b.rs:3:h"), ["src/a.rs:1"]);
    assert_eq!(Tree::new(&first).target("src/b.rs:1:a"), ["src/a.rs:1"]);
    assert_eq!(Tree::new(&later).target("src/b.rs:3:g"), ["unresolved:unknown name"]);
}

#[test]
fn the_alternative_that_the_host_compiles() {
    let text = "#[cfg(windows)]\nfn g() {}\n#[cfg(unix)]\nfn g() {}\nfn f() { g() }\n";
    check_one(text, "5:g", &["src/lib.rs:4"]);
}

#[test]
fn the_crate_of_another_package() {
    let files = [
        ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n"),
        ("a/Cargo.toml", "[package]\nname = \"a-b\"\nversion = \"0.1.0\"\n"),
        ("a/src/lib.rs", "pub fn g() {}\n"),
        (
            "b/Cargo.toml",
            "[package]\nname = \"b\"\nversion = \"0.1.0\"\n[dependencies]\na-b = { path = \"../a\" }\n",
        ),
        ("b/src/main.rs", "fn main() { a_b::g() }\n"),
    ];
    assert_eq!(Tree::new(&files).target("b/src/main.rs:1:g"), ["a/src/lib.rs:1"]);
}

#[test]
fn helpers_that_two_tests_share() {
    let helper = "pub struct S;\nimpl S { pub fn m(&self) {} }\n";
    let test = "mod common;\nfn f(s: common::S) { s.m() }\n";
    let files = [("tests/a.rs", test), ("tests/b.rs", test), ("tests/common/mod.rs", helper)];
    check(&files, "tests/a.rs:2:m", &["tests/common/mod.rs:2"]);
    check(&files, "tests/b.rs:2:m", &["tests/common/mod.rs:2"]);
}

#[test]
fn a_method_of_a_parameter() {
    let text = "struct S;\nimpl S { fn m(&self) {} }\nfn f(s: &S) { s.m() }\n";
    check_one(text, "3:m", &["src/lib.rs:2"]);
}

#[test]
fn a_method_behind_a_box_and_an_option() {
    let text = "struct S;\nimpl S { fn m(&self) {} }\nfn f(s: Option<Box<S>>) { if let Some(s) = s { s.m() } }\n";
    check_one(text, "3:m", &["src/lib.rs:2"]);
}

#[test]
fn a_bound_promises_a_method() {
    let text = "trait T { fn m(&self); }\nfn f<X>(x: X) where X: T { x.m() }\n";
    check_one(text, "2:m", &["src/lib.rs:1"]);
}

#[test]
fn a_trait_object_has_the_methods_of_traits_above() {
    let text = "trait A { fn m(&self); }\ntrait B: A {}\nfn f(x: &dyn B) { x.m() }\n";
    check_one(text, "3:m", &["src/lib.rs:1"]);
}

#[test]
fn the_impl_of_a_trait_goes_before_its_declaration() {
    let text = "trait T { fn m(&self) {} }\nstruct S;\nimpl T for S { fn m(&self) {} }\nfn f(s: S) { s.m() }\n";
    check_one(text, "4:m", &["src/lib.rs:3"]);
}

#[test]
fn a_default_method_is_the_traits() {
    let text = "trait T { fn m(&self) {} }\nstruct S;\nimpl T for S {}\nfn f(s: S) { s.m() }\n";
    check_one(text, "4:m", &["src/lib.rs:1"]);
}

#[test]
fn a_field_of_a_generic_struct() {
    let text = "struct P<T> { x: T }\nstruct S { y: u8 }\nfn f(p: P<S>) -> u8 { p.x.y }\n";
    check_one(text, "3:y", &["src/lib.rs:2"]);
}

#[test]
fn elements_of_iterators_through_closures() {
    let text = "struct S;\nimpl S { fn m(&self) -> u8 { 0 } }\nfn f(v: Vec<S>) -> Vec<u8> { v.iter().filter(|s| s.m() > 0).map(|s| s.m()).collect() }\n";
    check_one(text, "3:m:1", &["src/lib.rs:2"]);
    check_one(text, "3:m:2", &["src/lib.rs:2"]);
}

#[test]
fn a_type_that_is_known_only_later() {
    let text = "struct S;\nimpl S { fn m(&self) {} }\nfn f() { let mut v = Vec::new(); v.push(S); v[0].m() }\n";
    check_one(text, "3:m", &["src/lib.rs:2"]);
}

#[test]
fn the_value_of_a_question_mark() {
    let text = "struct S;\nimpl S { fn m(&self) {} }\nfn g() -> Result<S, ()> { Ok(S) }\nfn f() -> Result<(), ()> { g()?.m(); Ok(()) }\n";
    check_one(text, "4:m", &["src/lib.rs:2"]);
}

#[test]
fn a_type_that_dereferences_to_another() {
    let text = "struct S;\nimpl S { fn m(&self) {} }\nstruct W(S);\nimpl std::ops::Deref for W { type Target = S; fn deref(&self) -> &S { &self.0 } }\nfn f(w: W) { w.m() }\n";
    check_one(text, "5:m", &["src/lib.rs:2"]);
}

#[test]
fn the_output_of_an_operator() {
    let text = "struct S;\nimpl S { fn m(&self) {} }\nstruct A;\nimpl std::ops::Add for A { type Output = S; fn add(self, _: A) -> S { S } }\nfn f(a: A, b: A) { (a + b).m() }\n";
    check_one(text, "5:m", &["src/lib.rs:2"]);
}

#[test]
fn a_call_of_the_library_is_not_a_local_namesake() {
    let text = "struct S;\nimpl S { fn push(&self) {} }\nfn f(v: &mut Vec<u8>) { v.push(1) }\n";
    check_one(text, "3:push", &["external:std"]);
}

#[test]
fn names_inside_of_format_strings() {
    let text = "fn f(name: u8) {\n println!(\"{name}\");\n}\n";
    check_one(text, "2:name", &["local:1"]);
}

#[test]
fn arguments_of_a_macro_of_the_tree() {
    let text =
        "macro_rules! twice { ($e:expr) => { ($e, $e) } }\nfn g() {}\nfn f() { twice!(g()); }\n";
    check_one(text, "3:g", &["src/lib.rs:2"]);
    check_one(text, "3:twice", &["src/lib.rs:1"]);
}

#[test]
fn what_a_macro_defines() {
    let text =
        "macro_rules! make { ($n:ident) => { pub fn $n() {} } }\nmake!(g);\nfn f() { g() }\n";
    check_one(text, "3:g", &["src/lib.rs:2"]);
}

#[test]
fn variants_and_their_fields() {
    let text =
        "enum E { A { x: u8 }, B }\nfn f(e: E) -> u8 { match e { E::A { x } => x, E::B => 0 } }\n";
    check_one(text, "2:B", &["src/lib.rs:1"]);
    check_one(text, "2:x", &["src/lib.rs:1"]);
}

#[test]
fn a_local_hides_a_function() {
    check_one("fn x() {}\nfn f() {\n let x = 1;\n x;\n}\n", "4:x", &["local:3"]);
}

#[test]
fn an_item_inside_of_a_block() {
    check_one("fn g() {}\nfn f() {\n fn g() {}\n g()\n}\n", "4:g", &["src/lib.rs:3"]);
}

#[test]
fn an_unknown_name_is_bound_to_nothing() {
    check_one("fn f() { nothing() }\n", "1:nothing", &["unresolved:unknown name"]);
}

#[test]
fn relations_between_types_and_traits() {
    let text =
        "trait A {}\ntrait B: A { fn m(&self); }\nstruct S;\nimpl B for S { fn m(&self) {} }\n";
    let tree = Tree::new(&[MANIFEST, ("src/lib.rs", text)]);
    let graph = tree.resolve().pop().expect("a file");
    let kinds: Vec<_> = graph.relations.iter().map(|relation| relation.kind).collect();
    assert_eq!(kinds, [EdgeKind::Inherits, EdgeKind::Implements, EdgeKind::Overrides]);
}

#[test]
fn an_edit_inside_of_a_body_changes_nothing_others_see() {
    let exports = |text: &str| {
        let tree = super::lower::parse(text).expect("a parser");
        super::lower(text, &tree).exports()
    };
    assert_eq!(exports("fn f() { 1; }\nfn g() {}\n"), exports("fn f() { 22; h() }\nfn g() {}\n"));
    assert_ne!(exports("fn f() {}\n"), exports("fn f() -> u8 {}\n"));
    assert_ne!(exports("fn f() {}\nfn g() {}\n"), exports("fn g() {}\nfn f() {}\n"));
}

#[test]
fn facts_survive_packing() {
    let text =
        "use a::b;\nstruct S<T> { x: T }\nimpl<T> S<T> { fn f(&self) -> u8 { self.x as u8 } }\n";
    let tree = super::lower::parse(text).expect("a parser");
    let facts = super::lower(text, &tree);
    let bytes = postcard::to_allocvec(&facts).expect("facts can be packed");
    assert_eq!(postcard::from_bytes::<super::Facts>(&bytes).expect("what was packed"), facts);
}

#[test]
fn hostile_texts_do_not_end_the_run() {
    let deep = format!("fn f() {{ {}1{} }}", "(".repeat(300), ")".repeat(300));
    let chain = format!("fn f() {{ x{} }}", ".m()".repeat(300));
    let sum = format!("fn f() {{ 1{} }}", " + 1".repeat(300));
    let types = format!("type T = {}u8{};", "Vec<".repeat(300), ">".repeat(300));
    let modules = "mod a { ".repeat(300);
    let cycles = "use b::x as y; mod b { pub use super::y as x; }\ntype A = B; type B = A;\ntrait P: Q {} trait Q: P {}\nfn f(a: A, p: &dyn P) { a.m(); p.m() }\nstruct R { r: Option<Box<R>> }\nimpl std::ops::Deref for R { type Target = R; }\nfn g(r: R) { r.zzz(); r.zzz }\nmacro_rules! m { ($($t:tt)*) => { m!(m!($($t)*)); } }\nm!(x);\nfn h() { m!(y) }\n";
    for text in [&*deep, &chain, &sum, &types, &modules, cycles, "fn f( {{ impl for \u{1F980}"] {
        let tree = Tree::new(&[MANIFEST, ("src/lib.rs", text)]);
        let outcomes = resolve(&tree, &Nothing, &Cancel::default()).expect("nobody cancels");
        assert!(matches!(outcomes.outcomes[1], Outcome::Fresh { .. }));
    }
}
