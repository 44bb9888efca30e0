//! Names of models, and what they open.

use std::collections::BTreeSet;
use std::path::PathBuf;

use flux_core::{Cancel, EmbedError, Embedder, NoProgress};

use super::{ModelSpec, Place, Provider, ServerSpec, list, open};
use crate::http::server::{Server, answer};
use crate::settings::{HubAccess, HubSettings, Settings};

fn settings() -> Settings {
    Settings::new(HubSettings::new(HubAccess::DiskOnly, PathBuf::from("/absent")))
}

fn opened(name: &str) -> Result<Box<dyn Embedder>, EmbedError> {
    open(&name.parse()?, &settings(), &NoProgress, &Cancel::default())
}

#[track_caller]
fn means(text: &str, expected: ModelSpec) {
    let spec: ModelSpec = text.parse().unwrap();
    assert_eq!(spec, expected);
    let written: ModelSpec = spec.to_string().parse().unwrap();
    assert_eq!(written, expected, "as written: {spec}");
}

fn server(provider: Provider, url: Option<&str>, model: &str) -> ModelSpec {
    let (url, model) = (url.map(str::to_owned), model.to_owned());
    ModelSpec::Server(ServerSpec { provider, url, model })
}

#[track_caller]
fn fails(text: &str, message: &str, hint: &str) {
    let error = opened(text).unwrap_err();
    assert_eq!(error.message, message);
    assert!(error.hint.contains(hint), "{}", error.hint);
}

#[test]
fn every_kind_of_model_can_be_named() {
    means("builtin", ModelSpec::Builtin);
    means(" fake ", ModelSpec::Fake);
    means("onnx:/models/mini lm", ModelSpec::Folder(PathBuf::from("/models/mini lm")));
    means(
        "fastembed:BAAI/bge-small-en-v1.5",
        ModelSpec::Fastembed("BAAI/bge-small-en-v1.5".into()),
    );
    means(
        "openai:text-embedding-3-small",
        server(Provider::OpenAi, None, "text-embedding-3-small"),
    );
    means("ollama:nomic-embed-text:v1.5", server(Provider::Ollama, None, "nomic-embed-text:v1.5"));
    means(
        "ollama:all-minilm@http://gpu:11434",
        server(Provider::Ollama, Some("http://gpu:11434"), "all-minilm"),
    );
    means("voyage:voyage-code-3", server(Provider::Voyage, None, "voyage-code-3"));
    means("tei:http://gpu:8080", server(Provider::Tei, Some("http://gpu:8080"), ""));
    means("tei:", server(Provider::Tei, None, ""));
    means(
        "https://host/v1#org/model@2",
        server(Provider::Http, Some("https://host/v1"), "org/model@2"),
    );
}

#[test]
fn what_is_no_model_is_said_so() {
    fails("bert", "`bert` is no model", "ollama:MODEL");
    fails("", "`` is no model", "builtin");
    fails("onnx:", "`onnx:` is no model", "onnx:PATH");
    fails("ollama:", "`ollama:` names no model", "write ollama:MODEL or ollama:MODEL@URL");
    fails("http://host/v1", "`http:http://host/v1` names no model", "write URL#MODEL");
    fails("http:model", "`model` is no model", "URL#MODEL");
}

#[test]
fn models_open() {
    assert_eq!(opened("fake").unwrap().model().as_str(), "fake/64");
    let builtin = opened("builtin").unwrap();
    assert_eq!(builtin.embed_query("retry").unwrap().len(), builtin.dimensions());

    let reply = answer("200 OK", "", br#"{"data": [{"embedding": [0, 1]}]}"#);
    let server = Server::start(move |_, _| reply.clone());
    let model = opened(&format!("{}/v1#mine", server.url)).unwrap();
    assert_eq!(model.model().as_str(), "http/mine/2/1");
    assert_eq!(model.embed_query("retry").unwrap(), [0.0, 1.0]);
    assert_eq!(server.seen()[0].line, "POST /v1/embeddings");
}

#[cfg(feature = "onnx")]
#[test]
fn onnx_models_say_what_they_lack() {
    fails("onnx:/absent/model", "/absent/model has no model.onnx", "tokenizer.json");
    fails("fastembed:no-such", "fastembed knows no model called no-such", "flux model list");
    let message = "Xenova/bge-small-en-v1.5 is not on this machine";
    fails("fastembed:BAAI/bge-small-en-v1.5", message, "allow the download");
}

#[cfg(not(feature = "onnx"))]
#[test]
fn a_program_without_onnx_says_so() {
    let message = "this program was built without ONNX, which onnx:/model needs";
    fails("onnx:/model", message, "build it with the feature onnx");
}

#[test]
fn listed_models_have_names_of_their_own() {
    let models = list();
    let names: BTreeSet<&str> = models.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(names.len(), models.len());
    assert_eq!(models[0].name, "builtin");
    assert_eq!((models[0].place, models[0].needs), (Place::Here, "nothing"));
    assert!(models[0].dimensions.is_some_and(|dimensions| dimensions > 0));
    for model in models.iter().filter(|model| model.name != "URL#MODEL") {
        let spec: ModelSpec = model.name.parse().unwrap();
        let is_service = model.place == Place::Service;
        let key = match &spec {
            ModelSpec::Server(server) => server.provider.key_variable(),
            _ => None,
        };
        assert_eq!(key, is_service.then_some(model.needs));
    }
}
