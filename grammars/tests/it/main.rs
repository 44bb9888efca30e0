//! Tests of the public face of the crate, in one binary.

mod fixtures;
mod hostile;
mod registry;
