//! What is told at the end of a turn that changed something: what became of each step, what was
//! checked, and how far the change went against what was predicted.

use std::collections::BTreeSet;
use std::fmt;

use super::course::{StepReport, StepState};
use crate::plan::listed;
use crate::verify::Verification;

/// The end of a turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The steps of the plan in its order; one without a name if there was no plan.
    pub steps: Vec<StepReport>,
    /// Files that were changed and stay so, by path.
    pub touched: BTreeSet<String>,
    /// Files that the plan named or that the graph said its symbols reach; `None` without a plan.
    pub predicted: Option<BTreeSet<String>>,
    /// Those of them that use what was to change directly.
    pub direct: BTreeSet<String>,
}

impl Summary {
    /// Files that were changed though nothing said they would be.
    pub fn unforeseen(&self) -> BTreeSet<String> {
        let Some(predicted) = &self.predicted else { return BTreeSet::new() };
        self.touched.difference(predicted).cloned().collect()
    }

    /// Files that use what changed directly and were not changed.
    pub fn untouched(&self) -> BTreeSet<String> {
        self.direct.difference(&self.touched).cloned().collect()
    }

    /// Why the goal was not reached, if it was not.
    pub fn failure(&self) -> Option<String> {
        let failed = self.steps.iter().filter(|step| step.state != StepState::Done);
        let failed: Vec<String> = failed
            .map(|step| match step.id.is_empty() {
                true => format!("the change is {}", step.state.as_str()),
                false => format!("step `{}` is {}", step.id, step.state.as_str()),
            })
            .collect();
        (!failed.is_empty()).then(|| failed.join(", "))
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.steps.iter().flat_map(of_step).chain(self.reach()).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl Summary {
    fn reach(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.touched.is_empty() {
            lines.push(format!("changed: {}", listed(&self.touched)));
        }
        let Some(predicted) = &self.predicted else { return lines };
        let (unforeseen, untouched) = (self.unforeseen(), self.untouched());
        let within = self.touched.len() - unforeseen.len();
        lines.push(format!(
            "predicted reach: {} files; changed: {}, {within} of them predicted",
            predicted.len(),
            self.touched.len()
        ));
        if !unforeseen.is_empty() {
            lines.push(format!("changed and not predicted: {}", listed(&unforeseen)));
        }
        if !untouched.is_empty() {
            lines.push(format!(
                "use what changed and were left as they are: {}",
                listed(&untouched)
            ));
        }
        lines
    }
}

fn of_step(step: &StepReport) -> Vec<String> {
    let mut line = match step.id.is_empty() {
        true => step.state.as_str().to_owned(),
        false => format!("{}: {}", step.id, step.state.as_str()),
    };
    if !step.edits.is_empty() {
        let edits: Vec<String> = step.edits.iter().map(u64::to_string).collect();
        line.push_str(&format!(" (edit {})", edits.join(", ")));
    }
    match step.revisions {
        0 => {}
        1 => line.push_str(", mended once"),
        count => line.push_str(&format!(", mended {count} times")),
    }
    let mut lines = vec![line];
    if step.state == StepState::Unfinished && !step.edits.is_empty() {
        lines.push("  its edits are there and unchecked; flux undo takes them back".to_owned());
    }
    if let Some(verification) = &step.verification {
        lines.extend(of_verification(verification).into_iter().map(|line| format!("  {line}")));
    }
    lines
}

/// What was looked at and found, a line each.
pub fn of_verification(verification: &Verification) -> Vec<String> {
    let Verification { findings, looked, unseen, .. } = verification;
    let mut lines = Vec::new();
    if !looked.is_empty() {
        lines.push(format!("checked: {}", looked.join(", ")));
    }
    lines.extend(unseen.iter().map(|what| format!("not checked: {what}")));
    let first = |text: String| text.lines().next().unwrap_or_default().to_owned();
    lines.extend(findings.iter().map(|finding| format!("wrong: {}", first(finding.to_string()))));
    lines
}
