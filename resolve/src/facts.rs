//! Facts: what resolution needs to know of one file, whatever the other files say.

use flux_core::{References, Symbol};
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
    /// A file in a language whose scopes are not understood.
    Plain(Box<crate::plain::Facts>),
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
            Self::Plain(facts) => facts.exports(),
        }
    }

    /// The facts of a language without a layer, as its grammar found them.
    pub fn plain(symbols: &[Symbol], references: &References) -> Self {
        Self::Plain(Box::new(crate::plain::Facts::new(symbols, references)))
    }

    /// The bytes that [`decode`](Self::decode) reads, with the same layers built in.
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("plain data without maps always encodes")
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` for anything else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }
}

/// Whether a layer understands the language.
pub fn is_layered(language: &str) -> bool {
    #[cfg(feature = "python")]
    if crate::python::speaks(language) {
        return true;
    }
    #[cfg(feature = "rust")]
    if crate::rust::speaks(language) {
        return true;
    }
    #[cfg(feature = "rules")]
    if crate::rules::speaks(language) {
        return true;
    }
    false
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
