//! What is trained: a row for each piece, and what each piece counts for in a question.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flux_embed::builtin::format::Weights;
use rayon::prelude::*;

use crate::random::Random;

/// Decay of the mean of gradients.
const FIRST: f32 = 0.9;
/// Decay of the mean of their squares; shorter than usual, as there are few steps.
const SECOND: f32 = 0.99;
const TINY: f32 = 1e-8;
/// Standard deviation of the numbers of an untrained row.
const SPREAD: f32 = 0.05;

/// The numbers of a model.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    pub(crate) dimensions: usize,
    /// A row for each piece, one after the other.
    pub(crate) rows: Vec<f32>,
    /// What each piece counts for in a question.
    pub(crate) weights: Vec<f32>,
}

impl Table {
    /// A table that has learnt nothing.
    pub(crate) fn random(pieces: usize, dimensions: usize, seed: u64) -> Self {
        let mut random = Random::new(seed, 0);
        let rows = (0..pieces * dimensions).map(|_| random.normal() * SPREAD).collect();
        Self { dimensions, rows, weights: vec![1.0; pieces] }
    }

    /// A table that begins with these rows.
    pub(crate) fn from_rows(pieces: usize, rows: Vec<f32>) -> Result<Self> {
        ensure!(
            pieces > 0 && !rows.is_empty() && rows.len().is_multiple_of(pieces),
            "{} numbers are no rows for {pieces} pieces",
            rows.len()
        );
        Ok(Self { dimensions: rows.len() / pieces, rows, weights: vec![1.0; pieces] })
    }

    /// One row.
    pub(crate) fn row(&self, piece: u16) -> &[f32] {
        let from = usize::from(piece) * self.dimensions;
        &self.rows[from..from + self.dimensions]
    }

    /// The unit vector of a text: its bags, each with what it counts for.
    pub(crate) fn vector(
        &self,
        bags: &[(impl Iterator<Item = (u16, u8)> + Clone, f32)],
        is_query: bool,
    ) -> Vec<f32> {
        let mut sum = vec![0.0; self.dimensions];
        for (bag, share) in bags {
            for (piece, count) in bag.clone() {
                let asked = if is_query { self.weights[usize::from(piece)] } else { 1.0 };
                let weight = f32::from(count).sqrt() * share * asked;
                sum.iter_mut().zip(self.row(piece)).for_each(|(sum, x)| *sum += weight * x);
            }
        }
        let length = sum.iter().map(|x: &f32| x * x).sum::<f32>().sqrt().max(1e-9);
        sum.iter_mut().for_each(|x| *x /= length);
        sum
    }

    /// Writes rows and weights, each `f32` in little endian.
    pub(crate) fn save(&self, path: &Path) -> Result<()> {
        let mut bytes = Vec::with_capacity((self.rows.len() + self.weights.len()) * 4);
        self.rows.iter().chain(&self.weights).for_each(|number| bytes.extend(number.to_le_bytes()));
        fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Reads what [`Table::save`] wrote for this many pieces.
    pub(crate) fn load(path: &Path, pieces: usize) -> Result<Self> {
        let mut rows = floats(path)?;
        ensure!(rows.len() > pieces, "{} is too short", path.display());
        let weights = rows.split_off(rows.len() - pieces);
        Ok(Self { weights, ..Self::from_rows(pieces, rows)? })
    }

    /// The numbers of a weights file.
    pub(crate) fn of_weights(weights: &Weights) -> Self {
        let pieces = 0..weights.pieces().len() as u16;
        let row = |piece: u16| {
            let scale = weights.scale(piece);
            weights.row(piece).iter().map(move |value| f32::from(*value as i8) * scale)
        };
        Self {
            dimensions: weights.dimensions(),
            rows: pieces.clone().flat_map(row).collect(),
            weights: pieces.map(|piece| weights.weight(piece)).collect(),
        }
    }

    /// The mean of several tables.
    pub(crate) fn mean(tables: &[Self]) -> Self {
        let mean = |of: fn(&Self) -> &Vec<f32>| {
            let mut sum = vec![0.0_f32; of(&tables[0]).len()];
            for table in tables {
                sum.iter_mut().zip(of(table)).for_each(|(sum, value)| *sum += value);
            }
            sum.iter_mut().for_each(|sum| *sum /= tables.len() as f32);
            sum
        };
        let (rows, weights) = (mean(|table| &table.rows), mean(|table| &table.weights));
        Self { dimensions: tables[0].dimensions, rows, weights }
    }

    /// Moves the rows this share of the way towards `rows`.
    pub(crate) fn mix(&mut self, rows: &[f32], share: f32) {
        self.rows.iter_mut().zip(rows).for_each(|(own, other)| *own += share * (other - *own));
    }
}

/// The numbers in a file of `f32` in little endian.
pub(crate) fn floats(path: &Path) -> Result<Vec<f32>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (numbers, rest) = bytes.as_chunks::<4>();
    ensure!(rest.is_empty(), "{} does not hold whole numbers", path.display());
    Ok(numbers.iter().map(|number| f32::from_le_bytes(*number)).collect())
}

/// A bag on one side of a batch: pieces and their weights.
pub(crate) type WeightedBag = Vec<(u16, f32)>;

/// Adam that touches only the rows of pieces that occur. The means of the others stand still
/// meanwhile, which is what makes a step cost as much as its texts are long.
pub(crate) struct Optimizer {
    row_first: Vec<f32>,
    row_second: Vec<f32>,
    weight_moments: Vec<(f32, f32)>,
    step: i32,
}

/// The gradients of a batch's vectors, one row for each bag.
pub(crate) struct Gradients<'a> {
    pub(crate) queries: &'a [f32],
    pub(crate) codes: &'a [f32],
}

impl Optimizer {
    pub(crate) fn new(table: &Table) -> Self {
        Self {
            row_first: vec![0.0; table.rows.len()],
            row_second: vec![0.0; table.rows.len()],
            weight_moments: vec![(0.0, 0.0); table.weights.len()],
            step: 0,
        }
    }

    /// One step of size `rate`, against the gradients of the sums of these bags.
    pub(crate) fn step(
        &mut self,
        table: &mut Table,
        queries: &[WeightedBag],
        codes: &[WeightedBag],
        gradients: &Gradients<'_>,
        rate: f32,
    ) {
        self.step += 1;
        let size = table.dimensions;
        let query_uses = Uses::new(table.weights.len(), queries);
        let code_uses = Uses::new(table.weights.len(), codes);
        let correction =
            (1.0 / (1.0 - FIRST.powi(self.step)), 1.0 / (1.0 - SECOND.powi(self.step)));
        let rows = table.rows.par_chunks_mut(size).zip(table.weights.par_iter_mut());
        let moments = (self.row_first.par_chunks_mut(size))
            .zip(self.row_second.par_chunks_mut(size))
            .zip(self.weight_moments.par_iter_mut());
        rows.zip(moments).enumerate().with_min_len(256).for_each_init(
            || vec![0.0_f32; size],
            |gradient, (piece, ((row, weight), ((first, second), weight_moments)))| {
                if query_uses.of(piece).is_empty() && code_uses.of(piece).is_empty() {
                    return;
                }
                gradient.fill(0.0);
                query_uses.sum(piece, gradients.queries, gradient);
                let slope: f32 = row.iter().zip(&*gradient).map(|(row, g)| row * g).sum();
                gradient.iter_mut().for_each(|g| *g *= *weight);
                code_uses.sum(piece, gradients.codes, gradient);
                for (((row, g), m), v) in row.iter_mut().zip(&*gradient).zip(first).zip(second) {
                    *row -= rate * adam(*g, m, v, correction);
                }
                if !query_uses.of(piece).is_empty() {
                    let (m, v) = weight_moments;
                    *weight -= rate * adam(slope, m, v, correction);
                }
            },
        );
    }
}

#[inline]
fn adam(gradient: f32, first: &mut f32, second: &mut f32, correction: (f32, f32)) -> f32 {
    *first = FIRST * *first + (1.0 - FIRST) * gradient;
    *second = SECOND * *second + (1.0 - SECOND) * gradient * gradient;
    *first * correction.0 / ((*second * correction.1).sqrt() + TINY)
}

/// For each piece, the bags that hold it.
struct Uses {
    ends: Vec<u32>,
    uses: Vec<(u32, f32)>,
}

impl Uses {
    fn new(pieces: usize, bags: &[WeightedBag]) -> Self {
        let mut next = vec![0_u32; pieces + 1];
        for (piece, _) in bags.iter().flatten() {
            next[usize::from(*piece) + 1] += 1;
        }
        for at in 1..next.len() {
            next[at] += next[at - 1];
        }
        let mut uses = vec![(0, 0.0); next[pieces] as usize];
        for (bag, pieces) in bags.iter().enumerate() {
            for (piece, weight) in pieces {
                let at = &mut next[usize::from(*piece)];
                uses[*at as usize] = (bag as u32, *weight);
                *at += 1;
            }
        }
        Self { ends: next, uses }
    }

    fn of(&self, piece: usize) -> &[(u32, f32)] {
        let from = if piece == 0 { 0 } else { self.ends[piece - 1] };
        &self.uses[from as usize..self.ends[piece] as usize]
    }

    /// Adds the piece's share of each of its bags' gradients.
    fn sum(&self, piece: usize, gradients: &[f32], sum: &mut [f32]) {
        for (bag, weight) in self.of(piece) {
            let from = *bag as usize * sum.len();
            let gradient = &gradients[from..from + sum.len()];
            sum.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += weight * g);
        }
    }
}
