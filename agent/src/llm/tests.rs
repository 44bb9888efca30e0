//! Every list of units becomes a request that services take, and recorded streams become replies.
//!
//! The checker of requests is written from the services' own rules and error texts, apart from the
//! encoders, so that a mistake in one is not repeated in the other.

use proptest::prelude::*;
use serde_json::Value;

use super::history::{Answered, Block, Call, Exchange, History, Proof, Unit};
use super::provider::{Dialect, Provider};
use super::sse::SseDecoder;
use super::wire::{Request, ToolSpec, decoder, encode};
use super::{Delta, Failure, FailureKind, Reply, Stop};

/// What a service would refuse, if it would.
fn refusal(dialect: Dialect, body: &Value) -> Result<(), String> {
    match dialect {
        Dialect::Anthropic => of_anthropic(body),
        Dialect::Chat => of_chat(body),
        Dialect::Responses => of_responses(body),
    }
}

fn ensure(is_right: bool, rule: &str) -> Result<(), String> {
    if is_right { Ok(()) } else { Err(rule.to_owned()) }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn has_words(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

fn is_id(value: &Value) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    value.as_str().is_some_and(|id| (1..=64).contains(&id.len()) && id.chars().all(is_letter))
}

pub(crate) fn of_anthropic(body: &Value) -> Result<(), String> {
    let messages = list(&body["messages"]);
    ensure(messages.first().is_some_and(|first| first["role"] == "user"), "starts with the user")?;
    ensure(messages.last().is_some_and(|last| last["role"] == "user"), "ends with the user")?;
    ensure(
        ["temperature", "top_p", "top_k"].iter().all(|name| body.get(name).is_none()),
        "sampling",
    )?;
    let mut ids = std::collections::BTreeSet::new();
    let mut open: Vec<&str> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        ensure(at == 0 || messages[at - 1]["role"] != message["role"], "roles alternate")?;
        let blocks = list(&message["content"]);
        ensure(!blocks.is_empty(), "non-empty content")?;
        let mut answered: Vec<&str> = Vec::new();
        let mut has_text = false;
        let mut called: Vec<&str> = Vec::new();
        for block in blocks {
            match block["type"].as_str().unwrap_or_default() {
                "text" => {
                    has_text = true;
                    ensure(has_words(&block["text"]), "text has words")?;
                }
                "tool_use" => {
                    ensure(message["role"] == "assistant", "tool_use is the assistant's")?;
                    ensure(is_id(&block["id"]) && block["input"].is_object(), "id and input")?;
                    ensure(is_id(&block["name"]), "name")?;
                    let id = block["id"].as_str().unwrap();
                    ensure(ids.insert(id), "tool_use ids are unique")?;
                    called.push(id);
                }
                "tool_result" => {
                    ensure(message["role"] == "user" && !has_text, "results come first")?;
                    ensure(has_words(&block["content"]), "results have words")?;
                    answered.push(block["tool_use_id"].as_str().unwrap());
                }
                "thinking" | "redacted_thinking" => {
                    ensure(message["role"] == "assistant", "thinking is the assistant's")?;
                }
                other => return Err(format!("block {other}")),
            }
        }
        ensure(answered == open, "each call is answered once, at once, in order")?;
        open = called;
        let last = blocks.last().map(|block| block["type"].as_str().unwrap_or_default());
        ensure(
            !matches!(last, Some("thinking" | "redacted_thinking")),
            "does not end in thinking",
        )?;
    }
    ensure(open.is_empty(), "no call without a result")
}

fn of_chat(body: &Value) -> Result<(), String> {
    let messages = list(&body["messages"]);
    let last = messages.last().map(|last| last["role"].as_str().unwrap_or_default());
    ensure(matches!(last, Some("user" | "tool")), "ends with the user or a result")?;
    let mut open: Vec<String> = Vec::new();
    for message in messages {
        let role = message["role"].as_str().unwrap_or_default();
        if role == "tool" {
            ensure(has_words(&message["content"]), "results have words")?;
            let id = message["tool_call_id"].as_str().unwrap_or_default();
            ensure(!open.is_empty() && open.remove(0) == id, "a result follows its call")?;
            continue;
        }
        ensure(open.is_empty(), "every call is answered")?;
        let calls = list(&message["tool_calls"]);
        ensure(message.get("tool_calls").is_none() || !calls.is_empty(), "no empty tool_calls")?;
        ensure(has_words(&message["content"]) || !calls.is_empty(), "content")?;
        for call in calls {
            ensure(is_id(&call["id"]) && is_id(&call["function"]["name"]), "id and name")?;
            let arguments = call["function"]["arguments"].as_str().unwrap_or("x");
            let arguments: Result<Value, _> = serde_json::from_str(arguments);
            ensure(arguments.is_ok_and(|value| value.is_object()), "arguments are JSON")?;
            open.push(call["id"].as_str().unwrap().to_owned());
        }
    }
    ensure(open.is_empty(), "every call is answered")
}

fn of_responses(body: &Value) -> Result<(), String> {
    let items = list(&body["input"]);
    let mut open: Vec<&str> = Vec::new();
    ensure(items.last().is_some_and(|last| last["role"] != "assistant"), "ends with the user")?;
    for (at, item) in items.iter().enumerate() {
        match item["type"].as_str().unwrap_or("message") {
            "message" => ensure(has_words(&item["content"]), "content")?,
            "reasoning" => {
                let next = items.get(at + 1).unwrap_or(&Value::Null);
                let is_next = matches!(next["type"].as_str(), Some("function_call" | "reasoning"))
                    || next["role"] == "assistant";
                ensure(is_next, "reasoning is followed by its item")?;
            }
            "function_call" => {
                ensure(is_id(&item["call_id"]) && is_id(&item["name"]), "id and name")?;
                let arguments = item["arguments"].as_str().unwrap_or("x");
                let arguments: Result<Value, _> = serde_json::from_str(arguments);
                ensure(arguments.is_ok_and(|value| value.is_object()), "arguments are JSON")?;
                open.push(item["call_id"].as_str().unwrap());
            }
            "function_call_output" => {
                let id = item["call_id"].as_str().unwrap_or_default();
                let place = open.iter().position(|one| *one == id);
                open.remove(place.ok_or("an output without its call")?);
                ensure(has_words(&item["output"]), "outputs have words")?;
            }
            other => return Err(format!("item {other}")),
        }
    }
    ensure(open.is_empty(), "every call is answered")
}

fn block() -> impl Strategy<Value = Block> {
    let text = prop_oneof![Just(String::new()), Just(" \n".to_owned()), "[a-z🦀 ]{1,9}"];
    let id = prop_oneof![
        Just(String::new()),
        Just("a".to_owned()),
        "[a-z./é]{1,4}",
        Just("x".repeat(80))
    ];
    let name = prop_oneof![Just("edit".to_owned()), Just(String::new()), "[a-z.é]{1,5}"];
    let arguments = prop_oneof![
        Just("{}".to_owned()),
        Just(String::new()),
        Just("{\"a\":".to_owned()),
        Just("[1]".to_owned()),
        Just("{\"a\":\"é\"}".to_owned())
    ];
    let proof = prop_oneof![
        Just(Proof::None),
        Just(Proof::Anthropic { signature: "s".to_owned() }),
        Just(Proof::Redacted { data: "d".to_owned() }),
        Just(Proof::OpenAi { id: "rs".to_owned(), encrypted: Some("e".to_owned()) }),
        Just(Proof::OpenAi { id: "rs".to_owned(), encrypted: None }),
    ];
    prop_oneof![
        text.clone().prop_map(|text| Block::Text { text }),
        (text, proof).prop_map(|(text, proof)| Block::Thinking { text, proof }),
        (id, name, arguments, any::<bool>(), any::<bool>()).prop_map(
            |(id, name, arguments, is_cut, has_item)| {
                let item = has_item.then(|| "fc".to_owned());
                Block::Call(Call { id, item, name, arguments, is_cut })
            }
        ),
    ]
}

fn unit() -> impl Strategy<Value = Unit> {
    let text = prop_oneof![Just(String::new()), "[a-z ]{1,9}"];
    let exchange = (prop::collection::vec(block(), 0..5), text.clone(), any::<bool>()).prop_map(
        |(blocks, text, is_error)| {
            let calls = blocks.iter().filter(|block| matches!(block, Block::Call(_))).count();
            let results = vec![Answered { text, is_error }; calls];
            Unit::Exchange(Exchange::new(blocks, results).unwrap())
        },
    );
    prop_oneof![
        (text.clone(), prop::option::of(text.clone()))
            .prop_map(|(text, context)| Unit::User { text, context }),
        text.prop_map(|text| Unit::Note { text }),
        exchange,
    ]
}

fn tool() -> ToolSpec {
    let schema = serde_json::json!({ "type": "object", "properties": {} });
    ToolSpec { name: "edit".to_owned(), description: "d".to_owned(), schema }
}

fn body(dialect: Dialect, history: &History) -> Value {
    let tools = [tool()];
    let request = Request { model: "m", system: "s", tools: &tools, history, max_output: 10 };
    let quirks = Provider::named("openai").unwrap().quirks;
    encode(dialect, &quirks, &request)
}

proptest! {
    #[test]
    fn any_list_of_units_is_a_legal_request(units in prop::collection::vec(unit(), 0..9)) {
        let history = History::of(units);
        for dialect in Dialect::ALL {
            let body = body(dialect, &history);
            let verdict = refusal(dialect, &body);
            prop_assert!(verdict.is_ok(), "{dialect:?}: {verdict:?}\n{body:#}");
        }
    }

    #[test]
    fn units_outlive_being_written_down(units in prop::collection::vec(unit(), 0..6)) {
        let text = serde_json::to_string(&units).unwrap();
        prop_assert_eq!(serde_json::from_str::<Vec<Unit>>(&text).unwrap(), units);
    }

    /// What came before a step stays byte for byte what it was, so that services can keep it.
    #[test]
    fn a_longer_conversation_begins_as_the_shorter_did(units in prop::collection::vec(unit(), 1..8)) {
        let mut units = units;
        units.insert(0, Unit::User { text: "a".to_owned(), context: None });
        let answer = Block::Text { text: "x".to_owned() };
        let longer = [&units[..], &[Unit::Exchange(Exchange::new(vec![answer], Vec::new()).unwrap())]].concat();
        let of = |units: Vec<Unit>| body(Dialect::Responses, &History::of(units))["input"].clone();
        let (short, long) = (of(units), of(longer));
        let shared = list(&short).iter().zip(list(&long)).take_while(|(one, other)| one == other).count();
        // Only the words that stand for a missing user may differ.
        prop_assert!(shared + 1 >= list(&short).len());
    }
}

#[test]
fn a_checker_that_finds_nothing_wrong_is_no_checker() {
    let body = serde_json::json!({ "messages": [
        { "role": "user", "content": [{ "type": "text", "text": "a" }] },
        { "role": "assistant", "content": [{ "type": "tool_use", "id": "a", "name": "x", "input": {} }] },
        { "role": "user", "content": [{ "type": "text", "text": "b" }] },
    ]});
    assert!(of_anthropic(&body).is_err());
    let orphan = serde_json::json!({ "input": [
        { "type": "function_call_output", "call_id": "a", "output": "x" },
    ]});
    assert!(of_responses(&orphan).is_err());
}

#[test]
fn an_exchange_has_one_result_for_each_call() {
    let call = Call {
        id: "a".to_owned(),
        item: None,
        name: "x".to_owned(),
        arguments: "{}".to_owned(),
        is_cut: false,
    };
    let answered = Answered { text: "y".to_owned(), is_error: false };
    assert!(Exchange::new(vec![Block::Call(call.clone())], Vec::new()).is_none());
    assert!(Exchange::new(Vec::new(), vec![answered.clone()]).is_none());
    assert!(Exchange::new(vec![Block::Call(call)], vec![answered]).is_some());
}

/// Reads a recorded stream.
fn replay(dialect: Dialect, stream: &str) -> (Vec<Delta>, Result<Reply, Failure>) {
    let mut events = SseDecoder::default();
    let mut decoder = decoder(dialect);
    let mut deltas = Vec::new();
    for event in events.push(stream.as_bytes()).unwrap() {
        match decoder.push(&event) {
            Ok(some) => deltas.extend(some),
            Err(failure) => return (deltas, Err(failure)),
        }
    }
    (deltas, decoder.finish())
}

const STREAMS: [(Dialect, &str); 3] = [
    (Dialect::Anthropic, include_str!("../../data/streams/anthropic.sse")),
    (Dialect::Chat, include_str!("../../data/streams/chat.sse")),
    (Dialect::Responses, include_str!("../../data/streams/responses.sse")),
];

#[test]
fn a_recorded_exchange_of_each_service_is_text_and_two_calls() {
    for (dialect, stream) in STREAMS {
        let (deltas, reply) = replay(dialect, stream);
        let reply = reply.unwrap();
        let shown: String = deltas
            .iter()
            .filter_map(|delta| match delta {
                Delta::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(shown, "Reading both — 🦀.", "{dialect:?}");
        let calls: Vec<&Call> = reply
            .blocks
            .iter()
            .filter_map(|block| match block {
                Block::Call(call) => Some(call),
                _ => None,
            })
            .collect();
        assert_eq!(calls.len(), 2, "{dialect:?}");
        for (call, path) in calls.iter().zip(["a.txt", "b.txt"]) {
            assert_eq!(call.name, "read_files", "{dialect:?}");
            assert_eq!(call.object().unwrap()["paths"][0], path, "{dialect:?}");
            assert!(!call.is_cut);
        }
        assert_eq!(reply.stop, Stop::Done);
        let usage = reply.usage.unwrap();
        assert!(usage.input > 0 && usage.output > 0, "{dialect:?}: {usage:?}");
        let thought = reply.blocks.iter().find(|block| matches!(block, Block::Thinking { .. }));
        assert!(thought.is_some(), "{dialect:?}");
    }
}

#[test]
fn a_stream_cut_anywhere_is_tried_again_and_hands_out_nothing() {
    for (dialect, stream) in STREAMS {
        let ends: Vec<usize> = stream.match_indices("\n\n").map(|(at, _)| at + 2).collect();
        // The last event of Chat only says that there are no more.
        let last = if dialect == Dialect::Chat { 3 } else { 1 };
        for end in &ends[..ends.len() - last] {
            let failure = replay(dialect, &stream[..*end]).1.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Retry { after: None }, "{dialect:?} at {end}");
        }
        let garbage = format!("{}data: {{\"type\":\n\n", &stream[..ends[3]]);
        let failure = replay(dialect, &garbage).1.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Retry { after: None }, "{dialect:?}");
    }
}

#[test]
fn servers_that_resemble_the_original_are_understood() {
    let whole = |id: &str, path: &str| {
        format!(
            "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"tool_calls\":[{{\"index\":0,\"id\":\"{id}\",\
             \"function\":{{\"name\":\"read\",\"arguments\":\"{{\\\"p\\\":\\\"{path}\\\"}}\"}}}}]}}}}]}}\n\n"
        )
    };
    let end = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    let stream = format!("{}{}{end}", whole("", "a"), whole("", "b"));
    let reply = replay(Dialect::Chat, &stream).1.unwrap();
    assert_eq!(reply.blocks.len(), 2, "{reply:?}");
    assert_eq!(reply.usage, None);
    let exchange =
        Exchange::new(reply.blocks, vec![Answered { text: "x".to_owned(), is_error: false }; 2]);
    let history = History::of(vec![Unit::Exchange(exchange.unwrap())]);
    let body = body(Dialect::Chat, &history);
    assert_eq!(refusal(Dialect::Chat, &body), Ok(()));
}

#[test]
fn a_call_that_was_cut_is_marked_and_sent_back_empty() {
    let cut = "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\
               \"function\":{\"name\":\"w\",\"arguments\":\"{\\\"p\\\": \\\"li\"}}]}}]}\n\n\
               data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n";
    let reply = replay(Dialect::Chat, cut).1.unwrap();
    assert_eq!(reply.stop, Stop::Length);
    let [Block::Call(call)] = &reply.blocks[..] else { panic!("{reply:?}") };
    assert!(call.is_cut);
}

#[test]
fn an_error_in_the_stream_is_told_apart_by_its_code() {
    let stream = "data: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
    let failure = replay(Dialect::Anthropic, stream).1.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Retry { after: None });
    let stream = "data: {\"error\":{\"message\":\"x\",\"code\":\"insufficient_quota\"}}\n\n";
    assert_eq!(replay(Dialect::Chat, stream).1.unwrap_err().kind, FailureKind::Quota);
}
