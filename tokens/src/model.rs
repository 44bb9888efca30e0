//! The table of models: window, longest answer and tokenizer of each, extended by the user's own.

use serde::Deserialize;

use crate::counter::{Counter, Tokenizer};

/// A model, or all whose names a pattern matches.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Its name, in which `*` stands for anything and `?` for one character.
    pub name: String,
    /// Tokens that fit into one request, answer included.
    pub window: usize,
    /// The most tokens it answers with.
    pub output: usize,
    /// What counts its tokens.
    pub tokenizer: Tokenizer,
    /// How many times what the tokenizer counts is a safe estimate; `None` for an exact count.
    #[serde(default)]
    pub factor: Option<f64>,
    /// What it costs; `None` where that is not known or depends on who serves it.
    #[serde(default)]
    pub price: Option<Price>,
    /// What else there is to know.
    #[serde(default)]
    pub notes: String,
}

/// Dollars for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of what it reads.
    pub input: f64,
    /// Of what it writes.
    pub output: f64,
}

impl Model {
    /// What counts its tokens.
    pub fn counter(&self) -> Counter {
        match self.factor {
            Some(factor) => Counter::estimate(self.tokenizer, factor),
            None => Counter::exact(self.tokenizer),
        }
    }

    /// The most tokens a pack for it may have: what the window leaves beside the longest answer,
    /// and a tenth for the rest of the conversation.
    pub fn room(&self) -> usize {
        self.window.saturating_sub(self.output).max(self.window / 2) / 10 * 9
    }
}

/// Models by pattern.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Models {
    /// The first that matches a name holds.
    #[serde(default)]
    models: Vec<Model>,
}

/// A table that cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ModelsError {
    /// It is no TOML, or not of this form.
    #[error("{0}")]
    Form(String),
    /// Numbers that no model has.
    #[error("model `{0}` needs an output below its window, and a factor between 0.1 and 10")]
    Numbers(String),
}

impl Models {
    /// The models that are known here.
    pub fn builtin() -> Self {
        Self::parse(include_str!("models.toml")).expect("a test reads the table")
    }

    /// The table in `text`, whose other parts are passed over.
    pub fn parse(text: &str) -> Result<Self, ModelsError> {
        let table: Self =
            toml::from_str(text).map_err(|error| ModelsError::Form(error.message().to_owned()))?;
        let is_sound = |model: &&Model| {
            model.output <= model.window
                && model.factor.is_none_or(|factor| (0.1..=10.0).contains(&factor))
        };
        match table.models.iter().find(|model| !is_sound(model)) {
            Some(model) => Err(ModelsError::Numbers(model.name.clone())),
            None => Ok(table),
        }
    }

    /// The same with `others` before its own.
    #[must_use]
    pub fn extended(self, others: Self) -> Self {
        let models = others.models.into_iter().chain(self.models).collect();
        Self { models }
    }

    /// The model called `name`, whatever its letters' case; a provider in front of a slash does
    /// not count.
    pub fn find(&self, name: &str) -> Option<&Model> {
        let name = name.to_lowercase();
        let bare = name.rsplit('/').next().unwrap_or(&name);
        let matches = |model: &&Model| {
            let pattern = model.name.to_lowercase();
            is_like(&name, &pattern) || is_like(bare, &pattern)
        };
        self.models.iter().find(matches)
    }

    /// All, in the order in which they are tried.
    pub fn iter(&self) -> impl Iterator<Item = &Model> {
        self.models.iter()
    }
}

/// Whether `name` matches a pattern with `*` and `?`.
fn is_like(name: &str, pattern: &str) -> bool {
    let mut letters = pattern.chars();
    match letters.next() {
        None => name.is_empty(),
        Some('*') => {
            let rest = letters.as_str();
            name.char_indices().any(|(at, _)| is_like(&name[at..], rest)) || is_like("", rest)
        }
        Some(wanted) => {
            let mut given = name.chars();
            let is_same = given.next().is_some_and(|letter| wanted == '?' || wanted == letter);
            is_same && is_like(given.as_str(), letters.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Models;
    use crate::counter::Tokenizer;

    #[track_caller]
    fn check(name: &str, window: usize, tokenizer: Tokenizer, is_exact: bool) {
        let models = Models::builtin();
        let model = models.find(name).unwrap();
        let found = (model.window, model.tokenizer, model.factor.is_none());
        assert_eq!(found, (window, tokenizer, is_exact), "{name}: {model:?}");
    }

    #[test]
    fn names_find_their_model() {
        check("gpt-4o-mini", 128_000, Tokenizer::O200kBase, true);
        check("openai/gpt-4", 8_192, Tokenizer::Cl100kBase, true);
        check("Claude-Haiku-4-5", 200_000, Tokenizer::O200kBase, false);
        check("claude-opus-5-5", 1_000_000, Tokenizer::O200kBase, false);
        check("o3-mini", 200_000, Tokenizer::O200kBase, true);
        check("something-else", 32_768, Tokenizer::O200kBase, false);
    }

    #[test]
    fn the_users_models_come_first_and_the_rest_of_the_file_is_passed_over() {
        let text = "[embedding]\nmodel = \"x\"\n[[models]]\nname = \"gpt-4o\"\nwindow = 10\n\
                    output = 5\ntokenizer = \"cl100k_base\"\n";
        let models = Models::builtin().extended(Models::parse(text).unwrap());
        assert_eq!(models.find("gpt-4o").unwrap().window, 10);
        assert_eq!(models.find("gpt-4o-mini").unwrap().window, 128_000);
    }

    #[test]
    fn prices_are_those_of_the_very_model() {
        let models = Models::builtin();
        let price = |name: &str| models.find(name).unwrap().price.map(|price| price.output);
        assert_eq!(price("claude-opus-5-5"), Some(20.0));
        assert_eq!(price("claude-opus-5"), Some(25.0));
        assert_eq!(price("claude-sonnet-5-5"), None);
    }

    #[test]
    fn a_table_that_makes_no_sense_is_refused() {
        for text in [
            "[[models]]\nname = \"x\"\n",
            "[[models]]\nname = \"x\"\nwindow = 1\noutput = 2\ntokenizer = \"o200k_base\"\n",
            "[[models]]\nname = \"x\"\nwindow = 2\noutput = 1\ntokenizer = \"other\"\n",
        ] {
            assert!(Models::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn room_is_left_for_the_answer() {
        let models = Models::builtin();
        assert!(models.iter().all(|model| model.room() < model.window));
        assert_eq!(models.find("gpt-4o").unwrap().room(), 100_449);
    }
}
