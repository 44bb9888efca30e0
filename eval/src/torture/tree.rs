//! Copies of a repository, and edits to them that are the same on every run.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::bootstrap::SplitMix;

/// Copies a folder. Links are left out: the trials edit the copy and must not reach outside.
pub(super) fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Removes a folder if it is there.
pub(super) fn clear(folder: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// The visible files below `root` that hold UTF-8 text, ordered by path.
pub(super) fn text_files(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            match entry.file_type()? {
                kind if kind.is_dir() => folders.push(entry.path()),
                kind if kind.is_file() && is_text(&entry.path()) => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files.sort();
    Ok(files)
}

fn is_text(path: &Path) -> bool {
    fs::read(path).is_ok_and(|bytes| !bytes.contains(&0) && std::str::from_utf8(&bytes).is_ok())
}

/// One edit of a tree: a line added in most cases, a file removed, a new file in the others.
pub(super) fn edit(files: &[PathBuf], random: &mut SplitMix, number: usize) -> anyhow::Result<()> {
    let file = &files[random.below(files.len())];
    match random.below(8) {
        0 => remove(file),
        1 => {
            let name = format!("torture_{number}.py");
            let text = format!("def torture_{number}():\n    return new_error({number})\n");
            fs::create_dir_all(file.parent().context("a file without a folder")?)?;
            Ok(fs::write(file.with_file_name(name), text)?)
        }
        2 => Ok(fs::write(file, format!("torture {number} replaced everything\n"))?),
        _ => append(file, &format!("\n# torture {number} parse return error\n")),
    }
}

fn remove(file: &Path) -> anyhow::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn append(file: &Path, text: &str) -> anyhow::Result<()> {
    let mut opened = fs::OpenOptions::new().create(true).append(true).open(file)?;
    Ok(opened.write_all(text.as_bytes())?)
}
