//! Each format read, and each way to be malformed refused by name and line.

use super::{Action, EditScript, FinalNewline, Format, LineHunk, Which, detect};

fn hunk(old: &[&str], new: &[&str]) -> LineHunk {
    let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    LineHunk { old: owned(old), new: owned(new), ..LineHunk::default() }
}

fn lines(path: &str, old: &[&str], new: &[&str]) -> Action {
    Action::Lines { path: path.to_owned(), hunk: hunk(old, new) }
}

fn ordered(path: &str, hunk: LineHunk) -> Action {
    Action::Lines { path: path.to_owned(), hunk: LineHunk { is_ordered: true, ..hunk } }
}

#[track_caller]
fn reads(script: &str, format: Format, expected: &[Action]) {
    assert_eq!(detect(script), Some(format));
    let script = EditScript::parse(script, None).unwrap();
    let actions: Vec<Action> = script.operations.into_iter().map(|one| one.action).collect();
    assert_eq!(actions, expected);
}

#[track_caller]
fn refuses(script: &str, name: &str, line: u32) {
    let error = EditScript::parse(script, None).unwrap_err();
    assert_eq!((error.fault.name(), error.line), (name, line), "{error}");
}

#[test]
fn blocks_follow_their_path_and_the_file_of_the_block_before() {
    let script = "Here it is:\n\n**src/a.rs**\n```rust\n<<<<<<< SEARCH\nold\n=======\nnew\n\
                  >>>>>>> REPLACE\n```\n\n<<<<<<< SEARCH\nb\n=======\n>>>>>>> REPLACE\n";
    let expected = [lines("src/a.rs", &["old"], &["new"]), lines("src/a.rs", &["b"], &[])];
    reads(script, Format::SearchReplace, &expected);
}

#[test]
fn longer_markers_hold_shorter_ones() {
    let script = "a.rst\n<<<<<<<<< SEARCH\nTitle\n=======\n=========\nName\n=======\n\
                  >>>>>>>>> REPLACE\n";
    let expected = [lines("a.rst", &["Title", "======="], &["Name", "======="])];
    reads(script, Format::SearchReplace, &expected);
}

#[test]
fn an_empty_search_makes_a_file() {
    let script = "a.txt\n<<<<<<< SEARCH\n=======\none\n>>>>>>> REPLACE\n";
    let create = Action::Create {
        path: "a.txt".to_owned(),
        content: "one\n".to_owned(),
        is_executable: false,
    };
    reads(script, Format::SearchReplace, &[create]);
}

#[test]
fn a_malformed_block_is_refused_where_it_is() {
    refuses("a\n<<<<<<< SEARCH\nx\n=======\ny\n", "unclosed", 2);
    refuses("a\n<<<<<<< SEARCH\nx\n>>>>>>> REPLACE\n", "misplaced", 4);
    refuses("a\n<<<<<<< SEARCH\nx\n<<<<<<< SEARCH\n", "misplaced", 4);
    refuses("<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n", "no-path", 1);
    refuses("a\n<<<<<<< SEARCH\nx\n=======\n=======\ny\n>>>>>>> REPLACE\n", "two-dividers", 5);
    refuses("a\n<<<<<<< SEARCH\nx\n=======\nx\n>>>>>>> REPLACE\n", "no-change", 2);
}

#[test]
fn a_diff_keeps_its_line_and_the_end_of_the_file() {
    let script = "diff --git a/x.c b/x.c\nindex 1..2 100644\n--- a/x.c\n+++ b/x.c\n\
                  @@ -3,2 +3,2 @@ int f()\n a\n-b\n+c\n\\ No newline at end of file\n";
    let hunk = LineHunk {
        line: Some(3),
        is_at_end: true,
        final_newline: FinalNewline::Absent,
        ..hunk(&["a", "b"], &["a", "c"])
    };
    reads(script, Format::Diff, &[ordered("x.c", hunk)]);
}

#[test]
fn git_says_what_is_new_gone_renamed_or_executable() {
    let script = "diff --git a/n b/n\nnew file mode 100755\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n\
                  diff --git a/o b/o\ndeleted file mode 100644\n--- a/o\n+++ /dev/null\n@@ -1 +0,0 @@\n-y\n\
                  diff --git a/p b/q\nsimilarity index 100%\nrename from p\nrename to q\n\
                  diff --git a/r b/r\nold mode 100644\nnew mode 100755\n";
    let path = |text: &str| text.to_owned();
    let expected = [
        Action::Create { path: path("n"), content: path("x\n"), is_executable: true },
        Action::Delete { path: path("o"), content: Some(path("y\n")) },
        Action::Move { from: path("p"), to: path("q") },
        Action::Executable { path: path("r"), is_executable: true },
    ];
    reads(script, Format::Diff, &expected);
}

#[test]
fn a_hunk_without_numbers_ends_at_the_next_header() {
    let script = "--- a.py\n+++ a.py\n@@ ... @@\n-a\n+b\n@@ ... @@\n c\n+d\n";
    let expected =
        [ordered("a.py", hunk(&["a"], &["b"])), ordered("a.py", hunk(&["c"], &["c", "d"]))];
    reads(script, Format::Diff, &expected);
}

#[test]
fn a_malformed_diff_is_refused_where_it_is() {
    refuses("--- a\n+++ a\n@@ -1,3 +1,1 @@\n-a\n+b\n", "line-count", 3);
    refuses("--- a\n+++ a\n@@ -1 +1 @@\n-a\n+b\n+c\n", "bad-line", 6);
    refuses("--- a\n+++ b\n@@ -1 +1 @@\n-a\n+b\n", "names", 1);
    refuses("@@ -1 +1 @@\n-a\n+b\n", "no-path", 1);
    refuses("--- a\n+++ a\n@@ -x +1 @@\n-a\n+b\n", "bad-header", 3);
    refuses("--- a\n+++ a\n@@ @@\n+b\n", "no-context", 3);
    let link =
        "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+x\n";
    refuses(link, "unsupported", 2);
    refuses("diff --git a/l b/l\nGIT binary patch\n", "unsupported", 2);
}

#[test]
fn a_quoted_path_is_read_as_git_wrote_it() {
    let script = "--- \"a/\\303\\244.txt\"\n+++ \"b/\\303\\244.txt\"\n@@ -1 +1 @@\n-a\n+b\n";
    let script = EditScript::parse(script, None).unwrap();
    let Action::Lines { path, .. } = &script.operations[0].action else { unreachable!() };
    assert_eq!(path, "ä.txt");
}

#[test]
fn a_patch_adds_deletes_moves_and_narrows_down() {
    let script = "*** Begin Patch\n*** Add File: n.txt\n+one\n+two\n*** Delete File: o.txt\n\
                  *** Update File: p.py\n*** Move to: q.py\n@@ class A\n@@ def f():\n x\n-y\n+z\n\
                  *** End of File\n*** End Patch\n";
    let text = |text: &str| text.to_owned();
    let anchors = vec![text("class A"), text("def f():")];
    let hunk = LineHunk { anchors, is_at_end: true, ..hunk(&["x", "y"], &["x", "z"]) };
    let expected = [
        Action::Create { path: text("n.txt"), content: text("one\ntwo\n"), is_executable: false },
        Action::Delete { path: text("o.txt"), content: None },
        Action::Move { from: text("p.py"), to: text("q.py") },
        ordered("p.py", hunk),
    ];
    reads(script, Format::Patch, &expected);
}

#[test]
fn a_malformed_patch_is_refused_where_it_is() {
    refuses("*** Begin Patch\n*** Add File: a\n+x\n", "unclosed", 1);
    refuses("*** Begin Patch\n*** Add File: a\nx\n*** End Patch\n", "bad-line", 3);
    refuses("*** Begin Patch\n*** Update File: a\n*** End Patch\n", "empty-hunk", 2);
    refuses("*** Begin Patch\n*** Update File: a\n@@\n+x\n*** End Patch\n", "no-context", 3);
    refuses("*** Begin Patch\n*** Update File: a\n x\n*** End Patch\n", "no-change", 3);
    refuses("*** Begin Patch\nhello\n*** End Patch\n", "bad-line", 2);
    refuses("*** Begin Patch\n*** End Patch\n", "empty-script", 1);
    refuses(
        "*** Begin Patch\n*** Delete File: a\n*** End Patch\n*** Begin Patch\n",
        "misplaced",
        4,
    );
}

#[test]
fn a_plan_in_json_says_one_thing() {
    let script = r#"{"edits": [
        {"op": "replace", "path": "a", "old": "x", "new": "y", "all": true},
        {"op": "delete", "path": "b"}]}"#;
    let text = |text: &str| text.to_owned();
    let expected = [
        Action::Text { path: text("a"), old: text("x"), new: text("y"), which: Which::All },
        Action::Delete { path: text("b"), content: None },
    ];
    reads(script, Format::Json, &expected);
}

#[test]
fn a_malformed_plan_is_refused_where_it_is() {
    refuses(
        "{\"edits\": [\n{\"op\": \"replace\", \"path\": \"a\", \"old\": \"\", \"new\": \"x\"}]}",
        "no-context",
        2,
    );
    refuses("{\"edits\": [\n{\"op\": \"delete\", \"path\": \"a\", \"force\": true}]}", "json", 2);
    refuses("{\"edits\": [\n\n{\"op\": \"explode\", \"path\": \"a\"}]}", "json", 3);
    refuses("{\"edits\": [", "json", 1);
    refuses("{\"edits\": []}", "empty-script", 1);
}

#[test]
fn what_is_no_script_is_said_to_be_none() {
    refuses("", "empty-script", 1);
    refuses("hello\n", "unknown-format", 1);
    refuses("a\nb\0c\n", "nul", 2);
}
