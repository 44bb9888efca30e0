//! Incremental equals full: whatever happened to a tree, its index answers as a new one would.

use std::collections::BTreeMap;
use std::time::Duration;

use flux_engine::core::{Cancel, DefinitionIndex, DefinitionRef, NoProgress};
use flux_engine::{Snapshot, Workspace};
use flux_fixtures::world::World;
use proptest::prelude::*;

use crate::support::{UPDATE, ask, fresh, index, workspace};

const PATHS: &[&str] = &[
    "a.py",
    "b.rs",
    "src/a.py",
    "src/deep/c.go",
    "lib/d.ts",
    "lib/copy.py",
    "docs/e.md",
    "f.json",
    "tests/test_a.py",
    ".hidden/g.py",
];
const TEXTS: &[&str] = &[
    "def load_settings(path):\n    return parse_config(path)\n\n\nclass Session:\n    def close(self):\n        pass\n",
    "fn parse_config(path: &str) -> Session {\n    load_settings(path)\n}\n\nstruct Session;\n",
    "macro_rules! make { ($($n:ident)*) => { $(pub fn $n() -> Session { parse_config(\"\") })* } }\nmake!(load_settings open);\npub struct Session;\nimpl Session { pub fn close(&self) { open().close() } }\n",
    "# Session\n\nHow to parse a config and load settings.\n\n## Close\n\nreturn to sender\n",
    "{\"session\": {\"config\": \"settings\"}}\n",
    "package deep\n\nfunc LoadSettings(path string) error {\n\treturn nil\n}\n",
    "from src.a import load_settings, Session\n\n\nclass Longer(Session):\n    def close(self):\n        super().close()\n        load_settings(1).close()\n",
    "import a\nfrom lib.copy import *\n\nopened = Session()\nopened.close()\na.load_settings(opened)\n",
    "import { Session } from './d';\nexport class Session { close() { return new Session().close(); } }\n",
    "",
    "\u{0}binary\u{0}\u{1}",
];
const RULES: &[(&str, &str)] =
    &[(".gitignore", "src/\n"), (".fluxignore", "*.py\n"), ("lib/.gitignore", "copy.*\n")];
const QUERIES: &[&str] = &[
    "parse config",
    "Session",
    "load_settings",
    "how is a session closed",
    "loadsetting",
    "/fn \\w+/",
];
const LITERALS: &[&str] = &["return", "Session", "path)"];

#[derive(Clone, Debug)]
enum Step {
    Write(&'static str, &'static str),
    Remove(&'static str),
    Rename(&'static str, &'static str),
    /// Writes an ignore file, or removes it if it is there.
    Toggle(&'static str, &'static str),
    Touch(&'static str),
    /// Lets time go by, so that stamps are trusted.
    Settle,
    Index,
    Search,
    Collect,
}

fn step() -> impl Strategy<Value = Step> {
    let path = || prop::sample::select(PATHS);
    prop_oneof![
        4 => (path(), prop::sample::select(TEXTS)).prop_map(|(path, text)| Step::Write(path, text)),
        1 => path().prop_map(Step::Remove),
        2 => (path(), path()).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => prop::sample::select(RULES).prop_map(|(path, rules)| Step::Toggle(path, rules)),
        1 => path().prop_map(Step::Touch),
        2 => Just(Step::Settle),
        2 => Just(Step::Index),
        1 => Just(Step::Search),
        1 => Just(Step::Collect),
    ]
}

fn take(step: &Step, world: &World, workspace: &Workspace) {
    match step {
        Step::Write(path, text) => world.write(path, text),
        Step::Remove(path) | Step::Rename(path, _) | Step::Touch(path)
            if !world.path(path).exists() => {}
        Step::Remove(path) => world.remove(path),
        Step::Rename(from, to) => world.rename(from, to),
        Step::Touch(path) => {
            let later = world.modified(path) + Duration::from_millis(1);
            world.set_modified(path, later);
        }
        Step::Toggle(path, _) if world.path(path).exists() => world.remove(path),
        Step::Toggle(path, rules) => world.write(path, rules),
        Step::Settle => world.settle(),
        Step::Index => drop(index(workspace)),
        Step::Search => drop(fresh(workspace)),
        Step::Collect => drop(workspace.collect(Duration::ZERO).unwrap()),
    }
}

/// Everything that can be asked of a snapshot, as text; scores to the last bit.
fn everything(workspace: &Workspace, snapshot: &Snapshot) -> BTreeMap<String, String> {
    let view = snapshot.view();
    let mut all = BTreeMap::new();
    for (file, entry) in view.iter() {
        let outline = snapshot.outline(file).unwrap();
        let lowered = (snapshot.lowered(file).unwrap(), snapshot.exports(file).unwrap());
        let language = view.language(entry);
        let text =
            format!("{language} {:?} {:?} {outline:?} {lowered:?}", entry.class(), entry.state);
        all.insert(entry.path.to_string(), text);
    }
    let literals: Vec<String> = LITERALS.iter().map(|text| format!("\"{text}\"")).collect();
    for query in QUERIES.iter().copied().chain(literals.iter().map(String::as_str)) {
        all.insert(format!("? {query}"), format!("{:?}", ask(workspace, snapshot, query)));
    }
    all.insert("chunks".to_owned(), snapshot.lexical().unwrap().live_chunks().to_string());
    all
}

/// The graph of every file, with the ranks of its definitions to the last bit.
fn graphs(snapshot: &Snapshot) -> Vec<String> {
    let graph = snapshot.graph().expect("it was just made");
    let shown = |file| {
        let found = graph.file_graph(file).unwrap().unwrap_or_default();
        let definitions = (0..found.definitions.len() as u32).map(DefinitionIndex);
        let ranks: Vec<_> = definitions
            .map(|index| DefinitionRef { file, index })
            .map(|of| (graph.rank(of).unwrap(), graph.community(of).unwrap(), graph.id_of(of)))
            .collect();
        format!("{found:?} {ranks:?}")
    };
    snapshot.view().iter().map(|(file, _)| shown(file)).collect()
}

/// Asserts that literal search finds exactly the lines that are there.
fn check_literals(world: &World, workspace: &Workspace, snapshot: &Snapshot) {
    for literal in LITERALS {
        let mut expected = Vec::new();
        for entry in snapshot.view().files().iter().filter(|entry| entry.content().is_some()) {
            let text = std::fs::read_to_string(world.path(entry.path.as_str())).unwrap();
            let lines = (1..).zip(text.lines()).filter(|(_, line)| line.contains(literal));
            expected.extend(lines.map(|(number, _)| (entry.path.to_string(), number)));
        }
        let answer = ask(workspace, snapshot, &format!("\"{literal}\""));
        let found: Vec<(String, u64)> = answer
            .lines
            .iter()
            .flat_map(|file| file.lines.iter().map(|line| (file.path.to_string(), line.line)))
            .collect();
        assert_eq!(found, expected, "{literal}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn an_index_with_a_past_answers_as_a_new_one(steps in prop::collection::vec(step(), 1..16)) {
        let world = World::new("//- /a.py\ndef load_settings(): pass\n//- /src/b.rs\nfn b() {}\n");
        world.git_init();
        let old = workspace(world.root(), world.beside("old"));
        index(&old);
        for step in &steps {
            take(step, &world, &old);
        }
        let (snapshot, _) = fresh(&old);
        let new = workspace(world.root(), world.beside("new"));
        new.index(&UPDATE, &NoProgress, &Cancel::default()).unwrap();
        let expected = everything(&new, &new.snapshot().unwrap());
        prop_assert_eq!(everything(&old, &snapshot), expected);
        check_literals(&world, &old, &snapshot);
        index(&old);
        let (old_graph, new_graph) =
            (graphs(&old.snapshot().unwrap()), graphs(&new.snapshot().unwrap()));
        prop_assert_eq!(old_graph, new_graph);
        prop_assert_eq!(old.verify().unwrap(), Vec::<String>::new());
    }
}
