//! CSV for `neo4j-admin database import`, the quickest way into an empty Neo4j:
//!
//! `neo4j-admin database import full --nodes=nodes.csv --relationships=relationships.csv`

use std::fmt;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::error::ExchangeError;
use crate::model::{self, Edge, Node, Place};
use crate::{Options, Scope, Source, Summary, cypher};

/// Name of the file of nodes.
pub const NODES: &str = "nodes.csv";

/// Name of the file of relationships.
pub const RELATIONSHIPS: &str = "relationships.csv";

/// Writes the two files into `folder`, which is made if it is not there.
pub fn export(
    source: &Source<'_>,
    options: &Options,
    folder: &Path,
) -> Result<Summary, ExchangeError> {
    let scope = &Scope::new(source, options)?;
    fs::create_dir_all(folder)?;
    let create = |name| Ok::<_, ExchangeError>(BufWriter::new(File::create(folder.join(name))?));
    let mut nodes = create(NODES)?;
    let mut summary = Summary::default();
    put_nodes(scope, &mut nodes, &mut summary)?;
    nodes.flush()?;
    let mut relationships = create(RELATIONSHIPS)?;
    put_relationships(scope, &mut relationships, &mut summary)?;
    relationships.flush()?;
    Ok(summary)
}

fn put_nodes(
    scope: &Scope<'_>,
    out: &mut dyn Write,
    summary: &mut Summary,
) -> Result<(), ExchangeError> {
    writeln!(
        out,
        "id:ID,project,name,kind,qualified_name,path,language,line:int,end_line:int,\
         public:boolean,rank:double,community:int,:LABEL"
    )?;
    for file in scope.files() {
        let file = file?;
        summary.files += 1;
        for node in model::nodes(scope, file)? {
            put_node(scope.source.project, &node, out)?;
            summary.nodes += 1;
        }
    }
    for node in model::packages(scope)? {
        put_node(scope.source.project, &node, out)?;
        summary.nodes += 1;
    }
    Ok(())
}

fn put_node(project: &str, node: &Node, out: &mut dyn Write) -> Result<(), ExchangeError> {
    let (id, kind) = (cypher::id(project, &node.id), node.kind);
    write!(out, "{},{},{},{kind},", Field(&id), Field(project), Field(&node.name))?;
    match &node.place {
        Some(place) => {
            let Place { line, end_line, is_public, rank, community, .. } = place;
            let (name, path) = (Field(&place.qualified_name), Field(&place.path));
            let language = Field(&place.language);
            write!(
                out,
                "{name},{path},{language},{line},{end_line},{is_public},{rank},{community},"
            )?;
        }
        // Nothing between the commas is no value at all.
        None => write!(out, ",,,,,,,,")?,
    }
    Ok(writeln!(out, "Symbol;{}", cypher::label(kind))?)
}

fn put_relationships(
    scope: &Scope<'_>,
    out: &mut dyn Write,
    summary: &mut Summary,
) -> Result<(), ExchangeError> {
    writeln!(out, ":START_ID,:END_ID,tier,count:int,line:int,:TYPE")?;
    for file in scope.files() {
        let file = file?;
        for edge in model::edges(scope, file)? {
            put_relationship(scope.source.project, &edge, out)?;
            summary.edges += 1;
        }
    }
    Ok(())
}

fn put_relationship(project: &str, edge: &Edge, out: &mut dyn Write) -> Result<(), ExchangeError> {
    let (from, to) = (cypher::id(project, &edge.from), cypher::id(project, &edge.to));
    let Edge { tier, count, line, link, .. } = edge;
    let (tier, kind) = (tier.as_str(), cypher::relationship(*link));
    Ok(writeln!(out, "{},{},{tier},{count},{line},{kind}", Field(&from), Field(&to))?)
}

/// Text as a field of CSV, always quoted. The importer takes a line break for the end of a record
/// unless told otherwise, so that breaks become spaces.
struct Field<'a>(&'a str);

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for character in self.0.chars() {
            match character {
                '"' => f.write_str("\"\"")?,
                '\n' | '\r' | '\0' => f.write_str(" ")?,
                _ => write!(f, "{character}")?,
            }
        }
        f.write_str("\"")
    }
}

#[cfg(test)]
mod tests {
    use super::Field;

    #[test]
    fn whatever_a_name_holds_stays_within_its_field() {
        assert_eq!(Field("a,\"b\"\n;\\é").to_string(), r#""a,""b"" ;\é""#);
    }
}
