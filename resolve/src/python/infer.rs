//! The types of expressions.

use flux_core::FileId;

use super::facts::{
    BindingId, BindingKind, Expression, ExpressionId, Mention, Operator, ScopeKind, Sequence,
    Stretch, Traits,
};
use super::modules::Place;
use super::resolver::Resolver;
use super::scope::{EntryRef, Referent};
use super::types::{Atom, Bound, Substitution, TypeId};

/// How many items of a display are looked at.
const ITEMS: usize = 8;

impl<'w> Resolver<'w> {
    /// The type of an expression; unknown while it is being asked for.
    pub(super) fn infer(&mut self, file: FileId, id: ExpressionId) -> TypeId {
        if let Some(found) = self.expressions.get(&(file, id)) {
            return *found;
        }
        self.expressions.insert((file, id), TypeId::UNKNOWN);
        let answer = self.deeper(|this| this.infer_new(file, id));
        match answer {
            Some((found, true)) => {
                self.expressions.insert((file, id), found);
                found
            }
            Some((found, false)) => {
                self.expressions.remove(&(file, id));
                found
            }
            None => {
                self.expressions.remove(&(file, id));
                TypeId::UNKNOWN
            }
        }
    }

    fn infer_new(&mut self, file: FileId, id: ExpressionId) -> TypeId {
        let Some(facts) = self.facts(file) else { return TypeId::UNKNOWN };
        match facts.expressions[id.index()] {
            Expression::Name(mention) => {
                let found = self.name(file, mention);
                self.narrow(file, id, mention, found)
            }
            Expression::Attribute { object, mention } => {
                let found = self.attribute(file, object, mention);
                let found = self.stored(file, id, mention, found);
                self.narrow(file, id, mention, found)
            }
            Expression::Call { callee, arguments, keywords, scope } => {
                self.call(file, callee, arguments, keywords, scope)
            }
            Expression::Subscript { object, index } => self.item_at(file, id, object, index),
            Expression::Await(inner) => {
                let inner = self.infer(file, inner);
                self.awaited(inner)
            }
            Expression::Conditional { then, otherwise } => {
                let then = self.infer(file, then);
                let otherwise = self.infer(file, otherwise);
                self.types.union(then, otherwise)
            }
            Expression::And(parts) | Expression::Or(parts) => self.infer_all(file, parts),
            Expression::List(parts) => self.display(file, parts, self.world.standard.list),
            Expression::Set(parts) => self.display(file, parts, self.world.standard.set),
            Expression::Tuple(parts) => {
                let items = parts.of(&facts.lists).iter().take(ITEMS);
                let items: Vec<TypeId> = items.map(|item| self.infer(file, *item)).collect();
                let list = self.types.list(&items);
                self.types.one(Atom::Generic(self.world.standard.tuple, list))
            }
            Expression::Dictionary { keys, values } => {
                let keys = self.infer_all(file, keys);
                let values = self.infer_all(file, values);
                let (keys, values) = (self.types.mixed(keys), self.types.mixed(values));
                self.dictionary(keys, values)
            }
            Expression::Sequence { element, kind } => {
                let element = self.infer(file, element);
                let list = self.types.list(&[element]);
                let standard = self.world.standard;
                let container = match kind {
                    Sequence::List => standard.list,
                    Sequence::Set => standard.set,
                    Sequence::Generator => standard.iterator,
                };
                self.types.one(Atom::Generic(container, list))
            }
            Expression::Mapping { key, value } => {
                let (key, value) = (self.infer(file, key), self.infer(file, value));
                self.dictionary(key, value)
            }
            Expression::Binary { left, right, operator } => {
                self.binary(file, left, right, operator)
            }
            Expression::Lambda(id) => {
                let function = super::types::FunctionRef { file, id };
                self.types.one(Atom::Function(function, TypeId::UNKNOWN))
            }
            Expression::Text
            | Expression::Key(_)
            | Expression::Integer(_)
            | Expression::Literal => self.builtin(),
            Expression::YieldFrom(inner) | Expression::Starred(inner) => {
                let inner = self.infer(file, inner);
                self.element(inner, 0)
            }
            Expression::Yield(scope) => self.sent(file, scope),
            Expression::Slice
            | Expression::Not(_)
            | Expression::Is { .. }
            | Expression::Matches { .. }
            | Expression::None
            | Expression::Unknown => TypeId::UNKNOWN,
        }
    }

    /// `object[index]`, narrowed where the index is written out.
    fn item_at(
        &mut self,
        file: FileId,
        id: ExpressionId,
        object: ExpressionId,
        index: ExpressionId,
    ) -> TypeId {
        let found = self.subscript(file, object, index);
        let Some(facts) = self.facts(file) else { return found };
        match super::narrow::root(facts, id) {
            Some(mention) if is_literal(facts, index) => self.narrow(file, id, mention, found),
            _ => found,
        }
    }

    /// Something of Python itself.
    pub(super) fn builtin(&mut self) -> TypeId {
        let package = self.types.package("builtins");
        self.types.one(Atom::External(package, 0))
    }

    pub(super) fn infer_all(&mut self, file: FileId, parts: Stretch) -> TypeId {
        let Some(facts) = self.facts(file) else { return TypeId::UNKNOWN };
        let mut all = TypeId::UNKNOWN;
        for part in parts.of(&facts.lists).iter().take(ITEMS) {
            let found = self.infer(file, *part);
            all = self.types.union(all, found);
        }
        all
    }

    fn display(
        &mut self,
        file: FileId,
        parts: Stretch,
        container: super::types::Container,
    ) -> TypeId {
        let element = self.infer_all(file, parts);
        let element = self.types.mixed(element);
        let list = self.types.list(&[element]);
        self.types.one(Atom::Generic(container, list))
    }

    fn dictionary(&mut self, keys: TypeId, values: TypeId) -> TypeId {
        let list = self.types.list(&[keys, values]);
        self.types.one(Atom::Generic(self.world.standard.dictionary, list))
    }

    /// The type of a name, before narrowing.
    fn name(&mut self, file: FileId, mention: Mention) -> TypeId {
        let Some(module) = self.module(file) else { return TypeId::UNKNOWN };
        let symbol = module.symbol(mention.name);
        let Some((scope, entry)) = self.lookup_mention(file, mention) else {
            if let Some(place) = self.submodule(file, symbol) {
                return self.type_of(&Referent::Place(place));
            }
            if self.world.standard.is_builtin(symbol) {
                let package = self.types.package("builtins");
                return self.types.one(Atom::External(package, symbol));
            }
            return TypeId::UNKNOWN;
        };
        let bindings = self.reaching(file, mention, scope, entry);
        let found = self.union_of(&bindings);
        if self.types.is_vague(found) { self.declared_name(entry).unwrap_or(found) } else { found }
    }

    /// The type that some binding of a name declares, for those that assign something vaguer.
    fn declared_name(&mut self, entry: EntryRef) -> Option<TypeId> {
        let module = self.module(entry.file)?;
        let facts = module.facts();
        let bindings = module.bindings(entry.entry);
        let is_declared = |id: &&BindingId| {
            let binding = &facts.bindings[id.index()];
            binding.kind == BindingKind::Variable && binding.annotation.is_some()
        };
        let id = *bindings.iter().find(is_declared)?;
        Some(self.value(Bound { file: entry.file, id })).filter(|found| found.is_known())
    }

    /// The bindings that may reach a mention.
    pub(super) fn reaching(
        &mut self,
        file: FileId,
        mention: Mention,
        scope: super::facts::ScopeId,
        entry: EntryRef,
    ) -> Vec<Bound> {
        let Some(module) = self.module(entry.file) else { return Vec::new() };
        let bindings = module.bindings(entry.entry);
        let facts = module.facts();
        let is_here = entry.file == file && {
            let mut from = mention.scope;
            while from != scope
                && matches!(
                    facts.scopes[from.index()].kind,
                    ScopeKind::Comprehension | ScopeKind::Lambda
                )
            {
                from = facts.scopes[from.index()].parent.unwrap_or(scope);
            }
            from == scope && facts.scopes[scope.index()].kind != ScopeKind::Comprehension
        };
        let kept: Vec<BindingId> = if is_here {
            super::reach::reaching(facts, bindings, mention)
        } else {
            bindings.to_vec()
        };
        kept.into_iter().map(|id| Bound { file: entry.file, id }).collect()
    }

    /// The type of a name with these bindings. A declared type wins over what is assigned.
    pub(super) fn union_of(&mut self, bindings: &[Bound]) -> TypeId {
        let mut declared = TypeId::UNKNOWN;
        let mut has_declared = false;
        for &bound in bindings {
            if self.binding(bound).annotation.is_some() {
                has_declared = true;
                let found = self.value(bound);
                declared = self.types.union(declared, found);
            }
        }
        if has_declared && declared.is_known() {
            return declared;
        }
        let mut all = TypeId::UNKNOWN;
        for &bound in bindings {
            let found = self.value(bound);
            all = self.types.union(all, found);
        }
        all
    }

    /// The type of an attribute, before narrowing.
    fn attribute(&mut self, file: FileId, object: ExpressionId, mention: Mention) -> TypeId {
        let Some(module) = self.module(file) else { return TypeId::UNKNOWN };
        let symbol = module.symbol(mention.name);
        let name = &module.facts().names[mention.name.index()];
        let object = self.infer(file, object);
        self.attribute_of(object, symbol, name)
    }

    pub(super) fn attribute_of(&mut self, object: TypeId, symbol: u64, name: &str) -> TypeId {
        let mut all = TypeId::UNKNOWN;
        let object = self.as_bounds(object);
        for atom in self.types.copied(object) {
            let found = self.attribute_of_atom(atom, symbol, name);
            all = self.types.union(all, found);
        }
        all
    }

    fn attribute_of_atom(&mut self, atom: Atom, symbol: u64, name: &str) -> TypeId {
        match atom {
            Atom::Instance(..) | Atom::Receiver(_) if symbol == self.world.words.class => {
                let one = self.types.one(atom);
                self.types.classes_of(one)
            }
            Atom::Module(file) => {
                let referent = self.member_of(Place::Module(file), symbol, name);
                self.type_of(&referent)
            }
            Atom::Namespace(at) => {
                let referent = self.member_of(Place::Namespace(at), symbol, name);
                self.type_of(&referent)
            }
            Atom::External(package, _) => self.types.one(Atom::External(package, symbol)),
            Atom::Generic(container, list) => {
                match self.world.standard.of(container).attributes.get(&symbol) {
                    Some(shape) => self.shape_in(shape, container, list),
                    None => self.types.one(Atom::Method(container, list, symbol)),
                }
            }
            Atom::Variable(bound) => {
                let bound = self.bound_of(bound);
                if self.types.is_open(bound) {
                    TypeId::UNKNOWN
                } else {
                    self.attribute_of(bound, symbol, name)
                }
            }
            Atom::Mixed => self.types.one(atom),
            Atom::Function(..)
            | Atom::Coroutine(_)
            | Atom::Context(_)
            | Atom::Method(..)
            | Atom::Callable(_) => TypeId::UNKNOWN,
            Atom::Instance(..)
            | Atom::Class(..)
            | Atom::Receiver(_)
            | Atom::ReceiverClass(_)
            | Atom::Super(..) => self.member_type(atom, symbol),
        }
    }

    /// The type of what a name stands for.
    pub(super) fn type_of(&mut self, referent: &Referent) -> TypeId {
        match referent {
            Referent::Bindings(bindings) => self.union_of(bindings),
            Referent::Place(Place::Module(file)) => self.types.one(Atom::Module(*file)),
            Referent::Place(Place::Namespace(at)) => self.types.one(Atom::Namespace(*at)),
            Referent::External(package, name) => self.types.one(Atom::External(*package, *name)),
            Referent::Nothing => TypeId::UNKNOWN,
        }
    }

    fn subscript(&mut self, file: FileId, object: ExpressionId, index: ExpressionId) -> TypeId {
        let Some(facts) = self.facts(file) else { return TypeId::UNKNOWN };
        let index = facts.expressions[index.index()];
        let object_type = self.infer(file, object);
        let mut all = TypeId::UNKNOWN;
        for atom in self.types.copied(object_type) {
            let found = match atom {
                Atom::Generic(container, list) => self.item(container, list, index),
                Atom::Class(..) | Atom::External(..) | Atom::Mixed => self.types.one(atom),
                Atom::Instance(..) | Atom::Receiver(_) => {
                    let found = self.call_method(atom, self.world.words.getitem);
                    match found.or_else(|| self.keyed(file, atom, index)) {
                        Some(found) => found,
                        None => self
                            .container_of(atom)
                            .map_or(TypeId::UNKNOWN, |(of, list)| self.item(of, list, index)),
                    }
                }
                _ => TypeId::UNKNOWN,
            };
            all = self.types.union(all, found);
        }
        all
    }

    /// What a typed dictionary says of one of its keys.
    fn keyed(&mut self, file: FileId, atom: Atom, index: Expression) -> Option<TypeId> {
        let Expression::Key(name) = index else { return None };
        let class = self.class_of(atom)?;
        if !self.class(class).outside.contains(&self.world.words.typed_dict) {
            return None;
        }
        let symbol = self.module(file)?.symbol(name);
        self.member(class, symbol, 0)?;
        Some(self.member_type(atom, symbol))
    }

    fn item(
        &mut self,
        container: super::types::Container,
        list: super::types::TypesId,
        index: Expression,
    ) -> TypeId {
        if matches!(index, Expression::Slice) {
            return self.types.one(Atom::Generic(container, list));
        }
        let standard = self.world.standard;
        let items = self.types.listed(list);
        if container == standard.tuple
            && let Expression::Integer(at) = index
            && let Some(found) = items.get(at as usize)
        {
            return *found;
        }
        self.shape_in(&standard.of(container).item, container, list)
    }

    fn binary(
        &mut self,
        file: FileId,
        left: ExpressionId,
        right: ExpressionId,
        operator: Operator,
    ) -> TypeId {
        let left = self.infer(file, left);
        let outside =
            |atom: &Atom| matches!(atom, Atom::External(..) | Atom::Generic(..) | Atom::Mixed);
        let mut all = TypeId::UNKNOWN;
        if self.types.atoms(left).iter().all(outside) {
            all = self.reversed(file, right, operator);
            if all.is_known() {
                return all;
            }
        }
        let symbol = super::modules::hash(&[operator.method()]);
        for atom in self.types.copied(left) {
            let found = match atom {
                Atom::Instance(..) | Atom::Receiver(_) => self.call_method(atom, symbol),
                Atom::Generic(..) | Atom::External(..) | Atom::Mixed => Some(self.types.one(atom)),
                _ => None,
            };
            all = self.types.union(all, found.unwrap_or(TypeId::UNKNOWN));
        }
        if all.is_known() { all } else { self.reversed(file, right, operator) }
    }

    /// What the operand on the right makes of an operation that the left one does not know.
    fn reversed(&mut self, file: FileId, right: ExpressionId, operator: Operator) -> TypeId {
        let reversed = operator.method().replacen("__", "__r", 1);
        let symbol = super::modules::hash(&[&reversed]);
        let right = self.infer(file, right);
        let mut all = TypeId::UNKNOWN;
        for atom in self.types.copied(right) {
            if let Atom::Instance(..) | Atom::Receiver(_) = atom {
                let found = self.call_method(atom, symbol).unwrap_or(TypeId::UNKNOWN);
                all = self.types.union(all, found);
            }
        }
        all
    }

    /// What iterating over a value gives.
    pub(super) fn element(&mut self, of: TypeId, depth: u32) -> TypeId {
        let mut all = TypeId::UNKNOWN;
        if depth > 4 {
            return all;
        }
        let standard = self.world.standard;
        for atom in self.types.copied(of) {
            let found = match atom {
                Atom::Generic(container, list) => {
                    self.shape_in(&standard.of(container).element, container, list)
                }
                Atom::External(package, _) => self.types.one(Atom::External(package, 0)),
                Atom::Class(class, list) if self.class(class).is_enum => {
                    self.types.one(Atom::Instance(class, list))
                }
                Atom::Instance(..) | Atom::Receiver(_) => self.element_of_instance(atom, depth),
                Atom::Mixed => self.types.one(atom),
                _ => TypeId::UNKNOWN,
            };
            all = self.types.union(all, found);
        }
        all
    }

    fn element_of_instance(&mut self, atom: Atom, depth: u32) -> TypeId {
        let words = &self.world.words;
        let own = self.types.one(atom);
        let mut iterator = self.call_method(atom, words.iter);
        if iterator.is_none() {
            iterator = self.call_method(atom, words.aiter);
        }
        if let Some(iterator) = iterator
            && iterator != own
        {
            return self.element(iterator, depth + 1);
        }
        for name in [words.next, words.anext, words.getitem] {
            if let Some(found) = self.call_method(atom, name) {
                return self.awaited(found);
            }
        }
        let Some((container, list)) = self.container_of(atom) else { return TypeId::UNKNOWN };
        let generic = self.types.one(Atom::Generic(container, list));
        self.element(generic, depth + 1)
    }

    /// What awaiting a value gives.
    pub(super) fn awaited(&mut self, of: TypeId) -> TypeId {
        let mut all = TypeId::UNKNOWN;
        let standard = self.world.standard;
        for atom in self.types.copied(of) {
            let found = match atom {
                Atom::Coroutine(inner) => inner,
                Atom::Generic(container, list) => {
                    self.shape_in(&standard.of(container).awaited, container, list)
                }
                Atom::Instance(..) | Atom::Receiver(_) => {
                    match self.call_method(atom, self.world.words.await_) {
                        // A generator's result is not tracked; its declared form has it third.
                        Some(found) => self.returned_by_generator(found),
                        None => self.types.one(atom),
                    }
                }
                _ => self.types.one(atom),
            };
            all = self.types.union(all, found);
        }
        all
    }

    fn returned_by_generator(&mut self, of: TypeId) -> TypeId {
        let mut all = TypeId::UNKNOWN;
        for atom in self.types.copied(of) {
            if let Atom::Generic(_, list) = atom
                && let Some(found) = self.types.listed(list).get(2).copied()
            {
                all = self.types.union(all, found);
            }
        }
        all
    }

    /// What a generator is declared to be sent.
    fn sent(&mut self, file: FileId, scope: super::facts::ScopeId) -> TypeId {
        let Some(facts) = self.facts(file) else { return TypeId::UNKNOWN };
        let function = facts.scopes[scope.index()].function;
        let declared = function.and_then(|id| facts.functions[id.index()].returns);
        let Some(declared) = declared else { return TypeId::UNKNOWN };
        let declared = self.denote(file, declared);
        let mut all = TypeId::UNKNOWN;
        for atom in self.types.copied(declared) {
            if let Atom::Generic(_, list) = atom
                && let Some(found) = self.types.listed(list).get(1).copied()
            {
                all = self.types.union(all, found);
            }
        }
        all
    }

    /// The return type of a function, in terms of its own variables and `Self`.
    pub(super) fn returned(&mut self, function: super::types::FunctionRef) -> TypeId {
        if let Some(found) = self.returns.get(&function) {
            return *found;
        }
        self.returns.insert(function, TypeId::UNKNOWN);
        match self.deeper(|this| this.returned_new(function)) {
            Some((found, true)) => {
                self.returns.insert(function, found);
                found
            }
            Some((found, false)) => {
                self.returns.remove(&function);
                found
            }
            None => {
                self.returns.remove(&function);
                TypeId::UNKNOWN
            }
        }
    }

    fn returned_new(&mut self, function: super::types::FunctionRef) -> TypeId {
        let file = function.file;
        let own = self.function(function);
        let mut is_async_iterator = false;
        let result = if let Some(annotation) = own.returns {
            let declared = self.denote(file, annotation);
            let declared = self.with_receiver(function, declared);
            is_async_iterator = own.traits.has(Traits::GENERATOR);
            if own.traits.has(Traits::CONTEXT) {
                let inner = self.element(declared, 0);
                return self.types.one(Atom::Context(inner));
            }
            declared
        } else {
            let results = self.infer_all(file, own.results);
            if own.traits.has(Traits::GENERATOR) {
                let yields = self.infer_all(file, own.yields);
                if own.traits.has(Traits::CONTEXT) {
                    return self.types.one(Atom::Context(yields));
                }
                let unknown = TypeId::UNKNOWN;
                let list = self.types.list(&[yields, unknown, results]);
                return self.types.one(Atom::Generic(self.world.standard.iterator, list));
            }
            results
        };
        if own.traits.has(Traits::ASYNC) && !is_async_iterator {
            return self.types.one(Atom::Coroutine(result));
        }
        result
    }

    /// `def f(self: T) -> T` gives what it is called on.
    fn with_receiver(&mut self, function: super::types::FunctionRef, declared: TypeId) -> TypeId {
        let own = self.function(function);
        let (Some(id), true) = (own.class, self.types.is_open(declared)) else { return declared };
        if own.parameters.len == 0 || own.traits.has(Traits::STATIC) {
            return declared;
        }
        let first = Bound { file: function.file, id: BindingId(own.parameters.start) };
        let Some(annotation) = self.binding(first).annotation else { return declared };
        let wanted = self.denote(function.file, annotation);
        let mut variables = Vec::new();
        self.variables_in(wanted, &mut variables, 0);
        let class = super::types::ClassRef { file: function.file, id };
        let receiver = self.types.one(Atom::Receiver(class));
        let mut by = Substitution::default();
        for variable in variables.into_iter().take(1) {
            by.add(variable, receiver);
        }
        self.types.substitute(declared, &by, 0)
    }

    /// What a method of an instance gives when called, if there is one.
    pub(super) fn call_method(&mut self, atom: Atom, symbol: u64) -> Option<TypeId> {
        let class = self.class_of(atom)?;
        self.member(class, symbol, 0)?;
        let method = self.member_type(atom, symbol);
        Some(self.called(method))
    }

    /// What a value gives when called, whatever the arguments.
    pub(super) fn called(&mut self, callee: TypeId) -> TypeId {
        let arguments = super::calls::Arguments::default();
        self.result(callee, &arguments)
    }

    /// What a type variable is known to be.
    pub(super) fn bound_of(&mut self, variable: Bound) -> TypeId {
        let binding = self.binding(variable);
        let Some(value) = binding.value else { return TypeId::UNKNOWN };
        if binding.kind == BindingKind::TypeParameter {
            return self.denote(variable.file, value);
        }
        let Some(module) = self.module(variable.file) else { return TypeId::UNKNOWN };
        let facts = module.facts();
        let Expression::Call { arguments, keywords, .. } = facts.expressions[value.index()] else {
            return TypeId::UNKNOWN;
        };
        let mut all = TypeId::UNKNOWN;
        for keyword in keywords.of(&facts.keywords) {
            if module.symbol(keyword.name) == self.world.words.bound {
                all = self.denote(variable.file, keyword.value);
            }
        }
        for constraint in arguments.of(&facts.lists).iter().skip(1) {
            let found = self.denote(variable.file, *constraint);
            all = self.types.union(all, found);
        }
        all
    }
}

fn is_literal(facts: &super::facts::Facts, id: ExpressionId) -> bool {
    matches!(facts.expressions[id.index()], Expression::Integer(_) | Expression::Key(_))
}
