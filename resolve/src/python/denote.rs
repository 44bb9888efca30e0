//! The types that annotations denote.

use flux_core::FileId;

use super::facts::{BindingKind, Expression, ExpressionId, Operator, ScopeId, ScopeKind};
use super::resolver::Resolver;
use super::scope::Referent;
use super::types::{Atom, Bound, ClassRef, Package, TypeId};

impl<'w> Resolver<'w> {
    /// The type that an annotation denotes.
    pub(super) fn denote(&mut self, file: FileId, id: ExpressionId) -> TypeId {
        if let Some(found) = self.denoted.get(&(file, id)) {
            return *found;
        }
        self.denoted.insert((file, id), TypeId::UNKNOWN);
        match self.deeper(|this| this.denote_new(file, id)) {
            Some((found, keep)) => {
                if keep {
                    self.denoted.insert((file, id), found);
                } else {
                    self.denoted.remove(&(file, id));
                }
                found
            }
            None => {
                self.denoted.remove(&(file, id));
                TypeId::UNKNOWN
            }
        }
    }

    fn denote_new(&mut self, file: FileId, id: ExpressionId) -> TypeId {
        let Some(facts) = self.facts(file) else { return TypeId::UNKNOWN };
        match facts.expressions[id.index()] {
            Expression::Binary { left, right, operator: Operator::Or } => {
                let left = self.denote(file, left);
                let right = self.denote(file, right);
                self.types.union(left, right)
            }
            Expression::Subscript { object, index } => self.denote_applied(file, object, index),
            Expression::Name(mention) => {
                let referent = self.refer(file, id);
                self.denote_referent(file, mention.scope, &referent)
            }
            Expression::Attribute { mention, .. } => {
                let referent = self.refer(file, id);
                self.denote_referent(file, mention.scope, &referent)
            }
            Expression::Starred(inner) => self.denote(file, inner),
            _ => TypeId::UNKNOWN,
        }
    }

    /// What a name, or a dotted one, refers to.
    pub(super) fn refer(&mut self, file: FileId, id: ExpressionId) -> Referent {
        let Some(module) = self.module(file) else { return Referent::Nothing };
        match module.facts().expressions[id.index()] {
            Expression::Name(mention) => {
                let symbol = module.symbol(mention.name);
                match self.lookup_mention(file, mention) {
                    Some((scope, entry)) => {
                        let bindings = self.reaching(file, mention, scope, entry);
                        self.chase_all(&bindings)
                    }
                    None => match self.submodule(file, symbol) {
                        Some(place) => Referent::Place(place),
                        None if self.world.standard.is_builtin(symbol) => {
                            Referent::External(self.types.package("builtins"), symbol)
                        }
                        None => Referent::Nothing,
                    },
                }
            }
            Expression::Attribute { object, mention } => {
                let symbol = module.symbol(mention.name);
                let name = &module.facts().names[mention.name.index()];
                let object = self.infer(file, object);
                let found = self.targets(object, symbol, name);
                if !found.bindings.is_empty() {
                    return Referent::Bindings(found.bindings.into());
                }
                match (found.place, found.package) {
                    (Some(place), _) => Referent::Place(place),
                    (None, Some(package)) => Referent::External(package, symbol),
                    (None, None) => Referent::Nothing,
                }
            }
            _ => Referent::Nothing,
        }
    }

    fn denote_referent(&mut self, file: FileId, scope: ScopeId, referent: &Referent) -> TypeId {
        match referent {
            Referent::Bindings(bindings) => {
                let mut all = TypeId::UNKNOWN;
                for &bound in bindings.iter() {
                    let found = self.denote_bound(bound);
                    all = self.types.union(all, found);
                }
                all
            }
            Referent::External(package, name) => self.denote_external(file, scope, *package, *name),
            Referent::Place(_) | Referent::Nothing => TypeId::UNKNOWN,
        }
    }

    fn denote_external(
        &mut self,
        file: FileId,
        scope: ScopeId,
        package: Package,
        name: u64,
    ) -> TypeId {
        if name == self.world.words.self_
            && let Some(class) = self.class_around(file, scope)
        {
            return self.types.one(Atom::Receiver(class));
        }
        let text = &self.types.packages[package.0 as usize];
        match self.world.standard.container(text, name) {
            Some(container) => {
                self.types.one(Atom::Generic(container, super::types::TypesId::EMPTY))
            }
            None => self.types.one(Atom::External(package, name)),
        }
    }

    /// The class whose body or method a scope lies in.
    pub(super) fn class_around(&mut self, file: FileId, scope: ScopeId) -> Option<ClassRef> {
        let facts = self.facts(file)?;
        let mut next = Some(scope);
        while let Some(id) = next {
            let scope = &facts.scopes[id.index()];
            if let Some(class) = scope.class
                && matches!(scope.kind, ScopeKind::Class | ScopeKind::Function)
            {
                return Some(ClassRef { file, id: class });
            }
            next = scope.parent;
        }
        None
    }

    /// The type that the name of a binding denotes: a class, an alias, a type variable.
    fn denote_bound(&mut self, bound: Bound) -> TypeId {
        let binding = self.binding(bound);
        match binding.kind {
            BindingKind::Class(id) => {
                let class = ClassRef { file: bound.file, id };
                self.types.one(Atom::Instance(class, super::types::TypesId::EMPTY))
            }
            BindingKind::TypeParameter => self.types.one(Atom::Variable(bound)),
            BindingKind::Alias => {
                binding.value.map_or(TypeId::UNKNOWN, |value| self.denote(bound.file, value))
            }
            BindingKind::Variable => {
                let Some(value) = binding.value else { return TypeId::UNKNOWN };
                let Some(facts) = self.facts(bound.file) else { return TypeId::UNKNOWN };
                match facts.expressions[value.index()] {
                    Expression::Call { callee, arguments, .. } => {
                        let arguments = arguments.of(&facts.lists);
                        self.denote_call(bound, callee, arguments)
                    }
                    _ => self.denote(bound.file, value),
                }
            }
            _ => TypeId::UNKNOWN,
        }
    }

    /// `T = TypeVar(…)` and `N = NewType(…)`.
    fn denote_call(
        &mut self,
        bound: Bound,
        callee: ExpressionId,
        arguments: &[ExpressionId],
    ) -> TypeId {
        let words = &self.world.words;
        let Referent::External(package, name) = self.refer(bound.file, callee) else {
            return TypeId::UNKNOWN;
        };
        if name == words.type_var || name == words.param_spec {
            return self.types.one(Atom::Variable(bound));
        }
        if name == words.new_type {
            return match arguments.get(1) {
                Some(inner) => self.denote(bound.file, *inner),
                None => TypeId::UNKNOWN,
            };
        }
        self.types.one(Atom::External(package, 0))
    }

    /// `object[index]` as a type.
    fn denote_applied(
        &mut self,
        file: FileId,
        object: ExpressionId,
        index: ExpressionId,
    ) -> TypeId {
        let Some(facts) = self.facts(file) else { return TypeId::UNKNOWN };
        let parts: Vec<ExpressionId> = match facts.expressions[index.index()] {
            Expression::Tuple(list) => list.of(&facts.lists).to_vec(),
            _ => vec![index],
        };
        let referent = self.refer(file, object);
        let words = &self.world.words;
        let Referent::External(package, name) = referent else {
            return self.denote_generic(file, object, &parts);
        };
        let first = parts.first().copied();
        let is = |words: &[u64]| words.contains(&name);
        if is(&[words.union]) {
            let mut all = TypeId::UNKNOWN;
            for part in parts {
                let found = self.denote(file, part);
                all = self.types.union(all, found);
            }
            return all;
        }
        if is(&[
            words.optional,
            words.annotated,
            words.final_,
            words.class_var,
            words.required,
            words.not_required,
            words.read_only,
            words.init_var,
            words.mapped,
            words.unpack,
        ]) {
            return first.map_or(TypeId::UNKNOWN, |first| self.denote(file, first));
        }
        if name == words.callable {
            let result = parts.last().map_or(TypeId::UNKNOWN, |last| self.denote(file, *last));
            return self.types.one(Atom::Callable(result));
        }
        let text = &self.types.packages[package.0 as usize];
        let Some(container) = self.world.standard.container(text, name) else {
            return self.types.one(Atom::External(package, name));
        };
        let mut items: Vec<TypeId> = parts.iter().map(|part| self.denote(file, *part)).collect();
        if container == self.world.standard.tuple
            && let [first, last] = parts[..]
            && matches!(facts.expressions[last.index()], Expression::Literal | Expression::Unknown)
        {
            // `tuple[X, ...]`
            items = vec![self.denote(file, first)];
        }
        let list = self.types.list(&items);
        let generic = self.types.one(Atom::Generic(container, list));
        self.as_classes(generic)
    }

    /// `type[X]` as the class, where `X` is one of the tree or a type variable bound to one.
    pub(super) fn as_classes(&mut self, of: TypeId) -> TypeId {
        let class = self.world.standard.class;
        let is_type = |atom: &Atom| matches!(atom, Atom::Generic(found, _) if *found == class);
        if !self.types.atoms(of).iter().any(is_type) {
            return of;
        }
        let mut all = TypeId::UNKNOWN;
        for atom in self.types.copied(of) {
            let mut found = TypeId::UNKNOWN;
            if let Atom::Generic(container, list) = atom
                && container == class
                && let Some(&inner) = self.types.listed(list).first()
            {
                found = self.types.classes_of(inner);
            }
            let found = if found.is_known() { found } else { self.types.one(atom) };
            all = self.types.union(all, found);
        }
        all
    }

    /// `type[T]` as the class that `T` is bound to, for looking into it.
    pub(super) fn as_bounds(&mut self, of: TypeId) -> TypeId {
        let class = self.world.standard.class;
        let is_type = |atom: &Atom| matches!(atom, Atom::Generic(found, _) if *found == class);
        if !self.types.atoms(of).iter().any(is_type) {
            return of;
        }
        let of = self.as_classes(of);
        let mut all = TypeId::UNKNOWN;
        for atom in self.types.copied(of) {
            let mut found = self.types.one(atom);
            if let Atom::Generic(container, list) = atom
                && container == class
                && let Some(&inner) = self.types.listed(list).first()
                && let &[Atom::Variable(variable)] = self.types.atoms(inner)
            {
                let bound = self.bound_of(variable);
                let classes = self.types.classes_of(bound);
                found = if classes.is_known() { classes } else { found };
            }
            all = self.types.union(all, found);
        }
        all
    }

    /// A class of the tree with type arguments, or a generic alias.
    fn denote_generic(
        &mut self,
        file: FileId,
        object: ExpressionId,
        parts: &[ExpressionId],
    ) -> TypeId {
        let base = self.denote(file, object);
        let arguments: Vec<TypeId> = parts.iter().map(|part| self.denote(file, *part)).collect();
        let mut all = TypeId::UNKNOWN;
        for atom in self.types.copied(base) {
            let found = match atom {
                Atom::Instance(class, list) if list == super::types::TypesId::EMPTY => {
                    let list = self.types.list(&arguments);
                    self.types.one(Atom::Instance(class, list))
                }
                _ => {
                    let one = self.types.one(atom);
                    self.apply_alias(one, &arguments)
                }
            };
            all = self.types.union(all, found);
        }
        all
    }

    /// An alias with its variables replaced, in order of their appearance.
    fn apply_alias(&mut self, of: TypeId, arguments: &[TypeId]) -> TypeId {
        let mut variables = Vec::new();
        self.variables_in(of, &mut variables, 0);
        let mut by = super::types::Substitution::default();
        for (variable, argument) in variables.into_iter().zip(arguments) {
            by.add(variable, *argument);
        }
        self.types.substitute(of, &by, 0)
    }

    /// The type variables of a type, in order of appearance.
    pub(super) fn variables_in(&mut self, of: TypeId, into: &mut Vec<Bound>, depth: u32) {
        if !self.types.is_open(of) || depth > 6 {
            return;
        }
        for atom in self.types.copied(of) {
            match atom {
                Atom::Variable(bound) if !into.contains(&bound) => into.push(bound),
                Atom::Instance(_, list) | Atom::Class(_, list) | Atom::Generic(_, list) => {
                    for item in self.types.listed(list).to_vec() {
                        self.variables_in(item, into, depth + 1);
                    }
                }
                Atom::Coroutine(inner) | Atom::Context(inner) | Atom::Callable(inner) => {
                    self.variables_in(inner, into, depth + 1);
                }
                _ => {}
            }
        }
    }
}
