//! The files of a view as resolution sees them: facts of this run as they are, those of earlier
//! runs decoded on first use.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use flux_core::FileId;
use flux_resolve::{Facts, Files};
use flux_store::{ContentKey, Stored, View};

use super::{Lowered, Parsed};
use crate::decode::decode;

pub(super) struct TreeFiles<'a> {
    root: &'a Path,
    view: &'a View,
    parsed: Parsed,
    stored: Stored,
    decoded: Vec<OnceLock<Option<Arc<Lowered>>>>,
}

impl<'a> TreeFiles<'a> {
    pub(super) fn new(root: &'a Path, view: &'a View, parsed: Parsed, stored: Stored) -> Self {
        let decoded = view.files().iter().map(|_| OnceLock::new()).collect();
        Self { root, view, parsed, stored, decoded }
    }

    /// Where the lines of a file with facts begin.
    pub(super) fn lines(&self, file: FileId) -> &[u32] {
        self.lowered(file).map_or(&[0], |lowered| &lowered.lines)
    }

    fn key(&self, file: FileId) -> Option<ContentKey> {
        self.view.file(file).content()
    }

    fn lowered(&self, file: FileId) -> Option<&Arc<Lowered>> {
        let read = || {
            let key = self.key(file)?;
            if let Some(parsed) = self.parsed.get(&key) {
                return Some(parsed.clone());
            }
            // Facts that cannot be read are facts that are not there: `flux verify` tells.
            let bytes = self.stored.lowered(key).ok().flatten()?;
            Lowered::decode(&bytes, self.exports(file)).map(Arc::new)
        };
        self.decoded[file.0 as usize].get_or_init(read).as_ref()
    }
}

impl Files for TreeFiles<'_> {
    fn len(&self) -> usize {
        self.view.files().len()
    }

    fn path(&self, file: FileId) -> &str {
        self.view.file(file).path.as_str()
    }

    fn language(&self, file: FileId) -> &str {
        self.view.language(self.view.file(file)).as_str()
    }

    fn facts(&self, file: FileId) -> Option<Arc<Facts>> {
        self.lowered(file).map(|lowered| Arc::clone(&lowered.facts))
    }

    fn exports(&self, file: FileId) -> u64 {
        let Some(key) = self.key(file) else { return 0 };
        match self.parsed.get(&key) {
            Some(lowered) => lowered.exports,
            None => self.stored.exports(key).unwrap_or(0),
        }
    }

    fn content(&self, file: FileId) -> u64 {
        self.key(file).map_or(0, |key| {
            let (head, _) = key.0.split_at(8);
            u64::from_le_bytes(head.try_into().expect("a key has 16 bytes"))
        })
    }

    fn text(&self, file: FileId) -> Option<String> {
        let bytes = std::fs::read(self.root.join(self.path(file))).ok()?;
        decode(&bytes).ok().map(|text| text.into_owned())
    }
}
