//! Weighted edges between definitions, as the algorithms read them.

/// Edges of a graph of `len` nodes, by source, parallel ones added up.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Edges {
    /// Where the edges of each node begin in `targets`; one more than there are nodes.
    starts: Vec<u32>,
    targets: Vec<(u32, f32)>,
}

impl Edges {
    /// From triples of source, target and weight, in any order. Loops are dropped.
    pub(super) fn new(len: usize, mut triples: Vec<(u32, u32, f32)>) -> Self {
        triples.retain(|(from, to, _)| from != to);
        triples.sort_by_key(|&(from, to, _)| (from, to));
        triples.dedup_by(|next, kept| {
            let is_parallel = (next.0, next.1) == (kept.0, kept.1);
            if is_parallel {
                kept.2 += next.2;
            }
            is_parallel
        });
        let mut starts = vec![0u32; len + 1];
        for (from, _, _) in &triples {
            starts[*from as usize + 1] += 1;
        }
        for node in 0..len {
            starts[node + 1] += starts[node];
        }
        let targets = triples.into_iter().map(|(_, to, weight)| (to, weight)).collect();
        Self { starts, targets }
    }

    /// Both directions of every edge, for algorithms on undirected graphs.
    pub(super) fn undirected(&self) -> Self {
        let mut triples = Vec::with_capacity(self.targets.len() * 2);
        for node in 0..self.len() {
            for (target, weight) in self.of(node) {
                triples.push((node as u32, target as u32, weight));
                triples.push((target as u32, node as u32, weight));
            }
        }
        Self::new(self.len(), triples)
    }

    /// Number of nodes.
    pub(super) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Targets and weights of the edges from `node`, ascending by target.
    pub(super) fn of(&self, node: usize) -> impl Iterator<Item = (usize, f32)> {
        let range = self.starts[node] as usize..self.starts[node + 1] as usize;
        self.targets[range].iter().map(|&(target, weight)| (target as usize, weight))
    }

    /// Sum of the weights of the edges from `node`.
    pub(super) fn out_weight(&self, node: usize) -> f64 {
        self.of(node).map(|(_, weight)| f64::from(weight)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Edges;

    #[test]
    fn parallel_edges_add_up_and_loops_are_dropped() {
        let edges = Edges::new(3, vec![(2, 0, 1.0), (0, 1, 1.0), (1, 1, 9.0), (0, 1, 2.0)]);
        assert_eq!(edges.of(0).collect::<Vec<_>>(), [(1, 3.0)]);
        assert_eq!(edges.of(1).count(), 0);
        assert_eq!(edges.of(2).collect::<Vec<_>>(), [(0, 1.0)]);
    }

    #[test]
    fn undirected_edges_are_seen_from_both_ends() {
        let both = Edges::new(2, vec![(0, 1, 1.5)]).undirected();
        assert_eq!(both.of(1).collect::<Vec<_>>(), [(0, 1.5)]);
        assert_eq!(both.of(0).collect::<Vec<_>>(), [(1, 1.5)]);
    }
}
