//! Types as written → types, seen from where they stand.

use super::super::items::{Generics, ItemKind};
use super::super::macros::Expansion;
use super::super::name::Name;
use super::super::syntax::{Path, Segment, Syntax, Type, TypeId};
use super::super::world::{Binding, Def, Key, ModuleId, Namespace, Tables, is_primitive};
use super::Resolver;
use super::types::{Bound, Bounds, Kind, Ty, Types, Tys};

/// Where something is written: its tables, the names it sees, the item it belongs to.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) syntax: &'a Syntax,
    pub(super) names: &'a [Name],
    pub(super) module: ModuleId,
    pub(super) owner: Option<Def>,
    /// The expansion that it was read from, if it is one.
    pub(super) expansion: Option<&'a Expansion>,
}

impl<'a> Site<'a> {
    /// Where the signature of an item is written.
    pub(super) fn of_item(world: &'a Tables, def: Def) -> Self {
        let unit = world.unit_of(def);
        Self {
            syntax: unit.syntax(),
            names: &unit.names,
            module: world.module_of(def),
            owner: Some(def),
            expansion: unit.expansion.as_ref(),
        }
    }

    pub(super) fn name(&self, segment: Segment) -> Name {
        self.names[segment.ident.text.0 as usize]
    }

    pub(super) fn segments(&self, path: Path) -> &'a [Segment] {
        path.segments.of(&self.syntax.segments)
    }

    pub(super) fn path_names(&self, path: Path) -> Vec<Name> {
        self.segments(path).iter().map(|segment| self.name(*segment)).collect()
    }
}

/// The items whose generics an item sees, itself first.
pub(super) fn generic_owners(world: &Tables, def: Def) -> Vec<Def> {
    let mut found = vec![def];
    let mut current = def;
    while let Some(parent) = world.parent(current) {
        match world.kind(parent) {
            ItemKind::Impl { .. }
            | ItemKind::Trait { .. }
            | ItemKind::Struct { .. }
            | ItemKind::Enum { .. }
            | ItemKind::Union { .. }
            | ItemKind::Variant { .. } => found.push(parent),
            _ => break,
        }
        current = parent;
    }
    found
}

/// What a name in a type stands for.
pub(super) enum TypeName {
    Generic(Def, u32),
    SelfType,
    Binding(Binding),
    Primitive(Name),
    Nothing,
}

impl<'a> Resolver<'a> {
    pub(super) fn generic(&self, owner: Option<Def>, name: Name) -> Option<(Def, u32)> {
        for def in generic_owners(self.world, owner?) {
            let unit = self.world.unit_of(def);
            let generics: Generics = self.world.item(def).generics;
            let list = generics.parameters.of(&unit.items().generics);
            let at = list.iter().position(|generic| unit.name(generic.name.text) == name);
            if let Some(at) = at {
                return Some((def, at as u32));
            }
        }
        None
    }

    /// The type `Self` means in an item.
    pub(super) fn self_type(&mut self, owner: Option<Def>) -> Option<Ty> {
        let mut current = owner;
        while let Some(def) = current {
            match self.world.kind(def) {
                ItemKind::Impl { .. } => return Some(self.impl_type(def)),
                ItemKind::Trait { .. } => return Some(self.types.make(Kind::SelfOf(def))),
                ItemKind::Struct { .. } | ItemKind::Enum { .. } | ItemKind::Union { .. } => {
                    return Some(self.own_type(def));
                }
                _ => {}
            }
            current = self.world.parent(def);
        }
        None
    }

    /// The type an impl is for, with the impl's own parameters.
    pub(super) fn impl_type(&mut self, def: Def) -> Ty {
        if let Some(known) = self.impl_types.get(&def) {
            return *known;
        }
        let ItemKind::Impl { ty, .. } = self.world.kind(def) else { return Types::UNKNOWN };
        // A type that mentions itself must not be asked for again.
        self.impl_types.insert(def, Types::UNKNOWN);
        let site = Site::of_item(self.world, def);
        let ty = self.lower(&site, ty);
        self.impl_types.insert(def, ty);
        ty
    }

    /// A struct, enum or union with its own parameters.
    pub(super) fn own_type(&mut self, def: Def) -> Ty {
        let count = self.world.item(def).generics.parameters.len;
        let own: Vec<Ty> = (0..count).map(|at| self.types.make(Kind::Parameter(def, at))).collect();
        let list = self.types.list(&own);
        self.types.make(Kind::Adt(def, list))
    }

    /// A type as written; `_` and what cannot be read become variables inside of bodies.
    pub(super) fn lower(&mut self, site: &Site<'_>, ty: TypeId) -> Ty {
        if self.depth > 48 || ty.0 as usize >= site.syntax.types.len() {
            return Types::UNKNOWN;
        }
        self.depth += 1;
        let found = self.lower_kind(site, ty);
        self.depth -= 1;
        found
    }

    fn lower_kind(&mut self, site: &Site<'_>, ty: TypeId) -> Ty {
        match site.syntax.ty(ty) {
            Type::Path(path) => self.lower_path(site, site.syntax.path(path)),
            Type::Reference(inner) => self.lower(site, inner),
            Type::Slice(inner) => {
                let inner = self.lower(site, inner);
                self.types.make(Kind::Slice(inner))
            }
            Type::Tuple(parts) => {
                let list = self.lower_all(site, parts.of(&site.syntax.type_lists));
                self.types.make(Kind::Tuple(list))
            }
            Type::Function { parameters, output } => {
                let list = self.lower_all(site, parameters.of(&site.syntax.type_lists));
                let output = output.map_or(Types::UNIT, |output| self.lower(site, output));
                self.types.make(Kind::Function(list, output))
            }
            Type::Dyn(bounds) => {
                let bounds = self.lower_bounds(site, bounds.of(&site.syntax.type_lists));
                self.types.make(Kind::Dyn(bounds))
            }
            Type::Impl(bounds) => {
                let bounds = self.lower_bounds(site, bounds.of(&site.syntax.type_lists));
                self.types.make(Kind::Opaque(bounds))
            }
            Type::Never => Types::NEVER,
            Type::Macro(_) | Type::Unknown => self.unknown(),
        }
    }

    /// A fresh variable inside of a body, where it may become known.
    pub(super) fn unknown(&mut self) -> Ty {
        if self.in_body { self.types.variable() } else { Types::UNKNOWN }
    }

    pub(super) fn lower_all(&mut self, site: &Site<'_>, types: &[TypeId]) -> Tys {
        let list: Vec<Ty> = types.iter().map(|ty| self.lower(site, *ty)).collect();
        self.types.list(&list)
    }

    pub(super) fn lower_bounds(&mut self, site: &Site<'_>, bounds: &[TypeId]) -> Bounds {
        let found: Vec<Bound> =
            bounds.iter().filter_map(|bound| self.lower_bound(site, *bound)).collect();
        self.types.make_bounds(found)
    }

    /// A trait with its arguments.
    pub(super) fn lower_bound(&mut self, site: &Site<'_>, bound: TypeId) -> Option<Bound> {
        if self.depth > 48 {
            return None;
        }
        let Type::Path(path) = site.syntax.ty(bound) else { return None };
        let path = site.syntax.path(path);
        let names = site.path_names(path);
        let of = self.world.path(site.module, &names, Namespace::Types, path.is_global)?;
        let is_trait = match of {
            Binding::Def(def) => matches!(self.world.kind(def), ItemKind::Trait { .. }),
            Binding::Foreign(..) => true,
            Binding::Module(_) => false,
        };
        is_trait.then_some(())?;
        self.depth += 1;
        let found = self.bound_arguments(site, path, of);
        self.depth -= 1;
        Some(found)
    }

    fn bound_arguments(&mut self, site: &Site<'_>, path: Path, of: Binding) -> Bound {
        let last = site.segments(path).last().and_then(|last| last.arguments);
        let Some(at) = last else {
            return Bound { of, arguments: Types::NONE, bindings: Vec::new() };
        };
        let written = site.syntax.arguments[at as usize];
        let types = written.types.of(&site.syntax.type_lists);
        if written.is_call {
            let inputs = self.lower_all(site, types);
            let inputs = self.types.make(Kind::Tuple(inputs));
            let arguments = self.types.list(&[inputs]);
            let output = written.output.map_or(Types::UNIT, |output| self.lower(site, output));
            return Bound { of, arguments, bindings: vec![(Name::OUTPUT, output)] };
        }
        let arguments = self.lower_all(site, types);
        let bindings = written.bindings.of(&site.syntax.bindings);
        let bindings = bindings
            .iter()
            .map(|(name, ty)| (site.names[name.text.0 as usize], self.lower(site, *ty)))
            .collect();
        Bound { of, arguments, bindings }
    }

    /// What the first segment, or the whole path, names among types.
    pub(super) fn type_name(&self, site: &Site<'_>, names: &[Name], is_global: bool) -> TypeName {
        if let [name] = names {
            if *name == Name::SELF_TYPE {
                return TypeName::SelfType;
            }
            if let Some((def, at)) = self.generic(site.owner, *name) {
                return TypeName::Generic(def, at);
            }
        }
        match self.world.path(site.module, names, Namespace::Types, is_global) {
            Some(binding) => TypeName::Binding(binding),
            None => match names {
                [name] if is_primitive(*name) => TypeName::Primitive(*name),
                _ => TypeName::Nothing,
            },
        }
    }

    fn lower_path(&mut self, site: &Site<'_>, path: Path) -> Ty {
        let segments = site.segments(path);
        let names = site.path_names(path);
        if let Some((ty, of)) = path.qualified {
            let inner = self.lower(site, ty);
            let of = of.and_then(|of| self.lower_bound(site, of));
            let of = of.and_then(|of| match of.of {
                Binding::Def(def) => Some(def),
                _ => None,
            });
            return match names.first() {
                Some(name) => self.project(inner, of, *name),
                None => inner,
            };
        }
        match self.type_name(site, &names, path.is_global) {
            TypeName::SelfType => self.self_type(site.owner).unwrap_or(Types::UNKNOWN),
            TypeName::Generic(def, at) => self.types.make(Kind::Parameter(def, at)),
            TypeName::Primitive(name) => self.types.make(Kind::Primitive(name)),
            TypeName::Binding(binding) => {
                let arguments = segments.last().and_then(|last| last.arguments);
                self.lower_binding(site, binding, arguments)
            }
            TypeName::Nothing if names == [Name::UNDERSCORE] => self.unknown(),
            TypeName::Nothing if names.len() > 1 => {
                let first = self.type_name(site, &names[..names.len() - 1], path.is_global);
                let inner = match first {
                    TypeName::SelfType => self.self_type(site.owner).unwrap_or(Types::UNKNOWN),
                    TypeName::Generic(def, at) => self.types.make(Kind::Parameter(def, at)),
                    TypeName::Binding(binding) => {
                        let arguments = segments[names.len() - 2].arguments;
                        self.lower_binding(site, binding, arguments)
                    }
                    TypeName::Primitive(_) | TypeName::Nothing => return self.unknown(),
                };
                let name = names[names.len() - 1];
                let own = match first {
                    TypeName::SelfType => self.own_trait(site.owner, name),
                    _ => None,
                };
                let own = own.and_then(|own| match own {
                    Binding::Def(of) => Some(of),
                    _ => None,
                });
                let of = own.or_else(|| self.trait_declaring(inner, name));
                self.project(inner, of, name)
            }
            TypeName::Nothing => self.unknown(),
        }
    }

    pub(super) fn lower_binding(
        &mut self,
        site: &Site<'_>,
        binding: Binding,
        arguments: Option<u32>,
    ) -> Ty {
        let written = arguments.map(|at| site.syntax.arguments[at as usize].types);
        let written: Vec<TypeId> =
            written.map_or_else(Vec::new, |run| run.of(&site.syntax.type_lists).to_vec());
        match binding {
            Binding::Module(_) => Types::UNKNOWN,
            Binding::Foreign(package, name) => {
                if let Some(def) = self.stand_in(package, name) {
                    return self.lower_binding(site, Binding::Def(def), arguments);
                }
                let list = self.lower_all(site, &written);
                self.types.make(Kind::Foreign(package, name, list))
            }
            Binding::Def(def) => match self.world.kind(def) {
                ItemKind::Struct { .. } | ItemKind::Enum { .. } | ItemKind::Union { .. } => {
                    let list = self.full_arguments(site, def, &written);
                    self.types.make(Kind::Adt(def, list))
                }
                ItemKind::Variant { .. } => match self.world.parent(def) {
                    Some(parent) => self.lower_binding(site, Binding::Def(parent), arguments),
                    None => Types::UNKNOWN,
                },
                ItemKind::Trait { .. } => {
                    let list = self.lower_all(site, &written);
                    let bound = Bound { of: binding, arguments: list, bindings: Vec::new() };
                    let bounds = self.types.make_bounds(vec![bound]);
                    self.types.make(Kind::Dyn(bounds))
                }
                ItemKind::Alias { .. } => {
                    let list = self.full_arguments(site, def, &written);
                    self.alias(def, list)
                }
                _ => Types::UNKNOWN,
            },
        }
    }

    /// The type of the standard library that one of another package stands in for: `Result` with
    /// an error of its own, or a map with another hash.
    fn stand_in(&self, package: Name, name: Name) -> Option<Def> {
        const STAND_INS: &[(Name, Name)] = &[
            (Name::of("Result"), Name::of("Result")),
            (Name::of("FxHashMap"), Name::of("HashMap")),
            (Name::of("AHashMap"), Name::of("HashMap")),
            (Name::of("IndexMap"), Name::of("HashMap")),
            (Name::of("HashMap"), Name::of("HashMap")),
            (Name::of("FxHashSet"), Name::of("HashSet")),
            (Name::of("AHashSet"), Name::of("HashSet")),
            (Name::of("IndexSet"), Name::of("HashSet")),
            (Name::of("HashSet"), Name::of("HashSet")),
        ];
        let found = STAND_INS.iter().find(|(from, _)| *from == name && package != Name::STD)?;
        self.world.lang(found.1)
    }

    /// The arguments as written, then defaults, then unknowns.
    fn full_arguments(&mut self, site: &Site<'_>, def: Def, written: &[TypeId]) -> Tys {
        let unit = self.world.unit_of(def);
        let generics = self.world.item(def).generics.parameters.of(&unit.items().generics);
        let mut list: Vec<Ty> = Vec::with_capacity(generics.len());
        for (at, generic) in generics.iter().enumerate() {
            let ty = match (written.get(at), generic.default) {
                (Some(ty), _) => self.lower(site, *ty),
                (None, Some(default)) if !written.is_empty() || !self.in_body => {
                    let own = Site::of_item(self.world, def);
                    let ty = self.lower(&own, default);
                    let mut with = super::types::Substitution::default();
                    for (before, ty) in list.iter().enumerate() {
                        with.add(self.types.make(Kind::Parameter(def, before as u32)), *ty);
                    }
                    self.types.apply(ty, &with)
                }
                _ => self.unknown(),
            };
            list.push(ty);
        }
        self.types.list(&list)
    }

    /// What an alias stands for with these arguments.
    fn alias(&mut self, def: Def, arguments: Tys) -> Ty {
        if self.depth > 40 {
            return Types::UNKNOWN;
        }
        let ItemKind::Alias { ty: Some(ty), .. } = self.world.kind(def) else {
            return Types::UNKNOWN;
        };
        let site = Site::of_item(self.world, def);
        let ty = self.lower(&site, ty);
        let mut with = super::types::Substitution::default();
        for at in 0..self.types.of(arguments).len() {
            let to = self.types.of(arguments)[at];
            with.add(self.types.make(Kind::Parameter(def, at as u32)), to);
        }
        self.types.apply(ty, &with)
    }

    /// What impls of a type are looked up by.
    pub(super) fn key(&self, ty: Ty) -> Key {
        match self.types.kind(self.types.found(ty)) {
            Kind::Primitive(name) => Key::Primitive(name),
            Kind::Adt(def, _) => Key::Def(def),
            Kind::Foreign(package, name, _) => Key::Foreign(package, name),
            Kind::Slice(_) => Key::Slice,
            Kind::Tuple(list) => Key::Tuple(self.types.of(list).len() as u32),
            Kind::Function(..) | Kind::Item(..) | Kind::Closure(_) => Key::Function,
            Kind::Never => Key::Never,
            Kind::Dyn(bounds) => match self.types.bounds(bounds).first().map(|bound| bound.of) {
                Some(Binding::Def(def)) => Key::Def(def),
                Some(Binding::Foreign(package, name)) => Key::Foreign(package, name),
                _ => Key::Unknown,
            },
            _ => Key::Unknown,
        }
    }
}
