//! Stamps: what the operating system says of a file that changes with its content.

use std::fs::Metadata;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use flux_store::Stamp;

/// The stamp of what `metadata` tells of.
pub fn stamp_of(metadata: &Metadata) -> Stamp {
    let modified = metadata.modified().map_or(0, nanoseconds);
    let (inode, changed) = identity(metadata);
    Stamp { size: metadata.len(), modified, changed, inode }
}

/// Number of the file and the time of the last change of anything about it, which no tool that
/// restores times can set.
#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, i64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.ino(), nanoseconds_of(metadata.ctime(), metadata.ctime_nsec()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, i64) {
    (0, 0)
}

/// A time before or after 1970, in nanoseconds.
pub(crate) fn nanoseconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_nanos()).unwrap_or(i64::MAX),
    }
}

#[cfg(unix)]
fn nanoseconds_of(seconds: i64, nanoseconds: i64) -> i64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)
}

/// A folder below which many stamps are taken. The way down to it is walked once, which saves a
/// sixth of the time of each look, and as much again that building full paths would cost.
pub(crate) struct Stamps {
    #[cfg(unix)]
    root: Option<std::fs::File>,
    #[cfg(not(unix))]
    root: std::path::PathBuf,
}

impl Stamps {
    #[cfg(unix)]
    pub(crate) fn below(root: &Path) -> Self {
        Self { root: std::fs::File::open(root).ok() }
    }

    #[cfg(not(unix))]
    pub(crate) fn below(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The stamp of what lies at `path`, a link itself and not what it points at; the root's own
    /// for an empty one. `None` when nothing is there.
    #[cfg(unix)]
    pub(crate) fn of(&self, path: &str) -> Option<Stamp> {
        use rustix::fs::{AtFlags, statat};
        let path = if path.is_empty() { "." } else { path };
        let stat = statat(self.root.as_ref()?, path, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        #[allow(
            clippy::unnecessary_cast,
            trivial_numeric_casts,
            reason = "the types of these numbers differ from system to system"
        )]
        Some(Stamp {
            size: stat.st_size as u64,
            modified: nanoseconds_of(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            changed: nanoseconds_of(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
            inode: stat.st_ino as u64,
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn of(&self, path: &str) -> Option<Stamp> {
        let metadata = std::fs::symlink_metadata(self.root.join(path)).ok()?;
        Some(stamp_of(&metadata))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Stamps, stamp_of};

    #[test]
    fn both_ways_to_a_stamp_agree() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/b.rs"), "fn main() {}\n").unwrap();
        let stamps = Stamps::below(folder.path());
        for path in ["", "a", "a/b.rs"] {
            let metadata = fs::symlink_metadata(folder.path().join(path)).unwrap();
            assert_eq!(stamps.of(path), Some(stamp_of(&metadata)), "{path}");
        }
        assert_eq!(stamps.of("a/c.rs"), None);
        assert_eq!(Stamps::below(&folder.path().join("c")).of(""), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_has_a_stamp_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "text").unwrap();
        std::os::unix::fs::symlink("file", folder.path().join("link")).unwrap();
        let stamps = Stamps::below(folder.path());
        assert_ne!(stamps.of("link"), stamps.of("file"));
    }
}
