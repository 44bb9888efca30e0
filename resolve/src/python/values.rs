//! The types of what bindings hold.

use flux_core::FileId;

use super::facts::{Binding, BindingKind, Expression, Traits};
use super::modules::{Place, folder, join};
use super::resolver::Resolver;
use super::types::{Atom, Bound, ClassRef, FunctionRef, TypeId, TypesId};

impl<'w> Resolver<'w> {
    /// The type of the value that a binding holds; unknown while it is being asked for.
    pub(super) fn value(&mut self, bound: Bound) -> TypeId {
        if let Some(found) = self.bindings.get(&bound) {
            return *found;
        }
        self.bindings.insert(bound, TypeId::UNKNOWN);
        match self.deeper(|this| this.value_new(bound)) {
            Some((found, true)) => {
                self.bindings.insert(bound, found);
                found
            }
            Some((found, false)) => {
                self.bindings.remove(&bound);
                found
            }
            None => {
                self.bindings.remove(&bound);
                TypeId::UNKNOWN
            }
        }
    }

    fn value_new(&mut self, bound: Bound) -> TypeId {
        let binding = self.binding(bound);
        let file = bound.file;
        match binding.kind {
            BindingKind::Class(id) => {
                let class = ClassRef { file, id };
                self.types.one(Atom::Class(class, TypesId::EMPTY))
            }
            BindingKind::Function(id) => self.decorated(FunctionRef { file, id }),
            BindingKind::Import(_) => {
                let referent = self.chase_all(&[bound]);
                self.type_of(&referent)
            }
            BindingKind::Parameter | BindingKind::Arguments | BindingKind::KeywordArguments => {
                self.parameter(bound, binding)
            }
            BindingKind::TypeParameter => self.types.one(Atom::Variable(bound)),
            BindingKind::Alias => {
                let value = binding.value.map(|value| self.denote(file, value));
                let value = value.unwrap_or(TypeId::UNKNOWN);
                self.types.classes_of(value)
            }
            BindingKind::Match => match (binding.annotation, binding.value) {
                (Some(class), _) => {
                    let class = self.infer(file, class);
                    self.types.instances_of(class)
                }
                (None, Some(value)) => self.infer(file, value),
                (None, None) => TypeId::UNKNOWN,
            },
            BindingKind::Variable
            | BindingKind::Augmented
            | BindingKind::For
            | BindingKind::With
            | BindingKind::AsyncWith
            | BindingKind::Except => self.assigned(bound, binding),
        }
    }

    fn assigned(&mut self, bound: Bound, binding: &'w Binding) -> TypeId {
        let file = bound.file;
        if let Some(annotation) = binding.annotation {
            let declared = self.denote(file, annotation);
            if declared.is_known() || binding.value.is_none() {
                return declared;
            }
        }
        let Some(value) = binding.value else { return TypeId::UNKNOWN };
        let whole = match binding.kind {
            BindingKind::For => {
                let of = self.infer(file, value);
                self.element(of, 0)
            }
            BindingKind::With | BindingKind::AsyncWith => {
                let of = self.infer(file, value);
                self.entered(of, binding.kind == BindingKind::AsyncWith)
            }
            BindingKind::Except => {
                let Some(facts) = self.facts(file) else { return TypeId::UNKNOWN };
                let classes = match facts.expressions[value.index()] {
                    Expression::Tuple(list) => self.infer_all(file, list),
                    _ => self.infer(file, value),
                };
                self.caught(classes)
            }
            _ => self.infer(file, value),
        };
        let Some(facts) = self.facts(file) else { return TypeId::UNKNOWN };
        self.unpacked(whole, binding.unpacking.of(&facts.unpackings))
    }

    fn caught(&mut self, classes: TypeId) -> TypeId {
        let mut all = TypeId::UNKNOWN;
        for atom in self.types.copied(classes) {
            let found = match atom {
                Atom::Class(class, list) => self.types.one(Atom::Instance(class, list)),
                Atom::External(package, _) => self.types.one(Atom::External(package, 0)),
                Atom::Generic(..) => {
                    let one = self.types.one(atom);
                    let inner = self.element(one, 0);
                    self.types.instances_of(inner)
                }
                _ => TypeId::UNKNOWN,
            };
            all = self.types.union(all, found);
        }
        all
    }

    /// What `with value as` binds.
    pub(super) fn entered(&mut self, of: TypeId, is_async: bool) -> TypeId {
        let words = &self.world.words;
        let name = if is_async { words.aenter } else { words.enter };
        let mut all = TypeId::UNKNOWN;
        for atom in self.types.copied(of) {
            let found = match atom {
                Atom::Instance(..) | Atom::Receiver(_) => match self.call_method(atom, name) {
                    Some(found) => self.awaited(found),
                    None => self.types.one(atom),
                },
                Atom::Context(inner) => inner,
                Atom::Generic(container, list) => {
                    self.shape_in(&self.world.standard.of(container).entered, container, list)
                }
                Atom::External(package, _) => self.types.one(Atom::External(package, 0)),
                Atom::Mixed => self.types.one(atom),
                _ => TypeId::UNKNOWN,
            };
            all = self.types.union(all, found);
        }
        all
    }

    fn unpacked(&mut self, whole: TypeId, path: &[u32]) -> TypeId {
        let mut current = whole;
        for &at in path {
            let mut all = TypeId::UNKNOWN;
            for atom in self.types.copied(current) {
                let found = match atom {
                    Atom::Mixed => self.types.one(atom),
                    Atom::Generic(container, list)
                        if container == self.world.standard.tuple
                            && self.types.listed(list).len() > 1 =>
                    {
                        let items = self.types.listed(list);
                        items.get(at as usize).copied().unwrap_or(TypeId::UNKNOWN)
                    }
                    _ => match self.tuple_item(atom, at) {
                        Some(found) => found,
                        None => {
                            let one = self.types.one(atom);
                            self.element(one, 0)
                        }
                    },
                };
                all = self.types.union(all, found);
            }
            current = all;
        }
        current
    }

    /// The type of a function behind its decorators. One that is declared to give something else
    /// than a function is believed; all others are taken to keep the function's type.
    fn decorated(&mut self, function: FunctionRef) -> TypeId {
        let plain = self.types.one(Atom::Function(function, TypeId::UNKNOWN));
        let own = self.function(function);
        if !own.traits.has(Traits::WRAPPED) {
            return plain;
        }
        let Some(facts) = self.facts(function.file) else { return plain };
        let mut current = plain;
        for &decorator in own.decorators.of(&facts.lists).iter().rev() {
            let called = match facts.expressions[decorator.index()] {
                Expression::Call { .. } => true,
                Expression::Name(_) | Expression::Attribute { .. } => false,
                _ => continue,
            };
            let of = self.infer(function.file, decorator);
            let given = if called { of } else { self.called(of) };
            let mut atoms = Vec::new();
            for atom in self.types.copied(given) {
                match atom {
                    Atom::Callable(result) if called => {
                        let results = self.types.copied(result);
                        atoms.extend(results.into_iter().filter(is_instance));
                    }
                    atom if !called && is_instance(&atom) => atoms.push(atom),
                    _ => {}
                }
            }
            if !atoms.is_empty() {
                current = self.types.any(atoms);
            }
        }
        current
    }

    fn parameter(&mut self, bound: Bound, binding: &'w Binding) -> TypeId {
        let file = bound.file;
        let Some(facts) = self.facts(file) else { return TypeId::UNKNOWN };
        let Some(id) = facts.scopes[binding.scope.index()].function else {
            return TypeId::UNKNOWN;
        };
        let function = &facts.functions[id.index()];
        let position = bound.id.0 - function.parameters.start;
        if position == 0
            && binding.kind == BindingKind::Parameter
            && !function.traits.has(Traits::STATIC)
            && let Some(class) = function.class
        {
            let class = ClassRef { file, id: class };
            let meta = self.is_metaclass(class);
            return self.types.one(if function.traits.has(Traits::CLASS) && !meta {
                Atom::ReceiverClass(class)
            } else {
                Atom::Receiver(class)
            });
        }
        if let Some(annotation) = binding.annotation {
            let declared = self.denote(file, annotation);
            return self.packed(binding.kind, declared);
        }
        if binding.kind != BindingKind::Parameter {
            return self.packed(binding.kind, TypeId::UNKNOWN);
        }
        if let Some(call) = function.passed_to {
            return self.expected(FunctionRef { file, id }, call, position);
        }
        let inherited = self.inherited(FunctionRef { file, id }, binding);
        if inherited.is_known() {
            return inherited;
        }
        if let Some(value) = binding.value
            && !matches!(facts.expressions[value.index()], Expression::None)
        {
            return self.infer(file, value);
        }
        match self.fixture(file, bound) {
            Some(fixture) => self.fixture_value(fixture),
            None => TypeId::UNKNOWN,
        }
    }

    fn is_metaclass(&mut self, class: ClassRef) -> bool {
        let info = self.class(class);
        let type_ = self.world.standard.class;
        info.container.is_some_and(|(container, _)| container == type_)
    }

    /// The type of `*args` and `**kwargs` with items of a type.
    fn packed(&mut self, kind: BindingKind, item: TypeId) -> TypeId {
        let standard = self.world.standard;
        match kind {
            BindingKind::Arguments => {
                let list = self.types.list(&[item]);
                self.types.one(Atom::Generic(standard.tuple, list))
            }
            BindingKind::KeywordArguments => {
                let list = self.types.list(&[TypeId::UNKNOWN, item]);
                self.types.one(Atom::Generic(standard.dictionary, list))
            }
            _ => item,
        }
    }

    /// What the overridden method declares of a parameter with the same name.
    fn inherited(&mut self, function: FunctionRef, binding: &Binding) -> TypeId {
        let own = self.function(function);
        let (Some(class), Some(id)) = (own.class, own.binding) else { return TypeId::UNKNOWN };
        let class = ClassRef { file: function.file, id: class };
        let name = self.symbol(Bound { file: function.file, id });
        let Some(member) = self.member(class, name, 1) else { return TypeId::UNKNOWN };
        let Some(module) = self.module(function.file) else { return TypeId::UNKNOWN };
        let wanted = module.symbol(binding.name);
        for bound in member.bindings.iter() {
            let BindingKind::Function(id) = self.binding(*bound).kind else { continue };
            let above = FunctionRef { file: bound.file, id };
            if let Some(found) = self.parameter_of(above, wanted)
                && let Some(annotation) = self.binding(found).annotation
            {
                return self.denote(bound.file, annotation);
            }
        }
        TypeId::UNKNOWN
    }

    /// The parameter of a function with a name, given by its hash.
    pub(super) fn parameter_of(&mut self, function: FunctionRef, symbol: u64) -> Option<Bound> {
        let module = self.module(function.file)?;
        let own = self.function(function);
        let entry = module.entry(own.scope, symbol)?;
        let id = *module.bindings(entry).first()?;
        let range = own.parameters.start..own.parameters.start + own.parameters.len;
        range.contains(&id.0).then_some(Bound { file: function.file, id })
    }

    /// The pytest fixture that a parameter of a test or of another fixture asks for: one of the
    /// same module, or of the nearest `conftest.py` upwards.
    pub(super) fn fixture(&mut self, file: FileId, parameter: Bound) -> Option<FunctionRef> {
        let module = self.module(file)?;
        let facts = module.facts();
        let binding = &facts.bindings[parameter.id.index()];
        let id = facts.scopes[binding.scope.index()].function?;
        let function = &facts.functions[id.index()];
        let name = facts.bindings[function.binding?.index()].name;
        let is_test = facts.names[name.index()].starts_with("test");
        if binding.kind != BindingKind::Parameter
            || !(is_test || function.traits.has(Traits::FIXTURE))
        {
            return None;
        }
        let symbol = module.symbol(binding.name);
        let own = FunctionRef { file, id };
        if let Some(found) = self.fixture_in(file, symbol, own) {
            return Some(found);
        }
        let mut from = folder(self.world.files.path(file));
        loop {
            let path = join(from, "conftest");
            if let Some(Place::Module(place)) = self.world.modules.at(&path, &mut self.looked)
                && let Some(found) = self.fixture_in(place, symbol, own)
            {
                return Some(found);
            }
            if from.is_empty() {
                return None;
            }
            from = folder(from);
        }
    }

    fn fixture_in(&mut self, file: FileId, symbol: u64, but: FunctionRef) -> Option<FunctionRef> {
        let super::scope::Referent::Bindings(bindings) =
            self.member_of(Place::Module(file), symbol, "")
        else {
            return None;
        };
        bindings.iter().find_map(|bound| {
            let BindingKind::Function(id) = self.binding(*bound).kind else { return None };
            let found = FunctionRef { file: bound.file, id };
            let is_fixture = self.function(found).traits.has(Traits::FIXTURE);
            (is_fixture && found != but).then_some(found)
        })
    }

    fn fixture_value(&mut self, fixture: FunctionRef) -> TypeId {
        let result = self.returned(fixture);
        let iterator = self.world.standard.iterator;
        let mut all = TypeId::UNKNOWN;
        for atom in self.types.copied(result) {
            let found = match atom {
                Atom::Generic(container, list) if container == iterator => {
                    self.types.listed(list).first().copied().unwrap_or(TypeId::UNKNOWN)
                }
                Atom::Coroutine(inner) => inner,
                _ => self.types.one(atom),
            };
            all = self.types.union(all, found);
        }
        all
    }
}

fn is_instance(atom: &Atom) -> bool {
    matches!(atom, Atom::Instance(..))
}
