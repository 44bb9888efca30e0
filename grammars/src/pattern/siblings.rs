//! The children of nodes that patterns ask for, listed once for all patterns at one root.

use std::ops::Range;

use tree_sitter::{Node, TreeCursor};

/// A listed node with what most patterns ask of it.
pub(super) struct Sibling<'tree> {
    pub(super) node: Node<'tree>,
    pub(super) kind: u16,
    /// Its field in its parent; 0 for none.
    pub(super) field: u16,
    pub(super) is_named: bool,
    /// A named one follows in the same parent.
    pub(super) has_named_after: bool,
    children: Option<Range<usize>>,
}

/// A root and as much of what is below it as was asked for.
pub(super) struct Siblings<'tree> {
    cursor: TreeCursor<'tree>,
    all: Vec<Sibling<'tree>>,
}

impl<'tree> Siblings<'tree> {
    pub(super) fn new(cursor: TreeCursor<'tree>) -> Self {
        Self { cursor, all: Vec::new() }
    }

    /// Forgets all nodes and begins anew with `root`, at index 0.
    pub(super) fn start(&mut self, root: Node<'tree>, kind: u16) {
        self.all.clear();
        self.all.push(Sibling::new(root, kind, 0));
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn get(&self, index: usize) -> &Sibling<'tree> {
        &self.all[index]
    }

    /// Where the children of a listed node are.
    pub(super) fn children(&mut self, index: usize) -> Range<usize> {
        if let Some(children) = &self.all[index].children {
            return children.clone();
        }
        let start = self.all.len();
        self.cursor.reset(self.all[index].node);
        let mut has_more = self.cursor.goto_first_child();
        while has_more {
            let node = self.cursor.node();
            let field = self.cursor.field_id().map_or(0, std::num::NonZeroU16::get);
            self.all.push(Sibling::new(node, node.kind_id(), field));
            has_more = self.cursor.goto_next_sibling();
        }
        let mut has_named_after = false;
        for sibling in self.all[start..].iter_mut().rev() {
            sibling.has_named_after = has_named_after;
            has_named_after |= sibling.is_named;
        }
        let children = start..self.all.len();
        self.all[index].children = Some(children.clone());
        children
    }
}

impl<'tree> Sibling<'tree> {
    fn new(node: Node<'tree>, kind: u16, field: u16) -> Self {
        let is_named = node.is_named();
        Self { node, kind, field, is_named, has_named_after: false, children: None }
    }
}
