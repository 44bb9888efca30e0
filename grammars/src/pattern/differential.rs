//! Our matcher against tree-sitter's own, which stays the judge of what a pattern means.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use flux_core::RepoPath;
use tree_sitter::{Node, Parser, Query, QueryCursor, StreamingIterator};

use super::Matcher;
use crate::grammar::Grammar;

/// The pattern, and what it captured as name, kind, start and end.
type Match = (usize, Vec<(String, u16, usize, usize)>);

/// A query that compiles for tree-sitter is valid for editors and other tools too, and so are
/// its regular expressions. One test does both because that compilation is what takes long.
#[test]
fn every_query_compiles_and_gives_the_matches_of_tree_sitter() {
    let samples = samples();
    let check = &|grammars: &[&Grammar]| -> Vec<String> {
        grammars.iter().flat_map(|grammar| problems(grammar, &samples)).collect()
    };
    let (first, second) = crate::languages().split_at(crate::languages().len() / 2);
    let problems: Vec<String> = std::thread::scope(|scope| {
        let threads = [first, second].map(|half| scope.spawn(move || check(half)));
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn problems(grammar: &Grammar, samples: &[PathBuf]) -> Vec<String> {
    let query = match Query::new(&grammar.parser_language(), &grammar.sources.queries()) {
        Ok(query) => query,
        Err(error) => return vec![format!("{}: {error}", grammar.name())],
    };
    let mut problems = Vec::new();
    let mut count = 0;
    for path in samples {
        let text = fs::read_to_string(path).unwrap();
        let detected = crate::detect(&RepoPath::new(path.to_str().unwrap()), &text);
        if detected.is_some_and(|detected| detected.name() == grammar.name()) {
            count += compare(grammar, &query, &text, &mut problems);
        }
    }
    if count == 0 {
        problems.push(format!("{}: no sample matches anything", grammar.name()));
    }
    problems
}

fn samples() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/languages");
    let children = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    children(&root).iter().flat_map(|folder| children(folder)).collect()
}

/// Compares at every node that is a root; gives the number of matches.
fn compare(grammar: &Grammar, query: &Query, source: &str, differences: &mut Vec<String>) -> usize {
    let patterns = &grammar.compiled().unwrap().patterns;
    let mut parser = Parser::new();
    parser.set_language(&grammar.parser_language()).unwrap();
    let tree = parser.parse(source, None).unwrap();
    let mut matcher = Matcher::new(&tree);
    let mut queries = QueryCursor::new();
    queries.set_max_start_depth(Some(0));
    let kinds: BTreeSet<u16> = patterns.root_kinds().collect();
    let mut count = 0;
    let mut nodes = vec![tree.root_node()];
    while let Some(node) = nodes.pop() {
        nodes.extend(node.children(&mut node.walk()));
        if !kinds.contains(&node.kind_id()) {
            continue;
        }
        let mut ours: BTreeSet<Match> = BTreeSet::new();
        matcher.run(patterns, source, node, &mut |pattern, captured| {
            let captures = captured
                .iter()
                .map(|found| described(&patterns.captures[usize::from(found.capture)], found.node));
            ours.insert((pattern, captures.collect()));
        });
        let mut theirs: BTreeSet<Match> = BTreeSet::new();
        let mut matches = queries.matches(query, node, source.as_bytes());
        while let Some(found) = matches.next() {
            let names = query.capture_names();
            let captures = found
                .captures()
                .iter()
                .map(|capture| described(names[capture.index as usize], capture.node));
            theirs.insert((found.pattern_index, captures.collect()));
        }
        count += theirs.len();
        for found in ours.symmetric_difference(&theirs) {
            let whose = if ours.contains(found) { "only ours" } else { "only theirs" };
            differences.push(format!("{}: {whose}: {found:?}", grammar.name()));
        }
    }
    count
}

fn described(name: &str, node: Node<'_>) -> (String, u16, usize, usize) {
    (name.to_owned(), node.kind_id(), node.start_byte(), node.end_byte())
}
