//! The types of expressions and symbols.

use flux_core::Tier;

use super::{Entity, Inference, Step};
use crate::rules::facts::{CALLED, IN_TYPE, Kind, Node, Op, ScopeKind, flag};
use crate::rules::language::{Family, Language};
use crate::rules::types::{NULL, Type, TypeId, UNKNOWN};
use crate::rules::world::{Sym, hash_text};

/// Types that stand for their argument, as far as members go.
const TRANSPARENT: &[&str] =
    &["Partial", "Required", "Readonly", "Pick", "Omit", "NonNullable", "NoInfer", "DeepPartial"];

impl Inference<'_> {
    /// The type of a row; where a type is written, that of its values.
    pub(in crate::rules) fn eval(&mut self, file: u32, index: u32) -> TypeId {
        if index == 0 {
            return UNKNOWN;
        }
        if let Some(type_) = self.rows.get(&(file, index)) {
            return *type_;
        }
        self.look_at(file);
        let step = Step::Row(file, index);
        let type_ = self.guarded(step, UNKNOWN, |this| this.eval_row(file, index));
        if self.is_settled() {
            self.rows.insert((file, index), type_);
        }
        type_
    }

    fn eval_row(&mut self, file: u32, index: u32) -> TypeId {
        let row = self.row(file, index);
        match row.op {
            Op::Name | Op::Member | Op::Key | Op::Import | Op::Local => {
                self.named(file, index, &row)
            }
            Op::Part => self.part(file, index, &row),
            Op::Call => self.call_type(file, index, &row),
            Op::New => self.new_type(file, index, &row),
            Op::Index => self.index_type(file, &row),
            Op::Literal => self.literal(file, &row),
            Op::Await => self.awaited(file, row.a),
            Op::Typed | Op::Spread => self.eval(file, row.a),
            Op::Deref => self.deref(file, &row),
            Op::TypeOf => self.eval(file, row.a),
            Op::Choice | Op::Union | Op::Intersection => {
                let items = self.eval_list(file, row.b);
                self.types.union(items)
            }
            Op::Binary => self.binary(file, &row),
            Op::List => {
                let items = self.eval_list(file, row.b);
                let element = self.types.union(items);
                self.builtin_named(file, list_name(self.family(file)), &[element])
            }
            Op::Tuple => {
                let items = self.eval_list(file, row.b);
                let list = self.types.list_id(&items);
                self.types.id(Type::Tuple(list))
            }
            Op::Object => self.types.id(Type::Instance(Sym { file, index: row.a }, 0)),
            Op::Lambda => self.types.id(Type::Function(Sym { file, index: row.a }, 0)),
            Op::Class => self.types.id(Type::Class(Sym { file, index: row.a }, 0)),
            Op::Expected => self.expected(Sym { file, index: row.a }),
            Op::This => self.this_type(file, row.scope),
            Op::Super => self.super_type(file, row.scope),
            Op::Element => {
                let iterated = self.eval(file, row.a);
                self.element(iterated, if row.b == 1 { "__key" } else { "__element" })
            }
            Op::Generic => self.generic(file, &row),
            Op::Composite => self.composite(file, &row),
            Op::Builtin => self.builtin_type(file, &row),
            Op::Nothing => UNKNOWN,
        }
    }

    fn eval_list(&mut self, file: u32, list: u32) -> Vec<TypeId> {
        let facts = self.facts(file);
        facts.list(list).iter().map(|item| self.eval(file, *item)).collect()
    }

    fn named(&mut self, file: u32, index: u32, row: &Node) -> TypeId {
        let found = self.find(file, index);
        let mut types = Vec::new();
        for (entity, substitution) in found.entities.into_iter().take(6) {
            let type_ = self.entity_type(entity, row);
            types.push(self.types.substitute(type_, substitution));
        }
        self.types.union(types)
    }

    fn entity_type(&mut self, entity: Entity, row: &Node) -> TypeId {
        let wants_type = row.flags & IN_TYPE != 0;
        match entity {
            Entity::Symbol(symbol) => {
                let type_ = match self.called_by_name(symbol, row) {
                    true => self.result_of(symbol),
                    false => self.symbol_type(symbol),
                };
                if wants_type { self.instantiated(type_) } else { type_ }
            }
            Entity::Module(file) => {
                let type_ = self.module_type(file);
                if wants_type { self.instantiated(type_) } else { type_ }
            }
            Entity::Space(key, file) => self.types.id(Type::Space(key, file)),
            Entity::External(package) => self.types.id(Type::External(package)),
            Entity::Row(file, index) => {
                let type_ = self.eval(file, index);
                if wants_type { self.instantiated(type_) } else { type_ }
            }
        }
    }

    /// Whether the mere mention of a symbol calls it.
    fn called_by_name(&self, symbol: Sym, row: &Node) -> bool {
        let found = self.symbol(symbol);
        matches!(self.language(symbol.file), Language::Ruby | Language::Scala)
            && matches!(row.op, Op::Name | Op::Member)
            && row.flags & (CALLED | IN_TYPE) == 0
            && matches!(found.kind, Kind::Method | Kind::Function)
            && found.value == 0
    }

    /// The type of a symbol's value.
    pub(super) fn symbol_type(&mut self, symbol: Sym) -> TypeId {
        if let Some(type_) = self.symbols.get(&symbol) {
            return *type_;
        }
        self.look_at(symbol.file);
        let step = Step::Symbol(symbol);
        let type_ = self.guarded(step, UNKNOWN, |this| this.symbol_type_now(symbol));
        if self.is_settled() {
            self.symbols.insert(symbol, type_);
        }
        type_
    }

    fn symbol_type_now(&mut self, symbol: Sym) -> TypeId {
        let found = *self.symbol(symbol);
        let file = symbol.file;
        match found.kind {
            Kind::Module => self.types.id(Type::Module(file)),
            Kind::Namespace => {
                let key = self.key(symbol);
                self.types.id(Type::Space(key, file))
            }
            Kind::Class | Kind::Struct | Kind::Enum | Kind::Interface | Kind::Trait => {
                self.types.id(Type::Class(symbol, 0))
            }
            Kind::Object => self.types.id(Type::Instance(symbol, 0)),
            Kind::Alias if found.inner != 0 && found.bases != 0 => {
                self.types.id(Type::Class(symbol, 0))
            }
            Kind::Alias => self.eval(file, found.value),
            Kind::Generic => self.types.id(Type::Parameter(symbol)),
            Kind::EnumMember => self.enum_type(symbol),
            Kind::Import => {
                let entities = self.through(symbol);
                let row = Node::default();
                let types: Vec<TypeId> =
                    entities.into_iter().map(|entity| self.entity_type(entity, &row)).collect();
                self.types.union(types)
            }
            Kind::Function | Kind::Method | Kind::Constructor | Kind::Macro | Kind::Lambda => {
                if found.flags & flag::GETTER != 0 {
                    return self.result_of(symbol);
                }
                if found.value == 0 || found.kind == Kind::Lambda {
                    return self.types.id(Type::Function(symbol, 0));
                }
                self.value_type(symbol)
            }
            Kind::Property
            | Kind::Field
            | Kind::Constant
            | Kind::Variable
            | Kind::Local
            | Kind::Parameter => self.value_type(symbol),
        }
    }

    fn value_type(&mut self, symbol: Sym) -> TypeId {
        let found = *self.symbol(symbol);
        if found.declared != 0 {
            let declared = self.eval(symbol.file, found.declared);
            if declared != UNKNOWN {
                return declared;
            }
        }
        if found.inner != 0 {
            return self.result_of(symbol);
        }
        if found.kind == Kind::Parameter {
            let expected = self.expected_parameter(symbol);
            if expected != UNKNOWN {
                return expected;
            }
        }
        let type_ = self.eval(symbol.file, found.value);
        if type_ == NULL { UNKNOWN } else { type_ }
    }

    fn enum_type(&mut self, symbol: Sym) -> TypeId {
        let scope = self.facts(symbol.file).scopes[self.symbol(symbol).scope as usize];
        let owner = Sym { file: symbol.file, index: scope.owner };
        self.types.id(Type::Instance(owner, 0))
    }

    /// The type of what iteration or another protocol gives, by the member that declares it.
    pub(super) fn element(&mut self, type_: TypeId, member: &str) -> TypeId {
        match self.types.get(type_) {
            Type::Tuple(list) if member != "__key" => {
                let items = self.types.list(list).to_vec();
                return self.types.union(items);
            }
            Type::External(_) => return type_,
            _ => {}
        }
        self.member_type(type_, hash_text(member))
    }

    /// The type of a member by name.
    pub(super) fn member_type(&mut self, type_: TypeId, name: u64) -> TypeId {
        let row = Node::default();
        let found = self.members(type_, name, &row);
        let mut types = Vec::new();
        for (entity, substitution) in found.entities.into_iter().take(4) {
            if let Entity::Symbol(symbol) = entity {
                let type_ = self.symbol_type(symbol);
                types.push(self.types.substitute(type_, substitution));
            }
        }
        self.types.union(types)
    }

    fn part(&mut self, file: u32, index: u32, row: &Node) -> TypeId {
        if row.name != 0 {
            return self.named(file, index, row);
        }
        let whole = self.eval(file, row.a);
        if row.b == 0 {
            return whole;
        }
        match self.types.get(whole) {
            Type::Tuple(list) => {
                let items = self.types.list(list);
                items.get(row.b as usize - 1).copied().unwrap_or(UNKNOWN)
            }
            Type::External(_) => whole,
            // `value, ok := m[key]`: the first is the value itself.
            _ if self.family(file) == Family::Go => {
                if row.b == 1 {
                    whole
                } else {
                    UNKNOWN
                }
            }
            _ => self.element(whole, "__element"),
        }
    }

    fn literal(&mut self, file: u32, row: &Node) -> TypeId {
        let name = self.facts(file).name(row.name);
        if name == "null" {
            return NULL;
        }
        let hash = hash_text(name);
        match self.builtin(file, hash) {
            Some(symbol) => self.types.id(Type::Instance(symbol, 0)),
            None => self.types.id(Type::Word(hash)),
        }
    }

    fn builtin_type(&mut self, file: u32, row: &Node) -> TypeId {
        let name = self.unit(file).name_hash(row.name);
        let Some(symbol) = self.builtin(file, name) else { return self.types.id(Type::Word(name)) };
        let type_ = self.types.id(Type::Class(symbol, 0));
        if row.flags & IN_TYPE != 0 { self.instantiated(type_) } else { type_ }
    }

    fn awaited(&mut self, file: u32, index: u32) -> TypeId {
        let type_ = self.eval(file, index);
        let inner = self.element(type_, "__await");
        if inner == UNKNOWN { type_ } else { inner }
    }

    fn deref(&mut self, file: u32, row: &Node) -> TypeId {
        let type_ = self.eval(file, row.a);
        if self.family(file) == Family::C && row.b == 1 {
            let inner = self.member_type(type_, hash_text("__deref"));
            return if inner == UNKNOWN { type_ } else { inner };
        }
        if self.family(file) != Family::Go || row.flags & IN_TYPE != 0 {
            return type_;
        }
        let received = self.member_type(type_, hash_text("__receive"));
        if received == UNKNOWN { type_ } else { received }
    }

    fn binary(&mut self, file: u32, row: &Node) -> TypeId {
        let operator = self.facts(file).name(row.name);
        let is_arithmetic = matches!(
            operator,
            "" | "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^" | "<<" | ">>" | "&^"
        );
        if !is_arithmetic {
            return UNKNOWN;
        }
        let left = self.eval(file, row.a);
        if left == UNKNOWN && !operator.is_empty() { self.eval(file, row.b) } else { left }
    }

    fn index_type(&mut self, file: u32, row: &Node) -> TypeId {
        let whole = self.eval(file, row.a);
        match self.types.get(whole) {
            Type::Class(symbol, 0) => {
                let argument = self.eval(file, row.b);
                let argument = self.instantiated(argument);
                let list = self.types.list_id(&[argument]);
                self.types.id(Type::Class(symbol, list))
            }
            Type::Function(symbol, substitution) => {
                let argument = self.eval(file, row.b);
                let argument = self.instantiated(argument);
                let list = self.types.list_id(&[argument]);
                let bound = self.bind_generics(symbol, list);
                let plain = self.types.id(Type::Function(symbol, substitution));
                self.types.substitute(plain, bound)
            }
            Type::Tuple(list) => {
                let items = self.types.list(list).to_vec();
                self.types.union(items)
            }
            Type::External(_) => whole,
            _ => self.element(whole, "__index"),
        }
    }

    /// A type with arguments; a function with type arguments.
    fn generic(&mut self, file: u32, row: &Node) -> TypeId {
        let base = self.row(file, row.a);
        let arguments: Vec<TypeId> = self
            .eval_list(file, row.b)
            .into_iter()
            .map(|argument| self.instantiated(argument))
            .collect();
        let list = self.types.list_id(&arguments);
        let in_type = row.flags & IN_TYPE != 0 || base.flags & IN_TYPE != 0;
        let symbol = match base.op {
            Op::Builtin => {
                let name = self.unit(file).name_hash(base.name);
                self.builtin(file, name)
            }
            _ => self.single(file, row.a),
        };
        let Some(symbol) = symbol else {
            let name = self.facts(file).name(base.name);
            if let ("Awaited", [only]) = (name, &arguments[..]) {
                let inner = self.element(*only, "__await");
                return if inner == UNKNOWN { *only } else { inner };
            }
            if let (true, Some(first)) = (TRANSPARENT.contains(&name), arguments.first()) {
                return *first;
            }
            return self.eval(file, row.a);
        };
        let found = *self.symbol(symbol);
        match found.kind {
            Kind::Alias if found.inner == 0 || found.bases == 0 => {
                let type_ = self.eval(symbol.file, found.value);
                let bound = self.bind_generics(symbol, list);
                self.types.substitute(type_, bound)
            }
            kind if kind.is_class() || kind == Kind::Alias => {
                let type_ =
                    if in_type { Type::Instance(symbol, list) } else { Type::Class(symbol, list) };
                self.types.id(type_)
            }
            kind if kind.is_callable() => {
                let type_ = self.symbol_type(symbol);
                let Type::Function(function, _) = self.types.get(type_) else { return type_ };
                let bound = self.bind_generics(function, list);
                self.types.substitute(type_, bound)
            }
            _ => self.eval(file, row.a),
        }
    }

    /// The only symbol that a row names.
    pub(super) fn single(&mut self, file: u32, index: u32) -> Option<Sym> {
        let found = self.find(file, index);
        found.entities.iter().find_map(|(entity, _)| match entity {
            Entity::Symbol(symbol) => Some(*symbol),
            _ => None,
        })
    }

    fn composite(&mut self, file: u32, row: &Node) -> TypeId {
        let type_ = self.eval(file, row.a);
        self.instantiated(type_)
    }

    /// The type of the receiver around a place.
    pub(super) fn this_type(&mut self, file: u32, scope: u32) -> TypeId {
        if self.language(file) == Language::Kotlin
            && let Some(type_) = self.lambda_this(file, scope)
        {
            return type_;
        }
        match self.receiver_class(file, scope) {
            Some(Receiver::Class(class)) => self.types.id(Type::Parameter(class)),
            Some(Receiver::Row(row)) => {
                let type_ = self.eval(file, row);
                self.instantiated(type_)
            }
            None => UNKNOWN,
        }
    }

    fn receiver_class(&self, file: u32, mut scope: u32) -> Option<Receiver> {
        let facts = self.facts(file);
        let mut is_direct = true;
        loop {
            let info = facts.scopes[scope as usize];
            let owner = facts.symbols[info.owner as usize];
            if is_direct
                && info.kind == ScopeKind::Class
                && owner.kind == Kind::Object
                && self.family(file) == Family::Script
            {
                // The values of an object are worked out before there is one.
                scope = info.parent;
                continue;
            }
            let is_lexical = owner.kind == Kind::Lambda && owner.flags & flag::LEXICAL != 0;
            is_direct &= info.kind != ScopeKind::Function || is_lexical;
            match info.kind {
                ScopeKind::Class if owner.receiver != 0 => {
                    return Some(Receiver::Row(owner.receiver));
                }
                ScopeKind::Class => return Some(Receiver::Class(Sym { file, index: info.owner })),
                ScopeKind::Function if owner.receiver != 0 && owner.kind != Kind::Lambda => {
                    return Some(Receiver::Row(owner.receiver));
                }
                ScopeKind::Function if owner.kind == Kind::Lambda && owner.receiver != 0 => {
                    let named = facts.symbols[owner.receiver as usize];
                    if named.receiver != 0 {
                        return Some(Receiver::Row(named.receiver));
                    }
                }
                _ => {}
            }
            if scope == 0 {
                return None;
            }
            scope = info.parent;
        }
    }

    fn super_type(&mut self, file: u32, scope: u32) -> TypeId {
        let Some(Receiver::Class(class)) = self.receiver_class(file, scope) else { return UNKNOWN };
        let bases = self.bases(class);
        self.types.union(bases.iter().copied())
    }

    /// How sure a member found on `type_` is.
    pub(super) fn tier_of(&self, type_: TypeId) -> Tier {
        match self.types.get(type_) {
            Type::Module(_) | Type::Space(..) | Type::Class(..) => Tier::Exact,
            Type::Parameter(symbol) if self.symbol(symbol).kind != Kind::Generic => Tier::Exact,
            _ => Tier::Likely,
        }
    }
}

enum Receiver {
    Class(Sym),
    /// A row that names it.
    Row(u32),
}

fn list_name(family: Family) -> &'static str {
    match family {
        Family::Go => "slice",
        _ => "Array",
    }
}
