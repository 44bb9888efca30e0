//! What an identifier means: scopes from the inside out, then the file's package and imports.

use flux_core::{FileId, Tier, Unresolved};
use rustc_hash::FxHashSet;

use super::{Entity, Found, Inference, Step};
use crate::rules::facts::{
    EITHER, IMPLEMENTED, IN_TYPE, INHERITED, Kind, Node, Op, ScopeKind, flag,
};
use crate::rules::language::Family;
use crate::rules::modules::header_key;
use crate::rules::types::{Type, UNKNOWN};
use crate::rules::world::{Sym, hash_text, mix, prelude_key, root_key};

impl Inference<'_> {
    /// What the identifier of a row means.
    pub(in crate::rules) fn find(&mut self, file: u32, index: u32) -> Found {
        if let Some(found) = self.found.get(&(file, index)) {
            return found.clone();
        }
        self.look_at(file);
        let nothing = Found::none(Unresolved::UnknownReceiver);
        let step = Step::Find(file, index);
        let asking = std::mem::replace(&mut self.asking, file);
        let mut found = self.guarded(step, nothing, |this| this.find_row(file, index));
        self.asking = asking;
        if self.family(file) == Family::Php && self.row(file, index).flags & EITHER != 0 {
            self.as_spaces(&mut found);
        }
        if self.is_settled() {
            self.found.insert((file, index), found.clone());
        }
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

    /// Namespaces instead of the classes called like them.
    fn as_spaces(&mut self, found: &mut Found) {
        for (entity, _) in &mut found.entities {
            if let Entity::Symbol(symbol) = *entity
                && let Some(place) = self.table.space(self.key(symbol))
            {
                self.dependencies.insert(self.key(symbol));
                *entity = Entity::Space(self.key(symbol), place);
            }
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
        // What a class inherits from is no member of it.
        let mut is_base = row.flags & (INHERITED | IMPLEMENTED) != 0;
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
            let candidates = self.last_assigned(candidates);
            if let Some(found) = self.chosen(candidates, row) {
                return found;
            }
            if info.kind == ScopeKind::Namespace
                && let Some(found) = self.in_namespace(file, info.owner, row)
            {
                return found;
            }
            if info.kind == ScopeKind::Function
                && let Some(found) = self.receiver_member(file, info.owner, row)
            {
                return found;
            }
            if info.kind == ScopeKind::Function
                && let Some(found) = self.lambda_member(file, info.owner, row)
            {
                return found;
            }
            if info.kind == ScopeKind::Class
                && row.flags & IN_TYPE != 0
                && let Some(found) = self.extended_generic(file, info.owner, row)
            {
                return found;
            }
            if info.kind == ScopeKind::Class
                && !std::mem::take(&mut is_base)
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

    /// Of several assignments to a local, the last one above.
    fn last_assigned(&self, mut candidates: Vec<Sym>) -> Vec<Sym> {
        let is_local =
            |symbol: &Sym| matches!(self.symbol(*symbol).kind, Kind::Local | Kind::Parameter);
        if candidates.len() > 1 && candidates.iter().all(is_local) {
            let last = candidates.iter().copied().max_by_key(|symbol| self.symbol(*symbol).from);
            candidates.retain(|symbol| Some(*symbol) == last);
        }
        candidates
    }

    /// A member of the class around, where the language lets it be named alone.
    fn implicit_member(&mut self, file: u32, owner: u32, row: &Node) -> Option<Found> {
        if !self.language(file).behaviour().implicit_this {
            return None;
        }
        let symbol = Sym { file, index: owner };
        let name = self.unit(file).name_hash(row.name);
        let mut found = self.class_members(symbol, 0, name, row);
        let is_type = row.flags & IN_TYPE != 0;
        found.entities.retain(|(entity, _)| match entity {
            Entity::Symbol(symbol) => !is_type || self.may_be_type(*symbol, row),
            _ => false,
        });
        (!found.is_empty()).then_some(found)
    }

    /// A member of what `this` is in a lambda (Kotlin).
    fn lambda_member(&mut self, file: u32, owner: u32, row: &Node) -> Option<Found> {
        if row.flags & IN_TYPE != 0 {
            return None;
        }
        let receiver = self.lambda_receiver(Sym { file, index: owner });
        if receiver == UNKNOWN {
            return None;
        }
        let name = self.unit(file).name_hash(row.name);
        let mut found = self.members(receiver, name, row);
        found.entities.retain(|(entity, _)| matches!(entity, Entity::Symbol(_)));
        (!found.is_empty()).then_some(found)
    }

    /// A type parameter of the type that an extension adds to (Swift).
    fn extended_generic(&mut self, file: u32, owner: u32, row: &Node) -> Option<Found> {
        let extension = *self.symbol(Sym { file, index: owner });
        if extension.receiver == 0 || self.family(file) != Family::Swift {
            return None;
        }
        let class = self.single(file, extension.receiver)?;
        let (unit, facts) = (self.unit(class.file), self.facts(class.file));
        let name = self.unit(file).name_hash(row.name);
        let generics = facts.list(self.symbol(class).generics);
        let found = generics
            .iter()
            .find(|index| unit.name_hash(facts.symbols[**index as usize].name) == name)?;
        let symbol = Sym { file: class.file, index: *found };
        Some(Found::exact(vec![Entity::Symbol(symbol)]))
    }

    /// A member of the type that a function is added to from outside.
    fn receiver_member(&mut self, file: u32, owner: u32, row: &Node) -> Option<Found> {
        let function = *self.symbol(Sym { file, index: owner });
        let is_member = function.receiver != 0 && function.kind != Kind::Lambda;
        if !is_member || !self.language(file).behaviour().implicit_this {
            return None;
        }
        let type_ = self.eval(file, function.receiver);
        let name = self.unit(file).name_hash(row.name);
        let mut found = self.members(type_, name, row);
        found.entities.retain(|(entity, _)| matches!(entity, Entity::Symbol(_)));
        (!found.is_empty()).then_some(found)
    }

    /// Names of other files of the package, of the prelude, and those that need no definition.
    fn lookup_outside(&mut self, file: u32, row: &Node) -> Found {
        let unit = self.unit(file);
        let name = unit.name_hash(row.name);
        let family = self.family(file);
        if family != Family::Script {
            for package in self.packages_around(file) {
                if let Some(found) = self.in_package(file, package, row) {
                    return found;
                }
            }
        }
        if let Some(found) = self.starred(file, row) {
            return found;
        }
        if !matches!(family, Family::Script | Family::Go)
            && let Some(found) = self.outermost(family, name)
        {
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

    /// Keys of the file's package and, where the language says so, of those around it.
    fn packages_around(&self, file: u32) -> Vec<u64> {
        let unit = self.unit(file);
        if self.family(file) == Family::Php {
            return vec![unit.package, root_key(Family::Php)];
        }
        if !self.language(file).behaviour().nested_namespaces {
            return vec![unit.package];
        }
        let facts = unit.facts();
        let mut keys = vec![root_key(self.family(file))];
        for name in facts.list(facts.package) {
            keys.push(mix(keys[keys.len() - 1], unit.name_hash(*name)));
        }
        keys.reverse();
        if keys[0] != unit.package {
            keys.insert(0, unit.package);
        }
        keys
    }

    fn in_package(&mut self, file: u32, package: u64, row: &Node) -> Option<Found> {
        let key = mix(package, self.unit(file).name_hash(row.name));
        let rows = self.under(key);
        let mut candidates: Vec<Sym> = rows.iter().map(|row| row.1).collect();
        if self.family(file) == Family::C {
            candidates = self.included(file, candidates);
        }
        if self.family(file) == Family::Php && package != self.unit(file).package {
            // Only functions are looked for outside of the namespace as well.
            candidates.retain(|symbol| self.symbol(*symbol).kind == Kind::Function);
        }
        let is_root = package == root_key(Family::Jvm);
        if is_root && self.unit(file).package != package && !self.table.is_prelude(file) {
            // What has no package cannot be named from within one.
            candidates.clear();
        }
        if matches!(self.family(file), Family::Jvm | Family::Swift) {
            // What is private to another file is not seen.
            candidates.retain(|symbol| {
                symbol.file == file || self.symbol(*symbol).flags & flag::PRIVATE == 0
            });
        }
        let candidates = self.visible(file, candidates);
        if let Some(found) = self.chosen(candidates, row) {
            return Some(found);
        }
        let space = self.table.space(key)?;
        Some(Found::exact(vec![Entity::Space(key, space)]))
    }

    /// What a C file sees: its own symbols, and those that a header it includes declares. Of a
    /// declaration and a definition, the definition is meant.
    pub(super) fn included(&mut self, file: u32, mut candidates: Vec<Sym>) -> Vec<Sym> {
        if candidates.is_empty() {
            return candidates;
        }
        if self.headers.is_none() {
            self.headers = Some(self.include_closure());
        }
        let home = self.home;
        let sees = |this: &Self, other: u32| {
            other == file
                || other == home
                || this.table.is_prelude(other)
                || this.headers.as_ref().is_some_and(|headers| headers.contains(&other))
        };
        if !candidates.iter().any(|symbol| sees(self, symbol.file)) {
            return Vec::new();
        }
        candidates.retain(|symbol| {
            let is_static = self.symbol(*symbol).flags & flag::STATIC != 0;
            sees(self, symbol.file) || !is_static
        });
        self.prefer(&mut candidates, |_, symbol| symbol.file == file);
        self.prefer(&mut candidates, |this, symbol| {
            let symbol = this.symbol(symbol);
            symbol.flags & flag::BODY != 0 || !symbol.kind.is_callable()
        });
        self.prefer(&mut candidates, |this, symbol| sees(this, symbol.file));
        if !candidates.iter().all(|symbol| self.symbol(*symbol).kind.is_callable()) {
            candidates.truncate(1);
        }
        candidates
    }

    /// All headers of the tree that the file includes, directly or not.
    fn include_closure(&mut self) -> FxHashSet<u32> {
        let mut seen = FxHashSet::default();
        let mut open = vec![self.home];
        while let Some(file) = open.pop() {
            let Some(unit) = self.table.unit(file) else { continue };
            self.look_at(file);
            let facts = unit.facts();
            for star in facts.list(facts.stars) {
                let row = facts.nodes[*star as usize];
                if row.op != Op::Import {
                    continue;
                }
                let path = self.table.files.path(FileId(file));
                let name = facts.name(row.a);
                self.dependencies.insert(header_key(name.rsplit('/').next().unwrap_or(name)));
                for header in self.table.modules.headers(path, name) {
                    if seen.insert(*header) {
                        open.push(*header);
                    }
                }
            }
        }
        seen
    }

    /// What all parts of a namespace declare, and those around a dotted one.
    fn in_namespace(&mut self, file: u32, owner: u32, row: &Node) -> Option<Found> {
        let namespace = Sym { file, index: owner };
        let symbol = *self.symbol(namespace);
        let unit = self.unit(file);
        let around = unit.facts().scopes[symbol.scope as usize];
        let mut key = match around.kind {
            ScopeKind::File => unit.package,
            _ => unit.keys[around.owner as usize],
        };
        let name = unit.facts().name(symbol.name);
        let mut keys = Vec::new();
        for part in name.split(['.', ':', '\\']).filter(|part| !part.is_empty()) {
            key = mix(key, hash_text(part.trim()));
            keys.push(key);
        }
        keys.into_iter().rev().find_map(|key| self.in_package(file, key, row))
    }

    /// The outermost namespace called so.
    fn outermost(&mut self, family: Family, name: u64) -> Option<Found> {
        let key = mix(root_key(family), name);
        let space = self.table.space(key)?;
        self.dependencies.insert(key);
        Some(Found::exact(vec![Entity::Space(key, space)]))
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

    /// What files of C# bring in for all of a project, those of the file's own before others.
    fn nearest_first(&self, file: u32) -> Vec<(u32, u32)> {
        let mut stars = self.table.global_stars.clone();
        if self.table.is_prelude(file) {
            return stars;
        }
        let from = self.table.files.path(FileId(file));
        stars.sort_by_key(|(other, _)| {
            let path = self.table.files.path(FileId(*other));
            let shared = from.split('/').zip(path.split('/')).take_while(|(a, b)| a == b).count();
            std::cmp::Reverse(shared)
        });
        stars
    }

    /// What is brought in whole.
    fn starred(&mut self, file: u32, row: &Node) -> Option<Found> {
        let facts = self.facts(file);
        let name = self.unit(file).name_hash(row.name);
        let own = facts.list(facts.stars).iter().map(|star| (file, *star));
        let global = match self.family(file) {
            Family::Csharp => self.nearest_first(file),
            _ => Vec::new(),
        };
        for (file, star) in own.chain(global).collect::<Vec<_>>() {
            let type_ = self.eval(file, star);
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
}
