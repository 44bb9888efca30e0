//! openCypher: the statements that put nodes and edges into a database, in batches of rows.
//!
//! A script carries its rows as literals; over Bolt the same statements take them as parameters.
//! Every statement merges, so that running it twice changes nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;

use crate::error::ExchangeError;
use crate::model::{self, Edge, Link, Node};
use crate::{Scope, Summary};

/// Makes finding a node by its id quick, which every other statement does for every row.
pub(crate) const CONSTRAINT: &str =
    "CREATE CONSTRAINT flux_symbol IF NOT EXISTS FOR (n:Symbol) REQUIRE n.id IS UNIQUE";

/// Rows of one statement. Drivers advise thousands: below, the cost of a statement shows, above,
/// a database holds more in memory than it must.
const BATCH: usize = 2000;

/// A property's value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

/// The named values of one node or edge.
pub(crate) type Row = Vec<(&'static str, Value)>;

/// What the rows of a statement become.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    Node(&'static str),
    Edge(Link),
}

impl Shape {
    /// The statement, after `UNWIND … AS row`, for rows with the properties of `row`. The kind is
    /// part of what makes an id, so that a node never changes its label.
    fn statement(&self, row: &Row) -> String {
        match self {
            Self::Node(kind) => {
                format!("MERGE (n:Symbol:{} {{id: row.id}}) SET n += row", label(kind))
            }
            Self::Edge(link) => {
                let ends = [FROM, TO];
                let properties = row.iter().filter(|(name, _)| !ends.contains(name));
                let set: Vec<String> =
                    properties.map(|(name, _)| format!("r.{name} = row.{name}")).collect();
                format!(
                    "MATCH (a:Symbol {{id: row.{FROM}}}) MATCH (b:Symbol {{id: row.{TO}}}) \
                     MERGE (a)-[r:{}]->(b) SET {}",
                    relationship(*link),
                    set.join(", ")
                )
            }
        }
    }
}

/// The ends of an edge among the values of its row.
const FROM: &str = "from";
const TO: &str = "to";

/// The type of a relationship.
pub(crate) fn relationship(link: Link) -> String {
    link.as_str().to_uppercase()
}

/// The label of a kind: `enum_member` is `EnumMember`.
pub(crate) fn label(kind: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    };
    kind.split('_').map(capital).collect()
}

/// Names a node among those of all projects in a database.
pub(crate) fn id(project: &str, id: &model::NodeId) -> String {
    format!("{project}:{id}")
}

/// Takes a statement and its rows.
pub(crate) type Sink<'a> = dyn FnMut(&str, &[Row]) -> Result<(), ExchangeError> + 'a;

/// Hands `sink` every node and then every edge, each row with the properties `extra` on it.
pub(crate) fn feed(
    scope: &Scope<'_>,
    extra: &[(&'static str, Value)],
    sink: &mut Sink<'_>,
) -> Result<Summary, ExchangeError> {
    let project = scope.source.project;
    let mut summary = Summary::default();
    let mut batches = Batches { waiting: BTreeMap::new(), sink };
    let mut put = |batches: &mut Batches<'_, '_>, node: Node| {
        let mut row = node_row(project, &node);
        row.extend_from_slice(extra);
        summary.nodes += 1;
        batches.push(Shape::Node(node.kind), row)
    };
    for file in scope.files() {
        let file = file?;
        for node in model::nodes(scope, file)? {
            put(&mut batches, node)?;
        }
    }
    for node in model::packages(scope)? {
        put(&mut batches, node)?;
    }
    batches.flush()?;
    for file in scope.files() {
        let file = file?;
        summary.files += 1;
        for edge in model::edges(scope, file)? {
            summary.edges += 1;
            batches.push(Shape::Edge(edge.link), edge_row(project, &edge, extra))?;
        }
    }
    batches.flush()?;
    Ok(summary)
}

/// Rows that wait until their statement is worth sending.
struct Batches<'a, 's> {
    waiting: BTreeMap<Shape, Vec<Row>>,
    sink: &'a mut Sink<'s>,
}

impl Batches<'_, '_> {
    fn push(&mut self, shape: Shape, row: Row) -> Result<(), ExchangeError> {
        let rows = self.waiting.entry(shape.clone()).or_default();
        rows.push(row);
        if rows.len() == BATCH {
            (self.sink)(&shape.statement(&rows[0]), rows)?;
            rows.clear();
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ExchangeError> {
        for (shape, rows) in std::mem::take(&mut self.waiting) {
            if let Some(first) = rows.first() {
                (self.sink)(&shape.statement(first), &rows)?;
            }
        }
        Ok(())
    }
}

fn node_row(project: &str, node: &Node) -> Row {
    let mut row: Row = vec![
        ("id", Value::Text(id(project, &node.id))),
        ("project", project.into()),
        ("name", node.name.as_str().into()),
        ("kind", node.kind.into()),
    ];
    if let Some(place) = &node.place {
        row.extend([
            ("qualified_name", place.qualified_name.as_str().into()),
            ("path", place.path.as_str().into()),
            ("language", place.language.as_str().into()),
            ("line", place.line.into()),
            ("end_line", place.end_line.into()),
            ("public", Value::Boolean(place.is_public)),
            ("rank", Value::Float(place.rank.into())),
            ("community", place.community.into()),
        ]);
    }
    row
}

fn edge_row(project: &str, edge: &Edge, extra: &[(&'static str, Value)]) -> Row {
    let mut row = vec![
        (FROM, Value::Text(id(project, &edge.from))),
        (TO, Value::Text(id(project, &edge.to))),
        ("tier", edge.tier.as_str().into()),
        ("count", edge.count.into()),
        ("line", edge.line.into()),
    ];
    row.extend_from_slice(extra);
    row
}

/// The script.
pub(crate) fn write(scope: &Scope<'_>, out: &mut dyn Write) -> Result<Summary, ExchangeError> {
    let project = Literal(&Value::from(scope.source.project)).to_string();
    writeln!(out, "// To replace what an older script made, first run:")?;
    writeln!(out, "// MATCH (n:Symbol {{project: {project}}}) DETACH DELETE n;")?;
    writeln!(out, "{CONSTRAINT};")?;
    feed(scope, &[], &mut |statement, rows| {
        writeln!(out, "UNWIND [")?;
        for (position, row) in rows.iter().enumerate() {
            let comma = if position + 1 < rows.len() { "," } else { "" };
            writeln!(out, "{}{comma}", Map(row))?;
        }
        Ok(writeln!(out, "] AS row {statement};")?)
    })
}

struct Map<'a>(&'a Row);

impl fmt::Display for Map<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "{";
        for (name, value) in self.0 {
            write!(f, "{between}{name}: {}", Literal(value))?;
            between = ", ";
        }
        f.write_str("}")
    }
}

struct Literal<'a>(&'a Value);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Integer(number) => write!(f, "{number}"),
            // Always with a point, or it would be an integer.
            Value::Float(number) => write!(f, "{number:?}"),
            Value::Boolean(is_so) => write!(f, "{is_so}"),
            Value::Text(text) => {
                f.write_str("'")?;
                for character in text.chars() {
                    match character {
                        '\'' | '\\' => write!(f, "\\{character}")?,
                        _ if character.is_control() => write!(f, "\\u{:04x}", character as u32)?,
                        _ => write!(f, "{character}")?,
                    }
                }
                f.write_str("'")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Literal, Value, label};

    #[track_caller]
    fn check(value: impl Into<Value>, expected: &str) {
        assert_eq!(Literal(&value.into()).to_string(), expected);
    }

    #[test]
    fn whatever_a_name_holds_stays_within_its_quotes() {
        check("it's \\ a\n;\0é", r"'it\'s \\ a\u000a;\u0000é'");
    }

    #[test]
    fn numbers_keep_their_type() {
        check(7, "7");
        check(Value::Float(2.0), "2.0");
        check(Value::Float(1e-9), "1e-9");
    }

    #[test]
    fn a_label_is_the_kind_without_underscores() {
        assert_eq!(label("enum_member"), "EnumMember");
    }
}
