//! Which embedding model is used, and what it needs from the environment.

use std::path::PathBuf;
use std::sync::Arc;

use flux_core::{EmbedError, Embedder, Progress};
use flux_embed::http::Secret;
use flux_embed::registry::{self, ModelSpec};
use flux_embed::settings::{HubAccess, HubSettings, Settings};

use crate::config;
use crate::context::Context;
use crate::environment::variable;

/// Names the model for one run, over the configuration.
pub(crate) const VARIABLE: &str = "FLUX_EMBEDDING";

/// The model in use, and who chose it.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) name: String,
    pub(crate) from: &'static str,
}

/// The model that the environment, the configuration or nobody chose.
pub(crate) fn choice(context: &Context) -> anyhow::Result<Choice> {
    if let Some(name) = variable(VARIABLE) {
        return Ok(Choice { name, from: VARIABLE });
    }
    Ok(match config::embedding_model(&context.config)? {
        Some(name) => Choice { name, from: "the configuration" },
        None => Choice { name: "builtin".to_owned(), from: "the default" },
    })
}

/// Opens the model called `name`. Files of it that are missing are fetched if `may_download`.
pub(crate) fn open(
    context: &Context,
    name: &str,
    may_download: bool,
    progress: &dyn Progress,
) -> Result<Arc<dyn Embedder>, EmbedError> {
    let spec: ModelSpec = name.parse()?;
    let settings = settings(context, &spec, may_download);
    Ok(registry::open(&spec, &settings, progress, &context.cancel)?.into())
}

fn settings(context: &Context, spec: &ModelSpec, may_download: bool) -> Settings {
    let is_offline = variable("HF_HUB_OFFLINE").is_some_and(|value| value != "0");
    let access = match (is_offline, may_download) {
        (true, _) => HubAccess::Offline,
        (false, true) => HubAccess::Download,
        (false, false) => HubAccess::DiskOnly,
    };
    let mut hub = HubSettings::new(access, context.cache.join("models"));
    if let Some(endpoint) = variable("HF_ENDPOINT") {
        hub.endpoint = endpoint;
    }
    hub.token = variable("HF_TOKEN").map(|token| Secret::new(&token));
    hub.proxy = proxy();
    let mut settings = Settings::new(hub);
    settings.proxy = proxy();
    settings.key = key(spec);
    settings.dimensions = variable("FLUX_EMBEDDING_DIMENSIONS").and_then(|text| text.parse().ok());
    settings.runtime.library = variable("ORT_DYLIB_PATH").map(PathBuf::from);
    settings
}

/// `FLUX_EMBEDDING_KEY`, or what the provider's own programs read.
fn key(spec: &ModelSpec) -> Option<Secret> {
    let usual = match spec {
        ModelSpec::Server(server) => server.provider.key_variable(),
        _ => None,
    };
    let key = variable("FLUX_EMBEDDING_KEY").or_else(|| variable(usual?));
    key.map(|key| Secret::new(&key))
}

fn proxy() -> Option<String> {
    ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"].into_iter().find_map(variable)
}
