//! Why a refactoring is not made. Each reason has one word for programs and the places it is about.

use flux_engine::EngineError;

use super::moving::obstacle::MoveObstacle;
use super::signature::obstacle::SignatureObstacle;
use crate::edit::refusal::{Candidate, Reason, Refusal, Refused, places};

/// What stands in the way of a refactoring.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// The new name is none.
    #[error("`{0}` is no identifier")]
    NotIdentifier(String),
    /// The new name means something to the language.
    #[error("`{name}` is a keyword of {language}{hint}")]
    Keyword {
        /// The name.
        name: String,
        /// The language.
        language: String,
        /// What may be written instead, as a line of its own; may be empty.
        hint: String,
    },
    /// The old name means something to the language or to what runs the program.
    #[error("the name `{0}` is not free to choose: {1}")]
    SpecialName(String, &'static str),
    /// The language is not one that refactorings know.
    #[error("names of {0} are not renamed\nhint: Python and Rust are")]
    Language(String),
    /// The new name is defined where the old one is.
    #[error("`{name}` is taken{}", places(.at))]
    NameTaken {
        /// The new name.
        name: String,
        /// What has it.
        at: Vec<Candidate>,
    },
    /// The new name means something else where it would be used, or would take over what is meant.
    #[error("`{name}` means something else in places that the renamed symbol reaches{}", places(.at))]
    Captured {
        /// The new name.
        name: String,
        /// Where it does.
        at: Vec<Candidate>,
    },
    /// Code that is not in the tree may use the name.
    #[error("code outside this tree may use it: {why}\nhint: --api if that is meant")]
    PublicApi {
        /// Why that is thought.
        why: String,
    },
    /// The definition, or a place that has to change, is in a file that a program or others write.
    #[error("files that are generated or kept from others would change{}", places(.0))]
    Generated(Vec<Candidate>),
    /// A base that is not in the tree may have a member of this name.
    #[error("a base outside this tree may define `{name}`{}", places(.at))]
    ExternalBase {
        /// The old name.
        name: String,
        /// The bases.
        at: Vec<Candidate>,
    },
    /// A decorator that is not in the tree may use the name.
    #[error("a decorator outside this tree may use the name{}", places(.0))]
    Decorated(Vec<Candidate>),
    /// Places that have to change are inferred.
    #[error("{} places are inferred and not proven{}\nhint: --likely changes them as well", .0.len(), places(.0))]
    Inferred(Vec<Candidate>),
    /// Places that may have to change could not be resolved.
    #[error("{} places that may mean it could not be resolved{}", .0.len(), places(.0))]
    Unresolved(Vec<Candidate>),
    /// Places mean this symbol and another at once.
    #[error("{} places may mean another symbol as well{}", .0.len(), places(.0))]
    Shared(Vec<Candidate>),
    /// Files that mention it could not be read in full.
    #[error("files that mention it could not be parsed{}", places(.0))]
    Unparsed(Vec<Candidate>),
    /// A crate's own name stands in its manifest.
    #[error("it is the root of a crate, whose name stands in the manifest")]
    CrateRoot,
    /// A signature does not change so.
    #[error(transparent)]
    Signature(#[from] SignatureObstacle),
    /// A definition does not move so.
    #[error(transparent)]
    Move(#[from] MoveObstacle),
    /// Paths that are written out name the file that would move.
    #[error("its path is written out{}", places(.0))]
    PathWritten(Vec<Candidate>),
}

impl Obstacle {
    /// One word for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotIdentifier(_) => "not-identifier",
            Self::Keyword { .. } => "keyword",
            Self::SpecialName(..) => "special-name",
            Self::Language(_) => "language",
            Self::NameTaken { .. } => "name-taken",
            Self::Captured { .. } => "captured",
            Self::PublicApi { .. } => "public-api",
            Self::Generated(_) => "generated",
            Self::ExternalBase { .. } => "external-base",
            Self::Decorated(_) => "decorated",
            Self::Inferred(_) => "inferred",
            Self::Unresolved(_) => "unresolved",
            Self::Shared(_) => "shared",
            Self::Unparsed(_) => "unparsed",
            Self::CrateRoot => "crate-root",
            Self::Signature(obstacle) => obstacle.name(),
            Self::Move(obstacle) => obstacle.name(),
            Self::PathWritten(_) => "path-written",
        }
    }

    /// The places it is about.
    pub fn places(&self) -> &[Candidate] {
        match self {
            Self::NameTaken { at, .. }
            | Self::Captured { at, .. }
            | Self::ExternalBase { at, .. }
            | Self::Generated(at)
            | Self::Decorated(at)
            | Self::Inferred(at)
            | Self::Unresolved(at)
            | Self::Shared(at)
            | Self::Unparsed(at)
            | Self::PathWritten(at) => at,
            Self::Signature(obstacle) => obstacle.places(),
            Self::Move(obstacle) => obstacle.places(),
            Self::NotIdentifier(_)
            | Self::Keyword { .. }
            | Self::SpecialName(..)
            | Self::Language(_)
            | Self::PublicApi { .. }
            | Self::CrateRoot => &[],
        }
    }
}

/// Why there is no refactoring.
#[derive(Debug, thiserror::Error)]
pub enum RefactorError {
    /// It is refused.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The index could not be asked.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<Obstacle> for RefactorError {
    fn from(obstacle: Obstacle) -> Self {
        Reason::from(obstacle).into()
    }
}

impl From<Reason> for RefactorError {
    fn from(reason: Reason) -> Self {
        Self::Refused(Refused::from(Refusal { line: None, path: String::new(), reason }))
    }
}

impl From<flux_engine::query::QueryError> for RefactorError {
    fn from(error: flux_engine::query::QueryError) -> Self {
        Self::Engine(error.into())
    }
}
