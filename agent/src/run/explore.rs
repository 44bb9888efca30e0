//! A conversation within one: a cheaper model looks around for the one that edits. It has a history
//! of its own, so that neither model's thoughts nor what its service keeps is ever the other's.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::agent::{Agent, Ended, Limits};
use super::model::ModelChoice;
use crate::llm::{Failure, History, Transport, Unit};
use crate::tools::Bench;
use crate::tools::bench::Limits as ToolLimits;
use crate::tools::extra::{Explore, Explored};

/// Makes the connection of one conversation.
pub type Connect<'a> = Box<dyn Fn() -> Result<Box<dyn Transport>, Failure> + Sync + 'a>;

/// Explores with a model.
pub struct Explorer<'a> {
    model: ModelChoice,
    connect: Connect<'a>,
    limits: Limits,
    rules: Option<String>,
    spent: Mutex<Explored>,
}

/// Requests for one question. More than a dozen looks mean that the question was too wide.
const STEPS: u32 = 16;
/// Time for one question.
const TIME: Duration = Duration::from_secs(600);

impl<'a> Explorer<'a> {
    /// Explores with `model`, which is told the project's `rules`.
    pub fn new(model: ModelChoice, connect: Connect<'a>, rules: Option<String>) -> Self {
        let limits = Limits { steps: STEPS, time: Some(TIME), cost: None };
        Self { model, connect, limits, rules, spent: Mutex::default() }
    }

    fn note(&self, spent: &Explored) {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner).add(spent);
    }
}

impl Explore for Explorer<'_> {
    fn explore(&self, mut bench: Bench<'_>, question: &str) -> Result<String, String> {
        let transport = (self.connect)().map_err(|failure| failure.to_string())?;
        let room = self.model.room();
        let most = ToolLimits { result: room / 4, turn: room / 2 };
        bench.limits.result = bench.limits.result.min(most.result);
        bench.limits.turn = bench.limits.turn.min(most.turn);
        let (model, rules) = (self.model.clone(), self.rules.as_deref());
        let mut agent = Agent::new(bench, model, transport, self.limits, rules, History::default());
        let ended = agent.turn(question, &mut |_| false, &mut |_| {});
        self.note(&spent(&agent));
        answer(&agent, ended, &self.model.name)
    }

    fn take_spent(&self) -> Explored {
        std::mem::take(&mut self.spent.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn spent(agent: &Agent<'_>) -> Explored {
    let ledger = &agent.ledger;
    let dollars = agent.model().price.map_or(0.0, |price| ledger.cost(price));
    Explored { questions: 1, requests: ledger.requests, usage: ledger.usage, dollars }
}

/// What the model said last, with why it says no more.
fn answer(agent: &Agent<'_>, ended: Ended, model: &str) -> Result<String, String> {
    let said = agent.history().units().iter().rev().find_map(|unit| match unit {
        Unit::Exchange(exchange) => Some(exchange.text()).filter(|text| !text.trim().is_empty()),
        Unit::User { .. } | Unit::Note { .. } => None,
    });
    let said = said.unwrap_or_default();
    match ended {
        Ended::Done if said.is_empty() => Err(format!("{model} said nothing")),
        Ended::Done => Ok(format!("[answered by {model}; check what you build on]\n{said}")),
        Ended::Stopped(why) => Err(format!("{model} was stopped: {why}\n{said}")),
        Ended::Cancelled => Err("stopped by the user".to_owned()),
        Ended::Failed(failure) => Err(format!("{model} gave no answer: {failure}")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use flux_core::Cancel;
    use flux_engine::tokens::Models;
    use serde_json::{Value, json};

    use super::{Explore, Explorer};
    use crate::llm::transport::Sink;
    use crate::llm::{Failure, Provider, Transport};
    use crate::run::ModelChoice;
    use crate::run::tests::{stream, with_bench};

    /// Answers each request with the next stream, whoever asks.
    struct Lines<'a>(&'a Mutex<(Vec<String>, Vec<Value>)>);

    impl Transport for Lines<'_> {
        fn post(&self, body: &[u8], _: &Cancel, sink: Sink<'_>) -> Result<(), Failure> {
            let mut lines = self.0.lock().unwrap();
            lines.1.push(serde_json::from_slice(body).unwrap());
            let next = lines.0.pop().expect("a request after the last answer");
            sink(next.as_bytes())
        }
    }

    #[test]
    fn a_question_is_answered_in_a_conversation_of_its_own_that_only_looks() {
        let call = json!({ "type": "tool_use", "id": "a", "name": "read_files",
                           "input": { "paths": ["a.py"] } });
        let write = json!({ "type": "tool_use", "id": "b", "name": "write_file",
                            "input": { "path": "n.txt", "content": "x" } });
        let text = json!({ "type": "text", "text": "add is at a.py:1" });
        let answers = vec![stream(&[text]), stream(&[call, write])];
        let lines: &'static Mutex<_> = Box::leak(Box::new(Mutex::new((answers, Vec::new()))));
        with_bench(|bench, world| {
            let known = Models::builtin();
            let provider = Provider::named("anthropic").unwrap();
            let model =
                ModelChoice::new(provider, "cheap", known.find("gpt-4o").unwrap(), None, None);
            let connect = Box::new(move || {
                let transport: Box<dyn Transport> = Box::new(Lines(lines));
                Ok(transport)
            });
            let explorer = Explorer::new(model, connect, None);
            let answer = explorer.explore(bench.looking(), "where is add?").unwrap();
            assert!(answer.contains("answered by cheap") && answer.ends_with("add is at a.py:1"));
            let asked = &lines.lock().unwrap().1;
            assert_eq!(asked[0]["model"], "cheap");
            let last = asked[1].to_string();
            assert!(
                last.contains("def add") && last.contains("not allowed in read-only mode"),
                "{last}"
            );
            assert!(!asked[0]["tools"].to_string().contains("write_file"));
            assert!(!world.root().join("n.txt").exists());
            let spent = explorer.take_spent();
            assert_eq!((spent.questions, spent.requests), (1, 2));
            assert_eq!(explorer.take_spent().questions, 0);
        });
    }
}
