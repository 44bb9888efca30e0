//! `flux model`, and searching with a model that is not there.

use serde_json::json;

use crate::support::Sandbox;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("auth.py", "def check_password(user): pass\n");
    sandbox.write("sums.py", "def print_invoice(total): pass\n");
    sandbox
}

#[test]
fn the_built_in_model_is_used_until_another_is_chosen() {
    let sandbox = sandbox();
    let info = sandbox.run(&["model", "info", "--json"]).json();
    assert_eq!((&info["name"], &info["chosen_by"]), (&json!("builtin"), &json!("the default")));
    assert_eq!((&info["dimensions"], &info["tree"]), (&json!(256), &json!(null)));

    let chosen = sandbox.run(&["model", "use", "fake"]);
    chosen.check(0, "", "fake/64 is used from now on\nhint: flux index embeds with it\n");
    sandbox.run(&["index", "--quiet"]).check(0, "", "");
    let info = sandbox.run(&["model", "info", "--json"]).json();
    assert_eq!(info["chosen_by"], "the configuration");
    assert_eq!(info["tree"], json!({ "embedded": 2, "files": 2 }));
    assert!(sandbox.run(&["status"]).stdout.contains("vectors    2 of 2 files, by fake/64\n"));
    let collect = |arguments: &[&str]| sandbox.run(arguments).json()["vectors"].clone();
    sandbox.run(&["model", "use", "builtin", "--quiet"]).check(0, "", "");
    sandbox.run(&["index", "--quiet"]).check(0, "", "");
    assert_eq!(collect(&["gc", "--json"]), 0);
    assert_eq!(collect(&["gc", "--json", "--other-models"]), 2);
    sandbox.verify();
    let list = sandbox.run(&["model", "list", "--json"]).json();
    assert_eq!(
        (&list["chosen"], &list["models"][0]["is_chosen"]),
        (&json!("builtin"), &json!(true))
    );
}

#[test]
fn another_model_embeds_what_the_first_had_indexed() {
    let sandbox = sandbox();
    sandbox.run(&["index", "--no-vectors", "--quiet"]).check(0, "", "");
    let search = ["search", "check password", "--json", "-n", "1"];
    let without = [&search[..], &["--no-vectors"]].concat();
    assert_eq!(sandbox.run(&without).json()["vectors"], json!({ "state": "unused" }));
    let reply = sandbox.run(&search).json();
    assert_eq!(reply["vectors"], json!({ "state": "used", "missing_files": 0 }));
    assert_eq!(reply["results"][0]["path"], "auth.py");
}

#[test]
fn a_model_that_cannot_be_used_is_not_chosen() {
    let sandbox = sandbox();
    let refused = sandbox.run(&["model", "use", "bert"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.starts_with("flux: `bert` is no model\nhint: "), "{refused:?}");
    let absent = sandbox.run(&["model", "use", "onnx:/absent/model"]);
    assert_eq!(absent.code, Some(2), "{absent:?}");
    assert!(absent.stderr.contains("hint: "), "{absent:?}");
    assert_eq!(sandbox.run(&["model", "info", "--json"]).json()["name"], "builtin");
}

#[test]
fn words_answer_when_the_server_of_a_model_does_not() {
    let sandbox = sandbox();
    let run = |arguments: &[&str]| {
        // Nothing listens on port 1.
        let mut command = sandbox.command(arguments);
        command.env("FLUX_EMBEDDING", "ollama:any@http://127.0.0.1:1");
        sandbox.ran(command.output().unwrap())
    };
    let indexed = run(&["index"]);
    assert_eq!(indexed.code, Some(4), "{indexed:?}");
    assert!(indexed.stderr.starts_with("flux: no vectors: "), "{indexed:?}");
    assert!(indexed.stderr.contains("\nhint: "), "{indexed:?}");
    let found = run(&["search", "check password", "-n", "1"]);
    assert_eq!(found.code, Some(0), "{found:?}");
    assert_eq!(found.stdout, "auth.py:1: def check_password(user)\n");
    assert!(found.stderr.starts_with("flux: no vectors: "), "{found:?}");
}

#[test]
fn a_question_in_other_words_finds_the_code_and_one_about_nothing_there_finds_nothing() {
    let sandbox = sandbox();
    sandbox.write("draw.py", "def fill_rectangle(canvas, colour): canvas.paint(colour)\n");
    sandbox.write("sql.py", "def run(connection, sql): connection.cursor().execute(sql)\n");
    for (question, path) in [
        ("verify credentials at login", "auth.py"),
        ("graphics of shapes", "draw.py"),
        ("query the database", "sql.py"),
    ] {
        let best = sandbox.run(&["search", question, "--json", "-n", "1"]).json();
        assert_eq!(best["results"][0]["path"], path, "{question}");
        sandbox.run(&["search", question, "--no-vectors"]).check(1, "", "");
    }
    sandbox.run(&["search", "kubernetes cluster orchestration"]).check(1, "", "");
}
