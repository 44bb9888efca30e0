//! Classes of characters, as far as they decide where text is split.

/// What a character is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// A capital letter, or one in title case.
    Upper,
    /// A small letter.
    Lower,
    /// A letter without case, or a modifier.
    Other,
    /// A mark that belongs to the letter before it.
    Mark,
    /// A digit or another number.
    Number,
    /// A line feed or carriage return.
    Newline,
    /// Other white space.
    Space,
    /// Anything else.
    Sign,
}

/// First and last character of each range, in order.
static RANGES: &[(u32, u32, Class)] = &include!(concat!(env!("OUT_DIR"), "/classes.rs"));

impl Class {
    /// The class of a character.
    pub(crate) fn of(character: char) -> Self {
        match character {
            'a'..='z' => Self::Lower,
            'A'..='Z' => Self::Upper,
            '0'..='9' => Self::Number,
            '\n' | '\r' => Self::Newline,
            _ if character.is_whitespace() => Self::Space,
            '\0'..='\x7f' => Self::Sign,
            _ => {
                let code = character as u32;
                let after = RANGES.partition_point(|(start, _, _)| *start <= code);
                let range = after.checked_sub(1).map(|at| RANGES[at]);
                range.filter(|range| code <= range.1).map_or(Self::Sign, |range| range.2)
            }
        }
    }

    /// `\p{L}`.
    pub(crate) fn is_letter(self) -> bool {
        matches!(self, Self::Upper | Self::Lower | Self::Other)
    }

    /// What may begin a word: `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`.
    pub(crate) fn is_head(self) -> bool {
        matches!(self, Self::Upper | Self::Other | Self::Mark)
    }

    /// What may go on a word: `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`.
    pub(crate) fn is_tail(self) -> bool {
        matches!(self, Self::Lower | Self::Other | Self::Mark)
    }

    /// `\s`.
    pub(crate) fn is_space(self) -> bool {
        matches!(self, Self::Space | Self::Newline)
    }

    /// `[^\s\p{L}\p{N}]`.
    pub(crate) fn is_sign(self) -> bool {
        matches!(self, Self::Sign | Self::Mark)
    }

    /// `[^\r\n\p{L}\p{N}]`, which a word may have in front.
    pub(crate) fn is_lead(self) -> bool {
        matches!(self, Self::Sign | Self::Mark | Self::Space)
    }
}
