//! What an identifier means: scopes from the inside out, then the file's package and imports.

use flux_core::{Tier, Unresolved};

use super::{Entity, Found, Inference, Step};
use crate::rules::facts::{CALLED, EITHER, IMPORTED, IN_TYPE, Kind, Node, Op, ScopeKind};
use crate::rules::rules::Family;
use crate::rules::types::{Type, UNKNOWN};
use crate::rules::world::{Sym, mix, prelude_key};

impl Inference<'_> {
    /// What the identifier of a row means.
    pub(in crate::rules) fn find(&mut self, file: u32, index: u32) -> Found {
        if let Some(found) = self.found.get(&(file, index)) {
            return found.clone();
        }
        self.look_at(file);
        let nothing = Found::none(Unresolved::UnknownReceiver);
        let step = Step::Find(file, index);
        let found = self.guarded(step, nothing, |this| this.find_row(file, index));
        self.found.insert((file, index), found.clone());
        found
    }

    fn find_row(&mut self, file: u32, index: u32) -> Found {
        let row = self.row(file, index);
        match row.op {
            Op::Name => self.lookup(file, &row),
            Op::Member => self.member(file, &row),
            Op::Part if row.name != 0 => {
                let type_ = self.eval(file, row.a);
                let name = self.unit(file).name_hash(row.name);
                self.members(type_, name, &row)
            }
            Op::Key => self.composite_key(file, &row),
            Op::Import => self.imported(file, &row),
            Op::Local => {
                let symbol = Sym { file, index: row.a };
                Found::exact(self.through(symbol))
            }
            Op::Generic | Op::Deref => self.find(file, row.a),
            _ => Found::none(Unresolved::UnknownReceiver),
        }
    }

    /// The symbol itself, or what it imports.
    pub(super) fn through(&mut self, symbol: Sym) -> Vec<Entity> {
        let found = self.symbol(symbol);
        if found.kind != Kind::Import {
            return vec![Entity::Symbol(symbol)];
        }
        let found = self.find(symbol.file, found.value);
        found.entities.into_iter().map(|(entity, _)| entity).collect()
    }

    fn lookup(&mut self, file: u32, row: &Node) -> Found {
        let unit = self.unit(file);
        let facts = unit.facts();
        let mut scope = row.scope;
        loop {
            let info = facts.scopes[scope as usize];
            let candidates: Vec<Sym> = unit
                .in_scope(scope, row.name)
                .filter(|index| {
                    let symbol = &facts.symbols[*index as usize];
                    let is_bare = info.kind != ScopeKind::Class
                        || matches!(symbol.kind, Kind::Generic | Kind::EnumMember);
                    is_bare && (symbol.from == 0 || symbol.from <= row.start)
                })
                .map(|index| Sym { file, index })
                .collect();
            if let Some(found) = self.chosen(candidates, row) {
                return found;
            }
            if info.kind == ScopeKind::Class
                && let Some(found) = self.implicit_member(file, info.owner, row)
            {
                return found;
            }
            if scope == 0 {
                break;
            }
            scope = info.parent;
        }
        self.lookup_outside(file, row)
    }

    /// A member of the class around, where the language lets it be named alone.
    fn implicit_member(&mut self, file: u32, owner: u32, row: &Node) -> Option<Found> {
        if !self.language(file).behaviour().implicit_this {
            return None;
        }
        let symbol = Sym { file, index: owner };
        let name = self.unit(file).name_hash(row.name);
        let mut found = self.class_members(symbol, 0, name, row);
        found.entities.retain(|(entity, _)| matches!(entity, Entity::Symbol(_)));
        (!found.is_empty()).then_some(found)
    }

    /// Names of other files of the package, of the prelude, and those that need no definition.
    fn lookup_outside(&mut self, file: u32, row: &Node) -> Found {
        let unit = self.unit(file);
        let name = unit.name_hash(row.name);
        let family = self.family(file);
        if family != Family::Script {
            let rows = self.under(mix(unit.package, name));
            let candidates = rows.iter().map(|row| row.1).collect();
            let candidates = self.visible(file, candidates);
            if let Some(found) = self.chosen(candidates, row) {
                return found;
            }
        }
        if let Some(found) = self.starred(file, row) {
            return found;
        }
        let rows = self.table.members(mix(prelude_key(self.language(file)), name));
        let candidates = rows.iter().map(|row| row.1).collect();
        if let Some(found) = self.chosen(candidates, row) {
            return found;
        }
        let text = self.facts(file).name(row.name);
        if self.language(file).behaviour().primitives.iter().any(|word| word == text) {
            return Found::exact(vec![Entity::External(self.package("builtin"))]);
        }
        if family == Family::Go
            && let Some(found) = self.renamed_package(file, row)
        {
            return found;
        }
        Found::none(Unresolved::UnknownName)
    }

    /// A Go package whose name is not the last part of its path.
    fn renamed_package(&mut self, file: u32, row: &Node) -> Option<Found> {
        let facts = self.facts(file);
        let name = facts.name(row.name);
        for (index, symbol) in facts.symbols.iter().enumerate() {
            if symbol.kind != Kind::Import || symbol.scope != 0 {
                continue;
            }
            let entities = self.through(Sym { file, index: index as u32 });
            if let Some(Entity::Space(_, place)) = entities.first() {
                let other = self.facts(*place);
                let package = other.list(other.package).first();
                if package.is_some_and(|package| other.name(*package) == name) {
                    return Some(Found::exact(entities));
                }
            }
        }
        None
    }

    /// What is brought in whole.
    fn starred(&mut self, file: u32, row: &Node) -> Option<Found> {
        let facts = self.facts(file);
        let name = self.unit(file).name_hash(row.name);
        for star in facts.list(facts.stars) {
            let type_ = self.eval(file, *star);
            if type_ == UNKNOWN || matches!(self.types.get(type_), Type::External(_)) {
                continue;
            }
            let found = self.members(type_, name, row);
            if !found.is_empty() {
                return Some(Found { tier: Tier::Exact, ..found });
            }
        }
        None
    }

    /// Leaves out what `file` cannot see: tests' symbols, files of other systems.
    pub(super) fn visible(&self, file: u32, mut candidates: Vec<Sym>) -> Vec<Sym> {
        if candidates.len() < 2 && self.family(file) != Family::Go {
            return candidates;
        }
        let is_test = self.unit(file).is_test;
        candidates.retain(|symbol| is_test || !self.unit(symbol.file).is_test);
        self.prefer(&mut candidates, |this, symbol| symbol.file == file && this.unit(file).is_excluded);
        self.prefer(&mut candidates, |this, symbol| !this.unit(symbol.file).is_excluded);
        candidates
    }

    fn prefer(&self, candidates: &mut Vec<Sym>, better: impl Fn(&Self, Sym) -> bool) {
        if candidates.len() > 1 && candidates.iter().any(|symbol| better(self, *symbol)) {
            candidates.retain(|symbol| better(self, *symbol));
        }
    }

    /// Those of `candidates` that fit the place of a mention; `None` when none does.
    pub(super) fn chosen(&mut self, candidates: Vec<Sym>, row: &Node) -> Option<Found> {
        let mut candidates = self.fitting(candidates, row);
        if row.flags & (IMPORTED | EITHER) == 0 && (row.flags & IN_TYPE == 0 || row.flags & CALLED != 0) {
            candidates.retain(|symbol| !self.is_erased(*symbol));
        }
        if candidates.is_empty() {
            return None;
        }
        let mut entities = Vec::new();
        let mut is_import = false;
        for symbol in candidates {
            is_import |= self.symbol(symbol).kind == Kind::Import;
            for entity in self.through(symbol) {
                if !entities.contains(&entity) {
                    entities.push(entity);
                }
            }
        }
        if entities.is_empty() && is_import {
            return Some(Found::none(Unresolved::MissingModule));
        }
        Some(Found::exact(entities))
    }

    /// Types where a type is meant, values elsewhere; of overloads, those that take the arguments.
    pub(super) fn fitting(&self, mut candidates: Vec<Sym>, row: &Node) -> Vec<Sym> {
        if candidates.len() < 2 {
            return candidates;
        }
        if row.flags & (IMPORTED | EITHER) == 0 {
            let wants_type = row.flags & IN_TYPE != 0;
            self.prefer(&mut candidates, |this, symbol| {
                let kind = this.symbol(symbol).kind;
                let is_both = matches!(
                    kind,
                    Kind::Import | Kind::Namespace | Kind::Class | Kind::Enum | Kind::Struct
                );
                is_both || kind.is_type() == wants_type
            });
        }
        if row.flags & CALLED != 0 && row.b != 0 && row.op != Op::Import {
            let count = row.b - 1;
            self.prefer(&mut candidates, |this, symbol| this.takes(symbol, count));
        }
        candidates
    }

    /// Whether a symbol is a type only, with no value at run time (of TypeScript).
    fn is_erased(&self, symbol: Sym) -> bool {
        matches!(self.symbol(symbol).kind, Kind::Interface | Kind::Alias | Kind::Generic)
            && !self.table.is_prelude(symbol.file)
            && self.family(symbol.file) == Family::Script
    }

    /// Whether a function can be called with so many arguments.
    fn takes(&self, symbol: Sym, count: u32) -> bool {
        use crate::rules::facts::flag::{OPTIONAL, VARIADIC};
        let found = self.symbol(symbol);
        if !found.kind.is_callable() {
            return true;
        }
        let facts = self.facts(symbol.file);
        let parameters = facts.list(found.parameters);
        let needed = parameters
            .iter()
            .map(|parameter| &facts.symbols[*parameter as usize])
            .filter(|found| found.flags & (OPTIONAL | VARIADIC) == 0 && found.value == 0)
            .count();
        let is_open = parameters
            .iter()
            .any(|parameter| facts.symbols[*parameter as usize].flags & VARIADIC != 0);
        count as usize >= needed && (is_open || count as usize <= parameters.len())
    }
}
