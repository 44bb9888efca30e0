//! Who serves models: where, in which dialect, and what each does differently. Data, not code.

use std::fmt;

use super::anthropic;

/// How a service is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Anthropic's Messages.
    Anthropic,
    /// OpenAI's Chat Completions.
    Chat,
    /// OpenAI's Responses.
    Responses,
}

impl Dialect {
    /// All.
    pub const ALL: [Self; 3] = [Self::Anthropic, Self::Chat, Self::Responses];

    /// What follows the address of the service.
    fn path(self) -> &'static str {
        match self {
            Self::Anthropic => "/v1/messages",
            Self::Chat => "/chat/completions",
            Self::Responses => "/responses",
        }
    }
}

/// What requests to a service must do differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quirks {
    /// The field of the most tokens of an answer.
    pub limit: &'static str,
    /// Whether it understands being asked for the usage at the end of a stream.
    pub tells_usage: bool,
}

const ORIGINAL: Quirks = Quirks { limit: "max_completion_tokens", tells_usage: true };
/// Compatible servers took over the older field.
const COMPATIBLE: Quirks = Quirks { limit: "max_tokens", tells_usage: true };

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provider {
    /// What the user calls it.
    pub name: &'static str,
    /// How it is spoken to.
    pub dialect: Dialect,
    /// Where it is; empty where only the user knows.
    pub address: &'static str,
    /// The variable its own programs read the key from.
    pub key_variable: &'static str,
    /// Whether it answers without a key.
    pub is_keyless: bool,
    /// Its model if none is chosen; empty where there is no obvious one.
    pub usual_model: &'static str,
    /// What requests must do differently.
    pub quirks: Quirks,
}

/// All that are known.
pub const PROVIDERS: &[Provider] = &[
    Provider {
        name: "anthropic",
        dialect: Dialect::Anthropic,
        address: "https://api.anthropic.com",
        key_variable: "ANTHROPIC_API_KEY",
        is_keyless: false,
        usual_model: "claude-sonnet-5-5",
        quirks: ORIGINAL,
    },
    Provider {
        name: "openai-responses",
        dialect: Dialect::Responses,
        address: "https://api.openai.com/v1",
        key_variable: "OPENAI_API_KEY",
        is_keyless: false,
        usual_model: "gpt-6-sol",
        quirks: ORIGINAL,
    },
    Provider {
        name: "openai",
        dialect: Dialect::Chat,
        address: "https://api.openai.com/v1",
        key_variable: "OPENAI_API_KEY",
        is_keyless: false,
        usual_model: "gpt-6-sol",
        quirks: ORIGINAL,
    },
    Provider {
        name: "openrouter",
        dialect: Dialect::Chat,
        address: "https://openrouter.ai/api/v1",
        key_variable: "OPENROUTER_API_KEY",
        is_keyless: false,
        usual_model: "",
        quirks: COMPATIBLE,
    },
    Provider {
        name: "ollama",
        dialect: Dialect::Chat,
        address: "http://localhost:11434/v1",
        key_variable: "OLLAMA_API_KEY",
        is_keyless: true,
        usual_model: "",
        quirks: COMPATIBLE,
    },
    Provider {
        name: "lmstudio",
        dialect: Dialect::Chat,
        address: "http://localhost:1234/v1",
        key_variable: "LMSTUDIO_API_KEY",
        is_keyless: true,
        usual_model: "",
        quirks: COMPATIBLE,
    },
    Provider {
        name: "vllm",
        dialect: Dialect::Chat,
        address: "http://localhost:8000/v1",
        key_variable: "VLLM_API_KEY",
        is_keyless: true,
        usual_model: "",
        quirks: COMPATIBLE,
    },
    Provider {
        name: "compatible",
        dialect: Dialect::Chat,
        address: "",
        key_variable: "OPENAI_API_KEY",
        is_keyless: true,
        usual_model: "",
        quirks: COMPATIBLE,
    },
];

impl Provider {
    /// The service of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|provider| provider.name == name)
    }

    /// Where requests go.
    pub fn url(&self, base: &str) -> String {
        let base = if base.trim().is_empty() { self.address } else { base.trim() };
        let base = base.trim_end_matches('/');
        let path = self.dialect.path();
        // People give the address with and without the version.
        let path = match self.dialect {
            Dialect::Anthropic if base.ends_with("/v1") => path.trim_start_matches("/v1"),
            Dialect::Anthropic | Dialect::Chat | Dialect::Responses => path,
        };
        format!("{base}{path}")
    }

    /// The headers of a request.
    pub fn headers(&self, key: Option<&Secret>) -> Vec<(&'static str, String)> {
        let mut headers = vec![("content-type", "application/json".to_owned())];
        headers.push(("accept", "text/event-stream".to_owned()));
        let key = key.map(Secret::expose).filter(|key| !key.is_empty());
        match (self.dialect, key) {
            (Dialect::Anthropic, key) => {
                headers.push(("anthropic-version", anthropic::VERSION.to_owned()));
                headers.extend(key.map(|key| ("x-api-key", key.to_owned())));
            }
            (Dialect::Chat | Dialect::Responses, key) => {
                headers.extend(key.map(|key| ("authorization", format!("Bearer {key}"))));
            }
        }
        headers
    }
}

/// A key, kept out of messages.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The key `key`, without the space around it.
    pub fn new(key: &str) -> Self {
        Self(key.trim().to_owned())
    }

    /// The key itself, to send it.
    fn expose(&self) -> &str {
        &self.0
    }

    /// `text` with the key blotted out.
    pub fn blot(&self, text: &str) -> String {
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, "…") }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Provider, Secret};

    #[test]
    fn addresses_are_taken_with_and_without_the_version() {
        let url = |name: &str, base: &str| Provider::named(name).unwrap().url(base);
        assert_eq!(url("anthropic", "http://127.0.0.1:9"), "http://127.0.0.1:9/v1/messages");
        assert_eq!(url("anthropic", "http://127.0.0.1:9/v1/"), "http://127.0.0.1:9/v1/messages");
        assert_eq!(url("ollama", ""), "http://localhost:11434/v1/chat/completions");
        assert_eq!(url("openai-responses", "http://h/v1"), "http://h/v1/responses");
    }

    #[test]
    fn a_key_is_sent_and_never_shown() {
        let key = Secret::new(" abc \n");
        let headers = |name: &str| Provider::named(name).unwrap().headers(Some(&key));
        assert!(headers("anthropic").contains(&("x-api-key", "abc".to_owned())));
        assert!(headers("openai").contains(&("authorization", "Bearer abc".to_owned())));
        assert_eq!(format!("{key:?}"), "Secret(…)");
        assert_eq!(key.blot("bad key abc"), "bad key …");
    }
}
