//! What was found wrong when edges of unseen projects were judged by hand.

use super::check;

#[test]
fn build_scripts_declare_nothing_for_sources() {
    check(
        &[
            ("build.sbt", "lazy val shop = project\n"),
            ("build.sc", "object market extends Module\n"),
            ("a.scala", "package shop\nclass Cart { def add(): Unit = () }\n"),
            ("b.scala", "class Use { val a = new shop.Cart; val m = market.open }\n"),
        ],
        &[("b.scala:1:Cart", "a.scala:2"), ("b.scala:1:market", "unresolved:unknown name")],
    );
}

#[test]
fn scala_types_and_their_companions_behind_a_package() {
    let types = "package lib\ntrait Reader[T]\nobject Reader { def make = 1 }\n";
    let user = "class Use {\n  val r: lib.Reader[Int] = null\n  val m = lib.Reader.make\n}\n";
    check(
        &[("a.scala", types), ("b.scala", user)],
        &[("b.scala:2:Reader", "a.scala:2"), ("b.scala:3:Reader", "a.scala:3")],
    );
}

#[test]
fn csharp_classes_are_told_apart_by_their_type_parameters() {
    let boxes = "namespace N;\nclass Box { public void Open() {} }\nclass Box<T> { public void Open() {} public T Value { get; } }\n";
    let user = "namespace N;\nclass Use : Box {\n  void F(Box<Use> one, Box two) {\n    one.Open();\n    two.Open();\n    new Box<Use>().Open();\n  }\n}\n";
    check(
        &[("A.cs", boxes), ("B.cs", user)],
        &[
            ("B.cs:2:Box", "A.cs:2"),
            ("B.cs:3:Box:1", "A.cs:3"),
            ("B.cs:3:Box:2", "A.cs:2"),
            ("B.cs:4:Open", "A.cs:3"),
            ("B.cs:5:Open", "A.cs:2"),
            ("B.cs:6:Open", "A.cs:3"),
        ],
    );
}

#[test]
fn csharp_extensions_count_their_receiver() {
    let source = "class Policy {}\nstatic class More {\n  public static Policy Retry(this Policy p, int count) => p;\n  public static Policy Retry(this Policy p, int count, Action<int> f) => p;\n  public static Policy Retry(this Policy p, int count, Action<int, string> f) => p;\n}\nclass Use {\n  void F(Policy p) {\n    p.Retry(1);\n    p.Retry(1, (a, b) => {});\n    More.Retry(p, 1);\n  }\n}\n";
    check(
        &[("A.cs", source)],
        &[("A.cs:9:Retry", "A.cs:3"), ("A.cs:10:Retry", "A.cs:5"), ("A.cs:11:Retry", "A.cs:3")],
    );
}

#[test]
fn classes_of_one_name_in_two_projects_are_two() {
    let helper = "namespace Support;\nstatic class Some { public static int Event() => 1; }\n";
    let swift = "struct Author { func name() {} }\n";
    check(
        &[
            ("one/Some.cs", helper),
            ("two/Some.cs", helper),
            ("two/Use.cs", "using Support;\nclass Use { int x = Some.Event(); }\n"),
            ("Tools/one/Author.swift", swift),
            ("Tools/two/Author.swift", swift),
            ("Tools/two/Use.swift", "func f() { Author().name() }\n"),
        ],
        &[
            ("two/Use.cs:2:Some", "two/Some.cs:2"),
            ("two/Use.cs:2:Event", "two/Some.cs:2"),
            ("Tools/two/Use.swift:1:Author", "Tools/two/Author.swift:1"),
            ("Tools/two/Use.swift:1:name", "Tools/two/Author.swift:1"),
        ],
    );
}

#[test]
fn php_namespaces_are_no_classes() {
    check(
        &[
            ("Node.php", "<?php\nnamespace Lib;\nclass Node {}\n"),
            ("Name.php", "<?php\nnamespace Lib\\Node;\nclass Name {}\n"),
            ("use.php", "<?php\nuse Lib\\Node;\n$a = new Node\\Name();\n$b = new Node();\n"),
        ],
        &[
            ("use.php:3:Name", "Name.php:3"),
            ("use.php:3:Node", ""),
            ("use.php:4:Node", "Node.php:3"),
        ],
    );
}

#[test]
fn java_calls_pass_over_fields_and_classes_are_values() {
    let source = "class Base { void nodes() {} }\nclass Sub extends Base { int nodes; }\nclass Type {\n  static void get(Other o) {}\n  static void get(Class<?> c) {}\n}\nclass Other {}\nclass Use {\n  void f(Sub s) {\n    s.nodes();\n    Type.get(String.class);\n  }\n}\n";
    check(&[("A.java", source)], &[("A.java:10:nodes", "A.java:1"), ("A.java:11:get", "A.java:5")]);
}

#[test]
fn kotlin_lambdas_with_receivers() {
    let source = "package p\nclass Html {\n  fun body(f: suspend Body.() -> Unit) {}\n  fun add() {}\n}\nclass Body { fun add() {} }\nclass Page {\n  fun add() {}\n  fun render(html: Html) {\n    html.body { add() }\n    html.apply { add() }\n    html.body { this.add() }\n    html.body { this@Page.add() }\n    html.let { add() }\n  }\n}\n";
    check(
        &[("A.kt", source)],
        &[
            ("A.kt:10:add", "A.kt:6"),
            ("A.kt:11:add", "A.kt:4"),
            ("A.kt:12:add", "A.kt:6"),
            ("A.kt:13:add", "A.kt:8"),
            ("A.kt:14:add", "A.kt:8"),
        ],
    );
}

#[test]
fn kotlin_extensions_are_imported_or_members_of_a_receiver() {
    let one = "package one\nclass Flow\nfun Flow.test() {}\nfun Flow.other() {}\ninterface Context { fun Flow.test() }\nfun scope(f: Context.() -> Unit) {}\n";
    let two = "package two\nimport one.Flow\nimport one.scope\nimport one.test\nfun f(flow: Flow) {\n  flow.test()\n  flow.other()\n  scope { flow.test() }\n}\n";
    check(
        &[("a.kt", one), ("b.kt", two)],
        &[
            ("b.kt:6:test", "a.kt:3"),
            ("b.kt:7:other", "unresolved:no such member"),
            ("b.kt:8:test", "a.kt:5"),
        ],
    );
}

#[test]
fn kotlin_class_literals_choose_overloads() {
    let source = "class Note\nclass Spec {\n  fun add(vararg notes: Note) {}\n  fun add(vararg types: KClass<*>) {}\n}\nfun f(s: Spec) { s.add(Note::class, Spec::class) }\n";
    check(&[("A.kt", source)], &[("A.kt:6:add", "A.kt:4"), ("A.kt:6:Note", "A.kt:1")]);
}

#[test]
fn swift_type_parameters_in_extensions_and_cases() {
    check(
        &[
            (
                "A.swift",
                "protocol Parsed { associatedtype Value }\nstruct Flag<Value>: Parsed {\n}\nenum Node {\n  case alias(Int)\n}\n",
            ),
            (
                "B.swift",
                "extension Flag {\n  func f(_ v: Value) {}\n}\nextension Node {\n  var alias: Int { 1 }\n}\nfunc g(n: Node) {\n  let a = Node.alias(1)\n  let b = n.alias\n}\n",
            ),
        ],
        &[
            ("B.swift:2:Value", "unresolved:unknown name"),
            ("B.swift:8:alias", "A.swift:5"),
            ("B.swift:9:alias", "B.swift:5"),
        ],
    );
}

#[test]
fn this_in_a_value_of_an_object_is_that_outside() {
    let source = "class Hook {\n  constructor() { this.taps = [] }\n  create() { return { taps: this.taps } }\n  wrap() { return { taps: () => this.taps, own() { return this.taps } } }\n}\n";
    check(
        &[("a.js", source)],
        &[("a.js:3:taps:1", "a.js:2"), ("a.js:4:taps:1", "a.js:2"), ("a.js:4:taps:2", "a.js:4")],
    );
}

#[test]
fn ruby_modules_lie_where_their_names_say() {
    check(
        &[
            ("lib/app/box.rb", "module App\n  class Box\n  end\nend\n"),
            ("lib/app.rb", "module App\n  module Util\n  end\nend\n"),
            (
                "lib/app/ansi.rb",
                "module App\n  module Util\n    module Ansi\n    end\n  end\nend\n",
            ),
            ("main.rb", "App::Util::Ansi\n"),
        ],
        &[("main.rb:1:App", "lib/app.rb:1"), ("main.rb:1:Util", "lib/app.rb:2")],
    );
}

#[test]
fn cpp_reopening_std_does_not_define_it() {
    let source = "namespace std {\nstruct Tag {};\n}\nvoid f(std::string s);\nstd::Tag t;\n";
    check(&[("a.cc", source)], &[("a.cc:4:std", ""), ("a.cc:5:Tag", "a.cc:2")]);
}

#[test]
fn kotlin_parameters_in_the_value_of_a_property_of_their_name() {
    let source = "class Pipe { fun close() {} }\nclass Use(pipe: Pipe) {\n  private val pipe = object : Other() {\n    fun close() { pipe.close() }\n  }\n  fun stop() { pipe.close() }\n}\n";
    check(&[("A.kt", source)], &[("A.kt:4:close", "A.kt:1"), ("A.kt:6:close", "A.kt:4")]);
}

#[test]
fn csharp_overloads_by_type_arguments_defaults_and_what_lambdas_give() {
    let source = "class P {\n  void Run(Action f) {}\n  R Run<R>(Func<R> f) => f();\n  R Run<R>(Func<int, R> f, int n = default) => f(n);\n  P Make() => this;\n  P Make<T>() => this;\n  void F(P p) {\n    p.Run(() => string.Empty);\n    p.Run(() => { });\n    p.Run<int>(_ => 1);\n    p.Make<int>();\n    p.Make();\n  }\n}\n";
    check(
        &[("A.cs", source)],
        &[
            ("A.cs:8:Run", "A.cs:3"),
            ("A.cs:9:Run", "A.cs:2"),
            ("A.cs:10:Run", "A.cs:4"),
            ("A.cs:11:Make", "A.cs:6"),
            ("A.cs:12:Make", "A.cs:5"),
        ],
    );
}

#[test]
fn csharp_overloads_by_classes_of_one_name() {
    let source = "interface IProvider {}\ninterface IProvider<T> {}\nstatic class More {\n  public static IProvider<T> For<T>(this IProvider p) => null;\n}\nclass Policy {\n  public static void Cache(IProvider p, int n) {}\n  public static void Cache<R>(IProvider<R> p, int n) {}\n  void F(IProvider p) {\n    Policy.Cache(p.For<Policy>(), 1);\n    Policy.Cache(p, 1);\n  }\n}\n";
    check(
        &[("A.cs", source)],
        &[("A.cs:10:Cache", "A.cs:8"), ("A.cs:11:Cache", "A.cs:7"), ("A.cs:10:For", "A.cs:4")],
    );
}

#[test]
fn csharp_usings_of_a_project_are_its_own() {
    let some =
        |name: &str| format!("namespace {name};\nclass Some {{ public static int E() => 1; }}\n");
    check(
        &[
            ("a/Some.cs", &some("A")),
            ("a/Usings.cs", "global using A;\n"),
            ("b/Some.cs", &some("B")),
            ("b/Usings.cs", "global using B;\n"),
            ("b/Use.cs", "class Use { int x = Some.E(); }\n"),
        ],
        &[("b/Use.cs:1:Some", "b/Some.cs:2"), ("b/Use.cs:1:E", "b/Some.cs:2")],
    );
}

#[test]
fn scala_calls_of_a_companion_that_applies() {
    let source = "package lib\ncase class Arr(v: Int)\nobject Arr { def apply(a: Int, b: Int): Arr = new Arr(a) }\ncase class Str(v: String)\nobject Str { def empty = 1 }\nobject Main { val a = lib.Arr(1, 2); val s = Str(\"\") }\n";
    check(
        &[("a.scala", source)],
        &[
            ("a.scala:3:Arr:2", "a.scala:2"),
            ("a.scala:6:Arr", "a.scala:3"),
            ("a.scala:6:Str", "a.scala:4"),
        ],
    );
}

#[test]
fn java_overloads_by_the_names_of_external_types() {
    let source = "import java.io.File;\nimport java.io.InputStream;\nclass Html {\n  static void parse(File f) {}\n  static void parse(InputStream s) {}\n}\nclass Use {\n  void f(InputStream in) {\n    Html.parse(in);\n    Html.parse(new File(\"\"));\n  }\n}\n";
    check(
        &[("A.java", source)],
        &[("A.java:9:parse", "A.java:5"), ("A.java:10:parse", "A.java:4")],
    );
}

#[test]
fn php_properties_are_where_they_are_declared() {
    let source = "<?php\nclass Base { public $name; }\nclass Sub extends Base {\n  function __construct($n) { $this->name = $n; $this->own = $n; }\n}\nfunction f(Sub $s) { return $s->name . $s->own; }\n";
    check(&[("a.php", source)], &[("a.php:6:name", "a.php:2"), ("a.php:6:own", "a.php:4")]);
}

#[test]
fn swift_private_members_are_of_their_file() {
    let source =
        "extension Box {\n  private var tail: Int { 1 }\n  func f() -> Int { self.tail }\n}\n";
    check(
        &[("A.swift", source), ("B.swift", source), ("C.swift", "struct Box {}\n")],
        &[("A.swift:3:tail", "A.swift:2"), ("B.swift:3:tail", "B.swift:2")],
    );
}

#[test]
fn typescript_functions_assigned_to_members_have_no_name() {
    let source = "function die() {}\nfunction make() {\n  const atom = () => {}\n  atom.remove = () => { die() }\n  return atom\n}\n";
    let caller = |path: &str| {
        let graph = &crate::testing::Tree::new(&[(path, source)]).resolve()[0];
        let call = graph.occurrences.iter().find(|found| found.span.of(source) == "die");
        let enclosing = call.expect("it is called").enclosing;
        graph.definitions[enclosing.0 as usize].name.to_string()
    };
    assert_eq!((caller("a.ts").as_str(), caller("a.js").as_str()), ("make", "remove"));
}

#[test]
fn stand_ins_do_not_say_what_a_function_gives() {
    let source = "class Test {\n  constructor(make) { this.make = make }\n  hook() {\n    try { return this.make() } catch (e) { return { tap() {} } }\n  }\n  run() { this.hook().tap(); this.constructor() }\n}\n";
    check(
        &[("a.js", source)],
        &[
            ("a.js:6:tap", "unresolved:unknown receiver"),
            ("a.js:6:constructor", "unresolved:no such member"),
        ],
    );
}

#[test]
fn swift_members_of_a_namesake_in_another_file_are_not_its_own() {
    check(
        &[
            ("A.swift", "private struct Foo { struct Name {} }\n"),
            ("B.swift", "enum Name { case one }\nprivate struct Foo { var name: Name }\n"),
        ],
        &[("B.swift:2:Name", "B.swift:1")],
    );
}

#[test]
fn cpp_headers_that_are_not_included_define_nothing() {
    let port = "namespace port {\nclass Mutex { public: void Lock(); };\n}\n";
    check(
        &[
            ("example.h", port),
            ("real.h", port),
            ("a.cc", "#include \"real.h\"\nport::Mutex m;\nvoid f() { m.Lock(); }\n"),
        ],
        &[("a.cc:2:Mutex", "real.h:2"), ("a.cc:3:Lock", "real.h:2")],
    );
}
