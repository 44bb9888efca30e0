//! Changes: what a tree looks like now, compared with a view, for the price of one look at each
//! file and folder.
//!
//! A folder whose stamp did not change gained and lost no entry, so the ignore rules need not be
//! evaluated again. Only when a folder or an ignore file changed is the tree listed anew.

use std::path::Path;

use flux_core::{Cancel, FileClass, SkipReason};
use flux_store::view::Witness;
use flux_store::{FileEntry, Stamp, View};
use rayon::prelude::*;

use crate::error::IndexError;
use crate::list::{Listed, Listing, is_racy, list, now};
use crate::stamp::Stamps;

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
    let look = Stamps::below(root);
    let is_same_structure = view.witnesses.par_iter().all(|witness| is_unchanged(&look, witness));
    let stamps = match is_same_structure && !view.files().is_empty() {
        true => stamps(&look, view),
        false => None,
    };
    let is_settled = view.files().iter().all(|file| !file.racy);
    let listing = match stamps {
        Some(stamps) if is_settled && is_as_known(view, &stamps) => return Ok(Changes::None),
        Some(stamps) => listing(view, stamps),
        None => list(root, cancel)?,
    };
    let differing = count_differing(view, &listing);
    let is_settled =
        is_settled && view.witnesses == listing.witnesses && view.unnameable == listing.unnameable;
    if differing == 0 && is_settled {
        return Ok(Changes::None);
    }
    Ok(Changes::Some { listing, differing })
}

fn is_unchanged(look: &Stamps, witness: &Witness) -> bool {
    !witness.racy && look.of(&witness.path) == witness.stamp
}

/// The stamps of the known files, in order; `None` when one is gone.
fn stamps(look: &Stamps, view: &View) -> Option<Vec<Stamp>> {
    let files = view.files().par_iter().with_min_len(256);
    files.map(|entry| look.of(entry.path.as_str())).collect()
}

fn is_as_known(view: &View, stamps: &[Stamp]) -> bool {
    view.files().iter().zip(stamps).all(|(entry, stamp)| entry.stamp == *stamp)
}

/// The known files with fresh stamps.
fn listing(view: &View, stamps: Vec<Stamp>) -> Listing {
    let now = now();
    let fresh = |(entry, stamp): (&FileEntry, Stamp)| {
        let skip = entry
            .skipped()
            .filter(|reason| matches!(reason, SkipReason::SymlinkLoop | SkipReason::Special));
        Listed {
            path: entry.path.clone(),
            stamp,
            racy: is_racy(stamp, now),
            is_hidden: entry.class().has(FileClass::HIDDEN),
            skip,
        }
    };
    Listing {
        files: view.files().iter().zip(stamps).map(fresh).collect(),
        witnesses: view.witnesses.clone(),
        unnameable: view.unnameable.clone(),
    }
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
