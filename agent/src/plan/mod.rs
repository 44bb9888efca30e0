//! A plan: the steps of a change as a graph, each with the files it is expected to touch, the
//! symbols it changes and, from the graph of the tree, what that can reach.
//!
//! A plan is made by a model or a person and only read here. Reading order: this file,
//! [`forecast`], `text`.

pub mod forecast;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use forecast::{Forecast, Reach};
pub(crate) use text::listed;

use crate::edit::path::checked_path;

/// Steps of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What is to be achieved, in the user's words or the model's.
    #[serde(default)]
    pub goal: String,
    /// At least one.
    pub steps: Vec<PlanStep>,
}

/// One step, carried out and checked as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanStep {
    /// What it is called: letters, digits, `-` and `_`.
    pub id: String,
    /// What is done, on one line.
    pub title: String,
    /// Steps that come before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
    /// Files that it is expected to change or make, relative to the root.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// Symbols that it changes, as for `flux symbol`. Those it makes are not meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub symbols: Vec<String>,
    /// Tools that it needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
}

/// Steps that a plan may have. A longer one is several goals.
pub const MOST_STEPS: usize = 40;

/// Why a plan is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// It has no steps.
    #[error("the plan has no steps")]
    Empty,
    /// It has too many.
    #[error(
        "the plan has {0} steps, more than {MOST_STEPS}\nhint: make one of those that belong together"
    )]
    Long(usize),
    /// A step has no name that can be written down, or no title.
    #[error(
        "step {0}: `id` must be letters, digits, `-` or `_`, and `title` must say what is done"
    )]
    Unnamed(usize),
    /// Two steps have the same name.
    #[error("two steps are called `{0}`")]
    Twice(String),
    /// A step waits for one that is not there.
    #[error("step `{step}` comes after `{after}`, which is not in the plan")]
    Unknown {
        /// The step.
        step: String,
        /// What it waits for.
        after: String,
    },
    /// Steps wait for each other.
    #[error("these steps wait for each other: {0}")]
    Cycle(String),
    /// A file lies outside of the tree or has no such name.
    #[error("step `{step}`: {path}: {why}")]
    Path {
        /// The step.
        step: String,
        /// The path as written.
        path: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Plan {
    /// The plan, if it can be carried out.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn checked(self) -> Result<Self, PlanError> {
        if self.steps.is_empty() {
            return Err(PlanError::Empty);
        }
        if self.steps.len() > MOST_STEPS {
            return Err(PlanError::Long(self.steps.len()));
        }
        let mut names = BTreeSet::new();
        for (at, step) in self.steps.iter().enumerate() {
            if !is_name(&step.id) || step.title.trim().is_empty() {
                return Err(PlanError::Unnamed(at + 1));
            }
            if !names.insert(step.id.as_str()) {
                return Err(PlanError::Twice(step.id.clone()));
            }
        }
        for step in &self.steps {
            if let Some(after) = step.after.iter().find(|after| !names.contains(after.as_str())) {
                let (step, after) = (step.id.clone(), after.clone());
                return Err(PlanError::Unknown { step, after });
            }
            for path in &step.files {
                checked_path(path).map_err(|fault| PlanError::Path {
                    step: step.id.clone(),
                    path: path.clone(),
                    why: fault.to_string(),
                })?;
            }
        }
        let order = self.order();
        if order.len() < self.steps.len() {
            let left = (0..self.steps.len()).filter(|at| !order.contains(at));
            let left: Vec<&str> = left.map(|at| self.steps[at].id.as_str()).collect();
            return Err(PlanError::Cycle(left.join(", ")));
        }
        Ok(self)
    }

    /// The steps as positions, each after those it waits for, as near to the order in which they
    /// are written as that allows. Steps that wait for each other are left out.
    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = Vec::new();
        let is_free = |at: usize, order: &[usize]| {
            let is_done = |name: &String| order.iter().any(|done| self.steps[*done].id == *name);
            !order.contains(&at) && self.steps[at].after.iter().all(is_done)
        };
        while let Some(next) = (0..self.steps.len()).find(|at| is_free(*at, &order)) {
            order.push(next);
        }
        order
    }

    /// Whether `step` comes after `other`, directly or not.
    pub fn is_after(&self, step: &PlanStep, other: &str) -> bool {
        let mut open: Vec<&str> = step.after.iter().map(String::as_str).collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            if name == other {
                return true;
            }
            if seen.insert(name) {
                let found = self.steps.iter().find(|step| step.id == name);
                open.extend(found.iter().flat_map(|step| &step.after).map(String::as_str));
            }
        }
        false
    }
}

fn is_name(id: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '_';
    !id.is_empty() && id.chars().count() <= 60 && id.chars().all(is_letter)
}
