//! Questions from names: a symbol's name as people type it, answered by its definitions.

use std::collections::BTreeMap;

use flux_core::{Symbol, SymbolKind};
use flux_store::lexical::text::parts;

use super::repository::SourceFile;
use super::{Candidate, Kind, definitions, hash};
use crate::suite::{QuestionLine, Relevant};

/// Names with more definitions are asked for together with something else.
const MAX_DEFINITIONS: usize = 3;
/// Shorter names are too vague to be asked for alone.
const MIN_LETTERS: usize = 4;
/// Shorter definitions are mentions: forward declarations, aliases.
const MIN_LINES: u32 = 3;
/// Languages that part a type and its member by two colons.
const TWO_COLONS: &[&str] = &["rust", "cpp", "php"];

/// A definition with the words of its name.
struct Definition<'a> {
    file: &'a SourceFile,
    symbol: &'a Symbol,
    words: Vec<String>,
}

/// A way to type a name, and what is meant by it.
struct Typed {
    category: &'static str,
    query: String,
    relevant: Vec<Relevant>,
}

/// One question for each name that is defined a few times at most.
pub(crate) fn questions(repo: &str, files: &[SourceFile]) -> Vec<Candidate> {
    let definitions = definitions(files);
    let mut by_name: BTreeMap<&str, Vec<&Definition<'_>>> = BTreeMap::new();
    for one in &definitions {
        by_name.entry(&one.symbol.name).or_default().push(one);
    }
    let mut candidates = Vec::new();
    for same in by_name.into_values().filter(|same| same.len() <= MAX_DEFINITIONS) {
        let has_body = same.iter().any(|one| one.symbol.lines.count() >= MIN_LINES);
        let language = same[0].file.language.to_owned();
        let Some(typed) = has_body.then(|| typed(&same, &definitions)) else { continue };
        candidates.push(Candidate {
            kind: Kind::Name,
            line: QuestionLine {
                repo: repo.to_owned(),
                root: String::new(),
                query: typed.query,
                category: typed.category.to_owned(),
                language,
                relevant: typed.relevant,
            },
        });
    }
    candidates
}

fn definitions(files: &[SourceFile]) -> Vec<Definition<'_>> {
    let mut definitions = Vec::new();
    for file in files {
        for symbol in file.symbols.iter().filter(|symbol| is_asked_for(symbol)) {
            let words = parts(&symbol.name).map(str::to_lowercase).collect();
            definitions.push(Definition { file, symbol, words });
        }
    }
    definitions
}

fn is_asked_for(symbol: &Symbol) -> bool {
    let is_code = symbol.kind.is_callable() || symbol.kind.is_type();
    let is_word = symbol.name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    is_code && symbol.kind != SymbolKind::Test && is_word && symbol.name.len() >= MIN_LETTERS
}

/// The wording that the hash of the name asks for, or the name itself where that makes no sense.
fn typed(same: &[&Definition<'_>], all: &[Definition<'_>]) -> Typed {
    let first = same[0];
    let typed = match hash(&first.symbol.name) % 5 {
        0 => qualified(same),
        1 => lower_case(same),
        2 => words(same, all),
        3 => partial(same, all),
        _ => None,
    };
    typed.unwrap_or_else(|| Typed {
        category: "name",
        query: first.symbol.name.to_string(),
        relevant: places(same.iter().copied()),
    })
}

/// `Type.member`, for the members of one type.
fn qualified(same: &[&Definition<'_>]) -> Option<Typed> {
    let (file, symbol) = (same[0].file, same[0].symbol);
    let owner = symbol.container.rsplit('.').next().filter(|owner| !owner.is_empty())?;
    let joint = if TWO_COLONS.contains(&file.language) { "::" } else { "." };
    let of_owner = same.iter().copied().filter(|one| one.symbol.container == symbol.container);
    Some(Typed {
        category: "name-qualified",
        query: format!("{owner}{joint}{}", symbol.name),
        relevant: places(of_owner),
    })
}

/// All letters small.
fn lower_case(same: &[&Definition<'_>]) -> Option<Typed> {
    let name: &str = &same[0].symbol.name;
    let query = name.to_lowercase();
    let relevant = places(same.iter().copied());
    (query != name).then_some(Typed { category: "name-lower", query, relevant })
}

/// The words of the name, parted by blanks.
fn words(same: &[&Definition<'_>], all: &[Definition<'_>]) -> Option<Typed> {
    let words = &same[0].words;
    let relevant = places(all.iter().filter(|one| one.words == *words));
    let is_fit = words.len() >= 2 && relevant.len() <= MAX_DEFINITIONS;
    is_fit.then(|| Typed { category: "name-words", query: words.join(" "), relevant })
}

/// The name without its first or its last word, answered by every name that holds the rest.
fn partial(same: &[&Definition<'_>], all: &[Definition<'_>]) -> Option<Typed> {
    let (name, words): (&str, _) = (&same[0].symbol.name, &same[0].words);
    if words.len() < 3 {
        return None;
    }
    let keeps_start = hash(name).is_multiple_of(2);
    let kept = if keeps_start { &words[..words.len() - 1] } else { &words[1..] };
    let part = if keeps_start { parts(name).last()? } else { parts(name).next()? };
    let query = if keeps_start {
        name.strip_suffix(part)?
    } else {
        name.trim_start_matches('_').strip_prefix(part)?
    };
    let holds = |one: &&Definition<'_>| one.words.windows(kept.len()).any(|window| window == kept);
    let relevant = places(all.iter().filter(holds));
    let query = query.trim_matches('_').to_owned();
    (relevant.len() <= MAX_DEFINITIONS).then_some(Typed {
        category: "name-partial",
        query,
        relevant,
    })
}

fn places<'a>(definitions: impl Iterator<Item = &'a Definition<'a>>) -> Vec<Relevant> {
    let mut places: Vec<Relevant> =
        definitions.map(|one| definitions::place(one.file, one.symbol)).collect();
    places.sort();
    places.dedup();
    places
}
