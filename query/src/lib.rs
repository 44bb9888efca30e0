//! Answers: a snapshot and a request go in, ranked hits, matching lines or a pack come out.
//!
//! A pure, read-only function: the same snapshot and request give the same answer in the same
//! order. Every hit carries the signals that ranked it.
//!
//! This crate must never know the indexer, the file system, the clock or the network: the text
//! of files comes through [`Sources`].
//!
//! Reading order: [`request`], [`kind`], `terms`, [`meaning`], [`rank`], [`parameters`],
//! [`pattern`], [`lines`], [`graph`], [`pack`].

mod abbreviations;
mod error;
pub mod filter;
pub mod graph;
pub mod hit;
pub mod kind;
pub mod lines;
pub mod meaning;
mod names;
pub mod pack;
pub mod parameters;
pub mod pattern;
pub mod rank;
pub mod request;
mod search;
mod suggest;
mod terms;

pub use error::QueryError;
pub use filter::{Filter, Tests};
pub use hit::{Hit, HitSymbol, Signal};
pub use kind::QueryKind;
pub use lines::FileLines;
pub use meaning::{Meaning, Related};
pub use parameters::Parameters;
pub use rank::features::{Feature, Features};
pub use rank::{Ranking, Retrievers};
pub use request::{Answer, Mode, SearchRequest, Sources};
pub use search::{Context, consider, search, search_in};
pub use terms::is_stop_word;
