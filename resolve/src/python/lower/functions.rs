//! Functions, lambdas and classes.

use flux_core::ByteSpan;
use tree_sitter::Node;

use super::kinds::Kind;
use super::{DEPTH, Frame, Lowering, Source, children};
use crate::python::facts::{
    BindingId, BindingKind, Class, ClassId, Expression, ExpressionId, Function, FunctionId,
    GuardId, Keyword, NameId, ScopeId, ScopeKind, StatementId, Stretch, Traits, UseKind,
};

/// A parameter with what was lowered outside the function's own scope.
struct Parameter<'n> {
    node: Node<'n>,
    source: Source,
}

impl<'t> Lowering<'t> {
    pub(super) fn decorated(&mut self, node: Node<'_>) {
        let Some(definition) = self.field(node, self.grammar.fields.definition) else { return };
        match self.kind(definition) {
            Kind::ClassDefinition => self.class(definition, node),
            _ => self.function(definition, node),
        }
    }

    /// The decorators of `outer`, and what they say of a function.
    fn decorators(&mut self, outer: Node<'_>) -> (Stretch, Traits) {
        let (mut all, mut traits) = (Vec::new(), Traits::default());
        for child in children(outer) {
            if self.kind(child) != Kind::Decorator {
                continue;
            }
            let Some(expression) = children(child).next() else { continue };
            let id = self.expression(expression);
            let mut named = id;
            if let Expression::Call { callee, .. } = self.facts.expressions[id.index()] {
                named = callee;
            }
            traits.add(match self.last_name(named) {
                "staticmethod" => Traits::STATIC,
                "classmethod" | "abstractclassmethod" => Traits::CLASS,
                "property"
                | "cached_property"
                | "abstractproperty"
                | "reify"
                | "getter"
                | "lazyproperty"
                | "locked_cached_property"
                | "classproperty"
                | "hybrid_property" => Traits::PROPERTY,
                "setter" | "deleter" => Traits::SETTER,
                "contextmanager" | "asynccontextmanager" => Traits::CONTEXT,
                "fixture" => Traits::FIXTURE,
                "overload" => Traits::OVERLOAD,
                "abstractmethod" | "wraps" | "lru_cache" | "cache" | "override" | "final"
                | "deprecated" | "parametrize" | "skipif" | "skip" | "xfail" | "usefixtures"
                | "no_type_check" | "update_wrapper" => Traits::default(),
                _ => Traits::WRAPPED,
            });
            all.push(id);
        }
        (self.list(&all), traits)
    }

    pub(super) fn function(&mut self, node: Node<'_>, outer: Node<'_>) {
        let fields = &self.grammar.fields;
        let (decorators, mut traits) = self.decorators(outer);
        let Some(name) = self.field(node, fields.name) else { return };
        if node.child(0).is_some_and(|first| first.kind() == "async") {
            traits.add(Traits::ASYNC);
        }
        let class = self.class_here();
        let text = self.text_of(name);
        if class.is_some() && matches!(text, "__new__" | "__init_subclass__" | "__class_getitem__")
        {
            traits.add(Traits::CLASS);
        }
        let types = self.type_parameters(self.field(node, fields.type_parameters));
        let list = self.field(node, fields.parameters);
        let parameters = self.within(types, |this| this.outside(list));
        let returns = self.field(node, fields.return_type);
        let returns = self.within(types, |this| returns.map(|found| this.annotation(found)));
        let id = FunctionId(self.facts.functions.len() as u32);
        let binding = self.bind_node(name, Source::of(BindingKind::Function(id)), &[]);
        self.note_span(binding, outer);
        self.facts.functions.push(Function {
            binding: Some(binding),
            scope: self.scope,
            class,
            parameters: Stretch::default(),
            keyword_from: 0,
            returns,
            decorators,
            traits,
            results: Stretch::default(),
            yields: Stretch::default(),
            passed_to: None,
        });
        let scope = self.within(types, |this| this.function_scope(id, ScopeKind::Function));
        self.facts.scopes[scope.index()].class = class;
        self.facts.functions[id.index()].scope = scope;
        let (inside, keyword_from) = self.parameters(scope, list, parameters);
        let function = &mut self.facts.functions[id.index()];
        (function.parameters, function.keyword_from) = (inside, keyword_from);
        let first = inside.len.min(1) as usize;
        let receiver = (inside.start..).take(first).map(|at| &self.facts.bindings[at as usize]);
        let receiver = receiver.filter(|first| first.kind == BindingKind::Parameter).last();
        let receiver = receiver.filter(|_| !traits.has(Traits::STATIC)).map(|first| first.name);
        let class_name = class.map(|id| {
            let binding = self.facts.classes[id.index()].binding;
            (self.facts.bindings[binding.index()].name, id)
        });
        let frame = Frame { receiver: receiver.zip(class), class: class_name, ..Frame::default() };
        self.body(id, frame, self.field(node, fields.body));
    }

    fn note_span(&mut self, binding: BindingId, outer: Node<'_>) {
        let span = ByteSpan::new(outer.start_byte() as u32, outer.end_byte() as u32);
        self.spans.insert(binding, span);
    }

    /// Walks a function's body as a world of its own: no statement or guard outside counts.
    fn body(&mut self, id: FunctionId, frame: Frame, body: Option<Node<'_>>) {
        self.frames.push(frame);
        let scope = self.facts.functions[id.index()].scope;
        let outer = (self.statement, self.guard, self.ordinal);
        let standing = std::mem::take(&mut self.standing);
        (self.statement, self.guard, self.ordinal) = (StatementId(0), GuardId(0), 0);
        self.within(scope, |this| {
            if let Some(body) = body {
                this.block(body);
            }
        });
        (self.statement, self.guard, self.ordinal) = outer;
        self.standing = standing;
        self.leave(id);
    }

    fn leave(&mut self, id: FunctionId) {
        let Some(frame) = self.frames.pop() else { return };
        let (results, yields) = (self.list(&frame.results), self.list(&frame.yields));
        let function = &mut self.facts.functions[id.index()];
        (function.results, function.yields) = (results, yields);
        if frame.is_generator {
            function.traits.add(Traits::GENERATOR);
        }
        if frame.is_outward || !frame.globals.is_empty() || !frame.nonlocals.is_empty() {
            function.traits.add(Traits::OUTWARD);
        }
    }

    /// Notes that what lies outside the functions around the place depends on their insides.
    pub(super) fn mark_outward(&mut self) {
        for frame in &mut self.frames {
            frame.is_outward = true;
        }
    }

    /// The class whose body the current scope is.
    fn class_here(&self) -> Option<ClassId> {
        let scope = &self.facts.scopes[self.scope.index()];
        if scope.kind == ScopeKind::Class { scope.class } else { None }
    }

    /// A scope for type parameters, or the current one when there are none.
    pub(super) fn type_parameters(&mut self, list: Option<Node<'_>>) -> ScopeId {
        let Some(list) = list else { return self.scope };
        let scope = self.new_scope(ScopeKind::TypeParameters, Some(self.scope));
        self.within(scope, |this| {
            for parameter in children(list) {
                this.type_parameter(parameter);
            }
        });
        scope
    }

    fn type_parameter(&mut self, node: Node<'_>) {
        let mut inner = node;
        let mut bound = None;
        while matches!(self.kind(inner), Kind::Type | Kind::ConstrainedType | Kind::SplatType) {
            let mut parts = children(inner);
            let Some(first) = parts.next() else { return };
            inner = first;
            bound = parts.next().or(bound);
        }
        if self.kind(inner) == Kind::Identifier {
            let value = bound.map(|bound| self.annotation(bound));
            let kind = BindingKind::TypeParameter;
            self.bind_node(inner, Source { kind, value, annotation: None }, &[]);
        }
    }

    /// Lowers defaults and annotations, which are evaluated outside the function.
    fn outside<'n>(&mut self, list: Option<Node<'n>>) -> Vec<Parameter<'n>> {
        let fields = &self.grammar.fields;
        let mut all = Vec::new();
        for node in list.into_iter().flat_map(children) {
            let annotation = self.field(node, fields.type_).map(|found| self.annotation(found));
            let value = self.field(node, fields.value).map(|value| self.expression(value));
            let mut inner = self.field(node, fields.name).unwrap_or(node);
            if self.kind(inner) == Kind::TypedParameter {
                inner = children(inner).next().unwrap_or(inner);
            }
            let kind = match self.kind(inner) {
                Kind::ListSplatPattern => BindingKind::Arguments,
                Kind::DictionarySplatPattern => BindingKind::KeywordArguments,
                _ => BindingKind::Parameter,
            };
            if kind != BindingKind::Parameter {
                inner = children(inner).next().unwrap_or(inner);
            }
            all.push(Parameter { node: inner, source: Source { kind, value, annotation } });
        }
        all
    }

    /// Binds parameters in `scope`; gives them, and how many are positional only.
    fn parameters(
        &mut self,
        scope: ScopeId,
        list: Option<Node<'_>>,
        parameters: Vec<Parameter<'_>>,
    ) -> (Stretch, u32) {
        let start = self.facts.bindings.len() as u32;
        let mut positional = 0;
        let outer = std::mem::replace(&mut self.statement, StatementId(0));
        for parameter in parameters {
            let node = parameter.node;
            match self.kind(node) {
                Kind::Identifier => {
                    let name = self.name_of(node);
                    self.bind(scope, name, node.start_byte(), parameter.source, &[]);
                }
                Kind::PositionalSeparator => {
                    positional = self.facts.bindings.len() as u32 - start;
                }
                _ => {}
            }
        }
        self.statement = outer;
        let len = self.facts.bindings.len() as u32 - start;
        debug_assert!(list.is_some() || len == 0, "parameters come from a list");
        (Stretch { start, len }, positional)
    }

    pub(super) fn lambda(&mut self, node: Node<'_>) -> ExpressionId {
        let fields = &self.grammar.fields;
        let list = self.field(node, fields.parameters);
        let parameters = self.outside(list);
        let id = FunctionId(self.facts.functions.len() as u32);
        self.facts.functions.push(Function {
            binding: None,
            scope: self.scope,
            class: None,
            parameters: Stretch::default(),
            keyword_from: 0,
            returns: None,
            decorators: Stretch::default(),
            traits: Traits::LAMBDA,
            results: Stretch::default(),
            yields: Stretch::default(),
            passed_to: None,
        });
        let scope = self.function_scope(id, ScopeKind::Lambda);
        self.facts.functions[id.index()].scope = scope;
        let (inside, keyword_from) = self.parameters(scope, list, parameters);
        let function = &mut self.facts.functions[id.index()];
        (function.parameters, function.keyword_from) = (inside, keyword_from);
        self.frames.push(Frame::default());
        if let Some(body) = self.field(node, fields.body) {
            let result = self.within(scope, |this| this.expression(body));
            if let Some(frame) = self.frames.last_mut() {
                frame.results.push(result);
            }
        }
        self.leave(id);
        self.push(Expression::Lambda(id))
    }

    pub(super) fn class(&mut self, node: Node<'_>, outer: Node<'_>) {
        let fields = &self.grammar.fields;
        let (decorators, _) = self.decorators(outer);
        let Some(name) = self.field(node, fields.name) else { return };
        let first = self.facts.bindings.len() as u32;
        let types = self.type_parameters(self.field(node, fields.type_parameters));
        let parameters = Stretch { start: first, len: self.facts.bindings.len() as u32 - first };
        let (mut bases, mut keywords) = (Vec::new(), Vec::new());
        if let Some(list) = self.field(node, fields.superclasses) {
            self.within(types, |this| this.superclasses(list, &mut bases, &mut keywords));
        }
        let id = ClassId(self.facts.classes.len() as u32);
        let binding = self.bind_node(name, Source::of(BindingKind::Class(id)), &[]);
        self.note_span(binding, outer);
        let scope = self.new_scope(ScopeKind::Class, Some(types));
        let instance = self.new_scope(ScopeKind::Instance, Some(scope));
        self.facts.scopes[scope.index()].class = Some(id);
        self.facts.scopes[instance.index()].class = Some(id);
        let records: Vec<_> = self
            .field(node, fields.superclasses)
            .into_iter()
            .flat_map(children)
            .filter(|base| self.is_record(*base))
            .collect();
        let bases = self.list(&bases);
        let keywords = self.keywords(keywords);
        self.facts.classes.push(Class {
            binding,
            scope,
            instance,
            bases,
            keywords,
            decorators,
            parameters,
            is_record: !records.is_empty(),
        });
        for record in records {
            self.record_fields(record, scope);
        }
        self.mark_outward();
        if self.depth >= DEPTH {
            return;
        }
        let Some(body) = self.field(node, fields.body) else { return };
        let outer = (self.statement, self.guard, self.ordinal);
        (self.statement, self.guard, self.ordinal) = (StatementId(0), GuardId(0), 0);
        self.within(scope, |this| this.block(body));
        (self.statement, self.guard, self.ordinal) = outer;
    }

    fn superclasses(
        &mut self,
        list: Node<'_>,
        bases: &mut Vec<ExpressionId>,
        keywords: &mut Vec<Keyword>,
    ) {
        let fields = &self.grammar.fields;
        for child in children(list) {
            if self.kind(child) == Kind::KeywordArgument {
                let name = self.field(child, fields.name);
                let value = self.field(child, fields.value);
                let (Some(name), Some(value)) = (name, value) else { continue };
                let (at, value) = (name.start_byte() as u32, self.expression(value));
                let name: NameId = self.name_of(name);
                keywords.push(Keyword { name, at, value });
                continue;
            }
            let base = if self.kind(child) == Kind::Subscript {
                self.annotation(child)
            } else {
                self.expression(child)
            };
            let mut named = base;
            if let Expression::Subscript { object, .. } = self.facts.expressions[base.index()] {
                named = object;
            }
            self.turn_use(named, UseKind::Base(named));
            bases.push(base);
        }
    }
}
