//! Impls by what they are for, and traits by the names of their members.

use rustc_hash::FxHashMap;

use super::super::items::{Active, ItemKind};
use super::super::name::Name;
use super::super::syntax::{Type, TypeId};
use super::{Binding, CrateId, Def, Namespace, Tables, UnitId};

/// The outermost part of a type, references left out: what impls are looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in super::super) enum Key {
    /// A struct, enum, union, or the trait of a `dyn`.
    Def(Def),
    Foreign(Name, Name),
    Primitive(Name),
    Slice,
    Tuple(u32),
    Function,
    Never,
    /// A type parameter: an impl for all types.
    Any,
    Unknown,
}

/// A position in [`Impls::all`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in super::super) struct ImplId(pub(in super::super) u32);

/// An impl.
pub(in super::super) struct Impl {
    pub(in super::super) def: Def,
    pub(in super::super) key: Key,
    /// The trait: of the tree, or foreign. None for an inherent impl.
    pub(in super::super) of: Option<Binding>,
    /// Whether a trait is written, known or not.
    pub(in super::super) is_inherent: bool,
    pub(in super::super) krate: CrateId,
}

/// All impls.
#[derive(Default)]
pub(in super::super) struct Impls {
    pub(in super::super) all: Vec<Impl>,
    pub(in super::super) by_key: FxHashMap<Key, Vec<ImplId>>,
    pub(in super::super) by_trait: FxHashMap<(Binding, Key), Vec<ImplId>>,
    /// Members of impls by what the impl is for and their name.
    pub(in super::super) members: FxHashMap<(Key, Name), Vec<(ImplId, Def)>>,
    /// The impl that an item is.
    pub(in super::super) of_def: FxHashMap<Def, ImplId>,
    /// Members of traits by name, with their traits.
    pub(in super::super) in_traits: FxHashMap<Name, Vec<(Def, Def)>>,
    pub(in super::super) supers: FxHashMap<Def, Vec<Def>>,
    /// Traits that a type derives.
    pub(in super::super) derived: FxHashMap<Def, Vec<Binding>>,
}

/// Types of the language.
pub(in super::super) const PRIMITIVES: &[&str] = &[
    "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str", "u128", "u16",
    "u32", "u64", "u8", "usize",
];

/// Whether the name is that of a type of the language.
pub(in super::super) fn is_primitive(name: Name) -> bool {
    PRIMITIVES.iter().any(|text| Name::of(text) == name)
}

/// Reads all impls and traits.
pub(super) fn index(tables: &mut Tables) {
    let mut found = Impls::default();
    for at in 0..tables.units.len() {
        let id = UnitId(at as u32);
        for (at, item) in tables.unit(id).items().items.iter().enumerate() {
            let def = Def(tables.unit(id).base + at as u32);
            match item.kind {
                ItemKind::Impl { ty, of, .. } => found.add_impl(tables, def, ty, of),
                ItemKind::Trait { .. } => found.add_trait(tables, def),
                ItemKind::Struct { .. } | ItemKind::Enum { .. } | ItemKind::Union { .. } => {
                    found.add_derives(tables, def);
                }
                _ => {}
            }
        }
    }
    // What the host compiles goes before what it does not.
    #[expect(clippy::iter_over_hash_type, reason = "each list is sorted by itself")]
    for list in found.members.values_mut() {
        list.sort_by_key(|(_, def)| (tables.active(*def) == Active::No, *def));
    }
    let is_inactive = |id: &ImplId| tables.active(found.all[id.0 as usize].def) == Active::No;
    #[expect(clippy::iter_over_hash_type, reason = "each list is sorted by itself")]
    for list in found.by_trait.values_mut() {
        list.sort_by_key(|id| (is_inactive(id), *id));
    }
    tables.impls = found;
}

impl Impls {
    fn add_impl(&mut self, tables: &Tables, def: Def, ty: TypeId, of: Option<TypeId>) {
        let id = ImplId(self.all.len() as u32);
        let key = tables.key_of(def, ty, 0);
        let binding = of.and_then(|of| tables.trait_of_type(def, of));
        let krate = tables.unit_of(def).krate;
        let is_inherent = of.is_none();
        self.all.push(Impl { def, key, of: binding, is_inherent, krate });
        self.by_key.entry(key).or_default().push(id);
        if let Some(binding) = binding {
            self.by_trait.entry((binding, key)).or_default().push(id);
        }
        self.of_def.insert(def, id);
        for member in tables.members_of(def) {
            let name = tables.name_of(member);
            self.members.entry((key, name)).or_default().push((id, member));
        }
    }

    fn add_trait(&mut self, tables: &Tables, def: Def) {
        for member in tables.members_of(def) {
            let name = tables.name_of(member);
            self.in_traits.entry(name).or_default().push((def, member));
        }
        let ItemKind::Trait { supers, .. } = tables.kind(def) else { return };
        let unit = tables.unit_of(def);
        let mut found = Vec::new();
        for bound in supers.of(&unit.syntax().type_lists) {
            if let Some(Binding::Def(bound)) = tables.trait_of_type(def, *bound) {
                found.push(bound);
            }
        }
        // `trait A where Self: B`.
        for predicate in tables.item(def).generics.predicates.of(&unit.items().predicates) {
            let Type::Path(path) = unit.syntax().ty(predicate.ty) else { continue };
            let names = Tables::path_names(&unit.names, unit.syntax(), unit.syntax().path(path));
            if names != [Name::SELF_TYPE] {
                continue;
            }
            for bound in predicate.bounds.of(&unit.syntax().type_lists) {
                if let Some(Binding::Def(bound)) = tables.trait_of_type(def, *bound) {
                    found.push(bound);
                }
            }
        }
        self.supers.insert(def, found);
    }

    fn add_derives(&mut self, tables: &Tables, def: Def) {
        let unit = tables.unit_of(def);
        let mut found = Vec::new();
        for path in tables.item(def).derives.of(&unit.items().derives) {
            let path = unit.syntax().path(*path);
            let names = Tables::path_names(&unit.names, unit.syntax(), path);
            let module = tables.module_of(def);
            let of = tables.path(module, &names, Namespace::Types, path.is_global);
            found.extend(of.or_else(|| {
                let of = tables.path(module, &names, Namespace::Macros, path.is_global)?;
                let is_own = tables.is_proc_macro(of);
                is_own.then(|| tables.trait_called(*names.last()?, unit.krate)).flatten()
            }));
        }
        if !found.is_empty() {
            self.derived.insert(def, found);
        }
    }
}

impl Tables {
    /// The trait of the tree with this name, if there is one only: a derive of the tree that is
    /// imported without its trait.
    fn trait_called(&self, name: Name, from: CrateId) -> Option<Binding> {
        let mut found =
            self.units.iter().filter(|unit| self.sees(from, unit.krate)).flat_map(|unit| {
                let items = unit.items().items.iter().enumerate();
                let traits = items.filter(|(_, item)| {
                    matches!(item.kind, ItemKind::Trait { .. }) && unit.name(item.name.text) == name
                });
                traits.map(|(at, _)| Def(unit.base + at as u32))
            });
        let first = found.next()?;
        found.next().is_none().then_some(Binding::Def(first))
    }

    /// The trait that a bound or the head of an impl names.
    pub(in super::super) fn trait_of_type(&self, owner: Def, ty: TypeId) -> Option<Binding> {
        let unit = self.unit_of(owner);
        let Type::Path(path) = unit.syntax().ty(ty) else { return None };
        let path = unit.syntax().path(path);
        let names = Self::path_names(&unit.names, unit.syntax(), path);
        let module = self.module_of(owner);
        let found = self.path(module, &names, Namespace::Types, path.is_global)?;
        match found {
            Binding::Def(def) => match self.kind(def) {
                ItemKind::Trait { .. } => Some(found),
                _ => None,
            },
            Binding::Foreign(..) => Some(found),
            Binding::Module(_) => None,
        }
    }

    fn key_of(&self, owner: Def, ty: TypeId, depth: u32) -> Key {
        let unit = self.unit_of(owner);
        if depth > 8 || ty.0 as usize >= unit.syntax().types.len() {
            return Key::Unknown;
        }
        match unit.syntax().ty(ty) {
            Type::Reference(inner) => self.key_of(owner, inner, depth + 1),
            Type::Slice(_) => Key::Slice,
            Type::Tuple(parts) => Key::Tuple(parts.len),
            Type::Function { .. } => Key::Function,
            Type::Never => Key::Never,
            Type::Dyn(bounds) | Type::Impl(bounds) => {
                let first = bounds.of(&unit.syntax().type_lists).first();
                match first.and_then(|bound| self.trait_of_type(owner, *bound)) {
                    Some(Binding::Def(def)) => Key::Def(def),
                    Some(Binding::Foreign(package, name)) => Key::Foreign(package, name),
                    _ => Key::Unknown,
                }
            }
            Type::Path(path) => {
                let path = unit.syntax().path(path);
                let names = Self::path_names(&unit.names, unit.syntax(), path);
                if path.qualified.is_some() {
                    return Key::Unknown;
                }
                self.key_of_path(owner, &names, path.is_global, depth)
            }
            Type::Macro(_) | Type::Unknown => Key::Unknown,
        }
    }

    fn key_of_path(&self, owner: Def, names: &[Name], is_global: bool, depth: u32) -> Key {
        let unit = self.unit_of(owner);
        if let [name] = names {
            let generics = self.item(owner).generics.parameters.of(&unit.items().generics);
            if generics.iter().any(|generic| unit.name(generic.name.text) == *name) {
                return Key::Any;
            }
        }
        let module = self.module_of(owner);
        match self.path(module, names, Namespace::Types, is_global) {
            Some(Binding::Def(def)) => match self.kind(def) {
                ItemKind::Alias { ty: Some(ty), .. } => self.key_of(def, ty, depth + 1),
                _ => Key::Def(def),
            },
            Some(Binding::Foreign(package, name)) => Key::Foreign(package, name),
            Some(Binding::Module(_)) => Key::Unknown,
            None => match names {
                [name] if is_primitive(*name) => Key::Primitive(*name),
                _ => Key::Unknown,
            },
        }
    }

    /// The trait and those above it, each once.
    pub(in super::super) fn with_supers(&self, def: Def) -> Vec<Def> {
        let mut found = vec![def];
        let mut at = 0;
        while at < found.len() {
            for above in self.impls.supers.get(&found[at]).into_iter().flatten() {
                if !found.contains(above) {
                    found.push(*above);
                }
            }
            at += 1;
        }
        found
    }
}
