//! Colours, or none.

use crate::markdown::diff_line;

/// Wraps text in terminal colours when there are any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) has_color: bool,
}

impl Style {
    /// A file's path.
    pub(crate) fn path(self, text: &str) -> String {
        self.wrap("35", text)
    }

    /// A line number.
    pub(crate) fn line(self, text: &str) -> String {
        self.wrap("32", text)
    }

    /// A symbol's name.
    pub(crate) fn name(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// What matters less.
    pub(crate) fn faint(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// A diff, line by line.
    pub(crate) fn diff(self, text: &str) -> String {
        let line = |line: &str| match line.chars().next() {
            Some('d' | 'n' | 'o' | 'r' | '…') => self.faint(line),
            Some(_) if line.starts_with("--- ") || line.starts_with("+++ ") => self.name(line),
            Some(first) => match diff_line(first) {
                "" => line.to_owned(),
                code => self.wrap(code, line),
            },
            None => String::new(),
        };
        text.lines().map(line).collect::<Vec<_>>().join("\n")
    }

    /// A line that may start with `path:line:`.
    pub(crate) fn place(self, text: &str) -> String {
        let Some((path, rest)) = text.split_once(':') else { return text.to_owned() };
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if !self.has_color || digits == 0 || path.contains(' ') {
            return text.to_owned();
        }
        let (line, rest) = rest.split_at(digits);
        format!("{}:{}{rest}", self.path(path), self.line(line))
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.has_color && !text.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// Highlights each of `ranges`, ascending byte ranges of `text`.
    pub(crate) fn highlight(self, text: &[u8], ranges: &[std::ops::Range<usize>]) -> Vec<u8> {
        if !self.has_color {
            return text.to_vec();
        }
        let mut styled = Vec::with_capacity(text.len() + ranges.len() * 12);
        let mut at = 0;
        for range in ranges.iter().filter(|range| !range.is_empty()) {
            styled.extend_from_slice(&text[at..range.start]);
            styled.extend_from_slice(b"\x1b[1;31m");
            styled.extend_from_slice(&text[range.clone()]);
            styled.extend_from_slice(b"\x1b[0m");
            at = range.end;
        }
        styled.extend_from_slice(&text[at..]);
        styled
    }

    /// Highlights the words of `words`, as typed, wherever they start in `text`.
    pub(crate) fn words(self, text: &str, words: &[String]) -> String {
        if !self.has_color {
            return text.to_owned();
        }
        let lower = text.to_ascii_lowercase();
        let mut ranges: Vec<std::ops::Range<usize>> = words
            .iter()
            .filter(|word| word.len() > 2)
            .flat_map(|word| {
                let word = word.to_ascii_lowercase();
                lower.match_indices(&word).map(|(at, w)| at..at + w.len()).collect::<Vec<_>>()
            })
            .collect();
        ranges.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
        let mut end = 0;
        ranges.retain(|range| {
            let is_free = range.start >= end;
            if is_free {
                end = range.end;
            }
            is_free
        });
        String::from_utf8_lossy(&self.highlight(text.as_bytes(), &ranges)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::Style;

    #[test]
    fn words_are_highlighted_without_regard_to_case_and_without_overlap() {
        let style = Style { has_color: true };
        let text =
            style.words("fn parse_Json()", &["parse".into(), "json".into(), "parse_json".into()]);
        assert_eq!(text, "fn \x1b[1;31mparse_Json\x1b[0m()");
    }

    #[test]
    fn a_diff_is_coloured_by_the_first_letters_of_its_lines() {
        let style = Style { has_color: true };
        assert_eq!(
            style.diff("--- a/x\n@@ -1 +1 @@\n-a\n+b\n c\n… 3 more lines"),
            "\x1b[1m--- a/x\x1b[0m\n\x1b[36m@@ -1 +1 @@\x1b[0m\n\x1b[31m-a\x1b[0m\n\
             \x1b[32m+b\x1b[0m\n c\n\x1b[2m… 3 more lines\x1b[0m"
        );
        assert_eq!(Style { has_color: false }.diff("-a\n+b"), "-a\n+b");
    }

    #[test]
    fn without_colours_text_stays_as_it_is() {
        let style = Style { has_color: false };
        assert_eq!(style.words("parse", &["parse".into()]), "parse");
        assert_eq!(style.path("a.rs"), "a.rs");
    }
}
