//! Sets of questions over opened indexes.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use flux_core::{Cancel, Embedder, NoProgress, RepoPath};
use flux_embed::builtin::BuiltinModel;
use flux_engine::query::pattern::{CaseMode, PatternBoundary};
use flux_engine::query::{
    Context, Features, Filter, Hit, Mode, QueryError, Ranking, SearchRequest, Sources, consider,
    search_in,
};
use flux_engine::{IndexOptions, Location, Snapshot, Workspace};

use crate::SetsArgs;
use crate::metrics::{Found, Scores, ranks, score};
use crate::suite::{self, Lines, Question};

/// One set of questions over opened indexes.
pub(crate) struct Set {
    pub(crate) name: String,
    pub(crate) repositories: Vec<Opened>,
}

/// A repository of a set, ready to be asked.
pub(crate) struct Opened {
    pub(crate) name: String,
    pub(crate) questions: Vec<Question>,
    workspace: Workspace,
    snapshot: Snapshot,
    sources: Tree,
}

/// The files below a root.
struct Tree(PathBuf);

impl Sources for Tree {
    fn open(&self, path: &RepoPath) -> io::Result<Box<dyn io::Read + '_>> {
        Ok(Box::new(std::fs::File::open(self.0.join(path.as_str()))?))
    }
}

impl Set {
    /// Opens all sets, with the vectors of the model inside the binary unless they are left out.
    pub(crate) fn open_all(arguments: &SetsArgs) -> anyhow::Result<Vec<Self>> {
        let SetsArgs { suite, corpus, index_dir, no_vectors } = arguments;
        anyhow::ensure!(suite.len() == corpus.len(), "every suite needs its corpus");
        let model: Option<Arc<dyn Embedder>> = match no_vectors {
            true => None,
            false => Some(Arc::new(BuiltinModel::bundled()?)),
        };
        let sets = suite.iter().zip(corpus);
        sets.map(|(suite, corpus)| Self::open(suite, corpus, index_dir, model.as_ref())).collect()
    }

    fn open(
        suite: &Path,
        corpus: &Path,
        indexes: &Path,
        model: Option<&Arc<dyn Embedder>>,
    ) -> anyhow::Result<Self> {
        let suite = suite::load(suite, corpus, &[])?;
        let mut repositories = Vec::new();
        for repository in suite.repositories {
            let root = std::fs::canonicalize(repository.search_root())
                .with_context(|| format!("cannot find the sources of {}", repository.name))?;
            let index = indexes.join(&suite.name).join(&repository.name);
            let mut workspace = Workspace::new(Location { root, index, inside: PathBuf::new() });
            if let Some(model) = model {
                workspace = workspace.with_embedder(Arc::clone(model));
            }
            let options = IndexOptions {
                rebuild: false,
                patience: std::time::Duration::ZERO,
                graph: false,
                stated: None,
            };
            workspace.index(&options, &NoProgress, &Cancel::default())?;
            repositories.push(Opened {
                name: repository.name,
                questions: repository.questions,
                snapshot: workspace.snapshot()?,
                sources: Tree(workspace.root().to_owned()),
                workspace,
            });
        }
        Ok(Self { name: suite.name, repositories })
    }
}

impl Opened {
    /// How well a question is answered.
    pub(crate) fn score(&self, question: &Question, ranking: &Ranking) -> anyhow::Result<Scores> {
        let answer = self.with_context(question, ranking, search_in)?;
        let found: Vec<Found> = answer
            .hits
            .iter()
            .map(|hit| Found {
                path: hit.path.to_string(),
                lines: Some(Lines { start: hit.lines.start, end: hit.lines.end }),
            })
            .collect();
        Ok(score(&ranks(&found, &question.targets)))
    }

    /// Everything that ranking looks at for a question.
    pub(crate) fn consider(
        &self,
        question: &Question,
        ranking: &Ranking,
    ) -> anyhow::Result<Vec<(Hit, Features)>> {
        self.with_context(question, ranking, consider)
    }

    /// The files of the repository.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    fn with_context<T>(
        &self,
        question: &Question,
        ranking: &Ranking,
        search: impl FnOnce(&Context<'_>, &SearchRequest) -> Result<T, QueryError>,
    ) -> anyhow::Result<T> {
        let request = request(question);
        let (snapshot, sources) = (&self.snapshot, &self.sources);
        let asked = self.workspace.ask(snapshot, &request);
        let context = Context { snapshot, sources, meaning: asked.meaning(), ranking };
        Ok(search(&context, &request)?)
    }
}

fn request(question: &Question) -> SearchRequest {
    SearchRequest {
        text: question.query.clone(),
        mode: Mode::Auto,
        case: CaseMode::Sensitive,
        boundary: PatternBoundary::Anywhere,
        filter: Filter::default(),
        limit: 10,
    }
}
