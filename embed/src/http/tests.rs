//! The client against servers that answer as told: each dialect's words, and every fault.

use std::net::TcpListener;
use std::time::Duration;

use flux_core::{EmbedError, Embedder, Pace, Passage};
use serde_json::{Value, json};

use super::server::{Request, Server, answer};
use super::{Dialect, HttpEmbedder, HttpSettings, Limits, Secret, batches};

/// Settings that try again at once.
fn settings(dialect: Dialect, base_url: &str) -> HttpSettings {
    let limits = Limits { first_pause: Duration::from_millis(1), ..Limits::of(dialect) };
    HttpSettings {
        dialect,
        provider: "test".to_owned(),
        base_url: base_url.to_owned(),
        model: "tiny".to_owned(),
        key: None,
        dimensions: None,
        proxy: None,
        limits,
    }
}

fn passage(text: &str) -> Passage<'_> {
    Passage { context: "", text }
}

fn body(request: &Request) -> Value {
    serde_json::from_str(&request.body).unwrap()
}

fn ok(body: &Value) -> Vec<u8> {
    answer("200 OK", "", body.to_string().as_bytes())
}

/// Answers as OpenAI would with a model whose vectors are `[1, length of the text]`.
fn lengths(request: &Request) -> Vec<u8> {
    let body = body(request);
    let texts = body["input"].as_array().unwrap();
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(
            |(index, text)| json!({"index": index, "embedding": [1, text.as_str().unwrap().len()]}),
        )
        .rev()
        .collect();
    ok(&json!({"object": "list", "data": data}))
}

/// The vector that `lengths` stands for, at unit length.
fn expected(length: usize) -> Vec<f32> {
    let length = length as f64;
    let norm = (1.0 + length * length).sqrt();
    vec![(1.0 / norm) as f32, (length / norm) as f32]
}

#[track_caller]
fn near(vector: &[f32], expected: &[f32]) {
    assert_eq!(vector.len(), expected.len());
    let is_near = vector.iter().zip(expected).all(|(left, right)| (left - right).abs() < 1e-6);
    assert!(is_near, "{vector:?} is not {expected:?}");
}

#[track_caller]
fn fails(settings: HttpSettings, message: &str, hint: &str) {
    let error = HttpEmbedder::connect(settings).unwrap_err();
    assert_eq!((error.message.as_str(), error.hint.as_str()), (message, hint));
}

/// The error of a server that always answers `bytes`, with its address written as `URL`.
fn error_of(bytes: Vec<u8>) -> (EmbedError, usize) {
    let server = Server::start(move |_, _| bytes.clone());
    let mut error = HttpEmbedder::connect(settings(Dialect::OpenAi, &server.url)).unwrap_err();
    error.message = error.message.replace(&server.url, "URL");
    (error, server.seen().len())
}

#[test]
fn vectors_have_unit_length_and_the_order_of_the_passages() {
    let server = Server::start(|request, _| lengths(request));
    let mut settings = settings(Dialect::OpenAi, &server.url);
    settings.key = Some(Secret::new("sesame"));
    settings.limits.batch_texts = 3;
    let model = HttpEmbedder::connect(settings).unwrap();
    assert_eq!(model.dimensions(), 2);
    assert_eq!(model.model().as_str(), "test/tiny/2/1");
    assert_eq!(model.pace(), Pace::Deferred);

    let texts: Vec<String> = (1..=10).map(|length| "x".repeat(length)).collect();
    let passages: Vec<Passage<'_>> = texts.iter().map(|text| passage(text)).collect();
    let vectors = model.embed_passages(&passages).unwrap();
    assert_eq!(vectors.len(), 10);
    vectors.iter().zip(1..).for_each(|(vector, length)| near(vector, &expected(length)));
    assert_eq!(model.embed_query("four").unwrap(), expected(4));
    assert!(model.embed_passages(&[]).unwrap().is_empty());

    let seen = server.seen();
    assert_eq!(seen.len(), 6, "a probe, four batches, a question");
    assert!(seen.iter().all(|request| request.line == "POST /v1/embeddings"));
    assert!(
        seen.iter().all(|request| request.headers.contains("authorization: bearer sesame\r\n"))
    );
}

#[test]
fn each_dialect_has_its_own_words() {
    #[track_caller]
    fn check(dialect: Dialect, reply: Value, line: &str, query: Value, document: Value) {
        let reply = ok(&reply);
        let server = Server::start(move |_, _| reply.clone());
        let settings = HttpSettings { dimensions: Some(2), ..settings(dialect, &server.url) };
        let model = HttpEmbedder::connect(settings).unwrap();
        assert_eq!(model.embed_query("where").unwrap(), [0.6, 0.8]);
        let here = Passage { context: "a.rs", text: "here" };
        near(&model.embed_passages(&[here]).unwrap()[0], &[0.6, 0.8]);
        let seen = server.seen();
        assert_eq!(seen.iter().map(body).collect::<Vec<_>>(), [query, document]);
        assert_eq!(seen[0].line, line);
    }
    let data = json!({"data": [{"embedding": [3, 4], "index": 0}], "usage": {"total_tokens": 1}});
    check(
        Dialect::OpenAi,
        data.clone(),
        "POST /v1/embeddings",
        json!({"model": "tiny", "input": ["where"], "dimensions": 2}),
        json!({"model": "tiny", "input": ["a.rs\nhere"], "dimensions": 2}),
    );
    check(
        Dialect::Voyage,
        data,
        "POST /v1/embeddings",
        json!({"model": "tiny", "input": ["where"], "output_dimension": 2,
            "truncation": true, "input_type": "query"}),
        json!({"model": "tiny", "input": ["a.rs\nhere"], "output_dimension": 2,
            "truncation": true, "input_type": "document"}),
    );
    check(
        Dialect::Ollama,
        json!({"model": "tiny", "embeddings": [[3, 4]]}),
        "POST /api/embed",
        json!({"model": "tiny", "input": ["where"], "dimensions": 2, "truncate": true}),
        json!({"model": "tiny", "input": ["a.rs\nhere"], "dimensions": 2, "truncate": true}),
    );
    check(
        Dialect::Tei,
        json!([[3, 4]]),
        "POST /embed",
        json!({"inputs": ["where"], "dimensions": 2, "truncate": true}),
        json!({"inputs": ["a.rs\nhere"], "dimensions": 2, "truncate": true}),
    );
}

#[test]
fn a_server_with_one_model_names_it() {
    let server = Server::start(|request, _| match request.line.as_str() {
        "GET /info" => ok(&json!({"model_id": "BAAI/bge-small-en-v1.5", "max_input_length": 512})),
        _ => ok(&json!([[1, 0, 0]])),
    });
    let unnamed = HttpSettings { model: String::new(), ..settings(Dialect::Tei, &server.url) };
    let model = HttpEmbedder::connect(unnamed).unwrap();
    assert_eq!(model.model().as_str(), "test/BAAI/bge-small-en-v1.5/3/1");
    model.embed_query("where").unwrap();
    let last = body(server.seen().last().unwrap());
    let prompt = "Represent this sentence for searching relevant passages: where";
    assert_eq!(last["inputs"][0], prompt);

    let unnamed = HttpSettings { model: String::new(), ..settings(Dialect::Ollama, &server.url) };
    let message = format!("{}/api/embed serves more than one model", server.url);
    fails(unnamed, &message, "name the model");
}

#[test]
fn well_known_models_are_not_asked_for_their_dimensions() {
    let server = Server::start(|_, _| answer("500 Oops", "", b""));
    let model = "text-embedding-3-small".to_owned();
    let settings = HttpSettings { model, ..settings(Dialect::OpenAi, &server.url) };
    assert_eq!(HttpEmbedder::connect(settings).unwrap().dimensions(), 1536);
    assert!(server.seen().is_empty());
}

#[test]
fn passing_faults_are_tried_again() {
    let server = Server::start(|request, before| match before {
        0 => answer("429 Too Many Requests", "Retry-After: 0\r\n", b"{}"),
        1 => answer("503 Service Unavailable", "", b"loading"),
        2 => b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"data\"".to_vec(),
        3 => Vec::new(),
        _ => lengths(request),
    });
    let model = HttpEmbedder::connect(settings(Dialect::OpenAi, &server.url)).unwrap();
    assert_eq!(model.dimensions(), 2);
    assert_eq!(server.seen().len(), 5);
}

#[test]
fn lasting_faults_end_with_what_the_server_said() {
    let (error, tries) = error_of(answer("500 Oops", "", br#"{"error": "out of memory"}"#));
    assert_eq!(error.message, "URL/v1/embeddings failed with status 500: out of memory");
    assert_eq!((error.hint.as_str(), tries), ("see the server's own log", 5));

    let (error, tries) = error_of(answer("429 Slow", "Retry-After: 3600\r\n", b"quota used up"));
    assert_eq!(error.message, "URL/v1/embeddings asks to wait: quota used up");
    assert_eq!((error.hint.as_str(), tries), ("lower the rate limit, or try again later", 1));

    let (error, tries) = error_of(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[".to_vec());
    assert!(error.message.starts_with("URL/v1/embeddings cut the connection: "), "{error}");
    assert_eq!(tries, 5);
}

#[test]
fn refusals_are_not_repeated() {
    #[track_caller]
    fn check(status: &str, said: &[u8], message: &str, hint: &str) {
        let (error, tries) = error_of(answer(status, "", said));
        assert_eq!((error.message.as_str(), error.hint.as_str()), (message, hint));
        assert_eq!(tries, 1);
    }
    check(
        "401 Unauthorized",
        br#"{"error": {"message": "no key"}}"#,
        "URL/v1/embeddings refused the key: no key",
        "check the key, and that it may use this model",
    );
    check(
        "404 Not Found",
        br#"{"error": "model \"tiny\" not found"}"#,
        "URL/v1/embeddings has no such thing: model \"tiny\" not found",
        "check the model's name and the base URL; a local server must have the model installed",
    );
    check(
        "400 Bad Request",
        br#"{"error": {"message": "maximum context length"}}"#,
        "URL/v1/embeddings refused the request with status 400: maximum context length",
        "check the model's name, its dimensions and the length of its window",
    );
    let malformed = "check the base URL and the kind of server";
    check(
        "200 OK",
        b"<html>",
        "URL/v1/embeddings answered something else than vectors: \
         expected value at line 1 column 1",
        malformed,
    );
    check(
        "200 OK",
        br#"{"data": []}"#,
        "URL/v1/embeddings answered something else than vectors: 0 vectors for 1 texts",
        malformed,
    );
}

#[test]
fn a_key_never_comes_back_in_a_message() {
    let server = Server::start(|_, _| answer("401 No", "", b"wrong key sesame, friend"));
    let key = Some(Secret::new("sesame"));
    let settings = HttpSettings { key, ..settings(Dialect::OpenAi, &server.url) };
    let error = HttpEmbedder::connect(settings).unwrap_err();
    assert!(error.message.ends_with("refused the key: wrong key …, friend"), "{error}");
}

#[test]
fn nobody_at_home_is_said_so() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base = format!("http://{closed}");
    let error = HttpEmbedder::connect(settings(Dialect::Ollama, &base)).unwrap_err();
    assert!(error.message.starts_with(&format!("{base}/api/embed does not answer: ")), "{error}");
    assert_eq!(error.hint, format!("is the server running at {base}?"));

    let error = HttpEmbedder::connect(settings(Dialect::Ollama, "no url")).unwrap_err();
    assert!(error.message.starts_with("cannot set up the HTTP client for no url"), "{error}");
}

#[test]
fn a_silent_server_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", silent.local_addr().unwrap());
    let mut settings = settings(Dialect::Tei, &base);
    settings.limits.silence = Duration::from_millis(50);
    settings.limits.attempts = 2;
    let message = format!("{base}/embed kept silent for 0 seconds");
    fails(settings, &message, "the server may still be loading the model; try again");
}

#[test]
fn vectors_of_another_size_are_refused() {
    let server = Server::start(|request, _| lengths(request));
    let settings = HttpSettings { dimensions: Some(3), ..settings(Dialect::OpenAi, &server.url) };
    let model = HttpEmbedder::connect(settings).unwrap();
    let error = model.embed_passages(&[passage("x")]).unwrap_err();
    assert_eq!(error.message, "tiny answered with vectors of 2 numbers instead of 3");
    assert_eq!(error.hint, "set the model's dimensions to 2, or check which model is served");
}

#[test]
fn a_vector_without_direction_is_refused() {
    let server = Server::start(|_, _| ok(&json!({"data": [{"embedding": [0, 0]}]})));
    let model = HttpEmbedder::connect(settings(Dialect::OpenAi, &server.url)).unwrap();
    let message = "tiny answered with a vector without direction";
    assert_eq!(model.embed_query("x").unwrap_err().message, message);
    assert_eq!(model.embed_passages(&[passage("x")]).unwrap_err().message, message);
}

#[test]
fn a_long_passage_is_the_mean_of_its_pieces() {
    let server = Server::start(|request, _| lengths(request));
    let mut settings = settings(Dialect::OpenAi, &server.url);
    settings.limits.window_bytes = 16;
    let model = HttpEmbedder::connect(settings).unwrap();
    let long = Passage { context: "a.rs", text: "one two three\nfour" };
    let vectors = model.embed_passages(&[long, passage("five")]).unwrap();
    let seen = body(server.seen().last().unwrap());
    assert_eq!(seen["input"], json!(["a.rs\none two ", "a.rs\nthree\nfour", "five"]));
    assert_eq!(vectors.len(), 2);
    near(&vectors[1], &expected(4));
    // Pieces of 8 and 10 bytes of text, sent with a context of 5 more.
    let mean: Vec<f32> = expected(13)
        .iter()
        .zip(expected(15))
        .map(|(one, two)| (8.0 * one + 10.0 * two) / 18.0)
        .collect();
    near(&vectors[0], &crate::vector::unit(mean).unwrap());

    model.embed_query("a question over the window").unwrap();
    assert_eq!(body(server.seen().last().unwrap())["input"], json!(["a question over "]));
}

#[test]
fn a_blank_text_is_not_sent_blank() {
    let server = Server::start(|request, _| lengths(request));
    let model = HttpEmbedder::connect(settings(Dialect::OpenAi, &server.url)).unwrap();
    assert_eq!(model.embed_query(" \n").unwrap(), expected("(empty)".len()));
    near(&model.embed_passages(&[passage("")]).unwrap()[0], &expected("(empty)".len()));
}

#[test]
fn one_failure_fails_the_whole_call() {
    let server = Server::start(|request, _| {
        if request.body.contains("bad") {
            answer("400 Bad", "", b"bad text")
        } else {
            lengths(request)
        }
    });
    let mut settings = settings(Dialect::OpenAi, &server.url);
    settings.limits.batch_texts = 1;
    let model = HttpEmbedder::connect(settings).unwrap();
    let passages = ["good", "bad", "good"].map(passage);
    let error = model.embed_passages(&passages).unwrap_err();
    assert!(error.message.ends_with("status 400: bad text"), "{error}");
}

#[test]
fn batches_keep_to_both_limits() {
    #[track_caller]
    fn check(texts: &[&str], expected: &[usize]) {
        let limits = Limits { batch_texts: 3, batch_bytes: 10, ..Limits::of(Dialect::OpenAi) };
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        let batches = batches(&texts, &limits);
        assert_eq!(batches.iter().map(|batch| batch.len()).collect::<Vec<_>>(), expected);
        assert_eq!(batches.concat(), texts);
    }
    check(&[], &[]);
    check(&["a", "b", "c", "d"], &[3, 1]);
    check(&["12345678901234", "a"], &[1, 1]);
    check(&["12345", "12345", "1"], &[2, 1]);
}
