//! Hostile and malformed scripts: each is refused by its name, and nothing is written anywhere.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use flux_agent::edit::Tree;
use flux_fixtures::world::World;
use serde_json::json;

use crate::support::{edit, picture};

/// A tree with something of everything, and something outside of it.
fn world() -> World {
    let world = World::new(
        "//- /a.txt\none\ntwo\none\n//- /src/lib.rs\nfn a() {\n    b();\n}\nfn b() {}\nfn c() {}\n\
         //- /folder/inside.txt\nx\n//- /.git/config\n[core]\n//- /sub/.git/config\n[core]\n\
         //- /Case/Name.txt\nx\n",
    );
    fs::create_dir_all(world.beside("outside")).unwrap();
    fs::write(world.beside("outside/secret.txt"), "one\n").unwrap();
    symlink(world.beside("outside/secret.txt"), world.path("link.txt")).unwrap();
    symlink(world.beside("outside"), world.path("linked")).unwrap();
    symlink(world.path("a.txt"), world.path("inner.txt")).unwrap();
    symlink(world.path("nowhere"), world.path("dangling.txt")).unwrap();
    world.write("binary.bin", b"\x7fELF\0\0\0one\n");
    world.write("broken.txt", ["größer žluť one\n".as_bytes(), b"\xFF"].concat());
    world.write("huge.txt", vec![b'x'; 9 << 20]);
    world.write("guarded.txt", "one\n");
    fs::set_permissions(world.path("guarded.txt"), fs::Permissions::from_mode(0o444)).unwrap();
    let made = std::process::Command::new("mkfifo").arg(world.path("pipe")).status().unwrap();
    assert!(made.success());
    world
}

/// Paths that may not be edited.
fn paths() -> Vec<(String, &'static str)> {
    let mut paths: Vec<(&str, &'static str)> = vec![
        ("", "empty-path"),
        ("   ", "empty-path"),
        ("/etc/passwd", "absolute-path"),
        ("//server/share/x", "absolute-path"),
        ("C:\\Windows\\x.txt", "absolute-path"),
        ("c:/x.txt", "absolute-path"),
        ("\\\\server\\x", "absolute-path"),
        ("~/x.txt", "absolute-path"),
        ("file:///etc/passwd", "absolute-path"),
        ("https://example.org/x", "absolute-path"),
        ("../outside/secret.txt", "parent-path"),
        ("..", "parent-path"),
        ("src/../../outside/secret.txt", "parent-path"),
        ("./../x", "parent-path"),
        ("src/..", "parent-path"),
        ("..\\outside\\secret.txt", "parent-path"),
        ("src//lib.rs", "path-not-normal"),
        ("src/./lib.rs", "path-not-normal"),
        ("././a.txt", "path-not-normal"),
        ("src\\lib.rs", "backslash-in-path"),
        (".git/config", "git-folder"),
        (".git", "git-folder"),
        (".GIT/config", "git-folder"),
        (".Git/hooks/post-checkout", "git-folder"),
        ("sub/.git/config", "git-folder"),
        (".git./config", "git-folder"),
        (".git /config", "git-folder"),
        (".git\u{200c}/config", "git-folder"),
        ("git~1/config", "git-folder"),
        (".git::$INDEX_ALLOCATION/config", "git-folder"),
        ("folder/", "folder"),
        ("folder", "folder"),
        ("src", "folder"),
        ("link.txt", "link"),
        ("inner.txt", "link"),
        ("dangling.txt", "link"),
        ("linked", "link"),
        ("linked/secret.txt", "link"),
        ("linked/new/deep.txt", "link"),
        ("pipe", "special-file"),
        ("a.txt/below.txt", "below-file"),
        (".flux-edit-0/x", "own-file"),
    ];
    paths.sort_unstable();
    let mut paths: Vec<(String, &'static str)> =
        paths.into_iter().map(|(path, name)| (path.to_owned(), name)).collect();
    paths.push(("x".repeat(300), "path-too-long"));
    paths.push((format!("{}x", "y/".repeat(2100)), "path-too-long"));
    paths
}

/// Scripts about such paths, in every format that can say them.
fn scripts_of_paths() -> Vec<(String, Vec<&'static str>)> {
    let mut scripts = Vec::new();
    let plan = |edit: serde_json::Value| json!({ "edits": [edit] }).to_string();
    for (path, name) in paths() {
        for edit in [
            json!({ "op": "replace", "path": path, "old": "one", "new": "1" }),
            json!({ "op": "write", "path": path, "content": "x\n" }),
            json!({ "op": "create", "path": path, "content": "x\n" }),
            json!({ "op": "delete", "path": path }),
            json!({ "op": "move", "from": path, "to": "new.txt" }),
            json!({ "op": "move", "from": "a.txt", "to": path }),
        ] {
            scripts.push((plan(edit), vec![name]));
        }
        // These formats take white space around a path off.
        if path.trim() == path && !path.is_empty() && !path.contains('\\') {
            let block = format!("{path}\n<<<<<<< SEARCH\none\n=======\n1\n>>>>>>> REPLACE\n");
            let patch = format!("*** Begin Patch\n*** Delete File: {path}\n*** End Patch\n");
            let diff = format!("--- {path}\n+++ {path}\n@@ -1 +1 @@\n-one\n+1\n");
            scripts.push((patch, vec![name]));
            scripts.push((diff, vec![name]));
            if !path.ends_with(':') {
                scripts.push((block, vec![name]));
            }
        }
    }
    for (path, name) in
        [("a\0b", "nul-in-path"), ("a\nb", "control-in-path"), ("a\u{7f}", "control-in-path")]
    {
        scripts.push((plan(json!({ "op": "delete", "path": path })), vec![name]));
        scripts.push((plan(json!({ "op": "create", "path": path, "content": "" })), vec![name]));
    }
    scripts
}

/// Plans that contradict the tree or themselves.
#[expect(clippy::too_many_lines, reason = "a table")]
fn plans() -> Vec<(String, Vec<&'static str>)> {
    let replace = |path: &str, old: &str, new: &str| json!({ "op": "replace", "path": path, "old": old, "new": new });
    let create =
        |path: &str, content: &str| json!({ "op": "create", "path": path, "content": content });
    let delete = |path: &str| json!({ "op": "delete", "path": path });
    let moved = |from: &str, to: &str| json!({ "op": "move", "from": from, "to": to });
    let write =
        |path: &str, content: &str| json!({ "op": "write", "path": path, "content": content });
    let body = |symbol: &str| json!({ "op": "replace_body", "symbol": symbol, "body": "x();" });
    let plans = vec![
        (vec![replace("a.txt", "three", "3")], vec!["missing"]),
        (vec![replace("a.txt", "one", "1")], vec!["ambiguous"]),
        (vec![replace("a.txt", "one\ntwo\nthree", "1")], vec!["missing"]),
        (vec![replace("none.txt", "one", "1")], vec!["no-file"]),
        (vec![replace("binary.bin", "one", "1")], vec!["not-text"]),
        (vec![replace("broken.txt", "one", "1")], vec!["encoding"]),
        (vec![replace("huge.txt", "x", "y")], vec!["too-large"]),
        (vec![write("huge.txt", "x")], vec!["too-large"]),
        (vec![delete("huge.txt")], vec!["too-large"]),
        (vec![write("binary.bin", "x")], vec!["not-text"]),
        (vec![replace("guarded.txt", "one", "1")], vec!["read-only"]),
        (vec![delete("guarded.txt")], vec!["read-only"]),
        (vec![moved("guarded.txt", "b.txt")], vec!["read-only"]),
        (vec![replace("a.txt", "two", "2\0")], vec!["nul"]),
        (vec![create("n.txt", "a\0b")], vec!["nul"]),
        (vec![write("a.txt", "a\0b")], vec!["nul"]),
        (vec![create("a.txt", "x")], vec!["exists"]),
        (vec![moved("a.txt", "src/lib.rs")], vec!["exists"]),
        (vec![moved("a.txt", "a.txt")], vec!["no-change"]),
        (vec![moved("none.txt", "b.txt")], vec!["no-file"]),
        (vec![delete("none.txt")], vec!["no-file"]),
        (vec![write("a.txt", "one\ntwo\none\n")], vec!["no-change"]),
        (vec![delete("a.txt"), delete("a.txt")], vec!["duplicate"]),
        (vec![delete("a.txt"), delete("./a.txt")], vec!["duplicate"]),
        (vec![create("n.txt", ""), create("n.txt", "")], vec!["duplicate"]),
        (vec![write("a.txt", "x\n"), write("a.txt", "y\n")], vec!["duplicate"]),
        (vec![write("a.txt", "x\n"), replace("a.txt", "two", "2")], vec!["duplicate"]),
        (vec![replace("a.txt", "two", "2"), write("a.txt", "x\n")], vec!["duplicate"]),
        (vec![replace("a.txt", "two", "2"), delete("a.txt")], vec!["duplicate"]),
        (vec![delete("a.txt"), replace("a.txt", "two", "2")], vec!["duplicate"]),
        (vec![delete("a.txt"), moved("a.txt", "b.txt")], vec!["duplicate"]),
        (vec![moved("a.txt", "b.txt"), moved("a.txt", "c.txt")], vec!["duplicate"]),
        (vec![moved("a.txt", "b.txt"), create("b.txt", "")], vec!["duplicate"]),
        (vec![moved("a.txt", "n.txt"), moved("src/lib.rs", "n.txt")], vec!["duplicate"]),
        (vec![replace("a.txt", "two", "2"), replace("a.txt", "two", "zwei")], vec!["overlap"]),
        (
            vec![replace("a.txt", "one\ntwo", "1"), replace("a.txt", "two\none", "2")],
            vec!["overlap"],
        ),
        (vec![create("x", ""), create("x/y", "")], vec!["below-file"]),
        (vec![create("n/X", ""), create("n/x", "")], vec!["case-collision"]),
        (vec![create("case/new.txt", "")], vec!["case-collision"]),
        (vec![create("Case/name.txt", "")], vec!["case-collision"]),
        (
            vec![moved("a.txt", "A.TXT"), create("b.txt", ""), create("B.txt", "")],
            vec!["case-collision"],
        ),
        (vec![body("src/lib.rs#nothing")], vec!["no-symbol"]),
        (vec![body("src/lib.rs:99")], vec!["no-symbol"]),
        (vec![body("a.txt:1")], vec!["no-symbol"]),
        (vec![body("../x.rs:1")], vec!["parent-path"]),
        (vec![body(".git/x.rs#f")], vec!["git-folder"]),
        (vec![body("pkg.mod.f")], vec!["unusable"]),
        (vec![replace("src/lib.rs", "fn a() {", "fn a() {{{")], vec!["syntax"]),
        (vec![replace("src/lib.rs", "fn c() {}", "// ... rest unchanged")], vec!["elision"]),
        (vec![write("src/lib.rs", "fn a() {}\n")], vec!["deletion"]),
        (vec![write("src/lib.rs", "")], vec!["deletion"]),
        (
            vec![replace("a.txt", "three", "3"), delete("/x"), create("a.txt", "")],
            vec!["missing", "absolute-path", "exists"],
        ),
        (
            vec![json!({ "op": "replace", "path": "a.txt", "old": "one", "new": "1", "line": 2 })],
            vec!["missing"],
        ),
        (
            vec![
                json!({ "op": "replace", "path": "a.txt", "old": "four", "new": "1", "all": true }),
            ],
            vec!["missing"],
        ),
    ];
    plans.into_iter().map(|(edits, names)| (json!({ "edits": edits }).to_string(), names)).collect()
}

/// Texts that are no scripts, or not whole.
#[expect(clippy::too_many_lines, reason = "a table")]
fn malformed() -> Vec<(String, Vec<&'static str>)> {
    let block = |text: &str| format!("a.txt\n{text}");
    let diff = |text: &str| format!("--- a/a.txt\n+++ b/a.txt\n{text}");
    let git = |text: &str| format!("diff --git a/a.txt b/a.txt\n{text}");
    let patch = |text: &str| format!("*** Begin Patch\n{text}");
    let texts: Vec<(String, &'static str)> = vec![
        (String::new(), "empty-script"),
        (" \n\t\n".to_owned(), "empty-script"),
        ("please change the file".to_owned(), "unknown-format"),
        ("a\0".to_owned(), "nul"),
        ("{\"edits\": []}".to_owned(), "empty-script"),
        ("[]".to_owned(), "empty-script"),
        ("{".to_owned(), "json"),
        ("{}".to_owned(), "json"),
        ("[1]".to_owned(), "json"),
        ("{\"edits\": {}}".to_owned(), "json"),
        ("{\"edits\": [], \"force\": true}".to_owned(), "json"),
        ("{\"edits\": [{}]}".to_owned(), "json"),
        ("{\"edits\": [{\"op\": \"run\", \"path\": \"a.txt\"}]}".to_owned(), "json"),
        ("{\"edits\": [{\"op\": \"delete\"}]}".to_owned(), "json"),
        ("{\"edits\": [{\"op\": \"delete\", \"path\": 1}]}".to_owned(), "json"),
        ("{\"edits\": [{\"op\": \"delete\", \"path\": \"a.txt\", \"path\": \"b\"}]}".to_owned(), "json"),
        ("{\"edits\": [{\"op\": \"replace\", \"path\": \"a.txt\", \"old\": \"one\", \"new\": \"1\", \"al\": true}]}".to_owned(), "json"),
        ("{\"edits\": [{\"op\": \"replace\", \"path\": \"a.txt\", \"old\": \"\", \"new\": \"1\"}]}".to_owned(), "no-context"),
        ("{\"edits\": [{\"op\": \"replace\", \"path\": \"a.txt\", \"old\": \"x\", \"new\": \"x\"}]}".to_owned(), "no-change"),
        ("{\"edits\": [{\"op\": \"replace\", \"path\": \"a.txt\", \"old\": \"x\", \"new\": \"y\", \"all\": true, \"line\": 1}]}".to_owned(), "json"),
        ("<<<<<<< SEARCH\none\n=======\n1\n>>>>>>> REPLACE\n".to_owned(), "no-path"),
        (block("<<<<<<< SEARCH\none\n"), "unclosed"),
        (block("<<<<<<< SEARCH\none\n=======\n1\n"), "unclosed"),
        (block("<<<<<<< SEARCH\none\n>>>>>>> REPLACE\n"), "misplaced"),
        (block("<<<<<<< SEARCH\none\n<<<<<<< SEARCH\ntwo\n=======\n1\n>>>>>>> REPLACE\n"), "misplaced"),
        (block("<<<<<<< SEARCH\none\n=======\n1\n>>>>>>> REPLACE\n>>>>>>> REPLACE\n"), "misplaced"),
        (block("<<<<<<< SEARCH\none\n=======\n=======\n>>>>>>> REPLACE\n"), "two-dividers"),
        (block("<<<<<<< SEARCH\none\n=======\none\n>>>>>>> REPLACE\n"), "no-change"),
        (block("<<<<<<< SEARCH\none\n=========\n1\n>>>>>>> REPLACE\n"), "misplaced"),
        (block("<<<<<<< SEARCH\nnot there\n=======\n1\n>>>>>>> REPLACE\n"), "missing"),
        (block("<<<<<<< SEARCH\none\n=======\n1\n>>>>>>> REPLACE\n"), "ambiguous"),
        (block("<<<<<<< SEARCH\n=======\n1\n>>>>>>> REPLACE\n"), "exists"),
        ("@@ -1 +1 @@\n-one\n+1\n".to_owned(), "no-path"),
        (diff("@@ -1,2 +1,1 @@\n-one\n+1\n"), "line-count"),
        (diff("@@ -1,1 +1,9 @@\n-one\n+1\n"), "line-count"),
        (diff("@@ -1 +1 @@\n-one\n+1\n+2\n"), "bad-line"),
        (diff("@@ -1,2 +1,2 @@\n-one\n*two\n"), "bad-line"),
        (diff("@@ one @@\n-one\n+1\n"), "bad-header"),
        (diff("@@ -1 @@\n-one\n+1\n"), "bad-header"),
        (diff("@@ -99999999999,1 +1 @@\n-one\n+1\n"), "bad-header"),
        (diff("@@@ -1 -1 +1 @@@\n--one\n++1\n"), "unsupported"),
        (diff("@@ @@\n+1\n"), "no-context"),
        (diff("@@ -1 +1 @@\n one\n"), "no-change"),
        (diff("@@ -0,0 +0,0 @@\n"), "empty-hunk"),
        (diff(""), "empty-hunk"),
        (diff("@@ -1 +1 @@\n-three\n+1\n"), "missing"),
        (diff("@@ -2 +2 @@\n-one\n+1\n"), "ambiguous"),
        (diff("@@ -99,0 +99 @@\n+1\n"), "bad-span"),
        (diff("@@ -1 +1 @@\n-one\n\\ No newline at end of file\n+1\n"), "missing"),
        ("--- a/a.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-one\n+1\n".to_owned(), "names"),
        ("--- /dev/null\n+++ /dev/null\n@@ -0,0 +1 @@\n+1\n".to_owned(), "names"),
        ("--- a/a.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n".to_owned(), "stale"),
        ("--- a/a.txt\n+++ /dev/null\n@@ -1 +1 @@\n-one\n+1\n".to_owned(), "misplaced"),
        ("--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+1\n".to_owned(), "exists"),
        ("--- /dev/null\n+++ b/n.txt\n@@ -1 +1 @@\n-0\n+1\n".to_owned(), "misplaced"),
        ("--- \"a/\\377\"\n+++ \"b/\\377\"\n@@ -1 +1 @@\n-0\n+1\n".to_owned(), "bad-header"),
        (git("old mode 100644\nnew mode 120000\n"), "unsupported"),
        (git("new file mode 120000\n--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+/etc/passwd\n"), "unsupported"),
        (git("new file mode 160000\n--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+x\n"), "unsupported"),
        (git("old mode 100644\nnew mode 104755\n"), "bad-header"),
        (git("GIT binary patch\nliteral 3\n"), "unsupported"),
        (git("Binary files a/a.txt and b/a.txt differ\n"), "unsupported"),
        (git("copy from a.txt\ncopy to b.txt\n"), "unsupported"),
        (git("index 1..2 100644\n"), "empty-hunk"),
        (git("rename from a.txt\nrename to ../b.txt\n"), "parent-path"),
        (git("rename from ../a.txt\nrename to b.txt\n"), "parent-path"),
        (patch(""), "unclosed"),
        (patch("*** End Patch\n"), "empty-script"),
        (patch("*** Add File: n.txt\n+x\n"), "unclosed"),
        (patch("*** Add File: n.txt\nx\n*** End Patch\n"), "bad-line"),
        (patch("*** Add File: n.txt\n*** End Patch\n"), "empty-hunk"),
        (patch("*** Add File: a.txt\n+x\n*** End Patch\n"), "exists"),
        (patch("*** Rename File: a.txt\n*** End Patch\n"), "bad-line"),
        (patch("*** Update File: a.txt\n*** End Patch\n"), "empty-hunk"),
        (patch("*** Update File: a.txt\n@@\n+x\n*** End Patch\n"), "no-context"),
        (patch("*** Update File: a.txt\n one\n*** End Patch\n"), "no-change"),
        (patch("*** Update File: a.txt\n=one\n*** End Patch\n"), "bad-line"),
        (patch("*** Update File: a.txt\n@@ three\n-one\n+1\n*** End Patch\n"), "no-anchor"),
        (patch("*** Update File: a.txt\n-one\n+1\n*** End Patch\n"), "ambiguous"),
        (patch("*** Update File: a.txt\n-two\n+2\n*** End of File\n*** End Patch\n"), "missing"),
        (patch("*** Update File: a.txt\n*** Move to: ../b.txt\n-two\n+2\n*** End Patch\n"), "parent-path"),
        (patch("*** Update File: a.txt\n*** Move to: .git/b\n-two\n+2\n*** End Patch\n"), "git-folder"),
        (patch("*** Delete File: a.txt\n*** End Patch\n*** Begin Patch\n*** End Patch\n"), "misplaced"),
        (patch("*** Delete File: a.txt\n*** Delete File: a.txt\n*** End Patch\n"), "duplicate"),
    ];
    let mut texts: Vec<(String, Vec<&'static str>)> =
        texts.into_iter().map(|(text, name)| (text, vec![name])).collect();
    let many = "{\"op\": \"delete\", \"path\": \"a.txt\"},".repeat(10_001);
    texts.push((
        format!("{{\"edits\": [{}]}}", many.trim_end_matches(',')),
        vec!["script-too-large"],
    ));
    texts.push((format!("{{{}", " ".repeat(33 << 20)), vec!["script-too-large"]));
    let huge =
        json!({ "edits": [{ "op": "create", "path": "n.txt", "content": "x".repeat(9 << 20) }] });
    texts.push((huge.to_string(), vec!["too-large"]));
    texts
}

#[test]
fn every_hostile_script_is_refused_by_name_and_writes_nothing() {
    let world = world();
    let tree = Tree { root: world.root().to_owned(), own: world.beside("index") };
    let outside = world.beside("outside");
    let before = (picture(world.root()), picture(&outside));
    let scripts = [scripts_of_paths(), plans(), malformed()].concat();
    assert!(scripts.len() >= 400, "{}", scripts.len());
    let mut wrong = Vec::new();
    for (script, names) in &scripts {
        let found = edit(&tree, script, &[]).err().unwrap_or_default();
        if found != *names {
            let start: String = script.chars().take(200).collect();
            wrong.push(format!("{found:?} instead of {names:?}: {start}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), scripts.len(), wrong.join("\n"));
    assert!(before == (picture(world.root()), picture(&outside)), "something was written");
}
