//! Types as small numbers: equal types have equal numbers within one resolution.

use rustc_hash::FxHashMap;

use super::world::Sym;

/// A type, by its position in [`Types`].
pub(super) type TypeId = u32;

/// Nothing is known.
pub(super) const UNKNOWN: TypeId = 0;
/// `null`, `nil`, nothing.
pub(super) const NULL: TypeId = 1;

/// A list of numbers, by its position in [`Types`]; 0 is empty.
pub(super) type ListId = u32;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Type {
    Unknown,
    Null,
    /// Something of a package outside the tree, by position in the resolution's packages.
    External(u32),
    /// A value of a class with type arguments.
    Instance(Sym, ListId),
    /// The class itself.
    Class(Sym, ListId),
    /// A function; the list says what type parameters stand for.
    Function(Sym, ListId),
    /// A file as a module.
    Module(u32),
    /// A namespace or package, by its key; the file is where a mention of it leads.
    Space(u64, u32),
    /// A type parameter; for a class, the type of the receiver inside it.
    Parameter(Sym),
    /// One of several.
    Union(ListId),
    Tuple(ListId),
    /// A primitive type without members, by the hash of its word.
    Word(u64),
}

/// Interned types and lists.
pub(super) struct Types {
    types: Vec<Type>,
    ids: FxHashMap<Type, TypeId>,
    lists: Vec<Box<[u32]>>,
    list_ids: FxHashMap<Box<[u32]>, ListId>,
}

impl Default for Types {
    fn default() -> Self {
        Self {
            types: vec![Type::Unknown, Type::Null],
            ids: FxHashMap::from_iter([(Type::Unknown, UNKNOWN), (Type::Null, NULL)]),
            lists: vec![Box::default()],
            list_ids: FxHashMap::from_iter([(Box::default(), 0)]),
        }
    }
}

impl Types {
    pub(super) fn get(&self, id: TypeId) -> Type {
        self.types[id as usize]
    }

    pub(super) fn id(&mut self, type_: Type) -> TypeId {
        if let Some(id) = self.ids.get(&type_) {
            return *id;
        }
        let id = self.types.len() as u32;
        self.types.push(type_);
        self.ids.insert(type_, id);
        id
    }

    pub(super) fn list(&self, list: ListId) -> &[u32] {
        &self.lists[list as usize]
    }

    pub(super) fn list_id(&mut self, items: &[u32]) -> ListId {
        if let Some(id) = self.list_ids.get(items) {
            return *id;
        }
        let id = self.lists.len() as u32;
        self.lists.push(items.into());
        self.list_ids.insert(items.into(), id);
        id
    }

    /// One of `parts`, without what is unknown or null.
    pub(super) fn union(&mut self, parts: impl IntoIterator<Item = TypeId>) -> TypeId {
        let mut flat: Vec<TypeId> = Vec::new();
        let mut has_null = false;
        for part in parts {
            match self.get(part) {
                Type::Union(list) => {
                    for item in self.lists[list as usize].iter() {
                        if !flat.contains(item) {
                            flat.push(*item);
                        }
                    }
                }
                Type::Null => has_null = true,
                Type::Unknown => {}
                _ if flat.contains(&part) => {}
                _ => flat.push(part),
            }
        }
        // Wide unions say little and cost much.
        flat.truncate(8);
        match flat[..] {
            [] if has_null => NULL,
            [] => UNKNOWN,
            [only] => only,
            _ => {
                let list = self.list_id(&flat);
                self.id(Type::Union(list))
            }
        }
    }

    /// What type parameters stand for: pairs of a parameter and a type, as one list.
    pub(super) fn substitution(&mut self, pairs: &[(Sym, TypeId)]) -> ListId {
        let flat: Vec<u32> =
            pairs.iter().flat_map(|(from, to)| [from.file, from.index, *to]).collect();
        self.list_id(&flat)
    }

    pub(super) fn stands_for(&self, substitution: ListId, parameter: Sym) -> Option<TypeId> {
        self.list(substitution)
            .chunks_exact(3)
            .find(|row| row[0] == parameter.file && row[1] == parameter.index)
            .map(|row| row[2])
    }

    /// `id` with its parameters replaced.
    pub(super) fn substitute(&mut self, id: TypeId, substitution: ListId) -> TypeId {
        if substitution == 0 { id } else { self.replace(id, substitution, 0) }
    }

    fn replace(&mut self, id: TypeId, substitution: ListId, depth: u32) -> TypeId {
        if depth > 8 {
            return id;
        }
        match self.get(id) {
            Type::Parameter(parameter) => self.stands_for(substitution, parameter).unwrap_or(id),
            Type::Instance(symbol, list) if list != 0 => {
                let list = self.replace_all(list, substitution, depth);
                self.id(Type::Instance(symbol, list))
            }
            Type::Class(symbol, list) if list != 0 => {
                let list = self.replace_all(list, substitution, depth);
                self.id(Type::Class(symbol, list))
            }
            Type::Tuple(list) => {
                let list = self.replace_all(list, substitution, depth);
                self.id(Type::Tuple(list))
            }
            Type::Union(list) => {
                let items = self.list(list).to_vec();
                let items: Vec<TypeId> = items
                    .into_iter()
                    .map(|item| self.replace(item, substitution, depth + 1))
                    .collect();
                self.union(items)
            }
            Type::Function(symbol, inner) => {
                let list = self.compose(inner, substitution, depth);
                self.id(Type::Function(symbol, list))
            }
            _ => id,
        }
    }

    fn replace_all(&mut self, list: ListId, substitution: ListId, depth: u32) -> ListId {
        let items = self.list(list).to_vec();
        let items: Vec<TypeId> =
            items.into_iter().map(|item| self.replace(item, substitution, depth + 1)).collect();
        self.list_id(&items)
    }

    /// First `inner`, then `outer`.
    fn compose(&mut self, inner: ListId, outer: ListId, depth: u32) -> ListId {
        let mut rows: Vec<u32> = self.list(inner).to_vec();
        for at in (2..rows.len()).step_by(3) {
            rows[at] = self.replace(rows[at], outer, depth + 1);
        }
        let known: Vec<(u32, u32)> = rows.chunks_exact(3).map(|row| (row[0], row[1])).collect();
        let more = self.list(outer).to_vec();
        // Chains of receivers add up; what is further away no longer matters.
        for row in more.chunks_exact(3) {
            if !known.contains(&(row[0], row[1])) && rows.len() < 48 {
                rows.extend_from_slice(row);
            }
        }
        self.list_id(&rows)
    }
}
