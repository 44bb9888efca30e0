//! Workflows: what was done in a conversation, as a file that does it again with other values and
//! without a model.
//!
//! A workflow is a list of calls of the agent's tools. It runs through the same bench, so that
//! policy, approval, transactions and confinement are the same, whoever wrote the file.
//!
//! Reading order: this file (what a workflow is), `format` (the file), [`folder`] (where it lies),
//! [`fill`](mod@fill) (values for parameters), [`record`](mod@record) and `propose` (from a session), [`run`](mod@run),
//! [`schedule`].

pub mod fill;
pub mod folder;
mod format;
mod propose;
pub mod record;
pub mod run;
pub mod schedule;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use crate::session::SessionError;
use crate::tools::{Arguments, described};

pub use fill::{Filled, fill};
pub use record::{Recorded, record};
pub use run::{Report, run};

/// A list of calls, with parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workflow {
    /// What it is for.
    pub description: String,
    /// What stands as `{{name}}` in its steps.
    pub parameters: BTreeMap<String, Parameter>,
    /// The calls, in order.
    pub steps: Vec<Step>,
}

/// A value that a run can choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameter {
    /// What it means.
    pub about: Option<String>,
    /// Its value unless another is given; without one it has to be given.
    pub default: Option<String>,
}

/// A call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// The tool, as the agent has it.
    pub tool: String,
    /// What it is for.
    pub note: Option<String>,
    /// Whether it is one transaction with the step before it.
    pub together: bool,
    /// Whether the run goes on when it fails.
    pub keep_going: bool,
    /// Its arguments; texts may hold parameters.
    pub arguments: Arguments,
}

impl Step {
    /// The step in a few words.
    pub fn described(&self) -> String {
        described(&self.tool, &self.arguments)
    }
}

/// Why there is no workflow, or none that can run.
#[derive(Debug, thiserror::Error)]
pub enum WorkflowError {
    /// Not a name of one.
    #[error("`{0}` is no name of a workflow\nhint: letters, digits, `-` and `_`")]
    Name(String),
    /// There is none of that name.
    #[error("there is no workflow `{0}`\nhint: flux workflow list names those of this tree")]
    Missing(String),
    /// There is one of that name.
    #[error("there is a workflow `{0}` already\nhint: --force writes over it")]
    Exists(String),
    /// The file does not say what it should.
    #[error("{path}: {what}")]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, with a hint.
        what: String,
    },
    /// A step cannot be what it says, or a value is missing or wrong.
    #[error("{0}")]
    Use(String),
    /// A session has nothing to do again.
    #[error("session `{0}` has no step that changed or ran something and went well")]
    Nothing(String),
    /// The session cannot be read.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Its folder leads out of the tree.
    #[error("{0} leads out of the tree")]
    Outside(PathBuf),
    /// A file cannot be read or written.
    #[error("cannot {action} {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
}
