//! What items mention outside of bodies: signatures, bounds, `use`, derives.

use flux_core::{ByteSpan, EdgeKind, Relation, Tier, Unresolved};

use super::super::items::{Item, ItemKind, Use, UseKind};
use super::super::name::Name;
use super::super::syntax::{ItemId, MacroCall, PathId, Run};
use super::super::world::{Binding, Def, Key, Namespace, UnitId};
use super::Resolver;
use super::emit::Mention;
use super::site::Site;

impl<'a> Resolver<'a> {
    /// Everything that the items of a unit mention.
    pub(super) fn walk_items(&mut self, id: UnitId) {
        let unit = self.world.unit(id);
        for at in 0..unit.items().items.len() as u32 {
            self.walk_item(unit.def(ItemId(at)));
        }
        for used in &unit.items().uses {
            self.walk_use(id, used);
        }
        for (path, item) in &unit.items().attributes {
            let site = Site::of_item(self.world, unit.def(*item));
            self.out.enclosing = self.world.enclosing(site.owner);
            self.see_proc_macro(&site, *path);
        }
        for call in &unit.items().calls {
            let owner = call.owner.map(|owner| unit.def(owner)).or(unit.owner);
            let module = unit.modules[call.scope.0 as usize];
            let site =
                Site { syntax: unit.syntax(), names: &unit.names, module, owner, expansion: None };
            self.owner = owner;
            self.module = module;
            self.out.enclosing = self.world.enclosing(owner);
            self.see_macro_name(&site, unit.syntax().call(call.call));
        }
    }

    fn walk_item(&mut self, def: Def) {
        let site = Site::of_item(self.world, def);
        let item = *self.world.item(def);
        self.owner = Some(def);
        self.module = site.module;
        self.out.enclosing = self.world.enclosing(Some(def));
        self.walk_generics(&site, &item);
        let unit = self.world.unit_of(def);
        match item.kind {
            ItemKind::Module { scope: None, .. } => self.walk_module(&site, &item, def),
            ItemKind::Function(signature) => {
                self.see_all(&site, signature.parameters);
                if let Some(output) = signature.output {
                    self.see_type(&site, output);
                }
            }
            ItemKind::Field(ty) | ItemKind::Const(ty) | ItemKind::Static(ty) => {
                self.see_type(&site, ty);
            }
            ItemKind::Trait { supers, .. } => self.see_all(&site, supers),
            ItemKind::Alias { ty, bounds } => {
                self.see_all(&site, bounds);
                if let Some(ty) = ty {
                    self.see_type(&site, ty);
                }
            }
            ItemKind::Impl { ty, of, .. } => {
                if let Some(of) = of {
                    self.see_type(&site, of);
                }
                self.see_type(&site, ty);
            }
            ItemKind::Module { .. }
            | ItemKind::Struct { .. }
            | ItemKind::Union { .. }
            | ItemKind::Enum { .. }
            | ItemKind::Variant { .. }
            | ItemKind::Macro { .. } => {}
        }
        for path in item.derives.of(&unit.items().derives) {
            self.see_derive(&site, *path);
        }
    }

    /// A derive names a macro: of the standard library, or of a package for procedural ones.
    fn see_derive(&mut self, site: &Site<'_>, id: PathId) {
        if self.see_proc_macro(site, id) {
            return;
        }
        let path = site.syntax.path(id);
        let segments = site.segments(path);
        let names = site.path_names(path);
        let Some(last) = segments.last() else { return };
        let found = self.world.path(site.module, &names, Namespace::Types, path.is_global);
        let package = match found {
            Some(Binding::Foreign(package, _)) => package,
            _ => Name::STD,
        };
        let mention = self.mention(site, last.ident);
        let binding = Binding::Foreign(package, site.name(*last));
        self.emit(mention, EdgeKind::References, Tier::Exact, binding);
    }

    /// The path of a procedural macro; whether the tree defines it.
    fn see_proc_macro(&mut self, site: &Site<'_>, id: PathId) -> bool {
        let path = site.syntax.path(id);
        let segments = site.segments(path);
        let names = site.path_names(path);
        let mut seen = Vec::new();
        let (found, used) = self.world.walk(
            site.module,
            &names,
            Namespace::Macros,
            path.is_global,
            |at, binding| seen.push((at, binding)),
        );
        let is_own = used == segments.len() && matches!(found, Some(Binding::Def(_)));
        if is_own {
            for (at, binding) in seen {
                let mention = self.mention(site, segments[at].ident);
                self.emit(mention, EdgeKind::References, Tier::Exact, binding);
            }
        }
        is_own
    }

    fn see_all(&mut self, site: &Site<'_>, types: Run) {
        for ty in types.of(&site.syntax.type_lists) {
            self.see_type(site, *ty);
        }
    }

    fn walk_generics(&mut self, site: &Site<'_>, item: &Item) {
        let Some(owner) = site.owner else { return };
        let unit = self.world.unit_of(owner);
        for generic in item.generics.parameters.of(&unit.items().generics) {
            self.see_all(site, generic.bounds);
            for ty in [generic.default, generic.constant].into_iter().flatten() {
                self.see_type(site, ty);
            }
        }
        for predicate in item.generics.predicates.of(&unit.items().predicates) {
            self.see_type(site, predicate.ty);
            self.see_all(site, predicate.bounds);
        }
    }

    /// `mod name;` mentions the file.
    fn walk_module(&mut self, site: &Site<'_>, item: &Item, def: Def) {
        let mention = self.mention(site, item.name);
        match self.world.outlined.get(&def) {
            Some(module) => {
                let binding = Binding::Module(*module);
                self.emit(mention, EdgeKind::Imports, Tier::Exact, binding);
            }
            None => self.emit_open(mention, EdgeKind::Imports, Unresolved::MissingModule),
        }
    }

    fn walk_use(&mut self, id: UnitId, used: &Use) {
        let unit = self.world.unit(id);
        let module = unit.modules[used.scope.0 as usize];
        let owner = used.owner.map(|owner| unit.def(owner)).or(unit.owner);
        let site =
            Site { syntax: unit.syntax(), names: &unit.names, module, owner, expansion: None };
        self.out.enclosing = self.world.enclosing(owner);
        let path = site.syntax.path(used.path);
        let segments = site.segments(path);
        let names = site.path_names(path);
        let spaces: &[Namespace] = match used.kind {
            UseKind::Glob | UseKind::Prefix | UseKind::ExternCrate { .. } => &[Namespace::Types],
            UseKind::Name(_) => &[Namespace::Types, Namespace::Values, Namespace::Macros],
        };
        if let UseKind::ExternCrate { .. } = used.kind {
            if let Some(binding) = self.world.external(self.krate, names[0]) {
                let mention = self.mention(&site, segments[0].ident);
                self.emit(mention, EdgeKind::Imports, Tier::Exact, binding);
            }
            return;
        }
        let mut reached = 0;
        let mut seen = Vec::new();
        let is_global = path.is_global || self.world.krate(self.krate).uses_start_at_root;
        // An import of a package by its name alone is nothing else.
        let is_package = names.len() == 1 && self.world.external(self.krate, names[0]).is_some();
        for space in if is_package { &spaces[..1] } else { spaces } {
            let (_, used) = self.world.walk(module, &names, *space, is_global, |at, binding| {
                seen.push((at, binding));
            });
            reached = reached.max(used);
        }
        // A trait and the derive of the same name come together: the trait is what is meant.
        let is_macro = |binding: &Binding| self.world.is_proc_macro(*binding);
        if seen.iter().any(|(at, binding)| at + 1 == segments.len() && !is_macro(binding)) {
            seen.retain(|(_, binding)| !is_macro(binding));
        }
        for (at, binding) in &seen {
            let mention = self.mention(&site, segments[*at].ident);
            self.emit(mention, EdgeKind::Imports, Tier::Exact, *binding);
        }
        if let UseKind::Name(Some(alias)) = used.kind
            && site.syntax.text(alias.text) != "_"
        {
            let mention = self.mention(&site, alias);
            for (at, binding) in &seen {
                if at + 1 == segments.len() {
                    self.emit(mention, EdgeKind::Imports, Tier::Exact, *binding);
                }
            }
        }
        for segment in segments.iter().skip(reached) {
            let mention = self.mention(&site, segment.ident);
            self.emit_open(mention, EdgeKind::Imports, Unresolved::UnknownName);
        }
    }

    /// Says which macro a call names; the macro, if it is one of the tree.
    pub(super) fn see_macro_name(&mut self, site: &Site<'_>, call: MacroCall) -> Option<Def> {
        let path = site.syntax.path(call.path);
        let segments = site.segments(path);
        let names = site.path_names(path);
        let last = *segments.last()?;
        let name = site.name(last);
        let mention = self.mention(site, last.ident);
        let textual = (segments.len() == 1)
            .then(|| {
                let at = last.ident.at;
                let found = self.world.macro_named(self.unit, site.module, name, at)?;
                let is_near = self.world.unit_of(found).krate == self.krate;
                is_near.then_some(found)
            })
            .flatten();
        if let Some(def) = textual {
            self.emit_def(mention, EdgeKind::Calls, Tier::Exact, def);
            return Some(def);
        }
        let mut seen = Vec::new();
        let (found, used) = self.world.walk(
            site.module,
            &names,
            Namespace::Macros,
            path.is_global,
            |at, binding| seen.push((at, binding)),
        );
        for (at, binding) in seen {
            let mention: Mention = self.mention(site, segments[at].ident);
            // A procedural macro is a function, but runs in the compiler.
            self.emit(mention, EdgeKind::References, Tier::Exact, binding);
        }
        match found.filter(|_| used == segments.len()) {
            Some(Binding::Def(def)) => Some(def),
            Some(_) => None,
            None => {
                let def = self.world.macro_named(self.unit, site.module, name, last.ident.at);
                match def {
                    Some(def) => self.emit_def(mention, EdgeKind::Calls, Tier::Likely, def),
                    None => {
                        let target = self.target_of(Binding::Foreign(Name::STD, name));
                        self.out.add(mention, EdgeKind::Calls, Tier::Likely, target);
                    }
                }
                def
            }
        }
    }

    /// What holds between types, traits and their members, as the impls of these units say.
    pub(super) fn relations(&mut self, units: &[UnitId]) -> Vec<Relation> {
        let mut found = Vec::new();
        for id in units {
            let unit = self.world.unit(*id);
            for (at, item) in unit.items().items.iter().enumerate() {
                let def = Def(unit.base + at as u32);
                match item.kind {
                    ItemKind::Impl { .. } => self.impl_relations(def, item, &mut found),
                    ItemKind::Trait { .. } => {
                        let supers = self.world.impls.supers.get(&def).cloned();
                        for above in supers.into_iter().flatten() {
                            self.relate(EdgeKind::Inherits, def, above, site_of(item), &mut found);
                        }
                    }
                    _ => {}
                }
            }
        }
        found
    }

    fn impl_relations(&self, def: Def, item: &Item, found: &mut Vec<Relation>) {
        let Some(id) = self.world.impls.of_def.get(&def) else { return };
        let known = &self.world.impls.all[id.0 as usize];
        let Some(Binding::Def(of)) = known.of else { return };
        if let Key::Def(ty) = known.key {
            self.relate(EdgeKind::Implements, ty, of, site_of(item), found);
        }
        for member in self.world.members_of(def) {
            if let Some(above) = self.world.member(of, self.world.name_of(member)) {
                let name = self.world.item(member).name;
                let end = name.at.0.saturating_add(self.world.text_of(member).len() as u32);
                let site = name.at.is_written().then(|| ByteSpan::new(name.at.0, end));
                self.relate(EdgeKind::Overrides, member, above, site, found);
            }
        }
    }

    fn relate(
        &self,
        kind: EdgeKind,
        from: Def,
        to: Def,
        site: Option<ByteSpan>,
        found: &mut Vec<Relation>,
    ) {
        let (from, to) = (self.world.reference(from), self.world.reference(to));
        if let (Some(from), Some(to), Some(site)) = (from, to, site) {
            found.push(Relation { kind, tier: Tier::Exact, from, to, site });
        }
    }
}

fn site_of(item: &Item) -> Option<ByteSpan> {
    let (start, end) = item.span;
    (start.is_written() && end.is_written()).then(|| ByteSpan::new(start.0, end.0))
}
