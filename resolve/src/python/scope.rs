//! Names: which scope knows one, and what it stands for behind imports.

use std::rc::Rc;

use flux_core::FileId;

use super::facts::{
    BindingId, BindingKind, Import, ImportId, Mention, NameId, ScopeId, ScopeKind, Standing,
};
use super::modules::{Place, folder, hash, is_layout, join};
use super::resolver::Resolver;
use super::types::{Bound, Package};
use super::world::Module;

/// An entry of a scope of any file: a name with its bindings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct EntryRef {
    pub(super) file: FileId,
    pub(super) entry: u32,
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub(super) enum Referent {
    /// Bindings that are no imports.
    Bindings(Rc<[Bound]>),
    /// A module of the tree.
    Place(Place),
    /// Something of a package outside the tree, with a hash of its last name.
    External(Package, u64),
    /// Nothing: an import that points at nothing, or at itself.
    Nothing,
}

/// Whether no run reaches any binding of an entry.
fn is_dead(module: &Module, entry: u32) -> bool {
    let facts = module.facts();
    let mut bindings = module.bindings(entry).iter().map(|id| &facts.bindings[id.index()]);
    bindings.all(|binding| binding.standing == Standing::Dead)
}

/// How many star imports are followed one behind the other.
const STARS: u32 = 12;

impl<'w> Resolver<'w> {
    /// The entry for a name, given by its hash, as seen from a scope, and the scope that has it.
    pub(super) fn lookup(
        &mut self,
        file: FileId,
        from: ScopeId,
        symbol: u64,
    ) -> Option<(ScopeId, EntryRef)> {
        self.lookup_where(file, from, symbol, |_| true)
    }

    /// The entry that a mention sees. A class body does not see what it binds further down.
    pub(super) fn lookup_mention(
        &mut self,
        file: FileId,
        mention: Mention,
    ) -> Option<(ScopeId, EntryRef)> {
        let module = self.module(file)?;
        let facts = module.facts();
        let is_bound = |entry: u32| {
            let bindings = module.bindings(entry).iter().map(|id| &facts.bindings[id.index()]);
            let mut bindings = bindings.filter(|binding| binding.at < mention.at);
            bindings.any(|binding| {
                // `name = name` reads what is outside.
                binding.statement != mention.statement || binding.kind != BindingKind::Variable
            })
        };
        self.lookup_where(file, mention.scope, module.symbol(mention.name), is_bound)
    }

    fn lookup_where(
        &mut self,
        file: FileId,
        from: ScopeId,
        symbol: u64,
        is_bound: impl Fn(u32) -> bool,
    ) -> Option<(ScopeId, EntryRef)> {
        let module = self.module(file)?;
        let mut next = Some(from);
        let mut sees_class = true;
        while let Some(id) = next {
            let scope = &module.facts().scopes[id.index()];
            if scope.kind != ScopeKind::Class || sees_class {
                if let Some(entry) = module.entry(id, symbol)
                    && (scope.kind != ScopeKind::Class || is_bound(entry))
                    && !(self.world.standard.is_builtin(symbol) && is_dead(module, entry))
                {
                    return Some((id, EntryRef { file, entry }));
                }
                if let Some(found) = self.stars(module, file, id, symbol, 0) {
                    return Some((id, found));
                }
            }
            sees_class &= scope.kind == ScopeKind::TypeParameters;
            next = scope.parent;
        }
        None
    }

    fn stars(
        &mut self,
        module: &'w Module,
        file: FileId,
        scope: ScopeId,
        symbol: u64,
        depth: u32,
    ) -> Option<EntryRef> {
        // Later imports hide earlier ones.
        let stars = module.facts().scopes[scope.index()].stars.iter().rev();
        stars.into_iter().find_map(|star| self.star(file, *star, symbol, depth))
    }

    /// What `from … import *` brings under a name.
    fn star(
        &mut self,
        file: FileId,
        import: ImportId,
        symbol: u64,
        depth: u32,
    ) -> Option<EntryRef> {
        if depth > STARS {
            return None;
        }
        let import = self.facts(file)?.imports[import.index()];
        let Some(Place::Module(target)) = self.imported(file, import) else { return None };
        let module = self.module(target)?;
        let facts = module.facts();
        match &facts.all {
            Some(all) => {
                if !all.iter().any(|name| module.symbol(*name) == symbol)
                    && self.all_is_plain(module)
                {
                    return None;
                }
            }
            None => {
                let entry = module.entry(ScopeId::MODULE, symbol);
                let name = entry.map(|entry| facts.entries[entry as usize].name);
                if name.is_some_and(|name| facts.names[name.index()].starts_with('_')) {
                    return None;
                }
            }
        }
        let own = module.entry(ScopeId::MODULE, symbol);
        if let Some(entry) = own {
            return Some(EntryRef { file: target, entry });
        }
        self.stars(module, target, ScopeId::MODULE, symbol, depth + 1)
    }

    /// Whether `__all__` was read in full: only lists of strings, bound where it was seen.
    fn all_is_plain(&self, module: &Module) -> bool {
        let symbol = hash(&["__all__"]);
        let Some(entry) = module.entry(ScopeId::MODULE, symbol) else { return true };
        let facts = module.facts();
        module.bindings(entry).iter().all(|id| {
            let value = facts.bindings[id.index()].value;
            value.is_some_and(|value| {
                matches!(
                    facts.expressions[value.index()],
                    super::facts::Expression::List(_) | super::facts::Expression::Tuple(_)
                )
            })
        })
    }

    /// The module that an import statement names, without its member.
    pub(super) fn imported(&mut self, file: FileId, import: Import) -> Option<Place> {
        let module = self.module(file)?;
        let name = &*module.facts().names[import.module.index()];
        self.place(file, name, import.level)
    }

    /// The module called `name`, behind `level` dots, as seen from a file.
    pub(super) fn place(&mut self, file: FileId, name: &str, level: u32) -> Option<Place> {
        let key = (file, hash(&[name]), level);
        if let Some(found) = self.places.get(&key) {
            return *found;
        }
        let found = self.find_place(file, name, level);
        self.places.insert(key, found);
        found
    }

    fn find_place(&mut self, file: FileId, name: &str, level: u32) -> Option<Place> {
        let world = self.world;
        let name: String = name.split('.').map(str::trim).collect::<Vec<_>>().join("/");
        let here = folder(world.files.path(file));
        if level > 0 {
            let mut from = here;
            for _ in 1..level {
                if from.is_empty() {
                    return None;
                }
                from = folder(from);
            }
            let path = join(from, &name);
            return if path.is_empty() { None } else { world.modules.at(&path, &mut self.looked) };
        }
        let first = name.split('/').next().unwrap_or(&name);
        let is_standard = world.standard.is_module(hash(&[first]));
        let mut namespace = None;
        for root in world.modules.roots(first, &mut self.looked) {
            if is_standard && !is_layout(root) {
                continue;
            }
            match world.modules.at(&join(root, &name), &mut self.looked) {
                Some(Place::Module(found)) => return Some(Place::Module(found)),
                other => namespace = namespace.or(other),
            }
        }
        if is_standard {
            return None;
        }
        if namespace.is_some() {
            return namespace;
        }
        // As a script would: from its own folder, then from those around it.
        let mut from = here;
        while !from.is_empty() {
            let is_package = matches!(
                world.modules.at(from, &mut self.looked),
                Some(Place::Module(file)) if folder(world.files.path(file)) == from
            );
            // Inside a package, its neighbours are only found with its name before theirs; but
            // pytest puts the folder of every `conftest.py` on the path, and a package may be
            // run from inside, which shows when a neighbour defines what is imported.
            if let Some(found) = world.modules.at(&join(from, &name), &mut self.looked)
                && (!is_package || name == "conftest" || self.gives_imports(file, &name, found))
            {
                return Some(found);
            }
            from = folder(from);
        }
        None
    }

    /// Whether a module itself has something that a file imports from the module called `name`.
    fn gives_imports(&mut self, file: FileId, name: &str, place: Place) -> bool {
        let Place::Module(candidate) = place else { return false };
        let (Some(module), Some(target)) = (self.module(file), self.module(candidate)) else {
            return false;
        };
        let (facts, given) = (module.facts(), target.facts());
        let is_own = |member: NameId| {
            let Some(entry) = target.entry(ScopeId::MODULE, module.symbol(member)) else {
                return false;
            };
            target.bindings(entry).iter().any(|id| match given.bindings[id.index()].kind {
                BindingKind::Import(import) => given.imports[import.index()].level > 0,
                _ => true,
            })
        };
        candidate != file
            && facts.imports.iter().any(|import| {
                let module = &facts.names[import.module.index()];
                import.level == 0
                    && module.split('.').map(str::trim).eq(name.split('/'))
                    && import.member.is_some_and(is_own)
            })
    }

    /// What a package has under the name of one of its modules, because it imports from there:
    /// `from .m import x` in `__init__` binds `m` too.
    pub(super) fn submodule(&mut self, file: FileId, symbol: u64) -> Option<Place> {
        let path = self.world.files.path(file);
        if !path.rsplit('/').next().unwrap_or(path).starts_with("__init__.") {
            return None;
        }
        let module = self.module(file)?;
        let facts = module.facts();
        let first = facts.imports.iter().find_map(|import| {
            let name = &*facts.names[import.module.index()];
            let first = name.split('.').next().unwrap_or(name);
            let is_it = import.level == 1 && !first.is_empty() && hash(&[first]) == symbol;
            is_it.then_some(first)
        })?;
        self.place(file, first, 1)
    }

    /// What lies below a module's folder under a name, given as text.
    pub(super) fn below(&mut self, place: Place, name: &str) -> Option<Place> {
        let world = self.world;
        let inside = match place {
            Place::Namespace(at) => world.modules.folder(at),
            Place::Module(file) => {
                let path = world.files.path(file);
                let base = path.rsplit('/').next().unwrap_or(path);
                if !base.starts_with("__init__.") {
                    return None;
                }
                folder(path)
            }
        };
        world.modules.at(&join(inside, name), &mut self.looked)
    }

    /// What an import binding stands for.
    fn import(&mut self, bound: Bound, import: ImportId) -> Referent {
        let Some(module) = self.module(bound.file) else { return Referent::Nothing };
        let facts = module.facts();
        let import = facts.imports[import.index()];
        let place = self.imported(bound.file, import);
        let path = &facts.names[import.module.index()];
        let Some(place) = place else {
            if import.level > 0 {
                return Referent::Nothing;
            }
            let package = self.types.package(path);
            let last = match import.member {
                Some(name) => module.symbol(name),
                None => hash(&[path.rsplit('.').next().unwrap_or(path)]),
            };
            return Referent::External(package, last);
        };
        match import.member {
            None => Referent::Place(place),
            Some(name) => self.member_of(place, module.symbol(name), &facts.names[name.index()]),
        }
    }

    /// What a module or namespace has under a name.
    pub(super) fn member_of(&mut self, place: Place, symbol: u64, name: &str) -> Referent {
        if let Place::Module(file) = place {
            let found = self.attribute_of_module(file, symbol);
            if !matches!(found, Referent::Nothing) {
                return found;
            }
        }
        match self.below(place, name) {
            Some(found) => Referent::Place(found),
            None => Referent::Nothing,
        }
    }

    fn attribute_of_module(&mut self, file: FileId, symbol: u64) -> Referent {
        if let Some(found) = self.attributes.get(&(file, symbol)) {
            return found.clone();
        }
        self.attributes.insert((file, symbol), Referent::Nothing);
        let Some(module) = self.module(file) else { return Referent::Nothing };
        let own = module.entry(ScopeId::MODULE, symbol);
        let entry = own
            .map(|entry| EntryRef { file, entry })
            .or_else(|| self.stars(module, file, ScopeId::MODULE, symbol, 0));
        let found = entry.map_or(Referent::Nothing, |entry| self.chase_outside(entry));
        self.attributes.insert((file, symbol), found.clone());
        found
    }

    /// What an entry stands for, behind imports.
    pub(super) fn chase(&mut self, entry: EntryRef) -> Referent {
        if let Some(found) = self.referents.get(&entry) {
            return found.clone();
        }
        self.referents.insert(entry, Referent::Nothing);
        let module = self.module(entry.file);
        let bindings = module.map_or(&[][..], |module| module.bindings(entry.entry));
        let bindings: Vec<Bound> =
            bindings.iter().map(|id| Bound { file: entry.file, id: *id }).collect();
        let found = self.chase_all(&bindings);
        self.referents.insert(entry, found.clone());
        found
    }

    /// What an entry of a module stands for in other files: the last of what says its type, as
    /// long as that is no stand-in for what could not be imported.
    pub(super) fn chase_outside(&mut self, entry: EntryRef) -> Referent {
        let Some(module) = self.module(entry.file) else { return Referent::Nothing };
        let facts = module.facts();
        let all = module.bindings(entry.entry);
        let is_plain = |id: &BindingId| facts.bindings[id.index()].standing == Standing::Plain;
        let says = |id: &BindingId| {
            let binding = &facts.bindings[id.index()];
            binding.annotation.is_some()
                || matches!(
                    binding.kind,
                    BindingKind::Function(_)
                        | BindingKind::Class(_)
                        | BindingKind::Import(_)
                        | BindingKind::Alias
                )
        };
        let bound = |id: &BindingId| Bound { file: entry.file, id: *id };
        let mut found = Referent::Nothing;
        for last in all.iter().rev().filter(|id| says(id) && is_plain(id)) {
            let one = self.chase_all(&[bound(last)]);
            match one {
                Referent::Bindings(_) | Referent::Place(_) => return one,
                Referent::External(..) if matches!(found, Referent::Nothing) => found = one,
                Referent::External(..) | Referent::Nothing => {}
            }
        }
        if matches!(found, Referent::External(..)) {
            return found;
        }
        if let Some(last) = all.iter().rev().find(|id| says(id)) {
            return self.chase_all(&[bound(last)]);
        }
        let mut kept: Vec<Bound> = all.iter().filter(|id| is_plain(id)).map(bound).collect();
        if kept.is_empty() {
            kept = all.iter().map(bound).collect();
        }
        self.chase_all(&kept)
    }

    /// What bindings of one name stand for. Definitions win over modules, modules over packages.
    pub(super) fn chase_all(&mut self, bindings: &[Bound]) -> Referent {
        let (mut all, mut other): (Vec<Bound>, _) = (Vec::new(), Referent::Nothing);
        for &bound in bindings {
            let BindingKind::Import(import) = self.binding(bound).kind else {
                if !all.contains(&bound) {
                    all.push(bound);
                }
                continue;
            };
            match self.import(bound, import) {
                Referent::Bindings(more) => {
                    for bound in more.iter() {
                        if !all.contains(bound) {
                            all.push(*bound);
                        }
                    }
                }
                found @ Referent::Place(_) => other = found,
                found @ Referent::External(..) => {
                    if matches!(other, Referent::Nothing) {
                        other = found;
                    }
                }
                Referent::Nothing => {}
            }
        }
        if all.is_empty() { other } else { Referent::Bindings(all.into()) }
    }
}
