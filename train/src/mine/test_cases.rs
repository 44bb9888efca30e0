//! Pairs of one test: what its name says, against what it tests or, if that is not found, itself.

use flux_core::{FileClass, Symbol, SymbolKind};

use super::definitions::{body, is_test, pair};
use super::directory::Directory;
use super::names;
use super::pair::{Kind, Selection};
use super::prose;
use super::tree::SourceFile;

/// Words around the rest of a test's name that say that it is one.
const MARKS: &[&str] = &["test", "tests", "testcase", "spec", "it", "benchmark", "bench"];
/// Fewest words of a question that is answered by the test itself.
const MIN_WORDS: usize = 3;

/// Adds a pair for every test of `file`.
pub(crate) fn mine(file: &SourceFile, directory: &Directory<'_>, selection: &mut Selection) {
    let cases = file.symbols.iter().filter(|symbol| is_case(file, symbol));
    for symbol in cases {
        let words = question(symbol);
        let target = subject(&words, directory).or_else(|| tested_class(file, directory, &words));
        let query = words.join(" ");
        match target {
            Some((target, tested)) if words.len() > 1 => {
                selection.add(pair(Kind::Test, target, tested, query, body(target, tested)));
            }
            _ if words.len() >= MIN_WORDS && prose::is_telling(&query) => {
                selection.add(pair(Kind::Test, file, symbol, query, body(file, symbol)));
            }
            _ => {}
        }
    }
}

/// Whether `symbol` is a test rather than one of its helpers.
fn is_case(file: &SourceFile, symbol: &Symbol) -> bool {
    let is_marked = || {
        let words = names::words(&symbol.name);
        let ends = [words.first(), words.last()];
        ends.into_iter().flatten().any(|word| MARKS.contains(&word.as_str()))
    };
    // In some languages a test has any name, and an attribute in front says what it is.
    let is_attributed = || {
        let start: String = symbol.span.of(&file.text).chars().take(60).collect();
        ["#[test", "#[tokio::test", "@Test", "[Fact", "[Test", "[Theory", "@ParameterizedTest"]
            .iter()
            .any(|attribute| start.starts_with(attribute))
    };
    let is_callable = symbol.kind.is_callable() && is_test(file, symbol);
    symbol.kind == SymbolKind::Test || (is_callable && (is_marked() || is_attributed()))
}

/// The words of a test's name without those that only say that it is a test. A test named by a
/// sentence is read together with the sentence around it.
fn question(symbol: &Symbol) -> Vec<String> {
    let is_sentence = symbol.name.contains(' ');
    let container = symbol.container.rsplit('.').next().filter(|_| is_sentence).unwrap_or("");
    let mut words = names::words(container);
    words.extend(names::words(&symbol.name));
    let is_mark = |word: Option<&String>| word.is_some_and(|word| MARKS.contains(&word.as_str()));
    while is_mark(words.first()) {
        words.remove(0);
    }
    while is_mark(words.last()) {
        words.pop();
    }
    words.dedup();
    words
}

/// What the longest run of words at the start of a test's name names. One word alone is more
/// often a word of the sentence than a name.
fn subject<'a>(
    words: &[String],
    directory: &Directory<'a>,
) -> Option<(&'a SourceFile, &'a Symbol)> {
    (2..=words.len()).rev().find_map(|count| directory.definition(&words[..count].concat()))
}

/// What the test's file is named after, for a test whose name begins with no definition's: only
/// a type is meant by the name of a file.
fn tested_class<'a>(
    file: &SourceFile,
    directory: &Directory<'a>,
    words: &[String],
) -> Option<(&'a SourceFile, &'a Symbol)> {
    if !file.class.has(FileClass::TEST) || words.len() < MIN_WORDS {
        return None;
    }
    let mut stem = names::words(file.path.stem());
    stem.retain(|word| !MARKS.contains(&word.as_str()));
    let found = directory.definition(&stem.concat())?;
    // The method that the words end or begin with is a better answer than its whole class.
    let is_meant = |symbol: &&Symbol| {
        let name = names::words(&symbol.name);
        symbol.kind.is_callable()
            && !names::is_trivial(&name)
            && words.windows(name.len()).any(|window| window == name)
    };
    let method = found.0.symbols.iter().filter(|symbol| found.1.span.contains(symbol.span));
    method.filter(is_meant).map(|symbol| (found.0, symbol)).next()
}
