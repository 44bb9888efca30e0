//! Unified diffs, as `diff -u` and `git diff` print them and models write them.
//!
//! A header that counts lines is held to its count: a hunk cut short must not be applied as if it
//! were whole. A bare `@@`, as models write, ends where the next header starts.

use super::patch::{check, push};
use super::{
    Action, FinalNewline, LineHunk, Operation, ScriptError, ScriptFault, numbered, operation,
};

type Line<'a> = (usize, &'a str);

/// What the headers of one file say.
#[derive(Default)]
struct Header {
    line: usize,
    old: Option<Name>,
    new: Option<Name>,
    rename_from: Option<String>,
    rename_to: Option<String>,
    old_mode: Option<String>,
    new_mode: Option<String>,
    is_new: bool,
    is_deleted: bool,
    /// The path of both sides, from `diff --git`.
    git: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Nothing,
    Path(String),
}

pub(super) fn parse(text: &str) -> Result<Vec<Operation>, ScriptError> {
    let lines = numbered(text);
    let mut at = 0;
    let mut operations = Vec::new();
    while at < lines.len() {
        let (number, line) = lines[at];
        if starts_file(&lines, at) {
            file(&lines, &mut at, &mut operations)?;
        } else if line.starts_with("@@") {
            return Err(ScriptFault::NoPath.at(number));
        } else {
            at += 1;
        }
    }
    Ok(operations)
}

fn starts_file(lines: &[Line<'_>], at: usize) -> bool {
    let line = lines[at].1;
    let next = lines.get(at + 1).map_or("", |line| line.1);
    line.starts_with("diff --git ") || (line.starts_with("--- ") && next.starts_with("+++ "))
}

fn file(
    lines: &[Line<'_>],
    at: &mut usize,
    operations: &mut Vec<Operation>,
) -> Result<(), ScriptError> {
    let mut header = Header { line: lines[*at].0, ..Header::default() };
    let mut is_first = true;
    while let Some((number, line)) = lines.get(*at) {
        if line.starts_with("@@") || (!is_first && line.starts_with("diff --git ")) {
            break;
        }
        is_first = false;
        let has_names = header.new.is_some();
        if has_names || !header.take(line).map_err(|fault| fault.at(*number))? {
            break;
        }
        *at += 1;
    }
    let mut hunks = Vec::new();
    while let Some((number, line)) = lines.get(*at) {
        if !line.starts_with("@@") {
            break;
        }
        *at += 1;
        hunks.push((*number, hunk(lines, at, *number, line)?));
    }
    if let Some((number, line)) = lines.get(*at)
        && !starts_file(lines, *at)
        && !hunks.is_empty()
        && (line.starts_with(['+', '-']) || line.starts_with(' '))
        && line.trim_end() != "--"
    {
        return Err(ScriptFault::BadLine.at(*number));
    }
    header.finish(hunks, operations)
}

impl Header {
    /// Takes a line of the header; `false` if it is none.
    fn take(&mut self, line: &str) -> Result<bool, ScriptFault> {
        if let Some(rest) = line.strip_prefix("diff --git ") {
            self.git = both_sides(rest);
        } else if let Some(rest) = line.strip_prefix("--- ") {
            self.old = Some(name(rest)?);
        } else if let Some(rest) = line.strip_prefix("+++ ") {
            self.new = Some(name(rest)?);
        } else if let Some(rest) = line.strip_prefix("rename from ") {
            self.rename_from = Some(unquoted(rest)?);
        } else if let Some(rest) = line.strip_prefix("rename to ") {
            self.rename_to = Some(unquoted(rest)?);
        } else if let Some(mode) = line.strip_prefix("new file mode ") {
            (self.is_new, self.new_mode) = (true, Some(plain_mode(mode)?));
        } else if let Some(mode) = line.strip_prefix("deleted file mode ") {
            plain_mode(mode)?;
            self.is_deleted = true;
        } else if let Some(mode) = line.strip_prefix("old mode ") {
            self.old_mode = Some(plain_mode(mode)?);
        } else if let Some(mode) = line.strip_prefix("new mode ") {
            self.new_mode = Some(plain_mode(mode)?);
        } else if line.starts_with("GIT binary patch") || line.starts_with("Binary files ") {
            return Err(ScriptFault::Unsupported("binary content"));
        } else if line.starts_with("copy from ") || line.starts_with("copy to ") {
            return Err(ScriptFault::Unsupported("a copy"));
        } else {
            let extended = ["index ", "similarity index ", "dissimilarity index "];
            return Ok(extended.iter().any(|start| line.starts_with(start)));
        }
        Ok(true)
    }

    fn finish(
        self,
        hunks: Vec<(usize, LineHunk)>,
        operations: &mut Vec<Operation>,
    ) -> Result<(), ScriptError> {
        let number = self.line;
        let names = self.names().map_err(|fault| fault.at(number))?;
        let is_executable = self.new_mode.as_deref() == Some("100755");
        match names {
            (None, Some(path)) => {
                let content = whole(hunks, number, Side::New)?;
                operations.push(operation(number, Action::Create { path, content, is_executable }));
            }
            (Some(path), None) => {
                let content = Some(whole(hunks, number, Side::Old)?);
                operations.push(operation(number, Action::Delete { path, content }));
            }
            (Some(from), Some(to)) => {
                let count = operations.len();
                if from != to {
                    let action = Action::Move { from: from.clone(), to };
                    operations.push(operation(number, action));
                }
                if self.new_mode.is_some() && self.new_mode != self.old_mode {
                    let action = Action::Executable { path: from.clone(), is_executable };
                    operations.push(operation(number, action));
                }
                for (line, hunk) in hunks {
                    operations.push(operation(line, Action::Lines { path: from.clone(), hunk }));
                }
                if operations.len() == count {
                    return Err(ScriptFault::EmptyHunk.at(number));
                }
            }
            (None, None) => return Err(ScriptFault::Names.at(number)),
        }
        Ok(())
    }

    /// The path before and the path after; `None` where there is no file.
    fn names(&self) -> Result<(Option<String>, Option<String>), ScriptFault> {
        if let (Some(from), Some(to)) = (&self.rename_from, &self.rename_to) {
            return Ok((Some(from.clone()), Some(to.clone())));
        }
        let side = |name: &Option<Name>, is_absent: bool| match name {
            None if is_absent => None,
            None => self.git.clone(),
            Some(Name::Nothing) => None,
            Some(Name::Path(path)) => Some(path.clone()),
        };
        let (old, new) = (side(&self.old, self.is_new), side(&self.new, self.is_deleted));
        let (old, new) = match (old, new) {
            (Some(old), Some(new)) => without_prefixes(old, new),
            (old, new) => {
                (old.map(|old| stripped(&old, "a/")), new.map(|new| stripped(&new, "b/")))
            }
        };
        // Without git's own words a second name is a mistake more often than a move.
        if old.is_some() && new.is_some() && old != new {
            return Err(ScriptFault::Names);
        }
        Ok((old, new))
    }
}

fn stripped(path: &str, prefix: &str) -> String {
    path.strip_prefix(prefix).unwrap_or(path).to_owned()
}

/// `a/` and `b/` are taken off together or not at all.
fn without_prefixes(old: String, new: String) -> (Option<String>, Option<String>) {
    match (old.strip_prefix("a/"), new.strip_prefix("b/")) {
        (Some(old), Some(new)) => (Some(old.to_owned()), Some(new.to_owned())),
        _ => (Some(old), Some(new)),
    }
}

/// The path of `a/PATH b/PATH`, if both sides agree.
fn both_sides(text: &str) -> Option<String> {
    let middle = text.len().checked_sub(1)? / 2;
    let (old, new) = (text.get(..middle)?, text.get(middle + 1..)?);
    let path = old.strip_prefix("a/")?;
    (new.strip_prefix("b/")? == path).then(|| path.to_owned())
}

fn plain_mode(mode: &str) -> Result<String, ScriptFault> {
    match mode.trim() {
        "120000" => Err(ScriptFault::Unsupported("a link")),
        "160000" => Err(ScriptFault::Unsupported("a submodule")),
        mode if matches!(mode, "100644" | "100755" | "100664") => Ok(mode.to_owned()),
        _ => Err(ScriptFault::BadHeader),
    }
}

/// A name of a `---` or `+++` line, without the time behind a tab.
fn name(text: &str) -> Result<Name, ScriptFault> {
    let text = if text.starts_with('"') { text } else { text.split('\t').next().unwrap_or(text) };
    let path = unquoted(text.trim_end())?;
    match path.as_str() {
        "/dev/null" => Ok(Name::Nothing),
        "" => Err(ScriptFault::BadHeader),
        _ => Ok(Name::Path(path)),
    }
}

/// A path as git quotes it: `"a/\303\244.txt"`.
fn unquoted(text: &str) -> Result<String, ScriptFault> {
    let Some(rest) = text.strip_prefix('"') else { return Ok(text.to_owned()) };
    let (inner, _) = rest.rsplit_once('"').ok_or(ScriptFault::BadHeader)?;
    let mut bytes = Vec::new();
    let mut letters = inner.bytes().peekable();
    while let Some(letter) = letters.next() {
        if letter != b'\\' {
            bytes.push(letter);
            continue;
        }
        bytes.push(match letters.next().ok_or(ScriptFault::BadHeader)? {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            first @ b'0'..=b'3' => {
                let mut digit = || letters.next_if(|d| (b'0'..=b'7').contains(d)).map(|d| d - b'0');
                let (second, third) = digit().zip(digit()).ok_or(ScriptFault::BadHeader)?;
                (first - b'0') * 64 + second * 8 + third
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| ScriptFault::BadHeader)
}

/// First line and number of lines on both sides.
struct Counts {
    start: u32,
    old: usize,
    new: usize,
}

fn hunk(
    lines: &[Line<'_>],
    at: &mut usize,
    number: usize,
    header: &str,
) -> Result<LineHunk, ScriptError> {
    let counts = counts(header).map_err(|fault| fault.at(number))?;
    let mut hunk = LineHunk { is_ordered: true, ..LineHunk::default() };
    let mut last = ' ';
    let mut old_end = FinalNewline::Kept;
    while let Some((line_number, line)) = lines.get(*at) {
        let is_full = counts.as_ref().is_some_and(|counts| counts.is_met(&hunk));
        if line.starts_with('\\') {
            *at += 1;
            match last {
                '-' => old_end = FinalNewline::Present,
                _ => hunk.final_newline = FinalNewline::Absent,
            }
            hunk.is_at_end = true;
            continue;
        }
        let is_over = match &counts {
            Some(_) => is_full,
            None => line.starts_with("@@") || starts_file(lines, *at),
        };
        if is_over || (counts.is_some() && line.starts_with("@@")) {
            break;
        }
        if counts.is_none() && line.is_empty() && is_last(lines, *at) {
            break;
        }
        push(&mut hunk, line).map_err(|fault| fault.at(*line_number))?;
        last = line.chars().next().unwrap_or(' ');
        *at += 1;
    }
    if hunk.final_newline == FinalNewline::Kept {
        hunk.final_newline = old_end;
    }
    if let Some(counts) = counts {
        counts.settle(&mut hunk).map_err(|fault| fault.at(number))?;
    }
    check(&hunk).map_err(|fault| fault.at(number))?;
    Ok(hunk)
}

fn is_last(lines: &[Line<'_>], at: usize) -> bool {
    lines[at..].iter().all(|(_, line)| line.is_empty())
        || lines.get(at + 1).is_some_and(|(_, line)| line.starts_with("diff --git "))
}

impl Counts {
    fn is_met(&self, hunk: &LineHunk) -> bool {
        hunk.old.len() >= self.old && hunk.new.len() >= self.new
    }

    fn settle(&self, hunk: &mut LineHunk) -> Result<(), ScriptFault> {
        if (hunk.old.len(), hunk.new.len()) != (self.old, self.new) {
            let said = format!("-{} +{}", self.old, self.new);
            let found = format!("-{} +{}", hunk.old.len(), hunk.new.len());
            return Err(ScriptFault::Count { said, found });
        }
        // `-5,0` puts lines behind line 5.
        hunk.line = Some(if self.old == 0 { self.start + 1 } else { self.start });
        Ok(())
    }
}

/// `@@ -1,2 +3,4 @@`, or nothing for a header without numbers.
fn counts(header: &str) -> Result<Option<Counts>, ScriptFault> {
    let inner = header.trim_start_matches('@').trim_start();
    if header.starts_with("@@@") {
        return Err(ScriptFault::Unsupported("a diff of a merge"));
    }
    if inner.is_empty() || inner.starts_with("...") || inner.starts_with('@') {
        return Ok(None);
    }
    let mut words = inner.split_whitespace();
    let old = words.next().and_then(|word| range(word, '-'));
    let new = words.next().and_then(|word| range(word, '+'));
    match (old, new, words.next()) {
        (Some((start, old)), Some((_, new)), Some(end)) if end.starts_with("@@") => {
            Ok(Some(Counts { start, old, new }))
        }
        _ => Err(ScriptFault::BadHeader),
    }
}

fn range(word: &str, sign: char) -> Option<(u32, usize)> {
    let word = word.strip_prefix(sign)?;
    let (start, count) = word.split_once(',').unwrap_or((word, "1"));
    let start: u32 = start.parse().ok()?;
    let count = count.parse().ok()?;
    (start < u32::MAX).then_some((start, count))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Old,
    New,
}

/// The content of a file of which a diff shows all.
fn whole(hunks: Vec<(usize, LineHunk)>, number: usize, side: Side) -> Result<String, ScriptError> {
    let mut hunks = hunks.into_iter();
    let Some((line, hunk)) = hunks.next() else { return Ok(String::new()) };
    let (wanted, other) =
        if side == Side::New { (hunk.new, hunk.old) } else { (hunk.old, hunk.new) };
    if !other.is_empty() || hunks.next().is_some() {
        return Err(ScriptFault::Misplaced("a hunk").at(line.max(number)));
    }
    let mut content = wanted.join("\n");
    if !content.is_empty() && hunk.final_newline != FinalNewline::Absent {
        content.push('\n');
    }
    Ok(content)
}
