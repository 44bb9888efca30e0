//! Arms: which one matches, and what its template becomes.

use super::super::{Call, Context, Failure, Rules, Source, expand};
use super::{MACRO, call, check, try_expand, written};
use crate::rust::macros::Budget;

#[test]
fn repeats_with_separators() {
    let map = "macro_rules! hashmap {
        ($($k:expr => $v:expr),* $(,)?) => {{ let mut m = HashMap::new(); $(m.insert($k, $v);)* m }};
    }";
    check(
        map,
        "{ a => b.c, d() => 1 + e, }",
        "{ let mut m = HashMap::new(); m.insert(a, b.c); m.insert(d(), (1 + e)); m }",
    );
    check(map, "{}", "{ let mut m = HashMap::new(); m }");
}

#[test]
fn picks_the_first_arm_that_matches() {
    let max = "macro_rules! max {
        ($x:expr) => { $x };
        ($x:expr, $($rest:expr),+) => { { let y = max!($($rest),+); if $x > y { $x } else { y } } };
    }";
    check(max, "(a)", "a");
    check(max, "(a, b, c)", "{ let y = max!(b, c); if a > y { a } else { y } }");
    assert_eq!(try_expand(max, "(a;)").unwrap_err(), Failure::NoArm);
}

#[test]
fn nests_repetitions() {
    let table = "macro_rules! table {
        ($($name:ident: [$($value:expr),*]);*) => { $(const $name: &[u8] = &[$($value),*];)* };
    }";
    check(
        table,
        "(A: [1, 2]; B: []; C: [x])",
        "const A: &[u8] = &[1, 2]; const B: &[u8] = &[]; const C: &[u8] = &[x];",
    );
}

#[test]
fn implements_a_trait_for_many_types() {
    let imp = "macro_rules! imp { ($tr:ident for $($t:ty),+ $(,)?) => { $(impl $tr for $t { fn f() -> u8 { 1 } })+ } }";
    check(
        imp,
        "(Size for u8, Vec<Vec<u8>>, &'static [T; 4],)",
        "impl Size for u8 { fn f() -> u8 { 1 } } impl Size for Vec<Vec<u8>> { fn f() -> u8 { 1 } }
         impl Size for &'static [T; 4] { fn f() -> u8 { 1 } }",
    );
}

#[test]
fn munches_token_trees() {
    let count = "macro_rules! count {
        () => { 0 };
        ($head:tt $($tail:tt)*) => { 1 + count!($($tail)*) };
    }";
    check(count, "(a (b c) >>= d)", "1 + count!((b c) >>= d)");
    check(count, "(>>= d)", "1 + count!(d)");
    check(count, "()", "0");
}

#[test]
fn internal_rules_are_told_by_their_first_tokens() {
    let definition = "macro_rules! m {
        (@inner $e:expr) => { inner($e) };
        ($($e:expr),*) => { $(m!(@inner $e);)* };
    }";
    check(definition, "(a, b + 1)", "m!(@inner a); m!(@inner (b + 1));");
    check(definition, "(@inner a)", "inner(a)");
}

#[test]
fn items_of_bit_flags() {
    let flags = "macro_rules! flags {
        ($(#[$outer:meta])* $vis:vis struct $name:ident: $t:ty {
            $($(#[$inner:meta])* const $flag:ident = $value:expr;)*
        }) => {
            $(#[$outer])* $vis struct $name { bits: $t }
            impl $name { $($(#[$inner])* pub const $flag: Self = Self { bits: $value };)* }
        };
    }";
    check(
        flags,
        "{ /// Flags.
           #[derive(Clone)]
           pub(crate) struct F: u32 { const A = 1; /// b
               const B = Self::A.bits | 2; } }",
        "#[doc = \"\"] #[derive(Clone)] pub(crate) struct F { bits: u32 }
         impl F { pub const A: Self = Self { bits: 1 };
                  #[doc = \"\"] pub const B: Self = Self { bits: (Self::A.bits | 2) }; }",
    );
    check(flags, "{ struct F: u32 {} }", "struct F { bits: u32 } impl F { }");
}

#[test]
fn macros_define_macros() {
    let outer = "macro_rules! outer {
        ($d:tt $name:ident $v:expr) => {
            macro_rules! $name { ($d($d x:expr),*) => { [$d($d x + $v),*] } }
        };
    }";
    check(outer, "($ add 1)", "macro_rules! add { ($($x:expr),*) => { [$($x + 1),*] } }");
    let plain = "macro_rules! outer { ($n:ident) => { macro_rules! $n { ($e:expr) => { $e }; } } }";
    check(plain, "(id)", "macro_rules! id { ($e:expr) => { $e }; }");
    let escaped =
        "macro_rules! o { ($n:ident) => { macro_rules! $n { ($$($$e:expr),*) => {}; } } }";
    check(escaped, "(id)", "macro_rules! id { ($($e:expr),*) => {}; }");
}

#[test]
fn the_crate_of_the_definition_is_named_as_the_caller_says() {
    let definition = "macro_rules! m { () => { $crate::f($crate::T) } }";
    let rules = Rules::parse(definition).unwrap();
    let call = Call { root: "__root_3", ..call("()") };
    let expansion = expand(&rules, &call, &mut Budget::default()).unwrap();
    assert_eq!(expansion.text.replace(' ', ""), "__root_3::f(__root_3::T)");
}

#[test]
fn tokens_know_who_wrote_them() {
    let definition = "macro_rules! m { ($x:ident, $e:expr) => { let tmp = $e; $x.$x(tmp) } }";
    let arguments = "(tmp, f(tmp, g.h))";
    let expansion = try_expand(definition, arguments).unwrap();
    assert_eq!(written(&expansion, arguments), ["f", "tmp", "g", "h", "tmp", "tmp"]);
    let is_mine = |origin: &&super::super::Origin| origin.context == MACRO;
    let mine = expansion.origins.iter().filter(is_mine);
    let names: Vec<&str> =
        mine.map(|origin| super::first_token(&definition[origin.offset as usize..])).collect();
    assert_eq!(names, ["let", "tmp", "=", ";", ".", "(", "tmp", ")"]);
}

#[test]
fn origins_compose_through_calls_in_expansions() {
    let outer =
        Rules::parse("macro_rules! outer { ($($t:tt)*) => { { inner!(y, $($t)*) } } }").unwrap();
    let inner = Rules::parse("macro_rules! inner { ($a:ident, $b:expr) => { $a + $b } }").unwrap();
    let arguments = "(x.f())";
    let mut budget = Budget::default();
    let first = expand(&outer, &call(arguments), &mut budget).unwrap();
    let start = first.text.find('(').unwrap();
    let end = first.text.rfind(')').unwrap() + 1;
    let call = Call {
        text: &first.text[start..end],
        source: Source::Expansion(&first, start as u32),
        context: Context(2),
        root: "crate",
    };
    let second = expand(&inner, &call, &mut budget).unwrap();
    assert_eq!(super::spaced(&second.text), "y + x . f ( )");
    assert_eq!(written(&second, arguments), ["x", "f"]);
    let y = second.origin(0).unwrap();
    assert_eq!(y.context, MACRO);
    let plus = second.origin(second.text.find('+').unwrap() as u32).unwrap();
    assert_eq!(plus.context, Context(2));
}

#[test]
fn what_was_matched_as_a_whole_stays_whole() {
    let outer = Rules::parse("macro_rules! o { ($e:expr, $t:ty) => { i!($e $t) } }").unwrap();
    let inner = Rules::parse(
        "macro_rules! i { ($l:literal $($r:tt)*) => { literal }; ($a:tt $b:tt) => { two };
         ($($t:tt)*) => { many } }",
    )
    .unwrap();
    let mut budget = Budget::default();
    let mut arm = |arguments| {
        let first = expand(&outer, &call(arguments), &mut budget).unwrap();
        let start = first.text.find('(').unwrap();
        let source = Source::Expansion(&first, start as u32);
        let call = Call { text: &first.text[start..], source, ..call("") };
        expand(&inner, &call, &mut budget).unwrap().text
    };
    assert_eq!(arm("(a + 1, Vec<u8>)"), "two");
    assert_eq!(arm("(a.b.c, &'a str)"), "two");
    assert_eq!(arm("(1, u8)"), "literal");
}

#[test]
fn only_braces_may_be_given() {
    check("{ ($a:ident) => { $a } }", "[x]", "x");
    check("(($a:ident) => ($a);)", "{x}", "x");
    assert!(Rules::parse("fn f() {}").is_none());
    assert!(Rules::parse("macro_rules! m {}").is_none());
}

#[test]
fn a_broken_arm_leaves_the_others() {
    check("macro_rules! m { ($a:nonsense) => { 1 }; ($a:tt) => { 2 } }", "(x)", "2");
}

#[test]
fn variables_of_outer_repetitions_are_repeated_inside() {
    let definition = "macro_rules! m { ($f:ident: $($x:ident),*) => { $($f.$x();)* } }";
    check(definition, "(a: b, c)", "a.b(); a.c();");
    let nested = "macro_rules! m { ($($f:ident: $($x:ident),*);*) => { $($($f.$x();)*)* } }";
    check(nested, "(a: b, c; d: e)", "a.b(); a.c(); d.e();");
}

#[test]
fn an_optional_part_may_be_missing() {
    let definition = "macro_rules! m { ($a:ident $(= $e:expr)?) => { let $a $(= $e)?; } }";
    check(definition, "(x)", "let x;");
    check(definition, "(x = 1)", "let x = 1;");
    assert_eq!(try_expand(definition, "(x = 1 = 2; 3)").unwrap_err(), Failure::NoArm);
}

#[test]
fn a_generic_type_before_a_path_is_put_in_angles() {
    let definition = "macro_rules! m { ($t:ty) => { $t::new() } }";
    check(definition, "(Vec<u8>)", "<Vec<u8>>::new()");
    check(definition, "(Foo)", "Foo::new()");
}

#[test]
fn matched_statements_are_separated() {
    let definition = "macro_rules! m { ($($s:stmt;)*) => { $($s)* } }";
    check(definition, "(let a = 1; b(a);)", "let a = 1; b(a)");
    let written = "macro_rules! m { ($($s:stmt;)*) => { $($s;)* } }";
    check(written, "(let a = 1;)", "let a = 1;");
}
