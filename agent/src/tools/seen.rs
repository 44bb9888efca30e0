//! Which files were read, and what was in them then. A file is read, as it is now, before it is
//! edited: by its bytes, because times of change lie.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Digests of files by path, as they were when they were last read or written.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<BTreeMap<String, blake3::Hash>>);

/// Whether a file may be edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// What was read is what is there.
    Current,
    /// It was never read.
    Unread,
    /// It changed since.
    Changed,
}

impl Seen {
    pub(super) fn note(&self, path: &str, hash: blake3::Hash) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), hash);
    }

    pub(super) fn forget(&self, path: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
    }

    pub(super) fn of(&self, path: &str, now: blake3::Hash) -> Sight {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match seen.get(path) {
            None => Sight::Unread,
            Some(then) if *then == now => Sight::Current,
            Some(_) => Sight::Changed,
        }
    }

    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
