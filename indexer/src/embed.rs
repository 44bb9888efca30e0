//! Vectors that are still missing: of a model that is too slow to run while files are read, or
//! that was chosen after they were.
//!
//! Works in steps, each committed on its own, so that a stop loses little, words stay searchable
//! all the time, and other writers get their turn.

use std::path::Path;
use std::time::{Duration, Instant};

use flux_core::{Embedder, FileId, Pace, Passage, Stage};
use flux_store::{
    ContentKey, FileEntry, Layout, PackedVectors, Stored, UnitKey, View, ViewKey, Writer,
};
use rayon::prelude::*;

use crate::FACTS_VERSION;
use crate::decode::decode;
use crate::error::IndexError;
use crate::index::Surroundings;
use crate::vectors::{Passages, pack, space_of, vectors};

/// Bytes of source embedded between two looks at the clock: what a slow model takes a few seconds
/// for, and a quick one keeps all threads busy with.
const SLOW_STEP: u64 = 64 << 10;
const QUICK_STEP: u64 = 8 << 20;
/// How long vectors may wait for their commit.
const COMMIT_EVERY: Duration = Duration::from_secs(20);

/// Embeds what `root` has indexed and the model of `around` has no vectors for. Returns the number
/// of files embedded. A file that changed since it was indexed is left for the next run.
pub fn embed_missing(
    root: &Path,
    layout: &Layout,
    patience: Duration,
    around: Surroundings<'_>,
) -> Result<usize, IndexError> {
    let Some(embedder) = around.embedder else { return Ok(0) };
    let key = ViewKey::of(root);
    let mut job = Job { root, embedder, around, done: 0, files: Vec::new(), view: View::default() };
    let mut writer = Writer::open(layout, FACTS_VERSION, patience)?;
    job.view = writer.view(&key)?;
    job.files = job.missing(&mut writer)?;
    let total = job.files.len();
    let mut embedded = 0;
    while job.done < total {
        embedded += job.until_commit(&mut writer)?;
        writer.commit_additions()?;
        if job.done == total {
            break;
        }
        if around.cancel.is_cancelled() {
            return Err(IndexError::Cancelled);
        }
        writer = Writer::open(layout, FACTS_VERSION, patience)?;
    }
    Ok(embedded)
}

struct Job<'a> {
    root: &'a Path,
    embedder: &'a dyn Embedder,
    around: Surroundings<'a>,
    view: View,
    files: Vec<FileId>,
    done: usize,
}

impl Job<'_> {
    fn missing(&self, writer: &mut Writer) -> Result<Vec<FileId>, IndexError> {
        let known = writer.vector_units(&space_of(self.embedder.model()))?;
        let is_missing =
            |entry: &FileEntry| entry.unit().is_some_and(|unit| !known.contains(&unit));
        Ok(self.view.iter().filter(|(_, entry)| is_missing(entry)).map(|(file, _)| file).collect())
    }

    /// Embeds until it is time to commit.
    fn until_commit(&mut self, writer: &mut Writer) -> Result<usize, IndexError> {
        let start = Instant::now();
        let model = space_of(self.embedder.model());
        let stored = writer.stored();
        let mut embedded = 0;
        while self.done < self.files.len()
            && start.elapsed() < COMMIT_EVERY
            && !self.around.cancel.is_cancelled()
        {
            self.around.progress.update(Stage::Embed, self.done as u64, self.files.len() as u64);
            let step = self.step();
            for (unit, vectors) in self.embed(&stored, &self.files[self.done..step])? {
                writer.add_vectors(&model, unit, &vectors)?;
                embedded += 1;
            }
            self.done = step;
        }
        Ok(embedded)
    }

    /// Where the next step ends.
    fn step(&self) -> usize {
        let most = if self.embedder.pace() == Pace::Inline { QUICK_STEP } else { SLOW_STEP };
        let mut bytes = 0;
        let fits = |file: &&FileId| {
            bytes += self.view.file(**file).stamp.size;
            bytes <= most
        };
        self.done + self.files[self.done..].iter().take_while(fits).count().max(1)
    }

    fn embed(
        &self,
        stored: &Stored,
        files: &[FileId],
    ) -> Result<Vec<(UnitKey, PackedVectors)>, IndexError> {
        if self.embedder.pace() == Pace::Inline {
            let one = |file: &FileId| -> Result<_, IndexError> {
                let entry = self.view.file(*file);
                let Some((unit, text, outline)) = self.read(stored, entry)? else {
                    return Ok(None);
                };
                let vectors = vectors(self.embedder, &entry.path, &text, &outline)?;
                Ok(Some((unit, vectors)))
            };
            return files.par_iter().filter_map(|file| one(file).transpose()).collect();
        }
        self.embed_together(stored, files)
    }

    /// A slow model is asked once for the chunks of all files of a step.
    fn embed_together(
        &self,
        stored: &Stored,
        files: &[FileId],
    ) -> Result<Vec<(UnitKey, PackedVectors)>, IndexError> {
        let mut read = Vec::with_capacity(files.len());
        for file in files {
            let entry = self.view.file(*file);
            if let Some((unit, text, outline)) = self.read(stored, entry)? {
                read.push((unit, Passages::of(&entry.path, &text, &outline)));
            }
        }
        let passages: Vec<Passage<'_>> = read.iter().flat_map(|(_, file)| file.iter()).collect();
        let embedded = self.embedder.embed_passages(&passages)?;
        let mut rest = embedded.into_iter();
        let of_file = |(unit, passages): &(UnitKey, Passages)| {
            let own = rest.by_ref().take(passages.len()).collect();
            Ok((*unit, pack(self.embedder.dimensions(), own)?))
        };
        read.iter().map(of_file).collect()
    }

    /// The text of a file, if it is still what was indexed.
    fn read(
        &self,
        stored: &Stored,
        entry: &FileEntry,
    ) -> Result<Option<(UnitKey, String, flux_core::Outline)>, IndexError> {
        let (Some(key), Some(unit)) = (entry.content(), entry.unit()) else { return Ok(None) };
        let Ok(bytes) = std::fs::read(self.root.join(entry.path.as_str())) else { return Ok(None) };
        let language = self.view.language(entry);
        if ContentKey::of(&bytes, language.as_str(), FACTS_VERSION) != key {
            return Ok(None);
        }
        let Ok(text) = decode(&bytes) else { return Ok(None) };
        let Some(outline) = stored.outline(key)? else { return Ok(None) };
        Ok(Some((unit, text.into_owned(), outline)))
    }
}
