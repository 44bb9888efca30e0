//! The shape of `language.toml`.

use serde::Deserialize;

use crate::grammar::Category;

/// What `language.toml` says; `FORMAT.md` explains each key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    #[serde(default)]
    pub(crate) extensions: Vec<String>,
    #[serde(default)]
    pub(crate) file_names: Vec<String>,
    #[serde(default)]
    pub(crate) interpreters: Vec<String>,
    pub(crate) category: Category,
    #[serde(default)]
    pub(crate) comments: Vec<String>,
    #[serde(default)]
    pub(crate) doc_prefixes: Vec<String>,
    #[serde(default)]
    pub(crate) test_files: Vec<String>,
    #[serde(default)]
    pub(crate) transparent: Vec<String>,
    #[serde(default)]
    pub(crate) attributes: Vec<String>,
    #[serde(default = "dot")]
    pub(crate) path_separator: String,
    #[serde(default = "quotes")]
    pub(crate) name_trim: String,
    #[serde(default)]
    pub(crate) signature: SignatureConfig,
    #[serde(default)]
    pub(crate) references: ReferenceConfig,
    pub(crate) structural: Option<StructuralConfig>,
}

/// Where signatures end and what they leave out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignatureConfig {
    #[serde(default)]
    pub(crate) bodies: Vec<String>,
    #[serde(default)]
    pub(crate) skip: Vec<String>,
}

/// Which leaves mention something, and how.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReferenceConfig {
    #[serde(default)]
    pub(crate) identifiers: Vec<String>,
    #[serde(default)]
    pub(crate) skip: Vec<String>,
    #[serde(default)]
    pub(crate) call: Vec<String>,
    #[serde(default)]
    pub(crate) inherit: Vec<String>,
    #[serde(default, rename = "macro")]
    pub(crate) macros: Vec<String>,
    #[serde(default, rename = "type")]
    pub(crate) types: Vec<String>,
    #[serde(default)]
    pub(crate) member: Vec<String>,
}

/// How pieces of code are parsed that are looked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StructuralConfig {
    pub(crate) contexts: Vec<String>,
    #[serde(default)]
    pub(crate) fallbacks: Vec<String>,
    #[serde(default = "StructuralConfig::plain")]
    pub(crate) forms: Vec<String>,
}

fn dot() -> String {
    ".".to_owned()
}

fn quotes() -> String {
    "\"'`".to_owned()
}
