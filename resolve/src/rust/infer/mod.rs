//! One file: the types inside of its bodies, and what each of its identifiers refers to.

mod calls;
mod emit;
mod exprs;
mod late;
mod methods;
mod paths;
mod patterns;
mod references;
mod signatures;
mod site;
mod traits;
mod types;
mod walk;

use std::rc::Rc;

use flux_core::{FileGraph, FileId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::items::{Bodies, Body};
use super::macros::Budget;
use super::name::Name;
use super::syntax::Place;
use super::world::{CrateId, Def, ImplId, ModuleId, Tables, UnitId, names_of};
use crate::layer::Files;
use emit::Emitter;
use late::Late;
use references::Depth;
use signatures::Function;
use site::Site;
use types::{Bound, Ty, Types};

/// Where a projection is asked for, of which type, by which trait, and the name.
type ProjectionKey = (Option<Def>, Ty, Option<Def>, Name);

/// A local variable or parameter.
#[derive(Clone, Copy)]
struct Local {
    name: Name,
    at: Place,
    ty: Ty,
    depth: Depth,
}

/// The resolution of one file.
struct Resolver<'a> {
    world: &'a Tables,
    krate: CrateId,
    unit: UnitId,
    module: ModuleId,
    /// The item whose generics and `Self` are seen.
    owner: Option<Def>,
    types: Types,
    out: Emitter,
    locals: Vec<Local>,
    /// What `return` gives.
    output: Ty,
    /// What `break` gives, for every loop around.
    breaks: Vec<Option<Ty>>,
    in_body: bool,
    /// Nesting of types and expressions at work.
    depth: u32,
    /// Nesting of impls that are being tried.
    proof: u32,
    macro_depth: u32,
    budget: Budget,
    late: Vec<Late>,
    impl_types: FxHashMap<Def, Ty>,
    declared_types: FxHashMap<Def, Ty>,
    functions: FxHashMap<Def, Rc<Function>>,
    declared: FxHashMap<Def, Rc<[(Ty, Bound)]>>,
    known_bounds: FxHashMap<(Option<Def>, Ty), Rc<[Bound]>>,
    known_projections: FxHashMap<ProjectionKey, Option<Ty>>,
    /// How many lists of bounds are being read: what they promise is not known meanwhile.
    declaring: u32,
    /// How many references the receiver of the method that is looked for is behind.
    receiver: Depth,
    /// The same of the arguments of the call whose callee is looked at.
    given: Vec<Depth>,
    known_impls: FxHashMap<(Option<Def>, Ty, Def), Option<ImplId>>,
    /// For a method of a trait, that of the only impl.
    only_impls: FxHashMap<Def, Option<Def>>,
    scope_traits: FxHashMap<ModuleId, Rc<FxHashSet<Def>>>,
}

/// The graph of one file.
pub(super) fn resolve(world: &Tables, files: &dyn Files, file: FileId) -> FileGraph {
    let units = &world.units_of_file[file.0 as usize];
    let Some(first) = units.first() else { return FileGraph::default() };
    let mut resolver = Resolver::new(world, *first);
    for unit in units {
        resolver.unit(*unit);
    }
    let relations = resolver.relations(units);
    let (occurrences, packages) = resolver.out.finish();
    FileGraph { definitions: world.definitions(file, files), occurrences, relations, packages }
}

impl<'a> Resolver<'a> {
    fn new(world: &'a Tables, unit: UnitId) -> Self {
        let krate = world.unit(unit).krate;
        Self {
            world,
            krate,
            unit,
            module: world.krate(krate).root,
            owner: None,
            types: Types::new(),
            out: Emitter::new(),
            locals: Vec::new(),
            output: Types::UNKNOWN,
            breaks: Vec::new(),
            in_body: false,
            depth: 0,
            proof: 0,
            macro_depth: 0,
            budget: Budget::default(),
            late: Vec::new(),
            impl_types: FxHashMap::default(),
            declared_types: FxHashMap::default(),
            functions: FxHashMap::default(),
            declared: FxHashMap::default(),
            known_bounds: FxHashMap::default(),
            known_projections: FxHashMap::default(),
            declaring: 0,
            receiver: None,
            given: Vec::new(),
            known_impls: FxHashMap::default(),
            only_impls: FxHashMap::default(),
            scope_traits: FxHashMap::default(),
        }
    }

    fn unit(&mut self, id: UnitId) {
        self.unit = id;
        self.walk_items(id);
        let bodies: Bodies = self.world.unit(id).bodies();
        let names = names_of(&bodies.syntax);
        for body in &bodies.bodies {
            let unit = self.world.unit(id);
            let owner = body.owner.map(|owner| unit.def(owner)).or(unit.owner);
            let module = unit.modules[body.scope.0 as usize];
            let expansion = unit.expansion.as_ref();
            let site = Site { syntax: &bodies.syntax, names: &names, module, owner, expansion };
            self.module = module;
            self.owner = owner;
            self.out.enclosing = self.world.enclosing(owner);
            self.body(&site, body);
        }
    }

    fn body(&mut self, site: &Site<'_>, body: &Body) {
        self.in_body = true;
        self.locals.clear();
        let expected = self.open_body(site, body);
        self.output = expected;
        let found = self.expr(site, body.value, Some(expected));
        self.coerce(expected, found);
        self.settle();
        self.in_body = false;
    }
}
