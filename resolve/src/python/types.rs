//! Types as small numbers: a type is a set of atoms, and equal sets have equal numbers.

use flux_core::FileId;
use rustc_hash::FxHashMap;

use super::facts::{BindingId, ClassId, FunctionId};

/// A binding of any file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Bound {
    pub(super) file: FileId,
    pub(super) id: BindingId,
}

/// A class of any file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ClassRef {
    pub(super) file: FileId,
    pub(super) id: ClassId,
}

/// A function of any file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct FunctionRef {
    pub(super) file: FileId,
    pub(super) id: FunctionId,
}

/// A set of atoms. [`TypeId::UNKNOWN`], the empty one, is a type nothing is known of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TypeId(u32);

impl TypeId {
    pub(super) const UNKNOWN: Self = Self(0);

    pub(super) fn is_known(self) -> bool {
        self != Self::UNKNOWN
    }
}

/// A list of types: the arguments of a generic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TypesId(u32);

impl TypesId {
    pub(super) const EMPTY: Self = Self(0);
}

/// A generic class of the standard library, by position in its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Container(pub(super) u16);

/// A package outside the tree, by position in [`Types::packages`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Package(pub(super) u32);

/// One of the things a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Atom {
    /// An instance of a class of the tree.
    Instance(ClassRef, TypesId),
    /// A class of the tree.
    Class(ClassRef, TypesId),
    /// What `self` stands for in methods of the class, and `Self` in its annotations.
    Receiver(ClassRef),
    /// What `cls` stands for.
    ReceiverClass(ClassRef),
    /// A function, and what it is bound to.
    Function(FunctionRef, TypeId),
    Module(FileId),
    Namespace(u32),
    /// Something of a package outside the tree, with a hash of its last name.
    External(Package, u64),
    /// An instance of a container of the standard library.
    Generic(Container, TypesId),
    /// What an `async` function gives, to be awaited.
    Coroutine(TypeId),
    /// What a generator turned into a context manager gives when entered.
    Context(TypeId),
    /// A method of a container.
    Method(Container, TypesId, u64),
    /// `super()` in a class, for a receiver.
    Super(ClassRef, TypeId),
    /// A type variable.
    Variable(Bound),
    /// A callable, by what it gives.
    Callable(TypeId),
    /// The others are items of one display of different things: any of them, by guess.
    Mixed,
}

/// No union holds more: beyond it, nothing useful is known.
const MOST: usize = 12;

/// All types met while one file is resolved.
pub(super) struct Types {
    sets: Vec<Box<[Atom]>>,
    set_ids: FxHashMap<Box<[Atom]>, TypeId>,
    lists: Vec<Box<[TypeId]>>,
    list_ids: FxHashMap<Box<[TypeId]>, TypesId>,
    single: FxHashMap<Atom, TypeId>,
    open: Vec<bool>,
    pub(super) packages: Vec<Box<str>>,
    package_ids: FxHashMap<Box<str>, Package>,
}

impl Types {
    pub(super) fn new() -> Self {
        let mut types = Self {
            sets: vec![Box::new([])],
            set_ids: FxHashMap::default(),
            lists: vec![Box::new([])],
            list_ids: FxHashMap::default(),
            single: FxHashMap::default(),
            open: vec![false],
            packages: Vec::new(),
            package_ids: FxHashMap::default(),
        };
        types.set_ids.insert(Box::new([]), TypeId::UNKNOWN);
        types.list_ids.insert(Box::new([]), TypesId::EMPTY);
        types
    }

    pub(super) fn package(&mut self, dotted: &str) -> Package {
        let name = dotted.split('.').next().unwrap_or(dotted);
        if let Some(found) = self.package_ids.get(name) {
            return *found;
        }
        let id = Package(self.packages.len() as u32);
        self.packages.push(name.into());
        self.package_ids.insert(name.into(), id);
        id
    }

    pub(super) fn one(&mut self, atom: Atom) -> TypeId {
        if let Some(found) = self.single.get(&atom) {
            return *found;
        }
        let id = self.add(Box::new([atom]));
        self.single.insert(atom, id);
        id
    }

    fn add(&mut self, set: Box<[Atom]>) -> TypeId {
        if let Some(found) = self.set_ids.get(&set) {
            return *found;
        }
        let id = TypeId(self.sets.len() as u32);
        let open = set.iter().any(|atom| self.is_open_atom(*atom));
        self.open.push(open);
        self.set_ids.insert(set.clone(), id);
        self.sets.push(set);
        id
    }

    /// The type that may be any of `atoms`.
    pub(super) fn any(&mut self, mut atoms: Vec<Atom>) -> TypeId {
        match atoms[..] {
            [] => return TypeId::UNKNOWN,
            [only] => return self.one(only),
            _ => {}
        }
        atoms.sort_unstable();
        atoms.dedup();
        if atoms.len() > MOST {
            return TypeId::UNKNOWN;
        }
        self.add(atoms.into())
    }

    pub(super) fn union(&mut self, left: TypeId, right: TypeId) -> TypeId {
        if left == right || !right.is_known() {
            return left;
        }
        if !left.is_known() {
            return right;
        }
        // A guess adds nothing to what is known otherwise.
        match (self.is_mixed(left), self.is_mixed(right)) {
            (true, false) if !self.is_vague(right) => return right,
            (false, true) if !self.is_vague(left) => return left,
            _ => {}
        }
        let atoms = [self.atoms(left), self.atoms(right)].concat();
        self.any(atoms)
    }

    fn is_mixed(&self, id: TypeId) -> bool {
        let atoms = self.atoms(id);
        atoms.len() > 1 && atoms.last() == Some(&Atom::Mixed)
    }

    /// What items of a display have in common: where they differ, each is a guess.
    pub(super) fn mixed(&mut self, id: TypeId) -> TypeId {
        if self.atoms(id).len() < 2 {
            return id;
        }
        let mut atoms = self.copied(id);
        atoms.push(Atom::Mixed);
        self.any(atoms)
    }

    pub(super) fn atoms(&self, id: TypeId) -> &[Atom] {
        &self.sets[id.0 as usize]
    }

    /// The atoms, for walks that make new types on the way.
    pub(super) fn copied(&self, id: TypeId) -> Vec<Atom> {
        self.atoms(id).to_vec()
    }

    pub(super) fn list(&mut self, types: &[TypeId]) -> TypesId {
        if let Some(found) = self.list_ids.get(types) {
            return *found;
        }
        let id = TypesId(self.lists.len() as u32);
        self.lists.push(types.into());
        self.list_ids.insert(types.into(), id);
        id
    }

    pub(super) fn listed(&self, id: TypesId) -> &[TypeId] {
        &self.lists[id.0 as usize]
    }

    /// Whether type variables or `Self` occur in it.
    pub(super) fn is_open(&self, id: TypeId) -> bool {
        self.open[id.0 as usize]
    }

    /// Whether nothing of the tree occurs in it.
    pub(super) fn is_vague(&self, id: TypeId) -> bool {
        self.atoms(id).iter().all(|atom| match atom {
            Atom::External(..) | Atom::Mixed => true,
            Atom::Generic(_, list) | Atom::Method(_, list, _) => {
                self.listed(*list).iter().all(|item| self.is_vague(*item))
            }
            Atom::Coroutine(inner) | Atom::Context(inner) | Atom::Callable(inner) => {
                self.is_vague(*inner)
            }
            _ => false,
        })
    }

    fn are_open(&self, id: TypesId) -> bool {
        self.listed(id).iter().any(|item| self.is_open(*item))
    }

    fn is_open_atom(&self, atom: Atom) -> bool {
        match atom {
            Atom::Variable(_) | Atom::Receiver(_) | Atom::ReceiverClass(_) => true,
            Atom::Instance(_, list) | Atom::Class(_, list) | Atom::Generic(_, list) => {
                self.are_open(list)
            }
            Atom::Method(_, list, _) => self.are_open(list),
            Atom::Coroutine(inner) | Atom::Context(inner) | Atom::Callable(inner) => {
                self.is_open(inner)
            }
            Atom::Function(_, receiver) | Atom::Super(_, receiver) => self.is_open(receiver),
            Atom::Module(_) | Atom::Namespace(_) | Atom::External(..) | Atom::Mixed => false,
        }
    }

    /// `id` with variables and `Self` replaced.
    pub(super) fn substitute(&mut self, id: TypeId, by: &Substitution, depth: u32) -> TypeId {
        if !self.is_open(id) || depth > 6 {
            return id;
        }
        let mut all = TypeId::UNKNOWN;
        for atom in self.copied(id) {
            let new = self.substitute_atom(atom, by, depth);
            all = self.union(all, new);
        }
        all
    }

    fn substitute_atom(&mut self, atom: Atom, by: &Substitution, depth: u32) -> TypeId {
        let new = match atom {
            Atom::Variable(bound) => {
                let found = by.variables.iter().find(|(name, _)| *name == bound);
                return match found {
                    Some((_, to)) => *to,
                    None => self.one(atom),
                };
            }
            Atom::Receiver(_) => return by.receiver.unwrap_or_else(|| self.one(atom)),
            Atom::ReceiverClass(_) => {
                let Some(receiver) = by.receiver else { return self.one(atom) };
                return self.classes_of(receiver);
            }
            Atom::Instance(class, list) => Atom::Instance(class, self.each(list, by, depth)),
            Atom::Class(class, list) => Atom::Class(class, self.each(list, by, depth)),
            Atom::Generic(of, list) => Atom::Generic(of, self.each(list, by, depth)),
            Atom::Method(of, list, name) => Atom::Method(of, self.each(list, by, depth), name),
            Atom::Coroutine(inner) => Atom::Coroutine(self.substitute(inner, by, depth + 1)),
            Atom::Context(inner) => Atom::Context(self.substitute(inner, by, depth + 1)),
            Atom::Callable(inner) => Atom::Callable(self.substitute(inner, by, depth + 1)),
            Atom::Function(function, receiver) => {
                Atom::Function(function, self.substitute(receiver, by, depth + 1))
            }
            Atom::Super(class, receiver) => {
                Atom::Super(class, self.substitute(receiver, by, depth + 1))
            }
            Atom::Module(_) | Atom::Namespace(_) | Atom::External(..) | Atom::Mixed => atom,
        };
        self.one(new)
    }

    fn each(&mut self, list: TypesId, by: &Substitution, depth: u32) -> TypesId {
        let items = self.listed(list).to_vec();
        let items: Vec<_> =
            items.into_iter().map(|item| self.substitute(item, by, depth + 1)).collect();
        self.list(&items)
    }

    /// The classes that `id` holds instances of.
    pub(super) fn classes_of(&mut self, id: TypeId) -> TypeId {
        let atoms = self.copied(id).into_iter().filter_map(|atom| match atom {
            Atom::Instance(class, list) => Some(Atom::Class(class, list)),
            Atom::Receiver(class) => Some(Atom::ReceiverClass(class)),
            Atom::Class(..) | Atom::ReceiverClass(_) | Atom::Mixed => Some(atom),
            _ => None,
        });
        let atoms = atoms.collect();
        self.any(atoms)
    }

    /// Instances of the classes that `id` holds.
    pub(super) fn instances_of(&mut self, id: TypeId) -> TypeId {
        let atoms = self.copied(id).into_iter().filter_map(|atom| match atom {
            Atom::Class(class, list) => Some(Atom::Instance(class, list)),
            Atom::ReceiverClass(class) => Some(Atom::Receiver(class)),
            Atom::Instance(..) | Atom::Receiver(_) | Atom::Mixed => Some(atom),
            _ => None,
        });
        let atoms = atoms.collect();
        self.any(atoms)
    }
}

/// What variables and `Self` stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct Substitution {
    pub(super) variables: Vec<(Bound, TypeId)>,
    pub(super) receiver: Option<TypeId>,
}

impl Substitution {
    /// Adds what `variable` may stand for; the first finding wins.
    pub(super) fn add(&mut self, variable: Bound, to: TypeId) {
        if to.is_known() && self.variables.iter().all(|(known, _)| *known != variable) {
            self.variables.push((variable, to));
        }
    }
}
