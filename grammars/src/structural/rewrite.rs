//! What comes instead of a match. Where the rewrite says the same between two holes as the pattern,
//! the text that is there stays as it is, with its comments and line breaks. So a rewrite that is
//! its pattern changes nothing, and `f($$$A)` to `g($$$A)` changes one word.

use std::ops::Range;

use tree_sitter::Tree;

use super::search::Hit;
use super::text::{Part, PatternText, Rewrite};

/// Makes replacements in one text.
pub(super) struct Renderer<'a> {
    pattern: &'a PatternText,
    rewrite: &'a Rewrite,
    text: &'a str,
    tree: &'a Tree,
}

/// A replacement.
pub(super) struct Rendered {
    pub(super) text: String,
    pub(super) lost_comments: usize,
}

/// What stands between two holes of which it is known where they are; an end without a hole is that
/// of the match.
struct Gap<'a> {
    before: Option<usize>,
    after: Option<usize>,
    parts: &'a [Part],
}

/// A replacement as it is written.
struct Writer<'a> {
    renderer: &'a Renderer<'a>,
    hit: &'a Hit,
    out: String,
    /// White space in front of the line of the match.
    indent: &'a str,
    /// Ranges of the text that are taken over.
    kept: Vec<Range<usize>>,
}

impl<'a> Renderer<'a> {
    pub(super) fn new(
        pattern: &'a PatternText,
        rewrite: &'a Rewrite,
        text: &'a str,
        tree: &'a Tree,
    ) -> Self {
        Self { pattern, rewrite, text, tree }
    }

    pub(super) fn render(&self, hit: &Hit) -> Rendered {
        let is_anchor = |hole: usize| hit.holes[hole].is_some();
        let known = gaps(&self.pattern.parts, &is_anchor);
        let (indent, kept) = (indent_at(self.text, hit.span.start), Vec::new());
        let mut writer = Writer { renderer: self, hit, out: String::new(), indent, kept };
        for gap in gaps(&self.rewrite.parts, &is_anchor) {
            let same = known.iter().find(|one| (one.before, one.after) == (gap.before, gap.after));
            match same.and_then(|same| Some((same, same.range(hit)?))) {
                Some((same, range)) if same.is_like(&gap) => writer.keep(range),
                Some((same, range)) => writer.changed(same.parts, gap.parts, range),
                None => writer.parts(gap.parts),
            }
            if let Some(range) = gap.after.and_then(|hole| hit.holes[hole].clone()) {
                writer.keep(range);
            }
        }
        let is_lost = |comment: &&Range<usize>| {
            !writer.kept.iter().any(|kept| kept.start <= comment.start && comment.end <= kept.end)
        };
        let lost_comments = hit.comments.iter().filter(is_lost).count();
        Rendered { text: writer.out, lost_comments }
    }

    /// Whether a line starts within a string or comment, whose text is not ours to indent.
    fn is_within_token(&self, line_start: usize) -> bool {
        let root = self.tree.root_node();
        let node = root.descendant_for_byte_range(line_start, line_start + 1);
        node.is_some_and(|node| {
            let is_text = ["string", "heredoc", "template", "comment"]
                .iter()
                .any(|kind| node.kind().contains(kind));
            node.start_byte() < line_start && (node.child_count() == 0 || is_text)
        })
    }
}

impl Gap<'_> {
    /// Whether both say the same, but for the number of spaces.
    fn is_like(&self, other: &Self) -> bool {
        let is_same = |(a, b): (&Part, &Part)| match (a, b) {
            (Part::Hole(a), Part::Hole(b)) => a == b,
            (Part::Code(a), Part::Code(b)) => spaced(a) == spaced(b),
            (Part::Code(_), Part::Hole(_)) | (Part::Hole(_), Part::Code(_)) => false,
        };
        self.parts.len() == other.parts.len() && self.parts.iter().zip(other.parts).all(is_same)
    }

    /// Where it is in the text.
    fn range(&self, hit: &Hit) -> Option<Range<usize>> {
        let of = |hole: usize| hit.holes[hole].clone();
        let start = self.before.map_or(Some(hit.span.start), |hole| Some(of(hole)?.end))?;
        let end = self.after.map_or(Some(hit.span.end), |hole| Some(of(hole)?.start))?;
        (start <= end && hit.span.start <= start && end <= hit.span.end).then_some(start..end)
    }
}

fn gaps<'a>(parts: &'a [Part], is_anchor: &dyn Fn(usize) -> bool) -> Vec<Gap<'a>> {
    let mut gaps = Vec::new();
    let (mut before, mut start) = (None, 0);
    for (index, part) in parts.iter().enumerate() {
        if let Part::Hole(hole) = part
            && is_anchor(*hole)
        {
            gaps.push(Gap { before, after: Some(*hole), parts: &parts[start..index] });
            (before, start) = (Some(*hole), index + 1);
        }
    }
    gaps.push(Gap { before, after: None, parts: &parts[start..] });
    gaps
}

impl Writer<'_> {
    /// Writes parts of the rewrite.
    fn parts(&mut self, parts: &[Part]) {
        let mut is_after_nothing = false;
        for part in parts {
            match part {
                Part::Code(code) => {
                    let code = if is_after_nothing { self.close_up(code) } else { code };
                    is_after_nothing = false;
                    self.code(code);
                }
                Part::Hole(hole) => match self.hit.holes[*hole].clone() {
                    Some(range) => self.keep(range),
                    None => is_after_nothing = true,
                },
            }
        }
    }

    /// Writes a gap that the rewrite changes. What it has in common with the pattern at the ends
    /// stays as it is in the text.
    fn changed(&mut self, old: &[Part], new: &[Part], range: Range<usize>) {
        let ([Part::Code(old)], [Part::Code(new)]) = (old, new) else { return self.parts(new) };
        let (text, comments) = (self.renderer.text, &self.hit.comments);
        let space = |code: &str| spaced(&code[code.trim_end().len()..]);
        if space(old) != space(new) {
            return self.parts(&[Part::Code(new.clone())]);
        }
        let mut tail = Tail { text, comments, start: range.start, end: range.end };
        let mut kept = new.len();
        let mut old = old.chars().rev().filter(|c| !c.is_whitespace());
        for (at, c) in new.char_indices().rev().filter(|(_, c)| !c.is_whitespace()) {
            if old.next() != Some(c) || !tail.take(c) {
                break;
            }
            kept = at;
        }
        self.code(&new[..kept]);
        if kept < new.len() {
            self.keep(tail.end..range.end);
        }
    }

    /// Drops the comma that would separate nothing.
    fn close_up<'code>(&mut self, code: &'code str) -> &'code str {
        if let Some(rest) = code.trim_start().strip_prefix(',') {
            return rest.trim_start();
        }
        if let Some(kept) = self.out.trim_end().strip_suffix(',') {
            self.out.truncate(kept.len());
        }
        code
    }

    fn code(&mut self, code: &str) {
        let mut lines = code.split('\n').peekable();
        self.out.push_str(lines.next().unwrap_or_default());
        while let Some(line) = lines.next() {
            self.out.push('\n');
            // A hole follows the last line, however empty that looks.
            if !line.trim().is_empty() || lines.peek().is_none() {
                self.out.push_str(self.indent);
            }
            self.out.push_str(line);
        }
    }

    /// Takes over a piece of the text, its further lines moved along with the first.
    fn keep(&mut self, range: Range<usize>) {
        let text = self.renderer.text;
        let old = indent_at(text, range.start);
        let line = self.out.rsplit_once('\n').map(|(_, line)| line);
        let new = line.map_or(self.indent, |line| &line[..line.len() - line.trim_start().len()]);
        let new = new.to_owned();
        let mut start = range.start;
        for line in text[range.clone()].split_inclusive('\n') {
            let is_first = start == range.start;
            match line.strip_prefix(old) {
                Some(rest)
                    if !is_first
                        && !rest.trim().is_empty()
                        && !self.renderer.is_within_token(start) =>
                {
                    self.out.push_str(&new);
                    self.out.push_str(rest);
                }
                _ => self.out.push_str(line),
            }
            start += line.len();
        }
        self.kept.push(range);
    }
}

/// A piece of text that is read from its end.
struct Tail<'a> {
    text: &'a str,
    comments: &'a [Range<usize>],
    start: usize,
    end: usize,
}

impl Tail<'_> {
    /// Takes a character off, with spaces and comments behind it.
    fn take(&mut self, wanted: char) -> bool {
        let mut end = self.end;
        loop {
            let left = self.text[self.start..end].trim_end();
            end = self.start + left.len();
            match self
                .comments
                .iter()
                .find(|comment| comment.end == end && comment.start >= self.start)
            {
                Some(comment) => end = comment.start,
                None => break,
            }
        }
        let is_it = self.text[self.start..end].ends_with(wanted);
        if is_it {
            self.end = end - wanted.len_utf8();
        }
        is_it
    }
}

/// A text with each run of white space as one space, or one line feed where it has some.
fn spaced(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let last = out.chars().last().filter(|last| last.is_whitespace());
        match (c, last) {
            ('\n', Some(' ')) => {
                out.pop();
                out.push(c);
            }
            (c, Some(_)) if c.is_whitespace() => {}
            ('\n', None) => out.push(c),
            (c, None) if c.is_whitespace() => out.push(' '),
            (c, _) => out.push(c),
        }
    }
    out
}

/// The white space in front of the line of a place.
fn indent_at(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |found| found + 1);
    let line = &text[start..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}
