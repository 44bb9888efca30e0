//! Lowering of what binds names: patterns, assignments, loops, cases.

use tree_sitter::Node as Syntax;

use super::declare::Binding;
use super::{Lowering, children};
use crate::rules::facts::{Kind, Op, ScopeKind, flag};
use crate::rules::language::{Construct, Family, Language, Role, Rule};

impl<'t> Lowering<'t> {
    /// Declares the names that `pattern` binds.
    pub(super) fn bind(&mut self, pattern: Syntax<'t>, binding: &Binding<'t>) {
        if pattern.is_extra() || self.depth > super::MAX_DEPTH {
            return;
        }
        self.depth += 1;
        self.bind_by_rule(pattern, binding);
        self.depth -= 1;
    }

    fn bind_by_rule(&mut self, pattern: Syntax<'t>, binding: &Binding<'t>) {
        let Some(rule) = self.rules.of(pattern) else {
            return self.bind_children(pattern, binding);
        };
        match rule.construct {
            Construct::Name => self.bind_simple(pattern, binding),
            Construct::Shorthand => {
                let name = self.name_of(pattern);
                let start = pattern.start_byte() as u32;
                let value = self.push_at(Op::Part, 0, start, (name, binding.value, 0));
                self.bind_simple(pattern, &binding.part(value));
            }
            Construct::ObjectPattern => {
                for child in children(pattern) {
                    self.bind(child, &binding.part(binding.value));
                }
            }
            Construct::PairPattern => self.bind_pair(rule, pattern, binding),
            Construct::ListPattern => self.bind_list(pattern, binding),
            Construct::DefaultPattern => {
                let default = self.visit_role(rule, Role::Right, pattern);
                let Some(left) = rule.child(Role::Left, pattern) else { return };
                let value = if binding.value == 0 { default } else { binding.value };
                self.bind(left, &Binding { whole: left, value, ..*binding });
            }
            Construct::RestPattern => {
                let value = self.push(Op::Spread, 0, binding.value, 0);
                let Some(inner) = pattern.named_child(0) else { return };
                self.bind(inner, &binding.part(value));
            }
            Construct::Member | Construct::Index => {
                let row = self.visit(pattern);
                self.mark_written(row);
            }
            Construct::Cast => {
                let declared = self.type_role(rule, Role::Type, pattern);
                let Some(inner) = rule.child(Role::Pattern, pattern) else { return };
                self.bind(inner, &Binding { declared, whole: pattern, ..*binding });
            }
            Construct::Variable => {
                let value = self.visit_role(rule, Role::Value, pattern);
                let Some(name) = rule.child(Role::Name, pattern) else { return };
                self.bind(name, &Binding { value, ..*binding });
            }
            Construct::Ignore => {}
            _ => self.bind_children(pattern, binding),
        }
    }

    fn bind_children(&mut self, pattern: Syntax<'t>, binding: &Binding<'t>) {
        let inner = children(pattern);
        if inner.is_empty() {
            return self.bind_simple(pattern, binding);
        }
        for child in inner {
            self.bind(child, binding);
        }
    }

    fn bind_pair(&mut self, rule: &Rule, pattern: Syntax<'t>, binding: &Binding<'t>) {
        let Some(value) = rule.child(Role::Value, pattern) else { return };
        let Some(key) = rule.child(Role::Key, pattern) else { return };
        if key.named_child_count() > 0 {
            self.visit(key);
            return self.bind(value, &binding.part(0));
        }
        let name = self.name_of(key);
        let start = key.start_byte() as u32;
        let part = self.push_at(Op::Part, 0, start, (name, binding.value, 0));
        self.bind(value, &binding.part(part));
    }

    fn bind_list(&mut self, pattern: Syntax<'t>, binding: &Binding<'t>) {
        let mut cursor = pattern.walk();
        let mut index = 1;
        for child in pattern.children(&mut cursor) {
            if !child.is_named() {
                index += u32::from(child.kind() == ",");
            } else if !child.is_extra() {
                let value = self.push(Op::Part, 0, binding.value, index);
                self.bind(child, &binding.part(value));
            }
        }
    }

    pub(super) fn assign(&mut self, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        let (Some(left), Some(right)) =
            (rule.child(Role::Left, node), rule.child(Role::Right, node))
        else {
            return self.visit_children(node);
        };
        if self.family() == Family::Script
            && let Some(value) = self.script_assignment(left, right)
        {
            return value;
        }
        let behaviour = &self.rules.behaviour;
        let is_name = self.rules.of(left).is_some_and(|rule| rule.construct == Construct::Name);
        if behaviour.assignment_declares && is_name {
            let name = self.name_of(left);
            let is_local = |id: &u32| {
                matches!(self.facts.symbols[*id as usize].kind, Kind::Local | Kind::Parameter)
            };
            if let Some(known) = self.binding_of(name).filter(is_local) {
                let row = self.visit(left);
                self.mark_written(row);
                let value = self.visit(right);
                self.assigned_again(known, value, node);
                return value;
            } else {
                let value = self.visit(right);
                let kind = self.variable_kind(rule);
                let binding =
                    Binding { kind, flags: flag::ASSIGNED, ..Binding::local(value, 0, node) };
                self.bind_simple(left, &binding);
                return value;
            }
        }
        let target = self.visit(left);
        self.mark_written(target);
        let value = self.visit(right);
        if matches!(self.op(target), Op::Member | Op::Name) {
            self.expect(value, target);
        }
        // TypeScript has every field declared.
        let is_typed = matches!(self.facts.language, Language::TypeScript | Language::Tsx);
        if behaviour.assignment_declares_members && !is_typed {
            self.declare_member(target, value, node);
        }
        value
    }

    /// From here on, the local has the type of its new value.
    fn assigned_again(&mut self, known: u32, value: u32, node: Syntax<'t>) {
        if value == 0 || self.facts.symbols[known as usize].declared != 0 {
            return;
        }
        let before = self.facts.symbols.len();
        self.narrowed(known, 0);
        if let Some(symbol) = self.facts.symbols.get_mut(before) {
            symbol.value = value;
            symbol.from = node.end_byte() as u32;
        }
    }

    /// `this.x = value` declares `x` unless the class already has it.
    pub(super) fn declare_member(&mut self, target: u32, value: u32, node: Syntax<'t>) {
        let row = self.facts.nodes[target as usize];
        if row.op != Op::Member || self.op(row.a) != Op::This {
            return;
        }
        let Some(class) = self.class_around() else { return };
        if self.declared.contains_key(&(class, row.name)) {
            return;
        }
        self.members += 1;
        let symbol = self.add(crate::rules::facts::Symbol {
            name: row.name,
            kind: Kind::Field,
            flags: flag::ASSIGNED,
            scope: class,
            start: node.start_byte() as u32,
            end: node.end_byte() as u32,
            at: row.start,
            ..Default::default()
        });
        self.bind_value(symbol, value);
        self.facts.nodes[target as usize].flags |= crate::rules::facts::SILENT;
    }

    /// The scope of the class around, not looking through plain functions.
    fn class_around(&self) -> Option<u32> {
        let mut scope = self.scope;
        loop {
            let row = self.facts.scopes[scope as usize];
            if row.kind == ScopeKind::Class {
                return Some(scope);
            }
            if scope == 0 {
                return None;
            }
            if row.kind == ScopeKind::Function {
                let owner = self.facts.symbols[row.owner as usize];
                let is_bare = owner.flags & flag::HIDDEN == 0
                    && !matches!(owner.kind, Kind::Method | Kind::Constructor | Kind::Property);
                if is_bare {
                    return None;
                }
            }
            scope = row.parent;
        }
    }

    /// A loop over the elements of a value.
    pub(super) fn for_each(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let body = rule.child(Role::Body, node);
        if body.is_none() {
            self.loop_variables(rule, node);
            return 0;
        }
        self.in_scope(ScopeKind::Block, None, |this| {
            this.loop_variables(rule, node);
            if let Some(body) = body {
                this.visit(body);
            }
        });
        0
    }

    fn loop_variables(&mut self, rule: &Rule, node: Syntax<'t>) {
        let operator = rule.child(Role::Operator, node).map_or("", |child| self.source(child));
        let iterated = self.visit_role(rule, Role::Value, node);
        let element = match operator {
            "in" if self.family() == Family::Script => self.builtin_value("String"),
            _ => self.push(Op::Element, 0, iterated, 0),
        };
        let Some(pattern) = rule.child(Role::Pattern, node) else { return };
        if self.assigns_only(pattern, node) {
            self.visit(pattern);
            return;
        }
        let from = u32::from(self.rules.behaviour.sequential);
        if self.family() == Family::Go {
            let key = self.push(Op::Element, 0, iterated, 1);
            for (name, value) in children(pattern).into_iter().zip([key, element]) {
                self.bind(name, &Binding::local(value, from, name));
            }
            return;
        }
        let declared = self.type_role(rule, Role::Type, node);
        self.bind(pattern, &Binding { declared, ..Binding::local(element, 0, pattern) });
    }

    pub(super) fn builtin_value(&mut self, word: &'static str) -> u32 {
        let name = self.word(word);
        self.push(Op::Literal, name, 0, 0)
    }

    /// Whether the loop assigns to variables that are there already.
    fn assigns_only(&self, pattern: Syntax<'t>, node: Syntax<'t>) -> bool {
        match self.family() {
            Family::Go => {
                let mut cursor = node.walk();
                node.children(&mut cursor).any(|child| child.kind() == "=")
            }
            Family::Script => pattern.prev_sibling().is_some_and(|before| before.kind() == "("),
            _ => false,
        }
    }

    /// `switch x := value.(type)`: in each case `x` has that case's type.
    pub(super) fn type_switch(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let alias = rule.child(Role::Name, node).and_then(|list| list.named_child(0));
        self.in_scope(ScopeKind::Block, None, |this| {
            let mut binding = None;
            for part in children(node) {
                if Some(part) == rule.child(Role::Name, node) {
                    continue;
                }
                if Some(part) == rule.child(Role::Value, node) {
                    let value = this.visit(part);
                    if let Some(alias) = alias {
                        this.bind(alias, &Binding::local(value, 1, alias));
                        let name = this.name_of(alias);
                        binding = this.declared.get(&(this.scope, name)).copied();
                    }
                    continue;
                }
                this.in_scope(ScopeKind::Block, None, |this| this.type_case(part, binding));
            }
        });
        0
    }

    fn type_case(&mut self, case: Syntax<'t>, binding: Option<u32>) {
        let mut cursor = case.walk();
        let types: Vec<Syntax<'t>> =
            case.children_by_field_name("type", &mut cursor).filter(Syntax::is_named).collect();
        let rows: Vec<u32> = types.iter().map(|type_| self.visit_type(*type_)).collect();
        if let ([only], Some(binding)) = (&rows[..], binding) {
            self.narrowed(binding, *only);
        }
        for child in children(case) {
            if !types.contains(&child) {
                self.visit(child);
            }
        }
    }

    pub(super) fn catch(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        self.in_scope(ScopeKind::Block, None, |this| {
            let declared = this.type_role(rule, Role::Type, node);
            if let Some(pattern) = rule.child(Role::Pattern, node) {
                this.bind(pattern, &Binding { declared, ..Binding::local(0, 0, pattern) });
            }
            if let Some(body) = rule.child(Role::Body, node) {
                this.visit(body);
            }
        });
        0
    }
}

impl<'t> Binding<'t> {
    /// The same for a part, set to `value`.
    fn part(&self, value: u32) -> Self {
        Self { declared: 0, value, ..*self }
    }
}
