//! Known macros and guesses.

use super::super::{Budget, Context, Expansion, Origin, Shape, expand_known, guess};
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
    check("write", "(f, \"{}\", x)", "f.write_fmt((&(x),))");
    check("assert_eq", "(a.b, c, \"{}\", d)", "{ a.b == c; (&(d),); }");
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
    check(
        "bail",
        "(\"x {}\", y)",
        "return ::std::result::Result::Err({ (&(y),); ::anyhow::Error::msg(\"\") })",
    );
    check("lazy_static", "{ static ref A: B = c(); }", "static A: B = c();");
    check(
        "bitflags",
        "{ pub struct F: u8 { const A = 1; const B = 2; } }",
        "pub struct F(u8); impl F { pub const A: Self = Self(1); pub const B: Self = Self(2); }",
    );
    check("info", "(target: t, \"x\")", "{ t; { (); }; }");
    check(
        "event",
        "(@fields target: t, a.b = %c, ?d, \"x {e}\", f)",
        "{ t; { c; { d; { (&(f), &e,); }; }; }; }",
    );
    check("event", "(@fields a.b = %c, d)", "{ c; { d; }; }");
    check("event", "(@fields key:? = c; \"x {}\", y)", "{ c; { (&(y),); }; }");
    check("event", "(@fields \"x {}\", y)", "{ (&(y),); }");
    check("event", "(@fields)", "{}");
    check(
        "json",
        "({\"a\": [x, {\"b\": y.z}], k: null})",
        "{ { { \"a\"; { &x; { { \"b\"; &y.z; }; }; }; { k; }; }; }; ::serde_json::Value::Null }",
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

#[test]
fn calls_of_the_caller_are_left_to_it() {
    check("write", "(f, \"{}\", format!(\"{x}\"))", "f.write_fmt(( &(format!(\"{x}\")), ))");
    check("dbg", "(matches!(x, y))", "matches!(x, y)");
}

#[test]
fn origins_survive_what_is_replaced_at_once() {
    let arguments = "(f.g, \"{x} {}\", h(i))";
    let found = expand_known("write", &call(arguments), &mut Budget::default());
    let expansion = found.unwrap().unwrap();
    assert_eq!(written(&expansion, arguments), ["f", "g", "h", "i", "x"]);
    super::check_origins(&Expansion { origins: in_file(&expansion), ..expansion }, "", arguments);
}

fn in_file(expansion: &Expansion) -> Vec<Origin> {
    let origins = expansion.origins.iter().copied();
    origins.filter(|origin| origin.context == Context::FILE).collect()
}

#[test]
fn pasted_names_are_one_identifier() {
    check(
        "paste",
        "{ fn [<get_ a:snake>](x: [u8; 1]) { [<A b:camel>] } }",
        "fn get_a(x: [u8; 1]) { AB }",
    );
    check("paste::item", "(fn [< a _ \"b\" 1 >]() {})", "fn a_b1() {}");
    check("paste", "([<SomeName:snake:upper>] [<>])", "SOME_NAME [<>]");
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
