//! Files: their identity within a snapshot, their class, and why some are not indexed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The position of a file in a snapshot, ordered by path. Meaningless in another snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// The name of a language, such as `rust`; `text` for what has no grammar.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Language(Box<str>);

impl Language {
    /// Takes the name as the language's folder in `grammars/languages` writes it.
    pub fn new(name: impl Into<Box<str>>) -> Self {
        Self(name.into())
    }

    /// The language of files without a grammar.
    pub fn text() -> Self {
        Self::new("text")
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a file is for, which ranks it up or down. Several may hold at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileClass(u8);

impl FileClass {
    /// Tests and their fixtures.
    pub const TEST: Self = Self(1);
    /// Other people's code kept in the tree.
    pub const VENDORED: Self = Self(1 << 1);
    /// Written by a program.
    pub const GENERATED: Self = Self(1 << 2);
    /// Squeezed for delivery.
    pub const MINIFIED: Self = Self(1 << 3);
    /// Prose: guides, change logs, licences.
    pub const DOCUMENT: Self = Self(1 << 4);
    /// Examples, benchmarks and demonstrations.
    pub const EXAMPLE: Self = Self(1 << 5);
    /// What ripgrep leaves out of a walk: below a dot folder, or ignored although git tracks it.
    pub const HIDDEN: Self = Self(1 << 6);
    /// Data and configuration.
    pub const DATA: Self = Self(1 << 7);

    const NAMES: &[(Self, &str)] = &[
        (Self::TEST, "test"),
        (Self::VENDORED, "vendored"),
        (Self::GENERATED, "generated"),
        (Self::MINIFIED, "minified"),
        (Self::DOCUMENT, "document"),
        (Self::EXAMPLE, "example"),
        (Self::HIDDEN, "hidden"),
        (Self::DATA, "data"),
    ];

    /// Both classes at once.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every class of `other` holds.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The bits, for the store.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// The inverse of [`bits`](Self::bits).
    pub fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// The words for the classes that hold.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().filter(move |(class, _)| self.has(*class)).map(|(_, name)| *name)
    }
}

macro_rules! skip_reasons {
    ($($variant:ident $code:literal $text:literal $doc:literal,)+) => {
        /// Why a file is not indexed, or not in full.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum SkipReason {
            $(#[doc = $doc] $variant,)+
        }

        impl SkipReason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The number kept on disk; never reused.
            pub fn code(self) -> u8 {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The words shown to people.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

skip_reasons! {
    Binary 1 "binary" "Not text.",
    Oversized 2 "oversized" "Larger than the limit for parsing; literal search still reads it.",
    Minified 3 "minified" "Squeezed for delivery; literal search still reads it.",
    Unreadable 4 "unreadable" "The operating system refused to give its bytes.",
    NameNotUtf8 5 "name not utf-8" "Its name is not UTF-8.",
    SymlinkLoop 6 "symlink" "A link, or a loop of links, which is not followed.",
    Special 7 "special" "A pipe, socket or device.",
    TooDeep 8 "too deep" "Nested too deeply to be parsed; indexed as text.",
    Undecodable 9 "undecodable" "Text in no encoding that is known here.",
}

impl SkipReason {
    /// The inverse of [`code`](Self::code).
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.code() == code)
    }

    /// Whether the file's bytes still take part in literal and regex search.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Oversized | Self::Minified | Self::TooDeep | Self::Undecodable)
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{FileClass, SkipReason};

    #[test]
    fn every_skip_reason_survives_its_code() {
        for reason in SkipReason::ALL {
            assert_eq!(SkipReason::from_code(reason.code()), Some(*reason));
        }
    }

    #[test]
    fn classes_add_up_and_are_named() {
        let class = FileClass::TEST.with(FileClass::GENERATED);
        assert_eq!(class.names().collect::<Vec<_>>(), ["test", "generated"]);
        assert_eq!(FileClass::from_bits(class.bits()), class);
    }
}
