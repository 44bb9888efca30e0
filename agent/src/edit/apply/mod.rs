//! Applying a plan: wholly, or not at all, whatever happens in between.
//!
//! A record with the bytes of every file before and after is written to the journal, outside of
//! the tree; then the steps are taken; then the record's folder is renamed from `open` to `done`,
//! which is the moment the transaction is made. Whoever opens the journal next takes back what he
//! finds open.

pub mod files;
mod lock;
pub mod record;
mod steps;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use flux_core::RepoPath;

use self::files::FileOperations;
use self::lock::TreeLock;
use self::record::{About, Image, Receipt, read_image};
use self::steps::{StepError, Steps, folders};
use super::check::Checked;
use super::plan::EditPlan;
use super::refusal::{Reason, Refused};
use super::tree::{Content, Tree};

/// Transactions that are kept to be undone.
const KEPT: usize = 200;

/// Why a plan was not applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Nothing was begun.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It was begun and taken back: every byte is as it was.
    #[error("{what}; everything is as it was before")]
    RolledBack {
        /// What went wrong.
        what: String,
    },
    /// It was begun and could not be taken back now. The next use of the journal does it.
    #[error(
        "the edit was interrupted: {what}\nhint: the next flux edit, undo or history takes it back"
    )]
    Interrupted {
        /// What went wrong.
        what: String,
    },
    /// Somebody else applies edits to the tree.
    #[error("another flux process is editing this tree\nhint: wait for it to end")]
    Locked,
    /// A flux with another index died while it edited the tree.
    #[error(
        "an edit made with another index was interrupted: {path} is left of it\nhint: run flux history with that --index-dir"
    )]
    Foreign {
        /// Its staging folder.
        path: PathBuf,
    },
    /// The journal cannot be read or written.
    #[error("cannot {action} {path}")]
    Journal {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
}

impl ApplyError {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Journal { action, path: path.to_owned(), source }
    }
}

/// The journal of a tree, locked for one process. Opening it takes back what a crash left.
pub struct Journal<'a> {
    pub(crate) tree: &'a Tree,
    files: &'a dyn FileOperations,
    pub(crate) folder: PathBuf,
    /// What was taken back on opening.
    pub recovered: Vec<Recovered>,
    _lock: TreeLock,
}

/// A transaction that a crash left open and that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// What it was to do.
    pub title: String,
    /// Files left as they are, because somebody changed them after the crash.
    pub torn: Vec<RepoPath>,
}

impl<'a> Journal<'a> {
    /// Opens the journal of a tree, waiting up to `patience` for another process.
    pub fn open(
        tree: &'a Tree,
        files: &'a dyn FileOperations,
        patience: Duration,
    ) -> Result<Self, ApplyError> {
        let key = blake3::hash(tree.root.as_os_str().as_encoded_bytes()).to_hex();
        let folder = tree.own.join("edits").join(&key[..16]);
        std::fs::create_dir_all(&folder)
            .map_err(|source| ApplyError::io("make", &folder, source))?;
        let lock = TreeLock::acquire(&folder, &tree.root, patience)?;
        let mut journal = Self { tree, files, folder, recovered: Vec::new(), _lock: lock };
        journal.recover()?;
        Ok(journal)
    }

    /// The numbers of transactions in a state, ascending.
    fn numbers(&self, state: &str) -> Result<Vec<u64>, ApplyError> {
        let names = self.files.names(&self.folder);
        let names = names.map_err(|source| ApplyError::io("list", &self.folder, source))?;
        let number = |name: &String| name.strip_suffix(state)?.parse().ok();
        let mut numbers: Vec<u64> = names.iter().filter_map(number).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn place(&self, id: u64, state: &str) -> PathBuf {
        self.folder.join(format!("{id}{state}"))
    }

    fn recover(&mut self) -> Result<(), ApplyError> {
        for id in self.numbers(OPEN)?.into_iter().rev() {
            let place = self.place(id, OPEN);
            let failed = |source| ApplyError::io("recover", &place, source);
            let Some(receipt) = Receipt::read(&place).map_err(failed)? else {
                self.forget(&place).map_err(failed)?;
                continue;
            };
            let torn = Steps::new(self.tree, self.files, &receipt, &place).back();
            let torn = torn.map_err(failed)?;
            let done = if torn.is_empty() {
                self.forget(&place)
            } else {
                self.files.rename(&place, &self.place(id, TORN))
            };
            done.map_err(failed)?;
            self.recovered.push(Recovered { title: receipt.title, torn });
        }
        self.clear_staging()
    }

    /// Removes what a crash after the end of a transaction left; refuses what is not ours.
    fn clear_staging(&self) -> Result<(), ApplyError> {
        let root = &self.tree.root;
        let names =
            self.files.names(root).map_err(|source| ApplyError::io("list", root, source))?;
        let staging = names.iter().filter(|name| name.starts_with(super::path::STAGING));
        let staging: Vec<&String> = staging.collect();
        if staging.is_empty() {
            return Ok(());
        }
        let receipts = self.receipts()?;
        for name in staging {
            let place = self.tree.root.join(name);
            let Some(receipt) = receipts.iter().find(|receipt| receipt.staging == *name) else {
                return Err(ApplyError::Foreign { path: place });
            };
            let steps = Steps::new(self.tree, self.files, receipt, &self.folder);
            steps.clear().map_err(|source| ApplyError::io("remove", &place, source))?;
        }
        Ok(())
    }

    /// What was applied and is kept, the oldest first.
    pub fn receipts(&self) -> Result<Vec<Receipt>, ApplyError> {
        let mut receipts = Vec::new();
        for id in self.numbers(DONE)? {
            let place = self.place(id, DONE);
            let receipt = Receipt::read(&place);
            receipts.extend(receipt.map_err(|source| ApplyError::io("read", &place, source))?);
        }
        Ok(receipts)
    }

    /// The bytes of an image of a transaction that is made.
    pub(crate) fn image(&self, id: u64, image: &Image) -> Result<Vec<u8>, ApplyError> {
        let place = self.place(id, DONE);
        read_image(&place, image).map_err(|source| ApplyError::io("read", &place, source))
    }

    /// Applies a plan that was checked.
    pub fn apply(&self, checked: &Checked, about: &About) -> Result<Receipt, ApplyError> {
        self.apply_plan(&checked.plan, about)
    }

    fn apply_plan(&self, plan: &EditPlan, about: &About) -> Result<Receipt, ApplyError> {
        let used = [OPEN, DONE, TORN].iter().map(|state| self.numbers(state));
        let used: Vec<Vec<u64>> = used.collect::<Result<_, _>>()?;
        let id = used.into_iter().flatten().max().unwrap_or(0) + 1;
        let (mut receipt, images) = Receipt::new(id, plan, about);
        let root = &self.tree.root;
        folders(self.tree, self.files, plan, &mut receipt)
            .map_err(|source| ApplyError::io("look at", root, source))?;
        let place = self.place(id, OPEN);
        let steps = Steps::new(self.tree, self.files, &receipt, &place);
        let stale: Vec<_> =
            steps.stale().iter().map(|path| Reason::Stale.at(None, path.as_str())).collect();
        if !stale.is_empty() {
            return Err(Refused(stale).into());
        }
        if let Err(error) = receipt.write(self.files, &place, &images) {
            let what = format!("the journal cannot be written: {error}");
            return Err(match self.forget(&place) {
                Ok(()) => ApplyError::RolledBack { what },
                Err(_) => ApplyError::Interrupted { what },
            });
        }
        self.run(&steps, plan, id)?;
        // The transaction is made. What cannot be tidied up now is by whoever opens the journal.
        if steps.clear().is_ok() {
            self.prune();
        }
        Ok(receipt)
    }

    /// Takes the steps and commits, or goes back.
    fn run(&self, steps: &Steps<'_>, plan: &EditPlan, id: u64) -> Result<(), ApplyError> {
        let contents: BTreeMap<&RepoPath, &Content> = plan
            .files
            .iter()
            .filter_map(|file| Some((&file.path, &file.after.as_ref()?.content)))
            .collect();
        let place = self.place(id, OPEN);
        let commit = || {
            let renamed = self.files.rename(&place, &self.place(id, DONE));
            renamed.map_err(StepError::Io)
        };
        let what = match steps.forward(&contents).and_then(|()| commit()) {
            Ok(()) => {
                // If this rename does not outlive a power cut, the journal takes the edit back.
                self.files.sync_folder(&self.folder).ok();
                return Ok(());
            }
            Err(StepError::Changed(path)) => format!("{path} has changed meanwhile"),
            Err(StepError::Io(error)) => format!("the edit cannot be written: {error}"),
        };
        let torn = match steps.back() {
            Ok(torn) => torn,
            Err(error) => {
                return Err(ApplyError::Interrupted { what: format!("{what}; then {error}") });
            }
        };
        if !torn.is_empty() {
            let torn: Vec<&str> = torn.iter().map(RepoPath::as_str).collect();
            let what = format!("{what}; {} changed meanwhile and stays", torn.join(", "));
            return Err(ApplyError::Interrupted { what });
        }
        // Where that fails, going back a second time will find nothing to do.
        self.forget(&place).ok();
        Err(ApplyError::RolledBack { what })
    }

    /// Removes the journal's folder of a transaction.
    fn forget(&self, place: &Path) -> io::Result<()> {
        let mut names = self.files.names(place)?;
        // Without its record a transaction has not begun.
        names.sort_by_key(|name| name != "record.json");
        for name in &names {
            self.files.remove(&place.join(name))?;
        }
        if self.files.folder_mode(place)?.is_some() {
            self.files.remove_folder(place)?;
        }
        Ok(())
    }

    /// Forgets turns of an edit that cancel each other, in this order. What stays is only told.
    pub(crate) fn drop_turns(&self, ids: &[u64]) {
        for id in ids {
            if self.forget(&self.place(*id, DONE)).is_err() {
                return;
            }
        }
    }

    /// Forgets the oldest transactions. Failing to is no failure of the edit.
    fn prune(&self) {
        let Ok(numbers) = self.numbers(DONE) else { return };
        for id in numbers.iter().rev().skip(KEPT) {
            if self.forget(&self.place(*id, DONE)).is_err() {
                return;
            }
        }
    }
}

const OPEN: &str = ".open";
const DONE: &str = ".done";
const TORN: &str = ".torn";
