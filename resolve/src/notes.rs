//! Notes: what one run worked out at some cost, and the next would work out alike.
//!
//! A note is a pure function of what its key is a hash of. So it can be kept or lost without a
//! difference to any answer.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::RESOLVER_VERSION;
use crate::run::Previous;

/// Names a note, by a hash of all that it follows from.
pub type NoteKey = [u8; 16];

/// A note that a run made, or went by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its key.
    pub key: NoteKey,
    /// What it says; `None` when that is what the earlier run knows.
    pub bytes: Option<Vec<u8>>,
}

/// The notes of one run.
pub(crate) struct Notes<'a> {
    previous: &'a dyn Previous,
    used: Mutex<BTreeMap<NoteKey, Option<Vec<u8>>>>,
}

/// The key of what follows from `parts`, in this version of the program.
pub(crate) fn key(parts: &[&[u8]]) -> NoteKey {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&RESOLVER_VERSION.to_le_bytes());
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut key = NoteKey::default();
    key.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    key
}

impl<'a> Notes<'a> {
    /// Those that `previous` knows, to begin with.
    pub(crate) fn new(previous: &'a dyn Previous) -> Self {
        Self { previous, used: Mutex::default() }
    }

    /// What was noted under `key`, or else what `make` gives, which is noted.
    pub(crate) fn recall<T: Serialize + DeserializeOwned>(
        &self,
        key: NoteKey,
        make: impl FnOnce() -> T,
    ) -> T {
        let known = self.previous.note(key).and_then(|bytes| postcard::from_bytes(&bytes).ok());
        if let Some(known) = known {
            self.put(key, None);
            return known;
        }
        let made = make();
        // Packing into memory fails only when a sequence does not know its length; ours do.
        if let Ok(bytes) = postcard::to_allocvec(&made) {
            self.put(key, Some(bytes));
        }
        made
    }

    fn put(&self, key: NoteKey, bytes: Option<Vec<u8>>) {
        let mut used = self.used.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        used.insert(key, bytes);
    }

    /// All that were used, by key.
    pub(crate) fn into_used(self) -> Vec<Note> {
        let used = self.used.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        used.into_iter().map(|(key, bytes)| Note { key, bytes }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Note, NoteKey, Notes, key};
    use crate::layer::Dependency;
    use crate::run::{Nothing, Previous};

    struct One(Vec<u8>);

    impl Previous for One {
        fn content(&self, _: &str) -> Option<u64> {
            None
        }

        fn dependencies(&self, _: &str) -> Vec<(Dependency, u64)> {
            Vec::new()
        }

        fn inputs(&self, _: u64) -> Option<u64> {
            None
        }

        fn note(&self, wanted: NoteKey) -> Option<Vec<u8>> {
            (wanted == key(&[b"one"])).then(|| self.0.clone())
        }
    }

    #[test]
    fn what_was_noted_is_not_made_again() {
        let notes = Notes::new(&Nothing);
        assert_eq!(notes.recall(key(&[b"one"]), || 7_u32), 7);
        let [Note { bytes: Some(bytes), .. }] = &notes.into_used()[..] else { panic!("one note") };
        let previous = One(bytes.clone());
        let notes = Notes::new(&previous);
        assert_eq!(notes.recall(key(&[b"one"]), || 8_u32), 7);
        assert_eq!(notes.recall(key(&[b"two"]), || 8_u32), 8);
        let used = notes.into_used();
        assert_eq!(used.iter().filter(|note| note.bytes.is_none()).count(), 1);
        assert_eq!(used.len(), 2);
    }

    #[test]
    fn a_note_that_cannot_be_read_is_made_again() {
        let previous = One(Vec::new());
        assert_eq!(Notes::new(&previous).recall(key(&[b"one"]), || 8_u32), 8);
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(key(&[b"ab", b"c"]), key(&[b"a", b"bc"]));
    }
}
