//! What calls give.

use flux_core::FileId;

use super::facts::{
    Binding, BindingId, BindingKind, Expression, ExpressionId, ScopeId, Stretch, Traits,
};
use super::resolver::Resolver;
use super::standard::Shape;
use super::types::{Atom, Bound, Container, FunctionRef, Substitution, TypeId, TypesId};

/// The arguments of a call, inferred only where something depends on them.
#[derive(Clone, Copy, Default)]
pub(super) struct Arguments {
    site: Option<(FileId, Stretch, Stretch)>,
}

impl Arguments {
    pub(super) fn of(file: FileId, positional: Stretch, keywords: Stretch) -> Self {
        Self { site: Some((file, positional, keywords)) }
    }
}

impl<'w> Resolver<'w> {
    pub(super) fn call(
        &mut self,
        file: FileId,
        callee: ExpressionId,
        arguments: Stretch,
        keywords: Stretch,
        scope: ScopeId,
    ) -> TypeId {
        let Some(module) = self.module(file) else { return TypeId::UNKNOWN };
        let facts = module.facts();
        let list = arguments.of(&facts.lists);
        let words = &self.world.words;
        if let Expression::Name(mention) | Expression::Attribute { mention, .. } =
            facts.expressions[callee.index()]
        {
            let symbol = module.symbol(mention.name);
            if symbol == words.super_ {
                return self.super_of(file, scope, list);
            }
            if symbol == words.cast && list.len() == 2 {
                return self.denote(file, list[0]);
            }
            if symbol == words.type_ && list.len() == 1 {
                let of = self.infer(file, list[0]);
                return self.types.classes_of(of);
            }
            if symbol == words.type_ && list.len() == 3 {
                // `type(name, bases, …)`: a class like its bases.
                let bases = self.infer(file, list[1]);
                return self.element(bases, 0);
            }
        }
        let inferred = self.infer(file, callee);
        let is_function = |atom: &Atom| matches!(atom, Atom::Function(..));
        if let Expression::Attribute { mention, .. } = facts.expressions[callee.index()]
            && module.symbol(mention.name) == words.new
            && let Some(&class) = list.first()
            && !self.types.atoms(inferred).iter().any(is_function)
        {
            // `object.__new__(cls)`, whatever the base that has it is called.
            let class = self.infer(file, class);
            return self.types.instances_of(class);
        }
        self.result(inferred, &Arguments::of(file, arguments, keywords))
    }

    /// `super()` in a method, or `super(Class, self)`.
    fn super_of(&mut self, file: FileId, scope: ScopeId, arguments: &[ExpressionId]) -> TypeId {
        let mut class = self.class_around(file, scope);
        if let Some(first) = arguments.first() {
            let found = self.infer(file, *first);
            class = self.types.atoms(found).iter().find_map(|atom| match atom {
                Atom::Class(class, _) | Atom::ReceiverClass(class) => Some(*class),
                _ => None,
            });
        }
        let Some(class) = class else { return TypeId::UNKNOWN };
        let receiver = self.types.one(Atom::Receiver(class));
        self.types.one(Atom::Super(class, receiver))
    }

    /// What calling a value gives.
    pub(super) fn result(&mut self, callee: TypeId, arguments: &Arguments) -> TypeId {
        let mut all = TypeId::UNKNOWN;
        for atom in self.types.copied(callee) {
            let found = self.result_of(atom, arguments);
            all = self.types.union(all, found);
        }
        all
    }

    fn result_of(&mut self, atom: Atom, arguments: &Arguments) -> TypeId {
        let standard = self.world.standard;
        match atom {
            Atom::Class(class, list) => {
                let made = self.made_by_new(atom, arguments);
                if made.is_known() {
                    return made;
                }
                let list =
                    if list == TypesId::EMPTY { self.constructed(atom, arguments) } else { list };
                self.types.one(Atom::Instance(class, list))
            }
            Atom::ReceiverClass(class) => self.types.one(Atom::Receiver(class)),
            Atom::Function(function, receiver) => {
                self.function_result(function, receiver, arguments)
            }
            Atom::Instance(..) | Atom::Receiver(_) => {
                let call = self.world.words.call;
                match self.class_of(atom).and_then(|class| self.member(class, call, 0)) {
                    Some(_) => {
                        let method = self.member_type(atom, call);
                        if self.types.atoms(method).contains(&atom) {
                            return TypeId::UNKNOWN;
                        }
                        self.result(method, arguments)
                    }
                    None => TypeId::UNKNOWN,
                }
            }
            Atom::External(package, name) => {
                let text = &*self.types.packages[package.0 as usize];
                let shape = if standard.knows(text) { standard.functions.get(&name) } else { None };
                if let Some(shape) = shape.or_else(|| standard.methods.get(&name)) {
                    let found = self.shape_of_call(shape, arguments);
                    if found.is_known() {
                        return found;
                    }
                }
                let text = &self.types.packages[package.0 as usize];
                match standard.container(text, name) {
                    Some(container) => self.types.one(Atom::Generic(container, TypesId::EMPTY)),
                    None => self.types.one(Atom::External(package, 0)),
                }
            }
            Atom::Generic(container, list) => {
                self.shape_in(&standard.of(container).call, container, list)
            }
            Atom::Method(container, list, name) => {
                match standard.of(container).methods.get(&name) {
                    Some(shape) => self.shape_in(shape, container, list),
                    None => TypeId::UNKNOWN,
                }
            }
            Atom::Callable(result) => result,
            Atom::Variable(bound) => {
                let bound = self.bound_of(bound);
                if self.types.is_open(bound) {
                    TypeId::UNKNOWN
                } else {
                    self.result(bound, arguments)
                }
            }
            Atom::Mixed => self.types.one(atom),
            Atom::Module(_)
            | Atom::Namespace(_)
            | Atom::Coroutine(_)
            | Atom::Context(_)
            | Atom::Super(..) => TypeId::UNKNOWN,
        }
    }

    /// What `__new__` of a class gives, where that is more than an instance of the class.
    fn made_by_new(&mut self, atom: Atom, arguments: &Arguments) -> TypeId {
        let Atom::Class(class, _) = atom else { return TypeId::UNKNOWN };
        let new = self.world.words.new;
        let Some(member) = self.member(class, new, 0) else { return TypeId::UNKNOWN };
        if self.class(class).is_enum {
            return TypeId::UNKNOWN;
        }
        let Some(function) = self.last_function(&member.bindings) else { return TypeId::UNKNOWN };
        let receiver = self.types.one(atom);
        let made = self.function_result(function, receiver, arguments);
        let is_own = |made: &Atom| matches!(made, Atom::Instance(found, _) if *found == class);
        if self.types.is_vague(made) || self.types.atoms(made).iter().all(is_own) {
            return TypeId::UNKNOWN;
        }
        made
    }

    /// The type arguments of a new instance, as far as the constructor's arguments tell.
    fn constructed(&mut self, atom: Atom, arguments: &Arguments) -> TypesId {
        let Some(class) = self.class_of(atom) else { return TypesId::EMPTY };
        let info = self.class(class);
        if info.parameters.is_empty() {
            return TypesId::EMPTY;
        }
        let init = self.world.words.init;
        let Some(member) = self.member(class, init, 0) else { return TypesId::EMPTY };
        let mut by = Substitution::default();
        let one = self.types.one(Atom::Instance(class, TypesId::EMPTY));
        if let Some(last) = self.last_function(&member.bindings) {
            let function = self.overload(last, one, arguments);
            self.unify_all(function, 1, arguments, &mut by);
            self.learn_from_self(class, function, &mut by);
        }
        let mut items = Vec::new();
        for parameter in &info.parameters {
            let found = by.variables.iter().find(|(variable, _)| variable == parameter);
            let variable = self.types.one(Atom::Variable(*parameter));
            items.push(found.map_or(variable, |(_, to)| *to));
        }
        self.types.list(&items)
    }

    /// `def __init__(self: C[X])` says what the class is applied to.
    fn learn_from_self(
        &mut self,
        class: super::types::ClassRef,
        function: FunctionRef,
        by: &mut Substitution,
    ) {
        let own = self.function(function);
        let first = Bound { file: function.file, id: BindingId(own.parameters.start) };
        if own.parameters.len == 0 {
            return;
        }
        let Some(annotation) = self.binding(first).annotation else { return };
        let declared = self.denote(function.file, annotation);
        let declared = self.types.substitute(declared, by, 0);
        for atom in self.types.copied(declared) {
            if let Atom::Instance(found, list) = atom
                && found == class
            {
                let info = self.class(class);
                by.variables.extend(self.arguments_by(&info.parameters, list).variables);
            }
        }
    }

    fn function_result(
        &mut self,
        function: FunctionRef,
        receiver: TypeId,
        arguments: &Arguments,
    ) -> TypeId {
        let function = self.overload(function, receiver, arguments);
        self.applied(function, receiver, arguments)
    }

    /// What a function itself gives, whatever overloads it has.
    pub(super) fn applied(
        &mut self,
        function: FunctionRef,
        receiver: TypeId,
        arguments: &Arguments,
    ) -> TypeId {
        let result = self.returned(function);
        if !self.types.is_open(result) {
            return result;
        }
        let own = self.function(function);
        let mut by = Substitution::default();
        let class = own.class.map(|id| super::types::ClassRef { file: function.file, id });
        if receiver.is_known()
            && let Some(class) = class
        {
            by = self.substitution_above(receiver, class);
        }
        let skip = u32::from(receiver.is_known() && !own.traits.has(Traits::STATIC));
        self.unify_all(function, skip, arguments, &mut by);
        self.types.substitute(result, &by, 0)
    }

    /// What variables of `class` and `Self` stand for when a method of it is called on `receiver`.
    fn substitution_above(
        &mut self,
        receiver: TypeId,
        class: super::types::ClassRef,
    ) -> Substitution {
        let mut by = Substitution::default();
        for atom in self.types.copied(receiver) {
            let Some(own) = self.class_of(atom) else { continue };
            let info = self.class(own);
            let Some((_, list)) = info.order.iter().find(|(above, _)| *above == class) else {
                continue;
            };
            let given = match atom {
                Atom::Instance(_, given) | Atom::Class(_, given) => {
                    self.arguments_by(&info.parameters, given)
                }
                _ => Substitution::default(),
            };
            let above = self.class(class);
            for (parameter, argument) in
                above.parameters.iter().zip(self.types.listed(*list).to_vec())
            {
                let argument = self.types.substitute(argument, &given, 0);
                by.add(*parameter, argument);
            }
        }
        by.receiver = Some(self.types.instances_of(receiver));
        by
    }

    /// The overload that fits the arguments, or the function itself.
    pub(super) fn overload(
        &mut self,
        function: FunctionRef,
        receiver: TypeId,
        arguments: &Arguments,
    ) -> FunctionRef {
        let overloads = self.overloads(function);
        let Some(&first) = overloads.first() else { return function };
        let own = self.function(function);
        let skip = u32::from(receiver.is_known() && !own.traits.has(Traits::STATIC));
        let mut fitting = overloads.into_iter().filter(|other| self.fits(*other, skip, arguments));
        fitting.next().unwrap_or(first)
    }

    /// The overloads of a function, where it has any.
    pub(super) fn overloads(&mut self, function: FunctionRef) -> Vec<FunctionRef> {
        let Some(module) = self.module(function.file) else { return Vec::new() };
        let facts = module.facts();
        let own = &facts.functions[function.id.index()];
        let Some(binding) = own.binding.map(|id| &facts.bindings[id.index()]) else {
            return Vec::new();
        };
        let Some(entry) = module.entry(binding.scope, module.symbol(binding.name)) else {
            return Vec::new();
        };
        let bindings = module.bindings(entry);
        if bindings.len() < 2 {
            return Vec::new();
        }
        let overload = |id: &BindingId| match facts.bindings[id.index()].kind {
            BindingKind::Function(id)
                if facts.functions[id.index()].traits.has(Traits::OVERLOAD) =>
            {
                Some(FunctionRef { file: function.file, id })
            }
            _ => None,
        };
        bindings.iter().filter_map(overload).collect()
    }

    /// Whether a call with these arguments may be one of the function.
    fn fits(&mut self, function: FunctionRef, skip: u32, arguments: &Arguments) -> bool {
        let Some((site, positional, keywords)) = arguments.site else { return true };
        let (Some(module), Some(from)) = (self.module(function.file), self.module(site)) else {
            return true;
        };
        let own = self.function(function);
        let parameters = &module.facts().bindings[own.parameters.start as usize..]
            [..own.parameters.len as usize];
        let given = positional.of(&from.facts().lists);
        let has_star = given
            .iter()
            .any(|id| matches!(from.facts().expressions[id.index()], Expression::Starred(_)));
        let plain = |found: &&Binding| found.kind == BindingKind::Parameter;
        let takes_all = parameters.iter().any(|found| found.kind == BindingKind::Arguments);
        let takes_any = parameters.iter().any(|found| found.kind == BindingKind::KeywordArguments);
        let names: Vec<&Binding> = parameters.iter().filter(plain).skip(skip as usize).collect();
        if has_star {
            return true;
        }
        if !takes_all && given.len() > names.len() {
            return false;
        }
        let keywords = keywords.of(&from.facts().keywords);
        for keyword in keywords {
            let symbol = from.symbol(keyword.name);
            if !takes_any && !names.iter().any(|found| module.symbol(found.name) == symbol) {
                return false;
            }
        }
        for (position, name) in names.iter().enumerate() {
            let symbol = module.symbol(name.name);
            let value = given.get(position).copied().or_else(|| {
                keywords.iter().find(|keyword| from.symbol(keyword.name) == symbol).map(|k| k.value)
            });
            match (value, name.annotation) {
                (None, _) if name.value.is_none() && !takes_all => return false,
                (Some(value), Some(annotation)) => {
                    let is_none =
                        matches!(from.facts().expressions[value.index()], Expression::None);
                    let declared = &module.facts().expressions[annotation.index()];
                    if matches!(declared, Expression::None) != is_none
                        && (is_none || matches!(declared, Expression::None))
                        && (matches!(declared, Expression::None)
                            || !may_be_none(module.facts(), annotation))
                    {
                        return false;
                    }
                    let (given, wanted) =
                        (self.infer(site, value), self.denote(function.file, annotation));
                    if !self.accepts(wanted, given) {
                        return false;
                    }
                }
                _ => {}
            }
        }
        true
    }

    /// Whether a value of one type may be given where another is declared. Only classes of the
    /// tree are told apart.
    fn accepts(&mut self, wanted: TypeId, given: TypeId) -> bool {
        if !wanted.is_known() || !given.is_known() {
            return true;
        }
        if let &[Atom::Instance(class, _)] = self.types.atoms(wanted)
            && self.class(class).is_protocol
        {
            let mut given = self.types.copied(given).into_iter();
            return given.any(|atom| self.satisfies(atom, class));
        }
        if self.types.is_open(wanted) {
            return true;
        }
        let mut classes = Vec::new();
        for atom in self.types.copied(wanted) {
            match atom {
                Atom::Instance(class, _) => classes.push(class),
                _ => return true,
            }
        }
        for atom in self.types.copied(given) {
            match atom {
                Atom::Instance(class, _) | Atom::Receiver(class) => {
                    let info = self.class(class);
                    if info.external.is_some()
                        || info.order.iter().any(|(above, _)| classes.contains(above))
                    {
                        return true;
                    }
                }
                Atom::Class(..) | Atom::Generic(..) => {}
                _ => return true,
            }
        }
        false
    }

    /// Learns type variables from the arguments.
    pub(super) fn unify_all(
        &mut self,
        function: FunctionRef,
        skip: u32,
        arguments: &Arguments,
        by: &mut Substitution,
    ) {
        let Some((site, positional, keywords)) = arguments.site else { return };
        let (Some(module), Some(from)) = (self.module(function.file), self.module(site)) else {
            return;
        };
        let own = self.function(function);
        let given = positional.of(&from.facts().lists);
        let keywords = keywords.of(&from.facts().keywords);
        let parameters = own.parameters.start + skip..own.parameters.start + own.parameters.len;
        for (position, at) in parameters.enumerate() {
            let parameter = &module.facts().bindings[BindingId(at).index()];
            let symbol = module.symbol(parameter.name);
            let value = given.get(position).copied().or_else(|| {
                keywords.iter().find(|keyword| from.symbol(keyword.name) == symbol).map(|k| k.value)
            });
            let (Some(value), Some(annotation)) = (value, parameter.annotation) else { continue };
            let wanted = self.denote(function.file, annotation);
            if self.types.is_open(wanted) {
                let given = self.infer(site, value);
                self.unify(wanted, given, by, 0);
            }
        }
    }

    pub(super) fn unify(
        &mut self,
        wanted: TypeId,
        given: TypeId,
        by: &mut Substitution,
        depth: u32,
    ) {
        if depth > 4 || !self.types.is_open(wanted) {
            return;
        }
        for atom in self.types.copied(wanted) {
            match atom {
                Atom::Variable(bound) => by.add(bound, given),
                Atom::Generic(container, list) => {
                    let lists: Vec<(Container, TypesId)> = self
                        .types
                        .copied(given)
                        .into_iter()
                        .filter_map(|found| match found {
                            Atom::Generic(of, list) => Some((of, list)),
                            found => self.container_of(found),
                        })
                        .collect();
                    if container == self.world.standard.class {
                        let inner = self.types.listed(list).first().copied();
                        let instances = self.types.instances_of(given);
                        if let Some(inner) = inner {
                            self.unify(inner, instances, by, depth + 1);
                        }
                    }
                    for (_, found) in lists {
                        self.unify_lists(list, found, by, depth);
                    }
                }
                Atom::Instance(class, list) => {
                    let is_protocol = self.class(class).is_protocol;
                    for found in self.types.copied(given) {
                        if is_protocol {
                            self.unify_protocol(class, list, found, by, depth);
                        }
                        if let Atom::Instance(own, given) = found {
                            let info = self.class(own);
                            let order = info.order.iter().find(|(above, _)| *above == class);
                            let Some(&(_, above)) = order else { continue };
                            let inner = self.arguments_by(&info.parameters, given);
                            let instance = self.types.one(Atom::Instance(class, above));
                            let instance = self.types.substitute(instance, &inner, 0);
                            if let [Atom::Instance(_, found)] = self.types.atoms(instance)[..] {
                                self.unify_lists(list, found, by, depth);
                            }
                        }
                    }
                }
                Atom::Callable(inner) => {
                    let found = self.called(given);
                    self.unify(inner, found, by, depth + 1);
                }
                Atom::Coroutine(inner) => {
                    let found = self.awaited(given);
                    self.unify(inner, found, by, depth + 1);
                }
                _ => {}
            }
        }
    }

    fn unify_lists(&mut self, wanted: TypesId, given: TypesId, by: &mut Substitution, depth: u32) {
        let wanted = self.types.listed(wanted).to_vec();
        let given = self.types.listed(given).to_vec();
        for (wanted, given) in wanted.into_iter().zip(given) {
            self.unify(wanted, given, by, depth + 1);
        }
    }

    /// A shape of the table, for a container.
    pub(super) fn shape_in(&mut self, shape: &Shape, of: Container, list: TypesId) -> TypeId {
        match shape {
            Shape::Argument(at) => {
                self.types.listed(list).get(usize::from(*at)).copied().unwrap_or(TypeId::UNKNOWN)
            }
            Shape::All => {
                let mut all = TypeId::UNKNOWN;
                for item in self.types.listed(list).to_vec() {
                    all = self.types.union(all, item);
                }
                all
            }
            Shape::Receiver => self.types.one(Atom::Generic(of, list)),
            Shape::Of(container, parts) => {
                let parts: Vec<TypeId> =
                    parts.iter().map(|part| self.shape_in(part, of, list)).collect();
                let list = self.types.list(&parts);
                self.types.one(Atom::Generic(*container, list))
            }
            Shape::Nothing
            | Shape::Element(_)
            | Shape::Elements
            | Shape::Called(_)
            | Shape::Awaited(_)
            | Shape::Entered(_) => TypeId::UNKNOWN,
        }
    }

    /// A shape of the table, for a call.
    fn shape_of_call(&mut self, shape: &Shape, arguments: &Arguments) -> TypeId {
        let Some((file, positional, _)) = arguments.site else { return TypeId::UNKNOWN };
        let Some(facts) = self.facts(file) else { return TypeId::UNKNOWN };
        let given = positional.of(&facts.lists);
        let argument = |this: &mut Self, at: &u8| match given.get(usize::from(*at)) {
            Some(argument) => this.infer(file, *argument),
            None => TypeId::UNKNOWN,
        };
        match shape {
            Shape::Argument(at) => argument(self, at),
            Shape::Element(at) => {
                let of = argument(self, at);
                self.element(of, 0)
            }
            Shape::Called(at) => {
                let of = argument(self, at);
                self.called(of)
            }
            Shape::Awaited(at) => {
                let of = argument(self, at);
                self.awaited(of)
            }
            Shape::Entered(at) => {
                let of = argument(self, at);
                self.entered(of, false)
            }
            Shape::Elements => {
                let mut items = Vec::new();
                for argument in given {
                    let of = self.infer(file, *argument);
                    items.push(self.element(of, 0));
                }
                let list = self.types.list(&items);
                self.types.one(Atom::Generic(self.world.standard.tuple, list))
            }
            Shape::Of(container, parts) => {
                let parts: Vec<TypeId> =
                    parts.iter().map(|part| self.shape_of_call(part, arguments)).collect();
                let list = self.types.list(&parts);
                self.types.one(Atom::Generic(*container, list))
            }
            Shape::Nothing | Shape::All | Shape::Receiver => TypeId::UNKNOWN,
        }
    }
}

/// Whether an annotation names `None` in a union, or something unknown that may hold it.
fn may_be_none(facts: &super::facts::Facts, annotation: ExpressionId) -> bool {
    match facts.expressions[annotation.index()] {
        Expression::None => true,
        Expression::Binary { left, right, .. } => {
            may_be_none(facts, left) || may_be_none(facts, right)
        }
        Expression::Subscript { .. } => true,
        Expression::Name(mention) => {
            matches!(&*facts.names[mention.name.index()], "Any" | "object")
                || facts.names[mention.name.index()].len() <= 2
        }
        _ => false,
    }
}
