//! How much a graph holds of what.

use flux_core::{EdgeKind, FileId, Tier, Unresolved};

use super::adjacency::Adjacency;
use super::format::{Column, RawTarget};
use super::reader::GraphReader;
use crate::error::StoreError;

/// How much a graph holds of what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GraphCounts {
    /// Occurrences of each [`EdgeKind`] whose target is a definition, in order of declaration.
    pub by_kind: [usize; EdgeKind::ALL.len()],
    /// Those of each [`Tier`].
    pub by_tier: [usize; Tier::ALL.len()],
    /// Occurrences of local variables.
    pub local: usize,
    /// Occurrences of what lies outside the tree.
    pub external: usize,
    /// Occurrences without a target, for each reason of [`Unresolved`].
    pub unresolved: [usize; Unresolved::ALL.len()],
}

impl GraphReader {
    /// Counts all occurrences; reads each once.
    pub fn counts(&self) -> Result<GraphCounts, StoreError> {
        let nodes = Adjacency::new(self, None)?.nodes()?;
        let mut counts = GraphCounts::default();
        for file in (0..self.file_count() as u32).map(FileId) {
            let Some(place) = self.place(file)? else { continue };
            for raw in place.segment.occurrences(place.range(Column::Occurrence)?)? {
                let raw = raw?;
                match raw.target {
                    RawTarget::Definition(number) if nodes.of(number).is_some() => {
                        counts.by_kind[raw.kind as usize] += 1;
                        counts.by_tier[raw.tier as usize] += 1;
                    }
                    RawTarget::Definition(_) => {
                        counts.unresolved[Unresolved::NoSuchMember as usize] += 1;
                    }
                    RawTarget::Local(_) => counts.local += 1,
                    RawTarget::External(_) => counts.external += 1,
                    RawTarget::Unresolved(reason) => counts.unresolved[reason as usize] += 1,
                }
            }
        }
        Ok(counts)
    }
}
