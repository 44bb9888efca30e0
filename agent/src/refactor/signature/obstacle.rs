//! Why a signature is not changed.

use crate::edit::refusal::{Candidate, places};

/// What stands in the way of a change of a signature, besides what does of any refactoring.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureObstacle {
    /// The language is not one whose calls are known.
    #[error("signatures of {0} are not changed\nhint: those of Python and Rust are")]
    Language(String),
    /// It is no function.
    #[error("it is no function{}", places(std::slice::from_ref(.0)))]
    NotFunction(Candidate),
    /// What is to come is no parameter.
    #[error("`{0}` declares no parameter\nhint: write name, name: type or name: type = default")]
    Declaration(String),
    /// There is no such parameter.
    #[error("there is no parameter `{name}`; there are {has}")]
    NoParameter {
        /// What was asked for.
        name: String,
        /// What there is.
        has: String,
    },
    /// There is such a parameter.
    #[error("there is a parameter `{0}` already")]
    Taken(String),
    /// The order does not name each parameter once.
    #[error("the order has to name each of {0} once")]
    Order(String),
    /// A parameter without a default would come behind one that has one.
    #[error("`{0}` has no default and would stand behind a parameter that has one")]
    DefaultOrder(String),
    /// There is no such place.
    #[error("there is no place {at} among {count} parameters")]
    NoPlace {
        /// What was asked for, 1-based.
        at: usize,
        /// How many there are.
        count: usize,
    },
    /// The function uses what is to go.
    #[error("`{name}` is used{}", places(.at))]
    Used {
        /// The parameter.
        name: String,
        /// Where.
        at: Vec<Candidate>,
    },
    /// Calls have to pass something and it is not said what.
    #[error("calls have to pass something for `{name}`{}\nhint: --value says what", places(.at))]
    NeedsValue {
        /// The parameter.
        name: String,
        /// The calls.
        at: Vec<Candidate>,
    },
    /// Arguments cannot be told apart.
    #[error("it is not known which argument is which{}", places(.0))]
    Arguments(Vec<Candidate>),
    /// The function is handed on, and whoever gets it calls it as it was.
    #[error("it is handed on as a value{}", places(.0))]
    PassedOn(Vec<Candidate>),
    /// A definition that has to change along has other parameters.
    #[error("it overrides or is overridden with other parameters{}", places(.0))]
    Differ(Vec<Candidate>),
    /// The definition has parameters that cannot be read.
    #[error("its parameters cannot be read{}", places(std::slice::from_ref(.0)))]
    Unreadable(Candidate),
    /// An attribute may call it, or ask for its signature.
    #[error("an attribute may depend on its parameters{}", places(.0))]
    Attribute(Vec<Candidate>),
    /// A type that only the removed parameter names could not be inferred any more.
    #[error("`{0}` decides a generic parameter of the function")]
    Generic(String),
}

impl SignatureObstacle {
    /// One word for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Language(_) => "language",
            Self::NotFunction(_) => "not-a-function",
            Self::Declaration(_) => "declaration",
            Self::NoParameter { .. } => "no-parameter",
            Self::Taken(_) => "parameter-taken",
            Self::Order(_) => "order",
            Self::DefaultOrder(_) => "default-order",
            Self::NoPlace { .. } => "no-place",
            Self::Used { .. } => "parameter-used",
            Self::NeedsValue { .. } => "needs-value",
            Self::Arguments(_) => "arguments",
            Self::PassedOn(_) => "passed-as-value",
            Self::Differ(_) => "signatures-differ",
            Self::Unreadable(_) => "unreadable",
            Self::Attribute(_) => "attribute",
            Self::Generic(_) => "generic",
        }
    }

    /// The places it is about.
    pub fn places(&self) -> &[Candidate] {
        match self {
            Self::Used { at, .. }
            | Self::NeedsValue { at, .. }
            | Self::Arguments(at)
            | Self::PassedOn(at)
            | Self::Differ(at)
            | Self::Attribute(at) => at,
            Self::NotFunction(at) | Self::Unreadable(at) => std::slice::from_ref(at),
            Self::Language(_)
            | Self::Declaration(_)
            | Self::NoParameter { .. }
            | Self::Taken(_)
            | Self::Order(_)
            | Self::DefaultOrder(_)
            | Self::NoPlace { .. }
            | Self::Generic(_) => &[],
        }
    }
}
