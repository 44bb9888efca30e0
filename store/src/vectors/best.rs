//! The best few of many, found while they are met.

use std::collections::BinaryHeap;

use super::reader::VectorHit;

/// Keeps the `k` best hits it is offered.
pub(super) struct Best {
    k: usize,
    /// The worst on top.
    heap: BinaryHeap<Ranked>,
}

/// A hit, greater the later it is listed.
#[derive(PartialEq)]
struct Ranked(VectorHit);

impl Eq for Ranked {}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.rank_order(&other.0)
    }
}

impl Best {
    pub(super) fn new(k: usize) -> Self {
        Self { k, heap: BinaryHeap::new() }
    }

    /// Whether `hit` would be kept.
    pub(super) fn wants(&self, hit: &VectorHit) -> bool {
        let has_room = self.heap.len() < self.k;
        let is_better = || {
            self.heap.peek().is_some_and(|worst| {
                hit.similarity >= worst.0.similarity && hit.rank_order(&worst.0).is_lt()
            })
        };
        hit.similarity.is_finite() && (has_room || is_better())
    }

    /// Keeps a hit that is wanted.
    pub(super) fn keep(&mut self, hit: VectorHit) {
        if self.heap.len() == self.k {
            self.heap.pop();
        }
        self.heap.push(Ranked(hit));
    }

    /// The best, the very best first.
    pub(super) fn into_hits(self) -> Vec<VectorHit> {
        self.heap.into_sorted_vec().into_iter().map(|ranked| ranked.0).collect()
    }
}
