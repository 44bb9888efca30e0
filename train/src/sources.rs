//! The manifest of repositories that the models learn from: which commit, under which licence,
//! and for what.
//!
//! A repository has one role for ever: those that measure a model must never have trained it, so
//! a role once written is kept when the manifest is made again.
//!
//! Reading order: this file, [`licence`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

use crate::mine::git::Repository;

pub(crate) mod licence;

/// Repositories that changed their name or are copies under another.
const RENAMED: &[(&str, &str)] = &[
    ("echasnovski/mini.nvim", "nvim-mini/mini.nvim"),
    ("ziglang/zig", "ziglang/zig-bootstrap"),
    ("redis/redis", "valkey-io/valkey"),
    ("elastic/elasticsearch", "opensearch-project/OpenSearch"),
];

/// What `flux-train sources` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder of git directories, `OWNER+NAME/repo` each
    #[arg(long, value_name = "DIR")]
    repos: PathBuf,
    /// List of repositories nothing may be trained on, `owner/name` a line
    #[arg(long, value_name = "FILE")]
    exclude: PathBuf,
    /// Folder of the ranker's repositories, which go by the last part of their names
    #[arg(long, value_name = "DIR")]
    ranker: PathBuf,
    /// Repositories that measure the embedding model
    #[arg(long, value_name = "NAME", num_args = 1..)]
    held_out: Vec<String>,
    /// The manifest; roles and commits it holds already are kept
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// The manifest as it is kept.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Manifest {
    /// Hash of the list of excluded repositories.
    #[serde(default)]
    pub(crate) excluded_hash: String,
    /// Number of excluded repositories.
    #[serde(default)]
    pub(crate) excluded_count: usize,
    /// The repositories, ordered by name.
    #[serde(default, rename = "repository")]
    pub(crate) repositories: Vec<Source>,
}

/// A repository that may be learned from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Source {
    /// `owner/name`.
    pub(crate) name: String,
    /// The commit that is read.
    pub(crate) commit: String,
    /// The licence, as an SPDX expression.
    pub(crate) licence: String,
    /// What it is for.
    pub(crate) role: Role,
}

/// What a repository is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Role {
    /// The embedding model learns from it.
    Train,
    /// It measures the embedding model.
    HeldOut,
    /// The ranker learns from it; the embedding model never sees it.
    Ranker,
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::HeldOut => "held-out",
            Self::Ranker => "ranker",
        }
    }
}

impl Manifest {
    /// Reads a manifest.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        toml::from_str(&text).with_context(|| path.display().to_string())
    }

    fn to_toml(&self) -> String {
        let mut text = String::from(
            "# Public repositories the models learn from. Written by `flux-train sources`.\n\
             # No repository of the exclusion list is among them.\n\n",
        );
        writeln!(text, "excluded_hash = \"{}\"", self.excluded_hash).expect("a string grows");
        writeln!(text, "excluded_count = {}", self.excluded_count).expect("a string grows");
        for Source { name, commit, licence, role } in &self.repositories {
            let role = role.as_str();
            write!(
                text,
                "\n[[repository]]\nname = \"{name}\"\ncommit = \"{commit}\"\n\
                 licence = \"{licence}\"\nrole = \"{role}\"\n"
            )
            .expect("a string grows");
        }
        text
    }
}

/// Scans the repositories and writes the manifest.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<()> {
    let exclusions = Exclusions::read(&arguments.exclude)?;
    let known = match arguments.out.exists() {
        true => Manifest::read(&arguments.out)?.repositories,
        false => Vec::new(),
    };
    let known: BTreeMap<String, Source> =
        known.into_iter().map(|source| (source.name.clone(), source)).collect();
    let reserved = Reserved {
        ranker: folder_names(&arguments.ranker)?.iter().map(|name| name.to_lowercase()).collect(),
        held_out: arguments.held_out.iter().map(|name| name.to_lowercase()).collect(),
    };
    let mut repositories = Vec::new();
    for folder in folder_names(&arguments.repos)? {
        let name = folder.replacen('+', "/", 1);
        match source(&arguments.repos, &name, &exclusions, &reserved, known.get(&name)) {
            Ok(source) => repositories.push(source),
            Err(reason) => eprintln!("{name}: left out, {reason:#}"),
        }
    }
    repositories.sort_by(|one, other| one.name.cmp(&other.name));
    let manifest = Manifest {
        excluded_hash: exclusions.hash.clone(),
        excluded_count: exclusions.names.len(),
        repositories,
    };
    fs::write(&arguments.out, manifest.to_toml())
        .with_context(|| arguments.out.display().to_string())
}

/// The repository `name`, or why it may not be learned from.
fn source(
    mirrors: &Path,
    name: &str,
    exclusions: &Exclusions,
    reserved: &Reserved,
    known: Option<&Source>,
) -> anyhow::Result<Source> {
    if let Some(reason) = exclusions.reason(name) {
        anyhow::bail!("{reason}");
    }
    let role = reserved.role(name)?;
    let repository = Repository::in_mirror(mirrors, name).context("no git directory")?;
    let commit = match known {
        Some(known) => known.commit.clone(),
        None => repository.head()?,
    };
    let licence = licence::of_commit(&repository, &commit)?;
    let role = known.map_or(role, |known| known.role);
    Ok(Source { name: name.to_owned(), commit, licence, role })
}

/// Repositories that measure, by what they are known under.
struct Reserved {
    ranker: BTreeSet<String>,
    held_out: BTreeSet<String>,
}

impl Reserved {
    /// The role of `name`. A repository called like one that measures is likely a fork of it.
    fn role(&self, name: &str) -> anyhow::Result<Role> {
        let name = name.to_lowercase();
        let last = last_part(&name);
        if self.held_out.contains(&name) {
            return Ok(Role::HeldOut);
        }
        if self.ranker.contains(last) {
            return Ok(Role::Ranker);
        }
        let is_copy = self.held_out.iter().any(|held| last_part(held) == last);
        anyhow::ensure!(!is_copy, "its name is that of a repository that measures");
        Ok(Role::Train)
    }
}

/// Repositories that nothing may be trained on.
struct Exclusions {
    names: BTreeSet<String>,
    hash: String,
}

impl Exclusions {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Ok(Self::of(&text))
    }

    fn of(text: &str) -> Self {
        let lines = text.lines().map(str::trim);
        let names = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let names = names.map(str::to_lowercase).collect();
        Self { names, hash: blake3::hash(text.as_bytes()).to_hex()[..16].to_owned() }
    }

    /// Why `name` may not be used, if it may not.
    fn reason(&self, name: &str) -> Option<String> {
        let lower = name.to_lowercase();
        if self.names.contains(&lower) {
            return Some("it is excluded".to_owned());
        }
        for (one, other) in RENAMED {
            let (one, other) = (one.to_lowercase(), other.to_lowercase());
            for (copy, original) in [(&one, &other), (&other, &one)] {
                if lower == *copy && self.names.contains(original) {
                    return Some(format!("it is a copy of {original}"));
                }
            }
        }
        let original = self.names.iter().find(|held| last_part(held) == last_part(&lower))?;
        Some(format!("its name is that of {original}, which is excluded"))
    }
}

fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The names of the folders in `folder`, in order.
fn folder_names(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.extend(entry.file_name().into_string().ok());
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests;
