//! Changes: what a tree looks like now, compared with a view, for the price of one look at each
//! file and folder.
//!
//! A folder whose stamp did not change gained and lost no entry, so the ignore rules need not be
//! evaluated again. Only when a folder or an ignore file changed is the tree listed anew.

use std::path::Path;

use flux_core::{Cancel, FileClass, SkipReason};
use flux_store::View;
use flux_store::view::Witness;
use rayon::prelude::*;

use crate::error::IndexError;
use crate::list::{Listed, Listing, is_racy, list, now, stamp_of};

/// How a tree differs from a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// Nothing changed.
    None,
    /// Some files changed, or may have; this is the whole tree as it is now.
    Some {
        /// The tree.
        listing: Listing,
        /// Files that are new, gone or look different; 0 when only stamps were too young.
        differing: usize,
    },
}

/// Compares the tree at `root` with `view`.
pub fn changes(root: &Path, view: &View, cancel: &Cancel) -> Result<Changes, IndexError> {
    let is_same_structure = view.witnesses.par_iter().all(|witness| is_unchanged(root, witness));
    let listing = match is_same_structure && !view.files().is_empty() {
        true => look_again(root, view),
        false => None,
    };
    let listing = match listing {
        Some(listing) => listing,
        None => list(root, cancel)?,
    };
    let differing = count_differing(view, &listing);
    let is_settled = view.files().iter().all(|file| !file.racy)
        && view.witnesses == listing.witnesses
        && view.unnameable == listing.unnameable;
    if differing == 0 && is_settled {
        return Ok(Changes::None);
    }
    Ok(Changes::Some { listing, differing })
}

fn is_unchanged(root: &Path, witness: &Witness) -> bool {
    let now = std::fs::symlink_metadata(root.join(&*witness.path)).ok().map(|m| stamp_of(&m));
    !witness.racy && now == witness.stamp
}

/// The known files with fresh stamps; `None` when one is gone.
fn look_again(root: &Path, view: &View) -> Option<Listing> {
    let now = now();
    let files: Option<Vec<Listed>> = view
        .files()
        .par_iter()
        .with_min_len(256)
        .map(|entry| {
            let metadata = std::fs::symlink_metadata(root.join(entry.path.as_str())).ok()?;
            let stamp = stamp_of(&metadata);
            let skip = entry
                .skipped()
                .filter(|reason| matches!(reason, SkipReason::SymlinkLoop | SkipReason::Special));
            let is_hidden = entry.class().has(FileClass::HIDDEN);
            let racy = is_racy(stamp, now);
            Some(Listed { path: entry.path.clone(), stamp, racy, is_hidden, skip })
        })
        .collect();
    Some(Listing {
        files: files?,
        witnesses: view.witnesses.clone(),
        unnameable: view.unnameable.clone(),
    })
}

fn count_differing(view: &View, listing: &Listing) -> usize {
    let known = view.files();
    let (mut i, mut differing) = (0, 0);
    for file in &listing.files {
        while i < known.len() && known[i].path < file.path {
            i += 1;
            differing += 1;
        }
        if i < known.len() && known[i].path == file.path {
            differing += usize::from(known[i].stamp != file.stamp);
            i += 1;
        } else {
            differing += 1;
        }
    }
    differing + known.len() - i
}
