//! Facts of files → the symbol graph: what each identifier refers to, without a compiler.
//!
//! Two steps. *Lowering* reads one syntax tree and keeps what resolution needs, as [`Facts`]: a
//! pure function of the text, made once per content. *Resolution* sees the facts of all files of
//! a tree and gives each file its [`FileGraph`](flux_core::FileGraph), in parallel: a pure
//! function of the file and of what it looked at, which it names, so that after an edit only
//! files are resolved again that looked at what changed.
//!
//! Families of languages are layers: `python`, `rust`, `rules` for those described as data, and
//! `plain` for the rest.
//!
//! This crate must never know the file system, the index or scores.
//!
//! Reading order: [`facts`], [`layer`], [`run`], [`notes`], `python`, `rust`, `rules`, `plain`.

pub mod facts;
#[cfg(all(test, feature = "all"))]
mod incremental;
pub mod layer;
pub mod notes;
mod plain;
#[cfg(feature = "python")]
mod python;
#[cfg(feature = "rules")]
mod rules;
pub mod run;
#[cfg(feature = "rust")]
mod rust;
#[cfg(test)]
mod testing;

pub use facts::{Facts, is_layered, lower};
pub use layer::{Dependency, Files, Resolved};
pub use notes::{Note, NoteKey};
pub use run::{Outcome, Previous, Resolution, resolve};

/// Changes whenever the same text may give other facts, or the same facts another graph.
pub const RESOLVER_VERSION: u32 = 3;
