//! When the same thing is tried again and again. The same failure twice asks for another way, three
//! times ends the turn. A call with other arguments, or that fails otherwise, is something new.

use std::collections::BTreeMap;

use crate::llm::{Answered, Call};

/// Calls of one turn of the user, by what they asked and what came of it.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    counts: BTreeMap<[u8; 32], u32>,
    failed_turns: u32,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Go on.
    Go,
    /// Give up, and why.
    Stop(String),
}

/// How often a call may fail in the same way.
const FAILURES: u32 = 3;
/// How often it may succeed in the same way: looking twice is no fault.
const SUCCESSES: u32 = 6;
/// How many turns may fail as a whole, one after the other, whatever they try.
const FAILED_TURNS: u32 = 10;

const OTHER_WAY: &str = "[this very call failed in this very way before: do not send it again. Read \
                         what is there now, try another way, or tell the user what stands in the way]";
const KNOWN: &str = "[this call gave this very result before; nothing changed since]";

impl Repeats {
    /// Looks at the calls of a turn with their results, to which advice is added.
    pub(super) fn look(&mut self, calls: &[&Call], results: &mut [Answered]) -> Verdict {
        let mut verdict = Verdict::Go;
        for (call, answered) in calls.iter().zip(results.iter_mut()) {
            let count = self.counts.entry(key(call, answered)).or_default();
            *count += 1;
            let most = if answered.is_error { FAILURES } else { SUCCESSES };
            if *count >= most {
                let how = if answered.is_error { "failed" } else { "gave the same result" };
                let why = format!("`{}` {how} {count} times in the same way", call.name);
                verdict = Verdict::Stop(why);
            } else if answered.is_error && *count > 1 {
                answered.text.push_str(&format!("\n{OTHER_WAY}"));
            } else if *count > SUCCESSES / 2 {
                answered.text.push_str(&format!("\n{KNOWN}"));
            }
        }
        let has_failed = !results.is_empty() && results.iter().all(|answered| answered.is_error);
        self.failed_turns = if has_failed { self.failed_turns + 1 } else { 0 };
        if self.failed_turns >= FAILED_TURNS && verdict == Verdict::Go {
            verdict = Verdict::Stop(format!("{FAILED_TURNS} steps failed one after the other"));
        }
        verdict
    }
}

fn key(call: &Call, answered: &Answered) -> [u8; 32] {
    // As an object the order of the arguments and the space between them do not matter.
    let arguments = call.object().map(|map| serde_json::Value::Object(map).to_string());
    let mut hasher = blake3::Hasher::new();
    for part in [&call.name, &arguments.unwrap_or_else(|_| call.arguments.clone()), &answered.text]
    {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::{Repeats, Verdict};
    use crate::llm::{Answered, Call};

    fn look(
        repeats: &mut Repeats,
        arguments: &str,
        text: &str,
        is_error: bool,
    ) -> (Verdict, String) {
        let call = Call {
            id: "c".to_owned(),
            item: None,
            name: "edit".to_owned(),
            arguments: arguments.to_owned(),
            is_cut: false,
        };
        let mut results = [Answered { text: text.to_owned(), is_error }];
        let verdict = repeats.look(&[&call], &mut results);
        (verdict, results[0].text.clone())
    }

    #[test]
    fn the_same_failure_is_advised_once_and_then_ends_the_turn() {
        let mut repeats = Repeats::default();
        assert_eq!(
            look(&mut repeats, r#"{"a":1,"b":2}"#, "no", true),
            (Verdict::Go, "no".to_owned())
        );
        let (verdict, text) = look(&mut repeats, r#"{"b": 2, "a": 1}"#, "no", true);
        assert_eq!(verdict, Verdict::Go);
        assert!(text.contains("another way"), "{text}");
        assert!(matches!(look(&mut repeats, r#"{"a":1,"b":2}"#, "no", true).0, Verdict::Stop(_)));
    }

    #[test]
    fn other_arguments_and_other_failures_are_something_new() {
        let mut repeats = Repeats::default();
        for at in 0..8 {
            assert_eq!(look(&mut repeats, &format!("{{\"a\":{at}}}"), "no", true).0, Verdict::Go);
        }
        assert_eq!(look(&mut repeats, "{\"a\":0}", "no, otherwise", true).0, Verdict::Go);
        assert!(matches!(look(&mut repeats, "{\"a\":9}", "no", true).0, Verdict::Stop(_)));
    }
}
