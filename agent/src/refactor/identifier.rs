//! Names that a symbol can be given, and names that cannot be changed.

use flux_core::SymbolKind;

use super::family::{Family, Nature};
use super::obstacle::Obstacle;

/// Keywords of Python, from its reference; soft keywords may be names.
const PYTHON: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// Keywords of Rust, strict and reserved, from its reference.
const RUST: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Keywords of Rust that cannot be raw identifiers.
const RUST_NEVER: &[&str] = &["crate", "self", "Self", "super", "_"];

/// What is wrong with giving the family the name `new`.
pub(crate) fn check(family: &Family, new: &str) -> Option<Obstacle> {
    let language = family.language.as_str();
    if !matches!(language, "python" | "rust") {
        return Some(Obstacle::Language(family.language.clone()));
    }
    let bare = match language {
        "rust" => new.strip_prefix("r#").unwrap_or(new),
        _ => new,
    };
    if !is_identifier(bare) || (bare == "_" && language == "rust") {
        return Some(Obstacle::NotIdentifier(new.to_owned()));
    }
    let keyword = |hint: &str| {
        let (name, language) = (new.to_owned(), family.language.clone());
        Some(Obstacle::Keyword { name, language, hint: hint.to_owned() })
    };
    let is_raw = bare.len() < new.len();
    match language {
        "python" if PYTHON.contains(&new) => return keyword(""),
        "rust" if RUST_NEVER.contains(&bare) => return keyword(""),
        "rust" if RUST.contains(&bare) && !is_raw => {
            return keyword(&format!("\nhint: r#{bare} is a name"));
        }
        _ => {}
    }
    special(family, bare)
}

/// Names that the language, or what runs the program, looks for.
fn special(family: &Family, new: &str) -> Option<Obstacle> {
    let is_dunder = |name: &str| name.len() > 4 && name.starts_with("__") && name.ends_with("__");
    let refuse = |name: &str, why| Some(Obstacle::SpecialName(name.to_owned(), why));
    let old = family.name.as_str();
    match family.language.as_str() {
        "python" if is_dunder(old) || is_dunder(new) => {
            refuse(if is_dunder(old) { old } else { new }, "the language calls it")
        }
        "python" if family.nature == Nature::Member && is_mangled(old) != is_mangled(new) => {
            refuse(new, "two underscores in front hide a name from subclasses")
        }
        "rust" if family.kind == SymbolKind::Function && old == "main" => {
            refuse(old, "the program starts there")
        }
        _ => None,
    }
}

/// Whether Python puts the name of the class before a name.
fn is_mangled(name: &str) -> bool {
    name.starts_with("__") && !name.ends_with("__")
}

fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}
