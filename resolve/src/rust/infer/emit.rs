//! Occurrences, collected in any order.

use flux_core::{ByteSpan, DefinitionIndex, EdgeKind, Occurrence, Target, Tier, Unresolved};
use rustc_hash::FxHashMap;

use super::super::items::ItemKind;
use super::super::name::Name;
use super::super::syntax::{Ident, Place};
use super::super::world::{Binding, Def};
use super::Resolver;
use super::site::Site;

/// What was found so far.
pub(super) struct Emitter {
    occurrences: Vec<Occurrence>,
    packages: Vec<Box<str>>,
    known: FxHashMap<Name, u32>,
    /// The definition around what is being read.
    pub(super) enclosing: DefinitionIndex,
    /// Whether what is being read is the input of a macro, which may mean anything by it.
    pub(super) is_guess: bool,
}

/// An identifier that can be pointed at.
#[derive(Clone, Copy)]
pub(super) struct Mention {
    pub(super) at: Place,
    pub(super) len: u32,
    pub(super) enclosing: DefinitionIndex,
}

impl Emitter {
    pub(super) fn new() -> Self {
        Self {
            occurrences: Vec::new(),
            packages: Vec::new(),
            known: FxHashMap::default(),
            enclosing: DefinitionIndex::MODULE,
            is_guess: false,
        }
    }

    pub(super) fn add(&mut self, mention: Mention, kind: EdgeKind, tier: Tier, target: Target) {
        if !mention.at.is_written() {
            return;
        }
        let span = ByteSpan::new(mention.at.0, mention.at.0 + mention.len);
        let tier = match target {
            Target::Unresolved(_) => Tier::Exact,
            Target::Definition(_) if self.is_guess => tier.max(Tier::Likely),
            _ => tier,
        };
        self.occurrences.push(Occurrence {
            span,
            kind,
            tier,
            is_implicit: false,
            enclosing: mention.enclosing,
            target,
        });
    }

    fn package(&mut self, name: Name, text: &str) -> Target {
        let next = self.packages.len() as u32;
        let at = *self.known.entry(name).or_insert(next);
        if at == next {
            self.packages.push(text.into());
        }
        Target::External(at)
    }

    /// The occurrences by position. What a macro mentions several times is mentioned once, and
    /// what one of its copies leaves open counts for nothing.
    pub(super) fn finish(mut self) -> (Vec<Occurrence>, Vec<Box<str>>) {
        let rank = |target: &Target| match target {
            Target::Definition(_) => 0,
            Target::Local(_) => 1,
            Target::External(_) => 2,
            Target::Unresolved(_) => 3,
        };
        self.occurrences.sort_by_key(|found| {
            (found.span.start, rank(&found.target), found.tier, found.kind != EdgeKind::Calls)
        });
        let mut kept: Vec<Occurrence> = Vec::with_capacity(self.occurrences.len());
        let mut first_of_place = 0;
        for found in self.occurrences {
            if kept.last().is_none_or(|last| last.span.start != found.span.start) {
                first_of_place = kept.len();
                kept.push(found);
                continue;
            }
            let is_open = rank(&found.target) >= 2;
            let is_known = kept[first_of_place..].iter().any(|other| other.target == found.target);
            if !is_open && !is_known {
                kept.push(found);
            }
        }
        (kept, self.packages)
    }
}

impl<'a> Resolver<'a> {
    /// The place of an identifier, with the definition around it.
    pub(super) fn mention(&self, site: &Site<'_>, ident: Ident) -> Mention {
        let len = site.syntax.text(ident.text).len() as u32;
        Mention { at: ident.at, len, enclosing: self.out.enclosing }
    }

    pub(super) fn target_of(&mut self, binding: Binding) -> Target {
        match binding {
            Binding::Foreign(package, _) => self.package(package),
            Binding::Module(module) => match self.world.module_reference(module) {
                Some(found) => Target::Definition(found),
                None => self.package(Name::STD),
            },
            Binding::Def(def) => match self.world.reference(def) {
                Some(found) => Target::Definition(found),
                None if self.world.is_std(def) => self.package(Name::STD),
                None => Target::Unresolved(Unresolved::InMacro),
            },
        }
    }

    fn package(&mut self, name: Name) -> Target {
        let text = self.world.krate(self.krate).foreign.get(&name).map_or("std", |text| text);
        self.out.package(name, text)
    }

    pub(super) fn emit(&mut self, mention: Mention, kind: EdgeKind, tier: Tier, binding: Binding) {
        let binding = self.written(binding);
        let is_function = match binding {
            Binding::Def(def) => matches!(self.world.kind(def), ItemKind::Function(_)),
            Binding::Foreign(..) => true,
            Binding::Module(_) => false,
        };
        // Constructors and macros are mentioned; what is called is a function.
        let kind =
            if kind == EdgeKind::Calls && !is_function { EdgeKind::References } else { kind };
        let target = self.target_of(binding);
        self.out.add(mention, kind, tier, target);
    }

    /// What stands for a member of an impl that only a macro's definition has: the trait's own.
    fn written(&self, binding: Binding) -> Binding {
        let Binding::Def(def) = binding else { return binding };
        if self.world.reference(def).is_some() || self.world.is_std(def) {
            return binding;
        }
        let of = self.world.container(def).and_then(|it| self.world.impls.of_def.get(&it));
        match of.and_then(|id| self.world.impls.all[id.0 as usize].of) {
            Some(Binding::Def(of)) => {
                let member = self.world.member(of, self.world.name_of(def));
                member.map_or(binding, Binding::Def)
            }
            _ => binding,
        }
    }

    pub(super) fn emit_def(&mut self, mention: Mention, kind: EdgeKind, tier: Tier, def: Def) {
        self.emit(mention, kind, tier, Binding::Def(def));
    }

    pub(super) fn emit_open(&mut self, mention: Mention, kind: EdgeKind, reason: Unresolved) {
        self.out.add(mention, kind, Tier::Exact, Target::Unresolved(reason));
    }

    pub(super) fn emit_local(&mut self, mention: Mention, kind: EdgeKind, at: Place) {
        if at.is_written() && at != mention.at {
            self.out.add(mention, kind, Tier::Exact, Target::Local(at.0));
        }
    }
}
