//! What a model will ask next: about the definitions that an answer names it asks what they are, who
//! calls them and what a change of them touches. Made ready by one thread while the model thinks.
//!
//! Off unless it is asked for. Measured with a session of ten searches, each followed by those
//! questions about its first hit and two seconds of thought between (debug build, busy machine): 20 of
//! the 20 questions were foreseen, by 132 answers of which 112 were for nothing. A question took 75 ms
//! instead of 156 on rust-analyzer and about the same on ripgrep, because most of the time goes into
//! knowing that the index is fresh. Beside the thought of a model that is little.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::JsonObject;
use serde_json::{Value, json};

use super::answer::{Asking, answer};
use super::indexing::Indexing;
use super::memory::{Memory, Why};

/// Makes answers ready. Its thread ends with it.
pub(crate) struct Foresight(Mutex<Sender<Vec<String>>>);

/// Definitions of one answer that are looked at, the first ones: answers begin with the best.
const MOST_NAMES: usize = 4;

impl Foresight {
    /// Starts its thread.
    pub(crate) fn start(indexing: Arc<Indexing>, memory: Arc<Memory>) -> Self {
        let (sender, receiver) = channel();
        std::thread::spawn(move || work(&indexing, &memory, &receiver));
        Self(Mutex::new(sender))
    }

    /// Makes ready what may be asked after an answer.
    pub(crate) fn read(&self, answer: &str) {
        let names = names(answer);
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A thread that is gone makes nothing ready, which is all that is lost.
        if !names.is_empty() && sender.send(names).is_err() {}
    }
}

fn work(indexing: &Arc<Indexing>, memory: &Arc<Memory>, receiver: &Receiver<Vec<String>>) {
    while let Ok(mut names) = receiver.recv() {
        // Only what was said last matters.
        while let Ok(later) = receiver.try_recv() {
            names = later;
        }
        for (tool, arguments) in names.iter().flat_map(|name| calls(name)) {
            let asking = Asking::remembered(indexing, memory, Why::Foreseen);
            // What cannot be answered will be told when it is asked.
            answer(&asking, tool, arguments).ok();
        }
    }
}

/// What is asked about a definition.
fn calls(name: &str) -> Vec<(&'static str, JsonObject)> {
    let all = [
        ("symbol", json!({ "name": name })),
        ("symbol", json!({ "name": name, "show": "callers" })),
        ("impact", json!({ "target": name })),
    ];
    let object = |(tool, value)| match value {
        Value::Object(object) => Some((tool, object)),
        _ => None,
    };
    all.into_iter().filter_map(object).collect()
}

/// The definitions that an answer names: `path:1-9: function name`, as searches and the graph write
/// them.
fn names(answer: &str) -> Vec<String> {
    let (mut names, mut seen) = (Vec::new(), BTreeSet::new());
    for line in answer.lines().filter(|line| !line.starts_with([' ', '['])) {
        let Some((place, what)) = line.split_once(": ") else { continue };
        let is_place = place.rsplit_once(':').is_some_and(|(_, lines)| {
            !lines.is_empty() && lines.chars().all(|one| one.is_ascii_digit() || one == '-')
        });
        let mut words = what.split(' ');
        if let (true, Some(_), Some(name), None) =
            (is_place, words.next(), words.next(), words.next())
            && seen.insert(name)
        {
            names.push(name.to_owned());
        }
    }
    names.truncate(MOST_NAMES);
    names
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use flux_core::Cancel;
    use flux_engine::{Location, Workspace};
    use serde_json::json;

    use super::{Asking, Indexing, Memory, Why, answer, names, work};

    #[test]
    fn what_is_asked_about_a_definition_is_there_before_it_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("tree");
        std::fs::create_dir(&root).unwrap();
        let code = "def alpha():\n    return 1\n\n\ndef beta():\n    return alpha()\n";
        std::fs::write(root.join("a.py"), code).unwrap();
        let location = Location::of(&root, &folder.path().join("cache"), None).unwrap();
        let workspace = Workspace::new(location);
        let indexing =
            Indexing::start(workspace, None, &Cancel::default(), Duration::from_secs(60));
        let memory = Arc::new(Memory::default());
        let (sender, receiver) = channel();
        sender.send(names("a.py:1-2: function alpha")).unwrap();
        drop(sender);
        work(&indexing, &memory, &receiver);
        assert_eq!(memory.recall().prepared, 3);
        let asked = |asking: &Asking<'_>| {
            let arguments = json!({ "target": "alpha" }).as_object().cloned().unwrap();
            answer(asking, "impact", arguments).unwrap()
        };
        let remembered = asked(&Asking::remembered(&indexing, &memory, Why::Called));
        assert!(remembered.contains("beta"), "{remembered}");
        assert_eq!(remembered, asked(&Asking::afresh(&indexing)));
        let recall = memory.recall();
        assert_eq!((recall.asked, recall.foreseen, recall.repeated), (1, 1, 0));
    }

    #[test]
    fn definitions_are_taken_from_the_lines_that_name_them() {
        let answer = "[revision none, index fresh]\na.py:1-9: function alpha\n  def alpha():\n\
                      b.rs:4: method Store::open\na.py:1-9: function alpha\na.py:3: let x = 1;\n\
                      note: nothing more\n";
        assert_eq!(names(answer), ["alpha", "Store::open"]);
    }
}
