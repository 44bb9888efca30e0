//! What a model can do here: each tool's form, what it touches, and what comes of it.
//!
//! Tools that answer from the index belong to whoever words those answers, and come in through
//! [`Knowledge`]; so a coding agent over MCP and this one are told the same. The others lie here.
//!
//! Reading order: [`access`] (what a call touches), [`execute`] (what may run at once), [`mod@bench`]
//! (what tools work with), `read`, `edits`, `process`, `checks`, `git`, `refactoring`, [`rename`],
//! [`relocate`],
//! `reshape`, [`planning`], [`described()`] (a call in words), [`offer`] (all tools and their forms),
//! [`extra`] (tools that are not built in), [`prepare`] (from a call to a job).

pub mod access;
pub mod bench;
mod checks;
mod described;
mod edits;
pub mod execute;
pub mod extra;
pub(crate) mod git;
pub mod offer;
pub mod planning;
pub mod prepare;
pub mod process;
mod read;
mod refactoring;
pub mod relocate;
pub mod rename;
mod reshape;
mod seen;
#[cfg(test)]
pub(crate) mod unknowing;

use flux_core::TokenCounter;
use serde_json::{Map, Value};

use crate::llm::ToolSpec;

pub use access::{Access, Paths};
pub use bench::{Bench, Checks, Done, Limits};
pub(crate) use checks::of_check;
pub use described::described;
pub use extra::{CustomTool, Extras, Foreign, ForeignTool};
pub use planning::Planning;
pub use prepare::{Approve, Asked, Prepared};

/// Arguments of a call.
pub type Arguments = Map<String, Value>;

/// What is known of the tree from its index, in words.
pub trait Knowledge: Sync {
    /// Its tools; all of them only look.
    fn tools(&self) -> Vec<ToolSpec>;

    /// Answers the call of one of them, or says what is wrong with it.
    fn answer(&self, tool: &str, arguments: Arguments) -> Result<String, String>;

    /// What should be read for a task, within so many tokens; `None` if nothing was found.
    fn pack(&self, task: &str, budget: usize, counter: &dyn TokenCounter) -> Option<String>;

    /// What a change of a symbol can touch, if its name means exactly one; else `None`.
    fn impact(&self, name: &str) -> Option<String>;

    /// Waits a while for an index that is being made; whether it is there.
    fn is_ready(&self) -> bool;

    /// Brings the index up to date, and says what that did.
    fn index(&self) -> Result<String, String>;

    /// Takes an answer that was given, to make ready what may be asked next. Does not wait.
    fn foresee(&self, _answer: &str) {}

    /// How often an answer was there before it was asked for.
    fn recall(&self) -> Recall {
        Recall::default()
    }
}

/// How often answers were there before they were asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recall {
    /// Calls whose answer could have been there: of a fresh index, and of it alone.
    pub asked: u64,
    /// Those that were called before.
    pub repeated: u64,
    /// Those that were foreseen.
    pub foreseen: u64,
    /// Answers that were made ready.
    pub prepared: u64,
}
