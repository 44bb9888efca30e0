//! What the tests share: a workspace beside its world, and short ways to ask it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use flux_engine::core::{Cancel, NoProgress};
use flux_engine::query::pattern::{CaseMode, PatternBoundary};
use flux_engine::query::{Answer, Filter, Mode, SearchRequest};
use flux_engine::{
    EngineError, Freshness, IndexOptions, IndexReport, Location, RefreshLimit, Reply, Snapshot,
    Workspace,
};

pub(crate) const UPDATE: IndexOptions =
    IndexOptions { rebuild: false, patience: Duration::ZERO, graph: true, stated: None };

/// The workspace of the tree at `root` with its index at `index`.
pub(crate) fn workspace(root: &Path, index: PathBuf) -> Workspace {
    Workspace::new(Location { root: root.to_owned(), index, inside: PathBuf::new() })
}

#[track_caller]
pub(crate) fn index(workspace: &Workspace) -> IndexReport {
    workspace.index(&UPDATE, &NoProgress, &Cancel::default()).unwrap()
}

/// The snapshot that a search takes, after whatever indexing that needs.
#[track_caller]
pub(crate) fn fresh(workspace: &Workspace) -> (Snapshot, Freshness) {
    workspace.fresh_snapshot(RefreshLimit::A_SECOND, &Cancel::default()).unwrap()
}

pub(crate) fn request(text: &str) -> SearchRequest {
    SearchRequest {
        text: text.to_owned(),
        mode: Mode::Auto,
        case: CaseMode::Sensitive,
        boundary: PatternBoundary::Anywhere,
        filter: Filter { hidden: true, ..Filter::default() },
        limit: 50,
    }
}

pub(crate) fn try_ask(
    workspace: &Workspace,
    snapshot: &Snapshot,
    text: &str,
) -> Result<Reply, EngineError> {
    workspace.search(snapshot, Freshness::Unknown, &request(text))
}

#[track_caller]
pub(crate) fn ask(workspace: &Workspace, snapshot: &Snapshot, text: &str) -> Answer {
    try_ask(workspace, snapshot, text).unwrap().answer
}

/// The paths of a snapshot.
pub(crate) fn paths(snapshot: &Snapshot) -> Vec<String> {
    snapshot.view().files().iter().map(|file| file.path.to_string()).collect()
}

/// The paths of the hits, best first.
#[track_caller]
pub(crate) fn hits(workspace: &Workspace, text: &str) -> Vec<String> {
    let snapshot = workspace.snapshot().unwrap();
    let answer = ask(workspace, &snapshot, text);
    answer.hits.iter().map(|hit| hit.path.to_string()).collect()
}
