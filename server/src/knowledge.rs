//! What the agent of this program knows of a tree: the same tools, with the same answers, that
//! coding agents get over MCP.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use flux_agent::llm::ToolSpec;
use flux_agent::tools::{Arguments, Knowledge, Recall};
use flux_core::{Cancel, NoProgress, RepoPath, TokenCounter};
use flux_engine::query::Filter;
use flux_engine::query::graph::{ImpactLimits, Named};
use flux_engine::query::pack::{Have, Markdown, PackFormat, PackParameters};
use flux_engine::{ContextRequest, IndexOptions, IndexReport, Workspace};
use serde_json::Value;

use crate::mcp::answer::{Asking, answer};
use crate::mcp::foresee::Foresight;
use crate::mcp::indexing::{Indexing, Opened};
use crate::mcp::memory::{Memory, Why};
use crate::mcp::tools;
use crate::text::Text;

/// How long a question waits for an index that is being made. A model that is told to ask again
/// asks at once, and pays for it.
const WAIT: Duration = Duration::from_secs(30);
/// How long the index waits for another process that writes it.
const PATIENCE: Duration = Duration::from_secs(120);

/// Knows a tree by its index.
pub struct IndexKnowledge {
    indexing: Arc<Indexing>,
    memory: Arc<Memory>,
    foresight: Option<Foresight>,
    cancel: Cancel,
}

impl IndexKnowledge {
    /// Looks after the index of `workspace`, making it in the background if there is none. `learned` is
    /// the file of what was learned of it.
    pub fn start(workspace: Workspace, learned: Option<PathBuf>, cancel: &Cancel) -> Self {
        let indexing = Indexing::start(workspace, learned, cancel, WAIT);
        Self { indexing, memory: Arc::default(), foresight: None, cancel: cancel.clone() }
    }

    /// The same, which makes ready what may be asked next.
    #[must_use]
    pub fn foreseeing(mut self) -> Self {
        self.foresight =
            Some(Foresight::start(Arc::clone(&self.indexing), Arc::clone(&self.memory)));
        self
    }

    fn impact_of(&self, name: &str) -> Result<Option<String>, flux_engine::EngineError> {
        let Opened::Ready(snapshot, _) = self.indexing.open()? else { return Ok(None) };
        let graph = self.indexing.workspace.graph(&snapshot)?;
        let Named::One { definitions, .. } = graph.find(name)? else { return Ok(None) };
        let text = Text { graph: &graph, shown: &RepoPath::to_string };
        let impact = graph.impact(&definitions, ImpactLimits::default())?;
        Ok(Some(text.impact(&impact)?.join("\n")))
    }
}

impl Knowledge for IndexKnowledge {
    fn tools(&self) -> Vec<ToolSpec> {
        let spec = |tool: rmcp::model::Tool| ToolSpec {
            name: tool.name.to_string(),
            description: tool.description.unwrap_or_default().to_string(),
            schema: Value::Object((*tool.input_schema).clone()),
        };
        tools::all().into_iter().map(spec).collect()
    }

    fn answer(&self, tool: &str, arguments: Arguments) -> Result<String, String> {
        let asking = Asking::remembered(&self.indexing, &self.memory, Why::Called);
        answer(&asking, tool, arguments)
    }

    fn foresee(&self, answer: &str) {
        if let Some(foresight) = &self.foresight {
            foresight.read(answer);
        }
    }

    fn recall(&self) -> Recall {
        self.memory.recall()
    }

    fn pack(&self, task: &str, budget: usize, counter: &dyn TokenCounter) -> Option<String> {
        let Ok(Opened::Ready(snapshot, freshness)) = self.indexing.open() else { return None };
        let request = ContextRequest {
            task,
            budget,
            counter,
            format: &Markdown,
            have: &Have::default(),
            filter: &Filter::default(),
            parameters: &PackParameters::default(),
        };
        let pack = self.indexing.workspace.context(&snapshot, freshness, &request).ok()?;
        (!pack.is_empty()).then(|| Markdown.render(&pack))
    }

    fn impact(&self, name: &str) -> Option<String> {
        // That a name cannot be looked up is no answer, as is that it means nothing.
        self.impact_of(name).ok().flatten()
    }

    fn is_ready(&self) -> bool {
        matches!(self.indexing.open(), Ok(Opened::Ready(..)))
    }

    fn index(&self) -> Result<String, String> {
        let options =
            IndexOptions { rebuild: false, patience: PATIENCE, graph: true, stated: None };
        let report = self.indexing.workspace.index(&options, &NoProgress, &self.cancel);
        let IndexReport { files, read, parsed, removed, .. } =
            report.map_err(|error| error.to_string())?;
        Ok(format!("{files} files, {read} read, {parsed} parsed, {removed} removed"))
    }
}
