//! GraphML: XML with typed properties, for Gephi, yEd, Cytoscape and networkx.

use std::fmt;
use std::io::Write;

use crate::error::ExchangeError;
use crate::model::{self, Edge, Node};
use crate::{Scope, Summary};

/// Properties, by what has them, their name and their type.
const KEYS: &[(&str, &str, &str)] = &[
    ("node", "name", "string"),
    ("node", "kind", "string"),
    ("node", "qualified_name", "string"),
    ("node", "path", "string"),
    ("node", "language", "string"),
    ("node", "line", "int"),
    ("node", "end_line", "int"),
    ("node", "public", "boolean"),
    ("node", "rank", "double"),
    ("node", "community", "int"),
    ("edge", "link", "string"),
    ("edge", "tier", "string"),
    ("edge", "count", "int"),
    ("edge", "at_line", "int"),
];

pub(crate) fn write(scope: &Scope<'_>, out: &mut dyn Write) -> Result<Summary, ExchangeError> {
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<graphml xmlns="http://graphml.graphdrawing.org/xmlns">"#)?;
    for (of, name, kind) in KEYS {
        writeln!(out, r#"  <key id="{name}" for="{of}" attr.name="{name}" attr.type="{kind}"/>"#)?;
    }
    writeln!(out, r#"  <graph id="{}" edgedefault="directed">"#, Escaped(scope.source.project))?;
    let mut summary = Summary::default();
    for file in scope.files() {
        let file = file?;
        summary.files += 1;
        for node in model::nodes(scope, file)? {
            put_node(&node, out)?;
            summary.nodes += 1;
        }
    }
    for node in model::packages(scope)? {
        put_node(&node, out)?;
        summary.nodes += 1;
    }
    for file in scope.files() {
        let file = file?;
        for edge in model::edges(scope, file)? {
            put_edge(&edge, out)?;
            summary.edges += 1;
        }
    }
    writeln!(out, "  </graph>\n</graphml>")?;
    Ok(summary)
}

fn put_node(node: &Node, out: &mut dyn Write) -> Result<(), ExchangeError> {
    writeln!(out, r#"    <node id="{}">"#, Escaped(&node.id.to_string()))?;
    put(out, "name", &node.name)?;
    put(out, "kind", node.kind)?;
    if let Some(place) = &node.place {
        put(out, "qualified_name", &place.qualified_name)?;
        put(out, "path", &place.path)?;
        put(out, "language", &place.language)?;
        put(out, "line", place.line)?;
        put(out, "end_line", place.end_line)?;
        put(out, "public", place.is_public)?;
        put(out, "rank", place.rank)?;
        put(out, "community", place.community)?;
    }
    writeln!(out, "    </node>")?;
    Ok(())
}

fn put_edge(edge: &Edge, out: &mut dyn Write) -> Result<(), ExchangeError> {
    let (from, to) = (edge.from.to_string(), edge.to.to_string());
    writeln!(out, r#"    <edge source="{}" target="{}">"#, Escaped(&from), Escaped(&to))?;
    put(out, "link", edge.link.as_str())?;
    put(out, "tier", edge.tier.as_str())?;
    put(out, "count", edge.count)?;
    put(out, "at_line", edge.line)?;
    writeln!(out, "    </edge>")?;
    Ok(())
}

fn put(out: &mut dyn Write, key: &str, value: impl fmt::Display) -> Result<(), ExchangeError> {
    let value = value.to_string();
    Ok(writeln!(out, r#"      <data key="{key}">{}</data>"#, Escaped(&value))?)
}

/// Text as XML: in an attribute line breaks would become spaces, and the control characters that
/// XML 1.0 forbids even as references become the replacement character.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\t' | '\n' | '\r' => write!(f, "&#{};", character as u32)?,
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => f.write_str("\u{fffd}")?,
                _ => write!(f, "{character}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Escaped;

    #[test]
    fn whatever_a_name_holds_stays_within_its_quotes() {
        let nasty = "a<b>&\"c\"\n\u{1}]]>é";
        let expected = "a&lt;b&gt;&amp;&quot;c&quot;&#10;\u{fffd}]]&gt;é";
        assert_eq!(Escaped(nasty).to_string(), expected);
    }
}
