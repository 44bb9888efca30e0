//! Conversations on a terminal: typing, Markdown, questions, Ctrl-C. Everything else is tested with
//! pipes, which are shown the same without the looks.

use std::io::Read;
use std::net::TcpListener;
use std::process::Stdio;

use rexpect::session::{PtySession, spawn_command};
use serde_json::{Value, json};

use crate::agent::command;
use crate::service::Service;
use crate::support::Sandbox;

/// Milliseconds that anything may take to appear. Failing takes that long, nothing else.
const PATIENCE: u64 = 60_000;

/// An answer in Chat Completions, in one piece for each of `deltas`.
fn answer(deltas: &[Value], reason: &str) -> (u16, &'static str) {
    let chunk = |delta: &Value, reason: Value| {
        let choice = json!({ "index": 0, "delta": delta, "finish_reason": reason });
        format!("data: {}\n\n", json!({ "object": "chat.completion.chunk", "choices": [choice] }))
    };
    let mut body: String = deltas.iter().map(|delta| chunk(delta, Value::Null)).collect();
    body.push_str(&chunk(&json!({}), json!(reason)));
    body.push_str("data: [DONE]\n\n");
    (200, body.leak())
}

fn text(pieces: &[&str]) -> (u16, &'static str) {
    let deltas: Vec<Value> = pieces.iter().map(|piece| json!({ "content": piece })).collect();
    answer(&deltas, "stop")
}

fn call(id: &str, tool: &str, arguments: &Value) -> (u16, &'static str) {
    let function = json!({ "name": tool, "arguments": arguments.to_string() });
    let call = json!({ "index": 0, "id": id, "type": "function", "function": function });
    answer(&[json!({ "tool_calls": [call] })], "tool_calls")
}

fn write(id: &str, path: &str, content: &str) -> (u16, &'static str) {
    call(id, "write_file", &json!({ "path": path, "content": content }))
}

/// `flux ARGUMENTS` on a terminal of its own, with variables that are set or taken away.
fn start(
    sandbox: &Sandbox,
    arguments: &[&str],
    service: &Service,
    variables: &[(&str, &str)],
) -> PtySession {
    let mut command = command(sandbox, arguments, Some(("openai", "gpt-6-sol", service)));
    command.envs(variables.iter().copied());
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    spawn_command(command, Some(PATIENCE)).unwrap()
}

fn type_keys(terminal: &mut PtySession, keys: &str) {
    terminal.send(keys).unwrap();
    terminal.flush().unwrap();
}

/// What is printed until `text`, with it. The session takes each byte for a letter.
#[track_caller]
fn until(terminal: &mut PtySession, text: &str) -> String {
    let bytes: String = text.bytes().map(char::from).collect();
    match terminal.exp_string(&bytes) {
        Ok(before) => {
            let before: Vec<u8> = before.chars().filter_map(|one| u8::try_from(one).ok()).collect();
            String::from_utf8_lossy(&before).into_owned() + text
        }
        Err(error) => panic!("{text:?} did not come: {error}"),
    }
}

#[track_caller]
fn prompt(terminal: &mut PtySession) -> String {
    until(terminal, "> ")
}

#[test]
fn prompts_are_completed_pasted_and_remembered_and_answers_are_rendered() {
    let sandbox = Sandbox::new();
    sandbox.write("source/alpha.py", "def alpha():\n    return 1\n");
    let service = Service::start(vec![
        text(&["# Ti", "tle\nso", "me **bo", "ld** and `code`\n```py\nreturn\n```\n"]),
        text(&["second"]),
    ]);
    let mut terminal = start(&sandbox, &["chat", "--no-vectors"], &service, &[]);
    prompt(&mut terminal);
    type_keys(&mut terminal, "/st\t\r");
    until(&mut terminal, "0 requests");
    prompt(&mut terminal);
    type_keys(&mut terminal, "look at @source/al\t\r");
    let shown = until(&mut terminal, "\x1b[2m```\x1b[0m");
    for part in [
        "\x1b[1;4mTi\x1b[0m\x1b[1;4mtle\x1b[0m\r\n",
        "some \x1b[1mbo\x1b[0m\x1b[1mld\x1b[0m and \x1b[36mcode\x1b[0m\r\n",
        "\x1b[35mreturn\x1b[0m\r\n",
    ] {
        assert!(shown.contains(part), "{part:?}: {shown:?}");
    }
    prompt(&mut terminal);
    type_keys(&mut terminal, "\x1b[200~one\ntwo\x1b[201~\r");
    until(&mut terminal, "second");
    prompt(&mut terminal);
    let asked = service.asked();
    assert!(asked[0].to_string().contains("look at @source/alpha.py"), "{}", asked[0]);
    assert!(asked[1].to_string().contains(r"one\ntwo"), "{}", asked[1]);
    type_keys(&mut terminal, "\x04");
    terminal.exp_eof().unwrap();

    let mut terminal = start(&sandbox, &["chat", "--no-vectors"], &service, &[]);
    prompt(&mut terminal);
    // Within several lines the first two keys go up a line and out of them.
    type_keys(&mut terminal, "\x1b[A\x1b[A\x1b[A");
    until(&mut terminal, "look at @source/alpha.py");
    type_keys(&mut terminal, "\x15\x04");
    terminal.exp_eof().unwrap();
}

#[test]
fn a_change_is_shown_and_asked_about_until_the_user_says_always() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "a\n");
    let long: String = (0..60).map(|line| format!("line {line}\n")).collect();
    let service = Service::start(vec![
        write("c1", "new.txt", &long),
        write("c2", "no.txt", "x\n"),
        write("c3", "other.txt", "y\n"),
        text(&["done"]),
    ]);
    let mut terminal = start(&sandbox, &["agent", "--no-vectors", "write"], &service, &[]);
    let shown = until(&mut terminal, "[y/n/a/d/?] ");
    assert!(shown.contains("\x1b[32m+line 39\x1b[0m"), "{shown:?}");
    assert!(shown.contains("… 20 more lines") && !shown.contains("line 40"), "{shown:?}");
    type_keys(&mut terminal, "?\r");
    until(&mut terminal, "for the rest of this session");
    until(&mut terminal, "[y/n/a/d/?] ");
    type_keys(&mut terminal, "d\r");
    until(&mut terminal, "+line 59");
    until(&mut terminal, "[y/n/a/d/?] ");
    type_keys(&mut terminal, "y\r");
    // What was shown before is not shown again.
    let shown = until(&mut terminal, "[y/n/a/d/?] ");
    assert!(shown.contains("✓ edit 1") && !shown.contains("new file mode"), "{shown:?}");
    type_keys(&mut terminal, "n\r");
    until(&mut terminal, "not allowed without approval");
    until(&mut terminal, "[y/n/a/d/?] ");
    type_keys(&mut terminal, "a\r");
    until(&mut terminal, "done");
    terminal.exp_eof().unwrap();
    assert!(sandbox.tree().join("other.txt").exists() && !sandbox.tree().join("no.txt").exists());
}

#[test]
fn what_was_allowed_for_the_session_is_shown_when_it_is_done() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "a\n");
    let service = Service::start(vec![
        write("c1", "one.txt", "1\n"),
        write("c2", "two.txt", "2\n"),
        call("c3", "run_command", &json!({ "command": "sleep 1.2" })),
        text(&["done"]),
    ]);
    let mut terminal = start(&sandbox, &["agent", "--no-vectors", "write"], &service, &[]);
    until(&mut terminal, "[y/n/a/d/?] ");
    type_keys(&mut terminal, "a\r");
    until(&mut terminal, "✓ edit 1");
    let shown = until(&mut terminal, "✓ edit 2");
    assert!(!shown.contains("[y/n/a/d/?]"), "{shown:?}");
    until(&mut terminal, "\x1b[32m+2\x1b[0m");
    // While it runs there is a line that changes; then one that stays.
    until(&mut terminal, " run `sleep 1.2` 0 s");
    until(&mut terminal, "· run `sleep 1.2` (1.");
    until(&mut terminal, "done");
    terminal.exp_eof().unwrap();
}

#[test]
fn without_colours_the_text_is_as_it_came() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "a\n");
    for variable in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let service = Service::start(vec![text(&["# T\n**b", "old** \u{1b}[31m"])]);
        let mut terminal = start(&sandbox, &["chat", "--no-vectors"], &service, &[variable]);
        prompt(&mut terminal);
        type_keys(&mut terminal, "hi\r");
        let shown = until(&mut terminal, "\u{fffd}[31m");
        assert!(shown.contains("# T\r\n**bold**"), "{variable:?}: {shown:?}");
        assert!(!shown.contains("\x1b[1m"), "{variable:?}: {shown:?}");
        prompt(&mut terminal);
        type_keys(&mut terminal, "\x04");
        terminal.exp_eof().unwrap();
    }
}

#[test]
fn ctrl_c_stops_an_answer_and_twice_ends() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "a\n");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = Service::at(format!("http://{}", listener.local_addr().unwrap()));
    let mut terminal = start(&sandbox, &["chat", "--no-vectors"], &silent, &[]);
    prompt(&mut terminal);
    type_keys(&mut terminal, "hi\r");
    let (mut stream, _) = listener.accept().unwrap();
    assert!(stream.read(&mut [0; 1000]).unwrap() > 0);
    until(&mut terminal, "waiting for the model");
    terminal.send_control('c').unwrap();
    until(&mut terminal, "stopped");
    prompt(&mut terminal);
    terminal.send_control('c').unwrap();
    until(&mut terminal, "Ctrl-C again");
    prompt(&mut terminal);
    terminal.send_control('c').unwrap();
    terminal.exp_eof().unwrap();
}
