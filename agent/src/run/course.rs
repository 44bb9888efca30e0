//! Where a turn of the user stands: the plan, the step that is under way, what became of the others.

use std::collections::BTreeSet;

use flux_engine::Snapshot;

use crate::edit::Receipt;
use crate::plan::{Forecast, Plan, PlanStep};
use crate::verify::Verification;

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// It has not begun.
    Waiting,
    /// It is under way.
    Running,
    /// It was made and holds.
    Done,
    /// It did not hold and was taken back.
    TakenBack,
    /// It does not hold, and what it wrote could not be taken back.
    Broken,
    /// A step that it needs is not there.
    Skipped,
    /// Something ended the conversation before it was checked; what it wrote is there.
    Unfinished,
}

impl StepState {
    /// A word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::TakenBack => "taken back",
            Self::Broken => "broken",
            Self::Skipped => "skipped",
            Self::Unfinished => "unfinished",
        }
    }
}

/// A step and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepReport {
    /// The step's name; empty for a change that no plan was made for.
    pub id: String,
    /// What it was to do.
    pub title: String,
    /// What became of it.
    pub state: StepState,
    /// The edits it made, by number.
    pub edits: Vec<u64>,
    /// How often it was mended after its checks failed.
    pub revisions: u32,
    /// What the last look at it found.
    pub verification: Option<Verification>,
}

/// A turn of the user.
#[derive(Debug, Default)]
pub(super) struct Course {
    pub(super) plan: Option<(Plan, Forecast)>,
    /// One for each step of the plan, in its order; one for a turn without.
    pub(super) reports: Vec<StepReport>,
    /// The report of the step that is under way.
    pub(super) at: usize,
    pub(super) work: Work,
    /// Whether the model was told of places in its answer that are not there.
    pub(super) is_corrected: bool,
    /// Whether it was told how it ended.
    pub(super) is_over: bool,
}

/// What the step that is under way did so far.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// Its edits, in order.
    pub(super) receipts: Vec<Receipt>,
    /// The index before the first.
    pub(super) before: Option<Snapshot>,
    /// Whether all tests ran well after the last.
    pub(super) is_tested: bool,
    /// How often it was mended.
    pub(super) revisions: u32,
}

impl Course {
    /// A turn without a plan so far.
    pub(super) fn unplanned(goal: &str) -> Self {
        let title = goal.lines().next().unwrap_or_default().to_owned();
        Self { reports: vec![report("", &title, StepState::Running)], ..Self::default() }
    }

    /// The steps of `plan` come now. What was done in this turn counts for the first.
    pub(super) fn follow(&mut self, plan: Plan, forecast: Forecast) {
        let step = |step: &PlanStep| report(&step.id, &step.title, StepState::Waiting);
        self.reports = plan.steps.iter().map(step).collect();
        self.at = plan.order().first().copied().unwrap_or_default();
        self.reports[self.at].state = StepState::Running;
        self.plan = Some((plan, forecast));
    }

    /// Ends the step that is under way, and begins the next that can be begun.
    pub(super) fn end(
        &mut self,
        state: StepState,
        verification: Option<Verification>,
    ) -> Option<PlanStep> {
        let work = std::mem::take(&mut self.work);
        let report = &mut self.reports[self.at];
        report.state = state;
        report.edits = work.receipts.iter().map(|receipt| receipt.id).collect();
        report.revisions = work.revisions;
        report.verification = verification;
        let (plan, _) = self.plan.as_ref()?;
        let is_lost = |state| !matches!(state, StepState::Done | StepState::Waiting);
        let mut next = None;
        for at in plan.order() {
            if self.reports[at].state != StepState::Waiting {
                continue;
            }
            let needs = &plan.steps[at].after;
            let mut needed = self.reports.iter().filter(|one| needs.contains(&one.id));
            if needed.any(|one| is_lost(one.state)) {
                self.reports[at].state = StepState::Skipped;
            } else if next.is_none() {
                next = Some(at);
            }
        }
        self.at = next?;
        self.reports[self.at].state = StepState::Running;
        Some(plan.steps[self.at].clone())
    }

    /// Nothing is begun any more.
    pub(super) fn rest(&mut self) {
        for one in self.reports.iter_mut().filter(|one| one.state == StepState::Running) {
            one.state = StepState::Waiting;
        }
    }

    /// Whether something was changed, or a plan was made.
    pub(super) fn is_told(&self) -> bool {
        self.plan.is_some() || self.reports.iter().any(|one| !one.edits.is_empty())
    }

    /// What is to be told of it all.
    pub(super) fn summary(&self) -> super::Summary {
        let verified = self.reports.iter().filter_map(|one| {
            let stays = !matches!(one.state, StepState::TakenBack | StepState::Skipped);
            one.verification.as_ref().filter(|_| stays)
        });
        let touched: BTreeSet<String> = verified.flat_map(|one| one.touched.clone()).collect();
        let predicted = self.plan.as_ref().map(|(plan, forecast)| forecast.files(plan));
        let direct = self.plan.iter().flat_map(|(_, forecast)| &forecast.steps);
        let direct: BTreeSet<String> = direct.flat_map(|reach| reach.direct.clone()).collect();
        super::Summary { steps: self.reports.clone(), touched, predicted, direct }
    }
}

fn report(id: &str, title: &str, state: StepState) -> StepReport {
    StepReport {
        id: id.to_owned(),
        title: title.to_owned(),
        state,
        edits: Vec::new(),
        revisions: 0,
        verification: None,
    }
}

/// What the model is told when a step begins.
pub(crate) fn instruction(step: &PlanStep) -> String {
    let files = match step.files.is_empty() {
        true => String::new(),
        false => format!(" (expected to touch {})", step.files.join(", ")),
    };
    format!(
        "Now step `{}`: {}{files}. When it is done, reply without a call: it is checked then.",
        step.id, step.title
    )
}
