//! What somebody wishes to change, as written: nothing here has looked at a file.
//!
//! Four formats are read. All four are what models and people already write; none is ours. A
//! parser accepts the variations that cannot change the meaning (a fence around a block, `\r\n`)
//! and refuses those that can (a hunk whose lines do not add up).

mod blocks;
mod json;
mod patch;
#[cfg(test)]
mod tests;
mod unified;

use serde::Deserialize;

/// The most a script may hold, in bytes. A whole-file rewrite of the largest file that can be
/// edited fits.
pub const MAX_SCRIPT_BYTES: usize = 32 << 20;
/// The most operations a script may hold. Renames over a large tree go in as spans, not scripts.
pub const MAX_OPERATIONS: usize = 10_000;

/// A list of changes that are to happen together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EditScript {
    /// In order of appearance.
    pub operations: Vec<Operation>,
}

/// One change and where the script asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Line of the script, 1-based.
    pub line: u32,
    /// What to do.
    pub action: Action,
}

/// What to do. Paths are as written and not yet looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Put whole lines in the place of others.
    Lines {
        /// The file.
        path: String,
        /// Which lines, and what instead.
        hunk: LineHunk,
    },
    /// Put a text, not necessarily whole lines, in the place of another.
    Text {
        /// The file.
        path: String,
        /// What must be there.
        old: String,
        /// What comes instead.
        new: String,
        /// Which of several places.
        which: Which,
    },
    /// Give a file that is there, or a new one, this content.
    Write {
        /// The file.
        path: String,
        /// All of it.
        content: String,
    },
    /// Make a file that is not there yet.
    Create {
        /// The file.
        path: String,
        /// All of it.
        content: String,
        /// Whether it may be run as a program.
        is_executable: bool,
    },
    /// Remove a file.
    Delete {
        /// The file.
        path: String,
        /// What must be in it, if the script shows it.
        content: Option<String>,
    },
    /// Give a file another path. Other operations on it name the old one.
    Move {
        /// Where it lies.
        from: String,
        /// Where it is to lie.
        to: String,
    },
    /// Let a file be run as a program, or not.
    Executable {
        /// The file.
        path: String,
        /// Whether it may.
        is_executable: bool,
    },
    /// Put a text in the place of a definition, or of its body.
    Symbol {
        /// `pkg.mod.f`, `crate::mod::f`, `path#Type.f` or `path:line`.
        symbol: String,
        /// What of it.
        part: SymbolPart,
        /// What comes instead.
        text: String,
    },
}

/// Lines and what comes in their place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineHunk {
    /// What must be there, without line feeds.
    pub old: Vec<String>,
    /// What comes instead.
    pub new: Vec<String>,
    /// Line of the file where `old` stands, if the script says so. For an empty `old`, the line
    /// before which `new` is put.
    pub line: Option<u32>,
    /// Lines that stand somewhere above, outermost first.
    pub anchors: Vec<String>,
    /// Whether the hunks of the script that are about this file stand in its order.
    pub is_ordered: bool,
    /// Whether `old` ends the file.
    pub is_at_end: bool,
    /// What is said of the line feed that ends the file.
    pub final_newline: FinalNewline,
}

/// What a hunk says of the line feed at the end of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FinalNewline {
    /// Nothing: it stays as it is.
    #[default]
    Kept,
    /// There is one afterwards.
    Present,
    /// There is none afterwards.
    Absent,
}

/// Which of several places a text is replaced at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// There must be only one.
    Only,
    /// The one that starts on this line.
    Line(u32),
    /// All of them.
    All,
}

/// What of a definition is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SymbolPart {
    /// What it does: between its braces, or its indented block.
    Body,
    /// All of it, with decorators and attributes, without the comment above.
    Definition,
}

/// How a script is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `<<<<<<< SEARCH`, `=======`, `>>>>>>> REPLACE` below a path.
    SearchReplace,
    /// What `diff -u` and `git diff` print.
    Diff,
    /// `*** Begin Patch` to `*** End Patch`.
    Patch,
    /// `{"edits": […]}`.
    Json,
}

/// Why a text is no script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the script: {fault}")]
pub struct ScriptError {
    /// Line of the script, 1-based.
    pub line: u32,
    /// What is wrong.
    pub fault: ScriptFault,
}

/// What is wrong with a script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptFault {
    /// It holds nothing to do.
    #[error("there is nothing to do")]
    Empty,
    /// More than [`MAX_SCRIPT_BYTES`] or [`MAX_OPERATIONS`].
    #[error(
        "the script is too large\nhint: at most {MAX_SCRIPT_BYTES} bytes and {MAX_OPERATIONS} operations"
    )]
    TooLarge,
    /// It has a zero byte.
    #[error("there is a zero byte")]
    Nul,
    /// It is none of the formats.
    #[error("this is no format that flux knows\nhint: search-replace, diff, patch or json")]
    UnknownFormat,
    /// A block, hunk or patch does not end.
    #[error("{0} does not end")]
    Unclosed(&'static str),
    /// A marker stands where it cannot.
    #[error("{0} is out of place")]
    Misplaced(&'static str),
    /// A block has no path above it.
    #[error("there is no path above the block")]
    NoPath,
    /// Two lines of a block could divide it.
    #[error("two lines divide the block\nhint: write longer markers, all of one length")]
    TwoDividers,
    /// A hunk does not have the lines its header counts.
    #[error("the hunk has {found} lines, its header says {said}")]
    Count {
        /// Lines of the header.
        said: String,
        /// Lines there are.
        found: String,
    },
    /// A line starts with none of the signs of the format.
    #[error("the line starts with none of the signs that belong here")]
    BadLine,
    /// A header cannot be read.
    #[error("the header cannot be read")]
    BadHeader,
    /// A hunk changes nothing and says nothing.
    #[error("the hunk is empty")]
    EmptyHunk,
    /// A hunk adds lines without saying where.
    #[error("the hunk says neither a line nor what is around it")]
    NoContext,
    /// The search part and the replacement are equal.
    #[error("nothing would change")]
    NoChange,
    /// It is about a link, a submodule or binary content.
    #[error("{0} cannot be edited")]
    Unsupported(&'static str),
    /// The old and the new name of a file do not fit each other.
    #[error("the names of the file do not agree")]
    Names,
    /// It is no JSON of the right form.
    #[error("{0}")]
    Json(String),
}

impl ScriptFault {
    /// One word for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Empty => "empty-script",
            Self::TooLarge => "script-too-large",
            Self::Nul => "nul",
            Self::UnknownFormat => "unknown-format",
            Self::Unclosed(_) => "unclosed",
            Self::Misplaced(_) => "misplaced",
            Self::NoPath => "no-path",
            Self::TwoDividers => "two-dividers",
            Self::Count { .. } => "line-count",
            Self::BadLine => "bad-line",
            Self::BadHeader => "bad-header",
            Self::EmptyHunk => "empty-hunk",
            Self::NoContext => "no-context",
            Self::NoChange => "no-change",
            Self::Unsupported(_) => "unsupported",
            Self::Names => "names",
            Self::Json(_) => "json",
        }
    }

    fn at(self, line: usize) -> ScriptError {
        ScriptError { line: u32::try_from(line).unwrap_or(u32::MAX), fault: self }
    }
}

impl EditScript {
    /// Reads a script in a known format, or in the one it looks like.
    pub fn parse(text: &str, format: Option<Format>) -> Result<Self, ScriptError> {
        if text.len() > MAX_SCRIPT_BYTES {
            return Err(ScriptFault::TooLarge.at(1));
        }
        if let Some(at) = text.find('\0') {
            return Err(ScriptFault::Nul.at(text[..at].matches('\n').count() + 1));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let format = format.or_else(|| detect(text));
        let empty =
            if text.trim().is_empty() { ScriptFault::Empty } else { ScriptFault::UnknownFormat };
        let format = format.ok_or_else(|| empty.at(1))?;
        let operations = match format {
            Format::SearchReplace => blocks::parse(text),
            Format::Diff => unified::parse(text),
            Format::Patch => patch::parse(text),
            Format::Json => json::parse(text),
        }?;
        match operations.len() {
            0 => Err(ScriptFault::Empty.at(1)),
            count if count > MAX_OPERATIONS => Err(ScriptFault::TooLarge.at(1)),
            _ => Ok(Self { operations }),
        }
    }
}

/// The format that `text` looks like.
pub fn detect(text: &str) -> Option<Format> {
    let has_line = |is: fn(&str) -> bool| text.lines().any(is);
    if text.trim_start().starts_with(['{', '[']) {
        return Some(Format::Json);
    }
    if has_line(|line| line.trim_end() == patch::BEGIN) {
        return Some(Format::Patch);
    }
    if has_line(|line| blocks::opener(line).is_some()) {
        return Some(Format::SearchReplace);
    }
    let is_diff = has_line(|line| line.starts_with("diff --git ") || line.starts_with("@@"))
        || (has_line(|line| line.starts_with("--- ")) && has_line(|line| line.starts_with("+++ ")));
    is_diff.then_some(Format::Diff)
}

fn operation(line: usize, action: Action) -> Operation {
    Operation { line: u32::try_from(line).unwrap_or(u32::MAX), action }
}

/// The lines of a script with their numbers, without line feeds and the `\r` before them.
fn numbered(text: &str) -> Vec<(usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line)).collect()
}
