//! Tests of the public face of the crate, in one binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fixtures;
mod hostile;
mod registry;
mod spans;
