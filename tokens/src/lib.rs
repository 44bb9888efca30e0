//! How many tokens a text is to a language model: OpenAI's public tokenizers, exactly, estimates
//! for the others, and a table of models with their windows.
//!
//! The vocabularies lie in the program as tables that need no loading, so that a process that
//! counts one small text is as quick as the text is small.
//!
//! This crate must never know the file system, the network or what is counted.
//!
//! Reading order: [`counter`], `encoding`, `split`, [`model`].

mod class;
pub mod counter;
mod encoding;
mod hash;
pub mod model;
mod split;

#[cfg(test)]
mod tests;

pub use counter::{Counter, Tokenizer};
pub use model::{Model, Models, ModelsError, Price};
