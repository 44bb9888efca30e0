//! Mentions that are neither the name of a definition nor part of an import.

use flux_core::{ByteSpan, Import, Reference, References};

use super::walk::FoundMention;
use crate::intern::Interner;

/// Numbers the names of what is left when definitions and imports are taken out.
pub(super) fn resolve(
    source: &str,
    mentions: &[FoundMention],
    definition_names: &[ByteSpan],
    imports: Vec<Import>,
) -> References {
    let mut taken: Vec<ByteSpan> = definition_names.to_vec();
    taken.extend(imports.iter().map(|import| import.span));
    taken.sort_unstable();
    let mut taken = taken.into_iter().peekable();
    let mut taken_until = 0;
    let mut interner = Interner::with_capacity(mentions.len() / 3);
    let mut references = Vec::with_capacity(mentions.len());
    for mention in mentions {
        while let Some(span) = taken.next_if(|span| span.start <= mention.start) {
            taken_until = taken_until.max(span.end);
        }
        if mention.start < taken_until {
            continue;
        }
        let span = ByteSpan::new(mention.start, mention.end);
        let name = interner.number(span.of(source));
        references.push(Reference { name, role: mention.role, span });
    }
    References { names: interner.into_names(), references, imports }
}
