//! `flux edit`, `undo`, `redo` and `history` as a user meets them.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use crate::support::{Ran, Sandbox};

const STORE: &str = "class Store:\n    def get(self, key):\n        return self.data[key]\n\n\n\
                     def open_store(path):\n    return Store()\n";
const USE: &str = "from store import open_store\n\nopen_store('x').get(1)\n";
const BLOCK: &str = "store.py\n<<<<<<< SEARCH\n        return self.data[key]\n=======\n        \
                     return self.data.get(key, fallback_of_key(key))\n>>>>>>> REPLACE\n";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("store.py", STORE);
    sandbox.write("use.py", USE);
    sandbox
}

/// Runs `flux edit` with a script on standard input.
fn edit(sandbox: &Sandbox, script: &str, arguments: &[&str]) -> Ran {
    let mut command = sandbox.command(&[&["edit", "-"], arguments].concat());
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    sandbox.ran(child.wait_with_output().unwrap())
}

fn text(sandbox: &Sandbox, path: &str) -> String {
    fs::read_to_string(sandbox.tree().join(path)).unwrap()
}

#[test]
fn a_dry_run_prints_a_diff_and_changes_nothing() {
    let sandbox = sandbox();
    let ran = edit(&sandbox, BLOCK, &["--dry-run"]);
    let expected = "diff --git a/store.py b/store.py\n--- a/store.py\n+++ b/store.py\n@@ -1,6 +1,6 @@\n \
                    class Store:\n     def get(self, key):\n-        return self.data[key]\n+        \
                    return self.data.get(key, fallback_of_key(key))\n \n \n def open_store(path):\n";
    ran.check(0, expected, "");
    assert_eq!(text(&sandbox, "store.py"), STORE);
}

#[test]
fn without_a_terminal_an_edit_needs_a_yes() {
    let sandbox = sandbox();
    let ran = edit(&sandbox, BLOCK, &[]);
    let expected = "change store.py\n  lines 3-3, found by exact\nflux: nothing was changed\n\
                    hint: pass --yes to apply without being asked\n";
    ran.check(5, "", expected);
    assert_eq!(text(&sandbox, "store.py"), STORE);
}

#[test]
fn an_edit_is_applied_found_undone_and_redone() {
    let sandbox = sandbox();
    sandbox.index();
    edit(&sandbox, BLOCK, &["--yes", "--quiet"]).check(0, "", "");
    let found = sandbox.run(&["search", "-F", "fallback_of_key", "--no-refresh"]);
    assert!(found.stdout.starts_with("store.py:3:"), "{found:?}");
    let edited = text(&sandbox, "store.py");
    fs::write(sandbox.tree().join("store.py"), format!("{edited}# by hand\n")).unwrap();
    sandbox.run(&["undo", "--quiet"]).check(0, "", "");
    assert_eq!(text(&sandbox, "store.py"), format!("{STORE}# by hand\n"));
    let listed = "2\tundo of 1: change store.py\t1 files\n1\tchange store.py\t1 files, undone\n";
    sandbox.run(&["history"]).check(0, listed, "");
    sandbox.run(&["redo", "--quiet"]).check(0, "", "");
    assert_eq!(text(&sandbox, "store.py"), format!("{edited}# by hand\n"));
    let nothing = sandbox.run(&["redo"]);
    assert_eq!(nothing.code, Some(5), "{nothing:?}");
}

#[test]
fn removing_what_is_referred_to_is_refused_unless_it_is_accepted() {
    let sandbox = sandbox();
    sandbox.index();
    let script = r#"{"edits": [{"op": "replace", "path": "store.py", "old": "def open_store", "new": "def open"}]}"#;
    let ran = edit(&sandbox, script, &["--yes", "--json"]);
    let json = ran.json();
    assert_eq!((ran.code, &json["state"]), (Some(5), &"refused".into()), "{json}");
    let refusal = &json["refusals"][0];
    assert_eq!(refusal["reason"], "still-referenced");
    let places: Vec<_> = refusal["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["path"].as_str().unwrap().to_owned(), one["line"].as_u64().unwrap()))
        .collect();
    assert_eq!(places, [("use.py".to_owned(), 1), ("use.py".to_owned(), 3)]);
    let ran = edit(&sandbox, script, &["--yes", "--json", "--accept", "removals"]);
    let json = ran.json();
    assert_eq!((ran.code, &json["state"], &json["id"]), (Some(0), &"applied".into(), &1.into()));
    assert_eq!(json["removed"][0]["name"], "open_store");
}

#[test]
fn a_definition_is_addressed_by_its_name() {
    let sandbox = sandbox();
    sandbox.index();
    let script = r#"{"edits": [{"op": "replace_body", "symbol": "store.Store.get", "body": "return None"}]}"#;
    edit(&sandbox, script, &["--yes", "--quiet"]).check(0, "", "");
    assert!(text(&sandbox, "store.py").contains("def get(self, key):\n        return None\n"));
}

#[test]
fn a_script_that_cannot_be_read_or_matched_is_refused() {
    let sandbox = sandbox();
    let ran = edit(&sandbox, "store.py\n<<<<<<< SEARCH\n", &["--yes"]);
    let expected = "line 2 of the script: the block does not end\n\
                    flux: the edit is refused; nothing was changed\n";
    ran.check(5, "", expected);
    let script = r#"{"edits": [{"op": "replace", "path": "store.py", "old": "self.date[key]", "new": "x"}]}"#;
    let ran = edit(&sandbox, script, &["--yes"]);
    assert_eq!(ran.code, Some(5));
    assert!(
        ran.stderr.contains("the nearest is store.py:3\n        return self.data[key]"),
        "{ran:?}"
    );
    let missing = sandbox.run(&["edit", "no-such-script"]);
    assert_eq!(missing.code, Some(2), "{missing:?}");
}

#[test]
fn the_projects_own_check_decides() {
    let sandbox = sandbox();
    sandbox.write("flux.toml", "[check]\ncommand = \"! grep -q fallback store.py\"\n");
    let ran = edit(&sandbox, BLOCK, &["--yes", "--check"]);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert_eq!(text(&sandbox, "store.py"), STORE);
    let command = ["--yes", "--quiet", "--check-command", "grep -q fallback store.py"];
    edit(&sandbox, BLOCK, &command).check(0, "", "");
    assert_ne!(text(&sandbox, "store.py"), STORE);
}

#[test]
fn a_read_only_folder_refuses_and_stays_as_it_was() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = sandbox();
    sandbox.write("guarded/a.txt", "one\n");
    let mode = |mode| {
        fs::set_permissions(sandbox.tree().join("guarded"), fs::Permissions::from_mode(mode))
            .unwrap()
    };
    mode(0o555);
    // Root may write everywhere.
    let is_root = fs::write(sandbox.tree().join("guarded/probe"), "").is_ok();
    if is_root {
        fs::remove_file(sandbox.tree().join("guarded/probe")).unwrap();
    }
    let script = r#"{"edits": [{"op": "write", "path": "guarded/a.txt", "content": "two\n"},
                               {"op": "create", "path": "b.txt", "content": ""}]}"#;
    let ran = edit(&sandbox, script, &["--yes"]);
    mode(0o755);
    if !is_root {
        assert_eq!(ran.code, Some(5), "{ran:?}");
        assert_eq!(text(&sandbox, "guarded/a.txt"), "one\n");
        assert!(!sandbox.tree().join("b.txt").exists());
    }
}
