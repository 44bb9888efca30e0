//! What extraction costs over the bare parse, for the files named as arguments.
//!
//! With `--tree` first it prints the syntax tree of each file instead, for writing queries.

#![expect(clippy::print_stdout, reason = "an example answers on the terminal")]

use std::time::{Duration, Instant};

use flux_core::RepoPath;
use flux_grammars::{Extractor, Grammar, detect};
use tree_sitter::{Parser, Tree};

fn main() {
    let mut paths: Vec<String> = std::env::args().skip(1).collect();
    let prints_trees = paths.first().is_some_and(|first| first == "--tree");
    if prints_trees {
        paths.remove(0);
    }
    let mut cost = Cost::default();
    let (mut parser, mut extractor) = (Parser::new(), Extractor::new());
    for path in &paths {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        let Some(grammar) = detect(&RepoPath::new(path.as_str()), &text) else { continue };
        if prints_trees {
            let tree = parse(&mut parser, grammar, &text).root_node().to_sexp();
            println!("{}", tree_sitter::format_sexp(&tree, 0));
        } else {
            cost.add(&mut parser, &mut extractor, grammar, &text);
        }
    }
    println!("{cost:#?}");
}

#[derive(Debug, Default)]
struct Cost {
    bytes: usize,
    nodes: usize,
    symbols: usize,
    mentions: usize,
    refused: usize,
    /// What the refused ones cost; they count nowhere else.
    refusal: Duration,
    /// Parsing, and letting go of the tree.
    parse: Duration,
    /// Visiting every node and doing nothing: the floor of any extraction.
    bare_walk: Duration,
    /// Parsing and extraction.
    extract: Duration,
}

impl Cost {
    fn add(
        &mut self,
        parser: &mut Parser,
        extractor: &mut Extractor,
        grammar: &Grammar,
        text: &str,
    ) {
        let started = Instant::now();
        let Ok(extracted) = extractor.extract(grammar, text) else {
            self.refused += 1;
            self.refusal += started.elapsed();
            return;
        };
        self.extract += started.elapsed();
        self.bytes += text.len();
        self.symbols += extracted.symbols.len();
        self.mentions += extracted.references.references.len();
        let started = Instant::now();
        let tree = parse(parser, grammar, text);
        self.parse += started.elapsed();
        let started = Instant::now();
        self.nodes += count_nodes(&tree);
        self.bare_walk += started.elapsed();
        let started = Instant::now();
        drop(tree);
        self.parse += started.elapsed();
    }
}

fn parse(parser: &mut Parser, grammar: &Grammar, text: &str) -> Tree {
    let language = grammar.parser_language();
    parser.set_language(&language).expect("the parser and its tables are of one version");
    parser.parse(text, None).expect("nothing stops this parse")
}

fn count_nodes(tree: &Tree) -> usize {
    let mut cursor = tree.walk();
    let mut count = 1;
    loop {
        if !cursor.goto_first_child() {
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return count;
                }
            }
        }
        count += 1;
    }
}
