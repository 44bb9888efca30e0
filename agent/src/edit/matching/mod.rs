//! Finding what a script says is there.
//!
//! Three ways, tried in order: exactly; but for white space at the ends of lines; shifted by one
//! indentation throughout; but for any white space. The first way that finds anything decides, and
//! it must find one place: which of several is meant is never guessed.

mod nearest;
mod places;
#[cfg(test)]
mod tests;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use self::nearest::{candidate, nearest};
use self::places::Places;
use super::refusal::Reason;
use super::script::{FinalNewline, LineHunk, Which};
use super::text::{SourceText, Splice};

/// How a text was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matched {
    /// As the script has it.
    Exact,
    /// But for white space.
    Whitespace,
    /// Indented otherwise; the new text is indented alike.
    Reindented,
}

impl Matched {
    /// The word used in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Whitespace => "whitespace",
            Self::Reindented => "reindented",
        }
    }
}

/// Where a text is, and what it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) matched: Matched,
    /// Lines of the file that the script showed, 1-based, the last included.
    pub(crate) lines: (u32, u32),
    pub(crate) splices: Vec<Splice>,
}

/// Finds each hunk of one file, in the order of the script.
pub(crate) fn locate_hunks(
    path: &str,
    file: &SourceText,
    hunks: &[&LineHunk],
) -> Vec<Result<Located, Reason>> {
    let lines = file.lines();
    let mut found: Vec<Result<Places, Reason>> =
        hunks.iter().map(|hunk| Places::of(path, &lines, hunk)).collect();
    places::order(hunks, &mut found);
    let located = hunks.iter().zip(found).map(|(hunk, places)| {
        let places = places?;
        match places.starts.as_slice() {
            [start] => replace_lines(file, &lines, hunk, *start, places.way),
            starts => Err(Reason::Ambiguous(
                starts.iter().map(|at| candidate(path, &lines, *at, hunk.old.len())).collect(),
            )),
        }
    });
    located.collect()
}

/// How lines are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Exact,
    TrailingSpace,
    Reindented,
    AnySpace,
}

impl Way {
    const ALL: [Self; 4] = [Self::Exact, Self::TrailingSpace, Self::Reindented, Self::AnySpace];

    fn matched(self) -> Matched {
        match self {
            Self::Exact => Matched::Exact,
            Self::TrailingSpace | Self::AnySpace => Matched::Whitespace,
            Self::Reindented => Matched::Reindented,
        }
    }
}

/// Splices for the lines of a hunk that change; its other lines stay as they are in the file.
fn replace_lines(
    file: &SourceText,
    lines: &[&str],
    hunk: &LineHunk,
    start: usize,
    way: Way,
) -> Result<Located, Reason> {
    let shown = &lines[start..start + hunk.old.len()];
    let indents = Indents::of(&hunk.old, shown, way);
    let mut splices = Vec::new();
    for op in capture_diff_slices(Algorithm::Patience, &hunk.old, &hunk.new) {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let (old, new) = (op.old_range(), op.new_range());
        let text: Vec<String> = hunk.new[new].iter().map(|line| indents.apply(line)).collect();
        let range = start + old.start..start + old.end;
        splices.push(line_splice(file, lines, range, &text, hunk.final_newline));
    }
    end_newline(file, hunk, start, lines, &mut splices)?;
    let first = u32::try_from(start + 1).unwrap_or(u32::MAX);
    let count = u32::try_from(hunk.old.len()).unwrap_or(u32::MAX);
    let lines = (first, first.saturating_add(count.max(1) - 1));
    Ok(Located { matched: way.matched(), lines, splices })
}

/// Puts `new` in the place of a range of lines. Whether the last line of the file ends stays.
fn line_splice(
    file: &SourceText,
    lines: &[&str],
    range: std::ops::Range<usize>,
    new: &[String],
    wanted: FinalNewline,
) -> Splice {
    let (mut start, end) = (file.start_of(range.start), file.start_of(range.end));
    let mut text: String = new.iter().flat_map(|line| [line, "\n"]).collect();
    let has_newline = file.text.is_empty() || file.text.ends_with('\n');
    if range.end == lines.len() {
        let wants_newline = match wanted {
            FinalNewline::Kept => has_newline,
            FinalNewline::Present => true,
            FinalNewline::Absent => false,
        };
        if range.start == lines.len() && !has_newline && !text.is_empty() {
            text.insert(0, '\n');
        }
        if !wants_newline && !text.is_empty() {
            text.pop();
        } else if !wants_newline && start > 0 && start == file.start_of(range.start) {
            start -= usize::from(file.text[..start].ends_with('\n'));
        }
    }
    Splice { start, end, new: text }
}

/// A diff that says how the file ends is about its end, and may change nothing but that.
fn end_newline(
    file: &SourceText,
    hunk: &LineHunk,
    start: usize,
    lines: &[&str],
    splices: &mut Vec<Splice>,
) -> Result<(), Reason> {
    if hunk.final_newline == FinalNewline::Kept {
        return Ok(());
    }
    let was_without = hunk.final_newline == FinalNewline::Present;
    let is_without = !file.text.ends_with('\n');
    if start + hunk.old.len() != lines.len() || (was_without && !is_without) {
        return Err(Reason::Missing(Vec::new()));
    }
    let end = file.text.len();
    if splices.last().is_some_and(|splice| splice.end == end) {
        return Ok(());
    }
    match (hunk.final_newline, file.text.ends_with('\n')) {
        (FinalNewline::Present, false) if end > 0 => {
            splices.push(Splice { start: end, end, new: "\n".to_owned() });
        }
        (FinalNewline::Absent, true) => {
            splices.push(Splice { start: end - 1, end, new: String::new() });
        }
        _ => {}
    }
    Ok(())
}

/// What indentation of the script became which of the file.
struct Indents {
    pairs: Vec<(String, String)>,
    is_shift: bool,
}

impl Indents {
    fn of(old: &[String], shown: &[&str], way: Way) -> Self {
        if matches!(way, Way::Exact | Way::TrailingSpace) {
            return Self { pairs: Vec::new(), is_shift: false };
        }
        let both = old.iter().zip(shown).filter(|(line, _)| !line.trim().is_empty());
        let pairs = both.map(|(old, shown)| (indent(old).to_owned(), indent(shown).to_owned()));
        Self { pairs: pairs.collect(), is_shift: way == Way::Reindented }
    }

    fn apply(&self, line: &str) -> String {
        let own = indent(line);
        if self.pairs.is_empty() || own.len() == line.len() {
            return line.to_owned();
        }
        if let Some((_, other)) = self.pairs.iter().find(|(old, _)| old == own) {
            return format!("{other}{}", &line[own.len()..]);
        }
        if self.is_shift {
            return shifted(line, &self.pairs[0].0, &self.pairs[0].1);
        }
        // Deeper than any line that is known: deeper by as much than the deepest that is.
        let known = self.pairs.iter().filter(|(old, _)| own.starts_with(old.as_str()));
        match known.max_by_key(|(old, _)| old.len()) {
            Some((old, other)) => format!("{other}{}", &line[old.len()..]),
            None => line.to_owned(),
        }
    }
}

/// `line` with the indentation by which `from` became `to`.
fn shifted(line: &str, from: &str, to: &str) -> String {
    if let Some(more) = to.strip_suffix(from) {
        return format!("{more}{line}");
    }
    let less = from.strip_suffix(to).unwrap_or(from);
    let body = line.strip_prefix(less).unwrap_or_else(|| line.trim_start());
    if from.ends_with(to) { body.to_owned() } else { format!("{to}{body}") }
}

fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Finds a text that need not be whole lines. Where it is not to be found letter by letter, its
/// lines are looked for as whole lines.
pub(crate) fn locate_text(
    path: &str,
    file: &SourceText,
    old: &str,
    new: &str,
    which: Which,
) -> Result<Located, Reason> {
    let (old, new) = (old.replace("\r\n", "\n"), new.replace("\r\n", "\n"));
    let all: Vec<usize> = file.text.match_indices(&old).map(|(at, _)| at).collect();
    let line_of = |at: usize| u32::try_from(file.line_at(at) + 1).unwrap_or(u32::MAX);
    let at: Vec<usize> = match which {
        Which::Line(line) => all.iter().copied().filter(|at| line_of(*at) == line).collect(),
        Which::Only | Which::All => all.clone(),
    };
    let lines = file.lines();
    let show = |at: &[usize]| {
        let height = old.lines().count();
        at.iter().map(|at| candidate(path, &lines, file.line_at(*at), height)).collect()
    };
    match at.as_slice() {
        [] if !all.is_empty() => Err(Reason::Missing(show(&all))),
        [] => locate_as_lines(path, file, &old, &new, which),
        [_, _, ..] if which != Which::All => Err(Reason::Ambiguous(show(&at))),
        [first, ..] => {
            let splice = |at: &usize| Splice { start: *at, end: at + old.len(), new: new.clone() };
            let last = at.last().unwrap_or(first) + old.len().saturating_sub(1);
            Ok(Located {
                matched: Matched::Exact,
                lines: (line_of(*first), line_of(last)),
                splices: at.iter().map(splice).collect(),
            })
        }
    }
}

fn locate_as_lines(
    path: &str,
    file: &SourceText,
    old: &str,
    new: &str,
    which: Which,
) -> Result<Located, Reason> {
    let owned = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let line = match which {
        Which::Line(line) => Some(line),
        Which::Only | Which::All => None,
    };
    let hunk = LineHunk { old: owned(old), new: owned(new), line, ..LineHunk::default() };
    let lines = file.lines();
    let is_whole = new.is_empty() || old.ends_with('\n') == new.ends_with('\n');
    if which == Which::All || !is_whole || old.trim().is_empty() {
        return Err(Reason::Missing(nearest(path, &lines, &hunk.old)));
    }
    locate_hunks(path, file, &[&hunk]).remove(0)
}
