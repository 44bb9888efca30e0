//! The graph of one file, from what inference says of its identifiers.

use flux_core::{
    ByteSpan, Definition, DefinitionIndex, DefinitionRef, EdgeKind, FileGraph, FileId, Occurrence,
    Relation, SymbolKind, Target, Tier,
};

use super::facts::{
    CALLED, EITHER, Facts, IMPLEMENTED, IMPORTED, INHERITED, Kind, Node, Op, SILENT, ScopeKind,
    flag,
};
use super::infer::{Entity, Inference};
use super::language::Family;
use super::modules::manifests_key;
use super::world::{Sym, Table};
use crate::layer::Resolved;

/// Resolves one file.
pub(super) fn resolve(table: &Table<'_>, file: u32) -> Resolved {
    let Some(unit) = table.unit(file) else { return Resolved::default() };
    let facts = unit.facts();
    let mut output = Output {
        table,
        file,
        facts,
        inference: Inference::new(table, file),
        graph: FileGraph::default(),
    };
    output.definitions();
    for (index, row) in facts.nodes.iter().enumerate() {
        if row.flags & SILENT == 0 && names(row) {
            output.occurrence(index as u32, row);
        } else if row.op == Op::Call || row.op == Op::Lambda {
            // Asked in order, so that chains of calls never lead deep.
            output.inference.eval(file, index as u32);
        }
    }
    output.finish()
}

/// Whether a row is an identifier of the source.
fn names(row: &Node) -> bool {
    let is_identifier =
        matches!(row.op, Op::Name | Op::Member | Op::Key | Op::Import | Op::Local | Op::Part);
    is_identifier && row.name != 0
}

struct Output<'t> {
    table: &'t Table<'t>,
    file: u32,
    facts: &'t Facts,
    inference: Inference<'t>,
    graph: FileGraph,
}

impl Output<'_> {
    fn definitions(&mut self) {
        let path = self.table.files.path(FileId(self.file));
        let name = path.rsplit('/').next().unwrap_or(path);
        let name = name.split('.').next().unwrap_or(name);
        self.graph.definitions.push(Definition {
            name: name.into(),
            kind: SymbolKind::Module,
            parent: DefinitionIndex::MODULE,
            span: ByteSpan::new(0, self.facts.symbols[0].end),
            name_span: ByteSpan::new(0, 0),
            is_public: true,
        });
        let unit = self.table.of(self.file);
        for index in &unit.order {
            let definition = self.definition(*index);
            self.graph.definitions.push(definition);
        }
    }

    fn definition(&self, index: u32) -> Definition {
        let symbol = self.facts.symbols[index as usize];
        let name = self.facts.name(symbol.name);
        let is_public = match self.facts.language.behaviour().family {
            Family::Go => name.starts_with(char::is_uppercase),
            Family::Script => {
                symbol.flags & flag::EXPORTED != 0
                    || (symbol.flags & flag::PRIVATE == 0 && symbol.scope != 0)
            }
            _ => symbol.flags & flag::PRIVATE == 0,
        };
        Definition {
            name: name.into(),
            kind: symbol.kind.defines().unwrap_or(SymbolKind::Variable),
            parent: self.around(symbol.scope),
            span: ByteSpan::new(symbol.start, symbol.end),
            name_span: ByteSpan::new(symbol.at, symbol.at + name.len() as u32),
            is_public,
        }
    }

    /// The innermost definition whose inside `scope` is.
    fn around(&self, mut scope: u32) -> DefinitionIndex {
        let unit = self.table.of(self.file);
        loop {
            let info = self.facts.scopes[scope as usize];
            let mut owner = info.owner;
            let symbol = self.facts.symbols[owner as usize];
            if symbol.kind == Kind::Lambda && symbol.receiver != 0 {
                owner = symbol.receiver;
            }
            let index = unit.definitions[owner as usize];
            if index != 0 {
                return DefinitionIndex(index);
            }
            if scope == 0 {
                return DefinitionIndex::MODULE;
            }
            scope = info.parent;
        }
    }

    fn occurrence(&mut self, index: u32, row: &Node) {
        let found = self.inference.find(self.file, index);
        let is_asked = row.op == Op::Part || (row.op == Op::Key && row.b == 0);
        if is_asked && !found.entities.iter().any(|(entity, _)| matches!(entity, Entity::Symbol(_)))
        {
            return;
        }
        let length = self.facts.name(row.name).len() as u32;
        let span = ByteSpan::new(row.start, row.start + length);
        let enclosing = self.around(row.scope);
        let kind = kind_of(row);
        let blank =
            |target, tier| Occurrence { span, kind, tier, is_implicit: false, enclosing, target };
        let mut targets = Vec::new();
        if let Some(alias) = self.namespace_alias(row, &found.entities) {
            targets.push(alias);
        }
        for (entity, _) in &found.entities {
            if matches!(targets[..], [Target::Local(_)]) {
                break;
            }
            if let Some(target) = self.target(*entity)
                && !targets.contains(&target)
            {
                targets.push(target);
            }
        }
        let is_space = |(entity, _): &(Entity, u32)| match entity {
            Entity::Space(..) => true,
            Entity::Symbol(symbol) => self.is_standard_space(*symbol),
            _ => false,
        };
        if targets.is_empty() && found.entities.iter().any(is_space) {
            return;
        }
        if targets.is_empty() {
            let target = Target::Unresolved(found.failure);
            self.graph.occurrences.push(blank(target, Tier::Exact));
        }
        for target in targets.into_iter().take(8) {
            let kind = self.kind_for(kind, target);
            if let (Target::Definition(to), EdgeKind::Inherits | EdgeKind::Implements) =
                (target, kind)
            {
                self.relate(kind, row, to, span);
            }
            self.graph.occurrences.push(Occurrence { kind, ..blank(target, found.tier) });
        }
    }

    /// The name in `import * as name`, where it is used: the import alone leads to the module.
    fn namespace_alias(&self, row: &Node, entities: &[(Entity, u32)]) -> Option<Target> {
        let is_plain = row.op == Op::Name && row.flags & (IMPORTED | EITHER) == 0;
        let is_script = self.facts.language.behaviour().family == Family::Script;
        let [(Entity::Module(_), _)] = entities else { return None };
        if !is_plain || !is_script {
            return None;
        }
        let unit = self.table.of(self.file);
        let symbol = unit.in_scope(0, row.name).next()?;
        let symbol = self.facts.symbols[symbol as usize];
        (symbol.kind == Kind::Import).then_some(Target::Local(symbol.at))
    }

    /// Go writes conversions as calls; Ruby writes calls as names.
    fn kind_for(&self, kind: EdgeKind, target: Target) -> EdgeKind {
        let family = self.facts.language.behaviour().family;
        let is_go = family == Family::Go;
        let Target::Definition(to) = target else { return kind };
        if family == Family::Ruby && kind == EdgeKind::References {
            // A call needs neither parentheses nor arguments.
            let symbol = self.table.of(to.file.0).symbol_at(to.index.0);
            let is_call = symbol.is_some_and(|symbol| symbol.kind.is_callable());
            return if is_call { EdgeKind::Calls } else { kind };
        }
        if kind != EdgeKind::Calls || !is_go {
            return kind;
        }
        let unit = self.table.of(to.file.0);
        let symbol = unit.symbol_at(to.index.0);
        let is_type = symbol.is_none_or(|symbol| symbol.kind.is_type());
        if is_type { EdgeKind::References } else { kind }
    }

    fn target(&mut self, entity: Entity) -> Option<Target> {
        let whole = |file| {
            let file = FileId(file);
            Target::Definition(DefinitionRef { file, index: DefinitionIndex::MODULE })
        };
        match entity {
            Entity::External(package) => Some(Target::External(package)),
            Entity::Module(file) | Entity::Row(file, _) => Some(whole(file)),
            // A namespace is no file's; a Go package is that of all files of a folder.
            Entity::Space(_, file) => {
                let is_go = self.facts.language.behaviour().family == Family::Go;
                is_go.then(|| whole(file))
            }
            Entity::Symbol(symbol) if self.is_standard_space(symbol) => None,
            Entity::Symbol(symbol) if self.table.is_prelude(symbol.file) => {
                Some(Target::External(self.inference.package("builtin")))
            }
            Entity::Symbol(symbol) => match self.table.definition(symbol) {
                Some(index) => {
                    let file = FileId(symbol.file);
                    Some(Target::Definition(DefinitionRef { file, index }))
                }
                None if symbol.file == self.file && !self.inference.is_import(symbol) => {
                    self.local(symbol)
                }
                None => None,
            },
        }
    }

    /// Whether a symbol reopens a namespace of the standard library (`std`), which is no file's.
    fn is_standard_space(&self, symbol: Sym) -> bool {
        let facts = self.table.of(symbol.file).facts();
        let found = facts.symbols[symbol.index as usize];
        let standard = &facts.language.behaviour().standard;
        let name = facts.name(found.name);
        found.kind == Kind::Namespace
            && facts.language.behaviour().family == Family::C
            && standard.iter().any(|part| part == name)
    }

    fn local(&self, symbol: Sym) -> Option<Target> {
        let found = self.facts.symbols[symbol.index as usize];
        // An object's short member stands for the variable of the same name.
        (found.name != 0).then_some(Target::Local(found.at))
    }

    /// The class around inherits from `to`.
    fn relate(&mut self, kind: EdgeKind, row: &Node, to: DefinitionRef, site: ByteSpan) {
        let mut scope = row.scope;
        while self.facts.scopes[scope as usize].kind != ScopeKind::Class {
            if scope == 0 {
                return;
            }
            scope = self.facts.scopes[scope as usize].parent;
        }
        let owner = self.facts.scopes[scope as usize].owner;
        let from = Sym { file: self.file, index: owner };
        let Some(index) = self.table.definition(from).filter(|index| index.0 != 0) else { return };
        let from = DefinitionRef { file: FileId(self.file), index };
        let target = self.table.of(to.file.0).symbol_at(to.index.0).map(|symbol| symbol.kind);
        let is_contract = matches!(target, Some(Kind::Interface | Kind::Trait));
        let is_class = self.facts.symbols[owner as usize].kind != Kind::Interface;
        let kind = if is_contract && is_class { EdgeKind::Implements } else { kind };
        self.graph.relations.push(Relation { kind, tier: Tier::Exact, from, to, site });
    }

    fn finish(mut self) -> Resolved {
        let more = super::relations::relations(self.table, &mut self.inference, self.file);
        self.graph.relations.extend(more);
        self.graph.occurrences.sort_by_key(|found| (found.span.start, found.span.end));
        self.graph.occurrences.dedup();
        self.graph.packages = self.inference.packages;
        let mut dependencies: Vec<u64> = self.inference.dependencies.into_iter().collect();
        dependencies.push(manifests_key());
        dependencies.sort_unstable();
        dependencies.dedup();
        Resolved { graph: self.graph, dependencies }
    }
}

fn kind_of(row: &Node) -> EdgeKind {
    match row.flags {
        flags if flags & INHERITED != 0 => EdgeKind::Inherits,
        flags if flags & IMPLEMENTED != 0 => EdgeKind::Implements,
        flags if flags & IMPORTED != 0 => EdgeKind::Imports,
        flags if flags & CALLED != 0 => EdgeKind::Calls,
        _ => EdgeKind::References,
    }
}
