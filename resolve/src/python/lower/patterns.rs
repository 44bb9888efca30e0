//! `match`: patterns bind names, and a class pattern proves the subject's type.

use tree_sitter::Node;

use super::kinds::Kind;
use super::{DEPTH, Lowering, Source, children};
use crate::python::facts::{BindingKind, Expression, ExpressionId, UseKind};

impl<'t> Lowering<'t> {
    pub(super) fn choose(&mut self, node: Node<'_>) {
        let fields = &self.grammar.fields;
        let subjects: Vec<_> = children(node).filter(|x| self.kind(*x) != Kind::Block).collect();
        let subjects: Vec<_> = subjects.into_iter().map(|found| self.expression(found)).collect();
        let subject = self.index(&subjects);
        let Some(body) = self.field(node, fields.body) else { return };
        for clause in children(body) {
            if self.kind(clause) != Kind::CaseClause {
                continue;
            }
            let guard = self.guard;
            for part in children(clause) {
                match self.kind(part) {
                    Kind::CasePattern => {
                        if let Some(test) = self.pattern(part, Some(subject)) {
                            self.add_guard(test, true, part.end_byte());
                        }
                    }
                    Kind::IfClause => {
                        if let Some(test) = children(part).next() {
                            let test = self.expression(test);
                            self.add_guard(test, true, part.end_byte());
                        }
                    }
                    Kind::Block => self.block(part),
                    _ => {}
                }
            }
            self.guard = guard;
        }
    }

    /// Lowers a pattern; gives what it proves of `subject`, as a test.
    fn pattern(&mut self, node: Node<'_>, subject: Option<ExpressionId>) -> Option<ExpressionId> {
        if self.depth >= DEPTH {
            return None;
        }
        self.depth += 1;
        let test = self.lower_pattern(node, subject);
        self.depth -= 1;
        test
    }

    fn lower_pattern(
        &mut self,
        node: Node<'_>,
        subject: Option<ExpressionId>,
    ) -> Option<ExpressionId> {
        match self.kind(node) {
            Kind::DottedName => {
                let parts: Vec<_> = children(node).collect();
                if let &[only] = &parts[..] {
                    self.capture(only, subject);
                } else {
                    self.dotted_value(node);
                }
                None
            }
            Kind::Identifier => {
                self.capture(node, subject);
                None
            }
            Kind::SplatPattern => {
                for child in children(node) {
                    self.capture(child, None);
                }
                None
            }
            Kind::ClassPattern => self.class_pattern(node, subject),
            Kind::AsPattern => {
                let mut parts = children(node);
                let test = parts.next().and_then(|inner| self.pattern(inner, subject));
                if let Some(name) = parts.next() {
                    let value = match self.facts.expressions.get(test.map_or(0, |id| id.index())) {
                        Some(Expression::Matches { class, .. }) => Some(*class),
                        _ => None,
                    };
                    let name = children(name).next().unwrap_or(name);
                    let kind = BindingKind::Match;
                    let value = value.or(subject.filter(|_| test.is_none()));
                    self.bind_node(name, Source { kind, value, annotation: value }, &[]);
                }
                test
            }
            Kind::UnionPattern => {
                let tests: Vec<_> =
                    children(node).filter_map(|child| self.pattern(child, subject)).collect();
                if tests.is_empty() {
                    return None;
                }
                let list = self.list(&tests);
                Some(self.push(Expression::Or(list)))
            }
            Kind::CasePattern | Kind::Parenthesized => {
                let inner: Vec<_> = children(node).collect();
                match &inner[..] {
                    [only] => self.pattern(*only, subject),
                    _ => inner.into_iter().fold(None, |_, child| self.pattern(child, None)),
                }
            }
            _ => {
                for child in children(node) {
                    self.pattern(child, None);
                }
                None
            }
        }
    }

    fn capture(&mut self, node: Node<'_>, subject: Option<ExpressionId>) {
        if self.kind(node) == Kind::Identifier && self.text_of(node) != "_" {
            let source = Source { kind: BindingKind::Match, value: subject, annotation: None };
            self.bind_node(node, source, &[]);
        }
    }

    fn dotted_value(&mut self, node: Node<'_>) -> ExpressionId {
        let mut id = None;
        for part in children(node) {
            id = Some(match id {
                None => self.identifier(part),
                Some(object) => {
                    let name = self.name_of(part);
                    self.attribute_of(object, name, part.start_byte())
                }
            });
        }
        id.unwrap_or_else(|| self.push(Expression::Unknown))
    }

    fn class_pattern(
        &mut self,
        node: Node<'_>,
        subject: Option<ExpressionId>,
    ) -> Option<ExpressionId> {
        let mut parts = children(node);
        let class = parts.next().map(|name| self.dotted_value(name))?;
        for part in parts {
            let inner = children(part).next().unwrap_or(part);
            if self.kind(inner) == Kind::KeywordPattern {
                let mut sides = children(inner);
                if let Some(name) = sides.next() {
                    let at = name.start_byte() as u32;
                    let name = self.name_of(name);
                    self.add_use(UseKind::PatternKeyword { class, name, at });
                }
                for side in sides {
                    self.pattern(side, None);
                }
            } else {
                self.pattern(part, None);
            }
        }
        let subject = subject.unwrap_or(class);
        Some(self.push(Expression::Matches { subject, class }))
    }
}
