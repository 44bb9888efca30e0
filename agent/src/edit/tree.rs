//! The files of a tree as they are now, looked at without following a link.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use flux_core::RepoPath;

use super::path::PathFault;
use super::refusal::Reason;

/// Largest file that is edited, in bytes. People write files of a few hundred kilobytes; what is
/// larger is data, and both its images are kept in memory and in the journal.
pub const MAX_FILE_BYTES: u64 = 8 << 20;

/// A tree whose files may be edited.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Its root, absolute and without links.
    pub root: PathBuf,
    /// Where Flux keeps what it knows of it: index and journals. Never edited, even if it lies in
    /// the tree.
    pub own: PathBuf,
}

/// What a file holds, and how it may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its permission bits; 0 where the system has none.
    pub mode: u32,
}

impl Content {
    /// The digest of its bytes.
    pub fn hash(&self) -> blake3::Hash {
        blake3::hash(&self.bytes)
    }

    /// Whether its permissions ask not to write it. A rename would get around them.
    pub fn is_read_only(&self) -> bool {
        if cfg!(unix) { self.mode & 0o222 == 0 } else { self.mode != 0 }
    }
}

/// Permission bits of a file that is made anew, before the user's mask.
pub(crate) const PLAIN_MODE: u32 = 0o644;
/// The same for a program.
pub(crate) const PROGRAM_MODE: u32 = 0o755;

/// The permission bits of a file.
pub(crate) fn mode_of(metadata: &fs::Metadata) -> u32 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        metadata.permissions().mode() & 0o7777
    }
    #[cfg(not(unix))]
    {
        u32::from(metadata.permissions().readonly())
    }
}

impl Tree {
    /// The absolute path of a file of the tree.
    pub fn full(&self, path: &RepoPath) -> PathBuf {
        self.root.join(path.as_str())
    }

    /// Looks at a path, part by part. `None` if nothing is there.
    pub(crate) fn look(&self, path: &RepoPath) -> Result<Option<fs::Metadata>, Reason> {
        let mut full = self.root.clone();
        let parts: Vec<&str> = path.as_str().split('/').collect();
        for (index, part) in parts.iter().enumerate() {
            full.push(part);
            if full.starts_with(&self.own) {
                return Err(PathFault::Own.into());
            }
            let metadata = match fs::symlink_metadata(&full) {
                Err(error) if is_absent(&error) => return Ok(None),
                metadata => metadata.map_err(|error| unusable("look at", &full, &error))?,
            };
            let kind = metadata.file_type();
            let is_last = index + 1 == parts.len();
            match () {
                () if kind.is_symlink() => return Err(PathFault::Link.into()),
                () if is_last && kind.is_dir() => return Err(PathFault::Folder.into()),
                () if is_last && kind.is_file() => return Ok(Some(metadata)),
                () if is_last => return Err(PathFault::Special.into()),
                () if !kind.is_dir() => return Err(PathFault::BelowFile.into()),
                () => {}
            }
        }
        Ok(None)
    }

    /// The content of a file; `None` if nothing is there.
    pub(crate) fn read(&self, path: &RepoPath) -> Result<Option<Content>, Reason> {
        let Some(metadata) = self.look(path)? else { return Ok(None) };
        if metadata.len() > MAX_FILE_BYTES {
            return Err(Reason::TooLarge { found: metadata.len() });
        }
        let full = self.full(path);
        let bytes = fs::read(&full).map_err(|error| unusable("read", &full, &error))?;
        Ok(Some(Content { bytes, mode: mode_of(&metadata) }))
    }

    /// Whether a name in the way of making `path` differs from it by case alone. `is_going` says
    /// of files that they will be gone.
    pub(crate) fn has_case_twin(
        &self,
        path: &RepoPath,
        is_going: &dyn Fn(&str) -> bool,
    ) -> Result<bool, Reason> {
        let mut above = String::new();
        for part in path.as_str().split('/') {
            let folder = self.root.join(&above);
            let names = match fs::read_dir(&folder) {
                Err(error) if is_absent(&error) => return Ok(false),
                names => names.map_err(|error| unusable("list", &folder, &error))?,
            };
            let lower = part.to_lowercase();
            for name in names {
                let name = name.map_err(|error| unusable("list", &folder, &error))?.file_name();
                let name = name.to_string_lossy();
                if name != part && name.to_lowercase() == lower {
                    let twin = joined(&above, &name);
                    if !is_going(&twin) {
                        return Ok(true);
                    }
                }
            }
            above = joined(&above, part);
        }
        Ok(false)
    }

    /// Files beside or below where `path` would lie whose names are like its own.
    pub(crate) fn namesakes(&self, path: &RepoPath) -> Vec<String> {
        let mut found = Vec::new();
        let mut folder = path.parent();
        loop {
            let Ok(entries) = fs::read_dir(self.root.join(folder)) else { break };
            let names = entries.filter_map(Result::ok).map(|entry| entry.file_name());
            let names = names.map(|name| name.to_string_lossy().into_owned());
            let is_like = |name: &String| {
                similar::TextDiff::from_chars(name.as_str(), path.file_name()).ratio() > 0.7
            };
            found.extend(names.filter(is_like).map(|name| joined(folder, &name)));
            if !found.is_empty() || folder.is_empty() {
                break;
            }
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
        found.sort();
        found
    }
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Whether an error says that nothing is there. A file where a folder should be is found out by
/// looking at each part.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

pub(crate) fn unusable(action: &str, path: &Path, error: &io::Error) -> Reason {
    Reason::Unusable(format!("cannot {action} {}: {error}", path.display()))
}
