//! Text to word pieces, the same for training and for search.
//!
//! Words are runs of letters or of digits; identifiers fall apart at changes of case, as in
//! `[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+`. Everything is lower-cased, and letters
//! beyond ASCII count as letters of their case, or as small ones where a script has no case. The
//! scanner is written by hand because it runs over every byte of a tree.

use super::pieces::PieceTable;

/// Longest word in bytes; a longer run of letters is cut. Real words are shorter, so only data
/// and scripts without spaces are touched.
pub const MAX_WORD: usize = 48;
/// The longest lower-case form of one character in bytes.
const MAX_LETTER: usize = 12;

/// Calls `visit` with each word of `text`, lower-cased, in order.
pub fn for_each_word(text: &str, visit: impl FnMut(&[u8])) {
    let mut scanner = Scanner {
        word: [0; MAX_WORD + MAX_LETTER],
        length: 0,
        last: 0,
        previous: Class::Other,
        is_single: true,
        visit,
    };
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte < 0x80 {
            scanner.step(ASCII[byte as usize], &[byte.to_ascii_lowercase()]);
            at += 1;
        } else {
            at += scanner.beyond_ascii(&text[at..]);
        }
    }
    scanner.flush(0);
}

/// Calls `visit` with the id of each piece of `text`, in order. A word that is not in the table
/// becomes the longest pieces that fit, from its start; letters that no piece has are left out.
pub fn for_each_piece(table: &PieceTable<'_>, text: &str, mut visit: impl FnMut(u16)) {
    for_each_word(text, |word| match table.start(word) {
        Some(piece) => visit(piece),
        None => split(table, word, &mut visit),
    });
}

fn split(table: &PieceTable<'_>, word: &[u8], visit: &mut impl FnMut(u16)) {
    let mut from = 0;
    while from < word.len() {
        let longest = (from + 1..=word.len()).rev().find_map(|end| {
            let part = &word[from..end];
            let piece = if from == 0 { table.start(part) } else { table.continuation(part) };
            piece.map(|piece| (piece, end))
        });
        match longest {
            Some((piece, end)) => {
                visit(piece);
                from = end;
            }
            None => from += 1,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Other,
    Digit,
    Lower,
    Upper,
}

const ASCII: [Class; 128] = {
    let mut table = [Class::Other; 128];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = match byte as u8 {
            b'0'..=b'9' => Class::Digit,
            b'a'..=b'z' => Class::Lower,
            b'A'..=b'Z' => Class::Upper,
            _ => Class::Other,
        };
        byte += 1;
    }
    table
};

struct Scanner<F> {
    word: [u8; MAX_WORD + MAX_LETTER],
    length: usize,
    /// Bytes of the letter pushed last.
    last: usize,
    previous: Class,
    /// Whether the word so far is one letter.
    is_single: bool,
    visit: F,
}

impl<F: FnMut(&[u8])> Scanner<F> {
    #[inline]
    fn step(&mut self, class: Class, lower: &[u8]) {
        match (self.previous, class) {
            (Class::Other, Class::Other) => {}
            (_, Class::Other) => self.flush(0),
            // The last of several capitals begins the next word.
            (Class::Upper, Class::Lower) if !self.is_single => {
                self.flush(self.last);
                self.push(lower);
            }
            (Class::Upper, Class::Lower) => self.push(lower),
            (before, now) if before == now => self.push(lower),
            _ => {
                self.flush(0);
                self.push(lower);
            }
        }
        self.previous = class;
    }

    #[inline]
    fn push(&mut self, lower: &[u8]) {
        if self.length + lower.len() > MAX_WORD {
            self.flush(0);
        }
        self.is_single = self.length == 0;
        self.word[self.length..self.length + lower.len()].copy_from_slice(lower);
        self.length += lower.len();
        self.last = lower.len();
    }

    /// Hands out the word but for its last `kept` bytes, which begin the next.
    #[inline]
    fn flush(&mut self, kept: usize) {
        let end = self.length - kept;
        if end > 0 {
            (self.visit)(&self.word[..end]);
        }
        self.word.copy_within(end..self.length, 0);
        self.length = kept;
        self.is_single = true;
    }

    /// Takes the first character of `rest`; its length in bytes.
    #[cold]
    fn beyond_ascii(&mut self, rest: &str) -> usize {
        let Some(letter) = rest.chars().next() else { return 1 };
        if !letter.is_alphabetic() {
            self.step(Class::Other, &[]);
            return letter.len_utf8();
        }
        let class = if letter.is_uppercase() { Class::Upper } else { Class::Lower };
        let mut buffer = [0; MAX_LETTER];
        let mut used = 0;
        for small in letter.to_lowercase() {
            used += small.encode_utf8(&mut buffer[used..]).len();
        }
        self.step(class, &buffer[..used]);
        letter.len_utf8()
    }
}
