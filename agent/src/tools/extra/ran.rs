//! Declared tools that are run.

use std::time::Instant;

use serde_json::{Value, json};

use super::{CustomTool, Extras, Origin};
use crate::llm::{Answered, Call};
use crate::run::tests::with_bench;
use crate::tools::prepare::{prepare, run};
use crate::tools::{Asked, Bench};

/// Calls `name` and says what the user was asked.
fn call(bench: &Bench<'_>, name: &str, arguments: Value, answer: bool) -> (Answered, Vec<Asked>) {
    let call = Call {
        id: "c".to_owned(),
        item: None,
        name: name.to_owned(),
        arguments: arguments.to_string(),
        is_cut: false,
    };
    let mut asked = Vec::new();
    let mut approve = |question: &Asked| {
        asked.push(question.clone());
        answer
    };
    let prepared = prepare(bench, &call, &mut approve);
    let done = run(bench, vec![prepared]).pop().unwrap();
    (done.answered, asked)
}

fn declared(origin: Origin, value: Value) -> CustomTool {
    CustomTool::read(value, origin).unwrap()
}

fn with<'a>(bench: Bench<'a>, tools: Vec<CustomTool>) -> Bench<'a> {
    let (extras, problems) = Extras::gather(tools, None, None, &[]);
    assert!(problems.is_empty(), "{problems:?}");
    bench.with(extras)
}

fn greeting() -> Value {
    json!({
        "name": "greet", "description": "Greets.",
        "command": ["sh", "-c", "cat; echo; echo \"$0 $1\"", "{{name}}", "n={{count}}"],
        "schema": {
            "type": "object",
            "properties": { "name": { "type": "string" }, "count": { "type": "integer" } },
            "required": ["name"],
        },
    })
}

#[test]
fn arguments_come_as_json_and_as_words() {
    with_bench(|bench, _| {
        let bench = with(bench, vec![declared(Origin::User, greeting())]);
        let arguments = json!({ "name": "$(id) `x`", "count": 3 });
        let (answered, asked) = call(&bench, "greet", arguments, false);
        assert!(asked.is_empty() && !answered.is_error, "{answered:?}");
        for part in ["{\"count\":3,\"name\":\"$(id) `x`\"}", "$(id) `x` n=3"] {
            assert!(answered.text.contains(part), "{part}: {answered:?}");
        }
        let (answered, _) = call(&bench, "greet", json!({ "count": 3 }), false);
        assert!(answered.is_error && answered.text.contains("missing properties"), "{answered:?}");
        let (answered, _) = call(&bench, "greet", json!({ "name": "-x" }), false);
        assert!(answered.is_error && answered.text.contains("option"), "{answered:?}");
    });
}

#[test]
fn a_tool_of_a_tree_is_asked_about_once_and_not_run_without_a_yes() {
    with_bench(|bench, world| {
        let value = json!({ "name": "mark", "description": "d", "command": ["touch", "mark"] });
        let bench = with(bench, vec![declared(Origin::Tree, value)]);
        let (answered, asked) = call(&bench, "mark", json!({}), false);
        assert!(answered.is_error && answered.text.contains("approval"), "{answered:?}");
        assert!(asked[0].detail.contains("flux.toml of this tree"), "{asked:?}");
        assert!(!world.root().join("mark").exists());
        let (answered, asked) = call(&bench, "mark", json!({}), true);
        assert!(!answered.is_error && asked.len() == 1, "{answered:?}");
        assert!(world.root().join("mark").exists());
        let (_, asked) = call(&bench, "mark", json!({}), false);
        assert!(asked.is_empty(), "a tool that was approved is not asked about again");
    });
}

#[test]
fn a_tool_writes_no_more_than_it_declares_where_the_kernel_sees_to_it() {
    with_bench(|bench, world| {
        let tool = |name: &str, writes: Value| {
            let command = ["sh", "-c", "echo x > out/a; echo x > b; cat a.py"];
            let value =
                json!({ "name": name, "description": "d", "command": command, "writes": writes });
            declared(Origin::User, value)
        };
        std::fs::create_dir(world.root().join("out")).unwrap();
        let bench = with(bench, vec![tool("none", json!([])), tool("some", json!(["out/"]))]);
        let there = |path: &str| world.root().join(path).exists();
        let (answered, _) = call(&bench, "none", json!({}), false);
        assert!(answered.text.contains("def add"), "what is there can be read: {answered:?}");
        if answered.text.contains("not confined") {
            return;
        }
        assert!(!there("out/a") && !there("b"), "{answered:?}");
        call(&bench, "some", json!({}), false);
        assert!(there("out/a") && !there("b"));
    });
}

#[test]
fn a_tool_that_takes_too_long_or_is_not_there_says_so() {
    with_bench(|bench, _| {
        let slow = json!({ "name": "slow", "description": "d", "command": ["sleep", "60"], "timeout_s": 1 });
        let gone =
            json!({ "name": "gone", "description": "d", "command": ["no-such-program-here"] });
        let bench = with(bench, vec![declared(Origin::User, slow), declared(Origin::User, gone)]);
        let start = Instant::now();
        let (answered, _) = call(&bench, "slow", json!({}), false);
        assert!(
            answered.is_error && answered.text.contains("took longer than 1 s"),
            "{answered:?}"
        );
        assert!(start.elapsed().as_secs() < 30);
        let (answered, _) = call(&bench, "gone", json!({}), false);
        assert!(answered.is_error && answered.text.contains("cannot be run"), "{answered:?}");
    });
}
