//! The run: from a listing to a committed snapshot.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use flux_core::stated::Stated;
use flux_core::{
    Cancel, EmbedError, Embedder, FileClass, ModelId, Pace, Progress, RepoPath, Stage,
};
use flux_store::lexical::index::Load;
use flux_store::view::NewEntry;
use flux_store::{Layout, View, ViewKey, Writer};
use rayon::prelude::*;

use crate::FACTS_VERSION;
use crate::changes::{Changes, changes};
use crate::error::IndexError;
use crate::graph::{Made, Making, Parsed, graph_of};
use crate::list::{Listed, Listing};
use crate::process::{Known, Processed, process};
use crate::vectors::space_of;

/// What a run embeds with, reports to and obeys.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The model that gives vectors, if there are to be any. A quick one is used while files are
    /// read; others wait for [`embed_missing`](crate::embed_missing).
    pub embedder: Option<&'a dyn Embedder>,
    /// Told how far the run is.
    pub progress: &'a dyn Progress,
    /// Asked whether to stop.
    pub cancel: &'a Cancel,
}

/// How a tree is indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexOptions {
    /// Forget what is known and start over.
    pub rebuild: bool,
    /// How long to wait for another writer.
    pub patience: Duration,
    /// Whether to bring the graph up to date as well. A run without leaves the graph as it was,
    /// for the next run with.
    pub graph: bool,
    /// What a compiler's index states of references, to lift ours.
    pub stated: Option<Arc<Stated>>,
}

impl IndexOptions {
    /// Whether the graph must be made although nothing changed in the tree.
    fn is_graph_due(&self, writer: &Writer, key: &ViewKey) -> bool {
        self.graph && (self.stated.is_some() || !writer.has_current_graph(key))
    }
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexReport {
    /// Files of the tree.
    pub files: usize,
    /// Files read because they were new or looked different.
    pub read: usize,
    /// Contents parsed because no commit knew them.
    pub parsed: usize,
    /// Files that were given vectors.
    pub embedded: usize,
    /// Why the model failed, if it did: words and names are indexed all the same.
    pub no_vectors: Option<EmbedError>,
    /// Files gone since the last run.
    pub removed: usize,
    /// Files without a graph, because resolving them met a fault of this program.
    pub unresolved: Vec<RepoPath>,
    /// References whose target came from a compiler's index.
    pub lifted: usize,
    /// The commit made, if anything changed.
    pub generation: Option<u64>,
}

/// Bytes handed to the parsers at a time. Enough to keep the threads busy between two visits to
/// the one writer, little enough that a batch's facts take tens of megabytes.
const BATCH_BYTES: u64 = 2 << 20;
/// Files handed to the parsers at a time.
const BATCH_FILES: usize = 512;
/// From this many changed bytes on, the full-text writer is given threads and memory.
const BULK_BYTES: u64 = 4 << 20;

/// Brings the index of the tree at `root` up to date. A caller that has just compared the tree
/// with a snapshot passes the `listing` it got, which saves a second look.
pub fn index(
    root: &Path,
    layout: &Layout,
    options: &IndexOptions,
    listing: Option<Listing>,
    around: Surroundings<'_>,
) -> Result<IndexReport, IndexError> {
    let Surroundings { progress, cancel, .. } = around;
    progress.update(Stage::List, 0, 0);
    let open = if options.rebuild { Writer::rebuild } else { Writer::open };
    let mut writer = open(layout, FACTS_VERSION, options.patience)?;
    let key = ViewKey::of(root);
    let view = writer.view(&key)?;
    let listing = match listing {
        Some(listing) => listing,
        None => match changes(root, &view, cancel)? {
            Changes::Some { listing, .. } => listing,
            Changes::None => return index_graph(root, writer, &key, &view, options, around),
        },
    };
    let plan = Plan::new(&view, listing);
    let mut run =
        Run { root, around, report: plan.report(), entries: plan.kept, parsed: Parsed::default() };
    let unreadable = plan.unreadable_names;
    let witnesses = plan.witnesses;
    run.process_all(&mut writer, &plan.changed)?;
    if cancel.is_cancelled() {
        return Err(IndexError::Cancelled);
    }
    let known = view;
    let mut view = View::new(run.entries, witnesses);
    view.unnameable = unreadable;
    let is_due = options.is_graph_due(&writer, &key);
    if view == known && run.report.parsed == 0 && !is_due {
        return Ok(run.report);
    }
    let mut report = run.report;
    if options.graph {
        Tree { root, key: &key, view: &view }.commit(
            writer,
            run.parsed,
            options,
            around,
            &mut report,
        )?;
    } else {
        progress.update(Stage::Commit, 0, 0);
        report.generation = Some(writer.commit(&key, root, &view)?);
    }
    Ok(report)
}

/// Makes the graph of a tree that did not change since it was indexed, if that run left it.
fn index_graph(
    root: &Path,
    writer: Writer,
    key: &ViewKey,
    view: &View,
    options: &IndexOptions,
    around: Surroundings<'_>,
) -> Result<IndexReport, IndexError> {
    let mut report = IndexReport { files: view.files().len(), ..IndexReport::default() };
    if options.is_graph_due(&writer, key) {
        Tree { root, key, view }.commit(writer, Parsed::default(), options, around, &mut report)?;
    }
    Ok(report)
}

/// A tree as it shall be committed.
struct Tree<'a> {
    root: &'a Path,
    key: &'a ViewKey,
    view: &'a View,
}

impl Tree<'_> {
    /// Commits the tree with its graph.
    fn commit(
        &self,
        mut writer: Writer,
        parsed: Parsed,
        options: &IndexOptions,
        around: Surroundings<'_>,
        report: &mut IndexReport,
    ) -> Result<(), IndexError> {
        let Self { root, key, view } = *self;
        let Surroundings { progress, cancel, .. } = around;
        progress.update(Stage::Resolve, 0, 0);
        let previous = writer.graph(key);
        let making = Making { stated: options.stated.as_deref(), cancel };
        let stored = writer.stored();
        // The disk is waited for while the graph is made.
        let (made, settled) = std::thread::scope(|scope| {
            let settled = scope.spawn(|| writer.settle(key, root, view));
            let made = graph_of(root, view, parsed, stored, previous.as_ref(), making);
            (made, settled.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        let Made { graph, lifted, failed } = made?.ok_or(IndexError::Cancelled)?;
        settled?;
        progress.update(Stage::Commit, 0, 0);
        report.lifted = lifted;
        report.unresolved = failed;
        report.generation = Some(writer.commit_with_graph(key, root, view, graph)?);
        Ok(())
    }
}

/// What has to be read and what is carried over.
struct Plan {
    kept: Vec<NewEntry>,
    changed: Vec<Listed>,
    removed: usize,
    witnesses: Vec<flux_store::view::Witness>,
    unreadable_names: Vec<Box<str>>,
}

impl Plan {
    fn new(view: &View, listing: Listing) -> Self {
        let Listing { files, witnesses, unnameable } = listing;
        let mut plan = Self {
            kept: Vec::with_capacity(files.len()),
            changed: Vec::new(),
            removed: view.files().len(),
            witnesses,
            unreadable_names: unnameable,
        };
        for file in files {
            let known = view.find(file.path.as_str()).map(|id| view.file(id));
            plan.removed -= usize::from(known.is_some());
            match known {
                Some(entry)
                    if entry.stamp == file.stamp
                        && !entry.racy
                        && entry.class().has(FileClass::HIDDEN) == file.is_hidden =>
                {
                    plan.kept.push(NewEntry { racy: file.racy, ..view.to_new_entry(entry) });
                }
                _ => plan.changed.push(file),
            }
        }
        plan
    }

    fn report(&self) -> IndexReport {
        IndexReport {
            files: self.kept.len() + self.changed.len(),
            read: self.changed.len(),
            removed: self.removed,
            ..IndexReport::default()
        }
    }
}

struct Run<'a> {
    root: &'a Path,
    around: Surroundings<'a>,
    report: IndexReport,
    entries: Vec<NewEntry>,
    parsed: Parsed,
}

impl Run<'_> {
    /// Parses on all threads while the one writer takes what is ready.
    fn process_all(&mut self, writer: &mut Writer, files: &[Listed]) -> Result<(), IndexError> {
        if files.is_empty() {
            return Ok(());
        }
        let bytes: u64 = files.iter().map(|file| file.stamp.size).sum();
        let load = if bytes >= BULK_BYTES { Load::Bulk } else { Load::Update };
        let units = writer.units()?.clone();
        let quick = self.around.embedder.filter(|embedder| embedder.pace() == Pace::Inline);
        let model = quick.map(|embedder| space_of(embedder.model()));
        let embedded = match &model {
            Some(model) => writer.vector_units(model)?.clone(),
            None => HashSet::new(),
        };
        let vectors = quick.map(|embedder| (embedder, &embedded));
        let known = Known { stored: writer.stored(), units: &units, vectors };
        let Surroundings { progress, cancel, .. } = self.around;
        let parsing = Parsing { root: self.root, progress, cancel };
        std::thread::scope(|scope| {
            let (send, receive) = sync_channel(1);
            let parser = scope.spawn(move || parsing.run(files, &known, &send));
            for batch in receive {
                self.write(writer, batch, load, model.as_ref())?;
            }
            parser.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    fn write(
        &mut self,
        writer: &mut Writer,
        batch: Vec<Processed>,
        load: Load,
        model: Option<&ModelId>,
    ) -> Result<(), IndexError> {
        for Processed { entry, addition, lowered, unit, vectors } in batch {
            if let Some(addition) = addition {
                self.report.parsed += usize::from(!writer.has_content(addition.key));
                self.parsed.extend(lowered.map(|lowered| (addition.key, lowered)));
                writer.add_content(&addition)?;
            }
            if let Some((unit, documents)) = unit {
                writer.add_chunks(unit, documents, load)?;
            }
            if let (Some(model), Some((unit, vectors))) = (model, vectors) {
                writer.add_vectors(model, unit, &vectors)?;
                self.report.embedded += 1;
            }
            self.entries.push(entry);
        }
        Ok(())
    }
}

/// The parsing side of a run.
struct Parsing<'a> {
    root: &'a Path,
    progress: &'a dyn Progress,
    cancel: &'a Cancel,
}

impl Parsing<'_> {
    fn run(
        &self,
        files: &[Listed],
        known: &Known<'_>,
        send: &SyncSender<Vec<Processed>>,
    ) -> Result<(), IndexError> {
        let mut rest = files;
        while !rest.is_empty() {
            if self.cancel.is_cancelled() {
                return Err(IndexError::Cancelled);
            }
            self.progress.update(
                Stage::Index,
                (files.len() - rest.len()) as u64,
                files.len() as u64,
            );
            let (batch, later) = rest.split_at(batch_length(rest));
            rest = later;
            let processed: Result<Vec<Processed>, IndexError> =
                batch.par_iter().map(|file| process(self.root, file, known)).collect();
            if send.send(processed?).is_err() {
                // The writer failed and says why.
                return Ok(());
            }
        }
        Ok(())
    }
}

fn batch_length(files: &[Listed]) -> usize {
    let mut bytes = 0;
    let fits = |file: &&Listed| {
        bytes += file.stamp.size;
        bytes <= BATCH_BYTES
    };
    files.iter().take(BATCH_FILES).take_while(fits).count().max(1)
}
