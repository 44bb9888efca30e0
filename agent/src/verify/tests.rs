//! Changes on small trees with an index, and what is found out about them.

use flux_core::{Cancel, NoProgress};
use flux_engine::{IndexOptions, Location, RefreshLimit, Snapshot, Workspace};
use flux_fixtures::world::World;

use super::changes::changes;
use super::{Finding, Made, Verification};
use crate::edit::apply::files::Disk;
use crate::edit::{
    About, Accept, CheckCommand, Checked, EditPlan, EditScript, Format, Indexed, Journal, Kind,
    NoReferences, Receipt,
};
use crate::policy::{CommandPolicy, Mode};
use crate::tools::bench::Parts;
use crate::tools::unknowing::Unknowing;
use crate::tools::{Asked, Bench, Checks, Limits};

const FILES: &str = "\
//- /a.py
def add(a, b):
    return a + b


def other():
    return 1
//- /b.py
from a import add


def twice(x):
    return add(x, x)
//- /tests/test_b.py
from b import twice


def test_twice():
    assert twice(1) == 2
//- /check.sh
grep -q 'return a + b' a.py || { echo 'error: add is wrong'; exit 1; }
";

/// A tree with an index, and a test command that needs no Python.
struct Tried {
    world: World,
    workspace: Workspace,
}

impl Tried {
    fn new() -> Self {
        let world = World::new(FILES);
        let index = world.beside("index");
        let workspace = Workspace::new(Location::of(world.root(), &index, Some(&index)).unwrap());
        let patience = std::time::Duration::from_secs(5);
        let options = IndexOptions { rebuild: false, patience, graph: true, stated: None };
        workspace.index(&options, &NoProgress, &Cancel::default()).unwrap();
        Self { world, workspace }
    }

    fn bench(&self, mode: Mode, test: &[&str]) -> Bench<'_> {
        let checks = Checks { check: None, test: Some(CheckCommand::new(test)), fix: None };
        let parts = Parts {
            workspace: &self.workspace,
            knowledge: &Unknowing,
            mode,
            commands: CommandPolicy::default(),
            readable: Vec::new(),
            temporary: self.world.beside("tmp"),
            network: false,
            checks,
            hidden: Vec::new(),
            cancel: Cancel::default(),
        };
        Bench::new(parts, Limits { result: 2000, turn: 8000 })
    }

    fn snapshot(&self) -> Snapshot {
        self.workspace.graph_snapshot(RefreshLimit::A_SECOND, &Cancel::default()).unwrap().0
    }

    /// Applies an edit without the checks that a model's edits go through.
    fn edit(&self, script: &str) -> Receipt {
        let tree = Indexed { workspace: &self.workspace, snapshot: None }.tree();
        let script = EditScript::parse(script, Some(Format::SearchReplace)).unwrap();
        let plan = EditPlan::of_script(&tree, &script, &crate::edit::NoSymbols).unwrap();
        let checked = Checked::check(plan, &NoReferences("test".to_owned()), Accept::ALL).unwrap();
        let journal = Journal::open(&tree, &Disk, std::time::Duration::from_secs(5)).unwrap();
        let now = std::time::SystemTime::now();
        journal.apply(&checked, &About { kind: Kind::Edit, title: "t".to_owned(), now }).unwrap()
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.world.path(path)).unwrap()
    }
}

const TEST: [&str; 2] = ["sh", "check.sh"];

fn block(path: &str, old: &str, new: &str) -> String {
    format!("{path}\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n")
}

fn verified(bench: &Bench<'_>, before: &Snapshot, receipts: &[Receipt]) -> Verification {
    let made = Made { receipts, before: Some(before), is_tested: false };
    Verification::of(bench, &made, &mut |_: &Asked| false, &mut |_| {})
}

#[test]
fn a_change_that_breaks_nothing_holds_and_says_what_was_looked_at() {
    let tried = Tried::new();
    let before = tried.snapshot();
    let receipt = tried.edit(&block("a.py", "    return a + b", "    # sum\n    return a + b"));
    let bench = tried.bench(Mode::Auto, &TEST);
    let found = verified(&bench, &before, &[receipt]);
    assert!(found.holds(), "{found:?}");
    assert_eq!(found.looked, ["syntax", "references", "`sh check.sh`"]);
    assert_eq!(found.touched.iter().collect::<Vec<_>>(), ["a.py"]);
    assert!(found.tests.contains("tests/test_b.py"), "{found:?}");
}

#[test]
fn a_test_that_failed_before_is_not_the_changes_fault() {
    let tried = Tried::new();
    let bench = tried.bench(Mode::Auto, &TEST);
    let first = tried.edit(&block("a.py", "    return a + b", "    return b + a"));
    let before = tried.snapshot();
    let broken = verified(&bench, &before, std::slice::from_ref(&first));
    let [Finding::Failed { output, .. }] = &broken.findings[..] else { panic!("{broken:?}") };
    assert!(output.contains("add is wrong"), "{output}");
    assert!(tried.read("a.py").contains("return b + a"), "what was looked at is there again");
    let second = tried.edit(&block("a.py", "    return 1", "    return 2"));
    let found = verified(&bench, &before, &[second]);
    assert!(found.holds(), "{found:?}");
    assert!(
        found.unseen[0].contains("fails as it did before the change: error: add is wrong"),
        "{found:?}"
    );
}

#[test]
fn what_is_gone_and_still_used_is_found_across_files() {
    let tried = Tried::new();
    let before = tried.snapshot();
    let receipts = [tried.edit(&block("a.py", "def add(a, b):", "def plus(a, b):"))];
    let bench = tried.bench(Mode::Auto, &TEST);
    let found = verified(&bench, &before, &receipts);
    let [Finding::Dangling { name, places }] = &found.findings[..] else { panic!("{found:?}") };
    assert_eq!(name, "add");
    assert!(places.iter().all(|place| place.starts_with("b.py:")), "{places:?}");
    assert!(found.unseen.iter().any(|what| what.contains("not run")), "{found:?}");
    // Once the users follow there is nothing left to say.
    let mended = tried.edit(&format!(
        "{}\n{}",
        block("b.py", "from a import add", "from a import plus"),
        block("b.py", "    return add(x, x)", "    return plus(x, x)")
    ));
    let [first] = receipts;
    let found = verified(&bench, &before, &[first, mended]);
    assert!(found.holds(), "{found:?}");
}

#[test]
fn nothing_is_run_where_it_is_not_allowed() {
    let tried = Tried::new();
    let before = tried.snapshot();
    let receipt = tried.edit(&block("a.py", "    return a + b", "    return b + a"));
    for mode in [Mode::Ask, Mode::ReadOnly] {
        let bench = tried.bench(mode, &TEST);
        let found = verified(&bench, &before, std::slice::from_ref(&receipt));
        assert!(found.holds() && found.unseen[0].contains("sh check.sh"), "{found:?}");
    }
}

#[test]
fn runners_are_given_the_tests_that_matter() {
    let tried = Tried::new();
    let tree = Indexed { workspace: &tried.workspace, snapshot: None }.tree();
    let before = tried.snapshot();
    let receipt = tried.edit(&block("a.py", "    return a + b", "    return b + a"));
    let changes = changes(&tree, &[receipt]).unwrap();
    let after = tried.snapshot();
    let words = |test: &[&str]| -> Vec<String> {
        let bench = tried.bench(Mode::Auto, test);
        let affected = super::affected(&bench, &changes, Some((&before, &after)));
        affected.commands.iter().map(CheckCommand::shown).collect()
    };
    assert_eq!(words(&["python3", "-m", "pytest", "-q"]), ["python3 -m pytest -q tests/test_b.py"]);
    assert_eq!(words(&["go", "test", "./..."]), ["go test ./..."]);
    assert_eq!(words(&["cargo", "test"]), ["cargo test"]);
    assert_eq!(words(&["npm", "test"]), ["npm test"]);
    let receipt = tried.edit(&block("a.py", "    return 1", "    return 2"));
    let untested = super::changes::changes(&tree, &[receipt]).unwrap();
    let bench = tried.bench(Mode::Auto, &["pytest"]);
    let affected = super::affected(&bench, &untested, Some((&after, &tried.snapshot())));
    assert!(affected.commands.is_empty() && affected.none.contains("none reaches"), "{affected:?}");
}

#[test]
fn several_edits_of_a_file_are_one_change() {
    let tried = Tried::new();
    let tree = Indexed { workspace: &tried.workspace, snapshot: None }.tree();
    let first = tried.edit(&block("a.py", "    return 1", "    return 2"));
    let second = tried.edit(&block("a.py", "    return 2", "    return 3"));
    let all = changes(&tree, &[first, second]).unwrap();
    let [change] = &all[..] else { panic!("{all:?}") };
    assert!(change.before.as_deref().unwrap().contains("return 1"));
    assert!(change.after.as_deref().unwrap().contains("return 3"));
}

#[test]
fn a_look_leaves_no_trace_and_one_that_was_killed_is_put_right() {
    let tried = Tried::new();
    let bench = tried.bench(Mode::Auto, &TEST);
    let receipts = [
        tried.edit(&block("a.py", "    return a + b", "    return b + a")),
        tried.edit(&block("a.py", "    return 1", "    return 2")),
    ];
    let changed = tried.read("a.py");
    let numbers = |tried: &Tried| -> Vec<u64> {
        let tree = Indexed { workspace: &tried.workspace, snapshot: None }.tree();
        let journal = Journal::open(&tree, &Disk, std::time::Duration::from_secs(5)).unwrap();
        journal.receipts().unwrap().iter().map(|receipt| receipt.id).collect()
    };
    let seen = super::back::without(&bench, &receipts, || tried.read("a.py")).unwrap();
    assert!(seen.contains("return a + b") && seen.contains("return 1"), "{seen}");
    assert_eq!((tried.read("a.py"), numbers(&tried)), (changed.clone(), vec![1, 2]));
    // A panic stands for the kill: nothing after it is done.
    let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        super::back::without(&bench, &receipts, || panic!("a test of kills"))
    }));
    assert!(killed.is_err() && tried.read("a.py").contains("return a + b"));
    assert_eq!(super::back::restore(&bench), Ok(vec![1, 2]));
    assert_eq!(tried.read("a.py"), changed);
    assert_eq!(super::back::restore(&bench), Ok(Vec::new()));
}

#[test]
fn a_failure_is_not_excused_where_the_change_cannot_be_taken_back_for_a_look() {
    let tried = Tried::new();
    let before = tried.snapshot();
    let receipt = tried.edit(&block("a.py", "    return a + b", "    return b + a"));
    let text = tried.read("a.py").replace("    return b + a", "    return b+a");
    std::fs::write(tried.world.path("a.py"), text).unwrap();
    let bench = tried.bench(Mode::Auto, &TEST);
    let found = verified(&bench, &before, &[receipt]);
    let [Finding::Failed { how, .. }] = &found.findings[..] else { panic!("{found:?}") };
    assert!(how.contains("cannot be taken back"), "{how}");
}

#[test]
fn without_a_graph_all_tests_are_run() {
    let tried = Tried::new();
    let receipt = tried.edit(&block("a.py", "    return 1", "    return 2"));
    let bench = tried.bench(Mode::Auto, &["pytest"]);
    let tree = bench.tree.clone();
    let affected = super::affected(&bench, &changes(&tree, &[receipt]).unwrap(), None);
    assert_eq!(affected.commands.iter().map(CheckCommand::shown).collect::<Vec<_>>(), ["pytest"]);
}

#[test]
fn what_changes_outside_of_definitions_matters_to_the_whole_file() {
    let tried = Tried::new();
    let before = tried.snapshot();
    let receipt = tried.edit(&block("a.py", "def add(a, b):", "import os\n\n\ndef add(a, b):"));
    let bench = tried.bench(Mode::Auto, &["pytest"]);
    let all = changes(&bench.tree, &[receipt]).unwrap();
    let affected = super::affected(&bench, &all, Some((&before, &tried.snapshot())));
    assert!(affected.files.contains("tests/test_b.py"), "{affected:?}");
}
