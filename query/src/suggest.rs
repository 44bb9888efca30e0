//! Names close to one that was not found, by edit distance over the dictionary of symbol names.

use std::collections::BTreeSet;

use flux_store::Snapshot;
use flux_store::lexical::Field;
use flux_store::lexical::text::{EXACT, exact_name, whole};

use crate::error::QueryError;

/// Names suggested at most.
const MAX_SUGGESTIONS: usize = 5;

/// The symbols whose names differ from `name` by few letters, closest first; none when something
/// has the name itself, though a filter may hide it.
pub(crate) fn similar_names(snapshot: &Snapshot, name: &str) -> Result<Vec<String>, QueryError> {
    let wanted = whole(name);
    let most = match wanted.chars().count() {
        0..=2 => return Ok(Vec::new()),
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    if snapshot.lexical()?.has_term(Field::Name, &exact_name(name))? {
        return Ok(Vec::new());
    }
    let mut measure = Measure::new(&wanted, most);
    let mut close: BTreeSet<(usize, String)> = BTreeSet::new();
    snapshot.lexical()?.each_term(Field::Name, &EXACT.to_string(), |term| {
        let Some(known) = term.strip_prefix(EXACT) else { return false };
        if let Some(distance) = measure.distance(known) {
            close.insert((distance, known.to_owned()));
        }
        true
    })?;
    let mut names = Vec::new();
    for (_, known) in close {
        names.extend(as_written(snapshot, &known)?);
        if names.len() == MAX_SUGGESTIONS {
            break;
        }
    }
    Ok(names)
}

/// How the first definition of a folded name is written.
fn as_written(snapshot: &Snapshot, folded: &str) -> Result<Option<String>, QueryError> {
    let mut first = None;
    snapshot.lexical()?.chunks_with(Field::Name, &exact_name(folded), |file, _| {
        first = Some(first.map_or(file, |known| std::cmp::min(known, file)));
    })?;
    let Some(file) = first else { return Ok(None) };
    let outline = snapshot.outline(file)?;
    let symbol = outline.symbols.iter().find(|symbol| whole(&symbol.name) == folded);
    Ok(symbol.map(|symbol| symbol.name.to_string()))
}

/// Measures edit distances with transpositions (optimal string alignment) from one word. The
/// dictionary of a large repository has a hundred thousand names, so that what cannot be close is
/// refused by its length and letters before a table is filled.
struct Measure {
    word: Vec<char>,
    letters: u64,
    most: usize,
    rows: [Vec<usize>; 3],
}

impl Measure {
    fn new(word: &str, most: usize) -> Self {
        Self {
            word: word.chars().collect(),
            letters: letters(word),
            most,
            rows: Default::default(),
        }
    }

    /// The distance to `other`, if it is at most `most`.
    fn distance(&mut self, other: &str) -> Option<usize> {
        let length = if other.is_ascii() { other.len() } else { other.chars().count() };
        let missing = (self.letters & !letters(other)).count_ones() as usize;
        let foreign = (letters(other) & !self.letters).count_ones() as usize;
        if self.word.len().abs_diff(length) > self.most || missing.max(foreign) > self.most {
            return None;
        }
        let other: Vec<char> = other.chars().collect();
        let [before, last, row] = &mut self.rows;
        last.clear();
        last.extend(0..=other.len());
        for (i, a) in self.word.iter().enumerate() {
            row.clear();
            row.push(i + 1);
            for (j, b) in other.iter().enumerate() {
                let replaced = last[j] + usize::from(a != b);
                let mut value = replaced.min(last[j + 1] + 1).min(row[j] + 1);
                if i > 0 && j > 0 && *a == other[j - 1] && self.word[i - 1] == *b {
                    value = value.min(before[j - 1] + 1);
                }
                row.push(value);
            }
            if row.iter().all(|value| *value > self.most) {
                return None;
            }
            std::mem::swap(before, last);
            std::mem::swap(last, row);
        }
        last.last().copied().filter(|distance| *distance <= self.most)
    }
}

/// The set of a word's letters, one bit for all that are alike modulo 64.
fn letters(word: &str) -> u64 {
    word.chars().fold(0, |set, letter| set | 1 << (u32::from(letter) & 63))
}

#[cfg(test)]
mod tests {
    use super::Measure;

    #[track_caller]
    fn check(a: &str, b: &str, expected: Option<usize>) {
        assert_eq!(Measure::new(a, 2).distance(b), expected);
        assert_eq!(Measure::new(b, 2).distance(a), expected);
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
