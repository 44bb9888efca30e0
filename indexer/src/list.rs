//! Listing: which files a tree has, by git's ignore rules, its index and `.fluxignore`.
//!
//! As for git, a tracked file belongs to the tree even when an ignore rule matches it; only
//! `.ignore` and `.fluxignore` leave it out.
//!
//! Hidden files are listed (git tracks them) and marked, unless an ignore file asks for them by
//! name (`!/.github/`), as ripgrep decides it. Links are listed and never followed, so a loop of
//! links is a line of the coverage report and not a hang.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::SystemTime;

use flux_core::{Cancel, RepoPath, SkipReason};
use flux_store::view::Witness;
use flux_store::{Layout, Stamp, View};
use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::error::IndexError;
use crate::git;
use crate::process::bytes_to_read;
use crate::stamp::{nanoseconds, stamp_of};

/// Names of files that decide what is ignored below them.
const IGNORE_FILES: [&str; 3] = [".gitignore", ".ignore", ".fluxignore"];

/// A stamp younger than this when it was taken may hide a later change within one tick of the
/// file system's clock: two seconds is FAT's, the coarsest in use.
const RACY_NANOSECONDS: i64 = 2_000_000_000;

/// A stamp further in the future than any clock is off by is not the clock's: the next change
/// will look different.
const SKEW_NANOSECONDS: i64 = 24 * 3600 * 1_000_000_000;

/// One file as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where it lies.
    pub path: RepoPath,
    /// What it looks like.
    pub stamp: Stamp,
    /// See [`flux_store::FileEntry::racy`].
    pub racy: bool,
    /// Whether ripgrep leaves it out: it lies below a dot folder and no ignore file asks for it, or
    /// it is ignored although git tracks it.
    pub is_hidden: bool,
    /// Why it cannot be read as a file, if it cannot.
    pub skip: Option<SkipReason>,
}

impl Listed {
    fn new(path: RepoPath, stamp: Stamp, racy: bool, skip: Option<SkipReason>) -> Self {
        Self { is_hidden: path.is_hidden(), path, stamp, racy, skip }
    }
}

/// The files of a tree, ordered by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Files with usable names.
    pub files: Vec<Listed>,
    /// Folders and ignore files whose change calls for a new listing.
    pub witnesses: Vec<Witness>,
    /// Names that are not UTF-8, with what is not Unicode replaced.
    pub unnameable: Vec<Box<str>>,
}

/// Lists the tree at `root` on several threads.
pub fn list(root: &Path, cancel: &Cancel) -> Result<Listing, IndexError> {
    let is_folder = std::fs::metadata(root).and_then(|metadata| {
        if metadata.is_dir() { Ok(()) } else { Err(std::io::ErrorKind::NotADirectory.into()) }
    });
    is_folder.map_err(|source| IndexError::Root { path: root.to_owned(), source })?;
    let now = now();
    let found = Mutex::new(Listing::default());
    walker(root).run(|| {
        let mut local = Batch { listing: Listing::default(), found: &found };
        Box::new(move |entry| {
            if cancel.is_cancelled() {
                return WalkState::Quit;
            }
            match entry {
                Ok(entry) => local.listing.add(root, &entry, now),
                Err(error) => local.listing.add_error(root, &error),
            }
            WalkState::Continue
        })
    });
    if cancel.is_cancelled() {
        return Err(IndexError::Cancelled);
    }
    let mut listing = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    listing.order();
    listing.add_git(root, now);
    listing.order();
    unhide(root, &mut listing.files);
    Ok(listing)
}

/// What one thread found, handed over when the thread ends.
struct Batch<'a> {
    listing: Listing,
    found: &'a Mutex<Listing>,
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.files.append(&mut self.listing.files);
        found.witnesses.append(&mut self.listing.witnesses);
        found.unnameable.append(&mut self.listing.unnameable);
    }
}

/// Whether the ignore files of the tree at `root` leave out `path`, which lies below it.
pub fn is_ignored(root: &Path, path: &Path) -> bool {
    let is_listed = walk_builder(root)
        .filter_entry({
            let path = path.to_owned();
            move |entry| path.starts_with(entry.path())
        })
        .build()
        .filter_map(Result::ok)
        .any(|entry| entry.path() == path);
    !is_listed
}

/// Takes the mark from hidden files that a walk which leaves out hidden files finds all the same.
/// It enters only the folders on the way to them, which in most trees is the root and few more.
fn unhide(root: &Path, files: &mut [Listed]) {
    let hidden = files.iter().filter(|file| file.is_hidden);
    let hidden: HashSet<PathBuf> = hidden.map(|file| root.join(file.path.as_str())).collect();
    if hidden.is_empty() {
        return;
    }
    let above = hidden.iter().flat_map(|path| path.ancestors().skip(1));
    let on_the_way: HashSet<PathBuf> = above.map(Path::to_owned).collect();
    let found: HashSet<PathBuf> = walk_builder(root)
        .hidden(true)
        .filter_entry(move |entry| {
            hidden.contains(entry.path()) || on_the_way.contains(entry.path())
        })
        .build()
        .filter_map(|entry| Some(entry.ok()?.into_path()))
        .collect();
    for file in files.iter_mut().filter(|file| file.is_hidden) {
        file.is_hidden = !found.contains(&root.join(file.path.as_str()));
    }
}

fn walker(root: &Path) -> ignore::WalkParallel {
    walk_builder(root)
        .filter_entry(|entry| entry.depth() == 0 || !is_foreign(entry))
        .threads(std::thread::available_parallelism().map_or(2, usize::from).min(12))
        .build_parallel()
}

/// Git's own folder, and indexes, which change with every look at a tree they lie in.
fn is_foreign(entry: &DirEntry) -> bool {
    entry.file_name() == ".git"
        || entry.file_type().is_some_and(|kind| kind.is_dir()) && Layout::is_store(entry.path())
}

fn walk_builder(root: &Path) -> WalkBuilder {
    let mut builder = WalkBuilder::new(root);
    builder.hidden(false).follow_links(false).add_custom_ignore_filename(".fluxignore");
    builder
}

impl Listing {
    /// Bytes to be read of the files that are new or look different from `view`.
    pub fn differing_bytes(&self, view: &View) -> u64 {
        let is_known = |file: &&Listed| {
            let entry = view.find(file.path.as_str()).map(|id| view.file(id));
            entry.is_some_and(|entry| entry.stamp == file.stamp)
        };
        self.files
            .iter()
            .filter(|file| !is_known(file))
            .map(|file| bytes_to_read(file.stamp.size))
            .sum()
    }

    fn order(&mut self) {
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        self.files.dedup_by(|a, b| a.path == b.path);
        self.witnesses.sort_by(|a, b| a.path.cmp(&b.path));
        self.witnesses.dedup_by(|a, b| a.path == b.path);
        self.unnameable.sort();
        self.unnameable.dedup();
    }

    /// Adds what git tracks although it is ignored, and git's own files that decide.
    fn add_git(&mut self, root: &Path, now: i64) {
        let directories = git::git_directory(root).zip(git::common_directory(root));
        let Some((own, common)) = directories else { return };
        let index = own.join("index");
        for path in [&index, &common.join("info/exclude")] {
            let relative = path.strip_prefix(root).unwrap_or(path);
            self.witnesses.extend(relative.to_str().map(|text| witness(root, text, now)));
        }
        let is_listed = |path: &RepoPath| self.files.binary_search_by(|f| f.path.cmp(path)).is_ok();
        let mut tracked = git::tracked(&index);
        tracked.retain(|path| !is_listed(path));
        if !tracked.is_empty() {
            self.add_tracked(root, &tracked, now);
        }
    }

    fn add_tracked(&mut self, root: &Path, tracked: &[RepoPath], now: i64) {
        let files: HashSet<PathBuf> = tracked.iter().map(|path| root.join(path.as_str())).collect();
        let above = files.iter().flat_map(|path| path.ancestors().skip(1)).map(Path::to_owned);
        let folders: HashSet<PathBuf> = above.collect();
        let walk = walk_builder(root)
            .git_ignore(false)
            .git_exclude(false)
            .git_global(false)
            .filter_entry(move |entry| {
                let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
                if is_folder { &folders } else { &files }.contains(entry.path())
            })
            .build();
        let known = self.files.len();
        for entry in walk.filter_map(Result::ok) {
            self.add(root, &entry, now);
        }
        for file in &mut self.files[known..] {
            file.is_hidden = true;
        }
    }

    fn add(&mut self, root: &Path, entry: &DirEntry, now: i64) {
        let Some(kind) = entry.file_type() else { return };
        let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let Some(text) = relative.to_str() else {
            self.unnameable.push(relative.to_string_lossy().into());
            return;
        };
        if kind.is_dir() {
            self.witnesses.push(witness(root, text, now));
            // An ignore file may leave out itself, so it cannot be watched as one of the files.
            let rules = IGNORE_FILES.iter().map(|name| Path::new(text).join(name));
            let rules = rules.filter_map(|path| Some(witness(root, path.to_str()?, now)));
            self.witnesses.extend(rules.filter(|witness| witness.stamp.is_some()));
            return;
        }
        let path = RepoPath::new(text);
        let Ok(metadata) = entry.metadata() else {
            let skip = Some(SkipReason::Unreadable);
            self.files.push(Listed::new(path, Stamp::default(), true, skip));
            return;
        };
        let skip = if kind.is_symlink() {
            Some(SkipReason::SymlinkLoop)
        } else if kind.is_file() {
            None
        } else {
            Some(SkipReason::Special)
        };
        let stamp = stamp_of(&metadata);
        self.files.push(Listed::new(path, stamp, is_racy(stamp, now), skip));
    }

    fn add_error(&mut self, root: &Path, error: &ignore::Error) {
        if let Some(path) = path_of(error)
            && let Ok(relative) = path.strip_prefix(root)
            && let Some(text) = relative.to_str()
            && !text.is_empty()
        {
            let stamp = std::fs::symlink_metadata(path).map(|m| stamp_of(&m)).unwrap_or_default();
            let skip = Some(SkipReason::Unreadable);
            self.files.push(Listed::new(RepoPath::new(text), stamp, true, skip));
        }
    }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}

fn witness(root: &Path, relative: &str, now: i64) -> Witness {
    let stamp = std::fs::symlink_metadata(root.join(relative)).ok().map(|m| stamp_of(&m));
    let racy = stamp.is_some_and(|stamp| is_racy(stamp, now));
    Witness { path: relative.into(), stamp, racy }
}

/// The present, in nanoseconds since 1970.
pub(crate) fn now() -> i64 {
    nanoseconds(SystemTime::now())
}

/// Whether a stamp taken at `now` is too young to be trusted.
pub(crate) fn is_racy(stamp: Stamp, now: i64) -> bool {
    let young = now.saturating_sub(RACY_NANOSECONDS)..now.saturating_add(SKEW_NANOSECONDS);
    young.contains(&stamp.modified)
}
