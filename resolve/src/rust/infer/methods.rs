//! Methods and fields by the type before the dot.

use super::super::items::ItemKind;
use super::super::name::Name;
use super::super::world::{Binding, Def, ImplId};
use super::Resolver;
use super::site::Site;
use super::types::{Kind, Substitution, Ty, Types};

/// What a name after a dot means.
pub(super) enum Pick {
    /// An item of the tree or of the known part of the standard library.
    Found { def: Def, with: Substitution },
    /// A member of a trait that the type implements more than once, with different arguments:
    /// which impl's, the types of the call tell.
    Open { of: Def, def: Def, with: Substitution },
    /// Something of a package outside the tree.
    Foreign(Name),
    /// A view of the value itself, as pins give.
    View(Ty),
    /// The type is not known yet.
    Unknown,
    /// The type has no such member.
    Missing,
}

/// Whether the trait of a method can be named where the method is.
#[derive(Clone, Copy)]
enum Reach {
    InScope,
    OutOfScope,
}

const PIN: Name = Name::of("Pin");

/// The struct that a macro makes of another one to show it through a pin, with the same fields.
const PROJECTION: Name = Name::of("PinProjection");

/// Longest chain of `Deref` that is followed.
const MAX_DEREF: u32 = 8;

impl<'a> Resolver<'a> {
    /// The method `name` of a value of type `ty`.
    pub(super) fn method(&mut self, ty: Ty, name: Name) -> Pick {
        // Of a trait that is not in scope: meant only when nothing behind `Deref` is. Imports that
        // macros write are not all seen.
        let mut out_of_scope = None;
        let found = self.look(ty, |this, ty| match this.method_of(ty, name, true)? {
            (found, Reach::InScope) => Some(found),
            (found, Reach::OutOfScope) => {
                out_of_scope.get_or_insert(found);
                None
            }
        });
        match found {
            missing @ (Pick::Missing | Pick::Foreign(_)) => {
                match (out_of_scope, self.view(ty, name)) {
                    (Some(found), _) => found,
                    (None, Some(inner)) => Pick::View(inner),
                    (None, None) => match (&missing, self.only_method(name)) {
                        (Pick::Foreign(_), Some(def)) => {
                            Pick::Found { def, with: Substitution::default() }
                        }
                        _ => self.common_method(ty, name).unwrap_or(missing),
                    },
                }
            }
            found => found,
        }
    }

    /// What a method gives that shows a value through a pin. That the fields of a projection are
    /// pinned themselves is left out, like references.
    fn view(&mut self, ty: Ty, name: Name) -> Option<Ty> {
        const PROJECTIONS: [Name; 2] = [Name::of("project"), Name::of("project_ref")];
        const PINS: [Name; 4] =
            [Name::of("as_mut"), Name::of("as_ref"), Name::of("get_mut"), Name::of("get_ref")];
        let mut ty = self.shallow(ty);
        let pin = self.world.lang(Name::of("Pin"))?;
        while let Kind::Adt(def, _) = self.types.kind(ty)
            && def == pin
        {
            ty = self.dereferenced(ty)?;
        }
        let is_own = match self.types.kind(ty) {
            Kind::Adt(def, _) => !self.world.is_std(def),
            _ => self.is_placeholder(ty),
        };
        if !is_own {
            return None;
        }
        if PROJECTIONS.contains(&name) {
            let is_enum = matches!(self.types.kind(ty), Kind::Adt(def, _)
                if matches!(self.world.kind(def), ItemKind::Enum { .. }));
            let of = self.world.lang(PROJECTION)?;
            let list = self.types.list(&[ty]);
            return Some(if is_enum { ty } else { self.types.make(Kind::Adt(of, list)) });
        }
        PINS.contains(&name).then_some(ty)
    }

    /// A method of a trait of the standard library: which types have it is not written down
    /// everywhere, but when nothing nearer has the name it is the one that is meant.
    fn common_method(&mut self, ty: Ty, name: Name) -> Option<Pick> {
        let known = self.world.impls.in_traits.get(&name)?;
        let (of, def) = *known
            .iter()
            .find(|(of, def)| self.world.is_std(*of) && self.is_callable(*def, true))?;
        let receiver = self.shallow(ty);
        let mut with = Substitution::default();
        with.add(self.types.make(Kind::SelfOf(of)), receiver);
        Some(Pick::Found { def, with })
    }

    /// The associated function, constant or type `Type::name`.
    pub(super) fn associated_item(&mut self, ty: Ty, name: Name) -> Pick {
        let ty = self.shallow(ty);
        match self.types.kind(ty) {
            Kind::Unknown | Kind::Variable(_) => Pick::Unknown,
            _ => match self.method_of(ty, name, false) {
                Some((found, _)) => found,
                None if self.is_placeholder(ty) => {
                    let bounds = self.bounds_of(ty);
                    let foreign = bounds.iter().find_map(|bound| match bound.of {
                        Binding::Foreign(package, _) => Some(package),
                        _ => None,
                    });
                    foreign.map_or(Pick::Missing, Pick::Foreign)
                }
                None => self.missing(ty),
            },
        }
    }

    fn missing(&self, ty: Ty) -> Pick {
        match self.types.kind(ty) {
            Kind::Foreign(package, ..) => Pick::Foreign(package),
            Kind::Adt(def, _) if self.world.is_std(def) => Pick::Foreign(Name::STD),
            Kind::Primitive(_) | Kind::Slice(_) | Kind::Tuple(_) | Kind::Function(..) => {
                Pick::Foreign(Name::STD)
            }
            _ => Pick::Missing,
        }
    }

    fn look(&mut self, ty: Ty, mut look: impl FnMut(&mut Self, Ty) -> Option<Pick>) -> Pick {
        let mut ty = self.shallow(ty);
        let first = ty;
        for _ in 0..MAX_DEREF {
            if matches!(self.types.kind(ty), Kind::Unknown | Kind::Variable(_) | Kind::Never) {
                return Pick::Unknown;
            }
            if let Some(found) = look(self, ty) {
                return found;
            }
            match self.dereferenced(ty) {
                Some(next) => ty = next,
                None => break,
            }
        }
        match self.missing(ty) {
            Pick::Missing => self.missing(first),
            other => other,
        }
    }

    fn is_callable(&self, def: Def, needs_self: bool) -> bool {
        match self.world.kind(def) {
            ItemKind::Function(signature) => signature.has_self || !needs_self,
            ItemKind::Const(_) | ItemKind::Alias { .. } => !needs_self,
            _ => false,
        }
    }

    /// A member without looking through `Deref`.
    fn method_of(&mut self, ty: Ty, name: Name, needs_self: bool) -> Option<(Pick, Reach)> {
        let world = self.world;
        let key = self.key(ty);
        // A pin has its own methods, then those of what it holds: traits take it as `self`.
        let is_pin = matches!(self.types.kind(ty), Kind::Adt(def, _)
            if needs_self && self.world.lang(PIN) == Some(def));
        let own = world.impls.members.get(&(key, name)).map_or(&[][..], |list| list);
        for (id, def) in own {
            let found = &world.impls.all[id.0 as usize];
            if found.is_inherent
                && world.sees(self.krate, found.krate)
                && self.is_callable(*def, needs_self)
                && let Some(with) = self.matched(*id, ty)
            {
                return Some((Pick::Found { def: *def, with }, Reach::InScope));
            }
        }
        if is_pin {
            return None;
        }
        if let Some(found) = self.bound_method(ty, name, needs_self) {
            return Some((found, Reach::InScope));
        }
        if let Some(found) = self.trait_method(ty, name, needs_self) {
            return Some(found);
        }
        self.foreign_trait_method(ty, own, needs_self)
    }

    /// A member of an impl of a trait of another package.
    fn foreign_trait_method(
        &mut self,
        ty: Ty,
        own: &[(ImplId, Def)],
        needs_self: bool,
    ) -> Option<(Pick, Reach)> {
        let mut best: Option<(i16, ImplId, Def)> = None;
        for (id, def) in own {
            let found = &self.world.impls.all[id.0 as usize];
            let is_foreign = !found.is_inherent && !matches!(found.of, Some(Binding::Def(_)));
            if !is_foreign || !self.is_callable(*def, needs_self) {
                continue;
            }
            let mark = self.types.mark();
            let fits = self.matched(*id, ty).is_some();
            self.types.undo(mark);
            let away = if needs_self { self.away(*id, Some(*def)) } else { 0 };
            if fits && best.is_none_or(|(known, ..)| away < known) {
                best = Some((away, *id, *def));
            }
        }
        let (_, id, def) = best?;
        let with = self.matched(id, ty)?;
        Some((Pick::Found { def, with }, Reach::InScope))
    }

    /// A member that a bound on the type promises.
    fn bound_method(&mut self, ty: Ty, name: Name, needs_self: bool) -> Option<Pick> {
        match self.types.kind(ty) {
            Kind::Parameter(..)
            | Kind::SelfOf(_)
            | Kind::Projection(..)
            | Kind::Dyn(_)
            | Kind::Opaque(_) => {}
            _ => return None,
        }
        let bounds = self.bounds_of(ty);
        for bound in bounds.iter() {
            let Binding::Def(of) = bound.of else { continue };
            if let Some(def) = self.world.member(of, name)
                && self.is_callable(def, needs_self)
            {
                let with = self.bound_substitution(ty, bound);
                return Some(Pick::Found { def, with });
            }
        }
        None
    }

    /// A member of a trait that the type implements: the impl's own, or the trait's.
    fn trait_method(&mut self, ty: Ty, name: Name, needs_self: bool) -> Option<(Pick, Reach)> {
        let world = self.world;
        let mut found = Vec::new();
        for (of, member) in world.impls.in_traits.get(&name).into_iter().flatten() {
            // `T::Item` is what a bound on `T` declares, never what an impl for all types does.
            let is_type = matches!(world.kind(*member), ItemKind::Alias { .. });
            if !self.is_callable(*member, needs_self)
                || is_type && self.is_placeholder(ty)
                || !world.sees(self.krate, world.unit_of(*of).krate)
            {
                continue;
            }
            if let Some(pick) = self.implemented(ty, *of, *member, name) {
                found.push((*of, pick));
            }
        }
        let in_scope = if found.is_empty() { return None } else { self.traits_in_scope() };
        let is_seen = |of: &Def| in_scope.contains(of) || world.is_std(*of);
        let best = found.iter().position(|(of, _)| in_scope.contains(of));
        // A method that forwards to its namesake means the same trait: `fmt` of `Display`.
        let around = self.trait_around();
        let best = best.or_else(|| found.iter().position(|(of, _)| Some(*of) == around));
        let best = best.or_else(|| found.iter().position(|(of, _)| is_seen(of)));
        let (of, pick) = found.swap_remove(best.unwrap_or(0));
        if is_seen(&of) {
            return Some((pick, Reach::InScope));
        }
        // What a type of another package has itself is not known: only an import tells that the
        // trait is meant.
        let is_foreign = matches!(self.types.kind(ty), Kind::Foreign(..));
        (!is_foreign || !needs_self).then_some((pick, Reach::OutOfScope))
    }

    fn implemented(&mut self, ty: Ty, of: Def, member: Def, name: Name) -> Option<Pick> {
        if self.derives(ty, of) {
            let mut with = Substitution::default();
            with.add(self.types.make(Kind::SelfOf(of)), ty);
            return Some(Pick::Found { def: member, with });
        }
        let (mut id, mut with) = self.find_impl(ty, of)?;
        if self.is_implemented_again(ty, of) {
            let mut with = Substitution::default();
            with.add(self.types.make(Kind::SelfOf(of)), ty);
            return Some(Pick::Open { of, def: member, with });
        }
        let chosen = self.by_reference(id, ty, of, name);
        if chosen != id {
            id = chosen;
            with = self.matched(id, ty)?;
        }
        let impl_def = self.world.impls.all[id.0 as usize].def;
        with.add(self.types.make(Kind::SelfOf(of)), ty);
        if let Some(own) = self.impl_bound(impl_def) {
            let own = self.types.apply_bound(&own, &with, 0);
            for (parameter, to) in self.bound_substitution(ty, &own).0 {
                with.add(parameter, to);
            }
        }
        let key = self.world.impls.all[id.0 as usize].key;
        let own = self.world.impls.members.get(&(key, name));
        // Several impls of one trait differ in its arguments, which only the call tells.
        let own = own.and_then(|list| list.iter().find(|(other, _)| *other == id));
        let def = own.map_or(member, |(_, def)| *def);
        Some(Pick::Found { def, with })
    }

    /// The trait of the impl around this place.
    fn trait_around(&self) -> Option<Def> {
        let container = self.world.container(self.owner?)?;
        let id = self.world.impls.of_def.get(&container)?;
        match self.world.impls.all[id.0 as usize].of? {
            Binding::Def(of) => Some(of),
            _ => None,
        }
    }

    /// Whether several impls of a trait with arguments are for the type.
    fn is_implemented_again(&self, ty: Ty, of: Def) -> bool {
        let impls = self.world.impls.by_trait.get(&(Binding::Def(of), self.key(ty)));
        // Types of others have impls of the library's traits that are not known.
        let is_foreign = match self.types.kind(ty) {
            Kind::Adt(def, _) => self.world.is_std(def),
            _ => true,
        };
        let least = if is_foreign && self.world.is_std(of) { 1 } else { 2 };
        impls.is_some_and(|list| list.len() >= least)
            && self.world.item(of).generics.parameters.len > 0
    }

    /// The traits that are in scope at this place.
    pub(super) fn traits_in_scope(&mut self) -> std::rc::Rc<rustc_hash::FxHashSet<Def>> {
        let module = self.module;
        if let Some(known) = self.scope_traits.get(&module) {
            return known.clone();
        }
        let mut found = rustc_hash::FxHashSet::default();
        let mut current = Some(module);
        while let Some(module) = current {
            let this = self.world.module(module);
            let defs = this.trait_candidates().filter_map(|binding| match binding {
                Binding::Def(def) => Some(def),
                _ => None,
            });
            found
                .extend(defs.filter(|def| matches!(self.world.kind(*def), ItemKind::Trait { .. })));
            current = this.parent.filter(|_| this.is_block);
        }
        let found = std::rc::Rc::new(found);
        self.scope_traits.insert(module, found.clone());
        found
    }

    /// The field `name` of a value, with its type.
    pub(super) fn field(&mut self, ty: Ty, name: Name, text: &str) -> (Pick, Ty) {
        let mut ty = self.shallow(ty);
        let first = ty;
        for _ in 0..MAX_DEREF {
            match self.types.kind(ty) {
                Kind::Unknown | Kind::Variable(_) | Kind::Never => {
                    return (Pick::Unknown, Types::UNKNOWN);
                }
                Kind::Tuple(list) => {
                    let at = text.parse::<usize>().ok();
                    let part = at.and_then(|at| self.types.of(list).get(at).copied());
                    if let Some(part) = part {
                        return (Pick::Missing, part);
                    }
                }
                // The fields of the library's pointers are not seen, those of what they hold are.
                Kind::Adt(def, list) => {
                    let is_pointer = self.world.is_std(def) && self.dereferenced(ty).is_some();
                    if !is_pointer
                        && let Some(field) = self.world.member(def, name)
                        && matches!(self.world.kind(field), ItemKind::Field(_))
                    {
                        let of = self.field_type(field, def, list);
                        let with = Substitution::default();
                        return (Pick::Found { def: field, with }, of);
                    }
                }
                _ => {}
            }
            match self.dereferenced(ty) {
                Some(next) => ty = next,
                None => break,
            }
        }
        (self.missing(first), Types::UNKNOWN)
    }

    /// The type of a field when its struct has these arguments.
    pub(super) fn field_type(&mut self, field: Def, of: Def, arguments: super::types::Tys) -> Ty {
        let ty = self.declared_type(field);
        let mut with = Substitution::default();
        for at in 0..self.types.of(arguments).len() {
            let to = self.types.of(arguments)[at];
            with.add(self.types.make(Kind::Parameter(of, at as u32)), to);
        }
        self.types.apply(ty, &with)
    }

    /// The declared type of a field, constant or static.
    pub(super) fn declared_type(&mut self, def: Def) -> Ty {
        if let Some(known) = self.declared_types.get(&def) {
            return *known;
        }
        let (ItemKind::Field(ty) | ItemKind::Const(ty) | ItemKind::Static(ty)) =
            self.world.kind(def)
        else {
            return Types::UNKNOWN;
        };
        let site = Site::of_item(self.world, def);
        let ty = self.lower_outside(&site, ty);
        self.declared_types.insert(def, ty);
        ty
    }

    /// Parameters and output of a value that can be called.
    pub(super) fn callable(&mut self, ty: Ty) -> Option<(Vec<Ty>, Ty)> {
        let mut ty = self.shallow(ty);
        for _ in 0..MAX_DEREF {
            match self.types.kind(ty) {
                Kind::Closure(at) => {
                    let closure = &self.types.closures[at as usize];
                    return Some((closure.parameters.clone(), closure.output));
                }
                Kind::Function(list, output) => {
                    return Some((self.types.of(list).to_vec(), output));
                }
                Kind::Item(def, list) => return Some(self.item_call(def, list)),
                Kind::Parameter(..) | Kind::Dyn(_) | Kind::Opaque(_) | Kind::Projection(..) => {
                    let bounds = self.bounds_of(ty);
                    let bound = bounds.iter().find(|bound| match bound.of {
                        Binding::Def(def) => self.is_fn_trait(def),
                        _ => false,
                    });
                    if let Some(bound) = bound {
                        let inputs = self.types.of(bound.arguments).first().copied();
                        let output = bound.bindings.first().map_or(Types::UNIT, |it| it.1);
                        let inputs = match inputs.map(|inputs| self.types.kind(inputs)) {
                            Some(Kind::Tuple(list)) => self.types.of(list).to_vec(),
                            _ => Vec::new(),
                        };
                        return Some((inputs, output));
                    }
                }
                _ => {}
            }
            ty = self.dereferenced(ty)?;
        }
        None
    }
}
