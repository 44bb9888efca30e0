//! What holds between definitions without an identifier that says so: members that redefine one
//! of a supertype, and Go's types that satisfy an interface.

use flux_core::{ByteSpan, DefinitionRef, EdgeKind, FileId, Relation, Tier};

use super::facts::{Kind, ScopeKind, Symbol, flag};
use super::infer::Inference;
use super::language::Family;
use super::world::{Sym, Table, interfaces_key};

/// The relations that a file's definitions take part in as the ones that redefine or satisfy.
pub(super) fn relations(
    table: &Table<'_>,
    inference: &mut Inference<'_>,
    file: u32,
) -> Vec<Relation> {
    let facts = table.of(file).facts();
    let family = facts.language.behaviour().family;
    let mut relations = Vec::new();
    for (index, symbol) in facts.symbols.iter().enumerate() {
        let class = Sym { file, index: index as u32 };
        if family == Family::Go {
            if matches!(symbol.kind, Kind::Struct | Kind::Alias) {
                satisfied(table, inference, class, &mut relations);
            }
        } else if may_override(symbol) {
            let scope = facts.scopes[symbol.scope as usize];
            let owner = Sym { file, index: scope.owner };
            let has_bases = facts.symbols[scope.owner as usize].bases != 0;
            if scope.kind == ScopeKind::Class && has_bases {
                overridden(table, inference, (class, owner), &mut relations);
            }
        }
    }
    relations
}

fn may_override(symbol: &Symbol) -> bool {
    matches!(symbol.kind, Kind::Method | Kind::Property)
        && symbol.flags & (flag::STATIC | flag::HIDDEN) == 0
}

fn overridden(
    table: &Table<'_>,
    inference: &mut Inference<'_>,
    (member, class): (Sym, Sym),
    relations: &mut Vec<Relation>,
) {
    let unit = table.of(member.file);
    let symbol = unit.facts().symbols[member.index as usize];
    let name = unit.name_hash(symbol.name);
    let Some(to) = inference.inherited(class, name, member) else { return };
    relate(table, EdgeKind::Overrides, Tier::Exact, (member, to), relations);
}

/// Interfaces whose methods a Go type has.
fn satisfied(
    table: &Table<'_>,
    inference: &mut Inference<'_>,
    class: Sym,
    relations: &mut Vec<Relation>,
) {
    inference.dependencies.insert(interfaces_key());
    let names = inference.method_names(class, 0);
    let mut candidates: Vec<usize> =
        names.iter().flat_map(|name| table.interfaces_with(*name)).copied().collect();
    candidates.sort_unstable();
    candidates.dedup();
    for candidate in candidates {
        let interface = table.interfaces[candidate];
        let wanted = inference.method_names(interface, 0);
        if !wanted.iter().all(|name| names.contains(name)) {
            continue;
        }
        let pairs: Option<Vec<(Sym, Sym)>> = wanted
            .iter()
            .map(|name| {
                let own = inference.method(class, *name)?;
                let asked = inference.method(interface, *name)?;
                same_shape(table, own, asked).then_some((own, asked))
            })
            .collect();
        let Some(pairs) = pairs else { continue };
        relate(table, EdgeKind::Implements, Tier::Likely, (class, interface), relations);
        let mut pairs = pairs;
        pairs.sort_unstable();
        for pair in pairs {
            relate(table, EdgeKind::Overrides, Tier::Likely, pair, relations);
        }
    }
}

/// Whether two methods take as many parameters.
fn same_shape(table: &Table<'_>, one: Sym, other: Sym) -> bool {
    let count = |symbol: Sym| {
        let facts = table.of(symbol.file).facts();
        let found = facts.symbols[symbol.index as usize];
        facts.list(found.parameters).len()
    };
    count(one) == count(other)
}

fn relate(
    table: &Table<'_>,
    kind: EdgeKind,
    tier: Tier,
    (from, to): (Sym, Sym),
    relations: &mut Vec<Relation>,
) {
    let definition = |symbol: Sym| {
        let index = table.definition(symbol).filter(|index| index.0 != 0)?;
        Some(DefinitionRef { file: FileId(symbol.file), index })
    };
    if table.is_prelude(to.file) {
        return;
    }
    let (Some(from_ref), Some(to_ref)) = (definition(from), definition(to)) else { return };
    let facts = table.of(from.file).facts();
    let symbol = facts.symbols[from.index as usize];
    let site = ByteSpan::new(symbol.at, symbol.at + facts.name(symbol.name).len() as u32);
    relations.push(Relation { kind, tier, from: from_ref, to: to_ref, site });
}
