//! Macros called where items stand: what they define becomes units of its own.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::super::Facts;
use super::super::items::{Active, ItemCall, ItemKind};
use super::super::lower::{self, Shape};
use super::super::macros::{self, Budget, Call, Context, Expansion, Source as CallSource};
use super::super::name::Name;
use super::super::syntax::{MacroCall, Place};
use super::{CrateId, Def, ModuleId, Source, Tables, UnitId};
use crate::layer::Files;
use crate::notes::{self, NoteKey, Notes};

/// Deepest nesting of expansions. `recursion_limit` is 128, but hand-written ones stay far below.
const MAX_DEPTH: u32 = 32;

/// Most calls expanded in one round: a macro that calls itself twice must not fill the memory.
const MAX_EXPANSIONS: usize = 200_000;

/// Expands all calls of the units from `first` where items stand, and those in their expansions
/// and in the files of modules that these declare. Each round
/// expands in parallel what the last one brought, and adds it in order.
pub(super) fn expand_items(
    tables: &mut Tables,
    files: &dyn Files,
    notes: &Notes<'_>,
    first: usize,
) {
    let mut pending: Vec<UnitId> = (first as u32..tables.units.len() as u32).map(UnitId).collect();
    for _ in 0..MAX_DEPTH {
        let calls: Vec<(UnitId, ItemCall)> = pending
            .iter()
            .flat_map(|unit| tables.unit(*unit).items().calls.iter().map(|call| (*unit, *call)))
            .take(MAX_EXPANSIONS)
            .collect();
        if calls.is_empty() {
            break;
        }
        let shared = &*tables;
        let expand = |(unit, call): &(UnitId, ItemCall)| shared.expand_item(*unit, *call, notes);
        let made: Vec<Option<(NoteKey, Made)>> = calls.par_iter().map(expand).collect();
        let next = tables.units.len() as u32;
        for ((unit, call), made) in calls.into_iter().zip(made) {
            if let Some(made) = made {
                tables.add_expansion(unit, call, made, files);
            }
        }
        pending = (next..tables.units.len() as u32).map(UnitId).collect();
    }
}

/// An expansion and what was read from it.
#[derive(Serialize, Deserialize)]
struct Made {
    expansion: Expansion,
    facts: Facts,
}

impl Tables {
    fn expand_item(
        &self,
        unit: UnitId,
        call: ItemCall,
        notes: &Notes<'_>,
    ) -> Option<(NoteKey, Made)> {
        let this = self.unit(unit);
        let written = this.syntax().call(call.call);
        let path = this.syntax().path(written.path);
        let last = path.segments.of(&this.syntax().segments).last()?.ident;
        let name = this.name(last.text);
        let module = this.modules[call.scope.0 as usize];
        let def = self.macro_named(unit, module, name, last.at);
        let text = this.syntax().text(written.tokens);
        let shape = if call.is_member { Shape::Members } else { Shape::Items };
        let source = match &this.expansion {
            Some(expansion) => CallSource::Expansion(expansion, offset_of(written)?),
            None => CallSource::File(offset_of(written)?),
        };
        let root = self.root_for(this.krate, def);
        let request = Call { text, source, context: Context(1), root };
        let name = this.syntax().text(last.text);
        let depth = this.depth + 1;
        let make = || {
            let expansion = self.expansion_of(def, name, &request, shape)?;
            let lowered = lower::expansion(&expansion, shape, depth);
            let facts = Facts::new(lowered.items, &lowered.bodies);
            Some(Made { expansion, facts })
        };
        let key = notes::key(&[
            b"expansion",
            &[u8::from(self.rules_text(def).is_some())],
            self.rules_text(def).unwrap_or_default().as_bytes(),
            name.as_bytes(),
            text.as_bytes(),
            root.as_bytes(),
            &[shape as u8],
            &depth.to_le_bytes(),
            &offset_of(written)?.to_le_bytes(),
            // The text around the call, if that is an expansion too.
            &this.note,
        ]);
        notes.recall(key, make).map(|made| (key, made))
    }

    /// The text of the definition that an expansion goes by; none if it goes by the name.
    fn rules_text(&self, def: Option<Def>) -> Option<&str> {
        let def = def.filter(|def| !self.is_std(*def))?;
        let ItemKind::Macro { rules, .. } = self.kind(def) else { return None };
        Some(self.unit_of(def).syntax().text(rules))
    }

    /// Expands by the definition, or by what is known of the name.
    fn expansion_of(
        &self,
        def: Option<Def>,
        name: &str,
        call: &Call<'_>,
        shape: Shape,
    ) -> Option<Expansion> {
        let mut budget = Budget::default();
        if let Some(def) = def.filter(|def| !self.is_std(*def)) {
            return macros::expand(self.rules(def)?, call, &mut budget).ok();
        }
        if let Some(known) = macros::expand_known(name, call, &mut budget) {
            return known.ok();
        }
        let guess = macros::guess(call, &mut budget)?;
        (shape == Shape::Members || guess.shape == macros::Shape::Items).then_some(guess.expansion)
    }

    fn add_expansion(
        &mut self,
        unit: UnitId,
        call: ItemCall,
        (note, made): (NoteKey, Made),
        files: &dyn Files,
    ) {
        let this = self.unit(unit);
        let (file, krate, depth) = (this.file, this.krate, this.depth + 1);
        let module = this.modules[call.scope.0 as usize];
        let owner = call.owner.map(|owner| this.def(owner)).or(this.owner);
        let source = Source::Made(Box::new(made.facts));
        let id = self.push_unit(source, file, krate, owner, depth);
        self.units[id.0 as usize].expansion = Some(made.expansion);
        self.units[id.0 as usize].note = note;
        let directory = self.directory_of(module);
        self.fill_unit(id, module, Some(files), &directory, depth);
        if let Some(owner) = owner.filter(|_| call.is_member) {
            let unit = self.unit(id);
            let members = unit.items().items.iter().enumerate();
            let members: Vec<_> = members
                .filter(|(_, item)| item.parent.is_none())
                .map(|(at, _)| Def(unit.base + at as u32))
                .collect();
            self.added.entry(owner).or_default().extend(members);
        }
    }

    /// What `$crate` stands for in an expansion of `def` inside of `krate`.
    pub(in super::super) fn root_for(&self, krate: CrateId, def: Option<Def>) -> &str {
        let Some(def) = def else { return "crate" };
        let home = self.unit_of(def).krate;
        if home == krate { "crate" } else { &self.krate(home).text }
    }

    /// The macro a bare name means: the last one above in the same file whose scope is around the
    /// call, one of the crate, or one that another crate exports.
    pub(in super::super) fn macro_named(
        &self,
        unit: UnitId,
        module: ModuleId,
        name: Name,
        at: Place,
    ) -> Option<Def> {
        // What the host leaves out counts only where nothing else has the name, here or in std.
        let is_active = |def: &&Def| self.item(**def).active == Active::Yes;
        let known: Vec<Def> = self.macros.get(&name)?.iter().filter(is_active).copied().collect();
        let (file, krate) = (self.unit(unit).file, self.unit(unit).krate);
        let is_around = |def: Def| {
            let home = self.module_of(def);
            self.is_inside(module, home)
        };
        let above = known.iter().rev().find(|def| {
            let other = self.unit_of(**def);
            other.file == file && self.item(**def).name.at <= at && is_around(**def)
        });
        let in_crate = |def: &&Def| self.unit_of(**def).krate == krate;
        let around = || known.iter().filter(in_crate).find(|def| is_around(**def));
        // `#[macro_use]` lets a macro out of its module, but never out of a block.
        let anywhere = || {
            // Whoever means another `writeln!` than that of the standard library says so.
            if macros::is_standard(name) {
                return None;
            }
            known.iter().filter(in_crate).find(|def| {
                self.unit_of(**def).file != file && !self.module(self.module_of(**def)).is_block
            })
        };
        let exported = || self.exported(&known, krate, name);
        above.or_else(around).or_else(anywhere).or_else(exported).copied()
    }

    /// The macro of another crate that a bare name means: one that `#[macro_use]` takes over, or
    /// else one that an import may have brought. No import hides the standard library by chance.
    fn exported<'d>(&self, known: &'d [Def], krate: CrateId, name: Name) -> Option<&'d Def> {
        let is_exported =
            |def: &&Def| matches!(self.kind(**def), ItemKind::Macro { is_exported: true, .. });
        let home = |def: &Def| self.unit_of(*def).krate;
        let taken = self.macro_crates.get(&krate).map_or(&[][..], Vec::as_slice);
        let candidates = || known.iter().filter(is_exported);
        if let Some(found) = candidates().find(|def| taken.contains(&home(def))) {
            return Some(found);
        }
        if macros::is_standard(name) {
            return None;
        }
        let direct = &self.krate(krate).dependencies;
        let is_direct = |def: &&Def| direct.values().any(|other| *other == home(def));
        candidates()
            .find(is_direct)
            .or_else(|| candidates().find(|def| self.sees(krate, home(def))))
    }
}

/// Where the tokens of a call begin in the text around it.
pub(in super::super) fn offset_of(call: MacroCall) -> Option<u32> {
    call.offset.is_written().then_some(call.offset.0)
}
