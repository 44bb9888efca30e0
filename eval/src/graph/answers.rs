//! What a tool says about a project, laid out like the truth.

use std::collections::{BTreeMap, BTreeSet};

use super::kinds::Tier;
use super::lines::{ToolCall, ToolLine, ToolReference};
use super::names::{Names, Place, Position, Text};
use super::truth::{Edge, Truth};

/// One place that a name is said to lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) place: Place,
    pub(super) tier: Tier,
}

/// Everything a tool says.
#[derive(Default)]
pub(super) struct Answers {
    /// The answers at a position, in the tool's order, each place once.
    pub(super) references: BTreeMap<Position, Vec<Answer>>,
    /// Calls, with the surest tier among the lines that say so.
    pub(super) calls: BTreeMap<Edge, Tier>,
    pub(super) definitions: BTreeSet<(Place, Text)>,
}

impl Answers {
    /// Lays out a tool's lines. Nodes of calls are those of the truth.
    pub(super) fn new(lines: Vec<ToolLine>, truth: &Truth, names: &mut Names) -> Self {
        let mut answers = Self::default();
        for line in lines {
            match line {
                ToolLine::Ref(line) => answers.add_reference(&line, truth, names),
                ToolLine::Call(line) => answers.add_call(&line, truth, names),
                ToolLine::Def(line) => {
                    let place = names.place(&line.path, line.line);
                    answers.definitions.insert((place, names.text(&line.name)));
                }
                ToolLine::Unknown => {}
            }
        }
        answers
    }

    fn add_reference(&mut self, line: &ToolReference, truth: &Truth, names: &mut Names) {
        let Some(path) = line.def_path.as_deref().filter(|path| !path.is_empty()) else { return };
        let to = names.place(path, line.def_line.unwrap_or(0));
        let answer = Answer { place: to, tier: line.tier };
        let place = names.place(&line.path, line.line);
        let alone = [Position { place, column: line.col }];
        let on_line = truth.on_line.get(&(place, names.text(&line.name)));
        let positions = match on_line {
            Some(positions) if line.col.is_none() => positions.as_slice(),
            _ => &alone,
        };
        for position in positions {
            let known = self.references.entry(*position).or_default();
            if known.iter().all(|one| one.place != to) {
                known.push(answer);
            }
        }
    }

    fn add_call(&mut self, line: &ToolCall, truth: &Truth, names: &mut Names) {
        if line.is_virtual() {
            return;
        }
        let caller = truth.node(names.place(&line.caller_path, line.caller_line));
        let callee = truth.node(names.place(&line.callee_path, line.callee_line));
        let caller = truth.folded.get(&caller).copied().unwrap_or(caller);
        let tier = self.calls.entry((caller, callee)).or_insert(line.tier);
        *tier = line.tier.min(*tier);
    }
}
