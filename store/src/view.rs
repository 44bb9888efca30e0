//! Views: the files of one tree, what content each has, and what to look at to see a change.

use std::path::PathBuf;

use flux_core::{FileClass, FileId, Language, RepoPath, SkipReason};
use serde::{Deserialize, Serialize};

use crate::component::{VIEW, write_component};
use crate::error::StoreError;
use crate::key::{ContentKey, UnitKey};
use crate::map::MappedFile;

/// What the operating system says of a file or folder that changes when its content does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Size in bytes.
    pub size: u64,
    /// Time of the last change of content, in nanoseconds since 1970.
    pub modified: i64,
    /// Time of the last change of anything about it, in nanoseconds since 1970; 0 where the
    /// operating system keeps none.
    pub changed: i64,
    /// Number of the file within its file system.
    pub inode: u64,
}

/// One file of a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Where it lies.
    pub path: RepoPath,
    /// What it looked like when it was read.
    pub stamp: Stamp,
    /// Whether it was read so soon after its last change that an equal stamp proves nothing.
    pub racy: bool,
    /// Position in [`View::languages`].
    language: u16,
    /// Bits of its [`FileClass`].
    class: u8,
    /// What is known of its content.
    pub state: FileState,
}

/// What is known of a file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileState {
    /// Its facts lie under this key.
    Indexed(ContentKey),
    /// It was left out, for the reason with this code.
    Skipped(u8),
}

impl FileEntry {
    /// The key of its facts, if it is indexed.
    pub fn content(&self) -> Option<ContentKey> {
        match self.state {
            FileState::Indexed(key) => Some(key),
            FileState::Skipped(_) => None,
        }
    }

    /// The key of its chunks and vectors, if it is indexed.
    pub fn unit(&self) -> Option<UnitKey> {
        Some(UnitKey::of(self.content()?, &self.path))
    }

    /// Why it is not indexed.
    pub fn skipped(&self) -> Option<SkipReason> {
        match self.state {
            FileState::Indexed(_) => None,
            FileState::Skipped(code) => SkipReason::from_code(code),
        }
    }

    /// What it is for.
    pub fn class(&self) -> FileClass {
        FileClass::from_bits(self.class)
    }
}

/// What one listing of a file found, before it becomes a [`FileEntry`].
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Where it lies.
    pub path: RepoPath,
    /// What it looked like when it was read.
    pub stamp: Stamp,
    /// See [`FileEntry::racy`].
    pub racy: bool,
    /// Its language.
    pub language: Language,
    /// What it is for.
    pub class: FileClass,
    /// Its content or the reason for leaving it out.
    pub state: FileState,
}

/// A folder or ignore file whose change means that the tree must be listed again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// Absolute, or relative to the root; the root itself is the empty path.
    pub path: Box<str>,
    /// What it looked like; `None` when it did not exist.
    pub stamp: Option<Stamp>,
    /// See [`FileEntry::racy`].
    pub racy: bool,
}

/// The files of one tree, ordered by path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Names of the languages met.
    languages: Vec<Language>,
    /// The files.
    files: Vec<FileEntry>,
    /// Folders and ignore files.
    pub witnesses: Vec<Witness>,
    /// Names that are not UTF-8, made readable, and the reason why each is left out.
    pub unnameable: Vec<Box<str>>,
}

impl View {
    /// Orders `entries` by path.
    pub fn new(mut entries: Vec<NewEntry>, mut witnesses: Vec<Witness>) -> Self {
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        witnesses.sort_by(|a, b| a.path.cmp(&b.path));
        let mut languages: Vec<Language> = entries.iter().map(|e| e.language.clone()).collect();
        languages.sort();
        languages.dedup();
        let files = entries
            .into_iter()
            .map(|entry| FileEntry {
                language: languages
                    .binary_search(&entry.language)
                    .expect("the list was made of these very languages")
                    as u16,
                path: entry.path,
                stamp: entry.stamp,
                racy: entry.racy,
                class: entry.class.bits(),
                state: entry.state,
            })
            .collect();
        Self { languages, files, witnesses, unnameable: Vec::new() }
    }

    /// Every file, ordered by path.
    pub fn files(&self) -> &[FileEntry] {
        &self.files
    }

    /// Every file with its id.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &FileEntry)> {
        self.files.iter().enumerate().map(|(i, entry)| (FileId(i as u32), entry))
    }

    /// One file.
    pub fn file(&self, id: FileId) -> &FileEntry {
        &self.files[id.0 as usize]
    }

    /// The language of a file of this view.
    pub fn language(&self, entry: &FileEntry) -> &Language {
        &self.languages[entry.language as usize]
    }

    /// The names of the languages met, in order.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// The file at `path`.
    pub fn find(&self, path: &str) -> Option<FileId> {
        let found = self.files.binary_search_by(|entry| entry.path.as_str().cmp(path));
        found.ok().map(|index| FileId(index as u32))
    }

    /// An entry again as it was listed, to be carried into the next view.
    pub fn to_new_entry(&self, entry: &FileEntry) -> NewEntry {
        NewEntry {
            path: entry.path.clone(),
            stamp: entry.stamp,
            racy: entry.racy,
            language: self.language(entry).clone(),
            class: entry.class(),
            state: entry.state,
        }
    }

    pub(crate) fn read(path: PathBuf) -> Result<Self, StoreError> {
        let map = MappedFile::open(&path)?;
        let body = VIEW.body(&path, map.as_ref())?;
        let damaged = |error: postcard::Error| StoreError::damaged(&path, error.to_string());
        let view: Self = postcard::from_bytes(body).map_err(damaged)?;
        let known = view.languages.len();
        if view.files.iter().any(|entry| usize::from(entry.language) >= known) {
            return Err(StoreError::damaged(&path, "it names an unknown language"));
        }
        Ok(view)
    }

    pub(crate) fn write(&self, path: PathBuf) -> Result<(), StoreError> {
        let bytes = postcard::to_stdvec(self).expect("plain data without maps always encodes");
        write_component(VIEW, path, &bytes)
    }
}
