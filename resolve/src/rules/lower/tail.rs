//! Constructs of Scala and Swift that no table can describe.

use tree_sitter::Node as Syntax;

use super::declare::Binding;
use super::{Lowering, children};
use crate::rules::facts::{Kind, Op, ScopeKind};
use crate::rules::language::Rule;

impl<'t> Lowering<'t> {
    pub(super) fn tail_hook(&mut self, word: &str, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        match word {
            "scala_import" => self.scala_import(node),
            "scala_case" => self.scala_case(node),
            "scala_for" => self.scala_for(node),
            "scala_name" => self.scala_name(node),
            "scala_block" => self.in_scope(ScopeKind::Block, None, |this| {
                children(node).into_iter().fold(0, |_, child| this.visit(child))
            }),
            "scala_string" => self.scala_string(node),
            "swift_class" => self.swift_class(rule, node),
            "swift_if" => self.in_scope(ScopeKind::Block, None, |this| this.swift_conditions(node)),
            "swift_guard" => self.swift_conditions(node),
            "swift_pattern" => {
                self.swift_pattern(node, self.source(node).starts_with(['l', 'v']));
                0
            }
            "swift_prefix" if self.source(node).starts_with('.') => 0,
            "swift_prefix" => {
                node.child_by_field_name("target").map_or(0, |target| self.visit(target))
            }
            "swift_case_types" => {
                for part in children(node) {
                    if part.kind() != "simple_identifier" {
                        self.visit_type(part);
                    }
                }
                0
            }
            "swift_tuple" => self.swift_tuple(node),
            "swift_function_type" => self.swift_function_type(node),
            "c_field" => self.c_field(node),
            "c_qualified" => self.c_scope(node),
            _ => self.c_hook(word, node),
        }
    }

    fn c_field(&mut self, node: Syntax<'t>) -> u32 {
        let object = node.child_by_field_name("argument").map_or(0, |object| self.visit(object));
        let Some(field) = node.child_by_field_name("field") else { return 0 };
        let is_arrow = node.child_by_field_name("operator").is_some_and(|op| op.kind() == "->");
        let object = if is_arrow { self.push(Op::Deref, 0, object, 1) } else { object };
        self.named_member(field, object)
    }

    /// `a::b`, `::b`
    fn c_scope(&mut self, node: Syntax<'t>) -> u32 {
        let Some(name) = node.child_by_field_name("name") else { return 0 };
        let Some(scope) = node.child_by_field_name("scope") else { return self.visit(name) };
        let scope = self.as_type(false, |this| this.visit(scope));
        self.c_under(scope, name)
    }

    fn c_under(&mut self, scope: u32, name: Syntax<'t>) -> u32 {
        if name.kind() != "qualified_identifier" {
            return self.named_member(name, scope);
        }
        let inner = name.child_by_field_name("scope");
        let inner = inner
            .map_or(scope, |inner| self.as_type(false, |this| this.named_member(inner, scope)));
        match name.child_by_field_name("name") {
            Some(name) => self.c_under(inner, name),
            None => inner,
        }
    }

    fn scala_import(&mut self, node: Syntax<'t>) -> u32 {
        let mut path: Vec<&'t str> = Vec::new();
        let mut last = None;
        for part in children(node) {
            match part.kind() {
                "identifier" | "operator_identifier" => {
                    path.push(self.source(part));
                    last = Some(part);
                }
                "namespace_wildcard" => {
                    let row = self.path_row("", node.end_byte(), &path.join("."));
                    self.mark(row, crate::rules::facts::SILENT);
                    self.stars.push(row);
                    last = None;
                }
                "namespace_selectors" => {
                    for selector in children(part) {
                        self.scala_selector(selector, &path.join("."));
                    }
                    last = None;
                }
                _ => {}
            }
        }
        if let Some(name) = last {
            path.pop();
            let prefix: String = path.iter().map(|part| format!("{part}.")).collect();
            let text = self.source(name);
            let row = self.path_row(text, name.end_byte(), &prefix);
            self.import_symbol(row, None, node);
        }
        0
    }

    fn scala_selector(&mut self, selector: Syntax<'t>, prefix: &str) {
        if selector.kind() == "namespace_wildcard" {
            let row = self.path_row("", selector.end_byte(), prefix);
            self.mark(row, crate::rules::facts::SILENT);
            self.stars.push(row);
            return;
        }
        let name = selector.child_by_field_name("name").unwrap_or(selector);
        let alias = selector.child_by_field_name("alias");
        let text = self.source(name);
        let row = self.path_row(text, name.end_byte(), &format!("{prefix}."));
        self.import_symbol(row, alias, selector);
    }

    fn scala_name(&mut self, node: Syntax<'t>) -> u32 {
        let start = node.start_byte() as u32;
        match self.source(node) {
            "this" => self.push_at(Op::This, crate::rules::facts::SILENT, start, (0, 0, 0)),
            "super" => self.push_at(Op::Super, crate::rules::facts::SILENT, start, (0, 0, 0)),
            "_" => 0,
            _ => self.identifier(Op::Name, node, 0, 0),
        }
    }

    fn scala_string(&mut self, node: Syntax<'t>) -> u32 {
        for part in children(node) {
            if node.child_by_field_name("interpolator") != Some(part) {
                self.visit(part);
            }
        }
        self.builtin_value("String")
    }

    fn scala_case(&mut self, node: Syntax<'t>) -> u32 {
        self.in_scope(ScopeKind::Block, None, |this| {
            let pattern = node.child_by_field_name("pattern");
            children(node).into_iter().fold(0, |_, part| {
                if Some(part) == pattern {
                    this.scala_pattern(part, 0);
                    return 0;
                }
                this.visit(part)
            })
        })
    }

    /// A pattern: small names bind, others and types are mentioned.
    fn scala_pattern(&mut self, node: Syntax<'t>, value: u32) {
        match node.kind() {
            "identifier" => {
                let is_new = self.source(node).starts_with(|c: char| c.is_lowercase());
                if is_new {
                    self.bind_simple(node, &Binding::local(value, 0, node));
                } else {
                    self.visit(node);
                }
            }
            "capture_pattern" => {
                if let Some(name) = node.child_by_field_name("name") {
                    self.bind_simple(name, &Binding::local(value, 0, name));
                }
                if let Some(inner) = node.child_by_field_name("pattern") {
                    self.scala_pattern(inner, value);
                }
            }
            "typed_pattern" => {
                let declared = node.child_by_field_name("type").map_or(0, |t| self.visit_type(t));
                if let Some(name) = node.child_by_field_name("pattern")
                    && name.kind() == "identifier"
                {
                    let binding = Binding { declared, ..Binding::local(value, 0, name) };
                    self.bind_simple(name, &binding);
                }
            }
            "case_class_pattern" => {
                let type_ = node.child_by_field_name("type");
                if let Some(type_) = type_ {
                    self.visit_type(type_);
                }
                for part in children(node) {
                    if Some(part) != type_ {
                        self.scala_pattern(part, 0);
                    }
                }
            }
            "stable_identifier" => {
                self.visit(node);
            }
            _ => {
                for part in children(node) {
                    self.scala_pattern(part, 0);
                }
            }
        }
    }

    fn scala_for(&mut self, node: Syntax<'t>) -> u32 {
        self.in_scope(ScopeKind::Block, None, |this| {
            for part in children(node) {
                if part.kind() != "enumerators" {
                    this.visit(part);
                    continue;
                }
                for enumerator in children(part) {
                    this.scala_enumerator(enumerator);
                }
            }
        });
        0
    }

    fn scala_enumerator(&mut self, node: Syntax<'t>) {
        let parts = children(node);
        let [pattern, rest @ ..] = &parts[..] else { return };
        let mut value = 0;
        for part in rest {
            let row = self.visit(*part);
            value = if value == 0 { row } else { value };
        }
        let mut cursor = node.walk();
        let is_drawn = node.children(&mut cursor).any(|child| child.kind() == "<-");
        let value = if is_drawn { self.push(Op::Element, 0, value, 0) } else { value };
        self.scala_pattern(*pattern, value);
    }

    fn swift_class(&mut self, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        let word = node.child_by_field_name("declaration_kind").map_or("", |word| word.kind());
        let Some(name) = node.child_by_field_name("name") else { return 0 };
        let kind = match word {
            "struct" => Kind::Struct,
            "enum" => Kind::Enum,
            _ => Kind::Class,
        };
        let symbol = if word == "extension" {
            let type_ = self.visit_type(name);
            let symbol = self.hidden(Kind::Class, node);
            self.symbol(symbol).receiver = type_;
            symbol
        } else {
            let flags = self.modifiers(node) & !crate::rules::facts::flag::STATIC;
            let symbol = self.declare(kind, name, node);
            self.symbol(symbol).flags |= flags;
            symbol
        };
        self.bases.push(Vec::new());
        self.in_scope(ScopeKind::Class, Some(symbol), |this| {
            for part in children(node) {
                if part.kind() == "type_parameters" {
                    let first = this.facts.symbols.len() as u32;
                    this.as_type(true, |this| this.visit_children(part));
                    let last = this.facts.symbols.len() as u32;
                    let generics: Vec<u32> = (first..last)
                        .filter(|id| this.facts.symbols[*id as usize].kind == Kind::Generic)
                        .collect();
                    this.symbol(symbol).generics = this.list(&generics);
                }
                if part.kind() == "inheritance_specifier" {
                    this.base_types(part, crate::rules::facts::INHERITED);
                }
            }
            let body = rule.child(crate::rules::language::Role::Body, node);
            if let Some(body) = body {
                this.as_type(false, |this| this.visit_children(body));
            }
        });
        let bases = self.bases.pop().unwrap_or_default();
        self.symbol(symbol).bases = self.list(&bases);
        0
    }

    /// The conditions and the body of a statement; `let x = value` binds.
    fn swift_conditions(&mut self, node: Syntax<'t>) -> u32 {
        let mut cursor = node.walk();
        let mut name: Option<Syntax<'t>> = None;
        let mut is_set = false;
        let bound: Vec<usize> = {
            let mut inner = node.walk();
            node.children_by_field_name("bound_identifier", &mut inner).map(|n| n.id()).collect()
        };
        for part in node.children(&mut cursor) {
            if bound.contains(&part.id()) {
                name = Some(part);
                is_set = false;
            } else if part.kind() == "=" {
                is_set = true;
            } else if !part.is_named() || part.is_extra() {
                continue;
            } else if let (Some(binding), true) = (name, is_set) {
                let value = self.visit(part);
                self.bind_simple(binding, &Binding::local(value, 0, binding));
                name = None;
            } else if part.kind() != "value_binding_pattern" {
                if let (Some(binding), "statements" | "else") = (name, part.kind()) {
                    // `if let x`: the same value, no longer optional.
                    self.visit(binding);
                    name = None;
                }
                self.visit(part);
            }
        }
        0
    }

    /// Names after `let` and `var` bind; what follows a dot is a case of the value's type.
    fn swift_pattern(&mut self, node: Syntax<'t>, binds: bool) {
        let mut cursor = node.walk();
        let mut binds = binds;
        let mut after_dot = false;
        for part in node.children(&mut cursor) {
            match part.kind() {
                "." => after_dot = true,
                "value_binding_pattern" => binds = true,
                "simple_identifier" => {
                    if binds && !after_dot {
                        self.bind_simple(part, &Binding::local(0, 0, part));
                    } else if !after_dot {
                        self.visit(part);
                    }
                    after_dot = false;
                }
                "pattern" | "tuple_pattern" | "tuple_pattern_item" => {
                    self.swift_pattern(part, binds);
                }
                _ if part.is_named() => {
                    self.visit(part);
                }
                _ => {}
            }
        }
    }

    fn swift_tuple(&mut self, node: Syntax<'t>) -> u32 {
        let mut cursor = node.walk();
        let values: Vec<Syntax<'t>> =
            node.children_by_field_name("value", &mut cursor).filter(Syntax::is_named).collect();
        let list = self.visit_all(&values);
        if values.len() == 1 {
            return self.facts.list(list).first().copied().unwrap_or(0);
        }
        self.push(Op::Tuple, 0, 0, list)
    }

    fn swift_function_type(&mut self, node: Syntax<'t>) -> u32 {
        let symbol = self.hidden(Kind::Lambda, node);
        self.in_scope(ScopeKind::Function, Some(symbol), |this| {
            let mut parameters = Vec::new();
            if let Some(list) = node.child_by_field_name("params") {
                for item in children(list) {
                    let declared = this.visit_type(item);
                    let parameter = this.hidden(Kind::Parameter, item);
                    this.symbol(parameter).declared = declared;
                    parameters.push(parameter);
                }
            }
            this.symbol(symbol).parameters = this.list(&parameters);
            if let Some(result) = node.child_by_field_name("return_type") {
                let declared = this.visit_type(result);
                this.symbol(symbol).declared = declared;
            }
        });
        self.push(Op::Lambda, 0, symbol, 0)
    }
}
