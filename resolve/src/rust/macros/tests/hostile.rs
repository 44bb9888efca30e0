//! Bad input: nothing panics, nothing hangs.

use proptest::prelude::*;

use super::super::{Budget, Failure, MAX_TEXT, Rules, expand, expand_known, guess};
use super::{call, try_expand};

#[test]
fn brackets_that_do_not_match_are_malformed() {
    let definition = "macro_rules! m { ($($t:tt)*) => { $($t)* } }";
    for arguments in ["(a", "", "a", "(]"] {
        assert_eq!(
            try_expand(definition, arguments).unwrap_err(),
            Failure::Malformed,
            "{arguments}"
        );
    }
    assert!(Rules::parse("macro_rules! m { (").is_none());
}

#[test]
fn a_huge_expansion_is_refused() {
    let repeated = "$($t)* ".repeat(1000);
    let definition = format!("macro_rules! m {{ ($($t:tt)*) => {{ {repeated} }} }}");
    let arguments = format!("({})", "abcdefgh ".repeat(1000));
    assert!(repeated.len() < MAX_TEXT);
    assert_eq!(try_expand(&definition, &arguments).unwrap_err(), Failure::TooLarge);
}

#[test]
fn work_is_bounded_by_the_budget() {
    let arm = "($($a:tt)* $($b:expr),* ; $c:ty) => {};";
    let rules = Rules::parse(&format!("macro_rules! m {{ {} }}", arm.repeat(500))).unwrap();
    let arguments = format!("({})", "a < b + ".repeat(2000));
    let mut budget = Budget { steps: 100_000 };
    assert_eq!(expand(&rules, &call(&arguments), &mut budget).unwrap_err(), Failure::Exhausted);
}

#[test]
fn deep_input_does_not_exhaust_the_stack() {
    let definition = "macro_rules! m { ($e:expr) => { $e }; ($t:ty) => { $t }; ($p:pat) => { $p } ; ($s:stmt) => { $s }}";
    for text in
        ["(", "|a| ", "&", "if a { } else ", "a @ ", "fn() -> ", "A(B) -> ", "x as ", "-", "<"]
    {
        let arguments = format!(
            "({}a{})",
            text.repeat(50_000),
            if text == "(" { ")".repeat(50_000) } else { String::new() }
        );
        drop(try_expand(definition, &arguments));
    }
    let deep =
        format!("macro_rules! m {{ ({}$a:tt{}) => {{}} }}", "$(".repeat(500), ")*".repeat(500));
    assert!(Rules::parse(&deep).is_none());
}

#[test]
fn empty_fragments_do_not_repeat_for_ever() {
    let definition = "macro_rules! m { ($($v:vis)* x) => { 1 }; ($($v:vis)*) => { 2 } }";
    assert_eq!(try_expand(definition, "(y)").unwrap_err(), Failure::NoArm);
    assert_eq!(try_expand(definition, "()").unwrap().text, "2");
}

/// Pieces that definitions and calls are made of.
const PIECES: &str = "(\\$[abc]|\\$\\(|:expr|:tt|:ty|:pat|:vis|:stmt|:item|:ident|a|b|,|;|=>|<|>|\\||&|\\.|1|\"x\"|\\(|\\)|\\{|\\}|\\)\\*|\\),\\+|\\)\\?|let|if|fn|#| )";

proptest! {
    #[test]
    fn anything_terminates(
        pattern in prop::collection::vec(PIECES, 0..12),
        template in prop::collection::vec(PIECES, 0..12),
        arguments in prop::collection::vec(PIECES, 0..20),
    ) {
        let (pattern, template) = (pattern.concat(), template.concat());
        let arguments = format!("({})", arguments.concat());
        let mut budget = Budget::default();
        if let Some(rules) = Rules::parse(&format!("macro_rules! m {{ ({pattern}) => {{ {template} }} }}"))
            && let Ok(expansion) = expand(&rules, &call(&arguments), &mut budget)
        {
            for pair in expansion.origins.windows(2) {
                prop_assert!(pair[0].start < pair[1].start);
            }
        }
        guess(&call(&arguments), &mut budget);
        for name in ["println", "matches", "info", "event", "json", "cfg_if", "format_args", "vec"] {
            expand_known(name, &call(&arguments), &mut budget);
        }
    }

    #[test]
    fn a_call_that_is_passed_on_comes_out_the_same(arguments in prop::collection::vec("(a|b|,|;|=>|<|>|>=|>>|\\||&|\\.|1|\"x\"|\\(a\\)|let|'a|/// d\n| )", 0..30)) {
        let arguments = format!("({})", arguments.concat());
        let definition = "macro_rules! m { ($($t:tt)*) => { $($t)* } }";
        let expansion = try_expand(definition, &arguments).unwrap();
        super::check_origins(&expansion, definition, &arguments);
        let inside = super::spaced(&arguments[1..arguments.len() - 1]).replace("/// d", "# [ doc = \"\" ]");
        prop_assert_eq!(super::spaced(&expansion.text), inside);
    }
}
