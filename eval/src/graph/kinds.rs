//! The closed vocabularies of the lines: kinds of symbols and tiers of certainty.

use std::fmt;

use serde::Deserialize;

/// What a declaration declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Alias,
    Attribute,
    Class,
    Const,
    Enum,
    Field,
    Function,
    Impl,
    Interface,
    Kwarg,
    Local,
    Macro,
    Method,
    Module,
    Namespace,
    Nested,
    Param,
    Trait,
    Type,
    Variable,
    Variant,
    #[serde(other)]
    Other,
}

impl Kind {
    /// A node of the graph of calls.
    pub(super) fn is_callable(self) -> bool {
        matches!(self, Self::Function | Self::Method | Self::Nested | Self::Class)
    }

    /// Has a body that calls can stand in.
    pub(super) fn has_body(self) -> bool {
        matches!(self, Self::Function | Self::Method | Self::Nested)
    }

    /// Seen inside one function only.
    pub(super) fn is_local(self) -> bool {
        matches!(self, Self::Local | Self::Param)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&format!("{self:?}").to_lowercase())
    }
}

/// How sure a tool says it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tier {
    /// The rules of the language lead there.
    Exact,
    /// A rule that can err leads there.
    Likely,
    /// The name alone leads there.
    Name,
    /// The tool does not say.
    #[default]
    #[serde(other)]
    Unmarked,
}

impl Tier {
    /// Every tier, the surest first.
    pub(super) const ALL: [Self; 4] = [Self::Exact, Self::Likely, Self::Name, Self::Unmarked];
}

impl fmt::Display for Tier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&format!("{self:?}").to_lowercase())
    }
}
