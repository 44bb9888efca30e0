//! All places where the lines of a hunk could be, narrowed down by what else the script says.

use super::nearest::nearest;
use super::{Way, indent, shifted};
use crate::edit::refusal::Reason;
use crate::edit::script::LineHunk;

/// Where a hunk could be, found in one way.
pub(super) struct Places {
    pub(super) way: Way,
    /// Indices of first lines, ascending.
    pub(super) starts: Vec<usize>,
}

impl Places {
    /// The places of a hunk in the first way that has any.
    pub(super) fn of(path: &str, lines: &[&str], hunk: &LineHunk) -> Result<Self, Reason> {
        for anchor in &hunk.anchors {
            if !lines.iter().any(|line| is_anchor(line, anchor)) {
                return Err(Reason::NoAnchor(anchor.clone()));
            }
        }
        if hunk.old.is_empty() {
            return insertion(lines, hunk);
        }
        for way in Way::ALL {
            let starts = starts(lines, &hunk.old, way);
            if starts.is_empty() {
                continue;
            }
            let starts = narrowed(lines, hunk, starts);
            if starts.is_empty() {
                break;
            }
            return Ok(Self { way, starts });
        }
        Err(Reason::Missing(nearest(path, lines, &hunk.old)))
    }
}

/// A hunk that shows nothing puts its lines where it says.
fn insertion(lines: &[&str], hunk: &LineHunk) -> Result<Places, Reason> {
    let at = match hunk.line {
        Some(line) => (line as usize).saturating_sub(1),
        None => lines.len(),
    };
    let is_there = at <= lines.len() && (!hunk.is_at_end || at == lines.len());
    let places = Places { way: Way::Exact, starts: vec![at] };
    is_there.then_some(places).ok_or(Reason::BadSpan)
}

fn starts(lines: &[&str], old: &[String], way: Way) -> Vec<usize> {
    let Some(last) = lines.len().checked_sub(old.len()) else { return Vec::new() };
    (0..=last).filter(|start| is_at(&lines[*start..*start + old.len()], old, way)).collect()
}

fn is_at(lines: &[&str], old: &[String], way: Way) -> bool {
    match way {
        Way::Exact => lines.iter().zip(old).all(|(line, old)| line == old),
        Way::TrailingSpace => {
            lines.iter().zip(old).all(|(line, old)| line.trim_end() == old.trim_end())
        }
        Way::Reindented => is_shifted(lines, old),
        Way::AnySpace => lines
            .iter()
            .zip(old)
            .all(|(line, old)| line.split_whitespace().eq(old.split_whitespace())),
    }
}

/// Whether every line has been moved in or out by the same white space.
fn is_shifted(lines: &[&str], old: &[String]) -> bool {
    let mut both = lines
        .iter()
        .zip(old)
        .filter(|(line, old)| !(line.trim().is_empty() && old.trim().is_empty()));
    let mut rest = both.clone();
    let Some((first, first_old)) = both.next() else { return false };
    let (to, from) = (indent(first), indent(first_old));
    rest.all(|(line, old)| shifted(old.trim_end(), from, to) == line.trim_end())
}

/// The places that fit what the hunk says of its line, of lines above and of the end. A line is
/// believed only where the text is there, too.
fn narrowed(lines: &[&str], hunk: &LineHunk, mut starts: Vec<usize>) -> Vec<usize> {
    if hunk.is_at_end {
        starts.retain(|start| start + hunk.old.len() == lines.len());
    }
    if let Some(line) = hunk.line
        && let Some(start) = starts.iter().copied().find(|start| start + 1 == line as usize)
    {
        return vec![start];
    }
    if hunk.anchors.is_empty() || starts.len() < 2 {
        return starts;
    }
    starts.retain(|start| is_anchored(lines, &hunk.anchors, *start, Scope::Anywhere));
    let inside = |start: &&usize| is_anchored(lines, &hunk.anchors, **start, Scope::Inside);
    let within: Vec<usize> = starts.iter().filter(inside).copied().collect();
    if within.is_empty() { starts } else { within }
}

/// How close above a place an anchor must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Anywhere,
    /// No line between them is indented less than what follows the anchor.
    Inside,
}

fn is_anchored(lines: &[&str], anchors: &[String], start: usize, scope: Scope) -> bool {
    let mut below = start + 1;
    for anchor in anchors.iter().rev() {
        let found = lines[..below].iter().rposition(|line| is_anchor(line, anchor));
        let Some(found) = found else { return false };
        if scope == Scope::Inside && found < start && leaves(&lines[found..=start]) {
            return false;
        }
        below = found;
    }
    true
}

/// Whether a line after the first is indented no deeper than it. Closing brackets are no reason to
/// think that a block ends before the place: the place would be behind them.
fn leaves(lines: &[&str]) -> bool {
    let depth = indent(lines[0]).len();
    let is_code =
        |line: &&&str| !line.trim().is_empty() && !line.trim_start().starts_with(['{', ')']);
    lines[1..].iter().filter(is_code).any(|line| indent(line).len() <= depth)
}

fn is_anchor(line: &str, anchor: &str) -> bool {
    let (line, anchor) = (line.trim(), anchor.trim());
    let rest = line.strip_prefix(anchor);
    rest.is_some_and(|rest| {
        !rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_')
    })
}

/// Takes away places that would put the hunks of an ordered script out of order.
pub(super) fn order(hunks: &[&LineHunk], found: &mut [Result<Places, Reason>]) {
    let mut least = 0;
    for (hunk, places) in hunks.iter().zip(found.iter_mut()) {
        let Ok(places) = places else { continue };
        if !hunk.is_ordered {
            continue;
        }
        retain(&mut places.starts, |start| start >= least);
        if let [start] = places.starts.as_slice() {
            least = start + hunk.old.len();
        }
    }
    let mut most = usize::MAX;
    for (hunk, places) in hunks.iter().zip(found.iter_mut()).rev() {
        let Ok(places) = places else { continue };
        if !hunk.is_ordered {
            continue;
        }
        retain(&mut places.starts, |start| start + hunk.old.len() <= most);
        if let [start] = places.starts.as_slice() {
            most = *start;
        }
    }
}

/// Keeps what fits; all of it if nothing does, or if there is no choice.
fn retain(starts: &mut Vec<usize>, fits: impl Fn(usize) -> bool) {
    if starts.len() > 1 && starts.iter().any(|start| fits(*start)) {
        starts.retain(|start| fits(*start));
    }
}
