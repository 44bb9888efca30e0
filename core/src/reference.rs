//! Raw references and imports: what a file mentions, before anything is resolved.

use serde::{Deserialize, Serialize};

use crate::span::ByteSpan;

/// The syntactic role in which an identifier is mentioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ReferenceRole {
    /// The callee of a call.
    Call,
    /// A name in type position.
    Type,
    /// A base class, implemented interface or trait.
    Inherit,
    /// The member after a dot, arrow or scope operator, when it is not called.
    Member,
    /// A decorator, attribute or macro use.
    Macro,
    /// Anything else.
    Name,
}

impl ReferenceRole {
    /// Every role, in declaration order.
    pub const ALL: &[Self] =
        &[Self::Call, Self::Type, Self::Inherit, Self::Member, Self::Macro, Self::Name];

    /// The word used in language files, fixtures and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Type => "type",
            Self::Inherit => "inherit",
            Self::Member => "member",
            Self::Macro => "macro",
            Self::Name => "name",
        }
    }
}

/// One mention of an identifier that does not define it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Position of the identifier's text in [`References::names`](crate::References::names).
    pub name: u32,
    /// How it is mentioned.
    pub role: ReferenceRole,
    /// Where the identifier lies.
    pub span: ByteSpan,
}

/// One imported name or module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// What is imported from, as written without quotes (`os.path`, `./util`, `crate::a`).
    pub path: Box<str>,
    /// The name taken from it; empty when the whole module is imported, `*` for a glob.
    pub name: Box<str>,
    /// The local name when it differs, else empty.
    pub alias: Box<str>,
    /// The statement.
    pub span: ByteSpan,
}
