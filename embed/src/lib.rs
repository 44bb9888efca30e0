//! Text to vectors: every way of making them, behind `flux_core::Embedder`. `registry` turns the
//! name of a model into a model; the rest are the kinds there are: the one built in, those in ONNX
//! files, those on servers, and a fake for tests.
//!
//! This crate must never know code structure, chunks or the index. It reads no environment: keys,
//! folders and switches are passed in.

mod fake;
#[cfg(any(feature = "http", test))]
mod pieces;
#[cfg(any(feature = "http", test))]
mod prompts;
mod vector;

pub mod builtin;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "onnx")]
pub mod onnx;
#[cfg(feature = "http")]
pub mod registry;
#[cfg(feature = "http")]
pub mod settings;

pub use fake::FakeEmbedder;
