//! Which of several functions a call means.

use flux_core::{EdgeKind, Target, Tier};

use super::{MANIFEST, check, check_one};
use crate::testing::Tree;

/// Checks a file of a package that uses `other` and `clap`.
#[track_caller]
fn check_with_packages(text: &str, place: &str, expected: &[&str]) {
    let manifest = "[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nother = \"1\"\nclap = \"4\"\n";
    let tree = Tree::new(&[("Cargo.toml", manifest), ("src/lib.rs", text)]);
    assert_eq!(tree.target(&format!("src/lib.rs:{place}")), expected);
}

#[test]
fn a_trait_that_is_not_in_scope_goes_after_what_is_behind_a_box() {
    let text = "pub struct S;\nimpl S { fn m(&self) {} }\nmod a { pub trait T { fn m(&self); }\n impl T for Box<super::S> { fn m(&self) {} } }\nfn f(s: Box<S>) { s.m() }\n";
    check_one(text, "5:m", &["src/lib.rs:2"]);
}

#[test]
fn an_impl_for_a_type_and_one_for_references_to_it() {
    let text = "trait T { fn m(self); }\nstruct S;\nimpl T for &S { fn m(self) {} }\nimpl T for S { fn m(self) {} }\nfn f(s: S) { s.m() }\nfn g(s: &S) { s.m() }\nfn h() { let s = S; (&s).m() }\n";
    check_one(text, "5:m", &["src/lib.rs:4"]);
    check_one(text, "6:m", &["src/lib.rs:3"]);
    check_one(text, "7:m", &["src/lib.rs:3"]);
}

#[test]
fn a_method_that_forwards_to_the_one_for_references() {
    let text = "use std::pin::Pin;\nuse other::Read;\nstruct S;\nimpl Read for S {\n fn read(self: Pin<&mut Self>) { Pin::new(&mut &*self).read() }\n}\nimpl Read for &S {\n fn read(self: Pin<&mut Self>) {}\n}\n";
    check_with_packages(text, "5:read", &["src/lib.rs:8"]);
}

#[test]
fn a_pin_has_the_methods_of_what_it_holds() {
    let text = "use std::future::Future;\nuse std::pin::Pin;\nstruct S;\nimpl Future for S { type Output = ();\n fn poll(self: Pin<&mut Self>) {}\n}\nstruct W(S);\nimpl W { fn poll(self: Pin<&mut Self>) {\n Pin::new(&mut self.0).poll()\n} }\n";
    check_one(text, "9:poll", &["src/lib.rs:5"]);
}

#[test]
fn a_conversion_of_the_library_between_types_of_the_library() {
    let text = "struct N;\nimpl TryFrom<N> for usize { type Error = ();\n fn try_from(n: N) -> Result<Self, ()> { usize::try_from(1i32) }\n}\nfn f(n: N) { usize::try_from(n); }\n";
    check_one(text, "3:try_from", &["external:std"]);
    check_one(text, "5:try_from", &["src/lib.rs:3"]);
}

#[test]
fn a_conversion_that_takes_references() {
    let text = "struct S;\nimpl From<&S> for u8 { fn from(_: &S) -> u8 { 0 } }\nimpl From<S> for u8 { fn from(_: S) -> u8 { 0 } }\nfn f() { let s = S; u8::from(&s); u8::from(s); }\n";
    check_one(text, "4:from:1", &["src/lib.rs:2"]);
    check_one(text, "4:from:2", &["src/lib.rs:3"]);
}

#[test]
fn a_conversion_whose_requirements_hold() {
    let text = "struct N;\nimpl From<u8> for N { fn from(_: u8) -> N { N } }\nstruct V;\nimpl<T: Into<N>> From<T> for V { fn from(_: T) -> V { V } }\nimpl From<&str> for V { fn from(_: &str) -> V { V } }\nfn f() { V::from(\"x\"); V::from(1u8); }\n";
    check_one(text, "6:from:1", &["src/lib.rs:5"]);
    check_one(text, "6:from:2", &["src/lib.rs:4"]);
}

#[test]
fn a_method_that_forwards_to_its_namesake() {
    let text = "use std::fmt;\n#[derive(Debug)]\nstruct K;\nimpl fmt::Display for K {\n fn fmt(&self) {}\n}\nstruct S(K);\nimpl fmt::Display for S { fn fmt(&self) { self.0.fmt() } }\n";
    check_one(text, "8:fmt:2", &["src/lib.rs:5"]);
}

#[test]
fn results_collected_into_a_result() {
    let text = "struct S;\nimpl S { fn m(&self) {} }\nfn g() -> Result<S, ()> { Ok(S) }\nfn f(v: Vec<u8>) { let r: Result<Vec<_>, ()> = v.iter().map(|_| g()).collect(); if let Ok(r) = r { for s in &r { s.m() } } }\n";
    check_one(text, "4:m", &["src/lib.rs:2"]);
}

#[test]
fn what_a_derive_of_a_package_gives() {
    let text = "use clap::Parser;\n#[derive(Parser)]\nstruct S;\nimpl S { fn m(&self) {} }\nfn f() { let s = S::parse(); s.m() }\n";
    check_with_packages(text, "5:m", &["src/lib.rs:4"]);
}

#[test]
fn a_method_that_a_macro_makes_is_the_traits() {
    let text = "trait T { fn m() -> u8; }\nmacro_rules! make { ($t:ty) => { impl T for $t { fn m() -> u8 { 0 } } } }\nmake!(u8);\nfn f() { u8::m(); }\n";
    check_one(text, "4:m", &["src/lib.rs:1"]);
}

#[test]
fn the_only_method_of_a_name() {
    let text = "use other::X;\ntrait T { fn only(&self); }\nimpl T for X { fn only(&self) {} }\nfn f(x: other::Y) { x.get().only() }\n";
    check_with_packages(text, "4:only", &["src/lib.rs:3"]);
    let text = "use other::{B, X};\ntrait T { fn only(&self); }\nimpl<I: B> T for I { fn only(&self) {} }\nfn f(x: X) { x.only() }\n";
    check_with_packages(text, "4:only", &["src/lib.rs:3"]);
    let text = "use other::X;\ntrait T { fn join(&self); }\nimpl T for X { fn join(&self) {} }\nfn f(x: other::Y) { x.get().join() }\n";
    check_with_packages(text, "4:join", &["unresolved:unknown receiver"]);
}

#[test]
fn an_impl_for_all_types_whose_elements_do_something() {
    let text = "trait E { fn e(&self); }\ntrait C { fn c(self); }\nimpl<I: E, T: IntoIterator<Item = I>> C for T {\n fn c(self) {}\n}\nstruct S<T>(Vec<T>);\nimpl<T: E> S<T> { fn m(self) { self.0.c() } }\n";
    check_one(text, "7:c", &["src/lib.rs:4"]);
}

#[test]
fn what_a_macro_is_given_that_is_not_expanded_is_a_guess() {
    let text = "macro_rules! m { () => {} }\nfn g() {}\nfn f() { m!(g()); g() }\n";
    let tree = Tree::new(&[MANIFEST, ("src/lib.rs", text)]);
    let graph = tree.resolve().pop().expect("a file");
    let calls = graph.occurrences.iter().filter(|it| {
        it.kind == EdgeKind::Calls
            && it.span.of(text) == "g"
            && matches!(it.target, Target::Definition(_))
    });
    assert_eq!(calls.map(|it| it.tier).collect::<Vec<_>>(), [Tier::Likely, Tier::Exact]);
}

#[test]
fn fields_behind_a_projection() {
    let text = "use std::pin::Pin;\nstruct S {\n x: u8 }\nimpl S { fn f(self: Pin<&mut Self>) { let this = self.project(); this.x; } }\n";
    check_one(text, "4:x", &["src/lib.rs:3"]);
}

#[test]
fn fields_behind_a_box() {
    let files = [
        ("src/lib.rs", "mod a;\nfn f(v: Box<a::S>) { v.0.m() }\n"),
        ("src/a.rs", "pub struct S(pub T);\npub struct T;\nimpl T { pub fn m(&self) {} }\n"),
    ];
    check(&files, "src/lib.rs:2:m", &["src/a.rs:3"]);
}
