//! Where lines start, a byte for most lines: the length of each as a number of 7 bits a byte, and
//! a mark at every 128th line, so that finding one never reads more than those between two marks.

use super::format::{push_varint, take_varint};

/// Lines between two marks.
const MARK_LINES: usize = 128;

/// The starts of one file's lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LineTable {
    /// What to add to the start of the line before, for each line.
    pub steps: Vec<u8>,
    /// For every 128th line its start, and where the step to the next line begins.
    pub marks: Vec<(u32, u32)>,
}

impl LineTable {
    pub(super) fn new(starts: &[u32]) -> Self {
        let mut table = Self::default();
        let mut last = 0_u32;
        for (number, &start) in starts.iter().enumerate() {
            push_varint(&mut table.steps, start.wrapping_sub(last));
            if number % MARK_LINES == 0 {
                table.marks.push((start, table.steps.len() as u32));
            }
            last = start;
        }
        table
    }
}

/// The starts of all lines.
pub(super) fn starts(mut steps: &[u8]) -> Vec<u32> {
    let mut start = 0_u32;
    let step = || {
        start = start.wrapping_add(take_varint(&mut steps)?);
        Some(start)
    };
    std::iter::from_fn(step).collect()
}

/// The number of the line that holds `offset`, from 0, and where it starts. `mark` gives a mark.
pub(super) fn find<E>(
    steps: &[u8],
    marks: usize,
    mark: impl Fn(usize) -> Result<(u32, u32), E>,
    offset: u32,
) -> Result<(u32, u32), E> {
    let (mut low, mut high) = (0, marks);
    while low < high {
        let middle = low.midpoint(high);
        match mark(middle)?.0 <= offset {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    let Some(before) = low.checked_sub(1) else { return Ok((0, 0)) };
    let (mut start, place) = mark(before)?;
    let mut number = (before * MARK_LINES) as u32;
    let mut rest = steps.get(place as usize..).unwrap_or_default();
    while let Some(step) = take_varint(&mut rest) {
        match start.checked_add(step).filter(|next| *next <= offset) {
            Some(next) => start = next,
            None => break,
        }
        number = number.saturating_add(1);
    }
    Ok((number, start))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::{LineTable, find, starts};

    proptest! {
        #[test]
        fn every_offset_is_found_in_its_line(
            lengths in prop::collection::vec(1..400_u32, 0..700),
            offsets in prop::collection::vec(0..200_000_u32, 20),
        ) {
            let mut all = vec![0];
            all.extend(lengths.iter().scan(0, |at, length| { *at += length; Some(*at) }));
            let table = LineTable::new(&all);
            prop_assert_eq!(starts(&table.steps), all.clone());
            let mark = |index: usize| Ok::<_, Infallible>(table.marks[index]);
            for offset in offsets.into_iter().chain(all.iter().copied()) {
                let line = all.partition_point(|start| *start <= offset) - 1;
                let Ok(found) = find(&table.steps, table.marks.len(), mark, offset);
                prop_assert_eq!(found, (line as u32, all[line]));
            }
        }
    }
}
