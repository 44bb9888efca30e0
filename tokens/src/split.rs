//! Where text falls apart before its pieces become tokens: tiktoken's regular expressions, written
//! by hand because everything that is counted runs through them.
//!
//! Alternatives are tried in the order of the expression, the first that matches wins, and each
//! takes what the expression would take, backtracking included.

use crate::class::Class;

/// Which expression splits the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    /// That of `cl100k_base`.
    Cl100k,
    /// That of `o200k_base`.
    O200k,
}

/// The rest of a text.
#[derive(Clone, Copy)]
struct Rest<'a> {
    text: &'a str,
    rules: Rules,
}

/// The length of the first piece of `text`, which is not empty.
pub(crate) fn first_piece(text: &str, rules: Rules) -> usize {
    let rest = Rest { text, rules };
    let found = match rules {
        Rules::Cl100k => rest.contraction(0).or_else(|| rest.plain_word()),
        Rules::O200k => rest.cased_word(),
    };
    found.or_else(|| rest.number()).or_else(|| rest.signs()).unwrap_or_else(|| rest.spaces())
}

impl Rest<'_> {
    /// The class of the character at `at` and where the next begins.
    fn class(&self, at: usize) -> Option<(Class, usize)> {
        let byte = *self.text.as_bytes().get(at)?;
        if byte < 0x80 {
            return Some((Class::of(byte as char), at + 1));
        }
        let character = self.text[at..].chars().next()?;
        Some((Class::of(character), at + character.len_utf8()))
    }

    /// The end of the run from `at` on of characters that `is` holds for.
    fn run(&self, at: usize, is: impl Fn(Class) -> bool) -> usize {
        let mut end = at;
        while let Some((class, next)) = self.class(end) {
            if !is(class) {
                break;
            }
            end = next;
        }
        end
    }

    /// `'s`, `'re` and the like, in any case.
    fn contraction(&self, at: usize) -> Option<usize> {
        let rest = self.text[at..].strip_prefix('\'')?;
        let mut letters = rest.chars();
        let (first, second) = (letters.next()?, letters.next());
        let second = second.map(|letter| letter.to_ascii_lowercase());
        match (first.to_ascii_lowercase(), second) {
            ('s' | 't' | 'm' | 'd', _) => Some(at + 2),
            // The long s is an s to expressions that ignore case.
            ('ſ', _) => Some(at + 1 + first.len_utf8()),
            ('r' | 'v', Some('e')) | ('l', Some('l')) => Some(at + 3),
            _ => None,
        }
    }

    /// `[^\r\n\p{L}\p{N}]?\p{L}+`.
    fn plain_word(&self) -> Option<usize> {
        let (class, next) = self.class(0)?;
        let start = if class.is_lead() { next } else { 0 };
        let end = self.run(start, Class::is_letter);
        (end > start).then_some(end)
    }

    /// A word that ends in small letters, or else one without any, each with what may stand in
    /// front and behind.
    fn cased_word(&self) -> Option<usize> {
        let (class, next) = self.class(0)?;
        let lead = class.is_lead().then_some(next);
        // Without the lead a word can only begin where the lead itself is a mark.
        let starts =
            || lead.into_iter().chain((lead.is_none() || class == Class::Mark).then_some(0));
        let end = starts()
            .find_map(|start| self.word_with_tail(start))
            .or_else(|| starts().find_map(|start| self.word_of_heads(start)))?;
        Some(self.contraction(end).unwrap_or(end))
    }

    /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`.
    fn word_with_tail(&self, start: usize) -> Option<usize> {
        let mut heads = start;
        let mut last_tail = None;
        while let Some((class, next)) = self.class(heads) {
            if !class.is_head() {
                break;
            }
            heads = next;
            if class.is_tail() {
                last_tail = Some(next);
            }
        }
        let end = self.run(heads, Class::is_tail);
        if end > heads { Some(end) } else { last_tail }
    }

    /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*`.
    fn word_of_heads(&self, start: usize) -> Option<usize> {
        let heads = self.run(start, Class::is_head);
        (heads > start).then(|| self.run(heads, Class::is_tail))
    }

    /// `\p{N}{1,3}`.
    fn number(&self) -> Option<usize> {
        let mut end = 0;
        for _ in 0..3 {
            match self.class(end) {
                Some((Class::Number, next)) => end = next,
                _ => break,
            }
        }
        (end > 0).then_some(end)
    }

    /// ` ?[^\s\p{L}\p{N}]+[\r\n]*`, and for `o200k_base` slashes among the line ends.
    fn signs(&self) -> Option<usize> {
        let start = usize::from(self.text.starts_with(' '));
        let end = self.run(start, Class::is_sign);
        if end == start {
            return None;
        }
        let bytes = self.text.as_bytes();
        let is_kept = |byte: &&u8| {
            matches!(**byte, b'\r' | b'\n') || (self.rules == Rules::O200k && **byte == b'/')
        };
        Some(end + bytes[end..].iter().take_while(is_kept).count())
    }

    /// `\s*[\r\n]+|\s+(?!\S)|\s+`, where `cl100k_base` takes all that ends the text first.
    fn spaces(&self) -> usize {
        let (mut end, mut last, mut line_end) = (0, 0, None);
        while let Some((class, next)) = self.class(end) {
            if !class.is_space() {
                break;
            }
            (last, end) = (end, next);
            if class == Class::Newline {
                line_end = Some(next);
            }
        }
        let is_last = end == self.text.len();
        match line_end {
            _ if is_last && self.rules == Rules::Cl100k => end,
            Some(line_end) => line_end,
            None if is_last || last == 0 => end.max(1),
            None => last,
        }
    }
}
