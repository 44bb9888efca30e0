//! Plans as people read, change and give them: TOML, with what the steps reach as comments.

use std::io::{self, Read};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use flux_agent::plan::{Forecast, Plan};
use flux_agent::run::StepReport;

use super::{Next, Talk};
use crate::environment::variable;
use crate::exit::{UsageError, say};

/// Bytes that a plan may have.
const LONGEST: u64 = 1 << 20;

/// Reads a plan, `-` from standard input.
pub(super) fn read(path: &Path) -> anyhow::Result<Plan> {
    let mut text = String::new();
    let shown = path.display();
    let read = match path.as_os_str() == "-" {
        true => io::stdin().lock().take(LONGEST).read_to_string(&mut text),
        false => std::fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text)),
    };
    read.with_context(|| format!("cannot read {shown}"))?;
    parsed(&text).map_err(|why| UsageError(format!("{shown} is no plan: {why}")).into())
}

fn parsed(text: &str) -> Result<Plan, String> {
    let plan: Plan = toml::from_str(text).map_err(|error| error.to_string())?;
    plan.checked().map_err(|error| error.to_string())
}

/// A plan as TOML.
pub(super) fn written(plan: &Plan, forecast: Option<&Forecast>) -> anyhow::Result<String> {
    let mut text = String::new();
    if let Some(forecast) = forecast {
        for line in plan.worded(forecast).lines() {
            text.push_str(&format!("# {line}\n"));
        }
        text.push('\n');
    }
    text.push_str(&toml::to_string_pretty(plan).context("a plan that cannot be written")?);
    Ok(text)
}

/// The steps with what became of them.
fn shown(plan: &Plan, forecast: &Forecast, reports: &[StepReport]) -> String {
    let states = plan.order().into_iter().filter_map(|at| {
        let report = reports.get(at)?;
        Some(format!("{}: {}", report.id, report.state.as_str()))
    });
    format!("{}\n{}", plan.worded(forecast), states.collect::<Vec<_>>().join("\n"))
}

impl Talk<'_> {
    /// `/plan`, `/plan edit`, `/plan GOAL`.
    pub(super) fn plan(&mut self, rest: &str) -> anyhow::Result<Next> {
        match rest {
            "" => {
                match self.agent.plan() {
                    Some((plan, forecast, reports)) => {
                        super::commands::print(&shown(plan, forecast, reports))?;
                    }
                    None => say("flux: there is no plan\nhint: /plan GOAL asks for one"),
                }
                Ok(Next::Line)
            }
            "edit" => match self.edited()? {
                Some(plan) => self.carry_out(plan),
                None => Ok(Next::Line),
            },
            goal => self.prompt_with_plan(goal),
        }
    }

    /// The plan of the last prompt, or the one that was not wanted, as the user changes it.
    fn edited(&self) -> anyhow::Result<Option<Plan>> {
        let made = self.agent.plan().map(|(plan, ..)| plan.clone());
        let Some(plan) = self.agent.bench.offered_plan().or(made) else {
            say("flux: there is no plan to edit");
            return Ok(None);
        };
        let Some(editor) = variable("VISUAL").or_else(|| variable("EDITOR")) else {
            say("flux: no editor is known\nhint: set EDITOR");
            return Ok(None);
        };
        let file = tempfile::Builder::new().prefix("plan-").suffix(".toml").tempfile()?;
        std::fs::write(file.path(), written(&plan, None)?)?;
        let status = Command::new("sh")
            .args(["-c", &format!("{editor} \"$1\""), "sh"])
            .arg(file.path())
            .status()
            .with_context(|| format!("cannot run {editor}"))?;
        if !status.success() {
            bail!("{editor} ended with {status}; the plan was not carried out");
        }
        match parsed(&std::fs::read_to_string(file.path())?) {
            Ok(plan) => Ok(Some(plan)),
            Err(why) => {
                say(&format!("flux: this is no plan: {why}"));
                Ok(None)
            }
        }
    }
}
