//! A plan in words, for whoever approves it and for the model that carries it out.

use std::collections::BTreeSet;

use super::{Forecast, Plan, PlanStep, Reach};

/// Files that are listed of many.
const LISTED: usize = 5;

impl Plan {
    /// The steps with what they reach, a few lines each.
    pub fn worded(&self, forecast: &Forecast) -> String {
        let mut lines = Vec::new();
        if !self.goal.is_empty() {
            lines.push(self.goal.clone());
        }
        let nothing = Reach::default();
        for (number, at) in self.order().into_iter().enumerate() {
            let reach = forecast.steps.get(at).unwrap_or(&nothing);
            lines.extend(self.steps[at].worded(number + 1, reach));
        }
        if let Some(why) = &forecast.blind {
            lines.push(format!("what this reaches is not known: {why}"));
        }
        let unnamed = forecast.unnamed(self);
        if !unnamed.is_empty() {
            lines.push(format!("use what changes, and are in no step: {}", listed(&unnamed)));
        }
        lines.join("\n")
    }
}

impl PlanStep {
    fn worded(&self, number: usize, reach: &Reach) -> Vec<String> {
        let after = match self.after.is_empty() {
            true => String::new(),
            false => format!(" (after {})", self.after.join(", ")),
        };
        let mut lines = vec![format!("{number}. {}: {}{after}", self.id, self.title)];
        let mut line = |name: &str, text: String| lines.push(format!("   {name}: {text}"));
        if !self.files.is_empty() {
            line("files", self.files.join(", "));
        }
        if !self.symbols.is_empty() {
            line("changes", self.symbols.join(", "));
        }
        if !self.tools.is_empty() {
            line("tools", self.tools.join(", "));
        }
        if !reach.direct.is_empty() {
            let places = if reach.places == 1 { "place" } else { "places" };
            let mut text = format!("{} {places} in {}", reach.places, listed(&reach.direct));
            if !reach.indirect.is_empty() {
                text.push_str(&format!("; through them {} files", reach.indirect.len()));
            }
            if !reach.tests.is_empty() {
                text.push_str(&format!("; tests in {}", listed(&reach.tests)));
            }
            line("reaches", text);
        }
        if !reach.unclear.is_empty() {
            line("not found in the graph", reach.unclear.join(", "));
        }
        lines
    }
}

/// Paths on one line.
pub(crate) fn listed(paths: &BTreeSet<String>) -> String {
    let shown: Vec<&str> = paths.iter().take(LISTED).map(String::as_str).collect();
    match paths.len().saturating_sub(LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
