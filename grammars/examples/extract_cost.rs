//! What extraction costs over the bare parse, for the files named as arguments.

#![expect(clippy::print_stdout, reason = "an example answers on the terminal")]

use std::time::{Duration, Instant};

use flux_core::RepoPath;
use flux_grammars::{Extractor, detect};

const TREE_ARGUMENT: &str = "--tree";

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == TREE_ARGUMENT) {
        arguments.remove(0);
        return print_trees(&arguments);
    }
    let mut parser = tree_sitter::Parser::new();
    let mut extractor = Extractor::new();
    let mut parse = Duration::ZERO;
    let mut extract = Duration::ZERO;
    let (mut bytes, mut symbols, mut mentions, mut refused) = (0, 0, 0, 0);
    for path in &arguments {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        let Some(grammar) = detect(&RepoPath::new(path.as_str()), &text) else { continue };
        bytes += text.len();
        let language = grammar.parser_language();
        let started = Instant::now();
        parser.set_language(&language).expect("the parser and its tables are of one version");
        let tree = parser.parse(&text, None);
        parse += started.elapsed();
        drop(tree);
        let started = Instant::now();
        let extracted = extractor.extract(grammar, &text);
        extract += started.elapsed();
        match extracted {
            Ok(extracted) => {
                symbols += extracted.symbols.len();
                mentions += extracted.references.references.len();
            }
            Err(error) => {
                refused += 1;
                println!("{path}: {error}");
            }
        }
    }
    let ratio = extract.as_secs_f64() / parse.as_secs_f64() - 1.0;
    println!("{bytes} bytes, {symbols} symbols, {mentions} mentions, {refused} refused");
    println!("parse {parse:?}, parse and extract {extract:?}, extraction over parse {ratio:.2}");
}

/// Prints the syntax tree of each file, for writing queries.
fn print_trees(paths: &[String]) {
    let mut parser = tree_sitter::Parser::new();
    for path in paths {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        let Some(grammar) = detect(&RepoPath::new(path.as_str()), &text) else { continue };
        let language = grammar.parser_language();
        parser.set_language(&language).expect("the parser and its tables are of one version");
        if let Some(tree) = parser.parse(&text, None) {
            println!("{}", tree_sitter::format_sexp(&tree.root_node().to_sexp(), 0));
        }
    }
}
