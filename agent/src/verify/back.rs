//! Taking edits back: for good, or while something is looked at as it was before them.
//!
//! A look is undone and redone through the journal, under a lock of its own. A kill in the middle of it
//! leaves edits taken back; [`restore`] knows them by their titles and makes them again.

use std::fs::{File, OpenOptions, TryLockError};
use std::time::Duration;

use crate::edit::apply::files::Disk;
use crate::edit::history::states;
use crate::edit::{About, ApplyError, Checked, Journal, Kind, Receipt, State, Turn};
use crate::tools::Bench;

/// How long another process that edits the tree is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How the title of an undo begins that is only for a look.
const LOOK: &str = "look before ";

/// Takes edits back, the last first. What somebody else changed in their files since is kept, or
/// stops it; what somebody took back already is passed over.
///
/// # Errors
/// Which edit stays, and why; those after it are taken back.
pub fn take_back(bench: &Bench<'_>, receipts: &[Receipt]) -> Result<(), String> {
    let journal = opened(bench).map_err(|error| error.to_string())?;
    let states = states(&journal.receipts().map_err(|error| error.to_string())?);
    drop(journal);
    for receipt in receipts.iter().rev() {
        if states.get(&receipt.id) == Some(&State::Undone) {
            continue;
        }
        turned(bench, receipt, Turn::Undo, "undo of ")
            .map_err(|error| format!("edit {} cannot be taken back: {error}", receipt.id))?;
    }
    Ok(())
}

/// Does something while the tree is as it was before some edits, and makes them again.
///
/// # Errors
/// They cannot be taken back, in which case all is as it was, or not be made again.
pub fn without<T>(
    bench: &Bench<'_>,
    receipts: &[Receipt],
    look: impl FnOnce() -> T,
) -> Result<T, String> {
    let Some(_lock) = lock(bench)? else {
        return Err("another process looks at the tree as it was before its own edits".to_owned());
    };
    let mut undone: Vec<&Receipt> = Vec::new();
    let mut turns: Vec<u64> = Vec::new();
    let mut failed = None;
    for receipt in receipts.iter().rev() {
        match turned(bench, receipt, Turn::Undo, LOOK) {
            Ok(turn) => {
                turns.push(turn);
                undone.push(receipt);
            }
            Err(error) => {
                failed = Some(format!("edit {} cannot be taken back: {error}", receipt.id));
                break;
            }
        }
    }
    let looked = failed.is_none().then(look);
    for (at, receipt) in undone.iter().rev().enumerate() {
        let turn = turned(bench, receipt, Turn::Redo, "redo of ").map_err(|error| {
            let left = undone.iter().rev().skip(at).map(|one| format!("flux redo {}", one.id));
            let left: Vec<String> = left.collect();
            let (id, left) = (receipt.id, left.join("; "));
            format!(
                "edit {id} was taken back for a look and cannot be made again: {error}\nhint: {left}"
            )
        })?;
        turns.push(turn);
    }
    // All is as before, so the history need not tell of it. An undo goes before its redo: alone it
    // would say that the edit is undone.
    if let Ok(journal) = opened(bench) {
        journal.drop_turns(&turns);
    }
    looked.ok_or_else(|| failed.unwrap_or_default())
}

/// Makes again what a look took back that was killed; the numbers of those edits.
///
/// # Errors
/// Which edit cannot be made again, and why.
pub fn restore(bench: &Bench<'_>) -> Result<Vec<u64>, String> {
    let Some(_lock) = lock(bench)? else { return Ok(Vec::new()) };
    let receipts = opened(bench).and_then(|journal| journal.receipts());
    let receipts = receipts.map_err(|error| error.to_string())?;
    let states = states(&receipts);
    let mut restored = Vec::new();
    for receipt in &receipts {
        let last = receipts.iter().rfind(|one| one.kind == Kind::Undo(receipt.id));
        let is_look = last.is_some_and(|undo| undo.title.starts_with(LOOK));
        if !is_look || states.get(&receipt.id) != Some(&State::Undone) {
            continue;
        }
        turned(bench, receipt, Turn::Redo, "redo of ").map_err(|error| {
            let id = receipt.id;
            format!(
                "edit {id} was taken back for a look that was killed, and cannot be made again: \
                 {error}\nhint: flux redo {id}"
            )
        })?;
        restored.push(receipt.id);
    }
    Ok(restored)
}

/// The lock of looks; `None` while another process holds it.
fn lock(bench: &Bench<'_>) -> Result<Option<File>, String> {
    let folder = opened(bench).map_err(|error| error.to_string())?.folder.clone();
    let path = folder.join("look");
    let file = OpenOptions::new().create(true).write(true).truncate(false).open(&path);
    let file = file.map_err(|error| format!("cannot open {}: {error}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(format!("cannot lock {}: {error}", path.display())),
    }
}

fn opened<'a>(bench: &'a Bench<'_>) -> Result<Journal<'a>, ApplyError> {
    Journal::open(&bench.tree, &Disk, PATIENCE)
}

/// Turns an edit; the number of the transaction that did.
fn turned(
    bench: &Bench<'_>,
    receipt: &Receipt,
    turn: Turn,
    title: &str,
) -> Result<u64, ApplyError> {
    let id = receipt.id;
    let journal = opened(bench)?;
    let (_, plan) = journal.turn(turn, Some(id))?;
    let kind = match turn {
        Turn::Undo => Kind::Undo(id),
        Turn::Redo => Kind::Redo(id),
    };
    let title = format!("{title}{id}: {}", receipt.title);
    let about = About { kind, title, now: (bench.clock)() };
    Ok(journal.apply(&Checked::of_turn(plan), &about)?.id)
}
