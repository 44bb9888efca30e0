//! Comprehensions: a scope of their own, but for the first iterable.

use tree_sitter::Node;

use super::kinds::Kind;
use super::{Lowering, Source, children};
use crate::python::facts::{BindingKind, Expression, ExpressionId, ScopeKind, Sequence};

impl<'t> Lowering<'t> {
    pub(super) fn comprehension(&mut self, node: Node<'_>) -> ExpressionId {
        let scope = self.new_scope(ScopeKind::Comprehension, Some(self.scope));
        let guard = self.guard;
        let mut is_first = true;
        for clause in children(node) {
            match self.kind(clause) {
                Kind::ForInClause => {
                    self.for_clause(clause, scope, is_first);
                    is_first = false;
                }
                Kind::IfClause => {
                    let condition = children(clause).next();
                    let test =
                        condition.map(|test| self.within(scope, |this| this.expression(test)));
                    if let Some(test) = test {
                        self.add_guard(test, true, clause.end_byte());
                    }
                }
                _ => {}
            }
        }
        let body = self.field(node, self.grammar.fields.body);
        let made = self.within(scope, |this| this.element(node, body));
        self.guard = guard;
        made
    }

    fn for_clause(
        &mut self,
        clause: Node<'_>,
        scope: crate::python::facts::ScopeId,
        is_first: bool,
    ) {
        let fields = &self.grammar.fields;
        let at = if is_first { self.scope } else { scope };
        let right = self.field(clause, fields.right);
        let value = right.map(|right| self.within(at, |this| this.expression(right)));
        if let Some(left) = self.field(clause, fields.left) {
            let source = Source { kind: BindingKind::For, value, annotation: None };
            self.within(scope, |this| this.target(left, source, &mut Vec::new()));
        }
    }

    /// What it makes. The body stands before the clauses, so guards of `if` must not be taken
    /// for later than it: they begin where the whole does.
    fn element(&mut self, node: Node<'_>, body: Option<Node<'_>>) -> ExpressionId {
        let Some(body) = body else { return self.push(Expression::Unknown) };
        if self.kind(body) == Kind::Pair {
            let mut parts = children(body);
            let key = parts.next().map(|key| self.expression(key));
            let value = parts.next().map(|value| self.expression(value));
            return match (key, value) {
                (Some(key), Some(value)) => self.push(Expression::Mapping { key, value }),
                _ => self.push(Expression::Unknown),
            };
        }
        let element = self.expression(body);
        let kind = match self.kind(node) {
            Kind::SetComprehension => Sequence::Set,
            Kind::GeneratorExpression => Sequence::Generator,
            _ => Sequence::List,
        };
        self.push(Expression::Sequence { element, kind })
    }
}
