//! Incremental equals full: whatever was edited, keeping what `run` says still holds gives the
//! same graph as resolving everything.

use std::collections::BTreeMap;

use flux_core::{Cancel, FileGraph, FileId, Target};
use proptest::prelude::*;

use crate::layer::{Dependency, Files};
use crate::notes::{Note, NoteKey};
use crate::run::{Nothing, Outcome, Previous, resolve};
use crate::testing::Tree;

/// A graph whose targets are named by path, so that it means the same in every tree.
#[derive(Clone, Debug, PartialEq)]
struct Portable {
    graph: FileGraph,
    targets: Vec<String>,
}

#[derive(Clone)]
struct Known {
    content: u64,
    dependencies: Vec<(Dependency, u64)>,
    graph: Portable,
}

#[derive(Default)]
struct Memory {
    files: BTreeMap<String, Known>,
    inputs: BTreeMap<u64, u64>,
    notes: BTreeMap<NoteKey, Vec<u8>>,
}

impl Previous for Memory {
    fn content(&self, path: &str) -> Option<u64> {
        self.files.get(path).map(|known| known.content)
    }

    fn dependencies(&self, path: &str) -> Vec<(Dependency, u64)> {
        self.files.get(path).map(|known| known.dependencies.clone()).unwrap_or_default()
    }

    fn inputs(&self, layer: u64) -> Option<u64> {
        self.inputs.get(&layer).copied()
    }

    fn note(&self, key: NoteKey) -> Option<Vec<u8>> {
        self.notes.get(&key).cloned()
    }
}

fn portable(tree: &Tree, mut graph: FileGraph) -> Portable {
    let mut targets = Vec::new();
    let mut name = |target: &mut Target| {
        if let Target::Definition(to) = target {
            targets.push(format!("{}#{}", tree.path(to.file), to.index.0));
            to.file = FileId(0);
        }
    };
    graph.occurrences.iter_mut().for_each(|found| name(&mut found.target));
    for relation in &mut graph.relations {
        for end in [&mut relation.from, &mut relation.to] {
            let mut target = Target::Definition(*end);
            name(&mut target);
            end.file = FileId(0);
        }
    }
    Portable { graph, targets }
}

/// Resolves `tree`, keeping what `previous` knows where that holds.
fn step(tree: &Tree, previous: &Memory) -> Memory {
    let found = resolve(tree, previous, &Cancel::default()).expect("nobody cancels");
    let note = |Note { key, bytes }| {
        let known = || previous.notes.get(&key).cloned();
        (key, bytes.or_else(known).expect("what was used is known"))
    };
    let notes = found.notes.map(|notes| notes.into_iter().map(note).collect());
    let mut next = Memory {
        files: BTreeMap::new(),
        inputs: found.inputs.into_iter().collect(),
        notes: notes.unwrap_or_else(|| previous.notes.clone()),
    };
    for (index, outcome) in found.outcomes.into_iter().enumerate() {
        let file = FileId(index as u32);
        let path = tree.path(file).to_owned();
        let known = match outcome {
            Outcome::NoRules | Outcome::Failed => continue,
            Outcome::Kept => previous.files[&path].clone(),
            Outcome::Fresh { resolved, digests } => Known {
                content: tree.content(file),
                dependencies: resolved.dependencies.into_iter().zip(digests).collect(),
                graph: portable(tree, resolved.graph),
            },
        };
        next.files.insert(path, known);
    }
    next
}

/// Paths, each with the texts it may have; an empty text stands for a file that is not there.
type World = &'static [(&'static str, &'static [&'static str])];

fn check(world: World, edits: &[(usize, usize)]) {
    let mut chosen = vec![0; world.len()];
    let mut memory = Memory::default();
    for &(file, text) in edits {
        let file = file % world.len();
        chosen[file] = text % world[file].1.len();
        let texts: Vec<(&str, &str)> = world
            .iter()
            .zip(&chosen)
            .map(|((path, texts), &at)| (*path, texts[at]))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let tree = Tree::new(&texts);
        memory = step(&tree, &memory);
        let full = step(&tree, &Memory::default());
        for (path, known) in &full.files {
            assert_eq!(memory.files[path].graph, known.graph, "{path} after {chosen:?}");
        }
        assert_eq!(memory.files.len(), full.files.len());
        assert_eq!(memory.inputs, full.inputs, "after {chosen:?}");
        assert_eq!(memory.notes, full.notes, "after {chosen:?}");
    }
}

fn edits() -> impl Strategy<Value = Vec<(usize, usize)>> {
    proptest::collection::vec((0usize..16, 0usize..16), 1..10)
}

#[test]
fn nothing_known_means_everything_is_resolved() {
    let tree = Tree::new(&[("a.py", "x = 1\n")]);
    let found = resolve(&tree, &Nothing, &Cancel::default()).expect("nobody cancels");
    assert!(matches!(found.outcomes[..], [Outcome::Fresh { .. }]));
}

#[test]
fn nothing_edited_means_nothing_is_resolved() {
    let tree = Tree::new(&[("a.py", "import b\nb.f()\n"), ("b.py", "def f(): pass\n")]);
    let known = step(&tree, &Memory::default());
    let found = resolve(&tree, &known, &Cancel::default()).expect("nobody cancels");
    assert_eq!(found.outcomes, [Outcome::Kept, Outcome::Kept]);
}

#[test]
fn only_layers_with_something_new_are_opened() {
    let tree = |python, rust| Tree::new(&[("a.py", python), ("b.rs", rust), ("c.rs", "fn c() {}")]);
    let known = step(&tree("x = 1\n", "fn b() {}"), &Memory::default());
    let run = |python, rust| {
        let found = resolve(&tree(python, rust), &known, &Cancel::default());
        let found = found.expect("nobody cancels");
        let is_fresh = |outcome: &Outcome| matches!(outcome, Outcome::Fresh { .. });
        // Rust alone makes notes.
        (found.outcomes.iter().map(is_fresh).collect::<Vec<_>>(), found.notes.is_some())
    };
    assert_eq!(run("y = 1\n", "fn b() {}"), (vec![true, false, false], false));
    assert_eq!(run("x = 1\n", "fn b() { c() }"), (vec![false, true, false], true));
    assert_eq!(run("x = 1\n", "fn b() {}"), (vec![false, false, false], false));
}

const PYTHON: World = &[
    (
        "pkg/__init__.py",
        &["", "from .shapes import Shape\n", "from .shapes import *\n__all__ = ['Shape']\n"],
    ),
    (
        "pkg/base.py",
        &[
            "class Base:\n    def area(self):\n        return 1\n",
            "class Base:\n    size = 2\n    def area(self) -> 'Other':\n        return Other()\n\nclass Other:\n    def area(self): pass\n",
            "class Base:\n    def name(self):\n        return 'b'\n",
            "",
        ],
    ),
    (
        "pkg/shapes.py",
        &[
            "from .base import Base\nclass Shape(Base):\n    pass\ndef make():\n    return Shape()\n",
            "from pkg.base import Base\nclass Shape(Base):\n    def area(self):\n        return super().area()\ndef make() -> Base:\n    return Shape()\n",
            "class Shape:\n    def __init__(self):\n        self.size = make\ndef make(other=None):\n    return other\n",
            "",
        ],
    ),
    (
        "app.py",
        &[
            "from pkg import Shape\nfrom pkg.shapes import make\ns = make()\ns.area()\nShape().name()\n",
            "import pkg.shapes as shapes\ndef run():\n    return shapes.make().area().area()\n",
            "from pkg.base import *\ndef run(b: Base):\n    b.area()\n    b.size\n",
        ],
    ),
    (
        "conftest.py",
        &[
            "",
            "import pytest\nfrom pkg.shapes import Shape\n@pytest.fixture\ndef shape():\n    return Shape()\n",
        ],
    ),
    (
        "test_app.py",
        &[
            "def test_it(shape):\n    shape.area()\n",
            "import app\ndef test_it():\n    app.run().area()\n",
        ],
    ),
];

const RUST: World = &[
    (
        "Cargo.toml",
        &["[package]\nname = \"one\"\nedition = \"2021\"\n", "[package]\nname = \"two\"\n"],
    ),
    (
        "src/lib.rs",
        &[
            "mod a;\npub mod b;\npub use a::Thing;\n",
            "pub mod b;\npub use b::*;\nmod a { pub struct Thing; }\n",
            "mod a;\npub mod b;\nmod c;\npub use c::*;\nmacro_rules! make { ($n:ident) => { pub fn $n() -> crate::a::Thing { crate::a::Thing::new() } } }\nmake!(build);\n",
        ],
    ),
    (
        "src/a.rs",
        &[
            "pub struct Thing { pub size: u32 }\nimpl Thing { pub fn new() -> Self { Thing { size: 1 } } pub fn go(&self) -> u32 { self.size } }\n",
            "pub struct Thing;\nimpl Thing { pub fn new() -> Thing { Thing } }\npub trait Go { fn go(&self) -> Thing; }\nimpl Go for Thing { fn go(&self) -> Thing { Thing::new() } }\n",
            "",
        ],
    ),
    (
        "src/b.rs",
        &[
            "use crate::a::Thing;\npub fn run() { let t = Thing::new(); t.go(); }\n",
            "use crate::a::{Go, Thing};\npub fn run(t: &Thing) { t.go().go(); crate::build().go(); }\n",
            "use super::*;\npub fn run() -> Thing { run().size; todo!() }\n",
        ],
    ),
    (
        "src/main.rs",
        &[
            "",
            "fn main() { one::b::run(); two::b::run(); }\n",
            "// A comment.\nfn main() { one::b::run(); two::b::run(); }\n",
        ],
    ),
    (
        "src/c.rs",
        &[
            "",
            "macro_rules! outer { ($($n:ident)*) => { $(inner!($n);)* } }\nmacro_rules! inner { ($n:ident) => { pub fn $n() { helper() } } }\nouter!(first second);\nfn helper() { first() }\n",
            "macro_rules! inner { ($n:ident) => { pub fn $n() -> Self { helper() } } }\nmacro_rules! outer { ($($n:ident)*) => { $(inner!($n);)* } }\nouter!(second first);\nfn helper() { first() }\n",
            "// Moved.\nmacro_rules! outer { ($($n:ident)*) => { $(inner!($n);)* } }\nmacro_rules! inner { ($n:ident) => { pub fn $n() { helper() } } }\nouter!(first second);\nfn helper() { first() }\n",
        ],
    ),
];

const TYPESCRIPT: World = &[
    ("package.json", &["{\"name\": \"app\"}", ""]),
    (
        "tsconfig.json",
        &["{\"compilerOptions\": {\"baseUrl\": \".\", \"paths\": {\"@/*\": [\"src/*\"]}}}", ""],
    ),
    (
        "src/shape.ts",
        &[
            "export class Shape { size = 1; area(): number { return this.size; } }\n",
            "export interface Shape { area(): Shape; }\nexport function make(): Shape { return make(); }\n",
            "",
        ],
    ),
    (
        "src/index.ts",
        &[
            "export * from './shape';\n",
            "export { Shape as Form } from './shape';\n",
            "import { Shape } from '@/shape';\nexport const s = new Shape();\n",
        ],
    ),
    (
        "src/app.ts",
        &[
            "import { Shape } from './index';\nnew Shape().area();\n",
            "import { s } from './index';\nexport function run() { s.area(); }\n",
            "import * as all from '.';\nall.make().area();\n",
        ],
    ),
];

const GO: World = &[
    ("go.mod", &["module example.com/app\n", "module example.com/other\n"]),
    (
        "shape/shape.go",
        &[
            "package shape\ntype Shape struct { Size int }\nfunc (s *Shape) Area() int { return s.Size }\nfunc New() *Shape { return &Shape{} }\n",
            "package shape\ntype Shape interface { Area() int }\nfunc New() Shape { return nil }\n",
        ],
    ),
    (
        "shape/more.go",
        &[
            "",
            "package shape\nfunc helper() { New().Area() }\n",
            "package shape\nfunc (s *Shape) Twice() int { return s.Area() + s.Area() }\n",
        ],
    ),
    (
        "main.go",
        &[
            "package main\nimport \"example.com/app/shape\"\nfunc main() { s := shape.New(); s.Area(); s.Twice() }\n",
            "package main\nimport sh \"example.com/other/shape\"\nfunc main() { var s sh.Shape; s.Area() }\n",
        ],
    ),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn python_increments_equal_full_runs(edits in edits()) {
        check(PYTHON, &edits);
    }

    #[test]
    fn rust_increments_equal_full_runs(edits in edits()) {
        check(RUST, &edits);
    }

    #[test]
    fn typescript_increments_equal_full_runs(edits in edits()) {
        check(TYPESCRIPT, &edits);
    }

    #[test]
    fn go_increments_equal_full_runs(edits in edits()) {
        check(GO, &edits);
    }
}
