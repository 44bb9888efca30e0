//! Speaking with language models: what was said so far, how each service wants to be asked, and
//! how its stream of events becomes a reply.
//!
//! Everything but [`transport`] is a pure function of its input, so that a conversation can be
//! replayed without a network. No provider's own library is used: what is sent must be legal for
//! servers that only resemble the originals, and three small encoders are easier to keep so.
//!
//! Reading order: [`history`] (what was said; a call and its result cannot be parted), [`reply`],
//! [`wire`] (the three dialects), [`sse`], [`failure`], [`provider`], [`pace`], [`transport`].

mod anthropic;
mod chat;
pub mod failure;
pub mod history;
pub mod pace;
pub mod provider;
pub mod reply;
mod responses;
pub mod sse;
#[cfg(test)]
pub(crate) mod tests;
pub mod transport;
pub mod wire;

pub use failure::{Failure, FailureKind};
pub use history::{Answered, Block, Call, Exchange, History, Proof, Unit};
pub use pace::{Pace, PaceLimits, Wait};
pub use provider::{Dialect, Provider, Secret};
pub use reply::{Delta, Reply, Stop, Usage};
pub use transport::{Http, Transport};
pub use wire::{Decoder, Request, ToolSpec};
