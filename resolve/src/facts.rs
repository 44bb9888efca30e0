//! Facts: what resolution needs to know of one file, whatever the other files say.

use serde::{Deserialize, Serialize};
use tree_sitter::Tree;

/// What one file says, by the layer that understands its language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Facts {
    /// A Python module or stub.
    #[cfg(feature = "python")]
    Python(Box<crate::python::Facts>),
    /// A Rust source file.
    #[cfg(feature = "rust")]
    Rust(Box<crate::rust::Facts>),
    /// A file in one of the languages described as data.
    #[cfg(feature = "rules")]
    Rules(Box<crate::rules::Facts>),
}

impl Facts {
    /// A digest of all that other files' resolution may see of this file. It must not change when
    /// only the inside of a function changes that no other file can tell; it must change when a
    /// definition moves to another [`DefinitionIndex`](flux_core::DefinitionIndex).
    pub fn exports(&self) -> u64 {
        match self {
            #[cfg(feature = "python")]
            Self::Python(facts) => facts.exports(),
            #[cfg(feature = "rust")]
            Self::Rust(facts) => facts.exports(),
            #[cfg(feature = "rules")]
            Self::Rules(facts) => facts.exports(),
        }
    }
}

/// Lowers one parsed text. `language` is the name of its grammar; `None` when no layer knows it.
pub fn lower(language: &str, text: &str, tree: &Tree) -> Option<Facts> {
    match language {
        #[cfg(feature = "python")]
        "python" => Some(Facts::Python(Box::new(crate::python::lower(text, tree)))),
        #[cfg(feature = "rust")]
        "rust" => Some(Facts::Rust(Box::new(crate::rust::lower(text, tree)))),
        #[cfg(feature = "rules")]
        _ => crate::rules::lower(language, text, tree).map(|facts| Facts::Rules(Box::new(facts))),
        #[cfg(not(feature = "rules"))]
        _ => None,
    }
}
