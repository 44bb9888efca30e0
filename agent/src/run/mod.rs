//! One conversation with a model that works on the tree: what is asked, what is done, when it ends.
//!
//! Reading order: [`model`] (which model and how much it reads), [`event`] (what is told while it
//! goes on), [`router`] and [`unasked`] (what needs no model), [`prompt`], [`ledger`], `meter` and `shorten` (how
//! much is said), `repeat` (when to give up), `ask` (one request), [`course`] and
//! [`summary`] (where a turn stands), [`citations`], `settle` (when a step is done), [`agent`] (the loop),
//! [`explore`] (a conversation within one).

pub mod agent;
mod ask;
pub mod citations;
pub mod course;
pub mod event;
pub mod explore;
pub mod ledger;
mod meter;
pub mod model;
pub mod prompt;
mod repeat;
pub mod router;
mod settle;
mod shorten;
pub mod summary;
#[cfg(test)]
pub(crate) mod tests;
pub mod unasked;

pub use agent::{Agent, Ended, Limits};
pub use citations::Citations;
pub use course::{StepReport, StepState};
pub use event::Event;
pub use explore::Explorer;
pub use ledger::Ledger;
pub use model::ModelChoice;
pub use router::{Routed, route};
pub use summary::Summary;
