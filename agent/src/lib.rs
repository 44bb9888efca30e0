//! Changes to a tree: edits as transactions that are planned, checked, applied wholly or not at
//! all, and undone. Models and tools that use this one door come with later issues.
//!
//! This crate must never know tantivy, tree-sitter or clap: what needs a syntax tree or the graph
//! is asked of the engine.

pub mod edit;
mod parallel;
pub mod refactor;
pub mod replace;
