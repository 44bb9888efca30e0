//! Macros by example: definitions, and what their calls stand for, as ordinary Rust text of which
//! each token knows where it was written.
//!
//! Text, because then the same grammar and the same walk serve code inside and outside of macros.
//! Facts keep the text of definitions and calls, not their tokens: the text is smaller, and to
//! read it again costs less than to decode them.
//!
//! Reading order: `lexer`, `tokens`, `syntax`, `expressions`, `rules`, `matcher`, `transcribe`,
//! `format`, `paste`, `quote`, `known`, `guess`, `attribute`.

mod attribute;
mod expressions;
mod format;
mod guess;
mod known;
mod lexer;
mod matcher;
mod paste;
mod quote;
mod rules;
mod syntax;
#[cfg(test)]
mod tests;
mod tokens;
mod transcribe;

pub(crate) use attribute::{Annotated, attribute};
#[cfg(test)]
pub(crate) use format::captures;
#[cfg(test)]
pub(crate) use guess::split_arguments;
pub(crate) use guess::{Shape, guess};
pub(crate) use known::{expand_known, is_standard};
pub(crate) use rules::Rules;
pub(crate) use transcribe::Expansion;
#[cfg(test)]
pub(crate) use transcribe::Origin;

use serde::{Deserialize, Serialize};
use tokens::{Fragment, Token, View};

/// Where a token was written: the calling file, or the definition of a macro, by the number its
/// caller gave to the expansion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Context(pub(crate) u32);

impl Context {
    /// The calling file.
    pub(crate) const FILE: Self = Self(0);
}

/// One call of a macro.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    /// Its arguments, with their brackets.
    pub(crate) text: &'a str,
    /// Where they were cut out.
    pub(crate) source: Source<'a>,
    /// The context of tokens that the definition brings in.
    pub(crate) context: Context,
    /// What `$crate` reads as in the expansion.
    pub(crate) root: &'a str,
}

/// Where the text of a call was cut out.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// Of the calling file, from this offset.
    File(u32),
    /// Of an expansion's text, from this offset.
    Expansion(&'a Expansion, u32),
}

/// Why there is no expansion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No arm matches.
    NoArm,
    /// Brackets do not match.
    Malformed,
    /// The expansion would be longer than [`MAX_TEXT`].
    TooLarge,
    /// The file's budget is used up.
    Exhausted,
}

/// The longest expansion, in bytes. Tables of constants in real code stay below 100 KiB.
pub(crate) const MAX_TEXT: usize = 256 << 10;

/// The work that the macros of one file may still make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    steps: u32,
}

impl Default for Budget {
    /// About half a second; a file of ten thousand lines of macro calls needs a fifth of it.
    fn default() -> Self {
        Self { steps: 20_000_000 }
    }
}

impl Budget {
    fn spend(&mut self, steps: u32) -> Option<()> {
        let left = self.steps.checked_sub(steps);
        self.steps = left.unwrap_or(0);
        left.map(|_| ())
    }
}

/// What a fragment of a pattern may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Specifier {
    /// `ident`.
    Ident,
    /// `lifetime`.
    Lifetime,
    /// `tt`.
    Tree,
    /// `literal`.
    Literal,
    /// `ty`.
    Type,
    /// `expr`.
    Expression,
    /// `pat`.
    Pattern,
    /// `pat_param`.
    PatternPart,
    /// `path`.
    Path,
    /// `stmt`.
    Statement,
    /// `block`.
    Block,
    /// `item`.
    Item,
    /// `meta`.
    Meta,
    /// `vis`.
    Visibility,
}

impl Specifier {
    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "ident" => Self::Ident,
            "lifetime" => Self::Lifetime,
            "tt" => Self::Tree,
            "literal" => Self::Literal,
            "ty" => Self::Type,
            "expr" | "expr_2021" => Self::Expression,
            "pat" => Self::Pattern,
            "pat_param" => Self::PatternPart,
            "path" => Self::Path,
            "stmt" => Self::Statement,
            "block" => Self::Block,
            "item" => Self::Item,
            "meta" => Self::Meta,
            "vis" => Self::Visibility,
            _ => return None,
        })
    }
}

/// Expands a call by the first arm that matches it. How deep expansions may call each other is
/// for the caller to bound.
pub(crate) fn expand(
    rules: &Rules,
    call: &Call<'_>,
    budget: &mut Budget,
) -> Result<Expansion, Failure> {
    let tokens = call.tokens().ok_or(Failure::Malformed)?;
    let view = View { text: call.text, tokens: &tokens };
    let range = inside(&tokens).ok_or(Failure::Malformed)?;
    budget.spend(tokens.len() as u32).ok_or(Failure::Exhausted)?;
    for (number, arm) in rules.arms.iter().enumerate() {
        let Some(bindings) = matcher::matches(rules.view(), arm, view, range, budget) else {
            if budget.steps == 0 {
                return Err(Failure::Exhausted);
            }
            continue;
        };
        let mut expansion = transcribe::transcribe(rules, arm, &bindings, call, &tokens)?;
        expansion.arm = number as u32;
        budget.spend(expansion.text.len() as u32).ok_or(Failure::Exhausted)?;
        return Ok(expansion);
    }
    Err(Failure::NoArm)
}

/// The positions between the outer brackets.
fn inside(tokens: &[Token]) -> Option<(usize, usize)> {
    let first = tokens.iter().position(|token| token.kind == tokens::Kind::Open)?;
    Some((first + 1, tokens[first].link as usize))
}

impl Call<'_> {
    /// Its tokens; `None` when brackets do not match.
    fn tokens(&self) -> Option<Vec<Token>> {
        match self.source {
            Source::File(_) => tokens::read(self.text, &[]),
            Source::Expansion(expansion, start) => {
                let end = start + self.text.len() as u32;
                let cut = |fragment: &Fragment| Fragment {
                    start: fragment.start - start,
                    end: fragment.end - start,
                    ..*fragment
                };
                let all = &expansion.fragments;
                let from = all.partition_point(|found| found.start < start);
                let to = all.partition_point(|found| found.start < end);
                let is_inside = |found: &&Fragment| found.end <= end;
                let fragments: Vec<Fragment> =
                    all[from..to].iter().filter(is_inside).map(cut).collect();
                tokens::read(self.text, &fragments)
            }
        }
    }

    /// Where the token that starts at `start` of the text was written.
    fn origin(&self, start: u32) -> Option<(u32, Context)> {
        match self.source {
            Source::File(base) => Some((base + start, Context::FILE)),
            Source::Expansion(expansion, base) => {
                let origin = expansion.origin(base + start)?;
                Some((origin.offset, origin.context))
            }
        }
    }
}
