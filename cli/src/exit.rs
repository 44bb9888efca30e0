//! Exit codes: 0 found or done, 1 nothing found, 2 wrong use, 3 no index, 4 stale or partial with
//! `--strict` or an index that lacks its vectors, 5 edit refused or rolled back, 70 internal, 130
//! cancelled.

use std::io::{self, Write};
use std::process::ExitCode;

use flux_core::EmbedError;
use flux_engine::EngineError;
use flux_exchange::ExchangeError;

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Found, or done.
    Done,
    /// Nothing found, or a check found problems.
    Nothing,
    /// `--strict` was given and the answer is stale; or an index lacks its vectors.
    Stale,
    /// An edit was refused or rolled back.
    Refused,
    /// The user stopped it.
    Cancelled,
    /// A model's service refused the key.
    NoKey,
    /// A model's service gave no answer; it was said why.
    Failed,
}

/// Prints an error and chooses the exit code.
pub(crate) fn code(result: anyhow::Result<Outcome>) -> ExitCode {
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Nothing) => ExitCode::from(1),
        Ok(Outcome::Stale) => ExitCode::from(4),
        Ok(Outcome::Refused) => ExitCode::from(5),
        Ok(Outcome::NoKey) => ExitCode::from(2),
        Ok(Outcome::Failed) => ExitCode::from(70),
        Ok(Outcome::Cancelled) => ExitCode::from(130),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("flux: {}", message(&error)));
            ExitCode::from(number(&error))
        }
    }
}

/// Prints clap's message, help or version.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Help that cannot be printed has no reader, as with `flux --help | head`.
    match (error.exit_code(), error.print()) {
        (0, _) => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    }
}

/// Writes a line to standard error. Nothing can be done when even that is closed.
pub(crate) fn say(line: &str) {
    if writeln!(io::stderr(), "{line}").is_err() {}
}

/// The error with its causes, hints last.
fn message(error: &anyhow::Error) -> String {
    let mut text = String::new();
    let mut hints = Vec::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        let (said, hinted): (Vec<&str>, Vec<&str>) =
            cause.lines().partition(|line| !line.starts_with("hint: "));
        hints.extend(hinted.into_iter().map(str::to_owned));
        let said = said.join("\n");
        // A transparent error repeats the one it wraps.
        if !said.is_empty() && !text.contains(&said) {
            text.push_str(if text.is_empty() { "" } else { ": " });
            text.push_str(&said);
        }
    }
    hints.dedup();
    std::iter::once(text).chain(hints).collect::<Vec<_>>().join("\n")
}

fn number(error: &anyhow::Error) -> u8 {
    match error.downcast_ref::<EngineError>() {
        Some(error) if error.is_cancelled() => 130,
        Some(error) if error.is_missing_index() => 3,
        Some(error) if error.is_usage() => 2,
        Some(_) => 70,
        None if error.is::<UsageError>() || error.is::<EmbedError>() => 2,
        None => match error.downcast_ref::<ExchangeError>() {
            Some(ExchangeError::NotScip(_) | ExchangeError::Address { .. }) => 2,
            Some(ExchangeError::Cancelled) => 130,
            _ => 70,
        },
    }
}

/// A wrong combination of arguments that clap cannot see.
#[derive(Debug)]
pub(crate) struct UsageError(pub(crate) String);

impl std::fmt::Display for UsageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// A reader that has seen enough, such as `head`, is no failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}
