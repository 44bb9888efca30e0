//! What an identifier means: scopes from the inside out, then the file's package and imports.

use flux_core::{FileId, Tier, Unresolved};
use rustc_hash::FxHashSet;

use super::{Entity, Found, Inference, Step};
use crate::rules::facts::{
    CALLED, EITHER, IMPLEMENTED, IMPORTED, IN_TYPE, INHERITED, Kind, Node, Op, ScopeKind, flag,
};
use crate::rules::language::{Family, Language};
use crate::rules::modules::header_key;
use crate::rules::types::{Type, TypeId, UNKNOWN};
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
        let found = self.guarded(step, nothing, |this| this.find_row(file, index));
        self.asking = asking;
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
        let candidates = self.visible(file, candidates);
        if let Some(found) = self.chosen(candidates, row) {
            return Some(found);
        }
        let space = self.table.space(key)?;
        Some(Found::exact(vec![Entity::Space(key, space)]))
    }

    /// What a C file sees: its own symbols, and those that a header it includes declares. Of a
    /// declaration and a definition, the definition is meant.
    fn included(&mut self, file: u32, mut candidates: Vec<Sym>) -> Vec<Sym> {
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

    /// What is brought in whole.
    fn starred(&mut self, file: u32, row: &Node) -> Option<Found> {
        let facts = self.facts(file);
        let name = self.unit(file).name_hash(row.name);
        let own = facts.list(facts.stars).iter().map(|star| (file, *star));
        let global = match self.family(file) {
            Family::Csharp => &self.table.global_stars[..],
            _ => &[],
        };
        for (file, star) in own.chain(global.iter().copied()).collect::<Vec<_>>() {
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

    /// Leaves out what `file` cannot see: tests' symbols, files of other systems.
    pub(super) fn visible(&self, file: u32, mut candidates: Vec<Sym>) -> Vec<Sym> {
        if candidates.len() < 2 && self.family(file) != Family::Go {
            return candidates;
        }
        let is_test = self.unit(file).is_test;
        candidates.retain(|symbol| is_test || !self.unit(symbol.file).is_test);
        self.prefer(&mut candidates, |this, symbol| {
            symbol.file == file && this.unit(file).is_excluded
        });
        self.prefer(&mut candidates, |this, symbol| !this.unit(symbol.file).is_excluded);
        candidates
    }

    pub(super) fn prefer(&self, candidates: &mut Vec<Sym>, better: impl Fn(&Self, Sym) -> bool) {
        if candidates.len() > 1 && candidates.iter().any(|symbol| better(self, *symbol)) {
            candidates.retain(|symbol| better(self, *symbol));
        }
    }

    /// Those of `candidates` that fit the place of a mention; `None` when none does.
    pub(super) fn chosen(&mut self, candidates: Vec<Sym>, row: &Node) -> Option<Found> {
        let mut candidates = self.fitting(candidates, row);
        if row.flags & (IMPORTED | EITHER) == 0
            && (row.flags & IN_TYPE == 0 || row.flags & CALLED != 0)
        {
            candidates.retain(|symbol| !self.is_erased(*symbol));
        }
        if row.flags & IN_TYPE != 0 {
            candidates.retain(|symbol| self.may_be_type(*symbol, row));
        }
        if candidates.is_empty() {
            return None;
        }
        self.prefer(&mut candidates, |this, symbol| this.is_companion(symbol, row));
        self.one_part(&mut candidates);
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
        if is_import && entities.len() > 1 {
            self.fit_imported(&mut entities, row);
        }
        let is_companion = |entity: &Entity| match entity {
            Entity::Symbol(symbol) => self.is_companion(*symbol, row),
            _ => false,
        };
        if entities.len() > 1 && entities.iter().any(is_companion) {
            entities.retain(is_companion);
        }
        if entities.is_empty() && is_import {
            return Some(Found::none(Unresolved::MissingModule));
        }
        Some(Found::exact(entities))
    }

    /// Types where a type is meant, values elsewhere; of overloads, those that take the arguments.
    pub(super) fn fitting(&mut self, mut candidates: Vec<Sym>, row: &Node) -> Vec<Sym> {
        let is_call = row.flags & CALLED != 0 && row.b != 0;
        if is_call && self.family(self.asking) == Family::Swift {
            candidates.retain(|symbol| self.has_labels(*symbol, row.b));
        }
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
            let is_called = row.flags & CALLED != 0;
            let is_script = self.family(self.asking) == Family::Script;
            if !wants_type && !is_script && matches!(row.op, Op::Name | Op::Member) {
                self.prefer(&mut candidates, |this, symbol| {
                    let kind = this.symbol(symbol).kind;
                    kind == Kind::Import
                        || kind.is_callable() == is_called
                        || (is_called && kind.is_type())
                });
                self.prefer_to_parameter(&mut candidates, row);
            }
        }
        if is_call && matches!(row.op, Op::Name | Op::Member) {
            let facts = self.facts(self.asking);
            let arguments = facts.list(facts.nodes[row.b as usize].b);
            let count = arguments.len() as u32;
            self.prefer(&mut candidates, |this, symbol| this.takes(symbol, count));
            let is_script = self.family(self.asking) == Family::Script;
            let are_functions = candidates.iter().all(|s| self.symbol(*s).kind.is_callable());
            if candidates.len() > 1 && are_functions && !is_script {
                return self.by_types(candidates, arguments);
            }
            if candidates.len() > 1 && count > 0 && !is_script {
                return self.exact_function(candidates, arguments);
            }
        }
        candidates
    }

    /// Overloads that one import brings in are told apart as others are.
    fn fit_imported(&mut self, entities: &mut Vec<Entity>, row: &Node) {
        let symbols: Vec<Sym> = entities
            .iter()
            .filter_map(|entity| match entity {
                Entity::Symbol(symbol) => Some(*symbol),
                _ => None,
            })
            .collect();
        let is_whole = symbols.len() == entities.len();
        let fitting = self.fitting(symbols, row);
        if is_whole && !fitting.is_empty() && self.family(self.asking) != Family::Script {
            *entities = fitting.into_iter().map(Entity::Symbol).collect();
        }
    }

    /// Of a class and the object called like it (Scala), whether it is the one meant.
    fn is_companion(&self, symbol: Sym, row: &Node) -> bool {
        let found = self.symbol(symbol);
        let wants_object = row.flags & (IN_TYPE | CALLED) == 0;
        self.language(symbol.file) == Language::Scala
            && row.flags & (IMPORTED | EITHER) == 0
            && found.kind.is_type()
            && (found.flags & flag::STATIC != 0) == wants_object
    }

    /// A property shadows the constructor's parameter that it is set to, but where it is set.
    fn prefer_to_parameter(&self, candidates: &mut Vec<Sym>, row: &Node) {
        let scope = self.facts(self.asking).scopes[row.scope as usize].kind;
        let is_setting = scope == ScopeKind::Class && row.op == Op::Name;
        let wanted = if is_setting { Kind::Field } else { Kind::Property };
        self.prefer(candidates, |this, symbol| this.symbol(symbol).kind == wanted);
    }

    /// Of the parts of one class, the one that is meant most: that of the file, else the first.
    fn one_part(&self, candidates: &mut Vec<Sym>) {
        let Some(first) = candidates.first().copied() else { return };
        let is_open = !matches!(self.family(first.file), Family::Script | Family::Go);
        let is_part = |symbol: &Sym| self.symbol(*symbol).kind.is_class();
        if candidates.len() < 2 || !is_open || !candidates.iter().all(is_part) {
            return;
        }
        let home = self.asking;
        self.prefer(candidates, |_, symbol| symbol.file == home);
        if !is_reopened(self.family(first.file)) {
            self.keep_nearest(candidates);
        }
        self.prefer(candidates, |this, symbol| this.symbol(symbol).bases != 0);
        candidates.truncate(1);
    }

    /// Of classes with one name in several folders, those in the nearest one.
    fn keep_nearest(&self, candidates: &mut Vec<Sym>) {
        let files = self.table.files;
        if self.table.is_prelude(self.asking) {
            return;
        }
        let from = files.path(FileId(self.asking));
        let shared = |symbol: &Sym| {
            if self.table.is_prelude(symbol.file) {
                return 0;
            }
            let path = files.path(FileId(symbol.file));
            from.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count()
        };
        let most = candidates.iter().map(shared).max().unwrap_or(0);
        candidates.retain(|symbol| shared(symbol) == most);
    }

    /// Whether a symbol can stand where a type is written. Scripts inherit from, and make
    /// instances of, whatever a variable holds.
    fn may_be_type(&self, symbol: Sym, row: &Node) -> bool {
        let kind = self.symbol(symbol).kind;
        let is_script = self.family(symbol.file) == Family::Script;
        kind.is_type()
            || matches!(kind, Kind::Import | Kind::Namespace | Kind::EnumMember)
            || (is_script && row.flags & (CALLED | INHERITED | IMPORTED) != 0)
    }

    /// Of overloads that take as many arguments, the one whose parameters fit best.
    fn by_types(&mut self, candidates: Vec<Sym>, arguments: &[u32]) -> Vec<Sym> {
        let file = self.asking;
        let given: Vec<TypeId> = arguments.iter().map(|row| self.eval(file, *row)).collect();
        let mut best: Option<(i32, Sym)> = None;
        for candidate in candidates {
            let mut score = 0;
            for (at, given) in given.iter().enumerate() {
                let wanted = self.parameter_type(candidate, at as u32).unwrap_or(UNKNOWN);
                score += self.likeness(wanted, *given);
            }
            let has_body = self.symbol(candidate).flags & flag::BODY != 0;
            score = score * 2 + i32::from(has_body);
            if best.is_none_or(|(known, _)| score > known) {
                best = Some((score, candidate));
            }
        }
        best.into_iter().map(|(_, symbol)| symbol).collect()
    }

    /// Of a class and functions called like it, the function that takes just the arguments' types.
    fn exact_function(&mut self, candidates: Vec<Sym>, arguments: &[u32]) -> Vec<Sym> {
        let file = self.asking;
        for candidate in candidates.iter().copied() {
            let is_exact = self.symbol(candidate).kind.is_callable()
                && arguments.iter().enumerate().all(|(at, argument)| {
                    let given = self.eval(file, *argument);
                    self.parameter_type(candidate, at as u32)
                        .is_some_and(|wanted| self.likeness(wanted, given) > 2)
                });
            if is_exact {
                return vec![candidate];
            }
        }
        candidates
    }

    /// How well an argument's type fits a parameter's.
    fn likeness(&mut self, wanted: TypeId, given: TypeId) -> i32 {
        if wanted == UNKNOWN || given == UNKNOWN {
            return 0;
        }
        if wanted == given {
            return 4;
        }
        match (self.types.get(wanted), self.types.get(given)) {
            (Type::Instance(wanted, list), Type::Instance(given, arguments)) => {
                if wanted == given {
                    let pair = (self.types.list(list).first(), self.types.list(arguments).first());
                    return match pair {
                        (Some(a), Some(b)) if a != b && *a != UNKNOWN && *b != UNKNOWN => {
                            let (a, b) = (*a, *b);
                            self.likeness(a, b).min(3)
                        }
                        _ => 3,
                    };
                }
                match self.as_super(given, arguments, wanted, 0) {
                    Some(_) => 2,
                    None => -3,
                }
            }
            (Type::Word(_), Type::Word(_) | Type::Instance(..))
            | (Type::Instance(..), Type::Word(_) | Type::Tuple(_)) => -2,
            (Type::Function(..), Type::Instance(..)) => -2,
            _ => 0,
        }
    }

    /// Whether a symbol is a type only, with no value at run time (of TypeScript).
    fn is_erased(&self, symbol: Sym) -> bool {
        matches!(self.symbol(symbol).kind, Kind::Interface | Kind::Alias | Kind::Generic)
            && !self.table.is_prelude(symbol.file)
            && self.family(symbol.file) == Family::Script
    }

    /// Whether a function's parameters have the labels of a call, in order.
    fn has_labels(&self, symbol: Sym, call: u32) -> bool {
        let found = self.symbol(symbol);
        let asking = self.unit(self.asking);
        if !found.kind.is_callable() || found.value != 0 || self.table.is_prelude(symbol.file) {
            return true;
        }
        let unit = self.unit(symbol.file);
        let facts = unit.facts();
        let mut parameters = facts.list(found.parameters).iter().map(|parameter| {
            let parameter = &facts.symbols[*parameter as usize];
            (parameter.context, parameter.flags & flag::VARIADIC != 0)
        });
        let mut is_open = false;
        let labels = asking.facts().list(asking.facts().nodes[call as usize].name);
        labels.iter().all(|label| {
            let is_rest = *label == 0 && is_open;
            is_rest
                || parameters.any(|(name, is_variadic)| {
                    is_open = is_variadic;
                    unit.name_hash(name) == asking.name_hash(*label)
                })
        })
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

/// Whether classes of a family's languages may be declared in several parts.
pub(super) fn is_reopened(family: Family) -> bool {
    matches!(family, Family::Script | Family::Csharp | Family::Ruby | Family::Swift | Family::C)
}
