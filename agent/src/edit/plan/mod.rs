//! A script resolved against the tree: for each file what is in it now and what is to be in it,
//! bound to the bytes that were read.
//!
//! A plan can be made of a script or of changes that a program knows exactly (a rename's many
//! spans). All changes are to the files as they are, not to what another change makes of them.

mod draft;
mod symbol;
#[cfg(test)]
mod tests;

use flux_core::{ByteSpan, RepoPath};

use self::draft::Draft;
use super::matching::Matched;
use super::refusal::Refused;
use super::script::EditScript;
use super::tree::{Content, Tree};

/// What is to be done to each file, ordered by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EditPlan {
    /// One entry for each file that is touched; a file that moves has one.
    pub files: Vec<FileEdit>,
    /// Permission bits of folders that are made, where they are not to be the usual ones.
    pub folders: Vec<(String, u32)>,
}

/// What is to be done to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit {
    /// Where the result lies, or lay what is removed.
    pub path: RepoPath,
    /// Where it lay, if it moves.
    pub from: Option<RepoPath>,
    /// What is in it; `None` if it is made.
    pub before: Option<Version>,
    /// What is to be in it; `None` if it is removed.
    pub after: Option<Version>,
    /// The places that change, in order of position. None for a file that is made or removed.
    pub hunks: Vec<Hunk>,
    /// Whether its content was given as a whole.
    pub is_rewrite: bool,
    /// Whether the result has exactly the permission bits of `after`, and not what the user's mask
    /// leaves of them.
    pub keeps_mode: bool,
}

/// One state of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its bytes and permissions.
    pub content: Content,
    /// Its text, with `\n` at the ends of lines.
    pub text: String,
}

/// A place that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// Line of the script that asked for it.
    pub script_line: Option<u32>,
    /// How the place was found.
    pub found: Found,
    /// Its lines before, 1-based, the last included.
    pub lines: (u32, u32),
}

/// How a place was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found {
    /// By its text.
    Text(Matched),
    /// By the name of a definition.
    Symbol,
    /// By its offsets.
    Span,
    /// It is the whole file.
    Whole,
}

impl Found {
    /// The word used in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text(matched) => matched.as_str(),
            Self::Symbol => "symbol",
            Self::Span => "span",
            Self::Whole => "whole",
        }
    }
}

/// A change that a program knows exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Puts `new` in the place of `old`, which must be at `span`.
    Replace {
        /// The file.
        path: String,
        /// Where, in the decoded text with the ends of lines it has in the file, as the index
        /// counts.
        span: ByteSpan,
        /// What must be there.
        old: String,
        /// What comes instead.
        new: String,
    },
    /// Makes a file.
    Create {
        /// The file.
        path: String,
        /// All of it.
        content: String,
    },
    /// Removes a file.
    Delete {
        /// The file.
        path: String,
    },
    /// Gives a file another path. Other changes to it name the old one.
    Move {
        /// Where it lies.
        from: String,
        /// Where it is to lie.
        to: String,
    },
}

/// Finds definitions by name. The engine's graph does it; tests have their own.
pub trait Symbols {
    /// The files, qualified names and lines of all definitions that `name` can mean.
    fn named(&self, name: &str) -> Result<Vec<(RepoPath, String, u32)>, String>;
}

/// Finds none: for scripts without names, and trees without an index.
#[derive(Clone, Copy, Debug)]
pub struct NoSymbols;

impl Symbols for NoSymbols {
    fn named(&self, _name: &str) -> Result<Vec<(RepoPath, String, u32)>, String> {
        Err("there is no index to look up a name in\nhint: run flux index, or name it by path:line"
            .to_owned())
    }
}

impl EditPlan {
    /// Resolves a script. All refusals are listed, not only the first.
    pub fn of_script(
        tree: &Tree,
        script: &EditScript,
        symbols: &dyn Symbols,
    ) -> Result<Self, Refused> {
        let mut draft = Draft::new(tree);
        for operation in &script.operations {
            draft.add(operation, symbols);
        }
        draft.finish()
    }

    /// Makes a plan of exact changes.
    ///
    /// ```no_run
    /// # use flux_agent::edit::{Change, EditPlan, Tree};
    /// # use flux_core::ByteSpan;
    /// # fn rename(tree: &Tree) -> Result<EditPlan, flux_agent::edit::Refused> {
    /// let name = |path: &str, start: u32| Change::Replace {
    ///     path: path.to_owned(),
    ///     span: ByteSpan::new(start, start + 3),
    ///     old: "old".to_owned(),
    ///     new: "fresh".to_owned(),
    /// };
    /// EditPlan::of_changes(tree, &[name("src/a.rs", 3), name("src/b.rs", 40)])
    /// # }
    /// ```
    pub fn of_changes(tree: &Tree, changes: &[Change]) -> Result<Self, Refused> {
        let mut draft = Draft::new(tree);
        for change in changes {
            draft.change(change);
        }
        draft.finish()
    }

    /// Number of places that change.
    pub fn hunks(&self) -> usize {
        self.files.iter().map(|file| file.hunks.len().max(1)).sum()
    }
}

impl FileEdit {
    /// What is done, in one word.
    pub fn verb(&self) -> &'static str {
        match (&self.before, &self.after, &self.from) {
            (None, _, _) => "create",
            (_, None, _) => "delete",
            (Some(_), Some(_), Some(_)) => "move",
            (Some(_), Some(_), None) if self.is_rewrite => "write",
            (Some(_), Some(_), None) => "change",
        }
    }

    /// Where it lies now, or will.
    pub fn source(&self) -> &RepoPath {
        self.from.as_ref().unwrap_or(&self.path)
    }

    /// The text before; empty if there was no file.
    pub fn old_text(&self) -> &str {
        self.before.as_ref().map_or("", |version| &version.text)
    }

    /// The text after; empty if there is no file.
    pub fn new_text(&self) -> &str {
        self.after.as_ref().map_or("", |version| &version.text)
    }
}
