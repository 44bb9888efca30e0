//! What patterns find, language by language, and what rewrites make of it.

use std::path::Path;

use flux_core::RepoPath;

use super::{Found, Pattern, PatternError, PatternText};
use crate::registry::named;

fn pattern(language: &str, pattern: &str) -> Result<Pattern, PatternError> {
    Pattern::new(named(language).unwrap(), &PatternText::parse(pattern)?)
}

fn find(language: &str, wanted: &str, text: &str) -> Found {
    pattern(language, wanted)
        .unwrap_or_else(|error| panic!("{language}: {error}"))
        .find(text, None)
        .unwrap()
}

#[track_caller]
fn finds(language: &str, wanted: &str, text: &str, expected: &[&str]) {
    let found = find(language, wanted, text);
    let found: Vec<&str> = found.matches.iter().map(|one| one.span.of(text)).collect();
    assert_eq!(found, expected, "{language}: {wanted}");
}

#[track_caller]
fn rewrites(language: &str, wanted: &str, rewrite: &str, text: &str, expected: &str) {
    let (result, _) = rewritten(language, wanted, rewrite, text);
    assert_eq!(result, expected, "{language}: {wanted} to {rewrite}");
}

fn rewritten(language: &str, wanted: &str, rewrite: &str, text: &str) -> (String, Found) {
    let pattern = pattern(language, wanted).unwrap_or_else(|error| panic!("{language}: {error}"));
    let rewrite = pattern.text().rewrite(rewrite).unwrap();
    let found = pattern.find(text, Some(&rewrite)).unwrap();
    let mut result = text.to_owned();
    for one in found.matches.iter().rev() {
        let range = one.span.start as usize..one.span.end as usize;
        result.replace_range(range, one.replacement.as_deref().unwrap());
    }
    (result, found)
}

/// A call, in every language that has them: found in code, and neither in comments nor strings.
#[test]
fn a_call_is_found_in_every_language() {
    let call = |language: &str, text: &str, expected: &str| {
        finds(language, "old($X)", text, &[expected]);
    };
    call("python", "# old(1)\nx = 'old(1)'\ny = old(\n  1)\n", "old(\n  1)");
    call("rust", "// old(1)\nfn f() { let s = \"old(1)\"; old ( 1 ) }\n", "old ( 1 )");
    call("javascript", "// old(1)\nconst x = `old(1)`;\nif (a) { old(1); }\n", "old(1)");
    call("typescript", "// old(1)\nconst x: string = 'old(1)';\nold(1);\n", "old(1)");
    call("tsx", "const x = <a b=\"old(1)\">{old(1)}</a>;\n", "old(1)");
    call("go", "package p\n\n// old(1)\nfunc f() { x := \"old(1)\"; old(1) }\n", "old(1)");
    call(
        "java",
        "class A { String s = \"old(1)\"; /* old(1) */ int f() { return old(1); } }\n",
        "old(1)",
    );
    call("c", "/* old(1) */ int f() { char *s = \"old(1)\"; return old(1); }\n", "old(1)");
    call("cpp", "int f() { auto s = \"old(1)\"; return old(1); } // old(1)\n", "old(1)");
    call("csharp", "class A { string s = \"old(1)\"; int F() { return old(1); } }\n", "old(1)");
    call("ruby", "# old(1)\nx = 'old(1)'\nold(1)\n", "old(1)");
    call("php", "<?php\n// old(1)\n$x = 'old(1)';\nold($y);\n", "old($y)");
    call("kotlin", "// old(1)\nfun f() { val s = \"old(1)\"; old(1) }\n", "old(1)");
    call("swift", "// old(1)\nfunc f() { let s = \"old(1)\"; old(1) }\n", "old(1)");
    call("scala", "object A { val s = \"old(1)\"; def f = old(1) }\n", "old(1)");
    call("lua", "-- old(1)\nlocal s = 'old(1)'\nold(1)\n", "old(1)");
    call("elixir", "# old(1)\nx = \"old(1)\"\nold(1)\n", "old(1)");
    call("haskell", "-- old(1)\nf = old(1)\n", "old(1)");
    call("zig", "// old(1)\nfn f() void { old(1); }\n", "old(1)");
    call("sql", "-- old(1)\nSELECT 'old(1)', old(1) FROM t;\n", "old(1)");
}

#[test]
fn data_and_shells_have_patterns_of_their_own() {
    finds("bash", "rm -rf $X", "# rm -rf a\nrm -rf build\necho 'rm -rf b'\n", &["rm -rf build"]);
    finds("css", "color: $X;", "a { color: red; }\n/* color: red; */\n", &["color: red;"]);
    finds("json", "\"a\": $X", "{\"a\": [1, 2], \"b\": \"a\"}", &["\"a\": [1, 2]"]);
    finds("yaml", "on: $X", "on: push\nname: on\n", &["on: push"]);
    finds("toml", "a = $X", "a = [1]\nb = 'a = 1'\n", &["a = [1]"]);
}

#[test]
fn kinds_of_code_besides_expressions() {
    finds(
        "rust",
        "fn $F($$$A) -> $R { $$$B }",
        "fn f(a: i32) -> i32 { a; a }\nfn g() {}\n",
        &["fn f(a: i32) -> i32 { a; a }"],
    );
    finds(
        "rust",
        "let $X = $Y.unwrap();",
        "fn f() { let a = b().unwrap(); }",
        &["let a = b().unwrap();"],
    );
    finds("rust", "Vec<$T>", "fn f(a: Vec<u8>) {}", &["Vec<u8>"]);
    finds("rust", "$A: String", "struct S { a: String }\nfn f(b: String) {}\n", &["a: String"]);
    finds(
        "python",
        "def $F($$$A): $$$B",
        "def f(a, b=1):\n    return a\n",
        &["def f(a, b=1):\n    return a"],
    );
    finds(
        "python",
        "if $X == None: $$$B",
        "if a == None:\n    pass\n",
        &["if a == None:\n    pass"],
    );
    finds("python", "@old", "@old\ndef f(): pass\n", &["@old"]);
    finds(
        "python",
        "except $E: $$$B",
        "try:\n    a()\nexcept E:\n    b()\n",
        &["except E:\n    b()"],
    );
    finds(
        "java",
        "if ($X) { $$$B }",
        "class A { void f() { if (a) { b(); c(); } } }",
        &["if (a) { b(); c(); }"],
    );
    finds("java", "return $X;", "class A { int f() { return 1; } }", &["return 1;"]);
    finds(
        "go",
        "if err != nil { $$$B }",
        "package p\nfunc f() {\n\tif err != nil {\n\t\treturn\n\t}\n}\n",
        &["if err != nil {\n\t\treturn\n\t}"],
    );
    finds("c", "struct $S { $$$F }", "struct a { int b; };\n", &["struct a { int b; }"]);
    finds("javascript", "{a: $X}", "f({a: 1});\n", &["{a: 1}"]);
    finds("javascript", "var $X = $Y", "var a = 1;\nvar b = 2\n", &["var a = 1", "var b = 2"]);
    finds("php", "$X = foo($Y)", "<?php\n$a = foo($b);\n", &["$a = foo($b)"]);
    finds(
        "ruby",
        "$X.each do |$A| $$$B end",
        "a.each do |b|\n  c\nend\n",
        &["a.each do |b|\n  c\nend"],
    );
    finds("elixir", "Enum.map($X, $F)", "Enum.map(a, b)\n", &["Enum.map(a, b)"]);
    finds("haskell", "map $F $X", "f = map g x\n", &["map g x"]);
}

#[test]
fn holes_of_one_name_hold_the_same() {
    finds("python", "$A == $A", "a == b\nf(a) == f( a )\n", &["f(a) == f( a )"]);
    finds("python", "f($A, $$$B)", "f(1)\nf(1, 2, 3)\nf()\n", &["f(1)", "f(1, 2, 3)"]);
    finds("python", "f($_, $_)", "f(1, 2)\nf(1)\n", &["f(1, 2)"]);
    finds("python", "f($$$A, x, $$$A)", "f(1, x, 1)\nf(1, x, 2)\n", &["f(1, x, 1)"]);
    finds("python", "print(\"$A\")", "print(\"a b\")\nprint(a)\n", &["print(\"a b\")"]);
}

#[test]
fn words_that_the_pattern_lacks_are_no_match() {
    finds("python", "def $F(): $$$B", "async def f(): pass\ndef g(): pass\n", &["def g(): pass"]);
    finds("javascript", "f($X)", "f?.(1); f(2);\n", &["f(2)"]);
    finds(
        "rust",
        "fn $F() { $$$B }",
        "async fn f() { a }\npub fn g() { a }\nfn h() { a }\n",
        &["fn h() { a }"],
    );
}

#[test]
fn captures_are_named() {
    let text = "f(a, b(1), c)\nf()\n";
    let found = find("python", "f($$$ARGS)", text);
    let of = |at: usize| found.matches[at].captures[0].span.map(|span| span.of(text));
    assert_eq!((of(0), of(1)), (Some("a, b(1), c"), None));
    assert_eq!(found.matches[0].captures[0].name, "ARGS");
}

#[test]
fn what_is_between_holes_stays() {
    let text = "foo(\n    a,  # one\n    b,\n)\n";
    rewrites("python", "foo($$$A)", "bar($$$A)", text, "bar(\n    a,  # one\n    b,\n)\n");
    rewrites("python", "foo($A, $B)", "foo($B, $A)", "foo(1, 2)\n", "foo(2, 1)\n");
    rewrites("python", "$A == None", "$A is None", "x  ==  None\n", "x is None\n");
    rewrites(
        "rust",
        "$A.unwrap()",
        "$A?",
        "fn f() { a\n    .b()\n    .unwrap(); }",
        "fn f() { a\n    .b()?; }",
    );
    rewrites("javascript", "var $X = $Y", "let $X = $Y", "var a =\n  1;\n", "let a =\n  1;\n");
    rewrites("python", "$A == $A", "same($A)", "f(1) == f(1)\n", "same(f(1))\n");
}

#[test]
fn nothing_needs_no_comma() {
    rewrites(
        "python",
        "foo($$$A)",
        "bar($$$A, 1)",
        "foo()\nfoo(2)\nfoo(2,)\n",
        "bar(1)\nbar(2, 1)\nbar(2, 1)\n",
    );
    rewrites("python", "f($A, $$$B)", "g($$$B, $A)", "f(1)\nf(1, 2)\n", "g(1)\ng(2, 1)\n");
    rewrites("python", "foo($$$A)", "bar(1, $$$A)", "foo()\nfoo(2)\n", "bar(1)\nbar(1, 2)\n");
}

#[test]
fn lines_move_along_but_strings_do_not() {
    let text =
        "def f():\n    if a:\n        foo(1,\n            2)\n        s = '''x\n        y'''\n";
    let expected =
        "def f():\n    with a:\n        foo(1,\n            2)\n        s = '''x\n        y'''\n";
    rewrites("python", "if $A: $$$B", "with $A:\n    $$$B", text, expected);
    let expected = "def f():\n    foo(1,\n        2)\n    s = '''x\n        y'''\n";
    rewrites("python", "if a: $$$B", "$$$B", text, expected);
}

#[test]
fn an_outer_match_is_rewritten_and_an_inner_one_counted() {
    let (result, found) = rewritten("python", "f($X)", "g($X)", "f(f(1))\n");
    assert_eq!((result.as_str(), found.inside), ("g(f(1))\n", 1));
    assert_eq!(find("python", "f($X)", "f(f(1))\n").matches.len(), 2);
}

#[test]
fn comments_that_go_are_counted() {
    let (result, found) = rewritten("python", "f($A, $B)", "g($B)", "f(1, # one\n  2)\n");
    assert_eq!((result.as_str(), found.matches[0].lost_comments), ("g(2)\n", 1));
}

#[test]
fn a_sign_can_be_meant_as_it_stands() {
    finds("bash", "echo \\$HOME", "echo $HOME\necho $PATH\n", &["echo $HOME"]);
    rewrites("bash", "echo $X", "log \\$HOME $X", "echo a\n", "log $HOME a\n");
}

#[test]
fn a_pattern_that_cannot_be_one_says_why() {
    let error = |language: &str, text: &str| pattern(language, text).err().unwrap();
    assert_eq!(error("python", " "), PatternError::Empty);
    assert_eq!(error("python", "$X"), PatternError::Bare);
    assert_eq!(error("python", "f($X"), PatternError::NoParse { language: "python" });
    assert_eq!(error("java", "f($X"), PatternError::NoParse { language: "java" });
    assert_eq!(error("python", "a = 1\nb = 2"), PatternError::Several { language: "python" });
    assert_eq!(error("rust", "get_$X()"), PatternError::PartOfWord("$X".to_owned()));
    assert_eq!(error("rust", "f(\"a $X\")"), PatternError::HoleInText);
    assert_eq!(error("markdown", "# $X"), PatternError::Unsupported("markdown"));
    let long = format!("f({})", "1, ".repeat(9000));
    assert_eq!(error("python", &long), PatternError::TooLong);
    let deep = format!("{}1{}", "(".repeat(4000), ")".repeat(4000));
    assert_eq!(error("python", &deep), PatternError::NoParse { language: "python" });
    let text = PatternText::parse("f($X)").unwrap();
    assert_eq!(text.rewrite("g($Y)"), Err(PatternError::Unknown("$Y".to_owned())));
}

/// A rewrite that is its pattern changes no byte of any sample.
#[test]
fn the_identity_changes_nothing() {
    let patterns = [
        "$F($$$A)",
        "$F($A)",
        "$A.$B",
        "$A = $B",
        "$A == $B",
        "if ($C) { $$$B }",
        "return $X;",
        "return $X",
        "def $F($$$A): $$$B",
        "class $C { $$$B }",
        "$A[$I]",
        "$A + $B",
        "import $X",
        "fn $F($$$A) { $$$B }",
        "[$$$A]",
        "{$$$A}",
        "($$$A)",
        "\"$A\"",
        "$K: $V",
        "<$T>$$$B</$T>",
    ];
    let mut seen = 0;
    for (path, text) in samples() {
        let Some(grammar) = crate::detect(&path, &text) else { continue };
        for typed in patterns {
            let Ok(pattern) = pattern(grammar.name(), typed) else { continue };
            let rewrite = pattern.text().rewrite(typed).unwrap();
            let found = pattern.find(&text, Some(&rewrite)).unwrap();
            for one in &found.matches {
                let (there, comes) = (one.span.of(&text), one.replacement.as_deref());
                assert_eq!(comes, Some(there), "{path}: {typed}");
            }
            seen += found.matches.len();
        }
    }
    assert!(seen > 200, "only {seen} matches in all samples");
}

fn samples() -> Vec<(RepoPath, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/languages");
    let mut samples = Vec::new();
    for language in std::fs::read_dir(folder).unwrap() {
        for file in std::fs::read_dir(language.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if let Ok(text) = std::fs::read_to_string(&path) {
                samples.push((RepoPath::new(name), text));
            }
        }
    }
    samples.sort();
    samples
}
