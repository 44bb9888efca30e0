//! What the configuration says of services and of tools: who reads and who edits, where keys come
//! from, how fast a service is asked, which tools there are beyond the built-in ones.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

/// Roles, keys and limits of services.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Services {
    /// The model that answers questions and looks around: `PROVIDER:MODEL` or `MODEL`.
    pub(crate) read: Option<String>,
    /// The one that edits.
    pub(crate) edit: Option<String>,
    /// Commands that print the key of a provider.
    pub(crate) keys: BTreeMap<String, Vec<String>>,
    /// Requests that a service gets in a minute.
    pub(crate) requests_per_minute: Option<u32>,
    /// Tokens that are sent to it in a minute.
    pub(crate) tokens_per_minute: Option<u64>,
    /// Whether answers are made ready before they are asked for.
    pub(crate) foresees: bool,
}

/// A file of TOML as JSON, which is what tools are described in.
pub(crate) fn table(text: &str, place: &Path) -> anyhow::Result<Map<String, Value>> {
    let parsed = toml::from_str::<Map<String, Value>>(text);
    parsed.with_context(|| format!("{} is no TOML\nhint: correct or remove it", place.display()))
}

impl Services {
    /// Reads `[roles]`, `[keys]` and the limits below `[agent]`.
    pub(crate) fn read(table: &Map<String, Value>, place: &Path) -> anyhow::Result<Self> {
        let place = place.display();
        let role = |name: &str| match table.get("roles").and_then(|roles| roles.get(name)) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => bail!("roles.{name} is no string in {place}"),
        };
        let number = |name: &str| match table.get("agent").and_then(|agent| agent.get(name)) {
            None => Ok(None),
            Some(value) => match value.as_u64().filter(|number| *number > 0) {
                Some(number) => Ok(Some(number)),
                None => bail!("agent.{name} is no number above 0 in {place}"),
            },
        };
        let mut keys = BTreeMap::new();
        for (provider, command) in
            table.get("keys").and_then(Value::as_object).into_iter().flatten()
        {
            let words = command.as_array().map(|words| words.iter().map(Value::as_str));
            let words = words.and_then(|words| words.map(|word| word.map(str::to_owned)).collect());
            let wrong = || {
                format!(
                    "keys.{provider} is no list of words in {place}\nhint: write the command that \
                     prints the key, as in {provider} = [\"pass\", \"show\", \"{provider}\"]"
                )
            };
            let words: Vec<String> = words.with_context(wrong)?;
            keys.insert(provider.clone(), words);
        }
        let foresees = match table.get("agent").and_then(|agent| agent.get("foresee")) {
            None => Self::default().foresees,
            Some(Value::Bool(foresees)) => *foresees,
            Some(_) => bail!("agent.foresee is neither true nor false in {place}"),
        };
        let requests = number("requests_per_minute")?;
        Ok(Self {
            read: role("read")?,
            edit: role("edit")?,
            keys,
            requests_per_minute: requests.map(|most| u32::try_from(most).unwrap_or(u32::MAX)),
            tokens_per_minute: number("tokens_per_minute")?,
            foresees,
        })
    }
}

/// The entries of `[[tools]]`.
pub(crate) fn tools(table: &Map<String, Value>) -> Vec<Value> {
    match table.get("tools") {
        Some(Value::Array(tools)) => tools.clone(),
        // What is no list is read as a tool, and said to be none.
        Some(other) => vec![other.clone()],
        None => Vec::new(),
    }
}

/// The tables `[mcp.NAME]`, by name.
pub(crate) fn servers(table: &Map<String, Value>) -> Vec<(String, Value)> {
    let servers = table.get("mcp").and_then(Value::as_object);
    servers.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Services, servers, table, tools};

    fn read(text: &str) -> anyhow::Result<Services> {
        let place = Path::new("config.toml");
        Services::read(&table(text, place)?, place)
    }

    #[test]
    fn roles_keys_and_limits_are_read() {
        let text = "[roles]\nread = \"ollama:q\"\n[keys]\nopenai = [\"pass\", \"show\", \"o\"]\n\
                    [agent]\nrequests_per_minute = 50\n";
        let services = read(text).unwrap();
        assert_eq!(services.read.as_deref(), Some("ollama:q"));
        assert_eq!(services.keys["openai"], ["pass", "show", "o"]);
        assert_eq!(services.requests_per_minute, Some(50));
        assert_eq!(read("").unwrap(), Services::default());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            ("[roles]\nread = 3", "roles.read is no string in config.toml"),
            ("[keys]\nx = \"pass\"", "keys.x is no list of words"),
            ("[keys]\nx = [3]", "keys.x is no list of words"),
            ("[agent]\ntokens_per_minute = 0", "agent.tokens_per_minute is no number above 0"),
            ("[", "config.toml is no TOML"),
        ] {
            let said = format!("{:#}", read(text).unwrap_err());
            assert!(said.contains(expected), "{said}");
        }
    }

    #[test]
    fn tools_and_servers_are_listed() {
        let text =
            "[[tools]]\nname = \"a\"\nschema = { type = \"object\" }\n[mcp.b]\ncommand = [\"c\"]\n";
        let table = table(text, Path::new("flux.toml")).unwrap();
        assert_eq!(tools(&table)[0]["schema"]["type"], "object");
        assert_eq!(servers(&table)[0].1["command"][0], "c");
    }
}
