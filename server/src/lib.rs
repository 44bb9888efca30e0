//! What the outside sees: the JSON shapes of answers and their wording, the same for every face.
//!
//! This crate must never know how results are computed.
//!
//! Reading order: [`wire`], [`text`].

pub mod text;
pub mod wire;
