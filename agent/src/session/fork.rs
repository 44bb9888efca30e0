//! A session that begins as a copy of another. The other stays as it is, and both go on alone.

use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use super::lines::{Line, lines};
use super::{SessionError, created, failed};
use crate::llm::Unit;

/// Copies a session: its first `prompts` with what came of them, or all of it. What the new one is
/// called.
pub fn fork(
    folder: &Path,
    id: &str,
    prompts: Option<usize>,
    now: SystemTime,
) -> Result<String, SessionError> {
    let kept = first(lines(folder, id)?, id, prompts)?;
    let mut text = String::new();
    for line in &kept {
        let line = serde_json::to_string(line).map_err(std::io::Error::other);
        text.push_str(&line.map_err(failed("copy", folder))?);
        text.push('\n');
    }
    let (id, path, mut file) = created(folder, now)?;
    file.write_all(text.as_bytes()).map_err(failed("write", &path))?;
    Ok(id)
}

/// What stands before the prompt after the last one that is wanted.
fn first(
    mut lines: Vec<Line>,
    id: &str,
    prompts: Option<usize>,
) -> Result<Vec<Line>, SessionError> {
    let Some(prompts) = prompts else { return Ok(lines) };
    let is_prompt = |line: &Line| matches!(line, Line::Said { unit: Unit::User { .. } });
    let at = lines.iter().enumerate().filter(|(_, line)| is_prompt(line)).map(|(at, _)| at);
    let at: Vec<usize> = at.collect();
    if prompts > at.len() {
        return Err(SessionError::Prompts { id: id.to_owned(), count: at.len() });
    }
    if let Some(end) = at.get(prompts) {
        lines.truncate(*end);
    }
    Ok(lines)
}
