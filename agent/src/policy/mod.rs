//! What a model may do: decided by code, never by the model.
//!
//! Reading order: [`mode`] (how much is allowed without asking), [`shell`] (a command line as
//! parts), [`commands`] (which commands are what), [`secrets`] and [`untrusted`] (what goes into a
//! conversation), [`confine`] (what the kernel enforces on commands).

pub mod commands;
pub mod confine;
pub mod mode;
pub mod secrets;
pub mod shell;
pub mod untrusted;

pub use commands::{CommandPolicy, Effect};
pub use confine::Confinement;
pub use mode::{Decision, Mode};
