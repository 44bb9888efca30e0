//! SCIP indexes of our own: their symbols, and the references that are read back from them.

use flux_core::{FileClass, SymbolKind, Tier};
use protobuf::Message;
use scip::types::{Document, Index, PositionEncoding, SymbolRole};

use super::tree::{File, Maker, Tree, shapes, target};
use crate::scip::read;
use crate::{Format, Options};
use flux_core::stated::StatedTarget;

fn index(tree: &Tree, options: &Options) -> Index {
    Index::parse_from_bytes(&tree.export(Format::Scip, options).0).unwrap()
}

/// Occurrences of a document as `range symbol roles`.
fn shown(document: &Document) -> Vec<String> {
    let occurrences = document.occurrences.iter();
    let line = |o: &scip::types::Occurrence| {
        let symbol = o.symbol.trim_start_matches("flux . my  tree . ");
        format!("{:?} {symbol} {}", o.range, o.symbol_roles)
    };
    occurrences.map(line).collect()
}

#[test]
fn a_document_lists_definitions_references_and_locals() {
    let index = index(&shapes(), &Options::default());
    let document = &index.documents[0];
    assert_eq!((&*document.relative_path, &*document.language), ("main.py", "Python"));
    let encoding = document.position_encoding.enum_value().unwrap();
    assert_eq!(encoding, PositionEncoding::UTF8CodeUnitOffsetFromLineStart);
    let expected = [
        "[0, 0, 0] `main.py`/ 1",
        "[0, 5, 11] `shapes.py`/ 2",
        "[0, 19, 24] `shapes.py`/Shape# 2",
        "[0, 26, 32] `shapes.py`/helper(). 2",
        "[1, 7, 11] flux . stdlib . json: 2",
        "[3, 4, 8] `main.py`/main(). 1",
        "[3, 9, 14] local 0 1",
        "[3, 16, 21] `shapes.py`/Shape# 0",
        "[4, 4, 8] local 1 1",
        "[4, 11, 16] local 0 0",
        "[4, 17, 21] `shapes.py`/Shape#area(). 0",
        "[5, 4, 8] flux . stdlib . json: 0",
        "[5, 9, 14] flux . stdlib . dumps: 0",
        "[5, 21, 25] local 1 0",
        "[5, 28, 34] `shapes.py`/helper(). 0",
        "[5, 35, 39] local 1 0",
    ];
    assert_eq!(shown(document), expected);
    let names: Vec<&str> = document.symbols.iter().map(|found| &*found.display_name).collect();
    assert_eq!(names, ["main", "main", "shape", "size"]);
    let function = &document.occurrences[5];
    assert_eq!(function.enclosing_range, [3, 0, 5, 40]);
    let externals: Vec<&str> =
        index.external_symbols.iter().map(|found| &*found.display_name).collect();
    assert_eq!(externals, ["dumps", "json"]);
}

#[test]
fn what_overrides_a_method_says_so() {
    let index = index(&shapes(), &Options::default());
    let related: Vec<_> = index.documents[1]
        .symbols
        .iter()
        .flat_map(|found| found.relationships.iter().map(|to| (&*found.display_name, to)))
        .map(|(from, to)| (from, &*to.symbol, to.is_implementation, to.is_reference))
        .collect();
    let expected = [
        ("Circle", "flux . my  tree . `shapes.py`/Shape#", true, false),
        ("area", "flux . my  tree . `shapes.py`/Shape#area().", true, true),
    ];
    assert_eq!(related, expected);
}

#[test]
fn a_tree_without_its_tests_refers_to_none_of_them() {
    let options = Options { with_tests: false, ..Options::default() };
    let index = index(&shapes(), &options);
    let paths: Vec<&str> = index.documents.iter().map(|d| &*d.relative_path).collect();
    assert_eq!(paths, ["main.py", "shapes.py"]);
}

/// Definitions whose names fight with the grammar of symbols, and several of the same name.
fn nasty() -> Tree {
    const TEXT: &str = "a`b / c#\nrun run run\nKey Key\n";
    let graph = Maker::new(TEXT, "odd")
        .define(SymbolKind::Test, "a`b / c#", "a`b / c#", 0)
        .define(SymbolKind::Function, "run", "run", 0)
        .define(SymbolKind::Function, "run run", "run", 0)
        .define(SymbolKind::Class, "Key", "Key", 0)
        .define(SymbolKind::Class, "Key Key", "Key", 0)
        .define(SymbolKind::Method, "run run run", "", 5)
        .refer("b / c", "b", (flux_core::EdgeKind::Calls, Tier::Exact, 2), target(0, 5))
        .finish();
    let class = FileClass::default();
    Tree::new(&[File { path: "an odd/place.x/`y`.py", text: TEXT, class, graph }])
}

#[test]
fn symbols_are_distinct_and_follow_the_grammar() {
    let index = index(&nasty(), &Options::default());
    let found = index.documents[0].symbols.iter();
    let symbols: Vec<&str> = found.map(|found| &*found.symbol).collect();
    let prefix = "flux . my  tree . `an odd`/`place.x`/```y``.py`/";
    let suffixes: Vec<&str> =
        symbols.iter().map(|symbol| symbol.strip_prefix(prefix).unwrap()).collect();
    let expected = ["", "`a``b / c#`().", "run().", "run(+1).", "Key#", "Key+1#", "Key+1#_()."];
    assert_eq!(suffixes, expected);
    for symbol in symbols {
        let parsed = scip::symbol::parse_symbol(symbol).unwrap();
        assert_eq!(parsed.package.name, "my tree");
        assert!(!parsed.descriptors.last().unwrap().name.is_empty());
    }
}

#[test]
fn references_survive_the_way_out_and_back() {
    let tree = shapes();
    let (bytes, _) = tree.export(Format::Scip, &Options::default());
    let stated = read(&bytes, &|_| None).unwrap();
    assert_eq!((&*stated.tool, stated.unreadable.len()), ("flux", 0));
    let shown: Vec<String> = stated
        .references
        .iter()
        .filter(|found| &*found.path != "test_main.py")
        .map(|found| {
            let target = match &found.target {
                StatedTarget::Definition { path, line, column } => {
                    format!("{path}:{line}:{column}")
                }
                StatedTarget::External { package } => format!("package {package}"),
            };
            let text = tree.text(&found.path).unwrap();
            let line = text.lines().nth(found.span.line as usize - 1).unwrap();
            let name = &line[found.span.column as usize..found.span.end_column as usize];
            format!("{}:{} {name} -> {target}", found.path, found.span.line)
        })
        .collect();
    let expected = [
        "main.py:1 shapes -> shapes.py:1:0",
        "main.py:1 Shape -> shapes.py:1:6",
        "main.py:1 helper -> shapes.py:7:4",
        "main.py:2 json -> package stdlib",
        "main.py:4 Shape -> shapes.py:1:6",
        "main.py:5 shape -> main.py:4:9",
        "main.py:5 area -> shapes.py:2:8",
        "main.py:6 json -> package stdlib",
        "main.py:6 dumps -> package stdlib",
        "main.py:6 size -> main.py:5:4",
        "main.py:6 helper -> shapes.py:7:4",
        "main.py:6 size -> main.py:5:4",
        "shapes.py:4 Shape -> shapes.py:1:6",
        "shapes.py:5 helper -> shapes.py:7:4",
        "shapes.py:7 x -> shapes.py:7:11",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn a_definition_is_marked_as_one() {
    let index = index(&shapes(), &Options::default());
    let documents = index.documents.iter();
    let marked = |o: &&scip::types::Occurrence| o.symbol_roles & SymbolRole::Definition as i32 != 0;
    let count = documents.flat_map(|d| &d.occurrences).filter(marked).count();
    // Nine definitions and three local variables.
    assert_eq!(count, 12);
}
