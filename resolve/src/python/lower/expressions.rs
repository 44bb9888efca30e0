//! Expressions.

use tree_sitter::Node;

use super::kinds::Kind;
use super::{DEPTH, Lowering, Source, children};
use crate::python::facts::{
    BindingKind, Expression, ExpressionId, Keyword, Operator, ScopeKind, Stretch, UseKind,
};

impl<'t> Lowering<'t> {
    pub(super) fn expression(&mut self, node: Node<'_>) -> ExpressionId {
        if self.depth >= DEPTH {
            return self.push(Expression::Unknown);
        }
        self.depth += 1;
        let id = self.lower_expression(node);
        self.depth -= 1;
        id
    }

    fn lower_expression(&mut self, node: Node<'_>) -> ExpressionId {
        match self.kind(node) {
            Kind::Identifier => self.identifier(node),
            Kind::Attribute => self.attribute(node),
            Kind::Call => self.call(node),
            Kind::Subscript => self.subscript(node),
            Kind::Binary => self.binary(node),
            Kind::Boolean => self.boolean(node),
            Kind::Not => {
                let inner = self.only_child(node);
                self.push(Expression::Not(inner))
            }
            Kind::Comparison => self.comparison(node),
            Kind::Conditional => self.choice(node),
            Kind::Await => {
                let inner = self.only_child(node);
                self.push(Expression::Await(inner))
            }
            Kind::Parenthesized | Kind::Type | Kind::CasePattern => self.only_child(node),
            Kind::Tuple | Kind::ExpressionList | Kind::PatternList => self.tuple(node),
            Kind::List => {
                let items = self.items(node);
                self.push(Expression::List(items))
            }
            Kind::Set => {
                let items = self.items(node);
                self.push(Expression::Set(items))
            }
            Kind::Dictionary => self.dictionary(node),
            Kind::ListComprehension
            | Kind::SetComprehension
            | Kind::GeneratorExpression
            | Kind::DictionaryComprehension => self.comprehension(node),
            Kind::Lambda => self.lambda(node),
            Kind::NamedExpression => self.walrus(node),
            Kind::Yield => self.produce(node),
            Kind::ListSplat | Kind::DictionarySplat | Kind::SplatType => {
                let inner = self.only_child(node);
                self.push(Expression::Starred(inner))
            }
            Kind::None => self.push(Expression::None),
            Kind::Integer => {
                let value = self.text_of(node).parse();
                self.push(value.map_or(Expression::Literal, Expression::Integer))
            }
            Kind::String | Kind::Concatenated => self.string(node),
            Kind::Float | Kind::True | Kind::False => self.push(Expression::Literal),
            Kind::Assignment | Kind::AugmentedAssignment => self.push(Expression::Unknown),
            Kind::AsPattern => self.only_child(node),
            Kind::Slice => {
                self.parts(node);
                self.push(Expression::Slice)
            }
            _ => {
                self.parts(node);
                self.push(Expression::Unknown)
            }
        }
    }

    fn only_child(&mut self, node: Node<'_>) -> ExpressionId {
        let mut first = None;
        for child in children(node) {
            let id = self.expression(child);
            first.get_or_insert(id);
        }
        first.unwrap_or_else(|| self.push(Expression::Unknown))
    }

    fn parts(&mut self, node: Node<'_>) -> Vec<ExpressionId> {
        children(node).map(|child| self.expression(child)).collect()
    }

    fn items(&mut self, node: Node<'_>) -> Stretch {
        let parts = self.parts(node);
        self.list(&parts)
    }

    pub(super) fn tuple(&mut self, node: Node<'_>) -> ExpressionId {
        let items = self.items(node);
        self.push(Expression::Tuple(items))
    }

    pub(super) fn identifier(&mut self, node: Node<'_>) -> ExpressionId {
        let name = self.name_of(node);
        self.mentioned(name, node.start_byte())
    }

    /// A name used at `at`.
    pub(super) fn mentioned(
        &mut self,
        name: crate::python::facts::NameId,
        at: usize,
    ) -> ExpressionId {
        let mention = self.mention(name, at);
        let id = self.push(Expression::Name(mention));
        self.add_use(UseKind::Mention(id));
        id
    }

    fn attribute(&mut self, node: Node<'_>) -> ExpressionId {
        let fields = &self.grammar.fields;
        let object = self.field(node, fields.object).map(|object| self.expression(object));
        let object = object.unwrap_or_else(|| self.push(Expression::Unknown));
        let Some(attribute) = self.field(node, fields.attribute) else { return object };
        let name = self.name_of(attribute);
        let id = self.attribute_of(object, name, attribute.start_byte());
        self.note_read(node, id);
        id
    }

    pub(super) fn attribute_of(
        &mut self,
        object: ExpressionId,
        name: crate::python::facts::NameId,
        at: usize,
    ) -> ExpressionId {
        let mention = self.mention(name, at);
        let id = self.push(Expression::Attribute { object, mention });
        self.add_use(UseKind::Mention(id));
        id
    }

    fn call(&mut self, node: Node<'_>) -> ExpressionId {
        let fields = &self.grammar.fields;
        let callee = self.field(node, fields.function).map(|callee| self.expression(callee));
        let callee = callee.unwrap_or_else(|| self.push(Expression::Unknown));
        self.turn_use(callee, UseKind::Call(callee));
        let (mut arguments, mut keywords) = (Vec::new(), Vec::new());
        if let Some(list) = self.field(node, fields.arguments) {
            if self.kind(list) == Kind::GeneratorExpression {
                arguments.push(self.expression(list));
            } else {
                self.arguments(list, callee, &mut arguments, &mut keywords);
            }
        }
        let arguments = self.list(&arguments);
        let keywords = self.keywords(keywords);
        let scope = self.scope;
        let call = self.push(Expression::Call { callee, arguments, keywords, scope });
        self.note_lambdas(call, arguments, keywords);
        for keyword in keywords.start..keywords.start + keywords.len {
            self.add_use(UseKind::Keyword { call, keyword });
        }
        call
    }

    /// Tells lambdas among the arguments which call they are passed to.
    fn note_lambdas(&mut self, call: ExpressionId, arguments: Stretch, keywords: Stretch) {
        let facts = &mut self.facts;
        let values = keywords.of(&facts.keywords).iter().map(|keyword| keyword.value);
        for id in arguments.of(&facts.lists).iter().copied().chain(values) {
            if let Expression::Lambda(function) = facts.expressions[id.index()] {
                facts.functions[function.index()].passed_to = Some(call);
            }
        }
    }

    fn arguments(
        &mut self,
        list: Node<'_>,
        callee: ExpressionId,
        arguments: &mut Vec<ExpressionId>,
        keywords: &mut Vec<Keyword>,
    ) {
        let fields = &self.grammar.fields;
        let called = self.last_name(callee);
        for (index, argument) in children(list).enumerate() {
            if self.kind(argument) != Kind::KeywordArgument {
                let is_type = match called {
                    "cast" => index == 0,
                    "TypeVar" => index > 0,
                    "NewType" => index == 1,
                    _ => false,
                };
                arguments.push(if is_type {
                    self.annotation(argument)
                } else {
                    self.expression(argument)
                });
                continue;
            }
            let name = self.field(argument, fields.name);
            let value = self.field(argument, fields.value);
            let (Some(name), Some(value)) = (name, value) else { continue };
            let is_type = called == "TypeVar" && self.text_of(name) == "bound";
            let value = if is_type { self.annotation(value) } else { self.expression(value) };
            let at = name.start_byte() as u32;
            keywords.push(Keyword { name: self.name_of(name), at, value });
        }
    }

    /// The last name of a dotted expression.
    pub(super) fn last_name(&self, expression: ExpressionId) -> &'t str {
        match self.facts.expressions[expression.index()] {
            Expression::Name(mention) | Expression::Attribute { mention, .. } => {
                let start = mention.at as usize;
                let len = self.facts.names[mention.name.index()].len();
                self.text.get(start..start + len).unwrap_or("")
            }
            _ => "",
        }
    }

    pub(super) fn keywords(&mut self, keywords: Vec<Keyword>) -> Stretch {
        let start = self.facts.keywords.len() as u32;
        let len = keywords.len() as u32;
        self.facts.keywords.extend(keywords);
        Stretch { start, len }
    }

    fn subscript(&mut self, node: Node<'_>) -> ExpressionId {
        let fields = &self.grammar.fields;
        let object = self.field(node, fields.value).map(|object| self.expression(object));
        let object = object.unwrap_or_else(|| self.push(Expression::Unknown));
        if makes_types(self.last_name(object)) {
            let parts: Vec<_> = children(node).skip(1).collect();
            return self.applied(object, &parts);
        }
        let mut parts = Vec::new();
        for child in children(node).skip(1) {
            parts.push(match self.content(child) {
                Some((_, text)) => {
                    let name = self.name(text);
                    self.push(Expression::Key(name))
                }
                None => self.expression(child),
            });
        }
        let index = self.index(&parts);
        self.push(Expression::Subscript { object, index })
    }

    /// What stands between brackets: one expression, or a tuple.
    pub(super) fn index(&mut self, parts: &[ExpressionId]) -> ExpressionId {
        if let [only] = parts {
            return *only;
        }
        let list = self.list(parts);
        self.push(Expression::Tuple(list))
    }

    /// Long sums lean to the left: they are walked down first, so that they cost no depth.
    fn binary(&mut self, node: Node<'_>) -> ExpressionId {
        let fields = &self.grammar.fields;
        let mut spine = vec![node];
        let mut left = self.field(node, fields.left);
        while let Some(next) = left {
            if self.kind(next) != Kind::Binary {
                break;
            }
            spine.push(next);
            left = self.field(next, fields.left);
        }
        let mut id = match left {
            Some(left) => self.expression(left),
            None => self.push(Expression::Unknown),
        };
        for node in spine.into_iter().rev() {
            let right = self.field(node, fields.right).map(|right| self.expression(right));
            let right = right.unwrap_or_else(|| self.push(Expression::Unknown));
            let operator = self.field(node, fields.operator).map_or("", |node| node.kind());
            let operator = match operator {
                "-" => Operator::Subtract,
                "*" => Operator::Multiply,
                "/" => Operator::Divide,
                "//" => Operator::FloorDivide,
                "%" => Operator::Modulo,
                "**" => Operator::Power,
                "@" => Operator::MatrixMultiply,
                "|" => Operator::Or,
                "&" => Operator::And,
                "^" => Operator::Xor,
                "<<" => Operator::ShiftLeft,
                ">>" => Operator::ShiftRight,
                _ => Operator::Add,
            };
            id = self.push(Expression::Binary { left: id, right, operator });
        }
        id
    }

    fn boolean(&mut self, node: Node<'_>) -> ExpressionId {
        let fields = &self.grammar.fields;
        let is_and = self.field(node, fields.operator).is_some_and(|node| node.kind() == "and");
        let (left, right) = (self.field(node, fields.left), self.field(node, fields.right));
        let (Some(left), Some(right)) = (left, right) else {
            return self.push(Expression::Unknown);
        };
        let left = self.expression(left);
        let at = right.start_byte();
        let right = self.guarded(left, is_and, at, |this| this.expression(right));
        let list = self.list(&[left, right]);
        self.push(if is_and { Expression::And(list) } else { Expression::Or(list) })
    }

    fn comparison(&mut self, node: Node<'_>) -> ExpressionId {
        let parts = self.parts(node);
        let mut operators = node
            .children_by_field_id(
                std::num::NonZeroU16::new(self.grammar.fields.operators)
                    .unwrap_or(std::num::NonZeroU16::MIN),
                &mut node.walk(),
            )
            .map(|operator| operator.kind())
            .collect::<Vec<_>>();
        operators.dedup();
        match (&parts[..], &operators[..]) {
            (&[left, right], [operator]) => match *operator {
                "is" | "==" => self.push(Expression::Is { left, right, negated: false }),
                "is not" | "!=" => self.push(Expression::Is { left, right, negated: true }),
                _ => self.push(Expression::Literal),
            },
            _ => self.push(Expression::Literal),
        }
    }

    fn choice(&mut self, node: Node<'_>) -> ExpressionId {
        let parts: Vec<_> = children(node).collect();
        let &[then, test, otherwise] = &parts[..] else {
            self.parts(node);
            return self.push(Expression::Unknown);
        };
        let test = self.expression(test);
        let then = self.guarded(test, true, then.start_byte(), |this| this.expression(then));
        let at = otherwise.start_byte();
        let otherwise = self.guarded(test, false, at, |this| this.expression(otherwise));
        self.push(Expression::Conditional { then, otherwise })
    }

    fn dictionary(&mut self, node: Node<'_>) -> ExpressionId {
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        for child in children(node) {
            if self.kind(child) == Kind::Pair {
                let parts = self.parts(child);
                keys.extend(parts.first());
                values.extend(parts.get(1));
            } else {
                self.expression(child);
            }
        }
        let (keys, values) = (self.list(&keys), self.list(&values));
        self.push(Expression::Dictionary { keys, values })
    }

    fn walrus(&mut self, node: Node<'_>) -> ExpressionId {
        let fields = &self.grammar.fields;
        let value = self.field(node, fields.value).map(|value| self.expression(value));
        let value = value.unwrap_or_else(|| self.push(Expression::Unknown));
        if let Some(name) = self.field(node, fields.name) {
            let mut scope = self.scope;
            while self.facts.scopes[scope.index()].kind == ScopeKind::Comprehension {
                scope = self.facts.scopes[scope.index()].parent.unwrap_or(scope);
            }
            let kind = BindingKind::Variable;
            let source = Source { kind, value: Some(value), annotation: None };
            self.within(scope, |this| this.bind_node(name, source, &[]));
        }
        value
    }

    fn produce(&mut self, node: Node<'_>) -> ExpressionId {
        let is_from = node.child(1).is_some_and(|child| child.kind() == "from");
        let value = children(node).next().map(|value| self.expression(value));
        let Some(value) = value else {
            if let Some(frame) = self.frames.last_mut() {
                frame.is_generator = true;
            }
            return self.push(Expression::Yield(self.scope));
        };
        let produced = if is_from { self.push(Expression::YieldFrom(value)) } else { value };
        if let Some(frame) = self.frames.last_mut() {
            frame.is_generator = true;
            frame.yields.push(produced);
        }
        self.push(Expression::Yield(self.scope))
    }

    /// A string; what f-strings interpolate is lowered like any expression.
    fn string(&mut self, node: Node<'_>) -> ExpressionId {
        for child in children(node) {
            match self.kind(child) {
                Kind::String => {
                    self.string(child);
                }
                Kind::Interpolation | Kind::FormatSpecifier => self.interpolation(child),
                _ => {}
            }
        }
        self.push(Expression::Text)
    }

    fn interpolation(&mut self, node: Node<'_>) {
        if self.depth >= DEPTH {
            return;
        }
        self.depth += 1;
        for child in children(node) {
            match self.kind(child) {
                Kind::FormatSpecifier | Kind::Interpolation => self.interpolation(child),
                Kind::Other if child.kind() == "format_expression" => self.interpolation(child),
                Kind::Other => {}
                _ => {
                    self.expression(child);
                }
            }
        }
        self.depth -= 1;
    }
}

/// Whether something in brackets behind the name makes a type, so that strings in it are code.
fn makes_types(name: &str) -> bool {
    matches!(
        name,
        "Union"
            | "Optional"
            | "Callable"
            | "Annotated"
            | "ClassVar"
            | "Final"
            | "Literal"
            | "list"
            | "List"
            | "dict"
            | "Dict"
            | "set"
            | "Set"
            | "frozenset"
            | "FrozenSet"
            | "tuple"
            | "Tuple"
            | "type"
            | "Type"
            | "Sequence"
            | "Iterable"
            | "Iterator"
            | "Mapping"
            | "MutableMapping"
            | "Awaitable"
            | "Coroutine"
            | "Generator"
            | "AsyncIterator"
            | "AsyncIterable"
            | "AsyncGenerator"
            | "DefaultDict"
            | "Collection"
            | "Deque"
            | "OrderedDict"
    )
}
