//! `plan`: the model says how it will reach a goal before it changes anything. The graph adds what
//! the steps can reach, and the user, if he is asked, says yes or no to the whole.

use std::sync::{Mutex, PoisonError};

use serde_json::json;

use super::bench::{Bench, Done};
use crate::llm::ToolSpec;
use crate::plan::{Forecast, Plan};
use crate::policy::Mode;

/// Whether a plan is wanted before a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Planning {
    /// The model decides.
    #[default]
    Free,
    /// Nothing is changed before there is one.
    First,
    /// Nothing but a plan is wanted.
    Only,
}

/// The plan that was accepted in this turn of the user.
#[derive(Debug, Default)]
pub(super) struct Planned(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    is_there: bool,
    /// What the user was asked about last.
    offered: Option<Plan>,
    fresh: Option<(Plan, Forecast)>,
}

impl Bench<'_> {
    /// Whether a plan can be made: where nothing is changed there is nothing to plan.
    pub(super) fn offers_plans(&self) -> bool {
        self.mode != Mode::ReadOnly || self.planning == Planning::Only
    }

    /// Whether there is a plan in this turn of the user.
    pub(super) fn has_plan(&self) -> bool {
        self.plans(|state| state.is_there)
    }

    /// Whether a change has to wait for a plan.
    pub(super) fn lacks_plan(&self) -> bool {
        self.planning == Planning::First && !self.has_plan()
    }

    /// The plan that was accepted since this was last asked.
    pub fn take_plan(&self) -> Option<(Plan, Forecast)> {
        self.plans(|state| state.fresh.take())
    }

    /// The plan that the user was asked about in this turn and did not want as it is.
    pub fn offered_plan(&self) -> Option<Plan> {
        self.plans(|state| state.offered.clone())
    }

    /// A new turn of the user has no plan yet, or the one he gave.
    pub fn begin(&self, has_plan: bool) {
        self.plans(|state| *state = State { is_there: has_plan, ..State::default() });
    }

    fn plans<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.planned.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The form of the tool.
pub(super) fn offer() -> ToolSpec {
    let strings = || json!({ "type": "array", "items": { "type": "string" } });
    let step = json!({
        "type": "object",
        "properties": {
            "id": { "type": "string", "description": "A short name" },
            "title": { "type": "string", "description": "What is done" },
            "after": { "type": "array", "items": { "type": "string" }, "description": "Ids of steps that come before" },
            "files": { "type": "array", "items": { "type": "string" }, "description": "Files it will change or make" },
            "symbols": { "type": "array", "items": { "type": "string" }, "description": "Existing symbols it changes; their impact is looked up" },
            "tools": strings(),
        },
        "required": ["id", "title"],
        "additionalProperties": false,
    });
    super::offer::tool(
        "plan",
        "Say how you will reach a goal that takes several steps, before you change anything. Each \
         step is checked as a whole, with the tests that it can affect, and taken back if it cannot \
         be made to hold. You are told what the steps reach, and then which step comes now.",
        &["steps"],
        json!({ "goal": { "type": "string" }, "steps": { "type": "array", "minItems": 1, "items": step } }),
    )
}

pub(super) fn shown(plan: &Plan) -> String {
    match plan.steps.len() {
        1 => "carry out this plan of one step".to_owned(),
        count => format!("carry out this plan of {count} steps"),
    }
}

pub(super) fn detail(bench: &Bench<'_>, plan: &Plan) -> String {
    bench.plans(|state| state.offered = Some(plan.clone()));
    plan.worded(&Forecast::of(bench.workspace, plan, &bench.cancel))
}

/// Accepts the plan. Which step comes first is said by whoever carries it out.
pub(super) fn run(bench: &Bench<'_>, plan: &Plan) -> Done {
    // Where it is not ready the forecast says so.
    bench.knowledge.is_ready();
    let forecast = Forecast::of(bench.workspace, plan, &bench.cancel);
    let mut text = format!("accepted:\n{}", plan.worded(&forecast));
    if let Some(first) = plan.order().first().filter(|_| bench.planning != Planning::Only) {
        text.push_str(&format!("\n\n{}", crate::run::course::instruction(&plan.steps[*first])));
    }
    bench.plans(|state| {
        *state = State { is_there: true, offered: None, fresh: Some((plan.clone(), forecast)) }
    });
    Done::well(text)
}
