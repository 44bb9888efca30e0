//! Which model is asked: from arguments, the environment, the configuration, or a key that is set.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use flux_agent::llm::provider::PROVIDERS;
use flux_agent::llm::transport::{HttpSettings, USUAL_SILENCE};
use flux_agent::llm::{Pace, PaceLimits, Provider};
use flux_agent::run::ModelChoice;
use flux_engine::tokens::Models;

use super::keys;
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

/// What a model is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Answering and looking around.
    Read,
    /// Changing the tree.
    Edit,
}

impl Role {
    /// Who serves the model of this role and what it is called, as far as the configuration says.
    pub(super) fn configured(
        self,
        config: &AgentConfig,
    ) -> Option<(Option<&'static Provider>, String)> {
        let text = match self {
            Self::Read => config.services.read.as_deref()?,
            Self::Edit => config.services.edit.as_deref()?,
        };
        // Names of models may have a colon, too.
        let parts = text
            .split_once(':')
            .and_then(|(provider, model)| Some((Provider::named(provider)?, model)));
        Some(match parts {
            Some((provider, model)) => (Some(provider), model.to_owned()),
            None => (None, text.to_owned()),
        })
    }
}

/// The model for a role; `None` where nothing names one. What is named for this run comes first,
/// because roles are for when nothing else is said.
pub(super) fn choose(
    context: &Context,
    args: &ConversationArgs,
    config: &AgentConfig,
    role: Role,
) -> anyhow::Result<Option<Chosen>> {
    let provider_named_now = args.provider.clone().or_else(|| variable("FLUX_PROVIDER"));
    let model_named_now = args.model.clone().or_else(|| variable("FLUX_MODEL"));
    let is_named_now = provider_named_now.is_some() || model_named_now.is_some();
    let of_role = role.configured(config).filter(|_| !is_named_now);
    let (role_provider, role_model) = match of_role {
        Some((provider, model)) => (provider, Some(model)),
        None => (None, None),
    };
    let provider = match (role_provider, provider_named_now.or_else(|| config.provider.clone())) {
        (Some(provider), _) => Some(provider),
        (None, Some(name)) => Some(provider_named(&name)?),
        (None, None) => PROVIDERS
            .iter()
            .find(|provider| !provider.is_keyless && keys::is_set(provider, &config.services)),
    };
    let Some(provider) = provider else { return Ok(None) };
    let name = role_model.or(model_named_now).or_else(|| config.model.clone());
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

/// The model that looks around for another one, if the configuration names one. It shares the
/// connection's limits with `other` where both are of one service.
pub(super) fn explorer(
    context: &Context,
    config: &AgentConfig,
    other: &Chosen,
) -> anyhow::Result<Option<Chosen>> {
    let Some((provider, name)) = Role::Read.configured(config) else { return Ok(None) };
    let provider = provider.unwrap_or(other.model.provider);
    let http = match provider.name == other.model.provider.name {
        true => other.http.clone(),
        false => http(provider, config)?,
    };
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

fn http(provider: &'static Provider, config: &AgentConfig) -> anyhow::Result<HttpSettings> {
    let usual = match provider.name {
        "anthropic" => variable("ANTHROPIC_BASE_URL"),
        "openai" | "openai-responses" => variable("OPENAI_BASE_URL"),
        _ => None,
    };
    // The address of the configuration belongs to the provider of the configuration, and that of the
    // environment to the one that it names.
    let is_own = config.provider.as_deref() == Some(provider.name);
    let own = config.base_url.clone().filter(|_| is_own);
    let is_of_environment = variable("FLUX_PROVIDER").is_none_or(|name| name == provider.name);
    let of_environment = |name: &str| variable(name).filter(|_| is_of_environment);
    let base = of_environment("FLUX_BASE_URL").or(own).or(usual).unwrap_or_default();
    if base.is_empty() && provider.address.is_empty() {
        let text = format!("no address of {} is set\nhint: set FLUX_BASE_URL", provider.name);
        return Err(UsageError(text).into());
    }
    let key = keys::key(provider, &config.services, of_environment("FLUX_API_KEY"))?;
    if key.is_none() && !provider.is_keyless {
        let name = provider.key_variable;
        let text = format!(
            "no key of {0} is set\nhint: set {name}, or keys.{0} in config.toml to the command that \
             prints it",
            provider.name
        );
        return Err(UsageError(text).into());
    }
    let proxy = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"].into_iter().find_map(variable);
    let silence = number("FLUX_IDLE_TIMEOUT")?;
    let silence = silence.map_or(USUAL_SILENCE, |seconds| Duration::from_secs(seconds as u64));
    let limits = PaceLimits {
        requests: config.services.requests_per_minute,
        tokens: config.services.tokens_per_minute,
    };
    let pace = Arc::new(Mutex::new(Pace::new(limits, provider.dialect)));
    Ok(HttpSettings { provider, base, key, proxy, silence, pace })
}
