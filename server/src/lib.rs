//! What the outside sees: the JSON shapes of answers and their wording, the same for every
//! face, and the Model Context Protocol.
//!
//! This crate must never know how results are computed.
//!
//! Reading order: [`wire`], [`text`], [`mcp`], [`foreign`], [`knowledge`].

pub mod foreign;
pub mod knowledge;
pub mod mcp;
pub mod text;
pub mod wire;
