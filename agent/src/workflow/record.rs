//! From a session to a workflow: the calls that changed or ran something and went well.
//!
//! What only looked is left out: the one who looks again is a model, and there is none. An edit whose
//! transaction was taken back since is left out, too.

use std::collections::BTreeSet;
use std::path::Path;

use super::format::STEP;
use super::propose::propose;
use super::{Step, Workflow, WorkflowError};
use crate::llm::{Answered, Call, Exchange, Unit};
use crate::policy::{CommandPolicy, Effect};
use crate::session;

/// A workflow, and what of the session is not in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// The workflow.
    pub workflow: Workflow,
    /// Calls that only looked.
    pub looked: usize,
    /// Calls that failed.
    pub failed: usize,
    /// Calls whose edit was undone since.
    pub undone: usize,
    /// Calls with an argument that a file cannot hold.
    pub unwritable: usize,
}

/// Tools that only look, and those that only the conversation itself has a use for.
const LOOKING: &[&str] = &[
    "read_files",
    "search_code",
    "symbol",
    "impact",
    "context",
    "status",
    "git_diff",
    "index_codebase",
    "get_suggestions",
    "explore",
    "plan",
];
/// Tools whose calls of one turn are one transaction.
pub(super) const EDITING: &[&str] = &["edit", "write_file", "delete_file", "move_file"];
/// Tools that make edits of the journal.
const JOURNALLED: &[&str] = &[
    "edit",
    "write_file",
    "delete_file",
    "move_file",
    "rename_symbol",
    "move_symbol",
    "change_signature",
    "replace_code",
    "auto_fix",
];

/// What is done when a call of a session is met.
enum Kept {
    Step(Step),
    Looked,
    Failed,
    Undone,
    Unwritable,
}

/// Makes a workflow of a session. `undone` are the edits of the journal that were taken back.
pub fn record(folder: &Path, id: &str, undone: &BTreeSet<u64>) -> Result<Recorded, WorkflowError> {
    let mut recorded = Recorded::default();
    let mut prompts = Vec::new();
    for (unit, edits) in session::units(folder, id)? {
        match unit {
            Unit::User { text, .. } => prompts.push(text),
            Unit::Note { .. } => {}
            Unit::Exchange(exchange) => {
                let is_undone = !edits.is_empty() && edits.iter().all(|edit| undone.contains(edit));
                recorded.add(&exchange, is_undone);
            }
        }
    }
    if recorded.workflow.steps.is_empty() {
        return Err(WorkflowError::Nothing(id.to_owned()));
    }
    let first = prompts.first().and_then(|text| text.lines().next()).unwrap_or_default();
    recorded.workflow.description = first.to_owned();
    recorded.workflow.parameters = propose(&prompts, &mut recorded.workflow.steps);
    Ok(recorded)
}

impl Recorded {
    /// Adds the calls of one turn.
    fn add(&mut self, exchange: &Exchange, is_undone: bool) {
        // Edits of one turn were one transaction, unless something else was done between them.
        let mut is_group = false;
        for (call, answered) in exchange.answered() {
            match kept(call, answered, is_undone) {
                Kept::Looked => self.looked += 1,
                Kept::Failed => self.failed += 1,
                Kept::Undone => self.undone += 1,
                Kept::Unwritable => self.unwritable += 1,
                Kept::Step(step) => {
                    let is_edit = EDITING.contains(&step.tool.as_str());
                    let step = Step { together: is_edit && is_group, ..step };
                    is_group = is_edit;
                    // Tests that were run twice with nothing in between are run once.
                    if self.workflow.steps.last() != Some(&step) {
                        self.workflow.steps.push(step);
                    }
                }
            }
        }
    }
}

fn kept(call: &Call, answered: &Answered, is_undone: bool) -> Kept {
    let Ok(arguments) = call.object() else { return Kept::Failed };
    if answered.is_error {
        return Kept::Failed;
    }
    let command = arguments.get("command").and_then(serde_json::Value::as_str);
    let looks = match (call.name.as_str(), command) {
        ("run_command", Some(line)) => CommandPolicy::default().effect(line) == Effect::Looks,
        (name, _) => LOOKING.contains(&name),
    };
    if looks {
        return Kept::Looked;
    }
    if is_undone && JOURNALLED.contains(&call.name.as_str()) {
        return Kept::Undone;
    }
    if arguments.keys().any(|key| STEP.contains(&key.as_str())) {
        return Kept::Unwritable;
    }
    Kept::Step(Step { tool: call.name.clone(), arguments, ..Step::default() })
}
