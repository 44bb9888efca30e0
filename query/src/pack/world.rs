//! What is known of files while a pack is made: outlines, texts, definitions, read once each.

use std::collections::HashMap;
use std::rc::Rc;

use flux_core::{
    ByteSpan, DefinitionIndex, DefinitionRef, FileId, LineSpan, Occurrence, Outline, Symbol,
};
use flux_store::{GraphReader, Snapshot};

use super::Texts;
use crate::error::QueryError;

/// A piece of a file that is shown whole, by its signature, or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Unit {
    /// A definition, by its position in the outline.
    Symbol(FileId, u32),
    /// Plain lines.
    Lines(FileId, LineSpan),
}

impl Unit {
    pub(super) fn file(self) -> FileId {
        match self {
            Self::Symbol(file, _) | Self::Lines(file, _) => file,
        }
    }
}

/// The text of a file and where its lines start.
#[derive(Debug)]
pub(super) struct FileText {
    text: String,
    starts: Vec<u32>,
}

impl FileText {
    fn new(text: String) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at as u32 + 1)).collect();
        Self { text, starts }
    }

    /// The number of lines; one that is empty and last does not count.
    pub(super) fn line_count(&self) -> u32 {
        let is_open = self.starts.last().is_some_and(|last| *last as usize == self.text.len());
        self.starts.len() as u32 - u32::from(is_open)
    }

    /// Some lines without the last line feed; less at the end of the file.
    pub(super) fn lines(&self, lines: LineSpan) -> &str {
        let at =
            |line: u32| self.starts.get(line as usize).map_or(self.text.len(), |s| *s as usize);
        let text = &self.text[at(lines.start - 1)..at(lines.end)];
        let text = text.strip_suffix('\n').unwrap_or(text);
        text.strip_suffix('\r').unwrap_or(text)
    }

    /// The line that holds an offset.
    pub(super) fn line_of(&self, offset: u32) -> u32 {
        (self.starts.partition_point(|start| *start <= offset) as u32).max(1)
    }
}

/// The definitions and occurrences of a file's graph.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Start of the name of each definition, in order, with its position.
    names: Vec<(u32, DefinitionIndex)>,
    /// The span of each definition.
    spans: Vec<ByteSpan>,
    /// By position.
    pub(super) occurrences: Vec<Occurrence>,
}

/// Everything read so far.
pub(super) struct World<'a> {
    pub(super) snapshot: &'a Snapshot,
    texts: Texts<'a>,
    outlines: HashMap<FileId, Rc<Outline>>,
    read: HashMap<FileId, Option<Rc<FileText>>>,
    links: HashMap<FileId, Rc<Links>>,
}

impl<'a> World<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, texts: Texts<'a>) -> Self {
        Self {
            snapshot,
            texts,
            outlines: HashMap::new(),
            read: HashMap::new(),
            links: HashMap::new(),
        }
    }

    pub(super) fn graph(&self) -> Option<&'a GraphReader> {
        self.snapshot.graph()
    }

    pub(super) fn outline(&mut self, file: FileId) -> Result<Rc<Outline>, QueryError> {
        if let Some(known) = self.outlines.get(&file) {
            return Ok(Rc::clone(known));
        }
        let outline = Rc::new(self.snapshot.outline(file)?);
        self.outlines.insert(file, Rc::clone(&outline));
        Ok(outline)
    }

    /// The text of a file; none when it changed or is gone.
    pub(super) fn text(&mut self, file: FileId) -> Option<Rc<FileText>> {
        let read = |file| (self.texts)(file).map(|text| Rc::new(FileText::new(text)));
        self.read.entry(file).or_insert_with_key(|file| read(*file)).clone()
    }

    /// What the graph knows of a file.
    pub(super) fn links(&mut self, file: FileId) -> Result<Rc<Links>, QueryError> {
        if let Some(known) = self.links.get(&file) {
            return Ok(Rc::clone(known));
        }
        let mut links = Links::default();
        if let Some(graph) = self.graph() {
            for (index, definition) in (0..).zip(graph.definitions(file)?) {
                links.spans.push(definition.span);
                links.names.push((definition.name_span.start, DefinitionIndex(index)));
            }
            // The file itself has no name of its own.
            links.names.drain(..1.min(links.names.len()));
            links.names.sort_unstable();
            links.occurrences = graph.occurrences(file)?;
        }
        let links = Rc::new(links);
        self.links.insert(file, Rc::clone(&links));
        Ok(links)
    }

    /// The definitions of a file by where their names start.
    pub(super) fn links_named(
        &mut self,
        file: FileId,
    ) -> Result<HashMap<u32, DefinitionIndex>, QueryError> {
        let Some(graph) = self.graph() else { return Ok(HashMap::new()) };
        let all = (0..).zip(graph.definitions(file)?).skip(1);
        Ok(all.map(|(index, found)| (found.name_span.start, DefinitionIndex(index))).collect())
    }

    /// The definition in the graph that a symbol of an outline is.
    pub(super) fn definition(
        &mut self,
        file: FileId,
        symbol: &Symbol,
    ) -> Result<Option<DefinitionRef>, QueryError> {
        let links = self.links(file)?;
        let at = links.names.partition_point(|(start, _)| *start < symbol.name_span.start);
        let found = links.names.get(at).filter(|(start, _)| *start == symbol.name_span.start);
        Ok(found.map(|(_, index)| DefinitionRef { file, index: *index }))
    }

    /// The unit that a definition of the graph is; none for a file or what no outline lists.
    pub(super) fn unit_of(&mut self, at: DefinitionRef) -> Result<Option<Unit>, QueryError> {
        let Some(graph) = self.graph().filter(|_| at.index != DefinitionIndex::MODULE) else {
            return Ok(None);
        };
        let start = graph.definition(at)?.name_span.start;
        let outline = self.outline(at.file)?;
        let number = outline.symbols.partition_point(|symbol| symbol.name_span.start < start);
        let found = outline.symbols.get(number).filter(|symbol| symbol.name_span.start == start);
        Ok(found.map(|_| Unit::Symbol(at.file, readable(&outline.symbols, number as u32))))
    }
}

/// The definition that is read to know one: of a field or a case the type it belongs to.
fn readable(symbols: &[Symbol], number: u32) -> u32 {
    let symbol = &symbols[number as usize];
    let parent = symbol.parent.filter(|parent| symbols[parent.0 as usize].kind.is_type());
    match (symbol.kind.is_callable() || symbol.kind.is_type(), parent) {
        (false, Some(parent)) => parent.0,
        _ => number,
    }
}

impl Links {
    /// The occurrences within a definition, those of inner definitions included.
    pub(super) fn inside(&self, index: DefinitionIndex) -> &[Occurrence] {
        let Some(span) = self.spans.get(index.0 as usize) else { return &[] };
        let first = self.occurrences.partition_point(|found| found.span.start < span.start);
        let last = self.occurrences.partition_point(|found| found.span.start < span.end);
        &self.occurrences[first..last.max(first)]
    }
}
