//! What the place of a lambda or literal says of it.

use super::{Inference, Step};
use crate::rules::facts::{Kind, Op, ScopeKind};
use crate::rules::language::Language;
use crate::rules::types::{Type, TypeId, UNKNOWN};
use crate::rules::world::Sym;

impl Inference<'_> {
    /// The type that its lambda's place gives a parameter.
    pub(super) fn expected_parameter(&mut self, parameter: Sym) -> TypeId {
        let facts = self.facts(parameter.file);
        let scope = facts.scopes[self.symbol(parameter).scope as usize];
        let lambda = Sym { file: parameter.file, index: scope.owner };
        let found = *self.symbol(lambda);
        let parameters = facts.list(found.parameters);
        let Some(at) = parameters.iter().position(|index| *index == parameter.index) else {
            return UNKNOWN;
        };
        let step = Step::Context(parameter);
        self.guarded(step, UNKNOWN, |this| {
            let expected = this.expected(lambda);
            let Some((function, substitution)) = this.callable(expected) else { return UNKNOWN };
            match this.parameter_type(function, at as u32) {
                Some(type_) => this.types.substitute(type_, substitution),
                None => UNKNOWN,
            }
        })
    }

    /// What `this` is in a lambda of Kotlin; "unknown" where it is what it is outside.
    pub(super) fn lambda_receiver(&mut self, lambda: Sym) -> TypeId {
        let found = *self.symbol(lambda);
        if found.kind != Kind::Lambda || self.language(lambda.file) != Language::Kotlin {
            return UNKNOWN;
        }
        self.guarded(Step::Context(lambda), UNKNOWN, |this| {
            let expected = this.expected(lambda);
            let Some((function, substitution)) = this.callable(expected) else { return UNKNOWN };
            let bases = this.facts(function.file).list(this.symbol(function).bases);
            let Some(receiver) = bases.first() else { return UNKNOWN };
            let type_ = this.eval(function.file, *receiver);
            this.types.substitute(type_, substitution)
        })
    }

    /// What `this` is in the lambdas around a place, up to the class or extension around.
    pub(super) fn lambda_this(&mut self, file: u32, mut scope: u32) -> Option<TypeId> {
        loop {
            let info = self.facts(file).scopes[scope as usize];
            let owner = Sym { file, index: info.owner };
            match info.kind {
                ScopeKind::Class => return None,
                ScopeKind::Function if self.symbol(owner).kind == Kind::Lambda => {
                    let type_ = self.lambda_receiver(owner);
                    if type_ != UNKNOWN {
                        return Some(type_);
                    }
                }
                ScopeKind::Function if self.symbol(owner).receiver != 0 => return None,
                _ => {}
            }
            if scope == 0 {
                return None;
            }
            scope = info.parent;
        }
    }

    /// The type expected of a lambda or object literal.
    pub(super) fn expected(&mut self, literal: Sym) -> TypeId {
        let file = literal.file;
        let context = self.symbol(literal).context;
        if context == 0 {
            return UNKNOWN;
        }
        let row = self.row(file, context);
        if !matches!(row.op, Op::Call | Op::New) {
            let type_ = self.eval(file, context);
            // An asynchronous function returns what its promise holds.
            let inner = self.element(type_, "__await");
            return if inner == UNKNOWN { type_ } else { inner };
        }
        let facts = self.facts(file);
        let position = facts.list(row.b).iter().position(|argument| {
            let argument = self.row(file, *argument);
            matches!(argument.op, Op::Lambda | Op::Object) && argument.a == literal.index
        });
        let Some(at) = position else { return UNKNOWN };
        let callee = self.eval(file, row.a);
        self.expected_argument(callee, at as u32, (file, context))
    }

    fn expected_argument(&mut self, callee: TypeId, at: u32, call: (u32, u32)) -> TypeId {
        let (function, substitution) = match self.types.get(callee) {
            Type::Class(symbol, list) | Type::Instance(symbol, list)
                if self.symbol(symbol).kind == Kind::Class =>
            {
                let Some(constructor) = self.constructor(symbol, list) else { return UNKNOWN };
                constructor
            }
            _ => match self.callable(callee) {
                Some(function) => function,
                None => return UNKNOWN,
            },
        };
        let at = at + self.first_written(function, call.0, call.1);
        let at = self.trailing(function, at, call);
        let Some(type_) = self.parameter_type(function, at) else { return UNKNOWN };
        let type_ = self.types.substitute(type_, substitution);
        let mut bindings = Vec::new();
        self.bind_arguments(function, substitution, call, false, &mut bindings);
        let bound = self.types.substitution(&bindings);
        self.types.substitute(type_, bound)
    }

    /// The last parameter for a lambda behind a call, where the one at its place takes none.
    fn trailing(&mut self, function: Sym, at: u32, (file, call): (u32, u32)) -> u32 {
        let facts = self.facts(file);
        let arguments = facts.list(self.row(file, call).b).len() as u32;
        let count = self.facts(function.file).list(self.symbol(function).parameters).len() as u32;
        let is_trailing = at + 1 == arguments && at + 1 < count;
        if !is_trailing || !matches!(facts.language, Language::Kotlin | Language::Swift) {
            return at;
        }
        let takes = |this: &mut Self, at| {
            let type_ = this.parameter_type(function, at).unwrap_or(UNKNOWN);
            this.callable(type_).is_some()
        };
        if !takes(self, at) && takes(self, count - 1) { count - 1 } else { at }
    }

    fn constructor(&mut self, class: Sym, list: u32) -> Option<(Sym, u32)> {
        let name = crate::rules::world::hash_text("constructor");
        let row = crate::rules::facts::Node::default();
        let found = self.class_members(class, list, name, &row);
        found.entities.into_iter().find_map(|(entity, substitution)| match entity {
            super::Entity::Symbol(symbol) => Some((symbol, substitution)),
            _ => None,
        })
    }
}
