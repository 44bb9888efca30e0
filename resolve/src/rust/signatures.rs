//! The signatures of the standard library that inference knows.
//!
//! They are data in Rust's own syntax, read by the same code as any file: a type, a trait or a
//! method is added by writing it down there.

/// The table.
pub(super) const TEXT: &str = include_str!("signatures.txt");
