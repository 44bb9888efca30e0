//! The symbol graph of a workspace: the questions of `query::graph`, with the texts of the tree.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flux_core::{DefinitionRef, FileId, RepoPath, Symbol};
use flux_indexer::FACTS_VERSION;
use flux_indexer::decode::decode_owned;
use flux_indexer::stamp::stamp_of;
use flux_query::graph::{
    Callee, Calls, Cycle, Described, Direction, GraphView, Impact, ImpactLimits, Imports, Named,
    Relative, Site, Sites, Step, UnusedReport, calls, cycles, impact, imports, mentions, name,
    reach, sites, types, unused,
};
use flux_store::{ContentKey, Snapshot, Stamp};

use crate::error::EngineError;
use crate::sources::open_inside;
use crate::workspace::Workspace;

impl Workspace {
    /// The text of a file as it was indexed; `None` when it has changed since or cannot be read.
    pub fn indexed_text(&self, snapshot: &Snapshot, file: FileId) -> Option<String> {
        let entry = snapshot.view().file(file);
        let (bytes, stamp) = self.bytes(&entry.path)?;
        let is_same = || {
            let language = snapshot.view().language(entry);
            let key = ContentKey::of(&bytes, language.as_str(), FACTS_VERSION);
            entry.content() == Some(key)
        };
        let is_known = !entry.racy && entry.stamp == stamp && entry.content().is_some();
        (is_known || is_same()).then(|| decode_owned(bytes).ok())?
    }

    /// The text of a file as it is now; `None` when it is not there or no text.
    pub fn current_text(&self, path: &str) -> Option<String> {
        let (bytes, _) = self.bytes(&RepoPath::new(path))?;
        decode_owned(bytes).ok()
    }

    /// The bytes of a file as it is now, text or not; `None` when it is not there.
    pub fn current_bytes(&self, path: &str) -> Option<Vec<u8>> {
        Some(self.bytes(&RepoPath::new(path))?.0)
    }

    /// The bytes of a file, and its stamp once they were read: who writes while it is read leaves
    /// another stamp.
    fn bytes(&self, path: &RepoPath) -> Option<(Vec<u8>, Stamp)> {
        let mut file = open_inside(self.root(), path).ok()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        Some((bytes, stamp_of(&file.metadata().ok()?)))
    }

    /// The graph of `snapshot`, which must be of this workspace.
    pub fn graph<'a>(&'a self, snapshot: &'a Snapshot) -> Result<Graph<'a>, EngineError> {
        Ok(Graph { workspace: self, view: GraphView::new(snapshot)?, texts: Texts::default() })
    }
}

/// A graph that can be asked.
pub struct Graph<'a> {
    workspace: &'a Workspace,
    view: GraphView<'a>,
    texts: Texts,
}

/// Texts that were read for an answer, which is soon to show lines of them.
#[derive(Default)]
struct Texts(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    texts: BTreeMap<FileId, Option<Arc<str>>>,
    bytes: usize,
}

/// Bytes that are kept. An answer that reads the whole tree shows little of it.
const KEPT_BYTES: usize = 32 << 20;

impl Texts {
    fn get(&self, file: FileId, read: impl FnOnce() -> Option<String>) -> Option<Arc<str>> {
        if let Some(text) = self.kept().texts.get(&file) {
            return text.clone();
        }
        let text: Option<Arc<str>> = read().map(Arc::from);
        let bytes = text.as_ref().map_or(0, |text| text.len());
        let mut kept = self.kept();
        if kept.bytes + bytes <= KEPT_BYTES {
            kept.bytes += bytes;
            kept.texts.insert(file, text.clone());
        }
        text
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A symbol as a whole: what it is, how it is declared, what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct SymbolCard {
    /// Place and name.
    pub described: Described,
    /// Its declaration on one line; empty for a file.
    pub signature: String,
    /// Its doc comment or doc string, as written; empty when there is none.
    pub doc: String,
    /// Its members, by position.
    pub members: Vec<Described>,
    /// Places that refer to it.
    pub references: usize,
}

impl<'a> Graph<'a> {
    /// Snapshot and graph.
    pub fn view(&self) -> GraphView<'a> {
        self.view
    }

    fn text(&self, file: FileId) -> Option<Arc<str>> {
        self.texts.get(file, || self.workspace.indexed_text(self.view.snapshot, file))
    }

    /// What `text` means: a name as people type it, `path:line`, a path, an id.
    pub fn find(&self, text: &str) -> Result<Named, EngineError> {
        let folder = self.workspace.location().inside.to_string_lossy();
        Ok(name::find(&self.view, text, &folder)?)
    }

    /// The file that `path` names.
    pub fn file(&self, path: &str) -> Option<FileId> {
        let folder = self.workspace.location().inside.to_string_lossy();
        name::file_of(&self.view, path, &folder)
    }

    /// The files that may hold `name` as a word, by path; those that were not indexed are none.
    pub fn files_with(&self, name: &str) -> Result<Vec<FileId>, EngineError> {
        Ok(mentions::files_with(&self.view, name)?)
    }

    /// Place and name of a definition.
    pub fn describe(&self, definition: DefinitionRef) -> Result<Described, EngineError> {
        Ok(self.view.describe(definition)?)
    }

    /// Everything about one symbol.
    pub fn card(&self, definition: DefinitionRef) -> Result<SymbolCard, EngineError> {
        let described = self.view.describe(definition)?;
        let symbol = self.symbol(definition)?;
        let doc = match &symbol {
            Some(symbol) if !symbol.doc.is_empty() => {
                self.text(definition.file).map(|text| symbol.doc.of(&text).to_owned())
            }
            _ => None,
        };
        let mut members = Vec::new();
        for member in self.view.members(definition)? {
            if !self.view.is_inside_function(member)? {
                members.push(self.view.describe(member)?);
            }
        }
        Ok(SymbolCard {
            described,
            signature: symbol.map(|symbol| symbol.signature.into()).unwrap_or_default(),
            doc: doc.unwrap_or_default(),
            members,
            references: self.view.graph.reference_count(definition)?,
        })
    }

    /// The symbol of the outline that a definition is; none for a file.
    fn symbol(&self, definition: DefinitionRef) -> Result<Option<Symbol>, EngineError> {
        let name = self.view.graph.definition(definition)?.name_span;
        let outline = self.view.snapshot.outline(definition.file)?;
        let mut symbols = outline.symbols.into_iter();
        Ok(symbols.find(|symbol| symbol.name_span == name && !name.is_empty()))
    }

    /// Who refers to a symbol.
    pub fn references(&self, symbol: &[DefinitionRef]) -> Result<Sites, EngineError> {
        Ok(sites::references(&self.view, symbol, &|file| self.text(file))?)
    }

    /// Who calls it.
    pub fn callers(&self, symbol: &[DefinitionRef]) -> Result<Calls, EngineError> {
        Ok(calls::callers(&self.view, symbol, &|file| self.text(file))?)
    }

    /// What it calls.
    pub fn callees(&self, symbol: &[DefinitionRef]) -> Result<Vec<Callee>, EngineError> {
        Ok(calls::callees(&self.view, symbol)?)
    }

    /// How it reaches another; empty when it does not.
    pub fn path(
        &self,
        start: &[DefinitionRef],
        end: &[DefinitionRef],
    ) -> Result<Vec<Step>, EngineError> {
        Ok(reach::path(&self.view, start, end)?)
    }

    /// Its subtypes or supertypes, or what overrides it or is overridden, as a tree.
    pub fn relatives(
        &self,
        symbol: &[DefinitionRef],
        direction: Direction,
    ) -> Result<Vec<Relative>, EngineError> {
        Ok(types::relatives(&self.view, symbol, direction)?)
    }

    /// What a change of it can touch.
    pub fn impact(
        &self,
        roots: &[DefinitionRef],
        limits: ImpactLimits,
    ) -> Result<Impact, EngineError> {
        Ok(impact::impact(&self.view, roots, limits, &|file| self.text(file))?)
    }

    /// What a file imports and who imports it.
    pub fn imports(&self, file: FileId) -> Result<Imports, EngineError> {
        Ok(imports::imports(&self.view, file)?)
    }

    /// Files that import each other.
    pub fn cycles(&self) -> Result<Vec<Cycle>, EngineError> {
        Ok(cycles::cycles(&self.view)?)
    }

    /// Definitions without a known inbound reference.
    pub fn unused(&self) -> Result<UnusedReport, EngineError> {
        Ok(unused::unused(&self.view, &|file| self.text(file))?)
    }

    /// The lines of places, as they were indexed, without the space around them; empty for those
    /// of files that have changed since.
    pub fn lines_of(&self, places: &[(FileId, u32)]) -> Vec<String> {
        let mut texts: BTreeMap<FileId, (Option<Arc<str>>, Vec<u32>)> = BTreeMap::new();
        let line = |(file, line): &(FileId, u32)| {
            let (text, starts) = texts.entry(*file).or_insert_with(|| {
                let starts = self.view.graph.line_starts(*file).unwrap_or_default();
                (self.text(*file), starts)
            });
            let start = starts.get(*line as usize - 1).map_or(usize::MAX, |start| *start as usize);
            let rest = text.as_deref().and_then(|text| text.get(start..)).unwrap_or_default();
            rest.lines().next().unwrap_or_default().trim().to_owned()
        };
        places.iter().map(line).collect()
    }

    /// The lines of sites; see [`lines_of`](Self::lines_of).
    pub fn lines_of_sites(&self, sites: &[Site]) -> Vec<String> {
        let places: Vec<(FileId, u32)> = sites.iter().map(|site| (site.file, site.line)).collect();
        self.lines_of(&places)
    }
}
