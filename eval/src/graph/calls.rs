//! Judging the graph of calls: its edges, and what is reached over them.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::Answers;
use super::figures::{CallFigures, Figures, ImpactFigures, Quality, share, tally};
use super::kinds::Tier;
use super::mistakes::Mistakes;
use super::names::{Names, Place, Text};
use super::truth::{Edge, Truth};

/// Steps over which callers are collected.
const DEPTH: usize = 3;

/// Fills in the figures about calls, unless the tool lists none.
pub(super) fn judge(
    truth: &Truth,
    answers: &Answers,
    names: &Names,
    mistakes: &mut Mistakes,
    figures: &mut Figures,
) {
    if answers.calls.is_empty() {
        return;
    }
    let calls = comparable(truth, answers);
    let stand_ins = truth.stand_ins();
    let (mut right, mut wrong, mut unjudged) = (0, 0, 0);
    for (edge, tier) in &calls {
        if truth.edges.contains(edge) {
            right += 1;
            tally(&mut figures.calls_by_tier, *tier, true);
        } else if is_unknown(truth, &stand_ins, *edge) {
            unjudged += 1;
        } else {
            wrong += 1;
            tally(&mut figures.calls_by_tier, *tier, false);
            mistakes.add("call-fp", || describe(truth, names, *edge));
        }
    }
    for edge in truth.edges.iter().filter(|edge| !calls.contains_key(*edge)) {
        mistakes.add("call-miss", || describe(truth, names, *edge));
    }
    let n = truth.edges.len();
    figures.calls = Some(CallFigures { quality: Quality::of(right, wrong, n), n, unjudged });
    figures.impact = Some(impact(&truth.edges, &calls.keys().copied().collect()));
}

/// The tool's calls between files of the truth. When judged leniently, a call of a trait's method
/// becomes the calls of the truth that it stands for.
fn comparable(truth: &Truth, answers: &Answers) -> BTreeMap<Edge, Tier> {
    let mut calls: BTreeMap<Edge, Tier> = BTreeMap::new();
    let mut add = |edge: Edge, tier: Tier| {
        let known = calls.entry(edge).or_insert(tier);
        *known = tier.min(*known);
    };
    for (edge, tier) in &answers.calls {
        let (caller, callee) = edge;
        if !truth.files.contains(&caller.path) || !truth.files.contains(&callee.path) {
            continue;
        }
        let stands_for = truth.alternative_edges.get(edge).filter(|_| truth.rules.is_lenient);
        stands_for.into_iter().flatten().for_each(|other| add(*other, *tier));
        if stands_for.is_none() || truth.edges.contains(edge) {
            add(*edge, *tier);
        }
    }
    calls
}

/// Whether the caller has a call of such a name that the compiler could not resolve.
fn is_unknown(truth: &Truth, stand_ins: &BTreeMap<Place, Vec<Place>>, edge: Edge) -> bool {
    let Some(called) = truth.declared.get(&edge.1) else { return false };
    let others = stand_ins.get(&edge.0).into_iter().flatten();
    let callers = std::iter::once(&edge.0).chain(others);
    let mut unresolved = callers.filter_map(|caller| truth.unresolved_calls.get(caller));
    unresolved.any(|names| !names.is_disjoint(called))
}

fn describe(truth: &Truth, names: &Names, (caller, callee): Edge) -> String {
    let called = truth.declared.get(&callee).into_iter().flatten();
    let called: Vec<&str> = called.map(|name: &Text| names.show(*name)).collect();
    let (from, to) = (names.show_place(caller), names.show_place(callee));
    format!("{from} -> {to} `{}`", called.join(", "))
}

fn impact(truth: &BTreeSet<Edge>, tool: &BTreeSet<Edge>) -> ImpactFigures {
    let (expected, given) = (callers(truth), callers(tool));
    let (mut recalls, mut precisions) = (Vec::new(), Vec::new());
    let (mut found, mut all) = (0, 0);
    let nothing = BTreeSet::new();
    for (node, expected) in &expected {
        let given = given.get(node).unwrap_or(&nothing);
        let common = expected.intersection(given).count();
        recalls.extend(share(common, expected.len()));
        precisions.extend(share(common, given.len()));
        found += common;
        all += expected.len();
    }
    ImpactFigures {
        recall: mean(&recalls),
        precision: mean(&precisions),
        micro_recall: share(found, all),
        n: recalls.len(),
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// For everything that is called, who reaches it within a few steps.
fn callers(edges: &BTreeSet<Edge>) -> BTreeMap<Place, BTreeSet<Place>> {
    let mut direct: BTreeMap<Place, BTreeSet<Place>> = BTreeMap::new();
    for (caller, callee) in edges.iter().filter(|(caller, callee)| caller != callee) {
        direct.entry(*callee).or_default().insert(*caller);
    }
    let reached = direct.keys().map(|node| (*node, within_reach(&direct, *node)));
    reached.collect()
}

fn within_reach(direct: &BTreeMap<Place, BTreeSet<Place>>, node: Place) -> BTreeSet<Place> {
    let mut seen = BTreeSet::from([node]);
    let mut front = vec![node];
    for _ in 0..DEPTH {
        let next = front.iter().filter_map(|at| direct.get(at)).flatten().copied();
        front = next.filter(|caller| seen.insert(*caller)).collect();
    }
    seen.remove(&node);
    seen
}
