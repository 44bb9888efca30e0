//! Where workflows lie: `.flux/workflows/NAME.toml` in the tree, to be committed and shared.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Workflow, WorkflowError, format};

/// The folder, relative to the root of the tree.
pub const FOLDER: &str = ".flux/workflows";

/// The file of a workflow.
pub fn place(root: &Path, name: &str) -> Result<PathBuf, WorkflowError> {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if name.is_empty() || name.starts_with('-') || !name.chars().all(is_letter) {
        return Err(WorkflowError::Name(name.to_owned()));
    }
    Ok(root.join(FOLDER).join(format!("{name}.toml")))
}

/// The names of a tree's workflows, in order.
pub fn names(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root.join(FOLDER)).into_iter().flatten().filter_map(Result::ok);
    let name = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        Some(name.strip_suffix(".toml")?.to_owned())
    };
    let mut names: Vec<String> = entries.filter_map(name).collect();
    names.sort();
    names
}

/// The text of a workflow's file.
pub fn text(root: &Path, name: &str) -> Result<String, WorkflowError> {
    let path = place(root, name)?;
    fs::read_to_string(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => WorkflowError::Missing(name.to_owned()),
        _ => WorkflowError::Io { action: "read", path, source: error },
    })
}

/// Reads a workflow.
pub fn load(root: &Path, name: &str) -> Result<Workflow, WorkflowError> {
    let path = place(root, name)?;
    format::parse(&text(root, name)?).map_err(|what| WorkflowError::Form { path, what })
}

/// Writes a workflow, and says where. One that is there stays, unless it is written over.
pub fn save(
    root: &Path,
    name: &str,
    workflow: &Workflow,
    over: Over,
) -> Result<PathBuf, WorkflowError> {
    let path = place(root, name)?;
    let folder = root.join(FOLDER);
    let failed = |action, path: &Path| {
        let path = path.to_owned();
        move |source| WorkflowError::Io { action, path, source }
    };
    let is_link = |path: &Path| path.symlink_metadata().is_ok_and(|data| data.is_symlink());
    if folder.ancestors().take_while(|above| *above != root).any(is_link) {
        return Err(WorkflowError::Outside(folder));
    }
    fs::create_dir_all(&folder).map_err(failed("make", &folder))?;
    let (real, root) = (fs::canonicalize(&folder), fs::canonicalize(root));
    let (real, root) =
        (real.map_err(failed("find", &folder))?, root.map_err(failed("find", &folder))?);
    if !real.starts_with(&root) {
        return Err(WorkflowError::Outside(folder));
    }
    if over == Over::Refused && path.symlink_metadata().is_ok() {
        return Err(WorkflowError::Exists(name.to_owned()));
    }
    let comment =
        format!("flux workflow run {name} [key=value…]; docs/agent.md of Flux tells the format");
    // In one step, and never through a link.
    let mut fresh = tempfile::NamedTempFile::new_in(&real).map_err(failed("write", &path))?;
    let text = format::write(workflow, &comment);
    io::Write::write_all(&mut fresh, text.as_bytes()).map_err(failed("write", &path))?;
    fresh.persist(&path).map_err(|error| failed("write", &path)(error.error))?;
    Ok(path)
}

/// What happens to a workflow of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// It stays.
    Refused,
    /// It is written over.
    Allowed,
}

/// Removes a workflow.
pub fn remove(root: &Path, name: &str) -> Result<(), WorkflowError> {
    let path = place(root, name)?;
    fs::remove_file(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => WorkflowError::Missing(name.to_owned()),
        _ => WorkflowError::Io { action: "remove", path, source: error },
    })
}
