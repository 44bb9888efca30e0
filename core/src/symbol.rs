//! Symbols: the named things a file defines.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::span::{ByteSpan, LineSpan};

/// The position of a symbol in its file's [`Outline`](crate::Outline).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SymbolIndex(pub u32);

/// A definition: what is named, where it lies and how it is declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbol {
    /// The name as written.
    pub name: Box<str>,
    /// What kind of thing it is.
    pub kind: SymbolKind,
    /// Names of what it lies in, outermost first, joined by `.`; empty at the top of a file.
    /// Holds what lies outside the file as well where the language says so (a Go receiver).
    pub container: Box<str>,
    /// The innermost symbol of the same file whose span encloses this one.
    pub parent: Option<SymbolIndex>,
    /// The whole definition, with decorators and attributes, without the doc comment above it.
    pub span: ByteSpan,
    /// The lines of `span`.
    pub lines: LineSpan,
    /// The name alone.
    pub name_span: ByteSpan,
    /// The declaration up to its body, on one line, at most [`Symbol::MAX_SIGNATURE`] bytes.
    pub signature: Box<str>,
    /// The doc comment or doc string with its markers; empty span when there is none.
    pub doc: ByteSpan,
}

impl Symbol {
    /// Longest signature kept, in bytes. Longer ones are cut with `…`: 99.6 % of the signatures
    /// of the development corpora are shorter.
    pub const MAX_SIGNATURE: usize = 300;

    /// The container and the name, joined by `.`.
    pub fn qualified_name(&self) -> String {
        if self.container.is_empty() {
            self.name.to_string()
        } else {
            format!("{}.{}", self.container, self.name)
        }
    }
}

macro_rules! symbol_kinds {
    ($($variant:ident $text:literal $doc:literal,)+) => {
        /// What kind of thing a symbol is, in words common to all languages.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum SymbolKind {
            $(#[doc = $doc] $variant,)+
        }

        impl SymbolKind {
            /// Every kind, in declaration order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word used in queries, filters and output.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

symbol_kinds! {
    Module "module" "A module, namespace or package declared in the source.",
    Class "class" "A class, object or actor.",
    Struct "struct" "A struct, record or union.",
    Enum "enum" "An enumeration.",
    EnumMember "enum_member" "A case or variant of an enumeration.",
    Interface "interface" "An interface, protocol or type class.",
    Trait "trait" "A trait or mixin.",
    TypeAlias "type_alias" "A name for another type.",
    Function "function" "A function outside a type.",
    Method "method" "A function that belongs to a type.",
    Constructor "constructor" "What makes an instance of a type.",
    Macro "macro" "A macro.",
    Property "property" "A computed or declared property.",
    Field "field" "A data member.",
    Constant "constant" "A value that never changes.",
    Variable "variable" "A variable at the level of a file or module.",
    Test "test" "A test case named by a string or a test macro.",
    Section "section" "A heading of a document and what lies below it.",
    Key "key" "A key of a configuration or data file.",
    Rule "rule" "A style rule, named by its selector.",
    Element "element" "A markup element with an id.",
    Table "table" "A table, view or index of a database schema.",
}

impl SymbolKind {
    /// Whether other symbols usually live inside it.
    pub fn is_container(self) -> bool {
        matches!(
            self,
            Self::Module
                | Self::Class
                | Self::Struct
                | Self::Enum
                | Self::Interface
                | Self::Trait
                | Self::Section
        )
    }

    /// Whether it names a type.
    pub fn is_type(self) -> bool {
        matches!(
            self,
            Self::Class
                | Self::Struct
                | Self::Enum
                | Self::Interface
                | Self::Trait
                | Self::TypeAlias
        )
    }

    /// Whether it can be called.
    pub fn is_callable(self) -> bool {
        matches!(self, Self::Function | Self::Method | Self::Constructor | Self::Macro | Self::Test)
    }
}

impl fmt::Display for SymbolKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no symbol kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no symbol kind is called `{0}`")]
pub struct UnknownSymbolKind(pub String);

impl FromStr for SymbolKind {
    type Err = UnknownSymbolKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownSymbolKind(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::SymbolKind;

    #[test]
    fn every_kind_is_read_back_from_its_word() {
        for kind in SymbolKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
    }
}
