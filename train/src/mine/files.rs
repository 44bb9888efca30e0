//! Pairs of one file: the comment at its top, or the documentation of its main definitions,
//! against its path and all it defines.

use flux_core::{FileClass, Symbol, SymbolKind};

use super::definitions::without_name;
use super::pair::{Kind, MAX_TEXT, Pair, Selection};
use super::prose;
use super::tree::SourceFile;

/// Fewer symbols make no file that is asked about as a whole.
const MIN_SYMBOLS: usize = 3;
/// Definitions that a file is asked about by.
const MAX_MAIN: usize = 2;
/// Lines in which the comment at the top must begin.
const TOP_LINES: usize = 60;
/// Starts of lines that may stand above it, beside blank ones.
const PREAMBLE: &[&str] = &[
    "#!",
    "<?php",
    "#include",
    "#import",
    "#if",
    "#endif",
    "#region",
    "#nullable",
    "#using",
    "package ",
    "module ",
    "namespace ",
    "'use strict'",
    "\"use strict\"",
    "#pragma",
    "#ifndef",
    "#define",
    "// +build",
    "//go:build",
    "# -*-",
    "# frozen_string",
    "{-# ",
    "declare(",
    "local M",
    "defmodule ",
    "#![",
];

/// Adds the pairs of `file`.
pub(crate) fn mine(file: &SourceFile, selection: &mut Selection) {
    let is_asked = !file.class.has(FileClass::TEST) && file.symbols.len() >= MIN_SYMBOLS;
    if !is_asked {
        return;
    }
    let pair = |kind, query| Pair {
        kind,
        language: file.language.to_owned(),
        path: file.path.to_string(),
        query,
        context: file.path.to_string(),
        text: summary(file),
    };
    let header = top_comment(&file.text).and_then(|comment| prose::of_comment(&comment));
    if let Some(header) = header {
        selection.add(pair(Kind::Header, header.whole));
    }
    for symbol in main_definitions(file) {
        if let Some(prose) = prose::of_comment(symbol.doc.of(&file.text)) {
            selection.add(pair(Kind::File, without_name(&prose.first, &symbol.name)));
        }
    }
}

/// The path and what the file defines: signatures if they fit a pair, else names.
pub(crate) fn summary(file: &SourceFile) -> String {
    let all = |show: fn(&Symbol) -> &str| {
        let symbols = file.symbols.iter().filter(|symbol| symbol.kind != SymbolKind::Field);
        let shown: Vec<&str> = symbols.map(show).collect();
        format!("{}\n{}", file.path, shown.join("\n"))
    };
    let signatures = all(|symbol| &symbol.signature);
    if signatures.len() <= MAX_TEXT { signatures } else { all(|symbol| &symbol.name) }
}

/// The documented definitions that the file is likely about: those named like it, then types,
/// then whatever comes first.
fn main_definitions(file: &SourceFile) -> Vec<&Symbol> {
    let letters = |name: &str| super::names::words(name).concat();
    let stem = letters(file.path.stem());
    let mut documented: Vec<&Symbol> =
        file.symbols.iter().filter(|symbol| is_main(symbol)).collect();
    documented.sort_by_key(|symbol| {
        let is_named_alike = letters(&symbol.name) == stem;
        (!is_named_alike, !symbol.kind.is_type(), !symbol.container.is_empty())
    });
    documented.truncate(MAX_MAIN);
    documented
}

/// Whether a file can be about `symbol`: a documented type, or a function outside of types.
fn is_main(symbol: &Symbol) -> bool {
    let is_outside = symbol.container.is_empty() || symbol.kind == SymbolKind::Function;
    let is_told = symbol.kind.is_type() || (symbol.kind.is_callable() && is_outside);
    !symbol.doc.is_empty() && (is_told || symbol.kind == SymbolKind::Module)
}

/// The first comment at the top of a file that is not about rights.
fn top_comment(text: &str) -> Option<String> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().take(TOP_LINES).peekable();
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        let is_preamble = PREAMBLE.iter().any(|start| trimmed.starts_with(start));
        if trimmed.is_empty() || is_preamble {
            continue;
        }
        let mut comment = String::from(trimmed);
        if let Some(end) = block_end(trimmed) {
            let opener = if trimmed.starts_with(['"', '\'']) { 3 } else { 2 };
            let mut is_open = !trimmed[opener..].contains(end);
            while let Some(line) = lines.next_if(|_| is_open) {
                is_open = !line.contains(end);
                comment = format!("{comment}\n{line}");
            }
        } else if let Some(start) = line_start(trimmed) {
            while let Some(line) = lines.next_if(|line| line.trim().starts_with(start)) {
                comment = format!("{comment}\n{line}");
            }
        } else {
            return None;
        }
        if prose::is_wanted(&comment) {
            return Some(comment);
        }
    }
    None
}

/// What ends the block comment that `line` opens.
fn block_end(line: &str) -> Option<&'static str> {
    let blocks = [
        ("/*", "*/"),
        ("\"\"\"", "\"\"\""),
        ("'''", "'''"),
        ("{-", "-}"),
        ("--[[", "]]"),
        ("<!--", "-->"),
    ];
    blocks.into_iter().find(|(start, _)| line.starts_with(start)).map(|(_, end)| end)
}

/// What starts each line of the comment that `line` begins.
fn line_start(line: &str) -> Option<&'static str> {
    ["//", "#", "--", ";", "%"].into_iter().find(|start| line.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::top_comment;

    #[test]
    fn the_comment_at_the_top_follows_licences_and_preambles() {
        let text = "#!/bin/x\n\n/* Copyright 2020 Someone\n * (all of it) */\n\n\
                    // Reads the tables\n// of a file.\nint x;\n";
        assert_eq!(top_comment(text).unwrap(), "// Reads the tables\n// of a file.");
        let python = "# -*- coding: utf-8 -*-\n\"\"\"Reads.\n\nMore.\n\"\"\"\nimport x\n";
        assert_eq!(top_comment(python).unwrap(), "\"\"\"Reads.\n\nMore.\n\"\"\"");
        assert_eq!(top_comment("int x;\n// Reads the tables\n"), None);
    }
}
