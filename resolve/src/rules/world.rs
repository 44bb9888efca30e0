//! All files of the layer together: the table of what is defined where, shared by all.
//!
//! Every scope that can be reached from outside has a key, a hash of its name from the outermost
//! on (in languages without packages, of its file's path). A member is found under the hash of
//! its scope's key and its name, whichever file declares it: parts of a class, methods declared
//! outside of it and reopened modules need no care of their own.

use std::hash::Hasher;
use std::sync::Arc;

use flux_core::{DefinitionIndex, FileId};
use flux_grammars::Extractor;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHasher};

use super::facts::{EITHER, EXCLUDED, Facts, Kind, Op, ScopeKind, TEST, flag};
use super::language::{Family, Language};
use super::modules::Modules;
use crate::layer::{Dependency, Files};

/// A symbol of any file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Sym {
    pub(super) file: u32,
    pub(super) index: u32,
}

/// One file's facts and what is derived from them once.
pub(super) struct Unit {
    pub(super) facts: Arc<crate::Facts>,
    /// A hash of each name, the same in all files.
    pub(super) hashes: Vec<u64>,
    /// The key of each symbol's inside.
    pub(super) keys: Vec<u64>,
    /// The key of what the file's own scope belongs to.
    pub(super) package: u64,
    /// The first symbol of a scope with a name, and for each symbol the next one.
    heads: FxHashMap<(u32, u32), u32>,
    next: Vec<u32>,
    /// Position in the graph of each symbol, 0 for what is no definition.
    pub(super) definitions: Vec<u32>,
    /// The other way round: the symbol of each definition, the file itself left out.
    pub(super) order: Vec<u32>,
    pub(super) is_excluded: bool,
    pub(super) is_test: bool,
}

impl Unit {
    pub(super) fn facts(&self) -> &Facts {
        match &*self.facts {
            crate::Facts::Rules(facts) => facts,
            _ => unreachable!("units are made of facts of this layer only"),
        }
    }

    /// Symbols of `scope` called `name`, in order.
    pub(super) fn in_scope(&self, scope: u32, name: u32) -> impl Iterator<Item = u32> + '_ {
        let first = self.heads.get(&(scope, name)).copied();
        std::iter::successors(first, |at| match self.next[*at as usize] {
            0 => None,
            next => Some(next),
        })
    }

    /// The symbol at a position in the graph.
    pub(super) fn symbol_at(&self, position: u32) -> Option<&super::facts::Symbol> {
        let index = self.order.get(position.checked_sub(1)? as usize)?;
        self.facts().symbols.get(*index as usize)
    }

    /// The key of what a method belongs to.
    fn containers(&self, index: usize) -> u64 {
        let facts = self.facts();
        let names = receiver(facts, index).unwrap_or_default();
        if names.is_empty() {
            let scope = facts.scopes[facts.symbols[index].scope as usize];
            return self.keys[scope.owner as usize];
        }
        names.iter().fold(self.package, |key, name| mix(key, self.hashes[*name as usize]))
    }

    pub(super) fn name_hash(&self, name: u32) -> u64 {
        self.hashes[name as usize]
    }
}

pub(super) struct Table<'a> {
    pub(super) files: &'a dyn Files,
    pub(super) units: Vec<Option<Unit>>,
    members: FxHashMap<u64, (u32, u32)>,
    rows: Vec<(u64, Sym)>,
    /// Namespaces and packages: a file of each.
    spaces: FxHashMap<u64, u32>,
    /// Names of the methods of Go's types, by the type's key.
    methods: FxHashMap<u64, Vec<u64>>,
    /// Go's interfaces, and which of them have as their first method one called so.
    pub(super) interfaces: Vec<Sym>,
    first_methods: FxHashMap<u64, Vec<usize>>,
    interfaces_digest: u64,
    /// What all files of C# bring in whole.
    pub(super) global_stars: Vec<(u32, u32)>,
    paths: FxHashMap<u64, FileId>,
    pub(super) modules: Modules,
}

pub(super) fn mix(key: u64, part: u64) -> u64 {
    let mut hash = FxHasher::default();
    hash.write_u64(key);
    hash.write_u64(part);
    hash.finish()
}

pub(super) fn hash_text(text: &str) -> u64 {
    // Two lanes, since equal hashes are taken for equal names.
    let mut hash = FxHasher::default();
    hash.write(text.as_bytes());
    let first = hash.finish();
    hash.write_u64(0x9e37_79b9);
    hash.write(text.as_bytes());
    first.rotate_left(29) ^ hash.finish()
}

/// The dependency on all interfaces of Go.
pub(super) fn interfaces_key() -> u64 {
    mix(hash_text("interfaces"), 0)
}

/// The key of extensions called so, for any receiver.
pub(super) fn extension_key(name: u64) -> u64 {
    mix(hash_text("extension"), name)
}

/// The key that a hash of a path becomes a dependency by.
pub(super) fn path_key(path: &str) -> u64 {
    mix(hash_text(path), 1)
}

pub(super) fn prelude_key(language: Language) -> u64 {
    mix(hash_text("prelude"), hash_text(prelude_language(language).name()))
}

fn prelude_language(language: Language) -> Language {
    match language {
        Language::Tsx | Language::JavaScript => Language::TypeScript,
        language => language,
    }
}

impl<'a> Table<'a> {
    pub(super) fn open(files: &'a dyn Files) -> Self {
        let count = files.len() as u32;
        let mut units: Vec<Option<Unit>> = (0..count)
            .into_par_iter()
            .map(|id| {
                let file = FileId(id);
                Language::named(files.language(file))?;
                let facts = files.facts(file)?;
                matches!(&*facts, crate::Facts::Rules(_))
                    .then(|| unit(files.path(file), facts, None))
            })
            .collect();
        let spoken: Vec<Language> = Language::ALL
            .iter()
            .copied()
            .map(prelude_language)
            .filter(|language| {
                let speaks = |unit: &Unit| prelude_language(unit.facts().language) == *language;
                units.iter().flatten().any(speaks)
            })
            .collect();
        for language in Language::ALL {
            let is_spoken = spoken.contains(language);
            units.push(if is_spoken { prelude(*language) } else { None });
        }
        let mut rows: Vec<(u64, Sym)> = units
            .par_iter()
            .enumerate()
            .flat_map_iter(|(file, unit)| {
                unit.as_ref().map(|unit| entries(file as u32, unit)).unwrap_or_default()
            })
            .collect();
        rows.par_sort_unstable();
        let mut members: FxHashMap<u64, (u32, u32)> = FxHashMap::default();
        for (at, (key, _)) in rows.iter().enumerate() {
            members.entry(*key).or_insert((at as u32, at as u32)).1 = at as u32 + 1;
        }
        let paths = (0..count).map(FileId).map(|file| (path_key(files.path(file)), file)).collect();
        let modules = Modules::read(files, &units);
        let spaces = spaces(&units);
        let global_stars = units
            .iter()
            .enumerate()
            .filter_map(|(file, unit)| Some((file as u32, unit.as_ref()?)))
            .flat_map(|(file, unit)| {
                let facts = unit.facts();
                let stars = facts.list(facts.stars).iter();
                stars
                    .filter(|star| facts.nodes[**star as usize].flags & EITHER != 0)
                    .map(move |star| (file, *star))
            })
            .collect();
        let mut table = Self {
            files,
            units,
            members,
            rows,
            spaces,
            methods: FxHashMap::default(),
            interfaces: Vec::new(),
            first_methods: FxHashMap::default(),
            interfaces_digest: 0,
            global_stars,
            paths,
            modules,
        };
        table.read_methods();
        table
    }

    pub(super) fn unit(&self, file: u32) -> Option<&Unit> {
        self.units.get(file as usize)?.as_ref()
    }

    /// The unit of a symbol that exists.
    pub(super) fn of(&self, file: u32) -> &Unit {
        self.units[file as usize].as_ref().expect("symbols and rows are of files with facts")
    }

    /// Notes the methods of Go's types and interfaces.
    fn read_methods(&mut self) {
        let mut hash = FxHasher::default();
        for (file, unit) in self.units.iter().enumerate() {
            let Some(unit) = unit else { continue };
            let facts = unit.facts();
            if facts.language != Language::Go || self.is_prelude(file as u32) {
                continue;
            }
            for (index, symbol) in facts.symbols.iter().enumerate() {
                let name = unit.hashes[symbol.name as usize];
                match symbol.kind {
                    Kind::Method => {
                        let container = unit.containers(index);
                        self.methods.entry(container).or_default().push(name);
                    }
                    Kind::Interface => {
                        self.interfaces.push(Sym { file: file as u32, index: index as u32 });
                    }
                    _ => {}
                }
            }
        }
        for (position, interface) in self.interfaces.iter().enumerate() {
            let key = self.of(interface.file).keys[interface.index as usize];
            hash.write_u64(key);
            let Some(names) = self.methods.get(&key) else { continue };
            for name in names {
                hash.write_u64(*name);
            }
            self.first_methods.entry(names[0]).or_default().push(position);
        }
        self.interfaces_digest = hash.finish() | 1;
    }

    pub(super) fn methods(&self, key: u64) -> &[u64] {
        self.methods.get(&key).map_or(&[], Vec::as_slice)
    }

    pub(super) fn interfaces_with(&self, first: u64) -> &[usize] {
        self.first_methods.get(&first).map_or(&[], Vec::as_slice)
    }

    /// What is defined under the key `scope` with the name `name`.
    pub(super) fn members(&self, key: u64) -> &[(u64, Sym)] {
        match self.members.get(&key) {
            Some(&(from, to)) => &self.rows[from as usize..to as usize],
            None => &[],
        }
    }

    /// A file of the namespace with a key.
    pub(super) fn space(&self, key: u64) -> Option<u32> {
        self.spaces.get(&key).copied()
    }

    pub(super) fn is_prelude(&self, file: u32) -> bool {
        file as usize >= self.files.len()
    }

    pub(super) fn digest(&self, dependency: Dependency) -> u64 {
        if let Some(file) = self.paths.get(&dependency) {
            let exports = self.files.exports(*file);
            return if exports == 0 { self.files.content(*file) } else { exports };
        }
        if dependency == interfaces_key() {
            return self.interfaces_digest;
        }
        let mut hash = FxHasher::default();
        let rows = self.members(dependency);
        for (_, symbol) in rows {
            if !self.is_prelude(symbol.file) {
                hash.write_u64(hash_text(self.files.path(FileId(symbol.file))));
                hash.write_u32(self.of(symbol.file).definitions[symbol.index as usize]);
            }
        }
        if rows.is_empty() { self.modules.digest(dependency) } else { hash.finish() | 1 }
    }

    pub(super) fn definition(&self, symbol: Sym) -> Option<DefinitionIndex> {
        let unit = self.of(symbol.file);
        let index = unit.definitions[symbol.index as usize];
        let is_module = symbol.index == 0;
        (index != 0 || is_module).then_some(DefinitionIndex(index))
    }
}

fn unit(path: &str, facts: Arc<crate::Facts>, package: Option<u64>) -> Unit {
    let unit = Unit {
        facts,
        hashes: Vec::new(),
        keys: Vec::new(),
        package: 0,
        heads: FxHashMap::default(),
        next: Vec::new(),
        definitions: Vec::new(),
        order: Vec::new(),
        is_excluded: false,
        is_test: false,
    };
    let facts = unit.facts();
    let hashes: Vec<u64> = facts.names.iter().map(|name| hash_text(name)).collect();
    let package = package.unwrap_or_else(|| package_key(path, facts, &hashes));
    let keys = keys(path, facts, &hashes, package);
    let mut heads: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    let mut next = vec![0; facts.symbols.len()];
    for (index, symbol) in facts.symbols.iter().enumerate().rev() {
        let is_named = symbol.name != 0 && symbol.kind != Kind::Constructor;
        if is_named && !(symbol.receiver != 0 && is_attached(symbol.kind)) {
            let after = heads.insert((symbol.scope, symbol.name), index as u32);
            next[index] = after.unwrap_or(0);
        }
    }
    let (definitions, order) = definitions(facts);
    let is_excluded = facts.flags & EXCLUDED != 0 || is_for_another_system(path);
    let is_test = facts.flags & TEST != 0 || path.ends_with("_test.go");
    Unit { hashes, keys, package, heads, next, definitions, order, is_excluded, is_test, ..unit }
}

/// Whether a symbol with a receiver belongs to it (that of a lambda is what names it).
fn is_attached(kind: Kind) -> bool {
    kind != Kind::Lambda
}

/// Go leaves a file out of the build by the end of its name.
fn is_for_another_system(path: &str) -> bool {
    const OTHERS: &[&str] = &[
        "windows",
        "darwin",
        "freebsd",
        "netbsd",
        "openbsd",
        "dragonfly",
        "solaris",
        "illumos",
        "aix",
        "plan9",
        "js",
        "wasip1",
        "android",
        "ios",
        "arm",
        "arm64",
        "386",
        "wasm",
        "ppc64",
        "ppc64le",
        "s390x",
        "riscv64",
        "mips",
        "mipsle",
        "mips64",
        "mips64le",
        "loong64",
    ];
    let Some(stem) = path.strip_suffix(".go") else { return false };
    let stem = stem.strip_suffix("_test").unwrap_or(stem);
    let file = stem.rsplit('/').next().unwrap_or(stem);
    file.split('_').skip(1).any(|part| OTHERS.contains(&part))
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The key of a folder's Go package.
pub(super) fn go_key(folder: &str, package: u64) -> u64 {
    mix(mix(hash_text("go"), hash_text(folder)), package)
}

fn package_key(path: &str, facts: &Facts, hashes: &[u64]) -> u64 {
    let names = facts.list(facts.package);
    match facts.language.behaviour().family {
        Family::Script => path_key(path),
        Family::Go => go_key(folder(path), names.first().map_or(0, |name| hashes[*name as usize])),
        Family::Jvm if names.is_empty() && is_build_script(path) => build_key(path),
        family => names.iter().fold(root_key(family), |key, name| mix(key, hashes[*name as usize])),
    }
}

/// Whether a file describes the build: what it declares no source sees.
fn is_build_script(path: &str) -> bool {
    [".sbt", ".sc", ".kts", ".gradle"].iter().any(|end| path.ends_with(end))
}

/// The key of the build scripts of a folder.
fn build_key(path: &str) -> u64 {
    mix(hash_text("build"), hash_text(folder(path)))
}

/// The key of the outermost namespace.
pub(super) fn root_key(family: Family) -> u64 {
    mix(hash_text("root"), family as u64)
}

/// The key of each symbol's inside.
fn keys(path: &str, facts: &Facts, hashes: &[u64], package: u64) -> Vec<u64> {
    let own = mix(hash_text(path), 2);
    let mut keys = vec![package; facts.symbols.len()];
    for (index, symbol) in facts.symbols.iter().enumerate().skip(1) {
        let scope = &facts.scopes[symbol.scope as usize];
        let container = match scope.kind {
            ScopeKind::File => package,
            ScopeKind::Function | ScopeKind::Block => mix(own, u64::from(symbol.scope)),
            ScopeKind::Class | ScopeKind::Namespace => {
                if facts.symbols[scope.owner as usize].inner == symbol.scope {
                    keys[scope.owner as usize]
                } else {
                    mix(own, u64::from(symbol.scope))
                }
            }
        };
        let container = match receiver(facts, index) {
            Some(names) => {
                let around = if scope.kind == ScopeKind::Class { package } else { container };
                names.iter().fold(around, |key, name| mix(key, hashes[*name as usize]))
            }
            None => container,
        };
        if symbol.kind == Kind::Constructor {
            keys[index] = mix(container, hash_text("constructor"));
            continue;
        }
        keys[index] = if symbol.name == 0 {
            match symbol.kind {
                Kind::Class if symbol.receiver != 0 => container,
                _ => mix(own, mix(3, index as u64)),
            }
        } else {
            let text = facts.name(symbol.name);
            let is_path = symbol.kind == Kind::Namespace || symbol.kind.is_class();
            if is_path && text.contains(['.', ':', '\\']) {
                let parts = text.split(['.', ':', '\\']).filter(|part| !part.is_empty());
                parts.fold(container, |key, part| mix(key, hash_text(part.trim())))
            } else {
                mix(container, hashes[symbol.name as usize])
            }
        };
        if facts.language == Language::Csharp && symbol.kind.is_class() {
            // `Box` and `Box<T>` are two classes.
            keys[index] = with_arity(keys[index], facts.list(symbol.generics).len());
        }
    }
    keys
}

/// The key of a class with so many type parameters, where that makes it another class.
fn with_arity(key: u64, arity: usize) -> u64 {
    if arity == 0 { key } else { mix(key, mix(4, arity as u64)) }
}

/// The names of the type that a symbol is added to from outside, the outermost first.
fn receiver(facts: &Facts, index: usize) -> Option<Vec<u32>> {
    let symbol = &facts.symbols[index];
    if symbol.receiver == 0 || !is_attached(symbol.kind) {
        return None;
    }
    let mut names = Vec::new();
    let mut row = facts.nodes[symbol.receiver as usize];
    loop {
        match row.op {
            Op::Generic | Op::Deref => {}
            Op::Name | Op::Member => names.push(row.name),
            _ => break,
        }
        if row.a == 0 {
            break;
        }
        row = facts.nodes[row.a as usize];
    }
    names.reverse();
    (!names.is_empty()).then_some(names)
}

/// Gives each definition its position: the order of names in the text.
fn definitions(facts: &Facts) -> (Vec<u32>, Vec<u32>) {
    let mut order: Vec<(u32, u32)> = facts
        .symbols
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, symbol)| symbol.flags & flag::HIDDEN == 0 && symbol.kind.defines().is_some())
        .map(|(index, symbol)| (symbol.at, index as u32))
        .collect();
    order.sort_unstable();
    let mut positions = vec![0; facts.symbols.len()];
    let order: Vec<u32> = order.into_iter().map(|(_, index)| index).collect();
    for (position, index) in order.iter().enumerate() {
        positions[*index as usize] = position as u32 + 1;
    }
    (positions, order)
}

/// The namespaces that files and their symbols open, with those around them.
fn spaces(units: &[Option<Unit>]) -> FxHashMap<u64, u32> {
    let mut spaces = FxHashMap::default();
    for (file, unit) in units.iter().enumerate() {
        let Some(unit) = unit else { continue };
        let facts = unit.facts();
        let family = facts.language.behaviour().family;
        if matches!(family, Family::Script | Family::Go) {
            continue;
        }
        let mut key = root_key(family);
        for name in facts.list(facts.package) {
            key = mix(key, unit.hashes[*name as usize]);
            spaces.entry(key).or_insert(file as u32);
        }
        for (index, symbol) in facts.symbols.iter().enumerate() {
            if symbol.kind == Kind::Namespace {
                let parts = facts.name(symbol.name).split(['.', ':', '\\']);
                let around = facts.scopes[symbol.scope as usize];
                let mut key = match around.kind {
                    ScopeKind::File => unit.package,
                    _ => unit.keys[around.owner as usize],
                };
                for part in parts.filter(|part| !part.is_empty()) {
                    key = mix(key, hash_text(part.trim()));
                    spaces.entry(key).or_insert(file as u32);
                }
                spaces.entry(unit.keys[index]).or_insert(file as u32);
            }
        }
    }
    spaces
}

/// What other files can find of one file.
fn entries(file: u32, unit: &Unit) -> Vec<(u64, Sym)> {
    let facts = unit.facts();
    let mut rows = Vec::new();
    for (index, symbol) in facts.symbols.iter().enumerate().skip(1) {
        let scope = facts.scopes[symbol.scope as usize].kind;
        let is_inside = matches!(scope, ScopeKind::Function | ScopeKind::Block);
        if symbol.name == 0 || symbol.kind.defines().is_none() || is_inside {
            continue;
        }
        let symbol_ref = Sym { file, index: index as u32 };
        if symbol.flags & flag::EXTENSION != 0 {
            rows.push((extension_key(unit.hashes[symbol.name as usize]), symbol_ref));
        }
        rows.push((unit.keys[index], symbol_ref));
        if let Some(key) = plain_key(unit, index) {
            rows.push((key, symbol_ref));
        }
    }
    rows
}

/// What a class is found under by its name alone, where its key says more.
fn plain_key(unit: &Unit, index: usize) -> Option<u64> {
    let facts = unit.facts();
    let symbol = &facts.symbols[index];
    let is_generic = symbol.kind.is_class() && symbol.generics != 0;
    if facts.language != Language::Csharp || !is_generic {
        return None;
    }
    Some(mix(unit.containers(index), unit.hashes[symbol.name as usize]))
}

/// The declarations of a language's standard library.
fn prelude(language: Language) -> Option<Unit> {
    let grammar = flux_grammars::named(language.name())?;
    let text = language.prelude();
    let look = |tree: &_| super::lower::lower(language, text, tree);
    let (_, facts) = Extractor::new().extract_with(grammar, text, look).ok()?;
    let facts = Arc::new(crate::Facts::Rules(Box::new(facts?)));
    Some(unit("", facts, Some(prelude_key(language))))
}
