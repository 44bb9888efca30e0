//! The file operations that applying a plan is made of, behind a trait so that tests can let each
//! of them fail, or let the program die at it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::edit::tree::{Content, mode_of};

/// What is done to files and folders while a plan is applied.
pub trait FileOperations {
    /// A file's content; `None` if there is none.
    fn read(&self, path: &Path) -> io::Result<Option<Content>>;
    /// The names in a folder; none if there is no such folder.
    fn names(&self, folder: &Path) -> io::Result<Vec<String>>;
    /// The permission bits of a folder; `None` if there is none.
    fn folder_mode(&self, folder: &Path) -> io::Result<Option<u32>>;
    /// Makes a folder that must not be there, with these permission bits or the usual ones.
    fn make_folder(&self, path: &Path, mode: Option<u32>) -> io::Result<()>;
    /// Writes a file that must not be there and waits until the disk has it. Without permission
    /// bits it gets the usual ones, for programs if `is_program`.
    fn write(&self, path: &Path, bytes: &[u8], mode: Mode) -> io::Result<()>;
    /// Lets two files swap their names. One of the two steps of systems without such a call may
    /// leave the second file under its name with `.old` behind it.
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()>;
    /// Renames a file or folder; the new name must be free.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// Waits until the disk has the names in a folder.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// Permission bits of a file to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Exactly these.
    Exact(u32),
    /// These, less what the user's mask takes.
    Masked(u32),
}

/// The file system.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl FileOperations for Disk {
    fn read(&self, path: &Path) -> io::Result<Option<Content>> {
        let metadata = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            metadata => metadata?,
        };
        if !metadata.is_file() {
            return Err(io::Error::other("it is no regular file any more"));
        }
        Ok(Some(Content { bytes: fs::read(path)?, mode: mode_of(&metadata) }))
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let name = |entry: io::Result<fs::DirEntry>| {
            entry.map(|entry| entry.file_name().to_string_lossy().into_owned())
        };
        let mut names = entries.map(name).collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn folder_mode(&self, folder: &Path) -> io::Result<Option<u32>> {
        match fs::symlink_metadata(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            metadata => metadata.map(|metadata| metadata.is_dir().then(|| mode_of(&metadata))),
        }
    }

    fn make_folder(&self, path: &Path, mode: Option<u32>) -> io::Result<()> {
        fs::create_dir(path)?;
        match mode {
            Some(mode) => set_mode(path, mode),
            None => Ok(()),
        }
    }

    fn write(&self, path: &Path, bytes: &[u8], mode: Mode) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(match mode {
                Mode::Exact(_) => 0o600,
                Mode::Masked(mode) => mode,
            });
        }
        let mut file = options.open(path)?;
        file.write_all(bytes)?;
        if let Mode::Exact(mode) = mode {
            set_mode(path, mode)?;
        }
        file.sync_all()
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        {
            use rustix::fs::{CWD, RenameFlags, renameat_with};
            match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
                Ok(()) => return Ok(()),
                Err(error) if lacks_call(error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let kept = one.with_extension("old");
        fs::hard_link(other, &kept)?;
        fs::rename(one, other)?;
        fs::rename(&kept, one)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        {
            use rustix::fs::{CWD, RenameFlags, renameat_with};
            match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
                Ok(()) => return Ok(()),
                Err(error) if lacks_call(error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if fs::symlink_metadata(to).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        // Only here can a folder be opened and its names be made to last.
        if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
    }
}

/// Whether the file system has no such way of renaming.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn lacks_call(error: rustix::io::Errno) -> bool {
    use rustix::io::Errno;
    matches!(error, Errno::NOSYS | Errno::INVAL | Errno::NOTSUP)
}

fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    #[cfg(unix)]
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
    #[cfg(not(unix))]
    let permissions = {
        let mut permissions = fs::metadata(path)?.permissions();
        permissions.set_readonly(mode != 0);
        permissions
    };
    fs::set_permissions(path, permissions)
}
