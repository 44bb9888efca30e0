//! Where the key of a service comes from: the environment, else a command that prints it.
//!
//! A command, because it works with every keyring there is (`secret-tool`, `security`, `pass`,
//! `op`, `gopass`), on every system, and leaves the asking for a password to it. A package for
//! keyrings would know three of them.

use std::io::Read as _;
use std::process::{Command, Stdio};

use flux_agent::llm::{Provider, Secret};

use crate::config::services::Services;
use crate::environment::variable;
use crate::exit::UsageError;

/// Longest key, in bytes. A program that prints more prints something else.
const LONGEST: u64 = 16 << 10;

/// Whether there may be a key of `provider`, without asking any program for it.
pub(super) fn is_set(provider: &Provider, services: &Services) -> bool {
    variable(provider.key_variable).is_some() || services.keys.contains_key(provider.name)
}

/// The key of `provider`, if it has one; `own` is the one that the environment names for it.
pub(super) fn key(
    provider: &Provider,
    services: &Services,
    own: Option<String>,
) -> Result<Option<Secret>, UsageError> {
    if let Some(key) = own.or_else(|| variable(provider.key_variable)) {
        return Ok(Some(Secret::new(&key)));
    }
    match services.keys.get(provider.name) {
        None => Ok(None),
        Some(command) => printed(provider.name, command).map(Some),
    }
}

/// The first line that a command prints. What it prints is never shown, whatever happens.
fn printed(provider: &str, command: &[String]) -> Result<Secret, UsageError> {
    let failed = |why: String| {
        UsageError(format!(
            "no key of {provider}: {why}\nhint: keys.{provider} in config.toml is the command that \
             prints it"
        ))
    };
    let Some((program, arguments)) = command.split_first() else {
        return Err(failed("its command is empty".to_owned()));
    };
    let mut asked = Command::new(program);
    // A keyring may ask for a password, on the terminal that is ours.
    asked.args(arguments).stdin(Stdio::inherit()).stderr(Stdio::inherit()).stdout(Stdio::piped());
    let cannot = |error: std::io::Error| failed(format!("`{program}` cannot be run: {error}"));
    let mut child = asked.spawn().map_err(cannot)?;
    let mut text = String::new();
    let output = child.stdout.take().map(|output| output.take(LONGEST));
    let read = output.map_or(Ok(0), |mut output| output.read_to_string(&mut text));
    let status = child.wait().map_err(cannot)?;
    let line = text.lines().next().unwrap_or_default().trim();
    match () {
        () if !status.success() => Err(failed(format!("`{program}` ended with {status}"))),
        () if read.is_err() => Err(failed(format!("`{program}` prints no text"))),
        () if line.is_empty() => Err(failed(format!("`{program}` prints nothing"))),
        () => Ok(Secret::new(line)),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use flux_agent::llm::Secret;

    use super::printed;

    fn asked(line: &str) -> Result<Secret, String> {
        let command = ["sh", "-c", line].map(str::to_owned);
        printed("openai", &command).map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_line_is_the_key_and_failures_do_not_show_it() {
        assert_eq!(asked("echo ' secret-key '; echo more"), Ok(Secret::new("secret-key")));
        for (line, expected) in [
            ("echo secret-key; exit 3", "`sh` ended with exit status: 3"),
            ("true", "`sh` prints nothing"),
            ("printf 'secret-key\\377'", "`sh` prints no text"),
        ] {
            let said = asked(line).unwrap_err();
            assert!(said.contains(expected) && !said.contains("secret-key"), "{said}");
        }
        let gone = printed("openai", &["no-such-program-here".to_owned()]).unwrap_err();
        assert!(gone.to_string().contains("cannot be run"), "{gone}");
    }
}
