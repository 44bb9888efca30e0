//! Matches of `imports.scm` as imports.

use flux_core::{ByteSpan, Import};
use tree_sitter::Node;

use super::walk::FoundImport;
use crate::compiled::Compiled;

/// Every import in order of position. Of several matches about the same name, the one of the
/// later pattern wins.
pub(super) fn resolve(compiled: &Compiled, source: &str, found: &[FoundImport<'_>]) -> Vec<Import> {
    let mut subjects: Vec<(usize, usize, &FoundImport<'_>)> =
        found.iter().map(|import| (subject(import), import.pattern, import)).collect();
    subjects.sort_by_key(|(subject, pattern, _)| (*subject, *pattern));
    let mut imports = Vec::with_capacity(subjects.len());
    for (position, (subject, _, import)) in subjects.iter().enumerate() {
        let next = subjects.get(position + 1);
        if next.is_none_or(|(next_subject, _, _)| next_subject != subject) {
            imports.push(resolve_one(compiled, source, import));
        }
    }
    imports
}

/// Where the node lies that an import is about.
fn subject(import: &FoundImport<'_>) -> usize {
    let about = import.name.or(import.glob).or(import.path.last().copied()).unwrap_or(import.node);
    about.start_byte()
}

fn resolve_one(compiled: &Compiled, source: &str, import: &FoundImport<'_>) -> Import {
    let text = |node: Node<'_>| source.get(node.byte_range()).unwrap_or("").trim();
    let parts: Vec<&str> = import.path.iter().map(|node| unquoted(text(*node))).collect();
    let name = match (import.name, import.glob) {
        (Some(name), _) => unquoted(text(name)),
        (None, Some(_)) => "*",
        (None, None) => "",
    };
    let alias = import.alias.map_or("", text);
    let range = import.node.byte_range();
    Import {
        path: parts.join(&compiled.path_separator).into(),
        name: name.into(),
        alias: if alias == name { "" } else { alias }.into(),
        span: ByteSpan::new(range.start as u32, range.end as u32),
    }
}

fn unquoted(text: &str) -> &str {
    let pairs = [('"', '"'), ('\'', '\''), ('`', '`'), ('<', '>')];
    pairs
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
        .unwrap_or(text)
}
