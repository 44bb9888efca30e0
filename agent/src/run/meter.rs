//! How many tokens a conversation is. Counted here before it is sent, and set right by what the
//! service counts: tokenizers of most models are not public.

use flux_core::TokenCounter;
use flux_engine::tokens::Counter;

use crate::llm::{Block, History, ToolSpec, Unit, Usage};

/// Tokens of the frame around each block and result.
const FRAME: usize = 12;

/// Counts a conversation.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    counter: Counter,
    /// System prompt and tools.
    fixed: usize,
    /// Of each unit that was counted; a unit never changes.
    units: Vec<usize>,
    /// What the service counts for each token counted here.
    scale: f64,
}

impl Meter {
    pub(super) fn new(counter: Counter, system: &str, tools: &[ToolSpec]) -> Self {
        let of_tool = |tool: &ToolSpec| {
            let schema = tool.schema.to_string();
            [&tool.name, &tool.description, &schema]
                .map(|text| counter.count(text))
                .iter()
                .sum::<usize>()
                + FRAME
        };
        let fixed = counter.count(system) + tools.iter().map(of_tool).sum::<usize>() + FRAME;
        Self { counter, fixed, units: Vec::new(), scale: 1.0 }
    }

    /// Whether the conversation surely is no more than `most`: by what was counted of it, and of
    /// the rest by its bytes. No tokenizer in use makes more than a token of two bytes, but for
    /// texts that nobody reads; what a service still finds too long is shortened like any other.
    pub(super) fn surely_fits(&self, history: &History, most: usize) -> bool {
        let fresh = history.units().iter().skip(self.units.len());
        let bytes: usize = fresh.map(|unit| sum(unit, &|text| text.len() / 2)).sum();
        self.scaled(self.fixed + self.units.iter().sum::<usize>() + bytes) <= most
    }

    /// Tokens of the whole conversation.
    pub(super) fn total(&mut self, history: &History) -> usize {
        let fresh = history.units().iter().skip(self.units.len());
        let fresh: Vec<usize> = fresh.map(|unit| self.raw(unit)).collect();
        self.units.extend(fresh);
        self.scaled(self.fixed + self.units.iter().sum::<usize>())
    }

    /// Tokens of system prompt and tools.
    pub(super) fn fixed(&self) -> usize {
        self.scaled(self.fixed)
    }

    /// Tokens of one unit.
    pub(super) fn of(&self, unit: &Unit) -> usize {
        self.scaled(self.raw(unit))
    }

    /// The history was replaced: nothing that was counted is in it any more.
    pub(super) fn forget(&mut self) {
        self.units.clear();
    }

    /// Learns from what the service counted for the conversation as it was. Servers on one's own
    /// machine leave out what they have in their cache, so that from them it never learns that
    /// less was sent than is counted here.
    pub(super) fn learn(&mut self, usage: &Usage, counts_all: bool) {
        let raw = self.fixed + self.units.iter().sum::<usize>();
        if usage.input > 0 && raw > 0 {
            let least = if counts_all { 0.2 } else { 1.0 };
            self.scale = (usage.input as f64 / raw as f64).clamp(least, 4.0);
        }
    }

    /// The service says that it was too much, however it counts.
    pub(super) fn was_too_much(&mut self, window: usize) {
        let raw = self.fixed + self.units.iter().sum::<usize>();
        let least = window as f64 / raw.max(1) as f64;
        self.scale = self.scale.max(least) * 1.1;
    }

    fn scaled(&self, raw: usize) -> usize {
        (raw as f64 * self.scale).ceil() as usize
    }

    fn raw(&self, unit: &Unit) -> usize {
        sum(unit, &|text| self.counter.count(text))
    }
}

/// All texts of a unit by `count`, each with its frame.
fn sum(unit: &Unit, count: &dyn Fn(&str) -> usize) -> usize {
    let count = |text: &str| count(text) + FRAME;
    match unit {
        Unit::User { text, context } => count(text) + context.as_deref().map_or(0, count),
        Unit::Note { text } => count(text),
        Unit::Exchange(exchange) => {
            let blocks = exchange.blocks().iter().map(|block| match block {
                Block::Text { text } | Block::Thinking { text, .. } => count(text),
                Block::Call(call) => count(&call.name) + count(&call.arguments) + FRAME,
            });
            let results = exchange.answered().map(|(_, answered)| count(&answered.text) + FRAME);
            blocks.sum::<usize>() + results.sum::<usize>()
        }
    }
}
