//! One lock for each tree, so that two processes never apply edits to it at once. The operating
//! system drops it with its owner.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use super::ApplyError;

/// Proof that nobody else changes the tree through Flux.
#[derive(Debug)]
pub(crate) struct TreeLock {
    files: Vec<File>,
}

/// How often a waiting process asks again.
const POLL: Duration = Duration::from_millis(20);

impl TreeLock {
    /// Waits up to `patience` for the lock of the tree at `root` whose journal lies in `folder`.
    pub(crate) fn acquire(
        folder: &Path,
        root: &Path,
        patience: Duration,
    ) -> Result<Self, ApplyError> {
        let path = folder.join("lock");
        let file =
            OpenOptions::new().create(true).read(true).write(true).truncate(false).open(&path);
        let file = file.map_err(|source| ApplyError::io("open", &path, source))?;
        let start = Instant::now();
        let mut lock = Self { files: Vec::new() };
        lock.wait(file, start, patience).map_err(|error| match error {
            None => ApplyError::Locked,
            Some(source) => ApplyError::io("lock", &path, source),
        })?;
        // Processes with different caches meet at the root itself. Where a folder cannot be locked
        // (some network file systems, Windows), the journal's lock has to do.
        if let Ok(folder) = File::open(root)
            && let Err(None) = lock.wait(folder, start, patience)
        {
            return Err(ApplyError::Locked);
        }
        Ok(lock)
    }

    fn wait(
        &mut self,
        file: File,
        start: Instant,
        patience: Duration,
    ) -> Result<(), Option<std::io::Error>> {
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if start.elapsed() < patience => {
                    std::thread::sleep(POLL);
                }
                Err(TryLockError::WouldBlock) => return Err(None),
                Err(TryLockError::Error(source)) => return Err(Some(source)),
            }
        }
        self.files.push(file);
        Ok(())
    }
}

impl Drop for TreeLock {
    fn drop(&mut self) {
        // A child process may hold a copy of the file for a moment; closing alone would not free it.
        for file in &self.files {
            file.unlock().ok();
        }
    }
}
