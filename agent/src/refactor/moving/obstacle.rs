//! Why a definition is not moved.

use crate::edit::refusal::{Candidate, places};

/// What stands in the way of a move, besides what does of any refactoring.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoveObstacle {
    /// There is no such module, and none can be made.
    #[error("there is no module `{name}`\nhint: {hint}")]
    NoModule {
        /// What was asked for.
        name: String,
        /// What would help.
        hint: &'static str,
    },
    /// It lies there already.
    #[error("it lies in {0} already")]
    SameModule(String),
    /// The language is not one whose imports are known.
    #[error("definitions of {0} are not moved\nhint: those of Python and Rust are")]
    Language(String),
    /// It is a member, a parameter or a module.
    #[error("it does not lie directly in a file{}", places(std::slice::from_ref(.0)))]
    NotTopLevel(Candidate),
    /// Whether it is defined, or how, depends on a condition.
    #[error("it depends on conditions that are others there{}", places(.0))]
    Conditional(Vec<Candidate>),
    /// The module belongs to other people's imports.
    #[error("{to} does not belong to the package or crate of {from}")]
    OtherPackage {
        /// The file it lies in.
        from: String,
        /// The file that was asked for.
        to: String,
    },
    /// Modules would import each other while they are imported.
    #[error("modules would import each other: {}{}", .chain.join(" -> "), places(.at))]
    Cycle {
        /// The files, the first one again at the end.
        chain: Vec<String>,
        /// What needs the import that closes the circle.
        at: Vec<Candidate>,
    },
    /// A star or glob brings it, or what it needs, into scope.
    #[error("a star brings names into scope that would be others{}", places(.0))]
    Star(Vec<Candidate>),
    /// Something is put in the place of a name of the module it leaves.
    #[error("`{name}` is replaced by something else in its module while the program runs{}", places(.at))]
    Replaced {
        /// The name.
        name: String,
        /// Where.
        at: Vec<Candidate>,
    },
    /// It asks for what its module is called, or where it lies.
    #[error("it asks for its own module{}", places(.0))]
    OwnModule(Vec<Candidate>),
    /// The two modules read annotations in different ways.
    #[error("one of the modules has `from __future__ import annotations`, the other has not")]
    Annotations,
    /// It would be used before it is defined.
    #[error("it would be used before it is defined, or uses what is defined later{}", places(.0))]
    Order(Vec<Candidate>),
    /// Something is not visible there, and cannot be made so.
    #[error("`{name}` cannot be seen from there{}", places(.at))]
    NotVisible {
        /// The name.
        name: String,
        /// Where it is defined or used.
        at: Vec<Candidate>,
    },
    /// A macro of Rust is or holds it, or its body needs one that is not known there.
    #[error("a macro stands in the way{}", places(.0))]
    Macro(Vec<Candidate>),
    /// A use of it cannot be written for the new place.
    #[error("{} uses cannot be written anew{}", .0.len(), places(.0))]
    Unclear(Vec<Candidate>),
}

impl MoveObstacle {
    /// One word for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoModule { .. } => "no-module",
            Self::SameModule(_) => "same-module",
            Self::Language(_) => "language",
            Self::NotTopLevel(_) => "not-top-level",
            Self::Conditional(_) => "conditional",
            Self::OtherPackage { .. } => "other-package",
            Self::Cycle { .. } => "import-cycle",
            Self::Star(_) => "star-import",
            Self::Replaced { .. } => "replaced",
            Self::OwnModule(_) => "own-module",
            Self::Annotations => "annotations",
            Self::Order(_) => "definition-order",
            Self::NotVisible { .. } => "not-visible",
            Self::Macro(_) => "macro",
            Self::Unclear(_) => "unclear-use",
        }
    }

    /// The places it is about.
    pub fn places(&self) -> &[Candidate] {
        match self {
            Self::Conditional(at)
            | Self::Cycle { at, .. }
            | Self::Star(at)
            | Self::Replaced { at, .. }
            | Self::OwnModule(at)
            | Self::Order(at)
            | Self::NotVisible { at, .. }
            | Self::Macro(at)
            | Self::Unclear(at) => at,
            Self::NotTopLevel(at) => std::slice::from_ref(at),
            Self::NoModule { .. }
            | Self::SameModule(_)
            | Self::Language(_)
            | Self::OtherPackage { .. }
            | Self::Annotations => &[],
        }
    }
}
