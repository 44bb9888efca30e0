//! The steps of a transaction in the tree, each a single rename, and the way back from any point.
//!
//! New contents are staged in a folder of their own at the root, and swap names with what they
//! replace. So the file that was there is kept as it is, inode, times and all, and the way back
//! writes nothing: it works on a full disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use flux_core::RepoPath;

use super::files::{FileOperations, Mode};
use super::record::{Image, Receipt, read_image};
use crate::edit::plan::EditPlan;
use crate::edit::tree::{Content, Tree};

/// What one path holds before and after.
pub(super) struct Step {
    pub(super) path: RepoPath,
    before: Option<Image>,
    after: Option<Image>,
}

/// A transaction whose record is written, on its way through the tree.
pub(super) struct Steps<'a> {
    tree: &'a Tree,
    files: &'a dyn FileOperations,
    receipt: &'a Receipt,
    /// The journal's folder of the transaction.
    folder: &'a Path,
    staging: PathBuf,
    steps: Vec<Step>,
}

/// Why a step was not taken.
#[derive(Debug)]
pub(super) enum StepError {
    /// A file is not as it was when the plan was made.
    Changed(RepoPath),
    /// The operating system refused.
    Io(io::Error),
}

impl From<io::Error> for StepError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl<'a> Steps<'a> {
    pub(super) fn new(
        tree: &'a Tree,
        files: &'a dyn FileOperations,
        receipt: &'a Receipt,
        folder: &'a Path,
    ) -> Self {
        let staging = tree.root.join(&receipt.staging);
        Self { tree, files, receipt, folder, staging, steps: steps_of(receipt) }
    }

    fn staged(&self, number: usize) -> PathBuf {
        self.staging.join(number.to_string())
    }

    /// Whether every file is as it was when the plan was made.
    pub(super) fn stale(&self) -> Vec<RepoPath> {
        let is_stale = |step: &&Step| !self.is_now(step, step.before.as_ref());
        self.steps.iter().filter(is_stale).map(|step| step.path.clone()).collect()
    }

    /// Whether a step's path is safe to touch and holds `image`.
    fn is_now(&self, step: &Step, image: Option<&Image>) -> bool {
        match (self.tree.read(&step.path), image) {
            (Ok(Some(content)), Some(image)) => image.is(&content),
            (Ok(None), None) => true,
            _ => false,
        }
    }

    /// Goes all the way. After an error some steps may have been taken.
    pub(super) fn forward(
        &self,
        contents: &BTreeMap<&RepoPath, &Content>,
    ) -> Result<(), StepError> {
        self.stage(contents)?;
        for (folder, mode) in &self.receipt.made_folders {
            self.files.make_folder(&self.tree.root.join(folder), *mode)?;
        }
        for (number, step) in self.steps.iter().enumerate() {
            if !self.is_now(step, step.before.as_ref()) {
                return Err(StepError::Changed(step.path.clone()));
            }
            let (target, staged) = (self.tree.full(&step.path), self.staged(number));
            match (&step.before, &step.after) {
                (Some(_), Some(_)) => self.files.exchange(&staged, &target)?,
                (Some(_), None) => self.files.rename(&target, &staged)?,
                (None, Some(_)) => self.files.rename(&staged, &target)?,
                (None, None) => {}
            }
            // What was moved aside is looked at again: it may have changed in the last moment.
            if let Some(before) = &step.before
                && !self.files.read(&staged)?.is_some_and(|content| before.is(&content))
            {
                return Err(StepError::Changed(step.path.clone()));
            }
        }
        for (folder, _) in &self.receipt.left_folders {
            let folder = self.tree.root.join(folder);
            if self.files.names(&folder)?.is_empty() {
                self.files.remove_folder(&folder)?;
            }
        }
        self.sync()
    }

    /// Writes the new contents beside the tree's own files.
    fn stage(&self, contents: &BTreeMap<&RepoPath, &Content>) -> Result<(), StepError> {
        self.files.make_folder(&self.staging, Some(0o700))?;
        for (number, step) in self.steps.iter().enumerate() {
            let Some(after) = &step.after else { continue };
            let Some(content) = contents.get(&step.path) else { continue };
            let usual = Mode::Masked(if content.mode & 0o111 == 0 { 0o666 } else { 0o777 });
            let mode = after.mode.map_or(usual, Mode::Exact);
            self.files.write(&self.staged(number), &content.bytes, mode)?;
        }
        Ok(self.files.sync_folder(&self.staging)?)
    }

    fn sync(&self) -> Result<(), StepError> {
        let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
        for step in &self.steps {
            let folder = self.tree.root.join(step.path.parent());
            folders.extend(folder.ancestors().find(|one| one.is_dir()).map(Path::to_owned));
        }
        for folder in folders {
            self.files.sync_folder(&folder)?;
        }
        Ok(())
    }

    /// Goes back from wherever the way ended, and names the files that could not be taken back
    /// because somebody changed them since.
    pub(super) fn back(&self) -> io::Result<Vec<RepoPath>> {
        for (folder, mode) in self.receipt.left_folders.iter().rev() {
            let folder = self.tree.root.join(folder);
            if self.files.folder_mode(&folder)?.is_none() {
                self.files.make_folder(&folder, Some(*mode))?;
            }
        }
        // Without it, what was moved aside is gone, and the journal's images have to do.
        let has_staging = self.files.folder_mode(&self.staging)?.is_some();
        let mut torn = Vec::new();
        for (number, step) in self.steps.iter().enumerate().rev() {
            if !self.take_back(number, step, has_staging)? {
                torn.push(step.path.clone());
            }
        }
        for (folder, _) in self.receipt.made_folders.iter().rev() {
            let folder = self.tree.root.join(folder);
            if self.files.folder_mode(&folder)?.is_some() && self.files.names(&folder)?.is_empty() {
                self.files.remove_folder(&folder)?;
            }
        }
        self.clear()?;
        for step in &self.steps {
            let folder = self.tree.root.join(step.path.parent());
            if folder.is_dir() {
                self.files.sync_folder(&folder)?;
            }
        }
        torn.reverse();
        Ok(torn)
    }

    /// Takes one step back if it was taken; `false` if what is there now is another's.
    fn take_back(&self, number: usize, step: &Step, has_staging: bool) -> io::Result<bool> {
        let (target, staged) = (self.tree.full(&step.path), self.staged(number));
        // Something that is no file lies there now, and is not ours.
        let Ok(now) = self.files.read(&target) else { return Ok(false) };
        let kept = self.files.read(&staged)?;
        match (&step.before, &step.after) {
            (None, None) => Ok(true),
            (None, Some(after)) => match (now, kept) {
                (None, _) | (_, Some(_)) => Ok(true),
                (Some(now), None) if after.is(&now) => {
                    self.set_aside(&target, &staged).map(|()| true)
                }
                (Some(_), None) => Ok(!has_staging),
            },
            (Some(before), None) => match (now, kept) {
                (None, Some(_)) => self.files.rename(&staged, &target).map(|()| true),
                (None, None) if !has_staging => {
                    self.restore(number, before, &target).map(|()| true)
                }
                (Some(_), Some(_)) => Ok(false),
                (_, None) => Ok(true),
            },
            (Some(before), Some(after)) => {
                let is_new = now.as_ref().is_some_and(|now| after.is(now));
                let old = staged.with_extension("old");
                match kept {
                    Some(kept) if is_new && !after.is(&kept) => {
                        self.files.exchange(&staged, &target).map(|()| true)
                    }
                    // Swapped, and changed by somebody since.
                    Some(kept) if !after.is(&kept) => Ok(now.is_some_and(|now| before.is(&now))),
                    Some(_) => Ok(true),
                    None if is_new && self.files.read(&old)?.is_some() => {
                        self.files.exchange(&old, &target).map(|()| true)
                    }
                    None if is_new && !has_staging => {
                        self.restore(number, before, &target).map(|()| true)
                    }
                    None => Ok(true),
                }
            }
        }
    }

    fn set_aside(&self, target: &Path, staged: &Path) -> io::Result<()> {
        if self.files.folder_mode(&self.staging)?.is_none() {
            self.files.make_folder(&self.staging, Some(0o700))?;
        }
        self.files.rename(target, staged)
    }

    /// Writes a file anew from the journal, for when what was moved aside is gone.
    fn restore(&self, number: usize, before: &Image, target: &Path) -> io::Result<()> {
        if self.files.folder_mode(&self.staging)?.is_none() {
            self.files.make_folder(&self.staging, Some(0o700))?;
        }
        let fresh = self.staging.join(format!("{number}.back"));
        if self.files.read(&fresh)?.is_some() {
            self.files.remove(&fresh)?;
        }
        let bytes = read_image(self.folder, before)?;
        self.files.write(&fresh, &bytes, Mode::Exact(before.mode.unwrap_or(0o644)))?;
        if self.files.read(target)?.is_some() {
            return self.files.exchange(&fresh, target);
        }
        self.files.rename(&fresh, target)
    }

    /// Removes the staging folder and all in it.
    pub(super) fn clear(&self) -> io::Result<()> {
        if self.files.folder_mode(&self.staging)?.is_none() {
            return Ok(());
        }
        for name in self.files.names(&self.staging)? {
            self.files.remove(&self.staging.join(name))?;
        }
        self.files.remove_folder(&self.staging)
    }
}

/// The steps of a transaction, ordered by path. A file that moves takes two.
fn steps_of(receipt: &Receipt) -> Vec<Step> {
    let mut steps = Vec::new();
    for entry in &receipt.entries {
        let path = entry.path.clone();
        match &entry.from {
            None => steps.push(Step { path, before: entry.before, after: entry.after }),
            Some(from) => {
                steps.push(Step { path: from.clone(), before: entry.before, after: None });
                steps.push(Step { path, before: None, after: entry.after });
            }
        }
    }
    steps.sort_by(|a, b| a.path.cmp(&b.path));
    steps
}

/// The folders that a transaction has to make, outermost first, and those that it may empty, the
/// deepest first.
pub(super) fn folders(
    tree: &Tree,
    files: &dyn FileOperations,
    plan: &EditPlan,
    receipt: &mut Receipt,
) -> io::Result<()> {
    let (mut made, mut left) = (BTreeMap::new(), BTreeMap::new());
    for step in steps_of(receipt) {
        let path = step.path.as_str();
        for (at, _) in path.match_indices('/') {
            let folder = &path[..at];
            match files.folder_mode(&tree.root.join(folder))? {
                None if step.after.is_some() => {
                    let known = plan.folders.iter().find(|(name, _)| name == folder);
                    made.insert(folder.to_owned(), known.map(|(_, mode)| *mode));
                }
                Some(mode) if step.after.is_none() => {
                    left.insert(folder.to_owned(), mode);
                }
                _ => {}
            }
        }
    }
    receipt.made_folders = made.into_iter().collect();
    receipt.left_folders = left.into_iter().rev().collect();
    Ok(())
}
