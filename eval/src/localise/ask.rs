//! Asking the questions: the tree before a commit, indexed, and the windows that are made of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use flux_core::{Cancel, Embedder, LineSpan, NoProgress, TokenCounter};
use flux_embed::builtin::BuiltinModel;
use flux_engine::query::pack::{BlockKind, Have, Markdown, PackParameters};
use flux_engine::query::pattern::{CaseMode, PatternBoundary};
use flux_engine::query::{Filter, Mode, SearchRequest};
use flux_engine::tokens::{Counter, Tokenizer};
use flux_engine::{ContextRequest, Freshness, IndexOptions, Location, Reply, Snapshot, Workspace};

use super::git::{History, check_out};
use super::{PlaceArgs, Question, question_of};

/// Hits asked for the window of pasted hits: more than 32,000 tokens of them.
const HITS: usize = 300;

/// Shows which lines of which files a window holds.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// Lines shown as they are.
    bodies: BTreeMap<String, Vec<LineSpan>>,
    /// Lines whose signature is shown.
    signatures: BTreeMap<String, Vec<u32>>,
}

/// How much of an answer a window holds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Recall {
    /// Files of which something is shown.
    pub(super) files: f64,
    /// Functions of which at least the signature is shown.
    pub(super) functions: f64,
    /// Functions whose first lines are shown as they are.
    pub(super) bodies: f64,
}

impl Window {
    fn recall(&self, question: &Question) -> Recall {
        let is_file =
            |path: &&String| self.bodies.contains_key(*path) || self.signatures.contains_key(*path);
        let place = |function: &String| -> Option<(String, u32)> {
            let mut parts = function.splitn(3, ':');
            Some((parts.next()?.to_owned(), parts.next()?.parse().ok()?))
        };
        let places: Vec<(String, u32)> = question.functions.iter().filter_map(place).collect();
        let is_body = |(path, line): &&(String, u32)| {
            let spans = self.bodies.get(path).map_or(&[][..], Vec::as_slice);
            spans.iter().any(|span| span.start <= *line + 2 && *line < span.end.max(span.start + 1))
        };
        let is_signature = |(path, line): &&(String, u32)| {
            let lines = self.signatures.get(path).map_or(&[][..], Vec::as_slice);
            lines.contains(line) || is_body(&&(path.clone(), *line))
        };
        let share = |found: usize, all: usize| found as f64 / all.max(1) as f64;
        Recall {
            files: share(question.files.iter().filter(is_file).count(), question.files.len()),
            functions: share(places.iter().filter(is_signature).count(), places.len()),
            bodies: share(places.iter().filter(is_body).count(), places.len()),
        }
    }
}

/// The tree before one commit, indexed.
pub(super) struct Asked<'a> {
    pub(super) question: &'a Question,
    text: String,
    workspace: Workspace,
    snapshot: Snapshot,
    counter: Counter,
}

/// Calls `visit` with each question of `questions`, its tree in place.
pub(super) fn for_each<'a>(
    place: &PlaceArgs,
    questions: impl Iterator<Item = &'a Question>,
    mut visit: impl FnMut(&Asked<'a>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let model: Arc<dyn Embedder> = Arc::new(BuiltinModel::bundled()?);
    for question in questions {
        if !place.only.is_empty() && !place.only.contains(&question.repo) {
            continue;
        }
        let history = History::in_mirror(&place.mirrors, &question.repo)?;
        let commit = history.commit(&question.commit)?;
        let name = question.repo.replace('/', "+");
        let root = place.work.join("trees").join(&name);
        std::fs::create_dir_all(&place.work)?;
        history.work_tree(&root)?;
        check_out(&root, &commit.parent).with_context(|| question.repo.clone())?;
        let root = std::fs::canonicalize(root)?;
        let index = place.work.join("indexes").join(&name);
        let workspace = Workspace::new(Location { root, index, inside: PathBuf::new() });
        let workspace = workspace.with_embedder(Arc::clone(&model));
        let options =
            IndexOptions { rebuild: false, patience: Duration::ZERO, graph: true, stated: None };
        workspace.index(&options, &NoProgress, &Cancel::default())?;
        let snapshot = workspace.snapshot()?;
        let text = question_of(&commit).context("a commit of the set says nothing")?;
        let counter = Counter::exact(Tokenizer::O200kBase);
        visit(&Asked { question, text, workspace, snapshot, counter })?;
    }
    Ok(())
}

impl Asked<'_> {
    /// What search hits hold when they are pasted in order until each budget is full, the last cut
    /// at a line.
    pub(super) fn pasted(&self, budgets: &[usize]) -> anyhow::Result<Vec<Recall>> {
        let request = SearchRequest {
            text: self.text.clone(),
            mode: Mode::Ranked,
            case: CaseMode::Sensitive,
            boundary: PatternBoundary::Anywhere,
            filter: Filter::default(),
            limit: HITS,
        };
        let reply = self.workspace.search(&self.snapshot, Freshness::Fresh, &request)?;
        Ok(budgets.iter().map(|budget| self.paste(&reply, *budget).recall(self.question)).collect())
    }

    fn paste(&self, reply: &Reply, budget: usize) -> Window {
        let mut window = Window::default();
        let mut left = budget;
        for (hit, snippet) in reply.answer.hits.iter().zip(&reply.snippets) {
            let path = hit.path.to_string();
            let heading = format!("{path}:{}-{}\n", hit.lines.start, hit.lines.end);
            let heading = self.counter.count(&heading) + 1;
            let Some(mut room) = left.checked_sub(heading) else { break };
            let mut shown = 0;
            for line in &snippet.lines {
                let Some(rest) = room.checked_sub(self.counter.count(&format!("{line}\n"))) else {
                    break;
                };
                room = rest;
                shown += 1;
            }
            if shown > 0 {
                let lines = LineSpan::new(hit.lines.start, hit.lines.start + shown - 1);
                window.bodies.entry(path).or_default().push(lines);
            }
            if (shown as usize) < snippet.lines.len() {
                break;
            }
            left = room;
        }
        window
    }

    /// What a pack holds, and how long making it took.
    pub(super) fn packed(
        &self,
        budget: usize,
        parameters: &PackParameters,
    ) -> anyhow::Result<(Recall, Duration)> {
        let start = Instant::now();
        let request = ContextRequest {
            task: &self.text,
            budget,
            counter: &self.counter,
            format: &Markdown,
            have: &Have::default(),
            filter: &Filter::default(),
            parameters,
        };
        let pack = self.workspace.context(&self.snapshot, Freshness::Fresh, &request)?;
        let took = start.elapsed();
        anyhow::ensure!(pack.tokens <= budget, "a pack is over its budget");
        let mut window = Window::default();
        for file in &pack.files {
            for block in &file.blocks {
                let path = file.path.to_string();
                match block.kind {
                    BlockKind::Body => {
                        window.bodies.entry(path).or_default().push(block.lines);
                    }
                    BlockKind::Outline => {
                        let lines = block.text.lines().filter_map(|line| {
                            line.split_once(':').and_then(|(number, _)| number.parse::<u32>().ok())
                        });
                        window.signatures.entry(path).or_default().extend(lines);
                    }
                }
            }
        }
        Ok((window.recall(self.question), took))
    }
}
