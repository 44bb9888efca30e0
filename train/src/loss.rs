//! How far questions are from their code, and which way to move them: the two-way contrastive
//! loss over a batch (InfoNCE), on the whole vectors and on their first halves and quarters, so
//! that shortened vectors work too (Matryoshka).

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

/// What the direction from code to question counts for, that from question to code counting 1.
const BACKWARD: f32 = 0.5;
/// Rows of the matrix of similarities that are worked on at a time, by one core.
const BAND: usize = 128;

/// What shapes the loss.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// What cosines are multiplied with before they compete.
    pub(crate) scale: f32,
    /// Lengths of vectors and what the loss on each counts for.
    pub(crate) prefixes: Vec<(usize, f32)>,
}

/// A batch: row `i` of `codes` answers row `i` of `queries`.
pub(crate) struct Batch<'a> {
    /// Sums of rows, not of unit length.
    pub(crate) queries: ArrayView2<'a, f32>,
    /// The same for the code.
    pub(crate) codes: ArrayView2<'a, f32>,
    /// Pairs of rows that are no wrong answers to each other.
    pub(crate) same: &'a [(usize, usize)],
}

/// The loss, and its gradients with respect to both sides.
pub(crate) fn loss(batch: &Batch<'_>, shape: &Shape) -> (f32, Array2<f32>, Array2<f32>) {
    let mut total = 0.0;
    let mut gradients = (Array2::zeros(batch.queries.dim()), Array2::zeros(batch.codes.dim()));
    for &(length, share) in &shape.prefixes {
        let (queries, query_lengths) = units(batch.queries.slice(s![.., ..length]));
        let (codes, code_lengths) = units(batch.codes.slice(s![.., ..length]));
        let (loss, pulls) = pulls(&queries, &codes, batch.same, shape.scale);
        let factor = share * shape.scale;
        let mut moved = Array2::zeros(queries.dim());
        product(&pulls.view(), &codes.view(), &mut moved);
        add(&mut gradients.0, &moved, &queries, &query_lengths, factor);
        product(&pulls.t(), &queries.view(), &mut moved);
        add(&mut gradients.1, &moved, &codes, &code_lengths, factor);
        total += share * loss;
    }
    (total, gradients.0, gradients.1)
}

/// Rows of unit length, and the lengths they had.
fn units(rows: ArrayView2<'_, f32>) -> (Array2<f32>, Vec<f32>) {
    let mut units = rows.to_owned();
    let lengths = units
        .rows_mut()
        .into_iter()
        .map(|mut row| {
            let length = row.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-6);
            row.iter_mut().for_each(|x| *x /= length);
            length
        })
        .collect();
    (units, lengths)
}

/// The loss, and its derivative with respect to each scaled cosine.
fn pulls(
    queries: &Array2<f32>,
    codes: &Array2<f32>,
    same: &[(usize, usize)],
    scale: f32,
) -> (f32, Array2<f32>) {
    let count = queries.nrows();
    let mut cells = Array2::zeros((count, count));
    product(&queries.view(), &codes.t(), &mut cells);
    let right: Vec<f32> = cells.diag().to_vec();
    // Cosines are at most 1, so a fixed shift takes the place of the usual maximum.
    cells.axis_chunks_iter_mut(Axis(0), BAND).into_par_iter().for_each(|mut band| {
        for mut row in band.rows_mut() {
            row.iter_mut().for_each(|cell| *cell = exponential(scale * (*cell - 1.0)));
        }
    });
    for &(row, column) in same {
        cells[[row, column]] = 0.0;
    }
    let rows: Vec<f32> = cells.rows().into_iter().map(|row| row.iter().sum()).collect();
    let mut columns = vec![0.0_f32; count];
    for row in cells.rows() {
        columns.iter_mut().zip(row).for_each(|(sum, cell)| *sum += cell);
    }
    let (forward, backward) = (1.0 / count as f32, BACKWARD / count as f32);
    let by_row: Vec<f32> = rows.iter().map(|sum| forward / sum).collect();
    let by_column: Vec<f32> = columns.iter().map(|sum| backward / sum).collect();
    cells.axis_chunks_iter_mut(Axis(0), BAND).into_par_iter().enumerate().for_each(
        |(at, mut band)| {
            for (row, mut cells) in band.rows_mut().into_iter().enumerate() {
                let of_row = by_row[at * BAND + row];
                let pull = |cell: &mut f32, column: &f32| *cell *= of_row + column;
                cells.iter_mut().zip(&by_column).for_each(|(cell, column)| pull(cell, column));
            }
        },
    );
    let mut loss = 0.0;
    for at in 0..count {
        cells[[at, at]] -= forward + backward;
        let shifted = scale * (right[at] - 1.0);
        loss += forward * (rows[at].ln() - shifted) + backward * (columns[at].ln() - shifted);
    }
    (loss, cells)
}

/// `left` times `right`, each core a band of rows.
fn product(left: &ArrayView2<'_, f32>, right: &ArrayView2<'_, f32>, out: &mut Array2<f32>) {
    out.axis_chunks_iter_mut(Axis(0), BAND)
        .into_par_iter()
        .zip(left.axis_chunks_iter(Axis(0), BAND).into_par_iter())
        .for_each(|(mut out, left)| general_mat_mul(1.0, &left, right, 0.0, &mut out));
}

/// Adds the gradient of unit rows as that of the rows they were made of.
fn add(
    sum: &mut Array2<f32>,
    moved: &Array2<f32>,
    units: &Array2<f32>,
    lengths: &[f32],
    factor: f32,
) {
    for (at, mut sum) in sum.rows_mut().into_iter().enumerate() {
        let (moved, unit) = (moved.row(at), units.row(at));
        let along = moved.dot(&unit);
        let factor = factor / lengths[at];
        for ((sum, moved), unit) in sum.iter_mut().zip(moved).zip(unit) {
            *sum += factor * (moved - along * unit);
        }
    }
}

/// e to the `x` for `x` from -80 to 0, to seven digits. The library's does not vectorise and
/// took half of a step.
#[inline]
fn exponential(x: f32) -> f32 {
    let doublings = x.max(-80.0) * std::f32::consts::LOG2_E;
    let whole = doublings.floor();
    let part = (doublings - whole) * std::f32::consts::LN_2;
    let series = 1.0
        + part
            * (1.0
                + part
                    * (0.5
                        + part
                            * (1.0 / 6.0
                                + part * (1.0 / 24.0 + part * (1.0 / 120.0 + part / 720.0)))));
    f32::from_bits(((whole as i32 + 127) << 23) as u32) * series
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::{Batch, Shape, exponential, loss};
    use crate::random::Random;

    #[test]
    fn the_exponential_is_that_of_the_library() {
        for step in 0..800 {
            let x = step as f32 * -0.05;
            assert!((exponential(x) / x.exp() - 1.0).abs() < 1e-5, "{x}");
        }
    }

    #[test]
    fn gradients_are_the_slopes_of_the_loss() {
        let mut random = Random::new(1, 0);
        let mut side = || Array2::from_shape_fn((6, 8), |_| random.normal());
        let (queries, codes) = (side(), side());
        let shape = Shape { scale: 3.0, prefixes: vec![(8, 1.0), (4, 0.3)] };
        let at = |queries: &Array2<f32>, codes: &Array2<f32>| {
            let batch =
                Batch { queries: queries.view(), codes: codes.view(), same: &[(0, 3), (3, 0)] };
            loss(&batch, &shape)
        };
        let (_, query_gradient, code_gradient) = at(&queries, &codes);
        for cell in [[0, 0], [3, 5], [5, 7]] {
            let slope = |is_query: bool, by: f32| {
                let (mut queries, mut codes) = (queries.clone(), codes.clone());
                let side = if is_query { &mut queries } else { &mut codes };
                side[cell] += by;
                at(&queries, &codes).0
            };
            let of_query = (slope(true, 0.01) - slope(true, -0.01)) / 0.02;
            let of_code = (slope(false, 0.01) - slope(false, -0.01)) / 0.02;
            assert!((of_query - query_gradient[cell]).abs() < 1e-3, "{of_query} {cell:?}");
            assert!((of_code - code_gradient[cell]).abs() < 1e-3, "{of_code} {cell:?}");
        }
    }
}
