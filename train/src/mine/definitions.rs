//! Pairs of one definition: its documentation or its name against its body.

use flux_core::{FileClass, Symbol, SymbolKind};

use super::names;
use super::pair::{Kind, Pair, Selection, chance, hash};
use super::prose;
use super::tree::SourceFile;

/// Pairs of one kind that one file may give: a file of a thousand wrappers is one idea.
const MAX_PER_FILE: usize = 150;
/// Kinds of symbols that are asked about by their names.
const NAMED: &[SymbolKind] = &[
    SymbolKind::Class,
    SymbolKind::Struct,
    SymbolKind::Enum,
    SymbolKind::Interface,
    SymbolKind::Trait,
    SymbolKind::TypeAlias,
    SymbolKind::Function,
    SymbolKind::Method,
    SymbolKind::Constructor,
    SymbolKind::Macro,
    SymbolKind::Property,
    SymbolKind::Constant,
    SymbolKind::Variable,
    SymbolKind::Module,
    SymbolKind::Table,
];

/// Adds the pairs of every definition of `file`. Tests are asked about by their own kind.
pub(crate) fn mine(file: &SourceFile, selection: &mut Selection) {
    for make in [doc, name] {
        let mut pairs: Vec<Pair> = file
            .symbols
            .iter()
            .filter(|symbol| !is_test(file, symbol))
            .filter_map(|symbol| make(file, symbol))
            .collect();
        if pairs.len() > MAX_PER_FILE {
            pairs.sort_by_cached_key(|pair| hash(&[&pair.query]));
            pairs.truncate(MAX_PER_FILE);
        }
        pairs.into_iter().for_each(|pair| selection.add(pair));
    }
}

/// Whether `symbol` is a test or part of one: by its file, or by the module around it.
pub(crate) fn is_test(file: &SourceFile, symbol: &Symbol) -> bool {
    let is_test_module = |name: &str| matches!(name, "test" | "tests" | "Test" | "Tests");
    file.class.has(FileClass::TEST)
        || symbol.kind == SymbolKind::Test
        || symbol.container.split('.').any(is_test_module)
        || is_test_module(&symbol.name)
}

/// The documentation of `symbol`, its first sentence three times in four, against its body.
fn doc(file: &SourceFile, symbol: &Symbol) -> Option<Pair> {
    let prose = prose::of_comment(symbol.doc.of(&file.text))?;
    let is_short = chance(75, &["doc", file.path.as_str(), &symbol.name]);
    let query = without_name(if is_short { &prose.first } else { &prose.whole }, &symbol.name);
    let text = body(file, symbol);
    prose::is_telling(first_words(&query))
        .then(|| pair(Kind::Doc, file, symbol, query.clone(), text))
}

/// The start of a question, long enough to judge it by.
fn first_words(query: &str) -> &str {
    &query[..query.floor_char_boundary(200)]
}

/// Some languages begin a comment with the name it stands above, which nobody would know.
pub(crate) fn without_name(text: &str, name: &str) -> String {
    match text.strip_prefix(name).and_then(|rest| rest.strip_prefix(' ')) {
        Some(rest) => rest.trim_start().to_owned(),
        None => text.to_owned(),
    }
}

/// The words of the name against the body, from which the name is gone three times in five.
fn name(file: &SourceFile, symbol: &Symbol) -> Option<Pair> {
    if !NAMED.contains(&symbol.kind) {
        return None;
    }
    let own = names::words(&symbol.name);
    let place = [file.path.as_str(), &symbol.container, &symbol.name];
    let says = |percent, what| chance(percent, &[what, place[0], place[1], place[2]]);
    let container = names::words(symbol.container.rsplit('.').next().unwrap_or(""));
    let mut words = Vec::new();
    if container != own && !container.is_empty() && (own.len() < 2 || says(40, "container")) {
        words.extend(container);
    }
    words.extend(own.iter().cloned());
    if symbol.kind.is_callable() && says(30, "parameters") {
        words.extend(names::parameters(&symbol.signature).into_iter().flat_map(names::words));
    }
    words.dedup();
    if names::is_trivial(&own) || words.len() < 2 {
        return None;
    }
    let text = body(file, symbol);
    let text = if says(60, "blank") { names::blank(&text, &symbol.name) } else { text };
    Some(pair(Kind::Name, file, symbol, words.join(" "), text))
}

/// The definition without its own documentation, cut to what a pair may hold.
pub(crate) fn body(file: &SourceFile, symbol: &Symbol) -> String {
    let (span, doc) = (symbol.span, symbol.doc);
    if doc.is_empty() || !span.contains(doc) {
        return span.of(&file.text).to_owned();
    }
    let text = |from, to| flux_core::ByteSpan::new(from, to).of(&file.text);
    let (before, after) = (text(span.start, doc.start), text(doc.end, span.end));
    format!("{}\n{}", before.trim_end(), after.trim_start_matches([' ', '\r', '\n']))
}

/// A pair that `symbol` answers.
pub(crate) fn pair(
    kind: Kind,
    file: &SourceFile,
    symbol: &Symbol,
    query: String,
    text: String,
) -> Pair {
    Pair {
        kind,
        language: file.language.to_owned(),
        path: file.path.to_string(),
        query,
        context: context(file, &symbol.container),
        text,
    }
}

fn context(file: &SourceFile, container: &str) -> String {
    if container.is_empty() { file.path.to_string() } else { format!("{} {container}", file.path) }
}
