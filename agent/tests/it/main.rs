//! Edits from script to tree and back: scenarios that a stranger can read, and scripts from hell.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod hostile;
mod renames;
mod scenarios;
mod support;
