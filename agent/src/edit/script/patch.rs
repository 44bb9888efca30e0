//! The apply-patch format: `*** Begin Patch`, sections for files, `*** End Patch`.
//!
//! `@@ text` names a line above the hunk; several narrow it down, outermost first.

use super::{Action, LineHunk, Operation, ScriptError, ScriptFault, numbered, operation};

/// The line that opens a patch.
pub(super) const BEGIN: &str = "*** Begin Patch";
const END: &str = "*** End Patch";
const ADD: &str = "*** Add File: ";
const DELETE: &str = "*** Delete File: ";
const UPDATE: &str = "*** Update File: ";
const MOVE: &str = "*** Move to: ";
const END_OF_FILE: &str = "*** End of File";

type Lines<'a> = std::iter::Peekable<std::slice::Iter<'a, (usize, &'a str)>>;

pub(super) fn parse(text: &str) -> Result<Vec<Operation>, ScriptError> {
    let all = numbered(text);
    let start = all.iter().position(|(_, line)| line.trim_end() == BEGIN);
    let start = start.ok_or_else(|| ScriptFault::BadHeader.at(1))?;
    let mut lines = all[start + 1..].iter().peekable();
    let mut operations = Vec::new();
    while let Some((number, line)) = lines.next() {
        let line = line.trim_end();
        if line == END {
            return after(lines, operations);
        }
        if let Some(path) = line.strip_prefix(ADD) {
            operations.push(operation(*number, add(path, *number, &mut lines)?));
        } else if let Some(path) = line.strip_prefix(DELETE) {
            let action = Action::Delete { path: path.trim().to_owned(), content: None };
            operations.push(operation(*number, action));
        } else if let Some(path) = line.strip_prefix(UPDATE) {
            update(path.trim(), *number, &mut lines, &mut operations)?;
        } else if !line.trim().is_empty() {
            return Err(ScriptFault::BadLine.at(*number));
        }
    }
    Err(ScriptFault::Unclosed("the patch").at(all[start].0))
}

/// A second patch behind the first would be dropped in silence.
fn after(mut lines: Lines<'_>, operations: Vec<Operation>) -> Result<Vec<Operation>, ScriptError> {
    match lines.find(|(_, line)| line.trim_end() == BEGIN) {
        Some((number, _)) => Err(ScriptFault::Misplaced("a second patch").at(*number)),
        None => Ok(operations),
    }
}

fn add(path: &str, number: usize, lines: &mut Lines<'_>) -> Result<Action, ScriptError> {
    let mut content = String::new();
    while let Some((number, line)) = lines.next_if(|(_, line)| !line.starts_with("*** ")) {
        let Some(line) = line.strip_prefix('+') else {
            return Err(ScriptFault::BadLine.at(*number));
        };
        content.push_str(line);
        content.push('\n');
    }
    if content.is_empty() {
        return Err(ScriptFault::EmptyHunk.at(number));
    }
    Ok(Action::Create { path: path.trim().to_owned(), content, is_executable: false })
}

fn update(
    path: &str,
    number: usize,
    lines: &mut Lines<'_>,
    operations: &mut Vec<Operation>,
) -> Result<(), ScriptError> {
    let count = operations.len();
    if let Some((number, line)) = lines.next_if(|(_, line)| line.starts_with(MOVE)) {
        let to = line[MOVE.len()..].trim().to_owned();
        operations.push(operation(*number, Action::Move { from: path.to_owned(), to }));
    }
    while let Some((number, line)) = lines.peek() {
        if line.starts_with("*** ") && line.trim_end() != END_OF_FILE {
            break;
        }
        if line.is_empty() && is_between_sections(lines.clone()) {
            lines.next();
            continue;
        }
        let hunk = hunk(*number, lines)?;
        operations.push(operation(*number, Action::Lines { path: path.to_owned(), hunk }));
    }
    if operations.len() == count { Err(ScriptFault::EmptyHunk.at(number)) } else { Ok(()) }
}

/// Whether only empty lines stand before the next section.
fn is_between_sections(mut lines: Lines<'_>) -> bool {
    lines.find(|(_, line)| !line.is_empty()).is_none_or(|(_, line)| line.starts_with("*** "))
}

fn hunk(start: usize, lines: &mut Lines<'_>) -> Result<LineHunk, ScriptError> {
    let mut hunk = LineHunk { is_ordered: true, ..LineHunk::default() };
    while let Some((_, line)) = lines.next_if(|(_, line)| is_anchor(line)) {
        let anchor = line[2..].trim();
        if !anchor.is_empty() {
            hunk.anchors.push(anchor.to_owned());
        }
    }
    while let Some((number, line)) = lines.peek() {
        if is_anchor(line) || (line.starts_with("*** ") && line.trim_end() != END_OF_FILE) {
            break;
        }
        if line.is_empty() && is_between_sections(lines.clone()) {
            break;
        }
        lines.next();
        if line.trim_end() == END_OF_FILE {
            hunk.is_at_end = true;
            break;
        }
        push(&mut hunk, line).map_err(|fault| fault.at(*number))?;
    }
    check(&hunk).map_err(|fault| fault.at(start))?;
    Ok(hunk)
}

fn is_anchor(line: &str) -> bool {
    line.trim_end() == "@@" || line.starts_with("@@ ")
}

/// Adds a line of a hunk by its sign. An empty line is context whose space an editor took.
pub(super) fn push(hunk: &mut LineHunk, line: &str) -> Result<(), ScriptFault> {
    let mut letters = line.chars();
    match letters.next() {
        None | Some(' ') => {
            hunk.old.push(letters.as_str().to_owned());
            hunk.new.push(letters.as_str().to_owned());
        }
        Some('-') => hunk.old.push(letters.as_str().to_owned()),
        Some('+') => hunk.new.push(letters.as_str().to_owned()),
        Some(_) => return Err(ScriptFault::BadLine),
    }
    Ok(())
}

/// Refuses hunks that say too little.
pub(super) fn check(hunk: &LineHunk) -> Result<(), ScriptFault> {
    match () {
        () if hunk.old.is_empty() && hunk.new.is_empty() => Err(ScriptFault::EmptyHunk),
        () if hunk.old == hunk.new && hunk.final_newline == super::FinalNewline::Kept => {
            Err(ScriptFault::NoChange)
        }
        () if hunk.old.is_empty() && hunk.line.is_none() && !hunk.is_at_end => {
            Err(ScriptFault::NoContext)
        }
        () => Ok(()),
    }
}
