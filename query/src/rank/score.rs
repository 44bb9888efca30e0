//! Scores: the hand-made sum, or what the learned model makes of it, and where each comes from.

use std::sync::LazyLock;

use super::features::Feature;
use super::model::{Model, Models};
use super::spread::{Placed, SameFile};
use super::{Found, Ranker};
use crate::hit::{Hit, Signal};
use crate::kind::QueryKind;
use crate::parameters::Parameters;

/// The model learned by `flux-eval train-ranker`.
const BUILTIN: &str = include_str!("../../models/ranker.txt");
/// Parts smaller than this are not worth a word.
const MENTIONED: f32 = 0.0005;

/// Everything that can be varied about ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// The numbers of the hand-made sum.
    pub parameters: Parameters,
    /// What was learned on top of it; without, the sum decides.
    pub models: Option<Models>,
    /// Who brings candidates.
    pub retrievers: Retrievers,
}

/// Who brings candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retrievers {
    /// Words of the text.
    pub words: bool,
    /// Exact names.
    pub names: bool,
    /// Vectors.
    pub meaning: bool,
}

static RANKING: LazyLock<Ranking> = LazyLock::new(|| Ranking {
    models: Some(Models::parse(BUILTIN).expect("the model in the tree is checked by a test")),
    ..Ranking::unlearned(Parameters::DEFAULT)
});

impl Ranking {
    /// The ranking in use.
    pub fn builtin() -> &'static Self {
        &RANKING
    }

    /// All retrievers and the sum alone.
    pub fn unlearned(parameters: Parameters) -> Self {
        let retrievers = Retrievers { words: true, names: true, meaning: true };
        Self { parameters, models: None, retrievers }
    }

    /// The model for queries of a kind.
    pub(super) fn model(&self, kind: QueryKind) -> Option<&Model> {
        Some(self.models.as_ref()?.of(kind))
    }

    /// What each further hit of a file counts in queries of a kind.
    pub(super) fn same_file(&self, kind: QueryKind) -> SameFile {
        match self.model(kind) {
            Some(model) => SameFile::Less(model.same_file),
            None => SameFile::Times(self.parameters.same_file),
        }
    }
}

impl Ranker<'_> {
    /// What decides the place of a hit.
    pub(super) fn placed(&self, found: &Found) -> Placed {
        let score = match self.ranking.model(self.traits.kind) {
            Some(model) => model.score(&found.features),
            None => found.features.sum(),
        };
        let content = self.snapshot.view().file(found.hit.file).content();
        Placed { file: found.hit.file, content, lines: found.hit.lines, score }
    }

    /// The hit with its score, which `before` better hits of its file take from, and its signals.
    pub(super) fn explained(&self, found: &Found, score: f32, before: usize) -> Hit {
        let mut signals = match self.ranking.model(self.traits.kind) {
            Some(model) => learned_signals(model, found),
            None => sum_signals(found),
        };
        let same_file = self.ranking.same_file(self.traits.kind);
        if before > 0 {
            let value = match same_file {
                SameFile::Times(factor) => factor.powi(before as i32),
                SameFile::Less(cost) => -cost * before as f32,
            };
            signals.push(Signal { name: "same file", value, rank: None });
        }
        Hit { score: same_file.apply(score, before), signals, ..found.hit.clone() }
    }
}

/// What the sum adds, and by what it is multiplied at last.
fn sum_signals(found: &Found) -> Vec<Signal> {
    let added = Feature::ADDED.iter().map(|feature| (*feature, found.features.get(*feature)));
    let mut signals: Vec<Signal> = added
        .filter(|(_, value)| *value != 0.0)
        .map(|(feature, value)| Signal { name: feature.name(), value, rank: found.rank(feature) })
        .collect();
    if let Some(name) = found.demoted {
        signals.push(Signal { name, value: found.features.get(Feature::Demotion), rank: None });
    }
    signals
}

/// What every feature adds to the model's score. What the logarithm of the sum counts is shared
/// out among the sum's parts by their size, and what the file's class takes from it is its own.
fn learned_signals(model: &Model, found: &Found) -> Vec<Signal> {
    let features = &found.features;
    let verdict = model.explain(features);
    let added: f32 = Feature::ADDED.iter().map(|feature| features.get(*feature)).sum();
    let mut parts = [0.0_f32; Feature::COUNT];
    for (feature, part) in &verdict.parts {
        parts[*feature as usize] = *part;
    }
    let whole = model.base_of(added);
    if added > 0.0 {
        for feature in Feature::ADDED {
            parts[*feature as usize] += whole * features.get(*feature) / added;
        }
    }
    parts[Feature::Demotion as usize] += model.base_of(features.sum()) - whole;
    parts[Feature::Sum as usize] += verdict.base - model.base_of(features.sum());
    let name = |feature: Feature| match (feature, found.demoted) {
        (Feature::Demotion, Some(name)) => name,
        (Feature::Demotion, None) => "plain source",
        _ => feature.name(),
    };
    let mut signals: Vec<Signal> = Feature::ALL
        .iter()
        .zip(parts)
        .filter(|(_, part)| part.abs() >= MENTIONED)
        .map(|(feature, value)| Signal { name: name(*feature), value, rank: found.rank(*feature) })
        .collect();
    signals.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()));
    signals
}

impl Found {
    fn rank(&self, feature: Feature) -> Option<u32> {
        match feature {
            Feature::Words => self.places.words,
            Feature::FileWords => self.places.file,
            Feature::Meaning => self.places.meaning,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BUILTIN, Ranking};
    use crate::rank::model::Models;

    #[test]
    fn the_model_in_the_tree_is_read_and_written_alike() {
        let models = Models::parse(BUILTIN).unwrap();
        assert_eq!(models.to_text(), BUILTIN);
        assert_eq!(Ranking::builtin().models.as_ref(), Some(&models));
    }
}
