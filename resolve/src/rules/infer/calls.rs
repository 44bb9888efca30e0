//! Calls: what they give, and what type parameters stand for in them.

use super::choose::Receives;
use super::{Inference, Step};
use crate::rules::facts::{Kind, Node, Op, flag};
use crate::rules::language::Family;
use crate::rules::types::{ListId, Type, TypeId, UNKNOWN};
use crate::rules::world::Sym;

/// What type parameters stand for, as found so far.
type Bindings = Vec<(Sym, TypeId)>;

impl Inference<'_> {
    pub(super) fn call_type(&mut self, file: u32, index: u32, row: &Node) -> TypeId {
        let callee = self.eval(file, row.a);
        if self.family(file) == Family::Ruby
            && let Some(instance) = self.ruby_instance(file, row.a)
        {
            return instance;
        }
        self.called(callee, file, index)
    }

    /// `Class.new`
    fn ruby_instance(&mut self, file: u32, callee: u32) -> Option<TypeId> {
        let row = self.row(file, callee);
        if row.op != Op::Member || self.facts(file).name(row.name) != "new" {
            return None;
        }
        let receiver = self.eval(file, row.a);
        matches!(self.types.get(receiver), Type::Class(..) | Type::Parameter(_))
            .then(|| self.instantiated(receiver))
    }

    /// What calling a value of type `callee` gives.
    fn called(&mut self, callee: TypeId, file: u32, call: u32) -> TypeId {
        match self.types.get(callee) {
            Type::External(_) => callee,
            Type::Class(symbol, list) => self.constructed(symbol, list, file, call),
            Type::Function(..) | Type::Instance(..) => match self.callable(callee) {
                Some((function, substitution)) => {
                    self.function_call(function, substitution, file, call)
                }
                None => UNKNOWN,
            },
            Type::Union(list) => {
                let items = self.types.list(list).to_vec();
                let results: Vec<TypeId> =
                    items.into_iter().map(|item| self.called(item, file, call)).collect();
                self.types.union(results)
            }
            _ => UNKNOWN,
        }
    }

    pub(super) fn new_type(&mut self, file: u32, index: u32, row: &Node) -> TypeId {
        let type_ = self.eval(file, row.a);
        match self.types.get(type_) {
            Type::Instance(symbol, list) => self.constructed(symbol, list, file, index),
            Type::Function(symbol, _) => self.types.id(Type::Instance(symbol, 0)),
            _ => type_,
        }
    }

    /// An instance, its type parameters taken from the arguments where they are not written.
    fn constructed(&mut self, symbol: Sym, list: ListId, file: u32, call: u32) -> TypeId {
        let generics = self.facts(symbol.file).list(self.symbol(symbol).generics).len();
        if list != 0 || generics == 0 {
            return self.types.id(Type::Instance(symbol, list));
        }
        let own = self.own_arguments(symbol);
        let plain = self.types.id(Type::Instance(symbol, own));
        let name = crate::rules::world::hash_text("constructor");
        let found = self.class_members(symbol, own, name, &Node::default());
        let mut bindings = Bindings::new();
        for (entity, _) in found.entities {
            if let super::Entity::Symbol(constructor) = entity {
                self.bind_arguments(constructor, 0, (file, call), true, &mut bindings);
            }
        }
        self.close(plain, symbol, &mut bindings)
    }

    /// `type_` with the parameters of `symbol` replaced, those without a binding by "unknown".
    fn close(&mut self, type_: TypeId, symbol: Sym, bindings: &mut Bindings) -> TypeId {
        let facts = self.facts(symbol.file);
        for index in facts.list(self.symbol(symbol).generics) {
            let generic = Sym { file: symbol.file, index: *index };
            if !bindings.iter().any(|(known, _)| *known == generic) {
                bindings.push((generic, UNKNOWN));
            }
        }
        let substitution = self.types.substitution(bindings);
        self.types.substitute(type_, substitution)
    }

    /// The function that is run when a value of the type is called.
    pub(super) fn callable(&mut self, type_: TypeId) -> Option<(Sym, ListId)> {
        match self.types.get(type_) {
            Type::Function(symbol, substitution) => Some((symbol, substitution)),
            Type::Instance(symbol, arguments) => {
                if let Some(signature) = self.call_signature(symbol) {
                    let substitution = self.bind_generics(symbol, arguments);
                    return Some((signature, substitution));
                }
                let bases = self.bases(symbol);
                let base = bases
                    .iter()
                    .copied()
                    .find(|base| matches!(self.types.get(*base), Type::Function(..)))?;
                let Type::Function(function, inner) = self.types.get(base) else { return None };
                let bound = self.bind_generics(symbol, arguments);
                let plain = self.types.id(Type::Function(function, inner));
                let bound = self.types.substitute(plain, bound);
                match self.types.get(bound) {
                    Type::Function(function, list) => Some((function, list)),
                    _ => None,
                }
            }
            Type::Union(list) => {
                let items = self.types.list(list).to_vec();
                items.into_iter().find_map(|item| self.callable(item))
            }
            _ => None,
        }
    }

    /// An interface's unnamed method.
    fn call_signature(&self, symbol: Sym) -> Option<Sym> {
        let facts = self.facts(symbol.file);
        let found = self.symbol(symbol);
        if !matches!(found.kind, Kind::Interface | Kind::Object) || found.inner == 0 {
            return None;
        }
        let from = symbol.index as usize + 1;
        let inside = facts.symbols.iter().enumerate().skip(from);
        let inside = inside.take_while(|(_, inner)| inner.start < found.end);
        let mut signatures = inside.filter(|(_, inner)| {
            inner.kind == Kind::Lambda
                && inner.scope == found.inner
                && inner.flags & flag::BODY == 0
        });
        if let Some((index, _)) = signatures.next() {
            return Some(Sym { file: symbol.file, index: index as u32 });
        }
        if self.family(symbol.file) == Family::Script || found.kind != Kind::Interface {
            return None;
        }
        // A functional interface: its only method without a body.
        let end = found.end;
        let mut methods = facts
            .symbols
            .iter()
            .enumerate()
            .skip(from)
            .take_while(|(_, inner)| inner.start < end)
            .filter(|(_, inner)| {
                inner.kind == Kind::Method
                    && inner.scope == found.inner
                    && inner.flags & (flag::BODY | flag::STATIC) == 0
            });
        let (index, _) = methods.next()?;
        methods.next().is_none().then_some(Sym { file: symbol.file, index: index as u32 })
    }

    fn function_call(
        &mut self,
        function: Sym,
        substitution: ListId,
        file: u32,
        call: u32,
    ) -> TypeId {
        let result = self.result_of(function);
        let result = self.types.substitute(result, substitution);
        let generics = self.facts(function.file).list(self.symbol(function).generics).len();
        if generics == 0 || result == UNKNOWN {
            return result;
        }
        let mut bindings = Bindings::new();
        self.bind_arguments(function, substitution, (file, call), true, &mut bindings);
        self.close(result, function, &mut bindings)
    }

    /// What a function gives: as declared, or as its return statements say.
    pub(super) fn result_of(&mut self, function: Sym) -> TypeId {
        if let Some(type_) = self.results.get(&function) {
            return *type_;
        }
        self.look_at(function.file);
        let step = Step::Result(function);
        let type_ = self.guarded(step, UNKNOWN, |this| this.result_now(function));
        if self.is_settled() {
            self.results.insert(function, type_);
        }
        type_
    }

    fn result_now(&mut self, function: Sym) -> TypeId {
        let found = *self.symbol(function);
        let file = function.file;
        if found.declared != 0 {
            return self.eval(file, found.declared);
        }
        if !self.language(file).behaviour().infers_results {
            return UNKNOWN;
        }
        if found.flags & flag::GENERATOR != 0 {
            return UNKNOWN;
        }
        let mut types = Vec::new();
        for row in self.facts(file).list(found.returns) {
            types.push(self.eval(file, *row));
        }
        if types.contains(&UNKNOWN) {
            // Beside what is not known, an object made on the spot is no more than a stand-in.
            types.retain(|type_| match self.types.get(*type_) {
                Type::Instance(symbol, _) => self.symbol(symbol).kind != Kind::Object,
                _ => true,
            });
        }
        let type_ = self.types.union(types);
        if found.flags & flag::ASYNC == 0 || type_ == UNKNOWN {
            return type_;
        }
        let inner = self.element(type_, "__await");
        if inner != UNKNOWN { type_ } else { self.builtin_named(file, "Promise", &[type_]) }
    }

    /// Finds what a function's type parameters stand for from the arguments of a call.
    pub(super) fn bind_arguments(
        &mut self,
        function: Sym,
        substitution: ListId,
        (file, call): (u32, u32),
        with_lambdas: bool,
        bindings: &mut Bindings,
    ) {
        let row = self.row(file, call);
        if !matches!(row.op, Op::Call | Op::New) {
            return;
        }
        let facts = self.facts(file);
        let arguments: Vec<u32> = facts.list(row.b).to_vec();
        let first = self.first_written(function, file, call);
        for (at, argument) in arguments.into_iter().enumerate() {
            let is_lambda = self.row(file, argument).op == Op::Lambda;
            if is_lambda && !with_lambdas {
                continue;
            }
            let at = at as u32 + first;
            let Some(parameter) = self.parameter_type(function, at) else { continue };
            let parameter = self.types.substitute(parameter, substitution);
            if !self.has_parameter(parameter, 0) {
                continue;
            }
            let argument = self.eval(file, argument);
            let argument = match self.family(file) {
                Family::Go => self.instantiated(argument),
                _ => argument,
            };
            self.unify(parameter, argument, bindings, 0);
        }
    }

    /// Which parameter the first argument of a call is for: an extension of C# that is called on a
    /// value takes that first.
    pub(super) fn first_written(&mut self, function: Sym, file: u32, call: u32) -> u32 {
        let first = self.first_argument(function, Receives::FirstArgument);
        if first == 0 || self.family(function.file) != Family::Csharp {
            return 0;
        }
        let mut callee = self.row(file, self.row(file, call).a);
        if callee.op == Op::Generic {
            callee = self.row(file, callee.a);
        }
        if callee.op != Op::Member {
            return 0;
        }
        let receiver = self.eval(file, callee.a);
        let is_value = !matches!(self.types.get(receiver), Type::Class(..) | Type::Space(..));
        u32::from(is_value)
    }

    /// The declared type of a function's parameter; of the rest, that of one of them.
    pub(super) fn parameter_type(&mut self, function: Sym, at: u32) -> Option<TypeId> {
        let facts = self.facts(function.file);
        let parameters = facts.list(self.symbol(function).parameters);
        let index = *parameters.get(at as usize).or_else(|| parameters.last())?;
        let parameter = &facts.symbols[index as usize];
        let is_rest = parameter.flags & flag::VARIADIC != 0;
        if (at as usize >= parameters.len() && !is_rest) || parameter.declared == 0 {
            return None;
        }
        let type_ = self.eval(function.file, parameter.declared);
        if !is_rest {
            return Some(type_);
        }
        let element = self.element(type_, "__element");
        Some(if element == UNKNOWN { type_ } else { element })
    }

    fn has_parameter(&self, type_: TypeId, depth: u32) -> bool {
        if depth > 6 {
            return false;
        }
        match self.types.get(type_) {
            Type::Parameter(symbol) => self.symbol(symbol).kind == Kind::Generic,
            Type::Instance(_, list)
            | Type::Class(_, list)
            | Type::Tuple(list)
            | Type::Union(list) => {
                self.types.list(list).iter().any(|item| self.has_parameter(*item, depth + 1))
            }
            Type::Function(..) => true,
            _ => false,
        }
    }

    /// Matches a declared type against that of an argument.
    fn unify(&mut self, wanted: TypeId, given: TypeId, bindings: &mut Bindings, depth: u32) {
        if depth > 6 || given == UNKNOWN {
            return;
        }
        match (self.types.get(wanted), self.types.get(given)) {
            (Type::Parameter(symbol), _)
                if self.symbol(symbol).kind == Kind::Generic
                    && !bindings.iter().any(|(known, _)| *known == symbol) =>
            {
                bindings.push((symbol, given));
            }
            (Type::Instance(wanted, list), Type::Instance(symbol, arguments)) => {
                if let Some(arguments) = self.as_super(symbol, arguments, wanted, 0) {
                    self.unify_lists(list, arguments, bindings, depth);
                }
            }
            (Type::Tuple(wanted), Type::Tuple(given)) => {
                self.unify_lists(wanted, given, bindings, depth);
            }
            (Type::Union(list), _) => {
                for item in self.types.list(list).to_vec() {
                    self.unify(item, given, bindings, depth + 1);
                }
            }
            (Type::Function(wanted, outer), _) => {
                let Some((function, inner)) = self.callable(given) else { return };
                let wanted = self.result_of(wanted);
                let wanted = self.types.substitute(wanted, outer);
                let result = self.result_of(function);
                let result = self.types.substitute(result, inner);
                self.unify(wanted, result, bindings, depth + 1);
            }
            (Type::Instance(wanted, list), Type::Function(function, inner)) => {
                let bound = self.types.id(Type::Instance(wanted, list));
                let Some((signature, outer)) = self.callable(bound) else { return };
                let wanted = self.result_of(signature);
                let wanted = self.types.substitute(wanted, outer);
                let result = self.result_of(function);
                let result = self.types.substitute(result, inner);
                self.unify(wanted, result, bindings, depth + 1);
            }
            _ => {}
        }
    }

    fn unify_lists(&mut self, wanted: ListId, given: ListId, bindings: &mut Bindings, depth: u32) {
        let wanted = self.types.list(wanted).to_vec();
        let given = self.types.list(given).to_vec();
        for (wanted, given) in wanted.into_iter().zip(given) {
            self.unify(wanted, given, bindings, depth + 1);
        }
    }

    /// The arguments of `wanted` that a class has as a supertype.
    pub(super) fn as_super(
        &mut self,
        symbol: Sym,
        arguments: ListId,
        wanted: Sym,
        depth: u32,
    ) -> Option<ListId> {
        if symbol == wanted || self.key(symbol) == self.key(wanted) {
            return Some(arguments);
        }
        if depth > 8 {
            return None;
        }
        let bound = self.bind_generics(symbol, arguments);
        self.bases(symbol).iter().copied().find_map(|base| {
            let base = self.types.substitute(base, bound);
            match self.types.get(base) {
                Type::Instance(base, list) => self.as_super(base, list, wanted, depth + 1),
                _ => None,
            }
        })
    }
}
