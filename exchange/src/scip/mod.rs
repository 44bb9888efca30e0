//! The SCIP Code Intelligence Protocol: an index written document by document, and references
//! read from the indexes of other tools.
//!
//! An index is the concatenation of its parts, since protobuf merges repeated fields; so one file
//! at a time is in memory. Ranges are written in the old form, which every consumer reads.

mod read;
mod symbol;

use std::collections::BTreeMap;
use std::io::Write;

use flux_core::{
    ByteSpan, Definition, DefinitionIndex, DefinitionRef, EdgeKind, FileId, Occurrence, Target,
};
use flux_store::GraphReader;
use protobuf::{EnumOrUnknown, Message, MessageField};
use rustc_hash::FxHashMap;
use scip::types::symbol_information::Kind;
use scip::types::{
    Document, Index, Language, Metadata, PositionEncoding, ProtocolVersion, Relationship,
    SymbolInformation, SymbolRole, TextEncoding, ToolInfo,
};

pub use read::read;

use crate::error::ExchangeError;
use crate::{Scope, Summary};
use symbol::Names;

pub(crate) fn write(scope: &Scope<'_>, out: &mut dyn Write) -> Result<Summary, ExchangeError> {
    let names = Names::new(scope)?;
    let mut summary = Summary::default();
    let mut externals = BTreeMap::new();
    put(Index { metadata: MessageField::some(metadata()), ..Index::default() }, out)?;
    for file in scope.files() {
        let file = file?;
        let text = scope.text(file, &mut summary)?;
        let mut page = Page {
            scope,
            graph: scope.source.graph,
            names: &names,
            file,
            text: &text,
            definitions: scope.source.graph.definitions(file)?,
            symbols: FxHashMap::default(),
            document: Document::default(),
        };
        page.define()?;
        page.refer(&mut externals)?;
        summary.files += 1;
        summary.nodes += page.definitions.len() as u64;
        let document = page.finish()?;
        let is_reference = |o: &&scip::types::Occurrence| !is_definition(o);
        summary.edges += document.occurrences.iter().filter(is_reference).count() as u64;
        put(Index { documents: vec![document], ..Index::default() }, out)?;
    }
    let information = |(symbol, display_name)| SymbolInformation {
        symbol,
        display_name,
        ..SymbolInformation::default()
    };
    let external_symbols = externals.into_iter().map(information).collect();
    put(Index { external_symbols, ..Index::default() }, out)?;
    Ok(summary)
}

fn put(part: Index, out: &mut dyn Write) -> Result<(), ExchangeError> {
    let bytes = part.write_to_bytes().map_err(std::io::Error::other)?;
    Ok(out.write_all(&bytes)?)
}

fn metadata() -> Metadata {
    let tool = ToolInfo {
        name: "flux".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..ToolInfo::default()
    };
    Metadata {
        version: ProtocolVersion::UnspecifiedProtocolVersion.into(),
        tool_info: MessageField::some(tool),
        text_document_encoding: TextEncoding::UTF8.into(),
        ..Metadata::default()
    }
}

fn is_definition(occurrence: &scip::types::Occurrence) -> bool {
    occurrence.symbol_roles & SymbolRole::Definition as i32 != 0
}

/// One document while it is made.
struct Page<'a> {
    scope: &'a Scope<'a>,
    graph: &'a GraphReader,
    names: &'a Names<'a>,
    file: FileId,
    text: &'a str,
    definitions: Vec<Definition>,
    /// Symbols of definitions that the document names, since most are named often.
    symbols: FxHashMap<DefinitionRef, String>,
    document: Document,
}

impl Page<'_> {
    /// The definitions of the file, with what they inherit, implement and override.
    fn define(&mut self) -> Result<(), ExchangeError> {
        for position in 0..self.definitions.len() {
            let at = self.at(DefinitionIndex(position as u32));
            let symbol = self.symbol_of(at)?;
            let definition = &self.definitions[position];
            let information = SymbolInformation {
                symbol: symbol.clone(),
                kind: symbol::kind(definition.kind).into(),
                display_name: definition.name.to_string(),
                relationships: self.relationships(at)?,
                ..SymbolInformation::default()
            };
            let occurrence = scip::types::Occurrence {
                range: self.range(definition.name_span)?,
                symbol,
                symbol_roles: SymbolRole::Definition as i32,
                enclosing_range: self.range(definition.span)?,
                ..scip::types::Occurrence::default()
            };
            self.document.symbols.push(information);
            self.document.occurrences.push(occurrence);
        }
        Ok(())
    }

    fn relationships(&self, of: DefinitionRef) -> Result<Vec<Relationship>, ExchangeError> {
        let mut related: BTreeMap<String, Relationship> = BTreeMap::new();
        for relation in self.graph.relations_of(of)? {
            let takes_part = relation.tier <= self.scope.options.least_tier
                && self.scope.includes(relation.to.file);
            if !takes_part {
                continue;
            }
            let symbol = self.names.of(relation.to)?;
            let entry = related
                .entry(symbol.clone())
                .or_insert_with(|| Relationship { symbol, ..Relationship::default() });
            entry.is_implementation = true;
            // Whoever looks for uses of a member wants those of what overrides it as well.
            entry.is_reference |= relation.kind == EdgeKind::Overrides;
        }
        Ok(related.into_values().collect())
    }

    /// The references of the file, its local variables, and the names of packages it uses.
    fn refer(&mut self, externals: &mut BTreeMap<String, String>) -> Result<(), ExchangeError> {
        let occurrences = self.graph.occurrences(self.file)?;
        let locals = self.locals(&occurrences)?;
        for occurrence in &occurrences {
            let is_sure_enough = occurrence.tier <= self.scope.options.least_tier;
            if occurrence.is_implicit || !is_sure_enough {
                continue;
            }
            let symbol = match occurrence.target {
                Target::Definition(to) if self.scope.includes(to.file) => self.symbol_of(to)?,
                Target::Local(offset) if offset != occurrence.span.start => {
                    local_symbol(&locals, offset)
                }
                Target::External(position) => {
                    let name = occurrence.span.of(self.text);
                    if name.is_empty() {
                        continue;
                    }
                    let package = self.graph.package(self.file, position)?;
                    let symbol = symbol::external(package, name);
                    externals.entry(symbol.clone()).or_insert_with(|| name.to_owned());
                    symbol
                }
                Target::Definition(_) | Target::Local(_) | Target::Unresolved(_) => continue,
            };
            let is_import = occurrence.kind == EdgeKind::Imports;
            let occurrence = scip::types::Occurrence {
                range: self.range(occurrence.span)?,
                symbol,
                symbol_roles: if is_import { SymbolRole::Import as i32 } else { 0 },
                ..scip::types::Occurrence::default()
            };
            self.document.occurrences.push(occurrence);
        }
        Ok(())
    }

    /// Writes the definitions of the local variables that are referred to, which are as long as
    /// what refers to them, and returns where they begin.
    fn locals(&mut self, occurrences: &[Occurrence]) -> Result<Vec<u32>, ExchangeError> {
        let mut found: BTreeMap<u32, (u32, DefinitionIndex)> = BTreeMap::new();
        for occurrence in occurrences.iter().filter(|found| !found.is_implicit) {
            if let Target::Local(offset) = occurrence.target {
                found.entry(offset).or_insert((occurrence.span.len(), occurrence.enclosing));
            }
        }
        let offsets: Vec<u32> = found.keys().copied().collect();
        for (offset, (length, enclosing)) in found {
            let span = ByteSpan::new(offset, offset.saturating_add(length));
            let symbol = local_symbol(&offsets, offset);
            let information = SymbolInformation {
                symbol: symbol.clone(),
                kind: Kind::Variable.into(),
                display_name: span.of(self.text).to_owned(),
                enclosing_symbol: self.symbol_of(self.at(enclosing))?,
                ..SymbolInformation::default()
            };
            let occurrence = scip::types::Occurrence {
                range: self.range(span)?,
                symbol,
                symbol_roles: SymbolRole::Definition as i32,
                ..scip::types::Occurrence::default()
            };
            self.document.symbols.push(information);
            self.document.occurrences.push(occurrence);
        }
        Ok(offsets)
    }

    fn finish(mut self) -> Result<Document, ExchangeError> {
        let occurrences = &mut self.document.occurrences;
        let key = |o: &scip::types::Occurrence| (o.range.clone(), o.symbol.clone(), o.symbol_roles);
        occurrences.sort_by_cached_key(|o| {
            let (range, symbol, roles) = key(o);
            ((range[0], range[1]), range, !roles & 1, symbol, roles)
        });
        occurrences.dedup_by_key(|o| key(o));
        self.document.relative_path = self.graph.path(self.file)?.to_owned();
        self.document.language = language(self.scope.source.language(self.file));
        self.document.position_encoding =
            EnumOrUnknown::new(PositionEncoding::UTF8CodeUnitOffsetFromLineStart);
        Ok(self.document)
    }

    fn at(&self, index: DefinitionIndex) -> DefinitionRef {
        DefinitionRef { file: self.file, index }
    }

    fn symbol_of(&mut self, definition: DefinitionRef) -> Result<String, ExchangeError> {
        if let Some(known) = self.symbols.get(&definition) {
            return Ok(known.clone());
        }
        let symbol = self.names.of(definition)?;
        self.symbols.insert(definition, symbol.clone());
        Ok(symbol)
    }

    fn range(&self, span: ByteSpan) -> Result<Vec<i32>, ExchangeError> {
        let place = |offset| self.graph.line_and_column(self.file, offset);
        let (start, end) = (place(span.start)?, place(span.end)?);
        let mut range = vec![start.0 - 1, start.1];
        if end.0 != start.0 {
            range.push(end.0 - 1);
        }
        range.push(end.1);
        Ok(range.into_iter().map(|number| i32::try_from(number).unwrap_or(i32::MAX)).collect())
    }
}

fn local_symbol(offsets: &[u32], offset: u32) -> String {
    format!("local {}", offsets.partition_point(|known| *known < offset))
}

/// SCIP's name of a language, which differs from ours in case only.
fn language(name: &str) -> String {
    let name = if name == "bash" { "ShellScript" } else { name };
    let known = <Language as protobuf::Enum>::VALUES.iter().map(|value| format!("{value:?}"));
    let found = known.into_iter().find(|known| known.eq_ignore_ascii_case(name));
    found.unwrap_or_else(|| name.to_owned())
}
