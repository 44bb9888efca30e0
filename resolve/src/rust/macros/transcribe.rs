//! Fills an arm's template: the text of the expansion, and where each of its tokens was written.

use serde::{Deserialize, Serialize};

use super::matcher::Binding;
use super::rules::{Arm, Piece, Rules};
use super::syntax::is_reserved;
use super::tokens::{Fragment, Kind, Token, View};
use super::{Call, Context, Failure, MAX_TEXT, Specifier};

/// What a call stands for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Expansion {
    /// Rust, without the brackets of the template.
    pub(crate) text: String,
    /// Its tokens that were written somewhere, by their start.
    pub(crate) origins: Vec<Origin>,
    /// The number of the arm that matched.
    pub(crate) arm: u32,
    /// What was matched as a whole and stays so for macros inside.
    pub(super) fragments: Vec<Fragment>,
}

/// Where a token of an expansion was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// Its start in the expansion's text.
    pub(crate) start: u32,
    /// Its start in the calling file, or in the text of the definition that its context stands
    /// for.
    pub(crate) offset: u32,
    /// Who wrote it. Names of locals and labels are the same only within one context.
    pub(crate) context: Context,
}

impl Expansion {
    /// Where the token that starts at `start` was written; `None` for what no one wrote, such as
    /// brackets that keep an expression together.
    pub(crate) fn origin(&self, start: u32) -> Option<Origin> {
        let found = self.origins.binary_search_by_key(&start, |origin| origin.start).ok()?;
        Some(self.origins[found])
    }

    /// With the stretches from, up to replaced by other expansions, in order.
    pub(super) fn with(&self, parts: Vec<(u32, u32, Self)>) -> Self {
        let mut whole = Self { arm: self.arm, ..Self::default() };
        let mut at = 0;
        for (from, to, part) in parts {
            whole.append(self, at, from);
            whole.append(&part, 0, part.text.len() as u32);
            at = to;
        }
        whole.append(self, at, self.text.len() as u32);
        whole
    }

    /// Adds a stretch of another expansion, with the fragments that lie wholly in it.
    fn append(&mut self, other: &Self, from: u32, to: u32) {
        let base = self.text.len() as u32;
        self.text.push_str(&other.text[from as usize..to as usize]);
        let first = other.origins.partition_point(|origin| origin.start < from);
        let last = other.origins.partition_point(|origin| origin.start < to);
        let moved = other.origins[first..last].iter();
        self.origins
            .extend(moved.map(|origin| Origin { start: base + origin.start - from, ..*origin }));
        let inside = other.fragments.iter().filter(|part| part.start >= from && part.end <= to);
        self.fragments.extend(inside.map(|part| Fragment {
            start: base + part.start - from,
            end: base + part.end - from,
            ..*part
        }));
    }

    /// Where in the calling file the token that starts at `start` was written.
    pub(crate) fn in_file(&self, start: u32) -> Option<u32> {
        let origin = self.origin(start)?;
        (origin.context == Context::FILE).then_some(origin.offset)
    }
}

/// Writes `arm`'s template with what its slots matched among `tokens`, those of the call.
pub(super) fn transcribe(
    rules: &Rules,
    arm: &Arm,
    bindings: &[Option<Binding>],
    call: &Call<'_>,
    tokens: &[Token],
) -> Result<Expansion, Failure> {
    let view = View { text: call.text, tokens };
    let mut filler =
        Filler { rules, arm, bindings, view, turns: Vec::new(), writer: Writer::new(call) };
    filler.pieces(0, arm.template.len())?;
    Ok(filler.writer.expansion)
}

struct Filler<'a> {
    rules: &'a Rules,
    arm: &'a Arm,
    bindings: &'a [Option<Binding>],
    view: View<'a>,
    /// The turn of each repetition around the current piece.
    turns: Vec<usize>,
    writer: Writer<'a>,
}

impl<'a> Filler<'a> {
    fn pieces(&mut self, mut at: usize, end: usize) -> Result<(), Failure> {
        while at < end {
            if self.writer.expansion.text.len() > MAX_TEXT {
                return Err(Failure::TooLarge);
            }
            match &self.arm.template[at] {
                Piece::Token(token) => self.token(*token),
                Piece::Root(token) => self.root(*token),
                Piece::Slot(slot) => self.slot(*slot, at + 1)?,
                Piece::Repeat { end, separator, slots } => {
                    self.repeat((at + 1, *end as usize), *separator, slots)?;
                    at = *end as usize;
                    continue;
                }
            }
            at += 1;
        }
        Ok(())
    }

    fn token(&mut self, at: u32) {
        let token = &self.rules.tokens[at as usize];
        self.writer.definition(token, at, token.text(&self.rules.text));
    }

    fn root(&mut self, at: u32) {
        let token = &self.rules.tokens[at as usize];
        self.writer.definition(token, at, self.writer.call.root);
    }

    fn slot(&mut self, slot: u32, next: usize) -> Result<(), Failure> {
        let Some(&Binding::Fragment(from, to)) = self.binding(slot) else { return Ok(()) };
        let specifier = self.arm.slots[slot as usize].specifier;
        let view = self.view;
        let is_next = |text: &str| {
            matches!(self.arm.template.get(next), Some(Piece::Token(token))
                if self.rules.tokens[*token as usize].text(&self.rules.text) == text)
        };
        let around = match specifier {
            Specifier::Expression if needs_brackets(view, from, to) => Some(("(", ")")),
            Specifier::Pattern if has_alternatives(view, from, to) => Some(("(", ")")),
            // The compiler separates statements that were matched as such by itself.
            Specifier::Statement if view.text(from) == "let" && !is_next(";") => Some(("", ";")),
            Specifier::Type if is_next("::") && to - from > 1 => Some(("<", ">")),
            _ => None,
        };
        self.writer.fragment(view, (from, to), specifier, around)
    }

    /// What a slot matched in the current turns.
    fn binding(&self, slot: u32) -> Option<&'a Binding> {
        let mut binding = self.bindings[slot as usize].as_ref()?;
        for &turn in &self.turns {
            match binding {
                Binding::Sequence(list) => binding = list.get(turn)?,
                Binding::Fragment(..) => break,
            }
        }
        Some(binding)
    }

    fn repeat(
        &mut self,
        (from, to): (usize, usize),
        separator: Option<u32>,
        slots: &[u32],
    ) -> Result<(), Failure> {
        let turns = |slot: &u32| match self.binding(*slot) {
            Some(Binding::Sequence(list)) => Some(list.len()),
            _ => None,
        };
        // Slots that repeat together have as many turns in a macro that compiles.
        let turns = slots.iter().filter_map(turns).min().unwrap_or(0);
        for turn in 0..turns {
            if turn > 0
                && let Some(separator) = separator
            {
                self.token(separator);
            }
            self.turns.push(turn);
            let is_filled = self.pieces(from, to);
            self.turns.pop();
            is_filled?;
        }
        Ok(())
    }
}

/// Whether an expression must be kept together: `$a * 2` with `1 + 1`.
fn needs_brackets(view: View<'_>, from: usize, to: usize) -> bool {
    // A negative number stays a literal; nothing binds a part of what has an attribute.
    let is_literal = view.text(from) == "-" && to - from == 2;
    if view.after(from) == to || is_literal || view.text(from) == "#" {
        return false;
    }
    let mut at = from;
    while at < to {
        let text = view.text(at);
        let is_chained = match view.tokens[at].kind {
            Kind::Ident => !is_reserved(text),
            Kind::Number | Kind::Text => true,
            Kind::Open => text != "{",
            Kind::Punct => matches!(text, "." | "::" | "?") || text == "!" && at > from,
            _ => false,
        };
        if !is_chained {
            return true;
        }
        at = view.after(at);
    }
    false
}

fn has_alternatives(view: View<'_>, from: usize, to: usize) -> bool {
    let mut at = from;
    while at < to {
        if view.text(at) == "|" {
            return true;
        }
        at = view.after(at);
    }
    false
}

/// Writes tokens of the call and of the definition one after another.
pub(super) struct Writer<'a> {
    pub(super) call: &'a Call<'a>,
    pub(super) expansion: Expansion,
    /// The token that follows without a space.
    joint: Option<(Side, usize)>,
}

/// Where a token comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Call,
    Definition,
}

impl<'a> Writer<'a> {
    pub(super) fn new(call: &'a Call<'a>) -> Self {
        Self { call, expansion: Expansion::default(), joint: None }
    }

    fn definition(&mut self, token: &Token, at: u32, text: &str) {
        let written = token.is_written().then_some((token.start, self.call.context));
        self.push(text, (Side::Definition, at as usize), token.is_joint, written);
    }

    fn push(
        &mut self,
        text: &str,
        (side, at): (Side, usize),
        is_joint: bool,
        written: Option<(u32, Context)>,
    ) {
        self.space((side, at));
        if let Some((offset, context)) = written {
            let start = self.expansion.text.len() as u32;
            self.expansion.origins.push(Origin { start, offset, context });
        }
        self.expansion.text.push_str(text);
        self.joint = is_joint.then_some((side, at + 1));
    }

    fn space(&mut self, next: (Side, usize)) {
        let text = &mut self.expansion.text;
        if !text.is_empty() && self.joint != Some(next) && !text.ends_with('$') {
            text.push(' ');
        }
    }

    /// Puts in text that no one wrote.
    pub(super) fn put(&mut self, text: &str) {
        self.joint = None;
        if !text.is_empty() && !self.expansion.text.is_empty() {
            self.expansion.text.push(' ');
        }
        self.expansion.text.push_str(text);
    }

    /// Tokens of the call that were matched as a whole, with brackets `around` them.
    pub(super) fn fragment(
        &mut self,
        view: View<'_>,
        (from, to): (usize, usize),
        specifier: Specifier,
        around: Option<(&str, &str)>,
    ) -> Result<(), Failure> {
        let is_whole =
            !matches!(specifier, Specifier::Ident | Specifier::Lifetime | Specifier::Tree)
                && from < to
                && !(matches!(view.tokens[from].kind, Kind::OpenFragment(_))
                    && view.after(from) == to);
        // Separated first, so that the fragment starts with its first token.
        self.joint = None;
        let open = is_whole.then(|| self.open(specifier));
        if let Some((open, _)) = around {
            self.put(open);
        }
        self.tokens(view, from, to)?;
        if let Some((_, close)) = around {
            self.put(close);
        }
        if let Some(open) = open {
            self.close(open);
        }
        self.joint = None;
        Ok(())
    }

    /// Starts a fragment at the next token.
    fn open(&mut self, specifier: Specifier) -> usize {
        let text = &self.expansion.text;
        let is_spaced = !text.is_empty() && !text.ends_with('$');
        let start = text.len() as u32 + u32::from(is_spaced);
        self.expansion.fragments.push(Fragment { start, end: start, specifier });
        self.expansion.fragments.len() - 1
    }

    fn close(&mut self, open: usize) {
        self.expansion.fragments[open].end = self.expansion.text.len() as u32;
    }

    /// Tokens of the call.
    pub(super) fn tokens(&mut self, view: View<'_>, from: usize, to: usize) -> Result<(), Failure> {
        if self.expansion.text.len() > MAX_TEXT {
            return Err(Failure::TooLarge);
        }
        let mut open = Vec::new();
        for at in from..to {
            let token = &view.tokens[at];
            match token.kind {
                Kind::OpenFragment(specifier) => {
                    self.joint = None;
                    open.push(self.open(specifier));
                }
                Kind::CloseFragment => open.pop().into_iter().for_each(|open| self.close(open)),
                _ => {
                    let written =
                        token.is_written().then(|| self.call.origin(token.start)).flatten();
                    self.push(token.text(view.text), (Side::Call, at), token.is_joint, written);
                }
            }
        }
        Ok(())
    }
}
