//! `read_files`: parts of files as they are, with how much was left out and how to get it.

use serde::Deserialize;

use super::access::{Access, Paths};
use super::bench::{Bench, Done};
use crate::edit::path::checked_path;
use crate::edit::text::SourceText;

/// Arguments of `read_files`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Read {
    paths: Vec<String>,
    #[serde(default)]
    start_line: Option<usize>,
    #[serde(default)]
    end_line: Option<usize>,
}

/// A file and the lines of it that are wanted, 1-based, the last included.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    path: String,
    start: Option<usize>,
    end: Option<usize>,
}

/// Most files of one call.
const MAX_FILES: usize = 50;

impl Read {
    pub(super) fn access(&self, bench: &Bench<'_>) -> Access {
        let parts = self.parts(bench);
        Access::reading(Paths::of(parts.iter().map(|part| part.path.as_str())))
    }

    pub(super) fn shown(&self) -> String {
        match self.paths.as_slice() {
            [path] => format!("read {path}"),
            paths => format!("read {} files", paths.len()),
        }
    }

    /// `a.rs` or `a.rs:10-40`.
    fn parts(&self, bench: &Bench<'_>) -> Vec<Part> {
        let part = |text: &String| {
            let (path, span) = split_span(text).unwrap_or((text, (self.start_line, self.end_line)));
            Part { path: bench.path(path), start: span.0, end: span.1 }
        };
        self.paths.iter().take(MAX_FILES).map(part).collect()
    }

    /// Reads the files, in at most so many tokens by upper estimate.
    pub(super) fn run(&self, bench: &Bench<'_>, tokens: usize) -> Done {
        let parts = self.parts(bench);
        if parts.is_empty() {
            return Done::badly("`paths` is empty: name the files to read");
        }
        let share = tokens / parts.len();
        let mut left = tokens;
        let mut texts = Vec::new();
        let mut failed = 0;
        for (at, part) in parts.iter().enumerate() {
            // What small files leave goes to those behind them.
            let own = left.saturating_sub(share * (parts.len() - at - 1));
            let text = part.read(bench, own).unwrap_or_else(|why| {
                failed += 1;
                format!("{}: {why}", part.path)
            });
            left = left.saturating_sub(tokens_of(&text));
            texts.push(text);
        }
        if self.paths.len() > MAX_FILES {
            texts.push(format!("only the first {MAX_FILES} files are read in one call"));
        }
        let text = texts.join("\n");
        if failed == parts.len() { Done::badly(text) } else { Done::well(text) }
    }
}

/// First and last line, as far as they are given.
type Lines = (Option<usize>, Option<usize>);

fn split_span(text: &str) -> Option<(&str, Lines)> {
    let (path, span) = text.rsplit_once(':')?;
    let (start, end) = span.split_once('-').unwrap_or((span, span));
    Some((path, (Some(start.parse().ok()?), Some(end.parse().ok()?))))
}

/// An upper estimate: tokenizers in use take more than three bytes of source a token.
pub(super) fn tokens_of(text: &str) -> usize {
    (text.len() + 1).div_ceil(3)
}

impl Part {
    fn read(&self, bench: &Bench<'_>, tokens: usize) -> Result<String, String> {
        let path = checked_path(&self.path).map_err(|fault| fault.to_string())?;
        let content = bench.tree.read(&path).map_err(|reason| reason.to_string())?;
        let Some(content) = content else {
            let near = bench.tree.namesakes(&path);
            return Err(match near.is_empty() {
                true => "there is no such file".to_owned(),
                false => format!("there is no such file; there is {}", near.join(", ")),
            });
        };
        let text = SourceText::decode(&content.bytes).map_err(|reason| reason.to_string())?.text;
        let hash = content.hash();
        let shown = self.cut(&text, tokens, &hash.to_hex()[..8])?;
        bench.seen.note(path.as_str(), hash);
        Ok(shown)
    }

    /// The lines that are wanted and fit, below a line that says which they are.
    fn cut(&self, text: &str, tokens: usize, hash: &str) -> Result<String, String> {
        let all: Vec<&str> = text.lines().collect();
        let start = self.start.unwrap_or(1).max(1);
        let wanted = self.end.unwrap_or(all.len()).min(all.len());
        if start > all.len() && !all.is_empty() || self.end.is_some_and(|end| end < start) {
            return Err(format!("it has {} lines; ask for some of them", all.len()));
        }
        let mut left = tokens.saturating_sub(HEAD_TOKENS);
        let lines = all.get(start - 1..wanted).unwrap_or_default();
        let fits = lines.iter().take_while(|line| {
            let cost = tokens_of(line);
            let is_fit = cost <= left;
            left = left.saturating_sub(cost);
            is_fit
        });
        let end = start - 1 + fits.count();
        let body = all.get(start - 1..end).unwrap_or_default().join("\n");
        let mut shown = format!(
            "[{} · lines {}-{} of {} lines total · {hash}]\n{body}",
            self.path,
            start.min(end),
            end,
            all.len()
        );
        if end < wanted && end + 1 == start {
            shown.push_str(&format!("\n[line {start} alone is too long to show]"));
        } else if end < wanted {
            shown.push_str(&format!(
                "\n[truncated: {} more lines; for them read `{}:{}-{wanted}`]",
                wanted - end,
                self.path,
                end + 1
            ));
        }
        Ok(shown)
    }
}

/// Kept for the lines that say what is shown.
const HEAD_TOKENS: usize = 60;

#[cfg(test)]
mod tests {
    use super::{Part, split_span};

    fn cut(start: Option<usize>, end: Option<usize>, tokens: usize) -> Result<String, String> {
        let text: String = (1..=9).map(|line| format!("row {line}\n")).collect();
        Part { path: "a".to_owned(), start, end }.cut(&text, tokens, "12345678")
    }

    #[test]
    fn what_is_left_out_is_said_with_the_way_to_it() {
        assert_eq!(
            cut(None, None, 64).unwrap(),
            "[a · lines 1-2 of 9 lines total · 12345678]\nrow 1\nrow 2\n\
             [truncated: 7 more lines; for them read `a:3-9`]"
        );
        assert_eq!(
            cut(Some(8), Some(20), 500).unwrap(),
            "[a · lines 8-9 of 9 lines total · 12345678]\nrow 8\nrow 9"
        );
        assert!(cut(Some(1), None, 60).unwrap().contains("too long"));
        assert_eq!(cut(Some(10), None, 500).unwrap_err(), "it has 9 lines; ask for some of them");
    }

    #[test]
    fn a_path_may_carry_its_lines() {
        assert_eq!(split_span("a.rs:3-9"), Some(("a.rs", (Some(3), Some(9)))));
        assert_eq!(split_span("a.rs:3"), Some(("a.rs", (Some(3), Some(3)))));
        assert_eq!(split_span("a.rs"), None);
    }
}
