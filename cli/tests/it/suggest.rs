//! Suggestions of a repository with a history, and what is learned, shown and forgotten.

use std::fs;
use std::process::Command;

use serde_json::json;

use crate::agent::{RECORDED, command, run};
use crate::service::Service;
use crate::support::{Ran, Sandbox};

/// A repository in which `a.py` and its test changed together three times after the first commit, which is
/// not counted: it adds everything.
fn repository() -> Sandbox {
    let sandbox = Sandbox::plain();
    git(&sandbox, &["init", "--quiet"]);
    sandbox.write("b.py", "from a import alpha\n\n\ndef beta():\n    return alpha()\n");
    for number in 1..5 {
        sandbox.write("a.py", format!("def alpha():\n    return {number}\n"));
        let test =
            format!("from a import alpha\n\n\ndef test_alpha():\n    assert alpha() == {number}\n");
        sandbox.write("test_a.py", test);
        git(&sandbox, &["add", "--all"]);
        git(&sandbox, &["commit", "--quiet", "--message", "x"]);
    }
    sandbox
}

fn git(sandbox: &Sandbox, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(sandbox.tree()).args(["-c", "user.name=x", "-c", "user.email=x@example.com"]);
    git.args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    assert!(git.status().unwrap().success(), "{arguments:?}");
}

fn suggest(sandbox: &Sandbox, arguments: &[&str]) -> Ran {
    run(sandbox, &[&["suggest"], arguments].concat(), None)
}

#[test]
fn what_goes_with_a_change_is_told_with_its_reason() {
    let sandbox = repository();
    sandbox.index();
    let nothing = "no file is changed here; pass files to ask what goes with them\n";
    suggest(&sandbox, &[]).check(1, nothing, "");
    let asked = "usually changed as well:\n  test_a.py: changed with a.py in 3 of 3 commits\n";
    suggest(&sandbox, &["a.py"]).check(0, asked, "");

    sandbox.write("a.py", "def alpha(x):\n    return x\n");
    let told = "usually changed as well:\n  test_a.py: changed with a.py in 3 of 3 commits\n\
                used in files that are not changed:\n  a.py:1: signature of function alpha, 2 places:\n    \
                b.py:5: in beta\n    test_a.py:5: in test_alpha\n\
                tests of what changed:\n  test_a.py: 1 test\n";
    suggest(&sandbox, &[]).check(0, told, "");
    let json = suggest(&sandbox, &["--json"]).json();
    assert_eq!(json["companions"][0]["together"], 3, "{json}");
    assert_eq!(json["unseen"][0]["places"][0]["path"], "b.py", "{json}");

    // What was changed meanwhile is no suggestion any more.
    sandbox.write("b.py", "from a import alpha\n\n\ndef beta():\n    return alpha(1)\n");
    let ran = suggest(&sandbox, &[]);
    assert!(!ran.stdout.contains("b.py") && ran.stdout.contains("test_a.py:5"), "{ran:?}");
    assert_eq!(suggest(&sandbox, &["missing.py"]).code, Some(2));
}

#[test]
#[cfg(unix)]
fn programs_that_the_tree_names_to_git_are_not_run() {
    let sandbox = repository();
    sandbox.write(".gitattributes", "*.py filter=x diff=y\n");
    sandbox.write("evil", "#!/bin/sh\ntouch pwned\ncat\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(sandbox.tree().join("evil"), mode).unwrap();
    let evil = sandbox.tree().join("evil").display().to_string();
    for key in ["filter.x.clean", "diff.y.textconv", "diff.external", "core.fsmonitor"] {
        git(&sandbox, &["config", key, &evil]);
    }
    git(&sandbox, &["config", "filter.x.required", "true"]);
    sandbox.index();
    sandbox.write("a.py", "def alpha(x):\n    return x\n");
    let ran = suggest(&sandbox, &[]);
    assert!(ran.stdout.contains("test_a.py: changed with a.py"), "{ran:?}");
    assert!(!sandbox.tree().join("pwned").exists());
}

#[test]
fn a_tree_without_git_says_that_it_has_no_history() {
    let sandbox = Sandbox::plain();
    sandbox.write("a.py", "x = 1\n");
    sandbox.index();
    let ran = suggest(&sandbox, &["a.py"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let note = "not seen: the history of the tree cannot be read: not a git repository";
    assert!(ran.stdout.contains(note), "{ran:?}");
}

/// What a conversation that read what it had been shown leaves behind.
#[test]
fn what_was_done_is_learned_shown_and_forgotten_unless_it_is_off() {
    let (provider, model, (_, end)) = RECORDED[0];
    let goal = &["agent", "check it", "--yes"];
    let learned = |sandbox: &Sandbox| sandbox.path("state").join("learned");
    let sandbox = repository();
    let talk = |off: bool| {
        let service = Service::start(vec![(200, CHECKS), (200, end)]);
        let mut command = command(&sandbox, goal, Some((provider, model, &service)));
        if off {
            command.env("FLUX_LEARN", "0");
        }
        sandbox.ran(command.output().unwrap())
    };
    sandbox.write("flux.toml", "[check]\ntest = \"false\"\n");
    let off = talk(true);
    assert_eq!(off.code, Some(0), "{off:?}");
    assert!(!learned(&sandbox).exists());
    fs::create_dir_all(sandbox.path("config")).unwrap();
    fs::write(sandbox.path("config").join("config.toml"), "[learn]\nenabled = false\n").unwrap();
    talk(false);
    assert!(!learned(&sandbox).exists());
    fs::remove_file(sandbox.path("config").join("config.toml")).unwrap();

    for _ in 0..3 {
        fs::remove_file(sandbox.tree().join("n.py")).unwrap();
        talk(false);
    }
    let shown = "after edits of n.py `false` failed 3 of 3 times\n`false`: 3 runs, 3 failed\n";
    run(&sandbox, &["learn", "--show"], None).check(0, shown, "");
    let warned = suggest(&sandbox, &["n.py"]);
    let line = "beware:\n  after edits of n.py `false` failed 3 of 3 times\n";
    assert!(warned.stdout.contains(line), "{warned:?}");
    let usual = "the usual check: `false` (3 runs, 3 failed)\n";
    assert!(warned.stdout.ends_with(usual), "{warned:?}");
    let json = run(&sandbox, &["learn", "--json"], None).json();
    assert_eq!(json["commands"][0]["runs"], json!(3), "{json}");
    let file = json["file"].as_str().unwrap().replace("[BOX]/", sandbox.path("").to_str().unwrap());
    assert!(fs::read_to_string(file).unwrap().contains("\"false\": {"));

    assert_eq!(run(&sandbox, &["learn", "--forget", "other.py"], None).code, Some(1));
    run(&sandbox, &["learn", "--forget", "checks"], None).check(0, "", "");
    run(&sandbox, &["learn"], None).check(0, "`false`: 3 runs, 3 failed\n", "");
    run(&sandbox, &["learn", "--forget"], None).check(0, "", "");
    run(&sandbox, &["learn"], None).check(1, "", "flux: nothing was learned of this tree yet\n");
    assert_eq!(fs::read_dir(learned(&sandbox)).unwrap().count(), 0);
}

/// A reply that writes a file and runs the tests.
const CHECKS: &str = r#"event: message_start
data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t1","name":"read_files","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"paths\":[\"n.py\"]}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t2","name":"write_file","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"path\":\"n.py\",\"content\":\"x = 1\\n\"}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: content_block_start
data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t3","name":"run_tests","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":2}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}}

event: message_stop
data: {"type":"message_stop"}

"#;
