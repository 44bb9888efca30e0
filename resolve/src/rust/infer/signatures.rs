//! The signatures of functions and constructors.

use std::rc::Rc;

use super::super::items::{Body, ItemKind};
use super::super::name::Name;
use super::super::syntax::{PatId, TypeId};
use super::super::world::{Binding, Def};
use super::references::{depth_of_self, depth_of_type};
use super::site::{Site, generic_owners};
use super::types::{Bound, Kind, Substitution, Ty, Types, Tys};
use super::{Local, Resolver};

/// What a function takes and gives; `self` comes first.
#[derive(Clone, Debug)]
pub(super) struct Function {
    pub(super) parameters: Vec<Ty>,
    pub(super) output: Ty,
}

impl<'a> Resolver<'a> {
    /// The signature of a function, or of a struct or variant as a constructor.
    pub(super) fn function(&mut self, def: Def) -> Rc<Function> {
        if let Some(known) = self.functions.get(&def) {
            return known.clone();
        }
        let before = std::mem::replace(&mut self.in_body, false);
        let found = Rc::new(self.read_function(def));
        self.in_body = before;
        self.functions.insert(def, found.clone());
        found
    }

    fn read_function(&mut self, def: Def) -> Function {
        match self.world.kind(def) {
            ItemKind::Function(signature) => {
                let site = Site::of_item(self.world, def);
                let mut parameters = Vec::new();
                if signature.has_self {
                    parameters.push(match signature.self_type {
                        Some(ty) => self.lower(&site, ty),
                        None => self.self_type(Some(def)).unwrap_or(Types::UNKNOWN),
                    });
                }
                for ty in signature.parameters.of(&site.syntax.type_lists) {
                    parameters.push(self.lower(&site, *ty));
                }
                let output = signature.output.map_or(Types::UNIT, |ty| self.lower(&site, ty));
                let output = if signature.is_async { self.future_of(output) } else { output };
                Function { parameters, output }
            }
            ItemKind::Struct { .. } | ItemKind::Variant { .. } => {
                let fields: Vec<Def> = self.world.members_of(def).collect();
                let parameters = fields.into_iter().map(|it| self.declared_type(it)).collect();
                let of = match self.world.kind(def) {
                    ItemKind::Variant { .. } => self.world.parent(def).unwrap_or(def),
                    _ => def,
                };
                Function { parameters, output: self.own_type(of) }
            }
            _ => Function { parameters: Vec::new(), output: Types::UNKNOWN },
        }
    }

    /// `impl Future<Output = output>`.
    pub(super) fn future_of(&mut self, output: Ty) -> Ty {
        let Some(of) = self.world.lang(Name::of("Future")) else { return Types::UNKNOWN };
        let bindings = vec![(Name::OUTPUT, output)];
        let bound = Bound { of: Binding::Def(of), arguments: Types::NONE, bindings };
        let bounds = self.types.make_bounds(vec![bound]);
        self.types.make(Kind::Opaque(bounds))
    }

    /// All parameters that the item's signature may mention.
    fn parameters_of(&mut self, def: Def) -> Vec<Ty> {
        let mut found = Vec::new();
        for owner in generic_owners(self.world, def) {
            for at in 0..self.world.item(owner).generics.parameters.len {
                found.push(self.types.make(Kind::Parameter(owner, at)));
            }
            if let ItemKind::Trait { .. } = self.world.kind(owner) {
                found.push(self.types.make(Kind::SelfOf(owner)));
            }
        }
        found
    }

    /// Gives every parameter of the item a variable that has no type yet.
    pub(super) fn complete(&mut self, def: Def, with: &mut Substitution) {
        for parameter in self.parameters_of(def) {
            if with.get(parameter).is_none() {
                let variable = self.types.variable();
                with.add(parameter, variable);
            }
        }
    }

    /// The type of the item itself, as a value.
    pub(super) fn item_type(&mut self, def: Def, with: &Substitution) -> Ty {
        let parameters = self.parameters_of(def);
        let list: Vec<Ty> =
            parameters.into_iter().map(|it| with.get(it).unwrap_or(Types::UNKNOWN)).collect();
        let list = self.types.list(&list);
        self.types.make(Kind::Item(def, list))
    }

    pub(super) fn item_substitution(&mut self, def: Def, list: Tys) -> Substitution {
        let parameters = self.parameters_of(def);
        let list = self.types.of(list).to_vec();
        Substitution(parameters.into_iter().zip(list).collect())
    }

    /// Parameters and output of an item as a value.
    pub(super) fn item_call(&mut self, def: Def, list: Tys) -> (Vec<Ty>, Ty) {
        let with = self.item_substitution(def, list);
        let function = self.function(def);
        let parameters =
            function.parameters.iter().map(|ty| self.types.apply(*ty, &with)).collect();
        (parameters, self.types.apply(function.output, &with))
    }

    /// Binds the parameters of a body; what its value must be.
    pub(super) fn open_body(&mut self, site: &Site<'_>, body: &Body) -> Ty {
        let owner = body.owner.and(site.owner).filter(|_| body.is_value);
        let Some(owner) = owner else { return self.types.variable() };
        match self.world.kind(owner) {
            ItemKind::Function(signature) => {
                let function = self.function(owner);
                if let Some(at) = body.self_at {
                    let ty = function.parameters.first().copied().unwrap_or(Types::UNKNOWN);
                    let declared = Site::of_item(self.world, owner);
                    let depth = Some(depth_of_self(&declared, &signature));
                    self.locals.push(Local { name: Name::SELF_VALUE, at, ty, depth });
                }
                let skip = usize::from(signature.has_self);
                let patterns: Vec<PatId> = body.parameters.of(&site.syntax.pattern_lists).to_vec();
                let declared = Site::of_item(self.world, owner);
                let written = signature.parameters.of(&declared.syntax.type_lists);
                for (at, pattern) in patterns.into_iter().enumerate() {
                    let ty = function.parameters.get(at + skip).copied();
                    self.pattern(site, pattern, ty.unwrap_or(Types::UNKNOWN));
                    let depth = |ty: &TypeId| depth_of_type(declared.syntax, declared.names, *ty);
                    self.note_depth(site, pattern, written.get(at).map(depth));
                }
                if signature.is_async {
                    return self.inner_output(function.output);
                }
                function.output
            }
            ItemKind::Const(_) | ItemKind::Static(_) => self.declared_type(owner),
            _ => self.types.variable(),
        }
    }

    fn inner_output(&mut self, future: Ty) -> Ty {
        match self.types.kind(future) {
            Kind::Opaque(bounds) => {
                let bound = self.types.bounds(bounds).first();
                bound.and_then(|it| it.bindings.first()).map_or(Types::UNKNOWN, |it| it.1)
            }
            _ => Types::UNKNOWN,
        }
    }
}
