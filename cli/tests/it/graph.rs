//! `flux export` and `flux index --scip`: the symbol graph as other tools meet it.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Ran, Sandbox};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("shop/cart.py", "class Cart:\n    def total(self):\n        return 1\n");
    sandbox.write(
        "shop/main.py",
        "from shop.cart import Cart\n\n\ndef run(cart):\n    return Cart().total() + cart.total()\n",
    );
    sandbox
}

fn lines(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn references_are_exported_with_their_tier_and_calls_with_their_caller() {
    let ran = sandbox().run(&["export", "--quiet", "--format", "refs-jsonl"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let found = lines(&ran);
    let reference = json!({
        "kind": "ref", "path": "shop/main.py", "line": 5, "col": 11, "name": "Cart",
        "def_path": "shop/cart.py", "def_line": 1, "tier": "exact",
    });
    let call = json!({
        "kind": "call", "caller_path": "shop/main.py", "caller_line": 4,
        "callee_path": "shop/cart.py", "callee_line": 2, "tier": "likely",
    });
    assert!(found.contains(&reference), "{ran:?}");
    assert!(found.contains(&call), "{ran:?}");
    let unknown = |line: &&Value| line["line"] == 5 && line["col"] == 34 && line["kind"] == "ref";
    assert_eq!(found.iter().find(unknown), None, "nothing is known of the parameter `cart`");
}

#[test]
fn an_export_sees_what_changed_and_without_a_look_it_says_what_is_missing() {
    let sandbox = sandbox();
    sandbox.run(&["index", "--quiet", "--no-graph"]).check(0, "", "");
    let ran = sandbox.run(&["export", "--format", "dot", "--no-refresh"]);
    assert_eq!(ran.code, Some(70));
    assert_eq!(ran.stderr, "flux: the index holds no symbol graph\nhint: run `flux index`\n");
    sandbox.write("shop/later.py", "def later(): pass\n");
    let ran = sandbox.run(&["export", "--quiet", "--format", "refs-jsonl"]);
    assert!(ran.stdout.contains(r#""name":"later""#), "{ran:?}");
}

#[test]
fn references_of_a_scip_index_are_lifted_until_their_file_changes() {
    let sandbox = sandbox();
    let scip = sandbox.path("index.scip");
    let scip = scip.to_str().unwrap();
    sandbox.run(&["export", "--quiet", "--format", "scip", "--output", scip]).check(0, "", "");
    let tiers = || {
        let ran = sandbox.run(&["export", "--quiet", "--format", "refs-jsonl"]);
        let calls = lines(&ran).into_iter();
        let calls = calls.filter(|line| line["kind"] == "ref" && line["name"] == "total");
        calls.map(|line| line["tier"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(tiers(), ["likely"]);
    let ran = sandbox.run(&["index", "--scip", scip]);
    assert!(ran.stderr.contains("lifted "), "{ran:?}");
    assert_eq!(tiers(), ["exact"]);
    sandbox.index();
    assert_eq!(tiers(), ["exact"], "an unchanged file keeps what was lifted");
    let main = fs::read_to_string(sandbox.tree().join("shop/main.py")).unwrap();
    sandbox.write("shop/main.py", format!("# changed\n{main}"));
    assert_eq!(tiers(), ["likely"]);
    sandbox.verify();
}

#[test]
fn what_cannot_be_exported_or_imported_is_refused_with_a_hint() {
    let sandbox = sandbox();
    sandbox.write("not.scip", "no protobuf at all");
    for (arguments, code, said) in [
        (&["index", "--scip", "not.scip"][..], 2, "this is no SCIP index"),
        (&["index", "--scip", "gone.scip"], 2, "cannot read gone.scip"),
        (&["export", "--format", "neo4j-csv"], 2, "neo4j-csv writes two files"),
        (&["export", "--format", "bolt"], 2, "no database to push to"),
        (&["export", "--format", "bolt", "--to", "bolt+s://x"], 2, "bolt+s://x"),
        (&["export", "--format", "dot", "--output", "no/folder.dot"], 2, "cannot write"),
    ] {
        let ran = sandbox.run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{ran:?}");
        assert!(ran.stderr.contains(said) && ran.stderr.contains("\nhint: "), "{ran:?}");
    }
}

#[test]
fn every_format_writes_something() {
    let sandbox = sandbox();
    for format in ["refs-jsonl", "scip", "graphml", "dot", "cypher"] {
        let ran = sandbox.command(&["export", "--quiet", "--format", format]).output().unwrap();
        assert!(ran.status.success() && ran.stdout.len() > 100, "{format}");
    }
    let folder = sandbox.path("csv");
    let folder = folder.to_str().unwrap();
    sandbox
        .run(&["export", "--quiet", "--format", "neo4j-csv", "--output", folder])
        .check(0, "", "");
    let nodes = fs::read_to_string(sandbox.path("csv").join("nodes.csv")).unwrap();
    assert!(nodes.contains("Cart"), "{nodes}");
}
