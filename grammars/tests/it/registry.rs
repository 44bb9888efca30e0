//! The table of languages.

use std::collections::BTreeMap;

use flux_core::RepoPath;
use flux_grammars::{Category, detect, languages, named};

#[test]
fn every_language_compiles_and_is_found_by_name() {
    let problems: Vec<String> = languages()
        .iter()
        .filter_map(|grammar| grammar.check().err().map(|error| error.to_string()))
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    for grammar in languages() {
        assert_eq!(named(grammar.name()).map(|found| found.name()), Some(grammar.name()));
    }
    assert!(named("klingon").is_none());
}

#[test]
fn no_extension_file_name_or_interpreter_is_claimed_twice() {
    let mut claims: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for grammar in languages() {
        for claim in grammar.claimed() {
            claims.entry(claim).or_default().push(grammar.name());
        }
    }
    claims.retain(|_, owners| owners.len() > 1);
    assert_eq!(claims, BTreeMap::new());
}

#[track_caller]
fn check(path: &str, head: &str, expected: Option<&str>) {
    let found = detect(&RepoPath::new(path), head).map(|grammar| grammar.name());
    assert_eq!(found, expected, "{path}");
}

#[test]
fn a_file_is_told_by_its_name_extension_or_first_line() {
    check("a/b.py", "", Some("python"));
    check("a/B.PY", "", Some("python"));
    check("a/b.rs", "#!/bin/sh", Some("rust"));
    check("tool", "#!/usr/bin/env python3\n", Some("python"));
    check("tool", "import os\n", None);
    check("SConstruct", "", Some("python"));
    check(".py", "", None);
    check("a.tsx", "", Some("tsx"));
    check("a.ts", "", Some("typescript"));
    check("notes.unknown", "", None);
}

#[test]
fn a_header_is_c_unless_it_looks_like_cpp() {
    check("a.h", "struct a { int b; };\n", Some("c"));
    check("a.h", "#pragma once\nnamespace a {\n", Some("cpp"));
}

#[test]
fn the_folder_tells_category_and_test_files() {
    let python = named("python").unwrap();
    assert_eq!(python.category(), Category::Code);
    assert!(python.is_test_file(&RepoPath::new("a/test_b.py")));
    assert!(!python.is_test_file(&RepoPath::new("test_a/b.py")));
}
