//! The symbol graph of a tree: what its files define, what every identifier refers to, and who
//! refers to what.
//!
//! A graph belongs to a view, which the manifest says. It lies in one file, the *base*; small
//! changes since lie in a second, the *delta*, which holds the files that changed and is written
//! anew by every commit until it is worth a new base. A definition is found from one to the other
//! by its [`SymbolId`], which depends on names and not on positions, so that neither an edit
//! above it nor another file in front of its own changes what points at it.
//!
//! Nothing is decoded when a graph is opened: records have a fixed size and are read where they
//! lie, and every read is checked against the end of its section.
//!
//! Reading order: `format`, `segment`, [`reader`], [`adjacency`], [`writer`], `build`, [`carry`].

pub mod adjacency;
mod build;
pub mod carry;
mod counts;
mod format;
mod id;
mod lines;
pub mod reader;
mod references;
mod segment;
pub mod writer;

pub use adjacency::{Adjacency, Edge, Ranks};
pub use carry::{Carried, NoteKey};
pub use counts::GraphCounts;
#[cfg(test)]
pub(crate) use id::ids_of;
pub use id::{NotASymbolId, SymbolId};
pub use reader::{Dependencies, GraphReader, Nested};
pub use writer::{GraphWriter, PackedGraph};
