//! `flux replace` as a user meets it: what is listed, refused and said. What becomes of a tree is in
//! `fixtures/refactorings`.

use std::fs;

use crate::support::Sandbox;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("lib/a.py", "# old(1)\nx = old(1,\n        2)\nold(old(3))\n");
    sandbox.write("lib/b.rs", "fn f() { old(1, 2); }\n");
    sandbox.write(".hidden/c.py", "old(4)\n");
    sandbox.write("notes.md", "old(5)\n");
    sandbox
}

#[test]
fn a_pattern_alone_lists_what_it_finds() {
    let sandbox = sandbox();
    let expected = "lib/a.py:2:5: old(1, …\nlib/b.rs:1:10: old(1, 2)\n";
    sandbox.run(&["replace", "old($A, $B)"]).check(0, expected, "");
    sandbox.run(&["replace", "old($A, $B)", "--lang", "rs"]).check(
        0,
        "lib/b.rs:1:10: old(1, 2)\n",
        "",
    );
    sandbox.run(&["replace", "old($A, $B)", "--path", "!*.rs"]).check(
        0,
        "lib/a.py:2:5: old(1, …\n",
        "",
    );
    sandbox.run_in("lib", &["replace", "old(3)"]).check(0, "a.py:4:5: old(3)\n", "");
    sandbox.run_in("lib", &["replace", "old(4)", "--path", "*.py", "--hidden"]).check(1, "", "");
    sandbox.run(&["replace", "old(4)"]).check(1, "", "");
    sandbox.run(&["replace", "old(4)", "--hidden"]).check(0, ".hidden/c.py:1:1: old(4)\n", "");
    assert!(!sandbox.path("cache").exists(), "a structural search needs no index");
}

#[test]
fn matches_are_told_to_programs() {
    let json = sandbox().run(&["replace", "old($A, $$$B)", "--lang", "python", "--json"]).json();
    let first = &json["matches"][0];
    assert_eq!(
        (&first["path"], &first["line"], &first["column"]),
        (&"lib/a.py".into(), &2.into(), &5.into())
    );
    assert_eq!(first["captures"], serde_json::json!({"A": "1", "B": "2"}));
    assert_eq!(json["matches"].as_array().unwrap().len(), 3);
    assert_eq!(json["searched"], serde_json::json!({"python": 1}));
}

#[test]
fn a_rewrite_is_shown_before_it_is_made_and_undone_after() {
    let sandbox = sandbox();
    let text = |path: &str| fs::read_to_string(sandbox.tree().join(path)).unwrap();
    let arguments = ["replace", "old($$$A)", "fresh($$$A)", "--lang", "python"];
    let ran = sandbox.run(&[&arguments[..], &["--dry-run"]].concat());
    let expected = "diff --git a/lib/a.py b/lib/a.py\n--- a/lib/a.py\n+++ b/lib/a.py\n@@ -1,4 +1,4 @@\n # old(1)\n\
                    -x = old(1,\n+x = fresh(1,\n         2)\n-old(old(3))\n+fresh(old(3))\n";
    let note = "note: 1 matches lie within others and are left to another run\n";
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), expected));
    assert!(ran.stderr.starts_with(note), "{ran:?}");
    let ran = sandbox.run(&arguments);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert!(ran.stderr.contains("change lib/a.py\n  lines 2-3, found by span\n"), "{ran:?}");
    sandbox.run(&[&arguments[..], &["--yes", "--quiet"]].concat()).check(0, "", "");
    assert_eq!(text("lib/a.py"), "# old(1)\nx = fresh(1,\n        2)\nfresh(old(3))\n");
    let listed = sandbox.run(&["history"]);
    assert_eq!(listed.stdout, "1\treplace old($$$A) by fresh($$$A)\t1 files\n");
    sandbox.run(&["undo", "--quiet"]).check(0, "", "");
    assert_eq!(text("lib/a.py"), "# old(1)\nx = old(1,\n        2)\nold(old(3))\n");
}

#[test]
fn the_identity_changes_nothing() {
    let ran = sandbox().run(&["replace", "old($$$A)", "old($$$A)", "--yes"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.ends_with("flux: nothing would change\n"), "{ran:?}");
}

#[test]
fn a_rewrite_that_does_not_parse_is_refused() {
    let ran = sandbox().run(&["replace", "old($A, $B)", "fresh($A", "--yes", "--json"]);
    let json = ran.json();
    assert_eq!((ran.code, &json["refusals"][0]["reason"]), (Some(5), &"syntax".into()), "{json}");
}

#[test]
fn what_is_no_pattern_is_wrong_use() {
    let sandbox = sandbox();
    let message = |arguments: &[&str]| {
        let ran = sandbox.run(&[&["replace"], arguments].concat());
        assert_eq!(ran.code, Some(2), "{ran:?}");
        ran.stderr
    };
    assert!(message(&["old($X"]).starts_with("flux: the pattern does not parse as "));
    assert!(message(&["$X"]).starts_with("flux: a metavariable alone matches everything"));
    assert!(message(&["old($X)", "$Y"]).starts_with("flux: the rewrite names $Y"));
    assert!(message(&["old($X)", "--lang", "cobol"]).contains("cobol"));
    assert!(message(&["old($X)", "--lang", "markdown"]).contains("markdown"));
    assert!(message(&["old($X)", "--path", "a[b"]).contains("a[b"));
}

#[test]
fn a_language_that_does_not_read_the_pattern_is_told() {
    let ran = sandbox().run(&["replace", "let $X = $Y;"]);
    ran.check(1, "", "note: the pattern does not parse as python\n");
}
