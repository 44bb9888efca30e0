//! What a text that is not there could have meant.

use crate::edit::refusal::Candidate;

/// Lines of a candidate that are shown.
const SHOWN_LINES: usize = 12;
/// Candidates that are shown.
const SHOWN: usize = 3;
/// Comparisons of lines that a search may cost: some tens of milliseconds.
const MAX_COMPARISONS: usize = 200_000;
/// From this share of likeness on a place is worth showing.
const MIN_LIKENESS: f32 = 0.4;

/// A place of the file with its text.
pub(super) fn candidate(path: &str, lines: &[&str], start: usize, height: usize) -> Candidate {
    let text: Vec<&str> =
        lines.iter().skip(start).take(height.clamp(1, SHOWN_LINES)).copied().collect();
    let line = u32::try_from(start + 1).unwrap_or(u32::MAX);
    Candidate { path: path.to_owned(), line, text: text.join("\n") }
}

/// The places most like `old`, best first.
pub(super) fn nearest(path: &str, lines: &[&str], old: &[String]) -> Vec<Candidate> {
    let wanted: Vec<Letters> = old.iter().map(|line| Letters::of(line)).collect();
    let weight: usize = wanted.iter().filter(|line| !line.0.is_empty()).count();
    if weight == 0 || lines.len().saturating_mul(old.len()) > MAX_COMPARISONS {
        return Vec::new();
    }
    let there: Vec<Letters> = lines.iter().map(|line| Letters::of(line)).collect();
    let score = |start: usize| -> f32 {
        wanted.iter().zip(&there[start..]).map(|(wanted, there)| wanted.likeness(there)).sum()
    };
    #[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
    let share = |start: usize| score(start) / weight as f32;
    let mut scored: Vec<(f32, usize)> =
        (0..lines.len()).map(|start| (share(start), start)).collect();
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

/// Every three letters in a row of a line, as numbers in order, white space apart.
struct Letters(Vec<u64>);

impl Letters {
    fn of(line: &str) -> Self {
        let letters: Vec<u64> =
            line.chars().filter(|letter| !letter.is_whitespace()).map(u64::from).collect();
        let mut threes: Vec<u64> = match letters.len() {
            0..3 => letters,
            _ => letters.windows(3).map(|w| w[0] << 42 | w[1] << 21 | w[2]).collect(),
        };
        threes.sort_unstable();
        threes.dedup();
        Self(threes)
    }

    #[expect(clippy::cast_precision_loss, reason = "a line has few letters")]
    fn likeness(&self, other: &Self) -> f32 {
        let all = self.0.len() + other.0.len();
        let shared = self.0.iter().filter(|three| other.0.binary_search(three).is_ok()).count();
        if all == 0 { 0.0 } else { 2.0 * shared as f32 / all as f32 }
    }
}
