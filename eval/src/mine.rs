//! `flux-eval mine`: a set of questions from what repositories say about themselves. Whatever
//! becomes a question is blanked in a copy of the sources, so that its words cannot be found
//! where they were written.
//!
//! The same sources give the same set: files are read in order of their paths, and the questions
//! kept of many are chosen by a hash of their place. A set can be made again from the ids of its
//! questions alone, which hold no text of the sources.
//!
//! Reading order: [`repository`] (copying and collecting), [`definitions`] (questions from doc
//! comments), [`names`], [`files`] and [`headings`] (other kinds), [`head`] and [`sentence`]
//! (wording a question), [`docs`] (blanking), [`ids`] (making a set again).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::ValueEnum;

use crate::MineArgs;
use crate::suite::QuestionLine;

mod definitions;
mod docs;
mod files;
mod head;
mod headings;
mod ids;
mod names;
mod repository;
mod sentence;

/// Where a question comes from. Kinds share the questions of a repository evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Kind {
    /// The first sentence of a doc comment, answered by the definition below it.
    Doc,
    /// The name of a symbol as people type it, answered by its definitions.
    Name,
    /// What a file says at its top, or how something works, answered by the file.
    File,
    /// A section of a document, answered by the files that it names.
    Heading,
}

/// A question that may become part of the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) kind: Kind,
    pub(crate) line: QuestionLine,
}

/// Copies every repository without what became questions, and writes the questions.
pub(crate) fn command(arguments: &MineArgs) -> anyhow::Result<()> {
    let wanted = arguments.ids.as_deref().map(ids::read).transpose()?;
    let mut chosen = Vec::new();
    for folder in folders(&arguments.corpus, &arguments.only)? {
        let name = folder.file_name().context("a folder without a name")?.to_string_lossy();
        let copy = arguments.stripped.join(&*name);
        ensure!(!copy.exists(), "{} exists already", copy.display());
        let mut mined = repository::mine(&name, &folder, &copy)?;
        mined.retain(|one| arguments.kinds.contains(&one.kind));
        let found = mined.len();
        let kept = match &wanted {
            Some(wanted) => ids::keep(mined, wanted),
            None => choose(mined, arguments.per_repo),
        };
        eprintln!("{name}: {} of {found} questions", kept.len());
        chosen.extend(kept);
    }
    if let Some(wanted) = &wanted {
        ensure!(chosen.len() == wanted.len(), "{} of {} ids found", chosen.len(), wanted.len());
    }
    if let Some(path) = &arguments.write_ids {
        write(path, &chosen.iter().map(|one| ids::of(one) + "\n").collect::<String>())?;
    }
    let lines: Result<Vec<String>, _> =
        chosen.iter().map(|one| serde_json::to_string(&one.line)).collect();
    write(&arguments.out, &(lines?.join("\n") + "\n"))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| path.display().to_string())
}

fn folders(corpus: &Path, only: &[String]) -> anyhow::Result<Vec<PathBuf>> {
    let is_wanted = |name: &str| only.is_empty() || only.iter().any(|wanted| wanted == name);
    let mut folders = Vec::new();
    for entry in fs::read_dir(corpus).with_context(|| corpus.display().to_string())? {
        let entry = entry?;
        if entry.file_type()?.is_dir() && is_wanted(&entry.file_name().to_string_lossy()) {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}

/// At most `limit` questions, none asked twice: a sentence above two functions answers neither.
/// The kinds take turns until one after another is used up.
fn choose(mined: Vec<Candidate>, limit: usize) -> Vec<Candidate> {
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    for one in &mined {
        *asked.entry(one.line.query.to_lowercase()).or_default() += 1;
    }
    let mut by_kind: BTreeMap<Kind, Vec<Candidate>> = BTreeMap::new();
    for one in mined {
        if asked[&one.line.query.to_lowercase()] == 1 {
            by_kind.entry(one.kind).or_default().push(one);
        }
    }
    let mut turns: Vec<(usize, Candidate)> = Vec::new();
    for mut of_kind in by_kind.into_values() {
        of_kind.sort_by_cached_key(|one| {
            (hash(&format!("{}:{}", path(one), one.line.query)), ids::of(one))
        });
        turns.extend(of_kind.into_iter().enumerate());
    }
    turns.sort_by_key(|(turn, one)| (*turn, one.kind));
    let mut chosen: Vec<Candidate> = turns.into_iter().take(limit).map(|(_, one)| one).collect();
    chosen.sort_by_cached_key(ids::order);
    chosen
}

/// The path of the first answer.
fn path(candidate: &Candidate) -> &str {
    candidate.line.relevant.first().map_or("", |relevant| relevant.path())
}

/// FNV-1a, finished by a multiplication because its high bits mix slowly: the same on every
/// machine and in every version, which the hasher of the standard library does not promise.
fn hash(text: &str) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let folded = text.bytes().fold(0xcbf2_9ce4_8422_2325, fold);
    (folded ^ (folded >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests;
