//! Conversations as a user meets them: with recorded answers of each service, without a model, and
//! through the scenarios of the strict model server where that is at hand.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::service::Service;
use crate::support::{Ran, Sandbox};

macro_rules! recorded {
    ($name:literal) => {
        (
            include_str!(concat!("../../../agent/data/streams/", $name, ".sse")),
            include_str!(concat!("../../../agent/data/streams/", $name, "-end.sse")),
        )
    };
}

pub(crate) const RECORDED: [(&str, &str, (&str, &str)); 3] = [
    ("anthropic", "claude-sonnet-5-5", recorded!("anthropic")),
    ("openai", "gpt-6-sol", recorded!("chat")),
    ("openai-responses", "gpt-6-sol", recorded!("responses")),
];

pub(crate) fn tree() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "hello\n");
    sandbox.write("b.txt", "hello\n");
    sandbox.write("app.py", "def alpha():\n    return 1\n\n\ndef beta():\n    return alpha()\n");
    sandbox
}

/// `flux ARGUMENTS` with the model of `service`, or without one.
pub(crate) fn command(
    sandbox: &Sandbox,
    arguments: &[&str],
    service: Option<(&str, &str, &Service)>,
) -> Command {
    let mut command = sandbox.command(arguments);
    command.env("FLUX_STATE_DIR", sandbox.path("state"));
    for name in [
        "FLUX_PROVIDER",
        "FLUX_MODEL",
        "FLUX_BASE_URL",
        "ANTHROPIC_API_KEY",
        "OPENAI_API_KEY",
        "OPENROUTER_API_KEY",
    ] {
        command.env_remove(name);
    }
    if let Some((provider, model, service)) = service {
        command.env("FLUX_PROVIDER", provider).env("FLUX_MODEL", model).env("FLUX_API_KEY", "k");
        command.env("FLUX_BASE_URL", &service.address);
    }
    command
}

pub(crate) fn run(
    sandbox: &Sandbox,
    arguments: &[&str],
    service: Option<(&str, &str, &Service)>,
) -> Ran {
    sandbox.ran(command(sandbox, arguments, service).output().unwrap())
}

#[test]
fn a_question_is_answered_through_each_service_and_gone_on_with() {
    for (provider, model, (calls, end)) in RECORDED {
        let sandbox = tree();
        let service = Service::start(vec![(503, "{}"), (200, calls), (200, end), (200, end)]);
        let with = Some((provider, model, &service));
        let ran = run(&sandbox, &["ask", "what do both say?"], with);
        assert_eq!(ran.code, Some(0), "{provider}: {ran:?}");
        let expected = "Reading both — 🦀.\nBoth say hello: a.txt:1, b.txt:1.\n";
        assert_eq!(ran.stdout, expected, "{provider}");
        assert!(ran.stderr.contains("· read a.txt"), "{provider}: {ran:?}");
        let asked = service.asked();
        assert_eq!(asked[0], asked[1], "{provider}: what failed is sent again unchanged");
        let last = asked[2].to_string();
        assert!(last.contains("[a.txt · lines 1-1 of 1 lines total"), "{provider}: {last}");
        assert!(!last.contains("write_file"), "{provider}: a question changes nothing");

        let sessions = run(&sandbox, &["agent", "--sessions"], None);
        let (id, rest) = sessions.stdout.split_once('\t').unwrap();
        assert!(rest.contains("what do both say?"), "{sessions:?}");
        let ran = run(&sandbox, &["ask", "--resume", id, "--json", "sure?"], with);
        let lines: Vec<Value> =
            ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["session"], id, "{ran:?}");
        assert_eq!(lines.last().unwrap()["state"], "done", "{ran:?}");
        let last = service.asked()[3].to_string();
        assert!(last.contains("what do both say?") && last.contains("sure?"), "{last}");
    }
}

#[test]
fn without_a_model_what_needs_none_is_done_and_the_rest_is_said() {
    let sandbox = tree();
    let ran = run(&sandbox, &["agent", "impact of alpha"], None);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("app.py:5: function beta"), "{ran:?}");
    let ran = run(&sandbox, &["ask", "what does alpha return?"], None);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stdout.contains("def alpha"), "{ran:?}");
    assert!(ran.stderr.contains("no model is configured"), "{ran:?}");
    let ran = run(&sandbox, &["agent", "make alpha return 2"], None);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.stderr.contains("ANTHROPIC_API_KEY"), "{ran:?}");
}

#[test]
fn a_wrong_key_ends_at_once_and_is_not_shown() {
    let body = r#"{"error":{"message":"bad key sk-k","type":"x","code":"invalid_api_key"}}"#;
    let service = Service::start(vec![(401, body)]);
    let sandbox = tree();
    let ran = run(&sandbox, &["agent", "do it"], Some(("openai", "gpt-6-sol", &service)));
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("status 401") && !ran.stderr.contains("sk-k"), "{ran:?}");
}

#[test]
fn lines_that_are_commands_are_done_here() {
    let service = Service::start(Vec::<(u16, &str)>::new());
    let sandbox = tree();
    let with = Some(("ollama", "qwen3", &service));
    let mut child =
        command(&sandbox, &["chat", "--yes"], with).stdin(Stdio::piped()).spawn().unwrap();
    let lines = "/tools\n/stats\n/nonsense\n/model\nimpact of alpha\n/exit\nnever read\n";
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let ran = sandbox.ran(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for text in ["read_files: ", "0 requests", "qwen3 (ollama)", "app.py:5"] {
        assert!(ran.stdout.contains(text), "{text}: {ran:?}");
    }
    assert!(ran.stderr.contains("there is no /nonsense"), "{ran:?}");
}

/// Whether the strict model server and what it needs are at hand.
fn scenarios() -> Option<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/agentbench");
    let mut python = Command::new("python3");
    python.args(["-c", "import jsonschema"]).stderr(Stdio::null());
    let has_python = python.status().is_ok_and(|status| status.success());
    let entries = std::fs::read_dir(folder.join("scenarios")).ok().filter(|_| has_python)?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path().display().to_string()));
    let mut paths: Vec<String> = paths.filter(|path| path.ends_with(".json")).collect();
    paths.sort();
    paths.insert(0, folder.join("run_scenario.py").display().to_string());
    Some(paths)
}

/// Runs the scenarios of one service.
#[expect(clippy::print_stderr, reason = "a test that does nothing has to say so")]
fn scenarios_pass(api: &str) {
    let Some(arguments) = scenarios() else {
        eprintln!("skipped: the scenarios, Python or its jsonschema are not here");
        return;
    };
    let agent = concat!(env!("CARGO_BIN_EXE_flux"), " agent --stdin --yes");
    let mut command = Command::new("python3");
    command.args(arguments).args(["--api", api, "--timeout", "300", "--agent", agent]);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    // Optional scenarios do not fail the run; of ours none is.
    assert!(!said.lines().any(|line| line.starts_with("opt ")), "{said}");
}

#[test]
fn the_scenarios_pass_for_anthropic() {
    scenarios_pass("anthropic");
}

#[test]
fn the_scenarios_pass_for_chat() {
    scenarios_pass("chat");
}

#[test]
fn the_scenarios_pass_for_responses() {
    scenarios_pass("responses");
}

/// The stream in which Anthropic's service answers with one call.
fn called(tool: &str, input: &Value) -> &'static str {
    let input = serde_json::to_string(&input.to_string()).unwrap();
    let body = format!(
        "data: {{\"type\":\"message_start\",\"message\":{{\"usage\":{{}}}}}}\n\n\
         data: {{\"type\":\"content_block_start\",\"index\":0,\"content_block\":\
         {{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"{tool}\",\"input\":{{}}}}}}\n\n\
         data: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":\
         {{\"type\":\"input_json_delta\",\"partial_json\":{input}}}}}\n\n\
         data: {{\"type\":\"content_block_stop\",\"index\":0}}\n\n\
         data: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"tool_use\"}}}}\n\n\
         data: {{\"type\":\"message_stop\"}}\n\n"
    );
    Box::leak(body.into_boxed_str())
}

#[test]
fn a_plan_is_printed_changed_and_carried_out() {
    let sandbox = tree();
    run(&sandbox, &["index"], None);
    let steps = serde_json::json!({ "goal": "greet", "steps": [
        { "id": "a", "title": "change alpha", "files": ["app.py"], "symbols": ["alpha"] },
    ] });
    let service = Service::start(vec![(200, called("plan", &steps))]);
    let asked = &["agent", "greet", "--plan-only"];
    let ran = run(&sandbox, asked, Some(("anthropic", "claude-sonnet-5-5", &service)));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("[[steps]]\nid = \"a\""), "{}", ran.stdout);
    assert!(ran.stdout.contains("#    reaches: 1 place in app.py"), "{}", ran.stdout);

    let (_, end) = RECORDED[0].2;
    let service = Service::start(vec![(200, end), (200, end)]);
    let step = "\n[[steps]]\nid = \"b\"\ntitle = \"change b\"\nafter = [\"a\"]\n";
    sandbox.write("plan.toml", format!("{}{step}", ran.stdout));
    let given = &["agent", "--plan", "plan.toml", "--yes", "--json"];
    let ran = run(&sandbox, given, Some(("anthropic", "claude-sonnet-5-5", &service)));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = lines.iter().find(|line| line["event"] == "summary").unwrap();
    assert_eq!(summary["steps"][1]["id"], "b");
    assert_eq!(summary["steps"][1]["state"], "done");
    assert_eq!(service.asked().len(), 2, "one request for each step");
}

#[test]
fn what_is_no_plan_is_refused_with_the_place() {
    let sandbox = tree();
    for (text, why) in [
        ("steps = 3", "steps"),
        ("steps = []", "no steps"),
        ("[[steps]]\nid = \"a\"\ntitle = \"t\"\nfile = 1\n", "unknown field `file`"),
        ("[[steps]]\nid = \"a\"\ntitle = \"t\"\nafter = [\"a\"]\n", "wait for each other: a"),
    ] {
        sandbox.write("plan.toml", text);
        let ran = run(&sandbox, &["agent", "--plan", "plan.toml"], None);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(
            ran.stderr.contains("plan.toml is no plan") && ran.stderr.contains(why),
            "{}",
            ran.stderr
        );
    }
}
