//! What single languages do unlike the others, beside data: packages, imports, odd declarations.

use tree_sitter::Node as Syntax;

use super::declare::Binding;
use super::{Lowering, children};
use crate::rules::facts::{EITHER, EXCLUDED, IMPORTED, Kind, Op, SILENT, ScopeKind, Symbol, flag};
use crate::rules::language::{Construct, Family, Role, Rule};

use super::script::{MODULE, PATH};

impl<'t> Lowering<'t> {
    pub(super) fn hook(&mut self, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        match (self.family(), rule.construct) {
            (Family::Script, Construct::Import) => self.script_import(node),
            (Family::Script, Construct::Export) => self.script_export(node),
            (Family::Go, Construct::Import) => self.go_import(rule, node),
            (_, Construct::Import) => self.qualified_import(rule, node),
            (_, Construct::Hook) => self.named_hook(rule, node),
            _ => self.visit_children(node),
        }
    }

    fn named_hook(&mut self, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        match &*rule.text {
            "go_type" => self.go_type(rule, node),
            "go_package" => self.go_package(node),
            "type_test" => self.type_test(rule, node),
            "conditional_access" => self.conditional_access(rule, node),
            "conditional_member" => self.conditional_member(rule, node),
            "word_type" => {
                let text = self.source(node);
                let name = self.name(text);
                self.push(Op::Builtin, name, 0, 0)
            }
            "csharp_predefined" => self.csharp_predefined(node),
            word => self.family_hook(word, rule, node),
        }
    }

    /// `import a.b.C`, `using A.B`, `use A\\B`: a path of names from the outermost one on.
    fn qualified_import(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let Some(path) = rule.child(Role::Path, node) else { return 0 };
        let whole = self.source(node);
        let is_whole = rule.flags & flag::DEFAULT != 0
            || whole.trim_end_matches([';', ' ', '\n']).ends_with(['*', '_']);
        let alias = rule.child(Role::Name, node).filter(|alias| *alias != path);
        let text = self.source(path);
        let group = node.parent().filter(|parent| parent.kind() == "namespace_use_group");
        let prefix = group
            .and_then(|group| group.parent())
            .and_then(|whole| whole.named_child(0))
            .map_or(String::new(), |prefix| format!("{}.", self.source(prefix)));
        let row = self.path_row(text, path.end_byte(), &prefix);
        if alias.is_none() && is_whole {
            if whole.starts_with("global") {
                self.mark(row, EITHER);
            }
            self.stars.push(row);
            return 0;
        }
        self.import_symbol(row, alias, node);
        0
    }

    /// A row for the last name of a path that ends at `end`.
    pub(super) fn path_row(&mut self, text: &'t str, end: usize, prefix: &str) -> u32 {
        let last = text.rsplit(['.', '\\', ':']).next().unwrap_or(text).trim();
        let clean: String = format!("{prefix}{text}")
            .replace("::", ".")
            .replace('\\', ".")
            .chars()
            .filter(|letter| !letter.is_whitespace())
            .collect();
        let clean = clean.split('<').next().unwrap_or(&clean).trim_matches('.').to_owned();
        let path = self.owned_name(clean);
        let name = self.name(last);
        let start = end.saturating_sub(last.len()) as u32;
        self.push_at(Op::Import, IMPORTED, start, (name, path, PATH))
    }

    pub(super) fn import_symbol(&mut self, row: u32, alias: Option<Syntax<'t>>, node: Syntax<'t>) {
        let found = self.facts.nodes[row as usize];
        let symbol = match alias {
            Some(alias) => self.declare(Kind::Import, alias, node),
            None => self.add(Symbol {
                name: found.name,
                kind: Kind::Import,
                scope: self.scope,
                start: node.start_byte() as u32,
                end: node.end_byte() as u32,
                at: found.start,
                ..Symbol::default()
            }),
        };
        self.symbol(symbol).value = row;
    }

    /// `x instanceof T name`
    fn type_test(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let left = self.visit_role(rule, Role::Left, node);
        let right = self.type_role(rule, Role::Right, node);
        if let Some(name) = rule.child(Role::Name, node) {
            let binding = Binding { declared: right, ..Binding::local(0, 0, name) };
            self.bind(name, &binding);
        }
        if let Some(pattern) = rule.child(Role::Pattern, node) {
            self.visit(pattern);
        }
        let operator = self.word("instanceof");
        self.push(Op::Binary, operator, left, right)
    }

    /// `a?.b`: what follows is said of `a`.
    fn conditional_access(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let receiver = self.visit_role(rule, Role::Condition, node);
        let outer = std::mem::replace(&mut self.conditional, receiver);
        let value = children(node).last().map_or(0, |last| self.visit(*last));
        self.conditional = outer;
        value
    }

    fn conditional_member(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let Some(name) = rule.child(Role::Name, node) else { return 0 };
        let receiver = self.conditional;
        self.named_member(name, receiver)
    }

    fn csharp_predefined(&mut self, node: Syntax<'t>) -> u32 {
        let word = match self.source(node) {
            "string" => "String",
            "object" => "Object",
            "int" => "Int32",
            "bool" => "Boolean",
            word => {
                let name = self.name(word);
                return self.push(Op::Builtin, name, 0, 0);
            }
        };
        self.builtin(word)
    }

    fn go_package(&mut self, node: Syntax<'t>) -> u32 {
        if let Some(name) = node.named_child(0) {
            let name = self.name_of(name);
            self.facts.package = self.list(&[name]);
        }
        if is_excluded(&self.text[..node.start_byte()]) {
            self.facts.flags |= EXCLUDED;
        }
        0
    }

    fn go_import(&mut self, rule: &Rule, node: Syntax<'t>) -> u32 {
        let Some(path) = rule.child(Role::Path, node) else { return 0 };
        let text = self.source(path).trim_matches(['"', '`']);
        let module = self.name(text);
        let value = self.push_at(Op::Import, IMPORTED | SILENT, 0, (module, module, MODULE));
        let alias = rule.child(Role::Name, node);
        match alias.map(|alias| self.source(alias)) {
            Some(".") => self.stars.push(value),
            Some("_") => {}
            _ => {
                let symbol = self.declare(Kind::Import, alias.unwrap_or(path), node);
                self.symbol(symbol).value = value;
                if alias.is_none() {
                    let name = self.name(package_name(text));
                    self.symbol(symbol).name = name;
                    self.declared.insert((self.scope, name), symbol);
                }
            }
        }
        0
    }

    fn go_type(&mut self, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        let (Some(name), Some(type_)) =
            (rule.child(Role::Name, node), rule.child(Role::Type, node))
        else {
            return self.visit_children(node);
        };
        let kind = match type_.kind() {
            "struct_type" => Kind::Struct,
            "interface_type" => Kind::Interface,
            _ => Kind::Alias,
        };
        let parent = node.parent().filter(|parent| parent.named_child_count() == 1);
        let symbol = self.declare(kind, name, parent.unwrap_or(node));
        self.bases.push(Vec::new());
        self.in_scope(ScopeKind::Class, Some(symbol), |this| {
            this.type_parameters(rule, node, symbol);
            if kind == Kind::Alias {
                let base = this.visit_type(type_);
                this.add_base(base, 0);
            } else {
                this.visit_children(type_);
            }
        });
        let bases = self.bases.pop().unwrap_or_default();
        self.symbol(symbol).bases = self.list(&bases);
        0
    }
}

/// The name that a Go package most likely has, from its path.
fn package_name(path: &str) -> &str {
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or(path);
    let is_version = last
        .strip_prefix('v')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
    let name = if is_version { parts.next().unwrap_or(last) } else { last };
    let name = name.rsplit_once(".v").map_or(name, |(name, _)| name);
    let name = name.strip_prefix("go-").unwrap_or(name);
    name.strip_suffix(".go").or_else(|| name.strip_suffix("-go")).unwrap_or(name)
}

/// Whether a build constraint keeps a Go file out of a build for Linux.
fn is_excluded(header: &str) -> bool {
    let Some(line) = header.lines().find_map(|line| line.strip_prefix("//go:build ")) else {
        return false;
    };
    let mut tokens = Vec::new();
    let mut rest = line.trim();
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.');
        let length = match word {
            _ if rest.starts_with("&&") || rest.starts_with("||") => 2,
            Some(0) => first.len_utf8(),
            Some(end) => end,
            None => rest.len(),
        };
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    let mut position = 0;
    !either(&tokens, &mut position)
}

fn either(tokens: &[&str], at: &mut usize) -> bool {
    let mut value = both(tokens, at);
    while tokens.get(*at) == Some(&"||") {
        *at += 1;
        value |= both(tokens, at);
    }
    value
}

fn both(tokens: &[&str], at: &mut usize) -> bool {
    let mut value = one(tokens, at);
    while tokens.get(*at) == Some(&"&&") {
        *at += 1;
        value &= one(tokens, at);
    }
    value
}

fn one(tokens: &[&str], at: &mut usize) -> bool {
    let mut is_negated = false;
    while tokens.get(*at) == Some(&"!") {
        *at += 1;
        is_negated = !is_negated;
    }
    let token = tokens.get(*at).copied().unwrap_or("");
    *at += 1;
    let value = if token == "(" {
        let value = either(tokens, at);
        *at += 1;
        value
    } else {
        matches!(token, "linux" | "unix" | "amd64" | "gc" | "cgo") || token.starts_with("go1.")
    };
    value != is_negated
}

#[cfg(test)]
mod tests {
    use super::{is_excluded, package_name};

    #[test]
    fn constraints_are_evaluated_for_linux() {
        assert!(is_excluded("//go:build windows\n\n"));
        assert!(!is_excluded("//go:build !windows && (linux || darwin)\n"));
        assert!(is_excluded("//go:build !(linux || darwin)\n"));
        assert!(!is_excluded("// Copyright\n\n"));
    }

    #[test]
    fn packages_are_called_by_the_last_part_that_is_no_version() {
        assert_eq!(package_name("github.com/a/b/v2"), "b");
        assert_eq!(package_name("gopkg.in/yaml.v3"), "yaml");
        assert_eq!(package_name("github.com/mattn/go-isatty"), "isatty");
    }
}
