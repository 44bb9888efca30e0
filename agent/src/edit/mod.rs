//! Edits as transactions: `EditScript` → `EditPlan` → `Checked` → `Applied` → `Receipt`.
//!
//! Reading order: [`script`] (what was asked), `path`, `tree` and `text` (what may be edited and
//! how it is kept as it was), [`matching`], [`plan`] (what is to become of each file), [`refusal`],
//! [`check`], [`apply`], [`history`], [`diff`].

pub mod apply;
pub mod check;
pub mod diff;
pub mod history;
mod indexed;
pub mod matching;
pub mod path;
pub mod plan;
pub mod refusal;
pub mod script;
pub(crate) mod text;
pub mod tree;

pub use apply::record::{About, Entry, Kind, Receipt};
pub use apply::{ApplyError, Journal, Recovered};
pub use check::command::CheckCommand;
pub use check::{Accept, Checked, NoReferences, References};
pub use history::{State, Turn};
pub use indexed::Indexed;
pub use plan::{Change, EditPlan, FileEdit, NoSymbols, Symbols};
pub use refusal::{Reason, Refusal, Refused};
pub use script::{EditScript, Format, ScriptError};
pub use tree::{Content, Tree};
