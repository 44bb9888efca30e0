//! The training run: epochs of batches, a falling step size, a table at the end.

use std::time::Instant;

use ndarray::Array2;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::batches::{self, Draw};
use crate::corpus::{Corpus, Facts, Side};
use crate::loss::{Batch, Shape, loss};
use crate::random::Random;
use crate::table::{Gradients, Optimizer, Table, WeightedBag};

/// How a model is trained. What the defaults were compared with stands in train/README.md.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// Times each pair is seen
    #[arg(long, default_value_t = 2)]
    pub(crate) epochs: usize,
    /// Largest step; twice this suits a random beginning
    #[arg(long, default_value_t = 0.005)]
    pub(crate) rate: f32,
    /// What cosines are multiplied with before they compete
    #[arg(long, default_value_t = 13.0)]
    pub(crate) scale: f32,
    /// Blocks in a batch, each of one repository
    #[arg(long, default_value_t = 4)]
    pub(crate) blocks: usize,
    /// Pairs in a block
    #[arg(long, default_value_t = 256)]
    pub(crate) block: usize,
    /// What the loss on the first half and quarter of each vector counts for
    #[arg(long, default_value_t = 0.3)]
    pub(crate) prefix: f32,
    /// How often path and enclosing names are added to the code
    #[arg(long, default_value_t = 0.5)]
    pub(crate) context: f32,
    /// What they count for when they are
    #[arg(long, default_value_t = 1.0)]
    pub(crate) context_weight: f32,
    /// Share of pairs that are used
    #[arg(long, default_value_t = 1.0)]
    pub(crate) share: f32,
    /// From 0 to 1: how far languages are brought to the same number of pairs
    #[arg(long, default_value_t = 0.0)]
    pub(crate) balance: f32,
    /// How often a kind of pair is drawn, as `name=0.5`; can be given several times
    #[arg(long, value_parser = kind_rate)]
    pub(crate) kind: Vec<(String, f32)>,
    /// Where the random numbers begin
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Numbers in a vector, for a random beginning
    #[arg(long, default_value_t = 256)]
    pub(crate) dimensions: usize,
}

/// Steps to the largest step size, as a share of all.
const WARM_UP: f32 = 0.05;
/// Steps between two lines of progress.
const REPORT: usize = 500;

fn kind_rate(text: &str) -> Result<(String, f32), String> {
    let (kind, rate) = text.split_once('=').ok_or("expected KIND=RATE")?;
    Ok((kind.to_owned(), rate.parse().map_err(|_| format!("{rate} is no number"))?))
}

/// Trains `table` on these pairs.
pub(crate) fn fit(corpus: &Corpus, pairs: &[u32], table: &mut Table, options: &Options) {
    let mut random = Random::new(options.seed, 1);
    let mut pairs = pairs.to_vec();
    if options.share < 1.0 {
        pairs.retain(|_| random.chance(options.share));
    }
    let draw = Draw {
        block: options.block,
        blocks: options.blocks,
        kinds: options.kind.iter().cloned().collect(),
        balance: options.balance,
    };
    let batches: Vec<Vec<u32>> = (0..options.epochs)
        .flat_map(|_| batches::epoch(corpus, &pairs, &draw, &mut random))
        .filter(|batch| batch.len() > 1)
        .collect();
    let size = table.dimensions;
    let shape = Shape {
        scale: options.scale,
        prefixes: [(size, 1.0), (size / 2, options.prefix), (size / 4, options.prefix)]
            .into_iter()
            .filter(|(length, share)| *length > 0 && *share > 0.0)
            .collect(),
    };
    let mut optimizer = Optimizer::new(table);
    let (begun, mut mean) = (Instant::now(), 0.0);
    for (step, batch) in batches.iter().enumerate() {
        let rate = options.rate * pace(step, batches.len());
        mean += descend(corpus, batch, table, &mut optimizer, (&shape, options, rate), &mut random);
        if (step + 1) % REPORT == 0 || step + 1 == batches.len() {
            let seconds = begun.elapsed().as_secs();
            let since = (step % REPORT + 1) as f32;
            eprintln!("step {}/{}, loss {:.4}, {seconds} s", step + 1, batches.len(), mean / since);
            mean = 0.0;
        }
    }
}

/// The size of a step as a share of the largest: up, then down to nothing.
fn pace(step: usize, steps: usize) -> f32 {
    let done = (step as f32 + 0.5) / steps as f32;
    (done / WARM_UP).min((1.0 - done) / (1.0 - WARM_UP)).clamp(0.0, 1.0)
}

fn descend(
    corpus: &Corpus,
    batch: &[u32],
    table: &mut Table,
    optimizer: &mut Optimizer,
    (shape, options, rate): (&Shape, &Options, f32),
    random: &mut Random,
) -> f32 {
    let queries: Vec<WeightedBag> =
        batch.iter().map(|pair| weighted(corpus.bag(*pair as usize, Side::Query))).collect();
    let codes: Vec<WeightedBag> =
        batch.iter().map(|pair| code(corpus, *pair as usize, options, random)).collect();
    let query_sums = sums(table, &queries, Weighing::Question);
    let code_sums = sums(table, &codes, Weighing::Code);
    let same = same(corpus, batch);
    let batch = Batch { queries: query_sums.view(), codes: code_sums.view(), same: &same };
    let (loss, query_gradient, code_gradient) = loss(&batch, shape);
    let gradients = Gradients {
        queries: query_gradient.as_slice().unwrap_or_default(),
        codes: code_gradient.as_slice().unwrap_or_default(),
    };
    optimizer.step(table, &queries, &codes, &gradients, rate);
    loss
}

fn weighted(bag: impl Iterator<Item = (u16, u8)>) -> WeightedBag {
    bag.map(|(piece, count)| (piece, f32::from(count).sqrt())).collect()
}

fn code(corpus: &Corpus, pair: usize, options: &Options, random: &mut Random) -> WeightedBag {
    let mut bag = weighted(corpus.bag(pair, Side::Text));
    if random.chance(options.context) {
        let context = weighted(corpus.bag(pair, Side::Context));
        bag.extend(context.into_iter().map(|(piece, w)| (piece, w * options.context_weight)));
    }
    bag
}

#[derive(Clone, Copy)]
enum Weighing {
    Question,
    Code,
}

fn sums(table: &Table, bags: &[WeightedBag], weighing: Weighing) -> Array2<f32> {
    let mut sums = vec![0.0; bags.len() * table.dimensions];
    sums.par_chunks_mut(table.dimensions).zip(bags).with_min_len(64).for_each(|(sum, bag)| {
        for &(piece, weight) in bag {
            let weight = match weighing {
                Weighing::Question => weight * table.weights[usize::from(piece)],
                Weighing::Code => weight,
            };
            let row = table.row(piece);
            sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
        }
    });
    Array2::from_shape_vec((bags.len(), table.dimensions), sums).expect("each bag has one sum")
}

/// The cells of a batch that are no wrong answers: the same question or the same code.
fn same(corpus: &Corpus, batch: &[u32]) -> Vec<(usize, usize)> {
    let mut same = Vec::new();
    for of in [|facts: &Facts| facts.query_hash, |facts: &Facts| facts.text_hash] {
        let mut by_hash: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
        for (at, pair) in batch.iter().enumerate() {
            let others = by_hash.entry(of(&corpus.pairs[*pair as usize])).or_default();
            same.extend(others.iter().flat_map(|&other| [(at, other), (other, at)]));
            others.push(at);
        }
    }
    same
}
