//! What a file says about itself at its top.

use flux_core::{ByteSpan, Symbol};

/// Openings and ends of comments and doc strings over several lines. The longer opening comes
/// first where one starts with the other.
const BLOCKS: &[(&str, &str)] = &[
    ("/*", "*/"),
    ("{-", "-}"),
    ("--[==[", "]==]"),
    ("--[[", "]]"),
    ("r\"\"\"", "\"\"\""),
    ("\"\"\"", "\"\"\""),
    ("'''", "'''"),
    ("=begin", "=end"),
];
/// Openings of comments that end with their line. A `#` needs a blank: preprocessors use it too.
const LINES: &[&str] = &["//", "--", "# ", ";;"];
/// Lines that may come before the comment, and are no part of it.
const PREAMBLE: &[&str] = &[
    "#!",
    "<?php",
    "{-#",
    "declare(",
    "package ",
    "'use strict'",
    "\"use strict\"",
    "# frozen_string_literal",
    "# -*-",
    "# encoding",
    "# coding",
    "# shellcheck",
    "from __future__",
];
/// Words of notices that say nothing about the file.
const NOTICES: &[&str] = &["copyright", "license", "licence", "spdx", "all rights reserved"];

/// The first comment before any code that is no notice and no doc comment of a symbol; empty
/// when there is none.
pub(crate) fn comment(source: &str, symbols: &[Symbol]) -> ByteSpan {
    let is_of_symbol = |span: &ByteSpan| {
        symbols.iter().any(|symbol| symbol.doc.start < span.end && span.start < symbol.doc.end)
    };
    let is_notice = |span: &ByteSpan| {
        let text = span.of(source).to_lowercase();
        NOTICES.iter().any(|word| text.contains(word))
    };
    let mut comments = leading_comments(source).into_iter();
    let first = comments.find(|span| !is_notice(span) && !is_of_symbol(span));
    first.unwrap_or(ByteSpan::new(0, 0))
}

/// The comments before the first line of code. A blank line between two line comments parts them.
fn leading_comments(source: &str) -> Vec<ByteSpan> {
    let mut comments: Vec<ByteSpan> = Vec::new();
    let mut end_of_block = None;
    let mut is_open = false;
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let (start, text) = (at, line.trim());
        at += line.len() as u32;
        let span = ByteSpan::new(start, at);
        if let Some(end) = end_of_block {
            extend(&mut comments, span);
            end_of_block = (!text.contains(end)).then_some(end);
            continue;
        }
        let block = BLOCKS.iter().find(|(opening, _)| text.starts_with(opening));
        if text.is_empty() || PREAMBLE.iter().any(|opening| text.starts_with(opening)) {
            is_open = false;
        } else if let Some((opening, end)) = block {
            comments.push(span);
            end_of_block = (!text[opening.len()..].contains(end)).then_some(*end);
            is_open = false;
        } else if text == "#" || LINES.iter().any(|opening| text.starts_with(opening)) {
            if is_open {
                extend(&mut comments, span)
            } else {
                comments.push(span)
            }
            is_open = true;
        } else {
            break;
        }
    }
    comments
}

fn extend(comments: &mut [ByteSpan], span: ByteSpan) {
    if let Some(last) = comments.last_mut() {
        last.end = span.end;
    }
}

#[cfg(test)]
mod tests {
    use flux_core::RepoPath;
    use flux_grammars::{Extractor, detect};

    use super::comment;

    #[track_caller]
    fn check(file: &str, source: &str, expected: &str) {
        let grammar = detect(&RepoPath::new(file), source).unwrap();
        let symbols = Extractor::new().extract(grammar, source).unwrap().symbols;
        assert_eq!(comment(source, &symbols).of(source).trim(), expected);
    }

    #[test]
    fn comments_and_doc_strings_above_all_code_are_found() {
        check(
            "a.py",
            "#!/bin/python\n\"\"\"Reads\n\nmail.\n\"\"\"\nimport a\n",
            "\"\"\"Reads\n\nmail.\n\"\"\"",
        );
        check("a.rs", "//! Reads.\n//! Mail.\n\nuse b;\n", "//! Reads.\n//! Mail.");
        check("a.js", "'use strict'\n\n/* Reads. */\n\nimport b from 'b'\n", "/* Reads. */");
        check("a.sh", "#!/bin/sh\n#\n# Reads.\n\nread a\n", "#\n# Reads.");
    }

    #[test]
    fn a_notice_is_passed_over() {
        check(
            "a.go",
            "// Copyright 2020.\n\n// Package a reads.\npackage a\n",
            "// Package a reads.",
        );
    }

    #[test]
    fn code_and_doc_comments_of_symbols_are_no_head() {
        check("a.c", "#include <a.h>\n/* Reads. */\nint a;\n", "");
        check("a.rs", "/// Reads.\nfn a() {\n}\n", "");
    }
}
