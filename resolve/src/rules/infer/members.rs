//! Members: of classes with their bases, of modules and namespaces.

use std::rc::Rc;

use flux_core::{Tier, Unresolved};

use super::choose::{Receives, is_reopened};
use super::{Entity, Found, Inference, Step};
use crate::rules::facts::{CALLED, IN_TYPE, Kind, Node, Op, ScopeKind, flag};
use crate::rules::language::{Family, Language};
use crate::rules::types::{ListId, Type, TypeId, UNKNOWN};
use crate::rules::world::{Sym, extension_key, mix};

/// What a walk up the bases has met.
#[derive(Default)]
struct Walk {
    seen: Vec<Sym>,
    found: Vec<(Entity, ListId)>,
    /// A base outside the tree.
    external: Option<u32>,
    /// A base of which nothing is known.
    is_open: bool,
}

impl Inference<'_> {
    pub(super) fn member(&mut self, file: u32, row: &Node) -> Found {
        if row.a == 0 {
            return Found::none(Unresolved::UnknownReceiver);
        }
        let name = self.unit(file).name_hash(row.name);
        if self.family(file) == Family::Script && self.facts(file).name(row.name) == "constructor" {
            // That of any object is its class, which no member says.
            return Found::none(Unresolved::NoSuchMember);
        }
        if let Some(found) = self.attached(file, row, name) {
            return found;
        }
        let type_ = self.eval(file, row.a);
        if self.family(file) == Family::Ruby
            && self.facts(file).name(row.name) == "new"
            && let Type::Class(class, list) = self.types.get(type_)
        {
            let own = self.class_members(class, list, name, row);
            if own.entities.iter().any(|(entity, _)| {
                matches!(entity, Entity::Symbol(symbol) if !self.table.is_prelude(symbol.file))
            }) {
                return own;
            }
            let name = crate::rules::world::hash_text("constructor");
            let mut found = self.class_members(class, list, name, row);
            if !found.entities.iter().any(|(entity, _)| matches!(entity, Entity::Symbol(_))) {
                found = Found::exact(vec![Entity::Symbol(class)]);
            }
            return found;
        }
        self.members(type_, name, row)
    }

    /// What was assigned to a function or object as a member (`app.use = …`).
    fn attached(&mut self, file: u32, row: &Node, name: u64) -> Option<Found> {
        if self.family(file) != Family::Script
            || !matches!(self.row(file, row.a).op, Op::Name | Op::Member | Op::This)
        {
            return None;
        }
        let symbol = match self.row(file, row.a).op {
            Op::This => return None,
            _ => self.single(file, row.a)?,
        };
        if !matches!(self.symbol(symbol).kind, Kind::Function | Kind::Constant | Kind::Variable) {
            return None;
        }
        let rows = self.under(mix(self.key(symbol), name));
        let entities = rows.iter().map(|row| (Entity::Symbol(row.1), 0)).collect::<Vec<_>>();
        (!entities.is_empty()).then_some(Found {
            entities,
            tier: Tier::Likely,
            failure: Unresolved::NoSuchMember,
        })
    }

    /// Members of a value of type `type_`.
    pub(super) fn members(&mut self, type_: TypeId, name: u64, row: &Node) -> Found {
        let tier = self.tier_of(type_);
        match self.types.get(type_) {
            Type::Unknown | Type::Null | Type::Word(_) => Found::none(Unresolved::UnknownReceiver),
            Type::External(package) => Found {
                entities: vec![(Entity::External(package), 0)],
                tier,
                failure: Unresolved::UnknownReceiver,
            },
            Type::Instance(symbol, list) => {
                let mut found = self.class_members(symbol, list, name, row);
                self.keep_reachable(&mut found, false);
                self.or_extension(found, (symbol, list), name, row)
            }
            Type::Class(symbol, list) => {
                let mut found = self.class_members(symbol, list, name, row);
                self.keep_reachable(&mut found, true);
                Found { tier, ..found }
            }
            Type::Parameter(symbol) if self.symbol(symbol).kind == Kind::Generic => {
                let bound = self.symbol(symbol).declared;
                if bound == 0 {
                    return Found::none(Unresolved::UnknownReceiver);
                }
                let bound = self.eval(symbol.file, bound);
                if bound == type_ {
                    return Found::none(Unresolved::UnknownReceiver);
                }
                self.members(bound, name, row)
            }
            Type::Parameter(symbol) => {
                let generics = self.own_arguments(symbol);
                let found = self.class_members(symbol, generics, name, row);
                let found = Found { tier, ..found };
                self.or_extension(found, (symbol, generics), name, row)
            }
            Type::Module(file) => self.exported(file, name, row),
            Type::Space(key, _) => self.in_space(key, name, row),
            Type::Union(list) => self.union_members(list, name, row),
            Type::Tuple(list) => {
                let items = self.types.list(list).to_vec();
                let element = self.types.union(items);
                let array = self.builtin_named(self.home, "Array", &[element]);
                if array == UNKNOWN {
                    return Found::none(Unresolved::UnknownReceiver);
                }
                self.members(array, name, row)
            }
            Type::Function(..) => {
                let function = self.builtin_named(self.home, "Function", &[]);
                match function {
                    UNKNOWN => Found::none(Unresolved::UnknownReceiver),
                    _ => self.members(function, name, row),
                }
            }
        }
    }

    /// A function that may be called as if it were a member, where there is no member.
    fn or_extension(
        &mut self,
        found: Found,
        (class, arguments): (Sym, ListId),
        name: u64,
        row: &Node,
    ) -> Found {
        let is_member = found.entities.iter().any(|(e, _)| matches!(e, Entity::Symbol(_)));
        if is_member || name == 0 || self.table.members(extension_key(name)).is_empty() {
            return found;
        }
        let candidates: Vec<Sym> =
            self.under(extension_key(name)).iter().map(|row| row.1).collect();
        let mut fitting = Vec::new();
        for candidate in candidates {
            if self.family(candidate.file) == self.family(self.home)
                && self.is_in_reach(candidate, name)
                && let Some(substitution) = self.extends(candidate, class, arguments)
            {
                fitting.push((candidate, substitution));
            }
        }
        self.own_extensions(&mut fitting, row);
        let symbols = fitting.iter().map(|(symbol, _)| *symbol).collect();
        let kept = self.fitting_on(symbols, row, Receives::FirstArgument);
        fitting.retain(|(symbol, _)| kept.contains(symbol));
        if fitting.is_empty() {
            return found;
        }
        let entities = fitting.into_iter().map(|(s, list)| (Entity::Symbol(s), list)).collect();
        Found { entities, tier: Tier::Likely, failure: Unresolved::NoSuchMember }
    }

    /// Members go before extensions, of which only those within reach count.
    fn before_extensions(&mut self, candidates: &mut Vec<Sym>, name: u64, row: &Node) {
        self.prefer(candidates, |this, symbol| this.symbol(symbol).receiver == 0);
        if candidates.iter().all(|symbol| self.symbol(*symbol).receiver == 0) {
            return;
        }
        candidates.retain(|symbol| self.is_in_reach(*symbol, name));
        let mut pairs = candidates.iter().map(|symbol| (*symbol, 0)).collect();
        self.own_extensions(&mut pairs, row);
        *candidates = pairs.into_iter().map(|(symbol, _)| symbol).collect();
    }

    /// Whether an extension of Kotlin can be named in the file: it is of the same package or
    /// imported. One that is a member is not judged here.
    fn is_in_reach(&mut self, extension: Sym, name: u64) -> bool {
        let file = self.asking;
        let is_kotlin = self.language(extension.file) == Language::Kotlin;
        if !is_kotlin || extension.file == file || self.table.is_prelude(extension.file) {
            return true;
        }
        let found = self.symbol(extension);
        let scope = self.facts(extension.file).scopes[found.scope as usize].kind;
        if found.flags & flag::PRIVATE != 0 {
            return false;
        }
        let package = self.unit(extension.file).package;
        if scope == ScopeKind::Class || package == self.unit(file).package {
            return true;
        }
        let (unit, facts) = (self.unit(file), self.facts(file));
        let imports = facts.symbols.iter().enumerate().filter(|(_, symbol)| {
            symbol.kind == Kind::Import && unit.name_hash(symbol.name) == name
        });
        let imports: Vec<u32> = imports.map(|(index, _)| index as u32).collect();
        let is_named = imports
            .into_iter()
            .any(|index| self.through(Sym { file, index }).contains(&Entity::Symbol(extension)));
        is_named
            || facts.list(facts.stars).iter().any(|star| {
                let type_ = self.eval(file, *star);
                matches!(self.types.get(type_), Type::Space(key, _) if key == package)
            })
    }

    /// Extensions of Kotlin that are members go before others where one of the receivers around
    /// has them, and cannot be called elsewhere.
    fn own_extensions(&mut self, fitting: &mut Vec<(Sym, ListId)>, row: &Node) {
        let owner = |this: &Self, extension: Sym| {
            let scope = this.symbol(extension).scope;
            let scope = this.facts(extension.file).scopes[scope as usize];
            let is_member =
                scope.kind == ScopeKind::Class && this.language(extension.file) == Language::Kotlin;
            is_member.then_some(Sym { file: extension.file, index: scope.owner })
        };
        if !fitting.iter().any(|(symbol, _)| owner(self, *symbol).is_some()) {
            return;
        }
        let receivers = self.receivers_around(row.scope);
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for (symbol, list) in std::mem::take(fitting) {
            let Some(class) = owner(self, symbol) else {
                others.push((symbol, list));
                continue;
            };
            let has_it = receivers
                .iter()
                .any(|(receiver, list)| self.as_super(*receiver, *list, class, 0).is_some());
            if has_it {
                own.push((symbol, list));
            }
        }
        *fitting = if own.is_empty() { others } else { own };
    }

    /// The classes of all that can be left out before a member at a place.
    fn receivers_around(&mut self, mut scope: u32) -> Vec<(Sym, ListId)> {
        let file = self.asking;
        let mut receivers = Vec::new();
        loop {
            let info = self.facts(file).scopes[scope as usize];
            let owner = Sym { file, index: info.owner };
            let found = *self.symbol(owner);
            let type_ = match info.kind {
                ScopeKind::Class => {
                    receivers.push((owner, 0));
                    UNKNOWN
                }
                ScopeKind::Function if found.kind == Kind::Lambda => self.lambda_receiver(owner),
                ScopeKind::Function if found.receiver != 0 => self.eval(file, found.receiver),
                _ => UNKNOWN,
            };
            if let Type::Instance(symbol, list) = self.types.get(type_) {
                receivers.push((symbol, list));
            }
            if scope == 0 {
                return receivers;
            }
            scope = info.parent;
        }
    }

    /// What type parameters stand for when an extension is applied to a class.
    fn extends(&mut self, extension: Sym, class: Sym, arguments: ListId) -> Option<ListId> {
        let found = *self.symbol(extension);
        let facts = self.facts(extension.file);
        let declared = match found.receiver {
            0 => facts.symbols[*facts.list(found.parameters).first()? as usize].declared,
            receiver => receiver,
        };
        let receiver = self.eval(extension.file, declared);
        match self.types.get(receiver) {
            Type::Instance(wanted, list) => {
                let given = self.as_super(class, arguments, wanted, 0)?;
                let names = self.types.list(list).to_vec();
                let given = self.types.list(given).to_vec();
                let mut pairs = Vec::new();
                for (name, given) in names.into_iter().zip(given) {
                    if let Type::Parameter(symbol) = self.types.get(name) {
                        pairs.push((symbol, given));
                    }
                }
                Some(self.types.substitution(&pairs))
            }
            Type::Parameter(symbol) if self.symbol(symbol).declared == 0 => {
                let given = self.types.id(Type::Instance(class, arguments));
                Some(self.types.substitution(&[(symbol, given)]))
            }
            _ => None,
        }
    }

    fn union_members(&mut self, list: ListId, name: u64, row: &Node) -> Found {
        let mut all =
            Found { entities: Vec::new(), tier: Tier::Likely, failure: Unresolved::NoSuchMember };
        for item in self.types.list(list).to_vec() {
            let found = self.members(item, name, row);
            for entity in found.entities {
                if !all.entities.iter().any(|known| known.0 == entity.0) {
                    all.entities.push(entity);
                }
            }
        }
        all
    }

    /// A class's type parameters as arguments for itself.
    pub(super) fn own_arguments(&mut self, symbol: Sym) -> ListId {
        let facts = self.facts(symbol.file);
        let generics: Vec<TypeId> = facts
            .list(self.symbol(symbol).generics)
            .iter()
            .map(|index| self.types.id(Type::Parameter(Sym { file: symbol.file, index: *index })))
            .collect();
        self.types.list_id(&generics)
    }

    /// What a namespace or package holds.
    fn in_space(&mut self, key: u64, name: u64, row: &Node) -> Found {
        let rows = self.under(mix(key, name));
        let mut candidates: Vec<Sym> = rows.iter().map(|row| row.1).collect();
        if self.family(self.home) == Family::C {
            // Headers that are not included may declare it for other systems.
            let included = self.included(self.home, candidates.clone());
            candidates = if included.is_empty() { candidates } else { included };
        }
        let candidates = self.visible(self.home, candidates);
        match self.chosen(candidates, row) {
            Some(found) => found,
            None => Found::none(Unresolved::NoSuchMember),
        }
    }

    /// A class's members called `name`, its own before those of its bases.
    pub(super) fn class_members(
        &mut self,
        symbol: Sym,
        arguments: ListId,
        name: u64,
        row: &Node,
    ) -> Found {
        let mut walk = Walk::default();
        self.walk(symbol, (arguments, UNKNOWN), (name, row), &mut walk);
        let mut found =
            Found { entities: walk.found, tier: Tier::Likely, failure: Unresolved::NoSuchMember };
        if found.is_empty() {
            match walk.external {
                Some(package) => found.entities.push((Entity::External(package), 0)),
                None if walk.is_open => found.failure = Unresolved::UnknownReceiver,
                None => {}
            }
        }
        found
    }

    /// The member that `member` of `class` redefines.
    pub(in crate::rules) fn inherited(
        &mut self,
        class: Sym,
        name: u64,
        member: Sym,
    ) -> Option<Sym> {
        for base in self.bases(class).iter().copied() {
            let (Type::Instance(base, list) | Type::Class(base, list)) = self.types.get(base)
            else {
                continue;
            };
            let found = self.class_members(base, list, name, &Node::default());
            for (entity, _) in found.entities {
                if let Entity::Symbol(symbol) = entity
                    && symbol != member
                {
                    return Some(symbol);
                }
            }
        }
        None
    }

    /// Names of a Go type's methods, those of embedded types included.
    pub(in crate::rules) fn method_names(&mut self, class: Sym, depth: u32) -> Vec<u64> {
        let mut names = self.table.methods(self.key(class)).to_vec();
        if depth < 4 {
            for base in self.bases(class).iter().copied() {
                if let Type::Instance(base, _) = self.types.get(base)
                    && !self.table.is_prelude(base.file)
                {
                    names.extend(self.method_names(base, depth + 1));
                }
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// A type's method called so.
    pub(in crate::rules) fn method(&mut self, class: Sym, name: u64) -> Option<Sym> {
        let found = self.class_members(class, 0, name, &Node::default());
        found.entities.into_iter().find_map(|(entity, _)| match entity {
            Entity::Symbol(symbol) => Some(symbol),
            _ => None,
        })
    }

    fn walk(
        &mut self,
        symbol: Sym,
        (arguments, receiver): (ListId, TypeId),
        asked: (u64, &Node),
        walk: &mut Walk,
    ) {
        if walk.seen.contains(&symbol) || walk.seen.len() > 64 {
            return;
        }
        walk.seen.push(symbol);
        let (name, row) = asked;
        let receiver = match receiver {
            UNKNOWN => self.types.id(Type::Instance(symbol, arguments)),
            receiver => receiver,
        };
        let substitution = self.inside(symbol, arguments, receiver);
        let rows = self.under(mix(self.key(symbol), name));
        let candidates: Vec<Sym> = rows.iter().map(|row| row.1).collect();
        let mut candidates = self.visible(symbol.file, candidates);
        if !is_reopened(self.family(symbol.file)) && self.family(symbol.file) != Family::Go {
            self.prefer(&mut candidates, |_, candidate| candidate.file == symbol.file);
        }
        self.own_parts(symbol, &mut candidates);
        if self.language(symbol.file) == Language::Java && row.flags & (CALLED | IN_TYPE) == CALLED
        {
            // Fields have names of their own.
            candidates.retain(|candidate| self.symbol(*candidate).kind.is_callable());
        }
        if self.language(symbol.file) == Language::Kotlin {
            self.before_extensions(&mut candidates, name, row);
        }
        if self.family(symbol.file) == Family::Swift {
            let home = match self.symbol(symbol).receiver {
                0 => Some(symbol),
                extended => self.single(symbol.file, extended),
            };
            let home = home.unwrap_or(symbol).file;
            candidates.retain(|candidate| {
                let is_private = self.symbol(*candidate).flags & flag::PRIVATE != 0;
                let is_seen = !is_private || candidate.file == self.asking;
                // Another module's class of that name has its own; extensions lie anywhere.
                is_seen && (candidate.file == home || self.is_in_extension(*candidate))
            });
        }
        let mut candidates = self.fitting(candidates, row);
        if self.family(symbol.file) == Family::Ruby {
            self.one_part(&mut candidates);
        }
        if self.family(symbol.file) == Family::Php && self.is_only_assigned(&candidates) {
            // The property itself may be declared in a base.
            let found = walk.found.len();
            self.walk_bases(symbol, (substitution, receiver), asked, walk);
            if walk.found.len() > found {
                return;
            }
        }
        if !candidates.is_empty() {
            for candidate in candidates {
                let substitution = self.receiver_arguments(candidate, arguments, substitution);
                walk.found.push((Entity::Symbol(candidate), substitution));
            }
            return;
        }
        self.walk_bases(symbol, (substitution, receiver), asked, walk);
    }

    fn walk_bases(
        &mut self,
        symbol: Sym,
        (substitution, receiver): (ListId, TypeId),
        asked: (u64, &Node),
        walk: &mut Walk,
    ) {
        for base in self.bases(symbol).iter().copied() {
            if !walk.found.is_empty() {
                return;
            }
            let base = self.types.substitute(base, substitution);
            self.walk_base(base, receiver, asked, walk);
        }
    }

    /// Whether a member is added to its type from outside.
    fn is_in_extension(&self, member: Sym) -> bool {
        let scope = self.symbol(member).scope;
        let owner = self.facts(member.file).scopes[scope as usize].owner;
        self.symbol(Sym { index: owner, ..member }).receiver != 0
    }

    fn is_only_assigned(&self, candidates: &[Sym]) -> bool {
        let is_assigned = |symbol: &Sym| self.symbol(*symbol).flags & flag::ASSIGNED != 0;
        !candidates.is_empty() && candidates.iter().all(is_assigned)
    }

    /// Leaves out members of other classes that merely have the same name: another file's class
    /// of C++ (not what it defines of this one from outside), a script's own class of Ruby.
    fn own_parts(&self, class: Sym, candidates: &mut Vec<Sym>) {
        if candidates.len() < 2 {
            return;
        }
        match self.family(class.file) {
            Family::C => {
                let is_inside = |symbol: &Sym| {
                    let scope = self.symbol(*symbol).scope;
                    self.facts(symbol.file).scopes[scope as usize].kind == ScopeKind::Class
                };
                if candidates.iter().any(|symbol| symbol.file == class.file && is_inside(symbol)) {
                    candidates.retain(|symbol| symbol.file == class.file || !is_inside(symbol));
                }
            }
            Family::Ruby => self.prefer(candidates, |this, symbol| symbol.file == this.asking),
            Family::Csharp if !self.is_reopened(class) => {
                self.prefer(candidates, |_, symbol| symbol.file == class.file);
            }
            _ => {}
        }
    }

    fn walk_base(&mut self, base: TypeId, receiver: TypeId, asked: (u64, &Node), walk: &mut Walk) {
        match self.types.get(base) {
            Type::Instance(symbol, list) | Type::Class(symbol, list) => {
                self.walk(symbol, (list, receiver), asked, walk);
            }
            Type::External(package) => walk.external = walk.external.or(Some(package)),
            Type::Union(list) => {
                for item in self.types.list(list).to_vec() {
                    self.walk_base(item, receiver, asked, walk);
                }
            }
            Type::Function(..) => {}
            _ => walk.is_open = true,
        }
    }

    /// What a class's parameters and the receiver stand for inside it.
    fn inside(&mut self, symbol: Sym, arguments: ListId, receiver: TypeId) -> ListId {
        let facts = self.facts(symbol.file);
        let generics = facts.list(self.symbol(symbol).generics);
        let arguments = self.types.list(arguments).to_vec();
        let mut pairs: Vec<(Sym, TypeId)> = generics
            .iter()
            .zip(arguments)
            .map(|(index, type_)| (Sym { file: symbol.file, index: *index }, type_))
            .collect();
        pairs.push((symbol, receiver));
        self.types.substitution(&pairs)
    }

    /// Go names a type's parameters anew in each method.
    fn receiver_arguments(&mut self, method: Sym, arguments: ListId, otherwise: ListId) -> ListId {
        let found = *self.symbol(method);
        if found.receiver == 0 || arguments == 0 || self.family(method.file) != Family::Go {
            return otherwise;
        }
        let facts = self.facts(method.file);
        let arguments = self.types.list(arguments).to_vec();
        let pairs: Vec<(Sym, TypeId)> = facts
            .symbols
            .iter()
            .enumerate()
            .skip(method.index as usize)
            .take(24)
            .filter(|(_, symbol)| symbol.kind == Kind::Generic && symbol.scope == found.inner)
            .zip(arguments)
            .map(|((index, _), type_)| (Sym { file: method.file, index: index as u32 }, type_))
            .collect();
        self.types.substitution(&pairs)
    }

    /// The base types of all parts of a class.
    pub(super) fn bases(&mut self, symbol: Sym) -> Rc<[TypeId]> {
        let key = self.key(symbol);
        if let Some(bases) = self.base_types.get(&key) {
            return bases.clone();
        }
        let bases: Rc<[TypeId]> = self.bases_now(symbol).into();
        if self.is_settled() {
            self.base_types.insert(key, bases.clone());
        }
        bases
    }

    fn bases_now(&mut self, symbol: Sym) -> Vec<TypeId> {
        let is_extension = self.symbol(symbol).receiver != 0;
        let is_whole = !self.is_reopened(symbol) && !is_extension;
        let is_unnamed = self.symbol(symbol).name == 0;
        let parts: Vec<Sym> = if is_whole || (is_unnamed && !is_extension) {
            vec![symbol]
        } else {
            self.under(self.key(symbol)).iter().map(|row| row.1).collect()
        };
        let parts = if parts.is_empty() { vec![symbol] } else { parts };
        let mut bases = Vec::new();
        for part in parts {
            let found = *self.symbol(part);
            if found.bases == 0 || (!found.kind.is_class() && found.kind != Kind::Alias) {
                continue;
            }
            let step = Step::Bases(part);
            let more = self.guarded(step, Vec::new(), |this| {
                let facts = this.facts(part.file);
                let list = facts.list(found.bases);
                list.iter().map(|base| this.eval(part.file, *base)).collect()
            });
            bases.extend(more);
        }
        bases
    }

    /// Leaves out static members of a value, and others of a class.
    fn keep_reachable(&self, found: &mut Found, is_class: bool) {
        let is_case = |(entity, _): &(Entity, ListId)| match entity {
            Entity::Symbol(symbol) => {
                self.family(symbol.file) == Family::Swift
                    && self.symbol(*symbol).kind == Kind::EnumMember
            }
            _ => false,
        };
        if found.entities.len() > 1 && found.entities.iter().any(is_case) {
            // A case is reached through the type, a property called like it through a value.
            found.entities.retain(|entity| is_case(entity) == is_class);
        }
        found.entities.retain(|(entity, _)| {
            let Entity::Symbol(symbol) = entity else { return true };
            let member = self.symbol(*symbol);
            let family = self.family(symbol.file);
            let facts = self.facts(symbol.file);
            let is_member = facts.scopes[member.scope as usize].kind == ScopeKind::Class;
            if !is_member || family != Family::Script {
                return true;
            }
            let is_plain = matches!(
                member.kind,
                Kind::Method | Kind::Field | Kind::Property | Kind::Constructor
            );
            let is_static = member.flags & flag::STATIC != 0;
            !is_plain || is_static == is_class
        });
    }

    /// Key of a literal with a type: a field of it, or an expression where keys are values.
    pub(super) fn composite_key(&mut self, file: u32, row: &Node) -> Found {
        let type_ = self.eval(file, row.a);
        if row.b == 0 {
            let name = self.unit(file).name_hash(row.name);
            return self.members(type_, name, row);
        }
        if let Type::Instance(symbol, _) = self.types.get(type_)
            && !self.table.is_prelude(symbol.file)
        {
            let name = self.unit(file).name_hash(row.name);
            let mut plain = *row;
            plain.flags &= !IN_TYPE;
            let found = self.members(type_, name, &plain);
            if !found.is_empty() || self.symbol(symbol).kind == Kind::Struct {
                return found;
            }
        }
        if let Type::External(_) = self.types.get(type_) {
            return self.members(type_, 0, row);
        }
        self.find(file, row.b)
    }
}
