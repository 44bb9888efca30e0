//! What a workspace answers, on small trees written in the tests.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod graph;
mod history;
mod packs;
mod ranking;
mod support;
mod work_trees;
mod workspaces;
