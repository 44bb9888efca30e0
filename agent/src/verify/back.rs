//! Taking edits back: for good, or while something is looked at as it was before them.

use std::time::Duration;

use crate::edit::apply::files::Disk;
use crate::edit::{About, ApplyError, Checked, Journal, Kind, Receipt, Turn};
use crate::tools::Bench;

/// How long another process that edits the tree is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Takes edits back, the last first. What somebody else changed in their files since is kept, or
/// stops it.
///
/// # Errors
/// Which edit stays, and why; those after it are taken back.
pub fn take_back(bench: &Bench<'_>, receipts: &[Receipt]) -> Result<(), String> {
    for receipt in receipts.iter().rev() {
        turned(bench, receipt, Turn::Undo)
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
    let mut undone: Vec<&Receipt> = Vec::new();
    let mut failed = None;
    for receipt in receipts.iter().rev() {
        match turned(bench, receipt, Turn::Undo) {
            Ok(()) => undone.push(receipt),
            Err(error) => {
                failed = Some(format!("edit {} cannot be taken back: {error}", receipt.id));
                break;
            }
        }
    }
    let looked = failed.is_none().then(look);
    for receipt in undone.iter().rev() {
        turned(bench, receipt, Turn::Redo).map_err(|error| {
            let id = receipt.id;
            format!(
                "edit {id} was taken back for a look and cannot be made again: {error}\n\
                     hint: flux redo {id}"
            )
        })?;
    }
    looked.ok_or_else(|| failed.unwrap_or_default())
}

fn turned(bench: &Bench<'_>, receipt: &Receipt, turn: Turn) -> Result<(), ApplyError> {
    let id = receipt.id;
    let journal = Journal::open(&bench.tree, &Disk, PATIENCE)?;
    let (_, plan) = journal.turn(turn, Some(id))?;
    let (kind, verb) = match turn {
        Turn::Undo => (Kind::Undo(id), "undo"),
        Turn::Redo => (Kind::Redo(id), "redo"),
    };
    let title = format!("{verb} of {id}: {}", receipt.title);
    let about = About { kind, title, now: (bench.clock)() };
    journal.apply(&Checked::of_turn(plan), &about)?;
    Ok(())
}
