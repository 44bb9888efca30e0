//! The user's configuration: `config.toml` in the configuration folder. Read leniently about what
//! other versions wrote, and changed without touching the rest of the file.

pub(crate) mod services;

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, bail};
use toml_edit::{DocumentMut, Item, Table, value};

use self::services::Services;

const FILE: &str = "config.toml";

/// The model that `[embedding] model` names.
pub(crate) fn embedding_model(folder: &Path) -> anyhow::Result<Option<String>> {
    let document = read(folder)?;
    let Some(item) = document.get("embedding").and_then(|table| table.get("model")) else {
        return Ok(None);
    };
    match item.as_str() {
        Some(name) => Ok(Some(name.to_owned())),
        None => bail!(
            "embedding.model is no string in {}\nhint: write model = \"builtin\"",
            folder.join(FILE).display()
        ),
    }
}

/// Writes `[embedding] model`. The file is replaced in one step.
pub(crate) fn set_embedding_model(folder: &Path, name: &str) -> anyhow::Result<()> {
    let mut document = read(folder)?;
    let table = document.entry("embedding").or_insert(Item::Table(Table::new()));
    if !table.is_table_like() {
        bail!("embedding is no table in {}", folder.join(FILE).display());
    }
    table["model"] = value(name);
    let path = folder.join(FILE);
    let fresh = path.with_extension("toml.new");
    let write = || -> io::Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(&fresh, document.to_string())?;
        fs::rename(&fresh, &path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// What `[agent]` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AgentConfig {
    /// Who serves the model.
    pub(crate) provider: Option<String>,
    /// The model.
    pub(crate) model: Option<String>,
    /// Where its service is.
    pub(crate) base_url: Option<String>,
    /// Beginnings of commands that are run without asking.
    pub(crate) allow: Vec<String>,
    /// Whether commands may use the network.
    pub(crate) network: bool,
    /// Whether changes are left unchecked.
    pub(crate) is_unchecked: bool,
    /// Roles, keys and limits.
    pub(crate) services: Services,
}

/// Reads `[agent]`.
pub(crate) fn agent(folder: &Path) -> anyhow::Result<AgentConfig> {
    let document = read(folder)?;
    let place = folder.join(FILE);
    let services = Services::read(&services::table(&text(folder)?, &place)?, &place)?;
    let Some(table) = document.get("agent") else {
        return Ok(AgentConfig { services, ..AgentConfig::default() });
    };
    let string = |key: &str| -> anyhow::Result<Option<String>> {
        let Some(item) = table.get(key) else { return Ok(None) };
        let text = item.as_str().map(str::to_owned);
        text.map(Some).with_context(|| format!("agent.{key} is no string in {}", place.display()))
    };
    let allow = match table.get("allow") {
        None => Vec::new(),
        Some(item) => {
            let texts = item
                .as_array()
                .and_then(|list| list.iter().map(|one| one.as_str().map(str::to_owned)).collect());
            let wrong = || format!("agent.allow is no list of strings in {}", place.display());
            texts.with_context(wrong)?
        }
    };
    let network = table.get("network").and_then(Item::as_bool).unwrap_or_default();
    let is_unchecked = table.get("unchecked").and_then(Item::as_bool).unwrap_or_default();
    let (provider, model) = (string("provider")?, string("model")?);
    Ok(AgentConfig {
        provider,
        model,
        base_url: string("base_url")?,
        allow,
        network,
        is_unchecked,
        services,
    })
}

/// The tree's own `flux.toml`; empty when there is none.
pub(crate) fn tree_table(
    root: &Path,
) -> anyhow::Result<serde_json::Map<String, serde_json::Value>> {
    let path = root.join("flux.toml");
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        text => text.with_context(|| format!("cannot read {}", path.display()))?,
    };
    services::table(&text, &path)
}

/// What `[learn] enabled` says; learning is on unless it is turned off.
pub(crate) fn learns(folder: &Path) -> anyhow::Result<bool> {
    let document = read(folder)?;
    let Some(item) = document.get("learn").and_then(|table| table.get("enabled")) else {
        return Ok(true);
    };
    let wrong =
        || format!("learn.enabled is neither true nor false in {}", folder.join(FILE).display());
    item.as_bool().with_context(wrong)
}

/// The command that a key of `[check]` in the tree's own `flux.toml` names.
pub(crate) fn check_command(root: &Path, key: &str) -> anyhow::Result<Option<String>> {
    let path = root.join("flux.toml");
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text.with_context(|| format!("cannot read {}", path.display()))?,
    };
    let parsed = text.parse::<DocumentMut>();
    let document = parsed.with_context(|| format!("{} is no TOML", path.display()))?;
    let Some(item) = document.get("check").and_then(|table| table.get(key)) else {
        return Ok(None);
    };
    let command = item.as_str().map(str::to_owned);
    let command =
        command.with_context(|| format!("check.{key} is no string in {}", path.display()));
    command.map(Some)
}

/// The text of the file; empty when there is none.
pub(crate) fn text(folder: &Path) -> anyhow::Result<String> {
    let path = folder.join(FILE);
    match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        text => text.with_context(|| format!("cannot read {}", path.display())),
    }
}

fn read(folder: &Path) -> anyhow::Result<DocumentMut> {
    let path = folder.join(FILE);
    let text = text(folder)?;
    let parsed = text.parse::<DocumentMut>();
    parsed.with_context(|| format!("{} is no TOML\nhint: correct or remove it", path.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{embedding_model, set_embedding_model};

    #[test]
    fn a_model_is_kept_and_the_rest_of_the_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(embedding_model(folder.path()).unwrap(), None);
        let text = "# mine\n[roles]\nedit = \"strong\" # keep\n";
        fs::write(folder.path().join("config.toml"), text).unwrap();
        set_embedding_model(folder.path(), "ollama:nomic").unwrap();
        set_embedding_model(folder.path(), "builtin").unwrap();
        let written = fs::read_to_string(folder.path().join("config.toml")).unwrap();
        assert_eq!(written, format!("{text}\n[embedding]\nmodel = \"builtin\"\n"));
        assert_eq!(embedding_model(folder.path()).unwrap().as_deref(), Some("builtin"));
    }

    #[test]
    fn a_broken_file_is_named_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        for text in ["[embedding", "embedding = 3\n", "[embedding]\nmodel = 3\n"] {
            fs::write(&path, text).unwrap();
            let failed = embedding_model(folder.path()).is_err()
                | set_embedding_model(folder.path(), "builtin").is_err();
            assert!(failed, "{text}");
        }
        fs::write(&path, "[embedding").unwrap();
        let error = format!("{:#}", embedding_model(folder.path()).unwrap_err());
        assert!(error.contains("config.toml is no TOML"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "[embedding");
    }
}
