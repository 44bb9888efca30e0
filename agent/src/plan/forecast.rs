//! What the steps of a plan can reach, by the graph of the tree as it is before them.

use std::collections::BTreeSet;

use flux_core::Cancel;
use flux_engine::query::graph::{Impact, ImpactLimits, Named};
use flux_engine::{EngineError, Graph, RefreshLimit, Workspace};

use super::{Plan, PlanStep};

/// What a plan can reach, step by step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// For each step, in the order of the plan.
    pub steps: Vec<Reach>,
    /// Why the graph could not be asked, if it could not.
    pub blind: Option<String>,
}

/// What one step can reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Files that use what changes, by path.
    pub direct: BTreeSet<String>,
    /// Files that use it by way of others, without those.
    pub indirect: BTreeSet<String>,
    /// Files of tests that exercise it, in either of them.
    pub tests: BTreeSet<String>,
    /// Places that use it.
    pub places: usize,
    /// Symbols that mean nothing in the tree, or several things.
    pub unclear: Vec<String>,
}

impl Forecast {
    /// What the graph says of a plan. That it cannot be asked is part of the answer.
    pub fn of(workspace: &Workspace, plan: &Plan, cancel: &Cancel) -> Self {
        match reaches(workspace, plan, cancel) {
            Ok(steps) => Self { steps, blind: None },
            Err(error) => Self {
                steps: vec![Reach::default(); plan.steps.len()],
                blind: Some(error.to_string().lines().next().unwrap_or_default().to_owned()),
            },
        }
    }

    /// All files that the plan names or that what it changes reaches.
    pub fn files(&self, plan: &Plan) -> BTreeSet<String> {
        let named = plan.steps.iter().flat_map(|step| &step.files);
        let reached =
            self.steps.iter().flat_map(|reach| reach.direct.iter().chain(&reach.indirect));
        named.chain(reached).cloned().collect()
    }

    /// Files that use what changes and that no step names.
    pub fn unnamed(&self, plan: &Plan) -> BTreeSet<String> {
        let named: BTreeSet<&String> = plan.steps.iter().flat_map(|step| &step.files).collect();
        let direct = self.steps.iter().flat_map(|reach| &reach.direct);
        direct.filter(|path| !named.contains(path)).cloned().collect()
    }
}

fn reaches(workspace: &Workspace, plan: &Plan, cancel: &Cancel) -> Result<Vec<Reach>, EngineError> {
    let (snapshot, _) = workspace.graph_snapshot(RefreshLimit::A_SECOND, cancel)?;
    let graph = workspace.graph(&snapshot)?;
    plan.steps.iter().map(|step| reach(&graph, step)).collect()
}

fn reach(graph: &Graph<'_>, step: &PlanStep) -> Result<Reach, EngineError> {
    let mut reach = Reach::default();
    let mut roots = Vec::new();
    for name in &step.symbols {
        // An empty name is none.
        match graph.find(name) {
            Ok(Named::One { definitions, .. }) => roots.extend(definitions),
            Ok(Named::Many(found)) => {
                reach.unclear.push(format!("{name} ({} of that name)", found.len()));
            }
            Ok(Named::Nothing(_)) | Err(_) => reach.unclear.push(name.clone()),
        }
    }
    if roots.is_empty() {
        return Ok(reach);
    }
    let Impact { touched, .. } = graph.impact(&roots, ImpactLimits::default())?;
    for found in &touched {
        let path = graph.describe(found.definition)?.path.to_string();
        if found.is_test {
            reach.tests.insert(path.clone());
        }
        if found.depth == 1 {
            reach.places += 1;
            reach.direct.insert(path);
        } else {
            reach.indirect.insert(path);
        }
    }
    reach.indirect.retain(|path| !reach.direct.contains(path));
    Ok(reach)
}
