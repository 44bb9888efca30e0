//! What is found, how, and what is shown when it is not.

use super::{Matched, locate_hunks, locate_text};
use crate::edit::refusal::Reason;
use crate::edit::script::{FinalNewline, LineHunk, Which};
use crate::edit::text::SourceText;

fn hunk(old: &str, new: &str) -> LineHunk {
    let owned = |text: &str| text.lines().map(str::to_owned).collect();
    LineHunk { old: owned(old), new: owned(new), ..LineHunk::default() }
}

fn apply(file: &str, hunks: &[LineHunk]) -> Result<(String, Vec<Matched>), Reason> {
    let text = SourceText::decode(file.as_bytes()).unwrap();
    let hunks: Vec<&LineHunk> = hunks.iter().collect();
    let located: Vec<_> = locate_hunks("f", &text, &hunks).into_iter().collect::<Result<_, _>>()?;
    let mut splices: Vec<_> = located.iter().flat_map(|one| one.splices.clone()).collect();
    splices.sort_by_key(|splice| splice.start);
    let ways = located.iter().map(|one| one.matched).collect();
    Ok((text.spliced(&splices).unwrap().0, ways))
}

#[track_caller]
fn check(file: &str, hunk: LineHunk, way: Matched, after: &str) {
    let (text, ways) = apply(file, &[hunk]).unwrap();
    assert_eq!((text.as_str(), ways[0]), (after, way));
}

#[track_caller]
fn refuses(file: &str, hunk: LineHunk, name: &str, lines: &[u32]) {
    let reason = apply(file, &[hunk]).unwrap_err();
    let found: Vec<u32> = reason.candidates().iter().map(|one| one.line).collect();
    assert_eq!((reason.name(), found.as_slice()), (name, lines));
}

#[test]
fn lines_are_found_exactly_and_only_changed_ones_are_touched() {
    check("a\nb\nc\n", hunk("b", "x\ny"), Matched::Exact, "a\nx\ny\nc\n");
    check("a\nb\nc\n", hunk("b", ""), Matched::Exact, "a\nc\n");
    check("a\nb", hunk("b", "c"), Matched::Exact, "a\nc");
    check("a\nb", hunk("b", "b\nc"), Matched::Exact, "a\nb\nc");
    check("a\nb", hunk("b", ""), Matched::Exact, "a");
}

#[test]
fn white_space_at_the_end_is_passed_over_and_kept_where_nothing_changes() {
    check("a  \nb\nc\n", hunk("a\nb", "a\nx"), Matched::Whitespace, "a  \nx\nc\n");
}

#[test]
fn a_block_indented_otherwise_is_found_and_its_new_lines_are_indented_alike() {
    let file = "class A:\n    def f(self):\n        return 1\n";
    let hunk = hunk(
        "def f(self):\n    return 1",
        "def f(self):\n    if x:\n        return 2\n    return 1",
    );
    let after =
        "class A:\n    def f(self):\n        if x:\n            return 2\n        return 1\n";
    check(file, hunk, Matched::Reindented, after);
}

#[test]
fn a_block_indented_too_deep_is_moved_out() {
    let hunk = hunk("    f()\n      g()", "    f()\n      h()");
    check("f()\n  g()\n", hunk, Matched::Reindented, "f()\n  h()\n");
}

#[test]
fn tabs_for_spaces_are_found_but_for_white_space() {
    let hunk = hunk("if x {\n    f(a,  b)\n}", "if x {\n    f(a, b)\n    g()\n}");
    check("if x {\n\tf(a, b)\n}\n", hunk, Matched::Whitespace, "if x {\n\tf(a, b)\n\tg()\n}\n");
}

#[test]
fn several_places_are_refused_and_shown() {
    refuses("x = 1\ny\nx = 1\n", hunk("x = 1", "x = 2"), "ambiguous", &[1, 3]);
    refuses(" x\n  x\n", hunk("x", "y"), "ambiguous", &[1, 2]);
}

#[test]
fn a_missing_text_shows_what_is_nearest() {
    let file = "fn parse(text: &str) -> u32 {\n    1\n}\nfn print(text: &str) {}\n";
    refuses(file, hunk("fn parse(text: String) -> u32 {", ""), "missing", &[1]);
    refuses(file, hunk("completely different", ""), "missing", &[]);
}

#[test]
fn a_line_of_the_script_decides_only_where_the_text_is() {
    let at = |line| LineHunk { line: Some(line), ..hunk("x", "y") };
    check("x\nx\n", at(2), Matched::Exact, "x\ny\n");
    check("a\nx\n", at(1), Matched::Exact, "a\ny\n");
    refuses("x\na\nx\n", at(2), "ambiguous", &[1, 3]);
}

#[test]
fn an_anchor_chooses_the_block_below_it() {
    let file = "class A:\n    def f(self):\n        pass\nclass B:\n    def f(self):\n        pass\n\
                class C:\n    def f(self):\n        pass\n";
    let anchored = |anchors: &[&str]| LineHunk {
        anchors: anchors.iter().map(|anchor| (*anchor).to_owned()).collect(),
        ..hunk("        pass", "        return 1")
    };
    let after =
        file.replacen("pass", "?", 1).replacen("pass", "return 1", 1).replacen('?', "pass", 1);
    check(file, anchored(&["class B", "def f(self):"]), Matched::Exact, &after);
    check(file, anchored(&["class B"]), Matched::Exact, &after);
    refuses(file, anchored(&["def f(self):"]), "ambiguous", &[3, 6, 9]);
    refuses(file, anchored(&["class D"]), "no-anchor", &[]);
}

#[test]
fn the_order_of_hunks_decides_between_places() {
    let ordered = |old, new| LineHunk { is_ordered: true, ..hunk(old, new) };
    let hunks = [ordered("b", "B"), ordered("x", "X")];
    assert_eq!(apply("x\nb\nx\n", &hunks).unwrap().0, "x\nB\nX\n");
    let reason = apply("x\nb\nx\nx\n", &hunks).unwrap_err();
    assert_eq!(reason.name(), "ambiguous");
}

#[test]
fn a_diff_may_add_or_take_the_last_line_feed() {
    let ending =
        |old, new, final_newline| LineHunk { final_newline, is_at_end: true, ..hunk(old, new) };
    check("a\nb\n", ending("b", "b", FinalNewline::Absent), Matched::Exact, "a\nb");
    check("a\nb", ending("b", "b", FinalNewline::Present), Matched::Exact, "a\nb\n");
    check("a\nb\n", ending("b", "c", FinalNewline::Absent), Matched::Exact, "a\nc");
    check("a\nb", ending("b", "c", FinalNewline::Present), Matched::Exact, "a\nc\n");
}

#[test]
fn lines_are_put_in_where_a_hunk_without_context_says() {
    let at = |line| LineHunk { line: Some(line), ..hunk("", "new") };
    check("a\nb\n", at(2), Matched::Exact, "a\nnew\nb\n");
    check("", at(1), Matched::Exact, "new\n");
    assert_eq!(apply("a\n", &[at(9)]).unwrap_err().name(), "bad-span");
}

#[track_caller]
fn text(file: &str, old: &str, new: &str, which: Which) -> Result<String, &'static str> {
    let text = SourceText::decode(file.as_bytes()).unwrap();
    let located = locate_text("f", &text, old, new, which).map_err(|reason| reason.name())?;
    Ok(text.spliced(&located.splices).unwrap().0)
}

#[test]
fn a_text_within_a_line_is_replaced_once_on_a_line_or_everywhere() {
    assert_eq!(text("a b a\n", "b", "c", Which::Only).unwrap(), "a c a\n");
    assert_eq!(text("a b a\n", "a", "c", Which::Only), Err("ambiguous"));
    assert_eq!(text("a b a\n", "a", "c", Which::All).unwrap(), "c b c\n");
    assert_eq!(text("a\nx\na\n", "a", "c", Which::Line(3)).unwrap(), "a\nx\nc\n");
    assert_eq!(text("a\nx\na\n", "a", "c", Which::Line(2)), Err("missing"));
    assert_eq!(text("a\n", "z", "c", Which::All), Err("missing"));
    assert_eq!(text("  f(x)\n", "f( x )\n", "g(x)\n", Which::Only), Err("missing"));
    assert_eq!(text("    f(x)\n", "  f(x)\n\n", "g\n", Which::Only), Err("missing"));
    assert_eq!(text("\tf(x)\n", "f(x)\n", "g\n", Which::Only).unwrap(), "\tg\n");
}
