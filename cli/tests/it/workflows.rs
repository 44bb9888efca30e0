//! Workflows from a recorded session to a changed tree.

use std::fs;

use serde_json::json;

use crate::agent::{RECORDED, run, tree};
use crate::service::Service;
use crate::support::Sandbox;

const BUMP: &str = r#"description = "Lets alpha return another number."

[parameters]
number = { about = "what alpha returns" }
file = "app.py"

[[step]]
tool = "edit"
path = "{{file}}"
old = "return 1"
new = "return {{number}}"

[[step]]
tool = "run_command"
command = "grep -q 'return {{number}}$' app.py"
"#;

fn with_bump() -> Sandbox {
    let sandbox = tree();
    sandbox.write(".flux/workflows/bump.toml", BUMP);
    sandbox
}

fn app(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.tree().join("app.py")).unwrap()
}

#[test]
fn a_workflow_written_by_hand_is_listed_tried_and_run() {
    let sandbox = with_bump();
    let listed = "bump\t2 steps\tfile number\tLets alpha return another number.\n";
    run(&sandbox, &["workflow", "list"], None).check(0, listed, "");
    run(&sandbox, &["workflow", "show", "bump"], None).check(0, BUMP, "");
    let missing = "flux: `number` (what alpha returns) has no value\nhint: number=VALUE\n";
    run(&sandbox, &["workflow", "run", "bump"], None).check(2, "", missing);

    let ran = run(&sandbox, &["workflow", "run", "bump", "number=7", "--dry-run"], None);
    let steps = "1. edit app.py\n   new: return 7\n   old: return 1\n   path: app.py\n\
                 2. run_command grep -q 'return 7$' app.py\n   command: grep -q 'return 7$' app.py\n";
    ran.check(0, steps, "");
    assert!(app(&sandbox).contains("return 1"));

    // Nobody can be asked, so without --yes nothing is changed.
    let ran = run(&sandbox, &["workflow", "run", "bump", "number=7"], None);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert!(ran.stderr.contains("without approval") && app(&sandbox).contains("return 1"));

    let ran = run(&sandbox, &["workflow", "run", "bump", "number=7", "--yes", "--json"], None);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let last: serde_json::Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
    assert_eq!((&last["done"], &last["stopped"]), (&json!(2), &json!(false)), "{ran:?}");
    assert!(app(&sandbox).contains("return 7"));
}

#[test]
fn a_run_that_fails_is_taken_back() {
    let sandbox = with_bump();
    sandbox.write(".flux/workflows/bump.toml", BUMP.replace("$' app.py", "0' app.py"));
    let before = app(&sandbox);
    let ran = run(&sandbox, &["workflow", "run", "bump", "number=7", "--yes"], None);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert!(ran.stderr.contains("flux: step 2 failed:\n[`grep"), "{ran:?}");
    assert!(ran.stderr.contains("took back what it edited: edits 1\n"), "{ran:?}");
    assert_eq!(app(&sandbox), before);
    let kept = &["workflow", "run", "bump", "number=7", "--yes", "--keep-edits"];
    let ran = run(&sandbox, kept, None);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert!(app(&sandbox).contains("return 7") && ran.stderr.contains("its edits stay"), "{ran:?}");
}

#[test]
fn a_session_that_only_looked_makes_no_workflow() {
    let (provider, model, (calls, end)) = RECORDED[0];
    let sandbox = tree();
    let service = Service::start(vec![(200, calls), (200, end)]);
    run(&sandbox, &["ask", "what do both say?"], Some((provider, model, &service)));
    let ran = run(&sandbox, &["workflow", "record", "last", "x"], None);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("has no step that changed or ran"), "{ran:?}");
    assert!(!sandbox.tree().join(".flux").exists());
}

#[test]
fn a_session_is_recorded_and_run_with_another_value() {
    let stream = include_str!("../../../agent/data/streams/anthropic-end.sse");
    let sandbox = tree();
    let service = Service::start(vec![(200, WRITES), (200, stream)]);
    let with = Some(("anthropic", "claude-sonnet-5-5", &service));
    let ran = run(&sandbox, &["agent", "write `hello_world` into out.txt", "--yes"], with);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(fs::read_to_string(sandbox.tree().join("out.txt")).unwrap(), "hello_world\n");
    let ran = run(&sandbox, &["workflow", "record", "last", "greet"], None);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("  name = hello_world\n  path = out.txt\n"), "{ran:?}");
    let again = &["workflow", "run", "greet", "name=bye", "path=other.txt", "--yes"];
    let ran = run(&sandbox, again, None);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(fs::read_to_string(sandbox.tree().join("other.txt")).unwrap(), "bye\n");
    let ran = run(&sandbox, &["workflow", "record", "last", "greet"], None);
    assert!(ran.stderr.contains("hint: --force"), "{ran:?}");
    run(&sandbox, &["workflow", "remove", "greet"], None).check(0, "", "");
    assert_eq!(run(&sandbox, &["workflow", "list"], None).code, Some(1));
}

/// A reply that writes a file.
const WRITES: &str = r#"event: message_start
data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t1","name":"write_file","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"path\":\"out.txt\",\"content\":\"hello_world\\n\"}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}}

event: message_stop
data: {"type":"message_stop"}

"#;

#[test]
fn a_schedule_is_printed_and_not_installed() {
    let sandbox = with_bump();
    let cron = &["workflow", "schedule", "bump", "number=7", "--cron", "0 3 * * *", "--yes"];
    let ran = run(&sandbox, cron, None);
    let expected = " workflow run bump --tree '[TREE]' number=7 --yes\n";
    let expected = expected.replace("'[TREE]'", "[TREE]");
    assert!(ran.stdout.starts_with("0 3 * * * /"), "{ran:?}");
    assert!(ran.stdout.ends_with(&expected), "{ran:?}");
    let ran =
        run(&sandbox, &["workflow", "schedule", "bump", "number=7", "--systemd", "daily"], None);
    assert!(ran.stdout.contains("OnCalendar=daily\n") && ran.stderr.contains("--yes"), "{ran:?}");
    for arguments in [
        &["workflow", "schedule", "bump", "number=7", "--cron", "often"][..],
        &["workflow", "schedule", "bump", "--cron", "@daily"],
        &["workflow", "schedule", "bump", "number=7"],
    ] {
        assert_eq!(run(&sandbox, arguments, None).code, Some(2), "{arguments:?}");
    }
}
