//! All files together: crates, modules, scopes, impls. Built once from items, then only read.

mod definitions;
mod dependencies;
mod expand;
mod impls;
mod scopes;
mod tree;

use std::sync::Arc;

use flux_core::FileId;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::cargo;
use super::items::{Active, Bodies, Item, ItemKind, Items};
use super::macros::{Expansion, Rules};
use super::name::Name;
use super::syntax::{Ident, ItemId, Path, Syntax, TextId};
use crate::facts::Facts;
use crate::layer::Files;
use crate::notes::{NoteKey, Notes};

pub(super) use expand::offset_of;
pub(super) use impls::{ImplId, Key, is_primitive};
pub(super) use scopes::{Binding, Namespace};

/// An item of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Def(pub(super) u32);

/// A file's facts, or those of a macro expanded where items stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct UnitId(pub(super) u32);

/// A crate: a target of a package, or a file that belongs to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct CrateId(pub(super) u32);

/// A module, or a block that declares items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ModuleId(pub(super) u32);

/// The crate of the standard library's signatures.
pub(super) const STD: CrateId = CrateId(0);

enum Source {
    File(Arc<Facts>),
    Made(Box<super::Facts>),
}

/// Facts in the world.
pub(super) struct Unit {
    source: Source,
    /// None for the standard library.
    pub(super) file: Option<FileId>,
    pub(super) krate: CrateId,
    /// The first of its items.
    pub(super) base: u32,
    /// Its texts as names.
    pub(super) names: Vec<Name>,
    /// The module of each of its scopes.
    pub(super) modules: Vec<ModuleId>,
    /// What its items lie in, for an expansion.
    pub(super) owner: Option<Def>,
    /// How many expansions lie around it.
    depth: u32,
    /// The expansion that it is.
    pub(super) expansion: Option<Expansion>,
    /// What that is noted by.
    note: NoteKey,
    /// Where the files of a file's modules are looked for.
    directory: Box<str>,
}

impl Unit {
    pub(super) fn items(&self) -> &Items {
        match &self.source {
            Source::File(facts) => match &**facts {
                Facts::Rust(facts) => &facts.items,
                #[cfg(any(feature = "python", feature = "rules"))]
                _ => unreachable!("only files in Rust become units"),
            },
            Source::Made(made) => &made.items,
        }
    }

    pub(super) fn syntax(&self) -> &Syntax {
        &self.items().syntax
    }

    pub(super) fn name(&self, text: TextId) -> Name {
        self.names[text.0 as usize]
    }

    /// Its bodies, unpacked.
    pub(super) fn bodies(&self) -> Bodies {
        match &self.source {
            Source::File(facts) => match &**facts {
                Facts::Rust(facts) => facts.unpack(),
                #[cfg(any(feature = "python", feature = "rules"))]
                _ => unreachable!("only files in Rust become units"),
            },
            Source::Made(made) => made.unpack(),
        }
    }

    pub(super) fn def(&self, item: ItemId) -> Def {
        Def(self.base + item.0)
    }
}

/// The names of all texts of `syntax`.
pub(super) fn names_of(syntax: &Syntax) -> Vec<Name> {
    (0..syntax.texts.len() as u32).map(|id| Name::of(syntax.text(TextId(id)))).collect()
}

/// A crate.
pub(super) struct Crate {
    pub(super) root: ModuleId,
    /// The name other crates use.
    pub(super) name: Name,
    pub(super) text: Box<str>,
    /// Crates of the tree it may name.
    pub(super) dependencies: FxHashMap<Name, CrateId>,
    /// Packages outside the tree it may name, by the name in code.
    pub(super) foreign: FxHashMap<Name, Box<str>>,
    /// Whether it sees another crate's items, by its number.
    pub(super) closure: Vec<bool>,
    /// Whether the paths of its `use` items start at its root: those of the first edition do.
    pub(super) uses_start_at_root: bool,
    /// A digest of all that its files' items say.
    pub(super) digest: u64,
    /// Names the crate in every run.
    pub(super) key: u64,
}

/// A module.
pub(super) struct Module {
    pub(super) krate: CrateId,
    pub(super) parent: Option<ModuleId>,
    pub(super) unit: UnitId,
    /// The item that declares it, when its body is inline.
    pub(super) def: Option<Def>,
    pub(super) is_block: bool,
    pub(super) is_file: bool,
    names: FxHashMap<Name, scopes::Names>,
    /// When a name was last declared in it.
    version: u32,
    /// Whether the host compiles it.
    active: Active,
}

/// Everything resolution reads.
pub(super) struct Tables {
    pub(super) units: Vec<Unit>,
    pub(super) crates: Vec<Crate>,
    pub(super) modules: Vec<Module>,
    unit_of: Vec<UnitId>,
    /// The units of each file, the file's own first.
    pub(super) units_of_file: Vec<Vec<UnitId>>,
    /// The module in another file that a `mod` item stands for.
    pub(super) outlined: FxHashMap<Def, ModuleId>,
    /// Fields, variants and members of traits.
    pub(super) members: FxHashMap<(Def, Name), Def>,
    pub(super) impls: impls::Impls,
    /// Definitions of macros by name, in order.
    pub(super) macros: FxHashMap<Name, Vec<Def>>,
    /// Crates whose macros a crate takes over by `#[macro_use] extern crate`.
    macro_crates: FxHashMap<CrateId, Vec<CrateId>>,
    rules: FxHashMap<Def, std::sync::OnceLock<Option<Rules>>>,
    /// Members that macros add to an impl or a trait.
    pub(super) added: FxHashMap<Def, Vec<Def>>,
    pub(super) prelude: Option<ModuleId>,
    /// Types and traits of the standard library by their names.
    lang: FxHashMap<Name, Def>,
    /// Which names were declared, while modules are filled.
    declared: scopes::Declared,
    /// The position of each item in its file's graph; `u32::MAX` for what has none.
    pub(super) index: Vec<u32>,
    /// The definitions of each file, in order.
    pub(super) defined: Vec<Vec<Def>>,
}

impl Tables {
    pub(super) fn unit(&self, id: UnitId) -> &Unit {
        &self.units[id.0 as usize]
    }

    pub(super) fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0 as usize]
    }

    pub(super) fn krate(&self, id: CrateId) -> &Crate {
        &self.crates[id.0 as usize]
    }

    pub(super) fn unit_of(&self, def: Def) -> &Unit {
        self.unit(self.unit_of[def.0 as usize])
    }

    pub(super) fn item(&self, def: Def) -> &Item {
        let unit = self.unit_of(def);
        unit.items().item(ItemId(def.0 - unit.base))
    }

    pub(super) fn kind(&self, def: Def) -> ItemKind {
        self.item(def).kind
    }

    pub(super) fn name_of(&self, def: Def) -> Name {
        let unit = self.unit_of(def);
        unit.name(unit.items().item(ItemId(def.0 - unit.base)).name.text)
    }

    pub(super) fn text_of(&self, def: Def) -> &str {
        let unit = self.unit_of(def);
        unit.syntax().text(unit.items().item(ItemId(def.0 - unit.base)).name.text)
    }

    /// What the item lies in.
    pub(super) fn parent(&self, def: Def) -> Option<Def> {
        let unit = self.unit_of(def);
        let item = unit.items().item(ItemId(def.0 - unit.base));
        item.parent.map(|parent| unit.def(parent)).or(unit.owner)
    }

    /// The module whose names the item's own signature sees.
    pub(super) fn module_of(&self, def: Def) -> ModuleId {
        let unit = self.unit_of(def);
        unit.modules[unit.items().item(ItemId(def.0 - unit.base)).scope.0 as usize]
    }

    pub(super) fn is_std(&self, def: Def) -> bool {
        self.unit_of(def).file.is_none()
    }

    pub(super) fn member(&self, of: Def, name: Name) -> Option<Def> {
        self.members.get(&(of, name)).copied()
    }

    /// The impl or trait around a member.
    pub(super) fn container(&self, def: Def) -> Option<Def> {
        let parent = self.parent(def)?;
        matches!(self.kind(parent), ItemKind::Impl { .. } | ItemKind::Trait { .. })
            .then_some(parent)
    }

    /// The members written in an impl or trait, and those that macros add.
    pub(super) fn members_of(&self, def: Def) -> impl Iterator<Item = Def> + '_ {
        let unit = self.unit_of(def);
        let run = match self.kind(def) {
            ItemKind::Impl { members, .. } | ItemKind::Trait { members, .. } => members,
            ItemKind::Struct { fields } | ItemKind::Union { fields } => fields,
            ItemKind::Variant { fields } => fields,
            ItemKind::Enum { variants } => variants,
            _ => super::syntax::Run::default(),
        };
        let written = run.of(&unit.items().members).iter().map(|member| unit.def(*member));
        written.chain(self.added.get(&def).into_iter().flatten().copied())
    }

    /// The names of a path, in order.
    pub(super) fn path_names(names: &[Name], syntax: &Syntax, path: Path) -> Vec<Name> {
        let segments = path.segments.of(&syntax.segments);
        segments.iter().map(|segment| names[segment.ident.text.0 as usize]).collect()
    }

    /// The compiled rules of a macro.
    pub(super) fn rules(&self, def: Def) -> Option<&Rules> {
        let slot = self.rules.get(&def)?;
        slot.get_or_init(|| {
            let ItemKind::Macro { rules, .. } = self.kind(def) else { return None };
            Rules::parse(self.unit_of(def).syntax().text(rules))
        })
        .as_ref()
    }

    /// A type or trait of the standard library.
    pub(super) fn lang(&self, name: Name) -> Option<Def> {
        self.lang.get(&name).copied()
    }

    /// Whether the host compiles the item with all that is around it.
    pub(super) fn active(&self, def: Def) -> Active {
        let mut active = self.module(self.module_of(def)).active;
        let mut current = Some(def);
        while let Some(def) = current.filter(|_| active == Active::Yes) {
            active = self.item(def).active;
            current = self.parent(def);
        }
        active
    }

    /// Says of each module whether the host compiles it: it, and all that is around it.
    fn activate(&mut self) {
        let mut declared: FxHashMap<ModuleId, Active> = FxHashMap::default();
        #[expect(clippy::iter_over_hash_type, reason = "the strongest of each module counts")]
        for (def, module) in &self.outlined {
            let active = self.item(*def).active;
            let known = declared.entry(*module).or_insert(active);
            *known = active.max(*known);
        }
        // Modules come after those around them.
        for at in 0..self.modules.len() {
            let this = &self.modules[at];
            let own = match this.def {
                Some(def) => self.item(def).active,
                None => declared.get(&ModuleId(at as u32)).copied().unwrap_or(Active::Yes),
            };
            let around = this.parent.map_or(Active::Yes, |parent| self.module(parent).active);
            self.modules[at].active = own.min(around);
        }
    }

    pub(super) fn sees(&self, from: CrateId, to: CrateId) -> bool {
        let closure = &self.krate(from).closure;
        to == STD || closure.get(to.0 as usize).copied().unwrap_or(false)
    }
}

/// Reads the world of all files.
pub(super) fn open(files: &dyn Files, notes: &Notes<'_>) -> Tables {
    // Facts are decoded on first use, which would be one by one.
    let decode = || {
        let all = (0..files.len() as u32).into_par_iter().map(FileId);
        all.filter(|file| super::speaks(files.language(*file)))
            .for_each(|file| drop(files.facts(file)));
    };
    let begin = || (tree::stubs(notes), cargo::packages(files));
    let ((stubs, packages), ()) = rayon::join(begin, decode);
    let mut tables = tree::collect(files, &packages, stubs);
    expand::expand_items(&mut tables, files, notes, 0);
    // Macros may declare modules: only now is it known which files no crate includes.
    let first = tables.units.len();
    tables.add_orphans(files);
    expand::expand_items(&mut tables, files, notes, first);
    tables.activate();
    tables.gather_lang();
    tables.gather_members();
    scopes::fill(&mut tables);
    impls::index(&mut tables);
    definitions::number(&mut tables, files.len());
    tables.digest_crates(files);
    tables
}

impl Tables {
    fn gather_lang(&mut self) {
        let unit = &self.units[0];
        let mut lang = FxHashMap::default();
        for (at, item) in unit.items().items.iter().enumerate() {
            let is_type = matches!(
                item.kind,
                ItemKind::Struct { .. } | ItemKind::Enum { .. } | ItemKind::Trait { .. }
            );
            if is_type {
                let name = unit.name(item.name.text);
                lang.entry(name).or_insert(Def(unit.base + at as u32));
            }
        }
        self.lang = lang;
    }

    fn gather_members(&mut self) {
        let mut members = FxHashMap::default();
        for unit in &self.units {
            for (at, item) in unit.items().items.iter().enumerate() {
                let is_member = matches!(item.kind, ItemKind::Field(_) | ItemKind::Variant { .. });
                let Some(parent) = item.parent.map(|it| unit.def(it)).or(unit.owner) else {
                    continue;
                };
                if is_member || matches!(self.kind(parent), ItemKind::Trait { .. }) {
                    let name = unit.name(item.name.text);
                    members.entry((parent, name)).or_insert(Def(unit.base + at as u32));
                }
            }
        }
        self.members = members;
    }
}
