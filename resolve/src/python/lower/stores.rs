//! Assignments to attributes: what they define, and what is read back further down.

use tree_sitter::Node;

use super::{Lowering, Source};
use crate::python::facts::{
    ClassId, Expression, ExpressionId, Mention, NameId, ScopeId, ScopeKind, Stored, UseKind,
};

impl<'t> Lowering<'t> {
    /// `object.name = …`, which makes an attribute where `object` is a method's receiver or the
    /// class around the method.
    pub(super) fn store(&mut self, node: Node<'_>, source: Source, path: &[u32]) {
        let expression = self.expression(node);
        let Expression::Attribute { object, mention } = self.facts.expressions[expression.index()]
        else {
            return;
        };
        self.turn_use(expression, UseKind::Store(expression));
        self.note_path(node, expression, source, path);
        let Expression::Name(receiver) = self.facts.expressions[object.index()] else { return };
        if let Some(class) = self.class_stored_to(receiver) {
            let scope = self.facts.classes[class.index()].instance;
            self.mark_outward();
            let before = self.facts.uses.len();
            self.bind(scope, mention.name, mention.at as usize, source, path);
            self.facts.uses.truncate(before);
        }
    }

    /// The class whose instances get an attribute when `receiver` is assigned one here.
    fn class_stored_to(&self, receiver: Mention) -> Option<ClassId> {
        let by_parameter = self.frames.iter().rev().find_map(|frame| frame.receiver);
        let by_name = self.frames.last().and_then(|frame| frame.class);
        let mut found = by_parameter.into_iter().chain(by_name);
        found.find_map(|(name, class)| (name == receiver.name).then_some(class))
    }

    /// The scope that paths are noted for: comprehensions read those around them.
    fn scope_of_paths(&self) -> ScopeId {
        let mut scope = self.scope;
        while self.facts.scopes[scope.index()].kind == ScopeKind::Comprehension {
            scope = self.facts.scopes[scope.index()].parent.unwrap_or(ScopeId::MODULE);
        }
        scope
    }

    /// Keeps what a path is assigned, for those who read it further down.
    fn note_path(&mut self, node: Node<'_>, expression: ExpressionId, source: Source, at: &[u32]) {
        if source.value.is_none() || !self.is_path(expression) {
            return;
        }
        let above = self.scope_of_paths();
        let scope = match self.paths.get(&above) {
            Some(known) => *known,
            None => {
                let new = self.new_scope(ScopeKind::Paths, Some(above));
                self.paths.insert(above, new);
                new
            }
        };
        let name = self.name_of(node);
        let before = self.facts.uses.len();
        self.bind(scope, name, node.start_byte(), source, at);
        self.facts.uses.truncate(before);
    }

    /// Notes that an attribute, just lowered, was assigned to before.
    pub(super) fn note_read(&mut self, node: Node<'_>, expression: ExpressionId) {
        if self.paths.is_empty() {
            return;
        }
        let Some(&scope) = self.paths.get(&self.scope_of_paths()) else { return };
        let Some(&name) = self.names.get(self.text_of(node)) else { return };
        if self.has_entry(scope, name) {
            self.facts.stored.push(Stored { expression, scope, name });
        }
    }

    fn has_entry(&self, scope: ScopeId, name: NameId) -> bool {
        self.entries.contains_key(&(scope, name))
    }

    /// Whether an expression is made of names and dots only.
    fn is_path(&self, expression: ExpressionId) -> bool {
        let mut next = expression;
        for _ in 0..8 {
            match self.facts.expressions[next.index()] {
                Expression::Name(_) => return true,
                Expression::Attribute { object, .. } => next = object,
                _ => return false,
            }
        }
        false
    }
}
