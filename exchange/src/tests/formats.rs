//! Formats that are text. Ids of symbols are shown as their names.

use flux_core::{EdgeKind, FileClass, SymbolKind, Tier};

use super::tree::{File, Maker, Tree, shapes, target};
use crate::model::{self, NodeId};
use crate::{Format, Options, Scope, Source, Summary, neo4j_csv};

/// The text with `<name>` for each id, and what was counted.
fn export(tree: &Tree, format: Format, options: &Options) -> (String, Summary) {
    let (bytes, summary) = tree.export(format, options);
    (tree.source(|source| named(source, String::from_utf8(bytes).unwrap())), summary)
}

fn named(source: &Source<'_>, mut text: String) -> String {
    let options = Options::default();
    let scope = Scope::new(source, &options).unwrap();
    for file in scope.files() {
        for node in model::nodes(&scope, file.unwrap()).unwrap() {
            let NodeId::Definition(id) = node.id else { continue };
            let place = node.place.unwrap();
            let name = match node.kind {
                "module" => place.path,
                _ => place.qualified_name,
            };
            text = text.replace(&id.to_string(), &format!("<{name}>"));
        }
    }
    text
}

#[track_caller]
fn check(tree: &Tree, format: Format, options: &Options, expected: &str) {
    assert_eq!(export(tree, format, options).0, expected);
}

fn only(kinds: &[EdgeKind]) -> Options {
    Options { kinds: kinds.to_vec(), with_containment: false, ..Options::default() }
}

#[test]
fn lines_are_those_that_scorers_read() {
    let options = Options { with_tests: false, ..Options::default() };
    let (text, summary) = export(&shapes(), Format::RefsJsonl, &options);
    let expected = r#"{"kind":"def","path":"main.py","line":4,"name":"main"}
{"kind":"ref","path":"main.py","line":1,"col":5,"name":"shapes","def_path":"shapes.py","def_line":1,"tier":"exact"}
{"kind":"ref","path":"main.py","line":1,"col":19,"name":"Shape","def_path":"shapes.py","def_line":1,"tier":"exact"}
{"kind":"ref","path":"main.py","line":1,"col":26,"name":"helper","def_path":"shapes.py","def_line":7,"tier":"exact"}
{"kind":"ref","path":"main.py","line":4,"col":16,"name":"Shape","def_path":"shapes.py","def_line":1,"tier":"exact"}
{"kind":"ref","path":"main.py","line":5,"col":11,"name":"shape","def_path":"main.py","def_line":4,"tier":"exact"}
{"kind":"ref","path":"main.py","line":5,"col":17,"name":"area","def_path":"shapes.py","def_line":2,"tier":"likely"}
{"kind":"ref","path":"main.py","line":6,"col":21,"name":"size","def_path":"main.py","def_line":5,"tier":"exact"}
{"kind":"ref","path":"main.py","line":6,"col":28,"name":"helper","def_path":"shapes.py","def_line":7,"tier":"exact"}
{"kind":"ref","path":"main.py","line":6,"col":35,"name":"size","def_path":"main.py","def_line":5,"tier":"exact"}
{"kind":"call","caller_path":"main.py","caller_line":4,"callee_path":"shapes.py","callee_line":2,"tier":"likely"}
{"kind":"call","caller_path":"main.py","caller_line":4,"callee_path":"shapes.py","callee_line":4,"tier":"exact"}
{"kind":"call","caller_path":"main.py","caller_line":4,"callee_path":"shapes.py","callee_line":7,"tier":"exact"}
{"kind":"call","caller_path":"main.py","caller_line":4,"callee_path":"shapes.py","callee_line":5,"tier":"likely","virtual":1}
{"kind":"def","path":"shapes.py","line":1,"name":"Shape"}
{"kind":"def","path":"shapes.py","line":2,"name":"area"}
{"kind":"def","path":"shapes.py","line":4,"name":"Circle"}
{"kind":"def","path":"shapes.py","line":5,"name":"area"}
{"kind":"def","path":"shapes.py","line":7,"name":"helper"}
{"kind":"ref","path":"shapes.py","line":4,"col":13,"name":"Shape","def_path":"shapes.py","def_line":1,"tier":"exact"}
{"kind":"ref","path":"shapes.py","line":5,"col":27,"name":"helper","def_path":"shapes.py","def_line":7,"tier":"exact"}
{"kind":"ref","path":"shapes.py","line":7,"col":22,"name":"x","def_path":"shapes.py","def_line":7,"tier":"exact"}
{"kind":"call","caller_path":"shapes.py","caller_line":5,"callee_path":"shapes.py","callee_line":7,"tier":"exact"}
"#;
    assert_eq!(text, expected);
    assert_eq!(summary, Summary { files: 2, nodes: 6, edges: 17, unreadable: Vec::new() });
}

#[test]
fn a_call_at_the_level_of_the_module_has_line_0() {
    let (text, _) = export(&shapes(), Format::RefsJsonl, &Options::default());
    let last = text.lines().last().unwrap();
    assert_eq!(
        last,
        r#"{"kind":"call","caller_path":"test_main.py","caller_line":0,"callee_path":"main.py","callee_line":4,"tier":"exact"}"#
    );
}

#[test]
fn a_tier_that_is_less_sure_is_left_out() {
    let calls = |least_tier| {
        let options = Options { least_tier, ..Options::default() };
        let (text, _) = export(&shapes(), Format::RefsJsonl, &options);
        let is_at_dumps = |line: &&str| line.contains(r#""line":6,"col":9,"#);
        let at_dumps = text.lines().filter(is_at_dumps).count();
        (at_dumps, text.matches(r#""tier":"likely""#).count())
    };
    assert_eq!(calls(Tier::Exact), (0, 0));
    assert_eq!(calls(Tier::Likely), (0, 3));
    assert_eq!(calls(Tier::Name), (1, 3));
}

#[test]
fn graphml_has_typed_properties() {
    let options = Options { with_tests: false, ..only(&[EdgeKind::Inherits]) };
    let (text, summary) = export(&shapes(), Format::Graphml, &options);
    let node = r#"    <node id="<Circle>">
      <data key="name">Circle</data>
      <data key="kind">class</data>
      <data key="qualified_name">Circle</data>
      <data key="path">shapes.py</data>
      <data key="language">python</data>
      <data key="line">4</data>
      <data key="end_line">5</data>
      <data key="public">true</data>
      <data key="rank">0.25</data>
      <data key="community">7</data>
    </node>
"#;
    assert!(text.contains(node), "{text}");
    let end = r#"    <edge source="<Circle>" target="<Shape>">
      <data key="link">inherits</data>
      <data key="tier">exact</data>
      <data key="count">2</data>
      <data key="at_line">1</data>
    </edge>
  </graph>
</graphml>
"#;
    assert!(text.ends_with(end), "{text}");
    assert_eq!((summary.nodes, summary.edges), (8, 1));
}

#[test]
fn dot_draws_what_edges_touch() {
    let options = Options {
        with_tests: false,
        with_externals: true,
        ..only(&[EdgeKind::Calls, EdgeKind::Overrides])
    };
    let expected = r#"digraph "my tree" {
  rankdir=LR;
  node [shape=ellipse];
  subgraph "cluster_main.py" {
    label="main.py";
    "<main>" [label="main"];
  }
  subgraph "cluster_shapes.py" {
    label="shapes.py";
    "<Shape.area>" [label="Shape.area"];
    "<Circle>" [label="Circle" shape=box];
    "<Circle.area>" [label="Circle.area"];
    "<helper>" [label="helper"];
  }
  "package:stdlib" [label="stdlib" shape=box3d];
  "<main>" -> "<Shape.area>" [label=calls style=dashed];
  "<main>" -> "<Circle>" [label=calls];
  "<main>" -> "<helper>" [label=calls];
  "<main>" -> "package:stdlib" [label=calls];
  "<Circle.area>" -> "<Shape.area>" [label=overrides arrowhead=empty];
  "<Circle.area>" -> "<helper>" [label=calls];
}
"#;
    check(&shapes(), Format::Dot, &options, expected);
}

#[test]
fn a_script_makes_nodes_by_kind_and_then_edges() {
    let options = Options { with_tests: false, with_externals: true, ..only(&[EdgeKind::Imports]) };
    let (text, _) = export(&shapes(), Format::Cypher, &options);
    let start = "// To replace what an older script made, first run:
// MATCH (n:Symbol {project: 'my tree'}) DETACH DELETE n;
CREATE CONSTRAINT flux_symbol IF NOT EXISTS FOR (n:Symbol) REQUIRE n.id IS UNIQUE;
UNWIND [
{id: 'my tree:<Shape>', project: 'my tree', name: 'Shape', kind: 'class', qualified_name: 'Shape', path: 'shapes.py', language: 'python', line: 1, end_line: 2, public: true, rank: 0.25, community: 7},
{id: 'my tree:<Circle>', project: 'my tree', name: 'Circle', kind: 'class', qualified_name: 'Circle', path: 'shapes.py', language: 'python', line: 4, end_line: 5, public: true, rank: 0.25, community: 7}
] AS row MERGE (n:Symbol:Class {id: row.id}) SET n += row;
";
    assert!(text.starts_with(start), "{text}");
    let end = "UNWIND [
{id: 'my tree:package:stdlib', project: 'my tree', name: 'stdlib', kind: 'package'}
] AS row MERGE (n:Symbol:Package {id: row.id}) SET n += row;
UNWIND [
{from: 'my tree:<main.py>', to: 'my tree:<shapes.py>', tier: 'exact', count: 1, line: 1},
{from: 'my tree:<main.py>', to: 'my tree:<Shape>', tier: 'exact', count: 1, line: 1},
{from: 'my tree:<main.py>', to: 'my tree:<helper>', tier: 'exact', count: 1, line: 1},
{from: 'my tree:<main.py>', to: 'my tree:package:stdlib', tier: 'exact', count: 1, line: 2}
] AS row MATCH (a:Symbol {id: row.from}) MATCH (b:Symbol {id: row.to}) MERGE (a)-[r:IMPORTS]->(b) SET r.tier = row.tier, r.count = row.count, r.line = row.line;
";
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn csv_is_a_folder_that_neo4j_imports() {
    let folder = tempfile::tempdir().unwrap();
    let options =
        Options { with_tests: false, with_externals: true, ..only(&[EdgeKind::Inherits]) };
    let (nodes, relationships) = shapes().source(|source| {
        neo4j_csv::export(source, &options, &folder.path().join("new")).unwrap();
        let read = |name| std::fs::read_to_string(folder.path().join("new").join(name)).unwrap();
        (named(source, read(neo4j_csv::NODES)), named(source, read(neo4j_csv::RELATIONSHIPS)))
    });
    let start = r#"id:ID,project,name,kind,qualified_name,path,language,line:int,end_line:int,public:boolean,rank:double,community:int,:LABEL
"my tree:<main.py>","my tree","main",module,"main","main.py","python",1,6,true,0.25,7,Symbol;Module
"#;
    assert!(nodes.starts_with(start), "{nodes}");
    let expected = ":START_ID,:END_ID,tier,count:int,line:int,:TYPE
\"my tree:<Circle>\",\"my tree:<Shape>\",exact,2,1,INHERITS
";
    assert_eq!(relationships, expected);
}

#[test]
fn packages_are_nodes_without_places() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { with_externals: true, ..Options::default() };
    shapes().source(|source| neo4j_csv::export(source, &options, folder.path())).unwrap();
    let nodes = std::fs::read_to_string(folder.path().join(neo4j_csv::NODES)).unwrap();
    let last = nodes.lines().last().unwrap();
    assert_eq!(
        last,
        r#""my tree:package:stdlib","my tree","stdlib",package,,,,,,,,,Symbol;Package"#
    );
    let columns = nodes.lines().next().unwrap().split(',').count();
    assert_eq!(last.split(',').count(), columns);
}

#[test]
fn a_supertype_named_outside_a_type_is_a_mention() {
    const TEXT: &str = "class A\nclass B: A\n";
    let inherits = (EdgeKind::Inherits, Tier::Exact, 0);
    let graph = Maker::new(TEXT, "x")
        .define(SymbolKind::Class, "class A", "A", 0)
        .refer(": A", "A", inherits, target(0, 1))
        .finish();
    let class = FileClass::default();
    let tree = Tree::new(&[File { path: "x", text: TEXT, class, graph }]);
    let (text, _) = export(&tree, Format::Dot, &only(EdgeKind::ALL));
    assert!(text.contains("\"<x>\" -> \"<A>\" [label=references];"), "{text}");
}

#[test]
fn what_overrides_what_overrides_may_be_called() {
    const TEXT: &str = "a\nb\nc\nd";
    let related = |from, to| (target(0, from), target(0, to));
    let mut maker = Maker::new(TEXT, "x");
    for name in ["a", "b", "c"] {
        maker.define(SymbolKind::Method, name, name, 0);
    }
    for (from, to) in [related(2, 1), related(3, 2), related(1, 3)] {
        maker.relate(EdgeKind::Overrides, from, to);
    }
    maker.refer("d", "d", (EdgeKind::Calls, Tier::Exact, 0), target(0, 1));
    let class = FileClass::default();
    let file = File { path: "x", text: TEXT, class, graph: maker.finish() };
    let (text, summary) = export(&Tree::new(&[file]), Format::RefsJsonl, &Options::default());
    let found = text.lines().filter_map(|line| line.split_once(r#""callee_line":"#));
    let calls: Vec<&str> = found.map(|(_, rest)| rest.trim_end_matches('}')).collect();
    let expected = [
        r#"1,"tier":"exact""#,
        r#"2,"tier":"likely","virtual":1"#,
        r#"3,"tier":"likely","virtual":1"#,
    ];
    assert_eq!(calls, expected);
    assert_eq!(summary.edges, 4);
}

#[test]
fn equal_trees_give_equal_bytes() {
    for format in Format::ALL {
        let options = Options { with_externals: true, ..Options::default() };
        assert_eq!(shapes().export(*format, &options), shapes().export(*format, &options));
    }
}

#[test]
fn a_format_is_named_by_its_word() {
    for format in Format::ALL {
        assert_eq!(format.as_str().parse(), Ok(*format));
    }
    let error = "csv".parse::<Format>().unwrap_err();
    assert_eq!(error.to_string(), "no format is called `csv`");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let tree = shapes();
    let summary = tree.source(|source| {
        let gone = Source { texts: &|_| None, ..*source };
        crate::export(&gone, Format::Scip, &Options::default(), &mut Vec::new()).unwrap()
    });
    assert_eq!(summary.unreadable, ["main.py", "shapes.py", "test_main.py"]);
}

#[test]
fn a_stop_ends_the_export() {
    let tree = shapes();
    let result = tree.source(|source| {
        source.cancel.cancel();
        crate::export(source, Format::Dot, &Options::default(), &mut Vec::new())
    });
    assert_eq!(result.unwrap_err().to_string(), "the export was stopped");
}
