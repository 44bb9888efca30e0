//! Types, interned: equal types have equal numbers, and copying one copies four bytes.
//!
//! References are left out: `&T` is `T`. Methods, fields and impls are found through references
//! anyway, and the few impls that tell them apart do not pay for tracking them.

use rustc_hash::FxHashMap;

use super::super::name::Name;
use super::super::world::{Binding, Def};

/// A type, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Ty(pub(super) u32);

/// A list of types, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Tys(pub(super) u32);

/// A list of bounds, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Bounds(pub(super) u32);

/// A bound: a trait with its arguments and what its associated types are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Bound {
    pub(super) of: Binding,
    pub(super) arguments: Tys,
    pub(super) bindings: Vec<(Name, Ty)>,
}

/// What a type is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Unknown,
    Never,
    /// Not known yet.
    Variable(u32),
    Primitive(Name),
    /// A struct, enum or union with its arguments.
    Adt(Def, Tys),
    Foreign(Name, Name, Tys),
    /// An array as well.
    Slice(Ty),
    Tuple(Tys),
    /// A pointer to a function.
    Function(Tys, Ty),
    /// A function or constructor itself, with what its parameters stand for.
    Item(Def, Tys),
    Closure(u32),
    /// A type parameter by the item that declares it.
    Parameter(Def, u32),
    /// `Self` in a trait.
    SelfOf(Def),
    Dyn(Bounds),
    Opaque(Bounds),
    /// `<A as Trait>::Name`, not known yet.
    Projection(Ty, Option<Def>, Name),
}

/// The types of one file's resolution.
pub(super) struct Types {
    kinds: Vec<Kind>,
    /// Whether parameters or `Self` occur, whether variables or projections do.
    flags: Vec<u8>,
    known: FxHashMap<Kind, Ty>,
    lists: Vec<Box<[Ty]>>,
    known_lists: FxHashMap<Box<[Ty]>, Tys>,
    bounds: Vec<Box<[Bound]>>,
    known_bounds: FxHashMap<Box<[Bound]>, Bounds>,
    variables: Vec<Option<Ty>>,
    trail: Vec<u32>,
    pub(super) closures: Vec<ClosureType>,
}

/// The type of a closure.
#[derive(Clone, Debug)]
pub(super) struct ClosureType {
    pub(super) parameters: Vec<Ty>,
    pub(super) output: Ty,
}

const PARAMETERS: u8 = 1;
const VARIABLES: u8 = 2;

impl Types {
    pub(super) const UNKNOWN: Ty = Ty(0);
    pub(super) const NEVER: Ty = Ty(1);
    pub(super) const UNIT: Ty = Ty(2);
    pub(super) const NONE: Tys = Tys(0);

    pub(super) fn new() -> Self {
        let mut types = Self {
            kinds: Vec::new(),
            flags: Vec::new(),
            known: FxHashMap::default(),
            lists: Vec::new(),
            known_lists: FxHashMap::default(),
            bounds: Vec::new(),
            known_bounds: FxHashMap::default(),
            variables: Vec::new(),
            trail: Vec::new(),
            closures: Vec::new(),
        };
        let none = types.list(&[]);
        types.make(Kind::Unknown);
        types.make(Kind::Never);
        types.make(Kind::Tuple(none));
        types
    }

    pub(super) fn make(&mut self, kind: Kind) -> Ty {
        if let Some(known) = self.known.get(&kind) {
            return *known;
        }
        let ty = Ty(self.kinds.len() as u32);
        let flags = self.flags_of(kind);
        self.kinds.push(kind);
        self.flags.push(flags);
        self.known.insert(kind, ty);
        ty
    }

    fn flags_of(&self, kind: Kind) -> u8 {
        let one = |ty: Ty| self.flags[ty.0 as usize];
        let all = |list: Tys| self.of(list).iter().fold(0, |flags, ty| flags | one(*ty));
        match kind {
            Kind::Unknown | Kind::Never | Kind::Primitive(_) => 0,
            Kind::Variable(_) | Kind::Closure(_) => VARIABLES,
            Kind::Adt(_, list) | Kind::Foreign(_, _, list) | Kind::Tuple(list) => all(list),
            Kind::Item(_, list) => all(list),
            Kind::Slice(inner) => one(inner),
            Kind::Function(list, output) => all(list) | one(output),
            Kind::Parameter(..) | Kind::SelfOf(_) => PARAMETERS,
            Kind::Projection(inner, ..) => one(inner) | VARIABLES,
            Kind::Dyn(bounds) | Kind::Opaque(bounds) => {
                self.bounds(bounds).iter().fold(0, |flags, bound| {
                    let bindings = bound.bindings.iter().fold(0, |flags, it| flags | one(it.1));
                    flags | all(bound.arguments) | bindings
                })
            }
        }
    }

    pub(super) fn list(&mut self, types: &[Ty]) -> Tys {
        if let Some(known) = self.known_lists.get(types) {
            return *known;
        }
        let id = Tys(self.lists.len() as u32);
        self.lists.push(types.into());
        self.known_lists.insert(types.into(), id);
        id
    }

    pub(super) fn of(&self, list: Tys) -> &[Ty] {
        &self.lists[list.0 as usize]
    }

    pub(super) fn make_bounds(&mut self, bounds: Vec<Bound>) -> Bounds {
        let bounds = bounds.into_boxed_slice();
        if let Some(known) = self.known_bounds.get(&bounds) {
            return *known;
        }
        let id = Bounds(self.bounds.len() as u32);
        self.bounds.push(bounds.clone());
        self.known_bounds.insert(bounds, id);
        id
    }

    pub(super) fn bounds(&self, bounds: Bounds) -> &[Bound] {
        &self.bounds[bounds.0 as usize]
    }

    pub(super) fn kind(&self, ty: Ty) -> Kind {
        self.kinds[ty.0 as usize]
    }

    pub(super) fn variable(&mut self) -> Ty {
        self.variables.push(None);
        self.make(Kind::Variable(self.variables.len() as u32 - 1))
    }

    pub(super) fn tuple(&mut self, parts: &[Ty]) -> Ty {
        let list = self.list(parts);
        self.make(Kind::Tuple(list))
    }

    pub(super) fn primitive(&mut self, text: &str) -> Ty {
        self.make(Kind::Primitive(Name::of(text)))
    }

    /// The type behind variables that are known by now.
    pub(super) fn found(&self, mut ty: Ty) -> Ty {
        for _ in 0..64 {
            match self.kind(ty) {
                Kind::Variable(at) => match self.variables[at as usize] {
                    Some(next) => ty = next,
                    None => return ty,
                },
                _ => return ty,
            }
        }
        ty
    }

    /// Forgets what variables stand for since `mark`.
    pub(super) fn undo(&mut self, mark: usize) {
        while self.trail.len() > mark {
            if let Some(at) = self.trail.pop() {
                self.variables[at as usize] = None;
            }
        }
    }

    pub(super) fn mark(&self) -> usize {
        self.trail.len()
    }

    fn bind(&mut self, at: u32, ty: Ty) {
        self.variables[at as usize] = Some(ty);
        self.trail.push(at);
    }

    /// Makes two types equal as far as possible; false when they differ, and then nothing of it
    /// stays.
    pub(super) fn unify(&mut self, a: Ty, b: Ty) -> bool {
        let mark = self.mark();
        let same = self.unify_deep(a, b, 0);
        if !same {
            self.undo(mark);
        }
        same
    }

    fn unify_deep(&mut self, a: Ty, b: Ty, depth: u32) -> bool {
        let (a, b) = (self.found(a), self.found(b));
        if a == b || depth > 12 {
            return true;
        }
        match (self.kind(a), self.kind(b)) {
            (Kind::Unknown | Kind::Never, _) | (_, Kind::Unknown | Kind::Never) => true,
            (Kind::Variable(at), _) => self.bind_checked(at, b),
            (_, Kind::Variable(at)) => self.bind_checked(at, a),
            (Kind::Projection(..), _) | (_, Kind::Projection(..)) => true,
            (Kind::Adt(x, p), Kind::Adt(y, q)) => x == y && self.unify_lists(p, q, depth),
            (Kind::Foreign(a, x, p), Kind::Foreign(b, y, q)) => {
                // The arguments of foreign types are often left out; they may teach, not forbid.
                self.unify_lists(p, q, depth);
                a == b && x == y
            }
            (Kind::Slice(x), Kind::Slice(y)) => self.unify_deep(x, y, depth + 1),
            (Kind::Tuple(p), Kind::Tuple(q)) => self.unify_lists(p, q, depth),
            (Kind::Function(p, x), Kind::Function(q, y)) => {
                self.unify_lists(p, q, depth) && self.unify_deep(x, y, depth + 1)
            }
            (Kind::Function(p, x), Kind::Closure(at))
            | (Kind::Closure(at), Kind::Function(p, x)) => {
                let closure = self.closures[at as usize].clone();
                let parameters = self.list(&closure.parameters);
                self.unify_lists(p, parameters, depth)
                    && self.unify_deep(x, closure.output, depth + 1)
            }
            (Kind::Closure(_), Kind::Closure(_)) => true,
            (Kind::Dyn(_) | Kind::Opaque(_), Kind::Dyn(_) | Kind::Opaque(_)) => true,
            _ => false,
        }
    }

    fn bind_checked(&mut self, at: u32, ty: Ty) -> bool {
        if self.occurs(at, ty, 0) {
            return false;
        }
        self.bind(at, ty);
        true
    }

    fn occurs(&self, at: u32, ty: Ty, depth: u32) -> bool {
        let ty = self.found(ty);
        if depth > 12 || self.flags[ty.0 as usize] & VARIABLES == 0 {
            return false;
        }
        let any = |list: Tys| self.of(list).iter().any(|ty| self.occurs(at, *ty, depth + 1));
        match self.kind(ty) {
            Kind::Variable(other) => other == at,
            Kind::Adt(_, list)
            | Kind::Foreign(_, _, list)
            | Kind::Tuple(list)
            | Kind::Item(_, list) => any(list),
            Kind::Slice(inner) | Kind::Projection(inner, ..) => self.occurs(at, inner, depth + 1),
            Kind::Function(list, output) => any(list) || self.occurs(at, output, depth + 1),
            Kind::Closure(id) => {
                let closure = &self.closures[id as usize];
                closure.parameters.iter().any(|ty| self.occurs(at, *ty, depth + 1))
                    || self.occurs(at, closure.output, depth + 1)
            }
            _ => false,
        }
    }

    fn unify_lists(&mut self, a: Tys, b: Tys, depth: u32) -> bool {
        let count = self.of(a).len().min(self.of(b).len());
        (0..count).all(|at| {
            let (x, y) = (self.of(a)[at], self.of(b)[at]);
            self.unify_deep(x, y, depth + 1)
        })
    }

    pub(super) fn has_parameters(&self, ty: Ty) -> bool {
        self.flags[ty.0 as usize] & PARAMETERS != 0
    }

    pub(super) fn has_variables(&self, ty: Ty) -> bool {
        self.flags[ty.0 as usize] & VARIABLES != 0
    }
}

/// What parameters stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct Substitution(pub(super) Vec<(Ty, Ty)>);

impl Substitution {
    pub(super) fn get(&self, parameter: Ty) -> Option<Ty> {
        self.0.iter().find(|(from, _)| *from == parameter).map(|(_, to)| *to)
    }

    pub(super) fn add(&mut self, parameter: Ty, ty: Ty) {
        match self.0.iter_mut().find(|(from, _)| *from == parameter) {
            Some(slot) => slot.1 = ty,
            None => self.0.push((parameter, ty)),
        }
    }
}

impl Types {
    /// `ty` with its parameters replaced.
    pub(super) fn apply(&mut self, ty: Ty, with: &Substitution) -> Ty {
        self.apply_deep(ty, with, 0)
    }

    fn apply_deep(&mut self, ty: Ty, with: &Substitution, depth: u32) -> Ty {
        if !self.has_parameters(ty) || with.0.is_empty() || depth > 16 {
            return ty;
        }
        let next = depth + 1;
        match self.kind(ty) {
            Kind::Parameter(..) | Kind::SelfOf(_) => with.get(ty).unwrap_or(ty),
            Kind::Adt(def, list) => {
                let list = self.apply_list(list, with, next);
                self.make(Kind::Adt(def, list))
            }
            Kind::Foreign(package, name, list) => {
                let list = self.apply_list(list, with, next);
                self.make(Kind::Foreign(package, name, list))
            }
            Kind::Item(def, list) => {
                let list = self.apply_list(list, with, next);
                self.make(Kind::Item(def, list))
            }
            Kind::Tuple(list) => {
                let list = self.apply_list(list, with, next);
                self.make(Kind::Tuple(list))
            }
            Kind::Slice(inner) => {
                let inner = self.apply_deep(inner, with, next);
                self.make(Kind::Slice(inner))
            }
            Kind::Function(list, output) => {
                let list = self.apply_list(list, with, next);
                let output = self.apply_deep(output, with, next);
                self.make(Kind::Function(list, output))
            }
            Kind::Projection(inner, of, name) => {
                let inner = self.apply_deep(inner, with, next);
                self.make(Kind::Projection(inner, of, name))
            }
            Kind::Dyn(bounds) => {
                let bounds = self.apply_bounds(bounds, with, next);
                self.make(Kind::Dyn(bounds))
            }
            Kind::Opaque(bounds) => {
                let bounds = self.apply_bounds(bounds, with, next);
                self.make(Kind::Opaque(bounds))
            }
            Kind::Unknown
            | Kind::Never
            | Kind::Variable(_)
            | Kind::Primitive(_)
            | Kind::Closure(_) => ty,
        }
    }

    fn apply_list(&mut self, list: Tys, with: &Substitution, depth: u32) -> Tys {
        let types: Vec<Ty> = self.of(list).to_vec();
        let types: Vec<Ty> = types.into_iter().map(|ty| self.apply_deep(ty, with, depth)).collect();
        self.list(&types)
    }

    fn apply_bounds(&mut self, bounds: Bounds, with: &Substitution, depth: u32) -> Bounds {
        let bounds = self.bounds(bounds).to_vec();
        let bounds = bounds.iter().map(|bound| self.apply_bound(bound, with, depth)).collect();
        self.make_bounds(bounds)
    }

    pub(super) fn apply_bound(&mut self, bound: &Bound, with: &Substitution, depth: u32) -> Bound {
        let arguments = self.apply_list(bound.arguments, with, depth);
        let bindings = bound
            .bindings
            .iter()
            .map(|(name, ty)| (*name, self.apply_deep(*ty, with, depth)))
            .collect();
        Bound { of: bound.of, arguments, bindings }
    }
}
