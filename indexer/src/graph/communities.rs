//! Communities: definitions that refer to each other more than to the rest, by the Louvain method
//! (Blondel, Guillaume, Lambiotte, Lefebvre: Fast unfolding of communities in large networks,
//! 2008). Nodes are visited in order, so equal graphs give equal communities.

use super::edges::Edges;

/// Passes over all nodes within one level; nearly all moves are made in the first few.
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

    /// Moves each node to the neighbouring community that raises modularity most, until none
    /// moves. Communities are numbered in order of their first node.
    fn partition(&self) -> Vec<u32> {
        let count = self.edges.len();
        let total: f64 = self.degree.iter().sum();
        let mut community: Vec<u32> = (0..count as u32).collect();
        let mut sums = self.degree.clone();
        let mut links = vec![0.0f64; count];
        let mut near: Vec<u32> = Vec::new();
        for _ in 0..PASSES {
            let mut moves = 0;
            for node in 0..count {
                let own = community[node];
                near.clear();
                near.push(own);
                for (other, weight) in self.edges.of(node) {
                    let there = community[other];
                    if links[there as usize] == 0.0 && there != own {
                        near.push(there);
                    }
                    links[there as usize] += f64::from(weight);
                }
                sums[own as usize] -= self.degree[node];
                let gain = |there: u32| {
                    links[there as usize] - self.degree[node] * sums[there as usize] / total
                };
                let mut best = (own, gain(own));
                for &there in &near[1..] {
                    let raised = gain(there);
                    if raised > best.1 + 1e-9 {
                        best = (there, raised);
                    }
                }
                sums[best.0 as usize] += self.degree[node];
                community[node] = best.0;
                moves += usize::from(best.0 != own);
                near.iter().for_each(|&there| links[there as usize] = 0.0);
            }
            if moves == 0 {
                break;
            }
        }
        renumbered(&community)
    }

    /// The graph whose nodes are the `parts` communities.
    fn merged(&self, community: &[u32], parts: usize) -> Self {
        let mut inner = vec![0.0; parts];
        let mut triples = Vec::new();
        for node in 0..self.edges.len() {
            let own = community[node];
            inner[own as usize] += self.inner[node];
            for (other, weight) in self.edges.of(node) {
                if community[other] == own {
                    inner[own as usize] += f64::from(weight);
                } else {
                    triples.push((own, community[other], weight));
                }
            }
        }
        Self::with_inner(Edges::new(parts, triples), inner)
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
        let triples = clique(0).chain(clique(5)).chain([(4, 5, 1.0)]).collect();
        assert_eq!(communities(&Edges::new(10, triples)), [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn nodes_without_edges_stay_alone() {
        assert_eq!(communities(&Edges::new(3, vec![(0, 2, 1.0)])), [0, 1, 0]);
        assert!(communities(&Edges::new(0, Vec::new())).is_empty());
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
        let found = communities(&Edges::new(24, triples));
        for clique in 0..6 {
            assert!(found[clique * 4..clique * 4 + 4].iter().all(|&c| c == clique as u32));
        }
    }
}
