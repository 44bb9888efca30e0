//! What a conversation cost so far.

use std::collections::BTreeMap;

use super::model::Price;
use crate::llm::Usage;
use crate::tools::Recall;
use crate::tools::extra::Explored;

/// Requests, tokens and money.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// Requests that were answered.
    pub requests: u64,
    /// Requests that were sent again.
    pub retries: u64,
    /// Tokens, as the service counted them.
    pub usage: Usage,
    /// Requests of which the service did not tell the tokens.
    pub untold: u64,
    /// How often the conversation was shortened.
    pub shortened: u64,
    /// Calls by tool, with how many of them failed.
    pub calls: BTreeMap<String, (u64, u64)>,
    /// How often answers were there before they were asked for.
    pub recall: Recall,
    /// What the model that explores cost; not counted in the fields above.
    pub explored: Explored,
}

impl Ledger {
    pub(super) fn asked(&mut self, usage: Option<Usage>) {
        self.requests += 1;
        match usage {
            None => self.untold += 1,
            Some(usage) => {
                self.usage.input += usage.input;
                self.usage.cached += usage.cached;
                self.usage.cache_written += usage.cache_written;
                self.usage.output += usage.output;
            }
        }
    }

    pub(super) fn called(&mut self, tool: &str, is_error: bool) {
        let count = self.calls.entry(tool.to_owned()).or_default();
        count.0 += 1;
        count.1 += u64::from(is_error);
    }

    /// Dollars, with those of exploring, if what was read from caches cost a tenth, as it does where caches are paid for.
    pub fn cost(&self, price: Price) -> f64 {
        let fresh = self.usage.input.saturating_sub(self.usage.cached);
        let read = fresh as f64 + self.usage.cached as f64 / 10.0;
        self.explored.dollars + (read * price.input + self.usage.output as f64 * price.output) / 1e6
    }
}
