//! The graph of a tree: resolves what changed and what looked at it, ranks definitions, and packs
//! the whole for the store.

mod communities;
mod edges;
mod files;
mod lift;
mod lowered;
mod rank;

use std::path::Path;
use std::sync::Arc;

use flux_core::stated::Stated;
use flux_core::{Cancel, EdgeKind, FileId, RepoPath, Tier};
use flux_resolve::{Dependency, NoteKey, Outcome, Previous, Resolution, resolve};
use flux_store::graph::{Adjacency, Carried, GraphReader, GraphWriter, PackedGraph, Ranks};
use flux_store::{ContentKey, StoreError, Stored, View};
use rustc_hash::FxHashMap;

use self::edges::Edges;
use self::files::TreeFiles;
pub(crate) use self::lowered::Lowered;
use crate::error::IndexError;

/// The facts of contents that this run parsed.
pub(crate) type Parsed = FxHashMap<ContentKey, Arc<Lowered>>;

/// What a graph is made with.
#[derive(Clone, Copy)]
pub(crate) struct Making<'a> {
    /// What a compiler's index states; then everything is resolved anew.
    pub(crate) stated: Option<&'a Stated>,
    /// Asked whether to stop.
    pub(crate) cancel: &'a Cancel,
}

/// A graph to be committed.
pub(crate) struct Made {
    pub(crate) graph: PackedGraph,
    /// References whose target a compiler's index stated.
    pub(crate) lifted: usize,
    /// Files that could not be resolved by a fault of this program.
    pub(crate) failed: Vec<RepoPath>,
}

/// Makes the graph of `view`. What `previous` says is kept where it still holds; one that is
/// damaged is done without. `None` when cancelled.
pub(crate) fn graph_of(
    root: &Path,
    view: &View,
    parsed: Parsed,
    stored: Stored,
    previous: Option<&GraphReader>,
    making: Making<'_>,
) -> Result<Option<Made>, IndexError> {
    let files = TreeFiles::new(root, view, parsed, stored);
    match make(&files, view, previous, making) {
        Err(StoreError::Damaged { .. }) if previous.is_some() => {
            Ok(make(&files, view, None, making)?)
        }
        made => Ok(made?),
    }
}

fn make(
    files: &TreeFiles<'_>,
    view: &View,
    previous: Option<&GraphReader>,
    making: Making<'_>,
) -> Result<Option<Made>, StoreError> {
    let known = Known(previous.filter(|_| making.stated.is_none()));
    let Some(found) = resolve(files, &known, making.cancel) else { return Ok(None) };
    let Resolution { mut outcomes, inputs, notes } = found;
    let lifted = making.stated.map_or(0, |stated| lift::lift(stated, view, files, &mut outcomes));
    let mut failed = Vec::new();
    let mut writer = GraphWriter::new(view, previous);
    let notes = notes.map(|all| all.into_iter().map(|note| (note.key, note.bytes)).collect());
    writer.carry(Carried { inputs, notes });
    for (id, outcome) in (0..).map(FileId).zip(&outcomes) {
        match outcome {
            Outcome::NoRules => {}
            Outcome::Failed => failed.push(view.file(id).path.clone()),
            Outcome::Kept => writer.keep(id),
            Outcome::Fresh { resolved, digests } => {
                let keys = resolved.dependencies.iter().copied();
                let dependencies: Vec<_> = keys.zip(digests.iter().copied()).collect();
                let content = flux_resolve::Files::content(files, id);
                writer.add(id, &resolved.graph, content, &dependencies, files.lines(id));
            }
        }
    }
    Ok(Some(Made { graph: writer.finish(&ranks)?, lifted, failed }))
}

/// What the graph stored last says of files.
struct Known<'a>(Option<&'a GraphReader>);

// A graph that cannot be read knows nothing; writing says what is wrong with it.
impl Previous for Known<'_> {
    fn content(&self, path: &str) -> Option<u64> {
        self.0?.content(path).ok().flatten()
    }

    fn dependencies(&self, path: &str) -> Vec<(Dependency, u64)> {
        let known = self.0.and_then(|graph| graph.previous(path).ok().flatten());
        known.map(|(_, dependencies)| dependencies).unwrap_or_default()
    }

    fn inputs(&self, layer: u64) -> Option<u64> {
        let inputs = self.0?.inputs().ok()?;
        inputs.iter().find(|(found, _)| *found == layer).map(|(_, digest)| *digest)
    }

    fn note(&self, key: NoteKey) -> Option<Vec<u8>> {
        self.0?.note(key).ok().flatten()
    }
}

/// PageRank and communities of all definitions.
fn ranks(adjacency: &Adjacency<'_>) -> Result<Ranks, StoreError> {
    let triples = adjacency.edges()?.into_iter().filter(|edge| edge.tier != Tier::Name);
    let triples: Vec<_> = triples.map(|edge| (edge.from, edge.to, weight(edge.kind))).collect();
    let edges = Edges::new(adjacency.len(), &triples);
    let (ranks, communities) =
        rayon::join(|| rank::page_rank(&edges), || communities::communities(&edges));
    Ok(Ranks { ranks, communities })
}

/// How much an edge says about what its target is worth. A call or a base class is a need; an
/// import only announces uses that are counted themselves.
fn weight(kind: EdgeKind) -> f32 {
    match kind {
        EdgeKind::Calls | EdgeKind::Inherits | EdgeKind::Implements => 1.0,
        EdgeKind::References | EdgeKind::Overrides => 0.5,
        EdgeKind::Imports => 0.25,
    }
}
