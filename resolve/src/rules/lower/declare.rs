//! Lowering of declarations: functions, classes, variables and their like.

use tree_sitter::Node as Syntax;

use super::{Lowering, children};
use crate::rules::facts::{IMPLEMENTED, INHERITED, Kind, Op, ScopeKind, WRITTEN, flag};
use crate::rules::language::{Construct, Family, Role, Rule};

impl<'t> Lowering<'t> {
    /// A function, method, lambda or function type. The value of a lambda is the function.
    pub(super) fn function(&mut self, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        let is_value = matches!(rule.construct, Construct::Lambda | Construct::FunctionType);
        let name = rule.child(Role::Name, node);
        let flags = rule.flags | self.modifiers(node) | std::mem::take(&mut self.pending);
        let symbol = match name {
            Some(name) if !is_value => {
                let kind = self.function_kind(rule, name);
                self.declare(kind, name, node)
            }
            _ if is_value || rule.kind.is_none() => self.hidden(Kind::Lambda, node),
            _ => self.hidden(rule.kind.unwrap_or(Kind::Function), node),
        };
        self.symbol(symbol).flags |= flags;
        self.in_scope(ScopeKind::Function, Some(symbol), |this| {
            if let (Some(name), true) = (name, is_value) {
                let inner = this.declare(Kind::Function, name, node);
                let value = this.push(Op::Lambda, 0, symbol, 0);
                this.symbol(inner).value = value;
                this.symbol(symbol).receiver = inner;
            }
            this.signature(rule, node, symbol);
            this.body(rule, node, symbol);
        });
        self.push(Op::Lambda, 0, symbol, 0)
    }

    fn function_kind(&self, rule: &Rule, name: Syntax<'t>) -> Kind {
        let in_class = self.scope_kind() == ScopeKind::Class;
        match rule.kind {
            Some(kind) => kind,
            None if in_class
                && matches!(self.source(name), "constructor" | "__construct" | "initialize") =>
            {
                Kind::Constructor
            }
            None if in_class => Kind::Method,
            None => Kind::Function,
        }
    }

    fn signature(&mut self, rule: &Rule, node: Syntax<'t>, symbol: u32) {
        self.type_parameters(rule, node, symbol);
        let (receiver, result) = self.outer_types(node);
        if let Some(receiver) = rule.child(Role::Receiver, node).or(receiver) {
            self.receiver(receiver, symbol);
        }
        let first = self.facts.symbols.len();
        for item in self.items(rule, Role::Parameters, node) {
            self.as_type(false, |this| this.one_parameter(item));
        }
        let parameters: Vec<u32> = (first..self.facts.symbols.len())
            .map(|id| id as u32)
            .filter(|id| {
                let found = &self.facts.symbols[*id as usize];
                found.kind == Kind::Parameter && found.scope == self.scope
            })
            .collect();
        let is_extension = parameters
            .first()
            .is_some_and(|first| self.facts.symbols[*first as usize].flags & flag::EXTENSION != 0);
        if is_extension {
            self.symbol(symbol).flags |= flag::EXTENSION;
        }
        self.symbol(symbol).parameters = self.list(&parameters);
        if parameters.is_empty() {
            self.implicit_parameter(node, symbol);
        }
        if let Some(result) = rule.child(Role::Type, node).or(result) {
            let type_ = self.result(result);
            self.symbol(symbol).declared = type_;
        }
    }

    /// A parameter may be written as a mere name or pattern.
    fn one_parameter(&mut self, item: Syntax<'t>) {
        match self.rules.of(item) {
            Some(rule) if rule.construct == Construct::Parameter => {
                self.visit(item);
            }
            _ if item.prev_sibling().is_some_and(|before| before.kind() == "=") => {
                self.visit(item);
            }
            _ => self.bind_parameter(item, item, 0, 0),
        }
    }

    pub(super) fn type_parameters(&mut self, rule: &Rule, node: Syntax<'t>, symbol: u32) {
        let Some(list) = rule.child(Role::TypeParameters, node) else { return };
        let first = self.facts.symbols.len() as u32;
        let is_one = self.rules.of(list).is_some_and(|r| r.construct == Construct::TypeParameter);
        self.as_type(
            true,
            |this| if is_one { this.visit(list) } else { this.visit_children(list) },
        );
        let generics: Vec<u32> = (first..self.facts.symbols.len() as u32)
            .filter(|id| self.facts.symbols[*id as usize].kind == Kind::Generic)
            .collect();
        self.symbol(symbol).generics = self.list(&generics);
    }

    /// The receiver of a Go method: a parameter whose type the method belongs to.
    fn receiver(&mut self, node: Syntax<'t>, symbol: u32) {
        let first = self.facts.symbols.len();
        if self.family() == Family::Go {
            self.visit_children(node);
            let found = self.facts.symbols[first..].iter().find(|s| s.kind == Kind::Parameter);
            let type_ = found.map_or(0, |found| found.declared);
            self.receiver_generics(type_);
            self.symbol(symbol).receiver = type_;
        } else {
            let type_ = self.visit_type(node);
            self.symbol(symbol).receiver = type_;
            self.symbol(symbol).flags |= flag::EXTENSION;
        }
    }

    /// `func (s *Stack[T]) Push`: the arguments of the receiver's type declare type parameters.
    fn receiver_generics(&mut self, type_: u32) {
        let row = self.facts.nodes[type_ as usize];
        let row = if row.op == Op::Deref { self.facts.nodes[row.a as usize] } else { row };
        if row.op != Op::Generic {
            return;
        }
        for node in self.facts.list(row.b).to_vec() {
            let name = self.facts.nodes[node as usize];
            if name.op == Op::Name {
                self.add(crate::rules::facts::Symbol {
                    name: name.name,
                    kind: Kind::Generic,
                    scope: self.scope,
                    at: name.start,
                    start: name.start,
                    end: name.start,
                    ..Default::default()
                });
            }
        }
    }

    /// The declared result; several are a tuple, and those with names are locals.
    fn result(&mut self, node: Syntax<'t>) -> u32 {
        if self.family() != Family::Go || node.kind() != "parameter_list" {
            return self.visit_type(node);
        }
        let first = self.facts.symbols.len();
        self.visit_children(node);
        let types: Vec<u32> = self.facts.symbols[first..]
            .iter()
            .filter(|symbol| symbol.kind == Kind::Parameter && symbol.scope == self.scope)
            .map(|symbol| symbol.declared)
            .collect();
        match types[..] {
            [] => 0,
            [only] => only,
            _ => {
                let list = self.list(&types);
                self.as_type(true, |this| this.push(Op::Tuple, 0, 0, list))
            }
        }
    }

    fn body(&mut self, rule: &Rule, node: Syntax<'t>, symbol: u32) {
        let Some(body) = rule.child(Role::Body, node) else { return };
        self.symbol(symbol).flags |= flag::BODY;
        let members = self.members;
        let defined = self.facts.symbols.len();
        self.returns.push(Vec::new());
        let is_block = body == node || self.rules.of(body).is_none_or(Rule::is_list);
        let value = self.as_type(false, |this| {
            if is_block { this.visit_children(body) } else { this.visit(body) }
        });
        let mut returns = self.returns.pop().unwrap_or_default();
        let is_expression = !is_block || body == node || self.rules.behaviour.last_is_result;
        if is_expression && value != 0 && self.symbol(symbol).kind != Kind::Constructor {
            returns.push(value);
        }
        let is_seen = self.rules.behaviour.infers_results
            && self.symbol(symbol).declared == 0
            && returns.iter().any(|value| *value != 0);
        for value in &returns {
            let declared = self.symbol(symbol).declared;
            if declared != 0 {
                self.expect(*value, declared);
            }
        }
        self.symbol(symbol).returns = self.list(&returns);
        if !is_seen && members == self.members {
            let inside = &self.facts.symbols[defined..];
            let count = inside.iter().filter(|symbol| symbol.kind.defines().is_some()).count();
            self.hide(body, count);
        }
    }

    pub(super) fn class(&mut self, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        let kind = rule.kind.unwrap_or(Kind::Class);
        let flags = rule.flags | self.modifiers(node) | std::mem::take(&mut self.pending);
        let symbol = match rule.child(Role::Name, node) {
            Some(name) if rule.construct == Construct::Extension => {
                let type_ = self.visit_type(name);
                let symbol = self.hidden(kind, node);
                self.symbol(symbol).receiver = type_;
                symbol
            }
            Some(name) => self.declare(kind, name, node),
            None => self.hidden(Kind::Object, node),
        };
        self.symbol(symbol).flags |= flags;
        self.class_inside(rule, node, symbol);
        self.push(Op::Class, 0, symbol, 0)
    }

    pub(super) fn class_inside(&mut self, rule: &Rule, node: Syntax<'t>, symbol: u32) {
        self.bases.push(Vec::new());
        self.in_scope(ScopeKind::Class, Some(symbol), |this| {
            this.type_parameters(rule, node, symbol);
            for (role, flags) in [(Role::Bases, INHERITED), (Role::Interfaces, IMPLEMENTED)] {
                for bases in rule.all(role, node) {
                    this.base_types(bases, flags);
                }
            }
            for item in this.items(rule, Role::Parameters, node) {
                this.as_type(false, |this| this.one_parameter(item));
            }
            if let Some(body) = rule.child(Role::Body, node) {
                this.as_type(false, |this| this.visit_children(body));
            }
        });
        let bases = self.bases.pop().unwrap_or_default();
        self.symbol(symbol).bases = self.list(&bases);
    }

    /// The types named in a clause of base types.
    pub(super) fn base_types(&mut self, node: Syntax<'t>, flags: u8) {
        if node.is_extra() {
            return;
        }
        if node.kind().ends_with("arguments") || node.kind() == "argument_list" {
            self.as_type(false, |this| this.visit_children(node));
            return;
        }
        let is_interfaces =
            node.kind().contains("implements") || node.kind().contains("interfaces");
        let flags = if is_interfaces { IMPLEMENTED } else { flags };
        if self.rules.of(node).is_none_or(Rule::is_list) {
            for child in children(node) {
                self.base_types(child, flags);
            }
            return;
        }
        let type_ = self.visit_type(node);
        self.add_base(type_, flags);
    }

    pub(super) fn add_base(&mut self, type_: u32, flags: u8) {
        if type_ == 0 {
            return;
        }
        let mut target = type_;
        while matches!(self.op(target), Op::Generic | Op::Call | Op::New | Op::Deref) {
            target = self.facts.nodes[target as usize].a;
        }
        self.mark(target, flags);
        if let Some(bases) = self.bases.last_mut() {
            bases.push(type_);
        }
    }

    pub(super) fn namespace(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let Some(name) = rule.child(Role::Name, node) else {
            let body = rule.child(Role::Body, node);
            return body.map_or(0, |body| self.visit_children(body));
        };
        let flags = self.modifiers(node) | std::mem::take(&mut self.pending);
        let Some(body) = rule.child(Role::Body, node) else {
            let parts: Vec<&'t str> = self
                .source(name)
                .split(['.', '\\', ':'])
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .collect();
            let mut names = match self.facts.language {
                // Clauses one after another nest.
                crate::rules::language::Language::Scala => {
                    self.facts.list(self.facts.package).to_vec()
                }
                _ => Vec::new(),
            };
            for part in parts {
                names.push(self.name(part));
            }
            self.facts.package = self.list(&names);
            return 0;
        };
        let symbol = self.declare(Kind::Namespace, name, node);
        self.symbol(symbol).flags |= flags;
        self.in_scope(ScopeKind::Namespace, Some(symbol), |this| this.visit_children(body));
        0
    }

    /// A declaration of variables, constants or fields.
    pub(super) fn variable(&mut self, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        let flags = rule.flags | self.modifiers(node) | std::mem::take(&mut self.pending);
        let mut declared = self.type_role(rule, Role::Type, node);
        let values = rule.child(Role::Value, node).map_or_else(Vec::new, |value| {
            match self.rules.of(value) {
                None => children(value),
                Some(_) => vec![value],
            }
        });
        let mut values: Vec<u32> = values.iter().map(|value| self.visit(*value)).collect();
        if &*rule.text == "repeats" {
            if values.is_empty() && declared == 0 {
                declared = self.repeated.0;
                values.push(self.repeated.1);
            }
            self.repeated = (declared, values.first().copied().unwrap_or(0));
        }
        let mut patterns = rule.all(Role::Name, node);
        if patterns.is_empty() {
            patterns = rule.all(Role::Pattern, node);
        }
        if let [only] = patterns[..]
            && self.rules.of(only).is_none()
            && only.named_child_count() > 0
        {
            patterns = children(only);
        }
        let kind = self.variable_kind(rule);
        let from = if self.rules.behaviour.sequential { node.end_byte() as u32 } else { 0 };
        let count = patterns.len();
        for (index, pattern) in patterns.into_iter().enumerate() {
            let value = match values[..] {
                [only] if count > 1 => self.push(Op::Part, 0, only, index as u32 + 1),
                _ => values.get(index).copied().unwrap_or(0),
            };
            let whole = if count == 1 { node } else { pattern };
            let before = self.facts.symbols.len() as u32;
            self.bind(pattern, &Binding { kind, flags, declared, value, from, whole });
            if let Some(body) = rule.child(Role::Body, node)
                && (before as usize) < self.facts.symbols.len()
            {
                // Accessors: they belong to the property.
                self.in_scope(ScopeKind::Function, Some(before), |this| this.visit_children(body));
            }
        }
        0
    }

    /// Declares what `pattern` binds.
    pub(super) fn bind_simple(&mut self, name: Syntax<'t>, binding: &Binding<'t>) {
        let text = self.name_of(name);
        if self.facts.name(text) == "_" && self.family() == Family::Go {
            return;
        }
        let is_again = binding.from != 0 && binding.kind == Kind::Local;
        if is_again && self.declared.contains_key(&(self.scope, text)) {
            let row = self.identifier(Op::Name, name, 0, 0);
            self.mark(row, WRITTEN);
            return;
        }
        let symbol = self.declare(binding.kind, name, binding.whole);
        let found = self.symbol(symbol);
        found.flags |= binding.flags;
        found.declared = binding.declared;
        found.from = binding.from;
        self.bind_value(symbol, binding.value);
    }

    /// Says what a variable is set to. One that is set to a function is that function.
    pub(super) fn bind_value(&mut self, symbol: u32, value: u32) {
        self.symbol(symbol).value = value;
        let mut value = value;
        while matches!(self.op(value), Op::Typed | Op::Deref) {
            let row = self.facts.nodes[value as usize];
            value = if row.op == Op::Typed { row.b } else { row.a };
        }
        let row = self.facts.nodes[value as usize];
        let declared = self.symbol(symbol).declared;
        if declared != 0 {
            self.expect(value, declared);
        }
        if self.is_module(value) {
            let found = self.symbol(symbol);
            if matches!(found.kind, Kind::Variable | Kind::Constant | Kind::Local) {
                found.kind = Kind::Import;
            }
            return;
        }
        if row.op != Op::Lambda || self.is_type_row(value) {
            return;
        }
        if self.family() == Family::Go {
            // A function literal belongs to the function around it.
            return;
        }
        if self.symbol(row.a).receiver == 0 {
            self.symbol(row.a).receiver = symbol;
        }
        let found = self.symbol(symbol);
        found.kind = match found.kind {
            Kind::Variable | Kind::Constant | Kind::Local => Kind::Function,
            Kind::Field => Kind::Method,
            kind => kind,
        };
    }

    /// Whether a row is a required module or a part of one.
    fn is_module(&self, value: u32) -> bool {
        let row = self.facts.nodes[value as usize];
        match row.op {
            Op::Import => true,
            Op::Part if row.name != 0 => self.op(row.a) == Op::Import,
            _ => false,
        }
    }

    pub(super) fn parameter(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let mut flags = rule.flags | self.modifiers(node);
        if node.next_sibling().is_some_and(|next| next.kind() == "=") {
            // A default beside the parameter rather than in it (Kotlin, Swift).
            flags |= flag::OPTIONAL;
        }
        let mut declared = self.type_role(rule, Role::Type, node);
        if flags & flag::VARIADIC != 0 && declared != 0 && self.family() == Family::Go {
            declared = self.as_type(true, |this| {
                let base = this.builtin("slice");
                let list = this.list(&[declared]);
                this.push(Op::Generic, 0, base, list)
            });
        }
        let value = self.as_type(false, |this| this.visit_role(rule, Role::Value, node));
        if rule.child(Role::Value, node).is_some() {
            // The value may be one that no row stands for (`default`).
            flags |= flag::OPTIONAL;
        }
        let mut patterns = rule.all(Role::Name, node);
        if patterns.is_empty() {
            patterns = rule.all(Role::Pattern, node);
        }
        // Swift's grammar calls both of `b: Int` a name.
        patterns.retain(|pattern| Some(*pattern) != rule.child(Role::Type, node));
        if patterns.is_empty() {
            let symbol = self.hidden(Kind::Parameter, node);
            self.symbol(symbol).declared = declared;
            self.symbol(symbol).flags |= flags;
        }
        for pattern in patterns {
            let before = self.facts.symbols.len();
            self.bind_parameter(pattern, node, declared, value);
            let is_one = self.facts.symbols.len() == before + 1;
            if is_one {
                let symbol = before as u32;
                self.symbol(symbol).flags |= flags;
                if self.family() == Family::Swift {
                    let label = node.child_by_field_name("external_name").unwrap_or(pattern);
                    self.symbol(symbol).context = self.label(label);
                }
                self.parameter_property(node, symbol);
            }
        }
        0
    }

    fn label(&mut self, node: Syntax<'t>) -> u32 {
        match self.source(node) {
            "_" => 0,
            _ => self.name_of(node),
        }
    }

    /// A parameter that declares a field as well: TypeScript's `constructor(private x: T)`.
    fn parameter_property(&mut self, node: Syntax<'t>, parameter: u32) {
        let mut cursor = node.walk();
        let words =
            ["accessibility_modifier", "readonly", "override_modifier", "visibility_modifier"];
        let declares = node.children(&mut cursor).any(|child| words.contains(&child.kind()));
        let class = self.facts.scopes[self.scope as usize].parent;
        if !declares || self.facts.scopes[class as usize].kind != ScopeKind::Class {
            return;
        }
        let mut field = self.facts.symbols[parameter as usize];
        field.kind = Kind::Field;
        field.scope = class;
        if let Some(plain) = self.plain_variable(field.name) {
            field.name = plain;
            field.at += 1;
        }
        self.add(field);
    }

    pub(super) fn bind_parameter(
        &mut self,
        pattern: Syntax<'t>,
        whole: Syntax<'t>,
        declared: u32,
        value: u32,
    ) {
        let kind =
            if self.scope_kind() == ScopeKind::Class { Kind::Field } else { Kind::Parameter };
        let is_name = match self.rules.of(pattern) {
            Some(rule) => rule.construct == Construct::Name,
            None => pattern.named_child_count() == 0,
        };
        if is_name {
            let binding = Binding { kind, flags: 0, declared, value, from: 0, whole };
            self.bind_simple(pattern, &binding);
            return;
        }
        if self.rules.of(pattern).is_some_and(|rule| rule.construct == Construct::DefaultPattern) {
            let rule = self.rules.of(pattern).expect("it was just looked up");
            let value = self.visit_role(rule, Role::Right, pattern);
            if let Some(left) = rule.child(Role::Left, pattern) {
                self.bind_parameter(left, whole, declared, value);
            }
            return;
        }
        if self.rules.of(pattern).is_some_and(|rule| rule.construct == Construct::RestPattern) {
            if let Some(inner) = pattern.named_child(0) {
                let before = self.facts.symbols.len();
                self.bind_parameter(inner, whole, declared, 0);
                if let Some(symbol) = self.facts.symbols.get_mut(before) {
                    symbol.flags |= flag::VARIADIC;
                }
            }
            return;
        }
        let symbol = self.hidden(Kind::Parameter, pattern);
        self.symbol(symbol).declared = declared;
        self.symbol(symbol).value = value;
        let value = self.push(Op::Local, 0, symbol, 0);
        self.bind(pattern, &Binding::local(value, 0, whole));
    }

    pub(super) fn type_parameter(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let bound = self.type_role(rule, Role::Type, node);
        for name in rule.all(Role::Name, node) {
            let symbol = self.declare(Kind::Generic, name, node);
            self.symbol(symbol).declared = bound;
        }
        self.type_role(rule, Role::Value, node);
        0
    }

    pub(super) fn alias(&mut self, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        let flags = rule.flags | self.modifiers(node) | std::mem::take(&mut self.pending);
        let Some(name) = rule.child(Role::Name, node) else { return self.visit_children(node) };
        let kind = rule.kind.unwrap_or(Kind::Alias);
        let symbol = self.declare(kind, name, node);
        self.symbol(symbol).flags |= flags;
        let scope = self.facts.symbols[symbol as usize].inner;
        self.in_scope(ScopeKind::Block, Some(symbol), |this| {
            this.type_parameters(rule, node, symbol);
            let value = this.type_role(rule, Role::Value, node);
            this.symbol(symbol).value = value;
        });
        self.symbol(symbol).inner = scope;
        0
    }

    pub(super) fn enum_member(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let names = rule.all(Role::Name, node);
        let Some((name, others)) = names.split_first() else { return self.visit_children(node) };
        self.visit_role(rule, Role::Value, node);
        let symbol = self.declare(Kind::EnumMember, *name, node);
        for other in others {
            self.declare(Kind::EnumMember, *other, *other);
        }
        for item in self.items(rule, Role::Parameters, node) {
            self.visit(item);
        }
        if let Some(body) = rule.child(Role::Body, node) {
            self.in_scope(ScopeKind::Class, Some(symbol), |this| this.visit_children(body));
        }
        0
    }

    /// A member that is a type by itself: its members are the owner's.
    pub(super) fn embedded(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        if node.parent().is_some_and(|parent| parent.kind() == "type_arguments") {
            return self.visit_children(node);
        }
        let names = rule.all(Role::Name, node);
        if !names.is_empty() {
            let declared = self.type_role(rule, Role::Type, node);
            for name in names {
                let whole = node;
                let kind = Kind::Field;
                self.bind(name, &Binding { kind, flags: 0, declared, value: 0, from: 0, whole });
            }
            return 0;
        }
        let type_ = match rule.child(Role::Type, node) {
            Some(type_) => self.visit_type(type_),
            None => self.as_type(true, |this| this.visit_children(node)),
        };
        self.add_base(type_, INHERITED);
        self.embedded_field(type_, node);
        0
    }

    fn embedded_field(&mut self, type_: u32, node: Syntax<'t>) {
        let owner = self.owner();
        if self.symbol(owner).kind != Kind::Struct {
            return;
        }
        let mut row = self.facts.nodes[type_ as usize];
        while matches!(row.op, Op::Generic | Op::Deref) {
            row = self.facts.nodes[row.a as usize];
        }
        if matches!(row.op, Op::Name | Op::Member) {
            self.add(crate::rules::facts::Symbol {
                name: row.name,
                kind: Kind::Field,
                flags: flag::EMBEDDED,
                scope: self.scope,
                start: node.start_byte() as u32,
                end: node.end_byte() as u32,
                at: row.start,
                declared: type_,
                ..Default::default()
            });
        }
    }
}

/// What a pattern binds its names to.
pub(super) struct Binding<'t> {
    pub(super) kind: Kind,
    pub(super) flags: u16,
    pub(super) declared: u32,
    pub(super) value: u32,
    /// Where the names begin to be visible.
    pub(super) from: u32,
    pub(super) whole: Syntax<'t>,
}

impl<'t> Binding<'t> {
    pub(super) fn local(value: u32, from: u32, whole: Syntax<'t>) -> Self {
        Self { kind: Kind::Local, flags: 0, declared: 0, value, from, whole }
    }
}
