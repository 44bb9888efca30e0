//! Patterns.

use tree_sitter::Node;

use super::super::syntax::{Expr, FieldPattern, PatId, Pattern, Run};
use super::Lowerer;
use super::kind::{Kind, Role, child, children, kind};

impl Lowerer<'_> {
    pub(super) fn push_pattern(&mut self, pattern: Pattern) -> PatId {
        let patterns = &mut self.syntax().patterns;
        patterns.push(pattern);
        PatId(patterns.len() as u32 - 1)
    }

    /// A pattern; wild when it is nested too deep.
    pub(super) fn pattern(&mut self, node: Node<'_>) -> PatId {
        let pattern = self.deeper(|this| this.pattern_of(node)).unwrap_or(Pattern::Wild);
        self.push_pattern(pattern)
    }

    fn pattern_of(&mut self, node: Node<'_>) -> Pattern {
        match kind(node) {
            Kind::Identifier | Kind::ShorthandField | Kind::Metavariable | Kind::SelfValue => {
                Pattern::Bind { name: self.ident(node), is_plain: true, inner: None }
            }
            Kind::ScopedIdentifier | Kind::GenericPattern => Pattern::Path(self.path(node)),
            Kind::MutPattern | Kind::RefPattern => self.marked(node),
            Kind::CapturedPattern => {
                let parts = children(node);
                let Some(name) = parts.first() else { return Pattern::Wild };
                let name = self.ident(*name);
                let inner = parts.get(1).map(|inner| self.pattern(*inner));
                Pattern::Bind { name, is_plain: false, inner }
            }
            Kind::ReferencePattern | Kind::MatchPattern => {
                let condition = child(node, Role::Condition).map(|node| node.id());
                let is_inner = |part: &Node<'_>| {
                    kind(*part) != Kind::MutableSpecifier && Some(part.id()) != condition
                };
                let inner = children(node).into_iter().find(is_inner);
                match inner {
                    Some(inner) => Pattern::Reference(self.pattern(inner)),
                    None => Pattern::Wild,
                }
            }
            Kind::OrPattern => Pattern::Or(self.alternatives(node)),
            Kind::TuplePattern => Pattern::Tuple(self.parts(node, None)),
            Kind::SlicePattern => Pattern::Slice(self.parts(node, None)),
            Kind::TupleStructPattern => {
                let Some(path) = child(node, Role::Type) else { return Pattern::Wild };
                let parts = self.parts(node, Some(path));
                Pattern::TupleStruct { path: self.path(path), parts }
            }
            Kind::StructPattern => self.struct_pattern(node),
            Kind::RemainingField => Pattern::Rest,
            Kind::RangePattern => {
                let ends: Vec<_> = children(node).into_iter().map(|end| self.expr(end)).collect();
                let ends = self.expr_list(&ends);
                Pattern::Expr(self.push_expr(Expr::Group(ends)))
            }
            Kind::MacroInvocation => Pattern::Macro(self.macro_call(node)),
            Kind::Other if !node.is_named() => Pattern::Wild,
            _ => Pattern::Expr(self.expr(node)),
        }
    }

    fn marked(&mut self, node: Node<'_>) -> Pattern {
        let parts = children(node);
        let Some(inner) = parts.into_iter().find(|part| kind(*part) != Kind::MutableSpecifier)
        else {
            return Pattern::Wild;
        };
        match self.deeper(|this| this.pattern_of(inner)).unwrap_or(Pattern::Wild) {
            Pattern::Bind { name, inner, .. } => Pattern::Bind { name, is_plain: false, inner },
            other => other,
        }
    }

    /// The alternatives of `a | b | c`, which the grammar nests to the left.
    fn alternatives(&mut self, node: Node<'_>) -> Run {
        let mut found = Vec::new();
        let mut pending = vec![node];
        while let Some(next) = pending.pop() {
            if kind(next) == Kind::OrPattern {
                pending.extend(children(next).into_iter().rev());
            } else {
                found.push(self.pattern(next));
            }
        }
        Run::push(&mut self.syntax().pattern_lists, &found)
    }

    /// The parts of a tuple, slice or tuple struct; `_` is no named node.
    fn parts(&mut self, node: Node<'_>, path: Option<Node<'_>>) -> Run {
        let mut found = Vec::new();
        let mut cursor = node.walk();
        let all: Vec<_> = node.children(&mut cursor).collect();
        for part in all {
            let is_path = path.is_some_and(|path| path.id() == part.id());
            if is_path || matches!(kind(part), Kind::LineComment | Kind::BlockComment) {
                continue;
            }
            if part.is_named() {
                found.push(self.pattern(part));
            } else if part.kind() == "_" {
                found.push(self.push_pattern(Pattern::Wild));
            }
        }
        Run::push(&mut self.syntax().pattern_lists, &found)
    }

    fn struct_pattern(&mut self, node: Node<'_>) -> Pattern {
        let Some(path) = child(node, Role::Type) else { return Pattern::Wild };
        let path = self.path(path);
        let mut fields = Vec::new();
        for part in children(node) {
            if kind(part) != Kind::FieldPattern {
                continue;
            }
            let Some(name) = child(part, Role::Name) else { continue };
            let pattern = child(part, Role::Pattern).map(|inner| self.pattern(inner));
            fields.push(FieldPattern { name: self.ident(name), pattern });
        }
        Pattern::Struct { path, fields: Run::push(&mut self.syntax().field_patterns, &fields) }
    }
}
