//! The environment, read in one place.

use std::path::PathBuf;

/// The value of a variable that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The names of the variables that hold keys and passwords, as far as names tell.
pub(crate) fn secret_names() -> Vec<String> {
    let is_secret = |name: &String| {
        let name = name.to_uppercase();
        ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIALS"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter(is_secret).collect()
}

/// The user's own folder.
pub(crate) fn home() -> Option<PathBuf> {
    path_variable(if cfg!(windows) { "USERPROFILE" } else { "HOME" })
}

/// The same for a path, which need not be UTF-8.
#[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
pub(crate) fn path_variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
