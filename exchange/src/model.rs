//! The graph as nodes and edges with properties, which GraphML, DOT, Cypher and CSV share.
//!
//! Occurrences between the same two definitions, of the same kind, become one edge with their
//! number, the best tier among them and the line of the first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use flux_core::{
    ByteSpan, Definition, DefinitionIndex, DefinitionRef, EdgeKind, FileId, Relation, Target, Tier,
};
use flux_store::SymbolId;

use crate::Scope;
use crate::error::ExchangeError;

/// Names a node, the same in every export of the same tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum NodeId {
    /// A definition of the tree.
    Definition(SymbolId),
    /// A package outside it.
    Package(Box<str>),
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Definition(id) => write!(f, "{id}"),
            Self::Package(name) => write!(f, "package:{name}"),
        }
    }
}

/// The kind of a node that is a package.
pub(crate) const PACKAGE: &str = "package";

/// A definition or a package.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) id: NodeId,
    /// A word of `SymbolKind`, or [`PACKAGE`].
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    /// The properties that only definitions have.
    pub(crate) place: Option<Place>,
}

/// Where a definition lies and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) qualified_name: String,
    pub(crate) path: String,
    pub(crate) language: String,
    pub(crate) line: u32,
    pub(crate) end_line: u32,
    pub(crate) is_public: bool,
    pub(crate) rank: f32,
    pub(crate) community: u32,
}

/// What an edge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Link {
    /// What lies in what: from the outer to the inner.
    Contains,
    /// A kind of the graph's own.
    Kind(EdgeKind),
}

impl Link {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::Kind(kind) => kind.as_str(),
        }
    }
}

/// Everything of one kind that connects two nodes, as one file states it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Edge {
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    pub(crate) link: Link,
    pub(crate) tier: Tier,
    /// How many places say so.
    pub(crate) count: u32,
    /// The first of those places, in the file of the edge.
    pub(crate) line: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Definition(DefinitionRef),
    Package(u32),
}

struct Evidence {
    tier: Tier,
    count: u32,
    first: u32,
}

type Found = BTreeMap<(DefinitionRef, End, Link), Evidence>;

/// The definitions of a file, the file itself first.
pub(crate) fn nodes(scope: &Scope<'_>, file: FileId) -> Result<Vec<Node>, ExchangeError> {
    let graph = scope.source.graph;
    let path = graph.path(file)?;
    let language = scope.source.language(file);
    let definitions = graph.definitions(file)?;
    let mut nodes = Vec::with_capacity(definitions.len());
    for (index, definition) in (0..).zip(definitions) {
        let at = DefinitionRef { file, index: DefinitionIndex(index) };
        nodes.push(Node {
            id: NodeId::Definition(graph.id_of(at)?),
            kind: definition.kind.as_str(),
            place: Some(Place {
                qualified_name: graph.qualified_name(at)?,
                path: path.to_owned(),
                language: language.to_owned(),
                line: graph.line_of(file, definition.name_span.start)?,
                end_line: graph.line_of(file, last_byte(definition.span))?,
                is_public: definition.is_public,
                rank: graph.rank(at)?,
                community: graph.community(at)?,
            }),
            name: definition.name.into(),
        });
    }
    Ok(nodes)
}

/// Where a span ends: a file that ends with a line break has no line after it.
fn last_byte(span: ByteSpan) -> u32 {
    span.end.saturating_sub(1).max(span.start)
}

/// The packages that edges of the export point at; none unless they are asked for.
pub(crate) fn packages(scope: &Scope<'_>) -> Result<Vec<Node>, ExchangeError> {
    let mut names = BTreeSet::new();
    if scope.options.with_externals {
        for file in scope.files() {
            let file = file?;
            for (_, end, _) in found(scope, file)?.into_keys() {
                if let End::Package(position) = end {
                    let name = scope.source.graph.package(file, position)?;
                    if !names.contains(name) {
                        names.insert(Box::<str>::from(name));
                    }
                }
            }
        }
    }
    let node = |name: Box<str>| Node {
        name: name.to_string(),
        id: NodeId::Package(name),
        kind: PACKAGE,
        place: None,
    };
    Ok(names.into_iter().map(node).collect())
}

/// The edges that a file states, ordered by their ends.
pub(crate) fn edges(scope: &Scope<'_>, file: FileId) -> Result<Vec<Edge>, ExchangeError> {
    let graph = scope.source.graph;
    let mut edges = Vec::new();
    for ((from, end, link), evidence) in found(scope, file)? {
        let to = match end {
            End::Definition(to) => NodeId::Definition(graph.id_of(to)?),
            End::Package(position) => NodeId::Package(graph.package(file, position)?.into()),
        };
        edges.push(Edge {
            from: NodeId::Definition(graph.id_of(from)?),
            to,
            link,
            tier: evidence.tier,
            count: evidence.count,
            line: graph.line_of(file, evidence.first)?,
        });
    }
    Ok(edges)
}

fn found(scope: &Scope<'_>, file: FileId) -> Result<Found, ExchangeError> {
    let (graph, options) = (scope.source.graph, scope.options);
    let definitions = graph.definitions(file)?;
    let at = |index| DefinitionRef { file, index };
    let mut found = Found::new();
    if options.with_containment {
        for (index, definition) in (0..).map(DefinitionIndex).zip(&definitions).skip(1) {
            let key = (at(definition.parent), End::Definition(at(index)), Link::Contains);
            note(&mut found, key, Tier::Exact, definition.name_span.start);
        }
    }
    let is_wanted = |kind, tier| tier <= options.least_tier && options.kinds.contains(&kind);
    for occurrence in graph.occurrences(file)? {
        let kind = stated_kind(occurrence.kind, definitions.get(occurrence.enclosing.0 as usize));
        let end = match occurrence.target {
            Target::Definition(to) if scope.includes(to.file) => End::Definition(to),
            Target::External(position) if options.with_externals => End::Package(position),
            Target::Definition(_)
            | Target::External(_)
            | Target::Local(_)
            | Target::Unresolved(_) => continue,
        };
        if is_wanted(kind, occurrence.tier) {
            let key = (at(occurrence.enclosing), end, Link::Kind(kind));
            note(&mut found, key, occurrence.tier, occurrence.span.start);
        }
    }
    for Relation { kind, tier, from, to, site } in graph.relations(file)? {
        if is_wanted(kind, tier) && scope.includes(from.file) && scope.includes(to.file) {
            note(&mut found, (from, End::Definition(to), Link::Kind(kind)), tier, site.start);
        }
    }
    Ok(found)
}

/// The name of a supertype is an occurrence of `Inherits` wherever it stands. Only a type can
/// inherit: named at the level of a file, it is a mention, and the relation says who inherits.
fn stated_kind(kind: EdgeKind, enclosing: Option<&Definition>) -> EdgeKind {
    let is_in_type = enclosing.is_some_and(|enclosing| enclosing.kind.is_type());
    match kind {
        EdgeKind::Inherits | EdgeKind::Implements if !is_in_type => EdgeKind::References,
        EdgeKind::Calls
        | EdgeKind::References
        | EdgeKind::Imports
        | EdgeKind::Inherits
        | EdgeKind::Implements
        | EdgeKind::Overrides => kind,
    }
}

fn note(found: &mut Found, key: (DefinitionRef, End, Link), tier: Tier, place: u32) {
    let evidence = found.entry(key).or_insert(Evidence { tier, count: 0, first: place });
    evidence.tier = evidence.tier.min(tier);
    evidence.count += 1;
    evidence.first = evidence.first.min(place);
}
