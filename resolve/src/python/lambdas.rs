//! What lambdas are called with, as far as the call they are passed to says it.

use flux_core::FileId;

use super::calls::Arguments;
use super::facts::{BindingId, BindingKind, Expression, ExpressionId};
use super::resolver::Resolver;
use super::types::{Atom, Bound, ClassRef, FunctionRef, Substitution, TypeId};

/// Where in a call a lambda stands.
#[derive(Clone, Copy)]
enum Slot {
    Position(u32),
    Keyword(u64),
}

impl<'w> Resolver<'w> {
    /// The type of a lambda's parameter, by what `call` declares or passes.
    pub(super) fn expected(
        &mut self,
        lambda: FunctionRef,
        call: ExpressionId,
        position: u32,
    ) -> TypeId {
        let file = lambda.file;
        let Some(module) = self.module(file) else { return TypeId::UNKNOWN };
        let facts = module.facts();
        let Expression::Call { callee, arguments, keywords, .. } = facts.expressions[call.index()]
        else {
            return TypeId::UNKNOWN;
        };
        let is_it =
            |id: ExpressionId| facts.expressions[id.index()] == Expression::Lambda(lambda.id);
        let given = arguments.of(&facts.lists);
        let named = keywords.of(&facts.keywords).iter().find(|keyword| is_it(keyword.value));
        let slot = match (given.iter().position(|id| is_it(*id)), named) {
            (Some(at), _) => Slot::Position(at as u32),
            (None, Some(keyword)) => Slot::Keyword(module.symbol(keyword.name)),
            (None, None) => return TypeId::UNKNOWN,
        };
        let arguments = Arguments::of(file, arguments, keywords);
        let of = self.infer(file, callee);
        let mut all = TypeId::UNKNOWN;
        for atom in self.types.copied(of) {
            let found = match atom {
                Atom::External(_, name) => {
                    let is_reduce = name == self.world.words.reduce;
                    match (is_reduce, position, given) {
                        (true, 0, &[_, _, first]) => self.infer(file, first),
                        (true, ..) => self.expected_outside(file, given, slot, 0),
                        _ => self.expected_outside(file, given, slot, position),
                    }
                }
                Atom::Method(container, list, _) => {
                    // `items.sort(key=…)`
                    let generic = self.types.one(Atom::Generic(container, list));
                    self.element(generic, 0)
                }
                Atom::Function(function, receiver) => {
                    let skip = u32::from(receiver.is_known());
                    self.expected_of(function, skip, slot, position, &arguments)
                }
                Atom::Class(class, _) => match self.constructor(class) {
                    Some(function) => self.expected_of(function, 1, slot, position, &arguments),
                    None => TypeId::UNKNOWN,
                },
                _ => TypeId::UNKNOWN,
            };
            all = self.types.union(all, found);
        }
        all
    }

    fn constructor(&mut self, class: ClassRef) -> Option<FunctionRef> {
        let init = self.world.words.init;
        let bound = *self.member(class, init, 0)?.bindings.first()?;
        match self.binding(bound).kind {
            BindingKind::Function(id) => Some(FunctionRef { file: bound.file, id }),
            _ => None,
        }
    }

    /// `sorted(items, key=…)`, `map(…, items)` and their like.
    fn expected_outside(
        &mut self,
        file: FileId,
        given: &[ExpressionId],
        slot: Slot,
        position: u32,
    ) -> TypeId {
        let from = match slot {
            Slot::Position(0) => 1 + position as usize,
            Slot::Position(_) => return TypeId::UNKNOWN,
            Slot::Keyword(_) => 0,
        };
        let Some(items) = given.get(from) else { return TypeId::UNKNOWN };
        let items = self.infer(file, *items);
        self.element(items, 0)
    }

    /// What a function of the tree declares of the slot: `Callable[[A, B], R]`.
    fn expected_of(
        &mut self,
        function: FunctionRef,
        skip: u32,
        slot: Slot,
        position: u32,
        arguments: &Arguments,
    ) -> TypeId {
        let own = self.function(function);
        let bound = match slot {
            Slot::Keyword(symbol) => self.parameter_of(function, symbol),
            Slot::Position(at) if at + skip < own.parameters.len => {
                let id = BindingId(own.parameters.start + at + skip);
                Some(Bound { file: function.file, id })
            }
            Slot::Position(_) => None,
        };
        let Some(annotation) = bound.and_then(|bound| self.binding(bound).annotation) else {
            return TypeId::UNKNOWN;
        };
        let found = self.callable_parameter(function.file, annotation, position, 0);
        if !self.types.is_open(found) {
            return found;
        }
        let mut by = Substitution::default();
        self.unify_all(function, skip, arguments, &mut by);
        self.types.substitute(found, &by, 0)
    }

    /// The type of a parameter of the callable that an annotation denotes.
    fn callable_parameter(
        &mut self,
        file: FileId,
        annotation: ExpressionId,
        position: u32,
        depth: u32,
    ) -> TypeId {
        let Some(module) = self.module(file) else { return TypeId::UNKNOWN };
        let facts = module.facts();
        if depth > 4 {
            return TypeId::UNKNOWN;
        }
        let (object, index) = match facts.expressions[annotation.index()] {
            Expression::Binary { left, right, .. } => {
                let left = self.callable_parameter(file, left, position, depth + 1);
                let right = self.callable_parameter(file, right, position, depth + 1);
                return self.types.union(left, right);
            }
            Expression::Subscript { object, index } => (object, index),
            _ => return TypeId::UNKNOWN,
        };
        let (Expression::Name(mention) | Expression::Attribute { mention, .. }) =
            facts.expressions[object.index()]
        else {
            return TypeId::UNKNOWN;
        };
        if module.symbol(mention.name) != self.world.words.callable {
            return self.callable_parameter(file, index, position, depth + 1);
        }
        if let Expression::Tuple(parts) = facts.expressions[index.index()]
            && let Some(first) = parts.of(&facts.lists).first()
            && let Expression::List(list) = facts.expressions[first.index()]
            && let Some(wanted) = list.of(&facts.lists).get(position as usize)
        {
            return self.denote(file, *wanted);
        }
        TypeId::UNKNOWN
    }
}
