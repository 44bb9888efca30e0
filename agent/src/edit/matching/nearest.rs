//! What a text that is not there could have meant.

use std::collections::BTreeSet;

use crate::edit::refusal::Candidate;

/// Lines of a candidate that are shown.
const SHOWN_LINES: usize = 12;
/// Candidates that are shown.
const SHOWN: usize = 3;
/// Comparisons of lines that a search may cost: a few milliseconds.
const MAX_COMPARISONS: usize = 400_000;
/// From this share of likeness on a place is worth showing.
const MIN_LIKENESS: f32 = 0.3;

/// A place of the file with its text.
pub(super) fn candidate(path: &str, lines: &[&str], start: usize, height: usize) -> Candidate {
    let text: Vec<&str> =
        lines.iter().skip(start).take(height.clamp(1, SHOWN_LINES)).copied().collect();
    let line = u32::try_from(start + 1).unwrap_or(u32::MAX);
    Candidate { path: path.to_owned(), line, text: text.join("\n") }
}

/// The places most like `old`, best first.
pub(super) fn nearest(path: &str, lines: &[&str], old: &[String]) -> Vec<Candidate> {
    let wanted: Vec<Words<'_>> = old.iter().map(|line| Words::of(line)).collect();
    let weight: usize = wanted.iter().filter(|words| !words.0.is_empty()).count();
    if weight == 0 || lines.len().saturating_mul(old.len()) > MAX_COMPARISONS {
        return Vec::new();
    }
    let there: Vec<Words<'_>> = lines.iter().map(|line| Words::of(line)).collect();
    let score = |start: usize| -> f32 {
        wanted.iter().zip(&there[start..]).map(|(wanted, there)| wanted.likeness(there)).sum()
    };
    #[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
    let share = |start: usize| score(start) / weight as f32;
    let mut scored: Vec<(f32, usize)> = (0..lines.len()).map(|start| (share(start), start)).collect();
    scored.retain(|(score, _)| *score >= MIN_LIKENESS);
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut kept: Vec<usize> = Vec::new();
    for (_, start) in scored {
        let is_apart = kept.iter().all(|other| other.abs_diff(start) >= old.len());
        if is_apart && kept.len() < SHOWN {
            kept.push(start);
        }
    }
    kept.into_iter().map(|start| candidate(path, lines, start, old.len())).collect()
}

/// The words of a line.
struct Words<'a>(BTreeSet<&'a str>);

impl<'a> Words<'a> {
    fn of(line: &'a str) -> Self {
        let words = line.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        Self(words.filter(|word| !word.is_empty()).collect())
    }

    #[expect(clippy::cast_precision_loss, reason = "a line has few words")]
    fn likeness(&self, other: &Self) -> f32 {
        let shared = self.0.intersection(&other.0).count();
        let all = self.0.len() + other.0.len() - shared;
        if all == 0 { 0.0 } else { shared as f32 / all as f32 }
    }
}
