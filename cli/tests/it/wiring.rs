//! Arguments to output and exit code, for every command. What is ranked where is the business of
//! other tests: here only one file can be an answer, or only the shape is looked at.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{Ran, Sandbox};

/// A Python module, its test, a Rust file and a guide, indexed.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("src/settings.py", SETTINGS);
    sandbox.write("src/lib.rs", "//! Errors.\n\n/// What went wrong.\npub struct Failure;\n");
    sandbox.write("test_settings.py", "def test_parse():\n    parse_settings(\"a\")\n");
    sandbox.write("GUIDE.md", "# Guide\n\nHow to begin.\n");
    sandbox.index();
    sandbox
}

const SETTINGS: &str = r#"def parse_settings(path):
    """Parses the settings file."""
    return open(path).read()


class Settings:
    """All settings."""

    def save(self):
        return parse_settings("x")
"#;

fn run(arguments: &[&str]) -> Ran {
    sandbox().run(arguments)
}

#[test]
fn help_names_every_command_and_option() {
    let sandbox = Sandbox::new();
    let commands = [
        "",
        "index",
        "search",
        "symbol",
        "path",
        "imports",
        "unused",
        "impact",
        "context",
        "map",
        "mcp",
        "edit",
        "move",
        "rename",
        "replace",
        "signature",
        "undo",
        "history",
        "session",
        "workflow",
        "suggest",
        "learn",
        "export",
        "status",
        "coverage",
        "verify",
        "gc",
    ];
    for command in commands {
        let arguments: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let ran = sandbox.run(&arguments);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        insta::assert_snapshot!(
            format!("help_{}", if command.is_empty() { "flux" } else { command }),
            ran.stdout
        );
    }
    assert!(!sandbox.path("cache").exists(), "asking for help makes no folders");
}

#[test]
fn without_an_index_reports_exit_with_3() {
    let sandbox = Sandbox::new();
    sandbox.write("a.py", "x = 1\n");
    for command in ["status", "coverage", "verify", "gc"] {
        let ran = sandbox.run(&[command]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""), "{command}: {ran:?}");
        assert!(ran.stderr.starts_with("flux: no index in [BOX]/cache/tree-"), "{ran:?}");
        assert!(ran.stderr.ends_with("\nhint: run flux index\n"), "{ran:?}");
    }
    assert_eq!(sandbox.run(&["search", "--no-refresh", "x"]).code, Some(3));
    assert!(!sandbox.path("cache").exists(), "a report makes no folders");
}

#[test]
fn a_first_search_indexes_and_says_so() {
    let sandbox = Sandbox::new();
    sandbox.write("a.py", "x = 1\n");
    sandbox.run(&["search", "-F", "x ="]).check(0, "a.py:1:x = 1\n", "indexing [TREE] …\n");
    sandbox.run(&["search", "-F", "x ="]).check(0, "a.py:1:x = 1\n", "");
}

#[test]
fn index_says_what_it_did() {
    let sandbox = Sandbox::plain();
    sandbox.write("a.py", "x = 1\n");
    let done = "indexed [TREE]: 1 files, 1 read, 1 parsed, 1 embedded, 0 removed, in [TIME]\n";
    sandbox.run(&["index"]).check(0, "", done);
    let json = sandbox.run(&["index", "--json", "--rebuild"]).json();
    assert_eq!((&json["root"], &json["parsed"]), (&json!("[TREE]"), &json!(1)));
    sandbox.run(&["verify"]).check(0, &verified(&sandbox), "");
}

fn verified(sandbox: &Sandbox) -> String {
    let store = fs::read_dir(sandbox.path("cache")).unwrap().next().unwrap().unwrap();
    format!("no problem found in [BOX]/cache/{}\n", store.file_name().to_str().unwrap())
}

#[test]
fn nothing_found_exits_with_1_and_says_nothing() {
    let sandbox = sandbox();
    sandbox.run(&["search", "-F", "zzz"]).check(1, "", "");
    sandbox.run(&["search", "-e", "z{3}"]).check(1, "", "");
    sandbox.run(&["search", "zzzqqq"]).check(1, "", "");
}

#[test]
fn wrong_use_exits_with_2_and_a_hint() {
    let sandbox = sandbox();
    let check = |arguments: &[&str], stderr: &str| sandbox.run(arguments).check(2, "", stderr);
    check(
        &["search", "x", "--kind", "nope"],
        "flux: no symbol kind is called `nope`\nhint: --kind takes one of module, class, struct, \
         enum, enum_member, interface, trait, type_alias, function, method, constructor, macro, \
         property, field, constant, variable, test, section, key, rule, element, table\n",
    );
    check(
        &["search", "x", "--lang", "cobol"],
        "flux: no file of the index is in `cobol`\n\
         hint: --lang takes one of markdown, python, rust\n",
    );
    check(
        &["search", "x", "nowhere"],
        "flux: cannot find nowhere: No such file or directory (os error 2)\n\
         hint: pass a folder or file that exists\n",
    );
    check(
        &["search", ""],
        "flux: the query is empty\nhint: flux search \"where is auth validated\"\n",
    );
    check(
        &["search", "x", "--path", "["],
        "flux: `[` is not a path pattern: unclosed character class; missing ']'\n\
         hint: --path 'src/**/*.rs'\n",
    );
    let patterns = ["a(", "[z-a]", "*", "\\"];
    for pattern in patterns {
        let ran = sandbox.run(&["search", "-e", pattern]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{pattern}: {ran:?}");
        assert!(ran.stderr.starts_with("flux: bad pattern: "), "{pattern}: {ran:?}");
        assert!(ran.stderr.contains("hint: "), "{pattern}: {ran:?}");
    }
    for arguments in
        [&["serch"][..], &["search"], &["search", "-F", "-e", "x"], &["search", "--batch"]]
    {
        let ran = sandbox.run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{arguments:?}: {ran:?}");
        assert!(ran.stderr.contains("Usage: flux"), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn piped_hits_are_one_line_each() {
    let declaration = "src/settings.py:1: def parse_settings(path)\n";
    run(&["search", "parse_settings", "-n", "1"]).check(0, declaration, "");
    run(&["search", "parse_settings", "-n", "1", "--color", "always"]).check(
        0,
        "\x1b[35msrc/settings.py\x1b[0m:\x1b[32m1\x1b[0m: def parse_settings(path)\n",
        "",
    );
    run(&["search", "-F", "(path", "--color", "always", "-n", "1"]).check(
        0,
        "\x1b[35msrc/settings.py\x1b[0m:\x1b[32m1\x1b[0m:def parse_settings\x1b[1;31m(path\x1b[0m):\n",
        "",
    );
}

#[test]
fn filters_leave_out() {
    let sandbox = sandbox();
    let paths = |arguments: &[&str]| {
        let ran = sandbox.run(&[&["search", "settings"], arguments].concat());
        let path = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
        ran.stdout.lines().map(path).collect::<Vec<_>>()
    };
    assert_eq!(paths(&["--kind", "class"]), ["src/settings.py"]);
    assert_eq!(paths(&["--tests"]), ["test_settings.py"]);
    assert!(!paths(&["--no-tests"]).contains(&"test_settings.py".to_owned()));
    assert_eq!(paths(&["--path", "test_*"]), ["test_settings.py"]);
    assert!(paths(&["--path", "!*.py"]).iter().all(|path| !path.ends_with(".py")));
}

#[test]
fn json_has_a_schema_and_everything_a_tool_needs() {
    let sandbox = sandbox();
    let answer = sandbox.run(&["search", "parse_settings", "--json", "-n", "1"]).json();
    assert_eq!(
        keys(&answer),
        [
            "freshness",
            "kind",
            "matches",
            "query",
            "results",
            "revision",
            "root",
            "schema",
            "suggestions",
            "truncated",
            "unreadable",
            "vectors"
        ]
    );
    assert_eq!(answer["schema"], 1);
    let hit = &answer["results"][0];
    assert_eq!(
        keys(hit),
        ["end_line", "language", "matched", "path", "score", "start_line", "symbol", "text"]
    );
    assert_eq!(
        hit["symbol"],
        json!({
            "name": "parse_settings",
            "qualified_name": "parse_settings",
            "kind": "function",
            "signature": "def parse_settings(path)",
            "start_line": 1,
            "end_line": 3,
        })
    );
    let explained = sandbox.run(&["search", "parse_settings", "--json", "--explain"]).json();
    assert!(explained["results"][0]["signals"][0]["name"].is_string());
    let literal = sandbox.run(&["search", "--json", "-F", "(path)"]).json();
    assert_eq!(
        literal["matches"][0],
        json!({
            "path": "src/settings.py",
            "line": 1,
            "text": "def parse_settings(path):",
            "ranges": [[18, 24]],
        })
    );
    let status = sandbox.run(&["status", "--json"]).json();
    assert_eq!(
        (&status["schema"], &status["files"], &status["root"]),
        (&json!(1), &json!(4), &json!("[TREE]"))
    );
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_batch_answers_each_line_and_goes_on_after_a_bad_one() {
    let sandbox = sandbox();
    let mut child = sandbox
        .command(&["search", "--batch", "--json", "-n", "1", "."])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let queries = b"parse_settings\n\n  \n/a(/\nhow to save \xE2\x82\xAC\n\"(path)\"\n";
    child.stdin.take().unwrap().write_all(queries).unwrap();
    let ran = sandbox.ran(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let answers: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let queries: Vec<&Value> = answers.iter().map(|answer| &answer["query"]).collect();
    assert_eq!(queries, ["parse_settings", "/a(/", "how to save €", "\"(path)\""]);
    assert!(answers[1]["error"].as_str().unwrap().starts_with("bad pattern"));
    assert!(answers.iter().all(|answer| answer["results"].is_array() && answer["ms"].is_number()));
}

#[test]
fn a_budget_of_tokens_cuts_the_answer() {
    let sandbox = sandbox();
    let found = |tokens: &str| {
        let answer = sandbox.run(&["search", "settings", "--json", "--max-tokens", tokens]).json();
        (answer["results"].as_array().unwrap().len(), answer["truncated"].clone())
    };
    assert_eq!(found("0"), (1, json!(true)), "the best stays, if only by its place");
    let (some, is_cut) = found("60");
    assert!(some >= 1 && is_cut == json!(true), "{some}");
    assert!(found("100000").0 > some);
}

#[test]
fn explain_names_what_ranked_a_hit() {
    let ran = run(&["search", "save", "-n", "1", "--explain"]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{ran:?}");
    assert!(lines[0].starts_with("src/settings.py:"), "{ran:?}");
    assert!(lines[1].contains(" = ") && lines[1].contains("| words: "), "{ran:?}");
}

#[test]
fn a_reader_that_stops_early_is_no_failure() {
    let sandbox = Sandbox::new();
    sandbox.write("long.txt", "a line that is printed\n".repeat(20_000));
    sandbox.index();
    for arguments in [&["search", "-F", "line"][..], &["search", "-F", "line", "--json"]] {
        let mut child = sandbox.command(arguments).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_exact(&mut [0; 8]).unwrap();
        drop(stdout);
        let ran = sandbox.ran(child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn a_first_line_comes_whole() {
    let sandbox = sandbox();
    let mut child = sandbox.command(&["search", "-F", "def"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "src/settings.py:1:def parse_settings(path):\n");
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_stale_answer_is_marked_and_strict_makes_it_a_failure() {
    let sandbox = sandbox();
    sandbox.write("big.py", "x = 1\n".repeat(1_000_000));
    let hint = "flux: the index is stale, 1 files changed\nhint: run flux index\n";
    sandbox.run(&["search", "-F", "class"]).check(0, "src/settings.py:6:class Settings:\n", hint);
    sandbox.run(&["search", "-q", "-F", "class"]).check(
        0,
        "src/settings.py:6:class Settings:\n",
        "",
    );
    assert_eq!(sandbox.run(&["search", "--strict", "-F", "class"]).code, Some(4));
    assert_eq!(sandbox.run(&["status", "--strict"]).code, Some(4));
    sandbox.index();
    assert_eq!(sandbox.run(&["search", "--strict", "-F", "class"]).code, Some(0));
}

#[test]
fn gc_forgets_trees_that_are_gone() {
    let sandbox = Sandbox::plain();
    let index = sandbox.path("index");
    let index = index.to_str().unwrap();
    for name in ["one", "two"] {
        sandbox.write(format!("{name}/a.py"), format!("def defined_{name}(): pass\n"));
        assert_eq!(sandbox.run_in(name, &["index", "-q", "--index-dir", index]).code, Some(0));
    }
    fs::remove_dir_all(sandbox.tree().join("one")).unwrap();
    let collected = sandbox.run_in("two", &["gc", "--json", "--index-dir", index]).json();
    assert_eq!((&collected["views"], &collected["contents"]), (&json!(1), &json!(1)));
    let ran = sandbox.run_in("two", &["search", "-F", "defined", "--index-dir", index]);
    ran.check(0, "a.py:1:def defined_two(): pass\n", "");
}
