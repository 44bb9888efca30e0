//! Classes: the order of their bases, and what attributes lead to.

use std::rc::Rc;

use super::facts::{BindingKind, Expression, FunctionId, Traits};
use super::modules::Place;
use super::resolver::Resolver;
use super::scope::{EntryRef, Referent};
use super::types::{
    Atom, Bound, ClassRef, Container, FunctionRef, Package, Substitution, TypeId, TypesId,
};

/// What is known of a class.
#[derive(Debug, Default)]
pub(super) struct ClassInfo {
    /// The class and its bases in the order in which attributes are looked up, each with its type
    /// arguments in terms of the class's own variables.
    pub(super) order: Vec<(ClassRef, TypesId)>,
    /// A package that a base comes from, where some base lies outside the tree.
    pub(super) external: Option<Package>,
    /// The names of all bases that lie outside the tree.
    pub(super) outside: Vec<u64>,
    /// Whether the first base written lies outside the tree.
    pub(super) is_outside_first: bool,
    /// Whether some base is not known at all.
    pub(super) has_unknown: bool,
    /// A container of the standard library among the bases.
    pub(super) container: Option<(Container, TypesId)>,
    /// Its type variables.
    pub(super) parameters: Vec<Bound>,
    pub(super) is_enum: bool,
    /// Whether it says itself that it is a protocol: classes need not derive from it.
    pub(super) is_protocol: bool,
    pub(super) metaclass: Option<ClassRef>,
    /// The class whose fields, in order, are the items of its instances.
    pub(super) items_of: Option<ClassRef>,
}

/// What a class has under a name: the bindings of the first class in order that has any.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) bindings: Rc<[Bound]>,
    pub(super) class: ClassRef,
    arguments: TypesId,
}

/// What an attribute leads to.
#[derive(Default)]
pub(super) struct Targets {
    pub(super) bindings: Vec<Bound>,
    pub(super) place: Option<Place>,
    pub(super) package: Option<Package>,
    /// Whether some type before the dot is known and has no such attribute.
    pub(super) lacks: bool,
}

/// How many bases are followed.
const BASES: usize = 200;

impl<'w> Resolver<'w> {
    pub(super) fn class(&mut self, class: ClassRef) -> Rc<ClassInfo> {
        if let Some(found) = self.classes.get(&class) {
            return found.clone();
        }
        let alone = ClassInfo { order: vec![(class, TypesId::EMPTY)], ..ClassInfo::default() };
        self.classes.insert(class, Rc::new(alone));
        let info = Rc::new(self.class_new(class));
        self.classes.insert(class, info.clone());
        info
    }

    fn class_new(&mut self, class: ClassRef) -> ClassInfo {
        let mut info = ClassInfo::default();
        let Some(module) = self.module(class.file) else { return info };
        let facts = module.facts();
        let own = &facts.classes[class.id.index()];
        let declared = own.parameters.start..own.parameters.start + own.parameters.len;
        let ids = declared.map(super::facts::BindingId);
        let mut parameters: Vec<Bound> = ids
            .filter(|id| facts.bindings[id.index()].kind == BindingKind::TypeParameter)
            .map(|id| Bound { file: class.file, id })
            .collect();
        info.items_of = own.is_record.then_some(class);
        let mut bases: Vec<(ClassRef, TypesId)> = Vec::new();
        for (position, &base) in own.bases.of(&facts.lists).iter().enumerate() {
            self.add_base(class, base, &mut bases, &mut info, &mut parameters);
            info.is_outside_first |= position == 0 && info.external.is_some();
        }
        for keyword in own.keywords.of(&facts.keywords) {
            if module.symbol(keyword.name) == self.world.words.metaclass {
                let meta = self.infer(class.file, keyword.value);
                info.metaclass = self.types.atoms(meta).iter().find_map(|atom| match atom {
                    Atom::Class(class, _) => Some(*class),
                    _ => None,
                });
            }
        }
        for (base, _) in &bases {
            let base = self.class(*base);
            info.external = info.external.or(base.external);
            info.outside.extend(&base.outside);
            info.has_unknown |= base.has_unknown;
            info.is_enum |= base.is_enum;
            info.metaclass = info.metaclass.or(base.metaclass);
            info.items_of = info.items_of.or(base.items_of);
        }
        info.parameters = parameters;
        info.order = self.linearize(class, &bases, &info.parameters);
        if info.container.is_none() {
            info.container = bases.iter().find_map(|(base, arguments)| {
                let base_info = self.class(*base);
                let (container, list) = base_info.container?;
                let by = self.arguments_by(&base_info.parameters, *arguments);
                let generic = self.types.one(Atom::Generic(container, list));
                let generic = self.types.substitute(generic, &by, 0);
                self.types.copied(generic).into_iter().find_map(|atom| match atom {
                    Atom::Generic(container, list) => Some((container, list)),
                    _ => None,
                })
            });
        }
        info
    }

    fn add_base(
        &mut self,
        class: ClassRef,
        base: super::facts::ExpressionId,
        bases: &mut Vec<(ClassRef, TypesId)>,
        info: &mut ClassInfo,
        parameters: &mut Vec<Bound>,
    ) {
        let Some(facts) = self.facts(class.file) else { return };
        let is_applied = matches!(facts.expressions[base.index()], Expression::Subscript { .. });
        let object = match facts.expressions[base.index()] {
            Expression::Subscript { object, index } => {
                let parts: Vec<_> = match facts.expressions[index.index()] {
                    Expression::Tuple(list) => list.of(&facts.lists).to_vec(),
                    _ => vec![index],
                };
                for part in parts {
                    let part = self.denote(class.file, part);
                    self.variables_in(part, parameters, 0);
                }
                object
            }
            _ => base,
        };
        let mut found = false;
        let inferred = self.infer(class.file, object);
        for atom in self.types.copied(inferred) {
            match atom {
                Atom::Class(to, list) if bases.len() < BASES => {
                    let list = if is_applied { self.applied_to(class, base, to) } else { list };
                    bases.push((to, list));
                    found = true;
                }
                Atom::External(package, name) => {
                    let words = &self.world.words;
                    found = true;
                    if name == words.named_tuple {
                        info.items_of = Some(class);
                    }
                    info.is_protocol |= name == words.protocol;
                    let neutral = name == words.generic || name == words.protocol;
                    let text = &*self.types.packages[package.0 as usize];
                    let is_object = text == "builtins" && name == super::modules::hash(&["object"]);
                    info.is_enum |=
                        [words.enum_, words.int_enum, words.str_enum, words.flag, words.int_flag]
                            .contains(&name);
                    if let Some(container) = self.world.standard.container(text, name) {
                        let generic = self.denote(class.file, base);
                        let list = self.types.atoms(generic).iter().find_map(|atom| match atom {
                            Atom::Generic(_, list) => Some(*list),
                            _ => None,
                        });
                        info.container = Some((container, list.unwrap_or(TypesId::EMPTY)));
                    }
                    if !neutral && !is_object {
                        info.external = Some(package);
                        info.outside.push(name);
                    }
                }
                _ => {}
            }
        }
        info.has_unknown |= !found;
    }

    /// The type arguments that a base written with brackets gets.
    fn applied_to(
        &mut self,
        class: ClassRef,
        base: super::facts::ExpressionId,
        to: ClassRef,
    ) -> TypesId {
        let denoted = self.denote(class.file, base);
        let atoms = self.types.atoms(denoted).iter();
        let mut lists = atoms.filter_map(|atom| match atom {
            Atom::Instance(found, list) if *found == to => Some(*list),
            _ => None,
        });
        lists.next().unwrap_or(TypesId::EMPTY)
    }

    /// The C3 order; where there is none, the order in which bases are written.
    fn linearize(
        &mut self,
        class: ClassRef,
        bases: &[(ClassRef, TypesId)],
        parameters: &[Bound],
    ) -> Vec<(ClassRef, TypesId)> {
        let own: Vec<TypeId> =
            parameters.iter().map(|bound| self.types.one(Atom::Variable(*bound))).collect();
        let mut order = vec![(class, self.types.list(&own))];
        let mut sequences: Vec<Vec<(ClassRef, TypesId)>> = Vec::new();
        for &(base, arguments) in bases {
            let info = self.class(base);
            let by = self.arguments_by(&info.parameters, arguments);
            let mut sequence = Vec::new();
            for &(above, list) in info.order.iter().take(BASES) {
                let instance = self.types.one(Atom::Instance(above, list));
                let instance = self.types.substitute(instance, &by, 0);
                let list = self.types.atoms(instance).iter().find_map(|atom| match atom {
                    Atom::Instance(_, list) => Some(*list),
                    _ => None,
                });
                sequence.push((above, list.unwrap_or(TypesId::EMPTY)));
            }
            sequences.push(sequence);
        }
        sequences.push(bases.to_vec());
        while order.len() < BASES {
            sequences.retain(|sequence| !sequence.is_empty());
            let Some(first) = sequences.first() else { break };
            let is_free = |head: &(ClassRef, TypesId)| {
                sequences.iter().all(|other| other[1..].iter().all(|(later, _)| *later != head.0))
            };
            let heads = sequences.iter().map(|sequence| sequence[0]);
            let head = heads.clone().find(is_free).unwrap_or(first[0]);
            order.push(head);
            for sequence in &mut sequences {
                sequence.retain(|(found, _)| *found != head.0);
            }
        }
        order
    }

    /// Type variables with the arguments given for them.
    pub(super) fn arguments_by(&mut self, parameters: &[Bound], list: TypesId) -> Substitution {
        let mut by = Substitution::default();
        for (parameter, argument) in parameters.iter().zip(self.types.listed(list)) {
            by.add(*parameter, *argument);
        }
        by
    }

    /// What a class has under a name, leaving out the first `from` classes of its order.
    pub(super) fn member(&mut self, class: ClassRef, symbol: u64, from: u32) -> Option<Member> {
        if let Some(found) = self.members.get(&(class, symbol, from)) {
            return found.clone();
        }
        let info = self.class(class);
        let mut found: Option<Member> = None;
        // What nearly every class outside has, too.
        let words = &self.world.words;
        let is_special = [words.init, words.new].contains(&symbol);
        for &(above, arguments) in info.order.iter().skip(from as usize) {
            let Some(bindings) = self.own_member(above, symbol) else {
                if is_special && self.class(above).is_outside_first {
                    break;
                }
                continue;
            };
            let declares = bindings.iter().any(|bound| self.declares(*bound));
            if found.is_none() || declares {
                found = Some(Member { bindings: bindings.into(), class: above, arguments });
            }
            // A base that says the type is where the attribute comes from, whoever assigns it.
            if declares {
                break;
            }
        }
        if let Some(member) = &found
            && self.is_declared_outside(&info, symbol)
            && !member.bindings.iter().any(|bound| self.declares(*bound))
        {
            found = None;
        }
        self.members.insert((class, symbol, from), found.clone());
        found
    }

    /// Whether a base outside of the tree is known to say the type of an attribute.
    fn is_declared_outside(&self, info: &ClassInfo, symbol: u64) -> bool {
        let declared = &self.world.standard.declared;
        let object = self.world.words.object;
        let mut bases = info.outside.iter().copied().chain([object]);
        bases.any(|base| declared.get(&base).is_some_and(|names| names.contains(&symbol)))
    }

    /// The type of an item of a named tuple.
    pub(super) fn tuple_item(&mut self, atom: Atom, at: u32) -> Option<TypeId> {
        let class = self.class_of(atom)?;
        let of = self.class(class).items_of?;
        let facts = self.facts(of.file)?;
        let scope = facts.classes[of.id.index()].scope;
        let entries = facts.entries.iter().filter(|entry| entry.scope == scope);
        let first = entries.filter_map(|entry| entry.bindings.of(&facts.entry_bindings).first());
        let mut fields =
            first.filter(|id| facts.bindings[id.index()].kind == BindingKind::Variable);
        let id = *fields.nth(at as usize)?;
        Some(self.value(Bound { file: of.file, id }))
    }

    /// What a class itself has under a name.
    fn own_member(&mut self, class: ClassRef, symbol: u64) -> Option<Vec<Bound>> {
        let file = class.file;
        let module = self.module(file)?;
        let own = &module.facts().classes[class.id.index()];
        let mut bindings: Vec<Bound> = Vec::new();
        for scope in [own.scope, own.instance] {
            let Some(entry) = module.entry(scope, symbol) else { continue };
            match self.chase(EntryRef { file, entry }) {
                Referent::Bindings(more) => bindings.extend(more.iter()),
                _ => {
                    let own = module.bindings(entry).iter();
                    bindings.extend(own.map(|id| Bound { file, id: *id }));
                }
            }
        }
        if bindings.is_empty() { None } else { Some(bindings) }
    }

    /// Whether a binding says its type.
    fn declares(&mut self, bound: Bound) -> bool {
        let binding = self.binding(bound);
        binding.annotation.is_some()
            || matches!(
                binding.kind,
                BindingKind::Function(_)
                    | BindingKind::Class(_)
                    | BindingKind::Alias
                    | BindingKind::Import(_)
            )
    }

    /// The class that an atom is an instance of, or that it is.
    pub(super) fn class_of(&self, atom: Atom) -> Option<ClassRef> {
        match atom {
            Atom::Instance(class, _)
            | Atom::Class(class, _)
            | Atom::Receiver(class)
            | Atom::ReceiverClass(class)
            | Atom::Super(class, _) => Some(class),
            _ => None,
        }
    }

    /// What type variables of the class that has a member stand for, for a receiver.
    pub(super) fn substitution(&mut self, atom: Atom, member: &Member) -> Substitution {
        let mut by = Substitution::default();
        let Some(class) = self.class_of(atom) else { return by };
        let info = self.class(class);
        let own = match atom {
            Atom::Instance(_, list) | Atom::Class(_, list) => {
                self.arguments_by(&info.parameters, list)
            }
            _ => Substitution::default(),
        };
        let above = self.class(member.class);
        let arguments = self.types.listed(member.arguments).to_vec();
        for (parameter, argument) in above.parameters.iter().zip(arguments) {
            let argument = self.types.substitute(argument, &own, 0);
            by.add(*parameter, argument);
        }
        by.receiver = Some(match atom {
            Atom::Super(_, receiver) => receiver,
            _ => {
                let one = self.types.one(atom);
                self.types.instances_of(one)
            }
        });
        by
    }

    /// The type of an attribute of an instance, a class or `super()`.
    pub(super) fn member_type(&mut self, atom: Atom, symbol: u64) -> TypeId {
        let Some(class) = self.class_of(atom) else { return TypeId::UNKNOWN };
        let from = u32::from(matches!(atom, Atom::Super(..)));
        let Some(member) = self.member(class, symbol, from) else {
            return self.missing(atom, class, symbol);
        };
        let mut all = TypeId::UNKNOWN;
        let bindings = self.declared(&member.bindings);
        for bound in bindings {
            let found = match self.binding(bound).kind {
                BindingKind::Function(id) => self.method(atom, &member, bound, id),
                _ => self.field(atom, class, &member, bound),
            };
            all = self.types.union(all, found);
        }
        all
    }

    /// The bindings that say their type, or else all.
    fn declared(&mut self, bindings: &[Bound]) -> Vec<Bound> {
        let mut declared = Vec::new();
        for &bound in bindings {
            if self.binding(bound).annotation.is_some() {
                declared.push(bound);
            }
        }
        if declared.is_empty() { bindings.to_vec() } else { declared }
    }

    fn missing(&mut self, atom: Atom, class: ClassRef, symbol: u64) -> TypeId {
        let info = self.class(class);
        if matches!(atom, Atom::Class(..) | Atom::ReceiverClass(_))
            && let Some(meta) = info.metaclass
            && symbol != self.world.words.new
            && self.member(meta, symbol, 0).is_some()
        {
            return self.member_type(Atom::Instance(meta, TypesId::EMPTY), symbol);
        }
        if let Some((container, list)) = self.container_of(atom) {
            return self.types.one(Atom::Method(container, list, symbol));
        }
        match info.external {
            Some(package) => self.types.one(Atom::External(package, symbol)),
            None => TypeId::UNKNOWN,
        }
    }

    /// The container of the standard library that an instance is one of, too.
    pub(super) fn container_of(&mut self, atom: Atom) -> Option<(Container, TypesId)> {
        let class = self.class_of(atom)?;
        let info = self.class(class);
        let (container, list) = info.container?;
        let Atom::Instance(_, arguments) = atom else { return Some((container, list)) };
        let by = self.arguments_by(&info.parameters, arguments);
        let generic = self.types.one(Atom::Generic(container, list));
        let generic = self.types.substitute(generic, &by, 0);
        self.types.atoms(generic).iter().find_map(|atom| match atom {
            Atom::Generic(container, list) => Some((*container, *list)),
            _ => None,
        })
    }

    fn method(&mut self, atom: Atom, member: &Member, bound: Bound, id: FunctionId) -> TypeId {
        let function = FunctionRef { file: bound.file, id };
        let traits = self.function(function).traits;
        if traits.has(Traits::SETTER) {
            return TypeId::UNKNOWN;
        }
        if traits.has(Traits::PROPERTY) {
            let result = self.returned(function);
            let by = self.substitution(atom, member);
            return self.types.substitute(result, &by, 0);
        }
        if traits.has(Traits::WRAPPED) {
            let decorated = self.value(bound);
            let plain = self.types.one(Atom::Function(function, TypeId::UNKNOWN));
            if decorated != plain && decorated.is_known() {
                return self.described(atom, member, decorated);
            }
        }
        let on_class = matches!(atom, Atom::Class(..) | Atom::ReceiverClass(_));
        let receiver = match atom {
            _ if traits.has(Traits::STATIC) => TypeId::UNKNOWN,
            Atom::Super(_, receiver) => receiver,
            _ if on_class && !traits.has(Traits::CLASS) => TypeId::UNKNOWN,
            _ => self.types.one(atom),
        };
        self.types.one(Atom::Function(function, receiver))
    }

    fn field(&mut self, atom: Atom, class: ClassRef, member: &Member, bound: Bound) -> TypeId {
        let binding = self.binding(bound);
        let info = self.class(class);
        if info.is_enum
            && binding.kind == BindingKind::Variable
            && binding.annotation.is_none()
            && self.is_of_class(bound)
        {
            return self.types.one(Atom::Instance(member.class, TypesId::EMPTY));
        }
        let found = self.value(bound);
        if !self.is_of_class(bound) {
            // Only what the class holds is asked as a descriptor.
            let by = self.substitution(atom, member);
            return self.types.substitute(found, &by, 0);
        }
        self.described(atom, member, found)
    }

    fn is_of_class(&mut self, bound: Bound) -> bool {
        let scope = self.binding(bound).scope;
        let facts = self.facts(bound.file);
        facts
            .is_some_and(|facts| facts.scopes[scope.index()].kind == super::facts::ScopeKind::Class)
    }

    /// What an attribute of a type leads to.
    pub(super) fn targets(&mut self, object: TypeId, symbol: u64, name: &str) -> Targets {
        let mut targets = Targets::default();
        let object = self.as_bounds(object);
        for atom in self.types.copied(object) {
            self.add_targets(&mut targets, atom, symbol, name);
        }
        targets
    }

    fn add_targets(&mut self, targets: &mut Targets, atom: Atom, symbol: u64, name: &str) {
        match atom {
            Atom::Module(file) => {
                let found = self.member_of(Place::Module(file), symbol, name);
                self.add_referent(targets, found);
            }
            Atom::Namespace(at) => {
                let found = self.member_of(Place::Namespace(at), symbol, name);
                self.add_referent(targets, found);
            }
            Atom::Variable(bound) => {
                let bound = self.bound_of(bound);
                if !self.types.is_open(bound) {
                    let more = self.targets(bound, symbol, name);
                    targets.bindings.extend(more.bindings);
                    targets.package = targets.package.or(more.package);
                }
            }
            Atom::Mixed => {}
            Atom::External(package, _) => targets.package = targets.package.or(Some(package)),
            Atom::Generic(..)
            | Atom::Coroutine(_)
            | Atom::Context(_)
            | Atom::Function(..)
            | Atom::Method(..)
            | Atom::Callable(_) => {
                let package = self.types.package("builtins");
                targets.package = targets.package.or(Some(package));
            }
            Atom::Instance(..)
            | Atom::Class(..)
            | Atom::Receiver(_)
            | Atom::ReceiverClass(_)
            | Atom::Super(..) => {
                let Some(class) = self.class_of(atom) else { return };
                let from = u32::from(matches!(atom, Atom::Super(..)));
                if let Some(member) = self.member(class, symbol, from) {
                    for bound in member.bindings.iter() {
                        if !targets.bindings.contains(bound) {
                            targets.bindings.push(*bound);
                        }
                    }
                    return;
                }
                let info = self.class(class);
                if matches!(atom, Atom::Class(..) | Atom::ReceiverClass(_))
                    && let Some(meta) = info.metaclass
                    && symbol != self.world.words.new
                    && self.member(meta, symbol, 0).is_some()
                {
                    let meta = Atom::Instance(meta, TypesId::EMPTY);
                    return self.add_targets(targets, meta, symbol, name);
                }
                match info.external {
                    Some(package) => targets.package = targets.package.or(Some(package)),
                    None if name.starts_with("__") => {
                        let package = self.types.package("builtins");
                        targets.package = targets.package.or(Some(package));
                    }
                    None => targets.lacks |= !info.has_unknown,
                }
            }
        }
    }

    fn add_referent(&mut self, targets: &mut Targets, referent: Referent) {
        match referent {
            Referent::Bindings(bindings) => {
                for bound in bindings.iter() {
                    if !targets.bindings.contains(bound) {
                        targets.bindings.push(*bound);
                    }
                }
            }
            Referent::Place(place) => targets.place = Some(place),
            Referent::External(package, _) => targets.package = targets.package.or(Some(package)),
            Referent::Nothing => targets.lacks = true,
        }
    }
}
