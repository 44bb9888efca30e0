//! What the outside sees: the JSON shapes of answers, the same for every face.
//!
//! This crate must never know how results are computed. MCP and HTTP will live here; today it
//! holds [`wire`] alone.

pub mod wire;
