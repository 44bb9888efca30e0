//! Every sample in `fixtures/languages` against its labels.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use flux_core::{ByteSpan, ReferenceRole, RepoPath, Symbol};
use flux_fixtures::carets::{Annotated, Label, parse, parse_beside};
use flux_grammars::{Extracted, Extractor};

macro_rules! languages {
    ($($name:ident $feature:literal)+) => {
        $(#[cfg(feature = $feature)] #[test] fn $name() { check(stringify!($name)); })+

        #[test]
        fn every_folder_has_a_test() {
            let mut folders: Vec<String> =
                entries(&root()).iter().map(|path| file_name(path)).collect();
            folders.sort();
            assert_eq!(folders, [$(stringify!($name)),+]);
        }
    };
}

languages! {
    bash "bash" c "c" cpp "cpp" csharp "csharp" css "css" elixir "elixir" go "go"
    haskell "haskell" html "html" java "java" javascript "javascript" json "json"
    kotlin "kotlin" lua "lua" markdown "markdown" php "php" python "python" ruby "ruby"
    rust "rust" scala "scala" sql "sql" swift "swift" toml "toml" typescript "typescript"
    yaml "yaml" zig "zig"
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/languages")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

#[track_caller]
fn check(language: &str) {
    let mut problems = String::new();
    let mut count = 0;
    for path in entries(&root().join(language)) {
        let name = file_name(&path);
        if name.ends_with(".labels") {
            continue;
        }
        count += 1;
        let found = problems_of(&path);
        if !found.is_empty() {
            writeln!(problems, "\n{language}/{name}:\n{}", found.join("\n")).unwrap();
        }
    }
    assert!(count > 0, "{language} has no sample");
    assert!(problems.is_empty(), "{problems}");
}

fn problems_of(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let beside = path.with_file_name(format!("{}.labels", file_name(path)));
    let annotated = match std::fs::read_to_string(beside) {
        Ok(labels) => parse_beside(&text, &labels),
        Err(_) => parse(&text),
    };
    let annotated = match annotated {
        Ok(annotated) => annotated,
        Err(misplaced) => return vec![format!("  misplaced label: {misplaced:?}")],
    };
    let repo_path = RepoPath::new(file_name(path));
    let Some(grammar) = flux_grammars::detect(&repo_path, &annotated.source) else {
        return vec!["  no language claims it".to_owned()];
    };
    let extracted = match Extractor::new().extract(grammar, &annotated.source) {
        Ok(extracted) => extracted,
        Err(error) => return vec![format!("  {error}")],
    };
    let sample = Sample { annotated: &annotated, extracted: &extracted };
    let mut problems = sample.problems();
    problems.sort();
    problems.into_iter().map(|(line, text)| format!("  line {line}: {text}")).collect()
}

struct Sample<'sample> {
    annotated: &'sample Annotated,
    extracted: &'sample Extracted,
}

impl Sample<'_> {
    fn problems(&self) -> Vec<(u32, String)> {
        let mut problems = Vec::new();
        if self.extracted.parse_errors > 0 {
            problems.push((0, format!("{} parse errors", self.extracted.parse_errors)));
        }
        for label in &self.annotated.labels {
            if let Some(actual) = self.mismatch(label) {
                let what = self.annotated.source.get(label.span.clone()).unwrap_or("");
                let expected = &label.text;
                problems.push((label.line, format!("`{what}` expected {expected}, is {actual}")));
            }
        }
        for symbol in &self.extracted.symbols {
            let span = range(symbol.name_span);
            let is_definition = |label: &&Label| label.text.starts_with("definition ");
            let mut labels = self.annotated.labels.iter().filter(is_definition);
            if !labels.any(|label| label.is_at(&span)) {
                problems.push((self.line_of(span.start), format!("no label for {}", of(symbol))));
            }
        }
        problems
    }

    /// What is there instead, if the label is wrong.
    fn mismatch(&self, label: &Label) -> Option<String> {
        let symbol = self.extracted.symbols.iter().find(|s| label.is_at(&range(s.name_span)));
        let (word, rest) = label.text.split_once(' ').unwrap_or((&label.text, ""));
        let is_right = match word {
            "definition" => symbol.is_some_and(|symbol| definition(symbol) == label.text),
            "doc" => symbol.is_some_and(|symbol| !symbol.doc.is_empty()),
            "undocumented" => symbol.is_some_and(|symbol| symbol.doc.is_empty()),
            "signature" => symbol.is_some_and(|symbol| &*symbol.signature == rest),
            "import" => self.imports_at(label).any(|import| import == label.text),
            "none" => symbol.is_none() && self.role_at(label).is_none(),
            role => self.role_at(label).is_some_and(|actual| actual.as_str() == role),
        };
        (!is_right).then(|| self.actual(label, symbol))
    }

    fn actual(&self, label: &Label, symbol: Option<&Symbol>) -> String {
        let mut parts = Vec::new();
        parts.extend(symbol.map(|symbol| {
            let doc = if symbol.doc.is_empty() { "undocumented" } else { "doc" };
            format!("{}, {doc}, signature `{}`", of(symbol), symbol.signature)
        }));
        parts.extend(self.role_at(label).map(|role| role.as_str().to_owned()));
        parts.extend(self.imports_at(label));
        if parts.is_empty() { "nothing".to_owned() } else { parts.join("; ") }
    }

    fn role_at(&self, label: &Label) -> Option<ReferenceRole> {
        let references = &self.extracted.references.references;
        references.iter().find(|found| label.is_at(&range(found.span))).map(|found| found.role)
    }

    fn imports_at(&self, label: &Label) -> impl Iterator<Item = String> {
        let imports = self.extracted.references.imports.iter();
        imports.filter(|import| label.is_inside(&range(import.span))).map(|import| {
            let mut text = format!("import {}", import.path);
            if !import.name.is_empty() {
                write!(text, " name {}", import.name).unwrap();
            }
            if !import.alias.is_empty() {
                write!(text, " as {}", import.alias).unwrap();
            }
            text
        })
    }

    fn line_of(&self, offset: usize) -> u32 {
        self.annotated.source[..offset].matches('\n').count() as u32 + 1
    }
}

fn definition(symbol: &Symbol) -> String {
    match &*symbol.container {
        "" => format!("definition {}", symbol.kind),
        container => format!("definition {} in {container}", symbol.kind),
    }
}

fn of(symbol: &Symbol) -> String {
    format!("`{}`: {}", symbol.name, definition(symbol))
}

fn range(span: ByteSpan) -> Range<usize> {
    span.start as usize..span.end as usize
}
