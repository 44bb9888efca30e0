//! The final order: by score, each further hit of a file counting less, no line shown twice, and
//! the same text at two paths once.

use std::collections::{HashMap, HashSet};

use flux_core::{FileId, LineSpan};
use flux_store::ContentKey;

/// What decides the place of a hit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Its file.
    pub file: FileId,
    /// What the file holds.
    pub content: Option<ContentKey>,
    /// Its lines.
    pub lines: LineSpan,
    /// More is better.
    pub score: f32,
}

/// What each further hit of a file counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SameFile {
    /// Its score is multiplied by this, once for each hit before it.
    Times(f32),
    /// This is taken away, once for each hit before it.
    Less(f32),
}

impl SameFile {
    /// What remains of a score after `before` better hits of the file.
    pub fn apply(self, score: f32, before: usize) -> f32 {
        match self {
            Self::Times(factor) => score * factor.powi(before as i32),
            Self::Less(cost) => score - cost * before as f32,
        }
    }
}

/// A hit in the final order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Its position in what was given.
    pub index: usize,
    /// Better hits of the same file.
    pub before: usize,
    /// What remains of its score.
    pub score: f32,
}

/// Orders hits, best first, and leaves out what would be shown twice. Ties go by path, as files
/// are numbered in that order, then by lines.
pub fn spread(hits: &[Placed], same_file: SameFile) -> Vec<Spread> {
    let tie = |index: usize| (hits[index].file, hits[index].lines);
    let mut order: Vec<usize> = (0..hits.len()).collect();
    order.sort_by(|a, b| {
        hits[*b].score.total_cmp(&hits[*a].score).then_with(|| tie(*a).cmp(&tie(*b)))
    });
    let mut shown: HashMap<FileId, Vec<LineSpan>> = HashMap::new();
    let mut spread: Vec<Spread> = Vec::with_capacity(hits.len());
    for index in order {
        let hit = &hits[index];
        let of_file = shown.entry(hit.file).or_default();
        if of_file.iter().any(|lines| lines.overlaps(hit.lines)) {
            continue;
        }
        let before = of_file.len();
        spread.push(Spread { index, before, score: same_file.apply(hit.score, before) });
        of_file.push(hit.lines);
    }
    spread
        .sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| tie(a.index).cmp(&tie(b.index))));
    let mut texts = HashSet::new();
    spread.retain(|one| texts.insert((hits[one.index].content, hits[one.index].lines)));
    spread
}

#[cfg(test)]
mod tests {
    use flux_core::{FileId, LineSpan};
    use flux_store::ContentKey;

    use super::{Placed, SameFile, spread};

    fn hit(file: u32, lines: (u32, u32), score: f32) -> Placed {
        let content = Some(ContentKey([file as u8; 16]));
        Placed { file: FileId(file), content, lines: LineSpan::new(lines.0, lines.1), score }
    }

    #[track_caller]
    fn check(hits: &[Placed], same_file: SameFile, expected: &[(u32, u32)]) {
        let spread = spread(hits, same_file);
        let place = |index: usize| (hits[index].file.0, hits[index].lines.start);
        let order: Vec<_> = spread.iter().map(|one| place(one.index)).collect();
        assert_eq!(order, expected);
    }

    #[test]
    fn a_second_hit_of_a_file_makes_room_for_another_file() {
        let hits = [hit(1, (1, 5), 1.0), hit(1, (9, 12), 0.9), hit(2, (1, 5), 0.6)];
        check(&hits, SameFile::Times(0.5), &[(1, 1), (2, 1), (1, 9)]);
        check(&hits, SameFile::Less(0.4), &[(1, 1), (2, 1), (1, 9)]);
        check(&hits, SameFile::Less(0.2), &[(1, 1), (1, 9), (2, 1)]);
    }

    #[test]
    fn overlapping_lines_are_shown_once_and_ties_go_by_path() {
        let hits = [hit(2, (1, 5), 1.0), hit(1, (1, 5), 1.0), hit(1, (5, 9), 0.9)];
        check(&hits, SameFile::Times(0.5), &[(1, 1), (2, 1)]);
    }

    #[test]
    fn the_same_text_at_two_paths_is_shown_once() {
        let mut copy = hit(2, (1, 5), 0.9);
        copy.content = hit(1, (1, 5), 1.0).content;
        check(&[copy, hit(1, (1, 5), 1.0)], SameFile::Less(0.0), &[(1, 1)]);
    }
}
