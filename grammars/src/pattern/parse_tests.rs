//! Query texts and the trees they become.

use super::{Argument, Expression, Shape, Times, rules};

/// The expression in one line, with everything that was read.
fn shown(expression: &Expression<'_>) -> String {
    let list = |all: &[Expression<'_>]| all.iter().map(shown).collect::<Vec<_>>().join(" ");
    let shape = match &expression.shape {
        Shape::Any => "_".to_owned(),
        Shape::Literal(text) => format!("{text:?}"),
        Shape::Choice(branches) => format!("[{}]", list(branches)),
        Shape::Node(node) => {
            let absent: String = node.absent.iter().map(|field| format!(" !{field}")).collect();
            let closed = if node.is_closed { " ." } else { "" };
            let space = if node.children.is_empty() { "" } else { " " };
            format!("({}{absent}{space}{}{closed})", node.kind, list(&node.children))
        }
    };
    let anchor = if expression.is_anchored { ". " } else { "" };
    let field = expression.field.map_or_else(String::new, |field| format!("{field}: "));
    let times = match expression.times {
        Times::One => "",
        Times::Optional => "?",
        Times::Some => "+",
        Times::Any => "*",
    };
    let captures: String = expression.captures.iter().map(|name| format!(" @{name}")).collect();
    format!("{anchor}{field}{shape}{times}{captures}")
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let rules = rules(text).unwrap();
    let found: Vec<String> = rules.iter().map(|rule| shown(&rule.root)).collect();
    assert_eq!(found, expected);
}

#[test]
fn nodes_fields_anchors_and_captures_are_read() {
    check(
        "; comment (not_this)\n(a !x b: (c) @name . [(d) \"e\"] @f @g (_) .) @definition.class",
        &["(a !x b: (c) @name . [(d) \"e\"] @f @g (_) .) @definition.class"],
    );
    check("(a)(b name: _ @c)", &["(a)", "(b name: _ @c)"]);
    check("", &[]);
}

#[test]
fn quantifiers_may_stand_before_and_after_a_capture() {
    check("(a (b)? @c (d)+ (e)* [(f)]?)", &["(a (b)? @c (d)+ (e)* [(f)]?)"]);
    check("(a (b) @c ?)", &["(a (b)? @c)"]);
}

#[test]
fn a_group_is_what_it_holds() {
    check("((a) @x (#eq? @x \"y\"))", &["(a) @x"]);
    check("(a . ((b)) @c)", &["(a . (b) @c)"]);
}

#[test]
fn predicates_belong_to_their_pattern_wherever_they_stand() {
    let text = r#"(a (b (#any-of? @x "c\"d" e)) @x (#not-eq? @x @y)) (f)"#;
    let rules = rules(text).unwrap();
    let [first, second] = &rules[..] else { panic!("{rules:?}") };
    let names: Vec<&str> = first.predicates.iter().map(|call| call.name).collect();
    assert_eq!(names, ["any-of", "not-eq"]);
    let text = |text: &str| Argument::Text(text.to_owned());
    let capture = Argument::Capture("x");
    assert_eq!(first.predicates[0].arguments, [capture, text("c\"d"), text("e")]);
    assert!(second.predicates.is_empty());
}

#[test]
fn what_is_no_pattern_is_refused() {
    for text in ["(a", "(a))", "[]", "()", "((a) (b))", "(a (b)?+)", "(a b)", "(\"a", "(a @)"] {
        assert!(rules(text).is_err(), "{text}");
    }
}
