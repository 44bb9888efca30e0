//! The symbol graph of a workspace.

use std::io::Read;

use flux_core::{FileId, RepoPath};
use flux_indexer::FACTS_VERSION;
use flux_indexer::decode::decode;
use flux_store::{ContentKey, Snapshot};

use crate::sources::open_inside;
use crate::workspace::Workspace;

impl Workspace {
    /// The text of a file as it was indexed; `None` when it has changed since or cannot be read.
    pub fn indexed_text(&self, snapshot: &Snapshot, file: FileId) -> Option<String> {
        let entry = snapshot.view().file(file);
        let bytes = self.bytes(&entry.path)?;
        let language = snapshot.view().language(entry);
        let key = ContentKey::of(&bytes, language.as_str(), FACTS_VERSION);
        (entry.content() == Some(key)).then(|| Some(decode(&bytes).ok()?.into_owned()))?
    }

    /// The text of a file as it is now; `None` when it is not there or no text.
    pub fn current_text(&self, path: &str) -> Option<String> {
        let bytes = self.bytes(&RepoPath::new(path))?;
        Some(decode(&bytes).ok()?.into_owned())
    }

    fn bytes(&self, path: &RepoPath) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        open_inside(self.root(), path).ok()?.read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}
