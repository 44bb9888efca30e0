//! Undo and redo: plans that turn what an edit wrote back into what was there, or again into what
//! it wrote, and keep what people changed elsewhere in the files since.
//!
//! An undo is a transaction like any other, so that nothing is ever lost: undoing is undone by
//! redoing.

use std::collections::BTreeMap;

use flux_core::RepoPath;

use super::apply::record::{Image, Kind, Receipt};
use super::apply::{ApplyError, Journal};
use super::plan::{EditPlan, FileEdit, Version};
use super::refusal::{Reason, Refusal, Refused};
use super::text::{SourceText, Splice};
use super::tree::Content;

/// Whether an edit is in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is.
    Applied,
    /// It was undone.
    Undone,
}

/// The state of every edit among `receipts`, by number.
pub fn states(receipts: &[Receipt]) -> BTreeMap<u64, State> {
    let mut states = BTreeMap::new();
    for receipt in receipts {
        match receipt.kind {
            Kind::Edit => states.insert(receipt.id, State::Applied),
            Kind::Undo(id) => states.insert(id, State::Undone),
            Kind::Redo(id) => states.insert(id, State::Applied),
        };
    }
    states
}

/// Which way an edit is turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Take it back.
    Undo,
    /// Make it again.
    Redo,
}

impl Journal<'_> {
    /// The plan that undoes or redoes an edit, and the edit's receipt. Without a number, the last
    /// edit that is in effect is undone, or the one that was undone last is redone.
    pub fn turn(&self, turn: Turn, id: Option<u64>) -> Result<(Receipt, EditPlan), ApplyError> {
        let receipts = self.receipts()?;
        let states = states(&receipts);
        let wanted = match turn {
            Turn::Undo => State::Applied,
            Turn::Redo => State::Undone,
        };
        let last = || match turn {
            Turn::Undo => {
                states.iter().rev().find(|(_, state)| **state == wanted).map(|(id, _)| *id)
            }
            Turn::Redo => receipts.iter().rev().find_map(|receipt| match receipt.kind {
                Kind::Undo(id) if states.get(&id) == Some(&wanted) => Some(id),
                _ => None,
            }),
        };
        let none = || Refused::from(Reason::NoEdit.at(None, ""));
        let id = id.or_else(last).filter(|id| states.get(id) == Some(&wanted)).ok_or_else(none)?;
        let receipt = receipts.into_iter().find(|receipt| receipt.id == id).ok_or_else(none)?;
        let plan = self.turned(&receipt, turn)?;
        Ok((receipt, plan))
    }

    /// What an edit changed, as the plan that it was.
    pub fn changes(&self, receipt: &Receipt) -> Result<EditPlan, ApplyError> {
        let version = |image: Option<Image>| -> Result<Option<Version>, ApplyError> {
            let Some(image) = image else { return Ok(None) };
            let mode = image.mode.unwrap_or(super::tree::PLAIN_MODE);
            Ok(Some(version(&Content { bytes: self.image(receipt.id, &image)?, mode })))
        };
        let mut plan = EditPlan::default();
        for entry in &receipt.entries {
            plan.files.push(FileEdit {
                path: entry.path.clone(),
                from: entry.from.clone(),
                before: version(entry.before)?,
                after: version(entry.after)?,
                hunks: Vec::new(),
                is_rewrite: false,
                keeps_mode: false,
            });
        }
        Ok(plan)
    }

    fn turned(&self, receipt: &Receipt, turn: Turn) -> Result<EditPlan, ApplyError> {
        let folders = receipt.left_folders.clone();
        let mut plan = EditPlan { folders, ..EditPlan::default() };
        let mut refusals: Vec<Refusal> = Vec::new();
        for entry in &receipt.entries {
            let source = entry.from.as_ref().unwrap_or(&entry.path);
            let (now, goal, base, wanted) = match turn {
                Turn::Undo => (&entry.path, source, entry.after, entry.before),
                Turn::Redo => (source, &entry.path, entry.before, entry.after),
            };
            let image = |image: Option<Image>| -> Result<Option<Kept>, ApplyError> {
                let Some(image) = image else { return Ok(None) };
                Ok(Some(Kept { bytes: self.image(receipt.id, &image)?, mode: image.mode }))
            };
            let turning = Turning { now, goal, base: image(base)?, wanted: image(wanted)? };
            match turning.edit(self) {
                Ok(Some(edit)) => plan.files.push(edit),
                Ok(None) => {}
                Err(reason) => refusals.push(reason.at(None, now.as_str())),
            }
        }
        if plan.files.is_empty() && refusals.is_empty() {
            refusals.push(Reason::NoChange.at(None, ""));
        }
        plan.files.sort_by(|a, b| a.path.cmp(&b.path));
        if refusals.is_empty() { Ok(plan) } else { Err(Refused(refusals).into()) }
    }
}

/// A file's bytes from the journal.
struct Kept {
    bytes: Vec<u8>,
    mode: Option<u32>,
}

/// One file on its way from what the edit wrote to what is wanted.
struct Turning<'a> {
    now: &'a RepoPath,
    goal: &'a RepoPath,
    base: Option<Kept>,
    wanted: Option<Kept>,
}

impl Turning<'_> {
    fn edit(&self, journal: &Journal<'_>) -> Result<Option<FileEdit>, Reason> {
        let current = journal.tree.read(self.now)?;
        let is_moved = self.now != self.goal;
        if is_moved && journal.tree.look(self.goal)?.is_some() {
            return Err(Reason::Exists);
        }
        let before = current.as_ref().map(version);
        let after = match (&self.base, &self.wanted, current) {
            (None, None, _) | (Some(_), None, None) => return Ok(None),
            (None, Some(wanted), None) => {
                let mode = wanted.mode.unwrap_or(super::tree::PLAIN_MODE);
                Some(Content { bytes: wanted.bytes.clone(), mode })
            }
            (None, Some(wanted), Some(current)) if wanted.bytes == current.bytes => {
                return Ok(None);
            }
            (None, Some(_), Some(_)) => return Err(Reason::Exists),
            (Some(base), None, Some(current)) if base.bytes == current.bytes => None,
            (Some(base), None, Some(current)) => {
                return Err(Reason::Conflict(difference(&base.bytes, &current.bytes)));
            }
            (Some(_), Some(_), None) => return Err(Reason::NoFile),
            (Some(base), Some(wanted), Some(current)) => Some(merged(base, wanted, &current)?),
        };
        if !is_moved && after.as_ref() == before.as_ref().map(|version| &version.content) {
            return Ok(None);
        }
        let is_kept = after.is_some() && before.is_some();
        Ok(Some(FileEdit {
            path: if is_kept { self.goal.clone() } else { self.now.clone() },
            from: (is_moved && is_kept).then(|| self.now.clone()),
            before,
            keeps_mode: self.wanted.as_ref().is_some_and(|wanted| wanted.mode.is_some()),
            after: after.as_ref().map(version),
            hunks: Vec::new(),
            is_rewrite: false,
        }))
    }
}

fn version(content: &Content) -> Version {
    let text = SourceText::decode(&content.bytes).map(|text| text.text);
    Version { content: content.clone(), text: text.unwrap_or_default() }
}

/// What is wanted, with what changed since the edit.
fn merged(base: &Kept, wanted: &Kept, current: &Content) -> Result<Content, Reason> {
    let mode = match (base.mode, wanted.mode) {
        (Some(base), Some(wanted)) if base == current.mode => wanted,
        _ => current.mode,
    };
    if base.bytes == current.bytes {
        return Ok(Content { bytes: wanted.bytes.clone(), mode });
    }
    let now = SourceText::decode(&current.bytes)?;
    let (base, wanted) = (SourceText::decode(&base.bytes)?, SourceText::decode(&wanted.bytes)?);
    let new = diffy::merge(&base.text, &now.text, &wanted.text)
        .map_err(|conflicts| Reason::Conflict(shown(&conflicts)))?;
    let splice = Splice { start: 0, end: now.text.len(), new };
    let (_, bytes) = now.spliced(&[splice])?;
    Ok(Content { bytes, mode })
}

/// Lines of a difference that a message shows.
const SHOWN: usize = 40;

/// What changed since the edit.
fn difference(base: &[u8], current: &[u8]) -> String {
    let (base, current) = (String::from_utf8_lossy(base), String::from_utf8_lossy(current));
    let diff = similar::TextDiff::from_lines(&base, &current);
    let text = diff.unified_diff().context_radius(2).header("as edited", "now").to_string();
    text.lines().take(SHOWN).collect::<Vec<_>>().join("\n")
}

/// The conflicts of a merge with three sides, each as a difference.
fn shown(merged: &str) -> String {
    let mut lines = Vec::new();
    let mut side = None;
    let mut number = 0;
    for line in merged.lines() {
        number += usize::from(side.is_none_or(|sign| sign == '+'));
        match line.split(' ').next().unwrap_or("") {
            "<<<<<<<" => {
                lines.push(format!("@@ line {number} @@ - as edited, + now, > wanted"));
                side = Some('+');
            }
            "|||||||" => side = Some('-'),
            "=======" if side.is_some() => side = Some('>'),
            ">>>>>>>" => side = None,
            _ => lines.extend(side.map(|sign| format!("{sign}{line}"))),
        }
    }
    lines.truncate(SHOWN);
    lines.join("\n")
}
