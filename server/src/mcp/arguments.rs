//! The arguments of tools. An unknown one is an error: a filter that is silently dropped makes a
//! global answer look like the one that was asked for.

use rmcp::model::JsonObject;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::page::Wanted;

/// Arguments of `search_code`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    pub(super) query: String,
    #[serde(default)]
    pub(super) path: Option<OneOrMany>,
    #[serde(default)]
    pub(super) lang: Option<OneOrMany>,
    #[serde(default)]
    pub(super) tests: Tests,
    #[serde(default)]
    pub(super) limit: Option<usize>,
    #[serde(default)]
    pub(super) max_tokens: Option<usize>,
    #[serde(default)]
    pub(super) cursor: Option<String>,
}

/// A text or a list of texts.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(super) fn list(texts: Option<&Self>) -> Vec<String> {
        match texts {
            None => Vec::new(),
            Some(Self::One(text)) => vec![text.clone()],
            Some(Self::Many(texts)) => texts.clone(),
        }
    }
}

/// Whether tests are wanted.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Tests {
    #[default]
    Include,
    Only,
    Exclude,
}

impl From<Tests> for flux_engine::query::Tests {
    fn from(tests: Tests) -> Self {
        match tests {
            Tests::Include => Self::Ranked,
            Tests::Only => Self::Only,
            Tests::Exclude => Self::Never,
        }
    }
}

/// Arguments of `symbol`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Symbol {
    pub(super) name: String,
    #[serde(default)]
    pub(super) show: Show,
    #[serde(default)]
    pub(super) to: Option<String>,
    #[serde(default)]
    pub(super) max_tokens: Option<usize>,
    #[serde(default)]
    pub(super) cursor: Option<String>,
}

/// What is asked of a symbol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Show {
    #[default]
    Definition,
    References,
    Callers,
    Callees,
    Hierarchy,
    Imports,
    Path,
}

/// Arguments of `impact`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Impact {
    #[serde(default)]
    pub(super) target: Option<String>,
    #[serde(default)]
    pub(super) diff: Option<String>,
    #[serde(default)]
    pub(super) depth: Option<usize>,
    #[serde(default)]
    pub(super) tests_only: bool,
    #[serde(default)]
    pub(super) max_tokens: Option<usize>,
    #[serde(default)]
    pub(super) cursor: Option<String>,
}

/// Arguments of `context`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Context {
    pub(super) task: String,
    #[serde(default)]
    pub(super) budget: Option<usize>,
    #[serde(default)]
    pub(super) path: Option<OneOrMany>,
    #[serde(default)]
    pub(super) tests: Tests,
    #[serde(default)]
    pub(super) have: Vec<String>,
}

/// Arguments of `get_suggestions`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Suggestions {
    #[serde(default)]
    pub(super) files: Option<OneOrMany>,
    #[serde(default)]
    pub(super) max_tokens: Option<usize>,
    #[serde(default)]
    pub(super) cursor: Option<String>,
}

/// Arguments of `status`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Status {}

macro_rules! wanted {
    ($($name:ident)+) => {
        $(impl $name {
            /// How much of the answer is wanted.
            pub(super) fn wanted(&self) -> Wanted<'_> {
                Wanted { max_tokens: self.max_tokens, cursor: self.cursor.as_deref() }
            }
        })+
    };
}

wanted!(Search Symbol Impact Suggestions);

/// Reads the arguments of a tool.
pub(super) fn read<T: DeserializeOwned>(arguments: JsonObject) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::Object(arguments))
        .map_err(|error| format!("wrong arguments: {error}"))
}
