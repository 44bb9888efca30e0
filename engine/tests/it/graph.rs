//! Questions to the graph: names as people type them, who refers to what, what a change touches.

use flux_engine::core::{Cancel, DefinitionRef};
use flux_engine::query::graph::{Direction, ImpactLimits, Named, Unsure};
use flux_engine::{ChangeKind, Graph, RefreshLimit, Snapshot, Workspace};
use flux_fixtures::world::World;

use crate::support::{fresh, index, workspace};

const SHOP: &str = r#"
//- /shop/__init__.py
from shop.order import Order
//- /shop/order.py
from shop.tax import vat

class Item:
    def price(self):
        return 1

class Book(Item):
    def price(self):
        return 2

class Order:
    def __init__(self, items: list[Item]):
        self.items = items

    def total(self) -> int:
        return sum(item.price() for item in self.items) + vat(3)

def checkout(order: Order):
    return order.total()

def _forgotten():
    return _forgotten()
//- /shop/tax.py
def vat(amount):
    return amount // 5

def guess(thing):
    return thing.total()
//- /tests/test_order.py
from shop import Order
from shop.order import checkout

def test_checkout():
    assert checkout(Order([])) == 0
"#;

struct Shop {
    world: World,
    workspace: Workspace,
    snapshot: Snapshot,
}

impl Shop {
    fn new(text: &str) -> Self {
        let world = World::new(text);
        let workspace = workspace(world.root(), world.beside("index"));
        index(&workspace);
        let snapshot = workspace.snapshot().unwrap();
        Self { world, workspace, snapshot }
    }

    fn graph(&self) -> Graph<'_> {
        self.workspace.graph(&self.snapshot).unwrap()
    }

    #[track_caller]
    fn one(&self, name: &str) -> Vec<DefinitionRef> {
        match self.graph().find(name).unwrap() {
            Named::One { definitions, .. } => definitions,
            other => panic!("{name} is {other:?}"),
        }
    }

    fn names(&self, definitions: impl IntoIterator<Item = DefinitionRef>) -> Vec<String> {
        let graph = self.graph();
        let name = |definition| graph.describe(definition).unwrap().qualified_name;
        definitions.into_iter().map(name).collect()
    }
}

#[track_caller]
fn check_name(typed: &str, expected: &str) {
    let shop = Shop::new(SHOP);
    let found = shop.one(typed);
    assert_eq!(shop.names(found)[0], expected, "{typed}");
}

#[test]
fn a_symbol_is_found_by_its_name_in_any_notation() {
    check_name("Order.total", "Order.total");
    check_name("shop.order.Order.total", "Order.total");
    check_name("shop.Order", "Order");
    check_name("order::checkout", "checkout");
    check_name("checkout()", "checkout");
    check_name("CHECKOUT", "checkout");
}

#[test]
fn a_symbol_is_found_by_its_place() {
    check_name("shop/order.py:15", "Order.total");
    check_name("shop/order.py:16", "Order.total");
    check_name("order.py:19:18", "Order.total");
    check_name("shop/order.py", "shop/order.py");
}

#[test]
fn a_symbol_is_found_by_its_id() {
    let shop = Shop::new(SHOP);
    let found = shop.one("checkout");
    let id = shop.graph().describe(found[0]).unwrap().id.to_string();
    assert_eq!(shop.one(&id), found);
}

#[test]
fn an_ambiguous_name_lists_its_candidates() {
    let shop = Shop::new(SHOP);
    let Named::Many(found) = shop.graph().find("price").unwrap() else { panic!("not ambiguous") };
    let mut names = shop.names(found);
    names.sort();
    assert_eq!(names, ["Book.price", "Item.price"]);
}

#[test]
fn a_name_that_nothing_has_suggests_close_ones() {
    let shop = Shop::new(SHOP);
    assert_eq!(shop.graph().find("chekout").unwrap(), Named::Nothing(vec!["checkout".to_owned()]));
}

#[test]
fn references_come_with_what_could_not_be_resolved() {
    let shop = Shop::new(SHOP);
    let sites = shop.graph().references(&shop.one("Order.total")).unwrap();
    let places: Vec<(&str, u32)> =
        sites.all().map(|site| (site.path.as_str(), site.line)).collect();
    assert_eq!(places, [("shop/order.py", 19)]);
    let mentions = sites.completeness.mentions.unwrap();
    let unresolved: Vec<(&str, u32)> =
        mentions.unresolved.iter().map(|found| (found.path.as_str(), found.line)).collect();
    assert_eq!(unresolved, [("shop/tax.py", 5)]);
}

#[test]
fn a_call_through_a_supertype_is_a_likely_call_of_what_overrides() {
    let shop = Shop::new(SHOP);
    let calls = shop.graph().callers(&shop.one("Book.price")).unwrap();
    let callers = shop.names(calls.callers.iter().map(|caller| caller.definition));
    assert_eq!(callers, ["Order.total"]);
    let through = calls.callers[0].sites[0].through.unwrap();
    assert_eq!(shop.names([through]), ["Item.price"]);
    assert_eq!((calls.completeness.certain, calls.completeness.likely), (0, 1));
}

#[test]
fn a_path_leads_over_calls() {
    let shop = Shop::new(SHOP);
    let steps = shop.graph().path(&shop.one("test_checkout"), &shop.one("vat")).unwrap();
    let names = shop.names(steps.iter().map(|step| step.definition));
    assert_eq!(names, ["test_checkout", "checkout", "Order.total", "vat"]);
    assert_eq!(steps[0].site.as_ref().map(|site| site.line), Some(5));
    assert!(shop.graph().path(&shop.one("vat"), &shop.one("checkout")).unwrap().is_empty());
}

#[test]
fn a_hierarchy_has_two_directions() {
    let shop = Shop::new(SHOP);
    let below = shop.graph().relatives(&shop.one("Item"), Direction::Down).unwrap();
    assert_eq!(shop.names(below.iter().map(|found| found.definition)), ["Book"]);
    let above = shop.graph().relatives(&shop.one("Book.price"), Direction::Up).unwrap();
    assert_eq!(shop.names(above.iter().map(|found| found.definition)), ["Item.price"]);
}

#[track_caller]
fn check_impact(name: &str, depth: usize, expected: &[(&str, usize)]) {
    let shop = Shop::new(SHOP);
    let limits = ImpactLimits { depth, ..ImpactLimits::default() };
    let impact = shop.graph().impact(&shop.one(name), limits).unwrap();
    let mut found: Vec<(String, usize)> = impact
        .touched
        .iter()
        .map(|touched| (shop.names([touched.definition]).remove(0), touched.depth))
        .collect();
    found.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    let found: Vec<(&str, usize)> = found.iter().map(|(name, depth)| (&**name, *depth)).collect();
    assert_eq!(found, expected, "impact of {name}");
}

#[test]
fn impact_follows_callers_up_to_the_tests() {
    check_impact(
        "vat",
        4,
        &[("Order.total", 1), ("shop/order.py", 1), ("checkout", 2), ("test_checkout", 3)],
    );
    check_impact("vat", 1, &[("Order.total", 1), ("shop/order.py", 1)]);
}

#[test]
fn impact_of_a_member_reaches_what_overrides_it_and_who_calls_it() {
    check_impact("Item.price", 1, &[("Book.price", 1), ("Order.total", 1)]);
}

#[test]
fn impact_knows_the_tests_and_the_way_to_them() {
    let shop = Shop::new(SHOP);
    let limits = ImpactLimits { depth: 4, ..ImpactLimits::default() };
    let impact = shop.graph().impact(&shop.one("vat"), limits).unwrap();
    let tests = impact.tests();
    assert_eq!(shop.names(tests.iter().map(|test| test.definition)), ["test_checkout"]);
    let way = impact.ways().to(tests[0].definition);
    let way = shop.names(way.iter().map(|step| step.definition));
    assert_eq!(way, ["Order.total", "checkout", "test_checkout"]);
}

#[test]
fn imports_are_known_from_both_ends() {
    let shop = Shop::new(SHOP);
    let file = shop.graph().file("shop/order.py").unwrap();
    let imports = shop.graph().imports(file).unwrap();
    let inside: Vec<_> = imports.inside.iter().map(|file| file.path.as_str()).collect();
    let by: Vec<_> = imports.imported_by.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(inside, ["shop/tax.py"]);
    assert_eq!(by, ["shop/__init__.py", "tests/test_order.py"]);
}

#[test]
fn files_that_import_each_other_are_a_cycle() {
    let shop = Shop::new(
        "//- /a.py\nimport b\n//- /b.py\nimport c\n//- /c.py\nimport a\n//- /d.py\nimport a\n",
    );
    let cycles = shop.graph().cycles().unwrap();
    assert_eq!((cycles.len(), cycles[0].files), (1, 3));
    let links: Vec<_> = cycles[0].links.iter().map(|link| link.path.as_str()).collect();
    assert_eq!(links, ["a.py", "b.py", "c.py"]);
}

#[test]
fn only_what_nothing_mentions_is_reported_as_unused() {
    let shop = Shop::new(
        r#"
//- /app.py
import ast

def _called(): pass
def _never(): return _never()
def _by_string(): pass
def _run_fast(): pass
def _bare(): pass
def exported(): pass

@register
def _decorated(): pass

class _Visitor(ast.NodeVisitor):
    def _visit_Name(self, node): pass

_called()
getattr(app, "_by_string")
getattr(app, f"_run_{speed}")
__all__ = ["bare"]
_Visitor()
"#,
    );
    let report = shop.graph().unused().unwrap();
    assert_eq!(shop.names(report.findings.iter().map(|found| found.definition)), ["_never"]);
    let unsure: Vec<(String, Unsure)> = report
        .unsure
        .iter()
        .map(|found| (shop.names([found.definition]).remove(0), found.unsure.unwrap()))
        .collect();
    let expected = [
        ("_by_string", Unsure::Mentioned),
        ("_run_fast", Unsure::Mentioned),
        ("_bare", Unsure::Mentioned),
        ("exported", Unsure::Exported),
        ("_decorated", Unsure::Decorated),
        ("_Visitor._visit_Name", Unsure::Framework),
    ];
    assert_eq!(unsure, expected.map(|(name, reason)| (name.to_owned(), reason)));
}

#[test]
fn a_diff_is_told_by_symbols() {
    let mut shop = Shop::new(SHOP);
    shop.world.git_init();
    shop.world.git_commit_all("first");
    shop.world.write("shop/tax.py", "\n\ndef vat(amount, rate=5):\n    return amount // rate\n");
    index(&shop.workspace);
    shop.snapshot = shop.workspace.snapshot().unwrap();
    let changes = shop.workspace.changes_since(&shop.snapshot, "HEAD").unwrap();
    let found: Vec<(&str, ChangeKind)> =
        changes.iter().map(|change| (change.qualified_name.as_str(), change.change)).collect();
    assert_eq!(found, [("vat", ChangeKind::Signature), ("guess", ChangeKind::Removed)]);
    assert_eq!(changes[0].definition, Some(shop.one("vat")[0]));
}

#[test]
fn a_revision_that_git_does_not_know_is_refused() {
    let shop = Shop::new(SHOP);
    shop.world.git_init();
    shop.world.git_commit_all("first");
    let error = shop.workspace.changes_since(&shop.snapshot, "nonsense").unwrap_err();
    assert!(error.is_usage() && error.to_string().contains("nonsense"), "{error}");
    assert!(shop.workspace.changes_since(&shop.snapshot, "--output=x").is_err());
}

#[test]
fn a_graph_is_right_again_after_an_edit_that_a_search_saw_first() {
    let shop = Shop::new(SHOP);
    shop.world.write("shop/extra.py", "from shop.order import checkout\n\ncheckout(None)\n");
    assert!(fresh(&shop.workspace).0.graph().is_none());
    let (snapshot, _) =
        shop.workspace.graph_snapshot(RefreshLimit::A_SECOND, &Cancel::default()).unwrap();
    let graph = shop.workspace.graph(&snapshot).unwrap();
    let sites = graph.references(&match graph.find("checkout").unwrap() {
        Named::One { definitions, .. } => definitions,
        other => panic!("{other:?}"),
    });
    let paths: Vec<String> = sites.unwrap().all().map(|site| site.path.to_string()).collect();
    assert!(paths.contains(&"shop/extra.py".to_owned()), "{paths:?}");
}
