//! A service of models that answers with bytes that were written down before.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// Answers requests one after the other, and keeps what was asked.
pub(crate) struct Service {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A request.
#[derive(Clone, Debug)]
struct Asked {
    head: String,
    body: Value,
}

/// What a request is answered with.
pub(crate) struct Answer {
    status: u16,
    body: Cow<'static, str>,
    headers: &'static str,
}

impl From<(u16, &'static str)> for Answer {
    fn from((status, body): (u16, &'static str)) -> Self {
        Self { status, body: body.into(), headers: "" }
    }
}

impl Answer {
    /// The same with further lines of the head.
    pub(crate) fn with(self, headers: &'static str) -> Self {
        Self { headers, ..self }
    }
}

impl Service {
    /// `answers` are status and body, or what [`says`] and [`calls`] make.
    pub(crate) fn start(answers: Vec<impl Into<Answer>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&asked);
        let answers: Vec<Answer> = answers.into_iter().map(Into::into).collect();
        std::thread::spawn(move || {
            for one in answers {
                let Ok((stream, _)) = listener.accept() else { return };
                let request = answer(stream, &one);
                keep.lock().unwrap().push(request);
            }
        });
        Self { address, asked }
    }

    /// One that somebody else answers for.
    pub(crate) fn at(address: String) -> Self {
        Self { address, asked: Arc::default() }
    }

    /// The bodies of the requests so far.
    pub(crate) fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().iter().map(|asked| asked.body.clone()).collect()
    }

    /// Their heads, in small letters.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|asked| asked.head.clone()).collect()
    }
}

/// Reads one request and answers it.
fn answer(stream: TcpStream, answer: &Answer) -> Asked {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut length, mut head) = (0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(text) = line.to_lowercase().strip_prefix("content-length:") {
            length = text.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line.to_lowercase());
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).unwrap();
    let Answer { status, body, headers } = answer;
    let kind = if *status == 200 { "text/event-stream" } else { "application/json" };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\
         retry-after-ms: 1\r\n{headers}\r\n{body}",
        body.len()
    )
    .unwrap();
    Asked { head, body: serde_json::from_slice(&bytes).unwrap() }
}

/// A reply of Chat Completions that is a text.
pub(crate) fn says(text: &str) -> Answer {
    chunks(&[json!({ "content": text })], "stop")
}

/// One that calls tools, each with its arguments.
pub(crate) fn calls(calls: &[(&str, Value)]) -> Answer {
    let call = |(at, (name, arguments)): (usize, &(&str, Value))| {
        json!({ "tool_calls": [{
            "index": at, "id": format!("call_{at}"), "type": "function",
            "function": { "name": name, "arguments": arguments.to_string() },
        }] })
    };
    let deltas: Vec<Value> = calls.iter().enumerate().map(call).collect();
    chunks(&deltas, "tool_calls")
}

fn chunks(deltas: &[Value], reason: &str) -> Answer {
    let mut body = String::new();
    for delta in deltas {
        let chunk = json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] });
        body.push_str(&format!("data: {chunk}\n\n"));
    }
    let last = json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] });
    body.push_str(&format!("data: {last}\n\ndata: [DONE]\n\n"));
    Answer { status: 200, body: body.into(), headers: "" }
}
