//! Plans that the checks refuse, and those that they let pass.

use std::time::{Duration, Instant};

use flux_core::{Cancel, EdgeKind, RepoPath, Tier};
use flux_engine::Site;
use flux_fixtures::world::World;

use super::command::CheckCommand;
use super::{Accept, Checked, NoReferences, References};
use crate::edit::plan::{EditPlan, NoSymbols};
use crate::edit::refusal::Refused;
use crate::edit::script::EditScript;
use crate::edit::tree::Tree;

/// Knows that `f` of `a.py` is imported on line 1 and called on line 2 of `b.py`.
struct Known;

impl References for Known {
    fn references_to(&self, path: &RepoPath, name: &str) -> Result<Option<Vec<Site>>, String> {
        let site = |line, kind| Site {
            path: RepoPath::new("b.py"),
            line,
            offset: 0,
            kind,
            tier: Tier::Exact,
        };
        let sites = vec![site(1, EdgeKind::Imports), site(2, EdgeKind::Calls)];
        Ok(Some(if (path.as_str(), name) == ("a.py", "f") { sites } else { Vec::new() }))
    }
}

fn tree(world: &World) -> Tree {
    Tree { root: world.root().to_owned(), own: world.beside("index") }
}

fn plan(world: &World, edits: &str) -> EditPlan {
    let script = EditScript::parse(&format!("{{\"edits\": [{edits}]}}"), None).unwrap();
    EditPlan::of_script(&tree(world), &script, &NoSymbols).unwrap()
}

fn checked(world: &str, edits: &str, accept: &[Accept]) -> Result<Checked, Refused> {
    Checked::check(plan(&World::new(world), edits), &Known, accept)
}

#[track_caller]
fn refuses(world: &str, edits: &str, names: &[&str]) {
    let refused = checked(world, edits, &[]).unwrap_err();
    let found: Vec<&str> = refused.0.iter().map(|one| one.reason.name()).collect();
    assert_eq!(found, names, "{refused}");
    checked(world, edits, Accept::ALL).unwrap();
}

#[track_caller]
fn passes(world: &str, edits: &str) {
    checked(world, edits, &[]).unwrap();
}

const PYTHON: &str = "//- /a.py\ndef f():\n    return 1\n\ndef g():\n    return 2\n\
                      //- /b.py\nfrom a import f\nprint(f())\n";

#[test]
fn new_parse_errors_are_refused_where_they_start() {
    let edit = r#"{"op": "replace", "path": "a.py", "old": "return 2", "new": "return (2"}"#;
    refuses(PYTHON, edit, &["syntax"]);
    let refused = checked(PYTHON, edit, &[]).unwrap_err().to_string();
    assert!(refused.contains("line 5 would not parse"), "{refused}");
}

#[test]
fn parse_errors_that_were_there_do_not_block() {
    let broken = "//- /a.py\nx = (\n\n\ndef g():\n    return 2\n";
    passes(broken, r#"{"op": "replace", "path": "a.py", "old": "return 2", "new": "return 3"}"#);
    passes(broken, r#"{"op": "replace", "path": "a.py", "old": "x = (", "new": "x = 1"}"#);
    passes("", r#"{"op": "create", "path": "notes.txt", "content": "x = (\n"}"#);
    refuses("", r#"{"op": "create", "path": "n.py", "content": "x = (\n"}"#, &["syntax"]);
}

#[test]
fn a_comment_that_stands_for_code_is_refused_unless_it_was_there() {
    let edit = r##"{"op": "replace", "path": "a.py", "old": "return 2", "new": "# ... rest unchanged\n    return 3"}"##;
    refuses(PYTHON, edit, &["elision"]);
    let there = "//- /a.py\n# existing code\nx = 1\n";
    passes(there, r##"{"op": "write", "path": "a.py", "content": "# existing code\nx = 2\n"}"##);
    passes("", r##"{"op": "create", "path": "a.md", "content": "# Existing code\n"}"##);
}

#[test]
fn a_write_that_drops_most_of_a_file_is_refused() {
    let many = "//- /a.py\ndef a(): pass\ndef b(): pass\ndef c(): pass\n";
    refuses(
        many,
        r#"{"op": "write", "path": "a.py", "content": "def a(): return 1\n"}"#,
        &["deletion"],
    );
    passes(
        many,
        r#"{"op": "write", "path": "a.py", "content": "def a(): return 1\ndef b(): pass\n"}"#,
    );
    let text = format!("//- /a.txt\n{}", "line\n".repeat(40));
    refuses(&text, r#"{"op": "write", "path": "a.txt", "content": "line\n"}"#, &["deletion"]);
}

#[test]
fn a_definition_that_is_still_referred_to_is_not_removed() {
    let rename = r#"{"op": "replace", "path": "a.py", "old": "def f()", "new": "def h()"}"#;
    refuses(PYTHON, rename, &["still-referenced"]);
    refuses(PYTHON, r#"{"op": "delete", "path": "a.py"}"#, &["still-referenced"]);
    refuses(PYTHON, r#"{"op": "move", "from": "a.py", "to": "c.py"}"#, &["still-referenced"]);
    passes(PYTHON, r#"{"op": "move", "from": "a.py", "to": "a/__init__.py"}"#);
    passes(PYTHON, r#"{"op": "replace", "path": "a.py", "old": "def g()", "new": "def h()"}"#);
}

#[test]
fn a_definition_whose_references_go_along_is_removed() {
    let rename = r#"{"op": "replace", "path": "a.py", "old": "def f()", "new": "def h()"}"#;
    let all = r#"{"op": "write", "path": "b.py", "content": "from a import h\nprint(h())\n"}"#;
    let half = r#"{"op": "replace", "path": "b.py", "old": "import f", "new": "import h"}"#;
    passes(PYTHON, &format!("{rename}, {all}"));
    refuses(PYTHON, &format!("{rename}, {half}"), &["still-referenced"]);
    let moved = r#"{"op": "move", "from": "a.py", "to": "c.py"}"#;
    let follow = r#"{"op": "replace", "path": "b.py", "old": "from a", "new": "from c"}"#;
    passes(PYTHON, &format!("{moved}, {follow}"));
    let kept = r#"{"op": "replace", "path": "a.py", "old": "def f():\n    return 1", "new": "from c import f"}"#;
    passes(PYTHON, kept);
}

#[test]
fn what_could_not_be_looked_up_is_said() {
    let world = World::new(PYTHON);
    let plan = plan(&world, r#"{"op": "delete", "path": "a.py"}"#);
    let checked = Checked::check(plan, &NoReferences("no index".to_owned()), &[]).unwrap();
    assert_eq!(checked.notes, ["references were not looked up: no index"]);
    assert_eq!(checked.removed.len(), 2);
}

#[track_caller]
fn runs(command: &CheckCommand, expected: Result<(), &str>) {
    let world = World::new("//- /a.txt\nold\n//- /src/b.txt\n");
    let plan = plan(&world, r#"{"op": "replace", "path": "a.txt", "old": "old", "new": "new"}"#);
    let files = [RepoPath::new("a.txt"), RepoPath::new("src/b.txt")];
    let result = command.run(&tree(&world), &files, &plan, &Cancel::default());
    match (result, expected) {
        (Ok(()), Ok(())) => {}
        (Err(refused), Err(expected)) => {
            assert!(refused.to_string().contains(expected), "{refused}");
        }
        (result, _) => panic!("{result:?}"),
    }
    assert_eq!(std::fs::read_to_string(world.path("a.txt")).unwrap(), "old\n");
}

#[cfg(unix)]
#[test]
fn a_check_sees_the_edit_in_a_copy_of_the_tree() {
    let shell = |text: &str| CheckCommand::new(&["sh", "-c", text]);
    runs(&shell("grep -q new a.txt && test -f src/b.txt && echo more >> a.txt"), Ok(()));
    runs(&shell("echo it is wrong; exit 3"), Err("ended with exit status: 3\nit is wrong"));
    runs(&CheckCommand::new(&["no-such-program-as-this"]), Err("cannot be run"));
}

#[cfg(unix)]
#[test]
fn a_check_is_killed_with_all_its_children_when_its_time_is_up() {
    let start = Instant::now();
    let slow = CheckCommand::new(&["sh", "-c", "sleep 60 & sleep 60"]);
    runs(&CheckCommand { time: Duration::from_millis(200), ..slow }, Err("took longer than 0 s"));
    let loud = CheckCommand::new(&["sh", "-c", "yes"]);
    runs(&CheckCommand { output: 1 << 16, ..loud }, Err("printed more than 65536 bytes"));
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn the_check_of_a_project_is_detected() {
    let detected = |world: &str| {
        CheckCommand::detected(&tree(&World::new(world))).map(|command| command.shown())
    };
    assert_eq!(detected("//- /Cargo.toml\n").as_deref(), Some("cargo check --quiet --offline"));
    assert_eq!(detected("//- /go.mod\n").as_deref(), Some("go vet ./..."));
    assert_eq!(detected("//- /setup.py\n").as_deref(), Some("python3 -m compileall -q ."));
    let npm = detected("//- /package.json\n{\"scripts\": {\"test\": \"x\"}}\n");
    assert_eq!(npm.as_deref(), Some("npm test --silent"));
    assert_eq!(detected("//- /package.json\n{}\n"), None);
}
