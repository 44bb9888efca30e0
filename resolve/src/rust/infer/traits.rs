//! Traits: who implements them, what their associated types are, what bounds promise.

use super::super::items::ItemKind;
use super::super::name::Name;
use super::super::world::{Binding, Def, ImplId, Key};
use super::Resolver;
use super::late::Late;
use super::site::{Site, generic_owners};
use super::types::{Bound, Kind, Substitution, Ty, Types};

/// Deepest chain of impls that need other impls.
const MAX_PROOF: u32 = 6;

impl<'a> Resolver<'a> {
    /// Fresh variables for the generics that an item itself declares.
    pub(super) fn fresh(&mut self, def: Def, with: &mut Substitution) {
        for at in 0..self.world.item(def).generics.parameters.len {
            let parameter = self.types.make(Kind::Parameter(def, at));
            if with.get(parameter).is_none() {
                let variable = self.types.variable();
                with.add(parameter, variable);
            }
        }
    }

    /// The type behind variables and projections.
    pub(super) fn shallow(&mut self, ty: Ty) -> Ty {
        let mut ty = self.types.found(ty);
        for _ in 0..8 {
            let Kind::Projection(inner, of, name) = self.types.kind(ty) else { return ty };
            match self.normalized(inner, of, name) {
                Some(next) if next != ty => ty = self.types.found(next),
                _ => return ty,
            }
        }
        ty
    }

    /// What the parameters of an impl stand for that is known to be for `ty`.
    fn matched_surely(&mut self, id: ImplId, ty: Ty) -> Substitution {
        let def = self.world.impls.all[id.0 as usize].def;
        let mut with = Substitution::default();
        self.fresh(def, &mut with);
        let own = self.impl_type(def);
        let own = self.types.apply(own, &with);
        self.types.unify(own, ty);
        with
    }

    /// What the parameters of an impl stand for when it is for `ty`.
    pub(super) fn matched(&mut self, id: ImplId, ty: Ty) -> Option<Substitution> {
        let found = &self.world.impls.all[id.0 as usize];
        let (def, key) = (found.def, found.key);
        let mut with = Substitution::default();
        self.fresh(def, &mut with);
        let own = self.impl_type(def);
        let own = self.types.apply(own, &with);
        let own = self.shallow(own);
        if !self.types.unify(own, ty) {
            return None;
        }
        if key == Key::Any && !self.bounds_hold(def, &with) {
            return None;
        }
        Some(with)
    }

    /// Whether the bounds of an impl for all types hold, as far as they can be seen.
    fn bounds_hold(&mut self, def: Def, with: &Substitution) -> bool {
        if self.proof >= MAX_PROOF {
            return false;
        }
        self.proof += 1;
        let bounds = self.declared_bounds(def);
        // What associated types are bound to tells what other parameters are.
        for (ty, bound) in bounds.iter().filter(|(_, bound)| !bound.bindings.is_empty()) {
            let (ty, bound) = (self.types.apply(*ty, with), self.types.apply_bound(bound, with, 0));
            let Binding::Def(of) = bound.of else { continue };
            for (name, expected) in &bound.bindings {
                if !self.is_fn_trait(of)
                    && let Some(found) = self.normalized(ty, Some(of), *name)
                {
                    self.types.unify(*expected, found);
                }
            }
        }
        let holds = bounds.iter().all(|(ty, bound)| match bound.of {
            Binding::Def(of) => {
                let ty = self.types.apply(*ty, with);
                let is_marker = self.world.is_std(of) && self.world.members_of(of).next().is_none();
                is_marker || self.implements(ty, of)
            }
            Binding::Foreign(_, name) => {
                let ty = self.types.apply(*ty, with);
                self.implements_foreign(ty, name)
            }
            Binding::Module(_) => false,
        });
        self.proof -= 1;
        holds
    }

    /// Whether the tree says that the type implements a trait of another package. Packages show
    /// each other's traits, so that the trait's own name is what counts.
    fn implements_foreign(&mut self, ty: Ty, name: Name) -> bool {
        let ty = self.shallow(ty);
        let is_meant = |of: &Binding| matches!(of, Binding::Foreign(_, other) if *other == name);
        if self.is_placeholder(ty) {
            return self.bounds_of(ty).iter().any(|bound| is_meant(&bound.of));
        }
        let Kind::Adt(def, _) = self.types.kind(ty) else { return false };
        let impls = &self.world.impls;
        let derived = impls.derived.get(&def).into_iter().flatten();
        let written = impls.by_key.get(&Key::Def(def)).into_iter().flatten();
        let mut written = written.filter_map(|id| impls.all[id.0 as usize].of.as_ref());
        derived.into_iter().any(is_meant) || written.any(is_meant)
    }

    /// All bounds an item's generics and `where` clause declare.
    pub(super) fn declared_bounds(&mut self, def: Def) -> std::rc::Rc<[(Ty, Bound)]> {
        if let Some(known) = self.declared.get(&def) {
            return known.clone();
        }
        self.declared.insert(def, std::rc::Rc::new([]));
        self.declaring += 1;
        let unit = self.world.unit_of(def);
        let site = Site::of_item(self.world, def);
        let generics = self.world.item(def).generics;
        let was_in_body = std::mem::replace(&mut self.in_body, false);
        let mut found = Vec::new();
        for (at, generic) in generics.parameters.of(&unit.items().generics).iter().enumerate() {
            let parameter = self.types.make(Kind::Parameter(def, at as u32));
            for bound in generic.bounds.of(&site.syntax.type_lists) {
                found.extend(self.lower_bound(&site, *bound).map(|bound| (parameter, bound)));
            }
        }
        for predicate in generics.predicates.of(&unit.items().predicates) {
            let ty = self.lower(&site, predicate.ty);
            for bound in predicate.bounds.of(&site.syntax.type_lists) {
                found.extend(self.lower_bound(&site, *bound).map(|bound| (ty, bound)));
            }
        }
        self.in_body = was_in_body;
        self.declaring -= 1;
        let found: std::rc::Rc<[(Ty, Bound)]> = found.into();
        self.declared.insert(def, found.clone());
        found
    }

    /// An impl of the trait for the type.
    pub(super) fn find_impl(&mut self, ty: Ty, of: Def) -> Option<(ImplId, Substitution)> {
        if self.proof >= MAX_PROOF {
            return None;
        }
        let ty = self.types.found(ty);
        let question = (self.owner, ty, of);
        if let Some(known) = self.known_impls.get(&question) {
            let id = (*known)?;
            return Some((id, self.matched_surely(id, ty)));
        }
        let found = self.find_impl_now(ty, of);
        // Deep inside a proof an answer may be no only because the proof was cut.
        if !self.types.has_variables(ty) && (found.is_some() || self.proof <= 1) {
            self.known_impls.insert(question, found.as_ref().map(|(id, _)| *id));
        }
        found
    }

    fn find_impl_now(&mut self, ty: Ty, of: Def) -> Option<(ImplId, Substitution)> {
        let world = self.world;
        for key in [self.key(ty), Key::Any] {
            let list = world.impls.by_trait.get(&(Binding::Def(of), key));
            for id in list.into_iter().flatten() {
                if !world.sees(self.krate, world.impls.all[id.0 as usize].krate) {
                    continue;
                }
                self.proof += 1;
                let found = self.matched(*id, ty);
                self.proof -= 1;
                if let Some(with) = found {
                    return Some((*id, with));
                }
            }
        }
        None
    }

    /// Whether the type derives the trait.
    pub(super) fn derives(&self, ty: Ty, of: Def) -> bool {
        let Kind::Adt(def, _) = self.types.kind(ty) else { return false };
        let derived = self.world.impls.derived.get(&def);
        derived.is_some_and(|list| list.contains(&Binding::Def(of)))
    }

    pub(super) fn implements(&mut self, ty: Ty, of: Def) -> bool {
        let ty = self.shallow(ty);
        match self.types.kind(ty) {
            Kind::Unknown | Kind::Variable(_) => return false,
            Kind::Closure(_) | Kind::Item(..) | Kind::Function(..) if self.is_fn_trait(of) => {
                return true;
            }
            Kind::Parameter(..)
            | Kind::SelfOf(_)
            | Kind::Projection(..)
            | Kind::Dyn(_)
            | Kind::Opaque(_) => {
                let bounds = self.bounds_of(ty);
                if bounds.iter().any(|bound| bound.of == Binding::Def(of)) {
                    return true;
                }
            }
            _ => {}
        }
        if self.derives(ty, of) {
            return true;
        }
        let mark = self.types.mark();
        let found = self.find_impl(ty, of).is_some();
        self.types.undo(mark);
        found
    }

    pub(super) fn is_fn_trait(&self, of: Def) -> bool {
        self.world.is_std(of)
            && [Name::FN, Name::FN_MUT, Name::FN_ONCE].contains(&self.world.name_of(of))
    }

    /// The bounds that hold for a parameter, `Self`, an opaque or a projected type here, with
    /// those of the traits above.
    pub(super) fn bounds_of(&mut self, ty: Ty) -> std::rc::Rc<[Bound]> {
        let owner = self.owner;
        if let Some(known) = self.known_bounds.get(&(owner, ty)) {
            return known.clone();
        }
        self.known_bounds.insert((owner, ty), std::rc::Rc::new([]));
        let mut found = self.direct_bounds(ty);
        let mut at = 0;
        while at < found.len() && found.len() < 32 {
            let bound = found[at].clone();
            for above in self.super_bounds(ty, &bound) {
                if !found.contains(&above) {
                    found.push(above);
                }
            }
            at += 1;
        }
        let found: std::rc::Rc<[Bound]> = found.into();
        let is_settled =
            !self.types.has_variables(ty) || !matches!(self.types.kind(ty), Kind::Projection(..));
        if is_settled && self.declaring == 0 {
            self.known_bounds.insert((owner, ty), found.clone());
        } else {
            self.known_bounds.remove(&(owner, ty));
        }
        found
    }

    fn direct_bounds(&mut self, ty: Ty) -> Vec<Bound> {
        let mut found = match self.types.kind(ty) {
            Kind::Dyn(bounds) | Kind::Opaque(bounds) => return self.types.bounds(bounds).to_vec(),
            Kind::SelfOf(of) => vec![self.own_bound(of)],
            Kind::Projection(inner, of, name) => self.item_bounds(inner, of, name),
            _ => Vec::new(),
        };
        let mut owners =
            self.owner.map_or_else(Vec::new, |owner| generic_owners(self.world, owner));
        match self.types.kind(ty) {
            Kind::Parameter(def, _) | Kind::SelfOf(def) if !owners.contains(&def) => {
                owners.push(def);
            }
            _ => {}
        }
        for owner in owners {
            for (of, bound) in self.declared_bounds(owner).iter() {
                if *of == ty && !found.contains(bound) {
                    found.push(bound.clone());
                }
            }
        }
        found
    }

    /// A trait as a bound on its own `Self`.
    pub(super) fn own_bound(&mut self, of: Def) -> Bound {
        let count = self.world.item(of).generics.parameters.len;
        let own: Vec<Ty> = (0..count).map(|at| self.types.make(Kind::Parameter(of, at))).collect();
        let arguments = self.types.list(&own);
        Bound { of: Binding::Def(of), arguments, bindings: Vec::new() }
    }

    /// The bounds that a trait declares on an associated type.
    fn item_bounds(&mut self, inner: Ty, of: Option<Def>, name: Name) -> Vec<Bound> {
        let of = match of {
            Some(of) => Some(of),
            None => self.bounds_of(inner).iter().find_map(|bound| match bound.of {
                Binding::Def(def) => self.world.member(def, name).map(|_| def),
                _ => None,
            }),
        };
        let Some((of, member)) = of.and_then(|of| Some((of, self.world.member(of, name)?))) else {
            return Vec::new();
        };
        let ItemKind::Alias { bounds, .. } = self.world.kind(member) else { return Vec::new() };
        let site = Site::of_item(self.world, member);
        let mut with = Substitution::default();
        with.add(self.types.make(Kind::SelfOf(of)), inner);
        let mut found = Vec::new();
        for bound in bounds.of(&site.syntax.type_lists) {
            if let Some(bound) = self.lower_bound(&site, *bound) {
                found.push(self.types.apply_bound(&bound, &with, 0));
            }
        }
        found
    }

    /// The traits that a bound's trait requires, seen from `ty`.
    fn super_bounds(&mut self, ty: Ty, bound: &Bound) -> Vec<Bound> {
        let Binding::Def(of) = bound.of else { return Vec::new() };
        let ItemKind::Trait { supers, .. } = self.world.kind(of) else { return Vec::new() };
        let site = Site::of_item(self.world, of);
        let with = self.bound_substitution(ty, bound);
        let mut found = Vec::new();
        for above in supers.of(&site.syntax.type_lists) {
            if let Some(above) = self.lower_bound(&site, *above) {
                let mut above = self.types.apply_bound(&above, &with, 0);
                // `dyn Iterator<Item = T>` binds what the trait above declares, too.
                for binding in &bound.bindings {
                    if let Binding::Def(def) = above.of
                        && self.world.member(def, binding.0).is_some()
                    {
                        above.bindings.push(*binding);
                    }
                }
                found.push(above);
            }
        }
        found
    }

    /// What `Self` and the parameters of a bound's trait stand for.
    pub(super) fn bound_substitution(&mut self, ty: Ty, bound: &Bound) -> Substitution {
        let mut with = Substitution::default();
        if let Binding::Def(of) = bound.of {
            with.add(self.types.make(Kind::SelfOf(of)), ty);
            for at in 0..self.types.of(bound.arguments).len() {
                let to = self.types.of(bound.arguments)[at];
                with.add(self.types.make(Kind::Parameter(of, at as u32)), to);
            }
        }
        with
    }

    /// `<ty as of>::name`.
    pub(super) fn project(&mut self, ty: Ty, of: Option<Def>, name: Name) -> Ty {
        match self.normalized(ty, of, name) {
            Some(found) => found,
            None => self.types.make(Kind::Projection(ty, of, name)),
        }
    }

    /// What an associated type is; none while the type is not known enough.
    pub(super) fn normalized(&mut self, ty: Ty, of: Option<Def>, name: Name) -> Option<Ty> {
        if self.depth > 40 || self.proof >= MAX_PROOF {
            return None;
        }
        self.depth += 1;
        let ty = self.shallow(ty);
        let question = (self.owner, ty, of, name);
        let is_settled = !self.types.has_variables(ty);
        let found = match self.known_projections.get(&question).filter(|_| is_settled) {
            Some(known) => *known,
            None => {
                let found = self.normalized_now(ty, of, name);
                if is_settled && self.declaring == 0 && (found.is_some() || self.proof <= 1) {
                    self.known_projections.insert(question, found);
                }
                found
            }
        };
        self.depth -= 1;
        found
    }

    /// The trait that declares the associated type `ty::name`, as far as bounds on `ty` tell.
    pub(super) fn trait_declaring(&mut self, ty: Ty, name: Name) -> Option<Def> {
        if !self.is_placeholder(ty) {
            return None;
        }
        self.bounds_of(ty).iter().find_map(|bound| match bound.of {
            Binding::Def(of) => self.world.member(of, name).map(|_| of),
            _ => None,
        })
    }

    /// Whether only bounds tell what the type is.
    pub(super) fn is_placeholder(&self, ty: Ty) -> bool {
        matches!(
            self.types.kind(ty),
            Kind::Parameter(..)
                | Kind::SelfOf(_)
                | Kind::Projection(..)
                | Kind::Dyn(_)
                | Kind::Opaque(_)
        )
    }

    fn normalized_now(&mut self, ty: Ty, of: Option<Def>, name: Name) -> Option<Ty> {
        match self.types.kind(ty) {
            Kind::Unknown => return Some(Types::UNKNOWN),
            Kind::Variable(_) => return None,
            Kind::Closure(at) if name == Name::OUTPUT => {
                return Some(self.types.closures[at as usize].output);
            }
            Kind::Function(_, output) if name == Name::OUTPUT => return Some(output),
            Kind::Parameter(..)
            | Kind::SelfOf(_)
            | Kind::Dyn(_)
            | Kind::Opaque(_)
            | Kind::Projection(..) => {
                let bounds = self.bounds_of(ty);
                let bound = bounds.iter().flat_map(|bound| &bound.bindings);
                if let Some((_, found)) = bound.into_iter().find(|(bound, _)| *bound == name) {
                    return Some(*found);
                }
            }
            _ => {}
        }
        match of {
            Some(of) => self.associated(ty, of, name),
            None if self.is_placeholder(ty) => {
                let of = self.trait_declaring(ty, name)?;
                self.associated(ty, of, name)
            }
            None => self.associated_anywhere(ty, name),
        }
    }

    fn associated(&mut self, ty: Ty, of: Def, name: Name) -> Option<Ty> {
        let (id, with) = self.find_impl(ty, of)?;
        let def = self.world.impls.all[id.0 as usize].def;
        let member = self.world.members_of(def).find(|it| self.world.name_of(*it) == name);
        let member = member.or_else(|| self.world.member(of, name))?;
        let ItemKind::Alias { ty: Some(alias), .. } = self.world.kind(member) else { return None };
        let found = self.alias_type(member, alias);
        let mut with = with;
        with.add(self.types.make(Kind::SelfOf(of)), ty);
        Some(self.types.apply(found, &with))
    }

    fn associated_anywhere(&mut self, ty: Ty, name: Name) -> Option<Ty> {
        let world = self.world;
        for key in [self.key(ty), Key::Any] {
            for (id, member) in world.impls.members.get(&(key, name)).into_iter().flatten() {
                let ItemKind::Alias { ty: Some(alias), .. } = world.kind(*member) else { continue };
                if !world.sees(self.krate, world.impls.all[id.0 as usize].krate) {
                    continue;
                }
                self.proof += 1;
                let with = self.matched(*id, ty);
                self.proof -= 1;
                if let Some(with) = with {
                    let found = self.alias_type(*member, alias);
                    return Some(self.types.apply(found, &with));
                }
            }
        }
        None
    }

    /// What an associated type of an impl is, in terms of the impl's parameters.
    fn alias_type(&mut self, member: Def, ty: super::super::syntax::TypeId) -> Ty {
        if let Some(known) = self.declared_types.get(&member) {
            return *known;
        }
        let site = Site::of_item(self.world, member);
        let found = self.lower_outside(&site, ty);
        if self.declaring == 0 {
            self.declared_types.insert(member, found);
        }
        found
    }

    /// A type in a signature: its unknown parts stay unknown.
    pub(super) fn lower_outside(
        &mut self,
        site: &Site<'_>,
        ty: super::super::syntax::TypeId,
    ) -> Ty {
        let before = std::mem::replace(&mut self.in_body, false);
        let found = self.lower(site, ty);
        self.in_body = before;
        found
    }

    /// What `*value` is, beside references.
    pub(super) fn dereferenced(&mut self, ty: Ty) -> Option<Ty> {
        match self.types.kind(ty) {
            Kind::Adt(..) | Kind::Parameter(..) | Kind::SelfOf(_) | Kind::Opaque(_) => {}
            Kind::Projection(..) => {}
            _ => return None,
        }
        let of = self.world.lang(Name::of("Deref"))?;
        if !self.implements(ty, of) {
            return None;
        }
        let found = self.normalized(ty, Some(of), Name::TARGET)?;
        let found = self.shallow(found);
        (found != ty).then_some(found)
    }

    /// Uses a bound to learn about types; whether there is nothing more to learn.
    pub(super) fn learn(&mut self, ty: Ty, bound: &Bound) -> bool {
        let ty = self.shallow(ty);
        let Binding::Def(of) = bound.of else { return true };
        if let Kind::Variable(_) = self.types.kind(ty) {
            return false;
        }
        if self.is_fn_trait(of) {
            self.learn_call(ty, bound);
            return true;
        }
        for (name, expected) in &bound.bindings {
            match self.normalized(ty, Some(of), *name) {
                Some(found) => {
                    self.types.unify(*expected, found);
                }
                None => return false,
            }
        }
        if !self.types.of(bound.arguments).is_empty() {
            self.learn_arguments(ty, of, bound);
        }
        true
    }

    fn learn_call(&mut self, ty: Ty, bound: &Bound) {
        let inputs = self.types.of(bound.arguments).first().copied();
        let output = bound.bindings.first().map(|(_, output)| *output);
        let Some((parameters, found)) = self.callable(ty) else { return };
        if let Some(Kind::Tuple(list)) = inputs.map(|inputs| self.types.kind(inputs)) {
            let list = self.types.of(list).to_vec();
            for (expected, given) in list.iter().zip(&parameters) {
                self.types.unify(*expected, *given);
            }
        }
        if let Some(output) = output {
            self.types.unify(output, found);
        }
    }

    /// Unifies the arguments of a trait with those of the only impl that fits.
    fn learn_arguments(&mut self, ty: Ty, of: Def, bound: &Bound) {
        let world = self.world;
        let mut fitting = Vec::new();
        for key in [self.key(ty), Key::Any] {
            let list = world.impls.by_trait.get(&(Binding::Def(of), key));
            for id in list.into_iter().flatten() {
                let mark = self.types.mark();
                if self.fits(*id, ty, bound) {
                    fitting.push(*id);
                }
                self.types.undo(mark);
                if fitting.len() > 1 {
                    return;
                }
            }
        }
        if let [only] = fitting[..]
            && let Some(with) = self.fitted(only, ty, bound)
        {
            // What the impl itself requires: `Result<V, E>` collects what `V` does.
            let def = world.impls.all[only.0 as usize].def;
            for (ty, bound) in self.required(def, &with) {
                if self.types.has_variables(ty) {
                    self.late.push(Late::Bound { ty, bound });
                }
            }
        }
    }

    pub(super) fn fits(&mut self, id: ImplId, ty: Ty, bound: &Bound) -> bool {
        self.fitted(id, ty, bound).is_some()
    }

    /// What the parameters of an impl stand for when it is one of this bound for the type.
    pub(super) fn fitted(&mut self, id: ImplId, ty: Ty, bound: &Bound) -> Option<Substitution> {
        let def = self.world.impls.all[id.0 as usize].def;
        self.proof += 1;
        let with = self.matched(id, ty);
        self.proof -= 1;
        let with = with?;
        let own = self.impl_bound(def)?;
        let own = self.types.apply_bound(&own, &with, 0);
        let (a, b) =
            (self.types.of(own.arguments).to_vec(), self.types.of(bound.arguments).to_vec());
        let fits = a.iter().zip(&b).all(|(a, b)| {
            let (a, b) = (self.shallow(*a), self.shallow(*b));
            self.types.unify(a, b)
        });
        fits.then_some(with)
    }

    /// Whether what an impl requires of its parameters holds, as far as is known.
    pub(super) fn requirements_hold(
        &mut self,
        id: ImplId,
        with: &Substitution,
        level: u32,
    ) -> bool {
        let def = self.world.impls.all[id.0 as usize].def;
        self.declared_bounds(def).iter().all(|(ty, bound)| {
            let ty = self.types.apply(*ty, with);
            let bound = self.types.apply_bound(bound, with, 0);
            self.may_hold(ty, &bound, level)
        })
    }

    /// Whether a bound may hold for a type, its arguments included.
    fn may_hold(&mut self, ty: Ty, bound: &Bound, level: u32) -> bool {
        let ty = self.shallow(ty);
        let Binding::Def(of) = bound.of else { return true };
        if level > 2 || matches!(self.types.kind(ty), Kind::Unknown | Kind::Variable(_)) {
            return true;
        }
        let world = self.world;
        // `T: Into<U>` is `U: From<T>`.
        if world.lang(Name::of("Into")) == Some(of)
            && let Some(from) = world.lang(Name::of("From"))
            && let [into] = *self.types.of(bound.arguments)
        {
            let (into, arguments) = (self.shallow(into), self.types.list(&[ty]));
            let bound = Bound { of: Binding::Def(from), arguments, bindings: Vec::new() };
            return into == ty || self.may_hold(into, &bound, level);
        }
        let is_told = match self.types.kind(ty) {
            Kind::Adt(def, _) => !world.is_std(def),
            _ => !world.is_std(of),
        };
        if !is_told || self.is_fn_trait(of) || self.derives(ty, of) || self.is_placeholder(ty) {
            return true;
        }
        let mut tried = 0;
        for key in [self.key(ty), Key::Any] {
            for id in world.impls.by_trait.get(&(bound.of, key)).into_iter().flatten() {
                let mark = self.types.mark();
                let with = self.fitted(*id, ty, bound);
                let holds = with.is_some_and(|with| self.requirements_hold(*id, &with, level + 1));
                self.types.undo(mark);
                if holds {
                    return true;
                }
                tried += 1;
            }
        }
        tried == 0 && world.is_std(of) && world.members_of(of).next().is_none()
    }

    /// The method that a call with this name means whatever it is called on: one trait in scope has
    /// it, with one impl, and no type itself.
    pub(super) fn only_method(&mut self, name: Name) -> Option<Def> {
        let world = self.world;
        let [(of, member)] = world.impls.in_traits.get(&name)?[..] else { return None };
        let is_method = matches!(world.kind(member), ItemKind::Function(it) if it.has_self);
        if !is_method || world.is_std(of) || !self.traits_in_scope().contains(&of) {
            return None;
        }
        if let Some(known) = self.only_impls.get(&member) {
            return *known;
        }
        let named = |def: Def| world.members_of(def).find(|it| world.name_of(*it) == name);
        let mut inherent = world.impls.all.iter().filter(|it| it.is_inherent);
        let is_common = inherent.any(|it| named(it.def).is_some());
        let mut impls = world.impls.all.iter().filter(|it| it.of == Some(Binding::Def(of)));
        let only = impls.next().filter(|_| impls.next().is_none() && !is_common);
        let found = only.map(|only| named(only.def).unwrap_or(member));
        self.only_impls.insert(member, found);
        found
    }

    /// The trait of an impl with its arguments.
    pub(super) fn impl_bound(&mut self, def: Def) -> Option<Bound> {
        let ItemKind::Impl { of: Some(of), .. } = self.world.kind(def) else { return None };
        let site = Site::of_item(self.world, def);
        let before = std::mem::replace(&mut self.in_body, false);
        let found = self.lower_bound(&site, of);
        self.in_body = before;
        found
    }
}
