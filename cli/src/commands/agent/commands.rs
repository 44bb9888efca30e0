//! Lines that start with a slash.

use std::io::{self, Write};

use flux_agent::edit::Turn;
use flux_agent::llm::{Http, Transport, Unit};

use super::choose::model;
use super::{Next, Talk};
use crate::args::TurnArgs;
use crate::commands::edit;
use crate::commands::tree::one_line;
use crate::exit::say;

const HELP: &str = "\
/stats          requests, tokens and costs so far
/history        what was said, a line each
/tools          what the model can call
/model [NAME]   which model is asked, or another from now on
/plan [GOAL]    the last plan, or reach a goal with a plan first; /plan edit changes the last one
/undo [ID]      take back an edit, the last one without its number
/clear          forget what was said
/help           this list
/exit           end";

/// The commands with their slashes.
pub(super) fn names() -> impl Iterator<Item = String> {
    HELP.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned)
}

impl Talk<'_> {
    pub(super) fn command(&mut self, name: &str, rest: &str) -> anyhow::Result<Next> {
        match name {
            "help" => print(HELP)?,
            "stats" => print(&self.stats())?,
            "history" => print(&self.said())?,
            "tools" => print(&self.tools())?,
            "model" => self.model(rest)?,
            "undo" => self.undo(rest)?,
            "plan" => return self.plan(rest),
            "clear" => {
                self.agent.clear();
                self.screen.transcript.cleared()?;
            }
            "exit" | "quit" => return Ok(Next::End),
            _ => say(&format!("flux: there is no /{name}\nhint: /help lists what there is")),
        }
        Ok(Next::Line)
    }

    fn stats(&self) -> String {
        let (ledger, model) = (&self.agent.ledger, self.agent.model());
        let usage = &ledger.usage;
        let mut lines = vec![
            format!("{} ({}), window {} tokens", model.name, model.provider.name, model.window),
            format!(
                "{} requests, {} sent again, conversation shortened {} times",
                ledger.requests, ledger.retries, ledger.shortened
            ),
            format!(
                "{} tokens read, {} of them from the cache; {} written",
                usage.input, usage.cached, usage.output
            ),
        ];
        if ledger.untold > 0 {
            lines.push(format!("of {} requests the service told no tokens", ledger.untold));
        }
        match model.price {
            Some(price) => lines.push(format!("about ${:.4}", ledger.cost(price))),
            None => lines.push("the price of this model is not known".to_owned()),
        }
        let recall = ledger.recall;
        if recall.asked > 0 {
            lines.push(format!(
                "{} answers of the index: {} given before, {} of {} foreseen",
                recall.asked, recall.repeated, recall.foreseen, recall.prepared
            ));
        }
        let explored = ledger.explored;
        if explored.questions > 0 {
            let (questions, requests) = (explored.questions, explored.requests);
            let (read, written) = (explored.usage.input, explored.usage.output);
            lines.push(format!(
                "{questions} questions explored by another model: {requests} requests, {read} tokens \
                 read, {written} written"
            ));
        }
        let calls = ledger.calls.iter();
        lines.extend(
            calls.map(|(tool, (count, failed))| format!("{tool}: {count} calls, {failed} failed")),
        );
        lines.join("\n")
    }

    fn said(&self) -> String {
        let line = |unit: &Unit| match unit {
            Unit::User { text, .. } => format!("you: {text}"),
            Unit::Note { text } => format!("flux: {text}"),
            Unit::Exchange(exchange) => {
                let calls: Vec<&str> =
                    exchange.answered().map(|(call, _)| call.name.as_str()).collect();
                match calls.is_empty() {
                    true => format!("model: {}", exchange.text()),
                    false => format!("model: {} [{}]", exchange.text(), calls.join(", ")),
                }
            }
        };
        let short = |text: String| one_line(&text).chars().take(120).collect::<String>();
        let units = self.agent.history().units().iter();
        units.map(|unit| short(line(unit))).collect::<Vec<_>>().join("\n")
    }

    fn tools(&self) -> String {
        let tools = self.agent.tools().iter();
        let lines = tools.map(|tool| {
            let first = tool.description.split(". ").next().unwrap_or_default();
            format!("{}: {first}", tool.name)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn model(&mut self, name: &str) -> anyhow::Result<()> {
        let provider = self.agent.model().provider;
        if name.is_empty() {
            return Ok(print(&format!("{} ({})", self.agent.model().name, provider.name))?);
        }
        let chosen = model(self.context, provider, name)?;
        match Http::new(&self.http) {
            Ok(http) => {
                let transport: Box<dyn Transport> = Box::new(http);
                self.agent.use_model(chosen, transport);
            }
            Err(failure) => say(&format!("flux: {failure}")),
        }
        Ok(())
    }

    fn undo(&mut self, id: &str) -> anyhow::Result<()> {
        let id = match id {
            "" => None,
            id => match id.parse() {
                Ok(id) => Some(id),
                Err(_) => {
                    say(&format!("flux: `{id}` is no number of an edit"));
                    return Ok(());
                }
            },
        };
        let tree = self.args.tree.clone();
        let args = TurnArgs { id, tree, dry_run: false, json: false };
        edit::turn(self.context, &args, Turn::Undo)?;
        Ok(())
    }
}

pub(super) fn print(text: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}
