//! From byte offsets to lines and back.

use flux_core::LineSpan;

/// Where the lines of a text start.
#[derive(Clone, Debug)]
pub struct Lines {
    starts: Vec<u32>,
    end: u32,
}

impl Lines {
    /// Finds the line starts of `text`. A last line feed ends a line and starts none.
    pub fn of(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(
            text.bytes()
                .enumerate()
                .filter(|(_, byte)| *byte == b'\n')
                .map(|(at, _)| at as u32 + 1),
        );
        if starts.len() > 1 && starts.last() == Some(&(text.len() as u32)) {
            starts.pop();
        }
        Self { starts, end: text.len() as u32 }
    }

    /// Number of lines; an empty text has one.
    pub fn count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The 1-based line that holds the byte at `offset`.
    pub fn line_of(&self, offset: u32) -> u32 {
        self.starts.partition_point(|start| *start <= offset) as u32
    }

    /// The byte where a 1-based line starts; the end of the text for the line after the last.
    pub fn start_of(&self, line: u32) -> u32 {
        self.starts.get(line as usize - 1).copied().unwrap_or(self.end)
    }

    /// Bytes of the lines of `span`, line feeds included.
    pub fn bytes(&self, span: LineSpan) -> u32 {
        self.start_of(span.end + 1) - self.start_of(span.start)
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn a_last_line_feed_starts_no_line() {
        let lines = Lines::of("a\nbc\n");
        assert_eq!(lines.count(), 2);
        assert_eq!((lines.line_of(0), lines.line_of(2), lines.line_of(4)), (1, 2, 2));
        assert_eq!((lines.start_of(2), lines.start_of(3)), (2, 5));
    }

    #[test]
    fn an_empty_text_has_one_line() {
        assert_eq!(Lines::of("").count(), 1);
    }
}
