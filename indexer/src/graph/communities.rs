//! Communities: definitions that refer to each other more than to the rest, by the Louvain method
//! (Blondel, Guillaume, Lambiotte, Lefebvre: Fast unfolding of communities in large networks,
//! 2008), with a queue of nodes whose neighbours moved, as in that of Leiden. Nodes are visited in
//! order, so equal graphs give equal communities.

use std::collections::VecDeque;

use super::edges::Edges;

/// Looks at each node within one level, in the mean; nearly all moves are made in the first few.
const PASSES: usize = 10;
/// Levels of merging; modularity hardly grows after the third.
const LEVELS: usize = 5;

/// The community of each node, numbered from 0 in order of their first node. Nodes without edges
/// are communities of their own. `edges` has one direction of each.
pub(super) fn communities(edges: &Edges) -> Vec<u32> {
    let mut graph = Level::new(edges.undirected());
    let mut community: Vec<u32> = (0..edges.len() as u32).collect();
    for _ in 0..LEVELS {
        let moved = graph.partition();
        let parts = moved.iter().max().map_or(0, |last| *last as usize + 1);
        for own in &mut community {
            *own = moved[*own as usize];
        }
        if parts == graph.edges.len() {
            break;
        }
        graph = graph.merged(&moved, parts);
    }
    renumbered(&community)
}

/// One level of merging: nodes are the communities of the level below.
struct Level {
    edges: Edges,
    /// Weight of the edges inside each node, counted from both ends.
    inner: Vec<f64>,
    /// Weight of all edges of each node, `inner` included.
    degree: Vec<f64>,
}

impl Level {
    fn new(edges: Edges) -> Self {
        let inner = vec![0.0; edges.len()];
        Self::with_inner(edges, inner)
    }

    fn with_inner(edges: Edges, inner: Vec<f64>) -> Self {
        let degree = (0..edges.len()).map(|node| edges.out_weight(node) + inner[node]).collect();
        Self { edges, inner, degree }
    }

    /// Moves nodes to the neighbouring community that raises modularity most, until none moves. A
    /// node is looked at again when a neighbour went elsewhere. Communities are numbered in order
    /// of their first node.
    fn partition(&self) -> Vec<u32> {
        let count = self.edges.len();
        let total: f64 = self.degree.iter().sum();
        let mut community: Vec<u32> = (0..count as u32).collect();
        let mut sums = self.degree.clone();
        let mut links = Links::new(count);
        let mut pending: VecDeque<u32> = (0..count as u32).collect();
        let mut is_pending = vec![true; count];
        let mut visits = count * PASSES;
        while let Some(node) = pending.pop_front().filter(|_| visits > 0) {
            visits -= 1;
            let node = node as usize;
            is_pending[node] = false;
            let own = community[node];
            links.clear();
            links.add(own, 0.0);
            for (other, weight) in self.edges.of(node) {
                links.add(community[other], f64::from(weight));
            }
            sums[own as usize] -= self.degree[node];
            let share = self.degree[node] / total;
            let gain = |there: u32| links.to(there) - share * sums[there as usize];
            let mut best = (own, gain(own));
            for &there in &links.near[1..] {
                let raised = gain(there);
                if raised > best.1 + 1e-9 {
                    best = (there, raised);
                }
            }
            sums[best.0 as usize] += self.degree[node];
            if best.0 == own {
                continue;
            }
            community[node] = best.0;
            for (other, _) in self.edges.of(node) {
                if community[other] != best.0 && !is_pending[other] {
                    is_pending[other] = true;
                    pending.push_back(other as u32);
                }
            }
        }
        renumbered(&community)
    }

    /// The graph whose nodes are the `parts` communities.
    fn merged(&self, community: &[u32], parts: usize) -> Self {
        let mut members = vec![Vec::new(); parts];
        for (node, own) in community.iter().enumerate() {
            members[*own as usize].push(node);
        }
        let mut inner = vec![0.0; parts];
        let mut edges = Edges::empty();
        let mut links = Links::new(parts);
        for (own, members) in members.iter().enumerate() {
            links.clear();
            for &node in members {
                inner[own] += self.inner[node];
                for (other, weight) in self.edges.of(node) {
                    links.add(community[other], f64::from(weight));
                }
            }
            inner[own] += links.to(own as u32);
            links.near.sort_unstable();
            let others = links.near.iter().filter(|other| **other != own as u32);
            edges.push_node(others.map(|other| (*other, links.to(*other) as f32)));
        }
        Self::with_inner(edges, inner)
    }
}

/// The weight of the edges from one node, or several, to each community.
struct Links {
    weights: Vec<f64>,
    is_near: Vec<bool>,
    /// Communities with a weight, in order of their first edge.
    near: Vec<u32>,
}

impl Links {
    fn new(communities: usize) -> Self {
        Self {
            weights: vec![0.0; communities],
            is_near: vec![false; communities],
            near: Vec::new(),
        }
    }

    fn clear(&mut self) {
        for there in self.near.drain(..) {
            self.weights[there as usize] = 0.0;
            self.is_near[there as usize] = false;
        }
    }

    fn add(&mut self, community: u32, weight: f64) {
        let there = community as usize;
        if !std::mem::replace(&mut self.is_near[there], true) {
            self.near.push(community);
        }
        self.weights[there] += weight;
    }

    fn to(&self, community: u32) -> f64 {
        self.weights[community as usize]
    }
}

fn renumbered(community: &[u32]) -> Vec<u32> {
    let mut numbers = vec![u32::MAX; community.len()];
    let mut next = 0;
    let mut number = |&old: &u32| {
        let known = &mut numbers[old as usize];
        if *known == u32::MAX {
            *known = next;
            next += 1;
        }
        *known
    };
    community.iter().map(&mut number).collect()
}

#[cfg(test)]
mod tests {
    use super::communities;
    use crate::graph::edges::Edges;

    #[test]
    fn two_cliques_joined_by_one_edge_are_two_communities() {
        let clique = |from: u32| {
            (from..from + 5).flat_map(move |a| (a + 1..from + 5).map(move |b| (a, b, 1.0)))
        };
        let triples: Vec<_> = clique(0).chain(clique(5)).chain([(4, 5, 1.0)]).collect();
        assert_eq!(communities(&Edges::new(10, &triples)), [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn nodes_without_edges_stay_alone() {
        assert_eq!(communities(&Edges::new(3, &[(0, 2, 1.0)])), [0, 1, 0]);
        assert!(communities(&Edges::new(0, &[])).is_empty());
    }

    #[test]
    fn a_ring_of_cliques_gives_one_community_each() {
        let mut triples = Vec::new();
        for clique in 0..6u32 {
            let first = clique * 4;
            for a in first..first + 4 {
                triples.extend((a + 1..first + 4).map(|b| (a, b, 1.0)));
            }
            triples.push((first + 3, (first + 4) % 24, 1.0));
        }
        let found = communities(&Edges::new(24, &triples));
        for clique in 0..6 {
            assert!(found[clique * 4..clique * 4 + 4].iter().all(|&c| c == clique as u32));
        }
    }
}
