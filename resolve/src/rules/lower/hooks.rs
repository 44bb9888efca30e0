//! Constructs of single languages that no table can describe.

use tree_sitter::Node as Syntax;

use super::declare::Binding;
use super::{Lowering, children};
use crate::rules::facts::{EITHER, INHERITED, Kind, Op, SILENT, Symbol};
use crate::rules::language::{Language, Role, Rule};

impl<'t> Lowering<'t> {
    pub(super) fn family_hook(&mut self, word: &str, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        match word {
            "mixins" => self.mixins(&children(node)),
            "php_property" => self.php_property(node),
            "php_foreach" => self.php_foreach(node),
            "php_qualified" => self.php_qualified(node),
            "php_new" => self.php_new(node),
            "last" => self.last(node),
            "own_member" => self.own_member(node),
            "ruby_scope" => self.ruby_scope(node),
            "ruby_call" => self.ruby_call(node),
            "ruby_rescue" => self.ruby_rescue(node),
            "kotlin_class" => self.kotlin_class(rule, node),
            "kotlin_function_type" => self.kotlin_function_type(node),
            "dotted_type" => self.dotted_type(node),
            "infix" => self.infix(node),
            "class_literal" => self.class_literal(node),
            "kotlin_reference" => self.kotlin_reference(node),
            "kotlin_this" => self.kotlin_this(node),
            "kotlin_navigation" => self.kotlin_navigation(rule, node),
            _ => self.tail_hook(word, rule, node),
        }
    }

    /// The class of a type as a value: `T.class`, `typeof(T)`, `T::class`.
    fn class_literal(&mut self, node: Syntax<'t>) -> u32 {
        let word = match self.facts.language {
            Language::Csharp => "Type",
            Language::Kotlin => "KClass",
            _ => "Class",
        };
        let is_type = self.facts.language != Language::Kotlin;
        let type_ = self.as_type(is_type, |this| match children(node).first() {
            Some(first) => this.visit(*first),
            None => 0,
        });
        self.as_type(true, |this| {
            let base = this.builtin(word);
            let list = this.list(&[type_]);
            this.push(Op::Generic, 0, base, list)
        })
    }

    /// `a.b`, `a?.b`, `a::b`, `a::class`
    fn kotlin_navigation(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let is_class = rule.child(Role::Member, node).is_some_and(|m| self.source(m) == "class");
        if is_class { self.class_literal(node) } else { self.member(rule, node) }
    }

    /// `a::name`, `::name`, `T::class`
    fn kotlin_reference(&mut self, node: Syntax<'t>) -> u32 {
        let last = node.child_count().checked_sub(1).and_then(|last| node.child(last));
        if last.is_some_and(|last| last.kind() == "class") {
            return self.class_literal(node);
        }
        match children(node)[..] {
            [name] => self.visit(name),
            [object, name] => {
                let object = self.visit(object);
                self.named_member(name, object)
            }
            _ => self.visit_children(node),
        }
    }

    /// `this`, `this@Type`
    fn kotlin_this(&mut self, node: Syntax<'t>) -> u32 {
        let Some(label) = node.named_child(0) else {
            return self.push_at(Op::This, SILENT, node.start_byte() as u32, (0, 0, 0));
        };
        let name = self.name_of(label);
        let start = label.start_byte() as u32;
        let type_ = self.as_type(true, |this| this.push_at(Op::Name, SILENT, start, (name, 0, 0)));
        self.push(Op::Typed, 0, type_, 0)
    }

    /// Types whose members the class around takes over.
    fn mixins(&mut self, types: &[Syntax<'t>]) -> u32 {
        for type_ in types {
            if !type_.kind().ends_with("_list") {
                let row = self.visit_type(*type_);
                self.add_base(row, INHERITED);
            }
        }
        0
    }

    /// A variable's name without its sign; `None` when it has none.
    pub(super) fn plain_variable(&mut self, name: u32) -> Option<u32> {
        let plain = self.facts.name(name).strip_prefix('$')?.to_owned();
        Some(self.owned_name(plain))
    }

    fn php_property(&mut self, node: Syntax<'t>) -> u32 {
        let declared = node.child_by_field_name("type").map_or(0, |type_| self.visit_type(type_));
        let flags = self.modifiers(node);
        let first = self.facts.symbols.len();
        for element in children(node) {
            if element.kind() == "property_element" {
                self.visit(element);
            }
        }
        for symbol in &mut self.facts.symbols[first..] {
            if symbol.kind == Kind::Field {
                symbol.flags |= flags;
                symbol.declared = declared;
            }
        }
        0
    }

    fn php_foreach(&mut self, node: Syntax<'t>) -> u32 {
        let parts = children(node);
        let Some(iterated) = parts.first() else { return 0 };
        let value = self.visit(*iterated);
        let element = self.push(Op::Element, 0, value, 0);
        for part in &parts[1..] {
            if node.child_by_field_name("body") == Some(*part) {
                self.visit(*part);
            } else if part.kind() == "pair" {
                for (name, value) in children(*part).into_iter().zip([0, element]) {
                    self.bind(name, &Binding::local(value, 0, name));
                }
            } else {
                self.bind(*part, &Binding::local(element, 0, *part));
            }
        }
        0
    }

    fn php_qualified(&mut self, node: Syntax<'t>) -> u32 {
        let text = self.source(node);
        if text.starts_with('\\') {
            let row = self.path_row(text, node.end_byte(), "");
            self.facts.nodes[row as usize].flags &= !crate::rules::facts::IMPORTED;
            return row;
        }
        let mut at = node.start_byte();
        let mut row = 0;
        for part in text.split('\\') {
            let name = self.name(part);
            let op = if row == 0 { Op::Name } else { Op::Member };
            // What stands before a sign names a namespace, though a class may be called so too.
            row = self.push_at(op, EITHER, at as u32, (name, row, 0));
            at += part.len() + 1;
        }
        self.facts.nodes[row as usize].flags &= !EITHER;
        row
    }

    fn php_new(&mut self, node: Syntax<'t>) -> u32 {
        let parts = children(node);
        let Some(first) = parts.first().copied() else { return 0 };
        if first.kind() == "anonymous_class" {
            let class = self.visit(first);
            let symbol = self.facts.nodes[class as usize].a;
            return self.push(Op::Object, 0, symbol, 0);
        }
        let callee = self.visit_type(first);
        self.mark_called(callee);
        let arguments = parts.get(1).map_or_else(Vec::new, |list| children(*list));
        self.finish_call(Op::New, callee, &arguments)
    }

    /// Statements whose value is that of the last one.
    fn last(&mut self, node: Syntax<'t>) -> u32 {
        children(node).into_iter().fold(0, |_, child| self.visit(child))
    }

    /// `@x`
    fn own_member(&mut self, node: Syntax<'t>) -> u32 {
        let this = self.push_at(Op::This, SILENT, node.start_byte() as u32, (0, 0, 0));
        self.identifier(Op::Member, node, this, 0)
    }

    fn ruby_scope(&mut self, node: Syntax<'t>) -> u32 {
        let Some(name) = node.child_by_field_name("name") else { return 0 };
        match node.child_by_field_name("scope") {
            Some(scope) => {
                let scope = self.visit(scope);
                self.identifier(Op::Member, name, scope, 0)
            }
            None => {
                let text = self.source(name);
                self.path_row(text, name.end_byte(), "")
            }
        }
    }

    fn ruby_call(&mut self, node: Syntax<'t>) -> u32 {
        let receiver = node.child_by_field_name("receiver");
        let Some(method) = node.child_by_field_name("method") else {
            return self.visit_children(node);
        };
        let list = node.child_by_field_name("arguments");
        let mut arguments = list.map_or_else(Vec::new, children);
        let word = self.source(method);
        match (receiver, word) {
            (None, "include" | "extend" | "prepend") => return self.mixins(&arguments),
            (None, "attr_accessor" | "attr_reader" | "attr_writer") => {
                for argument in arguments {
                    self.ruby_attribute(argument);
                }
                return 0;
            }
            (None, "private" | "protected" | "public" | "module_function") => {
                return arguments.first().map_or(0, |first| self.visit(*first));
            }
            _ => {}
        }
        let object = receiver.map(|receiver| self.visit(receiver));
        let callee = match object {
            Some(object) => self.identifier(Op::Member, method, object, 0),
            None => self.identifier(Op::Name, method, 0, 0),
        };
        self.mark_called(callee);
        arguments.extend(node.child_by_field_name("block"));
        self.finish_call(Op::Call, callee, &arguments)
    }

    /// `attr_reader :x` declares a property that stands for `@x`.
    fn ruby_attribute(&mut self, symbol: Syntax<'t>) {
        let Some(plain) = self.source(symbol).strip_prefix(':') else { return };
        let name = self.name(plain);
        let this = self.push(Op::This, 0, 0, 0);
        let own = self.owned_name(format!("@{plain}"));
        let value = self.push(Op::Member, own, this, 0);
        self.add(Symbol {
            name,
            kind: Kind::Property,
            scope: self.scope,
            start: symbol.start_byte() as u32,
            end: symbol.end_byte() as u32,
            at: symbol.start_byte() as u32 + 1,
            value,
            ..Symbol::default()
        });
    }

    fn ruby_rescue(&mut self, node: Syntax<'t>) -> u32 {
        let type_ = node.child_by_field_name("exceptions").map_or(0, |list| self.visit(list));
        if let Some(name) = node.child_by_field_name("variable").and_then(|v| v.named_child(0)) {
            let value = self.push(Op::Call, 0, type_, 0);
            self.bind(name, &Binding::local(value, 0, name));
        }
        node.child_by_field_name("body").map_or(0, |body| self.visit(body))
    }

    fn kotlin_class(&mut self, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        let Some(name) = rule.child(Role::Name, node) else { return self.visit_children(node) };
        let has = |word: &str| {
            let mut cursor = node.walk();
            node.children(&mut cursor).any(|child| child.kind() == word)
        };
        let kind = match () {
            () if has("interface") => Kind::Interface,
            () if has("enum_class_body") => Kind::Enum,
            () => Kind::Class,
        };
        let flags = self.modifiers(node);
        let symbol = self.declare(kind, name, node);
        self.symbol(symbol).flags |= flags;
        self.bases.push(Vec::new());
        self.in_scope(crate::rules::facts::ScopeKind::Class, Some(symbol), |this| {
            let first = this.facts.symbols.len() as u32;
            for part in children(node) {
                match part.kind() {
                    "identifier" | "modifiers" => {}
                    "delegation_specifiers" => this.base_types(part, INHERITED),
                    _ => {
                        this.as_type(false, |this| this.visit(part));
                    }
                }
                if part.kind() == "type_parameters" {
                    let last = this.facts.symbols.len() as u32;
                    let generics: Vec<u32> = (first..last)
                        .filter(|id| this.facts.symbols[*id as usize].kind == Kind::Generic)
                        .collect();
                    this.symbol(symbol).generics = this.list(&generics);
                }
            }
        });
        let bases = self.bases.pop().unwrap_or_default();
        self.symbol(symbol).bases = self.list(&bases);
        0
    }

    fn kotlin_function_type(&mut self, node: Syntax<'t>) -> u32 {
        let symbol = self.hidden(Kind::Lambda, node);
        self.in_scope(crate::rules::facts::ScopeKind::Function, Some(symbol), |this| {
            let first = this.facts.symbols.len();
            let parts = children(node);
            for part in &parts {
                if matches!(part.kind(), "user_type" | "nullable_type" | "parenthesized_type")
                    && parts.last() != Some(part)
                {
                    // `T.() -> R`: what `this` is in such functions.
                    let receiver = this.visit_type(*part);
                    this.symbol(symbol).bases = this.list(&[receiver]);
                }
                if part.kind() == "function_type_parameters" {
                    for item in children(*part) {
                        if item.kind() == "parameter" {
                            this.visit(item);
                        } else {
                            let declared = this.visit_type(item);
                            let parameter = this.hidden(Kind::Parameter, item);
                            this.symbol(parameter).declared = declared;
                        }
                    }
                }
            }
            let parameters: Vec<u32> = (first..this.facts.symbols.len())
                .map(|id| id as u32)
                .filter(|id| this.facts.symbols[*id as usize].kind == Kind::Parameter)
                .collect();
            this.symbol(symbol).parameters = this.list(&parameters);
            if let Some(result) = parts.last() {
                let declared = this.visit_type(*result);
                this.symbol(symbol).declared = declared;
            }
        });
        self.push(Op::Lambda, 0, symbol, 0)
    }

    /// `a.b.C<T>` where the parts are plain children.
    fn dotted_type(&mut self, node: Syntax<'t>) -> u32 {
        let mut row = 0;
        for part in children(node) {
            if part.kind() == "type_modifiers" {
                // `suspend A.() -> B`
            } else if part.kind() == "type_arguments" {
                let arguments = children(part);
                let list = self.as_type(true, |this| this.visit_all(&arguments));
                row = self.push(Op::Generic, 0, row, list);
            } else if self.source(part).starts_with(|c: char| c.is_alphabetic() || c == '_') {
                let op = if row == 0 { Op::Name } else { Op::Member };
                row = self.identifier(op, part, row, 0);
            }
        }
        row
    }

    /// `a name b` calls `a.name(b)`.
    fn infix(&mut self, node: Syntax<'t>) -> u32 {
        let parts = children(node);
        let [left, name, right] = parts[..] else { return self.visit_children(node) };
        let left = self.visit(left);
        let callee = self.identifier(Op::Member, name, left, 0);
        self.mark_called(callee);
        self.finish_call(Op::Call, callee, &[right])
    }

    /// The receiver before a Kotlin function's name, and the result after its parameters.
    pub(super) fn outer_types(&self, node: Syntax<'t>) -> (Option<Syntax<'t>>, Option<Syntax<'t>>) {
        if self.facts.language != Language::Kotlin {
            return (None, None);
        }
        let is_type = |child: &Syntax<'t>| {
            matches!(
                child.kind(),
                "user_type" | "nullable_type" | "parenthesized_type" | "function_type"
            )
        };
        let parts = children(node);
        let at = parts.iter().position(|part| part.kind() == "function_value_parameters");
        let Some(at) = at else { return (None, None) };
        let receiver = parts[..at].iter().copied().find(is_type);
        (receiver, parts[at..].iter().copied().find(is_type))
    }

    /// Kotlin's `it` and Swift's `$0`, in a lambda without parameters.
    pub(super) fn implicit_parameter(&mut self, node: Syntax<'t>, symbol: u32) {
        use crate::rules::language::Language;
        let name = match self.facts.language {
            _ if node.kind() != "lambda_literal" => return,
            Language::Kotlin => self.word("it"),
            Language::Swift => self.word("$0"),
            _ => return,
        };
        let parameter = self.hidden(Kind::Parameter, node);
        self.symbol(parameter).name = name;
        self.declared.insert((self.scope, name), parameter);
        self.symbol(symbol).parameters = self.list(&[parameter]);
    }
}
