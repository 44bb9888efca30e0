//! Lowering of expressions and of types.

use tree_sitter::Node as Syntax;

use super::script::MODULE;
use super::{Lowering, children};
use crate::rules::facts::{IMPORTED, IN_TYPE, Kind, Op, SILENT, ScopeKind, flag};
use crate::rules::language::{Construct, Family, Role, Rule};

impl<'t> Lowering<'t> {
    pub(super) fn express(&mut self, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        match rule.construct {
            Construct::Name => self.simple_name(node),
            Construct::Member => self.member(rule, node),
            Construct::Call => self.call(rule, node, Op::Call),
            Construct::New => self.new_instance(rule, node),
            Construct::Invoke => self.invoke(rule, node),
            Construct::Index => self.index(rule, node),
            Construct::Literal => {
                self.visit_children(node);
                let name = self.word(&rule.text);
                self.push(Op::Literal, name, 0, 0)
            }
            Construct::Await => self.wrap(Op::Await, rule, node),
            Construct::Deref => self.wrap(Op::Deref, rule, node),
            Construct::Spread => self.wrap(Op::Spread, rule, node),
            Construct::Element => self.wrap(Op::Element, rule, node),
            Construct::TypeOf => self.as_type(false, |this| this.wrap(Op::TypeOf, rule, node)),
            Construct::Cast => self.cast(rule, node),
            Construct::Choice | Construct::Condition => self.choice(rule, node),
            Construct::Binary => self.binary(rule, node),
            Construct::List => self.several(Op::List, rule, node),
            Construct::Tuple => self.several(Op::Tuple, rule, node),
            Construct::Union => self.several(Op::Union, rule, node),
            Construct::Intersection => self.several(Op::Intersection, rule, node),
            Construct::This => self.push_at(Op::This, SILENT, node.start_byte() as u32, (0, 0, 0)),
            Construct::Super => {
                self.push_at(Op::Super, SILENT, node.start_byte() as u32, (0, 0, 0))
            }
            Construct::Return => self.returned(rule, node),
            Construct::Object => self.object(rule, node),
            Construct::Pair => self.pair(rule, node),
            Construct::Shorthand => self.shorthand(node),
            Construct::Composite => self.composite(rule, node),
            Construct::KeyedElement => self.keyed_element(rule, node),
            Construct::Generic => self.generic(rule, node),
            Construct::Builtin => self.builtin_type(rule, node),
            Construct::FunctionType => self.function(rule, node),
            Construct::First => self.first(node),
            Construct::Guard => self.guard(rule, node),
            Construct::Jsx => self.jsx(rule, node),
            _ => self.visit_children(node),
        }
    }

    fn simple_name(&mut self, node: Syntax<'t>) -> u32 {
        let text = self.source(node);
        let behaviour = &self.rules.behaviour;
        if text == "_" && self.family() == Family::Go {
            return 0;
        }
        if self.in_type && behaviour.inferred.iter().any(|word| word == text) {
            return 0;
        }
        if behaviour.this.iter().any(|word| word == text) {
            return self.push_at(Op::This, SILENT, node.start_byte() as u32, (0, 0, 0));
        }
        if behaviour.super_.iter().any(|word| word == text) {
            return self.push_at(Op::Super, SILENT, node.start_byte() as u32, (0, 0, 0));
        }
        self.identifier(Op::Name, node, 0, 0)
    }

    pub(super) fn member(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let object = self.as_type(false, |this| this.visit_role(rule, Role::Object, node));
        match rule.child(Role::Member, node) {
            Some(member) => self.named_member(member, object),
            None => 0,
        }
    }

    /// The member of `object` that `member` names, with type arguments if it has them.
    pub(super) fn named_member(&mut self, member: Syntax<'t>, object: u32) -> u32 {
        let generic = self.rules.of(member).filter(|rule| rule.construct == Construct::Generic);
        let Some(rule) = generic else { return self.identifier(Op::Member, member, object, 0) };
        let Some(name) = rule.child(Role::Name, member) else { return 0 };
        let row = self.identifier(Op::Member, name, object, 0);
        self.with_type_arguments(rule, member, row)
    }

    fn first(&mut self, node: Syntax<'t>) -> u32 {
        let values: Vec<u32> = children(node).into_iter().map(|child| self.visit(child)).collect();
        let value = values.first().copied().unwrap_or(0);
        self.push(Op::Spread, 0, value, 0)
    }

    fn wrap(&mut self, op: Op, rule: &Rule, node: Syntax<'t>) -> u32 {
        let value = match rule.child(Role::Value, node) {
            Some(value) => self.visit(value),
            None => self.visit_children(node),
        };
        // Only these two tell a pointer from what it points to.
        let is_plain = op == Op::Deref && !matches!(self.family(), Family::Go | Family::C);
        if value == 0 || is_plain { value } else { self.push(op, 0, value, 0) }
    }

    pub(super) fn call(&mut self, rule: &Rule, node: Syntax<'t>, op: Op) -> u32 {
        if let Some(module) = self.required(rule, node) {
            return module;
        }
        let role = if op == Op::New { Role::Type } else { Role::Callee };
        let mut callee = match rule.child(role, node) {
            Some(child) if op == Op::New => self.visit_type(child),
            Some(child) => self.visit(child),
            None => 0,
        };
        callee = self.with_type_arguments(rule, node, callee);
        if let Some(list) = rule.child(Role::Arguments, node)
            && self.family() == Family::Swift
            && self.source(list).starts_with('[')
        {
            let key = self.visit_children(list);
            return self.push(Op::Index, 0, callee, key);
        }
        self.mark_called(callee);
        let mut arguments = self.items(rule, Role::Arguments, node);
        if op == Op::Call {
            arguments.extend(rule.child(Role::Body, node));
        }
        let call = self.finish_call(op, callee, &arguments);
        if self.family() == Family::Swift {
            let labels: Vec<u32> = arguments
                .iter()
                .filter(|argument| argument.kind() == "value_argument")
                .map(|argument| {
                    argument.child_by_field_name("name").map(|label| self.name_of(label))
                })
                .map(Option::unwrap_or_default)
                .collect();
            let list = self.list(&labels);
            self.facts.nodes[call as usize].name = list;
        }
        call
    }

    /// `require("m")` and `import("m")` are the module.
    fn required(&mut self, rule: &Rule, node: Syntax<'t>) -> Option<u32> {
        let callee = rule.child(Role::Callee, node)?;
        if self.family() != Family::Script || !matches!(self.source(callee), "require" | "import") {
            return None;
        }
        let [only] = self.items(rule, Role::Arguments, node)[..] else { return None };
        if !matches!(only.kind(), "string" | "template_string") || only.named_child_count() > 1 {
            return None;
        }
        let module = self.module_name(only);
        Some(self.push_at(Op::Import, IMPORTED | SILENT, 0, (module, module, MODULE)))
    }

    pub(super) fn finish_call(&mut self, op: Op, callee: u32, arguments: &[Syntax<'t>]) -> u32 {
        let values: Vec<u32> =
            self.as_type(false, |this| arguments.iter().map(|node| this.visit(*node)).collect());
        let list = self.list(&values);
        let call = self.push(op, 0, callee, list);
        self.note_call(callee, call);
        for value in values {
            self.expect(value, call);
        }
        call
    }

    /// Notes at the name that is called where its arguments are.
    fn note_call(&mut self, callee: u32, call: u32) {
        let mut target = callee;
        if self.op(target) == Op::Generic {
            target = self.facts.nodes[target as usize].a;
        }
        if matches!(self.op(target), Op::Name | Op::Member) {
            self.facts.nodes[target as usize].b = call;
        }
    }

    /// Says of a lambda or literal that `context` tells its type.
    pub(super) fn expect(&mut self, value: u32, context: u32) {
        let row = self.facts.nodes[value as usize];
        let is_call = matches!(self.op(context), Op::Call | Op::New);
        match row.op {
            Op::Lambda | Op::Object if self.symbol(row.a).context == 0 => {
                self.symbol(row.a).context = context;
            }
            Op::Deref => self.expect(row.a, context),
            Op::Choice if !is_call => {
                for part in self.facts.list(row.b).to_vec() {
                    self.expect(part, context);
                }
            }
            Op::List if !is_call && row.b != 0 => {
                let element = self.push(Op::Element, 0, context, 0);
                for part in self.facts.list(row.b).to_vec() {
                    self.expect(part, element);
                }
            }
            _ => {}
        }
    }

    fn with_type_arguments(&mut self, rule: &Rule, node: Syntax<'t>, base: u32) -> u32 {
        let Some(list) = rule.child(Role::TypeArguments, node) else { return base };
        let arguments = children(list);
        let list = self.as_type(true, |this| this.visit_all(&arguments));
        if list == 0 {
            return base;
        }
        let generic = self.push(Op::Generic, 0, base, list);
        if self.family() == Family::Csharp && matches!(self.op(base), Op::Name | Op::Member) {
            // The name alone does not say which of the classes called so is meant.
            self.facts.nodes[base as usize].b = generic;
        }
        generic
    }

    fn new_instance(&mut self, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        let call = self.call(rule, node, Op::New);
        let Some(body) = rule.child(Role::Body, node) else { return call };
        let symbol = self.hidden(Kind::Object, node);
        let base = self.facts.nodes[call as usize].a;
        self.symbol(symbol).bases = self.list(&[base]);
        self.in_scope(ScopeKind::Class, Some(symbol), |this| {
            this.as_type(false, |this| this.visit_children(body))
        });
        self.as_type(false, |this| this.push(Op::Object, 0, symbol, 0))
    }

    /// A call that names its receiver and the method at once.
    fn invoke(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let object = rule.child(Role::Object, node);
        let receiver = object.map_or(0, |object| self.visit(object));
        let Some(name) = rule.child(Role::Name, node) else { return self.visit_children(node) };
        let mut callee = match object {
            Some(_) => self.identifier(Op::Member, name, receiver, 0),
            None => self.identifier(Op::Name, name, 0, 0),
        };
        callee = self.with_type_arguments(rule, node, callee);
        self.mark_called(callee);
        let mut arguments = self.items(rule, Role::Arguments, node);
        arguments.extend(rule.child(Role::Body, node));
        self.finish_call(Op::Call, callee, &arguments)
    }

    fn index(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let object = self.visit_role(rule, Role::Object, node);
        let key = self.as_type(false, |this| this.visit_role(rule, Role::Key, node));
        self.push(Op::Index, 0, object, key)
    }

    fn cast(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let value = self.visit_role(rule, Role::Value, node);
        let type_ = self.type_role(rule, Role::Type, node);
        if type_ == 0 {
            return value;
        }
        self.expect(value, type_);
        self.push(Op::Typed, 0, type_, value)
    }

    /// One of the parts that play `left` and `right`; the condition is only read.
    fn choice(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        self.visit_role(rule, Role::Condition, node);
        let left = self.visit_role(rule, Role::Left, node);
        let right = self.visit_role(rule, Role::Right, node);
        let list = self.list(&[left, right]);
        self.push(Op::Choice, 0, 0, list)
    }

    fn binary(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let operator = rule.child(Role::Operator, node).map_or("", |child| self.source(child));
        let left = self.visit_role(rule, Role::Left, node);
        let right = match rule.child(Role::Right, node) {
            Some(right) if matches!(operator, "instanceof" | "is" | "as" | "as?") => {
                self.as_type(operator != "instanceof", |this| this.visit(right))
            }
            Some(right) => self.visit(right),
            None => 0,
        };
        if matches!(operator, "||" | "??" | "?:" | "or") {
            let list = self.list(&[left, right]);
            return self.push(Op::Choice, 0, 0, list);
        }
        if matches!(operator, "&&" | "and" | ",") {
            return right;
        }
        let name = self.name(operator);
        self.push(Op::Binary, name, left, right)
    }

    fn several(&mut self, op: Op, rule: &Rule, node: Syntax<'t>) -> u32 {
        let items = match rule.child(Role::Values, node) {
            Some(list) => children(list),
            None => children(node),
        };
        let list = self.visit_all(&items);
        self.push(op, 0, 0, list)
    }

    fn returned(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let value = match rule.child(Role::Value, node) {
            Some(value) => self.visit(value),
            None => self.visit_children(node),
        };
        if let Some(returns) = self.returns.last_mut() {
            returns.push(value);
        }
        0
    }

    /// An object literal or an object type: an unnamed class with members.
    fn object(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let symbol = self.hidden(Kind::Object, node);
        self.in_scope(ScopeKind::Class, Some(symbol), |this| {
            match rule.child(Role::Body, node) {
                Some(body) => this.visit_children(body),
                None => this.visit_children(node),
            };
        });
        self.push(Op::Object, 0, symbol, 0)
    }

    /// A member of an object literal.
    fn pair(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let key = rule.child(Role::Key, node);
        let is_plain = key.is_some_and(|key| key.named_child_count() == 0);
        let symbol = match key {
            Some(key) if is_plain => self.declare(Kind::Field, key, node),
            Some(key) => {
                self.visit(key);
                0
            }
            None => 0,
        };
        let value = self.visit_role(rule, Role::Value, node);
        if let (Some(key), true) = (key, symbol != 0) {
            self.bind_value(symbol, value);
            let row = self.expected_key(key);
            self.expect(value, row);
        }
        0
    }

    /// A row for the member that the object's place expects under a key.
    fn expected_key(&mut self, key: Syntax<'t>) -> u32 {
        let object = self.owner();
        let expected = self.push(Op::Expected, 0, object, 0);
        self.identifier(Op::Key, key, expected, 0)
    }

    fn shorthand(&mut self, node: Syntax<'t>) -> u32 {
        let symbol = self.declare(Kind::Field, node, node);
        self.symbol(symbol).flags |= flag::HIDDEN;
        let value = self.identifier(Op::Name, node, 0, 0);
        self.symbol(symbol).value = value;
        self.expected_key(node);
        0
    }

    fn composite(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let type_ = self.type_role(rule, Role::Type, node);
        let outer = self.composite;
        let type_ = match type_ {
            0 if outer != 0 => self.push(Op::Element, 0, outer, 0),
            type_ => type_,
        };
        let row = self.push(Op::Composite, 0, type_, 0);
        self.composite = row;
        let body = rule.child(Role::Body, node).unwrap_or(node);
        self.as_type(false, |this| this.visit_children(body));
        self.composite = outer;
        row
    }

    fn keyed_element(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let composite = self.composite;
        if let Some(key) = rule.child(Role::Key, node) {
            let value = self.visit(key);
            if self.op(value) == Op::Name {
                let row = self.facts.nodes[value as usize];
                self.facts.nodes[value as usize].flags |= SILENT;
                self.push_at(Op::Key, 0, row.start, (row.name, composite, value));
            }
        }
        self.visit_role(rule, Role::Value, node);
        0
    }

    fn generic(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let base = match rule.child(Role::Name, node) {
            Some(name) => self.visit(name),
            None => self.visit_role(rule, Role::Type, node),
        };
        self.with_type_arguments(rule, node, base)
    }

    /// A type that the language writes with signs: `[]T`, `T[]`, `T?`.
    fn builtin_type(&mut self, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        let items = match rule.child(Role::Values, node) {
            Some(value) => vec![value],
            None => children(node),
        };
        let mut values: Vec<u32> = items.iter().map(|item| self.visit(*item)).collect();
        values.retain(|value| *value != 0);
        if rule.text.is_empty() {
            return values.first().copied().unwrap_or(0);
        }
        let base = self.builtin(&rule.text);
        if values.is_empty() {
            return base;
        }
        let list = self.list(&values);
        self.push(Op::Generic, 0, base, list)
    }

    /// `if x is T` and the like: inside, `x` is narrowed.
    fn guard(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let Some(condition) = rule.child(Role::Condition, node) else {
            return self.visit_children(node);
        };
        self.in_scope(ScopeKind::Block, None, |this| {
            let from = this.facts.nodes.len();
            for part in children(node) {
                if part == condition {
                    this.visit(part);
                    continue;
                }
                if rule.child(Role::Body, node) == Some(part) {
                    let to = this.facts.nodes.len();
                    this.in_scope(ScopeKind::Block, None, |this| {
                        this.narrow(from, to);
                        this.visit(part);
                    });
                } else {
                    this.visit(part);
                }
            }
        });
        0
    }

    /// Declares again, with their narrower type, the names tested in the rows `from..to`.
    fn narrow(&mut self, from: usize, to: usize) {
        for index in from..to {
            let row = self.facts.nodes[index];
            if row.op != Op::Binary || row.b == 0 {
                continue;
            }
            let subject = self.facts.nodes[row.a as usize];
            let operator = self.facts.name(row.name);
            if subject.op != Op::Name || !matches!(operator, "instanceof" | "is") {
                continue;
            }
            let Some(binding) = self.binding_of(subject.name) else { continue };
            self.narrowed(binding, row.b);
        }
    }

    pub(super) fn binding_of(&self, name: u32) -> Option<u32> {
        let mut scope = self.scope;
        loop {
            if let Some(found) = self.declared.get(&(scope, name)) {
                return Some(*found);
            }
            if scope == 0 {
                return None;
            }
            scope = self.facts.scopes[scope as usize].parent;
        }
    }

    /// Declares a local again in the present scope, with type `type_`.
    pub(super) fn narrowed(&mut self, binding: u32, type_: u32) {
        let old = self.facts.symbols[binding as usize];
        if !matches!(old.kind, Kind::Local | Kind::Parameter) {
            return;
        }
        let mut symbol = old;
        symbol.scope = self.scope;
        symbol.flags |= flag::HIDDEN;
        symbol.from = 0;
        symbol.value = 0;
        symbol.declared = type_;
        self.facts.symbols.push(symbol);
        let id = self.facts.symbols.len() as u32 - 1;
        self.declared.insert((self.scope, symbol.name), id);
    }

    fn jsx(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        for child in children(node) {
            if rule.child(Role::Name, node) == Some(child) {
                let text = self.source(child);
                let is_element = text.starts_with(|c: char| c.is_ascii_lowercase());
                if child.kind() == "identifier" && is_element {
                    continue;
                }
                self.as_type(false, |this| this.visit(child));
            } else {
                self.visit(child);
            }
        }
        0
    }

    /// Whether the row stands where a type is expected.
    pub(super) fn is_type_row(&self, node: u32) -> bool {
        self.facts.nodes[node as usize].flags & IN_TYPE != 0
    }
}
