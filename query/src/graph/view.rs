//! A snapshot with its graph, and how a definition is described to people.

use std::sync::Arc;

use flux_core::{
    DefinitionIndex, DefinitionRef, FileClass, FileId, LineSpan, RepoPath, SymbolKind,
};
use flux_store::{FileEntry, GraphReader, Snapshot, SymbolId};

use crate::error::QueryError;

/// Gives the text of a file as it was indexed; `None` when it has changed since.
pub type Texts<'a> = &'a (dyn Fn(FileId) -> Option<Arc<str>> + Sync);

/// How many parents of a definition are looked at. Code nests a dozen deep; damage may circle.
const MAX_NESTING: usize = 64;

/// A snapshot that has a graph.
#[derive(Clone, Copy)]
pub struct GraphView<'a> {
    /// The files.
    pub snapshot: &'a Snapshot,
    /// Their graph.
    pub graph: &'a GraphReader,
}

/// A definition as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// Where it is in the snapshot.
    pub definition: DefinitionRef,
    /// What names it in every revision.
    pub id: SymbolId,
    /// Its file.
    pub path: RepoPath,
    /// Its lines.
    pub lines: LineSpan,
    /// The line of its name.
    pub name_line: u32,
    /// Names of what it lies in, and its own, joined by `.`; the path for a file.
    pub qualified_name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// Whether code of other packages may use it.
    pub is_public: bool,
    /// Whether it belongs to tests.
    pub is_test: bool,
}

impl<'a> GraphView<'a> {
    /// The graph of `snapshot`.
    pub fn new(snapshot: &'a Snapshot) -> Result<Self, QueryError> {
        let graph = snapshot.graph().ok_or(QueryError::NoGraph)?;
        Ok(Self { snapshot, graph })
    }

    /// The entry of a file.
    pub fn entry(&self, file: FileId) -> &'a FileEntry {
        self.snapshot.view().file(file)
    }

    /// All files.
    pub fn files(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.snapshot.view().files().len() as u32).map(FileId)
    }

    /// Describes a definition.
    pub fn describe(&self, definition: DefinitionRef) -> Result<Described, QueryError> {
        let found = self.graph.definition(definition)?;
        let path = self.entry(definition.file).path.clone();
        let lines = self.lines(definition)?;
        let is_file = definition.index == DefinitionIndex::MODULE;
        Ok(Described {
            id: self.graph.id_of(definition)?,
            name_line: match is_file {
                true => 1,
                false => self.graph.line_of(definition.file, found.name_span.start)?,
            },
            qualified_name: match is_file {
                true => path.to_string(),
                false => self.graph.qualified_name(definition)?,
            },
            kind: found.kind,
            is_public: found.is_public,
            is_test: self.is_test(definition)?,
            definition,
            path,
            lines,
        })
    }

    /// The lines of a definition; all lines of a file for the file itself.
    pub fn lines(&self, definition: DefinitionRef) -> Result<LineSpan, QueryError> {
        if definition.index == DefinitionIndex::MODULE {
            let lines = self.graph.line_starts(definition.file)?.len() as u32;
            return Ok(LineSpan::new(1, lines.max(1)));
        }
        let span = self.graph.definition(definition)?.span;
        let start = self.graph.line_of(definition.file, span.start)?;
        let end = self.graph.line_of(definition.file, span.end.saturating_sub(1))?;
        Ok(LineSpan::new(start, end.max(start)))
    }

    /// What a definition lies in, innermost first, without the file.
    pub fn ancestors(&self, definition: DefinitionRef) -> Result<Vec<DefinitionRef>, QueryError> {
        let mut found = Vec::new();
        let mut at = definition;
        while at.index != DefinitionIndex::MODULE && found.len() < MAX_NESTING {
            let index = self.graph.definition(at)?.parent;
            if index == DefinitionIndex::MODULE || index == at.index {
                break;
            }
            at = DefinitionRef { index, ..at };
            found.push(at);
        }
        Ok(found)
    }

    /// Whether a definition lies in a file of tests, or in a suite within a file of source.
    pub fn is_test(&self, definition: DefinitionRef) -> Result<bool, QueryError> {
        if self.entry(definition.file).class().has(FileClass::TEST) {
            return Ok(true);
        }
        let above = self.ancestors(definition)?;
        for at in std::iter::once(definition).chain(above) {
            if at.index == DefinitionIndex::MODULE {
                continue;
            }
            let found = self.graph.definition(at)?;
            let is_suite =
                found.kind == SymbolKind::Module && matches!(&*found.name, "test" | "tests");
            if is_suite || found.kind == SymbolKind::Test {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a definition is a parameter or another variable of a function.
    pub fn is_inside_function(&self, definition: DefinitionRef) -> Result<bool, QueryError> {
        let found = self.graph.definition(definition)?;
        if found.parent == DefinitionIndex::MODULE || found.kind != SymbolKind::Variable {
            return Ok(false);
        }
        let parent = DefinitionRef { index: found.parent, ..definition };
        Ok(self.graph.definition(parent)?.kind.is_callable())
    }

    /// Definitions that lie directly in another.
    pub fn members(&self, outer: DefinitionRef) -> Result<Vec<DefinitionRef>, QueryError> {
        let all = self.graph.definitions(outer.file)?;
        let own = (0..)
            .map(DefinitionIndex)
            .zip(&all)
            .filter(|(index, member)| member.parent == outer.index && *index != outer.index);
        Ok(own.map(|(index, _)| DefinitionRef { index, ..outer }).collect())
    }

    /// Whether `inner` is `outer` or lies in it.
    pub(crate) fn is_within(
        &self,
        inner: DefinitionRef,
        outer: DefinitionRef,
    ) -> Result<bool, QueryError> {
        if inner.file != outer.file {
            return Ok(false);
        }
        let is_all = outer.index == DefinitionIndex::MODULE || inner == outer;
        Ok(is_all || self.ancestors(inner)?.contains(&outer))
    }
}
