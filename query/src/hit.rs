//! One ranked result and why it is where it is.

use flux_core::{FileClass, FileId, Language, LineSpan, RepoPath, SymbolKind};

/// A definition or a range of lines that answers a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The file within the snapshot.
    pub file: FileId,
    /// Its path.
    pub path: RepoPath,
    /// Its language.
    pub language: Language,
    /// What it is for.
    pub class: FileClass,
    /// The lines shown: a definition's or a chunk's.
    pub lines: LineSpan,
    /// The chunk behind it: its position in the file's outline.
    pub chunk: u32,
    /// The definition that answers, or the one the lines lie in.
    pub symbol: Option<HitSymbol>,
    /// Sum of the signals; comparable within one answer only.
    pub score: f32,
    /// What moved it, in the order it was applied.
    pub signals: Vec<Signal>,
    /// Terms of the query it holds, as typed.
    pub matched: Vec<String>,
}

/// The part of a symbol that is shown with a hit.
#[derive(Clone, Debug, PartialEq)]
pub struct HitSymbol {
    /// The name as written.
    pub name: String,
    /// Container and name.
    pub qualified_name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// Its declaration.
    pub signature: String,
    /// The whole definition.
    pub lines: LineSpan,
}

/// One named influence on a hit's score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signal {
    /// Which influence.
    pub name: &'static str,
    /// What it added, or by what it multiplied.
    pub value: f32,
    /// Position in the list of the retriever behind it, 1 for the best, where there is one.
    pub rank: Option<u32>,
}

impl Hit {
    /// Whether the signal called `name` took part.
    pub fn has_signal(&self, name: &str) -> bool {
        self.signals.iter().any(|signal| signal.name == name)
    }
}
