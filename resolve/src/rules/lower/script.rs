//! What JavaScript and TypeScript do unlike the others: modules, and members by assignment.

use tree_sitter::Node as Syntax;

use super::{Lowering, children};
use crate::rules::facts::{EITHER, Export, IMPORTED, Kind, Op, SILENT, ScopeKind, Symbol, flag};
use crate::rules::language::Language;

/// `b` of an import row: what of the module is meant.
const NAMED: u32 = 0;
pub(in crate::rules) const MODULE: u32 = 1;
pub(in crate::rules) const DEFAULT: u32 = 2;
/// The module is a path of names, and what it leads to is meant.
pub(in crate::rules) const PATH: u32 = 3;

impl<'t> Lowering<'t> {
    pub(super) fn script_import(&mut self, node: Syntax<'t>) -> u32 {
        let Some(source) = node.child_by_field_name("source") else {
            return self.import_require(node);
        };
        let module = self.module_name(source);
        for clause in children(node).into_iter().filter(|child| child.kind() == "import_clause") {
            for part in children(clause) {
                match part.kind() {
                    "identifier" => self.import_one(part, None, (module, DEFAULT)),
                    "namespace_import" => {
                        if let Some(name) = part.named_child(0) {
                            self.import_one(name, None, (module, MODULE));
                        }
                    }
                    _ => self.import_named(part, module),
                }
            }
        }
        0
    }

    fn import_named(&mut self, list: Syntax<'t>, module: u32) {
        for specifier in children(list) {
            let Some(name) = specifier.child_by_field_name("name") else { continue };
            self.import_one(name, specifier.child_by_field_name("alias"), (module, NAMED));
        }
    }

    fn import_one(&mut self, name: Syntax<'t>, alias: Option<Syntax<'t>>, from: (u32, u32)) {
        let (module, mut mode) = from;
        if self.source(name) == "default" {
            mode = DEFAULT;
        }
        let value = self.import_row(name, module, mode);
        let symbol = self.declare(Kind::Import, alias.unwrap_or(name), name);
        self.symbol(symbol).value = value;
        if let Some(alias) = alias {
            let name = self.name_of(alias);
            self.push_at(Op::Local, IMPORTED, alias.start_byte() as u32, (name, symbol, 0));
        }
    }

    fn import_row(&mut self, name: Syntax<'t>, module: u32, mode: u32) -> u32 {
        let text = self.name_of(name);
        self.push_at(Op::Import, IMPORTED, name.start_byte() as u32, (text, module, mode))
    }

    pub(super) fn module_name(&mut self, string: Syntax<'t>) -> u32 {
        let text = self.source(string).trim_matches(['"', '\'', '`']);
        self.name(text)
    }

    /// `import x = require("m")`
    fn import_require(&mut self, node: Syntax<'t>) -> u32 {
        let clause =
            children(node).into_iter().find(|child| child.kind() == "import_require_clause");
        let Some(clause) = clause else { return self.visit_children(node) };
        if let (Some(name), Some(source)) =
            (clause.named_child(0), clause.child_by_field_name("source"))
        {
            let module = self.module_name(source);
            self.import_one(name, None, (module, MODULE));
        }
        0
    }

    pub(super) fn script_export(&mut self, node: Syntax<'t>) -> u32 {
        let first = self.facts.symbols.len();
        let has = |word: &str| {
            let mut cursor = node.walk();
            node.children(&mut cursor).any(|child| child.kind() == word)
        };
        let (is_default, is_whole, is_star) = (has("default"), has("="), has("*"));
        if let Some(source) = node.child_by_field_name("source") {
            let module = self.module_name(source);
            self.reexport(node, module, is_star);
            return 0;
        }
        for child in children(node) {
            if child.kind() == "export_clause" {
                self.export_clause(child);
                continue;
            }
            let value = self.visit(child);
            if self.op(value) == Op::Name {
                self.mark(value, EITHER);
            }
            let word = if is_default { "default" } else { "=" };
            let is_declaration = self.facts.symbols[first..]
                .iter()
                .any(|symbol| symbol.scope == self.scope && symbol.flags & flag::HIDDEN == 0);
            if (is_default || is_whole) && value != 0 && !is_declaration {
                let value = if is_default { self.unnamed_export(node, value) } else { value };
                let name = self.word(word);
                self.facts.exports.push(Export { name, node: value });
            }
        }
        for id in first..self.facts.symbols.len() {
            let symbol = self.facts.symbols[id];
            if symbol.scope != self.scope || symbol.flags & flag::HIDDEN != 0 {
                continue;
            }
            self.facts.symbols[id].flags |= flag::EXPORTED;
            if is_default {
                let name = self.word("default");
                let node = self.push(Op::Local, 0, id as u32, 0);
                self.facts.exports.push(Export { name, node });
            }
        }
        0
    }

    /// What `export default` exports without a name is called by that word.
    fn unnamed_export(&mut self, node: Syntax<'t>, value: u32) -> u32 {
        if self.op(value) == Op::Name {
            return value;
        }
        let mut cursor = node.walk();
        let word = node.children(&mut cursor).find(|child| child.kind() == "default");
        let Some(word) = word else { return value };
        let symbol = self.declare(Kind::Variable, word, node);
        self.bind_value(symbol, value);
        self.push(Op::Local, 0, symbol, 0)
    }

    fn reexport(&mut self, node: Syntax<'t>, module: u32, is_star: bool) {
        for child in children(node) {
            match child.kind() {
                "export_clause" => {
                    for specifier in children(child) {
                        let Some(name) = specifier.child_by_field_name("name") else { continue };
                        let mode = if self.source(name) == "default" { DEFAULT } else { NAMED };
                        let value = self.import_row(name, module, mode);
                        self.export_as(specifier, name, value);
                    }
                }
                "namespace_export" => {
                    if let Some(name) = child.named_child(0) {
                        let value = self.import_row(name, module, MODULE);
                        let name = self.name_of(name);
                        self.facts.exports.push(Export { name, node: value });
                        return;
                    }
                }
                _ => {}
            }
        }
        if is_star {
            let value = self.push_at(Op::Import, IMPORTED | SILENT, 0, (0, module, MODULE));
            self.facts.exports.push(Export { name: 0, node: value });
        }
    }

    fn export_clause(&mut self, clause: Syntax<'t>) {
        for specifier in children(clause) {
            let Some(name) = specifier.child_by_field_name("name") else { continue };
            let value = self.identifier(Op::Name, name, 0, 0);
            self.mark(value, EITHER);
            self.export_as(specifier, name, value);
        }
    }

    fn export_as(&mut self, specifier: Syntax<'t>, name: Syntax<'t>, value: u32) {
        let outside = specifier.child_by_field_name("alias").unwrap_or(name);
        let name = self.name_of(outside);
        self.facts.exports.push(Export { name, node: value });
    }

    /// Assignments that declare: to `exports`, to a prototype, to a function or object.
    pub(super) fn script_assignment(&mut self, left: Syntax<'t>, right: Syntax<'t>) -> Option<u32> {
        if left.kind() != "member_expression" {
            if self.source(left) == "exports" {
                return Some(self.visit(right));
            }
            return None;
        }
        let object = left.child_by_field_name("object")?;
        let property = left.child_by_field_name("property")?;
        if self.source(left) == "module.exports" {
            let value = self.visit(right);
            let name = self.word("=");
            self.facts.exports.push(Export { name, node: value });
            return Some(value);
        }
        let owner = self.source(object);
        if matches!(owner, "exports" | "module.exports") {
            let value = self.visit(right);
            let symbol = self.member_by_assignment(property, (left, right), value, 0);
            let name = self.name_of(property);
            let node = self.push(Op::Local, 0, symbol, 0);
            self.facts.exports.push(Export { name, node });
            return Some(value);
        }
        let is_function =
            matches!(right.kind(), "arrow_function" | "function_expression" | "generator_function");
        if !is_function {
            return None;
        }
        let target = match owner.strip_suffix(".prototype") {
            Some(_) => object.child_by_field_name("object")?,
            None => object,
        };
        if target.kind() != "identifier" {
            return None;
        }
        let receiver = self.visit(target);
        let name = self.facts.nodes[receiver as usize].name;
        self.binding_of(name)?;
        let value = self.visit(right);
        let symbol = self.member_by_assignment(property, (left, right), value, receiver);
        if target == object {
            self.symbol(symbol).flags |= flag::STATIC;
        }
        Some(value)
    }

    fn member_by_assignment(
        &mut self,
        property: Syntax<'t>,
        (left, right): (Syntax<'t>, Syntax<'t>),
        value: u32,
        receiver: u32,
    ) -> u32 {
        let name = self.name_of(property);
        let scope = self.assigned_scope();
        self.members += 1;
        let symbol = self.add(Symbol {
            name,
            kind: Kind::Field,
            flags: flag::ASSIGNED,
            scope,
            start: left.start_byte() as u32,
            end: right.end_byte() as u32,
            at: property.start_byte() as u32,
            receiver,
            ..Symbol::default()
        });
        let is_typed = matches!(self.facts.language, Language::TypeScript | Language::Tsx);
        if is_typed && self.op(value) == Op::Lambda {
            // To TypeScript no function has its name from there: what it calls, the function
            // around calls.
            let found = self.symbol(symbol);
            found.value = value;
            found.kind = Kind::Method;
        } else {
            self.bind_value(symbol, value);
        }
        symbol
    }

    /// A scope for what is reached through an object only, never by its bare name.
    fn assigned_scope(&mut self) -> u32 {
        if self.assigned == 0 {
            let scope = crate::rules::facts::Scope { parent: 0, owner: 0, kind: ScopeKind::Class };
            self.facts.scopes.push(scope);
            self.assigned = self.facts.scopes.len() as u32 - 1;
        }
        self.assigned
    }
}
