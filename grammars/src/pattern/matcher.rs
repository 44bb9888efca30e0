//! The search: all ways in which the patterns of a language fit at one node.
//!
//! Each pattern is tried depth first. What remains to be matched after the children of a node is
//! a list on the call stack, so the recursion is as deep as a pattern is long, whatever the tree.
//! Where tree-sitter's own rules are surprising they are kept, because the patterns are written
//! and checked against them:
//!
//! - a `.` passes over anonymous nodes, but not over comments;
//! - of several nodes that fit an element without captures and children, only the first counts;
//! - a match that leaves out an optional node or cuts a run short is none when a longer one
//!   exists.

use tree_sitter::{Node, Tree};

use super::compile::{Element, Item, Kind, Patterns, Root};
use super::parse::Times;
use super::siblings::Siblings;

/// Nodes looked at for one pattern at one root: this many, and so many more for each node that
/// lies in the lists it searches. Patterns with two open ends would cost the square of a list.
const BASE_STEPS: usize = 4096;
const STEPS_PER_NODE: usize = 64;
/// Longest run that a `+` takes, since each node of it takes a stack frame.
const MAX_RUN: usize = 128;

/// A captured node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Captured<'tree> {
    /// Position in the names of [`Patterns::captures`].
    pub(crate) capture: u16,
    pub(crate) node: Node<'tree>,
}

/// Finds patterns at one node after another of a tree.
pub(crate) struct Matcher<'tree> {
    siblings: Siblings<'tree>,
    captured: Vec<Captured<'tree>>,
}

impl<'tree> Matcher<'tree> {
    pub(crate) fn new(tree: &'tree Tree) -> Self {
        Self { siblings: Siblings::new(tree.walk()), captured: Vec::new() }
    }

    /// Hands each match at `node` to `found`: the number of its pattern and what it captured, in
    /// order of position.
    pub(crate) fn run(
        &mut self,
        patterns: &Patterns,
        source: &str,
        node: Node<'tree>,
        found: &mut dyn FnMut(usize, &[Captured<'tree>]),
    ) {
        let kind = node.kind_id();
        self.siblings.start(node, kind);
        for Root { pattern, element } in patterns.roots(kind) {
            let mut complete = |captured: &[Captured<'tree>]| {
                let mut predicates = patterns.predicates(*pattern).iter();
                if predicates.all(|predicate| predicate.holds(source, captured)) {
                    found(*pattern, captured);
                }
            };
            let mut search = Search {
                siblings: &mut self.siblings,
                captured: &mut self.captured,
                complete: &mut complete,
                count: 0,
                steps: 0,
            };
            if search.fits(element, 0) {
                search.enter(element, 0, &Rest::END);
            }
        }
    }
}

/// What is left of a list of children, and of the lists around it.
struct Rest<'rest> {
    items: &'rest [Item],
    place: Place,
    above: Option<&'rest Rest<'rest>>,
}

impl Rest<'_> {
    const END: Self =
        Self { items: &[], place: Place { next: 0, end: 0, is_first: false }, above: None };
}

/// Where to go on in a list of siblings.
#[derive(Clone, Copy)]
struct Place {
    next: usize,
    end: usize,
    /// No item was matched in this list.
    is_first: bool,
}

/// How the first item left is bound to what was matched before.
#[derive(Clone, Copy, Default)]
struct Bond {
    /// It must be the very next node, whatever that is.
    is_tight: bool,
    /// Its anchor means nothing, as the optional item before it is absent.
    is_loose: bool,
    /// Nodes that the run it belongs to has so far.
    run: usize,
}

struct Search<'run, 'tree> {
    siblings: &'run mut Siblings<'tree>,
    captured: &'run mut Vec<Captured<'tree>>,
    complete: &'run mut dyn FnMut(&[Captured<'tree>]),
    /// Matches so far, whether or not their predicates hold.
    count: usize,
    steps: usize,
}

impl Search<'_, '_> {
    /// Whether the node alone is what the element asks for.
    fn fits(&self, element: &Element, index: usize) -> bool {
        let sibling = self.siblings.get(index);
        let is_kind = match element.kind {
            Kind::Number(kind) => sibling.kind == kind,
            Kind::Named => sibling.is_named && !sibling.node.is_error(),
            Kind::Any => !sibling.node.is_error(),
        };
        is_kind
            && (element.field == 0 || element.field == sibling.field)
            && element.absent.iter().all(|field| sibling.node.child_by_field_id(*field).is_none())
    }

    /// Takes a node that fits, and goes on with its children and then with the rest.
    fn enter(&mut self, element: &Element, index: usize, rest: &Rest<'_>) {
        let before = self.captured.len();
        let node = self.siblings.get(index).node;
        let captures = element.captures.iter();
        self.captured.extend(captures.map(|capture| Captured { capture: *capture, node }));
        if element.children.is_empty() {
            let is_tight = element.kind == Kind::Any
                && rest.items.first().is_some_and(|next| next.is_anchored);
            self.items(rest, Bond { is_tight, ..Bond::default() }, index);
        } else {
            let children = self.siblings.children(index);
            let place = Place { next: children.start, end: children.end, is_first: true };
            let rest = Rest { items: &element.children, place, above: Some(rest) };
            self.items(&rest, Bond::default(), index);
        }
        self.captured.truncate(before);
    }

    /// Matches what is left in all possible ways; `last` is the node matched last.
    fn items(&mut self, rest: &Rest<'_>, bond: Bond, last: usize) {
        let Some((item, later)) = rest.items.split_first() else {
            match rest.above {
                Some(above) => self.items(above, Bond::default(), last),
                None => {
                    self.count += 1;
                    (self.complete)(self.captured);
                }
            }
            return;
        };
        let before = self.count;
        let is_run = matches!(item.times, Times::Some | Times::Any);
        for element in &item.branches {
            self.scan(element, rest, bond);
            if is_run && self.count > before {
                return;
            }
        }
        let is_optional = matches!(item.times, Times::Optional | Times::Any) && bond.run == 0;
        if !is_optional || self.count > before {
            return;
        }
        if item.is_last && self.siblings.get(last).has_named_after {
            return;
        }
        let place = Place { is_first: false, ..rest.place };
        let later = Rest { items: later, place, above: rest.above };
        let is_tight =
            bond.is_tight || (item.is_anchored && rest.place.is_first && item.branches.len() == 1);
        let bond = Bond { is_tight, is_loose: !item.is_anchored, run: 0 };
        self.items(&later, bond, last);
    }

    /// Tries the siblings left for one branch of the first item.
    fn scan(&mut self, element: &Element, rest: &Rest<'_>, bond: Bond) {
        let Some((item, later)) = rest.items.split_first() else { return };
        let Place { next, end, .. } = rest.place;
        for index in next..end {
            self.steps += 1;
            if self.steps > BASE_STEPS + STEPS_PER_NODE * self.siblings.len() {
                return;
            }
            let sibling = self.siblings.get(index);
            let is_bound =
                bond.is_tight || (item.is_anchored && sibling.is_named && !bond.is_loose);
            let is_end = !item.is_last || !sibling.has_named_after;
            if is_end && self.fits(element, index) {
                let before = self.count;
                let place = Place { next: index + 1, end, is_first: false };
                let after = Rest { items: later, place, above: rest.above };
                if matches!(item.times, Times::Some | Times::Any) {
                    self.run(
                        element,
                        index,
                        &Rest { items: rest.items, ..after },
                        &after,
                        bond.run,
                    );
                    if self.count > before {
                        return;
                    }
                } else {
                    self.enter(element, index, &after);
                }
                if element.is_plain() {
                    return;
                }
            }
            if is_bound {
                return;
            }
        }
    }

    /// Takes a node of a run, and goes on with more of them or else with what follows.
    fn run(
        &mut self,
        element: &Element,
        index: usize,
        again: &Rest<'_>,
        after: &Rest<'_>,
        length: usize,
    ) {
        let mark = self.captured.len();
        let node = self.siblings.get(index).node;
        let captures = element.captures.iter();
        self.captured.extend(captures.map(|capture| Captured { capture: *capture, node }));
        let before = self.count;
        if length < MAX_RUN {
            self.items(again, Bond { is_tight: true, is_loose: false, run: length + 1 }, index);
        }
        if self.count == before {
            self.items(after, Bond::default(), index);
        }
        self.captured.truncate(mark);
    }
}
