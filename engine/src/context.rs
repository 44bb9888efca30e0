//! Packs and maps: what a model should read, from a search, the graph and the texts of the tree.

use flux_core::TokenCounter;
use flux_query::pack::{
    Have, Map, MapRequest, Origin, Pack, PackContext, PackFormat, PackParameters, PackRequest, map,
    pack, seeds_for,
};
use flux_query::pattern::{CaseMode, PatternBoundary};
use flux_query::{Filter, Hit, Mode, Ranking, SearchRequest};
use flux_store::Snapshot;

use crate::error::EngineError;
use crate::refresh::Freshness;
use crate::repository::head_commit;
use crate::sources::Tree;
use crate::workspace::Workspace;

/// A pack that is wanted.
#[derive(Clone)]
pub struct ContextRequest<'a> {
    /// The task or question.
    pub task: &'a str,
    /// The most tokens.
    pub budget: usize,
    /// What counts them.
    pub counter: &'a dyn TokenCounter,
    /// How the text looks.
    pub format: &'a dyn PackFormat,
    /// What the reader has already.
    pub have: &'a Have,
    /// Which files count.
    pub filter: &'a Filter,
    /// What things are worth; the default unless somebody measures.
    pub parameters: &'a PackParameters,
}

/// A map that is wanted.
pub struct MapOrder<'a> {
    /// The task it is for; empty for none.
    pub task: &'a str,
    /// What it is a map of, in words.
    pub title: &'a str,
    /// The most tokens.
    pub budget: usize,
    /// What counts them.
    pub counter: &'a dyn TokenCounter,
    /// Makes text of it.
    pub render: &'a dyn Fn(&Map) -> String,
    /// Which files are shown; where it chooses paths, what they hold is the measure.
    pub filter: &'a Filter,
}

/// Hits that personalise a map.
const MAP_HITS: usize = 20;

impl Workspace {
    /// Packs what a model should read for a task. An empty pack means that nothing was found.
    pub fn context(
        &self,
        snapshot: &Snapshot,
        freshness: Freshness,
        request: &ContextRequest<'_>,
    ) -> Result<Pack, EngineError> {
        let limit = seeds_for(request.budget);
        let hits = self.seeds(snapshot, request.task, request.filter, limit)?;
        let origin = self.origin(snapshot, freshness);
        let texts = |file| self.indexed_text(snapshot, file);
        let context = PackContext { snapshot, texts: &texts, parameters: request.parameters };
        let request = PackRequest {
            task: request.task,
            budget: request.budget,
            counter: request.counter,
            format: request.format,
            have: request.have,
            filter: request.filter,
            origin: &origin,
        };
        Ok(pack(&context, &hits, &request)?)
    }

    /// Draws a map of the tree.
    pub fn map(
        &self,
        snapshot: &Snapshot,
        freshness: Freshness,
        order: &MapOrder<'_>,
    ) -> Result<Map, EngineError> {
        let hits = match order.task {
            "" => Vec::new(),
            task => self.seeds(snapshot, task, order.filter, MAP_HITS)?,
        };
        let origin = self.origin(snapshot, freshness);
        let texts = |file| self.indexed_text(snapshot, file);
        let parameters = PackParameters::default();
        let context = PackContext { snapshot, texts: &texts, parameters: &parameters };
        let request = MapRequest {
            title: order.title,
            budget: order.budget,
            counter: order.counter,
            render: order.render,
            filter: order.filter,
            hits: &hits,
            is_part: !order.filter.paths.is_empty(),
            origin: &origin,
        };
        Ok(map(&context, &request)?)
    }

    /// The hits of a ranked search for a task.
    fn seeds(
        &self,
        snapshot: &Snapshot,
        task: &str,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Hit>, EngineError> {
        let request = SearchRequest {
            text: task.to_owned(),
            mode: Mode::Ranked,
            case: CaseMode::Sensitive,
            boundary: PatternBoundary::Anywhere,
            filter: filter.clone(),
            limit,
        };
        let asked = self.ask(snapshot, &request);
        let context = flux_query::Context {
            snapshot,
            sources: &Tree(self.root()),
            meaning: asked.meaning(),
            ranking: Ranking::builtin(),
        };
        Ok(flux_query::search_in(&context, &request)?.hits)
    }

    /// What an answer from `snapshot` says of where it comes from.
    fn origin(&self, snapshot: &Snapshot, freshness: Freshness) -> Origin {
        let mut notes = Vec::new();
        if snapshot.graph().is_none() {
            let text =
                "there is no symbol graph of these files, so that this rests on search alone";
            notes.push(text.to_owned());
        }
        let freshness = match freshness {
            Freshness::Fresh => "fresh".to_owned(),
            Freshness::Stale(files) => format!("stale, {files} files changed"),
            Freshness::Unknown => "not compared with the files".to_owned(),
        };
        Origin { revision: head_commit(self.root()), freshness, notes }
    }
}
