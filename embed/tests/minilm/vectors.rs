//! A real model, all-MiniLM-L6-v2, in a file and on servers, against the vectors that
//! sentence-transformers gives.
//!
//! `prepare.sh FOLDER` makes what these tests need; they run where `FLUX_TEST_MINILM` names that
//! folder, and pass with a notice elsewhere. `FLUX_TEST_SERVER` may name a server with the same
//! model, as a model is named, such as `http://localhost:7997#minilm`.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use flux_core::{Cancel, Embedder, NoProgress, Passage};
use flux_embed::registry::{ModelSpec, open};
use flux_embed::settings::{HubAccess, HubSettings, Settings};

const TEXTS: &str = include_str!("texts.json");

#[expect(clippy::disallowed_methods, reason = "how a test is told where the model is")]
fn variable(name: &str) -> Option<String> {
    let value = std::env::var(name).ok();
    if value.is_none() {
        println!("skipped: {name} is not set");
    }
    value
}

fn folder() -> Option<PathBuf> {
    variable("FLUX_TEST_MINILM").map(PathBuf::from)
}

fn opened(name: &str, folder: &Path) -> Box<dyn Embedder> {
    let hub = HubSettings::new(HubAccess::Offline, folder.join("hub"));
    let mut settings = Settings::new(hub);
    settings.runtime.library = Some(folder.join("lib"));
    let spec: ModelSpec = name.parse().unwrap();
    open(&spec, &settings, &NoProgress, &Cancel::default()).unwrap()
}

fn onnx(folder: &Path) -> Box<dyn Embedder> {
    opened(&format!("onnx:{}", folder.join("onnx").display()), folder)
}

fn texts() -> Vec<String> {
    serde_json::from_str(TEXTS).unwrap()
}

fn passages(texts: &[String]) -> Vec<Passage<'_>> {
    texts.iter().map(|text| Passage { context: "", text }).collect()
}

fn cosine(left: &[f32], right: &[f32]) -> f64 {
    let product = |left: &[f32], right: &[f32]| -> f64 {
        left.iter().zip(right).map(|(left, right)| f64::from(*left) * f64::from(*right)).sum()
    };
    product(left, right) / (product(left, left) * product(right, right)).sqrt()
}

/// Checks `model` against the reference. Blank texts are left out with `Blank::Skip`: servers are
/// sent something else for them.
fn agrees(name: &str, model: &dyn Embedder, folder: &Path, blank: Blank) {
    let reference = std::fs::read(folder.join("reference.json")).unwrap();
    let reference: Vec<Vec<f32>> = serde_json::from_slice(&reference).unwrap();
    let texts = texts();
    let vectors = model.embed_passages(&passages(&texts)).unwrap();
    assert_eq!((vectors.len(), model.dimensions()), (reference.len(), 384));
    let mut cosines = Vec::new();
    for ((text, vector), expected) in texts.iter().zip(&vectors).zip(&reference) {
        assert!((cosine(vector, vector) - 1.0).abs() < 1e-6);
        if blank == Blank::Skip && text.trim().is_empty() {
            continue;
        }
        let query = model.embed_query(text).unwrap();
        for vector in [vector, &query] {
            let cosine = cosine(vector, expected);
            assert!(cosine > 0.999, "{name}: {cosine} for {text:?}");
            cosines.push(cosine);
        }
    }
    let lowest = cosines.iter().copied().fold(f64::INFINITY, f64::min);
    println!("{name}: the lowest of {} cosines is {lowest:.7}", cosines.len());
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Blank {
    Keep,
    Skip,
}

#[test]
fn the_file_gives_the_reference_vectors() {
    let Some(folder) = folder() else { return };
    let model = onnx(&folder);
    assert!(model.model().as_str().starts_with("onnx/"), "{}", model.model());
    agrees("onnx", &*model, &folder, Blank::Keep);
    assert_eq!(onnx(&folder).model(), model.model());
}

#[test]
fn neighbours_do_not_change_a_vector() {
    let Some(folder) = folder() else { return };
    let model = onnx(&folder);
    let texts = texts();
    let together = model.embed_passages(&passages(&texts)).unwrap();
    for (passage, expected) in passages(&texts).into_iter().zip(&together) {
        let alone = model.embed_passages(&[passage]).unwrap();
        let is_near =
            alone[0].iter().zip(expected).all(|(left, right)| (left - right).abs() < 1e-5);
        assert!(is_near, "{:?}", passage.text);
    }
}

#[test]
fn a_long_passage_is_read_to_its_end() {
    let Some(folder) = folder() else { return };
    let model = onnx(&folder);
    let filler = "The cache evicts the least recently used entry once it is full.\n".repeat(60);
    let ending = "fn validate_password(hash: &str) -> bool { argon2_verify(hash) }\n".repeat(12);
    let long = format!("{filler}{ending}");
    let context = "src/auth.rs";
    let passages = [&filler, &long].map(|text| Passage { context, text });
    let vectors = model.embed_passages(&passages).unwrap();
    let question = model.embed_query("where is the password validated").unwrap();
    let (without, with) = (cosine(&question, &vectors[0]), cosine(&question, &vectors[1]));
    assert!(with > without + 0.1, "{with} against {without}");

    // A context longer than the window leaves room for the text.
    let wordy = "path ".repeat(2000);
    let passages = [&filler, &ending].map(|text| Passage { context: &wordy, text });
    let vectors = model.embed_passages(&passages).unwrap();
    assert!(cosine(&vectors[0], &vectors[1]) < 0.99);
}

#[test]
fn a_server_of_each_kind_gives_the_reference_vectors() {
    let Some(folder) = folder() else { return };
    let server = Python::start(&folder);
    let base = format!("http://127.0.0.1:{}", server.port);
    for name in [
        format!("{base}#minilm"),
        format!("openai:minilm@{base}/v1"),
        format!("ollama:minilm@{base}"),
        format!("voyage:minilm@{base}/voyage/v1"),
        format!("tei:{base}"),
    ] {
        let model = opened(&name, &folder);
        assert!(model.model().as_str().ends_with("/minilm/384/1"), "{}", model.model());
        agrees(&name, &*model, &folder, Blank::Skip);
    }
}

#[test]
fn a_server_of_somebody_else_gives_the_reference_vectors() {
    let Some(folder) = folder() else { return };
    let Some(name) = variable("FLUX_TEST_SERVER") else { return };
    agrees(&name, &*opened(&name, &folder), &folder, Blank::Skip);
}

/// `server.py`, which ends when its standard input is closed with this.
struct Python {
    port: u16,
    process: Child,
}

impl Python {
    fn start(folder: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/minilm/server.py");
        let mut process = Command::new(folder.join("venv/bin/python"))
            .arg(script)
            .arg(folder.join("onnx"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { port: line.trim().parse().unwrap(), process }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().unwrap();
    }
}
