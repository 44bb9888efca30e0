//! Crates and the trees of their modules.

use std::sync::{Arc, OnceLock};

use flux_core::FileId;
use rustc_hash::FxHashMap;

use super::super::cargo::{Package, TargetKind};
use super::super::items::{Active, ItemKind, UseKind};
use super::super::name::Name;
use super::super::syntax::{ItemId, ScopeId};
use super::super::{Facts as RustFacts, lower, signatures};
use super::{Crate, CrateId, Def, Module, ModuleId, STD, Source, Tables, Unit, UnitId, names_of};
use crate::facts::Facts;
use crate::layer::Files;
use crate::notes::{self, NoteKey, Notes};

/// Deepest nesting of modules that is followed: a `mod` with a `#[path]` may name itself.
const MAX_MODULES: u32 = 64;

/// The file of a module and where its children are looked for.
struct Place {
    file: FileId,
    directory: String,
}

/// The signatures of the standard library, lowered.
pub(super) fn stubs(notes: &Notes<'_>) -> RustFacts {
    static STUBS: OnceLock<RustFacts> = OnceLock::new();
    let lower = || {
        let text = signatures::TEXT;
        let lowered = lower::parse(text).map(|tree| lower::file(text, &tree));
        lowered.map(|lowered| RustFacts::new(lowered.items, &lowered.bodies)).unwrap_or_default()
    };
    let key = notes::key(&[b"stubs", signatures::TEXT.as_bytes()]);
    notes.recall(key, || STUBS.get_or_init(lower).clone())
}

/// Makes crates and modules of all files.
pub(super) fn collect(files: &dyn Files, packages: &[Package], stubs: RustFacts) -> Tables {
    let mut tables = Tables {
        units: Vec::new(),
        crates: Vec::new(),
        modules: Vec::new(),
        unit_of: Vec::new(),
        units_of_file: vec![Vec::new(); files.len()],
        outlined: FxHashMap::default(),
        members: FxHashMap::default(),
        impls: super::impls::Impls::default(),
        macros: FxHashMap::default(),
        macro_crates: FxHashMap::default(),
        rules: FxHashMap::default(),
        added: FxHashMap::default(),
        prelude: None,
        lang: FxHashMap::default(),
        declared: super::scopes::Declared::default(),
        index: Vec::new(),
        defined: Vec::new(),
    };
    tables.add_std(stubs);
    let roots = tables.add_crates(files, packages);
    for (krate, file) in roots {
        tables.add_root(files, krate, file);
    }
    tables.close();
    tables
}

/// The targets of all packages, libraries first: a file that several include belongs to the first.
fn targets(packages: &[Package]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (at, package) in packages.iter().enumerate() {
        found.extend((0..package.targets.len()).map(|target| (at, target)));
    }
    found.sort_by_key(|&(at, target)| {
        (packages[at].targets[target].kind != TargetKind::Library, at, target)
    });
    found
}

impl Tables {
    fn add_std(&mut self, stubs: RustFacts) {
        let root = ModuleId(0);
        self.crates.push(Crate {
            root,
            name: Name::STD,
            text: "std".into(),
            dependencies: FxHashMap::default(),
            foreign: FxHashMap::default(),
            closure: Vec::new(),
            uses_start_at_root: false,
            digest: 0,
            key: 0,
        });
        let source = Source::Made(Box::new(stubs));
        let unit = self.push_unit(source, None, STD, None, 0);
        self.add_module(unit, STD, None, None, true);
        self.fill_unit(unit, root, None, "", 0);
    }

    /// Adds a crate for each target; its number and root file.
    fn add_crates(&mut self, files: &dyn Files, packages: &[Package]) -> Vec<(CrateId, FileId)> {
        let mut roots = Vec::new();
        let mut libraries = FxHashMap::default();
        for (at, target) in targets(packages) {
            let target = &packages[at].targets[target];
            if files.facts(target.root).is_none_or(|facts| !is_rust(&facts)) {
                continue;
            }
            let krate = CrateId(self.crates.len() as u32);
            let is_library = target.kind == TargetKind::Library;
            if is_library {
                libraries.entry(at).or_insert(krate);
            }
            self.crates.push(Crate {
                root: ModuleId(u32::MAX),
                name: Name::of(&target.name),
                text: target.name.clone(),
                dependencies: FxHashMap::default(),
                foreign: FxHashMap::default(),
                closure: Vec::new(),
                uses_start_at_root: packages[at].edition < 2018,
                digest: 0,
                key: Name::of(files.path(target.root)).join(Name::of(&target.name)).0,
            });
            roots.push((krate, target.root));
        }
        let made = targets(packages).into_iter().filter(|&(at, target)| {
            let root = packages[at].targets[target].root;
            files.facts(root).is_some_and(|facts| is_rust(&facts))
        });
        for ((at, _), (krate, _)) in made.zip(&roots) {
            self.link(packages, at, *krate, &libraries);
        }
        roots
    }

    /// Names the crates that `krate` of package `at` may use.
    fn link(
        &mut self,
        packages: &[Package],
        at: usize,
        krate: CrateId,
        libraries: &FxHashMap<usize, CrateId>,
    ) {
        let mut dependencies = FxHashMap::default();
        let mut foreign = FxHashMap::default();
        for dependency in &packages[at].dependencies {
            let name = Name::of(&dependency.name);
            let member = dependency.member.and_then(|member| libraries.get(&(member as usize)));
            match member {
                Some(library) => {
                    dependencies.entry(name).or_insert(*library);
                }
                None => {
                    foreign.entry(name).or_insert_with(|| dependency.name.clone());
                }
            }
        }
        if let Some(library) = libraries.get(&at).filter(|library| **library != krate) {
            dependencies.insert(self.crates[library.0 as usize].name, *library);
        }
        let made = &mut self.crates[krate.0 as usize];
        made.dependencies = dependencies;
        made.foreign = foreign;
    }

    /// Which crates each crate sees, through any number of others: those it depends on, and those
    /// that have a file it includes as well, such as the helpers that several tests share.
    fn close(&mut self) {
        let count = self.crates.len();
        let mut shared = vec![Vec::new(); count];
        for unit in &self.units {
            for at in 0..unit.items().items.len() as u32 {
                let module = self.outlined.get(&unit.def(ItemId(at)));
                let home = module.map(|module| self.module(*module).krate);
                if let Some(home) = home.filter(|home| *home != unit.krate) {
                    shared[unit.krate.0 as usize].push(home);
                }
            }
        }
        for at in 0..count {
            let mut seen = vec![false; count];
            let mut pending = vec![CrateId(at as u32)];
            while let Some(next) = pending.pop() {
                if !std::mem::replace(&mut seen[next.0 as usize], true) {
                    let next = next.0 as usize;
                    pending.extend(self.crates[next].dependencies.values());
                    pending.extend(&shared[next]);
                }
            }
            self.crates[at].closure = seen;
        }
    }

    fn add_root(&mut self, files: &dyn Files, krate: CrateId, file: FileId) {
        let path = files.path(file);
        let directory = parent(path).to_owned();
        let place = Place { file, directory };
        if let Some(module) = self.add_file(files, krate, None, place, 0) {
            self.crates[krate.0 as usize].root = module;
        } else {
            // Another crate has the file already: a root of two targets.
            let unit = self.units_of_file[file.0 as usize].first().copied();
            let module = unit.map_or(ModuleId(0), |unit| self.unit(unit).modules[0]);
            self.crates[krate.0 as usize].root = module;
        }
    }

    /// Files that no crate includes see only themselves.
    pub(super) fn add_orphans(&mut self, files: &dyn Files) {
        for at in 0..files.len() {
            let file = FileId(at as u32);
            if !self.units_of_file[at].is_empty() || files.language(file) != "rust" {
                continue;
            }
            let krate = CrateId(self.crates.len() as u32);
            self.crates.push(Crate {
                root: ModuleId(u32::MAX),
                name: Name::of(files.path(file)),
                text: "".into(),
                dependencies: FxHashMap::default(),
                foreign: FxHashMap::default(),
                closure: Vec::new(),
                uses_start_at_root: false,
                digest: 0,
                key: Name::of(files.path(file)).0,
            });
            let directory = parent(files.path(file)).to_owned();
            let place = Place { file, directory };
            match self.add_file(files, krate, None, place, 0) {
                Some(module) => self.crates[krate.0 as usize].root = module,
                None => {
                    self.crates.pop();
                }
            }
        }
        self.close();
    }

    /// Adds the module of a file with its children; none when the file has one already.
    fn add_file(
        &mut self,
        files: &dyn Files,
        krate: CrateId,
        parent: Option<ModuleId>,
        place: Place,
        depth: u32,
    ) -> Option<ModuleId> {
        if !self.units_of_file[place.file.0 as usize].is_empty() || depth > MAX_MODULES {
            return None;
        }
        let facts = files.facts(place.file).filter(is_rust)?;
        let unit = self.push_unit(Source::File(facts), Some(place.file), krate, None, 0);
        self.units[unit.0 as usize].directory = place.directory.as_str().into();
        let module = self.add_module(unit, krate, parent, None, true);
        self.fill_unit(unit, module, Some(files), &place.directory, depth);
        Some(module)
    }

    pub(super) fn push_unit(
        &mut self,
        source: Source,
        file: Option<FileId>,
        krate: CrateId,
        owner: Option<Def>,
        depth: u32,
    ) -> UnitId {
        let id = UnitId(self.units.len() as u32);
        let base = self.unit_of.len() as u32;
        let mut unit = Unit {
            source,
            file,
            krate,
            base,
            names: Vec::new(),
            modules: Vec::new(),
            owner,
            depth,
            expansion: None,
            note: NoteKey::default(),
            directory: "".into(),
        };
        unit.names = names_of(unit.syntax());
        self.unit_of.resize(base as usize + unit.items().items.len(), id);
        for (at, item) in unit.items().items.iter().enumerate() {
            if matches!(item.kind, ItemKind::Macro { .. }) {
                let def = Def(base + at as u32);
                self.macros.entry(unit.name(item.name.text)).or_default().push(def);
                self.rules.insert(def, OnceLock::new());
            }
        }
        for used in &unit.items().uses {
            let UseKind::ExternCrate { takes_macros: true, .. } = used.kind else { continue };
            let path = unit.syntax().path(used.path);
            let names = Self::path_names(&unit.names, unit.syntax(), path);
            let known = &self.crates[krate.0 as usize].dependencies;
            if let Some(from) = names.first().and_then(|name| known.get(name)) {
                self.macro_crates.entry(krate).or_default().push(*from);
            }
        }
        if let Some(file) = file {
            self.units_of_file[file.0 as usize].push(id);
        }
        self.units.push(unit);
        id
    }

    /// Where the files of a module's own modules are looked for.
    pub(super) fn directory_of(&self, module: ModuleId) -> String {
        let mut names = Vec::new();
        let mut current = Some(module);
        let mut directory = String::new();
        while let Some(this) = current.map(|module| self.module(module)) {
            if this.is_file {
                directory.push_str(&self.unit(this.unit).directory);
                break;
            }
            names.extend(this.def.map(|def| self.text_of(def)));
            current = this.parent;
        }
        names.iter().rev().fold(directory, |above, name| join(&above, name))
    }

    fn add_module(
        &mut self,
        unit: UnitId,
        krate: CrateId,
        parent: Option<ModuleId>,
        def: Option<Def>,
        is_file: bool,
    ) -> ModuleId {
        self.modules.push(Module {
            krate,
            parent,
            unit,
            def,
            is_block: !is_file && def.is_none(),
            is_file,
            names: FxHashMap::default(),
            version: 0,
            active: Active::Yes,
        });
        ModuleId(self.modules.len() as u32 - 1)
    }

    /// Makes modules of the unit's scopes, the first of which is `module`, and follows its `mod`
    /// items to their files.
    pub(super) fn fill_unit(
        &mut self,
        unit: UnitId,
        module: ModuleId,
        files: Option<&dyn Files>,
        directory: &str,
        depth: u32,
    ) {
        let krate = self.unit(unit).krate;
        let scopes = self.unit(unit).items().scopes.clone();
        let mut directories = vec![directory.to_owned()];
        self.units[unit.0 as usize].modules.push(module);
        for scope in &scopes[1.min(scopes.len())..] {
            let parent_scope = scope.parent.unwrap_or(ScopeId(0)).0 as usize;
            let parent = self.unit(unit).modules[parent_scope];
            let def = scope.module.map(|item| self.unit(unit).def(item));
            let made = self.add_module(unit, krate, Some(parent), def, false);
            let above = directories[parent_scope].clone();
            directories.push(match def {
                Some(def) => join(&above, self.text_of(def)),
                None => above,
            });
            self.units[unit.0 as usize].modules.push(made);
        }
        if let Some(files) = files {
            self.follow(unit, files, &directories, depth);
        }
    }

    fn follow(&mut self, unit: UnitId, files: &dyn Files, directories: &[String], depth: u32) {
        let count = self.unit(unit).items().items.len() as u32;
        for at in 0..count {
            let this = self.unit(unit);
            let item = this.items().item(ItemId(at));
            let ItemKind::Module { scope: None, path } = item.kind else { continue };
            let name = this.syntax().text(item.name.text);
            let directory = &directories[item.scope.0 as usize];
            let Some(file) = this.file else { continue };
            let candidates = match path {
                Some(path) => {
                    // Inside of an inline module the path is relative to that module's folder.
                    let is_top = item.scope == ScopeId(0);
                    let base = if is_top { parent(files.path(file)) } else { directory };
                    let target = normalize(&join(base, this.syntax().text(path)));
                    let below = parent(&target).to_owned();
                    vec![(target, below)]
                }
                None => {
                    let below = join(directory, name.strip_prefix("r#").unwrap_or(name));
                    vec![
                        (format!("{below}.rs"), below.clone()),
                        (format!("{below}/mod.rs"), below.clone()),
                    ]
                }
            };
            let parent = this.modules[item.scope.0 as usize];
            let (def, krate) = (this.def(ItemId(at)), this.krate);
            self.follow_one(files, def, krate, parent, candidates, depth);
        }
    }

    fn follow_one(
        &mut self,
        files: &dyn Files,
        def: Def,
        krate: CrateId,
        parent: ModuleId,
        candidates: Vec<(String, String)>,
        depth: u32,
    ) {
        for (path, directory) in candidates {
            let Some(file) = files.find(&path) else { continue };
            let place = Place { file, directory };
            let made = self.add_file(files, krate, Some(parent), place, depth + 1);
            let known = || {
                let unit = self.units_of_file[file.0 as usize].first()?;
                self.unit(*unit).modules.first().copied()
            };
            if let Some(module) = made.or_else(known) {
                self.outlined.insert(def, module);
                return;
            }
        }
    }
}

fn is_rust(facts: &Arc<Facts>) -> bool {
    matches!(**facts, Facts::Rust(_))
}

fn parent(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..at])
}

fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

/// Removes `.` and `..`.
fn normalize(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
