//! The final order: by score, each further hit of a file counting less, no line shown twice.

use std::collections::HashMap;

use flux_core::{FileId, LineSpan};

use crate::hit::{Hit, Signal};

/// Orders hits.
pub(super) fn spread(mut hits: Vec<Hit>, same_file: f32) -> Vec<Hit> {
    hits.sort_by(order);
    let mut shown: HashMap<FileId, Vec<LineSpan>> = HashMap::new();
    let mut spread: Vec<Hit> = Vec::with_capacity(hits.len());
    for mut hit in hits {
        let of_file = shown.entry(hit.file).or_default();
        if of_file.iter().any(|lines| lines.overlaps(hit.lines)) {
            continue;
        }
        let factor = same_file.powi(of_file.len() as i32);
        if factor < 1.0 {
            hit.score *= factor;
            hit.signals.push(Signal { name: "same file", value: factor, rank: None });
        }
        of_file.push(hit.lines);
        spread.push(hit);
    }
    spread.sort_by(order);
    spread
}

fn order(a: &Hit, b: &Hit) -> std::cmp::Ordering {
    b.score.total_cmp(&a.score).then_with(|| (&a.path, a.lines).cmp(&(&b.path, b.lines)))
}

#[cfg(test)]
mod tests {
    use flux_core::{FileClass, FileId, Language, LineSpan, RepoPath};

    use super::spread;
    use crate::hit::Hit;

    fn hit(file: u32, lines: (u32, u32), score: f32) -> Hit {
        Hit {
            file: FileId(file),
            path: RepoPath::new(format!("{file}.rs")),
            language: Language::text(),
            class: FileClass::default(),
            lines: LineSpan::new(lines.0, lines.1),
            chunk: 0,
            symbol: None,
            score,
            signals: Vec::new(),
            matched: Vec::new(),
        }
    }

    #[track_caller]
    fn check(hits: Vec<Hit>, expected: &[(u32, u32)]) {
        let order = spread(hits, 0.5);
        let order: Vec<_> = order.iter().map(|hit| (hit.file.0, hit.lines.start)).collect();
        assert_eq!(order, expected);
    }

    #[test]
    fn a_second_hit_of_a_file_makes_room_for_another_file() {
        let hits = vec![hit(1, (1, 5), 1.0), hit(1, (9, 12), 0.9), hit(2, (1, 5), 0.6)];
        check(hits, &[(1, 1), (2, 1), (1, 9)]);
    }

    #[test]
    fn overlapping_lines_are_shown_once_and_ties_go_by_path() {
        let hits = vec![hit(2, (1, 5), 1.0), hit(1, (1, 5), 1.0), hit(1, (5, 9), 0.9)];
        check(hits, &[(1, 1), (2, 1)]);
    }
}
