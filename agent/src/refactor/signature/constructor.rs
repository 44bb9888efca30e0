//! Calls of a constructor of Python: the class is called, or a class below it that has none of its
//! own.

use std::collections::BTreeSet;

use flux_core::{DefinitionRef, EdgeKind, Tier};
use flux_engine::EngineError;
use flux_engine::syntax::offsets;

use super::mentioned;
use crate::edit::refusal::Candidate;
use crate::refactor::family::Family;
use crate::refactor::places::Place;
use crate::refactor::sources::Sources;

/// The name of constructors.
const NAME: &str = "__init__";

/// The constructor that a symbol means: itself, or that of a class.
pub(super) fn meant(
    sources: &Sources<'_>,
    symbol: Vec<DefinitionRef>,
) -> Result<Vec<DefinitionRef>, EngineError> {
    let Some(first) = symbol.first().copied() else { return Ok(symbol) };
    let is_class = first.index != flux_core::DefinitionIndex::MODULE
        && sources.definition(first)?.kind.is_type();
    if is_class && let Some(own) = own(sources, first)? {
        return Ok(vec![own]);
    }
    Ok(symbol)
}

/// Whether a family is a constructor.
pub(super) fn is_one(family: &Family) -> bool {
    family.language == "python" && family.name == NAME
}

fn own(sources: &Sources<'_>, class: DefinitionRef) -> Result<Option<DefinitionRef>, EngineError> {
    for member in sources.view.members(class)? {
        if &*sources.definition(member)?.name == NAME {
            return Ok(Some(member));
        }
    }
    Ok(None)
}

/// The class, and those below it that are made by the same constructor.
pub(super) fn classes(
    sources: &Sources<'_>,
    constructor: DefinitionRef,
) -> Result<BTreeSet<DefinitionRef>, EngineError> {
    let mut open: Vec<DefinitionRef> = sources.parent(constructor)?.into_iter().collect();
    let mut found: BTreeSet<DefinitionRef> = open.iter().copied().collect();
    while let Some(class) = open.pop() {
        for relation in sources.view.graph.relations_to(class)? {
            let is_below = relation.kind == EdgeKind::Inherits;
            if is_below && own(sources, relation.from)?.is_none() && found.insert(relation.from) {
                open.push(relation.from);
            }
        }
    }
    Ok(found)
}

/// Where the classes are called, and how often they are named without that.
pub(super) fn calls(
    sources: &Sources<'_>,
    classes: &BTreeSet<DefinitionRef>,
) -> Result<(Vec<Place>, usize), EngineError> {
    let (mut found, mut others) = (Vec::new(), 0);
    for class in classes {
        for reference in sources.view.graph.references_to(*class)? {
            let (file, one) = reference?;
            let Some(source) = sources.file(file)? else { continue };
            match one.kind {
                _ if one.is_implicit || one.tier == Tier::Name => {}
                EdgeKind::Calls => found.push(mentioned(&source, &one)),
                EdgeKind::References => others += 1,
                EdgeKind::Imports
                | EdgeKind::Inherits
                | EdgeKind::Implements
                | EdgeKind::Overrides => {}
            }
        }
    }
    Ok((found, others))
}

/// Places within the classes that make one of a class that is not named: `cls(…)`.
pub(super) fn unnamed(
    sources: &Sources<'_>,
    classes: &BTreeSet<DefinitionRef>,
) -> Result<Vec<Candidate>, EngineError> {
    let mut found = Vec::new();
    for class in classes {
        let Some(source) = sources.file(class.file)? else { continue };
        let span = sources.definition(*class)?.span;
        for (name, behind) in [("cls", "("), ("__class__", "("), ("type", "(self)(")] {
            for start in offsets(span.of(&source.text), name) {
                let start = span.start + start;
                let rest = &source.text[start as usize + name.len()..];
                let word = flux_core::ByteSpan::new(start, start + name.len() as u32);
                if rest.starts_with(behind) && source.word(word).role.is_code() {
                    found.push(source.shown(start));
                }
            }
        }
    }
    Ok(found)
}
