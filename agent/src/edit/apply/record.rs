//! What the journal keeps of one transaction: `record.json`, and `images` with the bytes of every
//! file before and after.
//!
//! ```text
//! OWN/edits/TREE/lock           held while edits are applied
//! OWN/edits/TREE/N.open/        transaction N is under way; a crash leaves it
//! OWN/edits/TREE/N.done/        transaction N is made
//! OWN/edits/TREE/N.torn/        transaction N was taken back but for files changed meanwhile
//! ```

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, SystemTime};

use flux_core::RepoPath;
use serde::{Deserialize, Serialize};

use super::files::{FileOperations, Mode};
use crate::edit::plan::EditPlan;
use crate::edit::tree::Content;

/// Version of the two files. 1: first.
const VERSION: u32 = 1;

/// Why a transaction was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A script or a refactoring.
    Edit,
    /// It takes this one back.
    Undo(u64),
    /// It makes this one again.
    Redo(u64),
}

/// What a transaction did, by path and digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    version: u32,
    /// Its number, ascending.
    pub id: u64,
    /// Why it was made.
    pub kind: Kind,
    /// What it did, in a few words.
    pub title: String,
    /// Seconds since 1970.
    pub time: u64,
    /// The files it touched, ordered by path.
    pub entries: Vec<Entry>,
    pub(super) staging: String,
    /// Folders that it has to make, outermost first, and their permission bits.
    pub(super) made_folders: Vec<(String, Option<u32>)>,
    /// Folders that may be empty afterwards, with their permission bits, the deepest first.
    pub(crate) left_folders: Vec<(String, u32)>,
}

/// What a transaction did to one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where the result lies, or lay what was removed.
    pub path: RepoPath,
    /// Where it lay, if it moved.
    pub from: Option<RepoPath>,
    /// What was in it.
    pub before: Option<Image>,
    /// What is in it.
    pub after: Option<Image>,
}

/// A file's bytes in `images`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Their digest.
    pub hash: [u8; 32],
    /// Permission bits; `None` for those that a new file gets.
    pub mode: Option<u32>,
    offset: u64,
    length: u64,
}

impl Image {
    /// Whether a file holds this.
    pub(super) fn is(&self, content: &Content) -> bool {
        self.mode.is_none_or(|mode| mode == content.mode) && self.hash == *content.hash().as_bytes()
    }
}

/// What a transaction is called, and when it is made. The library knows no clock.
#[derive(Clone, Debug)]
pub struct About {
    /// Why it is made.
    pub kind: Kind,
    /// What it does, in a few words.
    pub title: String,
    /// The time.
    pub now: SystemTime,
}

impl Receipt {
    /// The receipt of a plan that is to be applied, and the bytes of `images`.
    pub(super) fn new(id: u64, plan: &EditPlan, about: &About) -> (Self, Vec<u8>) {
        let mut images = Vec::new();
        let mut keep = |content: &Content, mode: Option<u32>| {
            let offset = images.len() as u64;
            images.extend_from_slice(&content.bytes);
            let length = content.bytes.len() as u64;
            Image { hash: *content.hash().as_bytes(), mode, offset, length }
        };
        let entries = plan.files.iter().map(|file| Entry {
            path: file.path.clone(),
            from: file.from.clone(),
            before: file.before.as_ref().map(|one| keep(&one.content, Some(one.content.mode))),
            after: file
                .after
                .as_ref()
                .map(|one| keep(&one.content, file.keeps_mode.then_some(one.content.mode))),
        });
        let entries: Vec<Entry> = entries.collect();
        let since = about.now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let mut hasher = blake3::Hasher::new();
        hasher.update(&id.to_le_bytes()).update(&since.as_nanos().to_le_bytes());
        hasher.update(&std::process::id().to_le_bytes()).update(&images);
        let token = hasher.finalize().to_hex();
        let receipt = Self {
            version: VERSION,
            id,
            kind: about.kind,
            title: about.title.clone(),
            time: since.as_secs(),
            entries,
            staging: format!("{}{}", crate::edit::path::STAGING, &token[..16]),
            made_folders: Vec::new(),
            left_folders: Vec::new(),
        };
        (receipt, images)
    }

    /// Writes both files into `folder`, `record.json` last: without it nothing has begun.
    pub(super) fn write(
        &self,
        files: &dyn FileOperations,
        folder: &Path,
        images: &[u8],
    ) -> io::Result<()> {
        let text = serde_json::to_vec(self)?;
        files.make_folder(folder, Some(0o700))?;
        files.write(&folder.join("images"), images, Mode::Exact(0o600))?;
        files.write(&folder.join("record.new"), &text, Mode::Exact(0o600))?;
        files.rename(&folder.join("record.new"), &folder.join("record.json"))?;
        files.sync_folder(folder)?;
        files.sync_folder(folder.parent().unwrap_or(folder))
    }

    /// Reads `record.json`; `None` if there is none.
    pub(super) fn read(folder: &Path) -> io::Result<Option<Self>> {
        let text = match std::fs::read(folder.join("record.json")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let receipt: Self = serde_json::from_slice(&text)?;
        if receipt.version != VERSION {
            let text = format!("it has version {}, this flux knows {VERSION}", receipt.version);
            return Err(io::Error::other(text));
        }
        Ok(Some(receipt))
    }
}

/// Reads an image of the transaction in `folder`.
pub(super) fn read_image(folder: &Path, image: &Image) -> io::Result<Vec<u8>> {
    let mut file = File::open(folder.join("images"))?;
    file.seek(SeekFrom::Start(image.offset))?;
    let mut bytes = Vec::new();
    file.take(image.length).read_to_end(&mut bytes)?;
    if *blake3::hash(&bytes).as_bytes() != image.hash {
        return Err(io::Error::other("the journal is damaged"));
    }
    Ok(bytes)
}
