//! Answers that were given already. An answer is a pure function of the call and of the snapshot,
//! so one is kept as long as the index says that its snapshot is fresh and is the same.
//!
//! Reading files is not remembered: to know that a file is as it was it has to be read.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use flux_agent::tools::Recall;
use flux_engine::{Freshness, Snapshot};
use rmcp::model::JsonObject;
use serde_json::Value;

/// Answers of one snapshot, by call.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    generation: u64,
    answers: BTreeMap<String, Kept>,
    recall: Recall,
}

#[derive(Debug)]
struct Kept {
    text: String,
    why: Why,
}

/// Why something is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The model called it.
    Called,
    /// It may call it soon.
    Foreseen,
}

/// Most answers that are kept. At the longest that answers get, some megabytes.
const MOST: usize = 512;

impl Memory {
    /// The answer to a call, from memory or made. Errors are not kept.
    pub(crate) fn answer(
        &self,
        snapshot: &Snapshot,
        freshness: Freshness,
        call: Option<&str>,
        why: Why,
        make: impl FnOnce() -> Result<String, String>,
    ) -> Result<String, String> {
        let Some(call) = call.filter(|_| freshness == Freshness::Fresh) else { return make() };
        if let Some(text) = self.known(snapshot.generation(), call, why) {
            return Ok(text);
        }
        let text = make()?;
        self.keep(snapshot.generation(), call, why, &text);
        Ok(text)
    }

    fn known(&self, generation: u64, call: &str, why: Why) -> Option<String> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Held { answers, recall, .. } = held.of(generation);
        recall.asked += u64::from(why == Why::Called);
        let kept = answers.get(call)?;
        if why == Why::Called {
            match kept.why {
                Why::Called => recall.repeated += 1,
                Why::Foreseen => recall.foreseen += 1,
            }
        }
        Some(kept.text.clone())
    }

    fn keep(&self, generation: u64, call: &str, why: Why, text: &str) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Held { answers, recall, .. } = held.of(generation);
        recall.prepared += u64::from(why == Why::Foreseen);
        if answers.len() < MOST {
            answers.entry(call.to_owned()).or_insert(Kept { text: text.to_owned(), why });
        }
    }

    /// How often it helped.
    pub(crate) fn recall(&self) -> Recall {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).recall
    }
}

impl Held {
    /// What is held of a snapshot; what is held of another is forgotten.
    fn of(&mut self, generation: u64) -> &mut Self {
        if self.generation != generation {
            self.generation = generation;
            self.answers.clear();
        }
        self
    }
}

/// A call as a text that does not depend on the order of its arguments; `None` for one whose answer
/// depends on more than the snapshot.
pub(crate) fn key(tool: &str, arguments: &JsonObject) -> Option<String> {
    // A difference is taken from the work tree and from git.
    let is_pure = match tool {
        "search_code" | "symbol" | "context" => true,
        "impact" => !arguments.contains_key("diff"),
        _ => false,
    };
    let sorted: BTreeMap<&String, &Value> = arguments.iter().collect();
    is_pure.then(|| format!("{tool} {sorted:?}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Memory, Why, key};

    fn of(tool: &str, arguments: Value) -> Option<String> {
        let Value::Object(arguments) = arguments else { panic!("no object") };
        key(tool, &arguments)
    }

    #[test]
    fn calls_are_told_apart_by_what_they_ask_only() {
        let one = of("symbol", json!({ "name": "a", "show": "callers" }));
        assert_eq!(one, of("symbol", json!({ "show": "callers", "name": "a" })));
        assert_ne!(one, of("symbol", json!({ "name": "a" })));
        assert_ne!(one, of("impact", json!({ "name": "a", "show": "callers" })));
        assert!(of("impact", json!({ "target": "a" })).is_some());
        assert_eq!(of("impact", json!({ "diff": "HEAD" })), None);
        assert_eq!(of("status", json!({})), None);
    }

    #[test]
    fn what_is_held_belongs_to_one_snapshot_and_is_counted() {
        let memory = Memory::default();
        assert_eq!(memory.known(1, "a", Why::Called), None);
        memory.keep(1, "a", Why::Called, "A");
        assert_eq!(memory.known(1, "b", Why::Foreseen), None);
        memory.keep(1, "b", Why::Foreseen, "B");
        assert_eq!(memory.known(1, "a", Why::Called).as_deref(), Some("A"));
        assert_eq!(memory.known(1, "b", Why::Called).as_deref(), Some("B"));
        assert_eq!(memory.known(1, "b", Why::Foreseen).as_deref(), Some("B"));
        assert_eq!(memory.known(2, "a", Why::Called), None, "another snapshot");
        let recall = memory.recall();
        assert_eq!((recall.asked, recall.repeated), (4, 1));
        assert_eq!((recall.prepared, recall.foreseen), (1, 1));
    }
}
