//! What identifiers refer to, language by language.

use flux_core::EdgeKind;

use super::language::Language;
use crate::testing::Tree;

mod judged;

/// Checks pairs of a place and what the identifier there refers to.
#[track_caller]
fn check(files: &[(&str, &str)], expected: &[(&str, &str)]) {
    let tree = Tree::new(files);
    for (place, target) in expected {
        assert_eq!(tree.target(place).join(" "), *target, "{place}");
    }
}

/// The relations of all files, as `kind from to` with names.
fn relations(files: &[(&str, &str)]) -> Vec<String> {
    let graphs = Tree::new(files).resolve();
    let name = |to: flux_core::DefinitionRef| {
        &*graphs[to.file.0 as usize].definitions[to.index.0 as usize].name
    };
    let shown = |relation: &flux_core::Relation| {
        format!("{} {} {}", relation.kind.as_str(), name(relation.from), name(relation.to))
    };
    graphs.iter().flat_map(|graph| graph.relations.iter().map(shown)).collect()
}

#[test]
fn rules_of_every_language_compile() {
    for language in Language::ALL {
        assert_eq!(language.problem(), None, "{}", language.name());
    }
}

#[test]
fn go_packages_are_folders() {
    check(
        &[
            ("go.mod", "module example.com/app\n"),
            ("store/store.go", "package store\n\nfunc Open() *DB { return &DB{} }\n"),
            (
                "store/db.go",
                "package store\n\ntype DB struct{ Name string }\n\nfunc (d *DB) Close() error { return nil }\n",
            ),
            (
                "main.go",
                "package main\n\nimport (\n\t\"fmt\"\n\t\"example.com/app/store\"\n)\n\nfunc main() {\n\tdb := store.Open()\n\tdb.Close()\n\tfmt.Println(db.Name)\n}\n",
            ),
        ],
        &[
            ("main.go:9:Open", "store/store.go:3"),
            ("main.go:10:Close", "store/db.go:5"),
            ("main.go:10:db", "local:9"),
            ("main.go:11:Name", "store/db.go:3"),
            ("main.go:11:Println", "external:fmt"),
            ("store/store.go:3:DB", "store/db.go:3"),
        ],
    );
}

#[test]
fn go_types_flow_through_generics_ranges_and_embedding() {
    let source = "package p\n\ntype Base struct{}\n\nfunc (Base) Hello() {}\n\ntype Item struct{ Base }\n\ntype List[T any] struct{ items []T }\n\nfunc (l *List[T]) All() []T { return l.items }\n\nfunc run(l *List[Item], m map[string]*Item) {\n\tfor _, item := range l.All() {\n\t\titem.Hello()\n\t}\n\tif v, ok := m[\"a\"]; ok {\n\t\tv.Hello()\n\t}\n}\n";
    check(
        &[("p.go", source)],
        &[("p.go:15:Hello", "p.go:5"), ("p.go:18:Hello", "p.go:5"), ("p.go:11:T", "local:11")],
    );
}

#[test]
fn go_shadowing_follows_the_order_of_statements() {
    let source = "package p\n\nfunc f(x int) int {\n\tx = x + 1\n\tif x := x * 2; x > 0 {\n\t\treturn x\n\t}\n\treturn x\n}\n";
    check(
        &[("p.go", source)],
        &[("p.go:5:x:1", "local:3"), ("p.go:6:x", "local:5"), ("p.go:8:x", "local:3")],
    );
}

#[test]
fn go_interfaces_are_satisfied_by_methods() {
    let source = "package p\n\ntype Shape interface{ Area() int; Name() string }\n\ntype Square struct{}\n\nfunc (Square) Area() int { return 1 }\nfunc (Square) Name() string { return \"\" }\n\ntype Half struct{}\n\nfunc (Half) Area() int { return 1 }\n";
    assert_eq!(
        relations(&[("p.go", source)]),
        ["implements Square Shape", "overrides Area Area", "overrides Name Name"]
    );
}

#[test]
fn script_imports_follow_reexports_paths_and_packages() {
    check(
        &[
            (
                "tsconfig.json",
                "{ \"compilerOptions\": { \"paths\": { \"@lib/*\": [\"./src/lib/*\"] } } }",
            ),
            (
                "src/lib/a.ts",
                "export function helper() {}\nexport default class Thing { run() {} }\n",
            ),
            (
                "src/index.ts",
                "export * from './lib/a.js'\nexport { default as Thing } from './lib/a'\n",
            ),
            ("packages/x/package.json", "{ \"name\": \"@me/x\", \"main\": \"dist/index.js\" }"),
            ("packages/x/src/index.ts", "export const value = 1\n"),
            (
                "src/main.ts",
                "import { helper, Thing } from './index'\nimport { helper as h } from '@lib/a'\nimport { value } from '@me/x'\nimport fs from 'node:fs'\nhelper()\nh()\nnew Thing().run()\nfs.run(value)\n",
            ),
        ],
        &[
            ("src/main.ts:5:helper", "src/lib/a.ts:1"),
            ("src/main.ts:6:h", "src/lib/a.ts:1"),
            ("src/main.ts:7:Thing", "src/lib/a.ts:2"),
            ("src/main.ts:7:run", "src/lib/a.ts:2"),
            ("src/main.ts:8:value", "packages/x/src/index.ts:1"),
            ("src/main.ts:8:run", "external:node:fs"),
        ],
    );
}

#[test]
fn script_lambdas_get_types_from_their_place() {
    let source = "class User { name = ''; rename(to: string) {} }\nasync function load(): Promise<User[]> { return [] }\nasync function main() {\n  const users = await load()\n  users.map(user => user).forEach(user => user.rename('x'))\n  const [first] = users\n  first.rename('y')\n  const byName = new Map<string, User>()\n  byName.get('a')?.rename('z')\n}\n";
    check(
        &[("a.ts", source)],
        &[("a.ts:5:rename", "a.ts:1"), ("a.ts:7:rename", "a.ts:1"), ("a.ts:9:rename", "a.ts:1")],
    );
}

#[test]
fn script_unknown_receivers_stay_unresolved() {
    check(
        &[("a.ts", "class A { save() {} }\nfunction f(x: any) { x.save() }\n")],
        &[("a.ts:2:save", "unresolved:unknown receiver")],
    );
}

#[test]
fn commonjs_modules_are_followed() {
    check(
        &[
            (
                "lib.js",
                "exports.one = function () {}\nfunction two() {}\nmodule.exports.two = two\n",
            ),
            ("whole.js", "class Whole { go() {} }\nmodule.exports = Whole\n"),
            (
                "main.js",
                "const { one } = require('./lib')\nconst lib = require('./lib')\nconst Whole = require('./whole')\none()\nlib.one()\nnew Whole().go()\n",
            ),
        ],
        &[
            ("main.js:4:one", "lib.js:1"),
            ("main.js:5:one", "lib.js:1"),
            ("main.js:6:go", "whole.js:1"),
        ],
    );
}

#[test]
fn java_overloads_imports_and_inheritance() {
    check(
        &[
            (
                "a/Base.java",
                "package a;\npublic class Base {\n  protected void run(int x) {}\n  protected void run(String x) {}\n}\n",
            ),
            (
                "b/Main.java",
                "package b;\nimport a.Base;\nimport java.util.List;\nclass Main extends Base {\n  void go(List<Main> all) {\n    run(\"x\");\n    run(1);\n    for (Main m : all) m.go(all);\n    all.stream().filter(m -> m.ok()).findFirst().get().ok();\n  }\n  boolean ok() { return true; }\n}\n",
            ),
        ],
        &[
            ("b/Main.java:6:run", "a/Base.java:4"),
            ("b/Main.java:7:run", "a/Base.java:3"),
            ("b/Main.java:8:go", "b/Main.java:5"),
            ("b/Main.java:9:ok:1", "b/Main.java:11"),
            ("b/Main.java:9:ok:2", "b/Main.java:11"),
            ("b/Main.java:2:Base", "a/Base.java:2"),
        ],
    );
}

#[test]
fn csharp_namespaces_partial_classes_and_extensions() {
    check(
        &[
            (
                "A.cs",
                "namespace App.Core;\npublic partial class Box { public string Name { get; set; } }\n",
            ),
            (
                "B.cs",
                "namespace App.Core;\npublic partial class Box { public void Open() { Close(); } void Close() {} }\npublic static class Extra { public static void Shake(this Box box) {} }\n",
            ),
            (
                "C.cs",
                "using App.Core;\nclass Main {\n  void Run() {\n    var box = new Box();\n    box.Open();\n    box.Shake();\n    var n = box?.Name;\n  }\n}\n",
            ),
        ],
        &[
            ("C.cs:5:Open", "B.cs:2"),
            ("C.cs:6:Shake", "B.cs:3"),
            ("C.cs:7:Name", "A.cs:2"),
            ("B.cs:2:Close", "B.cs:2"),
        ],
    );
}

#[test]
fn php_namespaces_traits_and_properties() {
    check(
        &[
            (
                "src/Logs.php",
                "<?php\nnamespace App;\ntrait Logs { public function log(string $m) {} }\n",
            ),
            (
                "src/User.php",
                "<?php\nnamespace App;\nclass User {\n  use Logs;\n  public function __construct(private Mailer $mailer) {}\n  public function send() { $this->mailer->post(); $this->log('x'); }\n}\n",
            ),
            (
                "src/Mailer.php",
                "<?php\nnamespace App;\nclass Mailer { public function post() {} }\n",
            ),
            ("main.php", "<?php\nuse App\\User;\n$user = new User(null);\n$user->send();\n"),
        ],
        &[
            ("src/User.php:6:post", "src/Mailer.php:3"),
            ("src/User.php:6:log", "src/Logs.php:3"),
            ("main.php:4:send", "src/User.php:6"),
        ],
    );
}

#[test]
fn ruby_constants_mixins_and_instance_variables() {
    check(
        &[
            (
                "a.rb",
                "module App\n  module Loud\n    def shout; end\n  end\n  class Dog\n    include Loud\n    attr_reader :name\n    def initialize\n      @name = Name.new\n    end\n    def bark\n      shout\n      name.text\n    end\n  end\n  class Name\n    def text; end\n  end\nend\n",
            ),
            ("b.rb", "dog = App::Dog.new\ndog.bark\n"),
        ],
        &[
            ("a.rb:12:shout", "a.rb:3"),
            ("a.rb:13:text", "a.rb:17"),
            ("b.rb:1:Dog", "a.rb:5"),
            ("b.rb:2:bark", "a.rb:11"),
        ],
    );
}

#[test]
fn a_property_called_like_its_type_is_not_taken_for_it() {
    check(
        &[(
            "A.cs",
            "class Kind {}\nclass Box {\n  public Kind Kind { get; set; }\n  void Set(Kind kind) { Kind = kind; }\n}\n",
        )],
        &[("A.cs:4:Kind:1", "A.cs:1"), ("A.cs:4:Kind:2", "A.cs:3")],
    );
}

#[test]
fn kotlin_defaults_declare_nothing() {
    check(
        &[("A.kt", "val limit = 1\nclass A(val size: Int = limit)\nval x = limit\n")],
        &[("A.kt:2:limit", "A.kt:1"), ("A.kt:3:limit", "A.kt:1")],
    );
}

#[test]
fn kotlin_extensions_companions_and_it() {
    check(
        &[(
            "A.kt",
            "package app\nclass Item(val name: String) {\n  fun use() {}\n  companion object {\n    fun make(): Item = Item(\"\")\n  }\n}\nfun Item.twice() { use() }\nfun run(items: List<Item>) {\n  Item.make().twice()\n  items.forEach { it.use() }\n  val first = items.first()\n  first.use()\n}\n",
        )],
        &[
            ("A.kt:8:use", "A.kt:3"),
            ("A.kt:10:make", "A.kt:5"),
            ("A.kt:10:twice", "A.kt:8"),
            ("A.kt:11:use", "A.kt:3"),
            ("A.kt:13:use", "A.kt:3"),
        ],
    );
}

#[test]
fn scala_cases_objects_and_traits() {
    check(
        &[(
            "A.scala",
            "package app\ntrait Greets { def greet(): Unit = () }\ncase class Person(name: String) extends Greets\nobject Person { def empty: Person = Person(\"\") }\nobject Main {\n  def run(x: Any, all: List[Person]): Unit = {\n    Person.empty.greet()\n    x match { case p: Person => p.greet() }\n    for (q <- all) q.greet()\n  }\n}\n",
        )],
        &[
            ("A.scala:7:greet", "A.scala:2"),
            ("A.scala:8:greet", "A.scala:2"),
            ("A.scala:9:greet", "A.scala:2"),
        ],
    );
}

#[test]
fn swift_extensions_protocols_and_optionals() {
    check(
        &[
            (
                "A.swift",
                "protocol Runs { func run() }\nclass Car: Runs {\n  var wheel: Wheel?\n  func run() { wheel?.turn() }\n}\nstruct Wheel { func turn() {} }\n",
            ),
            (
                "B.swift",
                "extension Car { func stop() { run() } }\nfunc main(cars: [Car]) {\n  for car in cars { car.stop() }\n  if let wheel = cars[0].wheel { wheel.turn() }\n}\n",
            ),
        ],
        &[
            ("A.swift:4:turn", "A.swift:6"),
            ("B.swift:1:run", "A.swift:4"),
            ("B.swift:3:stop", "B.swift:1"),
            ("B.swift:4:turn", "A.swift:6"),
        ],
    );
}

#[test]
fn c_calls_lead_to_definitions_that_headers_declare() {
    check(
        &[
            ("util.h", "struct point { int x; };\nint add(int a, int b);\n"),
            ("util.c", "#include \"util.h\"\nint add(int a, int b) { return a + b; }\n"),
            (
                "main.c",
                "#include \"util.h\"\nint main(void) {\n  struct point p;\n  p.x = add(1, 2);\n  return hidden(p.x);\n}\n",
            ),
            ("other.c", "int hidden(int x) { return x; }\n"),
        ],
        &[
            ("main.c:4:add", "util.c:2"),
            ("main.c:4:x", "util.h:1"),
            ("main.c:5:hidden", "unresolved:unknown name"),
        ],
    );
}

#[test]
fn cpp_members_are_defined_out_of_line() {
    check(
        &[
            (
                "box.h",
                "namespace app {\nclass Box {\n public:\n  void open();\n private:\n  int count_;\n};\n}\n",
            ),
            (
                "box.cc",
                "#include \"box.h\"\nnamespace app {\nvoid Box::open() { count_ = 1; open(); }\n}\n",
            ),
            ("main.cc", "#include \"box.h\"\nint main() {\n  app::Box box;\n  box.open();\n}\n"),
        ],
        &[
            ("box.cc:3:count_", "box.h:6"),
            ("main.cc:3:Box", "box.h:2"),
            ("main.cc:4:open", "box.cc:3"),
        ],
    );
}

#[test]
fn a_class_that_extends_itself_ends() {
    check(
        &[
            (
                "A.java",
                "class A extends B { void f() { g(); } }\nclass B extends A { void h() { f(); } }\n",
            ),
            ("a.ts", "import { x } from './b'\nexport { x }\nx()\n"),
            ("b.ts", "export { x } from './a'\n"),
        ],
        &[("A.java:2:f", "A.java:1"), ("a.ts:3:x", "unresolved:missing module")],
    );
}

#[test]
fn deep_and_broken_sources_are_read() {
    let deep = format!("const x = {}1{};\n", "(".repeat(800), ")".repeat(800));
    let chain = format!("let y = a{};\n", ".b()".repeat(800));
    let broken = "class { def ( func struct <T extends => }{ import from 'x' [[[";
    for end in ["ts", "js", "go", "java", "cs", "php", "rb", "kt", "scala", "swift", "c", "cpp"] {
        for text in [&*deep, &*chain, broken] {
            Tree::new(&[(&format!("a.{end}"), text)]).resolve();
        }
    }
}

#[test]
fn exports_do_not_see_into_bodies() {
    let digest = |text: &str| {
        let graph = Tree::new(&[("a.go", text)]);
        crate::layer::Files::exports(&graph, flux_core::FileId(0))
    };
    let before = digest("package p\n\nfunc f() int { return 1 }\n");
    assert_eq!(before, digest("package p\n\nfunc f() int { return 2 + 3 }\n"));
    assert_ne!(before, digest("package p\n\nfunc f() string { return 1 }\n"));
}

#[test]
fn calls_and_mentions_are_told_apart() {
    let graph = &Tree::new(&[("a.ts", "function f() {}\nf()\nconst g = f\n")]).resolve()[0];
    let kinds: Vec<EdgeKind> = graph.occurrences.iter().map(|found| found.kind).collect();
    assert_eq!(kinds, [EdgeKind::Calls, EdgeKind::References]);
}

#[test]
fn cpp_classes_marked_for_export_and_methods_made_by_macros() {
    let source = "#define API\nnamespace n {\nclass API Base {\n public:\n  void put(int a);\n};\nclass API Batch final : public Base {\n public:\n  int count;\n  int size() { return count; }\n};\n}\nclass Fixture {\n public:\n  void run() {}\n};\nvoid put(int a) {}\nTEST_F(Fixture, Works) {\n  run();\n  n::Batch batch;\n  batch.put(1);\n  batch.size();\n}\nvoid f() { put(1); }\n";
    check(
        &[("a.cc", source)],
        &[
            ("a.cc:19:run", "a.cc:15"),
            ("a.cc:20:Batch", "a.cc:7"),
            ("a.cc:21:put", "a.cc:5"),
            ("a.cc:22:size", "a.cc:10"),
            ("a.cc:10:count", "a.cc:9"),
            ("a.cc:7:Base", "a.cc:3"),
            ("a.cc:24:put", "a.cc:17"),
        ],
    );
}

#[test]
fn classes_of_one_name_in_two_files_keep_their_members() {
    let cpp = "class Bench {\n  int done_;\n  void stop() { done_ = 1; }\n};\n";
    let ruby = "class Client\n  def foo\n  end\nend\nClient.new.foo\n";
    check(
        &[("a.cc", cpp), ("b.cc", cpp), ("a.rb", ruby), ("b.rb", ruby)],
        &[
            ("a.cc:3:done_", "a.cc:2"),
            ("b.cc:3:done_", "b.cc:2"),
            ("a.rb:5:foo", "a.rb:2"),
            ("b.rb:5:foo", "b.rb:2"),
        ],
    );
}

#[test]
fn calls_mean_functions_where_a_field_has_the_same_name() {
    let java = "class A {\n  private int sql = 1;\n  private int sql() { return sql; }\n  int f() { return sql() + sql; }\n}\n";
    let php = "<?php\nclass A {\n  private $use = 1;\n  function use() { return $this->use; }\n  function f() { return $this->use(); }\n}\n";
    let kotlin = "class Lazy(start: Int) {\n  private var start: Int? = start\n  fun f() { start = null }\n}\n";
    check(
        &[("A.java", java), ("a.php", php), ("a.kt", kotlin)],
        &[
            ("A.java:3:sql", "A.java:2"),
            ("A.java:4:sql", "A.java:3"),
            ("A.java:4:sql:2", "A.java:2"),
            ("a.php:4:use", "a.php:3"),
            ("a.php:5:use", "a.php:4"),
            ("a.kt:2:start", "a.kt:1"),
            ("a.kt:3:start", "a.kt:2"),
        ],
    );
}

#[test]
fn overloads_may_be_called_without_what_has_defaults() {
    let csharp = "class A {\n  void F(int a, int b, int c) {}\n  void F(int a, string b = \"\") {}\n  void G() { F(1); }\n}\n";
    let kotlin = "fun f(a: Int, b: Int) {}\nfun f(a: Int, b: String = \"\", c: Int = 1) {}\nfun g() { f(1) }\n";
    let swift = "func f(_ a: Int, _ b: Int) {}\nfunc f(_ a: Int, _ b: String = \"\") {}\nfunc g() { f(1) }\n";
    check(
        &[("A.cs", csharp), ("a.kt", kotlin), ("a.swift", swift)],
        &[("A.cs:4:F", "A.cs:3"), ("a.kt:3:f", "a.kt:2"), ("a.swift:3:f", "a.swift:2")],
    );
}

#[test]
fn swift_overloads_are_told_apart_by_labels() {
    let source = "class A {\n  func send(value: Int, last: Bool = false) {}\n  func send(progress: Int) {}\n  func at(_ x: Int) {}\n  func f() {\n    send(progress: 1)\n    send(value: 1)\n    at(1)\n    send(other: 1)\n  }\n}\n";
    check(
        &[("a.swift", source)],
        &[
            ("a.swift:6:send", "a.swift:3"),
            ("a.swift:7:send", "a.swift:2"),
            ("a.swift:8:at", "a.swift:4"),
            ("a.swift:9:send", "unresolved:unknown name"),
        ],
    );
}

#[test]
fn classes_beside_functions_and_objects_of_their_name() {
    let kotlin = "class Size(val a: String)\nfun Size(a: Int) = Size(\"\")\nfun f() = Size(1)\n";
    let scala = "class Gen(m: Int)\nobject Gen { def make() = new Gen(1) }\nclass User { val g = Gen.make(); val h = new Gen(2) }\n";
    let ruby = "module Lib\n  class << self\n    def new\n    end\n  end\nend\nLib.new\n";
    check(
        &[("a.kt", kotlin), ("a.scala", scala), ("a.rb", ruby)],
        &[
            ("a.kt:3:Size", "a.kt:2"),
            ("a.scala:3:Gen", "a.scala:2"),
            ("a.scala:3:Gen:2", "a.scala:1"),
            ("a.rb:7:new", "a.rb:3"),
        ],
    );
}

#[test]
fn cpp_members_of_nested_classes_are_defined_outside() {
    let source = "template <typename K> class List {\n public:\n  class Iterator {\n   public:\n    void next();\n  };\n};\ntemplate <typename K> void List<K>::Iterator::next() {}\nclass Iterator {\n public:\n  virtual void next() = 0;\n};\nvoid f(Iterator* it) { it->next(); }\n";
    check(&[("a.cc", source)], &[("a.cc:13:next", "a.cc:11"), ("a.cc:8:Iterator", "a.cc:3")]);
}

#[test]
fn kotlin_overloads_behind_an_import() {
    check(
        &[
            (
                "size/S.kt",
                "package size\nclass Size(val a: String)\nfun Size(a: Int) = Size(\"\")\n",
            ),
            ("b.kt", "package b\nimport size.Size\nfun f() = Size(1)\n"),
        ],
        &[("b.kt:3:Size", "size/S.kt:3")],
    );
}
