//! Search/replace blocks: a path, then `<<<<<<< SEARCH`, `=======` and `>>>>>>> REPLACE`.
//!
//! A block without a path is about the file of the block before it. The three markers of a block
//! have one length, of five signs or more: longer ones let a block hold shorter ones, as git's own
//! conflict markers do.

use super::{Action, LineHunk, Operation, ScriptError, ScriptFault, numbered, operation};

/// Shortest row of signs that makes a marker.
const LEAST: usize = 5;

/// How many signs open a block, if `line` opens one.
pub(super) fn opener(line: &str) -> Option<usize> {
    let signs = line.len() - line.trim_start_matches('<').len();
    (signs >= LEAST && line[signs..].trim() == "SEARCH").then_some(signs)
}

fn closer(line: &str) -> Option<usize> {
    let signs = line.len() - line.trim_start_matches('>').len();
    (signs >= LEAST && line[signs..].trim() == "REPLACE").then_some(signs)
}

fn divider(line: &str) -> Option<usize> {
    let line = line.trim_end();
    (line.len() >= LEAST && line.bytes().all(|byte| byte == b'=')).then_some(line.len())
}

pub(super) fn parse(text: &str) -> Result<Vec<Operation>, ScriptError> {
    let lines = numbered(text);
    let mut operations = Vec::new();
    let mut path: Option<String> = None;
    let mut candidate: Option<&str> = None;
    let mut at = 0;
    while at < lines.len() {
        let (number, line) = lines[at];
        at += 1;
        let Some(signs) = opener(line) else {
            if closer(line).is_some() {
                return Err(ScriptFault::Misplaced("the end of a block").at(number));
            }
            if is_candidate(line) {
                candidate = Some(line);
            }
            continue;
        };
        if let Some(named) = candidate.take() {
            path = Some(bare(named).to_owned());
        }
        let path = path.clone().ok_or_else(|| ScriptFault::NoPath.at(number))?;
        let block = Block::read(&lines, &mut at, number, signs)?;
        operations.push(operation(number, block.action(path, number)?));
    }
    Ok(operations)
}

/// Whether a line outside of blocks may be a path: it is not empty, no fence, and no divider.
fn is_candidate(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with("```") && !line.starts_with("~~~")
}

/// The path without what is put around it: `**a.rs**`, `` `a.rs`: ``, `### a.rs`, `File: a.rs`.
fn bare(line: &str) -> &str {
    let line = line.trim().trim_start_matches('#').trim();
    let line = line.strip_prefix("File:").or_else(|| line.strip_prefix("file:")).unwrap_or(line);
    line.trim().trim_end_matches(':').trim_matches(['`', '*']).trim_end_matches(':').trim()
}

struct Block<'a> {
    old: Vec<&'a str>,
    new: Vec<&'a str>,
}

impl<'a> Block<'a> {
    fn read(
        lines: &[(usize, &'a str)],
        at: &mut usize,
        start: usize,
        signs: usize,
    ) -> Result<Self, ScriptError> {
        let (mut old, mut new, mut divided) = (Vec::new(), Vec::new(), false);
        while let Some((number, line)) = lines.get(*at) {
            *at += 1;
            if opener(line) == Some(signs) {
                return Err(ScriptFault::Misplaced("the start of a block").at(*number));
            }
            if closer(line) == Some(signs) {
                if !divided {
                    return Err(ScriptFault::Misplaced("the end of a block").at(*number));
                }
                return Ok(Self { old, new });
            }
            match divider(line) {
                Some(length) if length == signs && divided => {
                    return Err(ScriptFault::TwoDividers.at(*number));
                }
                Some(length) if length == signs => divided = true,
                _ if divided => new.push(*line),
                _ => old.push(*line),
            }
        }
        Err(ScriptFault::Unclosed("the block").at(start))
    }

    /// An empty search part makes a file.
    fn action(self, path: String, number: usize) -> Result<Action, ScriptError> {
        let owned = |lines: Vec<&str>| lines.into_iter().map(str::to_owned).collect::<Vec<_>>();
        if self.old.iter().all(|line| line.trim().is_empty()) {
            let content: String = self.new.iter().flat_map(|line| [line, "\n"]).collect();
            return Ok(Action::Create { path, content, is_executable: false });
        }
        if self.old == self.new {
            return Err(ScriptFault::NoChange.at(number));
        }
        let (old, new) = (owned(self.old), owned(self.new));
        Ok(Action::Lines { path, hunk: LineHunk { old, new, ..LineHunk::default() } })
    }
}
