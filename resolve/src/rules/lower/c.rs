//! C and C++: declarators, where the name lies inside of what is said about it.

use tree_sitter::Node as Syntax;

use super::declare::Binding;
use super::{Lowering, children};
use crate::rules::facts::{IMPORTED, INHERITED, Kind, Op, SILENT, ScopeKind, flag};

/// What a declarator says.
struct Declarator<'t> {
    /// The innermost name.
    name: Syntax<'t>,
    /// The declarator of a function, if it is one.
    function: Option<Syntax<'t>>,
}

impl<'t> Lowering<'t> {
    pub(super) fn c_hook(&mut self, word: &str, node: Syntax<'t>) -> u32 {
        match word {
            "c_function" => self.c_function(node),
            "c_declaration" => self.c_declaration(node),
            "c_parameter" => self.c_parameter(node),
            "c_class" => self.c_class(node),
            "c_enum" => self.c_enum(node),
            "c_typedef" => self.c_typedef(node),
            "c_include" => self.c_include(node),
            "c_using" => self.c_using(node),
            "c_template" => self.c_template(node),
            "c_macro" => self.c_macro(node),
            "c_for_range" => self.c_for_range(node),
            "c_lambda" => self.c_lambda(node),
            _ => self.visit_children(node),
        }
    }

    fn c_declarator(&self, node: Syntax<'t>) -> Option<Declarator<'t>> {
        let (mut at, mut function) = (node, None);
        for _ in 0..32 {
            match at.kind() {
                "function_declarator" => {
                    function = Some(at);
                    at = at.child_by_field_name("declarator")?;
                }
                "init_declarator"
                | "pointer_declarator"
                | "array_declarator"
                | "pointer_type_declarator"
                | "array_type_declarator" => {
                    at = at.child_by_field_name("declarator")?;
                }
                "parenthesized_declarator"
                | "reference_declarator"
                | "attributed_declarator"
                | "variadic_declarator" => at = at.named_child(0)?,
                "identifier"
                | "field_identifier"
                | "type_identifier"
                | "qualified_identifier"
                | "operator_name"
                | "destructor_name"
                | "primitive_type"
                | "template_function" => {
                    return Some(Declarator { name: at, function });
                }
                _ => return None,
            }
        }
        None
    }

    fn c_type(&mut self, node: Syntax<'t>) -> u32 {
        node.child_by_field_name("type").map_or(0, |type_| self.visit_type(type_))
    }

    fn c_flags(&self, node: Syntax<'t>) -> u16 {
        let is_static = |child: Syntax<'_>| {
            child.kind() == "storage_class_specifier" && self.source(child) == "static"
        };
        let mut cursor = node.walk();
        let found = node.children(&mut cursor).any(is_static);
        if found { flag::STATIC } else { 0 }
    }

    fn c_function(&mut self, node: Syntax<'t>) -> u32 {
        let declarator = node.child_by_field_name("declarator");
        let Some(found) = declarator.and_then(|declarator| self.c_declarator(declarator)) else {
            return self.visit_children(node);
        };
        let body = node.child_by_field_name("body");
        let Some(function) = found.function else {
            return match (node.child_by_field_name("type"), body) {
                (Some(head), Some(body))
                    if matches!(head.kind(), "class_specifier" | "struct_specifier")
                        && head.child_by_field_name("body").is_none() =>
                {
                    self.c_marked_class(node, (head, found.name), body)
                }
                _ => self.visit_children(node),
            };
        };
        let symbol = self.c_routine(node, found.name, function, body);
        let is_outside = matches!(self.scope_kind(), ScopeKind::File | ScopeKind::Namespace);
        let is_plain = found.name.kind() == "identifier";
        if is_outside && is_plain && node.child_by_field_name("type").is_none() {
            // `TEST_F(Fixture, Name) {…}` makes a method of the class that it names first.
            let parameters = self.facts.list(self.facts.symbols[symbol as usize].parameters);
            if let [first, _, ..] = *parameters {
                let class = self.facts.symbols[first as usize].declared;
                self.symbol(symbol).receiver = class;
            }
        }
        0
    }

    /// `class EXPORT Name {…}`: the grammar knows no macros there and sees a function.
    fn c_marked_class(
        &mut self,
        node: Syntax<'t>,
        (head, name): (Syntax<'t>, Syntax<'t>),
        body: Syntax<'t>,
    ) -> u32 {
        let kind = if head.kind() == "class_specifier" { Kind::Class } else { Kind::Struct };
        if let Some(mark) = head.child_by_field_name("name") {
            self.as_type(false, |this| this.visit(mark));
        }
        let mut cursor = node.walk();
        let astray: Vec<Syntax<'t>> =
            node.children(&mut cursor).filter(Syntax::is_error).flat_map(children).collect();
        let before = astray.iter().find(|part| part.start_byte() < name.start_byte());
        let name = match (self.source(name), before) {
            ("final", Some(before)) => *before,
            _ => name,
        };
        let symbol = self.declare(kind, name, node);
        let template = self.template.take();
        self.bases.push(Vec::new());
        self.in_scope(ScopeKind::Class, Some(symbol), |this| {
            this.c_generics(template, symbol);
            for base in astray.iter().filter(|part| part.start_byte() > name.start_byte()) {
                if base.kind().ends_with("identifier") && this.source(*base) != "final" {
                    this.base_types(*base, INHERITED);
                }
            }
            this.as_type(false, |this| this.c_marked_body(body));
        });
        let bases = self.bases.pop().unwrap_or_default();
        self.symbol(symbol).bases = self.list(&bases);
        0
    }

    /// Members read as statements: access specifiers are labels, constructors are calls.
    fn c_marked_body(&mut self, body: Syntax<'t>) {
        for part in children(body) {
            match part.kind() {
                "labeled_statement" => self.c_marked_body(part),
                "expression_statement" | "statement_identifier" => {}
                _ => {
                    self.visit(part);
                }
            }
        }
    }

    /// A function, declared or defined.
    fn c_routine(
        &mut self,
        node: Syntax<'t>,
        name: Syntax<'t>,
        function: Syntax<'t>,
        body: Option<Syntax<'t>>,
    ) -> u32 {
        let whole = name;
        let (scope, name) = self.c_qualified(name);
        let class = self.owner();
        let in_class = self.scope_kind() == ScopeKind::Class;
        let own = self.facts.name(self.facts.symbols[class as usize].name);
        let text = self.source(name);
        let is_constructor = (in_class && own == text)
            || scope.is_some_and(|scope| self.source(scope).ends_with(text));
        let kind = match (in_class || scope.is_some(), is_constructor) {
            (_, true) => Kind::Constructor,
            (true, false) => Kind::Method,
            (false, false) => Kind::Function,
        };
        let receiver = self.c_scopes(whole);
        let symbol = self.declare(kind, name, node);
        let flags = self.c_flags(node) | if body.is_some() { flag::BODY } else { 0 };
        self.symbol(symbol).flags |= flags;
        self.symbol(symbol).receiver = receiver;
        let template = self.template.take();
        self.in_scope(ScopeKind::Function, Some(symbol), |this| {
            this.c_generics(template, symbol);
            let declared = this.c_type(node);
            this.symbol(symbol).declared = declared;
            this.c_parameters(function, symbol);
            for part in children(node) {
                if part.kind() == "field_initializer_list" {
                    this.visit(part);
                }
            }
            if let Some(body) = body {
                this.returns.push(Vec::new());
                this.visit_children(body);
                this.returns.pop();
            }
        });
        if let Some(body) = body {
            self.hide(body, 0);
        }
        symbol
    }

    fn c_parameters(&mut self, function: Syntax<'t>, symbol: u32) {
        let first = self.facts.symbols.len() as u32;
        if let Some(list) = function.child_by_field_name("parameters") {
            self.as_type(false, |this| this.visit_children(list));
            if self.source(list).contains("...") {
                self.symbol(symbol).flags |= flag::VARIADIC;
            }
        }
        let parameters: Vec<u32> = (first..self.facts.symbols.len() as u32)
            .filter(|id| {
                let found = &self.facts.symbols[*id as usize];
                found.kind == Kind::Parameter && found.scope == self.scope
            })
            .collect();
        self.symbol(symbol).parameters = self.list(&parameters);
    }

    /// `A::B::name` as the scope `A::B` and the name.
    fn c_qualified(&self, node: Syntax<'t>) -> (Option<Syntax<'t>>, Syntax<'t>) {
        let (mut scope, mut name) = (None, node);
        while name.kind() == "qualified_identifier" {
            scope = name.child_by_field_name("scope");
            match name.child_by_field_name("name") {
                Some(inner) => name = inner,
                None => break,
            }
        }
        if name.kind() == "template_function" {
            name = name.child_by_field_name("name").unwrap_or(name);
        }
        (scope, name)
    }

    /// The scopes `A::B` of `A::B::name` as one type.
    fn c_scopes(&mut self, node: Syntax<'t>) -> u32 {
        let (mut at, mut type_) = (node, 0);
        while at.kind() == "qualified_identifier" {
            if let Some(scope) = at.child_by_field_name("scope") {
                type_ = match type_ {
                    0 => self.visit_type(scope),
                    outer => {
                        let name = scope.child_by_field_name("name").unwrap_or(scope);
                        self.as_type(true, |this| this.identifier(Op::Member, name, outer, 0))
                    }
                };
            }
            match at.child_by_field_name("name") {
                Some(inner) => at = inner,
                None => break,
            }
        }
        type_
    }

    fn c_generics(&mut self, template: Option<Syntax<'t>>, symbol: u32) {
        let Some(list) = template else { return };
        let first = self.facts.symbols.len() as u32;
        for parameter in children(list) {
            let name = parameter.child_by_field_name("name").or_else(|| {
                children(parameter).into_iter().find(|child| child.kind() == "type_identifier")
            });
            match name {
                Some(name) if parameter.kind().contains("type_parameter") => {
                    self.declare(Kind::Generic, name, parameter);
                }
                _ => {
                    self.visit(parameter);
                }
            }
        }
        let generics: Vec<u32> = (first..self.facts.symbols.len() as u32)
            .filter(|id| self.facts.symbols[*id as usize].kind == Kind::Generic)
            .collect();
        self.symbol(symbol).generics = self.list(&generics);
    }

    fn c_template(&mut self, node: Syntax<'t>) -> u32 {
        let outer = self.template;
        let parameters = node.child_by_field_name("parameters");
        for part in children(node) {
            if Some(part) != parameters {
                self.template = parameters;
                self.visit(part);
            }
        }
        self.template = outer;
        0
    }

    /// Variables, fields and functions without a body.
    fn c_declaration(&mut self, node: Syntax<'t>) -> u32 {
        let type_ = self.c_type(node);
        let mut cursor = node.walk();
        let declarators: Vec<Syntax<'t>> = node
            .children_by_field_name("declarator", &mut cursor)
            .filter(Syntax::is_named)
            .collect();
        let flags = self.c_flags(node);
        for declarator in declarators {
            let Some(found) = self.c_declarator(declarator) else {
                self.visit(declarator);
                continue;
            };
            let is_pointer = found.function.is_some_and(|function| {
                function
                    .child_by_field_name("declarator")
                    .is_some_and(|inner| inner.kind() == "parenthesized_declarator")
            });
            if let (Some(function), false) = (found.function, is_pointer) {
                let is_local = matches!(self.scope_kind(), ScopeKind::Function | ScopeKind::Block);
                if !is_local {
                    self.c_routine(node, found.name, function, None);
                    continue;
                }
            }
            let value = declarator
                .child_by_field_name("value")
                .or_else(|| node.child_by_field_name("default_value"));
            let value = value.map_or(0, |value| self.as_type(false, |this| this.visit(value)));
            let (_, name) = self.c_qualified(found.name);
            let kind = match self.scope_kind() {
                ScopeKind::Class => Kind::Field,
                ScopeKind::File | ScopeKind::Namespace => Kind::Variable,
                ScopeKind::Function | ScopeKind::Block => Kind::Local,
            };
            let receiver = self.c_scopes(found.name);
            let before = self.facts.symbols.len();
            let binding = Binding { kind, flags, declared: type_, value, from: 0, whole: node };
            self.bind_simple(name, &binding);
            if let Some(symbol) = self.facts.symbols.get_mut(before) {
                symbol.receiver = receiver;
            }
        }
        0
    }

    fn c_parameter(&mut self, node: Syntax<'t>) -> u32 {
        let declared = self.c_type(node);
        if let Some(value) = node.child_by_field_name("default_value") {
            self.visit(value);
        }
        let declarator = node.child_by_field_name("declarator");
        let found = declarator.and_then(|declarator| self.c_declarator(declarator));
        let is_void = found.is_none() && self.source(node) == "void";
        if is_void {
            return 0;
        }
        let symbol = match found {
            Some(found) => self.declare(Kind::Parameter, found.name, node),
            None => self.hidden(Kind::Parameter, node),
        };
        self.symbol(symbol).declared = declared;
        if node.kind().starts_with("optional") {
            self.symbol(symbol).flags |= flag::OPTIONAL;
        }
        if node.kind().starts_with("variadic") {
            self.symbol(symbol).flags |= flag::VARIADIC;
        }
        0
    }

    /// A class, struct or union; without a body, a mention of it.
    fn c_class(&mut self, node: Syntax<'t>) -> u32 {
        let name = node.child_by_field_name("name");
        let Some(body) = node.child_by_field_name("body") else {
            self.template = None;
            return name.map_or(0, |name| self.visit_type(name));
        };
        let kind = if node.kind() == "class_specifier" { Kind::Class } else { Kind::Struct };
        let (symbol, row) = match name {
            Some(name) => {
                let inner = name.child_by_field_name("name").unwrap_or(name);
                let symbol = self.declare(kind, inner, node);
                let text = self.name_of(inner);
                let row = (Op::Name, text, 0);
                (symbol, row)
            }
            None => {
                let symbol = self.hidden(Kind::Object, node);
                (symbol, (Op::Object, 0, symbol))
            }
        };
        let template = self.template.take();
        self.bases.push(Vec::new());
        self.in_scope(ScopeKind::Class, Some(symbol), |this| {
            this.c_generics(template, symbol);
            for part in children(node) {
                if part.kind() == "base_class_clause" {
                    this.base_types(part, INHERITED);
                }
            }
            this.as_type(false, |this| this.visit_children(body));
        });
        let bases = self.bases.pop().unwrap_or_default();
        self.symbol(symbol).bases = self.list(&bases);
        self.as_type(true, |this| this.push(row.0, row.1, row.2, 0))
    }

    /// Members of an unscoped enumeration are names of the scope around it.
    fn c_enum(&mut self, node: Syntax<'t>) -> u32 {
        let name = node.child_by_field_name("name");
        let Some(body) = node.child_by_field_name("body") else {
            return name.map_or(0, |name| self.visit_type(name));
        };
        let mut cursor = node.walk();
        let is_scoped =
            node.children(&mut cursor).any(|child| matches!(child.kind(), "class" | "struct"));
        let symbol = match name {
            Some(name) => self.declare(Kind::Enum, name, node),
            None => self.hidden(Kind::Object, node),
        };
        if is_scoped {
            self.in_scope(ScopeKind::Class, Some(symbol), |this| {
                this.as_type(false, |this| this.visit_children(body))
            });
        } else {
            self.as_type(false, |this| this.visit_children(body));
        }
        let text = self.facts.symbols[symbol as usize].name;
        let op = if text == 0 { Op::Nothing } else { Op::Name };
        self.as_type(true, |this| this.push(op, text, 0, 0))
    }

    fn c_typedef(&mut self, node: Syntax<'t>) -> u32 {
        let value = self.c_type(node);
        let mut cursor = node.walk();
        let declarators: Vec<Syntax<'t>> =
            node.children_by_field_name("declarator", &mut cursor).collect();
        for declarator in declarators {
            let Some(found) = self.c_declarator(declarator) else { continue };
            let symbol = self.declare(Kind::Alias, found.name, node);
            self.symbol(symbol).value = if found.function.is_some() { 0 } else { value };
            if let Some(function) = found.function {
                let hidden = self.hidden(Kind::Lambda, node);
                self.in_scope(ScopeKind::Function, Some(hidden), |this| {
                    this.c_parameters(function, hidden);
                });
            }
        }
        0
    }

    fn c_include(&mut self, node: Syntax<'t>) -> u32 {
        let Some(path) = node.child_by_field_name("path") else { return 0 };
        let text = self.source(path);
        let is_own = text.starts_with('"');
        let module = self.name(text.trim_matches(['"', '<', '>']));
        let row =
            self.push_at(Op::Import, IMPORTED | SILENT, 0, (module, module, u32::from(is_own)));
        self.stars.push(row);
        0
    }

    /// `using namespace a::b`, `using a::b::C`
    fn c_using(&mut self, node: Syntax<'t>) -> u32 {
        let Some(path) = node.named_child(0) else { return 0 };
        let value = self.visit(path);
        if self.source(node).contains("namespace") {
            self.stars.push(value);
            return 0;
        }
        let (_, name) = self.c_qualified(path);
        if self.scope_kind() != ScopeKind::Class {
            let symbol = self.declare(Kind::Import, name, node);
            self.symbol(symbol).value = value;
        }
        0
    }

    fn c_macro(&mut self, node: Syntax<'t>) -> u32 {
        if let Some(name) = node.child_by_field_name("name") {
            let symbol = self.declare(Kind::Macro, name, node);
            self.symbol(symbol).flags |= flag::BODY | flag::VARIADIC;
            let parameters = node.child_by_field_name("parameters");
            let count = parameters.map_or(0, |list| list.named_child_count());
            let hidden: Vec<u32> = (0..count).map(|_| self.hidden(Kind::Parameter, node)).collect();
            self.symbol(symbol).parameters = self.list(&hidden);
        }
        0
    }

    fn c_for_range(&mut self, node: Syntax<'t>) -> u32 {
        self.in_scope(ScopeKind::Block, None, |this| {
            let declared = this.c_type(node);
            let value = node.child_by_field_name("right").map_or(0, |right| this.visit(right));
            let value = this.push(Op::Element, 0, value, 0);
            let declarator = node.child_by_field_name("declarator");
            if let Some(found) = declarator.and_then(|declarator| this.c_declarator(declarator)) {
                let binding = Binding { declared, ..Binding::local(value, 0, found.name) };
                this.bind_simple(found.name, &binding);
            } else if let Some(names) = declarator {
                for name in children(names) {
                    this.bind(name, &Binding::local(0, 0, name));
                }
            }
            if let Some(body) = node.child_by_field_name("body") {
                this.visit(body);
            }
        });
        0
    }

    fn c_lambda(&mut self, node: Syntax<'t>) -> u32 {
        let symbol = self.hidden(Kind::Lambda, node);
        if let Some(captures) = node.child_by_field_name("captures") {
            self.visit(captures);
        }
        self.in_scope(ScopeKind::Function, Some(symbol), |this| {
            if let Some(function) = node.child_by_field_name("declarator") {
                this.c_parameters(function, symbol);
            }
            if let Some(body) = node.child_by_field_name("body") {
                this.returns.push(Vec::new());
                this.visit_children(body);
                this.returns.pop();
            }
        });
        self.push(Op::Lambda, 0, symbol, 0)
    }
}
