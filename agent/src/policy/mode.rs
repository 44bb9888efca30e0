//! How much is allowed without asking.

/// How much is allowed without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing is changed and no code of the project is run.
    ReadOnly,
    /// Changes and commands are asked about.
    Ask,
    /// Changes within the tree and known commands happen; the rest is asked about.
    Auto,
}

/// What is done about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It happens.
    Allow,
    /// The user is asked. Where nobody can be, that is a no.
    Ask(String),
    /// It does not happen, whoever asks.
    Deny(String),
}

impl Mode {
    /// The word used on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::Ask => "ask",
            Self::Auto => "auto",
        }
    }

    /// What is done about a change of files.
    pub fn on_change(self, what: &str) -> Decision {
        match self {
            Self::ReadOnly => Decision::Deny(format!("not allowed in read-only mode: {what}")),
            Self::Ask => Decision::Ask(what.to_owned()),
            Self::Auto => Decision::Allow,
        }
    }
}
