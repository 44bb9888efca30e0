//! How far fragments reach.

use super::super::syntax::fragment;
use super::super::tokens::{View, read};
use super::super::{Specifier, split_arguments};

/// `|` in `text` marks where the fragment ends.
#[track_caller]
fn check(specifier: Specifier, text: &str) {
    let (before, after) = text.split_once('¦').expect("the end is marked");
    let text = format!("{before} {after}");
    let tokens = read(&text, &[]).expect("brackets match");
    let view = View { text: &text, tokens: &tokens };
    let end = fragment(view, (0, tokens.len()), specifier);
    let expected = tokens.iter().filter(|token| (token.start as usize) < before.len()).count();
    assert_eq!(end, Ok(expected), "{text}");
}

#[track_caller]
fn fails(specifier: Specifier, text: &str) {
    let tokens = read(text, &[]).expect("brackets match");
    let view = View { text, tokens: &tokens };
    assert!(fragment(view, (0, tokens.len()), specifier).is_err(), "{text}");
}

#[test]
fn expressions() {
    for text in [
        "a + b * -c¦, d",
        "a¦ => b",
        "a¦; b",
        "|a, b| a + b¦, c",
        "|a: Vec<u8>, (b, c)| -> u8 { a }¦, c",
        "move || async move { 1 }¦, c",
        "f::<A, B>(x)¦, y",
        "a < b¦, c > d",
        "x as u8 > y¦, z",
        "Vec::<Vec<u8>>::new()¦, a",
        "<T as Trait<A, B>>::f(x)¦, a",
        "S { a, b: 1, ..c }¦, d",
        "if let Some(x) = y && z { 1 } else if q { 2 } else { 3 }¦, d",
        "if x == (S { a: 1 }) { 1 }¦, d",
        "match x { A => 1, B => 2 }.f()¦, d",
        "'a: loop { break 'a 5 }¦, d",
        "return¦, a",
        "return a + b¦, c",
        "..¦, a",
        "a..¦, b",
        "a..=b¦, c",
        "..=b¦, c",
        "&mut *a.b?.c[0](d)¦, e",
        "&raw const x¦, e",
        "vec![a; 3].len()¦, e",
        "a.0.1.await?¦, e",
        "x.parse::<u8>()¦, e",
        "a >> b >= c¦, d",
        "a = b += c¦, d",
        "unsafe { x }¦, a",
        "for i in 0..n { }¦, a",
        "while let Some(S { x }) = y { }¦, a",
        "!matches!(x, Y | Z)¦, a",
        "#[cfg(a)] b¦, c",
        "\"a\"¦, b",
        "-1¦, b",
        "a¦ b",
        "const { 1 }¦, b",
        "for<'a> |x: &'a u8| x¦, b",
        "_¦, b",
        "break¦, b",
        "a || b && c¦, d",
        "x.iter().map(|y| y < z)¦, d",
    ] {
        check(Specifier::Expression, text);
    }
    for text in ["=> a", ", a", "", "let x = 1", "fn f() {}", "a.", "* *", "as u8", "struct S"] {
        fails(Specifier::Expression, text);
    }
}

#[test]
fn types() {
    for text in [
        "u8¦, a",
        "a::B<C, D>¦, e",
        "a::B<C<D<E>>>¦> e",
        "&'a mut [T; 4]¦ = x",
        "&&str¦ = x",
        "dyn Fn(A, B) -> C + Send + 'static¦, x",
        "impl Iterator<Item = (A, B)> + '_¦ { }",
        "for<'a> fn(&'a u8) -> &'a u8¦, x",
        "unsafe extern \"C\" fn(u8)¦ x",
        "*const T¦ | x",
        "<T as Trait>::Out¦ where",
        "()¦ x",
        "!¦ x",
        "_¦ x",
        "Fn(A) -> Box<dyn X>¦ x",
        "Option<fn() -> u8>¦ x",
        "[u8; { N + 1 }]¦ x",
        "HashMap<K, V>¦ as",
        "B<{ N }, 'a, 3>¦ x",
        "m!(x)¦ y",
        "Foo<<T as X>::Y>¦ z",
    ] {
        check(Specifier::Type, text);
    }
    for text in ["", ", a", "1", "fn", "= x", "pub u8", "'a", "*T"] {
        fails(Specifier::Type, text);
    }
}

#[test]
fn patterns() {
    for text in [
        "_¦ => x",
        "Some(x) | None¦ if y",
        "| A | B¦ => c",
        "a @ 1..=5¦ => x",
        "&mut (ref a, mut b)¦ in c",
        "A::B { x, .. }¦ => y",
        "-1..=1¦ => z",
        "'a'..='z'¦ => z",
        "0..¦ => z",
        "..=5¦ => z",
        "[first, .., last]¦ = x",
        "\"a\"¦ => x",
        "Foo::<u8>::BAR¦ => x",
        "m!(x)¦ => y",
        "x¦ = y",
        "true¦ => y",
    ] {
        check(Specifier::Pattern, text);
    }
    check(Specifier::PatternPart, "A¦ | B => x");
    fails(Specifier::Pattern, "=> x");
    fails(Specifier::Pattern, "fn");
}

#[test]
fn the_small_ones() {
    check(Specifier::Ident, "a¦ b");
    check(Specifier::Ident, "self¦ b");
    fails(Specifier::Ident, "_ b");
    check(Specifier::Lifetime, "'a¦ b");
    check(Specifier::Literal, "-1.5¦ b");
    check(Specifier::Literal, "true¦ b");
    fails(Specifier::Literal, "a");
    check(Specifier::Visibility, "pub(in a::b)¦ struct");
    check(Specifier::Visibility, "pub¦ (u8)");
    check(Specifier::Visibility, "¦ struct");
    check(Specifier::Path, "a::B<C>¦ x");
    check(Specifier::Path, "::a::b¦, x");
    check(Specifier::Block, "{ a }¦ b");
    check(Specifier::Meta, "derive(A, B)¦, x");
    check(Specifier::Meta, "doc = concat!(\"a\", \"b\")¦, x");
    check(Specifier::Meta, "a::b¦, x");
    check(Specifier::Meta, "unsafe(no_mangle)¦, x");
    check(Specifier::Tree, "(a b)¦ c");
    check(Specifier::Tree, ">>=¦ c");
    check(Specifier::Tree, ">¦ = c");
}

#[test]
fn items() {
    for text in [
        "struct S;¦ x",
        "pub struct S(u8, u8);¦ x",
        "struct S<T> where T: X { a: T }¦ x",
        "#[a] pub(crate) const unsafe fn f<T>(x: T) -> [u8; { 1 }] where T: X { y }¦ z",
        "impl<T> A for B<T> { }¦ x",
        "unsafe impl A for B { }¦ x",
        "pub extern \"C\" fn f() { }¦ x",
        "extern crate a;¦ x",
        "use a::{b, c};¦ x",
        "const X: u8 = { 1 };¦ x",
        "static mut X: u8 = 1;¦ x",
        "type A = B<C>;¦ x",
        "mod a;¦ x",
        "enum E { A }¦ x",
        "macro_rules! m { () => {} }¦ x",
        "m!(a);¦ x",
        "a::m! { a }¦ x",
        "trait T: U { }¦ x",
        "pub async fn f() { }¦ x",
        "fn f();¦ x",
    ] {
        check(Specifier::Item, text);
    }
    for text in ["let x = 1;", "a + b", "f(x)", "", "enum", "const"] {
        fails(Specifier::Item, text);
    }
}

#[test]
fn statements() {
    for text in [
        "let x: u8 = 1 + 2¦; y",
        "let Some(x) = y else { return }¦; z",
        "let x¦; y",
        "struct S;¦ x",
        "f(x)¦; y",
        "if a { b }¦ c",
        "match x { }.y()¦; z",
        "println!(\"a\")¦; z",
        "x = y¦; z",
    ] {
        check(Specifier::Statement, text);
    }
}

#[test]
fn arguments_are_cut_at_commas_of_their_own() {
    let check = |text: &str, expected: &[&str]| {
        let found: Vec<&str> = split_arguments(text).iter().map(|span| span.of(text)).collect();
        assert_eq!(found, expected, "{text}");
    };
    check("(a, |b, c| d, f::<A, B>(x), [1, 2])", &["a", "|b, c| d", "f::<A, B>(x)", "[1, 2]"]);
    check("()", &[]);
    check("(a,)", &["a"]);
    check("(x, A | B if y, n = 2)", &["x", "A | B if y", "n = 2"]);
    check("(a, )b", &["a"]);
}
