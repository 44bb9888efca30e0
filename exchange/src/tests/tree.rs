//! Three files whose graphs are made by hand and kept in a store.

use std::path::Path;
use std::time::Duration;

use flux_core::{
    ByteSpan, Cancel, Definition, DefinitionIndex, DefinitionRef, EdgeKind, FileClass, FileGraph,
    FileId, Language, Occurrence, Relation, RepoPath, SymbolKind, Target, Tier, Unresolved,
};
use flux_store::graph::{GraphWriter, Ranks};
use flux_store::view::NewEntry;
use flux_store::{ContentKey, FileState, Layout, Snapshot, Stamp, View, ViewKey, Writer};

use crate::{ExchangeError, Format, Options, Source, Summary, export};

const EXTRACTOR: u32 = 1;

const MAIN: &str = "\
from shapes import Shape, helper
import json

def main(shape: Shape):
    size = shape.area()
    json.dumps(\"é\", size), helper(size)
";

const SHAPES: &str = "\
class Shape:
    def area(self): ...

class Circle(Shape):
    def area(self): return helper(1)

def helper(x): return x
";

const TESTS: &str = "\
from main import main
main(None)
";

/// Graphs of files in a temporary store. Files are ordered by path.
pub(crate) struct Tree {
    _folder: tempfile::TempDir,
    snapshot: Snapshot,
    texts: Vec<String>,
}

/// A file as a test writes it.
pub(crate) struct File {
    pub(crate) path: &'static str,
    pub(crate) text: &'static str,
    pub(crate) class: FileClass,
    pub(crate) graph: FileGraph,
}

impl Tree {
    pub(crate) fn new(files: &[File]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path().join("store"));
        let view = View::new(files.iter().map(entry).collect(), Vec::new());
        let mut writer = GraphWriter::new(&view, None);
        for (file, id) in files.iter().zip(0..) {
            let breaks = file.text.bytes().zip(1..).filter(|(byte, _)| *byte == b'\n');
            let lines: Vec<u32> = std::iter::once(0).chain(breaks.map(|(_, at)| at)).collect();
            writer.add(FileId(id), &file.graph, 0, &[], &lines);
        }
        let rank = |nodes: &flux_store::graph::Adjacency<'_>| {
            Ok(Ranks { ranks: vec![0.25; nodes.len()], communities: vec![7; nodes.len()] })
        };
        let packed = writer.finish(&rank).unwrap();
        let (root, key) = (Path::new("/tree"), ViewKey::of(Path::new("/tree")));
        let store = Writer::open(&layout, EXTRACTOR, Duration::ZERO).unwrap();
        store.commit_with_graph(&key, root, &view, packed).unwrap();
        let snapshot = Snapshot::open(&layout, &key, EXTRACTOR).unwrap();
        let texts = files.iter().map(|file| file.text.to_owned()).collect();
        Self { _folder: folder, snapshot, texts }
    }

    /// Calls `with` with the tree as a source.
    pub(crate) fn source<T>(&self, with: impl FnOnce(&Source<'_>) -> T) -> T {
        with(&Source {
            graph: self.snapshot.graph().unwrap(),
            view: self.snapshot.view(),
            texts: &|file| self.texts.get(file.0 as usize).cloned(),
            project: "my tree",
            cancel: &Cancel::default(),
        })
    }

    pub(crate) fn export(&self, format: Format, options: &Options) -> (Vec<u8>, Summary) {
        let mut out = Vec::new();
        let written = |source: &Source<'_>| export(source, format, options, &mut out);
        let summary: Result<Summary, ExchangeError> = self.source(written);
        (out, summary.unwrap())
    }

    pub(crate) fn text(&self, path: &str) -> Option<String> {
        let file = self.snapshot.view().find(path)?;
        self.texts.get(file.0 as usize).cloned()
    }
}

fn entry(file: &File) -> NewEntry {
    NewEntry {
        path: RepoPath::new(file.path),
        stamp: Stamp::default(),
        racy: false,
        language: Language::new("python"),
        class: file.class,
        state: FileState::Indexed(ContentKey::of(file.text.as_bytes(), "python", EXTRACTOR)),
    }
}

/// Makes the graph of one text. Places are named by some text around them, the first in the file,
/// and the name in that text.
pub(crate) struct Maker {
    text: &'static str,
    graph: FileGraph,
}

impl Maker {
    pub(crate) fn new(text: &'static str, module: &str) -> Self {
        let mut maker = Self { text, graph: FileGraph::default() };
        maker.push(module, SymbolKind::Module, 0, [0, text.len() as u32], [0, 0]);
        maker
    }

    fn push(&mut self, name: &str, kind: SymbolKind, parent: u32, span: [u32; 2], at: [u32; 2]) {
        self.graph.definitions.push(Definition {
            name: name.into(),
            kind,
            parent: DefinitionIndex(parent),
            span: ByteSpan::new(span[0], span[1]),
            name_span: ByteSpan::new(at[0], at[1]),
            is_public: true,
        });
    }

    fn place(&self, around: &str, name: &str) -> ByteSpan {
        let start = self.text.find(around).unwrap_or_else(|| panic!("{around} is in the text"));
        let start = (start + around.find(name).unwrap()) as u32;
        ByteSpan::new(start, start + name.len() as u32)
    }

    /// A definition, from `around` for as many bytes.
    pub(crate) fn define(
        &mut self,
        kind: SymbolKind,
        around: &str,
        name: &str,
        parent: u32,
    ) -> &mut Self {
        let at = self.place(around, name);
        let start = self.place(around, around);
        self.push(name, kind, parent, [start.start, start.end], [at.start, at.end]);
        self
    }

    pub(crate) fn refer(
        &mut self,
        around: &str,
        name: &str,
        how: (EdgeKind, Tier, u32),
        target: Target,
    ) -> &mut Self {
        let (kind, tier, enclosing) = how;
        self.graph.occurrences.push(Occurrence {
            span: self.place(around, name),
            kind,
            tier,
            is_implicit: false,
            enclosing: DefinitionIndex(enclosing),
            target,
        });
        self
    }

    /// A local variable, bound at `binder`, in definition `enclosing`.
    pub(crate) fn local(
        &mut self,
        around: &str,
        name: &str,
        enclosing: u32,
        binder: &str,
    ) -> &mut Self {
        let target = Target::Local(self.place(binder, name).start);
        self.refer(around, name, (EdgeKind::References, Tier::Exact, enclosing), target)
    }

    pub(crate) fn implicit(&mut self) -> &mut Self {
        self.graph.occurrences.last_mut().unwrap().is_implicit = true;
        self
    }

    pub(crate) fn relate(&mut self, kind: EdgeKind, from: Target, to: Target) -> &mut Self {
        let (Target::Definition(from), Target::Definition(to)) = (from, to) else { panic!() };
        let site = ByteSpan::new(0, 0);
        self.graph.relations.push(Relation { kind, tier: Tier::Exact, from, to, site });
        self
    }

    pub(crate) fn package(&mut self, name: &str) -> &mut Self {
        self.graph.packages.push(name.into());
        self
    }

    pub(crate) fn finish(&mut self) -> FileGraph {
        self.graph.occurrences.sort_by_key(|found| found.span);
        std::mem::take(&mut self.graph)
    }
}

pub(crate) fn target(file: u32, index: u32) -> Target {
    Target::Definition(DefinitionRef { file: FileId(file), index: DefinitionIndex(index) })
}

/// The tree of most tests: `main.py`, `shapes.py` and `test_main.py`.
pub(crate) fn shapes() -> Tree {
    let file = |path, text, graph| File { path, text, class: FileClass::default(), graph };
    Tree::new(&[
        file("main.py", MAIN, main_graph()),
        file("shapes.py", SHAPES, shapes_graph()),
        File { class: FileClass::TEST, ..file("test_main.py", TESTS, tests_graph()) },
    ])
}

fn main_graph() -> FileGraph {
    use EdgeKind::{Calls, Imports, References};
    use Tier::{Exact, Likely, Name};
    let body = "def main(shape: Shape):\n    size = shape.area()\n    json.dumps(\"é\", size), helper(size)";
    let line = "json.dumps(\"é\", size), helper(size)";
    Maker::new(MAIN, "main")
        .package("stdlib")
        .define(SymbolKind::Function, body, "main", 0)
        .refer("shapes import", "shapes", (Imports, Exact, 0), target(1, 0))
        .refer("Shape, helper", "Shape", (Imports, Exact, 0), target(1, 1))
        .refer("Shape, helper", "helper", (Imports, Exact, 0), target(1, 5))
        .refer("import json", "json", (Imports, Exact, 0), Target::External(0))
        .refer("shape: Shape", "Shape", (References, Exact, 1), target(1, 1))
        .local("shape.area", "shape", 1, "shape: Shape")
        .refer("shape.area", "area", (Calls, Likely, 1), target(1, 2))
        .refer(line, "json", (References, Exact, 1), Target::External(0))
        .refer(line, "dumps", (Calls, Exact, 1), Target::External(0))
        .refer(line, "dumps", (Calls, Name, 1), target(1, 5))
        .local(", size)", "size", 1, "size = ")
        .refer(line, "helper", (Calls, Exact, 1), target(1, 5))
        .refer(line, "(", (Calls, Exact, 1), target(1, 3))
        .implicit()
        .refer(
            ", helper(size)",
            ")",
            (Calls, Exact, 1),
            Target::Unresolved(Unresolved::UnknownName),
        )
        .local("helper(size)", "size", 1, "size = ")
        .finish()
}

fn shapes_graph() -> FileGraph {
    use EdgeKind::{Calls, Inherits, Overrides};
    let exact = |kind, enclosing| (kind, Tier::Exact, enclosing);
    let circle = "class Circle(Shape):\n    def area(self): return helper(1)";
    Maker::new(SHAPES, "shapes")
        .define(SymbolKind::Class, "class Shape:\n    def area(self): ...", "Shape", 0)
        .define(SymbolKind::Method, "def area(self): ...", "area", 1)
        .define(SymbolKind::Class, circle, "Circle", 0)
        .define(SymbolKind::Method, "def area(self): return helper(1)", "area", 3)
        .define(SymbolKind::Function, "def helper(x): return x", "helper", 0)
        .refer("(Shape)", "Shape", exact(Inherits, 3), target(1, 1))
        .refer("helper(1)", "helper", exact(Calls, 4), target(1, 5))
        .local("return x", "x", 5, "x): ")
        .relate(Inherits, target(1, 3), target(1, 1))
        .relate(Overrides, target(1, 4), target(1, 2))
        .finish()
}

fn tests_graph() -> FileGraph {
    let exact = |kind| (kind, Tier::Exact, 0);
    Maker::new(TESTS, "test_main")
        .refer("from main", "main", exact(EdgeKind::Imports), target(0, 0))
        .refer("import main", "main", exact(EdgeKind::Imports), target(0, 1))
        .refer("main(None)", "main", exact(EdgeKind::Calls), target(0, 1))
        .finish()
}
