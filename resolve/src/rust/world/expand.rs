//! Macros called where items stand: what they define becomes units of its own.

use std::collections::VecDeque;

use super::super::items::{ItemCall, ItemKind};
use super::super::lower::{self, Shape};
use super::super::macros::{self, Budget, Call, Context, Expansion, Source as CallSource};
use super::super::name::Name;
use super::super::syntax::{MacroCall, Place};
use super::{CrateId, Def, Source, Tables, UnitId};
use crate::layer::Files;

/// Deepest nesting of expansions. `recursion_limit` is 128, but hand-written ones stay far below.
const MAX_DEPTH: u32 = 32;

/// Expands all calls of the world where items stand, and those in their expansions.
pub(super) fn expand_items(tables: &mut Tables, files: &dyn Files) {
    let mut pending: VecDeque<UnitId> = (0..tables.units.len() as u32).map(UnitId).collect();
    let mut budget = Budget::default();
    let mut file = None;
    while let Some(unit) = pending.pop_front() {
        if tables.unit(unit).depth >= MAX_DEPTH {
            continue;
        }
        if tables.unit(unit).depth == 0 && tables.unit(unit).file != file {
            file = tables.unit(unit).file;
            budget = Budget::default();
        }
        for call in tables.unit(unit).items().calls.clone() {
            if let Some(made) = tables.expand_item(unit, call, &mut budget, files) {
                pending.push_back(made);
            }
        }
    }
}

impl Tables {
    fn expand_item(
        &mut self,
        unit: UnitId,
        call: ItemCall,
        budget: &mut Budget,
        files: &dyn Files,
    ) -> Option<UnitId> {
        let this = self.unit(unit);
        let written = this.syntax().call(call.call);
        let path = this.syntax().path(written.path);
        let last = path.segments.of(&this.syntax().segments).last()?.ident;
        let name = this.name(last.text);
        let def = self.macro_named(this.krate, unit, name, last.at);
        let text = this.syntax().text(written.tokens);
        let shape = if call.is_member { Shape::Members } else { Shape::Items };
        let source = match &this.expansion {
            Some(expansion) => CallSource::Expansion(expansion, offset_of(written)?),
            None => CallSource::File(offset_of(written)?),
        };
        let request = Call { text, source, context: Context(1), root: self.root_for(this.krate, def) };
        let expansion =
            expansion_of(self, def, this.syntax().text(last.text), &request, budget, shape)?;
        let depth = this.depth;
        let lowered = lower::expansion(&expansion, shape, depth + 1);
        let (file, krate) = (this.file, this.krate);
        let module = this.modules[call.scope.0 as usize];
        let owner = call.owner.map(|owner| this.def(owner)).or(this.owner);
        let source = Source::Made(Box::new((lowered.items, lowered.bodies)));
        let made = self.push_unit(source, file, krate, owner, depth + 1);
        self.units[made.0 as usize].expansion = Some(expansion);
        self.fill_unit(made, module, Some(files), "", depth + 1);
        if let Some(owner) = owner.filter(|_| call.is_member) {
            let unit = self.unit(made);
            let members = unit.items().items.iter().enumerate();
            let members: Vec<_> = members
                .filter(|(_, item)| item.parent.is_none())
                .map(|(at, _)| Def(unit.base + at as u32))
                .collect();
            self.added.entry(owner).or_default().extend(members);
        }
        Some(made)
    }

    /// What `$crate` stands for in an expansion of `def` inside of `krate`.
    pub(in super::super) fn root_for(&self, krate: CrateId, def: Option<Def>) -> &str {
        let Some(def) = def else { return "crate" };
        let home = self.unit_of(def).krate;
        if home == krate { "crate" } else { &self.krate(home).text }
    }

    /// The macro a bare name means: the last one above in the same file, one of the crate, or one
    /// that another crate exports.
    pub(in super::super) fn macro_named(
        &self,
        krate: CrateId,
        unit: UnitId,
        name: Name,
        at: Place,
    ) -> Option<Def> {
        let known = self.macros.get(&name)?;
        let file = self.unit(unit).file;
        let above = known.iter().rev().find(|def| {
            let other = self.unit_of(**def);
            other.file == file && self.item(**def).name.at <= at
        });
        let in_crate = || known.iter().find(|def| self.unit_of(**def).krate == krate);
        let exported = || {
            known.iter().find(|def| {
                let is_exported =
                    matches!(self.kind(**def), ItemKind::Macro { is_exported: true, .. });
                is_exported && self.sees(krate, self.unit_of(**def).krate)
            })
        };
        above.or_else(in_crate).or_else(exported).copied()
    }
}

/// Where the tokens of a call begin in the text around it.
pub(in super::super) fn offset_of(call: MacroCall) -> Option<u32> {
    call.offset.is_written().then_some(call.offset.0)
}

/// Expands by the definition, or by what is known of the name.
pub(in super::super) fn expansion_of(
    tables: &Tables,
    def: Option<Def>,
    name: &str,
    call: &Call<'_>,
    budget: &mut Budget,
    shape: Shape,
) -> Option<Expansion> {
    if let Some(def) = def.filter(|def| !tables.is_std(*def)) {
        return macros::expand(tables.rules(def)?, call, budget).ok();
    }
    if let Some(known) = macros::expand_known(name, call, budget) {
        return known.ok();
    }
    let guess = macros::guess(call, budget)?;
    (shape == Shape::Statements || guess.shape == macros::Shape::Items).then_some(guess.expansion)
}

