//! What is told while a conversation goes on: for the terminal, for scripts, for the transcript.

use std::time::Duration;

use super::citations::Citations;
use super::course::StepState;
use super::summary::Summary;
use crate::edit::Receipt;
use crate::llm::{Unit, Usage};
use crate::plan::{Forecast, Plan};
use crate::verify::Verification;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A piece of the model's answer.
    Text(String),
    /// A piece of its thoughts.
    Thinking(String),
    /// The model begins to write a call of this tool.
    Calling(String),
    /// A call is about to run.
    Started {
        /// Its id.
        id: String,
        /// The tool.
        tool: String,
        /// What it does, in a few words.
        what: String,
    },
    /// A call has ended.
    Finished {
        /// Its id.
        id: String,
        /// The tool.
        tool: String,
        /// Whether it failed.
        is_error: bool,
        /// What the model is told.
        text: String,
    },
    /// Files were changed.
    Edited(Receipt),
    /// A request failed and is sent again.
    Retry {
        /// How often it was sent.
        attempt: u32,
        /// How long it waits.
        after: Duration,
        /// What went wrong.
        why: String,
    },
    /// A request is held back so that its service is not asked too often.
    Waiting {
        /// How long.
        after: Duration,
        /// Which limit it is.
        why: String,
    },
    /// The conversation was shortened.
    Shortened {
        /// Tokens before, by estimate.
        before: usize,
        /// Tokens after.
        after: usize,
    },
    /// A reply is whole. `None` where the server does not say what it cost.
    Asked {
        /// Tokens of the request, by estimate.
        estimate: usize,
        /// What the service counted.
        usage: Option<Usage>,
    },
    /// The conversation grew by this.
    Said(Unit),
    /// A plan was accepted, and what it can reach.
    Planned {
        /// The plan.
        plan: Plan,
        /// What the graph says of it.
        forecast: Forecast,
    },
    /// The steps of the plan, by name, and how far each is.
    Steps(Vec<(String, StepState)>),
    /// A program of the project is about to be run on a change.
    Checking(String),
    /// A change was looked at.
    Verified(Verification),
    /// The edits of a step were taken back, because it did not hold.
    TakenBack {
        /// Their numbers.
        edits: Vec<u64>,
        /// Why not all of them could be, if so.
        failed: Option<String>,
    },
    /// The places that an answer names.
    Cited(Citations),
    /// What became of a turn that changed something.
    Summary(Summary),
    /// Something the user should know.
    Note(String),
}
