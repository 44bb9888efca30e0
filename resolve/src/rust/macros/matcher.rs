//! Runs an arm's program over the tokens of a call.
//!
//! All ways to go on are followed at once, token by token, as the compiler does, so a call costs
//! its length times the width of the pattern and never more. Where the compiler would call a
//! macro ambiguous, tokens win over fragments and earlier ways over later ones.

use super::Budget;
use super::Specifier;
use super::rules::{Arm, Repetition, Step};
use super::syntax;
use super::tokens::{Kind, View};

/// What a slot matched.
#[derive(Debug)]
pub(super) enum Binding {
    /// The tokens from, up to.
    Fragment(usize, usize),
    /// One for each turn of a repetition.
    Sequence(Vec<Binding>),
}

/// Matches the tokens of `call` from `range.0` up to `range.1`. The bindings are those of the
/// slots, in their order; `None` when the arm does not match or the budget is used up.
pub(super) fn matches(
    definition: View<'_>,
    arm: &Arm,
    call: View<'_>,
    range: (usize, usize),
    budget: &mut Budget,
) -> Option<Vec<Option<Binding>>> {
    let mut run = Run {
        definition,
        arm,
        call,
        at: range.0,
        ends: vec![range.1],
        log: Vec::new(),
        marks: Vec::new(),
        generation: 0,
        budget,
        ready: Vec::new(),
        open: Vec::new(),
    };
    // Most arms that do not match differ in their first token.
    if let Step::Token(wanted) = arm.program[0]
        && (range.0 == range.1 || !run.is_token(wanted as usize))
    {
        return None;
    }
    run.marks.resize(arm.program.len(), 0);
    let log = run.run()?;
    Some(bind(arm, &run.events(log)))
}

/// Something that happened to one way through the program.
#[derive(Clone, Copy, Debug)]
enum Event {
    Enter(u32),
    Bind(u32, usize, usize),
}

/// A way through the program: its step, and the last entry of its log.
type Thread = (u32, Option<u32>);

struct Run<'a> {
    definition: View<'a>,
    arm: &'a Arm,
    call: View<'a>,
    at: usize,
    /// Where the brackets around `at` end, inner ones last.
    ends: Vec<usize>,
    /// What happened, each with what happened before it.
    log: Vec<(Option<u32>, Event)>,
    /// In which generation a step was last reached.
    marks: Vec<u32>,
    generation: u32,
    budget: &'a mut Budget,
    /// Steps that need something of the call, in order of preference. Kept for its memory, as is
    /// the next.
    ready: Vec<Thread>,
    open: Vec<Thread>,
}

impl Run<'_> {
    /// The last entry of the log of the way that matches.
    fn run(&mut self) -> Option<Option<u32>> {
        let mut threads = vec![(0, None)];
        let mut stands = 0;
        loop {
            self.prepare(&threads);
            self.budget.spend(1 + self.ready.len() as u32)?;
            if self.ends.len() == 1 && self.at == self.ends[0] {
                let is_end =
                    |thread: &&Thread| matches!(self.arm.program[thread.0 as usize], Step::End);
                if let Some(&(_, log)) = self.ready.iter().find(is_end) {
                    return Some(log);
                }
            }
            let start = self.at;
            threads.clear();
            self.step_token(&mut threads);
            if threads.is_empty() {
                threads.push(self.step_fragment()?);
            }
            // Fragments may be empty, but not for ever.
            stands = if self.at == start { stands + 1 } else { 0 };
            if stands > self.arm.slots.len() {
                return None;
            }
        }
    }

    /// Finds the steps that need something of the call.
    fn prepare(&mut self, threads: &[Thread]) {
        self.generation += 1;
        self.ready.clear();
        self.open.extend(threads.iter().rev());
        while let Some((step, log)) = self.open.pop() {
            let mark = &mut self.marks[step as usize];
            if *mark == self.generation {
                continue;
            }
            *mark = self.generation;
            match self.arm.program[step as usize] {
                Step::Jump(to) => self.open.push((to, log)),
                Step::Split(to) => self.open.extend([(to, log), (step + 1, log)]),
                Step::Enter(repetition) => {
                    let log = self.record(log, Event::Enter(repetition));
                    self.open.push((step + 1, log));
                }
                Step::Token(_) | Step::Fragment(_) | Step::End => self.ready.push((step, log)),
            }
        }
    }

    fn record(&mut self, before: Option<u32>, event: Event) -> Option<u32> {
        self.log.push((before, event));
        Some(self.log.len() as u32 - 1)
    }

    /// Follows the ways on which the next token of the call is the one the arm wants.
    fn step_token(&mut self, next: &mut Vec<Thread>) {
        let end = self.ends[self.ends.len() - 1];
        if self.at == end && self.ends.len() == 1 {
            return;
        }
        for &(step, log) in &self.ready {
            if let Step::Token(wanted) = self.arm.program[step as usize]
                && self.is_token(wanted as usize)
            {
                next.push((step + 1, log));
            }
        }
        if next.is_empty() {
            return;
        }
        match self.call.tokens[self.at].kind {
            Kind::Open => self.ends.push(self.call.tokens[self.at].link as usize),
            Kind::Close => _ = self.ends.pop(),
            _ => {}
        }
        self.at += 1;
    }

    fn is_token(&self, wanted: usize) -> bool {
        self.definition.tokens[wanted].kind == self.call.tokens[self.at].kind
            && self.definition.text(wanted) == self.call.text(self.at)
            && self.definition.is_glued(wanted) == self.call.is_glued(self.at)
    }

    /// The first way on which a fragment can be read.
    fn step_fragment(&mut self) -> Option<Thread> {
        let end = self.ends[self.ends.len() - 1];
        for ready in 0..self.ready.len() {
            let (step, log) = self.ready[ready];
            let Step::Fragment(slot) = self.arm.program[step as usize] else { continue };
            let specifier = self.arm.slots[slot as usize].specifier;
            let found = syntax::fragment(self.call, (self.at, end), specifier);
            let (Ok(reached) | Err(reached)) = found;
            self.budget.spend((reached - self.at) as u32)?;
            let Ok(after) = found else { continue };
            if after == self.at && specifier != Specifier::Visibility {
                continue;
            }
            let log = self.record(log, Event::Bind(slot, self.at, after));
            self.at = after;
            return Some((step + 1, log));
        }
        None
    }

    fn events(&self, mut last: Option<u32>) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(at) = last {
            let (before, event) = self.log[at as usize];
            events.push(event);
            last = before;
        }
        events.reverse();
        events
    }
}

fn bind(arm: &Arm, events: &[Event]) -> Vec<Option<Binding>> {
    let mut bindings: Vec<Vec<Binding>> = Vec::new();
    bindings.resize_with(arm.slots.len(), Vec::new);
    for &event in events {
        match event {
            Event::Bind(slot, from, to) => {
                let depth = arm.slots[slot as usize].depth;
                let list = innermost(&mut bindings[slot as usize], depth);
                list.push(Binding::Fragment(from, to));
            }
            Event::Enter(repetition) => {
                let Repetition { depth, slots } = &arm.repetitions[repetition as usize];
                for slot in slots.clone() {
                    let list = innermost(&mut bindings[slot as usize], *depth);
                    list.push(Binding::Sequence(Vec::new()));
                }
            }
        }
    }
    bindings.into_iter().map(|mut list| list.pop()).collect()
}

/// The last list, `depth` levels down.
fn innermost(mut list: &mut Vec<Binding>, depth: u32) -> &mut Vec<Binding> {
    for _ in 0..depth {
        match list.last_mut() {
            Some(Binding::Sequence(inner)) => list = inner,
            _ => unreachable!("a repetition is entered before anything in it is bound"),
        }
    }
    list
}
