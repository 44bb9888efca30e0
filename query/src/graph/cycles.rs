//! Cycles of imports between files.

use std::collections::{BTreeMap, VecDeque};

use flux_core::{FileId, RepoPath, Target, Tier};
use rayon::prelude::*;

use super::imports::imports_of;
use super::view::GraphView;
use crate::error::QueryError;

/// An import from one file of a cycle to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The file that imports.
    pub path: RepoPath,
    /// The line of the import.
    pub line: u32,
}

/// Files that import each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// A shortest way around: each file imports the next, the last one the first.
    pub links: Vec<Link>,
    /// Files that reach each other, those of `links` among them.
    pub files: usize,
}

/// For each file the files that it imports, with the line of the first import.
type Graph = Vec<BTreeMap<FileId, u32>>;

/// A shortest cycle of each group of files that reach each other by imports, the smallest first.
pub fn cycles(view: &GraphView<'_>) -> Result<Vec<Cycle>, QueryError> {
    let files: Vec<FileId> = view.files().collect();
    let graph: Result<Graph, QueryError> =
        files.par_iter().map(|file| imported(view, *file)).collect();
    let graph = graph?;
    let mut cycles = Vec::new();
    for group in components(&graph) {
        let Some(around) = shortest(&graph, &group) else { continue };
        let links = around.iter().zip(around.iter().cycle().skip(1)).map(|(from, to)| Link {
            path: view.entry(*from).path.clone(),
            line: graph[from.0 as usize].get(to).copied().unwrap_or(1),
        });
        cycles.push(Cycle { links: links.collect(), files: group.len() });
    }
    cycles.sort_by(|a, b| {
        let key = |cycle: &Cycle| (cycle.links.len(), cycle.links[0].path.clone());
        key(a).cmp(&key(b))
    });
    Ok(cycles)
}

fn imported(view: &GraphView<'_>, file: FileId) -> Result<BTreeMap<FileId, u32>, QueryError> {
    let mut found = BTreeMap::new();
    for occurrence in imports_of(view, file)? {
        let Target::Definition(target) = occurrence.target else { continue };
        if occurrence.tier != Tier::Name && target.file != file && !found.contains_key(&target.file)
        {
            found.insert(target.file, view.graph.line_of(file, occurrence.span.start)?);
        }
    }
    Ok(found)
}

/// Groups of more than one file that reach each other: Tarjan's algorithm, without recursion.
fn components(graph: &Graph) -> Vec<Vec<FileId>> {
    let mut state = Tarjan {
        numbers: vec![None; graph.len()],
        lows: vec![0; graph.len()],
        is_on_stack: vec![false; graph.len()],
        stack: Vec::new(),
        next: 0,
        groups: Vec::new(),
    };
    for file in 0..graph.len() {
        if state.numbers[file].is_none() {
            state.visit(graph, file);
        }
    }
    state.groups
}

struct Tarjan {
    numbers: Vec<Option<usize>>,
    lows: Vec<usize>,
    is_on_stack: Vec<bool>,
    stack: Vec<usize>,
    next: usize,
    groups: Vec<Vec<FileId>>,
}

impl Tarjan {
    fn visit(&mut self, graph: &Graph, start: usize) {
        let targets = |file: usize| graph[file].keys().map(|file| file.0 as usize);
        let mut work = vec![(start, targets(start))];
        self.enter(start);
        while let Some((file, rest)) = work.last_mut() {
            let file = *file;
            match rest.next() {
                Some(target) => match self.numbers[target] {
                    None => {
                        self.enter(target);
                        work.push((target, targets(target)));
                    }
                    Some(number) if self.is_on_stack[target] => {
                        self.lows[file] = self.lows[file].min(number);
                    }
                    Some(_) => {}
                },
                None => {
                    work.pop();
                    if let Some((above, _)) = work.last() {
                        self.lows[*above] = self.lows[*above].min(self.lows[file]);
                    }
                    self.leave(file);
                }
            }
        }
    }

    fn enter(&mut self, file: usize) {
        self.numbers[file] = Some(self.next);
        self.lows[file] = self.next;
        self.next += 1;
        self.stack.push(file);
        self.is_on_stack[file] = true;
    }

    fn leave(&mut self, file: usize) {
        if Some(self.lows[file]) != self.numbers[file] {
            return;
        }
        let mut group = Vec::new();
        while let Some(member) = self.stack.pop() {
            self.is_on_stack[member] = false;
            group.push(FileId(member as u32));
            if member == file {
                break;
            }
        }
        if group.len() > 1 {
            group.sort_unstable();
            self.groups.push(group);
        }
    }
}

/// A shortest cycle through the first file of a group that has one of that length.
fn shortest(graph: &Graph, group: &[FileId]) -> Option<Vec<FileId>> {
    let mut best: Option<Vec<FileId>> = None;
    for start in group {
        let found = around(graph, group, *start);
        let is_better =
            |found: &Vec<FileId>| best.as_ref().is_none_or(|best| found.len() < best.len());
        if let Some(found) = found.filter(is_better) {
            best = Some(found);
        }
        if best.as_ref().is_some_and(|best| best.len() == 2) {
            break;
        }
    }
    best
}

fn around(graph: &Graph, group: &[FileId], start: FileId) -> Option<Vec<FileId>> {
    let mut before: BTreeMap<FileId, FileId> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for target in graph[file.0 as usize].keys() {
            if *target == start {
                let mut way = vec![file];
                while let Some(above) = way.last().and_then(|file| before.get(file)) {
                    way.push(*above);
                }
                way.reverse();
                return Some(way);
            }
            if group.binary_search(target).is_ok() && !before.contains_key(target) {
                before.insert(*target, file);
                queue.push_back(*target);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use flux_core::FileId;

    use super::{Graph, components, shortest};

    fn graph(edges: &[(u32, u32)], files: usize) -> Graph {
        let mut graph: Graph = vec![BTreeMap::new(); files];
        for (from, to) in edges {
            graph[*from as usize].insert(FileId(*to), 1);
        }
        graph
    }

    #[test]
    fn groups_and_their_shortest_cycles_are_found() {
        let graph = graph(&[(0, 1), (1, 2), (2, 0), (2, 1), (3, 0), (4, 5), (5, 4)], 6);
        let mut groups = components(&graph);
        groups.sort();
        assert_eq!(groups, [vec![FileId(0), FileId(1), FileId(2)], vec![FileId(4), FileId(5)]]);
        assert_eq!(shortest(&graph, &groups[0]), Some(vec![FileId(1), FileId(2)]));
    }

    #[test]
    fn a_chain_has_no_cycle() {
        assert!(components(&graph(&[(0, 1), (1, 2), (0, 2)], 3)).is_empty());
    }
}
