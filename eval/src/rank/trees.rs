//! Gradient-boosted trees on lambdas: histograms over binned features, Newton steps, shrinkage,
//! and a monotone trend where a feature has one.
//!
//! Sums are taken over fixed pieces of rows and added in their order, so that the number of
//! threads cannot change a tree.

use flux_engine::query::rank::features::{Feature, Trend};
use flux_engine::query::rank::model::{Model, Node, Split, Tree};
use flux_engine::query::rank::spread::SameFile;
use rayon::prelude::*;

use super::examples::Query;
use super::lambdas::{Lambda, lambdas};

/// Bins of a feature at most.
const BINS: usize = 64;
/// Rows whose sums are taken by one thread.
const PIECE: usize = 16_384;

/// How trees are grown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Growth {
    pub(crate) trees: usize,
    pub(crate) depth: usize,
    /// By what every tree is multiplied.
    pub(crate) rate: f32,
    /// The share of features that a tree may use.
    pub(crate) features: f64,
    /// The share of questions that a tree learns from.
    pub(crate) questions: f64,
    /// Curvature below which a leaf is too small.
    pub(crate) least: f64,
    /// What holds leaves near zero.
    pub(crate) calm: f64,
}

/// Grows trees on top of `start`; `left_out` are features that may not be used.
pub(crate) fn grow(
    queries: &[&Query],
    start: &Model,
    growth: &Growth,
    left_out: &[Feature],
) -> Model {
    let rows = Rows::of(queries);
    let mut model = start.clone();
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut scores: Vec<Vec<f32>> = queries
        .iter()
        .map(|query| query.candidates.iter().map(|one| start.score(&one.features)).collect())
        .collect();
    let usable: Vec<usize> = (0..Feature::COUNT)
        .filter(|at| !left_out.contains(&Feature::ALL[*at]) && rows.edges[*at].len() > 1)
        .collect();
    for _ in 0..growth.trees {
        let chosen: Vec<bool> = queries.iter().map(|_| chance.is_below(growth.questions)).collect();
        let used: Vec<usize> =
            usable.iter().copied().filter(|_| chance.is_below(growth.features)).collect();
        let slopes = slopes(queries, &scores, &chosen, SameFile::Less(start.same_file));
        let tree = Grower { rows: &rows, slopes: &slopes, growth, used: &used }.tree();
        for (query, scores) in queries.iter().zip(&mut scores) {
            for (candidate, score) in query.candidates.iter().zip(scores) {
                *score += tree.value(&candidate.features);
            }
        }
        model.trees.push(tree);
    }
    model
}

fn slopes(
    queries: &[&Query],
    scores: &[Vec<f32>],
    chosen: &[bool],
    same_file: SameFile,
) -> Vec<Lambda> {
    let each: Vec<Vec<Lambda>> = (0..queries.len())
        .into_par_iter()
        .map(|at| match chosen[at] {
            true => lambdas(queries[at], &scores[at], same_file),
            false => vec![Lambda::default(); scores[at].len()],
        })
        .collect();
    each.concat()
}

/// All candidates of all questions, their features cut into bins.
struct Rows {
    /// Row by row.
    bins: Vec<u8>,
    /// Upper ends of the bins of each feature but the last.
    edges: Vec<Vec<f32>>,
}

impl Rows {
    fn of(queries: &[&Query]) -> Self {
        let candidates = || queries.iter().flat_map(|query| &query.candidates);
        let edges: Vec<Vec<f32>> = Feature::ALL
            .par_iter()
            .map(|feature| edges(candidates().map(|one| one.features.get(*feature)).collect()))
            .collect();
        let bins = candidates().flat_map(|one| {
            let cut = |(value, edges): (&f32, &Vec<f32>)| {
                edges.partition_point(|edge| edge < value) as u8
            };
            one.features.values().iter().zip(&edges).map(cut).collect::<Vec<u8>>()
        });
        Self { bins: bins.collect(), edges }
    }

    fn bin(&self, row: u32, feature: usize) -> u8 {
        self.bins[row as usize * Feature::COUNT + feature]
    }
}

/// Cuts values into bins of about the same size; values of one bin are never split by rounding,
/// since an edge lies midway between two values.
fn edges(mut values: Vec<f32>) -> Vec<f32> {
    values.sort_unstable_by(f32::total_cmp);
    let mut edges: Vec<f32> = Vec::new();
    for cut in 1..BINS {
        let at = cut * values.len() / BINS;
        let Some((low, high)) = neighbours(&values, at) else { continue };
        let edge = low + (high - low) / 2.0;
        if edges.last().is_none_or(|last| *last < edge) {
            edges.push(edge);
        }
    }
    edges.push(f32::MAX);
    edges
}

/// The value at a position and the next larger one.
fn neighbours(sorted: &[f32], at: usize) -> Option<(f32, f32)> {
    let low = *sorted.get(at)?;
    let next = sorted.partition_point(|value| *value <= low);
    Some((low, *sorted.get(next)?))
}

/// Sums of slopes and curves.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    slope: f64,
    curve: f64,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.slope += other.slope;
        self.curve += other.curve;
    }

    fn less(self, other: Self) -> Self {
        Self { slope: self.slope - other.slope, curve: self.curve - other.curve }
    }
}

type Histogram = Vec<Sums>;

/// Between what a leaf may lie.
#[derive(Clone, Copy)]
struct Bounds {
    low: f64,
    high: f64,
}

struct Grower<'a> {
    rows: &'a Rows,
    slopes: &'a [Lambda],
    growth: &'a Growth,
    used: &'a [usize],
}

struct Cut {
    gain: f64,
    feature: usize,
    bin: usize,
    left: Sums,
    /// Values of the two sides.
    values: (f64, f64),
}

impl Grower<'_> {
    fn tree(&self) -> Tree {
        let rows: Vec<u32> = (0..self.slopes.len() as u32)
            .filter(|row| self.slopes[*row as usize].curve > 0.0)
            .collect();
        let histogram = self.histogram(&rows);
        let sums = self.sums(&rows);
        let mut nodes = Vec::new();
        let bounds = Bounds { low: f64::MIN, high: f64::MAX };
        self.node(rows, histogram, sums, bounds, self.growth.depth, &mut nodes);
        // A constant moves nothing within a question; without it explanations start at zero.
        let root = nodes.first().map_or(0.0, |node| node.value);
        for node in &mut nodes {
            node.value -= root;
        }
        Tree { nodes }
    }

    fn node(
        &self,
        rows: Vec<u32>,
        histogram: Histogram,
        sums: Sums,
        bounds: Bounds,
        depth: usize,
        nodes: &mut Vec<Node>,
    ) {
        let at = nodes.len();
        let value = (self.value(sums, bounds) * f64::from(self.growth.rate)) as f32;
        nodes.push(Node { value, split: None });
        let Some(cut) = (depth > 0).then(|| self.best_cut(&histogram, sums, bounds)).flatten()
        else {
            return;
        };
        let (low, high): (Vec<u32>, Vec<u32>) = rows
            .into_iter()
            .partition(|row| usize::from(self.rows.bin(*row, cut.feature)) <= cut.bin);
        let (low_histogram, high_histogram) = self.halves(&low, &high, &histogram);
        let (low_bounds, high_bounds) = split_bounds(&cut, bounds);
        self.node(low, low_histogram, cut.left, low_bounds, depth - 1, nodes);
        let above = nodes.len() as u32;
        self.node(high, high_histogram, sums.less(cut.left), high_bounds, depth - 1, nodes);
        let threshold = self.rows.edges[cut.feature][cut.bin];
        nodes[at].split = Some(Split { feature: Feature::ALL[cut.feature], threshold, above });
    }

    /// The histograms of two halves: the smaller is counted, the other is what remains.
    fn halves(&self, low: &[u32], high: &[u32], whole: &Histogram) -> (Histogram, Histogram) {
        let rest = |part: &Histogram| -> Histogram {
            whole.iter().zip(part).map(|(whole, part)| whole.less(*part)).collect()
        };
        if low.len() <= high.len() {
            let low = self.histogram(low);
            let high = rest(&low);
            (low, high)
        } else {
            let high = self.histogram(high);
            (rest(&high), high)
        }
    }

    fn histogram(&self, rows: &[u32]) -> Histogram {
        let pieces: Vec<Histogram> = rows
            .par_chunks(PIECE)
            .map(|piece| {
                let mut histogram = vec![Sums::default(); Feature::COUNT * BINS];
                for row in piece {
                    let lambda = self.slopes[*row as usize];
                    let one = Sums { slope: lambda.slope.into(), curve: lambda.curve.into() };
                    for feature in self.used {
                        let bin = self.rows.bin(*row, *feature);
                        histogram[feature * BINS + usize::from(bin)].add(one);
                    }
                }
                histogram
            })
            .collect();
        let mut whole = vec![Sums::default(); Feature::COUNT * BINS];
        for piece in pieces {
            whole.iter_mut().zip(piece).for_each(|(sum, part)| sum.add(part));
        }
        whole
    }

    fn sums(&self, rows: &[u32]) -> Sums {
        let mut sums = Sums::default();
        for row in rows {
            let lambda = self.slopes[*row as usize];
            sums.add(Sums { slope: lambda.slope.into(), curve: lambda.curve.into() });
        }
        sums
    }

    /// The best value of a leaf.
    fn value(&self, sums: Sums, bounds: Bounds) -> f64 {
        (sums.slope / (sums.curve + self.growth.calm)).clamp(bounds.low, bounds.high)
    }

    /// What a leaf of some value gains.
    fn gain(&self, sums: Sums, value: f64) -> f64 {
        sums.slope * value - (sums.curve + self.growth.calm) * value * value / 2.0
    }

    fn best_cut(&self, histogram: &Histogram, sums: Sums, bounds: Bounds) -> Option<Cut> {
        let whole = self.gain(sums, self.value(sums, bounds));
        let mut best: Option<Cut> = None;
        for feature in self.used {
            let mut left = Sums::default();
            for bin in 0..self.rows.edges[*feature].len() - 1 {
                left.add(histogram[feature * BINS + bin]);
                let right = sums.less(left);
                if left.curve < self.growth.least || right.curve < self.growth.least {
                    continue;
                }
                let values = (self.value(left, bounds), self.value(right, bounds));
                if Feature::ALL[*feature].trend() == Trend::Up && values.0 > values.1 {
                    continue;
                }
                let gain = self.gain(left, values.0) + self.gain(right, values.1) - whole;
                if gain > best.as_ref().map_or(0.0, |best| best.gain) {
                    best = Some(Cut { gain, feature: *feature, bin, left, values });
                }
            }
        }
        best
    }
}

/// What keeps a later split on one side from undoing the trend of this one.
fn split_bounds(cut: &Cut, bounds: Bounds) -> (Bounds, Bounds) {
    if Feature::ALL[cut.feature].trend() == Trend::Free {
        return (bounds, bounds);
    }
    let middle = (cut.values.0 + cut.values.1) / 2.0;
    (Bounds { high: middle, ..bounds }, Bounds { low: middle, ..bounds })
}

/// Numbers that look drawn by chance and are the same in every run (xorshift).
struct Chance(u64);

impl Chance {
    fn is_below(&mut self, share: f64) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64 <= share
    }
}
