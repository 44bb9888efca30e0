//! Files from hell: each is indexed or listed with a reason, and none stops the others.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use crate::support::Sandbox;

/// Enough to overflow a recursive parser's stack many times over.
const DEPTH: usize = 10_000;

#[test]
fn every_odd_file_is_indexed_or_listed_with_a_reason() {
    let sandbox = Sandbox::plain();
    sizes_and_bytes(&sandbox);
    names(&sandbox);
    let is_unreadable = links_and_devices(&sandbox);
    sandbox.index();
    let reasons = reasons(&sandbox);
    let mut expected = BTreeMap::from([
        ("line.txt", "oversized"),
        ("line.js", "oversized"),
        ("squeezed.js", "minified"),
        ("nul.py", "binary"),
        ("controls.py", "undecodable"),
        ("loop", "symlink"),
        ("outside", "symlink"),
        ("itself", "symlink"),
        ("nowhere", "symlink"),
        ("pipe.py", "special"),
    ]);
    if is_unreadable {
        expected.insert("secret.py", "unreadable");
    }
    let found: BTreeMap<&str, &str> =
        reasons.iter().map(|(path, reason)| (path.as_str(), reason.as_str())).collect();
    assert_eq!(found, expected);
    let coverage = sandbox.run(&["coverage", "--json"]).json();
    assert_eq!(coverage["unnameable"], serde_json::json!(["not\u{FFFD}unicode.py"]));
    for name in [
        "invalid",
        "new",
        "cjk",
        "smile",
        "inner",
        "wide_le",
        "wide_be",
        "wide",
        "latin",
        "long_name",
        "crlf",
        "marked",
        "nested",
        "spaced",
        "after_zeros",
    ] {
        assert!(is_found(&sandbox, &format!("defined_{name}")), "{name}");
    }
    sandbox.verify();
    let again = sandbox.run(&["index", "--json"]).json();
    assert_eq!(again["parsed"], 0, "the second run parses nothing: {again}");
}

// Nested brackets, on lines of their own so that the file does not count as minified.
#[test]
fn deep_nesting_is_parsed_as_far_as_it_goes() {
    let sandbox = Sandbox::plain();
    let brackets =
        [("py", "(", ")"), ("rs", "(", ")"), ("js", "[", "]"), ("json", "[", "]"), ("c", "{", "}")];
    for (ending, open, close) in brackets {
        let (open, close) = (format!("{open}\n"), format!("{close}\n"));
        let text = format!("{}1\n{}", open.repeat(DEPTH), close.repeat(DEPTH));
        sandbox.write(format!("deep.{ending}"), text);
        sandbox.write(format!("open.{ending}"), open.repeat(DEPTH));
    }
    sandbox.write("blocks.rs", format!("{}{}", "fn f() {\n".repeat(DEPTH), "}\n".repeat(DEPTH)));
    sandbox.write("beside.py", "def defined_beside(): pass\n");
    sandbox.index();
    let coverage = sandbox.run(&["coverage", "--json"]).json();
    assert_eq!((&coverage["indexed"], &coverage["skipped"]), (&12.into(), &serde_json::json!([])));
    assert!(is_found(&sandbox, "defined_beside"));
    sandbox.verify();
}

#[test]
fn a_work_tree_and_a_nested_repository_are_told_apart() {
    let sandbox = Sandbox::plain();
    sandbox.write("main/.git/HEAD", "ref: refs/heads/main\n");
    sandbox.write("main/.git/worktrees/other/commondir", "../..\n");
    sandbox.write("main/a.py", "def defined_main(): pass\n");
    sandbox.write("main/sub/.git", "gitdir: ../.git/modules/sub\n");
    sandbox.write("main/sub/b.py", "def defined_sub(): pass\n");
    let git = sandbox.tree().join("main/.git/worktrees/other");
    sandbox.write("other/.git", format!("gitdir: {}\n", git.display()));
    sandbox.write("other/a.py", "def defined_other(): pass\n");
    for folder in ["main", "other", "main/sub"] {
        assert_eq!(sandbox.run_in(folder, &["index", "-q"]).code, Some(0), "{folder}");
    }
    let search = |folder| sandbox.run_in(folder, &["search", "-F", "defined"]).stdout;
    assert_eq!(
        search("main"),
        "a.py:1:def defined_main(): pass\nsub/b.py:1:def defined_sub(): pass\n"
    );
    assert_eq!(search("other"), "a.py:1:def defined_other(): pass\n");
    assert_eq!(search("main/sub"), "b.py:1:def defined_sub(): pass\n");
    let index = |folder| sandbox.run_in(folder, &["status", "--json"]).json()["index"].clone();
    assert_eq!(index("main"), index("other"), "work trees share a store");
}

fn sizes_and_bytes(sandbox: &Sandbox) {
    sandbox.write("empty.py", "");
    sandbox.write("line.txt", "x".repeat(9_000_000));
    sandbox.write("line.js", format!("var a = \"{}\";\n", "y".repeat(5_000_000)));
    sandbox.write("squeezed.js", "a=1;".repeat(9000));
    sandbox.write("newlines.py", "\n".repeat(20_000));
    sandbox.write("invalid.py", b"def defined_invalid(x=\"caf\xFF\xFE\"):\n    pass\n");
    sandbox.write("nul.py", b"def hidden():\n\0\0\n");
    let late =
        [b"a = 10\n".repeat(11_000).as_slice(), b"\0\ndef defined_after_zeros(): pass\n"].concat();
    sandbox.write("late_nul.py", late);
    sandbox.write("controls.py", [0x01, 0x02, 0x80, 0x81, 0xFE, 0x03, 0x04]);
    let wide = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    };
    sandbox.write("le.py", wide("\u{feff}def defined_wide_le(): pass\n", u16::to_le_bytes));
    sandbox.write("be.py", wide("\u{feff}def defined_wide_be(): pass\n", u16::to_be_bytes));
    sandbox.write("unmarked.py", wide("def defined_wide(): pass\n", u16::to_le_bytes));
    sandbox.write("latin.py", b"# gr\xF6\xDFer f\xFCr stra\xDFe\ndef defined_latin(): pass\n");
    sandbox.write("crlf.py", "def defined_crlf():\r\n    return 1\r\n");
    sandbox.write("marked.py", b"\xEF\xBB\xBFdef defined_marked(): pass\n");
    sandbox.write(".gitignore", "[\n**/**\\\n{a,b\n");
}

fn names(sandbox: &Sandbox) {
    let write =
        |path: &str, name: &str| sandbox.write(path, format!("def defined_{name}(): pass\n"));
    write("new\nline.py", "new");
    write("日本/ファイル.py", "cjk");
    write("😀.py", "smile");
    write("foo.py/inner.py", "inner");
    write(&format!("{}/{}.py", "d".repeat(150), "n".repeat(250)), "long_name");
    write("with space [0] {a}.py", "spaced");
    write("nested/.git/../code.py", "nested");
    sandbox.write(OsStr::from_bytes(b"not\xFFunicode.py"), "def nameless(): pass\n");
}

/// Returns whether the file without permissions is unreadable; to root it is not.
fn links_and_devices(sandbox: &Sandbox) -> bool {
    let at = |name: &str| sandbox.tree().join(name);
    symlink(".", at("loop")).unwrap();
    symlink("/etc", at("outside")).unwrap();
    symlink("itself", at("itself")).unwrap();
    symlink("missing", at("nowhere")).unwrap();
    sandbox.write("secret.py", "def secret(): pass\n");
    fs::set_permissions(at("secret.py"), Permissions::from_mode(0o0)).unwrap();
    assert!(Command::new("mkfifo").arg(at("pipe.py")).status().unwrap().success());
    fs::read(at("secret.py")).is_err()
}

fn reasons(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let coverage = sandbox.run(&["coverage", "--json"]).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let skipped = coverage["skipped"].as_array().unwrap().iter();
    skipped.map(|entry| (text(&entry["path"]), text(&entry["reason"]))).collect()
}

/// Whether a search for the name finds its definition first.
fn is_found(sandbox: &Sandbox, name: &str) -> bool {
    let answer = sandbox.run(&["search", "--json", "--no-refresh", name]).json();
    answer["results"][0]["symbol"]["name"] == name
}
