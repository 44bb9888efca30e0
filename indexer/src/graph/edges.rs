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
    pub(super) fn new(len: usize, triples: &[(u32, u32, f32)]) -> Self {
        let (starts, mut targets) = grouped(len, triples);
        let mut edges = Self { starts: vec![0], targets: Vec::with_capacity(targets.len()) };
        for (node, range) in (0..).zip(starts.windows(2)) {
            let own = &mut targets[range[0] as usize..range[1] as usize];
            own.sort_by_key(|&(target, _)| target);
            edges.push_node(own.iter().copied().filter(|&(target, _)| target != node));
        }
        edges
    }

    /// Without any nodes, to be pushed one by one.
    pub(super) fn empty() -> Self {
        Self { starts: vec![0], targets: Vec::new() }
    }

    /// Appends a node with its edges, ascending by target.
    pub(super) fn push_node(&mut self, edges: impl Iterator<Item = (u32, f32)>) {
        let first = self.targets.len();
        for (target, weight) in edges {
            match self.targets[first..].last_mut() {
                Some(last) if last.0 == target => last.1 += weight,
                _ => self.targets.push((target, weight)),
            }
        }
        self.starts.push(self.targets.len() as u32);
    }

    /// Both directions of every edge, for algorithms on undirected graphs.
    pub(super) fn undirected(&self) -> Self {
        let reversed: Vec<(u32, u32, f32)> = (0..self.len())
            .flat_map(|node| {
                self.of(node).map(move |(to, weight)| (to as u32, node as u32, weight))
            })
            .collect();
        // Grouped in the order of their sources, the lists of both directions are ascending.
        let (starts, sources) = grouped(self.len(), &reversed);
        let mut both = Self::empty();
        both.targets.reserve(self.targets.len() * 2);
        for node in 0..self.len() {
            let mut into = sources[starts[node] as usize..starts[node + 1] as usize].iter();
            let mut from = self.targets[self.range(node)].iter();
            let (mut left, mut right) = (from.next(), into.next());
            both.push_node(std::iter::from_fn(|| {
                let is_left = match (left, right) {
                    (Some(left), Some(right)) => left.0 <= right.0,
                    (left, _) => left.is_some(),
                };
                match is_left {
                    true => std::mem::replace(&mut left, from.next()).copied(),
                    false => std::mem::replace(&mut right, into.next()).copied(),
                }
            }));
        }
        both
    }

    /// Number of nodes.
    pub(super) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    fn range(&self, node: usize) -> std::ops::Range<usize> {
        self.starts[node] as usize..self.starts[node + 1] as usize
    }

    /// Targets and weights of the edges from `node`, ascending by target.
    pub(super) fn of(&self, node: usize) -> impl Iterator<Item = (usize, f32)> {
        self.targets[self.range(node)].iter().map(|&(target, weight)| (target as usize, weight))
    }

    /// Sum of the weights of the edges from `node`.
    pub(super) fn out_weight(&self, node: usize) -> f64 {
        self.of(node).map(|(_, weight)| f64::from(weight)).sum()
    }
}

/// Where the edges of each node start, and all of them, those of one node in the order they came.
fn grouped(len: usize, triples: &[(u32, u32, f32)]) -> (Vec<u32>, Vec<(u32, f32)>) {
    let mut starts = vec![0_u32; len + 1];
    for (from, _, _) in triples {
        starts[*from as usize + 1] += 1;
    }
    for node in 0..len {
        starts[node + 1] += starts[node];
    }
    let mut next = starts.clone();
    let mut targets = vec![(0, 0.0); triples.len()];
    for &(from, to, weight) in triples {
        let place = &mut next[from as usize];
        targets[*place as usize] = (to, weight);
        *place += 1;
    }
    (starts, targets)
}

#[cfg(test)]
mod tests {
    use super::Edges;

    #[test]
    fn parallel_edges_add_up_and_loops_are_dropped() {
        let edges = Edges::new(3, &[(2, 0, 1.0), (0, 1, 1.0), (1, 1, 9.0), (0, 1, 2.0)]);
        assert_eq!(edges.of(0).collect::<Vec<_>>(), [(1, 3.0)]);
        assert_eq!(edges.of(1).count(), 0);
        assert_eq!(edges.of(2).collect::<Vec<_>>(), [(0, 1.0)]);
    }

    #[test]
    fn undirected_edges_are_seen_from_both_ends() {
        let edges = Edges::new(4, &[(0, 1, 1.5), (2, 1, 1.0), (1, 3, 0.5), (1, 0, 2.0)]);
        let both = edges.undirected();
        assert_eq!(both.of(0).collect::<Vec<_>>(), [(1, 3.5)]);
        assert_eq!(both.of(1).collect::<Vec<_>>(), [(0, 3.5), (2, 1.0), (3, 0.5)]);
        assert_eq!(both.of(3).collect::<Vec<_>>(), [(1, 0.5)]);
    }
}
