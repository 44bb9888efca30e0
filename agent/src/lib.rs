//! A model at work on a tree, and every change that is made to one: conversations, tools, and edits
//! as transactions that are planned, checked, applied wholly or not at all, and undone.
//!
//! This crate must never know tantivy, tree-sitter or clap: what needs a syntax tree or the graph
//! is asked of the engine.
//!
//! Reading order: [`edit`], [`refactor`], [`replace`]; [`llm`], [`policy`], [`companion`], [`tools`],
//! [`plan`], [`verify`], [`run`], [`session`], [`workflow`], [`learn`], [`suggest`].

pub mod companion;
pub mod edit;
pub mod learn;
pub mod llm;
mod parallel;
pub mod plan;
pub mod policy;
pub mod refactor;
pub mod replace;
pub mod run;
pub mod session;
pub mod suggest;
mod supervise;
pub mod tools;
pub mod verify;
pub mod workflow;
