//! The truth about one project, laid out for judging.
//!
//! Every figure is defined by the scorer that came with the truth files, whose results this one
//! reproduces: the same places are judged and the same answers are right. Its oddities are kept
//! where they decide figures; they are named where they occur.

use std::collections::{BTreeMap, BTreeSet};

use super::kinds::Kind;
use super::lines::{
    CallLine, CanonLine, DeclaredAt, DefinitionLine, Meta, ReferenceLine, Scope, TruthLine,
    UnresolvedLine,
};
use super::names::{Names, Place, Position, Text};

/// A declaration that begins further above its name than this is reached by its name only.
const LONGEST_HEAD: u32 = 400;

/// A call: the caller's place, then the callee's.
pub(super) type Edge = (Place, Place);

/// A place, and the kind of symbol declared there.
pub(super) type Target = (Place, Kind);

/// A name whose meaning is known.
pub(super) struct Reference {
    pub(super) position: Position,
    pub(super) name: Text,
    pub(super) scope: Scope,
    pub(super) targets: Vec<Target>,
    pub(super) is_called: bool,
    /// Right as well when judged leniently.
    pub(super) alternatives: Vec<Target>,
}

/// A declaration.
pub(super) struct Definition {
    pub(super) position: Position,
    pub(super) name: Text,
    pub(super) kind: Kind,
    pub(super) first: u32,
    pub(super) end: u32,
}

/// How strictly a project is judged.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rules {
    /// A method of a trait is right where the truth is its implementation.
    pub(super) is_lenient: bool,
    /// Calls inside nested functions belong to the outermost function around them.
    pub(super) folds: bool,
}

/// Everything known about a project.
#[derive(Default)]
pub(super) struct Truth {
    pub(super) meta: Meta,
    pub(super) rules: Rules,
    pub(super) references: Vec<Reference>,
    pub(super) definitions: Vec<Definition>,
    pub(super) edges: BTreeSet<Edge>,
    /// For an edge that is right only leniently, the edges of the truth it stands for.
    pub(super) alternative_edges: BTreeMap<Edge, BTreeSet<Edge>>,
    /// The names called at a caller that the compiler could not resolve.
    pub(super) unresolved_calls: BTreeMap<Place, BTreeSet<Text>>,
    /// What is declared at a line.
    pub(super) declared: BTreeMap<Place, BTreeSet<Text>>,
    /// Positions of a name on a line, for answers without a column.
    pub(super) on_line: BTreeMap<(Place, Text), Vec<Position>>,
    /// What an assignment assigns to.
    pub(super) writes: BTreeMap<(Place, Text), BTreeSet<Place>>,
    pub(super) files: BTreeSet<Text>,
    pub(super) lines: BTreeSet<Place>,
    /// A folded function's outermost function.
    pub(super) folded: BTreeMap<Place, Place>,
    canonical: BTreeMap<Place, Place>,
    /// Declarations whose head covers a line: name line and kind.
    heads: BTreeMap<Place, Vec<(u32, Kind)>>,
    owners: BTreeMap<(Place, Text), (Text, u32, Text)>,
    owned: BTreeMap<(Text, u32, Text), Vec<Place>>,
    by_position: BTreeMap<Position, usize>,
}

impl Truth {
    /// Lays out the lines of a truth file.
    pub(super) fn new(lines: Vec<TruthLine>, names: &mut Names, rules: Rules) -> Self {
        let mut truth = Self { rules, ..Self::default() };
        let mut calls = Vec::new();
        for line in lines {
            match line {
                TruthLine::Meta(meta) => truth.meta = meta,
                TruthLine::Ref(line) => truth.add_reference(&line, names),
                TruthLine::Unres(line) => truth.add_unresolved(&line, names),
                TruthLine::Def(line) => truth.add_definition(&line, names),
                TruthLine::Canon(line) => truth.add_canonical(&line, names),
                TruthLine::Call(line) => calls.push(line),
                TruthLine::Unknown => {}
            }
        }
        calls.iter().for_each(|line| truth.add_call(line, names));
        if rules.folds {
            truth.fold();
        }
        truth
    }

    fn add_reference(&mut self, line: &ReferenceLine, names: &mut Names) {
        let place = self.add_place(&line.path, line.line, names);
        let position = Position { place, column: Some(line.col) };
        let name = names.text(&line.name);
        let mut targets = |lines: &[DeclaredAt]| -> Vec<Target> {
            lines.iter().map(|(path, line, kind)| (names.place(path, *line), *kind)).collect()
        };
        let reference = Reference {
            position,
            name,
            scope: line.scope,
            targets: targets(&line.defs),
            is_called: line.call != 0,
            alternatives: targets(&line.alt),
        };
        self.on_line.entry((place, name)).or_default().push(position);
        if line.w != 0 {
            let assigned = reference.targets.iter().map(|(place, _)| *place);
            self.writes.entry((place, name)).or_default().extend(assigned);
        }
        if let Some(index) = self.by_position.get(&position) {
            self.references[*index] = reference;
        } else {
            self.by_position.insert(position, self.references.len());
            self.references.push(reference);
        }
    }

    fn add_unresolved(&mut self, line: &UnresolvedLine, names: &mut Names) {
        self.add_place(&line.path, line.line, names);
        if line.call != 0 {
            let caller = names.place(&line.caller.0, line.caller.1);
            self.unresolved_calls.entry(caller).or_default().insert(names.text(&line.name));
        }
    }

    fn add_definition(&mut self, line: &DefinitionLine, names: &mut Names) {
        let place = self.add_place(&line.path, line.line, names);
        let name = names.text(&line.name);
        let is_near = line.line.saturating_sub(line.first) < LONGEST_HEAD;
        let first = if is_near { line.first } else { line.line };
        for covered in first..=line.line {
            let covered = Place { line: covered, ..place };
            self.heads.entry(covered).or_default().push((line.line, line.sym));
        }
        if let Some(own) = line.own.filter(|_| line.sym != Kind::Module) {
            let owner = (place.path, own, name);
            self.owned.entry(owner).or_default().push(place);
            self.owners.insert((place, name), owner);
        }
        self.declared.entry(place).or_default().insert(name);
        let position = Position { place, column: Some(line.col) };
        let (kind, first, end) = (line.sym, line.first, line.end);
        self.definitions.push(Definition { position, name, kind, first, end });
    }

    fn add_canonical(&mut self, line: &CanonLine, names: &mut Names) {
        let place = self.add_place(&line.path, line.line, names);
        self.canonical.insert(place, names.place(&line.to.0, line.to.1));
    }

    fn add_call(&mut self, line: &CallLine, names: &mut Names) {
        let mut node = |(path, line): &(String, u32)| self.canonical(names.place(path, *line));
        let edge = (node(&line.caller), node(&line.callee));
        let alternatives: Vec<Place> = line.alt.iter().map(node).collect();
        self.edges.insert(edge);
        for callee in alternatives {
            self.alternative_edges.entry((edge.0, callee)).or_default().insert(edge);
        }
    }

    fn add_place(&mut self, path: &str, line: u32, names: &mut Names) -> Place {
        let place = names.place(path, line);
        self.files.insert(place.path);
        self.lines.insert(place);
        place
    }

    fn canonical(&self, place: Place) -> Place {
        self.canonical.get(&place).copied().unwrap_or(place)
    }

    /// The places that count as another one.
    pub(super) fn stand_ins(&self) -> BTreeMap<Place, Vec<Place>> {
        let mut reversed: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
        for (place, to) in &self.canonical {
            reversed.entry(*to).or_default().push(*place);
        }
        reversed
    }

    /// Moves the calls of nested functions to the outermost function around them.
    fn fold(&mut self) {
        let mut bodies: BTreeMap<Text, Vec<&Definition>> = BTreeMap::new();
        for definition in self.definitions.iter().filter(|one| one.kind.has_body()) {
            bodies.entry(definition.position.place.path).or_default().push(definition);
        }
        let mut folded = BTreeMap::new();
        for inner in bodies.values().flatten() {
            let place = inner.position.place;
            let around = bodies[&place.path].iter().filter(|outer| {
                let line = outer.position.place.line;
                outer.first <= inner.first && inner.end <= outer.end && line != place.line
            });
            let outermost = around.min_by_key(|one| (one.first, one.end, one.position.place.line));
            if let Some(outermost) = outermost {
                folded.insert(place, self.canonical(outermost.position.place));
            }
        }
        let to = |place: Place| folded.get(&place).copied().unwrap_or(place);
        let fold_edge = |edge: &Edge| (to(edge.0), edge.1);
        self.edges = self.edges.iter().map(fold_edge).collect();
        let mut unresolved: BTreeMap<Place, BTreeSet<Text>> = BTreeMap::new();
        for (caller, called) in &self.unresolved_calls {
            unresolved.entry(to(*caller)).or_default().extend(called);
        }
        self.unresolved_calls = unresolved;
        let mut alternatives: BTreeMap<Edge, BTreeSet<Edge>> = BTreeMap::new();
        for (edge, stands_for) in &self.alternative_edges {
            let stands_for = stands_for.iter().map(fold_edge);
            alternatives.entry(fold_edge(edge)).or_default().extend(stands_for);
        }
        self.alternative_edges = alternatives;
        self.folded = folded;
    }

    /// The node of the graph of calls that a tool's place means: any line from the first of a
    /// declaration to its name stands for the declaration.
    pub(super) fn node(&self, place: Place) -> Place {
        if place.line == 0 {
            return place;
        }
        let callables = self.heads(place).filter(|(_, kind)| kind.is_callable());
        let line = callables.map(|(line, _)| line).min().unwrap_or(place.line);
        self.canonical(Place { line, ..place })
    }

    /// Whether a tool's answer for a name is one of the accepted places.
    pub(super) fn accepts(&self, name: Text, answer: Place, accepted: &[Target]) -> bool {
        let assigned = self.writes.get(&(answer, name));
        let is_assigned = |target: &Target| assigned.is_some_and(|to| to.contains(&target.0));
        accepted.iter().any(is_assigned)
            || accepted
                .iter()
                .filter(|target| target.0.path == answer.path)
                .any(|target| self.is_at(answer, *target) || self.is_same(name, answer, target.0))
    }

    fn is_at(&self, answer: Place, (place, kind): Target) -> bool {
        place == answer
            || kind == Kind::Module && answer.line <= 1
            || place.line > answer.line && self.is_head(answer, place.line)
    }

    /// Whether the answer is another declaration of the symbol declared at a place.
    fn is_same(&self, name: Text, answer: Place, place: Place) -> bool {
        let others = self.owners.get(&(place, name)).and_then(|owner| self.owned.get(owner));
        let mut others = others.into_iter().flatten();
        others.any(|other| *other == answer || self.is_head(answer, other.line))
    }

    fn is_head(&self, place: Place, name_line: u32) -> bool {
        self.heads(place).any(|(line, _)| line == name_line)
    }

    fn heads(&self, place: Place) -> impl Iterator<Item = (u32, Kind)> {
        self.heads.get(&place).into_iter().flatten().copied()
    }

    /// Whether the truth judges a position.
    pub(super) fn judges(&self, position: Position) -> bool {
        self.by_position.contains_key(&position)
    }
}
