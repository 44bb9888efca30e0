//! The figures of one project, named in JSON as in the scorer that came with the truth files.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Serialize;

use super::kinds::Tier;

/// Precision, recall, and their harmonic mean; each is absent when there is nothing to divide by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Quality {
    #[serde(rename = "P")]
    pub(super) precision: Option<f64>,
    #[serde(rename = "R")]
    pub(super) recall: Option<f64>,
    #[serde(rename = "F1")]
    pub(super) f1: Option<f64>,
}

impl Quality {
    /// The quality of `right` answers beside `wrong` ones where `total` could be right.
    pub(super) fn of(right: usize, wrong: usize, total: usize) -> Self {
        let precision = share(right, right + wrong);
        let recall = share(right, total);
        let f1 = precision.zip(recall).map(|(precision, recall)| {
            // Also where one of the two is zero, so that no sum of zeroes is divided by.
            if right == 0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
        });
        Self { precision, recall, f1 }
    }
}

/// A part of a whole; nothing of nothing.
pub(super) fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Right and wrong answers of one tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Tally {
    pub(super) right: usize,
    pub(super) wrong: usize,
}

impl Tally {
    /// The share that is right.
    pub(super) fn precision(self) -> Option<f64> {
        share(self.right, self.right + self.wrong)
    }
}

/// Right and wrong answers by the certainty that the tool claims.
pub(super) type ByTier = BTreeMap<String, Tally>;

/// Counts an answer for its tier.
pub(super) fn tally(tiers: &mut ByTier, tier: Tier, is_right: bool) {
    let tally = tiers.entry(tier.to_string()).or_default();
    if is_right {
        tally.right += 1;
    } else {
        tally.wrong += 1;
    }
}

/// Found and all, by kind of symbol.
pub(super) type ByKind = BTreeMap<String, (usize, usize)>;

/// Counts one symbol of a kind.
pub(super) fn count(kinds: &mut ByKind, kind: &dyn Display, is_found: bool) {
    let (found, all) = kinds.entry(kind.to_string()).or_default();
    *found += usize::from(is_found);
    *all += 1;
}

/// Declarations found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct DefinitionFigures {
    #[serde(rename = "P")]
    pub(super) precision: Option<f64>,
    #[serde(rename = "R")]
    pub(super) recall: Option<f64>,
    pub(super) by_kind: ByKind,
}

/// References to what the project declares outside functions.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct CoreFigures {
    #[serde(flatten)]
    pub(super) quality: Quality,
    /// The share of answered positions whose first answer is right.
    #[serde(rename = "top1P")]
    pub(super) top1: Option<f64>,
    /// The recall of names that are called.
    #[serde(rename = "callsite_R")]
    pub(super) call_sites: Option<f64>,
}

/// How many positions are judged, and wrong answers by what the truth is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    pub(super) core: usize,
    #[serde(rename = "mod")]
    pub(super) modules: usize,
    #[serde(rename = "loc")]
    pub(super) locals: usize,
    #[serde(rename = "ext")]
    pub(super) external: usize,
    pub(super) fp_on_ext: usize,
    pub(super) fp_on_core: usize,
    pub(super) fp_on_loc: usize,
    pub(super) unjudged: usize,
}

/// Calls found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct CallFigures {
    #[serde(flatten)]
    pub(super) quality: Quality,
    pub(super) n: usize,
    pub(super) unjudged: usize,
}

/// Callers found within three steps, averaged over everything that is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct ImpactFigures {
    #[serde(rename = "R_macro")]
    pub(super) recall: Option<f64>,
    #[serde(rename = "P_macro")]
    pub(super) precision: Option<f64>,
    #[serde(rename = "R_micro")]
    pub(super) micro_recall: Option<f64>,
    pub(super) n: usize,
}

/// Every figure of one project.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Figures {
    #[serde(rename = "defs", skip_serializing_if = "Option::is_none")]
    pub(super) definitions: Option<DefinitionFigures>,
    #[serde(rename = "refs_core")]
    pub(super) core: CoreFigures,
    #[serde(rename = "refs_mod")]
    pub(super) modules: Quality,
    #[serde(rename = "refs_local")]
    pub(super) locals: Quality,
    #[serde(rename = "refs_all")]
    pub(super) all: Quality,
    #[serde(rename = "refs_n")]
    pub(super) counts: Counts,
    #[serde(rename = "refs_by_kind")]
    pub(super) by_kind: ByKind,
    /// Over every judged position; not among the figures of the other scorer.
    #[serde(rename = "refs_by_tier")]
    pub(super) references_by_tier: ByTier,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) calls: Option<CallFigures>,
    #[serde(rename = "calls_by_tier")]
    pub(super) calls_by_tier: ByTier,
    #[serde(rename = "impact3", skip_serializing_if = "Option::is_none")]
    pub(super) impact: Option<ImpactFigures>,
}
