//! The lines of a transcript, and reading them.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{SessionError, failed, place};
use crate::llm::{Unit, Usage};
use crate::plan::Plan;
use crate::run::StepReport;

/// Version of the lines. 1: first.
pub(super) const VERSION: u32 = 1;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(super) enum Line {
    /// A run of the program begins.
    Start { version: u32, time: u64, root: String, model: String },
    /// The conversation grew.
    Said { unit: Unit },
    /// A request was answered.
    Asked { estimate: usize, usage: Option<Usage> },
    /// Files were changed by this edit of the journal.
    Edited { edit: u64, files: Vec<String> },
    /// A plan was accepted.
    Planned { plan: Plan },
    /// What became of a turn that changed something.
    Summary { steps: Vec<StepLine>, touched: Vec<String>, unforeseen: Vec<String> },
    /// The conversation was forgotten.
    Cleared,
}

/// A step of a turn, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepLine {
    /// What it is called.
    pub id: String,
    /// How far it came, in a word.
    pub state: String,
    /// Its edits in the journal.
    pub edits: Vec<u64>,
    /// How often it was mended.
    pub revisions: u32,
    /// What was looked at of it.
    pub looked: Vec<String>,
    /// What could not be.
    pub unseen: Vec<String>,
    /// What was wrong with it.
    pub findings: Vec<String>,
}

impl StepLine {
    pub(super) fn of(step: &StepReport) -> Self {
        let seen = step.verification.clone().unwrap_or_default();
        Self {
            id: step.id.clone(),
            state: step.state.as_str().to_owned(),
            edits: step.edits.clone(),
            revisions: step.revisions,
            looked: seen.looked,
            unseen: seen.unseen,
            findings: seen.findings.iter().map(ToString::to_string).collect(),
        }
    }
}

/// The lines of a session, without what a kill cut off.
pub(super) fn lines(folder: &Path, id: &str) -> Result<Vec<Line>, SessionError> {
    let path = place(folder, id);
    let is_name = id.chars().all(|letter| letter.is_ascii_digit() || letter == '-');
    let file = match File::open(&path) {
        Ok(file) if is_name => file,
        Ok(_) => return Err(SessionError::Missing(id.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(SessionError::Missing(id.to_owned()));
        }
        Err(error) => return Err(failed("read", &path)(error)),
    };
    let mut lines = Vec::new();
    for line in BufReader::new(file).split(b'\n') {
        let line = line.map_err(failed("read", &path))?;
        // A kill leaves half a line; what came after it is whole.
        let Ok(line) = serde_json::from_slice::<Line>(&line) else { continue };
        if let Line::Start { version, .. } = &line
            && *version != VERSION
        {
            return Err(SessionError::Version { id: id.to_owned(), version: *version });
        }
        lines.push(line);
    }
    Ok(lines)
}
