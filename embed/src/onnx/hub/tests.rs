//! Names, and downloads from a hub on this machine that breaks off and forgets.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use flux_core::{Cancel, EmbedError, NoProgress, Progress, Stage};

use super::{KnownModel, folder, known};
use crate::http::Secret;
use crate::http::server::{Request, Server, answer};
use crate::settings::{HubAccess, HubSettings};

const WEIGHTS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const COMMIT: &str = "5c38ec7c405ec4b44b94cc5a9bb96e735b38267a";

/// A hub of one model, `Xenova/bge-small-en-v1.5`, that keeps to ranges.
fn hub(request: &Request) -> Vec<u8> {
    let files = format!("GET /Xenova/bge-small-en-v1.5/resolve/{COMMIT}/");
    let body: &[u8] = match request.line.strip_prefix(&files) {
        Some("onnx/model.onnx") => WEIGHTS,
        Some("sentence_bert_config.json") => br#"{"max_seq_length": 128}"#,
        Some("special_tokens_map.json") => return answer("404 Not Found", "", b"no such file"),
        Some(_) => b"{}",
        None => {
            assert_eq!(request.line, "GET /api/models/Xenova/bge-small-en-v1.5/revision/main");
            let body = format!(r#"{{"id": "Xenova/bge-small-en-v1.5", "sha": "{COMMIT}"}}"#);
            return answer("200 OK", "", body.as_bytes());
        }
    };
    match range(request) {
        None => answer("200 OK", "", body),
        Some(start) if start >= body.len() => answer("416 Range Not Satisfiable", "", b""),
        Some(start) => {
            let end = body.len();
            let header = format!("content-range: bytes {start}-{}/{end}\r\n", end - 1);
            answer("206 Partial Content", &header, &body[start..])
        }
    }
}

fn range(request: &Request) -> Option<usize> {
    let line = request.headers.lines().find_map(|line| line.strip_prefix("range: bytes="))?;
    Some(line.strip_suffix('-').unwrap().parse().unwrap())
}

fn settings(server: &Server, folder: &Path) -> HubSettings {
    HubSettings {
        endpoint: server.url.clone(),
        first_pause: Duration::from_millis(1),
        ..HubSettings::new(HubAccess::Download, folder.to_path_buf())
    }
}

fn model() -> KnownModel {
    KnownModel::find("BAAI/bge-small-en-v1.5").unwrap()
}

fn fetch(settings: &HubSettings) -> Result<(), EmbedError> {
    model().fetch(settings, &NoProgress, &Cancel::default())
}

/// Where the weights of `model` lie under `models`.
fn weights(models: &Path) -> std::path::PathBuf {
    models.join("Xenova--bge-small-en-v1.5").join(COMMIT).join("onnx/model.onnx")
}

#[derive(Default)]
struct Recorded(Mutex<Vec<(Stage, u64, u64)>>);

impl Progress for Recorded {
    fn update(&self, stage: Stage, done: u64, total: u64) {
        self.0.lock().unwrap().push((stage, done, total));
    }
}

#[test]
fn models_have_several_names() {
    #[track_caller]
    fn check(name: &str, expected: &str) {
        assert_eq!(KnownModel::find(name).map(|model| model.name).as_deref(), Some(expected));
    }
    check("BGESmallENV15", "BGESmallENV15");
    check("bgesmallenv15q", "BGESmallENV15Q");
    check("BAAI/bge-small-en-v1.5", "BGESmallENV15");
    check("Xenova/bge-small-en-v1.5", "BGESmallENV15");
    check("sentence-transformers/all-MiniLM-L6-v2", "AllMiniLML6V2");
    check("nomic-ai/nomic-embed-text-v1.5", "NomicEmbedTextV15");
    check("jinaai/jina-embeddings-v2-base-code", "JinaEmbeddingsV2BaseCode");
    check("BAAI/bge-m3", "BGEM3");
    assert_eq!(KnownModel::find("no/such-model"), None);
    assert!(known().iter().all(|model| KnownModel::find(&model.name).as_ref() == Some(model)));
}

#[test]
fn a_model_is_fetched_once_and_kept() {
    let models = tempfile::tempdir().unwrap();
    let server = Server::start(|request, _| hub(request));
    let mut settings = settings(&server, models.path());
    settings.token = Some(Secret::new("sesame"));
    let progress = Recorded::default();
    model().fetch(&settings, &progress, &Cancel::default()).unwrap();
    assert!(progress.0.lock().unwrap().contains(&(Stage::Download, 0, 0)));
    assert_eq!(fs::read(weights(models.path())).unwrap(), WEIGHTS);
    let seen = server.seen();
    assert_eq!(seen.len(), 7);
    assert!(
        seen.iter().all(|request| request.headers.contains("authorization: bearer sesame\r\n"))
    );

    let read = folder(&model(), models.path()).unwrap();
    assert_eq!(read.path.join(&read.weights), weights(models.path()));
    assert_eq!(read.window, 128);
    assert!(read.prompts.query.starts_with("Represent this sentence"));

    fetch(&settings).unwrap();
    settings.access = HubAccess::Offline;
    fetch(&settings).unwrap();
    assert_eq!(server.seen().len(), 7, "what is on disk is not asked for");
}

#[test]
fn a_broken_transfer_goes_on_where_it_stopped() {
    let models = tempfile::tempdir().unwrap();
    let server = Server::start(|request, _| {
        let mut bytes = hub(request);
        if request.line.ends_with("onnx/model.onnx")
            && range(request).is_none_or(|start| start < 30)
        {
            // Ten bytes of the file at a time, then nothing.
            let body = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
            bytes.truncate(body + 10);
        }
        bytes
    });
    fetch(&settings(&server, models.path())).unwrap();
    assert_eq!(fs::read(weights(models.path())).unwrap(), WEIGHTS);
    let starts: Vec<Option<usize>> = server
        .seen()
        .iter()
        .filter(|request| request.line.ends_with("onnx/model.onnx"))
        .map(range)
        .collect();
    assert_eq!(starts, [None, Some(10), Some(20), Some(30)]);
}

#[test]
fn a_hub_that_always_breaks_off_is_given_up_and_its_bytes_are_kept() {
    let models = tempfile::tempdir().unwrap();
    let server = Server::start(|request, _| {
        let mut bytes = hub(request);
        if request.line.ends_with("onnx/model.onnx") {
            bytes.truncate(bytes.windows(4).position(|it| it == b"\r\n\r\n").unwrap() + 5);
        }
        bytes
    });
    let settings = settings(&server, models.path());
    let error = fetch(&settings).unwrap_err();
    assert!(error.message.ends_with("onnx/model.onnx broke off"), "{error}");
    let mut part = weights(models.path()).into_os_string();
    part.push(".part");
    assert_eq!(fs::read(&part).unwrap(), &WEIGHTS[..5]);

    let whole = Server::start(|request, _| hub(request));
    fetch(&HubSettings { endpoint: whole.url.clone(), ..settings }).unwrap();
    assert_eq!(fs::read(weights(models.path())).unwrap(), WEIGHTS);
    assert_eq!(range(&whole.seen()[1]), Some(5));
}

#[test]
fn a_hub_that_knows_no_ranges_starts_again() {
    let models = tempfile::tempdir().unwrap();
    let path = weights(models.path());
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path.with_file_name("model.onnx.part"), "another start").unwrap();
    let server = Server::start(|request, _| {
        let headers = String::new();
        hub(&Request { headers, ..request.clone() })
    });
    fetch(&settings(&server, models.path())).unwrap();
    assert_eq!(fs::read(path).unwrap(), WEIGHTS);
}

#[test]
fn a_part_longer_than_the_file_is_thrown_away() {
    let models = tempfile::tempdir().unwrap();
    let path = weights(models.path());
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path.with_file_name("model.onnx.part"), [b'x'; 99]).unwrap();
    let server = Server::start(|request, _| hub(request));
    fetch(&settings(&server, models.path())).unwrap();
    assert_eq!(fs::read(path).unwrap(), WEIGHTS);
}

#[test]
fn nothing_is_fetched_unasked() {
    #[track_caller]
    fn check(access: HubAccess, hint: &str) {
        let models = tempfile::tempdir().unwrap();
        let server = Server::start(|request, _| hub(request));
        let error = fetch(&HubSettings { access, ..settings(&server, models.path()) }).unwrap_err();
        assert_eq!(error.message, "Xenova/bge-small-en-v1.5 is not on this machine");
        assert_eq!(error.hint, hint);
        assert!(server.seen().is_empty());
    }
    check(HubAccess::DiskOnly, "allow the download, or name a model that is here");
    check(HubAccess::Offline, "HF_HUB_OFFLINE forbids the download; unset it");
}

#[test]
fn faults_of_the_hub_are_named() {
    #[track_caller]
    fn check(at: &'static str, bytes: &'static [u8], message: &str) {
        let models = tempfile::tempdir().unwrap();
        let server =
            Server::start(
                move |request, _| {
                    if request.line.contains(at) { bytes.to_vec() } else { hub(request) }
                },
            );
        let error = fetch(&settings(&server, models.path())).unwrap_err();
        assert!(error.message.ends_with(message), "{error}");
    }
    let missing = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
    check("/revision/main", missing, "/revision/main does not tell a commit");
    check("/revision/main", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", "tell a commit");
    let climbing = b"HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{\"sha\": \"../..\"}";
    check("/revision/main", climbing, "tell a commit");
    check("tokenizer.json", missing, "has no tokenizer.json on the hub");
    let locked = b"HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n";
    check("model.onnx", locked, "refused the key: no reason is given");
}

#[test]
fn a_download_can_be_cancelled() {
    let models = tempfile::tempdir().unwrap();
    let server = Server::start(|request, _| hub(request));
    let cancel = Cancel::default();
    cancel.cancel();
    let error = model().fetch(&settings(&server, models.path()), &NoProgress, &cancel).unwrap_err();
    assert_eq!(error.message, "the download was cancelled");
    assert!(!weights(models.path()).exists());
}
