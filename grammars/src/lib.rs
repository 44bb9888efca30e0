//! Languages as data: which language a file is written in, and the symbols, references and
//! imports of its text. `FORMAT.md` describes the folder that adds a language.
//!
//! This crate must never know the file system, other files or what a name resolves to: its
//! answers are a pure function of one text.
//!
//! Reading order: [`registry`], [`grammar`], `config`, `pattern`, `rules`, `compiled`, [`extract`],
//! [`structural`].

mod compiled;
mod config;
mod detection;
pub mod extract;
pub mod grammar;
mod intern;
mod pattern;
pub mod registry;
mod rules;
pub mod structural;

pub use extract::{EXTRACTOR_VERSION, ExtractError, Extracted, Extractor};
pub use grammar::{Category, Grammar, GrammarError};
pub use registry::{detect, languages, named};
