//! How one symbol reaches another: the shortest chain of calls, or else of references.
//!
//! The search goes backwards, because the graph lists who refers to a definition, and what a
//! definition refers to only by reading its file.

use flux_core::{DefinitionRef, EdgeKind, Tier};
use rustc_hash::FxHashMap;

use super::sites::Site;
use super::view::GraphView;
use crate::error::QueryError;

/// Definitions that are looked at. A chain longer than what these hold says nothing to people.
const MAX_VISITED: usize = 200_000;

/// A step of a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Where the chain is.
    pub definition: DefinitionRef,
    /// Where it mentions the next one; `None` at the end, and where it only contains the next.
    pub site: Option<Site>,
}

/// Which edges a chain may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edges {
    Calls,
    All,
}

/// The shortest chain from `start` to `end`, the definitions of one symbol each: of calls, or if
/// there is none, of references of any kind. Empty when there is no chain at all.
pub fn path(
    view: &GraphView<'_>,
    start: &[DefinitionRef],
    end: &[DefinitionRef],
) -> Result<Vec<Step>, QueryError> {
    let by_calls = search(view, start, end, Edges::Calls)?;
    if by_calls.is_empty() { search(view, start, end, Edges::All) } else { Ok(by_calls) }
}

/// For each definition that reaches the end, the next one on the way and where it is mentioned.
type Next = FxHashMap<DefinitionRef, (Option<DefinitionRef>, Option<Site>)>;

fn search(
    view: &GraphView<'_>,
    start: &[DefinitionRef],
    end: &[DefinitionRef],
    edges: Edges,
) -> Result<Vec<Step>, QueryError> {
    let mut next: Next = end.iter().map(|definition| (*definition, (None, None))).collect();
    let mut queue: Vec<DefinitionRef> = end.to_vec();
    let mut at = 0;
    while let Some(definition) = queue.get(at).copied() {
        at += 1;
        for outer in start {
            if view.is_within(definition, *outer)? {
                return Ok(chain(&next, definition));
            }
        }
        for (before, site) in before(view, definition, edges)? {
            if next.len() < MAX_VISITED && !next.contains_key(&before) {
                next.insert(before, (Some(definition), site));
                queue.push(before);
            }
        }
    }
    Ok(Vec::new())
}

fn chain(next: &Next, start: DefinitionRef) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = Some(start);
    while let Some(definition) = at {
        let (further, site) = next.get(&definition).cloned().unwrap_or_default();
        steps.push(Step { definition, site });
        at = further;
    }
    steps
}

/// What leads to `definition` in one step: what mentions it or a member that it overrides, and
/// the function that it lies in.
fn before(
    view: &GraphView<'_>,
    definition: DefinitionRef,
    edges: Edges,
) -> Result<Vec<(DefinitionRef, Option<Site>)>, QueryError> {
    let mut found = Vec::new();
    let above = view.overridden(definition)?;
    for (target, through) in
        std::iter::once((definition, None)).chain(above.into_iter().map(|at| (at, Some(at))))
    {
        for reference in view.graph.references_to(target)? {
            let (file, occurrence) = reference?;
            let fits = match edges {
                Edges::Calls => occurrence.kind == EdgeKind::Calls,
                Edges::All => occurrence.kind != EdgeKind::Imports,
            };
            if fits && occurrence.tier != Tier::Name {
                let site = Site { through, ..view.site(file, &occurrence)? };
                found.push((site.enclosing, Some(site)));
            }
        }
    }
    found.extend(view.function_around(definition)?.map(|outer| (outer, None)));
    Ok(found)
}

impl GraphView<'_> {
    /// The function that a definition lies in directly: it makes the inner one.
    pub(crate) fn function_around(
        &self,
        definition: DefinitionRef,
    ) -> Result<Option<DefinitionRef>, QueryError> {
        let above = self.ancestors(definition)?;
        let Some(outer) = above.first() else { return Ok(None) };
        let is_function = self.graph.definition(*outer)?.kind.is_callable();
        Ok(is_function.then_some(*outer))
    }
}
