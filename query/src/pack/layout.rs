//! From what was chosen to blocks: by file, in order of lines, merged where they touch.

use std::collections::BTreeMap;

use flux_core::{FileId, LineSpan, Outline};

use super::choose::{Offer, Taken};
use super::expand::parents;
use super::have::Have;
use super::world::{Unit, World};
use super::{BlockKind, Link, PackBlock, PackFile, Reason};
use crate::error::QueryError;

/// Blocks with fewer lines between them become one.
const MAX_GAP: u32 = 2;
/// Reasons given for one block.
const MAX_REASONS: usize = 3;

/// What was chosen of one file.
#[derive(Default)]
struct Chosen {
    /// Lines, and the offers behind them.
    bodies: Vec<(LineSpan, Vec<usize>)>,
    /// Signatures by their line, each with the offer behind it; none for a container's that is
    /// there to say where the others lie.
    signatures: BTreeMap<u32, (String, Option<usize>)>,
    /// The best value in it, and the sum.
    value: f32,
}

/// The files of a pack, the most useful first.
pub(super) fn files(
    world: &mut World<'_>,
    offers: &[Offer],
    taken: &[Taken],
    have: &Have,
) -> Result<Vec<PackFile>, QueryError> {
    let mut chosen: BTreeMap<FileId, Chosen> = BTreeMap::new();
    for (at, offer) in offers.iter().enumerate() {
        let file = offer.node.unit.file();
        match taken[at] {
            Taken::No => continue,
            Taken::Whole => {
                let bodies = offer.lines.iter().map(|lines| (*lines, vec![at]));
                chosen.entry(file).or_default().bodies.extend(bodies);
            }
            Taken::Signature => {
                let outline = world.outline(file)?;
                chosen.entry(file).or_default().sign(offer, at, &outline);
            }
        }
        let chosen = chosen.entry(file).or_default();
        chosen.value = chosen.value.max(offer.node.value);
    }
    let mut ordered: Vec<(FileId, Chosen)> = chosen.into_iter().collect();
    ordered.sort_by(|a, b| b.1.value.total_cmp(&a.1.value).then_with(|| a.0.cmp(&b.0)));
    let files =
        ordered.into_iter().map(|(file, chosen)| lay_out(world, file, chosen, (offers, have)));
    Ok(files.filter(|file| !file.blocks.is_empty()).collect())
}

impl Chosen {
    /// Adds a signature, below those of what it lies in.
    fn sign(&mut self, offer: &Offer, at: usize, outline: &Outline) {
        let Some((line, text)) = &offer.signature else { return };
        let Unit::Symbol(_, number) = offer.node.unit else { return };
        let around = parents(&outline.symbols, number);
        for parent in &around {
            let parent = &outline.symbols[*parent as usize];
            let text = parent.signature.trim();
            let is_same_line = parent.lines.start == *line;
            if !text.is_empty() && !is_same_line {
                self.signatures
                    .entry(parent.lines.start)
                    .or_insert_with(|| (text.to_owned(), None));
            }
        }
        self.signatures.insert(*line, (text.clone(), Some(at)));
    }
}

fn lay_out(
    world: &mut World<'_>,
    file: FileId,
    chosen: Chosen,
    (offers, have): (&[Offer], &Have),
) -> PackFile {
    let path = world.snapshot.view().file(file).path.as_str();
    let bodies = merged(chosen.bodies, |gap| have.missing(path, gap) == [gap]);
    let mut blocks = Vec::new();
    if let Some(text) = world.text(file) {
        for (lines, behind) in &bodies {
            let text = text.lines(*lines).to_owned();
            blocks.push(block(BlockKind::Body, *lines, text, behind, offers));
        }
    }
    let is_shown =
        |line: u32| bodies.iter().any(|(lines, _)| lines.start <= line && line <= lines.end);
    let mut pending: Vec<(u32, String, Option<usize>)> = Vec::new();
    let mut outlines = Vec::new();
    for (line, (text, behind)) in chosen.signatures {
        let breaks = pending.last().is_some_and(|(last, _, _)| {
            bodies.iter().any(|(lines, _)| *last < lines.start && lines.start < line)
        });
        if breaks {
            outlines.extend(outline_block(std::mem::take(&mut pending), offers));
        }
        if !is_shown(line) {
            pending.push((line, text, behind));
        }
    }
    outlines.extend(outline_block(pending, offers));
    blocks.append(&mut outlines);
    blocks.sort_by_key(|block| (block.lines, block.kind == BlockKind::Outline));
    let view = world.snapshot.view();
    let entry = view.file(file);
    PackFile {
        file,
        path: entry.path.clone(),
        language: view.language(entry).to_string(),
        class: entry.class(),
        blocks,
    }
}

/// Joins lines that overlap or nearly touch.
fn merged(
    mut bodies: Vec<(LineSpan, Vec<usize>)>,
    may_show: impl Fn(LineSpan) -> bool,
) -> Vec<(LineSpan, Vec<usize>)> {
    let joins = |last: u32, next: u32| {
        let is_near = next <= last.saturating_add(MAX_GAP);
        is_near && (next <= last + 1 || may_show(LineSpan::new(last + 1, next - 1)))
    };
    bodies.sort();
    let mut merged: Vec<(LineSpan, Vec<usize>)> = Vec::new();
    for (lines, mut behind) in bodies {
        match merged.last_mut() {
            Some((last, others)) if joins(last.end, lines.start) => {
                last.end = last.end.max(lines.end);
                others.append(&mut behind);
            }
            _ => merged.push((lines, behind)),
        }
    }
    merged
}

fn outline_block(
    signatures: Vec<(u32, String, Option<usize>)>,
    offers: &[Offer],
) -> Option<PackBlock> {
    let behind: Vec<usize> = signatures.iter().filter_map(|(_, _, behind)| *behind).collect();
    // Containers alone would head nothing.
    if behind.is_empty() {
        return None;
    }
    let lines = LineSpan::new(signatures.first()?.0, signatures.last()?.0);
    let text: Vec<String> =
        signatures.iter().map(|(line, text, _)| format!("{line}: {}", one_line(text))).collect();
    Some(block(BlockKind::Outline, lines, text.join("\n"), &behind, offers))
}

/// Text without what would end a line.
pub(super) fn one_line(text: &str) -> String {
    let is_break = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    text.replace(is_break, " ")
}

fn block(
    kind: BlockKind,
    lines: LineSpan,
    text: String,
    behind: &[usize],
    offers: &[Offer],
) -> PackBlock {
    let mut behind: Vec<&Offer> = behind.iter().map(|at| &offers[*at]).collect();
    behind.sort_by(|a, b| b.node.value.total_cmp(&a.node.value));
    let mut reasons: Vec<Reason> = Vec::new();
    let limit = if kind == BlockKind::Body { MAX_REASONS } else { 1 };
    for offer in &behind {
        let strongest = offer.node.links.iter().max_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, link)) = strongest else { continue };
        let reason = Reason { symbol: offer.name.clone(), link: link.clone() };
        // That something lies in a file that was found says little beside other reasons.
        let is_told =
            reasons.contains(&reason) || (reason.link == Link::SameFile && !reasons.is_empty());
        if !is_told && reasons.len() < limit {
            reasons.push(reason);
        }
    }
    let value = behind.first().map_or(0.0, |offer| offer.node.value);
    PackBlock { kind, lines, text, reasons, value }
}
