//! Models by name: `builtin`, `ollama:nomic-embed-text`, `onnx:/path/to/folder` and so on.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use flux_core::{Cancel, EmbedError, Embedder, Pace, Progress};

use crate::FakeEmbedder;
use crate::builtin::BuiltinModel;
use crate::http::{Dialect, HttpEmbedder, HttpSettings, Limits};
use crate::settings::Settings;

/// Numbers in the fake's vectors.
const FAKE_DIMENSIONS: usize = 64;

/// Which model is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelSpec {
    /// `builtin`: the model inside the binary.
    Builtin,
    /// `fake`: hashes of words, for tests.
    Fake,
    /// A model on a server: `openai:MODEL`, `ollama:MODEL`, `voyage:MODEL` or `tei:`, each with
    /// `@URL` behind for a server elsewhere; `tei:URL`; or `URL#MODEL` for any other server that
    /// speaks as OpenAI's does.
    Server(ServerSpec),
    /// `onnx:PATH`: a folder with an ONNX file.
    Folder(PathBuf),
    /// `fastembed:NAME`: a model that fastembed knows, such as `fastembed:BAAI/bge-small-en-v1.5`.
    Fastembed(String),
}

/// A model on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSpec {
    /// Which of the servers.
    pub provider: Provider,
    /// The server's address, where it is not the provider's usual one.
    pub url: Option<String>,
    /// The model's name there; empty when the server has only one.
    pub model: String,
}

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// OpenAI's own.
    OpenAi,
    /// Ollama.
    Ollama,
    /// text-embeddings-inference.
    Tei,
    /// Voyage AI.
    Voyage,
    /// Any server that speaks as OpenAI's does.
    Http,
}

/// A model, or a kind of models, that can be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What to write for it, with capitals where something is to be filled in.
    pub name: String,
    /// Numbers in each vector, where they are known.
    pub dimensions: Option<usize>,
    /// Where it runs.
    pub place: Place,
    /// What it needs before it can be used.
    pub needs: &'static str,
    /// What it is.
    pub description: String,
}

/// Where a model runs, and so who sees the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this program.
    Here,
    /// In this program, with a library that must be installed.
    Runtime,
    /// On a server that the user runs.
    OwnServer,
    /// At a company: the code is sent there.
    Service,
}

impl Provider {
    const ALL: [Self; 5] = [Self::OpenAi, Self::Ollama, Self::Tei, Self::Voyage, Self::Http];

    /// How the provider is written in a model's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Ollama => "ollama",
            Self::Tei => "tei",
            Self::Voyage => "voyage",
            Self::Http => "http",
        }
    }

    /// The environment variable that usually holds the key.
    pub fn key_variable(self) -> Option<&'static str> {
        match self {
            Self::OpenAi => Some("OPENAI_API_KEY"),
            Self::Voyage => Some("VOYAGE_API_KEY"),
            Self::Ollama | Self::Tei | Self::Http => None,
        }
    }

    fn dialect(self) -> Dialect {
        match self {
            Self::OpenAi | Self::Http => Dialect::OpenAi,
            Self::Ollama => Dialect::Ollama,
            Self::Tei => Dialect::Tei,
            Self::Voyage => Dialect::Voyage,
        }
    }
}

impl FromStr for ModelSpec {
    type Err = EmbedError;

    fn from_str(text: &str) -> Result<Self, EmbedError> {
        let text = text.trim();
        match text {
            "builtin" => return Ok(Self::Builtin),
            "fake" => return Ok(Self::Fake),
            _ => {}
        }
        if is_url(text) {
            return server(Provider::Http, text);
        }
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        match kind {
            "onnx" if !rest.is_empty() => return Ok(Self::Folder(PathBuf::from(rest))),
            "fastembed" if !rest.is_empty() => return Ok(Self::Fastembed(rest.to_owned())),
            _ => {}
        }
        let provider = Provider::ALL.into_iter().find(|provider| provider.name() == kind);
        provider.map_or_else(|| Err(unknown(text)), |provider| server(provider, rest))
    }
}

impl fmt::Display for ModelSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Builtin => f.write_str("builtin"),
            Self::Fake => f.write_str("fake"),
            Self::Folder(path) => write!(f, "onnx:{}", path.display()),
            Self::Fastembed(name) => write!(f, "fastembed:{name}"),
            Self::Server(ServerSpec { provider, url, model }) => match (provider, url) {
                (Provider::Http, Some(url)) => write!(f, "{url}#{model}"),
                (_, Some(url)) => write!(f, "{}:{model}@{url}", provider.name()),
                (_, None) => write!(f, "{}:{model}", provider.name()),
            },
        }
    }
}

/// The model that `spec` means, ready to be used. Files that are missing are fetched first if the
/// settings allow it, with `progress`, until `cancel`.
pub fn open(
    spec: &ModelSpec,
    settings: &Settings,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Box<dyn Embedder>, EmbedError> {
    match spec {
        ModelSpec::Builtin => {
            Ok(Box::new(BuiltinModel::bundled().map_err(|error| EmbedError {
                message: format!("the model in this program is damaged: {error}"),
                hint: "install the program again".to_owned(),
            })?))
        }
        ModelSpec::Fake => Ok(Box::new(FakeEmbedder::new(FAKE_DIMENSIONS, Pace::Inline))),
        ModelSpec::Server(server) => {
            Ok(Box::new(HttpEmbedder::connect(http_settings(server, settings))?))
        }
        ModelSpec::Folder(_) | ModelSpec::Fastembed(_) => onnx(spec, settings, progress, cancel),
    }
}

#[cfg(feature = "onnx")]
fn onnx(
    spec: &ModelSpec,
    settings: &Settings,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Box<dyn Embedder>, EmbedError> {
    use crate::onnx::{KnownModel, OnnxEmbedder};

    let ModelSpec::Fastembed(name) = spec else {
        let ModelSpec::Folder(path) = spec else { return Err(unknown(&spec.to_string())) };
        return Ok(Box::new(OnnxEmbedder::from_folder(path, &settings.runtime)?));
    };
    let known = KnownModel::find(name).ok_or_else(|| EmbedError {
        message: format!("fastembed knows no model called {name}"),
        hint: "run flux model list, or export the model and name its folder with onnx:PATH"
            .to_owned(),
    })?;
    known.fetch(&settings.hub, progress, cancel)?;
    Ok(Box::new(OnnxEmbedder::from_hub(&known, &settings.hub, &settings.runtime)?))
}

#[cfg(not(feature = "onnx"))]
fn onnx(
    spec: &ModelSpec,
    _: &Settings,
    _: &dyn Progress,
    _: &Cancel,
) -> Result<Box<dyn Embedder>, EmbedError> {
    Err(EmbedError {
        message: format!("this program was built without ONNX, which {spec} needs"),
        hint: "build it with the feature onnx, or use a model on a server".to_owned(),
    })
}

/// The models that can be named, the nearest first.
pub fn list() -> Vec<Listed> {
    let row = |name: &str, dimensions, place, needs, description: &str| Listed {
        name: name.to_owned(),
        dimensions,
        place,
        needs,
        description: description.to_owned(),
    };
    let builtin = BuiltinModel::bundled().ok().map(|model| model.dimensions());
    let mut models = vec![
        row("builtin", builtin, Place::Here, "nothing", "trained on code, part of this program"),
        row("onnx:PATH", None, Place::Runtime, RUNTIME, "any model in an ONNX file, in a folder"),
    ];
    models.extend(known());
    let (own, service) = (Place::OwnServer, Place::Service);
    models.extend([
        row("ollama:MODEL", None, own, "a running Ollama with the model pulled", "Ollama"),
        row("tei:URL", None, own, "the server's address", "text-embeddings-inference"),
        row(
            "URL#MODEL",
            None,
            own,
            "the server's address",
            "a server that speaks as OpenAI's does",
        ),
        row("openai:text-embedding-3-small", Some(1536), service, "OPENAI_API_KEY", "OpenAI"),
        row("openai:text-embedding-3-large", Some(3072), service, "OPENAI_API_KEY", "OpenAI"),
        row("voyage:voyage-code-3", Some(1024), service, "VOYAGE_API_KEY", "Voyage AI, for code"),
    ]);
    models
}

const RUNTIME: &str = "an ONNX Runtime library";

#[cfg(feature = "onnx")]
fn known() -> Vec<Listed> {
    let listed = |model: crate::onnx::KnownModel| Listed {
        name: format!("fastembed:{}", model.name),
        dimensions: Some(model.dimensions),
        place: Place::Runtime,
        needs: "an ONNX Runtime library, and a download once",
        description: format!("{} ({})", model.description, model.repository),
    };
    crate::onnx::known().into_iter().map(listed).collect()
}

#[cfg(not(feature = "onnx"))]
fn known() -> Vec<Listed> {
    Vec::new()
}

fn http_settings(server: &ServerSpec, settings: &Settings) -> HttpSettings {
    let ServerSpec { provider, url, model } = server;
    let dialect = provider.dialect();
    HttpSettings {
        dialect,
        provider: provider.name().to_owned(),
        base_url: url.clone().unwrap_or_else(|| dialect.default_url().to_owned()),
        model: model.clone(),
        key: settings.key.clone(),
        dimensions: settings.dimensions,
        proxy: settings.proxy.clone(),
        limits: settings.limits.clone().unwrap_or_else(|| Limits::of(dialect)),
    }
}

/// A server's `MODEL`, `MODEL@URL`, `URL` or `URL#MODEL`.
fn server(provider: Provider, rest: &str) -> Result<ModelSpec, EmbedError> {
    let (model, url) = if is_url(rest) {
        let (url, model) = rest.split_once('#').unwrap_or((rest, ""));
        (model, Some(url))
    } else {
        // A model's name may hold an `@` of its own.
        match rest.match_indices('@').find(|(at, _)| is_url(&rest[at + 1..])) {
            Some((at, _)) => (&rest[..at], Some(&rest[at + 1..])),
            None => (rest, None),
        }
    };
    if model.is_empty() && provider != Provider::Tei {
        return Err(EmbedError {
            message: format!("`{}:{rest}` names no model", provider.name()),
            hint: match provider {
                Provider::Http => "write URL#MODEL".to_owned(),
                _ => format!("write {}:MODEL or {0}:MODEL@URL", provider.name()),
            },
        });
    }
    if provider == Provider::Http && url.is_none() {
        return Err(unknown(rest));
    }
    let (url, model) = (url.map(str::to_owned), model.to_owned());
    Ok(ModelSpec::Server(ServerSpec { provider, url, model }))
}

fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

fn unknown(text: &str) -> EmbedError {
    EmbedError {
        message: format!("`{text}` is no model"),
        hint: "write builtin, ollama:MODEL, openai:MODEL, voyage:MODEL, tei:URL, URL#MODEL, \
               onnx:PATH or fastembed:NAME"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests;
