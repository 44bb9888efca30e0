//! Refactorings as lines of text: what changes how often, and what was left alone.

use flux_agent::edit::refusal::Candidate;
use flux_agent::refactor::{Certainty, Moved, Place, Rename, Signature};

/// Places left alone that are listed; more are counted.
const MAX_UNPROVEN: usize = 20;

/// What a rename does.
pub fn rename(rename: &Rename) -> Vec<String> {
    let Rename { old, new, definitions, places, unproven, plan, touched } = rename;
    let inferred = places.iter().filter(|one| one.certainty == Certainty::Inferred).count();
    let mut lines = vec![format!(
        "rename {old} to {new}: {} definitions, {} places in {} files, {inferred} of them inferred",
        definitions.len(),
        places.len(),
        plan.files.len(),
    )];
    for one in definitions.iter().take(MAX_UNPROVEN) {
        let (path, line) = (&one.path, one.name_line);
        lines.push(format!("{path}:{line}: {} {}", one.kind.as_str(), one.qualified_name));
    }
    lines.push(format!(
        "impact: {} definitions of code and {} of tests mention it",
        touched.0, touched.1
    ));
    if !unproven.is_empty() {
        lines.push(format!("not proven to mean it, and left alone: {}", unproven.len()));
        lines.extend(unproven.iter().take(MAX_UNPROVEN).map(line));
        let rest = unproven.len().saturating_sub(MAX_UNPROVEN);
        if rest > 0 {
            lines.push(format!("and {rest} more"));
        }
    }
    lines
}

/// What a move does.
pub fn moved(moved: &Moved) -> Vec<String> {
    let Moved { name, from, to, is_created, definitions, uses, imports, widened, .. } = moved;
    let made = if *is_created { ", which is made" } else { "" };
    let mut lines = vec![format!(
        "move {name} from {from} to {to}{made}: {} uses, {} files change",
        uses.len(),
        moved.plan.files.len(),
    )];
    for one in definitions {
        let (path, line) = (&one.path, one.name_line);
        lines.push(format!("{path}:{line}: {} {}", one.kind.as_str(), one.qualified_name));
    }
    lines.extend(imports.iter().map(|import| format!("needs there: {import}")));
    if !widened.is_empty() {
        lines.push(format!("made visible further: {}", widened.len()));
        lines.extend(widened.iter().map(shown));
    }
    if !moved.unproven.is_empty() {
        lines.push(format!("may mean it, and left alone: {}", moved.unproven.len()));
        lines.extend(moved.unproven.iter().take(MAX_UNPROVEN).map(shown));
        let rest = moved.unproven.len().saturating_sub(MAX_UNPROVEN);
        if rest > 0 {
            lines.push(format!("and {rest} more"));
        }
    }
    lines
}

/// What a change of a signature does.
pub fn signature(signature: &Signature) -> Vec<String> {
    let Signature { name, definitions, parameters, changed, kept, unproven, plan, .. } = signature;
    let (old, new) = parameters;
    let mut lines = vec![
        format!("{name}{old} becomes {name}{new}"),
        format!(
            "{} definitions and {} calls in {} files change, {kept} calls stay as they are",
            definitions.len(),
            changed.len(),
            plan.files.len(),
        ),
    ];
    for one in definitions.iter().take(MAX_UNPROVEN) {
        let (path, line) = (&one.path, one.name_line);
        lines.push(format!("{path}:{line}: {} {}", one.kind.as_str(), one.qualified_name));
    }
    if !unproven.is_empty() {
        lines.push(format!("may call it, and left alone: {}", unproven.len()));
        lines.extend(unproven.iter().take(MAX_UNPROVEN).map(shown));
        let rest = unproven.len().saturating_sub(MAX_UNPROVEN);
        if rest > 0 {
            lines.push(format!("and {rest} more"));
        }
    }
    lines
}

fn shown(at: &Candidate) -> String {
    format!("  {}:{}: {}", at.path.escape_debug(), at.line, at.text)
}

fn line(place: &Place) -> String {
    let shown = &place.shown;
    format!("  {}:{}: {}", shown.path.escape_debug(), shown.line, shown.text)
}
