//! Memory maps: with the kernels of `vectors`, the only place of this crate with `unsafe`.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;

use crate::error::StoreError;

/// The bytes of an immutable file, shared and mapped. An empty file maps to no bytes.
#[derive(Clone, Debug)]
pub(crate) struct MappedFile(Option<Arc<Mmap>>);

impl MappedFile {
    /// Maps `path`.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        Self::try_open(path).map_err(StoreError::io("open", path))
    }

    fn try_open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if file.metadata()?.len() == 0 {
            return Ok(Self(None));
        }
        #[expect(unsafe_code, reason = "memory maps are the point of this module")]
        // SAFETY: files of a store are written once, before the manifest names them, and are
        // only ever unlinked afterwards, never truncated or changed in place.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self(Some(Arc::new(map))))
    }

    /// Tells the operating system that all of it is about to be read, so that what is not in
    /// memory is fetched in one go instead of page by page. Where it cannot be told, nothing is
    /// lost but time; the answer says whether it was.
    pub(crate) fn fetch(&self) -> bool {
        #[cfg(unix)]
        return self.0.as_ref().is_none_or(|map| map.advise(memmap2::Advice::WillNeed).is_ok());
        #[cfg(not(unix))]
        return false;
    }
}

impl AsRef<[u8]> for MappedFile {
    fn as_ref(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |map| map)
    }
}
