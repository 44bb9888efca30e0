//! tantivy's files, with its list of segments kept in our manifest instead of `meta.json`.
//!
//! tantivy replaces `meta.json` and deletes merged segments on its own schedule; both would
//! break the promise that a commit of Flux is one rename. So the list lives in memory until the
//! manifest is written, and deletions are left to [`maintain`](crate::maintain), which runs
//! after it.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::Directory;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    DirectoryLock, FileHandle, Lock, MmapDirectory, WatchCallback, WatchHandle, WritePtr,
};

/// The file in which tantivy lists its segments.
const META: &str = "meta.json";

/// A directory whose small, replaceable files live in memory.
#[derive(Clone, Debug)]
pub(crate) struct StoreDirectory {
    files: MmapDirectory,
    replaceable: Arc<Mutex<HashMap<PathBuf, Vec<u8>>>>,
}

impl StoreDirectory {
    /// Opens `path` as of the segment list `meta`, empty for a new index.
    pub(crate) fn open(path: &Path, meta: &str) -> tantivy::Result<Self> {
        let mut replaceable = HashMap::new();
        if !meta.is_empty() {
            replaceable.insert(PathBuf::from(META), meta.as_bytes().to_vec());
        }
        Ok(Self {
            files: MmapDirectory::open(path)?,
            replaceable: Arc::new(Mutex::new(replaceable)),
        })
    }

    /// The segment list as tantivy last wrote it.
    pub(crate) fn meta(&self) -> String {
        let replaceable = self.replaceable.lock().unwrap_or_else(PoisonError::into_inner);
        replaceable
            .get(Path::new(META))
            .map_or_else(String::new, |bytes| String::from_utf8_lossy(bytes).into_owned())
    }
}

impl Directory for StoreDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.files.get_file_handle(path)
    }

    fn delete(&self, _: &Path) -> Result<(), DeleteError> {
        Ok(())
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        let replaceable = self.replaceable.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(replaceable.contains_key(path) || self.files.exists(path)?)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.files.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let replaceable = self.replaceable.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = || OpenReadError::FileDoesNotExist(path.to_owned());
        replaceable.get(path).cloned().ok_or_else(missing)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let mut replaceable = self.replaceable.lock().unwrap_or_else(PoisonError::into_inner);
        replaceable.insert(path.to_owned(), data.to_vec());
        Ok(())
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.files.sync_directory()
    }

    /// The store's own lock already holds: tantivy needs no second one.
    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
