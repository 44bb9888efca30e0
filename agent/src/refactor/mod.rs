//! Refactorings: changes to a program that keep what it does, made from the symbol graph.
//!
//! A refactoring finds the places it has to change, turns them into exact
//! [`Change`](crate::edit::Change)s, and refuses with a named [`Obstacle`] where the result would
//! not be the same program or where that cannot be known. What it cannot prove it does not touch.
//!
//! Reading order: [`obstacle`], [`sources`] (texts and graph of the files it looks at), [`family`]
//! (the definitions that share one name by necessity), [`places`] (where that name stands),
//! [`mod@rename`] with `identifier`, `weigh`, `conflicts`, `public`, `outside`, `written` and `modules`;
//! [`mod@signature`] and [`moving`] stand on those.

mod conflicts;
pub mod family;
mod identifier;
mod modules;
pub mod moving;
pub mod obstacle;
mod outside;
pub mod places;
mod public;
pub mod rename;
pub mod signature;
pub mod sources;
mod weigh;
mod written;

pub use family::{Family, Nature};
pub use moving::obstacle::MoveObstacle;
pub use moving::{MoveRequest, Moved, move_symbol};
pub use obstacle::{Obstacle, RefactorError};
pub use places::{Certainty, Place, Places};
pub use rename::{Rename, RenameRequest, rename};
pub use signature::change::{Added, SignatureChange};
pub use signature::obstacle::SignatureObstacle;
pub use signature::{Signature, SignatureRequest, signature};
pub use sources::{Source, Sources};
