//! The digest of all that other files may see of a file.
//!
//! Other files see definitions by number, the names of modules, classes and instances, signatures,
//! and, through inference, what functions without annotations return and what is assigned on the
//! way there. They never see offsets, nor expressions that no binding or result leads to.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use crate::python::facts::{
    Binding, BindingKind, Expression, ExpressionId, Facts, Function, GuardId, Mention, NameId,
    ScopeId, ScopeKind, StatementId, Stored, Stretch, Traits,
};

/// The digest; never 0, which stands for a file without facts.
pub(super) fn exports(facts: &Facts) -> u64 {
    let mut digest = Digest { facts, expressions: Vec::new(), guards: Vec::new() };
    digest.walk_expressions();
    let mut hasher = FxHasher::default();
    digest.definitions(&mut hasher);
    digest.scopes(&mut hasher);
    digest.classes(&mut hasher);
    for function in &facts.functions {
        digest.function(function, &mut hasher);
    }
    hasher.finish() | 1
}

struct Digest<'f> {
    facts: &'f Facts,
    /// One hash for each expression, made of those of its parts, which stand before it.
    expressions: Vec<u64>,
    guards: Vec<u64>,
}

impl Digest<'_> {
    fn text(&self, name: NameId) -> &str {
        &self.facts.names[name.index()]
    }

    fn of(&self, id: Option<ExpressionId>) -> u64 {
        id.map_or(0, |id| self.expressions.get(id.index()).copied().unwrap_or(1))
    }

    fn list(&self, stretch: Stretch, hasher: &mut FxHasher) {
        stretch.len.hash(hasher);
        for &id in stretch.of(&self.facts.lists) {
            self.of(Some(id)).hash(hasher);
        }
    }

    fn walk_expressions(&mut self) {
        let mut stored = self.facts.stored.iter().peekable();
        for (position, expression) in self.facts.expressions.iter().enumerate() {
            let mut hasher = FxHasher::default();
            std::mem::discriminant(expression).hash(&mut hasher);
            let is_it = |found: &&Stored| found.expression.index() == position;
            if let Some(found) = stored.next_if(is_it) {
                self.text(found.name).hash(&mut hasher);
            }
            self.expression(*expression, &mut hasher);
            self.expressions.push(hasher.finish());
        }
    }

    fn expression(&mut self, expression: Expression, hasher: &mut FxHasher) {
        match expression {
            Expression::Name(mention) => self.mention(mention, hasher),
            Expression::Attribute { object, mention } => {
                self.of(Some(object)).hash(hasher);
                self.mention(mention, hasher);
            }
            Expression::Call { callee, arguments, keywords, .. } => {
                self.of(Some(callee)).hash(hasher);
                self.list(arguments, hasher);
                for keyword in keywords.of(&self.facts.keywords) {
                    (self.text(keyword.name), self.of(Some(keyword.value))).hash(hasher);
                }
            }
            Expression::Subscript { object: left, index: right }
            | Expression::Mapping { key: left, value: right }
            | Expression::Conditional { then: left, otherwise: right }
            | Expression::Matches { subject: left, class: right } => {
                (self.of(Some(left)), self.of(Some(right))).hash(hasher);
            }
            Expression::Binary { left, right, operator } => {
                (self.of(Some(left)), self.of(Some(right)), operator).hash(hasher);
            }
            Expression::Is { left, right, negated } => {
                (self.of(Some(left)), self.of(Some(right)), negated).hash(hasher);
            }
            Expression::Tuple(list)
            | Expression::List(list)
            | Expression::Set(list)
            | Expression::And(list)
            | Expression::Or(list) => self.list(list, hasher),
            Expression::Dictionary { keys, values } => {
                self.list(keys, hasher);
                self.list(values, hasher);
            }
            Expression::Not(inner)
            | Expression::Await(inner)
            | Expression::YieldFrom(inner)
            | Expression::Starred(inner) => self.of(Some(inner)).hash(hasher),
            Expression::Sequence { element, kind } => {
                (self.of(Some(element)), kind).hash(hasher);
            }
            Expression::Lambda(id) => {
                let function = &self.facts.functions[id.index()];
                self.list(function.results, hasher);
            }
            Expression::Integer(value) => value.hash(hasher),
            Expression::Key(name) => self.text(name).hash(hasher),
            Expression::Slice
            | Expression::Yield(_)
            | Expression::None
            | Expression::Text
            | Expression::Literal
            | Expression::Unknown => {}
        }
    }

    /// A name, and what decides which of its bindings reach it.
    fn mention(&mut self, mention: Mention, hasher: &mut FxHasher) {
        self.text(mention.name).hash(hasher);
        self.statement(mention.statement, hasher);
        self.guard(mention.guard).hash(hasher);
    }

    fn statement(&self, id: StatementId, hasher: &mut FxHasher) {
        let statement = &self.facts.statements[id.index()];
        let parent = &self.facts.statements[statement.parent.index()];
        (statement.ordinal, statement.kind, parent.ordinal, parent.kind).hash(hasher);
    }

    fn guard(&mut self, id: GuardId) -> u64 {
        while self.guards.len() <= id.index() {
            let guard = &self.facts.guards[self.guards.len()];
            let outer = self.guards.get(guard.outer.index()).copied().unwrap_or(0);
            let mut hasher = FxHasher::default();
            (outer, self.of(Some(guard.test)), guard.holds).hash(&mut hasher);
            self.guards.push(hasher.finish());
        }
        self.guards[id.index()]
    }

    fn definitions(&self, hasher: &mut FxHasher) {
        for definition in &self.facts.definitions {
            (&definition.name, definition.kind as u8, definition.parent.0).hash(hasher);
        }
        for name in self.facts.all.iter().flatten() {
            self.text(*name).hash(hasher);
        }
    }

    fn scopes(&self, hasher: &mut FxHasher) {
        for entry in &self.facts.entries {
            let scope = &self.facts.scopes[entry.scope.index()];
            let function = self.function_around(entry.scope);
            let is_hidden = function.is_some_and(|function| !self.leaks(function));
            if is_hidden && scope.kind != ScopeKind::Function {
                continue;
            }
            let bindings = entry.bindings.of(&self.facts.entry_bindings);
            let bindings = bindings.iter().map(|id| &self.facts.bindings[id.index()]);
            for binding in bindings.filter(|binding| !is_hidden || is_parameter(binding)) {
                // Numbers of scopes change with what is hidden; those of definitions do not.
                (scope.owner.0, scope.kind, self.text(entry.name)).hash(hasher);
                self.binding(binding, hasher);
            }
        }
        for scope in &self.facts.scopes {
            for star in &scope.stars {
                scope.owner.0.hash(hasher);
                self.import(star.index(), hasher);
            }
        }
    }

    /// The function whose inside a scope is, or lies in.
    fn function_around(&self, scope: ScopeId) -> Option<&Function> {
        let mut scope = &self.facts.scopes[scope.index()];
        while matches!(scope.kind, ScopeKind::Comprehension | ScopeKind::Lambda | ScopeKind::Paths)
        {
            scope = &self.facts.scopes[scope.parent?.index()];
        }
        match scope.kind {
            ScopeKind::Function => scope.function.map(|id| &self.facts.functions[id.index()]),
            _ => None,
        }
    }

    /// Whether other files may see what happens inside: it returns something without saying what,
    /// or assigns to what lies outside of it.
    fn leaks(&self, function: &Function) -> bool {
        let returns = function.results.len + function.yields.len > 0;
        returns && function.returns.is_none() || function.traits.has(Traits::OUTWARD)
    }

    fn binding(&self, binding: &Binding, hasher: &mut FxHasher) {
        self.text(binding.name).hash(hasher);
        std::mem::discriminant(&binding.kind).hash(hasher);
        (self.of(binding.value), self.of(binding.annotation)).hash(hasher);
        binding.unpacking.of(&self.facts.unpackings).hash(hasher);
        (binding.definition.map(|index| index.0), binding.standing).hash(hasher);
        self.statement(binding.statement, hasher);
        match binding.kind {
            BindingKind::Import(import) => self.import(import.index(), hasher),
            BindingKind::Function(id) => id.0.hash(hasher),
            BindingKind::Class(id) => id.0.hash(hasher),
            _ => {}
        }
    }

    fn import(&self, index: usize, hasher: &mut FxHasher) {
        let import = &self.facts.imports[index];
        (self.text(import.module), import.level).hash(hasher);
        import.member.map(|name| self.text(name)).hash(hasher);
    }

    fn classes(&self, hasher: &mut FxHasher) {
        for class in &self.facts.classes {
            self.list(class.bases, hasher);
            self.list(class.decorators, hasher);
            class.is_record.hash(hasher);
            for keyword in class.keywords.of(&self.facts.keywords) {
                (self.text(keyword.name), self.of(Some(keyword.value))).hash(hasher);
            }
        }
    }

    fn function(&self, function: &Function, hasher: &mut FxHasher) {
        (function.traits, function.keyword_from, function.parameters.len).hash(hasher);
        self.of(function.returns).hash(hasher);
        self.list(function.decorators, hasher);
        if function.returns.is_none() {
            self.list(function.results, hasher);
            self.list(function.yields, hasher);
        }
    }
}

fn is_parameter(binding: &Binding) -> bool {
    matches!(
        binding.kind,
        BindingKind::Parameter | BindingKind::Arguments | BindingKind::KeywordArguments
    )
}
