//! Telling the language of a file without parsing it.

use std::collections::HashMap;
use std::sync::OnceLock;

use flux_core::RepoPath;

use crate::grammar::Grammar;
use crate::registry;

/// What the files of C++ say near their top and those of C cannot.
const CPP_SIGNS: [&str; 10] = [
    "namespace ",
    "template <",
    "template<",
    "class ",
    "public:",
    "private:",
    "std::",
    "using ",
    "constexpr ",
    "#include <string>",
];

/// Who claims which file name, extension and interpreter.
pub(crate) struct Detection {
    file_names: HashMap<&'static str, &'static Grammar>,
    extensions: HashMap<String, &'static Grammar>,
    interpreters: HashMap<&'static str, &'static Grammar>,
}

impl Detection {
    /// The claims of every language of this build, collected on first use.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Detection> = OnceLock::new();
        SHARED.get_or_init(Self::new)
    }

    fn new() -> Self {
        let mut detection = Self {
            file_names: HashMap::new(),
            extensions: HashMap::new(),
            interpreters: HashMap::new(),
        };
        for grammar in registry::languages() {
            let claims = grammar.claims();
            detection.extensions.extend(claims.extensions.into_iter().map(|text| (text, *grammar)));
            detection.file_names.extend(claims.file_names.iter().map(|text| (&**text, *grammar)));
            let interpreters = claims.interpreters.iter().map(|text| (&**text, *grammar));
            detection.interpreters.extend(interpreters);
        }
        detection
    }

    pub(crate) fn detect(&self, path: &RepoPath, head: &str) -> Option<&'static Grammar> {
        if let Some(grammar) = self.file_names.get(path.file_name()) {
            return Some(grammar);
        }
        if let Some(extension) = path.extension() {
            let extension = extension.to_ascii_lowercase();
            if extension == "h" && CPP_SIGNS.iter().any(|sign| head.contains(sign)) {
                return registry::named("cpp").or_else(|| registry::named("c"));
            }
            if let Some(grammar) = self.extensions.get(&extension) {
                return Some(grammar);
            }
        }
        self.interpreters.get(interpreter(head)?).copied()
    }
}

/// The program a `#!` line asks for, without its path and version.
fn interpreter(head: &str) -> Option<&str> {
    let line = head.strip_prefix("#!")?.lines().next()?;
    let mut words = line.split_whitespace();
    let mut program = last_part(words.next()?);
    if program == "env" {
        program = last_part(words.find(|word| !word.starts_with('-') && !word.contains('='))?);
    }
    Some(program.trim_end_matches(|character: char| character.is_ascii_digit() || character == '.'))
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether `name` fits a glob of letters and `*`.
pub(crate) fn matches_glob(glob: &str, name: &str) -> bool {
    let mut parts = glob.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(found) = rest.find(part) else { return false };
        rest = &rest[found + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::{interpreter, matches_glob};

    #[test]
    fn an_interpreter_loses_its_path_version_and_options() {
        assert_eq!(interpreter("#!/usr/bin/python3.12\nx"), Some("python"));
        assert_eq!(interpreter("#!/usr/bin/env -S LANG=C bash -e"), Some("bash"));
        assert_eq!(interpreter("#! /bin/sh"), Some("sh"));
        assert_eq!(interpreter("#!"), None);
        assert_eq!(interpreter("import x"), None);
    }

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches_glob("test_*.py", "test_a.py"));
        assert!(matches_glob("*_test.*", "a_test.rs"));
        assert!(matches_glob("conftest.py", "conftest.py"));
        assert!(!matches_glob("test_*.py", "test_a.pyi"));
        assert!(!matches_glob("conftest.py", "conftest.pyx"));
    }
}
