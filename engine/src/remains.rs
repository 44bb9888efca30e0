//! What an edit has to know of the graph: which definitions have a name, and who still refers to
//! one that goes.

use flux_core::{DefinitionRef, EdgeKind, FileId, RepoPath, SymbolKind, Target, Tier};
use flux_indexer::FACTS_VERSION;
use flux_store::{ContentKey, GraphReader, Snapshot, StoreError};

use crate::error::EngineError;
use crate::workspace::Workspace;

/// A definition, by where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// Its file.
    pub path: RepoPath,
    /// Its first line, 1-based.
    pub line: u32,
    /// Names of what it lies in within its file, and its own, joined by `.`.
    pub qualified_name: String,
    /// What it is.
    pub kind: SymbolKind,
}

/// A place that refers to a definition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// Its file.
    pub path: RepoPath,
    /// Its line, 1-based, as indexed.
    pub line: u32,
    /// Where the identifier starts, in the text as indexed.
    pub offset: u32,
    /// What it does with the definition.
    pub kind: EdgeKind,
    /// How sure that is.
    pub tier: Tier,
}

impl Workspace {
    /// The definitions that `name` can mean: `f`, `Type.f`, `pkg.mod.f`, `crate::mod::f`. Its parts
    /// must be the last of folders, file and names that lead to the definition.
    pub fn named(&self, snapshot: &Snapshot, name: &str) -> Result<Vec<Named>, EngineError> {
        let Some(graph) = snapshot.graph() else { return Ok(Vec::new()) };
        let parts = parts_of(name);
        let Some(last) = parts.last() else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for definition in graph.by_name(last)? {
            let named = named(graph, snapshot, definition)?;
            if is_meant(&parts, &named) {
                found.push(named);
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Everything outside of the definition itself that refers to the definition of this name and
    /// kind in a file, surest first. `None` without a graph of the file.
    pub fn references_to(
        &self,
        snapshot: &Snapshot,
        path: &RepoPath,
        qualified_name: &str,
    ) -> Result<Option<Vec<Site>>, EngineError> {
        let Some(graph) = snapshot.graph() else { return Ok(None) };
        let Some(file) = snapshot.view().find(path.as_str()) else { return Ok(None) };
        if !graph.has(file)? {
            return Ok(None);
        }
        let mut sites = Vec::new();
        let definitions = graph.definitions(file)?;
        for (index, definition) in (0..).zip(&definitions).skip(1) {
            let reference = DefinitionRef { file, index: flux_core::DefinitionIndex(index) };
            let is_it = qualified_name.rsplit('.').next() == Some(&*definition.name)
                && graph.qualified_name(reference)? == qualified_name;
            if is_it {
                collect(graph, snapshot, reference, definition.span, &mut sites)?;
            }
        }
        sites.sort_by(|a, b| (a.tier, a).cmp(&(b.tier, b)));
        sites.dedup();
        Ok(Some(sites))
    }
}

impl Workspace {
    /// The lines, 1-based, on which `name` stands in a file and refers to nothing that was found.
    /// `None` if `text` is not what was indexed of it.
    pub fn unresolved_uses(
        &self,
        snapshot: &Snapshot,
        path: &RepoPath,
        text: &str,
        name: &str,
    ) -> Result<Option<Vec<u32>>, EngineError> {
        let Some(graph) = snapshot.graph() else { return Ok(None) };
        let Some(file) = snapshot.view().find(path.as_str()) else { return Ok(None) };
        let entry = snapshot.view().file(file);
        let language = snapshot.view().language(entry);
        let key = ContentKey::of(text.as_bytes(), language.as_str(), FACTS_VERSION);
        if entry.content() != Some(key) {
            return Ok(None);
        }
        let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
        let mut lines = Vec::new();
        for (at, _) in text.match_indices(name) {
            let is_part =
                text[..at].ends_with(is_letter) || text[at + name.len()..].starts_with(is_letter);
            let Ok(offset) = u32::try_from(at) else { break };
            let found = if is_part { Vec::new() } else { graph.occurrences_from(file, offset)? };
            if found.iter().any(|one| matches!(one.target, Target::Unresolved(_))) {
                lines.push(graph.line_of(file, offset)?);
            }
        }
        lines.dedup();
        Ok(Some(lines))
    }
}

fn collect(
    graph: &GraphReader,
    snapshot: &Snapshot,
    definition: DefinitionRef,
    span: flux_core::ByteSpan,
    sites: &mut Vec<Site>,
) -> Result<(), StoreError> {
    for occurrence in graph.references_to(definition)? {
        let (file, occurrence) = occurrence?;
        let is_own = file == definition.file && span.contains(occurrence.span);
        let is_it = occurrence.target == Target::Definition(definition);
        if !is_own && is_it && occurrence.tier != Tier::Name {
            sites.push(Site {
                path: path_of(snapshot, file),
                line: graph.line_of(file, occurrence.span.start)?,
                offset: occurrence.span.start,
                kind: occurrence.kind,
                tier: occurrence.tier,
            });
        }
    }
    Ok(())
}

fn named(
    graph: &GraphReader,
    snapshot: &Snapshot,
    reference: DefinitionRef,
) -> Result<Named, StoreError> {
    let definition = graph.definition(reference)?;
    Ok(Named {
        path: path_of(snapshot, reference.file),
        line: graph.line_of(reference.file, definition.span.start)?,
        qualified_name: graph.qualified_name(reference)?,
        kind: definition.kind,
    })
}

fn path_of(snapshot: &Snapshot, file: FileId) -> RepoPath {
    snapshot.view().file(file).path.clone()
}

fn parts_of(name: &str) -> Vec<&str> {
    let parts = name.split(['.', ':', '/', '#']).filter(|part| !part.is_empty());
    parts.filter(|part| !matches!(*part, "crate" | "self")).collect()
}

fn is_meant(parts: &[&str], named: &Named) -> bool {
    let folders = named.path.parent().split('/').filter(|part| !matches!(*part, "" | "src"));
    let whole: Vec<&str> =
        folders.chain(named.path.module_name()).chain(named.qualified_name.split('.')).collect();
    whole.ends_with(parts)
}

#[cfg(test)]
mod tests {
    use flux_core::{RepoPath, SymbolKind};

    use super::{Named, is_meant, parts_of};

    #[test]
    fn a_name_is_meant_by_its_last_parts() {
        let named = Named {
            path: RepoPath::new("src/pkg/mod/__init__.py"),
            line: 1,
            qualified_name: "A.f".to_owned(),
            kind: SymbolKind::Method,
        };
        for name in ["f", "A.f", "pkg.mod.A.f", "crate::pkg::mod::A::f", "mod/A#f"] {
            let parts = parts_of(name);
            assert!(is_meant(&parts, &named), "{name}");
        }
        for name in ["g", "B.f", "other.A.f"] {
            assert!(!is_meant(&parts_of(name), &named), "{name}");
        }
    }
}
