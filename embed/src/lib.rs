//! Text to vectors. Nothing is here yet: the built-in model, and the `Embedder` trait in core
//! that it will implement, come with issue 2, and no other crate depends on this one until then.
//!
//! This crate must never know code structure, chunks or the index.
