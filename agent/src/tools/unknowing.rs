//! Knowledge for tests that ask the graph directly, or nobody.

use flux_core::TokenCounter;

use super::{Arguments, Knowledge};
use crate::llm::ToolSpec;

/// Knows nothing.
pub(crate) struct Unknowing;

impl Knowledge for Unknowing {
    fn tools(&self) -> Vec<ToolSpec> {
        Vec::new()
    }

    fn answer(&self, _: &str, _: Arguments) -> Result<String, String> {
        Err("nothing is known".to_owned())
    }

    fn pack(&self, _: &str, _: usize, _: &dyn TokenCounter) -> Option<String> {
        None
    }

    fn impact(&self, _: &str) -> Option<String> {
        None
    }

    fn is_ready(&self) -> bool {
        true
    }

    fn index(&self) -> Result<String, String> {
        Ok("done".to_owned())
    }
}
