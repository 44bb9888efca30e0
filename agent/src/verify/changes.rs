//! What several edits did to each file, taken together.

use flux_core::RepoPath;

use crate::edit::apply::files::Disk;
use crate::edit::apply::record::Image;
use crate::edit::{ApplyError, Journal, Receipt, Tree};

use super::back::PATIENCE;

/// A file before the first edit and now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it lay; where it lies, if it is new.
    pub from: RepoPath,
    /// Where it lies, or lay last if it is gone.
    pub path: RepoPath,
    /// Its text before; `None` if it was not there or is no text.
    pub before: Option<String>,
    /// Its text now.
    pub after: Option<String>,
}

/// A file on its way through the edits.
struct Way {
    from: RepoPath,
    before: Option<(u64, Image)>,
    path: RepoPath,
}

/// What `receipts`, in order, did to the files of a tree, by path.
///
/// # Errors
/// The journal does not hold what was there, or cannot be read.
pub fn changes(tree: &Tree, receipts: &[Receipt]) -> Result<Vec<Change>, ApplyError> {
    let mut ways: Vec<Way> = Vec::new();
    for receipt in receipts {
        for entry in &receipt.entries {
            let source = entry.from.as_ref().unwrap_or(&entry.path);
            match ways.iter_mut().find(|way| way.path == *source) {
                Some(way) => way.path = entry.path.clone(),
                None => ways.push(Way {
                    from: source.clone(),
                    before: entry.before.map(|image| (receipt.id, image)),
                    path: entry.path.clone(),
                }),
            }
        }
    }
    let journal = Journal::open(tree, &Disk, PATIENCE)?;
    let mut changes = Vec::new();
    for Way { from, before, path } in ways {
        let before = match before {
            None => None,
            Some((id, image)) => String::from_utf8(journal.image(id, &image)?).ok(),
        };
        let after = tree.read(&path).ok().flatten();
        let after = after.and_then(|content| String::from_utf8(content.bytes).ok());
        changes.push(Change { from, path, before, after });
    }
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(changes)
}
