//! What the index of another tool states about references: a compiler's answers, by line and
//! column.

use std::sync::Arc;

/// What one index states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// The tool that wrote the index.
    pub tool: String,
    /// The references, ordered by path and position.
    pub references: Vec<StatedReference>,
    /// Documents whose text is needed to tell columns, and is not there.
    pub unreadable: Vec<String>,
}

/// One identifier and what it refers to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatedReference {
    /// The file it stands in.
    pub path: Arc<str>,
    /// Where it stands there.
    pub span: StatedSpan,
    /// What it refers to.
    pub target: StatedTarget,
}

/// A part of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatedSpan {
    /// The line, 1-based.
    pub line: u32,
    /// Its first byte, 0-based from the start of the line.
    pub column: u32,
    /// One past its last byte.
    pub end_column: u32,
}

/// What a reference refers to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatedTarget {
    /// A definition of the index, local variables included.
    Definition {
        /// The file that defines it.
        path: Arc<str>,
        /// The line of its name, 1-based.
        line: u32,
        /// The first byte of its name, 0-based from the start of the line.
        column: u32,
    },
    /// Something that the index does not define.
    External {
        /// The package the symbol names; empty when it names none.
        package: String,
    },
}
