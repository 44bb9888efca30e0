//! What becomes of the arguments of one call.

use flux_core::ByteSpan;
use flux_engine::syntax::{Argument, Call, ParameterKind};

use super::list::Piece;
use super::shape::{Shape, Slot};
use crate::edit::refusal::Candidate;

/// The calls of a function, as far as they were looked at.
#[derive(Debug, Default)]
pub(super) struct Calls {
    pub(super) changed: Vec<Candidate>,
    pub(super) kept: usize,
    pub(super) dropped_effects: Vec<Candidate>,
    pub(super) moved_effects: Vec<Candidate>,
    /// How often the class of a constructor is named without a call.
    pub(super) named: usize,
    pub(super) unclear: Vec<(Unclear, Vec<Candidate>)>,
}

/// Why a call cannot be written anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    /// It has to pass something, and it is not said what.
    NeedsValue(String),
    /// It cannot be said which argument is for which parameter, before or after.
    Arguments,
}

/// New arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) pieces: Vec<Piece>,
    /// Arguments that go.
    pub(super) dropped: Vec<ByteSpan>,
    /// Whether one of them may do something.
    pub(super) drops_effects: bool,
    /// Whether arguments that may do something change their order.
    pub(super) moves_effects: bool,
}

impl Calls {
    pub(super) fn unclear(&mut self, why: Unclear, at: &Candidate) {
        match self.unclear.iter_mut().find(|(known, _)| *known == why) {
            Some((_, places)) => places.push(at.clone()),
            None => self.unclear.push((why, vec![at.clone()])),
        }
    }

    /// What a reader should look at.
    pub(super) fn notes(&self) -> Vec<String> {
        let note =
            |at: &Candidate, what: &str| format!("{}:{}: {what}: {}", at.path, at.line, at.text);
        let dropped = self.dropped_effects.iter();
        let dropped = dropped.map(|at| note(at, "an argument goes that may do something"));
        let moved = self.moved_effects.iter();
        let moved = moved.map(|at| note(at, "arguments that may do something change their order"));
        let named = (self.named > 0).then(|| {
            let count = self.named;
            format!("the class is named {count} times without a call, which may hand it on")
        });
        dropped.chain(moved).chain(named).collect()
    }
}

/// The new arguments of a call; `None` if it stays as it is.
pub(super) fn rewritten(
    shape: &Shape,
    call: &Call,
    text: &str,
    is_bound: bool,
) -> Result<Option<Written>, Unclear> {
    if shape.is_harmless() {
        return Ok(None);
    }
    let bound = Bound::new(shape, call, text, is_bound)?;
    let pieces = bound.pieces(call)?;
    let is_same = pieces.len() == call.arguments.len()
        && pieces.iter().enumerate().all(|(at, piece)| *piece == Piece::Old(at));
    if is_same {
        return Ok(None);
    }
    let order: Vec<usize> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Old(index) | Piece::Named(index, _) => Some(*index),
            Piece::Text(_) => None,
        })
        .collect();
    let goes = |at: &usize| !order.contains(at);
    let has_effects = |at: &usize| call.arguments[*at].has_effects;
    let dropped: Vec<usize> = (0..call.arguments.len()).filter(goes).collect();
    let acting: Vec<usize> = order.iter().copied().filter(|at| has_effects(at)).collect();
    Ok(Some(Written {
        drops_effects: dropped.iter().any(has_effects),
        moves_effects: !acting.is_sorted(),
        dropped: dropped.into_iter().map(|at| call.list.items[at]).collect(),
        pieces,
    }))
}

/// Which argument is for which parameter.
struct Bound<'a> {
    shape: &'a Shape,
    is_bound: bool,
    /// By parameter: the argument that is for it, and whether by position.
    of: Vec<Option<(usize, bool)>>,
    /// Arguments for `*args`.
    rest: Vec<usize>,
    /// Arguments that are given by name, or are many, in order.
    named: Vec<usize>,
}

impl<'a> Bound<'a> {
    fn new(shape: &'a Shape, call: &Call, text: &str, is_bound: bool) -> Result<Self, Unclear> {
        let of = vec![None; shape.old.all.len()];
        let mut bound = Self { shape, is_bound, of, rest: Vec::new(), named: Vec::new() };
        let is_positional = |index: &usize| {
            let kind = shape.old.all[*index].kind;
            let is_plain = matches!(kind, ParameterKind::Plain | ParameterKind::Receiver);
            is_plain && !shape.is_named_only(*index) && !bound.is_hidden(*index)
        };
        let mut open =
            (0..shape.old.all.len()).filter(is_positional).collect::<Vec<_>>().into_iter();
        for (at, argument) in call.arguments.iter().enumerate() {
            if let Some(name) = argument.name {
                bound.name(at, name.of(text))?;
            } else if argument.is_spread {
                bound.spread(at, argument, text)?;
            } else if let Some(parameter) = open.next() {
                bound.of[parameter] = Some((at, true));
            } else if shape.takes_rest() {
                bound.rest.push(at);
            } else {
                return Err(Unclear::Arguments);
            }
        }
        Ok(bound)
    }

    /// Whether the value before the dot is for a parameter.
    fn is_hidden(&self, index: usize) -> bool {
        self.is_bound && self.shape.receiver == Some(index)
    }

    fn name(&mut self, at: usize, name: &str) -> Result<(), Unclear> {
        let shape = self.shape;
        let is_it = |index: &usize| {
            shape.names[*index].as_deref() == Some(name)
                && shape.old.all[*index].kind == ParameterKind::Plain
                && !shape.is_unnamed_only(*index)
        };
        match (0..shape.names.len()).find(is_it) {
            Some(parameter) => self.of[parameter] = Some((at, false)),
            // It would be taken by the new parameter from now on.
            None if shape.added.iter().any(|added| added.name == name) => {
                return Err(Unclear::Arguments);
            }
            None if shape.takes_named_rest() => {}
            None => return Err(Unclear::Arguments),
        }
        self.named.push(at);
        Ok(())
    }

    /// `*args` may be for any parameters from here on, `**options` for any of a name.
    fn spread(&mut self, at: usize, argument: &Argument, text: &str) -> Result<(), Unclear> {
        let is_named = argument.value.of(text).starts_with("**");
        if !is_named || self.shape.removed().next().is_some() {
            return Err(Unclear::Arguments);
        }
        self.named.push(at);
        Ok(())
    }

    fn pieces(&self, call: &Call) -> Result<Vec<Piece>, Unclear> {
        let shape = self.shape;
        let mut pieces = Vec::new();
        let mut by_name: Vec<Piece> = Vec::new();
        // Set once a parameter gets nothing by position: all behind it go by name.
        let mut is_open = false;
        for (at, slot) in shape.new.iter().enumerate() {
            match slot {
                Slot::Old(index) if self.is_hidden(*index) => {}
                Slot::Old(index) => match self.of[*index] {
                    Some((argument, true)) if !is_open => pieces.push(Piece::Old(argument)),
                    Some((argument, true)) => by_name.push(self.named(*index, argument)?),
                    Some((_, false)) => is_open = true,
                    None => is_open |= self.is_by_position(*index),
                },
                Slot::New(number) => {
                    let added = &shape.added[*number];
                    let is_followed = self.is_followed(at) || !self.rest.is_empty();
                    let value = match shape.language.as_str() {
                        "rust" => added.value.as_ref().or(added.default.as_ref()),
                        _ => added.value.as_ref(),
                    };
                    match value {
                        Some(value) if is_open || self.is_named_slot(at) => {
                            by_name.push(Piece::Text(format!("{}={value}", added.name)));
                        }
                        Some(value) if is_followed || added.default.is_none() => {
                            pieces.push(Piece::Text(value.clone()));
                        }
                        Some(value) if shape.language == "rust" => {
                            pieces.push(Piece::Text(value.clone()));
                        }
                        Some(value) => {
                            is_open = true;
                            by_name.push(Piece::Text(format!("{}={value}", added.name)));
                        }
                        None if added.default.is_some() && shape.language != "rust" => {
                            is_open = true;
                        }
                        None => return Err(Unclear::NeedsValue(added.name.clone())),
                    }
                }
            }
        }
        if shape.language == "rust" && (is_open || !by_name.is_empty()) {
            return Err(Unclear::Arguments);
        }
        if !self.rest.is_empty() && is_open {
            return Err(Unclear::Arguments);
        }
        pieces.extend(self.rest.iter().map(|at| Piece::Old(*at)));
        pieces.extend(by_name);
        let is_kept = |at: &&usize| !self.is_for_removed(**at);
        let (spread, named): (Vec<usize>, Vec<usize>) =
            self.named.iter().filter(is_kept).partition(|at| call.arguments[**at].is_spread);
        // By-name arguments stand before `**options`, which may stand last only.
        let first_new = pieces.len();
        pieces.extend(named.iter().map(|at| Piece::Old(*at)));
        self.keep_order(&mut pieces, first_new);
        pieces.extend(spread.iter().map(|at| Piece::Old(*at)));
        Ok(pieces)
    }

    /// Puts new arguments by name behind those that were there already.
    fn keep_order(&self, pieces: &mut Vec<Piece>, named_from: usize) {
        let named: Vec<Piece> = pieces.drain(named_from..).collect();
        let is_new = |piece: &Piece| {
            self.shape.added.iter().any(|added| {
                matches!(piece, Piece::Text(text) if text.starts_with(&format!("{}=", added.name)))
            })
        };
        let by_name = pieces.iter().rev().take_while(|piece| is_new(piece)).count();
        let new = pieces.split_off(pieces.len() - by_name);
        pieces.extend(named);
        pieces.extend(new);
    }

    fn is_for_removed(&self, argument: usize) -> bool {
        let is_it = |index: usize| self.of[index].is_some_and(|(at, _)| at == argument);
        self.shape.removed().any(is_it)
    }

    /// Whether arguments by position come for parameters behind a slot.
    fn is_followed(&self, slot: usize) -> bool {
        self.shape.new[slot + 1..].iter().any(|one| match one {
            Slot::Old(index) => {
                !self.is_hidden(*index)
                    && self.of[*index].is_some_and(|(_, by_position)| by_position)
            }
            Slot::New(_) => false,
        })
    }

    /// Whether a slot can only be given by name.
    fn is_named_slot(&self, slot: usize) -> bool {
        self.shape.new[..slot].iter().any(|one| match one {
            Slot::Old(index) => matches!(
                self.shape.old.all[*index].kind,
                ParameterKind::Rest | ParameterKind::StartOfNamed
            ),
            Slot::New(_) => false,
        })
    }

    fn is_by_position(&self, index: usize) -> bool {
        self.shape.old.all[index].kind == ParameterKind::Plain && !self.shape.is_named_only(index)
    }

    fn named(&self, parameter: usize, argument: usize) -> Result<Piece, Unclear> {
        match &self.shape.names[parameter] {
            Some(name)
                if self.shape.language == "python" && !self.shape.is_unnamed_only(parameter) =>
            {
                Ok(Piece::Named(argument, name.clone()))
            }
            _ => Err(Unclear::Arguments),
        }
    }
}
