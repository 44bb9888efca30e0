//! What types are by what they have: descriptors, protocols.

use super::calls::Arguments;
use super::facts::{BindingId, BindingKind, Expression, FunctionId, Traits};
use super::members::Member;
use super::resolver::Resolver;
use super::types::{Atom, Bound, ClassRef, FunctionRef, Substitution, TypeId, TypesId};

/// How many methods of a protocol are compared.
const METHODS: usize = 6;

impl<'w> Resolver<'w> {
    /// What reading an attribute of a type gives: descriptors answer for themselves.
    pub(super) fn described(&mut self, atom: Atom, member: &Member, found: TypeId) -> TypeId {
        let by = self.substitution(atom, member);
        let found = self.types.substitute(found, &by, 0);
        let mut all = TypeId::UNKNOWN;
        for inner in self.types.copied(found) {
            let read = self.read_through(inner, atom).filter(|read| read.is_known());
            let read = read.unwrap_or_else(|| self.types.one(inner));
            all = self.types.union(all, read);
        }
        all
    }

    /// What a descriptor gives when it is read from `owner`. Overloads of `__get__` tell classes,
    /// which have no instance, from instances.
    fn read_through(&mut self, descriptor: Atom, owner: Atom) -> Option<TypeId> {
        let Atom::Instance(class, _) = descriptor else { return None };
        let get = self.world.words.get;
        let member = self.member(class, get, 0)?;
        let last = self.last_function(&member.bindings)?;
        let on_class = matches!(owner, Atom::Class(..) | Atom::ReceiverClass(_));
        let overloads = self.overloads(last);
        let fits = |function: &FunctionRef| self.takes_no_instance(*function) == on_class;
        let fitting = overloads.iter().copied().find(fits);
        let chosen = fitting.or(overloads.first().copied()).unwrap_or(last);
        let receiver = self.types.one(descriptor);
        Some(self.applied(chosen, receiver, &Arguments::default()))
    }

    /// The last function among the bindings of a member.
    pub(super) fn last_function(&mut self, bindings: &[Bound]) -> Option<FunctionRef> {
        bindings.iter().rev().find_map(|bound| match self.binding(*bound).kind {
            BindingKind::Function(id) => Some(FunctionRef { file: bound.file, id }),
            _ => None,
        })
    }

    /// Whether an overload of `__get__` is the one for reading from the class.
    fn takes_no_instance(&mut self, function: FunctionRef) -> bool {
        let own = self.function(function);
        let Some(facts) = self.facts(function.file) else { return false };
        let instance = BindingId(own.parameters.start + 1);
        own.parameters.len > 1
            && facts.bindings[instance.index()].annotation.is_some_and(|annotation| {
                matches!(facts.expressions[annotation.index()], Expression::None)
            })
    }

    /// The methods that a protocol is made of, with their names' hashes.
    fn methods_of(&mut self, protocol: ClassRef) -> Vec<(FunctionRef, u64)> {
        let Some(module) = self.module(protocol.file) else { return Vec::new() };
        let facts = module.facts();
        let functions = facts.functions.iter().enumerate();
        let own = functions.filter(|(_, function)| {
            function.class == Some(protocol.id) && !function.traits.has(Traits::SETTER)
        });
        let named = own.filter_map(|(at, function)| {
            let name = facts.bindings[function.binding?.index()].name;
            let id = FunctionId(at as u32);
            Some((FunctionRef { file: protocol.file, id }, module.symbol(name)))
        });
        named.take(METHODS).collect()
    }

    /// Whether a value may be one of a protocol: it has all methods, as far as is known.
    pub(super) fn satisfies(&mut self, atom: Atom, protocol: ClassRef) -> bool {
        let Some(class) = self.class_of(atom) else { return true };
        let info = self.class(class);
        if info.external.is_some() || info.has_unknown {
            return true;
        }
        let methods = self.methods_of(protocol);
        methods.into_iter().all(|(_, symbol)| self.member(class, symbol, 0).is_some())
    }

    /// Learns the type variables of a protocol from what the methods of a value give.
    pub(super) fn unify_protocol(
        &mut self,
        protocol: ClassRef,
        list: TypesId,
        given: Atom,
        by: &mut Substitution,
        depth: u32,
    ) {
        let Some(class) = self.class_of(given) else { return };
        let info = self.class(protocol);
        if depth > 2 || self.class(class).order.iter().any(|(above, _)| *above == protocol) {
            return;
        }
        let inner = self.arguments_by(&info.parameters, list);
        for (method, symbol) in self.methods_of(protocol) {
            if self.member(class, symbol, 0).is_none() {
                continue;
            }
            let wanted = self.returned(method);
            let wanted = self.types.substitute(wanted, &inner, 0);
            let member = self.member_type(given, symbol);
            let property = self.function(method).traits.has(Traits::PROPERTY);
            let found = if property { member } else { self.called(member) };
            self.unify(wanted, found, by, depth + 1);
        }
    }
}
