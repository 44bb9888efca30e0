//! Statements: blocks, assignments, and what tests prove further down.

use tree_sitter::Node;

use super::kinds::Kind;
use super::{DEPTH, Lowering, Source, children};
use crate::python::facts::{
    BindingKind, Expression, ExpressionId, ScopeKind, Standing, Statement, StatementId,
    StatementKind, UseKind,
};

impl<'t> Lowering<'t> {
    pub(super) fn module(&mut self, root: Node<'_>) {
        self.block(root);
    }

    /// A block; the statements in it lie in the current statement.
    pub(super) fn block(&mut self, node: Node<'_>) {
        if self.depth >= DEPTH {
            return;
        }
        self.depth += 1;
        self.blocks += 1;
        let (block, parent, guard) = (self.blocks, self.statement, self.guard);
        for child in children(node) {
            self.ordinal += 1;
            self.facts.statements.push(Statement {
                block,
                parent,
                ordinal: self.ordinal,
                kind: self.statement_kind(child),
            });
            self.statement = StatementId(self.facts.statements.len() as u32 - 1);
            self.statement(child);
        }
        self.statement = parent;
        self.guard = guard;
        self.depth -= 1;
    }

    fn statement_kind(&self, node: Node<'_>) -> StatementKind {
        match self.kind(node) {
            Kind::If | Kind::Match => StatementKind::Branches,
            Kind::For | Kind::While => StatementKind::Loop,
            Kind::With => StatementKind::With,
            _ => StatementKind::Plain,
        }
    }

    fn statement(&mut self, node: Node<'_>) {
        match self.kind(node) {
            Kind::ExpressionStatement => {
                for child in children(node) {
                    self.assigned(child);
                }
            }
            Kind::Return => {
                let value = children(node).next().map(|value| self.expression(value));
                if let (Some(frame), Some(value)) = (self.frames.last_mut(), value) {
                    frame.results.push(value);
                }
            }
            Kind::If => self.conditional(node),
            Kind::While => self.repeat(node),
            Kind::For => self.iterate(node),
            Kind::With => self.with(node),
            Kind::Try => self.attempt(node),
            Kind::Match => self.choose(node),
            Kind::Assert => {
                let mut parts = children(node);
                let Some(test) = parts.next() else { return };
                let expression = self.expression(test);
                if let Some(message) = parts.next() {
                    let end = message.start_byte();
                    self.guarded(expression, false, end, |this| this.expression(message));
                }
                self.add_guard(expression, true, node.end_byte());
            }
            Kind::Decorated => self.decorated(node),
            Kind::FunctionDefinition => self.function(node, node),
            Kind::ClassDefinition => self.class(node, node),
            Kind::Import => self.import(node),
            Kind::ImportFrom => self.import_from(node),
            Kind::Global | Kind::Nonlocal => self.declare(node),
            Kind::TypeAlias => self.alias(node),
            Kind::FutureImport | Kind::Break | Kind::Continue | Kind::Comment => {}
            Kind::Block => self.block(node),
            _ => {
                for child in children(node) {
                    self.expression(child);
                }
            }
        }
    }

    /// What stands alone or to the right of `=`: an expression or another assignment.
    fn assigned(&mut self, node: Node<'_>) -> ExpressionId {
        match self.kind(node) {
            Kind::Assignment => self.assignment(node),
            Kind::AugmentedAssignment => self.augmented(node),
            Kind::PatternList | Kind::ExpressionList => self.tuple(node),
            _ => self.expression(node),
        }
    }

    fn assignment(&mut self, node: Node<'_>) -> ExpressionId {
        let fields = &self.grammar.fields;
        let annotation = self.field(node, fields.type_).map(|found| self.annotation(found));
        let annotation = annotation.or_else(|| self.type_comment(node));
        let left = self.field(node, fields.left);
        if self.depth >= DEPTH {
            return self.push(Expression::Unknown);
        }
        self.depth += 1;
        let is_alias = annotation.is_some_and(|found| self.last_name(found).ends_with("TypeAlias"));
        let value = self
            .field(node, fields.right)
            .map(|right| if is_alias { self.annotation(right) } else { self.assigned(right) });
        self.depth -= 1;
        if let Some(left) = left {
            let right = self.field(node, fields.right);
            self.note_all(left, right);
            if let Some(call) = right.filter(|right| self.is_record(*right))
                && self.kind(left) == Kind::Identifier
            {
                self.record(left, call);
                return value.unwrap_or_else(|| self.push(Expression::Unknown));
            }
            let kind = if is_alias { BindingKind::Alias } else { BindingKind::Variable };
            let annotation = annotation.filter(|_| !is_alias);
            let source = Source { kind, value, annotation };
            self.target(left, source, &mut Vec::new());
        }
        value.unwrap_or_else(|| self.push(Expression::Unknown))
    }

    fn augmented(&mut self, node: Node<'_>) -> ExpressionId {
        let fields = &self.grammar.fields;
        let value = self.field(node, fields.right).map(|right| self.assigned(right));
        let Some(left) = self.field(node, fields.left) else {
            return self.push(Expression::Unknown);
        };
        self.note_all(left, self.field(node, fields.right));
        self.expression(left);
        if self.kind(left) == Kind::Identifier {
            let source = Source::of(BindingKind::Augmented);
            let name = self.name_of(left);
            let scope = self.home(name);
            let before = self.facts.uses.len();
            self.bind(scope, name, left.start_byte(), source, &[]);
            // The identifier has its use already: it is read before it is written.
            self.facts.uses.truncate(before);
        }
        value.unwrap_or_else(|| self.push(Expression::Unknown))
    }

    /// Keeps the names of `__all__ = […]` and `__all__ += […]`.
    fn note_all(&mut self, left: Node<'_>, right: Option<Node<'_>>) {
        let is_all = self.facts.scopes[self.scope.index()].kind == ScopeKind::Module
            && self.kind(left) == Kind::Identifier
            && self.text_of(left) == "__all__";
        let Some(right) = right.filter(|_| is_all) else { return };
        let mut names = self.facts.all.take().unwrap_or_default();
        for item in children(right) {
            if self.kind(item) == Kind::String
                && let Some(content) = children(item).nth(1)
            {
                names.push(self.name_of(content));
            }
        }
        self.facts.all = Some(names);
    }

    /// Binds the names of an assignment's target. `path` leads to it through nested tuples.
    pub(super) fn target(&mut self, node: Node<'_>, source: Source, path: &mut Vec<u32>) {
        match self.kind(node) {
            Kind::Identifier => {
                self.bind_node(node, source, path);
            }
            Kind::PatternList
            | Kind::TuplePattern
            | Kind::ListPattern
            | Kind::Tuple
            | Kind::List
            | Kind::ExpressionList => {
                if path.len() > 8 {
                    return;
                }
                for (index, child) in children(node).enumerate() {
                    path.push(index as u32);
                    self.target(child, Source { annotation: None, ..source }, path);
                    path.pop();
                }
            }
            Kind::Attribute => self.store(node, source, path),
            Kind::ListSplatPattern | Kind::ListSplat => {
                if let Some(child) = children(node).next() {
                    let source = Source { value: None, ..source };
                    self.target(child, source, &mut Vec::new());
                }
            }
            Kind::AsPatternTarget | Kind::Parenthesized => {
                if let Some(child) = children(node).next() {
                    self.target(child, source, path);
                }
            }
            _ => {
                self.expression(node);
            }
        }
    }

    fn conditional(&mut self, node: Node<'_>) {
        let fields = &self.grammar.fields;
        let outer = self.guard;
        let Some(condition) = self.field(node, fields.condition) else { return };
        let test = self.expression(condition);
        // What is known of the first of the tests that holds, if one surely does.
        let mut constant = self.constant(condition);
        let mut failed = vec![(test, true)];
        let consequence = self.field(node, fields.consequence);
        if let Some(body) = consequence {
            self.branch(test, body, constant != Some(false));
            failed[0].1 = self.leaves(body);
        }
        let mut has_else = false;
        self.add_guard(test, false, consequence.map_or(node.end_byte(), |body| body.end_byte()));
        for clause in children(node) {
            match self.kind(clause) {
                Kind::ElifClause => {
                    let Some(condition) = self.field(clause, fields.condition) else { continue };
                    let test = self.expression(condition);
                    let body = self.field(clause, fields.consequence);
                    let found = self.constant(condition);
                    if let Some(body) = body {
                        let is_live = constant != Some(true) && found != Some(false);
                        self.branch(test, body, is_live);
                        failed.push((test, self.leaves(body)));
                    }
                    constant = if constant == Some(true) { constant } else { found };
                    self.add_guard(test, false, clause.end_byte());
                }
                Kind::ElseClause => {
                    has_else = true;
                    if let Some(body) = self.field(clause, fields.body) {
                        let is_live = constant != Some(true);
                        let standing = if is_live { Standing::Plain } else { Standing::Dead };
                        self.standing(standing, |this| this.block(body));
                        if self.leaves(body) && failed.len() == 1 && !failed[0].1 {
                            self.guard = outer;
                            self.add_guard(test, true, node.end_byte());
                            return;
                        }
                    }
                }
                _ => {}
            }
        }
        self.guard = outer;
        if !has_else {
            for (test, leaves) in failed {
                if !leaves {
                    break;
                }
                self.add_guard(test, false, node.end_byte());
            }
        }
    }

    /// The block of a test that holds there.
    fn branch(&mut self, test: ExpressionId, body: Node<'_>, is_live: bool) {
        let standing = if is_live { Standing::Plain } else { Standing::Dead };
        let at = body.start_byte();
        self.standing(standing, |this| this.guarded(test, true, at, |this| this.block(body)));
    }

    /// Whether control never reaches the end of `block`.
    fn leaves(&self, block: Node<'_>) -> bool {
        let last = children(block).last();
        last.is_some_and(|last| {
            matches!(self.kind(last), Kind::Return | Kind::Raise | Kind::Continue | Kind::Break)
        })
    }

    fn repeat(&mut self, node: Node<'_>) {
        let fields = &self.grammar.fields;
        let Some(condition) = self.field(node, fields.condition) else { return };
        let test = self.expression(condition);
        if let Some(body) = self.field(node, fields.body) {
            self.guarded(test, true, body.start_byte(), |this| this.block(body));
        }
        self.alternative(node);
    }

    /// The `else` of a loop.
    fn alternative(&mut self, node: Node<'_>) {
        let fields = &self.grammar.fields;
        let body = self.field(node, fields.alternative).and_then(|x| self.field(x, fields.body));
        if let Some(body) = body {
            self.block(body);
        }
    }

    fn iterate(&mut self, node: Node<'_>) {
        let fields = &self.grammar.fields;
        let value = self.field(node, fields.right).map(|right| self.assigned(right));
        if let Some(left) = self.field(node, fields.left) {
            let source = Source { kind: BindingKind::For, value, annotation: None };
            self.target(left, source, &mut Vec::new());
        }
        if let Some(body) = self.field(node, fields.body) {
            self.block(body);
        }
        self.alternative(node);
    }

    fn with(&mut self, node: Node<'_>) {
        let is_async = node.child(0).is_some_and(|first| first.kind() == "async");
        let kind = if is_async { BindingKind::AsyncWith } else { BindingKind::With };
        for clause in children(node) {
            if self.kind(clause) == Kind::WithClause {
                for item in children(clause) {
                    self.with_item(item, kind);
                }
            }
        }
        if let Some(body) = self.field(node, self.grammar.fields.body) {
            self.block(body);
        }
    }

    fn with_item(&mut self, item: Node<'_>, kind: BindingKind) {
        let Some(value) = self.field(item, self.grammar.fields.value) else { return };
        // `with (a as b, c as d):` may come as one tuple of patterns.
        if matches!(self.kind(value), Kind::Tuple | Kind::Parenthesized) {
            for child in children(value) {
                self.entered(child, kind);
            }
        } else {
            self.entered(value, kind);
        }
    }

    fn entered(&mut self, node: Node<'_>, kind: BindingKind) {
        if self.kind(node) != Kind::AsPattern {
            self.expression(node);
            return;
        }
        let mut parts = children(node);
        let value = parts.next().map(|value| self.expression(value));
        if let Some(target) = self.field(node, self.grammar.fields.alias) {
            self.target(target, Source { kind, value, annotation: None }, &mut Vec::new());
        }
    }

    fn attempt(&mut self, node: Node<'_>) {
        for clause in children(node) {
            match self.kind(clause) {
                Kind::Block => self.block(clause),
                Kind::ExceptClause | Kind::ExceptGroupClause => {
                    for child in children(clause) {
                        match self.kind(child) {
                            Kind::Block => {
                                self.standing(Standing::Fallback, |this| this.block(child));
                            }
                            _ => self.entered(child, BindingKind::Except),
                        }
                    }
                }
                _ => {
                    for child in children(clause) {
                        if self.kind(child) == Kind::Block {
                            self.block(child);
                        }
                    }
                }
            }
        }
    }

    fn declare(&mut self, node: Node<'_>) {
        let is_global = self.kind(node) == Kind::Global;
        for child in children(node) {
            let name = self.name_of(child);
            self.add_use(UseKind::Declared { name, at: child.start_byte() as u32 });
            if let Some(frame) = self.frames.last_mut() {
                let list = if is_global { &mut frame.globals } else { &mut frame.nonlocals };
                list.push(name);
            }
        }
    }

    fn alias(&mut self, node: Node<'_>) {
        let fields = &self.grammar.fields;
        let left = self.field(node, fields.left).and_then(|left| children(left).next());
        let Some(left) = left else { return };
        let right = self.field(node, fields.right);
        let (name, parameters) = match self.kind(left) {
            Kind::GenericType | Kind::Subscript => {
                (children(left).next().unwrap_or(left), children(left).nth(1))
            }
            _ => (left, None),
        };
        let scope = self.type_parameters(parameters);
        let value = self.within(scope, |this| right.map(|right| this.annotation(right)));
        let source = Source { kind: BindingKind::Alias, value, annotation: None };
        self.bind_node(name, source, &[]);
    }
}
