//! What is looked at before a byte is written.
//!
//! Every finding can be accepted by name, because each check can be wrong about a language or an
//! intention; none can be switched off unseen.

pub mod command;
mod elision;
mod removal;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use flux_core::{RepoPath, Symbol, SymbolKind};
use flux_engine::Site;
use flux_engine::syntax::Syntax;
use similar::{ChangeTag, TextDiff};

use super::plan::{EditPlan, FileEdit};
use super::refusal::{Reason, Refusal, Refused};
use crate::parallel::on_all_cores;

pub use self::removal::Removed;

/// A plan that may be applied.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The plan.
    pub plan: EditPlan,
    /// Findings that were accepted.
    pub accepted: Vec<Refusal>,
    /// Definitions that go, and who still refers to them.
    pub removed: Vec<Removed>,
    /// What could not be looked at, in words.
    pub notes: Vec<String>,
}

/// A kind of finding that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Accept {
    /// New parse errors.
    Syntax,
    /// Comments that stand for code.
    Elision,
    /// A write that drops most of a file.
    Deletion,
    /// Definitions that go although something refers to them.
    Removals,
}

impl Accept {
    /// Every kind.
    pub const ALL: &[Self] = &[Self::Syntax, Self::Elision, Self::Deletion, Self::Removals];

    /// The word used on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Elision => "elision",
            Self::Deletion => "deletion",
            Self::Removals => "removals",
        }
    }
}

/// Who refers to a definition. The engine's graph knows; tests have their own.
pub trait References {
    /// All places that refer to the definition of this qualified name in a file. `None` where
    /// nothing is known of the file, an error where nothing can be known at all.
    fn references_to(&self, path: &RepoPath, name: &str) -> Result<Option<Vec<Site>>, String>;
}

/// Knows nothing, and why.
#[derive(Clone, Debug)]
pub struct NoReferences(pub String);

impl References for NoReferences {
    fn references_to(&self, _path: &RepoPath, _name: &str) -> Result<Option<Vec<Site>>, String> {
        Err(self.0.clone())
    }
}

/// A file's syntax before and after.
pub(crate) struct Parsed<'a> {
    pub(crate) file: &'a FileEdit,
    pub(crate) before: Option<Syntax>,
    pub(crate) after: Option<Syntax>,
}

impl Checked {
    /// Checks a plan. Findings of a kind in `accept` do not block.
    pub fn check(
        plan: EditPlan,
        references: &dyn References,
        accept: &[Accept],
    ) -> Result<Self, Refused> {
        let files: Vec<Parsed<'_>> = on_all_cores(&plan.files, Parsed::of);
        let mut findings: Vec<(Accept, Refusal)> = Vec::new();
        for file in &files {
            let at =
                |(kind, reason): (Accept, Reason)| (kind, reason.at(None, file.file.path.as_str()));
            let found = [file.syntax(), file.elision(), file.deletion()];
            findings.extend(found.into_iter().flatten().map(at));
        }
        let mut notes = Vec::new();
        let removed = removal::removed(&files, references, &mut notes);
        drop(files);
        findings.extend(removed.iter().filter_map(Removed::finding));
        let is_accepted = |(kind, _): &(Accept, Refusal)| accept.contains(kind);
        let (accepted, refused): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_accepted);
        let reasons = |findings: Vec<(Accept, Refusal)>| -> Vec<Refusal> {
            findings.into_iter().map(|(_, refusal)| refusal).collect()
        };
        if !refused.is_empty() {
            return Err(Refused(reasons(refused)));
        }
        Ok(Self { plan, accepted: reasons(accepted), removed, notes })
    }

    /// A plan that brings back what was there: it is no matter whether that was right.
    pub fn of_turn(plan: EditPlan) -> Self {
        Self { plan, accepted: Vec::new(), removed: Vec::new(), notes: Vec::new() }
    }
}

impl<'a> Parsed<'a> {
    fn of(file: &'a FileEdit) -> Self {
        let parse = |path: &RepoPath, text: Option<&str>| Syntax::of(path, text?);
        let before = parse(file.source(), file.before.as_ref().map(|one| one.text.as_str()));
        let after = parse(&file.path, file.after.as_ref().map(|one| one.text.as_str()));
        Self { file, before, after }
    }

    /// More parse errors than before. Those that were there are nobody's fault.
    fn syntax(&self) -> Option<(Accept, Reason)> {
        let after = self.after.as_ref()?;
        let before = self.before.as_ref().map_or(&[][..], |syntax| &syntax.errors);
        if after.errors.len() <= before.len() {
            return None;
        }
        let (old, new) = (self.file.old_text(), self.file.new_text());
        let line_of = |text: &str, at: u32| text[..at as usize].matches('\n').count();
        let kept: BTreeSet<usize> = before.iter().map(|at| line_of(old, *at)).collect();
        let kept = moved_lines(old, new, &kept);
        let lines: Vec<usize> = after.errors.iter().map(|at| line_of(new, *at)).collect();
        let first = lines.iter().find(|line| !kept.contains(line)).or(lines.first())?;
        let text = new.lines().nth(*first).unwrap_or("").trim().to_owned();
        let first = u32::try_from(first + 1).unwrap_or(u32::MAX);
        let (before, after) = (before.len(), after.errors.len());
        Some((Accept::Syntax, Reason::Syntax { first, text, before, after }))
    }

    /// A new comment that stands for code.
    fn elision(&self) -> Option<(Accept, Reason)> {
        if self.is_prose() {
            return None;
        }
        let old: BTreeSet<&str> = self.file.old_text().lines().map(str::trim).collect();
        let is_new = |line: &&str| !old.contains(line.trim());
        let mut lines = self.file.new_text().lines().enumerate();
        let (line, text) =
            lines.find(|(_, line)| is_new(line) && elision::stands_for_code(line))?;
        let (line, text) = (u32::try_from(line + 1).ok()?, text.trim().to_owned());
        Some((Accept::Elision, Reason::Elision { line, text }))
    }

    /// In prose a `#` opens no comment.
    fn is_prose(&self) -> bool {
        match &self.after {
            Some(syntax) => syntax.language == "markdown",
            None => matches!(
                self.file.path.extension(),
                None | Some("md" | "txt" | "rst" | "adoc" | "org" | "tex")
            ),
        }
    }

    /// A whole-file write that drops most of the file.
    fn deletion(&self) -> Option<(Accept, Reason)> {
        if !self.file.is_rewrite {
            return None;
        }
        let found =
            |dropped, of, what| Some((Accept::Deletion, Reason::Deletion { dropped, of, what }));
        let (old, new) =
            (self.file.old_text().lines().count(), self.file.new_text().lines().count());
        if let (Some(before), Some(after)) = (&self.before, &self.after) {
            let kept: BTreeSet<String> = definitions(after).map(Symbol::qualified_name).collect();
            let names: Vec<String> = definitions(before).map(Symbol::qualified_name).collect();
            let dropped = names.iter().filter(|name| !kept.contains(*name)).count();
            if names.len() >= LEAST_DEFINITIONS && dropped * 2 > names.len() {
                return found(dropped, names.len(), "definitions");
            }
        }
        if old >= LEAST_LINES && new * 4 < old {
            return found(old - new, old, "lines");
        }
        None
    }
}

/// A file of fewer definitions can well be written anew.
const LEAST_DEFINITIONS: usize = 3;
/// The same in lines, for what has no definitions.
const LEAST_LINES: usize = 20;

/// The definitions of code, not the keys and headings of data and documents.
pub(crate) fn definitions(syntax: &Syntax) -> impl Iterator<Item = &Symbol> {
    syntax.definitions.iter().filter(|symbol| {
        !matches!(
            symbol.kind,
            SymbolKind::Section | SymbolKind::Key | SymbolKind::Rule | SymbolKind::Element
        )
    })
}

/// Where lines of the old text are in the new one, as far as they are there.
fn moved_lines(old: &str, new: &str, lines: &BTreeSet<usize>) -> BTreeSet<usize> {
    if lines.is_empty() {
        return BTreeSet::new();
    }
    let diff = TextDiff::from_lines(old, new);
    let changes = diff.iter_all_changes().filter(|change| change.tag() == ChangeTag::Equal);
    let both = changes.filter_map(|change| change.old_index().zip(change.new_index()));
    both.filter(|(old, _)| lines.contains(old)).map(|(_, new)| new).collect()
}
