//! Rows to begin with, from a model that knows language: its vectors of the single pieces, cut
//! to the directions in which they differ most, frequent pieces shortened.
//!
//! Training moves them far, but words that are rare in the pairs keep what that model knew.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use flux_core::{Embedder, Passage};
use ndarray::{Array1, Array2, Axis};

use crate::random::Random;
use crate::vocabulary::Vocabulary;

/// How far frequent pieces are shortened: a piece that is this share of all text to a half
/// (smooth inverse frequency, Arora, Liang and Ma 2017).
const FREQUENT: f32 = 1e-3;
/// Length of a rare piece's row. With unit length the first steps are too large.
const LENGTH: f32 = 1.6;
/// Rounds of subspace iteration; the shares of the directions change by less than a thousandth
/// after 30.
const ROUNDS: usize = 40;

/// Pieces embedded at a time.
const BATCH: usize = 256;

/// The model in a folder, run by the ONNX Runtime at `runtime`.
#[cfg(feature = "onnx")]
pub(crate) fn open(folder: &Path, runtime: Option<PathBuf>) -> Result<Box<dyn Embedder>> {
    let settings = flux_embed::settings::RuntimeSettings { library: runtime, folders: Vec::new() };
    let model = flux_embed::onnx::OnnxEmbedder::from_folder(folder, &settings);
    model.map(|model| Box::new(model) as Box<dyn Embedder>).map_err(|error| anyhow!("{error}"))
}

/// Says how to get a program that can open it.
#[cfg(not(feature = "onnx"))]
pub(crate) fn open(folder: &Path, _: Option<PathBuf>) -> Result<Box<dyn Embedder>> {
    Err(anyhow!("{} cannot be run\nhint: build with --features onnx", folder.display()))
}

/// The vectors of all pieces by `model`, one after the other.
pub(crate) fn piece_vectors(model: &dyn Embedder, vocabulary: &Vocabulary) -> Result<Vec<f32>> {
    let mut vectors = Vec::with_capacity(vocabulary.pieces.len() * model.dimensions());
    for pieces in vocabulary.pieces.chunks(BATCH) {
        let passages: Vec<Passage<'_>> =
            pieces.iter().map(|piece| Passage { context: "", text: piece }).collect();
        let embedded = model.embed_passages(&passages).map_err(|error| anyhow!("{error}"))?;
        vectors.extend(embedded.into_iter().flatten());
    }
    Ok(vectors)
}

/// Rows of `dimensions` numbers from a model's vectors of the pieces, one row each, and how
/// often each piece occurs.
pub(crate) fn rows(vectors: &Array2<f32>, occurrences: &[u64], dimensions: usize) -> Vec<f32> {
    let mean: Array1<f32> = vectors.mean_axis(Axis(0)).unwrap_or_default();
    let centred = vectors - &mean;
    let covariance = centred.t().dot(&centred);
    let mut projected = centred.dot(&directions(&covariance, dimensions));
    let all = occurrences.iter().sum::<u64>().max(1) as f32;
    for (mut row, count) in projected.rows_mut().into_iter().zip(occurrences) {
        let length = row.dot(&row).sqrt().max(1e-9);
        let share = *count as f32 / all;
        let scale = LENGTH * FREQUENT / (FREQUENT + share) / length;
        row.mapv_inplace(|value| value * scale);
    }
    projected.into_raw_vec_and_offset().0
}

/// The directions of largest variance, as columns.
fn directions(covariance: &Array2<f32>, count: usize) -> Array2<f32> {
    let mut random = Random::new(0, 3);
    let shape = (covariance.nrows(), count.min(covariance.nrows()));
    let mut basis = Array2::from_shape_fn(shape, |_| random.normal());
    for _ in 0..ROUNDS {
        orthonormalize(&mut basis);
        basis = covariance.dot(&basis);
    }
    orthonormalize(&mut basis);
    basis
}

fn orthonormalize(basis: &mut Array2<f32>) {
    for at in 0..basis.ncols() {
        let mut column = basis.column(at).to_owned();
        // Twice, because once leaves too much of the others in it for single precision.
        for _ in 0..2 {
            let before = basis.slice(ndarray::s![.., ..at]);
            let along = before.t().dot(&column);
            column = column - before.dot(&along);
        }
        let length = column.dot(&column).sqrt().max(1e-12);
        basis.column_mut(at).assign(&(column / length));
    }
}
