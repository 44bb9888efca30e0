//! How well a table finds the function that a comment describes, in repositories it was not
//! trained on: the mean reciprocal rank of the right one against 999 others.

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::corpus::{Corpus, Side};
use crate::random::Random;
use crate::table::Table;

/// Functions that a question chooses from.
const CHOICES: usize = 1000;
/// A language with fewer questions is not reported on its own.
const FEWEST: usize = 100;

/// A mean reciprocal rank, and of how many questions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mean {
    pub(crate) reciprocal_rank: f64,
    pub(crate) questions: usize,
}

/// The mean reciprocal rank over all of these pairs and for each language with enough of them.
/// Only pairs of kind `doc` are asked.
pub(crate) fn measure(
    corpus: &Corpus,
    pairs: &[u32],
    table: &Table,
) -> (Mean, BTreeMap<String, Mean>) {
    let mut asked: Vec<u32> = (pairs.iter().copied())
        .filter(|pair| corpus.kinds[usize::from(corpus.pairs[*pair as usize].kind)] == "doc")
        .collect();
    Random::new(0, 2).shuffle(&mut asked);
    let mut languages: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for &pair in &asked {
        let language = &corpus.languages[usize::from(corpus.pairs[pair as usize].language)];
        languages.entry(language.clone()).or_default().push(pair);
    }
    let by_language = (languages.into_iter())
        .filter(|(_, pairs)| pairs.len() >= FEWEST)
        .map(|(language, pairs)| (language, mean(corpus, &pairs, table)))
        .collect();
    (mean(corpus, &asked, table), by_language)
}

fn mean(corpus: &Corpus, pairs: &[u32], table: &Table) -> Mean {
    // A last group that is smaller would be easier; it is left out unless it is the only one.
    let groups: Vec<&[u32]> = match pairs.len() / CHOICES {
        0 => vec![pairs],
        whole => pairs[..whole * CHOICES].chunks(CHOICES).collect(),
    };
    let sums: Vec<f64> =
        groups.par_iter().map(|group| reciprocal_ranks(corpus, group, table)).collect();
    let questions: usize = groups.iter().map(|group| group.len()).sum();
    Mean { reciprocal_rank: sums.iter().sum::<f64>() / questions.max(1) as f64, questions }
}

fn reciprocal_ranks(corpus: &Corpus, pairs: &[u32], table: &Table) -> f64 {
    let vectors = |side| {
        let mut all = Vec::with_capacity(pairs.len() * table.dimensions);
        for &pair in pairs {
            all.extend(
                table.vector(&[(corpus.bag(pair as usize, side), 1.0)], side == Side::Query),
            );
        }
        all
    };
    let (queries, codes) = (vectors(Side::Query), vectors(Side::Text));
    let shape = (pairs.len(), table.dimensions);
    let view = |numbers| ArrayView2::from_shape(shape, numbers).expect("each has one vector");
    let cosines: Array2<f32> = view(&queries).dot(&view(&codes).t());
    let ranks = cosines.rows().into_iter().enumerate().map(|(at, row)| {
        let better = row.iter().filter(|cosine| **cosine > row[at]).count();
        // Equal ones share the places they take, so that a table of zeros earns nothing.
        let equal = row.iter().filter(|cosine| **cosine == row[at]).count();
        1.0 / (better as f64 + (equal as f64 + 1.0) / 2.0)
    });
    ranks.sum()
}
