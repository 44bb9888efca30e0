//! Which model is asked: from arguments, the environment, the configuration, or a key that is set.

use std::time::Duration;

use flux_agent::llm::provider::PROVIDERS;
use flux_agent::llm::transport::{HttpSettings, USUAL_SILENCE};
use flux_agent::llm::{Provider, Secret};
use flux_agent::run::ModelChoice;
use flux_engine::tokens::Models;

use crate::args::ConversationArgs;
use crate::config::{self, AgentConfig};
use crate::context::Context;
use crate::environment::variable;
use crate::exit::UsageError;

/// A model and how it is reached.
pub(super) struct Chosen {
    pub(super) model: ModelChoice,
    pub(super) http: HttpSettings,
}

/// The model; `None` where nothing names one.
pub(super) fn choose(
    context: &Context,
    args: &ConversationArgs,
    config: &AgentConfig,
) -> anyhow::Result<Option<Chosen>> {
    let named = args.provider.clone().or_else(|| variable("FLUX_PROVIDER"));
    let named = named.or_else(|| config.provider.clone());
    let provider = match named {
        Some(name) => Some(provider_named(&name)?),
        None => PROVIDERS
            .iter()
            .find(|provider| !provider.is_keyless && variable(provider.key_variable).is_some()),
    };
    let Some(provider) = provider else { return Ok(None) };
    let name =
        args.model.clone().or_else(|| variable("FLUX_MODEL")).or_else(|| config.model.clone());
    let name = match (name, provider.usual_model) {
        (Some(name), _) => name,
        (None, "") => {
            let text = format!("no model of {} is named\nhint: set FLUX_MODEL", provider.name);
            return Err(UsageError(text).into());
        }
        (None, usual) => usual.to_owned(),
    };
    let http = http(provider, config)?;
    Ok(Some(Chosen { model: model(context, provider, &name)?, http }))
}

fn provider_named(name: &str) -> anyhow::Result<&'static Provider> {
    Provider::named(name).ok_or_else(|| {
        let names: Vec<&str> = PROVIDERS.iter().map(|provider| provider.name).collect();
        let text = format!("no provider is called `{name}`\nhint: {}", names.join(", "));
        UsageError(text).into()
    })
}

/// What is known of a model, with what the user says of it.
pub(super) fn model(
    context: &Context,
    provider: &'static Provider,
    name: &str,
) -> anyhow::Result<ModelChoice> {
    let own = Models::parse(&config::text(&context.config)?)
        .map_err(|error| UsageError(format!("in the models of config.toml: {error}")))?;
    let models = Models::builtin().extended(own);
    let known = models.find(name);
    let known = known.ok_or_else(|| UsageError(format!("no model is called `{name}`")))?;
    let (window, output) = (number("FLUX_CONTEXT_WINDOW")?, number("FLUX_MAX_OUTPUT")?);
    Ok(ModelChoice::new(provider, name, known, window, output))
}

fn number(name: &str) -> anyhow::Result<Option<usize>> {
    let Some(text) = variable(name) else { return Ok(None) };
    let number = text.parse().map_err(|_| UsageError(format!("{name} is no number: `{text}`")))?;
    Ok(Some(number))
}

pub(super) fn http(
    provider: &'static Provider,
    config: &AgentConfig,
) -> anyhow::Result<HttpSettings> {
    let usual = match provider.name {
        "anthropic" => variable("ANTHROPIC_BASE_URL"),
        "openai" | "openai-responses" => variable("OPENAI_BASE_URL"),
        _ => None,
    };
    // The address of the configuration belongs to the provider of the configuration.
    let is_own = config.provider.as_deref() == Some(provider.name);
    let own = config.base_url.clone().filter(|_| is_own);
    let base = variable("FLUX_BASE_URL").or(own).or(usual).unwrap_or_default();
    if base.is_empty() && provider.address.is_empty() {
        let text = format!("no address of {} is set\nhint: set FLUX_BASE_URL", provider.name);
        return Err(UsageError(text).into());
    }
    let key = variable("FLUX_API_KEY").or_else(|| variable(provider.key_variable));
    if key.is_none() && !provider.is_keyless {
        let name = provider.key_variable;
        let text = format!("no key of {} is set\nhint: set {name}", provider.name);
        return Err(UsageError(text).into());
    }
    let proxy = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"].into_iter().find_map(variable);
    let silence = number("FLUX_IDLE_TIMEOUT")?;
    let silence = silence.map_or(USUAL_SILENCE, |seconds| Duration::from_secs(seconds as u64));
    Ok(HttpSettings { provider, base, key: key.map(|key| Secret::new(&key)), proxy, silence })
}
