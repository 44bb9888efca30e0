//! The pairs that `mine` wrote: one file for each repository, one JSON object a line.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

/// A question and the code that answers it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Pair {
    /// What kind of pair it is: `doc`, `name`, `commit`, `test`, `section`, `file` and others.
    pub(crate) kind: String,
    /// The language of the code.
    #[serde(default)]
    pub(crate) language: String,
    /// The question.
    pub(crate) query: String,
    /// Words of the path and of the enclosing names.
    #[serde(default)]
    pub(crate) context: String,
    /// The code.
    pub(crate) text: String,
}

/// A repository and the file of its pairs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Repository {
    /// Whether it is kept for measuring.
    pub(crate) purpose: Purpose,
    /// `OWNER+NAME`.
    pub(crate) name: String,
    /// Where its pairs lie.
    pub(crate) path: PathBuf,
}

/// What a repository's pairs serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// Measuring only.
    HeldOut,
    /// Training.
    Training,
}

/// The repositories in a folder of pairs, those that are held out first, in order of their names.
pub(crate) fn repositories(folder: &Path) -> Result<Vec<Repository>> {
    let mut found = list(folder, Purpose::Training)?;
    anyhow::ensure!(!found.is_empty(), "no pairs in {}", folder.display());
    let held_out = folder.join("held-out");
    if held_out.is_dir() {
        found.extend(list(&held_out, Purpose::HeldOut)?);
    }
    found.sort();
    Ok(found)
}

fn list(folder: &Path, purpose: Purpose) -> Result<Vec<Repository>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()));
    for entry in entries? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl")
            && let Some(name) = path.file_stem()
        {
            found.push(Repository { purpose, name: name.to_string_lossy().into_owned(), path });
        }
    }
    Ok(found)
}

/// Calls `visit` with each pair of a repository.
pub(crate) fn for_each(repository: &Repository, mut visit: impl FnMut(Pair)) -> Result<()> {
    let name = || repository.path.display().to_string();
    let mut lines = BufReader::new(File::open(&repository.path).with_context(name)?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).with_context(name)? > 0 {
        visit(serde_json::from_slice(&line).with_context(name)?);
        line.clear();
    }
    Ok(())
}
