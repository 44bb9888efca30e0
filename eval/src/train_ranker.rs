//! `flux-eval train-ranker`: learns what the sum of signals gets wrong, and writes the model that
//! is compiled into `flux-query`.
//!
//! The winner is what ranks best on repositories that it did not learn from; the file then holds
//! the same kind of model learned from all of them.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use flux_engine::query::rank::model::{Model, Models};
use flux_engine::query::rank::spread::SameFile;
use flux_engine::query::{Feature, Parameters, QueryKind, Ranking};
use rayon::prelude::*;

use crate::SetsArgs;
use crate::rank::examples::{Examples, Query};
use crate::rank::folds::{self, Learned, Row, fitted, held_out};
use crate::rank::linear;
use crate::rank::opened::Set;
use crate::rank::sum::Factors;
use crate::rank::trees::{self, Growth};

/// Arguments of `flux-eval train-ranker`.
#[derive(Args)]
pub(crate) struct TrainArgs {
    #[command(flatten)]
    sets: SetsArgs,
    #[command(flatten)]
    growth: GrowthArgs,
    /// Where to write the model.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Looks for better weights of the hand-made sum instead, and prints by what to multiply them.
    #[arg(long)]
    sum: bool,
    /// Learns only from the sets with these names; the others are asked all the same.
    #[arg(long, num_args = 1..)]
    teach: Vec<String>,
}

/// How models are learned.
#[derive(Args, Clone)]
pub(crate) struct GrowthArgs {
    /// Parts into which the repositories are divided to be asked unseen.
    #[arg(long, default_value_t = 5)]
    pub(crate) folds: usize,
    /// Trees at most.
    #[arg(long, default_value_t = 120)]
    trees: usize,
    /// Choices from the root of a tree to a leaf at most.
    #[arg(long, default_value_t = 4)]
    depth: usize,
    /// By what every tree is multiplied.
    #[arg(long, default_value_t = 0.08)]
    rate: f32,
    /// Curvature below which a leaf is too small.
    #[arg(long, default_value_t = 15.0)]
    least: f64,
    /// What holds leaves near zero.
    #[arg(long, default_value_t = 15.0)]
    calm: f64,
    /// What holds weights near zero, as a share of the weight at each step.
    #[arg(long, default_value_t = 0.01)]
    weight_calm: f32,
    /// Takes every so manieth question of a repository with many.
    #[arg(long, default_value_t = 1)]
    pub(crate) every: usize,
    /// What the logarithm of the sum counts before anything is learned.
    #[arg(long, default_value_t = 4.0)]
    base: f32,
    /// What each further hit of a file loses, as a share of what the logarithm counts.
    #[arg(long, default_value_t = 0.5)]
    same_file: f32,
}

/// Every so many trees are measured.
const MEASURED: usize = 30;

impl GrowthArgs {
    /// The model that learning starts from: the sum alone.
    pub(crate) fn start(&self) -> Model {
        Model { base: self.base, same_file: self.same_file * self.base, ..Model::default() }
    }

    pub(crate) fn growth(&self) -> Growth {
        Growth {
            trees: self.trees,
            depth: self.depth,
            rate: self.rate,
            features: 0.5,
            questions: 0.8,
            least: self.least,
            calm: self.calm,
        }
    }

    /// Learns everything that is compared, each for words and for names.
    fn learn_all(&self, queries: &[&Query]) -> Learned {
        let of = |kind| -> Vec<&Query> {
            queries.iter().copied().filter(|query| query.kind == kind).collect()
        };
        let words = self.learn_kind(&of(QueryKind::Natural));
        let names = self.learn_kind(&of(QueryKind::Symbol));
        let both = words.into_iter().zip(names);
        both.map(|((name, words), (_, names))| (name, Models { words, names })).collect()
    }

    fn learn_kind(&self, queries: &[&Query]) -> Vec<(String, Model)> {
        let start = self.start();
        let linear = linear::fit(queries, &start, self.weight_calm, &[]);
        let mut learned = vec![("sum".to_owned(), start.clone()), ("linear".to_owned(), linear)];
        let grown = trees::grow(queries, &start, &self.growth(), &[]);
        let counts = (1..).map(|step| step * MEASURED).take_while(|count| *count <= self.trees);
        learned.extend(counts.map(|count| {
            let trees = grown.trees[..count].to_vec();
            (format!("trees {count}"), Model { trees, ..grown.clone() })
        }));
        for (_, model) in &mut learned {
            fit_same_file(queries, model);
        }
        learned
    }

    /// Learns the kind of model in use without some features.
    pub(crate) fn learn(&self, queries: &[&Query], left_out: &[Feature]) -> Models {
        let of = |kind| -> Model {
            let own: Vec<&Query> =
                queries.iter().copied().filter(|query| query.kind == kind).collect();
            let mut model = linear::fit(&own, &self.start(), self.weight_calm, left_out);
            fit_same_file(&own, &mut model);
            model
        };
        Models { words: of(QueryKind::Natural), names: of(QueryKind::Symbol) }
    }
}

/// What each further hit of a file may lose, against what it loses now.
const SAME_FILE: [f32; 6] = [0.5, 0.75, 1.0, 1.4, 2.0, 3.0];

/// Finds what each further hit of a file should lose, now that scores lie further apart.
fn fit_same_file(queries: &[&Query], model: &mut Model) {
    let scores: Vec<Vec<f32>> = queries
        .par_iter()
        .map(|query| query.candidates.iter().map(|one| model.score(&one.features)).collect())
        .collect();
    let reached = |cost: f32| -> f64 {
        let each = queries.par_iter().zip(&scores).map(|(query, scores)| {
            query.score(scores, SameFile::Less(cost)).ndcg10 * f64::from(query.weight)
        });
        each.collect::<Vec<f64>>().iter().sum()
    };
    let costs = SAME_FILE.map(|factor| factor * model.same_file);
    let best = costs.iter().max_by(|a, b| reached(**a).total_cmp(&reached(**b)));
    model.same_file = best.copied().unwrap_or(model.same_file);
}

/// Runs `flux-eval train-ranker`.
pub(crate) fn command(arguments: &TrainArgs) -> anyhow::Result<()> {
    let sets = Set::open_all(&arguments.sets)?;
    let ranking = Ranking::unlearned(Parameters::DEFAULT);
    let examples = Examples::collect(&sets, &ranking, arguments.growth.every)?;
    eprintln!(
        "{} questions of {} repositories",
        examples.queries.len(),
        examples.repositories.len()
    );
    let is_taught = |query: &Query| {
        arguments.teach.is_empty() || arguments.teach.contains(&examples.sets[query.set])
    };
    let growth = &arguments.growth;
    if arguments.sum {
        return fit_sum(&examples, growth.folds);
    }
    let mut rows =
        held_out(&examples, growth.folds, &is_taught, &|queries| growth.learn_all(queries));
    let (best, [words, names]) = folds::best(&examples, &rows).context("nothing was learned")?;
    let taught: Vec<Query> =
        examples.queries.iter().filter(|query| is_taught(query)).map(Query::pruned).collect();
    let mut learned = growth.learn_all(&taught.iter().collect::<Vec<_>>());
    let names = std::mem::take(&mut learned[names].1.names);
    let models = Models { words: std::mem::take(&mut learned[words].1.words), names };
    let fitted = fitted(&examples, &format!("{}, fitted", best.name), &models);
    rows.extend([best, fitted]);
    crate::print_text(&folds::table(&examples, &rows))?;
    if let Some(path) = &arguments.out {
        std::fs::write(path, models.to_text()).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn fit_sum(examples: &Examples, folds: usize) -> anyhow::Result<()> {
    let same_file = Parameters::DEFAULT.same_file;
    let now = Factors::now(same_file);
    let scores = |factors: &Factors, query: &Query| factors.answer(query);
    let mut rows = vec![Row {
        name: "sum".to_owned(),
        scores: examples.queries.iter().map(|query| scores(&now, query)).collect(),
    }];
    let mut held = Row { name: "held out".to_owned(), scores: rows[0].scores.clone() };
    for fold in 0..folds {
        let is_held = |query: &&Query| query.repository % folds == fold;
        let taught: Vec<&Query> = examples.queries.iter().filter(|q| !is_held(q)).collect();
        let factors = Factors::fit(&taught, same_file);
        for (query, scores) in examples.queries.iter().zip(&mut held.scores) {
            if is_held(&query) {
                *scores = factors.answer(query);
            }
        }
    }
    rows.push(held);
    let factors = Factors::fit(&examples.queries.iter().collect::<Vec<_>>(), same_file);
    rows.push(Row {
        name: "fitted".to_owned(),
        scores: examples.queries.iter().map(|query| scores(&factors, query)).collect(),
    });
    crate::print_text(&folds::table(examples, &rows))?;
    crate::print_text(&factors.text())
}
