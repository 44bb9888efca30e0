//! Personalised PageRank (Haveliwala: Topic-Sensitive PageRank, 2002): how much a definition
//! matters to those who start from certain others.

use flux_core::{EdgeKind, Tier};
use flux_store::graph::{Adjacency, Edge};

use crate::error::QueryError;

/// Share of the rank that follows edges; the rest returns to where it started.
const DAMPING: f32 = 0.85;
/// A fixed number, so that equal graphs give equal ranks to the last bit.
const ROUNDS: usize = 20;

/// The rank of each node when walks start at `starts`, nodes with weights of any size.
pub(super) fn personalised(
    graph: &Adjacency<'_>,
    starts: &[(u32, f32)],
) -> Result<Vec<f32>, QueryError> {
    let mut edges: Vec<(u32, u32, f32)> = graph
        .edges()?
        .iter()
        .filter_map(|edge| Some((edge.from, edge.to, weight(edge)?)))
        .collect();
    edges.sort_unstable_by_key(|(from, to, _)| (*from, *to));
    Ok(walk(graph.len(), &edges, starts))
}

/// What an edge carries; none for one that proves nothing or leads nowhere else.
fn weight(edge: &Edge) -> Option<f32> {
    let kind = match edge.kind {
        EdgeKind::Calls | EdgeKind::Inherits | EdgeKind::Implements => 1.0,
        EdgeKind::References | EdgeKind::Overrides => 0.5,
        EdgeKind::Imports => 0.2,
    };
    let tier = match edge.tier {
        Tier::Exact => 1.0,
        Tier::Likely => 0.7,
        Tier::Name => return None,
    };
    (edge.from != edge.to).then_some(kind * tier)
}

fn walk(count: usize, edges: &[(u32, u32, f32)], starts: &[(u32, f32)]) -> Vec<f32> {
    let total: f32 = starts.iter().map(|(_, weight)| weight).sum();
    let mut start = vec![0.0_f32; count];
    for (node, weight) in starts {
        start[*node as usize] += weight / total.max(f32::MIN_POSITIVE);
    }
    let mut sums = vec![0.0_f32; count];
    for (from, _, weight) in edges {
        sums[*from as usize] += weight;
    }
    let mut rank = start.clone();
    for _ in 0..ROUNDS {
        let idle: f32 = (0..count).filter(|node| sums[*node] == 0.0).map(|node| rank[node]).sum();
        let back = 1.0 - DAMPING + DAMPING * idle;
        let mut next: Vec<f32> = start.iter().map(|share| share * back).collect();
        for (from, to, weight) in edges {
            let from = *from as usize;
            next[*to as usize] += DAMPING * rank[from] * weight / sums[from];
        }
        rank = next;
    }
    rank
}

#[cfg(test)]
mod tests {
    use super::walk;

    #[test]
    fn rank_stays_near_where_it_starts() {
        // 0 → 1 → 2, and 3 → 4 apart from them.
        let edges = [(0, 1, 1.0), (1, 2, 1.0), (3, 4, 1.0)];
        let rank = walk(5, &edges, &[(0, 2.0)]);
        assert!(rank[0] > rank[1] && rank[1] > rank[2] && rank[2] > 0.0);
        assert_eq!((rank[3], rank[4]), (0.0, 0.0));
        assert!((rank.iter().sum::<f32>() - 1.0).abs() < 1e-3);
    }
}
