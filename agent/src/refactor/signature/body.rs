//! Whether a function uses a parameter that is to go.

use flux_core::{ByteSpan, Target};
use flux_engine::syntax::{WordRole, offsets};

use super::shape::Shape;
use crate::edit::refusal::Candidate;
use crate::refactor::sources::Source;

/// The uses of parameters that go, but for those in arguments that go as well.
pub(super) fn uses(
    source: &Source,
    shape: &Shape,
    dropped: &[ByteSpan],
) -> Vec<(String, Candidate)> {
    let mut found = Vec::new();
    for index in shape.removed() {
        let (Some(name), Some(name_span)) = (&shape.names[index], shape.old.all[index].name) else {
            continue;
        };
        let rest = shape.old.rest;
        let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
        for start in offsets(rest.of(&source.text), name) {
            let span = ByteSpan::new(rest.start + start, rest.start + start + length);
            let is_dropped =
                dropped.iter().any(|one| one.start <= span.start && span.end <= one.end);
            if !is_dropped && is_use(source, span, name_span) {
                found.push((name.clone(), source.shown(span.start)));
            }
        }
    }
    found.dedup();
    found
}

fn is_use(source: &Source, span: ByteSpan, name_span: ByteSpan) -> bool {
    match source.word(span).role {
        WordRole::Comment | WordRole::Prose | WordRole::Member | WordRole::Keyword => false,
        // Formats of Rust name variables: "{name}".
        WordRole::String => {
            let (before, after) =
                (&source.text[..span.start as usize], &source.text[span.end as usize..]);
            source.language == "rust" && before.ends_with('{') && after.starts_with(['}', ':'])
        }
        WordRole::Bare | WordRole::Shorthand | WordRole::ShorthandPattern(_) | WordRole::Unread => {
            let targets: Vec<Target> = source.at(span.start).iter().map(|one| one.target).collect();
            let is_it = |target: &Target| match target {
                Target::Local(offset) => *offset == name_span.start,
                Target::Definition(definition) => {
                    let index = definition.index.0 as usize;
                    definition.file == source.file
                        && source
                            .definitions
                            .get(index)
                            .is_some_and(|one| one.name_span == name_span)
                }
                Target::External(_) => false,
                Target::Unresolved(_) => true,
            };
            targets.is_empty() || targets.iter().any(is_it)
        }
    }
}
