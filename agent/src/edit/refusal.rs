//! Why an edit is not made. Each reason has one word for programs and shows what was found
//! instead, so that whoever wrote the script can write a better one.

use std::fmt;

use super::path::PathFault;
use crate::refactor::Obstacle;

/// One thing that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Line of the script that asked for it, if one did.
    pub line: Option<u32>,
    /// The file, as written.
    pub path: String,
    /// What is wrong.
    pub reason: Reason,
}

/// All that stands in the way; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub Vec<Refusal>);

/// A place that could have been meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its file.
    pub path: String,
    /// Its first line, 1-based.
    pub line: u32,
    /// Its text, cut to a dozen lines.
    pub text: String,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The path is none that may be edited.
    #[error("{0}")]
    Path(#[from] PathFault),
    /// There is no such file.
    #[error("there is no such file")]
    NoFile,
    /// There is no such file, but others are called alike.
    #[error("there is no such file; there is {}", names(.0))]
    NoFileBut(Vec<Candidate>),
    /// There is such a file already.
    #[error("there is such a file already\nhint: use a write to replace it")]
    Exists,
    /// The text is nowhere.
    #[error("the text is not there{}", nearest(.0))]
    Missing(Vec<Candidate>),
    /// The text is in several places.
    #[error("the text is in {} places{}\nhint: add lines around it", .0.len(), places(.0))]
    Ambiguous(Vec<Candidate>),
    /// A line that was to stand above the text is nowhere.
    #[error("the line `{0}` is not there")]
    NoAnchor(String),
    /// No definition has the name.
    #[error("there is no such definition{}", places(.0))]
    NoSymbol(Vec<Candidate>),
    /// Several definitions have the name.
    #[error("{} definitions are called so{}\nhint: name one by path:line", .0.len(), places(.0))]
    AmbiguousSymbol(Vec<Candidate>),
    /// The definition has no body.
    #[error("the definition has no body")]
    NoBody,
    /// Two changes touch the same text.
    #[error("two changes touch the same text, at line {0} of the file")]
    Overlap(u32),
    /// Two operations give the same file different fates.
    #[error("another operation of the script has a different plan for the file")]
    Duplicate,
    /// What is there is not what the script was made for.
    #[error("the file is not as it was when the edit was made")]
    Stale,
    /// A span does not lie in the file, or cuts a character.
    #[error("the span does not fit the file")]
    BadSpan,
    /// The file is larger than what is edited.
    #[error("{found} bytes are more than the {} that are edited", super::tree::MAX_FILE_BYTES)]
    TooLarge {
        /// Its size.
        found: u64,
    },
    /// Its permissions forbid writing.
    #[error("it is read-only")]
    ReadOnly,
    /// The file is no text.
    #[error("it is no text")]
    NotText,
    /// The file has an encoding that cannot be written back unchanged.
    #[error("its encoding ({0}) cannot be written back byte for byte")]
    Encoding(String),
    /// The new text has a character that the file's encoding lacks.
    #[error("`{character}` cannot be written in {encoding}")]
    Unencodable {
        /// The character.
        character: char,
        /// The encoding.
        encoding: String,
    },
    /// The new text has a zero byte.
    #[error("the new text has a zero byte")]
    Nul,
    /// Nothing would change.
    #[error("nothing would change")]
    NoChange,
    /// The file cannot be read or written.
    #[error("{0}")]
    Unusable(String),
    /// The file would have parse errors that it did not have.
    #[error("line {first} would not parse: `{text}` ({before} errors before, {after} after)")]
    Syntax {
        /// Line of the first new error in the new text.
        first: u32,
        /// That line.
        text: String,
        /// Errors before.
        before: usize,
        /// Errors after.
        after: usize,
    },
    /// The new text leaves code out and says so.
    #[error("line {line} stands for code that is left out: `{text}`\nhint: write all of it")]
    Elision {
        /// Line of the new text.
        line: u32,
        /// That line.
        text: String,
    },
    /// A write drops most of what was in the file.
    #[error("{dropped} of {of} {what} would be gone\nhint: --accept deletion if that is meant")]
    Deletion {
        /// How many.
        dropped: usize,
        /// Of how many.
        of: usize,
        /// Of what: definitions or lines.
        what: &'static str,
    },
    /// A definition that goes is still referred to.
    #[error("`{name}` is still referred to from {} places{}\nhint: --accept removals if that is meant", .sites.len(), places(.sites))]
    StillReferenced {
        /// The definition.
        name: String,
        /// Who refers to it.
        sites: Vec<Candidate>,
    },
    /// The project's own check failed.
    #[error("`{command}` {how}\n{output}")]
    CheckFailed {
        /// What was run.
        command: String,
        /// How it ended.
        how: String,
        /// The end of what it printed.
        output: String,
    },
    /// An undo meets text that changed since.
    #[error("what the edit wrote has changed since:\n{0}")]
    Conflict(String),
    /// A refactoring would not keep the program as it is.
    #[error("{0}")]
    Refactoring(#[from] Obstacle),
    /// The number is that of no edit.
    #[error("there is no edit to do this with\nhint: flux history lists them")]
    NoEdit,
}

fn nearest(candidates: &[Candidate]) -> String {
    let Some(first) = candidates.first() else { return String::new() };
    format!("; the nearest is {}:{}\n{}", first.path, first.line, first.text)
}

fn names(candidates: &[Candidate]) -> String {
    let names: Vec<&str> = candidates.iter().map(|one| one.path.as_str()).collect();
    names.join(", ")
}

/// Most places that a message lists.
const LISTED: usize = 12;

pub(crate) fn places(candidates: &[Candidate]) -> String {
    let shown = candidates.iter().take(LISTED);
    let mut text: String = shown
        .map(|one| {
            let first = one.text.lines().next().unwrap_or("").trim();
            format!("\n  {}:{}: {first}", one.path, one.line)
        })
        .collect();
    if candidates.len() > LISTED {
        text.push_str(&format!("\n  and {} more", candidates.len() - LISTED));
    }
    text
}

impl Reason {
    /// One word for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Path(fault) => fault.name(),
            Self::NoFile | Self::NoFileBut(_) => "no-file",
            Self::Exists => "exists",
            Self::Missing(_) => "missing",
            Self::Ambiguous(_) => "ambiguous",
            Self::NoAnchor(_) => "no-anchor",
            Self::NoSymbol(_) => "no-symbol",
            Self::AmbiguousSymbol(_) => "ambiguous-symbol",
            Self::NoBody => "no-body",
            Self::Overlap(_) => "overlap",
            Self::Duplicate => "duplicate",
            Self::Stale => "stale",
            Self::BadSpan => "bad-span",
            Self::TooLarge { .. } => "too-large",
            Self::ReadOnly => "read-only",
            Self::NotText => "not-text",
            Self::Encoding(_) => "encoding",
            Self::Unencodable { .. } => "unencodable",
            Self::Nul => "nul",
            Self::NoChange => "no-change",
            Self::Unusable(_) => "unusable",
            Self::Syntax { .. } => "syntax",
            Self::Elision { .. } => "elision",
            Self::Deletion { .. } => "deletion",
            Self::StillReferenced { .. } => "still-referenced",
            Self::CheckFailed { .. } => "check-failed",
            Self::Conflict(_) => "conflict",
            Self::Refactoring(obstacle) => obstacle.name(),
            Self::NoEdit => "no-edit",
        }
    }

    /// The places it shows.
    pub fn candidates(&self) -> &[Candidate] {
        match self {
            Self::NoFileBut(places)
            | Self::Missing(places)
            | Self::Ambiguous(places)
            | Self::NoSymbol(places)
            | Self::AmbiguousSymbol(places)
            | Self::StillReferenced { sites: places, .. } => places,
            Self::Refactoring(obstacle) => obstacle.places(),
            _ => &[],
        }
    }

    pub(crate) fn at(self, line: Option<u32>, path: &str) -> Refusal {
        Refusal { line, path: path.to_owned(), reason: self }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line} of the script: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path.escape_debug())?;
        }
        write!(f, "{}", self.reason)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Refused {}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(vec![refusal])
    }
}
