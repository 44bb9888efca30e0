//! The scores of one question, as the benchmark of the folder layout defines them.
//!
//! Gain is binary, and primary and secondary targets count alike. A rank is a position in the
//! raw list of results: two chunks of one file use two ranks. A target's rank is that of the
//! first result that covers it. Paths match when one is a `/`-suffix of the other, because some
//! annotations are relative to another folder than the searched one.

use serde::{Deserialize, Serialize};

use crate::suite::{Lines, Target};

/// Ranks below this one count.
const DEPTH: usize = 10;

/// One ranked result; its path is relative to the searched folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) path: String,
    /// `None` stands for the whole file.
    pub(crate) lines: Option<Lines>,
}

/// How well one question was answered; each value lies between 0 and 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scores {
    pub(crate) ndcg10: f64,
    pub(crate) mrr: f64,
    pub(crate) hit1: f64,
    pub(crate) hit5: f64,
    pub(crate) hit10: f64,
}

/// The 1-based rank of each target, `None` for one that was not found.
pub(crate) fn ranks(results: &[Found], targets: &[Target]) -> Vec<Option<usize>> {
    let rank = |target: &Target| Some(results.iter().position(|one| covers(one, target))? + 1);
    targets.iter().map(rank).collect()
}

/// Scores a question from the ranks of all its targets.
pub(crate) fn score(ranks: &[Option<usize>]) -> Scores {
    let best = ranks.iter().flatten().min().copied();
    let hit = |depth| f64::from(best.is_some_and(|rank| rank <= depth));
    Scores {
        ndcg10: ndcg(ranks),
        mrr: best.map_or(0.0, |rank| 1.0 / rank as f64),
        hit1: hit(1),
        hit5: hit(5),
        hit10: hit(10),
    }
}

fn covers(found: &Found, target: &Target) -> bool {
    let (found_path, target_path) = (found.path.as_str(), target.path.as_str());
    let same_file = is_suffix(found_path, target_path) || is_suffix(target_path, found_path);
    same_file && found.lines.zip(target.lines).is_none_or(|(one, other)| overlap(one, other))
}

fn is_suffix(long: &str, short: &str) -> bool {
    long.strip_suffix(short).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

fn overlap(one: Lines, other: Lines) -> bool {
    one.start <= other.end && other.start <= one.end
}

fn ndcg(ranks: &[Option<usize>]) -> f64 {
    if ranks.is_empty() {
        return 0.0;
    }
    // Targets that share a result share its gain.
    let mut gains = [0.0; DEPTH];
    for rank in ranks.iter().flatten().filter(|rank| **rank <= DEPTH) {
        gains[rank - 1] = 1.0;
    }
    let ideal = [1.0; DEPTH];
    dcg(&gains) / dcg(&ideal[..ranks.len().min(DEPTH)])
}

fn dcg(gains: &[f64]) -> f64 {
    gains.iter().zip(2u32..).map(|(gain, discount)| gain / f64::from(discount).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::{Found, Scores, ranks, score};
    use crate::suite::{Lines, Target};

    /// Reads `path` or `path:start-end`.
    fn place(text: &str) -> (String, Option<Lines>) {
        let Some((path, lines)) = text.split_once(':') else { return (text.to_owned(), None) };
        let (start, end) = lines.split_once('-').unwrap();
        let lines = Lines { start: start.parse().unwrap(), end: end.parse().unwrap() };
        (path.to_owned(), Some(lines))
    }

    fn scores(results: &[&str], targets: &[&str]) -> Scores {
        let results: Vec<Found> = results
            .iter()
            .map(|text| place(text))
            .map(|(path, lines)| Found { path, lines })
            .collect();
        let targets: Vec<Target> = targets
            .iter()
            .map(|text| place(text))
            .map(|(path, lines)| Target { path, lines })
            .collect();
        score(&ranks(&results, &targets))
    }

    #[track_caller]
    fn ndcg_is(results: &[&str], targets: &[&str], expected: f64) {
        let found = scores(results, targets).ndcg10;
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    }

    #[test]
    fn the_first_rank_counts_fully_and_the_second_by_its_logarithm() {
        ndcg_is(&["src/a.rs:1-10"], &["src/a.rs"], 1.0);
        ndcg_is(&["x", "src/a.rs:1-10"], &["src/a.rs"], 1.0 / 3f64.log2());
    }

    #[test]
    fn two_results_of_one_file_use_two_ranks() {
        ndcg_is(&["x:1-10", "x:11-20", "a:1-10"], &["a"], 0.5);
    }

    #[test]
    fn all_targets_share_the_ideal() {
        let ideal = 1.0 + 1.0 / 3f64.log2();
        ndcg_is(&["b", "x", "a"], &["a", "b"], 1.5 / ideal);
        ndcg_is(&["b", "x"], &["a", "b"], 1.0 / ideal);
    }

    #[test]
    fn targets_covered_by_one_result_share_its_gain() {
        ndcg_is(&["a"], &["a:1-5", "a:9-12"], 1.0 / (1.0 + 1.0 / 3f64.log2()));
    }

    #[test]
    fn a_span_needs_a_line_in_common() {
        ndcg_is(&["a:1-49"], &["a:50-60"], 0.0);
        ndcg_is(&["a:60-70"], &["a:50-60"], 1.0);
        ndcg_is(&["a"], &["a:50-60"], 1.0);
    }

    #[test]
    fn a_path_matches_a_suffix_at_a_slash_only() {
        ndcg_is(&["mod.rs"], &["root/sub/mod.rs"], 1.0);
        ndcg_is(&["root/sub/mod.rs"], &["sub/mod.rs"], 1.0);
        ndcg_is(&["xmod.rs"], &["mod.rs"], 0.0);
    }

    #[test]
    fn the_eleventh_rank_counts_for_the_reciprocal_rank_alone() {
        let mut results = vec!["x"; 10];
        results.push("a");
        let found = scores(&results, &["a"]);
        let expected = Scores { mrr: 1.0 / 11.0, ..Scores::default() };
        assert_eq!(found, expected);
    }

    #[test]
    fn hits_follow_the_best_target() {
        let found = scores(&["x", "x", "b", "x", "x", "a"], &["a", "b"]);
        assert_eq!((found.hit1, found.hit5, found.hit10), (0.0, 1.0, 1.0));
        assert_eq!(found.mrr, 1.0 / 3.0);
    }

    #[test]
    fn a_question_without_targets_or_results_scores_nothing() {
        assert_eq!(scores(&["a"], &[]), Scores::default());
        assert_eq!(scores(&[], &["a"]), Scores::default());
    }
}
