//! Making a pack: expand, choose, lay out, count what came of it, and again until it fits.

use flux_core::LineSpan;

use super::choose::{Offer, Taken, choose, offers};
use super::expand::{Expansion, wants_tests};
use super::layout::files;
use super::world::{Unit, World};
use super::{LeftOut, Pack, PackContext, PackRequest, Seed};
use crate::error::QueryError;
use crate::filter::FileFilter;
use crate::hit::Hit;

/// Letters of the task that the pack repeats.
const TASK_LETTERS: usize = 100;
/// Attempts to fill a budget better.
const ATTEMPTS: usize = 5;
/// The share of a budget that may stay empty.
const SLACK: usize = 40;
/// What an entry of the ledger costs.
const LEDGER_TOKENS: usize = 30;

/// Packs what `hits`, the seeds, and the graph around them tell about a task.
pub fn pack(
    context: &PackContext<'_>,
    hits: &[Hit],
    request: &PackRequest<'_>,
) -> Result<Pack, QueryError> {
    let filter = FileFilter::new(request.filter, context.snapshot.view())?;
    let mut world = World::new(context.snapshot, context.texts);
    let tests = wants_tests(request.task, request.filter.tests);
    let seeds: Vec<Seed<'_>> = (1..).zip(hits).collect();
    let steps = 40 + request.budget / 150;
    let nodes =
        Expansion::new(&mut world, context.parameters, &filter, tests).run(&seeds, steps)?;
    let (mut offers, already) = offers(&mut world, nodes, request.have, request.budget)?;
    let mut maker = Maker { world, context, request, already, offers: &mut offers };
    maker.fit()
}

struct Maker<'m, 'a> {
    world: World<'a>,
    context: &'m PackContext<'a>,
    request: &'m PackRequest<'m>,
    already: usize,
    offers: &'m mut Vec<Offer>,
}

impl Maker<'_, '_> {
    /// The fullest pack that stays within the budget.
    fn fit(&mut self) -> Result<Pack, QueryError> {
        let budget = self.request.budget;
        let empty = self.finished(Vec::new(), &[]);
        if empty.tokens > budget {
            return Err(QueryError::Budget { least: empty.tokens });
        }
        let room = budget - empty.tokens;
        let ledger = ledger_length(budget);
        let reserve = (ledger * LEDGER_TOKENS).min(room / 8);
        let (mut allowance, mut best) = (room - reserve, None::<Pack>);
        let mut last = usize::MAX;
        for _ in 0..ATTEMPTS {
            let taken = self.choose(allowance);
            let pack = self.laid_out(&taken, ledger)?;
            let is_better = best.as_ref().is_none_or(|best| pack.tokens > best.tokens);
            let (tokens, rest) = (pack.tokens, self.is_any_left(&taken));
            if tokens <= budget && is_better {
                best = Some(pack);
            }
            let has_slack = budget.saturating_sub(tokens) > budget / SLACK;
            if tokens <= budget && (!rest || !has_slack || tokens == last) {
                break;
            }
            last = tokens;
            allowance = match tokens.checked_sub(budget) {
                Some(over) => allowance.saturating_sub(over + over / 8 + 8),
                None => allowance + (budget - tokens) * 9 / 10,
            };
        }
        match best {
            Some(pack) => Ok(pack),
            None => self.shrunk(allowance, empty),
        }
    }

    /// Takes less and less until it fits.
    fn shrunk(&mut self, mut allowance: usize, empty: Pack) -> Result<Pack, QueryError> {
        while allowance > 0 {
            allowance = allowance * 3 / 4;
            let taken = self.choose(allowance);
            let pack = self.laid_out(&taken, 0)?;
            if pack.tokens <= self.request.budget {
                return Ok(pack);
            }
        }
        Ok(empty)
    }

    fn choose(&mut self, allowance: usize) -> Vec<Taken> {
        let parameters = self.context.parameters;
        choose(&mut self.world, self.offers, self.request.counter, parameters, allowance)
    }

    fn is_any_left(&self, taken: &[Taken]) -> bool {
        taken.iter().any(|taken| *taken != Taken::Whole)
    }

    fn laid_out(&mut self, taken: &[Taken], ledger: usize) -> Result<Pack, QueryError> {
        let files = files(&mut self.world, self.offers, taken, self.request.have)?;
        let mut left: Vec<&Offer> = self
            .offers
            .iter()
            .zip(taken)
            .filter(|(_, t)| **t != Taken::Whole)
            .map(|(o, _)| o)
            .collect();
        left.sort_by(|a, b| b.node.value.total_cmp(&a.node.value));
        let total = (left.len(), left.iter().map(|offer| offer.estimate).sum());
        let listed: Vec<LeftOut> =
            left.iter().take(ledger).filter_map(|one| self.left_out(one)).collect();
        let pack = Pack { left_out_total: total, ..self.finished(Vec::new(), &[]) };
        Ok(self.counted(Pack { files, left_out: listed, ..pack }))
    }

    fn left_out(&self, offer: &Offer) -> Option<LeftOut> {
        let view = self.world.snapshot.view();
        let (first, last) = (offer.lines.first()?, offer.lines.last()?);
        Some(LeftOut {
            path: view.file(offer.node.unit.file()).path.clone(),
            lines: match offer.node.unit {
                Unit::Lines(_, lines) => lines,
                Unit::Symbol(..) => LineSpan::new(first.start, last.end),
            },
            symbol: offer.name.clone(),
            tokens: offer.estimate,
        })
    }

    /// A pack of these files, counted.
    fn finished(&self, files: Vec<super::PackFile>, left_out: &[LeftOut]) -> Pack {
        let request = self.request;
        let task: String = request.task.trim().chars().take(TASK_LETTERS).collect();
        self.counted(Pack {
            task: if task.len() < request.task.trim().len() { format!("{task}…") } else { task },
            origin: request.origin.clone(),
            budget: request.budget,
            tokens: 0,
            counter: request.counter.name().to_owned(),
            is_exact: request.counter.is_exact(),
            files,
            left_out: left_out.to_vec(),
            left_out_total: (0, 0),
            already: self.already,
        })
    }

    /// The same with the number of its tokens, which is part of what is counted.
    fn counted(&self, mut pack: Pack) -> Pack {
        pack.tokens = self.request.budget;
        for _ in 0..4 {
            let tokens = self.request.counter.count(&self.request.format.render(&pack));
            let is_as_long = digits(tokens) == digits(pack.tokens);
            pack.tokens = tokens;
            if is_as_long {
                break;
            }
        }
        pack
    }
}

/// Digits of a number. Tokenizers read up to three of them as one token, so that numbers as long
/// as each other cost the same.
fn digits(number: usize) -> usize {
    number.checked_ilog10().map_or(1, |digits| digits as usize + 1)
}

/// How much of what did not fit is named.
fn ledger_length(budget: usize) -> usize {
    if budget < 600 { 0 } else { (budget / 1000).clamp(2, 12) }
}
