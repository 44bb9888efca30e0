//! Models, tools and edits. Nothing is here yet: edits as transactions and the agent on top of
//! them come with later issues, and no other crate depends on this one until then.
//!
//! This crate must never know tantivy, tree-sitter or clap.
