//! Known macros and guesses.

use super::super::{Budget, Shape, expand_known, guess};
use super::{call, spaced, written};

#[track_caller]
fn check(name: &str, arguments: &str, expected: &str) {
    let found = expand_known(name, &call(arguments), &mut Budget::default());
    let expansion = found.expect("it is known").expect("an arm matches");
    assert_eq!(spaced(&expansion.text), spaced(expected));
}

#[test]
fn the_standard_library() {
    check(
        "matches",
        "(x, A(y) | B if y > 1)",
        "match x { (A(y) | B) if (y > 1) => true, _ => false }",
    );
    check("write", "(f, \"{}\", x)", "f.write_fmt(format_args!(\"{}\", x))");
    check("assert_eq", "(a.b, c, \"{}\", d)", "{ a.b == c; format_args!(\"{}\", d); }");
    check("vec", "[0; n]", "::std::vec::from_elem(0, n)");
    check("vec", "[a, b]", "<[_]>::into_vec(::std::boxed::Box::new([a, b]))");
    check(
        "thread_local",
        "{ static A: RefCell<u8> = RefCell::new(1); pub static B: u8 = 2 }",
        "static A: ::std::thread::LocalKey<RefCell<u8> > = ::std::thread::LocalKey::new(RefCell::new(1));
         pub static B: ::std::thread::LocalKey<u8> = ::std::thread::LocalKey::new(2);",
    );
    assert!(expand_known("nobody_knows", &call("()"), &mut Budget::default()).is_none());
}

#[test]
fn widespread_packages() {
    check("bail", "(\"x {}\", y)", "return ::std::result::Result::Err(anyhow!(\"x {}\", y))");
    check("lazy_static", "{ static ref A: B = c(); }", "static A: B = c();");
    check(
        "bitflags",
        "{ pub struct F: u8 { const A = 1; const B = 2; } }",
        "pub struct F(u8); impl F { pub const A: Self = Self(1); pub const B: Self = Self(2); }",
    );
    check("info", "(target: t, \"x\")", "event!(@fields target: t, \"x\")");
    check(
        "event",
        "(@fields target: t, a.b = %c, ?d, \"x {e}\", f)",
        "{ t; event!(@fields a.b = %c, ?d, \"x {e}\", f); }",
    );
    check("event", "(@fields a.b = %c, d)", "{ c; event!(@fields d); }");
    check("event", "(@fields key:? = c; \"x {}\", y)", "{ c; event!(@fields \"x {}\", y); }");
    check("event", "(@fields \"x {}\", y)", "{ format_args!(\"x {}\", y); }");
    check("event", "(@fields)", "{}");
    check(
        "json",
        "({\"a\": [x, {\"b\": y.z}], k: null})",
        "{ json!(@list {\"a\": [x, {\"b\": y.z}], k: null}); ::serde_json::Value::Null }",
    );
}

#[test]
fn branches_on_the_configuration() {
    check("cfg_if", "{ if #[cfg(unix)] { mod a; } else { mod b; } }", "mod a;");
    check(
        "cfg_if",
        "{ if #[cfg(windows)] { mod a; } else if #[cfg(target_os = \"linux\")] { mod b; } else { mod c; } }",
        "mod b;",
    );
    check("cfg_if", "{ if #[cfg(mine)] { mod a; } else { mod b; } }", "mod a; mod b;");
    check("cfg_if", "{ if #[cfg(windows)] { mod a; } else { mod b; } }", "mod b;");
}

#[track_caller]
fn guesses(arguments: &str, shape: Shape, expected: &str) {
    let guess = guess(&call(arguments), &mut Budget::default()).expect("a guess");
    assert_eq!((guess.shape, spaced(&guess.expansion.text)), (shape, spaced(expected)));
}

#[test]
fn unknown_macros_are_read_by_their_arguments() {
    guesses("(a.b, |x, y| x + y, n = c)", Shape::Expressions, "(a.b, |x, y| x + y, c,)");
    guesses("{ a => b, c => d, }", Shape::Expressions, "(a, b, c, d,)");
    guesses("{ struct S; impl S {} }", Shape::Items, "struct S; impl S {}");
    guesses("{ let x = 1; f(x); }", Shape::Statements, "{ let x = 1; f(x); }");
    guesses("()", Shape::Expressions, "()");
    assert!(guess(&call("(=> <>)"), &mut Budget::default()).is_none());
}

#[test]
fn guessed_arguments_know_where_they_stand() {
    let arguments = "(a.b, n = c)";
    let guess = guess(&call(arguments), &mut Budget::default()).unwrap();
    assert_eq!(written(&guess.expansion, arguments), ["a", "b", "c"]);
}
