//! Texts, syntax and graph of the files that a refactoring looks at, each read once.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use flux_core::{
    ByteSpan, Definition, DefinitionIndex, DefinitionRef, FileClass, FileId, Occurrence, RepoPath,
};
use flux_engine::query::graph::GraphView;
use flux_engine::syntax::{Syntax, Word, WordRole};
use flux_engine::{EngineError, Graph, Snapshot, Workspace};

use crate::edit::refusal::Candidate;
use crate::parallel::on_all_cores;

/// A tree with its graph.
pub struct Sources<'a> {
    /// The graph.
    pub graph: Graph<'a>,
    /// The same, as queries see it.
    pub view: GraphView<'a>,
    workspace: &'a Workspace,
    snapshot: &'a Snapshot,
    read: RefCell<BTreeMap<FileId, Option<Rc<Source>>>>,
}

/// A file.
#[derive(Debug)]
pub struct Source {
    /// Which.
    pub file: FileId,
    /// Its path.
    pub path: RepoPath,
    /// The name of its language.
    pub language: String,
    /// What it is for.
    pub class: FileClass,
    /// Its text, as it was indexed and is now.
    pub text: String,
    /// What it defines, itself first; nothing without a graph.
    pub definitions: Vec<Definition>,
    /// What its identifiers refer to, by position.
    pub occurrences: Vec<Occurrence>,
    syntax: OnceCell<Option<Syntax>>,
}

impl<'a> Sources<'a> {
    /// The sources of a workspace, as `snapshot` has them.
    pub fn new(workspace: &'a Workspace, snapshot: &'a Snapshot) -> Result<Self, EngineError> {
        let graph = workspace.graph(snapshot)?;
        let view = graph.view();
        Ok(Self { graph, view, workspace, snapshot, read: RefCell::default() })
    }

    /// A file; `None` if it has changed since it was indexed, or is no text.
    pub fn file(&self, file: FileId) -> Result<Option<Rc<Source>>, EngineError> {
        if let Some(found) = self.read.borrow().get(&file) {
            return Ok(found.clone());
        }
        let found = self.load(file)?.map(Rc::new);
        self.read.borrow_mut().insert(file, found.clone());
        Ok(found)
    }

    fn load(&self, file: FileId) -> Result<Option<Source>, EngineError> {
        load(self.workspace, self.snapshot, self.view, file)
    }

    /// Reads many files at once, on all cores, and parses those of which `is_parsed` says so.
    pub fn preload(
        &self,
        files: &[FileId],
        is_parsed: &(dyn Fn(&Source) -> bool + Sync),
    ) -> Result<(), EngineError> {
        let (workspace, snapshot, view) = (self.workspace, self.snapshot, self.view);
        let found = on_all_cores(files, |file| -> Result<_, EngineError> {
            let source = load(workspace, snapshot, view, *file)?;
            if let Some(source) = source.as_ref().filter(|source| is_parsed(source)) {
                source.syntax();
            }
            Ok((*file, source))
        });
        for one in found {
            let (file, source) = one?;
            self.read.borrow_mut().entry(file).or_insert_with(|| source.map(Rc::new));
        }
        Ok(())
    }

    /// The text of a file as it is now; `None` when it is none.
    pub fn current_text(&self, path: &RepoPath) -> Option<String> {
        self.workspace.current_text(path.as_str())
    }

    /// The bytes of a file as it is now; `None` when it is not there.
    pub fn current_bytes(&self, path: &RepoPath) -> Option<Vec<u8>> {
        self.workspace.current_bytes(path.as_str())
    }

    /// A definition.
    pub fn definition(&self, definition: DefinitionRef) -> Result<Definition, EngineError> {
        Ok(self.view.graph.definition(definition)?)
    }

    /// What a definition lies in; `None` for what lies in the file itself, and for files.
    pub fn parent(&self, of: DefinitionRef) -> Result<Option<DefinitionRef>, EngineError> {
        let index = self.definition(of)?.parent;
        let is_outermost = index == DefinitionIndex::MODULE || index == of.index;
        Ok((!is_outermost).then_some(DefinitionRef { index, ..of }))
    }

    /// Where a definition's name is, to be shown.
    pub fn shown(&self, definition: DefinitionRef) -> Result<Candidate, EngineError> {
        let span = self.definition(definition)?.name_span;
        match self.file(definition.file)? {
            Some(source) => Ok(source.shown(span.start)),
            None => {
                let path = self.view.entry(definition.file).path.to_string();
                Ok(Candidate { path, line: 1, text: String::new() })
            }
        }
    }
}

fn load(
    workspace: &Workspace,
    snapshot: &Snapshot,
    view: GraphView<'_>,
    file: FileId,
) -> Result<Option<Source>, EngineError> {
    let Some(text) = workspace.indexed_text(snapshot, file) else { return Ok(None) };
    let entry = view.entry(file);
    Ok(Some(Source {
        file,
        path: entry.path.clone(),
        language: snapshot.view().language(entry).as_str().to_owned(),
        class: entry.class(),
        text,
        definitions: view.graph.definitions(file)?,
        occurrences: view.graph.occurrences(file)?,
        syntax: OnceCell::new(),
    }))
}

impl Source {
    /// Its syntax; `None` where there is no grammar for it.
    pub fn syntax(&self) -> Option<&Syntax> {
        self.syntax.get_or_init(|| Syntax::of(&self.path, &self.text)).as_ref()
    }

    /// The occurrences of the identifier that starts at `start`.
    pub fn at(&self, start: u32) -> &[Occurrence] {
        let first = self.occurrences.partition_point(|one| one.span.start < start);
        let count = self.occurrences[first..].iter().take_while(|one| one.span.start == start);
        &self.occurrences[first..first + count.count()]
    }

    /// What the word at `span` is to the grammar.
    pub fn word(&self, span: ByteSpan) -> Word {
        let prose = Word::new(span, WordRole::Prose);
        self.syntax().map_or(prose, |syntax| syntax.word(span))
    }

    /// The line of an offset, 1-based.
    pub fn line(&self, offset: u32) -> u32 {
        let before = self.text.get(..offset as usize).unwrap_or(&self.text);
        u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX)
    }

    /// A place, to be shown.
    pub fn shown(&self, offset: u32) -> Candidate {
        let line = self.line(offset);
        let text = self.text.lines().nth(line as usize - 1).unwrap_or_default();
        Candidate { path: self.path.to_string(), line, text: text.trim().to_owned() }
    }

    /// The innermost definitions around an offset, innermost first, without the file.
    pub fn around(&self, offset: u32) -> Vec<&Definition> {
        let is_around = |one: &&Definition| one.span.start <= offset && offset < one.span.end;
        let mut found: Vec<&Definition> =
            self.definitions.iter().skip(1).filter(is_around).collect();
        found.sort_by_key(|one| one.span.len());
        found
    }
}
