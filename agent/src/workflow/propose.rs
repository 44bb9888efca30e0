//! Parameters that a recorded workflow probably has: what stands in the user's own words and in the
//! steps as well is what the next run wants to be otherwise.
//!
//! A proposal and no more: the file is meant to be read, and a parameter that is none costs a word.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Parameter, Step};

/// Arguments that choose how a tool works; a word of the user's in them is an accident.
const FIXED: &[&str] = &["accept", "all", "likely", "api", "timeout_s"];
/// Longest value.
const LONGEST: usize = 200;

/// Finds values that stand in `prompts` and in `steps`, and puts `{{name}}` in their place.
pub(super) fn propose(prompts: &[String], steps: &mut [Step]) -> BTreeMap<String, Parameter> {
    let candidates = candidates(prompts, steps);
    let mut named: Vec<(String, String)> = Vec::new();
    let mut taken = written_names(steps);
    for value in candidates {
        let name = free(&name_of(&value, steps), &taken);
        taken.insert(name.clone());
        named.push((value, name));
    }
    for step in steps {
        for (key, value) in &mut step.arguments {
            if !FIXED.contains(&key.as_str()) {
                replace(value, &named);
            }
        }
    }
    let parameter =
        |(value, name): (String, String)| (name, Parameter { about: None, default: Some(value) });
    named.into_iter().map(parameter).collect()
}

/// The values, the longest first, so that `a.b` is found before `a`.
fn candidates(prompts: &[String], steps: &[Step]) -> Vec<String> {
    let texts: Vec<&str> = texts(steps).into_iter().map(|(_, text)| text).collect();
    let mut found: BTreeSet<&str> = BTreeSet::new();
    for prompt in prompts {
        found.extend(quoted(prompt));
        let words = prompt.split_whitespace().map(|word| word.trim_matches(is_punctuation));
        let words = words.map(|word| word.trim_end_matches("()"));
        found.extend(words.filter(|word| looks_like_code(word) || texts.contains(word)));
    }
    let stands = |value: &&str| {
        let is_fit = !value.trim().is_empty() && value.len() <= LONGEST;
        is_fit && texts.iter().any(|text| places(text, value).next().is_some())
    };
    let mut found: Vec<String> = found.into_iter().filter(stands).map(str::to_owned).collect();
    found.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    found
}

fn is_punctuation(letter: char) -> bool {
    ".,;:!?()[]\"'`".contains(letter)
}

/// What stands between quotes.
fn quoted(prompt: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for quote in ['`', '"'] {
        let parts: Vec<&str> = prompt.split(quote).collect();
        // An odd number of quotes ends within one.
        let whole = parts.len() - usize::from(parts.len().is_multiple_of(2));
        found.extend(parts[..whole].iter().skip(1).step_by(2).filter(|part| !part.contains('\n')));
    }
    found
}

/// Whether a word is none of a language that people speak: `a_b`, `a.b`, `a/b`, `aB`, `v2`, `30`.
fn looks_like_code(word: &str) -> bool {
    let inner: Vec<char> = word.chars().collect();
    let has_letter = inner.iter().any(|letter| letter.is_alphanumeric());
    let has_sign = inner.iter().any(|letter| "_./:\\".contains(*letter) || letter.is_ascii_digit());
    let has_hump = inner.windows(2).any(|two| two[0].is_lowercase() && two[1].is_uppercase());
    inner.len() >= 2 && has_letter && (has_sign || has_hump)
}

/// All texts of the steps' arguments, with their keys.
fn texts(steps: &[Step]) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for step in steps {
        for (key, value) in &step.arguments {
            if !FIXED.contains(&key.as_str()) {
                collect(key, value, &mut found);
            }
        }
    }
    found
}

fn collect<'a>(key: &'a str, value: &'a Value, found: &mut Vec<(&'a str, &'a str)>) {
    match value {
        Value::String(text) => found.push((key, text)),
        Value::Array(values) => values.iter().for_each(|value| collect(key, value, found)),
        Value::Object(map) => map.values().for_each(|value| collect(key, value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Where a value stands in a text as a word of its own.
fn places<'a>(text: &'a str, value: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(value).map(|(at, _)| at).filter(move |at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + value.len()..].chars().next();
        let joins = |inner: Option<char>, outer: Option<char>| {
            inner.is_some_and(is_word) && outer.is_some_and(is_word)
        };
        !joins(value.chars().next(), before) && !joins(value.chars().next_back(), after)
    })
}

/// What a value is called: after the argument that it is the whole of, else after its form.
fn name_of(value: &str, steps: &[Step]) -> String {
    let whole = texts(steps).into_iter().find(|(_, text)| *text == value).map(|(key, _)| key);
    let is_number = value.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    let is_identifier = value.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    match whole {
        Some("paths") => "path".to_owned(),
        Some(key) => key.to_owned(),
        None if is_number => "number".to_owned(),
        None if value.contains('/') || value.contains('.') => "path".to_owned(),
        None if is_identifier => "name".to_owned(),
        None => "text".to_owned(),
    }
}

/// Names that the steps' own texts have in double braces already.
fn written_names(steps: &[Step]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, text) in texts(steps) {
        let parts = text.split("{{").skip(1).filter_map(|part| part.split_once("}}"));
        names.extend(parts.map(|(name, _)| name.to_owned()));
    }
    names
}

fn free(name: &str, taken: &BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !taken.contains(name)).unwrap_or_default()
}

fn replace(value: &mut Value, named: &[(String, String)]) {
    match value {
        Value::String(text) => *text = replaced(text, named),
        Value::Array(values) => values.iter_mut().for_each(|value| replace(value, named)),
        Value::Object(map) => map.values_mut().for_each(|value| replace(value, named)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// In one pass, the longest value that stands at a place.
fn replaced(text: &str, named: &[(String, String)]) -> String {
    let mut starts: BTreeMap<usize, (usize, &str)> = BTreeMap::new();
    for (value, name) in named {
        for at in places(text, value) {
            starts.entry(at).or_insert((value.len(), name));
        }
    }
    let mut new = String::new();
    let mut end = 0;
    for (at, (length, name)) in starts {
        if at >= end {
            new.push_str(&text[end..at]);
            new.push_str(&format!("{{{{{name}}}}}"));
            end = at + length;
        }
    }
    new.push_str(&text[end..]);
    new
}
