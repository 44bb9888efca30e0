//! The workspace: opens, indexes, maintains.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use flux_core::{Cancel, Embedder, ModelId, Progress};
use flux_indexer::{
    FACTS_VERSION, IndexError, IndexOptions, IndexReport, Surroundings, embed_missing, index,
    space_of,
};
use flux_store::maintain::{Collected, Unwanted, collect_unwanted, verify};
use flux_store::{Layout, Snapshot, VectorCoverage, ViewKey};

use crate::error::EngineError;
use crate::repository::Location;

/// One tree and its index.
#[derive(Clone, Debug)]
pub struct Workspace {
    pub(crate) location: Location,
    pub(crate) layout: Layout,
    pub(crate) embedder: Option<Arc<dyn Embedder>>,
    key: ViewKey,
}

impl Workspace {
    /// The workspace at `location`; nothing is read yet.
    pub fn new(location: Location) -> Self {
        let layout = Layout::new(&location.index);
        let key = ViewKey::of(&location.root);
        Self { location, layout, embedder: None, key }
    }

    /// The same, with vectors made by `embedder`.
    pub fn with_embedder(self, embedder: Arc<dyn Embedder>) -> Self {
        Self { embedder: Some(embedder), ..self }
    }

    /// The model that gives vectors.
    pub fn embedder(&self) -> Option<&dyn Embedder> {
        self.embedder.as_deref()
    }

    /// The root of the tree.
    pub fn root(&self) -> &Path {
        &self.location.root
    }

    /// Where it lies.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The newest snapshot.
    pub fn snapshot(&self) -> Result<Snapshot, EngineError> {
        Ok(Snapshot::open(&self.layout, &self.key, FACTS_VERSION)?)
    }

    /// How much of `snapshot` the model has embedded; `None` without a model.
    pub fn coverage_of(&self, snapshot: &Snapshot) -> Option<VectorCoverage> {
        Some(snapshot.vector_coverage(&space_of(self.embedder()?.model())))
    }

    /// Brings the index up to date, however long that takes: words and names first, then the
    /// vectors that a slow model owes. A model that fails is no error but part of the report.
    pub fn index(
        &self,
        options: &IndexOptions,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<IndexReport, EngineError> {
        let around = self.surroundings(progress, cancel);
        let mut report = index(&self.location.root, &self.layout, options, None, around)?;
        match embed_missing(&self.location.root, &self.layout, options.patience, around) {
            Ok(late) => report.embedded += late,
            Err(IndexError::Embed(error)) => report.no_vectors = Some(error),
            Err(error) => return Err(error.into()),
        }
        Ok(report)
    }

    pub(crate) fn surroundings<'a>(
        &'a self,
        progress: &'a dyn Progress,
        cancel: &'a Cancel,
    ) -> Surroundings<'a> {
        Surroundings { embedder: self.embedder(), progress, cancel }
    }

    /// Checks every byte of the index; a line for each problem.
    pub fn verify(&self) -> Result<Vec<String>, EngineError> {
        Ok(verify(&self.layout)?)
    }

    /// Removes what no tree needs any more, and with a model the vectors of all others.
    pub fn collect(&self, patience: Duration) -> Result<Collected, EngineError> {
        let here = self.root().to_owned();
        // A root that cannot be looked at, or whose name was not kept whole, may still be there.
        let is_gone = |root: &Path| {
            root != here
                && !root.to_string_lossy().contains(char::REPLACEMENT_CHARACTER)
                && matches!(root.try_exists(), Ok(false))
        };
        let own = self.embedder().map(|embedder| space_of(embedder.model()));
        let is_used = |model: &ModelId| own.as_ref().is_none_or(|own| own == model);
        let unwanted = Unwanted { is_gone: &is_gone, is_used: &is_used };
        Ok(collect_unwanted(&self.layout, patience, &unwanted)?)
    }
}
