//! Names in modules: what items declare and `use` brings in, to a fixpoint.

use super::super::items::{Active, ItemKind, UseKind};
use super::super::macros::is_standard;
use super::super::name::Name;
use super::super::syntax::PathId;
use super::{CrateId, Def, Module, ModuleId, Tables, UnitId};

/// What a name in a module stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in super::super) enum Binding {
    Def(Def),
    /// A module, or the root of a crate.
    Module(ModuleId),
    /// Something of a package outside the tree: the package's name in code, and its own.
    Foreign(Name, Name),
}

/// Rust keeps names of types, values and macros apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in super::super) enum Namespace {
    Types,
    Values,
    Macros,
}

pub(in super::super) const NAMESPACES: [Namespace; 3] =
    [Namespace::Types, Namespace::Values, Namespace::Macros];

/// How strong a name's claim is: what the host compiles before what it does not, then what is
/// declared, imported by name, imported by a glob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(Active, Origin);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Glob,
    Import,
    Declared,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    binding: Binding,
    rank: Rank,
    is_public: bool,
}

/// What one name stands for in each namespace.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Names([Option<Slot>; 3]);

/// When names were last declared, in any module: what a path means can change only when one of its
/// names is declared anew, or one of an alias that it leads through. Names that share a place are
/// taken for each other, which costs a look in vain.
pub(super) struct Declared {
    now: u32,
    names: Vec<u32>,
    /// Which places have names in the paths that aliases stand for.
    is_of_alias: Vec<bool>,
    alias: u32,
}

impl Default for Declared {
    fn default() -> Self {
        let (names, is_of_alias) = (vec![0; PLACES], vec![false; PLACES]);
        Self { now: 0, names, is_of_alias, alias: 0 }
    }
}

/// A hundred thousand lines import a few thousand names.
const PLACES: usize = 1 << 16;

impl Declared {
    fn place(name: Name) -> usize {
        (name.0 >> 48) as usize % PLACES
    }

    fn put(&mut self, name: Name) -> u32 {
        self.now += 1;
        self.names[Self::place(name)] = self.now;
        if self.is_of_alias[Self::place(name)] {
            self.alias = self.now;
        }
        self.now
    }

    /// Whether `path` means what it meant at `then`.
    fn is_same_since(&self, path: &[Name], then: u32) -> bool {
        (path.len() == 1 || self.alias <= then)
            && path.iter().all(|name| self.names[Self::place(*name)] <= then)
    }
}

impl Module {
    /// Whether that says more than is known already.
    fn declare(&mut self, name: Name, space: Namespace, slot: Slot) -> bool {
        let known = &mut self.names.entry(name).or_default().0[space as usize];
        let slot = match *known {
            None => slot,
            Some(known) if known.binding == slot.binding => Slot {
                rank: known.rank.max(slot.rank),
                is_public: known.is_public || slot.is_public,
                ..slot
            },
            Some(known) if known.rank < slot.rank => slot,
            Some(known) => known,
        };
        known.replace(slot) != Some(slot)
    }

    fn slot(&self, name: Name, space: Namespace) -> Option<Slot> {
        self.names.get(&name)?.0[space as usize]
    }

    /// The names of the module in order, with what each stands for as a type.
    pub(in super::super) fn trait_candidates(&self) -> impl Iterator<Item = Binding> + '_ {
        self.names.values().filter_map(|names| names.0[0].map(|slot| slot.binding))
    }
}

/// A `use` on its way to what it names.
struct Import {
    module: ModuleId,
    path: Vec<Name>,
    is_global: bool,
    kind: ImportKind,
    active: Active,
    is_public: bool,
    /// When it was followed last.
    followed: Option<u32>,
}

enum ImportKind {
    Name(Name),
    /// With the state of the source when it was last copied.
    Glob(Option<(ModuleId, u32)>),
    ExternCrate(Name),
}

/// Rounds of the fixpoint. Chains of re-exports are shorter; each round resolves a link at least.
const MAX_ROUNDS: u32 = 24;

/// Declares all items and follows all imports.
pub(super) fn fill(tables: &mut Tables) {
    for at in 0..tables.units.len() {
        tables.declare_unit(UnitId(at as u32));
    }
    tables.prelude = tables.std_prelude();
    tables.note_aliases();
    let mut imports = tables.imports();
    // What the host leaves out comes last: a chain of imports keeps what it found first.
    imports.sort_by_key(|import| import.active == Active::No);
    let active = imports.partition_point(|import| import.active == Active::Yes);
    tables.follow_imports(&mut imports[..active]);
    tables.follow_imports(&mut imports);
}

impl Tables {
    fn follow_imports(&mut self, imports: &mut [Import]) {
        for _ in 0..MAX_ROUNDS {
            let before = self.declared.now;
            for import in &mut *imports {
                if !self.is_followed(import) {
                    import.followed = Some(self.declared.now);
                    self.follow_import(import);
                }
            }
            if before == self.declared.now {
                break;
            }
        }
    }

    /// Whether following it again would change nothing.
    fn is_followed(&self, import: &Import) -> bool {
        let is_copied = match import.kind {
            ImportKind::Glob(Some((source, version))) => self.module(source).version == version,
            _ => true,
        };
        let is_same = |then| self.declared.is_same_since(&import.path, then);
        is_copied && import.followed.is_some_and(is_same)
    }

    fn declare(&mut self, module: ModuleId, name: Name, space: Namespace, slot: Slot) {
        let module = &mut self.modules[module.0 as usize];
        if module.declare(name, space, slot) {
            module.version = self.declared.put(name);
        }
    }

    /// Notes the names in all paths that aliases stand for.
    fn note_aliases(&mut self) {
        for unit in &self.units {
            for item in &unit.items().items {
                let ItemKind::Alias { ty: Some(ty), .. } = item.kind else { continue };
                if let super::super::syntax::Type::Path(path) = unit.syntax().ty(ty) {
                    for name in self.names_of_path(unit, path) {
                        self.declared.is_of_alias[Declared::place(name)] = true;
                    }
                }
            }
        }
    }

    fn std_prelude(&self) -> Option<ModuleId> {
        match self.modules.first()?.slot(Name::of("prelude"), Namespace::Types)?.binding {
            Binding::Module(module) => Some(module),
            Binding::Def(_) | Binding::Foreign(..) => None,
        }
    }

    fn declare_unit(&mut self, id: UnitId) {
        let unit = self.unit(id);
        let mut found = Vec::new();
        for (at, item) in unit.items().items.iter().enumerate() {
            let def = Def(unit.base + at as u32);
            if self.is_direct_member(def) {
                continue;
            }
            let module = unit.modules[item.scope.0 as usize];
            let rank = Rank(item.active, Origin::Declared);
            let name = unit.name(item.name.text);
            let is_macro = matches!(item.kind, ItemKind::Macro { .. });
            if is_macro && item.active == Active::No && is_standard(name) {
                continue;
            }
            let binding = match item.kind {
                ItemKind::Module { scope: Some(scope), .. } => {
                    Binding::Module(unit.modules[scope.0 as usize])
                }
                ItemKind::Module { .. } => match self.outlined.get(&def) {
                    Some(module) => Binding::Module(*module),
                    None => continue,
                },
                _ => Binding::Def(def),
            };
            let slot = Slot { binding, rank, is_public: item.is_public };
            for space in self.spaces(item.kind) {
                found.push((module, name, *space, slot));
            }
            if matches!(item.kind, ItemKind::Macro { is_exported: true, .. }) {
                let root = self.krate(unit.krate).root;
                let slot = Slot { is_public: true, ..slot };
                found.push((root, name, Namespace::Macros, slot));
            }
        }
        for (name, item) in &unit.items().proc_macros {
            let active = unit.items().item(*item).active;
            let rank = Rank(active, Origin::Declared);
            let slot = Slot { binding: Binding::Def(unit.def(*item)), rank, is_public: true };
            found.push((unit.modules[0], unit.name(name.text), Namespace::Macros, slot));
        }
        for (module, name, space, slot) in found {
            self.declare(module, name, space, slot);
        }
    }

    /// Whether the item is named through what it lies in.
    fn is_direct_member(&self, def: Def) -> bool {
        self.parent(def).is_some_and(|parent| {
            matches!(
                self.kind(parent),
                ItemKind::Impl { .. }
                    | ItemKind::Trait { .. }
                    | ItemKind::Enum { .. }
                    | ItemKind::Struct { .. }
                    | ItemKind::Union { .. }
                    | ItemKind::Variant { .. }
            )
        })
    }

    fn spaces(&self, kind: ItemKind) -> &'static [Namespace] {
        match kind {
            ItemKind::Module { .. }
            | ItemKind::Enum { .. }
            | ItemKind::Union { .. }
            | ItemKind::Trait { .. }
            | ItemKind::Alias { .. } => &[Namespace::Types],
            ItemKind::Struct { .. } => &[Namespace::Types, Namespace::Values],
            ItemKind::Function(_) | ItemKind::Const(_) | ItemKind::Static(_) => {
                &[Namespace::Values]
            }
            ItemKind::Macro { .. } => &[Namespace::Macros],
            ItemKind::Variant { .. } | ItemKind::Field(_) | ItemKind::Impl { .. } => &[],
        }
    }

    fn imports(&self) -> Vec<Import> {
        let mut found = Vec::new();
        for unit in &self.units {
            for used in &unit.items().uses {
                let path = self.names_of_path(unit, used.path);
                let Some(last) = path.last().copied() else { continue };
                let alias = |alias: Option<super::Ident>| alias.map(|it| unit.name(it.text));
                let kind = match used.kind {
                    UseKind::Prefix => continue,
                    UseKind::Glob => ImportKind::Glob(None),
                    UseKind::Name(name) => ImportKind::Name(alias(name).unwrap_or(last)),
                    UseKind::ExternCrate { alias: name, .. } => {
                        ImportKind::ExternCrate(alias(name).unwrap_or(last))
                    }
                };
                let is_global = unit.syntax().path(used.path).is_global
                    || self.krate(unit.krate).uses_start_at_root;
                found.push(Import {
                    module: unit.modules[used.scope.0 as usize],
                    path,
                    is_global,
                    kind,
                    active: used
                        .active
                        .min(self.module(unit.modules[used.scope.0 as usize]).active),
                    is_public: used.is_public,
                    followed: None,
                });
            }
        }
        found
    }

    fn names_of_path(&self, unit: &super::Unit, path: PathId) -> Vec<Name> {
        Self::path_names(&unit.names, unit.syntax(), unit.syntax().path(path))
    }

    fn follow_import(&mut self, import: &mut Import) {
        let rank = Rank(import.active, Origin::Import);
        match &mut import.kind {
            ImportKind::Glob(seen) => {
                let found =
                    self.path(import.module, &import.path, Namespace::Types, import.is_global);
                match found {
                    Some(Binding::Module(source)) => {
                        let state = (source, self.module(source).version);
                        if *seen != Some(state) && source != import.module {
                            *seen = Some(state);
                            self.copy(source, import.module, import.active, import.is_public);
                        }
                    }
                    Some(Binding::Def(def)) if seen.is_none() => {
                        *seen = Some((import.module, 0));
                        self.copy_variants(def, import);
                    }
                    _ => {}
                }
            }
            ImportKind::ExternCrate(name) => {
                let binding = if import.path[0] == Name::SELF_VALUE {
                    let krate = self.module(import.module).krate;
                    Some(Binding::Module(self.krate(krate).root))
                } else {
                    self.external(self.module(import.module).krate, import.path[0])
                };
                if let Some(binding) = binding {
                    let slot = Slot { binding, rank, is_public: import.is_public };
                    let (module, name) = (import.module, *name);
                    self.declare(module, name, Namespace::Types, slot);
                }
            }
            ImportKind::Name(name) => {
                let name = *name;
                for (space, found) in NAMESPACES.into_iter().zip(self.imported(import)) {
                    let Some(binding) = found else { continue };
                    if name != Name::UNDERSCORE {
                        let slot = Slot { binding, rank, is_public: import.is_public };
                        self.declare(import.module, name, space, slot);
                    } else if space == Namespace::Types {
                        // An unnamed trait is in scope under a name nobody can write.
                        let name = import.path.iter().fold(Name::UNDERSCORE, |a, b| a.join(*b));
                        let slot = Slot { binding, rank, is_public: import.is_public };
                        self.declare(import.module, name, space, slot);
                    }
                }
            }
        }
    }

    /// What a `use` by name means in each namespace; never what it declares itself.
    fn imported(&self, import: &Import) -> [Option<Binding>; 3] {
        let (module, path) = (import.module, &import.path[..]);
        let [before @ .., last] = path else { return [None; 3] };
        if before.is_empty() {
            let external = self.external(self.module(module).krate, *last);
            return NAMESPACES.map(|space| match external {
                Some(found) => (space == Namespace::Types).then_some(found),
                None => self.path(module, path, space, import.is_global),
            });
        }
        // All but the last name stand for modules and types, whatever is looked for. A foreign
        // package claims every namespace; as a value it must not hide a local function.
        let around = self.path(module, before, Namespace::Types, import.is_global);
        NAMESPACES.map(|space| self.inside(module, around?, *last, space))
    }

    fn copy(&mut self, from: ModuleId, to: ModuleId, active: Active, is_public: bool) {
        let is_inside = self.is_inside(to, from);
        let same_crate = self.module(from).krate == self.module(to).krate;
        let source = &self.modules[from.0 as usize];
        let mut found = Vec::new();
        #[expect(clippy::iter_over_hash_type, reason = "names are declared apart from each other")]
        for (name, names) in &source.names {
            for space in NAMESPACES {
                let Some(slot) = names.0[space as usize] else { continue };
                let is_macro = space == Namespace::Macros && same_crate;
                if slot.is_public || is_inside || is_macro {
                    let rank = Rank(active.min(slot.rank.0), Origin::Glob);
                    found.push((*name, space, Slot { rank, is_public, ..slot }));
                }
            }
        }
        let count = source.names.len().min(found.len());
        let names = &mut self.modules[to.0 as usize].names;
        names.reserve(count.saturating_sub(names.len()));
        for (name, space, slot) in found {
            self.declare(to, name, space, slot);
        }
    }

    fn copy_variants(&mut self, def: Def, import: &Import) {
        let ItemKind::Enum { .. } = self.kind(self.through_alias(def)) else { return };
        let rank = Rank(import.active, Origin::Glob);
        let variants: Vec<_> = self.members_of(self.through_alias(def)).collect();
        for variant in variants {
            let slot = Slot { binding: Binding::Def(variant), rank, is_public: import.is_public };
            let name = self.name_of(variant);
            self.declare(import.module, name, Namespace::Types, slot);
            self.declare(import.module, name, Namespace::Values, slot);
        }
    }

    pub(super) fn is_inside(&self, inner: ModuleId, outer: ModuleId) -> bool {
        let mut current = Some(inner);
        while let Some(module) = current {
            if module == outer {
                return true;
            }
            current = self.module(module).parent;
        }
        false
    }

    /// A crate by the name code gives it.
    pub(in super::super) fn external(&self, krate: CrateId, name: Name) -> Option<Binding> {
        let from = self.krate(krate);
        if let Some(found) = from.dependencies.get(&name) {
            return Some(Binding::Module(self.krate(*found).root));
        }
        if name == Name::STD || name == Name::CORE || name == Name::ALLOC {
            return Some(Binding::Module(ModuleId(0)));
        }
        let is_known = from.foreign.contains_key(&name)
            || const { [Name::of("proc_macro"), Name::of("test")] }.contains(&name);
        is_known.then_some(Binding::Foreign(name, name))
    }

    /// The module that is no block, around `module` or the same.
    pub(in super::super) fn named_module(&self, mut module: ModuleId) -> ModuleId {
        while self.module(module).is_block
            && let Some(parent) = self.module(module).parent
        {
            module = parent;
        }
        module
    }

    /// What a name alone means in a module.
    pub(in super::super) fn lookup(
        &self,
        module: ModuleId,
        name: Name,
        space: Namespace,
    ) -> Option<Binding> {
        let mut current = module;
        loop {
            let this = self.module(current);
            if let Some(slot) = this.slot(name, space) {
                return Some(slot.binding);
            }
            match this.parent.filter(|_| this.is_block) {
                Some(parent) => current = parent,
                None => break,
            }
        }
        if space == Namespace::Types
            && let Some(found) = self.external(self.module(module).krate, name)
        {
            return Some(found);
        }
        let prelude = self.prelude.filter(|_| space != Namespace::Macros)?;
        Some(self.module(prelude).slot(name, space)?.binding)
    }

    /// What a whole path means; none when it goes through a type's associated items.
    pub(in super::super) fn path(
        &self,
        module: ModuleId,
        names: &[Name],
        space: Namespace,
        is_global: bool,
    ) -> Option<Binding> {
        let (found, used) = self.walk(module, names, space, is_global, |_, _| {});
        found.filter(|_| used == names.len())
    }

    /// Follows a path as far as modules and enums go, telling `see` what each segment means. What
    /// the last one followed means, and how many were.
    pub(in super::super) fn walk(
        &self,
        module: ModuleId,
        names: &[Name],
        space: Namespace,
        is_global: bool,
        mut see: impl FnMut(usize, Binding),
    ) -> (Option<Binding>, usize) {
        let at_end = |at: usize| if at + 1 == names.len() { space } else { Namespace::Types };
        let Some(&first) = names.first() else { return (None, 0) };
        let krate = self.module(module).krate;
        let mut at = 1;
        let mut current = match first {
            Name::CRATE => Binding::Module(self.krate(krate).root),
            Name::SELF_VALUE => Binding::Module(self.named_module(module)),
            Name::SUPER => {
                let mut above = self.named_module(module);
                at = 0;
                while names.get(at) == Some(&Name::SUPER) {
                    let parent = self.module(above).parent;
                    above = self.named_module(parent.unwrap_or(above));
                    at += 1;
                }
                Binding::Module(above)
            }
            _ => {
                let found = if is_global {
                    let root = self.krate(krate).root;
                    let inside = || self.lookup(root, first, at_end(0));
                    match self.krate(krate).uses_start_at_root {
                        true => inside(),
                        false => self.external(krate, first).or_else(inside),
                    }
                } else {
                    self.lookup(module, first, at_end(0))
                };
                let Some(found) = found else { return (None, 0) };
                see(0, found);
                found
            }
        };
        while at < names.len() {
            let Some(next) = self.inside(module, current, names[at], at_end(at)) else { break };
            see(at, next);
            current = next;
            at += 1;
        }
        (Some(current), at)
    }

    /// What `name` means after `binding::` in the module `from`.
    fn inside(
        &self,
        from: ModuleId,
        binding: Binding,
        name: Name,
        space: Namespace,
    ) -> Option<Binding> {
        match binding {
            Binding::Module(module) => {
                let found = self.visible(from, module, name, space);
                let is_std = module == ModuleId(0) || self.module(module).krate == super::STD;
                found.or_else(|| is_std.then_some(Binding::Foreign(Name::STD, name)))
            }
            Binding::Foreign(package, _) => Some(Binding::Foreign(package, name)),
            Binding::Def(def) => {
                let def = self.through_alias(def);
                let variant = self
                    .member(def, name)
                    .filter(|_| matches!(self.kind(def), ItemKind::Enum { .. }));
                variant.map(Binding::Def)
            }
        }
    }

    /// What a name of a module means elsewhere. One that is private there gives way to one of
    /// another namespace that is not, as where `mod a` holds the `a` that `pub use a::a` shows.
    fn visible(
        &self,
        from: ModuleId,
        module: ModuleId,
        name: Name,
        space: Namespace,
    ) -> Option<Binding> {
        let names = &self.module(module).names.get(&name)?.0;
        let slot = names[space as usize]?;
        let gives_way = !slot.is_public
            && names.iter().flatten().any(|other| other.is_public)
            && !self.is_inside(from, module);
        (!gives_way).then_some(slot.binding)
    }

    /// The type that an alias names, as far as its path alone tells.
    pub(in super::super) fn through_alias(&self, def: Def) -> Def {
        let mut def = def;
        for _ in 0..8 {
            let ItemKind::Alias { ty: Some(ty), .. } = self.kind(def) else { return def };
            let unit = self.unit_of(def);
            let super::super::syntax::Type::Path(path) = unit.syntax().ty(ty) else { return def };
            let path = unit.syntax().path(path);
            let names = Self::path_names(&unit.names, unit.syntax(), path);
            match self.path(self.module_of(def), &names, Namespace::Types, path.is_global) {
                Some(Binding::Def(next)) => def = next,
                _ => return def,
            }
        }
        def
    }
}
