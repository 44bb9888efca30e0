//! Definitions, references and calls, one JSON object a line, as scorers of graphs read them.
//!
//! Lines are 1-based, columns 0-based bytes. A call lies in the innermost callable around it, and
//! a call of a method is also one of whatever may override it, marked `"virtual":1`.

use std::collections::{BTreeMap, BTreeSet, btree_map};
use std::io::Write;
use std::rc::Rc;

use flux_core::{
    Definition, DefinitionIndex, DefinitionRef, EdgeKind, FileId, Occurrence, SymbolKind, Target,
    Tier,
};
use flux_store::GraphReader;
use rustc_hash::FxHashMap;

use crate::error::ExchangeError;
use crate::{Scope, Summary};

pub(crate) fn write(scope: &Scope<'_>, out: &mut dyn Write) -> Result<Summary, ExchangeError> {
    let mut summary = Summary::default();
    for file in scope.files() {
        let file = file?;
        let text = scope.text(file, &mut summary)?;
        let mut lines = Lines {
            scope,
            graph: scope.source.graph,
            file,
            path: quoted(scope.source.graph.path(file)?),
            definitions: scope.source.graph.definitions(file)?,
            overriders: FxHashMap::default(),
        };
        summary.files += 1;
        summary.nodes += lines.definitions(out)?;
        let occurrences = lines.graph.occurrences(file)?;
        for occurrence in &occurrences {
            summary.edges += u64::from(lines.reference(occurrence, &text, out)?);
        }
        summary.edges += lines.calls(&occurrences, out)?;
    }
    Ok(summary)
}

/// The lines of one file.
struct Lines<'a> {
    scope: &'a Scope<'a>,
    graph: &'a GraphReader,
    file: FileId,
    path: String,
    definitions: Vec<Definition>,
    /// What overrides a method, directly or not, for each one called in the file.
    overriders: FxHashMap<DefinitionRef, Rc<[DefinitionRef]>>,
}

/// A call: the caller's line and the callee, by path and line so that lines come in that order.
type Call = (u32, FileId, u32);

impl Lines<'_> {
    fn definitions(&self, out: &mut dyn Write) -> Result<u64, ExchangeError> {
        for definition in self.definitions.iter().skip(1) {
            let line = self.graph.line_of(self.file, definition.name_span.start)?;
            let (path, name) = (&self.path, quoted(&definition.name));
            writeln!(out, r#"{{"kind":"def","path":{path},"line":{line},"name":{name}}}"#)?;
        }
        Ok(self.definitions.len().saturating_sub(1) as u64)
    }

    /// Writes a reference, unless it has no target in the tree or is not written out.
    fn reference(
        &self,
        occurrence: &Occurrence,
        text: &str,
        out: &mut dyn Write,
    ) -> Result<bool, ExchangeError> {
        if occurrence.is_implicit || !self.is_sure_enough(occurrence) {
            return Ok(false);
        }
        let (def_path, def_line) = match occurrence.target {
            Target::Definition(to) => (quoted(self.graph.path(to.file)?), self.line_of(to)?),
            Target::Local(offset) => (self.path.clone(), self.graph.line_of(self.file, offset)?),
            Target::External(_) | Target::Unresolved(_) => return Ok(false),
        };
        let (line, col) = self.graph.line_and_column(self.file, occurrence.span.start)?;
        let (path, name, tier) =
            (&self.path, quoted(occurrence.span.of(text)), occurrence.tier.as_str());
        writeln!(
            out,
            r#"{{"kind":"ref","path":{path},"line":{line},"col":{col},"name":{name},"def_path":{def_path},"def_line":{def_line},"tier":"{tier}"}}"#
        )?;
        Ok(true)
    }

    fn calls(
        &mut self,
        occurrences: &[Occurrence],
        out: &mut dyn Write,
    ) -> Result<u64, ExchangeError> {
        let mut direct: BTreeMap<Call, Tier> = BTreeMap::new();
        let mut through: BTreeMap<Call, Tier> = BTreeMap::new();
        for occurrence in occurrences {
            let Target::Definition(to) = occurrence.target else { continue };
            let is_call = occurrence.kind == EdgeKind::Calls && self.is_sure_enough(occurrence);
            let kind = self.graph.definition(to)?.kind;
            if !is_call || !is_called(kind) {
                continue;
            }
            let caller = self.caller_line(occurrence)?;
            let call = (caller, to.file, self.line_of(to)?);
            keep_best(direct.entry(call), occurrence.tier);
            if kind == SymbolKind::Method {
                for &overrider in self.overriders(to)?.iter() {
                    let call = (caller, overrider.file, self.line_of(overrider)?);
                    keep_best(through.entry(call), Tier::Likely.max(occurrence.tier));
                }
            }
        }
        through.retain(|call, _| !direct.contains_key(call));
        let edges = (direct.len() + through.len()) as u64;
        self.print_calls(direct, "", out)?;
        self.print_calls(through, r#","virtual":1"#, out)?;
        Ok(edges)
    }

    fn print_calls(
        &self,
        calls: BTreeMap<Call, Tier>,
        mark: &str,
        out: &mut dyn Write,
    ) -> Result<(), ExchangeError> {
        for ((caller_line, callee, callee_line), tier) in calls {
            let (path, callee) = (&self.path, quoted(self.graph.path(callee)?));
            let tier = tier.as_str();
            writeln!(
                out,
                r#"{{"kind":"call","caller_path":{path},"caller_line":{caller_line},"callee_path":{callee},"callee_line":{callee_line},"tier":"{tier}"{mark}}}"#
            )?;
        }
        Ok(())
    }

    /// Everything that overrides a method, whatever the number of steps.
    fn overriders(&mut self, method: DefinitionRef) -> Result<Rc<[DefinitionRef]>, ExchangeError> {
        if let Some(known) = self.overriders.get(&method) {
            return Ok(Rc::clone(known));
        }
        let mut found = BTreeSet::from([method]);
        let mut open = vec![method];
        while let Some(next) = open.pop() {
            for relation in self.graph.relations_to(next)? {
                let takes_part = relation.kind == EdgeKind::Overrides
                    && relation.tier <= self.scope.options.least_tier
                    && self.scope.includes(relation.from.file);
                if takes_part && found.insert(relation.from) {
                    open.push(relation.from);
                }
            }
        }
        found.remove(&method);
        let found: Rc<[DefinitionRef]> = found.into_iter().collect();
        self.overriders.insert(method, Rc::clone(&found));
        Ok(found)
    }

    fn is_sure_enough(&self, occurrence: &Occurrence) -> bool {
        let is_in = |target| match target {
            Target::Definition(to) => self.scope.includes(to.file),
            Target::Local(_) | Target::External(_) | Target::Unresolved(_) => true,
        };
        occurrence.tier <= self.scope.options.least_tier && is_in(occurrence.target)
    }

    fn line_of(&self, definition: DefinitionRef) -> Result<u32, ExchangeError> {
        let start = self.graph.definition(definition)?.name_span.start;
        Ok(self.graph.line_of(definition.file, start)?)
    }

    /// The line of the innermost callable around a call, 0 at the level of the module.
    fn caller_line(&self, call: &Occurrence) -> Result<u32, ExchangeError> {
        let mut index = call.enclosing;
        // As many steps as there are definitions, should a damaged graph lead in a circle.
        for _ in &self.definitions {
            let definition = self.definitions.get(index.0 as usize);
            let Some(definition) = definition.filter(|_| index != DefinitionIndex::MODULE) else {
                break;
            };
            if definition.kind.is_callable() {
                return Ok(self.graph.line_of(self.file, definition.name_span.start)?);
            }
            index = definition.parent;
        }
        Ok(0)
    }
}

fn is_called(kind: SymbolKind) -> bool {
    kind.is_callable() || kind.is_type() || kind == SymbolKind::EnumMember
}

fn keep_best(entry: btree_map::Entry<'_, Call, Tier>, tier: Tier) {
    let kept = entry.or_insert(tier);
    *kept = tier.min(*kept);
}

/// A JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
