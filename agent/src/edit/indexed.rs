//! What the index knows of definitions and references, as plans and checks ask for it.

use flux_core::RepoPath;
use flux_engine::{Site, Snapshot, Workspace};

use super::check::References;
use super::plan::Symbols;
use super::tree::Tree;

/// A workspace and the newest snapshot of its index, if there is one.
#[derive(Clone, Copy)]
pub struct Indexed<'a> {
    /// The workspace.
    pub workspace: &'a Workspace,
    /// Its snapshot.
    pub snapshot: Option<&'a Snapshot>,
}

/// Said where there is no index.
const NO_INDEX: &str = "there is no index\nhint: run flux index";
/// Said where it has no graph.
const NO_GRAPH: &str = "the index holds no symbol graph\nhint: run flux index";

impl Indexed<'_> {
    /// The tree of the workspace.
    pub fn tree(&self) -> Tree {
        let location = self.workspace.location();
        Tree { root: location.root.clone(), own: location.index.clone() }
    }

    fn graphed(&self) -> Result<&Snapshot, String> {
        let snapshot = self.snapshot.ok_or(NO_INDEX)?;
        snapshot.graph().map(|_| snapshot).ok_or_else(|| NO_GRAPH.to_owned())
    }
}

impl Symbols for Indexed<'_> {
    fn named(&self, name: &str) -> Result<Vec<(RepoPath, String, u32)>, String> {
        let found = self.workspace.named(self.graphed()?, name);
        let found = found.map_err(|error| error.to_string())?;
        Ok(found.into_iter().map(|one| (one.path, one.qualified_name, one.line)).collect())
    }
}

impl References for Indexed<'_> {
    fn references_to(&self, path: &RepoPath, name: &str) -> Result<Option<Vec<Site>>, String> {
        let sites = self.workspace.references_to(self.graphed()?, path, name);
        sites.map_err(|error| error.to_string())
    }
}
