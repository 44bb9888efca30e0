//! Names close to one that was not found, by edit distance over the dictionary of symbol names.

use std::collections::BTreeMap;

use flux_store::lexical::Field;
use flux_store::lexical::text::{EXACT, exact_name, whole};
use flux_store::Snapshot;

use crate::error::QueryError;

/// Names suggested at most.
const MAX_SUGGESTIONS: usize = 5;

/// The symbols whose names differ from `name` by few letters, closest first.
pub(crate) fn similar_names(snapshot: &Snapshot, name: &str) -> Result<Vec<String>, QueryError> {
    let wanted = whole(name);
    let most = match wanted.chars().count() {
        0..=2 => return Ok(Vec::new()),
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    let mut close: BTreeMap<(usize, String), ()> = BTreeMap::new();
    snapshot.lexical().each_term(Field::Name, &EXACT.to_string(), |term| {
        let Some(known) = term.strip_prefix(EXACT) else { return false };
        if let Some(distance) = distance_within(&wanted, known, most) {
            close.insert((distance, known.to_owned()), ());
        }
        true
    })?;
    let mut names = Vec::new();
    for ((_, known), ()) in close.into_iter().take(MAX_SUGGESTIONS) {
        names.extend(as_written(snapshot, &known)?);
    }
    names.dedup();
    Ok(names)
}

/// How the first definition of a folded name is written.
fn as_written(snapshot: &Snapshot, folded: &str) -> Result<Option<String>, QueryError> {
    let mut first = None;
    snapshot.lexical().chunks_with(Field::Name, &exact_name(folded), |file, _| {
        first = Some(first.map_or(file, |known| std::cmp::min(known, file)));
    })?;
    let Some(file) = first else { return Ok(None) };
    let outline = snapshot.outline(file)?;
    let symbol = outline.symbols.iter().find(|symbol| whole(&symbol.name) == folded);
    Ok(symbol.map(|symbol| symbol.name.to_string()))
}

/// The edit distance with transpositions (optimal string alignment) of two words, if it is at
/// most `most`.
fn distance_within(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut value = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                value = value.min(before[j - 2] + 1);
            }
            row.push(value);
        }
        if row.iter().all(|value| *value > most) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    (last[b.len()] <= most).then_some(last[b.len()])
}

#[cfg(test)]
mod tests {
    use super::distance_within;

    #[track_caller]
    fn check(a: &str, b: &str, expected: Option<usize>) {
        assert_eq!(distance_within(a, b, 2), expected);
        assert_eq!(distance_within(b, a, 2), expected);
    }

    #[test]
    fn distance_counts_edits_and_swaps_up_to_a_limit() {
        check("session", "session", Some(0));
        check("sesion", "session", Some(1));
        check("sessoin", "session", Some(1));
        check("tokne", "toknes", Some(1));
        check("session", "permission", None);
        check("", "ab", Some(2));
    }
}
