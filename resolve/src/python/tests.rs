//! One small tree for each thing that is understood.

use flux_core::{EdgeKind, FileGraph, Target, Tier};

use crate::testing::Tree;

#[track_caller]
fn check(files: &[(&str, &str)], place: &str, expected: &[&str]) {
    assert_eq!(Tree::new(files).target(place), expected, "{place}");
}

#[track_caller]
fn check_one(text: &str, place: &str, expected: &str) {
    check(&[("a.py", text)], &format!("a.py:{place}"), &[expected]);
}

fn graph(files: &[(&str, &str)], index: usize) -> FileGraph {
    Tree::new(files).resolve().swap_remove(index)
}

#[test]
fn packages_are_found_below_source_roots() {
    let files = [
        ("src/p/__init__.py", ""),
        ("src/p/m.py", "def f(): ..."),
        ("t.py", "import p.m\np.m.f()"),
    ];
    check(&files, "t.py:1:m", &["src/p/m.py:1"]);
    check(&files, "t.py:2:f", &["src/p/m.py:1"]);
}

#[test]
fn folders_without_init_are_packages_too() {
    let files = [("n/m.py", "def f(): ..."), ("t.py", "from n.m import f\nf()")];
    check(&files, "t.py:2:f", &["n/m.py:1"]);
}

#[test]
fn each_package_of_a_tree_of_many_is_found() {
    let files = [
        ("one/src/x/__init__.py", "def f(): ..."),
        ("two/y/__init__.py", ""),
        ("two/y/m.py", "from x import f"),
    ];
    check(&files, "two/y/m.py:1:f", &["one/src/x/__init__.py:1"]);
}

#[test]
fn relative_imports_count_dots() {
    let files = [
        ("p/__init__.py", ""),
        ("p/a.py", "def f(): ..."),
        ("p/q/__init__.py", ""),
        ("p/q/b.py", "from ..a import f\nfrom . import c\nc.g()\nf()"),
        ("p/q/c.py", "def g(): ..."),
    ];
    check(&files, "p/q/b.py:4:f", &["p/a.py:1"]);
    check(&files, "p/q/b.py:3:g", &["p/q/c.py:1"]);
}

#[test]
fn names_are_followed_through_re_exports() {
    let files = [
        ("p/__init__.py", "from .a import *\nfrom .b import g as h"),
        ("p/a.py", "__all__ = ['f']\ndef f(): ...\ndef hidden(): ..."),
        ("p/b.py", "def g(): ..."),
        ("t.py", "from p import f, h, hidden\nf()\nh()"),
    ];
    check(&files, "t.py:2:f", &["p/a.py:2"]);
    check(&files, "t.py:3:h", &["p/b.py:1"]);
    check(&files, "t.py:1:hidden", &["unresolved:missing module"]);
}

#[test]
fn import_cycles_end() {
    let files = [("a.py", "from b import x\nx"), ("b.py", "from a import x")];
    check(&files, "a.py:2:x", &["unresolved:missing module"]);
}

#[test]
fn alternatives_of_an_import_are_all_named() {
    let files = [
        ("fast.py", "def f(): ..."),
        ("slow.py", "def f(): ..."),
        ("t.py", "try:\n    from fast import f\nexcept ImportError:\n    from slow import f\nf()"),
    ];
    check(&files, "t.py:5:f", &["fast.py:1", "slow.py:1"]);
}

#[test]
fn the_standard_library_is_no_neighbour() {
    let files = [("pkg/json.py", "def loads(): ..."), ("pkg/m.py", "import json\njson.loads()")];
    check(&files, "pkg/m.py:2:loads", &["external:json"]);
}

#[test]
fn stubs_are_modules() {
    let files = [("m.pyi", "def f() -> int: ..."), ("t.py", "import m\nm.f()")];
    check(&files, "t.py:2:f", &["m.pyi:1"]);
}

#[test]
fn type_checking_imports_count() {
    let files = [
        ("a.py", "class A:\n    def f(self): ..."),
        (
            "t.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a import A\ndef g(x: 'A'):\n    x.f()",
        ),
    ];
    check(&files, "t.py:4:A", &["a.py:1"]);
    check(&files, "t.py:5:f", &["a.py:2"]);
}

#[test]
fn scopes_nest_and_classes_are_skipped() {
    let text = "x = 1\nclass C:\n    x = 2\n    y = x\n    def f(self):\n        return x\n";
    check_one(text, "4:x", "a.py:3");
    check_one(text, "6:x", "a.py:1");
}

#[test]
fn a_class_body_does_not_see_what_comes_later() {
    let text = "def hook(f): ...\nclass C:\n    @hook\n    def hook(self): ...\n";
    check_one(text, "3:hook", "a.py:1");
}

#[test]
fn comprehensions_have_a_scope_of_their_own() {
    let text = "x = [1]\ny = [x for x in x]\n";
    check_one(text, "2:x:1", "local:2");
    check_one(text, "2:x:2", "a.py:1");
}

#[test]
fn walrus_and_match_bind_names() {
    let text = "def f(v):\n    if (n := g(v)):\n        return n\n    match v:\n        case [first, *rest]:\n            return first, rest\n";
    check_one(text, "3:n", "local:2");
    check_one(text, "6:first", "local:5");
    check_one(text, "6:rest", "local:5");
}

#[test]
fn global_and_nonlocal_reach_out() {
    let text = "n = 0\ndef f():\n    global n\n    n = 1\n    m = 0\n    def g():\n        nonlocal m\n        m = 1\n";
    check_one(text, "4:n", "a.py:1");
    check_one(text, "8:m", "local:5");
}

#[test]
fn methods_are_found_in_the_order_of_bases() {
    let text = "class A:\n    def f(self): ...\nclass B(A): ...\nclass C(A):\n    def f(self): ...\nclass D(B, C):\n    def g(self):\n        self.f()\n        super().f()\n";
    check_one(text, "8:f", "a.py:5");
    check_one(text, "9:f", "a.py:5");
}

#[test]
fn inheritance_cycles_end() {
    let text = "class A(B):\n    def f(self):\n        self.g()\nclass B(A): ...\n";
    check_one(text, "3:g", "unresolved:no such member");
}

#[test]
fn attributes_set_on_self_are_definitions() {
    let text = "class A:\n    def __init__(self):\n        self.x = 1\n    def f(self):\n        return self.x\nclass B(A):\n    def g(self):\n        self.x = 2\n        return self.x\n";
    check_one(text, "5:x", "a.py:3");
    check_one(text, "9:x", "a.py:8");
}

#[test]
fn a_declared_attribute_is_where_all_assignments_lead() {
    let text = "class A:\n    x: int\nclass B(A):\n    def g(self):\n        self.x = 2\n        return self.x\n";
    check_one(text, "6:x", "a.py:2");
}

#[test]
fn annotations_give_types() {
    let text = "from typing import Optional\nclass A:\n    def f(self): ...\ndef g(a: A, b: Optional[A], c: 'A | None'):\n    a.f()\n    b.f()\n    c.f()\n";
    for line in [5, 6, 7] {
        check_one(text, &format!("{line}:f"), "a.py:3");
    }
}

#[test]
fn constructors_and_returns_give_types() {
    let text = "class A:\n    def f(self): ...\ndef make():\n    return A()\ndef typed() -> A: ...\nmake().f()\ntyped().f()\nA().f()\n";
    for line in [6, 7, 8] {
        check_one(text, &format!("{line}:f"), "a.py:2");
    }
}

#[test]
fn the_latest_binding_decides() {
    let text = "class A:\n    def f(self): ...\nclass B:\n    def f(self): ...\ndef g():\n    x = A()\n    x.f()\n    x = B()\n    x.f()\n";
    check_one(text, "7:f", "a.py:2");
    check_one(text, "9:f", "a.py:4");
}

#[test]
fn other_branches_do_not_count() {
    let text = "class A:\n    def f(self): ...\nclass B:\n    def f(self): ...\ndef g(c):\n    if c:\n        x = A()\n        x.f()\n    else:\n        x = B()\n        x.f()\n    x.f()\n";
    check_one(text, "8:f", "a.py:2");
    check_one(text, "11:f", "a.py:4");
    check(&[("a.py", text)], "a.py:12:f", &["a.py:2", "a.py:4"]);
}

#[test]
fn isinstance_narrows() {
    let text = "class A:\n    def f(self): ...\nclass B:\n    def f(self): ...\ndef g(x: A | B):\n    if isinstance(x, A):\n        return x.f()\n    x.f()\n    match x:\n        case B():\n            x.f()\n";
    check_one(text, "7:f", "a.py:2");
    check_one(text, "8:f", "a.py:4");
    check_one(text, "11:f", "a.py:4");
}

#[test]
fn with_for_and_unpacking_give_types() {
    let text = "from contextlib import contextmanager\nclass A:\n    def __enter__(self) -> 'A': ...\n    def f(self): ...\n@contextmanager\ndef made():\n    yield A()\ndef g(many: list[A], pairs: dict[str, A]):\n    with A() as a, made() as b:\n        a.f()\n        b.f()\n    for c in many:\n        c.f()\n    for name, d in pairs.items():\n        d.f()\n    _, e = 1, A()\n    e.f()\n    [h.f() for h in many]\n    many[0].f()\n";
    for line in [10, 11, 13, 15, 17, 18, 19] {
        check_one(text, &format!("{line}:f"), "a.py:4");
    }
}

#[test]
fn awaiting_gives_what_a_coroutine_returns() {
    let text = "import asyncio\nclass A:\n    def f(self): ...\nasync def make():\n    return A()\nasync def g():\n    (await make()).f()\n    task = asyncio.create_task(make())\n    (await task).f()\n";
    check_one(text, "7:f", "a.py:3");
    check_one(text, "9:f", "a.py:3");
}

#[test]
fn properties_are_read_and_class_methods_called() {
    let text = "from functools import cached_property\nclass A:\n    @property\n    def p(self) -> 'A': ...\n    @cached_property\n    def q(self): return A()\n    @classmethod\n    def make(cls): return cls()\n    @staticmethod\n    def s(): return A()\n    def f(self): ...\nA.make().p.q.f()\nA.s().f()\n";
    check_one(text, "12:f", "a.py:11");
    check_one(text, "13:f", "a.py:11");
}

#[test]
fn self_stands_for_the_receiver() {
    let text = "from typing import Self\nclass A:\n    def a(self) -> Self: ...\n    def b(self):\n        return self\nclass B(A):\n    def f(self): ...\nB().a().f()\nB().b().f()\n";
    check_one(text, "8:f", "a.py:7");
    check_one(text, "9:f", "a.py:7");
    let text = "from typing import TypeVar\nT = TypeVar('T', bound='A')\nclass A:\n    def a(self: T) -> T: ...\n    @classmethod\n    def make(cls: type[T]) -> T: ...\nclass B(A):\n    def f(self): ...\nB().a().f()\nB.make().f()\n";
    check_one(text, "9:f", "a.py:8");
    check_one(text, "10:f", "a.py:8");
}

#[test]
fn generics_carry_their_arguments() {
    let text = "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass Box(Generic[T]):\n    def __init__(self, item: T): self.item = item\n    def get(self) -> T: ...\nclass A:\n    def f(self): ...\ndef same(x: T) -> T: ...\nclass Boxes(Box[A]): ...\ndef g(b: Box[A]):\n    b.get().f()\n    Box(A()).get().f()\n    same(A()).f()\n    Boxes(A()).get().f()\n    b.item.f()\n";
    for line in 11..=15 {
        check_one(text, &format!("{line}:f"), "a.py:7");
    }
}

#[test]
fn new_style_type_parameters_and_aliases_are_read() {
    let text = "class A:\n    def f(self): ...\ntype Many = list[A]\nclass Box[T]:\n    def get(self) -> T: ...\ndef first[U](x: list[U]) -> U: ...\ndef g(many: Many, box: Box[A]):\n    many[0].f()\n    box.get().f()\n    first(many).f()\n";
    for line in 8..=10 {
        check_one(text, &format!("{line}:f"), "a.py:2");
    }
}

#[test]
fn members_of_an_enum_are_instances() {
    let text = "from enum import Enum\nclass C(Enum):\n    RED = 1\n    def f(self): ...\nC.RED.f()\nfor c in C:\n    c.f()\n";
    check_one(text, "5:f", "a.py:4");
    check_one(text, "5:RED", "a.py:3");
    check_one(text, "7:f", "a.py:4");
}

#[test]
fn keywords_name_parameters_and_fields() {
    let files = [
        (
            "a.py",
            "from dataclasses import dataclass\ndef f(one, *, two=1): ...\n@dataclass\nclass D:\n    x: int\n",
        ),
        ("t.py", "from a import f, D\nf(one=1, two=2)\nD(x=1)\nf(three=3)\n"),
    ];
    check(&files, "t.py:2:one", &["a.py:2"]);
    check(&files, "t.py:2:two", &["a.py:2"]);
    check(&files, "t.py:3:x", &["a.py:5"]);
    check(&files, "t.py:4:three", &["unresolved:no such member"]);
}

#[test]
fn fields_of_named_tuples_are_defined_in_strings() {
    let text = "from collections import namedtuple\nfrom typing import NamedTuple\nclass A:\n    def f(self): ...\nP = namedtuple('P', 'x y')\nQ = NamedTuple('Q', [('a', A)])\nclass R(namedtuple('R', ['z'])): ...\nP(x=1, y=2).y\nQ(A()).a.f()\nR(z=1).z\n";
    check_one(text, "8:x", "a.py:5");
    check_one(text, "8:y:2", "a.py:5");
    check_one(text, "9:f", "a.py:4");
    check_one(text, "10:z:1", "a.py:7");
    check_one(text, "10:z:2", "a.py:7");
}

#[test]
fn lambdas_are_given_what_their_call_says() {
    let text = "from typing import Callable\nclass A:\n    def f(self): ...\ndef each(do: Callable[[A], None]): ...\ndef g(many: list[A]):\n    each(lambda a: a.f())\n    sorted(many, key=lambda a: a.f())\n    many.sort(key=lambda a: a.f())\n    list(map(lambda a: a.f(), many))\n";
    for line in 6..=9 {
        check_one(text, &format!("{line}:f"), "a.py:3");
    }
}

#[test]
fn quoted_names_in_aliases_are_types() {
    let text = "from typing import Dict, NamedTuple\nMany = Dict[str, 'A']\nclass A:\n    def f(self): ...\nclass P(NamedTuple):\n    n: int\n    a: A\ndef g(many: Many, p: P):\n    many['x'].f()\n    n, a = p\n    a.f()\n    a.__class__().f()\n";
    check_one(text, "2:A", "a.py:3");
    for line in [9, 11, 12] {
        check_one(text, &format!("{line}:f"), "a.py:4");
    }
}

#[test]
fn overloads_are_told_apart_by_arguments() {
    let text = "from typing import overload\nclass A:\n    def f(self): ...\nclass B:\n    def f(self): ...\n@overload\ndef g(x: A) -> A: ...\n@overload\ndef g(x: B) -> B: ...\ndef g(x): ...\ng(B()).f()\n";
    check_one(text, "11:f", "a.py:5");
}

#[test]
fn decorators_that_give_something_else_are_believed() {
    let text = "from typing import Callable\nclass Command:\n    def run(self): ...\ndef command(name: str) -> Callable[[Callable], Command]: ...\n@command('x')\ndef cli(): ...\ncli.run()\n";
    check_one(text, "7:run", "a.py:3");
}

#[test]
fn fixtures_are_asked_for_by_name() {
    let files = [
        (
            "tests/conftest.py",
            "import pytest\nclass A:\n    def f(self): ...\n@pytest.fixture\ndef made():\n    yield A()\n",
        ),
        ("tests/test_a.py", "def test_it(made):\n    made.f()\n"),
    ];
    check(&files, "tests/test_a.py:1:made", &["tests/conftest.py:5"]);
    check(&files, "tests/test_a.py:2:f", &["tests/conftest.py:3"]);
    check(&files, "tests/test_a.py:2:made", &["local:1"]);
}

#[test]
fn strings_hold_identifiers() {
    let text = "x = 1\ny = f'{x!r:>{x}}'\n";
    check_one(text, "2:x:1", "a.py:1");
    check_one(text, "2:x:2", "a.py:1");
}

#[test]
fn descriptors_answer_for_themselves() {
    let text = "class A:\n    def f(self): ...\nclass D:\n    def __get__(self, instance, owner) -> A: ...\nclass C:\n    d = D()\nC().d.f()\n";
    check_one(text, "7:f", "a.py:2");
}

#[test]
fn what_is_outside_is_never_bound_to_a_namesake() {
    let text = "import requests\ndef get(): ...\nrequests.get()\nlen([])\nunknown()\n";
    check_one(text, "3:get", "external:requests");
    check_one(text, "4:len", "external:builtins");
    check_one(text, "5:unknown", "unresolved:unknown name");
}

#[test]
fn attributes_of_an_unknown_receiver_stay_unresolved() {
    let text = "class A:\n    def only(self): ...\ndef g(x):\n    x.only()\n";
    check_one(text, "4:only", "unresolved:unknown receiver");
}

#[test]
fn an_attribute_behind_an_unknown_base_is_the_packages() {
    let text = "import lib\nclass A(lib.Base):\n    def f(self):\n        self.g()\n";
    check_one(text, "4:g", "external:lib");
}

#[test]
fn kinds_and_tiers_say_how_sure_an_edge_is() {
    let text = "class A:\n    def f(self): ...\nclass B(A):\n    def f(self):\n        super().f()\ndef g(a: A):\n    a.f()\n    A.f\n";
    let graph = graph(&[("a.py", text)], 0);
    let at = |needle: &str, skip: usize| {
        let start = text.match_indices(needle).nth(skip).expect("the text has it").0 as u32;
        let found = graph.occurrences.iter().find(|found| found.span.start == start);
        found.map(|found| (found.kind, found.tier)).expect("an occurrence")
    };
    assert_eq!(at("A):\n", 0), (EdgeKind::Inherits, Tier::Exact));
    assert_eq!(at("f()\n    A", 0), (EdgeKind::Calls, Tier::Likely));
    assert_eq!(at("f\n", 0), (EdgeKind::References, Tier::Exact));
    let kinds: Vec<EdgeKind> = graph.relations.iter().map(|relation| relation.kind).collect();
    assert_eq!(kinds, [EdgeKind::Inherits, EdgeKind::Overrides]);
}

#[test]
fn decorators_and_defaults_belong_to_what_is_around() {
    let text = "def d(x): ...\ndef v(): ...\n@d\ndef f(x=v()):\n    return v()\n";
    let graph = graph(&[("a.py", text)], 0);
    let enclosing: Vec<&str> = graph
        .occurrences
        .iter()
        .filter(|found| matches!(found.target, Target::Definition(_)))
        .map(|found| &*graph.definitions[found.enclosing.0 as usize].name)
        .collect();
    assert_eq!(enclosing, ["a", "a", "f"]);
}

#[test]
fn broken_and_deep_texts_do_no_harm() {
    let deep = [
        "(".repeat(1000),
        format!("x = {}1", "not ".repeat(1000)),
        format!("x = {}", "a.b().".repeat(1000)),
        format!("x = 1{}", " + x".repeat(3000)),
        (0..500).map(|depth| format!("{}if x:\n", " ".repeat(depth))).collect(),
        (0..500).map(|depth| format!("{}class C:\n", " ".repeat(depth))).collect(),
        "def f(:\n  class\nimport\nfrom . import\n@\nx: = 1\nlambda: (yield".to_owned(),
        (0..400).map(|n| format!("def f{n}(): return f{}()\n", n + 1)).collect(),
    ];
    for text in &deep {
        assert_eq!(Tree::new(&[("a.py", text)]).resolve().len(), 1);
    }
}

#[test]
fn recursive_types_end() {
    let text = "class A(list['A']):\n    def f(self):\n        for x in self:\n            x.f()\nB = dict[str, 'B']\ndef g(b: B):\n    b['x']['y'].z\ndef h():\n    return h()\nh().f\n";
    check_one(text, "4:f", "a.py:2");
}

#[test]
fn exports_change_only_with_what_others_see() {
    let exports = |text: &str| {
        use crate::layer::Files;
        Tree::new(&[("a.py", text)]).exports(flux_core::FileId(0))
    };
    let before = exports("def f(x: int) -> int:\n    return x\n");
    assert_eq!(before, exports("def f(x: int) -> int:\n    y = x\n    print(y)\n    return y\n"));
    assert_eq!(before, exports("\n\n# a comment\ndef f(x: int) -> int:\n    return x\n"));
    assert_ne!(before, exports("def f(x: str) -> int:\n    return x\n"));
    assert_ne!(before, exports("y = 1\ndef f(x: int) -> int:\n    return x\n"));
    let inferred = exports("def f():\n    x = A()\n    return x\n");
    assert_ne!(inferred, exports("def f():\n    x = B()\n    return x\n"));
    let many = exports("def f():\n    return [x for x in A()]\n");
    assert_ne!(many, exports("def f():\n    return [x for x in B()]\n"));
    let first = exports("def f():\n    x = A()\n    return x\ndef g():\n    return x\n");
    assert_ne!(first, exports("def f():\n    return x\ndef g():\n    x = A()\n    return x\n"));
    let shown = exports("class C:\n    def f(self) -> int:\n        self.x = 1\n");
    assert_ne!(shown, exports("class C:\n    def f(self) -> int:\n        self.x = A()\n"));
}
