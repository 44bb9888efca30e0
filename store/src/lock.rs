//! The writer's lock: an advisory lock of the operating system, dropped with its owner.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::time::{Duration, Instant};

use crate::error::StoreError;
use crate::layout::Layout;

/// Proof that this process may write the store. Released on drop, and by the operating system
/// when the process dies, so a killed owner never blocks anyone.
#[derive(Debug)]
pub(crate) struct WriterLock {
    file: File,
}

/// How often a waiting process asks again.
const POLL: Duration = Duration::from_millis(20);

impl WriterLock {
    /// Waits up to `patience` for the lock of the store at `layout`.
    pub(crate) fn acquire(layout: &Layout, patience: Duration) -> Result<Self, StoreError> {
        let path = layout.lock();
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .map_err(StoreError::io("open", &path))?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if start.elapsed() < patience => {
                    std::thread::sleep(POLL);
                }
                Err(TryLockError::WouldBlock) => return Err(locked(layout, &mut file)),
                Err(TryLockError::Error(source)) => {
                    return Err(StoreError::Io { action: "lock", path, source });
                }
            }
        }
        write_owner(&mut file).map_err(StoreError::io("write", &path))?;
        Ok(Self { file })
    }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // Closing the file is not enough when a child process, forked by another thread, holds a
        // copy of it for the moment until it runs its program. A refusal leaves it to closing.
        self.file.unlock().ok();
    }
}

fn write_owner(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "process {}", std::process::id())
}

fn locked(layout: &Layout, file: &mut File) -> StoreError {
    let mut owner = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut owner));
    if read.is_err() || owner.is_empty() {
        "unknown".clone_into(&mut owner);
    }
    StoreError::Locked { path: layout.directory().to_owned(), owner }
}
