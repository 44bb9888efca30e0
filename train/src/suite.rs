//! The development questions: natural questions about whole repositories, with the files that
//! answer them. The model alone ranks the files, so that models can be compared.
//!
//! A chunk's vector is its own plus a share of the mean of its file's; a file is as near as its
//! nearest chunk. Figures are means over repositories of the mean nDCG@10 of their questions.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use flux_embed::builtin::PieceTable;
use flux_embed::builtin::tokenizer::for_each_piece;
use flux_engine::core::{Cancel, NoProgress};
use flux_engine::{IndexOptions, Location, Workspace};
use rayon::prelude::*;
use serde::Deserialize;

use crate::corpus::Bags;
use crate::table::Table;

/// Results that count.
const DEPTH: usize = 10;
/// How long to wait for another run that indexes the same repository.
const PATIENCE: Duration = Duration::from_secs(60);

/// What chunk vectors are made of besides their text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mixture {
    /// What the pieces of the context count for.
    pub(crate) context: f32,
    /// What the mean of the file counts for.
    pub(crate) file: f32,
}

#[derive(Deserialize)]
struct RepositorySpec {
    name: String,
    language: String,
    #[serde(default)]
    benchmark_root: Option<String>,
}

#[derive(Deserialize)]
struct QuestionSpec {
    query: String,
    #[serde(default)]
    category: String,
    relevant: Vec<Target>,
    #[serde(default)]
    secondary: Vec<Target>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Target {
    Path(String),
    Lines { path: String },
}

/// A repository with its chunks cut and its questions read.
pub(crate) struct World {
    name: String,
    language: String,
    files: Vec<String>,
    /// The file of each chunk; its bags are two: text and context.
    chunks: Vec<u32>,
    bags: Bags,
    questions: Vec<Question>,
}

struct Question {
    query: Bags,
    category: String,
    targets: Vec<String>,
}

/// Reads the suite in `suite`, whose repositories lie in `corpus`, and indexes them in `work`.
pub(crate) fn load(
    suite: &Path,
    corpus: &Path,
    work: &Path,
    table: &PieceTable<'_>,
) -> Result<Vec<World>> {
    let specs: Vec<RepositorySpec> = json(&suite.join("repos.json"))?;
    let load = |spec| load_one(suite, corpus, work, spec, table);
    specs.iter().map(load).collect()
}

fn json<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T> {
    let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("cannot read {}", path.display()))
}

fn load_one(
    suite: &Path,
    corpus: &Path,
    work: &Path,
    spec: &RepositorySpec,
    table: &PieceTable<'_>,
) -> Result<World> {
    let inside = spec.benchmark_root.as_deref().unwrap_or_default().trim_matches('/');
    let root = corpus.join(&spec.name);
    let mut world = World {
        name: spec.name.clone(),
        language: spec.language.clone(),
        files: Vec::new(),
        chunks: Vec::new(),
        bags: Bags::default(),
        questions: Vec::new(),
    };
    world.cut(&root, inside, &work.join(&spec.name), table)?;
    let questions: Vec<QuestionSpec> =
        json(&suite.join("annotations").join(format!("{}.json", spec.name)))?;
    for question in questions {
        let paths =
            question.relevant.iter().chain(&question.secondary).map(|target| match target {
                Target::Path(path) | Target::Lines { path } => path,
            });
        // A few annotations are relative to the part of the repository that is asked about.
        let full = |path: &String| match root.join(path).exists() {
            true => path.clone(),
            false => format!("{inside}/{path}"),
        };
        let mut query = Bags::default();
        query.push(&pieces(table, &question.query));
        let targets = paths.map(full).collect();
        world.questions.push(Question { query, category: question.category, targets });
    }
    Ok(world)
}

fn pieces(table: &PieceTable<'_>, text: &str) -> Vec<u16> {
    let mut pieces = Vec::new();
    for_each_piece(table, text, |piece| pieces.push(piece));
    pieces
}

impl World {
    fn cut(
        &mut self,
        root: &Path,
        inside: &str,
        index: &Path,
        table: &PieceTable<'_>,
    ) -> Result<()> {
        fs::create_dir_all(index)?;
        let workspace = Workspace::new(Location {
            root: fs::canonicalize(root).with_context(|| root.display().to_string())?,
            index: index.to_owned(),
            inside: PathBuf::new(),
        });
        workspace.index(
            &IndexOptions { rebuild: false, patience: PATIENCE, graph: false, stated: None },
            &NoProgress,
            &Cancel::default(),
        )?;
        let snapshot = workspace.snapshot()?;
        for (id, entry) in snapshot.view().iter() {
            let path = entry.path.as_str();
            if entry.content().is_none() || !path.starts_with(inside) {
                continue;
            }
            let text = String::from_utf8_lossy(&fs::read(root.join(path))?).into_owned();
            let file = self.files.len() as u32;
            self.files.push(path.to_owned());
            let outline = snapshot.outline(id)?;
            for chunk in &outline.chunks {
                let owner =
                    chunk.owner.map(|owner| outline.symbols[owner.0 as usize].qualified_name());
                let context = format!("{path} {}", owner.unwrap_or_default());
                let range = chunk.span.start as usize..chunk.span.end as usize;
                self.bags.push(&pieces(table, text.get(range).unwrap_or_default()));
                self.bags.push(&pieces(table, &context));
                self.chunks.push(file);
            }
        }
        Ok(())
    }

    /// The nDCG@10 of each question, with its category.
    fn scores(&self, table: &Table, mixture: Mixture) -> Vec<(&str, f64)> {
        let vectors = self.vectors(table, mixture);
        let size = table.dimensions;
        let score = |question: &Question| {
            let query = table.vector(&[(question.query.get(0), 1.0)], true);
            let mut best = vec![f32::MIN; self.files.len()];
            for (vector, &file) in vectors.chunks_exact(size).zip(&self.chunks) {
                let cosine: f32 = vector.iter().zip(&query).map(|(a, b)| a * b).sum();
                best[file as usize] = best[file as usize].max(cosine);
            }
            let mut order: Vec<usize> = (0..best.len()).collect();
            order.sort_by(|a, b| best[*b].total_cmp(&best[*a]).then(a.cmp(b)));
            let ranked = order.iter().map(|file| self.files[*file].as_str());
            discounted_gain(ranked, &question.targets)
        };
        self.questions
            .iter()
            .map(|question| (question.category.as_str(), score(question)))
            .collect()
    }

    fn vectors(&self, table: &Table, mixture: Mixture) -> Vec<f32> {
        let size = table.dimensions;
        let mut vectors = Vec::with_capacity(self.chunks.len() * size);
        for chunk in 0..self.chunks.len() {
            let (text, context) = (self.bags.get(2 * chunk), self.bags.get(2 * chunk + 1));
            vectors.extend(table.vector(&[(text, 1.0), (context, mixture.context)], false));
        }
        let mut means = vec![0.0_f32; self.files.len() * size];
        for (vector, &file) in vectors.chunks_exact(size).zip(&self.chunks) {
            let mean = &mut means[file as usize * size..][..size];
            mean.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
        }
        means.chunks_exact_mut(size).for_each(normalize);
        for (vector, &file) in vectors.chunks_exact_mut(size).zip(&self.chunks) {
            let mean = &means[file as usize * size..][..size];
            vector.iter_mut().zip(mean).for_each(|(own, mean)| *own += mixture.file * mean);
            normalize(vector);
        }
        vectors
    }
}

fn normalize(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|value| *value /= length.max(1e-9));
}

fn discounted_gain<'a>(ranked: impl Iterator<Item = &'a str>, targets: &[String]) -> f64 {
    let at = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
    let found = ranked.take(DEPTH).enumerate();
    let gain: f64 = found
        .filter(|(_, path)| targets.iter().any(|target| target == path))
        .map(|(rank, _)| at(rank))
        .sum();
    let ideal: f64 = (0..targets.len().min(DEPTH)).map(at).sum();
    if ideal > 0.0 { gain / ideal } else { 0.0 }
}

/// Mean nDCG@10 over the repositories, and by repository, category and language.
#[derive(Clone, Debug)]
pub(crate) struct Scores {
    pub(crate) mean: f64,
    pub(crate) repositories: Vec<(String, f64)>,
    pub(crate) categories: BTreeMap<String, f64>,
}

/// Asks all questions of a table.
pub(crate) fn ask(worlds: &[World], table: &Table, mixture: Mixture) -> Scores {
    let scores: Vec<Vec<(&str, f64)>> =
        worlds.par_iter().map(|world| world.scores(table, mixture)).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let mut categories: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut repositories = Vec::new();
    for (world, scores) in worlds.iter().zip(&scores) {
        for (category, score) in scores {
            categories.entry((*category).to_owned()).or_default().push(*score);
        }
        let all: Vec<f64> = scores.iter().map(|(_, score)| *score).collect();
        repositories.push((format!("{} ({})", world.name, world.language), mean(&all)));
    }
    let means: Vec<f64> = repositories.iter().map(|(_, score)| *score).collect();
    let categories = categories.into_iter().map(|(name, all)| (name, mean(&all))).collect();
    Scores { mean: mean(&means), repositories, categories }
}
