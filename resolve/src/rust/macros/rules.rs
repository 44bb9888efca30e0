//! A definition, compiled: each arm is a program that matches and a template that is filled.

use std::ops::Range;

use super::Specifier;
use super::tokens::{Kind, Token, View, read};

/// A compiled `macro_rules!`.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(super) text: Box<str>,
    pub(super) tokens: Vec<Token>,
    pub(super) arms: Vec<Arm>,
}

/// `(pattern) => { template }`.
#[derive(Debug)]
pub(super) struct Arm {
    pub(super) program: Vec<Step>,
    pub(super) slots: Vec<Slot>,
    pub(super) repetitions: Vec<Repetition>,
    pub(super) template: Vec<Piece>,
}

/// A repetition of the pattern.
#[derive(Clone, Debug)]
pub(super) struct Repetition {
    /// How many repetitions it is in.
    pub(super) depth: u32,
    /// The slots inside.
    pub(super) slots: Range<u32>,
}

/// `$name:specifier`.
#[derive(Debug)]
pub(super) struct Slot {
    name: u32,
    pub(super) specifier: Specifier,
    /// How many repetitions it is in.
    pub(super) depth: u32,
}

/// A step of the program that matches a call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// The same token as this one of the definition.
    Token(u32),
    /// A fragment, for a slot.
    Fragment(u32),
    /// Goes on with the next step, or at this one.
    Split(u32),
    /// Goes on at this one.
    Jump(u32),
    /// Starts a repetition.
    Enter(u32),
    /// The arm matches when the call ends.
    End,
}

/// A part of a template.
#[derive(Debug)]
pub(super) enum Piece {
    /// A token of the definition.
    Token(u32),
    /// What a slot matched.
    Slot(u32),
    /// `$crate`: the token of `crate`.
    Root(u32),
    /// The pieces up to `end`, as often as `slots` say.
    Repeat { end: u32, separator: Option<u32>, slots: Vec<u32> },
}

/// Repetitions within repetitions. Real macros have at most four.
const MAX_REPETITIONS: u32 = 16;

impl Rules {
    /// Reads `macro_rules! name { ... }` or just its braces. `None` when it is no such thing.
    pub(crate) fn parse(definition: &str) -> Option<Self> {
        let tokens = read(definition, &[])?;
        let view = View { text: definition, tokens: &tokens };
        let body = body(view)?;
        let mut arms = Vec::new();
        let (mut at, end) = (body + 1, tokens[body].link as usize);
        while at < end {
            let arrow = view.after(at);
            let is_arm = arrow + 1 < end
                && tokens[at].kind == Kind::Open
                && view.text(arrow) == "=>"
                && tokens[arrow + 1].kind == Kind::Open;
            if !is_arm {
                break;
            }
            // An arm that cannot be read matches nothing; later ones may still.
            arms.extend(Compiler::arm(view, at, arrow + 1));
            at = view.after(arrow + 1);
            if at < end && view.text(at) == ";" {
                at += 1;
            }
        }
        (!arms.is_empty()).then(|| Self { text: definition.into(), tokens, arms })
    }

    pub(super) fn view(&self) -> View<'_> {
        View { text: &self.text, tokens: &self.tokens }
    }
}

/// The bracket around the arms.
fn body(view: View<'_>) -> Option<usize> {
    let is_open = |at: usize| view.tokens.get(at).is_some_and(|token| token.kind == Kind::Open);
    if is_open(0) {
        return Some(0);
    }
    let word = (0..view.tokens.len()).find(|at| view.text(*at) == "macro_rules")?;
    // `!` and the name.
    is_open(word + 3).then_some(word + 3)
}

/// `$(...)` and what follows it.
struct Repeated {
    body: (usize, usize),
    separator: Option<u32>,
    operator: u8,
    /// The position after it.
    after: usize,
}

struct Compiler<'a> {
    view: View<'a>,
    arm: Arm,
    depth: u32,
}

impl<'a> Compiler<'a> {
    fn arm(view: View<'a>, pattern: usize, template: usize) -> Option<Arm> {
        let arm = Arm {
            program: Vec::new(),
            slots: Vec::new(),
            repetitions: Vec::new(),
            template: Vec::new(),
        };
        let mut compiler = Self { view, arm, depth: 0 };
        compiler.pattern(pattern + 1, view.tokens[pattern].link as usize)?;
        compiler.arm.program.push(Step::End);
        compiler.template(template + 1, view.tokens[template].link as usize)?;
        Some(compiler.arm)
    }

    fn next_step(&self) -> u32 {
        self.arm.program.len() as u32
    }

    fn pattern(&mut self, mut at: usize, end: usize) -> Option<()> {
        while at < end {
            if self.view.text(at) != "$" || at + 1 >= end {
                self.arm.program.push(Step::Token(at as u32));
                at += 1;
                continue;
            }
            if let Some(repetition) = self.repetition(at, end) {
                self.repeat(&repetition)?;
                at = repetition.after;
            } else if at + 3 < end
                && self.view.tokens[at + 1].kind == Kind::Ident
                && self.view.text(at + 2) == ":"
            {
                self.slot(at, end)?;
                at += 4;
            } else {
                // `$crate` or a lone `$`: matched as it is written.
                self.arm.program.push(Step::Token(at as u32));
                at += 1;
            }
        }
        Some(())
    }

    fn slot(&mut self, at: usize, end: usize) -> Option<()> {
        let mut specifier = Specifier::read(self.view.text(at + 3))?;
        let is_before_bar = at + 4 < end && self.view.text(at + 4) == "|"
            || at + 4 == end && self.view.text(at + 5) == "|";
        if specifier == Specifier::Pattern && is_before_bar {
            // Written for an edition in which `pat` had no alternatives.
            specifier = Specifier::PatternPart;
        }
        let slot = self.arm.slots.len() as u32;
        self.arm.slots.push(Slot { name: at as u32 + 1, specifier, depth: self.depth });
        self.arm.program.push(Step::Fragment(slot));
        Some(())
    }

    fn repetition(&self, at: usize, end: usize) -> Option<Repeated> {
        if self.view.text(at + 1) != "(" {
            return None;
        }
        let body = (at + 2, self.view.tokens[at + 1].link as usize);
        let operator = |at: usize| {
            let text = if at < end { self.view.text(at) } else { "" };
            matches!(text, "*" | "+" | "?").then(|| text.as_bytes()[0])
        };
        let next = body.1 + 1;
        if let Some(operator) = operator(next) {
            return Some(Repeated { body, separator: None, operator, after: next + 1 });
        }
        let is_separator = next < end && self.view.tokens[next].kind != Kind::Open;
        let operator = operator(next + 1).filter(|_| is_separator)?;
        let separator = Some(next as u32);
        Some(Repeated { body, separator, operator, after: next + 2 })
    }

    fn repeat(&mut self, repetition: &Repeated) -> Option<()> {
        let (start, end) = repetition.body;
        self.depth += 1;
        if self.depth > MAX_REPETITIONS {
            return None;
        }
        let first_slot = self.arm.slots.len() as u32;
        let number = self.arm.repetitions.len();
        self.arm.repetitions.push(Repetition { depth: self.depth - 1, slots: 0..0 });
        self.arm.program.push(Step::Enter(number as u32));
        let mut exits = Vec::new();
        if repetition.operator != b'+' {
            exits.push(self.split());
        }
        let body = self.next_step();
        self.pattern(start, end)?;
        if repetition.operator != b'?' {
            exits.push(self.split());
            self.arm.program.extend(repetition.separator.map(Step::Token));
            self.arm.program.push(Step::Jump(body));
        }
        let after = self.next_step();
        for exit in exits {
            self.arm.program[exit] = Step::Split(after);
        }
        self.arm.repetitions[number].slots = first_slot..self.arm.slots.len() as u32;
        self.depth -= 1;
        Some(())
    }

    /// A split whose target is not known yet.
    fn split(&mut self) -> usize {
        self.arm.program.push(Step::Split(0));
        self.arm.program.len() - 1
    }

    fn template(&mut self, mut at: usize, end: usize) -> Option<()> {
        while at < end {
            if self.view.text(at) != "$" || at + 1 >= end {
                self.arm.template.push(Piece::Token(at as u32));
                at += 1;
            } else if let Some(repetition) = self.repetition(at, end) {
                self.repeat_template(&repetition)?;
                at = repetition.after;
            } else {
                at = self.variable(at);
            }
        }
        Some(())
    }

    /// What follows a `$` that starts no repetition.
    fn variable(&mut self, at: usize) -> usize {
        let text = self.view.text(at + 1);
        let slot = self.find(at + 1);
        match (text, slot) {
            (_, Some(slot)) => self.arm.template.push(Piece::Slot(slot)),
            ("crate", None) => self.arm.template.push(Piece::Root(at as u32 + 1)),
            ("$", None) => self.arm.template.push(Piece::Token(at as u32)),
            ("{", None) => {
                // `${count(x)}` and its kin are numbers, most of them.
                return self.view.after(at + 1);
            }
            // A variable of a macro that this one defines.
            _ => {
                self.arm.template.push(Piece::Token(at as u32));
                return at + 1;
            }
        }
        at + 2
    }

    fn find(&self, name: usize) -> Option<u32> {
        if self.view.tokens[name].kind != Kind::Ident {
            return None;
        }
        let text = self.view.text(name);
        let is_named = |slot: &Slot| self.view.text(slot.name as usize) == text;
        self.arm.slots.iter().position(is_named).map(|slot| slot as u32)
    }

    fn repeat_template(&mut self, repetition: &Repeated) -> Option<()> {
        let (start, end) = repetition.body;
        self.depth += 1;
        if self.depth > MAX_REPETITIONS {
            return None;
        }
        let number = self.arm.template.len();
        // Its end is known after its body.
        self.arm.template.push(Piece::Token(0));
        self.template(start, end)?;
        let mut slots: Vec<u32> = (start..end)
            .filter(|at| self.view.text(at - 1) == "$")
            .filter_map(|at| self.find(at))
            .filter(|slot| self.arm.slots[*slot as usize].depth > 0)
            .collect();
        slots.sort_unstable();
        slots.dedup();
        let end = self.arm.template.len() as u32;
        let separator = repetition.separator;
        self.arm.template[number] = Piece::Repeat { end, separator, slots };
        self.depth -= 1;
        Some(())
    }
}
