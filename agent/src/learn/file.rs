//! The file: JSON with a line for each number, so that a person can read it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Learned, VERSION};

/// Why what was learned cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LearnError {
    /// It is not what this program wrote.
    #[error("{path} cannot be read: {what}\nhint: correct it, or flux learn --forget")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// It cannot be read or written.
    #[error("cannot {action} {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
}

/// What the file holds; nothing, if there is none.
pub fn load(path: &Path) -> Result<Learned, LearnError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Learned::default()),
        Err(source) => {
            return Err(LearnError::Io { action: "read", path: path.to_owned(), source });
        }
    };
    let damaged = |what: String| LearnError::Damaged { path: path.to_owned(), what };
    let learned: Learned =
        serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
    match learned.version {
        VERSION => Ok(learned),
        version => Err(damaged(format!("it is of version {version}, and this is {VERSION}"))),
    }
}

/// Writes the file, in one step and for its user alone; removes it, if there is nothing to keep.
/// Where two processes learn at once, what one of them learned last may be lost: they are counts.
pub fn save(path: &Path, learned: &Learned) -> Result<(), LearnError> {
    let failed = |action| move |source| LearnError::Io { action, path: path.to_owned(), source };
    if learned.is_empty() {
        return match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove")(error)),
            Ok(()) | Err(_) => Ok(()),
        };
    }
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(failed("make the folder of"))?;
    let mut fresh = tempfile::NamedTempFile::new_in(folder).map_err(failed("write"))?;
    let text = serde_json::to_string_pretty(learned).map_err(io::Error::other);
    let text = text.map_err(failed("write"))?;
    fresh
        .write_all(text.as_bytes())
        .and_then(|()| fresh.write_all(b"\n"))
        .map_err(failed("write"))?;
    fresh.persist(path).map_err(|error| failed("write")(error.error))?;
    Ok(())
}
