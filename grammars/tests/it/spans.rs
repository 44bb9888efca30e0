//! How far a symbol reaches.

use flux_grammars::{Extracted, Extractor, named};

fn extract(language: &str, source: &str) -> Extracted {
    Extractor::new().extract(named(language).unwrap(), source).unwrap()
}

/// Each symbol as its name, its lines and its signature.
#[track_caller]
fn check(language: &str, source: &str, expected: &[(&str, u32, u32, &str)]) {
    let extracted = extract(language, source);
    let found: Vec<_> = extracted
        .symbols
        .iter()
        .map(|symbol| (&*symbol.name, symbol.lines.start, symbol.lines.end, &*symbol.signature))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_haskell_function_is_its_signature_and_its_equations() {
    let source = "module M where\n\nf :: Int -> Int\nf 0 = 1\n-- | more\nf n = g n\n  where h = 2\n\n\
        g n = n\n\n(<+>) :: Int -> Int -> Int\na <+> b = a\n";
    check(
        "haskell",
        source,
        &[
            ("f", 3, 7, "f :: Int -> Int"),
            ("g", 9, 9, "g n"),
            ("<+>", 11, 12, "(<+>) :: Int -> Int -> Int"),
        ],
    );
}

#[test]
fn clauses_of_an_elixir_function_are_one_symbol() {
    let source = "defmodule M do\n  def f(0), do: 1\n  def f(n) when n > 1 do\n    g(n)\n  end\n\n  \
        defp f(x), do: x\n  def g(n), do: f(n)\nend\n";
    check(
        "elixir",
        source,
        &[
            ("M", 1, 9, "defmodule M"),
            ("f", 2, 5, "def f(0), do: 1"),
            ("f", 7, 7, "defp f(x), do: x"),
            ("g", 8, 8, "def g(n), do: f(n)"),
        ],
    );
    let references = extract("elixir", source).references;
    let mentioned = |name: &str| {
        let named = |number: u32| &*references.names[number as usize] == name;
        references.references.iter().filter(|found| named(found.name)).count()
    };
    assert_eq!((mentioned("f"), mentioned("g")), (1, 1));
}
