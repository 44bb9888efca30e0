//! Import statements.

use tree_sitter::Node;

use super::kinds::Kind;
use super::{Lowering, Source, children};
use crate::python::facts::{BindingKind, Import, ImportId, NameId, UseKind};

impl<'t> Lowering<'t> {
    fn add_import(&mut self, module: NameId, level: u32, member: Option<NameId>) -> ImportId {
        self.facts.imports.push(Import { module, level, member });
        ImportId(self.facts.imports.len() as u32 - 1)
    }

    /// Uses for each part of a dotted name, with what stands before it.
    fn dotted(&mut self, node: Node<'_>, level: u32) {
        for part in children(node) {
            let prefix = self.text.get(node.start_byte()..part.end_byte()).unwrap_or("");
            let name = self.name(prefix);
            let (at, end) = (part.start_byte() as u32, part.end_byte() as u32);
            self.add_use(UseKind::Module { name, level, at, len: end - at });
        }
    }

    pub(super) fn import(&mut self, node: Node<'_>) {
        for child in children(node) {
            let aliased = self.kind(child) == Kind::AliasedImport;
            let dotted = if aliased { children(child).next() } else { Some(child) };
            let Some(dotted) = dotted else { continue };
            self.dotted(dotted, 0);
            let module = self.name_of(dotted);
            let alias = if aliased { self.field(child, self.grammar.fields.alias) } else { None };
            if let Some(alias) = alias {
                let import = self.add_import(module, 0, None);
                let (at, end) = (alias.start_byte() as u32, alias.end_byte() as u32);
                self.add_use(UseKind::Module { name: module, level: 0, at, len: end - at });
                self.bind_import(alias, import);
            } else if let Some(first) = children(dotted).next() {
                let first_name = self.name_of(first);
                let import = self.add_import(first_name, 0, None);
                self.bind_import(first, import);
            }
        }
    }

    /// Binds what an import names, which has its use already.
    fn bind_import(&mut self, node: Node<'_>, import: ImportId) {
        let before = self.facts.uses.len();
        self.bind_node(node, Source::of(BindingKind::Import(import)), &[]);
        self.facts.uses.truncate(before);
    }

    pub(super) fn import_from(&mut self, node: Node<'_>) {
        let fields = &self.grammar.fields;
        let Some(from) = self.field(node, fields.module_name) else { return };
        let (mut level, mut dotted) = (0, None);
        if self.kind(from) == Kind::RelativeImport {
            for child in children(from) {
                if self.kind(child) == Kind::DottedName {
                    dotted = Some(child);
                } else {
                    level = self.text_of(child).bytes().filter(|byte| *byte == b'.').count() as u32;
                }
            }
        } else {
            dotted = Some(from);
        }
        if let Some(dotted) = dotted {
            self.dotted(dotted, level);
        }
        let module = match dotted {
            Some(dotted) => self.name_of(dotted),
            None => self.name(""),
        };
        for child in children(node).filter(|child| child.id() != from.id()) {
            match self.kind(child) {
                Kind::Wildcard => {
                    let import = self.add_import(module, level, None);
                    self.facts.scopes[self.scope.index()].stars.push(import);
                }
                Kind::AliasedImport => {
                    let name = self.field(child, fields.name);
                    let alias = self.field(child, fields.alias);
                    if let (Some(name), Some(alias)) = (name, alias) {
                        let import = self.member(module, level, name);
                        let (at, end) = (alias.start_byte() as u32, alias.end_byte() as u32);
                        self.add_use(UseKind::Member { import, at, len: end - at });
                        self.bind_import(alias, import);
                    }
                }
                _ => {
                    let import = self.member(module, level, child);
                    self.bind_import(child, import);
                }
            }
        }
    }

    fn member(&mut self, module: NameId, level: u32, node: Node<'_>) -> ImportId {
        let name = self.name_of(node);
        let import = self.add_import(module, level, Some(name));
        let (at, end) = (node.start_byte() as u32, node.end_byte() as u32);
        self.add_use(UseKind::Member { import, at, len: end - at });
        import
    }
}
