//! The environment, read in one place.

use std::path::PathBuf;

/// The value of a variable that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The same for a path, which need not be UTF-8.
#[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
pub(crate) fn path_variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
