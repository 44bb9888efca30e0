//! Pairs of question and code, mined from public repositories with the index's own parsers.
//!
//! One file of JSON lines for each repository. What a repository gives depends on its commit
//! alone, and a file that is there already is not made again, so that a run can be interrupted.
//!
//! Reading order: [`git`], [`tree`], [`contamination`], [`pair`], [`prose`], [`names`], then the
//! kinds of pairs: [`definitions`], [`files`], [`directory`] with [`test_cases`] and [`sections`]
//! (which reads [`markup`]), and [`history`] (which reads [`patch`]); last [`statistics`].

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, anyhow};

use crate::sources::{Manifest, Role, Source};
use contamination::KnownLines;
use directory::Directory;
use git::Repository;
use pair::{Pair, Selection, hash};
use tree::Tree;

mod contamination;
mod definitions;
mod directory;
mod files;
pub(crate) mod git;
mod history;
mod markup;
mod names;
pub(crate) mod pair;
mod patch;
mod prose;
mod sections;
pub(crate) mod statistics;
mod test_cases;
#[cfg(test)]
mod tests;
pub(crate) mod tree;

/// What `flux-train mine` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The manifest of repositories
    #[arg(long, value_name = "FILE")]
    sources: PathBuf,
    /// Folder of git directories, `OWNER+NAME/repo` each
    #[arg(long, value_name = "DIR")]
    repos: PathBuf,
    /// Folders of development repositories, copies of which are left out everywhere
    #[arg(long, value_name = "DIR", num_args = 1..)]
    development: Vec<PathBuf>,
    /// Folders of repositories that measure a model or train the ranker, copies of which are left
    /// out of what the model learns from
    #[arg(long, value_name = "DIR", num_args = 1..)]
    reserved: Vec<PathBuf>,
    /// Folder the pairs are written to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Repositories mined at a time
    #[arg(long, default_value_t = 2)]
    jobs: usize,
}

/// Mines every repository of the manifest that is there and has no pairs yet.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<()> {
    let manifest = Manifest::read(&arguments.sources)?;
    let known = Known::read(&arguments)?;
    let mut sources = manifest.repositories;
    // A run that is cut short has then seen a fair sample.
    sources.sort_by_cached_key(|source| hash(&[&source.name]));
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..arguments.jobs {
            scope.spawn(|| {
                while let Some(source) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match mine_source(&arguments, source, &known) {
                        Ok(Some(count)) => eprintln!("{}: {count} pairs", source.name),
                        Ok(None) => {}
                        Err(error) => eprintln!("{}: {error:#}", source.name),
                    }
                }
            });
        }
    });
    Ok(())
}

/// What no pair may be copied from.
struct Known {
    development: KnownLines,
    /// Development and reserved repositories together.
    all: KnownLines,
}

impl Known {
    fn read(arguments: &Arguments) -> anyhow::Result<Self> {
        let development = KnownLines::read(&arguments.development)?;
        let all = KnownLines::read(&[&*arguments.development, &*arguments.reserved].concat())?;
        eprintln!("{} long lines of development, {} in all", development.len(), all.len());
        Ok(Self { development, all })
    }

    /// What a repository of this role may not hold. Those that measure are reserved themselves.
    fn of(&self, role: Role) -> &KnownLines {
        match role {
            Role::Train => &self.all,
            Role::HeldOut | Role::Ranker => &self.development,
        }
    }
}

/// The number of pairs written, none if they were there or the repository is not.
fn mine_source(
    arguments: &Arguments,
    source: &Source,
    known: &Known,
) -> anyhow::Result<Option<usize>> {
    let target = target(&arguments.out, source);
    let Some(repository) = Repository::in_mirror(&arguments.repos, &source.name) else {
        return Ok(None);
    };
    if target.exists() {
        return Ok(None);
    }
    let pairs = pairs(&repository, &source.commit, known.of(source.role))?;
    write(&target, &pairs)?;
    Ok(Some(pairs.len()))
}

/// Where the pairs of `source` lie; only those of the role `train` lie in `out` itself.
fn target(out: &Path, source: &Source) -> PathBuf {
    let folder = match source.role {
        Role::Train => out.to_owned(),
        Role::HeldOut => out.join("held-out"),
        Role::Ranker => out.join("ranker"),
    };
    folder.join(format!("{}.jsonl", source.name.replace('/', "+")))
}

/// Every pair of a commit, ordered by path.
fn pairs(
    repository: &Repository,
    commit: &str,
    measuring: &KnownLines,
) -> anyhow::Result<Vec<Pair>> {
    let tree = Tree::read(repository, commit, measuring)?;
    let mut selection = Selection::default();
    let directory = Directory::of(&tree);
    for file in &tree.code {
        definitions::mine(file, &mut selection);
        files::mine(file, &mut selection);
        test_cases::mine(file, &directory, &mut selection);
    }
    for file in &tree.documents {
        sections::mine(file, &directory, &mut selection);
    }
    history::mine(repository, commit, &tree, measuring, &mut selection)?;
    Ok(selection.into_pairs())
}

/// Writes the pairs under another name first: a file under its own name is whole.
fn write(target: &Path, pairs: &[Pair]) -> anyhow::Result<()> {
    let folder = target.parent().ok_or_else(|| anyhow!("{} has no folder", target.display()))?;
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let partial = target.with_extension("partial");
    let file = fs::File::create(&partial).with_context(|| partial.display().to_string())?;
    let mut writer = std::io::BufWriter::new(file);
    for pair in pairs {
        serde_json::to_writer(&mut writer, pair)?;
        writer.write_all(b"\n")?;
    }
    writer.into_inner().map_err(|error| error.into_error())?;
    fs::rename(&partial, target).with_context(|| target.display().to_string())
}
