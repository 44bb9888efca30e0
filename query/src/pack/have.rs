//! What the reader of a pack has already: lines of files, as `path:start-end`.

use std::collections::BTreeMap;

use flux_core::LineSpan;

/// Lines of files that need not be sent again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Have {
    files: BTreeMap<String, Vec<LineSpan>>,
}

/// A line that names no lines.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not of the form path:start-end")]
pub struct HaveError(pub String);

impl Have {
    /// Adds some lines of a file.
    pub fn add(&mut self, path: &str, lines: LineSpan) {
        self.files.entry(path.to_owned()).or_default().push(lines);
    }

    /// Reads a list with a `path:start-end`, or `path:line`, a line.
    pub fn parse(text: &str) -> Result<Self, HaveError> {
        let mut have = Self::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (path, lines) = place(line).ok_or_else(|| HaveError(line.to_owned()))?;
            have.add(path, lines);
        }
        Ok(have)
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// What of `lines` of a file is not there.
    pub(super) fn missing(&self, path: &str, lines: LineSpan) -> Vec<LineSpan> {
        let mut missing = vec![lines];
        for had in self.files.get(path).map_or(&[][..], Vec::as_slice) {
            missing =
                missing.into_iter().flat_map(|lines| without(lines, *had)).flatten().collect();
        }
        missing
    }
}

/// What `taken` leaves of `lines`, before and behind it.
fn without(lines: LineSpan, taken: LineSpan) -> [Option<LineSpan>; 2] {
    if !lines.overlaps(taken) {
        return [Some(lines), None];
    }
    let before = (lines.start < taken.start).then(|| LineSpan::new(lines.start, taken.start - 1));
    let behind = (taken.end < lines.end).then(|| LineSpan::new(taken.end + 1, lines.end));
    [before, behind]
}

fn place(line: &str) -> Option<(&str, LineSpan)> {
    let (path, lines) = line.rsplit_once(':')?;
    let (start, end) = lines.split_once('-').unwrap_or((lines, lines));
    let (start, end) = (start.parse().ok()?, end.parse().ok()?);
    (start >= 1 && start <= end && !path.is_empty()).then(|| (path, LineSpan::new(start, end)))
}

#[cfg(test)]
mod tests {
    use flux_core::LineSpan;

    use super::Have;

    #[test]
    fn what_was_had_is_taken_away() {
        let have = Have::parse("a.rs:3-5\n\n a.rs:9 \nc:\\b.rs:1-2\n").unwrap();
        let missing = have.missing("a.rs", LineSpan::new(1, 10));
        let spans = [(1, 2), (6, 8), (10, 10)].map(|(start, end)| LineSpan::new(start, end));
        assert_eq!(missing, spans);
        assert_eq!(have.missing("a.rs", LineSpan::new(4, 5)), []);
        assert_eq!(have.missing("b.rs", LineSpan::new(4, 5)), [LineSpan::new(4, 5)]);
    }

    #[test]
    fn lines_that_name_no_place_are_refused() {
        for text in ["a.rs", "a.rs:x", "a.rs:5-3", "a.rs:0-3", ":1-2"] {
            assert!(Have::parse(text).is_err(), "{text}");
        }
    }
}
