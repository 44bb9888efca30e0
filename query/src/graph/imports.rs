//! What a file imports, and who imports it.

use std::collections::BTreeMap;

use flux_core::{
    DefinitionIndex, DefinitionRef, EdgeKind, FileId, Occurrence, RepoPath, Target, Unresolved,
};

use super::view::GraphView;
use crate::error::QueryError;

/// A file at the other end of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedFile {
    /// Its path.
    pub path: RepoPath,
    /// The line of the first import, in the file that imports.
    pub line: u32,
    /// What is imported, ordered; empty for the file as a whole.
    pub names: Vec<String>,
}

/// The imports of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imports {
    /// Files of the tree that it imports, by path.
    pub inside: Vec<ImportedFile>,
    /// Packages outside the tree, with the line of the first import, by name.
    pub outside: Vec<(String, u32)>,
    /// Lines of imports that lead nowhere.
    pub unresolved: Vec<(u32, Unresolved)>,
    /// Files of the tree that import it, by path.
    pub imported_by: Vec<ImportedFile>,
}

/// The names in a file that import. Those of the packages on the way to what is imported are left
/// out: `import a.b` is about `a.b`, and who draws `a` as well finds a cycle in every package.
pub(crate) fn imports_of(
    view: &GraphView<'_>,
    file: FileId,
) -> Result<Vec<Occurrence>, QueryError> {
    let mut all = view.graph.occurrences_of(file, EdgeKind::Imports)?;
    let is_on_the_way = |place: usize| {
        let end = all[place].span.end;
        let next = all[place + 1..].iter().find(|next| next.span.start >= end);
        // One byte for `.`, two for `::`.
        next.is_some_and(|next| {
            matches!(next.span.start - end, 1 | 2) && is_glued(next, &all[place])
        })
    };
    let kept: Vec<bool> = (0..all.len()).map(|place| !is_on_the_way(place)).collect();
    let mut kept = kept.into_iter();
    all.retain(|_| kept.next().unwrap_or(true));
    Ok(all)
}

/// Whether two names so close belong to one path: `a, b` are two bytes apart as well.
fn is_glued(next: &Occurrence, before: &Occurrence) -> bool {
    let is_module = |found: &Occurrence| match found.target {
        Target::Definition(target) => target.index == DefinitionIndex::MODULE,
        Target::External(_) | Target::Local(_) | Target::Unresolved(_) => false,
    };
    is_module(before) && (next.span.start - before.span.end == 1 || !is_module(next))
}

/// Lines and names by file.
type ByFile = BTreeMap<FileId, (u32, Vec<String>)>;

/// The imports of `file`, both ways.
pub fn imports(view: &GraphView<'_>, file: FileId) -> Result<Imports, QueryError> {
    let mut inside = ByFile::new();
    let mut outside: BTreeMap<String, u32> = BTreeMap::new();
    let mut unresolved = Vec::new();
    for found in imports_of(view, file)? {
        let line = view.graph.line_of(file, found.span.start)?;
        match found.target {
            Target::Definition(target) if target.file == file => {}
            Target::Definition(target) => add(view, &mut inside, target.file, target, line)?,
            Target::External(package) => {
                let package = view.graph.package(file, package)?.to_owned();
                outside.entry(package).or_insert(line);
            }
            Target::Unresolved(reason) => unresolved.push((line, reason)),
            Target::Local(_) => {}
        }
    }
    unresolved.dedup();
    Ok(Imports {
        inside: listed(view, inside),
        outside: outside.into_iter().collect(),
        unresolved,
        imported_by: listed(view, importers(view, file)?),
    })
}

fn importers(view: &GraphView<'_>, file: FileId) -> Result<ByFile, QueryError> {
    let mut found = ByFile::new();
    for index in (0..view.graph.definitions(file)?.len() as u32).map(DefinitionIndex) {
        let definition = DefinitionRef { file, index };
        for reference in view.graph.references_to(definition)? {
            let (other, occurrence) = reference?;
            if occurrence.kind == EdgeKind::Imports && other != file {
                let line = view.graph.line_of(other, occurrence.span.start)?;
                add(view, &mut found, other, definition, line)?;
            }
        }
    }
    Ok(found)
}

fn add(
    view: &GraphView<'_>,
    files: &mut ByFile,
    file: FileId,
    definition: DefinitionRef,
    line: u32,
) -> Result<(), QueryError> {
    let (first, names) = files.entry(file).or_insert((line, Vec::new()));
    *first = (*first).min(line);
    if definition.index != DefinitionIndex::MODULE {
        let name = view.graph.name(definition)?.to_owned();
        if let Err(place) = names.binary_search(&name) {
            names.insert(place, name);
        }
    }
    Ok(())
}

fn listed(view: &GraphView<'_>, files: ByFile) -> Vec<ImportedFile> {
    let listed = files.into_iter().map(|(file, (line, names))| ImportedFile {
        path: view.entry(file).path.clone(),
        line,
        names,
    });
    listed.collect()
}
