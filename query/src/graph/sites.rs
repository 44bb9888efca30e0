//! Who refers to a symbol, how sure that is, and what is missing from the answer.

use flux_core::{DefinitionRef, EdgeKind, FileId, Occurrence, RepoPath, Tier};

use super::mentions::{Mentions, mentions};
use super::view::{GraphView, Texts};
use crate::error::QueryError;

/// A place that refers to a symbol.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Its file.
    pub file: FileId,
    /// The path of it.
    pub path: RepoPath,
    /// The line, 1-based.
    pub line: u32,
    /// The first byte within the line, 1-based.
    pub column: u32,
    /// What the place does with the symbol.
    pub kind: EdgeKind,
    /// How sure that is.
    pub tier: Tier,
    /// Whether no identifier there names the symbol: an operator, a protocol's method.
    pub is_implicit: bool,
    /// The definition around it.
    pub enclosing: DefinitionRef,
    /// The member of a supertype that is named there, if the symbol overrides it: what runs is
    /// decided at run time.
    pub through: Option<DefinitionRef>,
}

/// What refers to a symbol.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sites {
    /// Proven by scopes and imports, by file and position.
    pub certain: Vec<Site>,
    /// Inferred from types, or through a supertype.
    pub likely: Vec<Site>,
    /// Where only the name matches.
    pub by_name: Vec<Site>,
    /// What the lists do not say.
    pub completeness: Completeness,
}

/// What an answer rests on, and what it could not see.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Completeness {
    /// Sites that are proven.
    pub certain: usize,
    /// Sites that are inferred.
    pub likely: usize,
    /// Sites that share only the name.
    pub by_name: usize,
    /// Members of subtypes or supertypes that a call may reach in this one's stead.
    pub dispatch: usize,
    /// Where the name stands beside those; `None` when nobody looked.
    pub mentions: Option<Mentions>,
}

impl Sites {
    /// All of them, the surest first.
    pub fn all(&self) -> impl Iterator<Item = &Site> {
        self.certain.iter().chain(&self.likely).chain(&self.by_name)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }
}

impl GraphView<'_> {
    /// Makes a site of an occurrence.
    pub(crate) fn site(&self, file: FileId, occurrence: &Occurrence) -> Result<Site, QueryError> {
        let (line, column) = self.graph.line_and_column(file, occurrence.span.start)?;
        Ok(Site {
            file,
            path: self.entry(file).path.clone(),
            line,
            column: column + 1,
            kind: occurrence.kind,
            tier: occurrence.tier,
            is_implicit: occurrence.is_implicit,
            enclosing: DefinitionRef { file, index: occurrence.enclosing },
            through: None,
        })
    }
}

/// Who refers to `symbol`, the definitions of one symbol. `texts` serves to look for places where
/// its name stands unresolved.
pub fn references(
    view: &GraphView<'_>,
    symbol: &[DefinitionRef],
    texts: Texts<'_>,
) -> Result<Sites, QueryError> {
    let mut sites = Sites::default();
    for definition in symbol {
        for found in view.graph.references_to(*definition)? {
            let (file, occurrence) = found?;
            let list = match occurrence.tier {
                Tier::Exact => &mut sites.certain,
                Tier::Likely => &mut sites.likely,
                Tier::Name => &mut sites.by_name,
            };
            list.push(view.site(file, &occurrence)?);
        }
    }
    for list in [&mut sites.certain, &mut sites.likely, &mut sites.by_name] {
        list.sort_by(|a, b| (&a.path, a.line, a.column).cmp(&(&b.path, b.line, b.column)));
        list.dedup();
    }
    sites.completeness = completeness(view, symbol, &sites, texts)?;
    Ok(sites)
}

fn completeness(
    view: &GraphView<'_>,
    symbol: &[DefinitionRef],
    sites: &Sites,
    texts: Texts<'_>,
) -> Result<Completeness, QueryError> {
    let mut dispatch = 0;
    for definition in symbol {
        let related = view.graph.relations_of(*definition)?.into_iter();
        let related = related.chain(view.graph.relations_to(*definition)?);
        dispatch += related.filter(|relation| relation.kind == EdgeKind::Overrides).count();
    }
    let mentions = match symbol.first() {
        Some(first) => Some(mentions(view, view.graph.name(*first)?, texts)?),
        None => None,
    };
    Ok(Completeness {
        certain: sites.certain.len(),
        likely: sites.likely.len(),
        by_name: sites.by_name.len(),
        dispatch,
        mentions,
    })
}

impl GraphView<'_> {
    /// The members of supertypes that `definition` overrides, at any height, nearest first.
    pub(crate) fn overridden(
        &self,
        definition: DefinitionRef,
    ) -> Result<Vec<DefinitionRef>, QueryError> {
        self.closure(definition, |at| {
            let related = self.graph.relations_of(at)?.into_iter();
            let overrides = related.filter(|relation| relation.kind == EdgeKind::Overrides);
            Ok(overrides.map(|relation| relation.to).collect())
        })
    }

    /// The members of subtypes that override `definition`, at any depth, nearest first.
    pub(crate) fn overriders(
        &self,
        definition: DefinitionRef,
    ) -> Result<Vec<DefinitionRef>, QueryError> {
        self.closure(definition, |at| {
            let related = self.graph.relations_to(at)?.into_iter();
            let overrides = related.filter(|relation| relation.kind == EdgeKind::Overrides);
            Ok(overrides.map(|relation| relation.from).collect())
        })
    }

    /// What `next` leads to from `start`, without it, breadth first.
    pub(crate) fn closure(
        &self,
        start: DefinitionRef,
        next: impl Fn(DefinitionRef) -> Result<Vec<DefinitionRef>, QueryError>,
    ) -> Result<Vec<DefinitionRef>, QueryError> {
        let mut found = vec![start];
        let mut at = 0;
        while let Some(definition) = found.get(at).copied() {
            at += 1;
            for further in next(definition)? {
                if !found.contains(&further) {
                    found.push(further);
                }
            }
        }
        found.remove(0);
        Ok(found)
    }
}
