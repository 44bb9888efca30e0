//! `flux mcp`, spoken to line by line, and driven by the official Python client where it is.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::{Value, json};

use crate::support::Sandbox;

const CODE: &str = "\
def alpha():
    return 1

def beta():
    return alpha()

def test_gamma():
    assert beta() == 1
";

/// A running server and the ends of its pipes.
struct Client {
    child: Child,
    input: ChildStdin,
    output: BufReader<std::process::ChildStdout>,
    next: u64,
}

impl Client {
    fn start(sandbox: &Sandbox) -> Self {
        let mut child = sandbox.command(&["mcp"]).stdin(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output, next: 1 }
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.input, "{message}").unwrap();
        self.input.flush().unwrap();
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.next;
        self.next += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the server has gone");
            let answer: Value = serde_json::from_str(&line).unwrap();
            if answer["id"] == id {
                return answer;
            }
        }
    }

    fn greet(&mut self, version: &str) -> Value {
        let client = json!({ "name": "test", "version": "1" });
        let params =
            json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": client });
        let hello = self.ask("initialize", params);
        self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        hello
    }

    fn call(&mut self, tool: &str, arguments: Value) -> (String, bool) {
        let answer = self.ask("tools/call", json!({ "name": tool, "arguments": arguments }));
        let result = &answer["result"];
        let text = result["content"][0]["text"].as_str().unwrap_or_default().to_owned();
        (text, result["isError"] == true)
    }

    /// The reply once the index is made.
    fn call_ready(&mut self, tool: &str, arguments: &Value) -> (String, bool) {
        loop {
            let (text, is_error) = self.call(tool, arguments.clone());
            if !text.contains("being made") {
                return (text, is_error);
            }
        }
    }

    fn end(mut self) -> i32 {
        drop(self.input);
        self.child.wait().unwrap().code().unwrap()
    }
}

#[test]
fn a_server_answers_and_ends_with_its_client() {
    let sandbox = Sandbox::new();
    sandbox.write("app.py", CODE);
    let mut client = Client::start(&sandbox);
    let hello = client.greet("2025-06-18");
    assert_eq!(hello["result"]["protocolVersion"], "2025-06-18");
    let (text, is_error) =
        client.call_ready("symbol", &json!({ "name": "beta", "show": "callees" }));
    assert!(!is_error && text.contains("app.py:1: function alpha"), "{text}");
    assert!(text.starts_with("[revision none, index fresh]"), "{text}");
    assert_eq!(client.end(), 0);
}

#[test]
fn a_wrong_call_is_told_to_the_model_and_costs_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("app.py", CODE);
    let mut client = Client::start(&sandbox);
    client.greet("2025-11-25");
    let (text, is_error) = client.call("search_code", json!({ "query": "x", "directory": "src" }));
    assert!(is_error && text.contains("directory"), "{text}");
    let (text, is_error) = client.call("impact", json!({}));
    assert!(is_error && text.contains("target"), "{text}");
    let (text, is_error) = client.call("nonsense", json!({}));
    assert!(is_error && text.contains("search_code"), "{text}");
    let (text, is_error) = client.call_ready("symbol", &json!({ "name": "alpah" }));
    assert!(!is_error && text.contains("similar names: alpha"), "{text}");
    client.send(&json!("this is no request"));
    let (text, _) = client.call_ready("symbol", &json!({ "name": "alpha" }));
    assert!(text.contains("def alpha()"), "{text}");
    assert_eq!(client.end(), 0);
}

#[test]
fn an_edit_is_seen_by_the_next_call() {
    let sandbox = Sandbox::new();
    sandbox.write("app.py", CODE);
    let mut client = Client::start(&sandbox);
    client.greet("2025-11-25");
    let asked = json!({ "name": "alpha", "show": "callers" });
    assert!(client.call_ready("symbol", &asked).0.contains("certain: 1"));
    sandbox.write("more.py", "from app import alpha\n\ndef delta():\n    return alpha()\n");
    let (text, _) = client.call_ready("symbol", &asked);
    assert!(text.contains("more.py:3: function delta"), "{text}");
    assert_eq!(client.end(), 0);
}

#[test]
fn the_official_python_client_gets_along_with_it() {
    let sandbox = Sandbox::with_project(3);
    sandbox.write("app.py", CODE);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mcp/session.py");
    let flux = env!("CARGO_BIN_EXE_flux");
    let mut command = Command::new("python3");
    command.arg(script).arg(flux).arg(sandbox.tree()).env("FLUX_CACHE_DIR", sandbox.path("cache"));
    // Without Python, or without the client, the tests above stand alone.
    let Ok(output) = command.env("FLUX_CONFIG_DIR", sandbox.path("config")).output() else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 77)), "{said}");
}
