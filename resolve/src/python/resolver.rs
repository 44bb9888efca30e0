//! What is kept while one file is resolved.

use std::rc::Rc;

use flux_core::FileId;
use rustc_hash::{FxHashMap, FxHashSet};

use super::facts::{Binding, ExpressionId, Facts, Function};
use super::members::ClassInfo;
use super::modules::{Place, hash};
use super::scope::{EntryRef, Referent};
use super::types::{Bound, ClassRef, FunctionRef, TypeId, Types};
use super::world::{Module, Python};
use crate::layer::Dependency;

/// How deep inference may nest. Chains of calls in real code need about 20; a level takes a few
/// frames of stack.
const DEEPEST: u32 = 48;

/// Below this depth answers cut off by [`DEEPEST`] are kept all the same.
const KEPT: u32 = 24;

/// Answers questions about one file, and about what it leads to in others.
pub(super) struct Resolver<'w> {
    pub(super) world: &'w Python<'w>,
    pub(super) types: Types,
    opened: FxHashMap<FileId, Option<&'w Module>>,
    pub(super) looked: FxHashSet<Dependency>,
    pub(super) places: FxHashMap<(FileId, u64, u32), Option<Place>>,
    pub(super) referents: FxHashMap<EntryRef, Referent>,
    pub(super) attributes: FxHashMap<(FileId, u64), Referent>,
    pub(super) classes: FxHashMap<ClassRef, Rc<ClassInfo>>,
    pub(super) members: FxHashMap<(ClassRef, u64, u32), Option<super::members::Member>>,
    pub(super) expressions: FxHashMap<(FileId, ExpressionId), TypeId>,
    pub(super) denoted: FxHashMap<(FileId, ExpressionId), TypeId>,
    pub(super) bindings: FxHashMap<Bound, TypeId>,
    pub(super) returns: FxHashMap<FunctionRef, TypeId>,
    depth: u32,
    was_cut: bool,
}

impl<'w> Resolver<'w> {
    pub(super) fn new(world: &'w Python<'w>, file: FileId) -> Self {
        let mut resolver = Self {
            world,
            types: Types::new(),
            opened: FxHashMap::default(),
            looked: FxHashSet::default(),
            places: FxHashMap::default(),
            referents: FxHashMap::default(),
            attributes: FxHashMap::default(),
            classes: FxHashMap::default(),
            members: FxHashMap::default(),
            expressions: FxHashMap::default(),
            denoted: FxHashMap::default(),
            bindings: FxHashMap::default(),
            returns: FxHashMap::default(),
            depth: 0,
            was_cut: false,
        };
        resolver.module(file);
        resolver
    }

    /// The file, if it has facts. To look is to depend on it.
    pub(super) fn module(&mut self, file: FileId) -> Option<&'w Module> {
        let world = self.world;
        *self.opened.entry(file).or_insert_with(|| world.module(file))
    }

    pub(super) fn facts(&mut self, file: FileId) -> Option<&'w Facts> {
        self.module(file).map(Module::facts)
    }

    pub(super) fn binding(&mut self, bound: Bound) -> &'w Binding {
        let facts = self.facts(bound.file).expect("a binding's file has facts");
        &facts.bindings[bound.id.index()]
    }

    pub(super) fn function(&mut self, function: FunctionRef) -> &'w Function {
        let facts = self.facts(function.file).expect("a function's file has facts");
        &facts.functions[function.id.index()]
    }

    /// A hash of the name of a binding.
    pub(super) fn symbol(&mut self, bound: Bound) -> u64 {
        let name = self.binding(bound).name;
        self.module(bound.file).map_or(0, |module| module.symbol(name))
    }

    pub(super) fn dependencies(&self) -> Vec<Dependency> {
        let path = |file: &FileId| hash(&["exports", self.world.files.path(*file)]);
        let mut all: Vec<Dependency> = self.opened.keys().map(path).collect();
        all.extend(&self.looked);
        all
    }

    /// Runs `ask` one level deeper; gives its answer, and whether the answer may be kept. `None`
    /// when it is too deep.
    pub(super) fn deeper(
        &mut self,
        ask: impl FnOnce(&mut Self) -> TypeId,
    ) -> Option<(TypeId, bool)> {
        if self.depth >= DEEPEST {
            self.was_cut = true;
            return None;
        }
        let outer = std::mem::replace(&mut self.was_cut, false);
        self.depth += 1;
        let answer = ask(self);
        self.depth -= 1;
        let keep = !self.was_cut || self.depth < KEPT;
        self.was_cut = outer || !keep;
        Some((answer, keep))
    }
}
