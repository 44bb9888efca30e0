//! Inference: what names mean and what types expressions have, on demand.
//!
//! One [`Inference`] serves one file. Answers are remembered; a question that leads back to
//! itself, or too deep, is answered with "unknown". Rows of the file itself are asked in order,
//! operands first, so that depth only counts steps through other declarations.

mod calls;
mod choose;
mod contexts;
mod imports;
mod members;
mod names;
mod values;

use std::rc::Rc;

use flux_core::{FileId, Tier, Unresolved};
use rustc_hash::{FxHashMap, FxHashSet};

use super::facts::{Facts, Node, Symbol};
use super::language::{Family, Language};
use super::types::{ListId, Type, TypeId, Types, UNKNOWN};
use super::world::{Sym, Table, Unit, mix, path_key, prelude_key};

/// Further steps through declarations are not taken: no sound program of the test corpora needs
/// more, and a thread's stack must hold them.
const MAX_DEPTH: u32 = 40;

/// The most that a file of a tree of 1.5 million lines takes is 70,000. More are a knot of recursive
/// declarations, which is left unresolved rather than untied.
const MAX_STEPS: u32 = 400_000;

/// What a name can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entity {
    Symbol(Sym),
    /// A file as a module.
    Module(u32),
    /// A namespace or package by its key, and a file of it.
    Space(u64, u32),
    /// A package outside the tree.
    External(u32),
    /// An expression that a module exports without a name.
    Row(u32, u32),
}

/// What an identifier means.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Each with what type parameters stand for.
    pub(super) entities: Vec<(Entity, ListId)>,
    pub(super) tier: Tier,
    /// Why there is nothing.
    pub(super) failure: Unresolved,
}

impl Found {
    fn none(failure: Unresolved) -> Self {
        Self { entities: Vec::new(), tier: Tier::Exact, failure }
    }

    fn exact(entities: Vec<Entity>) -> Self {
        let entities = entities.into_iter().map(|entity| (entity, 0)).collect();
        Self { entities, tier: Tier::Exact, failure: Unresolved::UnknownName }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }
}

/// What is being worked out, to notice questions that lead back to themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    Row(u32, u32),
    Find(u32, u32),
    Symbol(Sym),
    Result(Sym),
    Bases(Sym),
    Context(Sym),
    Export(u32, u64),
}

/// The resolution of one file.
pub(super) struct Inference<'w> {
    pub(super) table: &'w Table<'w>,
    pub(super) types: Types,
    pub(super) packages: Vec<Box<str>>,
    pub(super) dependencies: FxHashSet<u64>,
    package_ids: FxHashMap<Box<str>, u32>,
    rows: FxHashMap<(u32, u32), TypeId>,
    found: FxHashMap<(u32, u32), Found>,
    symbols: FxHashMap<Sym, TypeId>,
    /// Base types of classes, by the class's key.
    base_types: FxHashMap<u64, Rc<[TypeId]>>,
    results: FxHashMap<Sym, TypeId>,
    /// Each step being worked out, with its depth.
    active: FxHashMap<Step, u32>,
    /// The least depth of a step that was asked for while being worked out. Answers found deeper
    /// than that rest on a guess and are not remembered.
    guessed: u32,
    /// Steps taken so far.
    steps: u32,
    /// Headers that the file sees; worked out when first asked for.
    headers: Option<FxHashSet<u32>>,
    home: u32,
    /// The file whose identifier is being looked up.
    asking: u32,
    depth: u32,
}

impl<'w> Inference<'w> {
    pub(super) fn new(table: &'w Table<'w>, home: u32) -> Self {
        Self {
            table,
            types: Types::default(),
            packages: Vec::new(),
            dependencies: FxHashSet::default(),
            package_ids: FxHashMap::default(),
            rows: FxHashMap::default(),
            found: FxHashMap::default(),
            symbols: FxHashMap::default(),
            base_types: FxHashMap::default(),
            results: FxHashMap::default(),
            active: FxHashMap::default(),
            guessed: u32::MAX,
            steps: 0,
            headers: None,
            home,
            asking: home,
            depth: 0,
        }
    }

    fn unit(&self, file: u32) -> &'w Unit {
        self.table.of(file)
    }

    fn facts(&self, file: u32) -> &'w Facts {
        self.unit(file).facts()
    }

    fn row(&self, file: u32, index: u32) -> Node {
        self.facts(file).nodes[index as usize]
    }

    fn symbol(&self, symbol: Sym) -> &'w Symbol {
        &self.facts(symbol.file).symbols[symbol.index as usize]
    }

    fn language(&self, file: u32) -> Language {
        self.facts(file).language
    }

    fn family(&self, file: u32) -> Family {
        self.language(file).behaviour().family
    }

    fn key(&self, symbol: Sym) -> u64 {
        self.unit(symbol.file).keys[symbol.index as usize]
    }

    /// Notes that the answer depends on what `file` says.
    fn look_at(&mut self, file: u32) {
        if file != self.home && !self.table.is_prelude(file) {
            self.dependencies.insert(path_key(self.table.files.path(FileId(file))));
        }
    }

    /// What is defined under a key, noting the question.
    fn under(&mut self, key: u64) -> &'w [(u64, Sym)] {
        self.dependencies.insert(key);
        self.table.members(key)
    }

    /// Works out `step` unless that is being done already or leads too deep.
    fn guarded<T>(&mut self, step: Step, otherwise: T, work: impl FnOnce(&mut Self) -> T) -> T {
        if let Some(depth) = self.active.get(&step) {
            self.guessed = self.guessed.min(*depth);
            return otherwise;
        }
        if self.depth >= MAX_DEPTH || self.steps >= MAX_STEPS {
            return otherwise;
        }
        self.active.insert(step, self.depth);
        self.depth += 1;
        self.steps += 1;
        let value = work(self);
        self.depth -= 1;
        self.active.remove(&step);
        if self.guessed >= self.depth {
            self.guessed = u32::MAX;
        }
        value
    }

    /// Whether the answer just found may be remembered.
    fn is_settled(&self) -> bool {
        self.guessed == u32::MAX || self.steps >= MAX_STEPS
    }

    pub(super) fn package(&mut self, name: &str) -> u32 {
        if let Some(id) = self.package_ids.get(name) {
            return *id;
        }
        let id = self.packages.len() as u32;
        self.packages.push(name.into());
        self.package_ids.insert(name.into(), id);
        id
    }

    /// A type that the prelude of `file`'s language declares.
    fn builtin(&mut self, file: u32, name_hash: u64) -> Option<Sym> {
        let key = mix(prelude_key(self.language(file)), name_hash);
        let rows = self.table.members(key);
        rows.iter().map(|row| row.1).find(|symbol| self.symbol(*symbol).kind.is_type())
    }

    fn builtin_named(&mut self, file: u32, name: &str, arguments: &[TypeId]) -> TypeId {
        match self.builtin(file, super::world::hash_text(name)) {
            Some(symbol) => {
                let list = self.types.list_id(arguments);
                self.types.id(Type::Instance(symbol, list))
            }
            None => UNKNOWN,
        }
    }

    /// Values of a type: an instance for a class.
    fn instantiated(&mut self, type_: TypeId) -> TypeId {
        match self.types.get(type_) {
            Type::Class(symbol, list) => self.types.id(Type::Instance(symbol, list)),
            Type::Union(list) => {
                let items = self.types.list(list).to_vec();
                let items: Vec<TypeId> =
                    items.into_iter().map(|item| self.instantiated(item)).collect();
                self.types.union(items)
            }
            _ => type_,
        }
    }

    /// What `generics` of `symbol` stand for, given arguments.
    fn bind_generics(&mut self, symbol: Sym, arguments: ListId) -> ListId {
        let facts = self.facts(symbol.file);
        let generics = facts.list(self.symbol(symbol).generics);
        if generics.is_empty() {
            return 0;
        }
        let arguments = self.types.list(arguments).to_vec();
        let pairs: Vec<(Sym, TypeId)> = generics
            .iter()
            .enumerate()
            .map(|(at, generic)| {
                let generic = Sym { file: symbol.file, index: *generic };
                (generic, arguments.get(at).copied().unwrap_or(UNKNOWN))
            })
            .collect();
        self.types.substitution(&pairs)
    }
}
