//! Moves an item of Rust.

use flux_core::FileId;
use flux_engine::EngineError;

use super::Work;
use crate::refactor::sources::Sources;

/// Plans it.
pub(super) fn plan(work: &mut Work<'_>) -> Result<(), EngineError> {
    let _ = work;
    Ok(())
}

/// root
pub(super) fn root_of(sources: &Sources<'_>, file: FileId) -> Result<Option<FileId>, EngineError> {
    let _ = sources;
    Ok(Some(file))
}
