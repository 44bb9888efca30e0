//! The syntax of a text that need not be in any tree: for checks of an edit before it is made.

pub use flux_indexer::arguments::{
    Argument, Before, Call, List, Parameter, ParameterKind, Parameters, Use,
};
pub use flux_indexer::imports::{ImportPart, ImportScope, ImportStatement, PartKind};
pub use flux_indexer::items::{Item, ItemPlace, Visibility};
pub use flux_indexer::syntax::{Body, Syntax};
pub use flux_indexer::words::{Word, WordRole, offsets};
