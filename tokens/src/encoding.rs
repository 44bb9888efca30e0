//! A vocabulary and how text becomes its tokens: byte-pair encoding, pairs of the lowest rank
//! merged first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::hash::{RANK_BITS, hash, tag};
use crate::split::{Rules, first_piece};

/// A tokenizer whose vocabulary is part of the program.
#[derive(Debug)]
pub(crate) struct Encoding {
    rules: Rules,
    bytes: &'static [u8],
    starts: &'static [u8],
    slots: &'static [u8],
}

macro_rules! encoding {
    ($rules:expr, $name:literal) => {
        Encoding {
            rules: $rules,
            bytes: include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".bytes")),
            starts: include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".starts")),
            slots: include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".slots")),
        }
    };
}

/// OpenAI's encoding from GPT-3.5 to GPT-4.
pub(crate) static CL100K: Encoding = encoding!(Rules::Cl100k, "cl100k_base");
/// OpenAI's encoding since GPT-4o.
pub(crate) static O200K: Encoding = encoding!(Rules::O200k, "o200k_base");

/// No pair of a piece has this rank.
const NO_RANK: u32 = u32::MAX;

impl Encoding {
    /// The number of tokens of `text`.
    pub(crate) fn count(&self, text: &str) -> usize {
        let mut merger = Merger::default();
        let (mut rest, mut count) = (text, 0);
        while !rest.is_empty() {
            let (piece, tail) = rest.split_at(first_piece(rest, self.rules));
            count += self.count_piece(piece.as_bytes(), &mut merger);
            rest = tail;
        }
        count
    }

    fn count_piece(&self, piece: &[u8], merger: &mut Merger) -> usize {
        match piece.len() {
            1 => 1,
            _ if self.rank(piece) != NO_RANK => 1,
            _ => merger.count(self, piece),
        }
    }

    /// The rank of a token, [`NO_RANK`] if these bytes are none.
    fn rank(&self, token: &[u8]) -> u32 {
        let found = hash(token);
        let count = self.slots.len() / 4;
        let mut at = found as usize % count;
        loop {
            let slot = number(self.slots, at);
            if slot == 0 {
                return NO_RANK;
            }
            let rank = (slot & ((1 << RANK_BITS) - 1)) - 1;
            if slot >> RANK_BITS == tag(found) && self.token(rank) == token {
                return rank;
            }
            at = (at + 1) % count;
        }
    }

    fn token(&self, rank: u32) -> &'static [u8] {
        let rank = rank as usize;
        &self.bytes[number(self.starts, rank) as usize..number(self.starts, rank + 1) as usize]
    }
}

fn number(numbers: &[u8], at: usize) -> u32 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&numbers[at * 4..at * 4 + 4]);
    u32::from_le_bytes(bytes)
}

/// Merges the pairs of a piece; kept to be used again.
#[derive(Default)]
struct Merger {
    /// For the start of each part, where the part after it starts; 0 once it was merged away.
    next: Vec<u32>,
    previous: Vec<u32>,
    /// Rank and start of pairs, the best first. Those that no longer exist are told by their end.
    pairs: BinaryHeap<Reverse<(u32, u32, u32)>>,
}

impl Merger {
    fn count(&mut self, encoding: &Encoding, piece: &[u8]) -> usize {
        let end = piece.len() as u32;
        self.next.clear();
        self.next.extend(1..=end);
        self.previous.clear();
        self.previous.extend((0..end).map(|at| at.saturating_sub(1)));
        self.pairs.clear();
        for start in 0..end - 1 {
            self.push(encoding, piece, start, start + 2);
        }
        let mut parts = piece.len();
        while let Some(Reverse((_, start, pair_end))) = self.pairs.pop() {
            let middle = self.next[start as usize];
            let is_there = middle != 0 && middle < end && self.next[middle as usize] == pair_end;
            if !is_there {
                continue;
            }
            self.next[start as usize] = pair_end;
            self.next[middle as usize] = 0;
            parts -= 1;
            if pair_end < end {
                self.previous[pair_end as usize] = start;
                self.push(encoding, piece, start, self.next[pair_end as usize]);
            }
            if start > 0 {
                self.push(encoding, piece, self.previous[start as usize], pair_end);
            }
        }
        parts
    }

    fn push(&mut self, encoding: &Encoding, piece: &[u8], start: u32, end: u32) {
        let rank = encoding.rank(&piece[start as usize..end as usize]);
        if rank != NO_RANK {
            self.pairs.push(Reverse((rank, start, end)));
        }
    }
}
