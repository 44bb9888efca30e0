//! Matches of `symbols.scm` as symbols: one for each name, nested by their spans.

use std::collections::{HashMap, HashSet};

use flux_core::{ByteSpan, LineSpan, Symbol, SymbolIndex, SymbolKind};
use tree_sitter::{Node, Tree, TreeCursor};

use super::docs::leading;
use super::signature::{signature, span_of};
use super::walk::{Found, FoundDefinition, Verdict};
use crate::compiled::Compiled;

/// Containers stop growing here: a text of nested definitions must not cost the square of its
/// length.
const MAX_CONTAINER: usize = 400;

/// Definitions passed over in search of the one that an equation goes on with: those inside its
/// equations, of which there are few.
const MAX_BETWEEN: usize = 32;

/// The symbols of a text, and where names of definitions lie, also those of continuations.
pub(super) struct Definitions {
    pub(super) symbols: Vec<Symbol>,
    pub(super) names: Vec<ByteSpan>,
}

/// Decides which matches count, and gives each its span, container, parent and signature.
pub(super) fn resolve<'tree>(
    compiled: &Compiled,
    source: &str,
    tree: &'tree Tree,
    found: &mut Found<'tree>,
) -> Definitions {
    if found.definitions.is_empty() {
        return Definitions { symbols: Vec::new(), names: Vec::new() };
    }
    let matches = winners(std::mem::take(&mut found.definitions));
    let wrappers: HashMap<usize, Node<'tree>> = found.wrapped.drain(..).collect();
    let mut drafting = Drafting { compiled, source, found, wrappers, cursor: tree.walk() };
    let mut drafts: Vec<Draft> = Vec::with_capacity(matches.len());
    let mut names = Vec::new();
    for definition in &matches {
        if definition.verdict == Verdict::Continuation {
            drafting.lengthen(&mut drafts, definition);
            names.push(span_of(definition.name));
        } else {
            drafts.extend(drafting.draft(definition));
        }
    }
    drafts.sort_by_key(|draft| {
        let span = draft.symbol.span;
        (span.start, std::cmp::Reverse(span.end), draft.symbol.name_span)
    });
    let parents = nest(&mut drafts);
    let symbols = in_order_of_names(drafts, &parents);
    names.extend(symbols.iter().map(|symbol| symbol.name_span));
    Definitions { symbols, names }
}

/// One match for each name: the later pattern wins, and an ignored name has none. Scopes stay.
fn winners(mut matches: Vec<FoundDefinition<'_>>) -> Vec<FoundDefinition<'_>> {
    let rank = |verdict| match verdict {
        Verdict::Scope { .. } => 0,
        Verdict::Definition(_) => 1,
        Verdict::Ignore | Verdict::Continuation => 2,
    };
    matches.sort_by_key(|found| {
        (found.name.start_byte(), found.name.end_byte(), rank(found.verdict), found.pattern)
    });
    let mut kept: Vec<FoundDefinition<'_>> = Vec::with_capacity(matches.len());
    for found in matches {
        let is_scope = |verdict| matches!(verdict, Verdict::Scope { .. });
        if let Some(last) = kept.last()
            && last.name.byte_range() == found.name.byte_range()
            && (is_scope(last.verdict) == is_scope(found.verdict))
        {
            kept.pop();
        }
        kept.push(found);
    }
    kept.retain(|found| found.verdict != Verdict::Ignore);
    kept
}

/// A symbol or scope before it knows what it lies in.
struct Draft {
    /// For a scope, only span, name and container mean something.
    symbol: Symbol,
    verdict: Verdict,
}

impl Draft {
    fn is_type(&self) -> bool {
        match self.verdict {
            Verdict::Definition(kind) => kind.is_type(),
            Verdict::Scope { is_type } => is_type,
            Verdict::Ignore | Verdict::Continuation => false,
        }
    }
}

struct Drafting<'found, 'tree> {
    compiled: &'found Compiled,
    source: &'found str,
    found: &'found Found<'tree>,
    wrappers: HashMap<usize, Node<'tree>>,
    cursor: TreeCursor<'tree>,
}

impl<'tree> Drafting<'_, 'tree> {
    fn draft(&mut self, definition: &FoundDefinition<'tree>) -> Option<Draft> {
        let name_span = self.trimmed(span_of(definition.name));
        let name = one_line(name_span.of(self.source));
        if name.is_empty() {
            return None;
        }
        let container = definition
            .container
            .map_or_else(String::new, |node| dotted(&one_line(span_of(node).of(self.source))));
        let node = self.wrappers.get(&definition.node.id()).copied().unwrap_or(definition.node);
        let prefixes = &self.compiled.doc_prefixes;
        let leads = &self.found.leads;
        let leading = leading(self.source, leads, node.start_byte() as u32, prefixes);
        let span = ByteSpan::new(leading.start, node.end_byte() as u32);
        let kind = match definition.verdict {
            Verdict::Definition(kind) => kind,
            _ => SymbolKind::Module,
        };
        let is_symbol = matches!(definition.verdict, Verdict::Definition(_));
        let signature = if is_symbol { self.signature(node, definition.node) } else { "".into() };
        let symbol = Symbol {
            name: name.into(),
            kind,
            container: container.into(),
            parent: None,
            span,
            lines: self.lines(node, leading.start),
            name_span,
            signature,
            doc: definition.doc.map_or(leading.doc, span_of),
        };
        Some(Draft { symbol, verdict: definition.verdict })
    }

    /// Adds an equation or clause to the definition that it goes on with.
    fn lengthen(&self, drafts: &mut [Draft], more: &FoundDefinition<'tree>) {
        let name = one_line(self.trimmed(span_of(more.name)).of(self.source));
        let is_begun = |draft: &&mut Draft| {
            matches!(draft.verdict, Verdict::Definition(_)) && *draft.symbol.name == *name
        };
        if let Some(begun) = drafts.iter_mut().rev().take(MAX_BETWEEN).find(is_begun) {
            let symbol = &mut begun.symbol;
            let start = symbol.span.start;
            symbol.span = ByteSpan::new(start, symbol.span.end.max(more.node.end_byte() as u32));
            let last = self.lines(more.node, more.node.start_byte() as u32).end;
            symbol.lines = LineSpan::new(symbol.lines.start, symbol.lines.end.max(last));
        }
    }

    /// A name without its quotes, or what else the language puts around names.
    fn trimmed(&self, span: ByteSpan) -> ByteSpan {
        let is_outer = |c: char| c.is_whitespace() || self.compiled.name_trim.contains(c);
        let text = span.of(self.source);
        let from_start = text.trim_start_matches(is_outer);
        let start = span.end - from_start.len() as u32;
        ByteSpan::new(start, start + from_start.trim_end_matches(is_outer).len() as u32)
    }

    fn signature(&mut self, node: Node<'tree>, definition: Node<'tree>) -> Box<str> {
        signature(self.compiled, self.source, &mut self.cursor, node, definition)
    }

    fn lines(&self, node: Node<'tree>, start: u32) -> LineSpan {
        let attributes = ByteSpan::new(start, node.start_byte() as u32).of(self.source);
        let attribute_lines = attributes.bytes().filter(|byte| *byte == b'\n').count();
        let first = node.start_position().row - attribute_lines + 1;
        let end = node.end_position();
        let last = if end.column == 0 { end.row } else { end.row + 1 };
        LineSpan::new(first as u32, last.max(first) as u32)
    }
}

/// An enclosing symbol or scope.
struct Open {
    draft: usize,
    /// What it gives those inside it as their container, made when the first one asks.
    path: Option<Box<str>>,
}

/// Fills in containers and methods, and drops fields that were given twice; gives the draft of
/// each one's parent symbol.
fn nest(drafts: &mut [Draft]) -> Vec<Option<usize>> {
    let mut parents = vec![None; drafts.len()];
    let mut open: Vec<Open> = Vec::new();
    let mut fields = HashSet::new();
    for index in 0..drafts.len() {
        let span = drafts[index].symbol.span;
        while open.last().is_some_and(|outer| !encloses(drafts[outer.draft].symbol.span, span)) {
            open.pop();
        }
        if let Some(position) = owner(drafts, &open, index) {
            let outer = &mut open[position];
            let outer_draft = &drafts[outer.draft];
            parents[index] = match outer_draft.verdict {
                Verdict::Definition(_) => Some(outer.draft),
                _ => parents[outer.draft],
            };
            let is_type = outer_draft.is_type();
            let path = outer.path.get_or_insert_with(|| path_of(&outer_draft.symbol));
            let symbol = &mut drafts[index].symbol;
            symbol.container = joined(path, &symbol.container).into();
            if is_type && symbol.kind == SymbolKind::Function {
                symbol.kind = SymbolKind::Method;
            }
        }
        let symbol = &drafts[index].symbol;
        if drafts[index].verdict == Verdict::Definition(SymbolKind::Field)
            && !fields.insert((symbol.container.clone(), symbol.name.clone()))
        {
            drafts[index].verdict = Verdict::Ignore;
            continue;
        }
        open.push(Open { draft: index, path: None });
    }
    parents
}

/// The position in `open` of what a draft belongs to: the innermost, but a field that a
/// constructor makes (`self.x = x`) belongs to the type around it.
fn owner(drafts: &[Draft], open: &[Open], index: usize) -> Option<usize> {
    let innermost = open.len().checked_sub(1)?;
    if drafts[index].symbol.kind != SymbolKind::Field {
        return Some(innermost);
    }
    let is_callable = |outer: &Open| drafts[outer.draft].symbol.kind.is_callable();
    let around = open.iter().rposition(|outer| !is_callable(outer));
    around.filter(|position| drafts[open[*position].draft].is_type()).or(Some(innermost))
}

/// Equal spans are siblings: two names of one statement.
fn encloses(outer: ByteSpan, inner: ByteSpan) -> bool {
    outer.contains(inner) && outer != inner
}

fn path_of(symbol: &Symbol) -> Box<str> {
    if symbol.container.len() > MAX_CONTAINER {
        return symbol.container.clone();
    }
    joined(&symbol.container, &dotted(&symbol.name)).into()
}

fn joined(outer: &str, inner: &str) -> String {
    match (outer.is_empty(), inner.is_empty()) {
        (true, _) => inner.to_owned(),
        (false, true) => outer.to_owned(),
        (false, false) => format!("{outer}.{inner}"),
    }
}

/// Every language's separators as a dot.
fn dotted(text: &str) -> String {
    text.replace("::", ".").replace('\\', ".").trim_matches('.').to_owned()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn in_order_of_names(drafts: Vec<Draft>, parents: &[Option<usize>]) -> Vec<Symbol> {
    let mut order: Vec<usize> = (0..drafts.len())
        .filter(|index| matches!(drafts[*index].verdict, Verdict::Definition(_)))
        .collect();
    order.sort_by_key(|index| drafts[*index].symbol.name_span);
    let mut positions = vec![None; drafts.len()];
    for (position, index) in (0..).zip(&order) {
        positions[*index] = Some(SymbolIndex(position));
    }
    let mut symbols: Vec<Option<Symbol>> =
        drafts.into_iter().map(|draft| Some(draft.symbol)).collect();
    order
        .into_iter()
        .filter_map(|index| {
            let mut symbol = symbols[index].take()?;
            symbol.parent = parents[index].and_then(|parent| positions[parent]);
            Some(symbol)
        })
        .collect()
}
