//! DOT for Graphviz: a cluster for each file, a line for each edge.
//!
//! Only what an edge touches is drawn, since lone nodes hide the rest.

use std::fmt;
use std::io::Write;

use flux_core::{EdgeKind, Tier};
use rustc_hash::FxHashSet;

use crate::error::ExchangeError;
use crate::model::{self, Edge, Link, Node, NodeId};
use crate::{Options, Scope, Source, Summary};

pub(crate) fn write(
    source: &Source<'_>,
    options: &Options,
    out: &mut dyn Write,
) -> Result<Summary, ExchangeError> {
    let options = Options { with_containment: false, ..options.clone() };
    let scope = &Scope::new(source, &options)?;
    let touched = touched(scope)?;
    let is_drawn = |node: &Node| touched.contains(&node.id);
    let mut summary = Summary::default();
    writeln!(out, "digraph {} {{", Quoted(source.project))?;
    writeln!(out, "  rankdir=LR;\n  node [shape=ellipse];")?;
    for file in scope.files() {
        let file = file?;
        summary.files += 1;
        let nodes: Vec<Node> = model::nodes(scope, file)?.into_iter().filter(is_drawn).collect();
        if nodes.is_empty() {
            continue;
        }
        let path = scope.source.graph.path(file)?;
        writeln!(out, "  subgraph {} {{", Quoted(&format!("cluster_{path}")))?;
        writeln!(out, "    label={};", Quoted(path))?;
        for node in &nodes {
            put_node(node, "    ", out)?;
        }
        writeln!(out, "  }}")?;
        summary.nodes += nodes.len() as u64;
    }
    for node in model::packages(scope)? {
        put_node(&node, "  ", out)?;
        summary.nodes += 1;
    }
    for file in scope.files() {
        let file = file?;
        for edge in model::edges(scope, file)? {
            put_edge(&edge, out)?;
            summary.edges += 1;
        }
    }
    writeln!(out, "}}")?;
    Ok(summary)
}

fn touched(scope: &Scope<'_>) -> Result<FxHashSet<NodeId>, ExchangeError> {
    let mut touched = FxHashSet::default();
    for file in scope.files() {
        let file = file?;
        for edge in model::edges(scope, file)? {
            touched.insert(edge.from);
            touched.insert(edge.to);
        }
    }
    Ok(touched)
}

fn put_node(node: &Node, indent: &str, out: &mut dyn Write) -> Result<(), ExchangeError> {
    let shape = match node.kind {
        "class" | "struct" | "enum" | "interface" | "trait" | "type_alias" => " shape=box",
        "module" => " shape=folder",
        model::PACKAGE => " shape=box3d",
        _ => "",
    };
    let name = node.place.as_ref().map_or(&node.name, |place| &place.qualified_name);
    let (id, label) = (node.id.to_string(), Quoted(name));
    Ok(writeln!(out, "{indent}{} [label={label}{shape}];", Quoted(&id))?)
}

fn put_edge(edge: &Edge, out: &mut dyn Write) -> Result<(), ExchangeError> {
    let style = match edge.tier {
        Tier::Exact => "",
        Tier::Likely => " style=dashed",
        Tier::Name => " style=dotted",
    };
    let arrow = match edge.link {
        Link::Kind(EdgeKind::Inherits | EdgeKind::Implements | EdgeKind::Overrides) => {
            " arrowhead=empty"
        }
        Link::Kind(EdgeKind::Calls | EdgeKind::References | EdgeKind::Imports) | Link::Contains => {
            ""
        }
    };
    let (from, to, label) = (edge.from.to_string(), edge.to.to_string(), edge.link.as_str());
    let (from, to) = (Quoted(&from), Quoted(&to));
    Ok(writeln!(out, "  {from} -> {to} [label={label}{style}{arrow}];")?)
}

/// Text in quotes. Graphviz reads backslashes and entities of labels itself, and ends a text
/// at a zero byte.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for character in self.0.chars() {
            match character {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '&' => f.write_str("&amp;")?,
                '\n' => f.write_str("\\n")?,
                _ if character.is_control() => f.write_str("\u{fffd}")?,
                _ => write!(f, "{character}")?,
            }
        }
        f.write_str("\"")
    }
}

#[cfg(test)]
mod tests {
    use super::Quoted;

    #[test]
    fn whatever_a_name_holds_stays_within_its_quotes() {
        let expected = r#""a\"b\\Nc\nd"#.to_owned() + "\u{fffd}<é>\"";
        assert_eq!(Quoted("a\"b\\Nc\nd\0<é>").to_string(), expected);
    }
}
