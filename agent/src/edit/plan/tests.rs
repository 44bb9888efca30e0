//! Scripts resolved against small trees.

use flux_core::{ByteSpan, RepoPath};
use flux_fixtures::world::World;

use super::{Change, EditPlan, NoSymbols, Symbols};
use crate::edit::refusal::Refused;
use crate::edit::script::EditScript;
use crate::edit::tree::Tree;

fn tree(world: &World) -> Tree {
    Tree { root: world.root().to_owned(), own: world.beside("index") }
}

fn plan(world: &World, script: &str) -> Result<EditPlan, Refused> {
    let script = EditScript::parse(script, None).unwrap();
    EditPlan::of_script(&tree(world), &script, &Named)
}

/// Knows one name.
struct Named;

impl Symbols for Named {
    fn named(&self, name: &str) -> Result<Vec<(RepoPath, String, u32)>, String> {
        let known = (RepoPath::new("a.py"), "A.f".to_owned(), 2);
        Ok(if name == "pkg.a.A.f" { vec![known] } else { Vec::new() })
    }
}

#[track_caller]
fn becomes(world: &str, script: &str, path: &str, after: &str) {
    let plan = plan(&World::new(world), script).unwrap();
    let file = plan.files.iter().find(|file| file.path.as_str() == path).unwrap();
    assert_eq!(file.new_text(), after);
}

#[track_caller]
fn refuses(world: &str, script: &str, names: &[&str]) {
    let refused = plan(&World::new(world), script).unwrap_err();
    let found: Vec<&str> = refused.0.iter().map(|one| one.reason.name()).collect();
    assert_eq!(found, names, "{refused}");
}

fn json(edits: &str) -> String {
    format!("{{\"edits\": [{edits}]}}")
}

const PYTHON: &str =
    "//- /a.py\nclass A:\n    def f(self):\n        return 1\n\n    def g(self): pass\n";

#[test]
fn a_body_is_replaced_by_name_line_or_path() {
    let after =
        "class A:\n    def f(self):\n        x = 2\n        return x\n\n    def g(self): pass\n";
    for symbol in ["pkg.a.A.f", "a.py:3", "a.py#A.f", "a.py#f"] {
        let edit = format!(
            r#"{{"op": "replace_body", "symbol": "{symbol}", "body": "x = 2\nreturn x\n"}}"#
        );
        becomes(PYTHON, &json(&edit), "a.py", after);
    }
}

#[test]
fn a_body_on_the_line_of_its_definition_gets_lines_of_its_own() {
    let edit = r#"{"op": "replace_body", "symbol": "a.py#A.g", "body": "x = 1\nreturn x"}"#;
    let after = "class A:\n    def f(self):\n        return 1\n\n    def g(self):\n        x = 1\n        return x\n";
    becomes(PYTHON, &json(edit), "a.py", after);
}

#[test]
fn a_body_in_braces_keeps_them() {
    let world = "//- /a.rs\nimpl A {\n    fn f() -> u32 {\n        1\n    }\n}\n";
    for body in ["let x = 2;\\nx", "{\\n    let x = 2;\\n    x\\n}"] {
        let edit = format!(r#"{{"op": "replace_body", "symbol": "a.rs#A.f", "body": "{body}"}}"#);
        let after = "impl A {\n    fn f() -> u32 {\n        let x = 2;\n        x\n    }\n}\n";
        becomes(world, &json(&edit), "a.rs", after);
    }
}

#[test]
fn a_definition_is_replaced_and_indented() {
    let edit = r#"{"op": "replace_definition", "symbol": "a.py#A.f", "text": "def h(self):\n    return 2\n"}"#;
    let after = "class A:\n    def h(self):\n        return 2\n\n    def g(self): pass\n";
    becomes(PYTHON, &json(edit), "a.py", after);
}

#[test]
fn names_that_mean_nothing_are_refused() {
    let edit = |symbol: &str| {
        json(&format!(r#"{{"op": "replace_body", "symbol": "{symbol}", "body": "x"}}"#))
    };
    refuses(PYTHON, &edit("nothing"), &["no-symbol"]);
    refuses(PYTHON, &edit("a.py#nothing"), &["no-symbol"]);
    refuses(PYTHON, &edit("../a.py:1"), &["parent-path"]);
}

#[test]
fn a_file_moves_with_its_changes() {
    let script =
        "*** Begin Patch\n*** Update File: a.txt\n*** Move to: b/c.txt\n-x\n+y\n*** End Patch\n";
    let world = World::new("//- /a.txt\nx\n");
    let plan = plan(&world, script).unwrap();
    let file = &plan.files[0];
    assert_eq!(
        (file.verb(), file.source().as_str(), file.path.as_str()),
        ("move", "a.txt", "b/c.txt")
    );
    assert_eq!(file.new_text(), "y\n");
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let edits = r#"{"op": "replace", "path": "a.txt", "old": "z", "new": "y"},
                   {"op": "delete", "path": "../b"},
                   {"op": "create", "path": "a.txt", "content": ""}"#;
    refuses("//- /a.txt\nx\n", &json(edits), &["missing", "parent-path", "exists"]);
}

#[test]
fn operations_that_contradict_each_other_are_refused() {
    let world = "//- /a.txt\nx\ny\n//- /b.txt\n";
    let replace = r#"{"op": "replace", "path": "a.txt", "old": "x", "new": "y"}"#;
    let delete = r#"{"op": "delete", "path": "./a.txt"}"#;
    let moved = r#"{"op": "move", "from": "a.txt", "to": "c.txt"}"#;
    let overlapping = r#"{"op": "replace", "path": "a.txt", "old": "x\ny", "new": "z"}"#;
    let onto = r#"{"op": "move", "from": "a.txt", "to": "b.txt"}"#;
    let other = r#"{"op": "move", "from": "b.txt", "to": "c.txt"}"#;
    let pair = |one: &str, two: &str| json(&format!("{one}, {two}"));
    refuses(world, &pair(replace, delete), &["duplicate"]);
    refuses(world, &pair(delete, moved), &["duplicate"]);
    refuses(world, &pair(replace, replace), &["overlap"]);
    refuses(world, &pair(replace, overlapping), &["overlap"]);
    refuses(world, &json(onto), &["exists"]);
    refuses(world, &pair(moved, other), &["duplicate"]);
}

#[test]
fn names_that_differ_by_case_alone_are_refused() {
    let create =
        |path: &str| json(&format!(r#"{{"op": "create", "path": "{path}", "content": ""}}"#));
    refuses("//- /Src/a.rs\n", &create("src/b.rs"), &["case-collision"]);
    refuses("//- /Src/a.rs\n", &create("Src/A.rs"), &["case-collision"]);
    let two = r#"{"op": "create", "path": "x/a", "content": ""}, {"op": "create", "path": "x/A", "content": ""}"#;
    refuses("", &json(two), &["case-collision"]);
    let below = r#"{"op": "create", "path": "x", "content": ""}, {"op": "create", "path": "x/a", "content": ""}"#;
    refuses("", &json(below), &["below-file"]);
    becomes(
        "//- /a.rs\nx\n",
        &json(r#"{"op": "move", "from": "a.rs", "to": "A.rs"}"#),
        "A.rs",
        "x\n",
    );
}

#[test]
fn a_misspelt_path_is_answered_with_what_is_there() {
    let world = World::new("//- /src/parser.rs\nx\n");
    let edit = json(r#"{"op": "replace", "path": "src/parsers.rs", "old": "x", "new": "y"}"#);
    let refused = plan(&world, &edit).unwrap_err();
    assert!(
        refused.to_string().ends_with("there is no such file; there is src/parser.rs"),
        "{refused}"
    );
}

#[test]
fn exact_changes_are_bound_to_what_is_there() {
    let world = World::new("");
    world.write("a.txt", "one\r\ntwo one\r\n");
    let change = |start, end, old: &str| Change::Replace {
        path: "a.txt".to_owned(),
        span: ByteSpan::new(start, end),
        old: old.to_owned(),
        new: "three".to_owned(),
    };
    let changes = [change(0, 3, "one"), change(9, 12, "one")];
    let plan = EditPlan::of_changes(&tree(&world), &changes).unwrap();
    let after = plan.files[0].after.as_ref().unwrap();
    assert_eq!(after.content.bytes, b"three\r\ntwo three\r\n");
    let name = |change: Change| {
        EditPlan::of_changes(&tree(&world), &[change]).unwrap_err().0[0].reason.name()
    };
    assert_eq!(name(change(5, 8, "one")), "stale");
    assert_eq!(name(change(5, 80, "one")), "bad-span");
    assert_eq!(
        EditPlan::of_changes(&tree(&world), &[]).unwrap_err().0[0].reason.name(),
        "no-change"
    );
}

#[test]
fn a_script_by_name_needs_an_index() {
    let script =
        EditScript::parse(&json(r#"{"op": "replace_body", "symbol": "f", "body": "x"}"#), None);
    let world = World::new("");
    let refused = EditPlan::of_script(&tree(&world), &script.unwrap(), &NoSymbols).unwrap_err();
    assert_eq!(refused.0[0].reason.name(), "unusable");
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_a_mode_of_git_is_taken() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new("//- /a.sh\nx\n");
    std::fs::set_permissions(world.path("a.sh"), std::fs::Permissions::from_mode(0o640)).unwrap();
    let mode =
        |script: &str| plan(&world, script).unwrap().files[0].after.as_ref().unwrap().content.mode;
    assert_eq!(mode(&json(r#"{"op": "write", "path": "a.sh", "content": "y\n"}"#)), 0o640);
    assert_eq!(mode("diff --git a/a.sh b/a.sh\nold mode 100644\nnew mode 100755\n"), 0o750);
}
