//! Format strings.

use super::super::{Budget, Call, Context, captures, expand_known};
use super::{BASE, call, spaced};

#[track_caller]
fn check(literal: &str, expected: &[&str]) {
    let found: Vec<&str> = captures(literal).iter().map(|span| span.of(literal)).collect();
    assert_eq!(found, expected, "{literal}");
}

#[test]
fn names_between_braces_are_captured() {
    check(r#""{a} {b:?} {0} {} {c:>width$.prec$} {{d}} {:?}""#, &["a", "b", "c", "width", "prec"]);
    check(r#""{:0width$} {:*^w$} {:.*} {: >1$}""#, &["width", "w"]);
    check(r#""{ a } {r#type}""#, &["a"]);
    check(r#""{_x1:#?}""#, &["_x1"]);
}

#[test]
fn escapes_and_raw_strings_are_understood() {
    check(r#""\u{41} \"{a}\" \\{b}""#, &["a", "b"]);
    check("r\"\\{a}\"", &["a"]);
    check("r##\"{a} \"# {b}\"##", &["a", "b"]);
    check("b\"{a}\"", &[]);
    check("'{'", &[]);
    check("\"{a", &[]);
    check("\"", &[]);
    check("", &[]);
}

#[track_caller]
fn expands(name: &str, arguments: &str, expected: &str) {
    let found = expand_known(name, &call(arguments), &mut Budget::default());
    let expansion = found.expect("it is known").expect("an arm matches");
    assert_eq!(spaced(&expansion.text), spaced(expected));
}

#[test]
fn a_format_is_a_tuple_of_what_it_shows() {
    expands("format_args", "(\"{x} {} {n}\", a.b(), n = c + 1)", "( & (a.b()), & (c + 1), & x , )");
    expands("format_args", "(\"plain\")", "( )");
    expands("format_args", "(concat!(\"a\", \"b\"), x)", "( &(concat!(\"a\", \"b\")), &(x), )");
}

#[test]
fn captured_names_stand_inside_the_literal() {
    let arguments = "(\"{x} {long:?}\")";
    let call: Call<'_> = call(arguments);
    let expansion = expand_known("format_args", &call, &mut Budget::default()).unwrap().unwrap();
    for name in ["x", "long"] {
        let start = expansion.text.find(name).unwrap() as u32;
        let origin = expansion.origin(start).expect("it was written");
        assert_eq!(origin.context, Context::FILE);
        let at = (origin.offset - BASE) as usize;
        assert_eq!(&arguments[at..at + name.len()], name);
    }
}
