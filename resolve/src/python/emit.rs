//! The graph of one file: what each of its identifiers refers to.

use flux_core::{
    ByteSpan, DefinitionIndex, DefinitionRef, EdgeKind, FileGraph, FileId, Occurrence, Relation,
    Target, Tier, Unresolved,
};

use rustc_hash::FxHashMap;

use super::calls::Arguments;
use super::facts::{
    BindingId, BindingKind, ClassId, Expression, ExpressionId, Facts, Keyword, Mention, NameId,
    ScopeKind, Traits, Use, UseKind,
};
use super::members::Targets;
use super::modules::{Place, folder, hash};
use super::resolver::Resolver;
use super::scope::{EntryRef, Referent};
use super::types::{Atom, Bound, ClassRef, FunctionRef, Package, TypeId};
use super::world::Module;

/// Resolves everything in one file.
pub(super) fn graph(resolver: &mut Resolver<'_>, file: FileId) -> FileGraph {
    let Some(module) = resolver.module(file) else { return FileGraph::default() };
    let facts = module.facts();
    let mut emitter = Emitter {
        resolver,
        file,
        module,
        facts,
        graph: FileGraph::default(),
        imported: imported(module, facts),
        packages: Vec::new(),
    };
    emitter.graph.definitions = facts.definitions.clone();
    emitter.name_module();
    for found in &facts.uses {
        emitter.emit(found);
    }
    emitter.fixtures();
    emitter.relations();
    let mut graph = emitter.graph;
    graph.occurrences.sort_by_key(|found| (found.span.start, found.span.end));
    graph
}

fn imported(module: &Module, facts: &Facts) -> FxHashMap<u32, u64> {
    let several = facts.entries.iter().filter(|entry| entry.bindings.len > 1);
    let bindings = several.flat_map(|entry| entry.bindings.of(&facts.entry_bindings));
    let bindings = bindings.map(|id| &facts.bindings[id.index()]);
    let imports = bindings.filter(|binding| matches!(binding.kind, BindingKind::Import(_)));
    imports.map(|binding| (binding.at, module.symbol(binding.name))).collect()
}

struct Emitter<'r, 'w> {
    resolver: &'r mut Resolver<'w>,
    file: FileId,
    module: &'w Module,
    facts: &'w Facts,
    graph: FileGraph,
    /// The names that imports bind several things to, by where they stand.
    imported: FxHashMap<u32, u64>,
    /// The graph's packages, by the resolver's numbers.
    packages: Vec<Package>,
}

/// Where an occurrence is to be put.
#[derive(Clone, Copy)]
struct Site {
    span: ByteSpan,
    kind: EdgeKind,
    enclosing: DefinitionIndex,
}

impl<'w> Emitter<'_, 'w> {
    fn name_module(&mut self) {
        let path = self.resolver.world.files.path(self.file);
        let base = path.rsplit('/').next().unwrap_or(path);
        let base = base.split('.').next().unwrap_or(base);
        let name = match base {
            "__init__" => folder(path).rsplit('/').next().unwrap_or(base),
            _ => base,
        };
        if let Some(own) = self.graph.definitions.first_mut() {
            own.name = name.into();
        }
    }

    fn site(&self, name: NameId, at: u32, found: &Use) -> Site {
        let len = self.facts.names[name.index()].len() as u32;
        let kind = match found.what {
            UseKind::Call(_) => EdgeKind::Calls,
            UseKind::Base(_) => EdgeKind::Inherits,
            UseKind::Module { .. } | UseKind::Member { .. } => EdgeKind::Imports,
            _ => EdgeKind::References,
        };
        let enclosing = self.facts.scopes[found.scope.index()].owner;
        Site { span: ByteSpan::new(at, at + len), kind, enclosing }
    }

    fn emit(&mut self, found: &Use) {
        match found.what {
            UseKind::Mention(id) | UseKind::Call(id) | UseKind::Base(id) => {
                match self.facts.expressions[id.index()] {
                    Expression::Name(mention) => {
                        let site = self.site(mention.name, mention.at, found);
                        self.name(site, mention);
                    }
                    Expression::Attribute { object, mention } => {
                        let site = self.site(mention.name, mention.at, found);
                        self.attribute(site, object, mention);
                    }
                    _ => {}
                }
            }
            UseKind::Store(id) => {
                if let Expression::Attribute { object, mention } =
                    self.facts.expressions[id.index()]
                {
                    let site = self.site(mention.name, mention.at, found);
                    self.store(site, object, mention);
                }
            }
            UseKind::Rebind(id) => self.rebind(id, found),
            UseKind::Declared { name, at } => self.declared(name, at, found),
            UseKind::Keyword { call, keyword } => {
                let keyword = self.facts.keywords[keyword as usize];
                let site = self.site(keyword.name, keyword.at, found);
                self.keyword(site, call, keyword);
            }
            UseKind::PatternKeyword { class, name, at } => {
                let site = self.site(name, at, found);
                let class = self.resolver.infer(self.file, class);
                let object = self.resolver.types.instances_of(class);
                let symbol = self.module.symbol(name);
                let targets =
                    self.resolver.targets(object, symbol, &self.facts.names[name.index()]);
                self.add_targets(site, targets, object, Tier::Likely);
            }
            UseKind::Module { name, level, at, len } => {
                let site = self.site(name, at, found);
                let site = Site { span: ByteSpan::new(at, at + len), ..site };
                let text = &self.facts.names[name.index()];
                let is_alias = self
                    .imported
                    .get(&at)
                    .is_some_and(|known| *known != hash(&[text.split('.').next().unwrap_or(text)]));
                if is_alias
                    && self.resolver.place(self.file, text, level).is_none()
                    && self.stands_in(site, found)
                {
                    return;
                }
                self.module(site, name, level);
            }
            UseKind::Member { import, at, len } => {
                let import = self.facts.imports[import.index()];
                let Some(name) = import.member else { return };
                let site = self.site(name, at, found);
                let site = Site { span: ByteSpan::new(at, at + len), ..site };
                match self.resolver.imported(self.file, import) {
                    Some(place) => {
                        let text = &self.facts.names[name.index()];
                        let symbol = self.module.symbol(name);
                        let referent = self.resolver.member_of(place, symbol, text);
                        let is_lost =
                            matches!(referent, Referent::Nothing | Referent::External(..));
                        if is_lost && self.stands_in(site, found) {
                            return;
                        }
                        self.add_referent(site, &referent, Tier::Exact, Unresolved::MissingModule);
                    }
                    None if self.stands_in(site, found) => {}
                    None => self.outside(site, import.module, import.level),
                }
            }
        }
    }

    /// Refers what an import outside of the tree binds to what else its name is bound to here:
    /// what stands in where the import fails.
    fn stands_in(&mut self, site: Site, found: &Use) -> bool {
        let Some(&symbol) = self.imported.get(&site.span.start) else { return false };
        let Some(entry) = self.module.entry(found.scope, symbol) else { return false };
        match self.resolver.chase(EntryRef { file: self.file, entry }) {
            referent @ Referent::Bindings(_) => {
                self.add_referent(site, &referent, Tier::Likely, Unresolved::MissingModule);
                true
            }
            _ => false,
        }
    }

    fn add(&mut self, site: Site, target: Target, tier: Tier) {
        self.graph.occurrences.push(Occurrence {
            span: site.span,
            kind: site.kind,
            tier,
            is_implicit: false,
            enclosing: site.enclosing,
            target,
        });
    }

    fn add_package(&mut self, site: Site, package: Package) {
        let at = self.packages.iter().position(|known| *known == package);
        let at = at.unwrap_or_else(|| {
            self.packages.push(package);
            let name = self.resolver.types.packages[package.0 as usize].clone();
            self.graph.packages.push(name);
            self.packages.len() - 1
        });
        self.add(site, Target::External(at as u32), Tier::Exact);
    }

    /// What a binding is in the graph.
    fn target(&mut self, bound: Bound) -> Option<Target> {
        let binding = self.resolver.binding(bound);
        let is_parameter = binding.kind == BindingKind::Parameter;
        if let Some(index) = binding.definition
            && !(is_parameter && bound.file == self.file)
        {
            return Some(Target::Definition(DefinitionRef { file: bound.file, index }));
        }
        if bound.file != self.file {
            return None;
        }
        // All bindings of a local are one, at the first.
        let entry = self.module.entry(binding.scope, self.module.symbol(binding.name))?;
        let bindings = self.module.bindings(entry);
        let is_own = |id: &&BindingId| {
            !matches!(self.facts.bindings[id.index()].kind, BindingKind::Import(_))
        };
        let first = bindings.iter().find(is_own).or(bindings.first())?;
        Some(Target::Local(self.facts.bindings[first.index()].at))
    }

    fn add_bindings(&mut self, site: Site, bindings: &[Bound], tier: Tier, reason: Unresolved) {
        let chosen = self.choose(bindings);
        let chosen = self.prefer_declared(chosen);
        let mut targets = Vec::new();
        for bound in chosen {
            if let Some(target) = self.target(bound)
                && !targets.contains(&target)
            {
                targets.push(target);
            }
        }
        let tier = if targets.len() > 1 { Tier::Likely } else { tier };
        if targets.is_empty() {
            self.add(site, Target::Unresolved(reason), Tier::Exact);
        }
        for target in targets {
            self.add(site, target, tier);
        }
    }

    /// One binding for each name of each scope: the last function or class, where there is one.
    /// What sets a property stands behind what gets it.
    fn choose(&mut self, bindings: &[Bound]) -> Vec<Bound> {
        let mut chosen: Vec<(FileId, super::facts::ScopeId, u64, Bound, u8)> = Vec::new();
        for &bound in bindings {
            let binding = self.resolver.binding(bound);
            let symbol = self.resolver.symbol(bound);
            let rank = match binding.kind {
                BindingKind::Function(id) => {
                    let function = FunctionRef { file: bound.file, id };
                    if self.resolver.function(function).traits.has(Traits::SETTER) { 1 } else { 2 }
                }
                BindingKind::Class(_) => 2,
                _ => 0,
            };
            let key = (bound.file, binding.scope, symbol);
            let known = chosen.iter_mut().find(|found| (found.0, found.1, found.2) == key);
            match known {
                Some(found) if rank > 0 && rank >= found.4 => (found.3, found.4) = (bound, rank),
                Some(_) => {}
                None => chosen.push((key.0, key.1, key.2, bound, rank)),
            }
        }
        chosen.into_iter().map(|found| found.3).collect()
    }

    /// A variable that says its type stands for all else that its name may be bound to.
    fn prefer_declared(&mut self, bindings: Vec<Bound>) -> Vec<Bound> {
        if bindings.len() < 2 {
            return bindings;
        }
        let is_declared = |bound: &&Bound| {
            let binding = self.resolver.binding(**bound);
            binding.kind == BindingKind::Variable && binding.annotation.is_some()
        };
        match bindings.iter().find(is_declared) {
            Some(only) if bindings.iter().all(|bound| !self.is_member(*bound)) => vec![*only],
            _ => bindings,
        }
    }

    fn is_member(&mut self, bound: Bound) -> bool {
        let scope = self.resolver.binding(bound).scope;
        self.resolver.facts(bound.file).is_some_and(|facts| {
            matches!(facts.scopes[scope.index()].kind, ScopeKind::Class | ScopeKind::Instance)
        })
    }

    fn add_referent(&mut self, site: Site, referent: &Referent, tier: Tier, reason: Unresolved) {
        match referent {
            Referent::Bindings(bindings) => self.add_bindings(site, bindings, tier, reason),
            Referent::Place(Place::Module(file)) => {
                let index = DefinitionIndex::MODULE;
                let target = Target::Definition(DefinitionRef { file: *file, index });
                self.add(site, target, tier);
            }
            // A folder is no definition of any file.
            Referent::Place(Place::Namespace(_)) => {}
            Referent::External(package, _) => self.add_package(site, *package),
            Referent::Nothing => self.add(site, Target::Unresolved(reason), Tier::Exact),
        }
    }

    fn name(&mut self, site: Site, mention: Mention) {
        let symbol = self.module.symbol(mention.name);
        match self.resolver.lookup_mention(self.file, mention) {
            Some((_, entry)) => {
                let referent = if entry.file == self.file {
                    self.resolver.chase(entry)
                } else {
                    self.resolver.chase_outside(entry)
                };
                self.add_referent(site, &referent, Tier::Exact, Unresolved::MissingModule);
            }
            None if let Some(place) = self.resolver.submodule(self.file, symbol) => {
                let referent = Referent::Place(place);
                self.add_referent(site, &referent, Tier::Exact, Unresolved::MissingModule);
            }
            None if self.resolver.world.standard.is_builtin(symbol) => {
                let package = self.resolver.types.package("builtins");
                self.add_package(site, package);
            }
            None => self.add(site, Target::Unresolved(Unresolved::UnknownName), Tier::Exact),
        }
    }

    fn attribute(&mut self, site: Site, object: ExpressionId, mention: Mention) {
        let of = self.resolver.infer(self.file, object);
        let symbol = self.module.symbol(mention.name);
        let name = &self.facts.names[mention.name.index()];
        let targets = self.resolver.targets(of, symbol, name);
        let tier = if self.is_certain(object, 0) { Tier::Exact } else { Tier::Likely };
        self.add_targets(site, targets, of, tier);
    }

    fn add_targets(&mut self, site: Site, targets: Targets, of: TypeId, tier: Tier) {
        if !targets.bindings.is_empty() {
            let reason = Unresolved::NoSuchMember;
            return self.add_bindings(site, &targets.bindings, tier, reason);
        }
        if let Some(place) = targets.place {
            let referent = Referent::Place(place);
            return self.add_referent(site, &referent, tier, Unresolved::MissingModule);
        }
        if let Some(package) = targets.package {
            return self.add_package(site, package);
        }
        let is_known = of.is_known() && targets.lacks;
        let reason = if is_known { Unresolved::NoSuchMember } else { Unresolved::UnknownReceiver };
        self.add(site, Target::Unresolved(reason), Tier::Exact);
    }

    /// Whether scopes and imports alone tell what an expression before a dot is: a module, a
    /// class, `self` in a class all of whose bases are known.
    fn is_certain(&mut self, object: ExpressionId, depth: u32) -> bool {
        if depth > 8 {
            return false;
        }
        match self.facts.expressions[object.index()] {
            Expression::Name(mention) => {
                let Some((_, entry)) = self.resolver.lookup_mention(self.file, mention) else {
                    return false;
                };
                match self.resolver.chase(entry) {
                    Referent::Place(_) => true,
                    Referent::Bindings(bindings) if bindings.len() == 1 => {
                        self.is_plain(bindings[0])
                    }
                    _ => false,
                }
            }
            Expression::Attribute { object: inner, .. } => {
                let of = self.resolver.infer(self.file, object);
                let is_module = matches!(
                    self.resolver.types.atoms(of),
                    [Atom::Module(_) | Atom::Namespace(_) | Atom::Class(..)]
                );
                is_module && self.is_certain(inner, depth + 1)
            }
            _ => false,
        }
    }

    fn is_plain(&mut self, bound: Bound) -> bool {
        match self.resolver.binding(bound).kind {
            BindingKind::Class(_) => true,
            BindingKind::Parameter => {
                let of = self.resolver.value(bound);
                match self.resolver.types.atoms(of) {
                    &[Atom::Receiver(class) | Atom::ReceiverClass(class)] => {
                        let info = self.resolver.class(class);
                        info.external.is_none() && !info.has_unknown
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// An attribute that is assigned to: its definition, unless it is written right here.
    fn store(&mut self, site: Site, object: ExpressionId, mention: Mention) {
        let of = self.resolver.infer(self.file, object);
        let symbol = self.module.symbol(mention.name);
        let name = &self.facts.names[mention.name.index()];
        let mut targets = self.resolver.targets(of, symbol, name);
        let mut own = None;
        let mut functions = Vec::new();
        for &bound in &targets.bindings {
            let binding = self.resolver.binding(bound);
            if bound.file == self.file && binding.at == mention.at {
                own = binding.definition;
            }
            if matches!(binding.kind, BindingKind::Function(_)) {
                functions.push(bound);
            }
        }
        if !functions.is_empty() {
            targets.bindings = functions;
        } else if let Some(index) = own {
            if self.facts.definitions[index.0 as usize].name_span.start != mention.at {
                let target = DefinitionRef { file: self.file, index };
                self.add(site, Target::Definition(target), Tier::Exact);
            }
            return;
        }
        let tier = if self.is_certain(object, 0) { Tier::Exact } else { Tier::Likely };
        self.add_targets(site, targets, of, tier);
    }

    /// A name that is bound again refers to what it bound first.
    fn rebind(&mut self, id: BindingId, found: &Use) {
        let binding = &self.facts.bindings[id.index()];
        let is_new = matches!(
            binding.kind,
            BindingKind::Function(_)
                | BindingKind::Class(_)
                | BindingKind::Import(_)
                | BindingKind::Parameter
        );
        if is_new {
            return;
        }
        let Some(target) = self.target(Bound { file: self.file, id }) else { return };
        let at = match target {
            Target::Definition(to) => self.facts.definitions[to.index.0 as usize].name_span.start,
            Target::Local(at) => at,
            Target::External(_) | Target::Unresolved(_) => return,
        };
        if at != binding.at {
            let site = self.site(binding.name, binding.at, found);
            self.add(site, target, Tier::Exact);
        }
    }

    fn declared(&mut self, name: NameId, at: u32, found: &Use) {
        let symbol = self.module.symbol(name);
        let parent = self.facts.scopes[found.scope.index()].parent.unwrap_or(found.scope);
        if let Some((_, entry)) = self.resolver.lookup(self.file, parent, symbol) {
            let site = self.site(name, at, found);
            let referent = self.resolver.chase(entry);
            self.add_referent(site, &referent, Tier::Exact, Unresolved::UnknownName);
        }
    }

    fn module(&mut self, site: Site, name: NameId, level: u32) {
        let text = &self.facts.names[name.index()];
        match self.resolver.place(self.file, text, level) {
            Some(place) => {
                let referent = Referent::Place(place);
                self.add_referent(site, &referent, Tier::Exact, Unresolved::MissingModule);
            }
            None => self.outside(site, name, level),
        }
    }

    /// An import that no file of the tree answers.
    fn outside(&mut self, site: Site, name: NameId, level: u32) {
        let text = &self.facts.names[name.index()];
        let first = text.split('.').next().unwrap_or(text);
        if level > 0 || self.resolver.place(self.file, first, 0).is_some() {
            return self.add(site, Target::Unresolved(Unresolved::MissingModule), Tier::Exact);
        }
        let package = self.resolver.types.package(first);
        self.add_package(site, package);
    }

    /// A keyword argument names a parameter, or a field that a constructor is made of.
    fn keyword(&mut self, site: Site, call: ExpressionId, keyword: Keyword) {
        let Expression::Call { callee, arguments, keywords, .. } =
            self.facts.expressions[call.index()]
        else {
            return;
        };
        let mut of = self.resolver.infer(self.file, callee);
        if self.is_partial(of)
            && let Some(function) = arguments.of(&self.facts.lists).first()
        {
            of = self.resolver.infer(self.file, *function);
        }
        let arguments = Arguments::of(self.file, arguments, keywords);
        let of = self.resolver.as_bounds(of);
        let symbol = self.module.symbol(keyword.name);
        let mut found: Vec<Bound> = Vec::new();
        let mut package = None;
        for atom in self.resolver.types.copied(of) {
            match atom {
                Atom::Function(function, receiver) => {
                    let own = self.resolver.keyword_in(function, receiver, symbol, &arguments);
                    found.extend(own);
                }
                Atom::Class(class, _) | Atom::ReceiverClass(class) => {
                    found.extend(self.constructor_keyword(atom, class, symbol, &arguments));
                    package = package.or(self.resolver.class(class).external);
                }
                Atom::Instance(class, _) | Atom::Receiver(class) => {
                    let call = self.resolver.world.words.call;
                    if let Some(member) = self.resolver.member(class, call, 0) {
                        let receiver = self.resolver.types.one(atom);
                        let bindings = &member.bindings;
                        found.extend(self.first_keyword(bindings, receiver, symbol, &arguments));
                    }
                }
                Atom::External(of, _) => package = package.or(Some(of)),
                Atom::Generic(..) | Atom::Method(..) => {
                    package = package.or(Some(self.resolver.types.package("builtins")));
                }
                _ => {}
            }
        }
        if found.is_empty()
            && let Some(package) = package
        {
            return self.add_package(site, package);
        }
        let reason =
            if of.is_known() { Unresolved::NoSuchMember } else { Unresolved::UnknownReceiver };
        let tier = if self.is_certain(callee, 0) { Tier::Exact } else { Tier::Likely };
        self.add_bindings(site, &found, tier, reason);
    }

    /// Whether it is `functools.partial`, which passes keywords on.
    fn is_partial(&self, of: TypeId) -> bool {
        let partial = self.resolver.world.words.partial;
        matches!(self.resolver.types.atoms(of), [Atom::External(_, name)] if *name == partial)
    }

    fn first_keyword(
        &mut self,
        bindings: &[Bound],
        receiver: TypeId,
        symbol: u64,
        arguments: &Arguments,
    ) -> Option<Bound> {
        bindings.iter().find_map(|bound| {
            let BindingKind::Function(id) = self.resolver.binding(*bound).kind else {
                return None;
            };
            let function = FunctionRef { file: bound.file, id };
            self.resolver.keyword_in(function, receiver, symbol, arguments)
        })
    }

    fn constructor_keyword(
        &mut self,
        atom: Atom,
        class: ClassRef,
        symbol: u64,
        arguments: &Arguments,
    ) -> Option<Bound> {
        let words = &self.resolver.world.words;
        for name in [words.init, words.new] {
            if let Some(member) = self.resolver.member(class, name, 0) {
                let receiver = self.resolver.types.one(atom);
                return self.first_keyword(&member.bindings, receiver, symbol, arguments);
            }
        }
        let member = self.resolver.member(class, symbol, 0)?;
        let is_record = self
            .resolver
            .facts(member.class.file)
            .is_some_and(|facts| facts.classes[member.class.id.index()].is_record);
        member
            .bindings
            .iter()
            .copied()
            .find(|bound| is_record || self.resolver.binding(*bound).annotation.is_some())
    }

    /// Parameters of tests that ask pytest for a fixture refer to it.
    fn fixtures(&mut self) {
        for function in &self.facts.functions {
            let stretch = function.parameters;
            for id in stretch.start..stretch.start + stretch.len {
                let id = BindingId(id);
                let bound = Bound { file: self.file, id };
                let Some(fixture) = self.resolver.fixture(self.file, bound) else { continue };
                let Some(to) = self.resolver.function(fixture).binding else { continue };
                let binding = &self.facts.bindings[id.index()];
                let len = self.facts.names[binding.name.index()].len() as u32;
                let site = Site {
                    span: ByteSpan::new(binding.at, binding.at + len),
                    kind: EdgeKind::References,
                    enclosing: self.facts.scopes[binding.scope.index()].owner,
                };
                if let Some(target) = self.target(Bound { file: fixture.file, id: to }) {
                    self.add(site, target, Tier::Likely);
                }
            }
        }
    }

    fn relations(&mut self) {
        for index in 0..self.facts.classes.len() {
            let class = ClassRef { file: self.file, id: ClassId(index as u32) };
            self.inherits(class);
        }
        for function in &self.facts.functions {
            let (Some(class), Some(id)) = (function.class, function.binding) else { continue };
            let class = ClassRef { file: self.file, id: class };
            self.overrides(class, id);
        }
    }

    fn relate(&mut self, kind: EdgeKind, from: DefinitionIndex, to: Bound, site: ByteSpan) {
        let from = DefinitionRef { file: self.file, index: from };
        if let Some(Target::Definition(to)) = self.target(to)
            && from != to
        {
            self.graph.relations.push(Relation { kind, tier: Tier::Exact, from, to, site });
        }
    }

    fn inherits(&mut self, class: ClassRef) {
        let own = &self.facts.classes[class.id.index()];
        let Some(from) = self.facts.bindings[own.binding.index()].definition else { return };
        for &base in own.bases.of(&self.facts.lists) {
            let object = match self.facts.expressions[base.index()] {
                Expression::Subscript { object, .. } => object,
                _ => base,
            };
            let (Expression::Name(mention) | Expression::Attribute { mention, .. }) =
                self.facts.expressions[object.index()]
            else {
                continue;
            };
            let len = self.facts.names[mention.name.index()].len() as u32;
            let site = ByteSpan::new(mention.at, mention.at + len);
            let of = self.resolver.infer(self.file, object);
            for atom in self.resolver.types.copied(of) {
                if let Atom::Class(to, _) = atom
                    && let Some(facts) = self.resolver.facts(to.file)
                {
                    let id = facts.classes[to.id.index()].binding;
                    self.relate(EdgeKind::Inherits, from, Bound { file: to.file, id }, site);
                }
            }
        }
    }

    fn overrides(&mut self, class: ClassRef, id: BindingId) {
        let binding = &self.facts.bindings[id.index()];
        let Some(from) = binding.definition else { return };
        let symbol = self.module.symbol(binding.name);
        if symbol == hash(&["__init__"]) {
            return;
        }
        let Some(member) = self.resolver.member(class, symbol, 1) else { return };
        let chosen = self.choose(&member.bindings);
        let len = self.facts.names[binding.name.index()].len() as u32;
        let site = ByteSpan::new(binding.at, binding.at + len);
        for to in chosen {
            if matches!(self.resolver.binding(to).kind, BindingKind::Function(_)) {
                self.relate(EdgeKind::Overrides, from, to, site);
            }
        }
    }
}

impl Resolver<'_> {
    /// The parameter that a keyword argument of a call names, in the overload that fits, or else
    /// in the first that has it.
    fn keyword_in(
        &mut self,
        function: FunctionRef,
        receiver: TypeId,
        symbol: u64,
        arguments: &Arguments,
    ) -> Option<Bound> {
        let chosen = self.overload(function, receiver, arguments);
        if let Some(found) = self.keyword_of(chosen, symbol) {
            return Some(found);
        }
        let overloads = self.overloads(function);
        let found = overloads.into_iter().find_map(|other| self.keyword_of(other, symbol));
        found.or_else(|| self.keyword_of(function, symbol))
    }

    /// The parameter that a keyword argument of a function may name.
    fn keyword_of(&mut self, function: FunctionRef, symbol: u64) -> Option<Bound> {
        let bound = self.parameter_of(function, symbol)?;
        let own = self.function(function);
        let position = bound.id.0 - own.parameters.start;
        let is_plain = self.binding(bound).kind == BindingKind::Parameter;
        (is_plain && position >= own.keyword_from).then_some(bound)
    }
}
