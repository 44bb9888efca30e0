//! Ids of questions: enough to choose the same ones from the same sources again, and no text of
//! the sources.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;

use super::{Candidate, hash};
use crate::suite::{self, Relevant};

/// The repository, the places and a hash of the wording, separated by tabs.
pub(crate) fn of(candidate: &Candidate) -> String {
    let line = &candidate.line;
    let places: Vec<String> =
        line.relevant.iter().cloned().map(suite::target).map(|one| one.to_string()).collect();
    format!("{}\t{}\t{:016x}", line.repo, places.join(","), hash(&line.query))
}

/// The ids of a file.
pub(crate) fn read(path: &Path) -> anyhow::Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// The candidates with a wanted id, in order of place.
pub(crate) fn keep(mined: Vec<Candidate>, wanted: &BTreeSet<String>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> =
        mined.into_iter().filter(|one| wanted.contains(&of(one))).collect();
    kept.sort_by_cached_key(order);
    kept
}

/// What the questions of a repository are sorted by.
pub(crate) fn order(candidate: &Candidate) -> (Vec<Relevant>, String) {
    (candidate.line.relevant.clone(), candidate.line.query.clone())
}
