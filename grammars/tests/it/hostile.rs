//! Texts that are broken, deep, empty or foreign: none may crash or take long.

use flux_core::Symbol;
use flux_grammars::{ExtractError, Extracted, Extractor, named};

fn extract(language: &str, source: &str) -> Result<Extracted, ExtractError> {
    Extractor::new().extract(named(language).expect("the language is built in"), source)
}

fn names(extracted: &Extracted) -> Vec<&str> {
    extracted.symbols.iter().map(|symbol| &*symbol.name).collect()
}

#[test]
fn a_broken_text_still_yields_its_healthy_symbols() {
    let python = extract("python", "def a(:\n  pass\n\nclass B:\n  def c(self): pass\n").unwrap();
    assert!(python.parse_errors > 0);
    assert!(names(&python).ends_with(&["B", "c"]), "{:?}", names(&python));
    let rust = extract("rust", "fn a() {}\nstruct = ;\nfn b() {}\n").unwrap();
    assert!(rust.parse_errors > 0);
    assert_eq!(names(&rust), ["a", "b"]);
}

#[test]
fn an_empty_text_has_nothing() {
    for grammar in flux_grammars::languages() {
        let extracted = Extractor::new().extract(grammar, "").unwrap();
        assert_eq!(extracted, Extracted::default(), "{}", grammar.name());
    }
}

/// Deep texts either give a result or are refused, on a stack that recursion would overrun.
#[test]
fn a_deep_text_neither_crashes_nor_takes_long() {
    let deep = |open: &str, close: &str, depth: usize| open.repeat(depth) + &close.repeat(depth);
    let texts = [
        ("python", "(".repeat(100_000)),
        ("rust", "(".repeat(100_000)),
        ("c", "(".repeat(100_000)),
        ("python", deep("(", ")", 100_000)),
        ("python", format!("x = {}", deep("[", "]", 9_000))),
        ("rust", format!("fn f() {}", deep("{", "}", 9_000))),
        ("c", format!("void f(void) {}", deep("{", "}", 9_000))),
        ("rust", deep("mod a {", "}", 5_000)),
        ("javascript", deep("function f() {", "}", 5_000)),
        ("json", deep("{\"a\":", "}", 5_000)),
    ];
    let run = move || {
        let started = std::time::Instant::now();
        let mut refused = 0;
        for (language, text) in &texts {
            match extract(language, text) {
                Ok(_) => {}
                Err(ExtractError::TooDeep | ExtractError::TooCostly) => refused += 1,
                Err(error) => panic!("{language}: {error}"),
            }
        }
        assert!(refused < texts.len());
        assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    };
    let thread = std::thread::Builder::new().stack_size(256 * 1024).spawn(run).unwrap();
    thread.join().unwrap();
}

/// Scanners that look for an end at every token would read the text once for each.
#[test]
fn a_text_that_ends_within_an_annotation_ends() {
    for text in ["class A {\n  val x = 1\n  @Foo(", "class A {\n  val x = 1\n  @Foo"] {
        let found = extract("kotlin", text).unwrap();
        assert_eq!(&*found.symbols[0].name, "A", "{text}");
    }
    // A large text is judged by its first 2048 bytes, which may end there as well.
    let annotated = "  @A(1) val x = 1\n".repeat(5000);
    for cut in 0..18 {
        let text = format!("class A {{\n{}{annotated}}}\n", " ".repeat(cut));
        assert!(extract("kotlin", &text).is_ok(), "{cut}");
    }
}

#[test]
fn a_text_that_costs_the_square_of_its_length_is_refused() {
    assert_eq!(extract("bash", &"<".repeat(60_000)), Err(ExtractError::TooCostly));
    assert_eq!(
        extract("scala", &format!("[{}]", "1,".repeat(30_000))),
        Err(ExtractError::TooCostly)
    );
}

/// One step of recovery from an error may cost that much and cannot be interrupted.
#[test]
fn a_text_that_is_never_finished_is_refused() {
    let started = std::time::Instant::now();
    for (language, piece) in [
        ("typescript", "a<b,"),
        ("tsx", "a<b,\n"),
        ("csharp", "a<b<"),
        ("bash", "a|"),
        ("java", "a=>"),
        ("zig", "/*"),
    ] {
        let text = piece.repeat(400_000 / piece.len());
        assert_eq!(extract(language, &text), Err(ExtractError::TooCostly), "{language} {piece}");
    }
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}

#[test]
fn a_long_line_of_healthy_code_is_not_refused() {
    let line = "export function f(a,b){return a<b?g(a,b):h([a,b],{c:1})}var x=1,y=2;";
    let extracted = extract("typescript", &line.repeat(3_000)).unwrap();
    assert_eq!(extracted.parse_errors, 0);
    assert!(extracted.symbols.len() >= 3_000);
}

#[test]
fn a_long_healthy_text_is_not_refused() {
    let line = "def größe_1(a, b='日本'):\n    return f(a)[b] + \"x\"\n\n";
    let extracted = extract("python", &line.repeat(2_000)).unwrap();
    assert_eq!((extracted.symbols.len(), extracted.parse_errors), (2_000, 0));
}

#[test]
fn containers_of_deeply_nested_symbols_stay_short() {
    let source = "mod a {".repeat(3_000) + &"}".repeat(3_000);
    let extracted = extract("rust", &source).unwrap();
    assert_eq!(extracted.symbols.len(), 3_000);
    assert!(extracted.symbols.iter().all(|symbol| symbol.container.len() < 500));
    let last = extracted.symbols.last().unwrap();
    assert_eq!(last.parent.map(|parent| parent.0), Some(2_998));
}

#[test]
fn non_ascii_text_keeps_its_offsets() {
    let source = "# ü\ndef größe(ß=\"日本\"):\n    return naïve(ß)\n";
    let extracted = extract("python", source).unwrap();
    let symbol = &extracted.symbols[0];
    assert_eq!(symbol.name_span.of(source), "größe");
    assert_eq!(&*symbol.signature, "def größe(ß=\"日本\")");
    assert_eq!(symbol.doc.of(source), "# ü");
    let references = &extracted.references;
    assert!(references.names.iter().any(|name| &**name == "naïve"));
    for reference in &references.references {
        assert_eq!(reference.span.of(source), &*references.names[reference.name as usize]);
    }
}

#[test]
fn a_long_signature_is_cut_between_characters() {
    let source = format!("def f({}):\n    pass\n", "é, ".repeat(400));
    let extracted = extract("python", &source).unwrap();
    let signature = &extracted.symbols[0].signature;
    assert!(signature.ends_with('…'));
    assert!(signature.len() <= Symbol::MAX_SIGNATURE && signature.len() > 290);
}

#[test]
fn the_same_text_gives_the_same_answer_from_a_used_extractor() {
    let mut extractor = Extractor::new();
    let rust = named("rust").unwrap();
    let source = "struct A { b: C }\nimpl A { fn d(&self) { e::f(self.b) } }\n";
    let first = extractor.extract(rust, source).unwrap();
    extractor.extract(named("python").unwrap(), "(((").unwrap();
    assert_eq!(extractor.extract(rust, source).unwrap(), first);
    assert!(!first.symbols.is_empty());
}
