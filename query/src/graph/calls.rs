//! Callers and callees.

use std::collections::BTreeMap;

use flux_core::{DefinitionRef, EdgeKind, Occurrence, Target, Tier, Unresolved};
use flux_store::graph::Nested;

use super::sites::{Completeness, Site, references};
use super::view::{GraphView, Texts};
use crate::error::QueryError;

/// A definition that calls, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Caller {
    /// The innermost definition around the calls.
    pub definition: DefinitionRef,
    /// The calls, by position; the surest tier of them is the caller's.
    pub sites: Vec<Site>,
}

impl Caller {
    /// The surest of its sites.
    pub fn tier(&self) -> Tier {
        self.sites.iter().map(|site| site.tier).min().unwrap_or(Tier::Name)
    }
}

/// Who calls a symbol.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calls {
    /// By path and position.
    pub callers: Vec<Caller>,
    /// What they do not say.
    pub completeness: Completeness,
}

/// What a definition calls.
#[derive(Clone, Debug, PartialEq)]
pub enum Callee {
    /// A definition of the tree.
    Inside {
        /// Which.
        definition: DefinitionRef,
        /// The members of subtypes that may run in its stead.
        overriders: usize,
        /// Where.
        sites: Vec<Site>,
    },
    /// Something of a package outside the tree.
    Outside {
        /// The package.
        package: String,
        /// Where.
        sites: Vec<Site>,
    },
    /// Something that could not be resolved.
    Unknown {
        /// Why.
        reason: Unresolved,
        /// Where.
        sites: Vec<Site>,
    },
}

impl Callee {
    /// Where it is called.
    pub fn sites(&self) -> &[Site] {
        match self {
            Self::Inside { sites, .. }
            | Self::Outside { sites, .. }
            | Self::Unknown { sites, .. } => sites,
        }
    }
}

/// Who calls `symbol`, the definitions of one symbol: by its own name, or through the member of a
/// supertype that it overrides.
pub fn callers(
    view: &GraphView<'_>,
    symbol: &[DefinitionRef],
    texts: Texts<'_>,
) -> Result<Calls, QueryError> {
    let found = references(view, symbol, texts)?;
    let mut completeness = found.completeness.clone();
    let is_call = |site: &&Site| site.kind == EdgeKind::Calls;
    let mut sites: Vec<Site> = found.all().filter(is_call).cloned().collect();
    sites.extend(through_supertypes(view, symbol)?);
    let count = |tier| sites.iter().filter(|site| site.tier == tier).count();
    completeness.certain = count(Tier::Exact);
    completeness.likely = count(Tier::Likely);
    completeness.by_name = count(Tier::Name);
    let mut callers: BTreeMap<DefinitionRef, Vec<Site>> = BTreeMap::new();
    for site in sites {
        callers.entry(site.enclosing).or_default().push(site);
    }
    let callers = callers.into_iter().map(|(definition, mut sites)| {
        sites.sort_by_key(|site| (site.line, site.column, site.tier));
        sites.dedup_by_key(|site| (site.line, site.column));
        Caller { definition, sites }
    });
    Ok(Calls { callers: callers.collect(), completeness })
}

/// Calls of what `symbol` overrides.
fn through_supertypes(
    view: &GraphView<'_>,
    symbol: &[DefinitionRef],
) -> Result<Vec<Site>, QueryError> {
    let mut sites = Vec::new();
    for definition in symbol {
        for above in view.overridden(*definition)? {
            for found in view.graph.references_to(above)? {
                let (file, occurrence) = found?;
                if occurrence.kind == EdgeKind::Calls && occurrence.tier != Tier::Name {
                    let site = view.site(file, &occurrence)?;
                    sites.push(Site { tier: Tier::Likely, through: Some(above), ..site });
                }
            }
        }
    }
    Ok(sites)
}

/// What `symbol` calls, in the order of the first call, with everything that lies in it.
pub fn callees(view: &GraphView<'_>, symbol: &[DefinitionRef]) -> Result<Vec<Callee>, QueryError> {
    let mut found: Vec<(Target, Vec<Site>)> = Vec::new();
    for definition in symbol {
        for occurrence in view.graph.outgoing(*definition, Nested::With)? {
            if !is_callee(&occurrence) {
                continue;
            }
            let site = view.site(definition.file, &occurrence)?;
            match found.iter_mut().find(|(target, _)| *target == occurrence.target) {
                Some((_, sites)) => sites.push(site),
                None => found.push((occurrence.target, vec![site])),
            }
        }
    }
    found.into_iter().map(|(target, sites)| callee(view, target, sites)).collect()
}

fn is_callee(occurrence: &Occurrence) -> bool {
    occurrence.kind == EdgeKind::Calls && !matches!(occurrence.target, Target::Local(_))
}

fn callee(view: &GraphView<'_>, target: Target, sites: Vec<Site>) -> Result<Callee, QueryError> {
    Ok(match target {
        Target::Definition(definition) => {
            let overriders = view.overriders(definition)?.len();
            Callee::Inside { definition, overriders, sites }
        }
        Target::External(position) => {
            let package = match sites.first() {
                Some(site) => view.graph.package(site.file, position)?.to_owned(),
                None => String::new(),
            };
            Callee::Outside { package, sites }
        }
        Target::Unresolved(reason) => Callee::Unknown { reason, sites },
        Target::Local(_) => Callee::Unknown { reason: Unresolved::UnknownName, sites },
    })
}
