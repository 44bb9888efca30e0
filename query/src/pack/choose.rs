//! Which of what could be in a pack is: the most value for the tokens, whole or as a signature.

use std::collections::{BTreeMap, BTreeSet};

use flux_core::{FileId, LineSpan, TokenCounter};

use super::PackParameters;
use super::expand::{Node, is_code, lines_of};
use super::have::Have;
use super::world::{Unit, World};
use crate::error::QueryError;

/// Bytes of source a token stands for, low enough to plan with.
const BYTES_PER_TOKEN: f32 = 3.2;
/// What a block costs besides its text: its heading, its fences.
const BLOCK_TOKENS: usize = 22;
/// What a file's heading costs.
const FILE_TOKENS: usize = 12;
/// Lines of a type that are shown whole, or else up to where its first member begins.
const WHOLE_TYPE_LINES: u32 = 60;
/// Lines of the head of a longer type.
const HEAD_LINES: u32 = 30;

/// Something that could be in a pack, with what it would take.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub(super) node: Node,
    /// Its name; empty for plain lines.
    pub(super) name: String,
    /// The lines that would be shown; none when the reader has them all.
    pub(super) lines: Vec<LineSpan>,
    /// An estimate of their tokens.
    pub(super) estimate: usize,
    /// Line and text of its signature.
    pub(super) signature: Option<(u32, String)>,
    /// Tokens of its lines, once they were counted.
    counted: Option<usize>,
    /// Tokens of its signature, once they were counted.
    counted_signature: Option<usize>,
}

/// How an offer is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// Not.
    No,
    /// By its signature.
    Signature,
    /// Whole.
    Whole,
}

/// Makes offers of nodes; counts those of which the reader has everything.
pub(super) fn offers(
    world: &mut World<'_>,
    nodes: Vec<Node>,
    have: &Have,
    budget: usize,
) -> Result<(Vec<Offer>, usize), QueryError> {
    let mut offers = Vec::with_capacity(nodes.len());
    let mut already = 0;
    for node in nodes {
        let offer = offer(world, node, have, budget)?;
        if offer.lines.is_empty() {
            already += 1;
        } else {
            offers.push(offer);
        }
    }
    Ok((offers, already))
}

fn offer(
    world: &mut World<'_>,
    node: Node,
    have: &Have,
    budget: usize,
) -> Result<Offer, QueryError> {
    let file = node.unit.file();
    let outline = world.outline(file)?;
    let (name, lines, bytes, signature) = match node.unit {
        Unit::Lines(_, lines) => (String::new(), lines, lines.count() * 36, None),
        Unit::Symbol(_, number) => {
            let symbol = &outline.symbols[number as usize];
            let doc = documented(world, file, symbol, budget)?;
            let mut lines = lines_of(symbol, doc);
            let mut bytes = symbol.span.len();
            let is_long = lines.count() > WHOLE_TYPE_LINES;
            if symbol.kind.is_container() && is_code(symbol.kind) && is_long {
                let members = outline.symbols.iter().filter(|member| {
                    member.parent.is_some_and(|parent| parent.0 == number)
                        && member.kind.is_callable()
                });
                let first = members.map(|member| member.lines.start).min();
                let end = first.map_or(lines.end, |first| first.saturating_sub(1));
                let end = end.clamp(symbol.lines.start, symbol.lines.start + HEAD_LINES);
                lines = LineSpan::new(lines.start, end.min(lines.end));
                bytes = bytes.min(lines.count() * 36);
            }
            let text = symbol.signature.trim();
            let signature = (!text.is_empty() && is_code(symbol.kind))
                .then(|| (symbol.lines.start, text.to_owned()));
            (symbol.qualified_name(), lines, bytes, signature)
        }
    };
    let path = world.snapshot.view().file(file).path.as_str();
    let missing = have.missing(path, lines);
    let is_known = |line: u32| have.missing(path, LineSpan::new(line, line)).is_empty();
    let signature = signature.filter(|(line, _)| !is_known(*line));
    let estimate = (bytes as f32 / BYTES_PER_TOKEN) as usize + BLOCK_TOKENS;
    Ok(Offer {
        node,
        name,
        lines: missing,
        estimate,
        signature,
        counted: None,
        counted_signature: None,
    })
}

/// The line where the doc comment above a definition starts, if it is short beside the budget.
fn documented(
    world: &mut World<'_>,
    file: FileId,
    symbol: &flux_core::Symbol,
    budget: usize,
) -> Result<Option<u32>, QueryError> {
    let is_above = !symbol.doc.is_empty() && symbol.doc.start < symbol.span.start;
    if !is_above || symbol.doc.len() as usize > budget / 25 {
        return Ok(None);
    }
    // The graph knows lines without the text, which most offers never need.
    match world.graph() {
        Some(graph) if graph.has(file)? => Ok(Some(graph.line_of(file, symbol.doc.start)?)),
        _ => Ok(world.text(file).map(|text| text.line_of(symbol.doc.start))),
    }
}

/// A way to take an offer, and what it gives.
struct Way {
    offer: usize,
    taken: Taken,
    density: f32,
}

/// Takes from `offers` what gives most within `allowance` tokens.
pub(super) fn choose(
    world: &mut World<'_>,
    offers: &mut [Offer],
    counter: &dyn TokenCounter,
    parameters: &PackParameters,
    allowance: usize,
) -> Vec<Taken> {
    let mut ways = ways(offers, parameters);
    ways.sort_by(|a, b| b.density.total_cmp(&a.density).then_with(|| a.offer.cmp(&b.offer)));
    let mut taken = vec![Taken::No; offers.len()];
    let mut files: Vec<FileId> = Vec::new();
    let mut left = allowance;
    for way in ways {
        if left < BLOCK_TOKENS / 2 {
            break;
        }
        let (offer, before) = (&mut offers[way.offer], taken[way.offer]);
        if before == Taken::Whole || (way.taken == Taken::Whole && offer.estimate / 2 > left) {
            continue;
        }
        let file = offer.node.unit.file();
        let heading = if files.contains(&file) { 0 } else { FILE_TOKENS };
        let refund = if before == Taken::Signature { offer.signature_cost(counter) } else { 0 };
        let cost = match way.taken {
            Taken::Signature => Some(offer.signature_cost(counter)),
            _ => offer.whole_cost(world, counter),
        };
        let Some(cost) = cost else { continue };
        if cost + heading > left + refund {
            continue;
        }
        left = left + refund - cost - heading;
        taken[way.offer] = way.taken;
        if heading > 0 {
            files.push(file);
        }
    }
    taken
}

fn ways(offers: &[Offer], parameters: &PackParameters) -> Vec<Way> {
    let density =
        |gain: f32, cost: f32| gain / (cost + parameters.base_cost).powf(parameters.cost_power);
    let mut ways = Vec::with_capacity(offers.len() * 2);
    let first = first_of_files(offers);
    for (at, offer) in offers.iter().enumerate() {
        let value = offer.node.value;
        let cost = offer.estimate as f32;
        let whole = density(value, cost);
        let signature = offer.signature.as_ref().map(|(_, text)| {
            let cost = text.len() as f32 / BYTES_PER_TOKEN + 3.0;
            (density(value * parameters.signature_share, cost), cost)
        });
        let is_beside = offer.node.is_beside();
        let is_first = first.contains(&at);
        let boost = if is_first { parameters.first_of_file } else { 1.0 };
        let signature = signature.map(|(density, cost)| (density * boost, cost));
        match signature {
            Some((first, small)) if first > whole || is_beside => {
                ways.push(Way { offer: at, taken: Taken::Signature, density: first });
                let share = if is_beside { parameters.sibling_body } else { 1.0 };
                let rest = value * (1.0 - parameters.signature_share) * share;
                let density = density(rest, (cost - small).max(1.0));
                ways.push(Way { offer: at, taken: Taken::Whole, density });
            }
            _ => ways.push(Way { offer: at, taken: Taken::Whole, density: whole }),
        }
    }
    ways
}

/// The best offer of each file that has a signature.
fn first_of_files(offers: &[Offer]) -> BTreeSet<usize> {
    let mut best: BTreeMap<FileId, usize> = BTreeMap::new();
    for (at, offer) in offers.iter().enumerate() {
        let known = best.entry(offer.node.unit.file()).or_insert(at);
        if offer.node.value > offers[*known].node.value {
            *known = at;
        }
    }
    best.into_values().filter(|at| offers[*at].signature.is_some()).collect()
}

impl Offer {
    fn signature_cost(&mut self, counter: &dyn TokenCounter) -> usize {
        let Some((line, text)) = &self.signature else { return 0 };
        *self.counted_signature.get_or_insert_with(|| counter.count(&format!("{line}: {text}\n")))
    }

    fn whole_cost(&mut self, world: &mut World<'_>, counter: &dyn TokenCounter) -> Option<usize> {
        if self.counted.is_none() {
            let text = world.text(self.node.unit.file())?;
            let last = text.line_count();
            let lines = self.lines.iter().filter(|lines| lines.end <= last);
            let tokens = lines.map(|lines| counter.count(text.lines(*lines)) + BLOCK_TOKENS).sum();
            self.counted = Some(tokens).filter(|tokens| *tokens > 0);
        }
        self.counted
    }
}
