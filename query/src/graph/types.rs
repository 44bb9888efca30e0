//! Subtypes and supertypes; for members, what overrides and what is overridden.

use flux_core::{DefinitionRef, EdgeKind, Relation, Tier};

use super::view::GraphView;
use crate::error::QueryError;

/// Which way a hierarchy is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To supertypes and what is overridden.
    Up,
    /// To subtypes, implementations and overriding members.
    Down,
}

/// A type or member above or below another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relative {
    /// Which.
    pub definition: DefinitionRef,
    /// What it is to the one it was reached from.
    pub kind: EdgeKind,
    /// How sure that is.
    pub tier: Tier,
    /// Steps from the start, 1 for its own.
    pub depth: usize,
    /// The one it was reached from.
    pub from: DefinitionRef,
}

/// Everything above or below `symbol`, depth first, so that it can be printed as a tree. What is
/// reached in two ways stands where it was reached first.
pub fn relatives(
    view: &GraphView<'_>,
    symbol: &[DefinitionRef],
    direction: Direction,
) -> Result<Vec<Relative>, QueryError> {
    let mut found: Vec<Relative> = Vec::new();
    let mut stack: Vec<Relative> = Vec::new();
    for definition in symbol.iter().rev() {
        stack.extend(next(view, *definition, direction, 1)?.into_iter().rev());
    }
    while let Some(relative) = stack.pop() {
        let is_known = symbol.contains(&relative.definition)
            || found.iter().any(|known| known.definition == relative.definition);
        if is_known {
            continue;
        }
        found.push(relative);
        let depth = relative.depth + 1;
        stack.extend(next(view, relative.definition, direction, depth)?.into_iter().rev());
    }
    Ok(found)
}

fn next(
    view: &GraphView<'_>,
    from: DefinitionRef,
    direction: Direction,
    depth: usize,
) -> Result<Vec<Relative>, QueryError> {
    let relations = match direction {
        Direction::Up => view.graph.relations_of(from)?,
        Direction::Down => view.graph.relations_to(from)?,
    };
    let relative = |Relation { kind, tier, from: below, to, .. }| {
        let definition = if direction == Direction::Up { to } else { below };
        Relative { definition, kind, tier, depth, from }
    };
    let mut found: Vec<Relative> = relations.into_iter().map(relative).collect();
    found.sort_by_key(|relative| (relative.tier, relative.definition));
    found.dedup_by_key(|relative| relative.definition);
    Ok(found)
}
