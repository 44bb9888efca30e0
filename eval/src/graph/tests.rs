//! Judging: what is right, what is wrong, and what is not judged at all.
//!
//! The project of most tests has a class with a method, a function that calls it, and a test with a
//! nested function.

use super::answers::Answers;
use super::figures::{Figures, Tally};
use super::lines::{self, ToolLine, TruthLine};
use super::mistakes::Mistakes;
use super::names::Names;
use super::truth::{Rules, Truth};

const TRUTH: &str = r#"
{"kind":"meta","lang":"python","rev":"1","seconds":2.5}
{"kind":"def","path":"a.py","line":2,"col":6,"name":"A","sym":"class","first":1,"end":9,"own":0}
{"kind":"def","path":"a.py","line":3,"col":8,"name":"__init__","sym":"method","first":3,"end":4,"own":2}
{"kind":"canon","path":"a.py","line":3,"to":["a.py",2]}
{"kind":"def","path":"a.py","line":4,"col":13,"name":"size","sym":"attribute","first":4,"end":4,"own":2}
{"kind":"def","path":"a.py","line":7,"col":8,"name":"run","sym":"method","first":6,"end":9,"own":2}
{"kind":"def","path":"a.py","line":8,"col":13,"name":"size","sym":"attribute","first":8,"end":8,"own":2}
{"kind":"def","path":"b.py","line":3,"col":4,"name":"go","sym":"function","first":3,"end":5,"own":0}
{"kind":"def","path":"b.py","line":4,"col":4,"name":"x","sym":"local","first":4,"end":4,"own":3}
{"kind":"def","path":"c.py","line":1,"col":4,"name":"outer","sym":"function","first":1,"end":4,"own":0}
{"kind":"def","path":"c.py","line":2,"col":8,"name":"inner","sym":"nested","first":2,"end":3,"own":1}
{"kind":"ref","path":"b.py","line":1,"col":5,"name":"a","scope":"repo","defs":[["a.py",1,"module"]],"call":0}
{"kind":"ref","path":"b.py","line":4,"col":8,"name":"A","scope":"repo","defs":[["a.py",2,"class"]],"call":1}
{"kind":"ref","path":"b.py","line":5,"col":4,"name":"x","scope":"local","defs":[["b.py",4,"local"]],"call":0}
{"kind":"ref","path":"b.py","line":5,"col":6,"name":"run","scope":"repo","defs":[["a.py",7,"method"]],"call":1}
{"kind":"ref","path":"b.py","line":5,"col":10,"name":"size","scope":"repo","defs":[["a.py",4,"attribute"]],"call":0}
{"kind":"ref","path":"c.py","line":3,"col":8,"name":"print","scope":"ext","defs":[],"call":1}
{"kind":"ref","path":"c.py","line":3,"col":14,"name":"go","scope":"repo","defs":[["b.py",3,"function"]],"call":1}
{"kind":"unres","path":"c.py","line":3,"col":20,"name":"run","call":1,"caller":["c.py",2]}
{"kind":"call","caller":["b.py",3],"callee":["a.py",2],"at":[4,8]}
{"kind":"call","caller":["b.py",3],"callee":["a.py",7],"at":[5,6]}
{"kind":"call","caller":["c.py",2],"callee":["b.py",3],"at":[3,14]}
"#;

fn judged_by(rules: Rules, truth: &str, tool: &str) -> (Figures, Vec<String>) {
    let mut names = Names::default();
    let lines = lines::parse::<TruthLine>(truth).expect("a truth");
    let truth = Truth::new(lines, &mut names, rules);
    let tool = lines::parse::<ToolLine>(tool).expect("a tool's lines");
    let answers = Answers::new(tool, &truth, &mut names);
    let mut mistakes = Mistakes::wanted("");
    let figures = super::judge(&truth, &answers, &names, &mut mistakes);
    (figures, mistakes.sample(100))
}

fn judged(tool: &str) -> (Figures, Vec<String>) {
    judged_by(Rules::default(), TRUTH, tool)
}

fn reference(at: (&str, u32, u32), name: &str, to: (&str, u32)) -> String {
    let ((path, line, col), (to_path, to_line)) = (at, to);
    format!(
        r#"{{"kind":"ref","path":"{path}","line":{line},"col":{col},"name":"{name}","def_path":"{to_path}","def_line":{to_line},"tier":"exact"}}"#
    ) + "\n"
}

fn call(from: (&str, u32), to: (&str, u32)) -> String {
    let ((path, line), (to_path, to_line)) = (from, to);
    format!(
        r#"{{"kind":"call","caller_path":"{path}","caller_line":{line},"callee_path":"{to_path}","callee_line":{to_line}}}"#
    ) + "\n"
}

/// Precision and recall in percent, rounded.
fn percent(precision: Option<f64>, recall: Option<f64>) -> (i32, i32) {
    let round = |value: Option<f64>| value.map_or(-1, |value| (100.0 * value).round() as i32);
    (round(precision), round(recall))
}

#[test]
fn a_decorator_and_another_assignment_of_the_same_attribute_are_right_places() {
    let tool = reference(("b.py", 5, 6), "run", ("a.py", 6))
        + &reference(("b.py", 5, 10), "size", ("a.py", 8));
    let (figures, mistakes) = judged(&tool);
    assert_eq!(percent(figures.core.quality.precision, figures.core.quality.recall), (100, 50));
    let missed: Vec<&str> = mistakes.iter().map(|line| &line[..19]).collect();
    assert_eq!(missed, ["ref-miss  b.py:4:8 ", "loc-miss  b.py:5:4 ", "ref-miss  c.py:3:14"]);
}

#[test]
fn a_symbol_of_the_project_is_wrong_for_a_name_from_outside_it() {
    let tool = reference(("c.py", 3, 8), "print", ("b.py", 3))
        + &reference(("c.py", 3, 14), "go", ("b.py", 3));
    let (figures, mistakes) = judged(&tool);
    assert_eq!(percent(figures.core.quality.precision, figures.core.quality.recall), (50, 25));
    assert_eq!(percent(figures.core.top1, figures.core.call_sites), (50, 33));
    assert_eq!(figures.counts.fp_on_ext, 1);
    assert_eq!(figures.references_by_tier["exact"], Tally { right: 1, wrong: 1 });
    let expected = "ref-fp    c.py:3:8 `print`: is nothing, said b.py:3";
    assert!(mistakes.iter().any(|line| line == expected), "{mistakes:?}");
}

#[test]
fn modules_and_locals_are_counted_apart() {
    let tool =
        reference(("b.py", 1, 5), "a", ("a.py", 1)) + &reference(("b.py", 5, 4), "x", ("b.py", 4));
    let (figures, _) = judged(&tool);
    assert_eq!(percent(figures.core.quality.precision, figures.core.quality.recall), (-1, 0));
    assert_eq!(percent(figures.modules.precision, figures.modules.recall), (100, 100));
    assert_eq!(percent(figures.locals.precision, figures.locals.recall), (100, 100));
    assert_eq!(percent(figures.all.precision, figures.all.recall), (100, 33));
}

#[test]
fn an_answer_without_a_column_is_for_every_such_name_of_the_line() {
    let tool = reference(("b.py", 5, 6), "run", ("a.py", 7)).replace(r#""col":6,"#, "");
    let (figures, _) = judged(&tool);
    assert_eq!(percent(figures.core.quality.precision, figures.core.quality.recall), (100, 25));
}

#[test]
fn a_constructor_is_its_class_in_the_graph_of_calls() {
    let (figures, _) = judged(&call(("b.py", 3), ("a.py", 3)));
    let quality = figures.calls.expect("calls").quality;
    assert_eq!(percent(quality.precision, quality.recall), (100, 33));
}

#[test]
fn an_edge_is_not_judged_where_the_compiler_could_not_resolve_that_name() {
    let tool = call(("c.py", 2), ("a.py", 7)) + &call(("b.py", 3), ("c.py", 1));
    let (figures, mistakes) = judged(&tool);
    let calls = figures.calls.expect("calls");
    assert_eq!((calls.unjudged, calls.quality.precision), (1, Some(0.0)));
    assert!(mistakes.contains(&"call-fp   b.py:3 -> c.py:1 `outer`".to_owned()), "{mistakes:?}");
}

#[test]
fn impact_follows_callers_of_callers() {
    let tool = call(("b.py", 3), ("a.py", 7)) + &call(("c.py", 2), ("b.py", 3));
    let impact = judged(&tool).0.impact.expect("impact");
    // `run` and `go` have all their callers, `A` has none of two.
    assert_eq!(percent(impact.precision, impact.recall), (100, 67));
    assert_eq!((impact.micro_recall, impact.n), (Some(0.6), 3));
}

#[test]
fn a_folded_call_belongs_to_the_outermost_function() {
    let tool = call(("c.py", 1), ("b.py", 3));
    let strict = judged(&tool).0.calls.expect("calls");
    assert_eq!(percent(strict.quality.precision, strict.quality.recall), (0, 0));
    let rules = Rules { folds: true, ..Rules::default() };
    let folded = judged_by(rules, TRUTH, &tool).0.calls.expect("calls");
    assert_eq!(percent(folded.quality.precision, folded.quality.recall), (100, 33));
}

#[test]
fn leniently_the_trait_stands_for_its_implementations() {
    let truth = r#"
{"kind":"meta","lang":"rust"}
{"kind":"def","path":"a.rs","line":2,"col":7,"name":"go","sym":"method","first":2,"end":2}
{"kind":"def","path":"a.rs","line":6,"col":7,"name":"go","sym":"method","first":6,"end":6}
{"kind":"def","path":"a.rs","line":9,"col":3,"name":"main","sym":"function","first":9,"end":11}
{"kind":"ref","path":"a.rs","line":10,"col":4,"name":"go","scope":"repo","defs":[["a.rs",6,"method"]],"call":1,"alt":[["a.rs",2,"method"]]}
{"kind":"call","caller":["a.rs",9],"callee":["a.rs",6],"at":[10,4],"alt":[["a.rs",2]]}
"#;
    let tool = reference(("a.rs", 10, 4), "go", ("a.rs", 2)) + &call(("a.rs", 9), ("a.rs", 2));
    let lenient = Rules { is_lenient: true, ..Rules::default() };
    for (rules, expected) in [(Rules::default(), (0, 0)), (lenient, (100, 100))] {
        let (figures, _) = judged_by(rules, truth, &tool);
        let calls = figures.calls.expect("calls").quality;
        assert_eq!(percent(calls.precision, calls.recall), expected);
        let references = figures.core.quality;
        assert_eq!(percent(references.precision, references.recall), expected);
    }
}

#[test]
fn an_edge_to_an_overriding_method_is_left_out() {
    for mark in ["1", "true"] {
        let tool = call(("b.py", 3), ("c.py", 1))
            .replace(r#""kind""#, &format!(r#""virtual":{mark},"kind""#));
        assert_eq!(judged(&tool).0.calls, None);
    }
}

#[test]
fn a_listed_declaration_is_wrong_only_on_a_line_that_was_compiled() {
    let listed = |line: u32, name: &str| {
        format!(r#"{{"kind":"def","path":"a.py","line":{line},"name":"{name}"}}"#) + "\n"
    };
    let tool = listed(1, "A") + &listed(7, "run") + &listed(7, "ran") + &listed(30, "ran");
    let figures = judged(&tool).0.definitions.expect("definitions");
    assert_eq!(percent(figures.precision, figures.recall), (67, 25));
    assert_eq!(figures.by_kind["method"], (1, 2));
}
