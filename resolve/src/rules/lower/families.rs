//! What single languages do unlike the others, beside data: packages, imports, odd declarations.

use tree_sitter::Node as Syntax;

use super::Lowering;
use crate::rules::facts::{EXCLUDED, IMPORTED, Kind, Op, SILENT, ScopeKind};
use crate::rules::rules::{Construct, Family, Role, Rule};

use super::script::MODULE;

impl<'t> Lowering<'t> {
    pub(super) fn hook(&mut self, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        match (self.family(), rule.construct) {
            (Family::Script, Construct::Import) => self.script_import(node),
            (Family::Script, Construct::Export) => self.script_export(node),
            (Family::Go, Construct::Import) => self.go_import(rule, node),
            (_, Construct::Hook) => self.named_hook(rule, node),
            _ => self.visit_children(node),
        }
    }

    fn named_hook(&mut self, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        match &*rule.text {
            "go_type" => self.go_type(rule, node),
            "go_package" => self.go_package(node),
            _ => self.visit_children(node),
        }
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
        let (Some(name), Some(type_)) = (rule.child(Role::Name, node), rule.child(Role::Type, node))
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
    let is_version =
        last.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
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
