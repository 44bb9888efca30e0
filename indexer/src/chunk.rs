//! Chunking: a file cut along its definitions into pieces of the size of a screen.
//!
//! A definition that fits is one chunk, with its doc comment. A larger one is cut along the
//! definitions inside it, or, when it has none, at blank lines. Small neighbours below the same
//! parent are joined, so that a row of getters is one chunk and not ten.

use flux_core::{ByteSpan, Chunk, LineSpan, Symbol, SymbolIndex, SymbolKind};

use crate::lines::Lines;

/// Largest chunk in bytes, unless one line alone is longer. About 70 lines of code.
const MAX_BYTES: u32 = 2400;
/// Neighbours are joined up to this size in bytes.
const JOIN_BYTES: u32 = 1000;
/// Size at which a text without definitions is cut.
const WINDOW_BYTES: u32 = 1600;
/// Definitions nested deeper than this are cut by size alone.
const MAX_DEPTH: usize = 48;

/// Cuts `text` into chunks along `symbols`, which are ordered by the position of their names.
pub fn chunk(text: &str, lines: &Lines, symbols: &[Symbol]) -> Vec<Chunk> {
    if text.is_empty() {
        return Vec::new();
    }
    let cutter = Cutter { text, lines, symbols, children: children(symbols, lines) };
    let mut pieces = Vec::new();
    let whole = LineSpan::new(1, lines.count());
    cutter.cut(whole, None, 0, &mut pieces);
    cutter.join(&pieces).into_iter().map(|piece| cutter.chunk(piece)).collect()
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    lines: LineSpan,
    owner: Option<SymbolIndex>,
}

struct Cutter<'a> {
    text: &'a str,
    lines: &'a Lines,
    symbols: &'a [Symbol],
    /// The definitions directly below each symbol, and at the end those at the top.
    children: Vec<Vec<SymbolIndex>>,
}

/// Only what spans lines of its own is a place to cut.
fn children(symbols: &[Symbol], lines: &Lines) -> Vec<Vec<SymbolIndex>> {
    let mut children = vec![Vec::new(); symbols.len() + 1];
    for (index, symbol) in symbols.iter().enumerate() {
        if is_boundary(symbol) {
            let parent = boundary_parent(symbols, symbol);
            children[parent.map_or(symbols.len(), |p| p.0 as usize)]
                .push(SymbolIndex(index as u32));
        }
    }
    for list in &mut children {
        list.sort_by_key(|index| first_line(&symbols[index.0 as usize], lines));
    }
    children
}

fn is_boundary(symbol: &Symbol) -> bool {
    symbol.kind.is_callable()
        || symbol.kind.is_container()
        || matches!(symbol.kind, SymbolKind::Table | SymbolKind::Rule)
        || symbol.lines.count() >= 8
}

fn boundary_parent(symbols: &[Symbol], symbol: &Symbol) -> Option<SymbolIndex> {
    let mut parent = symbol.parent;
    for _ in 0..MAX_DEPTH {
        match parent {
            Some(index) if !is_boundary(&symbols[index.0 as usize]) => {
                parent = symbols[index.0 as usize].parent;
            }
            _ => return parent,
        }
    }
    None
}

/// The first line of a definition or of the doc comment above it.
fn first_line(symbol: &Symbol, lines: &Lines) -> u32 {
    if symbol.doc.is_empty() || symbol.doc.start > symbol.span.start {
        symbol.lines.start
    } else {
        lines.line_of(symbol.doc.start)
    }
}

impl Cutter<'_> {
    fn cut(
        &self,
        range: LineSpan,
        owner: Option<SymbolIndex>,
        depth: usize,
        pieces: &mut Vec<Piece>,
    ) {
        let inside = &self.children[owner.map_or(self.symbols.len(), |index| index.0 as usize)];
        let is_whole =
            self.lines.bytes(range) <= MAX_BYTES && (owner.is_some() || inside.is_empty());
        if is_whole {
            pieces.push(Piece { lines: range, owner });
            return;
        }
        let mut next = range.start;
        for &child in inside.iter().take(if depth < MAX_DEPTH { usize::MAX } else { 0 }) {
            let symbol = &self.symbols[child.0 as usize];
            let start = first_line(symbol, self.lines).max(next);
            let end = symbol.lines.end.min(range.end);
            if start > end {
                continue;
            }
            if start > next {
                self.windows(LineSpan::new(next, start - 1), owner, pieces);
            }
            self.cut(LineSpan::new(start, end), Some(child), depth + 1, pieces);
            next = end + 1;
        }
        if next <= range.end {
            self.windows(LineSpan::new(next, range.end), owner, pieces);
        }
    }

    /// Cuts a range without definitions by size, preferably at blank lines.
    fn windows(&self, range: LineSpan, owner: Option<SymbolIndex>, pieces: &mut Vec<Piece>) {
        let mut start = range.start;
        while start <= range.end {
            let end = self.window_end(start, range.end);
            pieces.push(Piece { lines: LineSpan::new(start, end), owner });
            start = end + 1;
        }
    }

    fn window_end(&self, start: u32, last: u32) -> u32 {
        if self.lines.bytes(LineSpan::new(start, last)) <= MAX_BYTES {
            return last;
        }
        let mut full = start;
        while full < last && self.lines.bytes(LineSpan::new(start, full + 1)) <= WINDOW_BYTES {
            full += 1;
        }
        let earliest = start + (full - start) / 2;
        let blank = (earliest..=full).rev().find(|line| self.is_blank(*line));
        blank.unwrap_or(full)
    }

    fn is_blank(&self, line: u32) -> bool {
        let range = self.lines.start_of(line) as usize..self.lines.start_of(line + 1) as usize;
        self.text[range].trim().is_empty()
    }

    /// Joins small neighbours below the same parent and drops what is blank.
    fn join(&self, pieces: &[Piece]) -> Vec<Piece> {
        let mut joined: Vec<Piece> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            if (piece.lines.start..=piece.lines.end).all(|line| self.is_blank(line)) {
                continue;
            }
            match joined.last_mut() {
                Some(last) if self.may_join(*last, *piece) => {
                    last.lines.end = piece.lines.end;
                    if last.owner != piece.owner {
                        last.owner = self.common_owner(last.owner, piece.owner);
                    }
                }
                _ => joined.push(*piece),
            }
        }
        joined
    }

    fn may_join(&self, a: Piece, b: Piece) -> bool {
        let both = LineSpan::new(a.lines.start, b.lines.end);
        let is_continued = a.owner == b.owner && a.owner.is_some();
        !is_continued
            && self.lines.bytes(both) <= JOIN_BYTES
            && self.common_owner(a.owner, b.owner) == self.shallow(a.owner, b.owner)
    }

    /// What two pieces lie in if they are siblings, or a parent's own lines and its child.
    fn shallow(&self, a: Option<SymbolIndex>, b: Option<SymbolIndex>) -> Option<SymbolIndex> {
        let parent = |owner: Option<SymbolIndex>| {
            owner.and_then(|o| boundary_parent(self.symbols, &self.symbols[o.0 as usize]))
        };
        if a == parent(b) {
            a
        } else if parent(a) == b {
            b
        } else {
            parent(a)
        }
    }

    fn common_owner(&self, a: Option<SymbolIndex>, b: Option<SymbolIndex>) -> Option<SymbolIndex> {
        let ancestors = |mut owner: Option<SymbolIndex>| {
            let mut list = Vec::new();
            while let Some(index) = owner
                && list.len() < MAX_DEPTH
            {
                list.push(index);
                owner = boundary_parent(self.symbols, &self.symbols[index.0 as usize]);
            }
            list
        };
        let of_b = ancestors(b);
        ancestors(a).into_iter().find(|index| of_b.contains(index))
    }

    fn chunk(&self, piece: Piece) -> Chunk {
        let start = self.lines.start_of(piece.lines.start);
        let end = self.lines.start_of(piece.lines.end + 1);
        let position = |offset: u32| {
            self.symbols.partition_point(|symbol| symbol.name_span.start < offset) as u32
        };
        let (first, last) = (position(start), position(end));
        Chunk {
            span: ByteSpan::new(start, end),
            lines: piece.lines,
            owner: piece.owner,
            first_symbol: first,
            symbol_count: last - first,
        }
    }
}

#[cfg(test)]
mod tests {
    use flux_core::RepoPath;
    use flux_grammars::Extractor;

    use super::chunk;
    use crate::lines::Lines;

    /// Renders the chunks of a source as `first-last owner: names`.
    fn render(file: &str, text: &str) -> String {
        let spec = flux_grammars::detect(&RepoPath::new(file), text).expect("a known language");
        let symbols = Extractor::default().extract(spec, text).unwrap().symbols;
        let chunks = chunk(text, &Lines::of(text), &symbols);
        let line = |c: &flux_core::Chunk| {
            let owner = c.owner.map_or("-".into(), |o| symbols[o.0 as usize].qualified_name());
            let names: Vec<_> = symbols[c.symbols()].iter().map(|s| &*s.name).collect();
            format!("{}-{} {owner}: {}\n", c.lines.start, c.lines.end, names.join(" "))
        };
        chunks.iter().map(line).collect()
    }

    fn function(name: &str, lines: usize) -> String {
        let body = "    total += compute_something(total)\n".repeat(lines);
        format!("def {name}(total):\n    \"\"\"Doc of {name}.\"\"\"\n{body}\n")
    }

    #[test]
    fn definitions_of_a_screen_are_chunks_of_their_own() {
        let text = format!("import os\n\n{}{}", function("first", 30), function("second", 30));
        assert_eq!(render("a.py", &text), "1-2 -: \n3-34 first: first\n36-67 second: second\n");
    }

    #[test]
    fn small_neighbours_are_joined() {
        let text = (0..6).map(|i| function(&format!("f{i}"), 1)).collect::<String>();
        assert_eq!(render("a.py", &text), "1-23 -: f0 f1 f2 f3 f4 f5\n");
    }

    #[test]
    fn a_large_class_is_cut_along_its_methods_and_a_long_method_by_size() {
        let method = |name: &str, lines: usize| {
            function(name, lines).lines().map(|l| format!("    {l}\n")).collect::<String>()
        };
        let text = format!("class A:\n{}{}", method("short", 20), method("long", 90));
        assert_eq!(render("a.py", &text), "1-23 A: A short\n25-62 A.long: long\n63-116 A.long: \n");
    }

    #[test]
    fn every_line_that_is_not_blank_is_covered_once() {
        let text = format!("\n\nX = 1\n{}\n\nY = 2\n", function("f", 200));
        let lines = Lines::of(&text);
        let spec = flux_grammars::detect(&RepoPath::new("a.py"), &text).unwrap();
        let symbols = Extractor::default().extract(spec, &text).unwrap().symbols;
        let mut covered = vec![0; lines.count() as usize + 1];
        for c in chunk(&text, &lines, &symbols) {
            (c.lines.start..=c.lines.end).for_each(|line| covered[line as usize] += 1);
        }
        for (number, line) in text.lines().enumerate() {
            let times = covered[number + 1];
            assert!(times == 1 || (times == 0 && line.is_empty()), "line {}: {times}", number + 1);
        }
    }
}
