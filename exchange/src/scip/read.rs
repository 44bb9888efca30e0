//! What the index of another tool states about references: rust-analyzer, scip-typescript,
//! scip-python and whatever else writes SCIP.
//!
//! A symbol that is defined in several places stands for the one in the same document, else for
//! the first by path and position. Ranges over several lines name no identifier and are left out.

use std::collections::HashMap;
use std::sync::Arc;

use flux_core::stated::{Stated, StatedReference, StatedSpan, StatedTarget};
use protobuf::{Enum, Message};
use scip::types::occurrence::Typed_range;
use scip::types::{Document, Index, Occurrence, PositionEncoding, SymbolRole};

use crate::error::ExchangeError;

/// Reads an index. `texts` gives the text of a document by its path: columns that count UTF-16
/// units or characters cannot be told without.
pub fn read(bytes: &[u8], texts: &dyn Fn(&str) -> Option<String>) -> Result<Stated, ExchangeError> {
    let index = Index::parse_from_bytes(bytes)
        .map_err(|error| ExchangeError::NotScip(error.to_string()))?;
    if index.metadata.is_none() {
        return Err(ExchangeError::NotScip("it says nothing of the tool that wrote it".to_owned()));
    }
    let tool = index.metadata.tool_info.name.clone();
    let mut stated = Stated { tool, ..Stated::default() };
    let mut documents = Vec::new();
    for document in &index.documents {
        match read_document(document, texts) {
            Some(read) => documents.push(read),
            None => stated.unreadable.push(document.relative_path.clone()),
        }
    }
    documents.sort_by(|a, b| a.path.cmp(&b.path));
    let definitions = definitions(&documents);
    for (number, document) in documents.iter().enumerate() {
        let references = document.places.iter().filter(|place| !place.is_definition);
        stated.references.extend(references.map(|place| StatedReference {
            path: Arc::clone(&document.path),
            span: place.span,
            target: definitions.target(number, place.symbol, &documents),
        }));
    }
    stated.references.sort();
    stated.references.dedup();
    stated.unreadable.sort();
    Ok(stated)
}

/// A document whose columns are bytes.
struct Read<'a> {
    path: Arc<str>,
    places: Vec<Place<'a>>,
}

struct Place<'a> {
    span: StatedSpan,
    symbol: &'a str,
    is_definition: bool,
}

/// `None` when the text is needed and not there.
fn read_document<'a>(
    document: &'a Document,
    texts: &dyn Fn(&str) -> Option<String>,
) -> Option<Read<'a>> {
    let columns = Columns::of(document, texts)?;
    let mut places: Vec<Place<'a>> = document
        .occurrences
        .iter()
        .filter(|occurrence| !occurrence.symbol.is_empty())
        .filter_map(|occurrence| {
            Some(Place {
                span: columns.span(occurrence)?,
                symbol: &occurrence.symbol,
                is_definition: occurrence.symbol_roles & SymbolRole::Definition.value() != 0,
            })
        })
        .collect();
    places.sort_by_key(|place| place.span);
    Some(Read { path: document.relative_path.as_str().into(), places })
}

/// Where symbols are defined, by number of document.
struct Definitions<'a> {
    global: HashMap<&'a str, (usize, StatedSpan)>,
    in_document: HashMap<(usize, &'a str), StatedSpan>,
}

fn definitions<'a>(documents: &[Read<'a>]) -> Definitions<'a> {
    let mut found = Definitions { global: HashMap::new(), in_document: HashMap::new() };
    for (number, document) in documents.iter().enumerate() {
        for place in document.places.iter().filter(|place| place.is_definition) {
            if !is_local(place.symbol) {
                found.global.entry(place.symbol).or_insert((number, place.span));
            }
            found.in_document.entry((number, place.symbol)).or_insert(place.span);
        }
    }
    found
}

impl Definitions<'_> {
    fn target(&self, document: usize, symbol: &str, documents: &[Read<'_>]) -> StatedTarget {
        let here = self.in_document.get(&(document, symbol)).map(|span| (document, *span));
        match here.or_else(|| self.global.get(symbol).copied()) {
            Some((document, span)) => StatedTarget::Definition {
                path: Arc::clone(&documents[document].path),
                line: span.line,
                column: span.column,
            },
            None => StatedTarget::External { package: package(symbol) },
        }
    }
}

fn is_local(symbol: &str) -> bool {
    symbol.starts_with("local ")
}

/// The third of the parts that spaces end; a space within a part is doubled, `.` means none.
fn package(symbol: &str) -> String {
    if is_local(symbol) {
        return String::new();
    }
    let mut parts = symbol.replace("  ", "\0");
    parts = parts.split(' ').nth(2).unwrap_or("").replace('\0', " ");
    if parts == "." { String::new() } else { parts }
}

/// Turns the columns of one document into bytes.
enum Columns {
    /// They are bytes.
    Bytes,
    /// They count something else, in these lines.
    Units(Vec<Line>),
}

/// A line of a text, for columns that are no bytes.
enum Line {
    /// As many units as bytes.
    Ascii(u32),
    /// The byte at which each unit begins, and the end. A table, because a file may be one line.
    Mixed(Vec<u32>),
}

impl Columns {
    fn of(document: &Document, texts: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let units: fn(char) -> usize = match document.position_encoding.enum_value_or_default() {
            PositionEncoding::UTF8CodeUnitOffsetFromLineStart => return Some(Self::Bytes),
            PositionEncoding::UTF32CodeUnitOffsetFromLineStart => |_| 1,
            // Indexers that say nothing are those of TypeScript, Python and Java, whose own
            // strings are UTF-16.
            PositionEncoding::UTF16CodeUnitOffsetFromLineStart
            | PositionEncoding::UnspecifiedPositionEncoding => char::len_utf16,
        };
        let kept = Some(document.text.clone()).filter(|text| !text.is_empty());
        let text = kept.or_else(|| texts(&document.relative_path))?;
        Some(Self::Units(text.split('\n').map(|line| Line::new(line, units)).collect()))
    }

    /// `None` for what is no part of one line of the text.
    fn span(&self, occurrence: &Occurrence) -> Option<StatedSpan> {
        let (line, start, end) = one_line(occurrence)?;
        let (line, start, end) =
            (line.try_into().ok()?, start.try_into().ok()?, end.try_into().ok()?);
        Some(StatedSpan {
            line: u32::checked_add(line, 1)?,
            column: self.bytes(line, start)?,
            end_column: self.bytes(line, end)?,
        })
    }

    fn bytes(&self, line: u32, column: u32) -> Option<u32> {
        match self {
            Self::Bytes => Some(column),
            Self::Units(lines) => match lines.get(line as usize)? {
                Line::Ascii(length) => (column <= *length).then_some(column),
                Line::Mixed(bytes) => bytes.get(column as usize).copied(),
            },
        }
    }
}

impl Line {
    fn new(line: &str, units: fn(char) -> usize) -> Self {
        if line.is_ascii() {
            return Self::Ascii(line.len() as u32);
        }
        let mut bytes = Vec::with_capacity(line.len() + 1);
        for (at, character) in line.char_indices() {
            bytes.extend(std::iter::repeat_n(at as u32, units(character)));
        }
        bytes.push(line.len() as u32);
        Self::Mixed(bytes)
    }
}

/// Line, first and last column of a range, all 0-based; both forms of ranges are in use.
fn one_line(occurrence: &Occurrence) -> Option<(i32, i32, i32)> {
    match &occurrence.typed_range {
        Some(Typed_range::SingleLineRange(range)) => {
            Some((range.line, range.start_character, range.end_character))
        }
        Some(_) => None,
        None => match occurrence.range[..] {
            [line, start, end] => Some((line, start, end)),
            [line, start, last, end] if line == last => Some((line, start, end)),
            _ => None,
        },
    }
}
