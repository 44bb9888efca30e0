//! When the model has nothing more to call: the step is checked, mended once or twice, or taken
//! back, and the next one begins.

use super::agent::{Agent, Ended};
use super::citations::Citations;
use super::course::{StepState, instruction};
use super::event::Event;
use crate::llm::Unit;
use crate::policy::Mode;
use crate::tools::Approve;
use crate::verify::back::take_back;
use crate::verify::{Made, Verification};

/// How often a step is mended after its checks failed.
const REVISIONS: u32 = 2;

/// How the turn goes on.
pub(super) enum Settled {
    /// The model is asked again.
    Goes,
    /// It is over.
    Over(Ended),
}

impl Agent<'_> {
    /// Checks what the model says is done.
    pub(super) fn settle(&mut self, approve: Approve<'_>, on: &mut dyn FnMut(Event)) -> Settled {
        let verification = self.verified(approve, on);
        if self.bench.cancel.is_cancelled() {
            return Settled::Over(Ended::Cancelled);
        }
        match verification {
            Some(verification) if !verification.holds() => self.mend(verification, on),
            None if self.course.plan.is_none() => self.answered(on),
            verification => self.next_step(StepState::Done, verification, "", on),
        }
    }

    /// Holds the places that an answer names against the tree. One who only answers is told once
    /// which of them are not there.
    fn answered(&mut self, on: &mut dyn FnMut(Event)) -> Settled {
        let answer = match self.history().units().last() {
            Some(Unit::Exchange(exchange)) => exchange.text(),
            _ => String::new(),
        };
        let citations = Citations::of(&self.bench, &answer);
        let is_question = self.bench.mode == Mode::ReadOnly;
        if is_question && !citations.missing.is_empty() && !self.course.is_corrected {
            self.course.is_corrected = true;
            let missing: Vec<String> =
                citations.missing.iter().map(|(cited, why)| format!("{cited} ({why})")).collect();
            let missing = missing.join(", ");
            on(Event::Note(format!(
                "the answer names places that are not there, and is asked for again: {missing}"
            )));
            let text = format!("{NOT_THERE} {missing}");
            self.say(Unit::Note { text }, on);
            return Settled::Goes;
        }
        if !citations.is_empty() {
            on(Event::Cited(citations));
        }
        self.next_step(StepState::Done, None, "", on)
    }

    /// A look at the edits of the step; `None` if it made none.
    fn verified(
        &mut self,
        approve: Approve<'_>,
        on: &mut dyn FnMut(Event),
    ) -> Option<Verification> {
        let work = &self.course.work;
        if work.receipts.is_empty() {
            return None;
        }
        let made = Made {
            receipts: &work.receipts,
            before: work.before.as_ref(),
            is_tested: work.is_tested,
        };
        let verification = match self.verifies {
            true => Verification::of(&self.bench, &made, approve, &mut |command| {
                on(Event::Checking(command.to_owned()));
            }),
            false => Verification::untried(&self.bench, &made),
        };
        on(Event::Verified(verification.clone()));
        Some(verification)
    }

    /// Lets the model mend a step that does not hold, or takes it back.
    fn mend(&mut self, verification: Verification, on: &mut dyn FnMut(Event)) -> Settled {
        let findings: Vec<String> = verification.findings.iter().map(ToString::to_string).collect();
        let findings = findings.join("\n");
        if self.course.work.revisions < REVISIONS {
            self.course.work.revisions += 1;
            let left = REVISIONS - self.course.work.revisions;
            self.say(Unit::Note { text: format!("{FAILED} {}\n{findings}", tries(left)) }, on);
            return Settled::Goes;
        }
        let (state, told) = self.take_back(on);
        self.next_step(state, Some(verification), &told, on)
    }

    /// Takes the edits of the step back; what became of it, and what the model is told.
    fn take_back(&mut self, on: &mut dyn FnMut(Event)) -> (StepState, String) {
        let edits: Vec<u64> = self.course.work.receipts.iter().map(|receipt| receipt.id).collect();
        let taken = take_back(&self.bench, &self.course.work.receipts);
        let told = match &taken {
            Ok(()) => (StepState::TakenBack, TAKEN_BACK.to_owned()),
            Err(why) => (StepState::Broken, format!("(The checks still fail, and {why}.)")),
        };
        on(Event::TakenBack { edits, failed: taken.err() });
        told
    }

    /// Ends the step of a turn that was stopped.
    fn stop(&mut self, verification: Verification, on: &mut dyn FnMut(Event)) {
        let state = match verification.holds() {
            true => StepState::Done,
            false => {
                let (state, told) = self.take_back(on);
                self.say(Unit::Note { text: told }, on);
                state
            }
        };
        self.course.end(state, Some(verification));
        self.course.rest();
        self.tell_steps(on);
        self.sum_up(on);
    }

    /// Ends the step, and begins the next one if there is one.
    fn next_step(
        &mut self,
        state: StepState,
        verification: Option<Verification>,
        told: &str,
        on: &mut dyn FnMut(Event),
    ) -> Settled {
        let next = self.course.end(state, verification);
        self.tell_steps(on);
        if let Some(step) = next {
            let text =
                format!("{} {}", if told.is_empty() { HOLDS } else { told }, instruction(&step));
            self.say(Unit::Note { text }, on);
            return Settled::Goes;
        }
        if !told.is_empty() {
            self.say(Unit::Note { text: told.to_owned() }, on);
        }
        Settled::Over(match self.sum_up(on) {
            None => Ended::Done,
            Some(why) => Ended::Stopped(why),
        })
    }

    /// Ends a turn that something else ended. A step that was stopped is kept if it holds; what
    /// nobody could check stays, because the conversation may go on.
    pub(super) fn broken_off(
        &mut self,
        ended: Ended,
        approve: Approve<'_>,
        on: &mut dyn FnMut(Event),
    ) -> Ended {
        if matches!(ended, Ended::Stopped(_))
            && let Some(verification) = self.verified(approve, on)
            && !self.bench.cancel.is_cancelled()
        {
            self.stop(verification, on);
            return ended;
        }
        let work = &self.course.work;
        if !work.receipts.is_empty() {
            let made =
                Made { receipts: &work.receipts, before: work.before.as_ref(), is_tested: false };
            let verification = Verification::untried(&self.bench, &made);
            self.course.end(StepState::Unfinished, Some(verification));
        } else if self.course.plan.is_some() {
            self.course.end(StepState::Unfinished, None);
        }
        self.course.rest();
        self.sum_up(on);
        ended
    }

    pub(super) fn tell_steps(&self, on: &mut dyn FnMut(Event)) {
        if let Some((plan, _)) = &self.course.plan {
            let steps = plan.steps.iter().zip(&self.course.reports);
            let steps = steps.map(|(step, one)| (step.id.clone(), one.state)).collect();
            on(Event::Steps(steps));
        }
    }

    /// Tells what became of it all; why the goal was not reached, if it was not.
    fn sum_up(&mut self, on: &mut dyn FnMut(Event)) -> Option<String> {
        self.course.is_over = true;
        if !self.course.is_told() {
            return None;
        }
        let summary = self.course.summary();
        let failure = summary.failure();
        on(Event::Summary(summary));
        failure
    }
}

fn tries(left: u32) -> &'static str {
    match left {
        0 => "If it fails once more the step is taken back.",
        _ => "",
    }
}

const HOLDS: &str = "(The step is checked and holds.)";
const FAILED: &str = "(The change does not hold. Read what is wrong, mend it with the smallest edit, \
                      and reply without a call when it is mended.)";
const NOT_THERE: &str = "(Places that your answer names are not there. Look again and answer anew, with places that are:)";
const TAKEN_BACK: &str =
    "(The checks still fail, so all edits of this step were taken back; read files again.)";
