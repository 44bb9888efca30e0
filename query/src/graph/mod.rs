//! Questions to the symbol graph: what a name means, who refers to it, what a change can touch.
//!
//! Pure functions of a snapshot, as ranking is. What is certain and what is likely stay apart,
//! what only has the same name is counted and left out unless it is asked for, and every list of
//! references comes with what the graph could not see ([`Completeness`]).
//!
//! Reading order: [`view`], [`name`], [`sites`], [`mentions`], [`calls`], [`types`], [`reach`],
//! [`impact`], [`imports`], [`cycles`], [`unused`] with
//! `reflection`.

pub mod calls;
pub mod cycles;
pub mod impact;
pub mod imports;
pub mod mentions;
pub mod name;
pub mod reach;
mod reflection;
pub mod sites;
pub mod types;
pub mod unused;
pub mod view;

pub use calls::{Callee, Caller, Calls};
pub use cycles::{Cycle, Link};
pub use impact::{Impact, ImpactLimits, Touched, Ways};
pub use imports::{ImportedFile, Imports};
pub use mentions::{Mention, Mentions};
pub use name::{Named, Place};
pub use reach::Step;
pub use sites::{Completeness, Site, Sites};
pub use types::{Direction, Relative};
pub use unused::{Unsure, Unused, UnusedReport};
pub use view::{Described, GraphView, Texts};
