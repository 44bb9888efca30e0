//! Paths: what each segment refers to, and what the whole means.

use flux_core::{EdgeKind, Tier, Unresolved};

use super::super::items::ItemKind;
use super::super::name::Name;
use super::super::syntax::{Path, PathId, Segment, TypeId};
use super::super::world::{Binding, Def, Key, Namespace};
use super::Resolver;
use super::emit::Mention;
use super::late::Late;
use super::methods::Pick;
use super::site::{Site, TypeName};
use super::types::{Kind, Substitution, Ty, Types};

/// What a path means.
pub(super) enum Meaning {
    /// Something named by modules alone, or a variant.
    Binding(Binding),
    /// A member of a type, with what the type's parameters stand for.
    Member(Def, Substitution),
    Type(Ty),
    /// A function of another package of which it is known what it gives.
    Function(Ty),
    Nothing,
}

/// Functions that derives of well-known packages make: the derived trait, the name, and whether
/// they give a result.
const MADE: &[(Name, Name, bool)] = &[
    (Name::of("Parser"), Name::of("parse"), false),
    (Name::of("Parser"), Name::of("parse_from"), false),
    (Name::of("Parser"), Name::of("try_parse"), true),
    (Name::of("Parser"), Name::of("try_parse_from"), true),
    (Name::of("StructOpt"), Name::of("from_args"), false),
    (Name::of("StructOpt"), Name::of("from_iter"), false),
];

impl<'a> Resolver<'a> {
    /// The types among the arguments of a path's segments.
    fn see_arguments(&mut self, site: &Site<'_>, path: Path) {
        for segment in site.segments(path) {
            self.see_segment_arguments(site, *segment);
        }
        if let Some((ty, of)) = path.qualified {
            self.see_type(site, ty);
            if let Some(of) = of {
                self.see_type(site, of);
            }
        }
    }

    pub(super) fn see_segment_arguments(&mut self, site: &Site<'_>, segment: Segment) {
        let Some(at) = segment.arguments else { return };
        let arguments = site.syntax.arguments[at as usize];
        for ty in arguments.types.of(&site.syntax.type_lists) {
            self.see_type(site, *ty);
        }
        for (_, ty) in arguments.bindings.of(&site.syntax.bindings) {
            self.see_type(site, *ty);
        }
        if let Some(output) = arguments.output {
            self.see_type(site, output);
        }
    }

    /// Says what each segment refers to; `kind` is what the last one does with it.
    pub(super) fn see_path(
        &mut self,
        site: &Site<'_>,
        id: PathId,
        space: Namespace,
        kind: EdgeKind,
    ) -> Meaning {
        let path = site.syntax.path(id);
        self.see_arguments(site, path);
        let segments = site.segments(path);
        let names = site.path_names(path);
        if let Some((ty, of)) = path.qualified {
            return self.see_qualified(site, segments, (ty, of), kind);
        }
        let Some(first) = segments.first() else { return Meaning::Nothing };
        if names[0] == Name::SELF_TYPE {
            let Some(ty) = self.self_type(site.owner) else { return Meaning::Nothing };
            if let [_, second, ..] = segments
                && let Some(of) = self.own_trait(site.owner, names[1])
            {
                let mention = self.mention(site, second.ident);
                let (member, of) = match of {
                    Binding::Def(of) => (
                        self.world.member(of, names[1]).map_or(Binding::Def(of), Binding::Def),
                        Some(of),
                    ),
                    foreign => (foreign, None),
                };
                self.emit(mention, EdgeKind::References, Tier::Exact, member);
                let ty = self.project(ty, of, names[1]);
                return self.see_rest(site, &segments[2..], ty, kind, Tier::Exact);
            }
            return self.see_rest(site, &segments[1..], ty, kind, Tier::Exact);
        }
        if let Some((def, at)) = self.generic(site.owner, names[0]) {
            let is_type = space == Namespace::Types || segments.len() > 1;
            let is_constant = self.is_constant_generic(def, at);
            if is_type || is_constant {
                self.see_generic(site, *first, def, at);
                let ty = self.types.make(Kind::Parameter(def, at));
                return self.see_rest(site, &segments[1..], ty, kind, Tier::Exact);
            }
        }
        let mut seen = Vec::with_capacity(segments.len());
        let world = self.world;
        let (found, used) =
            world.walk(site.module, &names, space, path.is_global, |at, binding| {
                seen.push((at, binding))
            });
        if let Some(own) = self.member_of_foreign(&names, &seen) {
            seen.truncate(own.0);
            for (at, binding) in seen {
                let mention = self.mention(site, segments[at].ident);
                self.emit(mention, EdgeKind::References, Tier::Exact, binding);
            }
            return self.see_rest(site, &segments[own.0..], own.1, kind, Tier::Likely);
        }
        for (at, binding) in seen {
            let kind = if at + 1 == segments.len() { kind } else { EdgeKind::References };
            let mention = self.mention(site, segments[at].ident);
            self.emit(mention, kind, Tier::Exact, binding);
        }
        match found {
            Some(binding) if used == segments.len() => {
                self.see_bindings(site, segments[used - 1], binding);
                Meaning::Binding(binding)
            }
            Some(binding) => self.see_members(site, segments, used, binding, kind),
            None => self.see_unknown(site, segments, &names, kind),
        }
    }

    /// The type of another package whose last segment an impl of the tree declares, and the
    /// position of that segment.
    fn member_of_foreign(
        &mut self,
        names: &[Name],
        seen: &[(usize, Binding)],
    ) -> Option<(usize, Ty)> {
        let [.., (_, Binding::Foreign(package, name)), (at, _)] = *seen else { return None };
        let members = self.world.impls.members.get(&(Key::Foreign(package, name), names[at]))?;
        // An impl that forwards to the type's own function of the same name does not call itself.
        let is_seen = members.iter().any(|(id, def)| {
            self.owner != Some(*def)
                && self.world.sees(self.krate, self.world.impls.all[id.0 as usize].krate)
        });
        let ty = self.types.make(Kind::Foreign(package, name, Types::NONE));
        (is_seen && at + 1 == names.len()).then_some((at, ty))
    }

    /// The trait of the impl around `owner`, when it declares the associated type `name`: there
    /// `Self::name` means that one, whatever other traits the type has.
    pub(super) fn own_trait(&self, owner: Option<Def>, name: Name) -> Option<Binding> {
        let world = self.world;
        let mut current = owner;
        while let Some(def) = current {
            if let ItemKind::Impl { .. } = world.kind(def) {
                let id = world.impls.of_def.get(&def)?;
                let of = world.impls.all[id.0 as usize].of?;
                let member = match of {
                    Binding::Def(of) => world.member(of, name)?,
                    _ => world.members_of(def).find(|it| world.name_of(*it) == name)?,
                };
                let is_type = matches!(world.kind(member), ItemKind::Alias { .. });
                return is_type.then_some(of);
            }
            current = world.parent(def);
        }
        None
    }

    /// The names in `Trait<Name = T>`, which the trait or one above it declares.
    fn see_bindings(&mut self, site: &Site<'_>, segment: Segment, binding: Binding) {
        let (Some(at), Binding::Def(of)) = (segment.arguments, binding) else { return };
        let bindings = site.syntax.arguments[at as usize].bindings;
        if bindings.len == 0 || !matches!(self.world.kind(of), ItemKind::Trait { .. }) {
            return;
        }
        let traits = self.world.with_supers(of);
        for (ident, _) in bindings.of(&site.syntax.bindings) {
            let name = site.names[ident.text.0 as usize];
            let found = traits.iter().find_map(|of| self.world.member(*of, name));
            if let Some(def) = found {
                let mention = self.mention(site, *ident);
                self.emit_def(mention, EdgeKind::References, Tier::Exact, def);
            }
        }
    }

    fn is_constant_generic(&self, def: Def, at: u32) -> bool {
        let unit = self.world.unit_of(def);
        let list = self.world.item(def).generics.parameters.of(&unit.items().generics);
        list.get(at as usize).is_some_and(|generic| generic.constant.is_some())
    }

    fn see_generic(&mut self, site: &Site<'_>, segment: Segment, def: Def, at: u32) {
        let unit = self.world.unit_of(def);
        let list = self.world.item(def).generics.parameters.of(&unit.items().generics);
        if let Some(generic) = list.get(at as usize) {
            let mention = self.mention(site, segment.ident);
            self.emit_local(mention, EdgeKind::References, generic.name.at);
        }
    }

    /// A path that begins with a type of the language, or with nothing known.
    fn see_unknown(
        &mut self,
        site: &Site<'_>,
        segments: &[Segment],
        names: &[Name],
        kind: EdgeKind,
    ) -> Meaning {
        if let TypeName::Primitive(name) = self.type_name(site, &names[..1], false) {
            let ty = self.types.make(Kind::Primitive(name));
            let mention = self.mention(site, segments[0].ident);
            let target = self.target_of(Binding::Foreign(Name::STD, name));
            self.out.add(mention, EdgeKind::References, Tier::Exact, target);
            return self.see_rest(site, &segments[1..], ty, kind, Tier::Exact);
        }
        for segment in segments {
            let mention = self.mention(site, segment.ident);
            self.emit_open(mention, kind, Unresolved::UnknownName);
        }
        Meaning::Nothing
    }

    fn see_qualified(
        &mut self,
        site: &Site<'_>,
        segments: &[Segment],
        (ty, of): (TypeId, Option<TypeId>),
        kind: EdgeKind,
    ) -> Meaning {
        let inner = self.lower(site, ty);
        let Some(first) = segments.first() else { return Meaning::Type(inner) };
        let bound = of.and_then(|of| self.lower_bound(site, of));
        let Some(Binding::Def(of)) = bound.as_ref().map(|bound| bound.of) else {
            return self.see_rest(site, segments, inner, kind, Tier::Likely);
        };
        let name = site.name(*first);
        let Some(member) = self.world.member(of, name) else { return Meaning::Nothing };
        let mut with = match &bound {
            Some(bound) => self.bound_substitution(inner, bound),
            None => Substitution::default(),
        };
        let own = self.impl_of(inner, of, name);
        let def = match own {
            Some((def, found)) => {
                for (parameter, ty) in found.0 {
                    with.add(parameter, ty);
                }
                def
            }
            None => member,
        };
        let mention = self.mention(site, first.ident);
        let last = if segments.len() == 1 { kind } else { EdgeKind::References };
        let is_type = matches!(self.world.kind(member), ItemKind::Alias { .. });
        self.emit_def(mention, last, Tier::Likely, if is_type { member } else { def });
        if segments.len() == 1 {
            return Meaning::Member(def, with);
        }
        let ty = self.project(inner, Some(of), name);
        self.see_rest(site, &segments[1..], ty, kind, Tier::Likely)
    }

    /// The member of an impl of the trait for the type.
    pub(super) fn impl_of(&mut self, ty: Ty, of: Def, name: Name) -> Option<(Def, Substitution)> {
        let ty = self.shallow(ty);
        if matches!(self.types.kind(ty), Kind::Unknown | Kind::Variable(_)) {
            return None;
        }
        // What a bound promises is the caller's choice, not an impl for all types.
        if self.is_placeholder(ty)
            && self.bounds_of(ty).iter().any(|bound| bound.of == Binding::Def(of))
        {
            return None;
        }
        let (id, with) = self.find_impl(ty, of)?;
        let impl_def = self.world.impls.all[id.0 as usize].def;
        let member = self.world.members_of(impl_def).find(|it| self.world.name_of(*it) == name)?;
        Some((member, with))
    }

    /// The segments after those that modules name: members of a type or trait.
    fn see_members(
        &mut self,
        site: &Site<'_>,
        segments: &[Segment],
        used: usize,
        binding: Binding,
        kind: EdgeKind,
    ) -> Meaning {
        match binding {
            Binding::Module(_) | Binding::Foreign(..) => {
                for segment in &segments[used..] {
                    let mention = self.mention(site, segment.ident);
                    self.emit_open(mention, kind, Unresolved::NoSuchMember);
                }
                Meaning::Nothing
            }
            Binding::Def(def) => {
                if let ItemKind::Trait { .. } = self.world.kind(def) {
                    return self.see_trait_member(site, segments, used, def, kind);
                }
                let arguments = segments[used - 1].arguments;
                let ty = self.lower_binding(site, binding, arguments);
                let ty = self.opened(ty);
                self.see_rest(site, &segments[used..], ty, kind, Tier::Exact)
            }
        }
    }

    /// `Trait::member`: which impl's, only the types at the end tell.
    fn see_trait_member(
        &mut self,
        site: &Site<'_>,
        segments: &[Segment],
        used: usize,
        of: Def,
        kind: EdgeKind,
    ) -> Meaning {
        let segment = segments[used];
        let name = site.name(segment);
        let mention = self.mention(site, segment.ident);
        let supers = self.world.with_supers(of);
        let found = supers.iter().find_map(|of| Some((*of, self.world.member(*of, name)?)));
        let Some((of, member)) = found else {
            self.emit_open(mention, kind, Unresolved::NoSuchMember);
            return Meaning::Nothing;
        };
        let mut with = Substitution::default();
        self.open_member(mention, kind, (of, member), &mut with);
        Meaning::Member(member, with)
    }

    /// A member of a trait, to be said of one of its impls when the types are known.
    pub(super) fn open_member(
        &mut self,
        mention: Mention,
        kind: EdgeKind,
        (of, member): (Def, Def),
        with: &mut Substitution,
    ) {
        self.complete(member, with);
        let own = self.types.make(Kind::SelfOf(of));
        let ty = with.get(own).unwrap_or(Types::UNKNOWN);
        let bound = self.own_bound(of);
        let bound = self.types.apply_bound(&bound, with, 0);
        let takes_self =
            matches!(self.world.kind(member), ItemKind::Function(signature) if signature.has_self);
        let given = self.given.iter().skip(usize::from(takes_self)).copied().collect();
        self.late.push(Late::TraitMember { mention, kind, member, bound, ty, given });
    }

    /// A type whose unknown arguments may become known.
    fn opened(&mut self, ty: Ty) -> Ty {
        match self.types.kind(ty) {
            Kind::Adt(def, list) => {
                let list = self.types.of(list).to_vec();
                let opened: Vec<Ty> = list
                    .into_iter()
                    .map(|ty| if ty == Types::UNKNOWN { self.types.variable() } else { ty })
                    .collect();
                let list = self.types.list(&opened);
                self.types.make(Kind::Adt(def, list))
            }
            _ => ty,
        }
    }

    /// The members of a type that the remaining segments name.
    fn see_rest(
        &mut self,
        site: &Site<'_>,
        segments: &[Segment],
        ty: Ty,
        kind: EdgeKind,
        tier: Tier,
    ) -> Meaning {
        let mut ty = ty;
        for (at, segment) in segments.iter().enumerate() {
            let is_last = at + 1 == segments.len();
            let kind = if is_last { kind } else { EdgeKind::References };
            let name = site.name(*segment);
            let mention = self.mention(site, segment.ident);
            if let Some(variant) = self.variant_of(ty, name) {
                self.emit_def(mention, kind, tier, variant);
                if is_last {
                    let with = self.adt_substitution(ty);
                    return Meaning::Member(variant, with);
                }
                continue;
            }
            match self.associated_item(ty, name) {
                Pick::Found { def, with, .. } => {
                    let tier = self.member_tier(def, tier);
                    match self.declared_in_trait(def) {
                        Some(binding) => self.emit(mention, kind, tier, binding),
                        None => self.emit_def(mention, kind, tier, def),
                    }
                    if is_last {
                        return Meaning::Member(def, with);
                    }
                    ty = self.project(ty, None, name);
                }
                Pick::Open { of, def, mut with } => {
                    self.open_member(mention, kind, (of, def), &mut with);
                    if is_last {
                        return Meaning::Member(def, with);
                    }
                    ty = self.project(ty, Some(of), name);
                }
                Pick::Foreign(package) => {
                    let target = self.target_of(Binding::Foreign(package, name));
                    self.out.add(mention, kind, Tier::Likely, target);
                    return Meaning::Nothing;
                }
                Pick::Unknown => {
                    self.emit_open(mention, kind, Unresolved::UnknownReceiver);
                    return Meaning::Nothing;
                }
                Pick::Missing | Pick::View(_) => {
                    if let Some((binding, ty)) = self.made_function(ty, name) {
                        self.emit(mention, kind, Tier::Likely, binding);
                        return Meaning::Function(ty);
                    }
                    self.emit_open(mention, kind, Unresolved::NoSuchMember);
                    return Meaning::Nothing;
                }
            }
        }
        Meaning::Type(ty)
    }

    /// The function of this name that a derive makes for the type: its trait, and what it gives.
    fn made_function(&mut self, ty: Ty, name: Name) -> Option<(Binding, Ty)> {
        let Kind::Adt(def, _) = self.types.kind(ty) else { return None };
        let derived = self.world.impls.derived.get(&def)?;
        let (binding, is_result) = derived.iter().find_map(|binding| {
            let Binding::Foreign(_, of) = *binding else { return None };
            let found = MADE.iter().find(|(known, made, _)| *known == of && *made == name)?;
            Some((*binding, found.2))
        })?;
        if !is_result {
            return Some((binding, ty));
        }
        let result = self.world.lang(Name::of("Result"))?;
        let list = self.types.list(&[ty, Types::UNKNOWN]);
        Some((binding, self.types.make(Kind::Adt(result, list))))
    }

    /// A member of an inherent impl is proved by the path; which impl of a trait is inferred.
    fn member_tier(&self, def: Def, tier: Tier) -> Tier {
        let container = self.world.container(def);
        let is_inherent = container
            .is_some_and(|it| matches!(self.world.kind(it), ItemKind::Impl { of: None, .. }));
        if is_inherent { tier } else { Tier::Likely }
    }

    /// The declaration of an associated type that an impl of a trait sets: `Self::Item` names the
    /// trait's.
    fn declared_in_trait(&self, def: Def) -> Option<Binding> {
        let ItemKind::Alias { .. } = self.world.kind(def) else { return None };
        let id = self.world.impls.of_def.get(&self.world.container(def)?)?;
        match self.world.impls.all[id.0 as usize].of? {
            Binding::Def(of) => self.world.member(of, self.world.name_of(def)).map(Binding::Def),
            foreign => Some(foreign),
        }
    }

    fn variant_of(&mut self, ty: Ty, name: Name) -> Option<Def> {
        let ty = self.shallow(ty);
        let Kind::Adt(def, _) = self.types.kind(ty) else { return None };
        let ItemKind::Enum { .. } = self.world.kind(def) else { return None };
        self.world.member(def, name)
    }

    /// What the parameters of a struct, enum or union stand for in a type.
    pub(super) fn adt_substitution(&mut self, ty: Ty) -> Substitution {
        let mut with = Substitution::default();
        if let Kind::Adt(def, list) = self.types.kind(ty) {
            for at in 0..self.types.of(list).len() {
                let to = self.types.of(list)[at];
                with.add(self.types.make(Kind::Parameter(def, at as u32)), to);
            }
        }
        with
    }

    /// Says what the names in a type refer to.
    pub(super) fn see_type(&mut self, site: &Site<'_>, ty: TypeId) {
        use super::super::syntax::Type;
        if self.depth > 60 || ty.0 as usize >= site.syntax.types.len() {
            return;
        }
        self.depth += 1;
        match site.syntax.ty(ty) {
            Type::Path(path) => {
                let is_hole =
                    matches!(site.path_names(site.syntax.path(path))[..], [Name::UNDERSCORE]);
                if !is_hole {
                    self.see_path(site, path, Namespace::Types, EdgeKind::References);
                }
            }
            Type::Reference(inner) | Type::Slice(inner) => self.see_type(site, inner),
            Type::Tuple(run) | Type::Dyn(run) | Type::Impl(run) => {
                for part in run.of(&site.syntax.type_lists) {
                    self.see_type(site, *part);
                }
            }
            Type::Function { parameters, output } => {
                for part in parameters.of(&site.syntax.type_lists) {
                    self.see_type(site, *part);
                }
                if let Some(output) = output {
                    self.see_type(site, output);
                }
            }
            Type::Macro(call) => {
                self.see_macro_name(site, site.syntax.call(call));
            }
            Type::Never | Type::Unknown => {}
        }
        self.depth -= 1;
    }
}
