//! The symbol graph in other tools' formats, and what other tools state of references.
//!
//! Everything here is a walk over a [`GraphReader`] that writes as it goes: at most one file of
//! the tree is in memory at a time, and equal graphs give equal bytes. The property-graph formats
//! share one picture of nodes and edges; the formats of occurrences ([`Format::RefsJsonl`],
//! [`Format::Scip`]) keep every single place.
//!
//! This crate must never know how the graph came to be, the engine, or the terminal.
//!
//! Reading order: [`error`], `model`, `lines`, [`scip`], `graphml`, `dot`, `cypher`,
//! [`neo4j_csv`], [`bolt`].

use std::io;
use std::str::FromStr;

use flux_core::{Cancel, EdgeKind, FileClass, FileId, Tier};
use flux_store::{GraphReader, View};

pub mod bolt;
mod cypher;
mod dot;
pub mod error;
mod graphml;
mod lines;
mod model;
pub mod neo4j_csv;
pub mod scip;
#[cfg(test)]
mod tests;

pub use error::ExchangeError;

/// A graph and what is needed to read it.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The graph.
    pub graph: &'a GraphReader,
    /// The files that the graph is about, of the same snapshot.
    pub view: &'a View,
    /// The text of a file as it was indexed; `None` when it cannot be read any more.
    pub texts: &'a dyn Fn(FileId) -> Option<String>,
    /// The name of the tree: the package of SCIP's symbols, the project of a database's nodes.
    pub project: &'a str,
    /// Asks to stop; the export then ends with [`ExchangeError::Cancelled`].
    pub cancel: &'a Cancel,
}

/// What becomes part of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The kinds of edges. The formats of occurrences write every kind.
    pub kinds: Vec<EdgeKind>,
    /// The least sure tier that is still written.
    pub least_tier: Tier,
    /// Whether files of tests take part.
    pub with_tests: bool,
    /// Whether packages outside the tree become nodes. [`Format::Scip`] always names them,
    /// [`Format::RefsJsonl`] never does.
    pub with_externals: bool,
    /// Whether edges say what lies in what. [`Format::Dot`] groups by file instead.
    pub with_containment: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            kinds: EdgeKind::ALL.to_vec(),
            least_tier: Tier::Likely,
            with_tests: true,
            with_externals: false,
            with_containment: true,
        }
    }
}

/// What an export held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files of the tree.
    pub files: u64,
    /// Definitions, local variables left out; packages where they are nodes.
    pub nodes: u64,
    /// Edges, references or lines of calls, whatever the format counts.
    pub edges: u64,
    /// Files whose text was needed and could not be read, so that names are missing.
    pub unreadable: Vec<String>,
}

macro_rules! formats {
    ($($variant:ident $text:literal $doc:literal,)+) => {
        /// The formats that are one stream of bytes. [`neo4j_csv`] is a folder of its own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Format {
            $(#[doc = $doc] $variant,)+
        }

        impl Format {
            /// Every format, in declaration order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word used on the command line.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

formats! {
    RefsJsonl "refs-jsonl" "A JSON object a line: definitions, references, calls.",
    Scip "scip" "The SCIP Code Intelligence Protocol, as protobuf.",
    Graphml "graphml" "XML that Gephi, yEd and networkx read.",
    Dot "dot" "Graphviz, one cluster for each file.",
    Cypher "cypher" "A script for Neo4j and other databases that speak openCypher as it does.",
}

/// A word that names no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no format is called `{0}`")]
pub struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().copied().find(|format| format.as_str() == text);
        found.ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

/// Writes `source` to `out`.
pub fn export(
    source: &Source<'_>,
    format: Format,
    options: &Options,
    out: &mut dyn io::Write,
) -> Result<Summary, ExchangeError> {
    let scope = Scope::new(source, options)?;
    match format {
        Format::RefsJsonl => lines::write(&scope, out),
        Format::Scip => scip::write(&scope, out),
        Format::Graphml => graphml::write(&scope, out),
        Format::Dot => dot::write(source, options, out),
        Format::Cypher => cypher::write(&scope, out),
    }
}

/// The part of a source that takes part in an export.
struct Scope<'a> {
    source: &'a Source<'a>,
    options: &'a Options,
    /// For each file whether it takes part.
    included: Vec<bool>,
}

impl<'a> Scope<'a> {
    fn new(source: &'a Source<'a>, options: &'a Options) -> Result<Self, ExchangeError> {
        let is_included = |index| {
            let file = FileId(index as u32);
            let is_test = source.view.file(file).class().has(FileClass::TEST);
            Ok(source.graph.has(file)? && (options.with_tests || !is_test))
        };
        let included = (0..source.graph.file_count()).map(is_included);
        Ok(Self { source, options, included: included.collect::<Result<_, ExchangeError>>()? })
    }

    /// The files that take part, ordered by path. Ends with an error when a stop is asked for.
    fn files(&self) -> impl Iterator<Item = Result<FileId, ExchangeError>> {
        let files = self.included.iter().enumerate().filter(|(_, is_included)| **is_included);
        files.map(|(index, _)| match self.source.cancel.is_cancelled() {
            true => Err(ExchangeError::Cancelled),
            false => Ok(FileId(index as u32)),
        })
    }

    fn includes(&self, file: FileId) -> bool {
        self.included.get(file.0 as usize).is_some_and(|is_included| *is_included)
    }

    /// The text of a file, empty when it cannot be read, which `summary` then says.
    fn text(&self, file: FileId, summary: &mut Summary) -> Result<String, ExchangeError> {
        if let Some(text) = (self.source.texts)(file) {
            return Ok(text);
        }
        summary.unreadable.push(self.source.graph.path(file)?.to_owned());
        Ok(String::new())
    }
}

impl Source<'_> {
    fn language(&self, file: FileId) -> &str {
        self.view.language(self.view.file(file)).as_str()
    }
}
