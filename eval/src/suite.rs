//! Sets of questions with known answers, in two layouts: a folder with `repos.json` and
//! `annotations/` (answers are mostly whole files), and JSON lines, one for each question.
//!
//! The first layout is that of a public benchmark; questions, targets and inferred categories are
//! read exactly as its scorer reads them, since scores are compared with published ones.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Questions over several repositories.
pub(crate) struct Suite {
    pub(crate) name: String,
    pub(crate) repositories: Vec<Repository>,
}

/// A folder of sources with its questions.
pub(crate) struct Repository {
    pub(crate) name: String,
    /// The exported sources.
    pub(crate) folder: PathBuf,
    /// The part of them that is searched, relative to `folder`; empty for all.
    pub(crate) root: String,
    pub(crate) questions: Vec<Question>,
}

impl Repository {
    /// The folder that is searched.
    pub(crate) fn search_root(&self) -> PathBuf {
        if self.root.is_empty() { self.folder.clone() } else { self.folder.join(&self.root) }
    }
}

/// One question and everything that answers it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// On one line, words separated by single blanks.
    pub(crate) query: String,
    pub(crate) category: String,
    pub(crate) language: String,
    pub(crate) targets: Vec<Target>,
}

/// A file, or some lines of it, that answers a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) path: String,
    pub(crate) lines: Option<Lines>,
}

/// A range of 1-based lines, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.lines {
            Some(lines) => write!(f, "{}:{}-{}", self.path, lines.start, lines.end),
            None => f.write_str(&self.path),
        }
    }
}

/// One line of the layout of lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct QuestionLine {
    pub(crate) repo: String,
    /// The part of the repository that is searched; empty for all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) root: String,
    pub(crate) query: String,
    /// What kind of question it is; scores are grouped by it.
    pub(crate) category: String,
    pub(crate) language: String,
    pub(crate) relevant: Vec<Relevant>,
}

impl Relevant {
    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Path(path) | Self::Place { path, .. } => path,
        }
    }
}

#[derive(Deserialize)]
struct RepositoryEntry {
    name: String,
    language: String,
    benchmark_root: Option<String>,
}

#[derive(Deserialize)]
struct Annotation {
    query: String,
    category: Option<String>,
    #[serde(default)]
    relevant: Vec<Relevant>,
    #[serde(default)]
    secondary: Vec<Relevant>,
}

/// What answers a question: a whole file, or a place in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Relevant {
    Path(String),
    Place { path: String, start_line: Option<u32>, end_line: Option<u32> },
}

/// Loads either layout; `only` names the wanted repositories, none meaning all.
pub(crate) fn load(suite: &Path, corpus: &Path, only: &[String]) -> anyhow::Result<Suite> {
    let name = suite.file_stem().context("the suite has no name")?.to_string_lossy().into_owned();
    let mut repositories =
        if suite.is_dir() { load_folder(suite, corpus)? } else { load_lines(suite, corpus)? };
    for wanted in only {
        let is_known = repositories.iter().any(|repository| repository.name == *wanted);
        ensure!(is_known, "the suite has no repository `{wanted}`");
    }
    repositories.retain(|repository| only.is_empty() || only.contains(&repository.name));
    Ok(Suite { name, repositories })
}

fn load_folder(suite: &Path, corpus: &Path) -> anyhow::Result<Vec<Repository>> {
    let entries: Vec<RepositoryEntry> = read_json(&suite.join("repos.json"))?;
    entries.into_iter().map(|entry| load_repository(suite, corpus, entry)).collect()
}

fn load_repository(
    suite: &Path,
    corpus: &Path,
    entry: RepositoryEntry,
) -> anyhow::Result<Repository> {
    let file = suite.join("annotations").join(format!("{}.json", entry.name));
    let annotations: Vec<Annotation> = read_json(&file)?;
    Ok(Repository {
        folder: corpus.join(&entry.name),
        root: entry.benchmark_root.unwrap_or_default().trim_matches('/').to_owned(),
        questions: annotations.into_iter().map(|one| question(one, &entry.language)).collect(),
        name: entry.name,
    })
}

fn question(annotation: Annotation, language: &str) -> Question {
    let query = one_line(&annotation.query);
    Question {
        category: annotation.category.unwrap_or_else(|| infer_category(&query).to_owned()),
        language: language.to_owned(),
        targets: annotation.relevant.into_iter().chain(annotation.secondary).map(target).collect(),
        query,
    }
}

pub(crate) fn target(relevant: Relevant) -> Target {
    match relevant {
        Relevant::Path(path) => Target { path, lines: None },
        Relevant::Place { path, start_line, end_line } => Target {
            path,
            lines: start_line.zip(end_line).map(|(start, end)| Lines { start, end }),
        },
    }
}

fn infer_category(query: &str) -> &'static str {
    if !query.contains(' ') {
        return "symbol";
    }
    if query.to_lowercase().starts_with("how ") { "architecture" } else { "semantic" }
}

/// Questions of one repository that search different parts of it are kept apart.
fn load_lines(suite: &Path, corpus: &Path) -> anyhow::Result<Vec<Repository>> {
    let mut by_repository: BTreeMap<(String, String), Vec<Question>> = BTreeMap::new();
    for line in read_lines::<QuestionLine>(suite)? {
        by_repository.entry((line.repo, line.root)).or_default().push(Question {
            query: one_line(&line.query),
            category: line.category,
            language: line.language,
            targets: line.relevant.into_iter().map(target).collect(),
        });
    }
    let repository = |((name, root), questions)| Repository {
        folder: corpus.join(&name),
        root,
        name,
        questions,
    };
    Ok(by_repository.into_iter().map(repository).collect())
}

/// Reads a file of JSON lines; errors name the line.
pub(crate) fn read_lines<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Vec<T>> {
    let read_line = |(index, line)| {
        serde_json::from_str(line).with_context(|| format!("{}:{}", path.display(), index + 1))
    };
    read(path)?.lines().enumerate().map(read_line).collect()
}

/// The text with its white space made single blanks, as the batch mode needs it.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads a file of JSON; errors name the file.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    serde_json::from_str(&read(path)?).with_context(|| path.display().to_string())
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests;
