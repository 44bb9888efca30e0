//! What is searched for: thirty queries of every kind, the same on every repository except for
//! names and files, which are taken from the repository itself.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use flux_core::{RepoPath, Symbol, SymbolKind};
use flux_grammars::{Category, Extractor};
use serde::Serialize;

use crate::floor::ListedFile;

/// What a query is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum QueryKind {
    /// Plain words.
    Words,
    /// The name of a definition.
    Symbol,
    /// A bug report.
    Issue,
    /// Exact text.
    Literal,
    /// A regular expression.
    Regex,
}

impl QueryKind {
    pub(crate) const ALL: [Self; 5] =
        [Self::Words, Self::Symbol, Self::Issue, Self::Literal, Self::Regex];

    /// Whether ripgrep can answer it, too.
    pub(crate) fn is_pattern(self) -> bool {
        matches!(self, Self::Literal | Self::Regex)
    }
}

impl fmt::Display for QueryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Words => "words",
            Self::Symbol => "symbol",
            Self::Issue => "issue",
            Self::Literal => "literal",
            Self::Regex => "regex",
        })
    }
}

/// One query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) kind: QueryKind,
    /// Without the marks that tell flux its kind.
    pub(crate) text: String,
}

impl Query {
    fn new(kind: QueryKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// As it is typed into flux.
    pub(crate) fn typed(&self) -> String {
        match self.kind {
            QueryKind::Literal => format!("\"{}\"", self.text),
            QueryKind::Regex => format!("/{}/", self.text),
            QueryKind::Words | QueryKind::Symbol | QueryKind::Issue => self.text.clone(),
        }
    }
}

const WORDS: [&str; 8] = [
    "where is the configuration read",
    "parse command line arguments",
    "how are errors reported to the user",
    "walk a directory and ignore files",
    "cache",
    "convert a value to a string",
    "handle a timeout and retry",
    "compare two versions",
];
const LITERALS: [&str; 3] = ["unreachable", "not found", "https://"];
const REGEXES: [&str; 5] = [
    r"\bself\.\w+_\w+\(",
    r"(?i)deprecated",
    r"return [A-Z]\w+",
    r"[a-z]+_error\b",
    r"^\s*import ",
];

/// Definitions taken from the repository.
const NAMES: usize = 8;

/// The queries for the tree at `root`.
pub(crate) fn queries(root: &Path, files: &[ListedFile]) -> Vec<Query> {
    let names = names(root, files, NAMES);
    let mut queries: Vec<Query> = WORDS.map(|text| Query::new(QueryKind::Words, text)).into();
    queries.extend(names.iter().map(|name| Query::new(QueryKind::Symbol, name.qualified.clone())));
    queries.extend(names.iter().take(4).enumerate().map(|(number, name)| issue(number, name)));
    queries.extend(LITERALS.map(|text| Query::new(QueryKind::Literal, text)));
    let calls = names.iter().take(3).map(|name| format!("{}(", name.simple));
    queries.extend(calls.map(|text| Query::new(QueryKind::Literal, text)));
    queries.extend(REGEXES.map(|text| Query::new(QueryKind::Regex, text)));
    let words = names.iter().skip(3).take(2).map(|name| format!(r"\b{}\b", name.simple));
    queries.extend(words.map(|text| Query::new(QueryKind::Regex, text)));
    queries
}

/// A definition of the repository.
struct Name {
    qualified: String,
    simple: String,
    path: String,
}

fn issue(number: usize, name: &Name) -> Query {
    let Name { qualified, simple, path } = name;
    let text = match number % 2 {
        0 => format!(
            "After the last upgrade {qualified} fails when its input is empty. Expected: it \
             returns nothing. Actual: it stops with an error in {path}:42. Calling `{simple}` twice \
             works, so I suspect that some state is not reset between two runs."
        ),
        _ => format!(
            "Wrong result with long lines and unusual characters, Traceback (most recent call \
             last): File \"{path}\", line 17, in {simple} ValueError: unexpected end of input. The \
             documentation says that this case is handled, please add a test for it."
        ),
    };
    Query::new(QueryKind::Issue, text)
}

/// Functions and types from files spread evenly over the tree, the same in every run.
fn names(root: &Path, files: &[ListedFile], count: usize) -> Vec<Name> {
    let mut extractor = Extractor::new();
    let mut seen = BTreeSet::new();
    let mut names = Vec::new();
    let step = (files.len() / (count * 8)).max(1);
    for file in files.iter().step_by(step) {
        if names.len() == count {
            break;
        }
        if let Some(name) = name_in(root, file, &mut extractor)
            && seen.insert(name.simple.clone())
        {
            names.push(name);
        }
    }
    names
}

/// The longest-named function or type of a program.
fn name_in(root: &Path, file: &ListedFile, extractor: &mut Extractor) -> Option<Name> {
    let path = file.path.strip_prefix(root).ok()?.to_str()?;
    let text = std::fs::read_to_string(&file.path).ok()?;
    let grammar = flux_grammars::detect(&RepoPath::new(path), &text)?;
    if grammar.category() != Category::Code {
        return None;
    }
    let symbols = extractor.extract(grammar, &text).ok()?.symbols;
    let named = symbols.iter().filter(|symbol| is_plain(symbol));
    let longest = named.max_by_key(|symbol| symbol.name.len())?;
    Some(Name {
        qualified: longest.qualified_name(),
        simple: longest.name.to_string(),
        path: path.to_owned(),
    })
}

fn is_plain(symbol: &Symbol) -> bool {
    let is_kind =
        symbol.kind.is_callable() || matches!(symbol.kind, SymbolKind::Class | SymbolKind::Struct);
    is_kind
        && (4..40).contains(&symbol.name.len())
        && symbol.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::{Query, QueryKind, queries};
    use crate::floor::list_tree;

    fn made(files: usize) -> Vec<Query> {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..files {
            let text = format!(
                "struct Thing{number};\nimpl Thing{number} {{ fn open_it_{number}() {{}} }}\n"
            );
            std::fs::write(folder.path().join(format!("{number:02}.rs")), text).unwrap();
        }
        std::fs::write(folder.path().join("data.json"), "{\"name_of_data\": 1}").unwrap();
        queries(folder.path(), &list_tree(folder.path()))
    }

    #[test]
    fn there_are_queries_of_every_kind_and_names_come_from_the_tree() {
        let queries = made(20);
        assert_eq!(queries.len(), 33);
        let of = |kind| queries.iter().filter(|query| query.kind == kind).count();
        assert_eq!(QueryKind::ALL.map(of), [8, 8, 4, 6, 7]);
        let symbol = queries.iter().find(|query| query.kind == QueryKind::Symbol).unwrap();
        assert_eq!(symbol.text, "Thing0.open_it_0");
        assert!(queries.iter().all(|query| !query.text.contains("name_of_data")));
        assert!(queries.iter().all(|query| !query.text.contains('\n')), "one line each");
    }

    #[test]
    fn the_same_tree_gives_the_same_queries_and_an_empty_one_gives_some() {
        assert_eq!(made(12), made(12));
        assert_eq!(made(0).len(), 16);
    }

    #[test]
    fn marks_tell_the_kind_of_a_typed_query() {
        let typed = |kind| Query::new(kind, "a b").typed();
        assert_eq!(typed(QueryKind::Literal), "\"a b\"");
        assert_eq!(typed(QueryKind::Regex), "/a b/");
        assert_eq!(typed(QueryKind::Words), "a b");
    }
}
