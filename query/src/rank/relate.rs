//! What the candidates of one query say of each other, and of the query: how far the best is
//! ahead, and which files and folders many of them share.

use std::collections::HashMap;

use flux_core::FileId;

use super::candidates::share;
use super::features::{Feature, Features};
use super::{Found, Traits};
use crate::kind::QueryKind;

/// Candidates among which files and folders are counted.
const CROWD: usize = 40;

impl Traits {
    /// Sets what is the same for all candidates.
    pub(super) fn describe(&self, features: &mut Features) {
        features.set_if(Feature::SymbolQuery, self.kind == QueryKind::Symbol);
        features.set_if(Feature::IssueQuery, self.kind == QueryKind::Issue);
        features.set_if(Feature::HowQuery, self.asks_how);
        features.set(Feature::QueryTerms, super::hits::logarithm(self.terms));
        features.set(Feature::BestWords, self.best_words);
        features.set(Feature::BestSimilarity, self.best_similarity);
    }
}

/// Sets the features that compare candidates.
pub(super) fn relate(found: &mut [Found]) {
    let most = |feature: Feature, found: &[Found]| {
        found.iter().map(|one| one.features.get(feature)).fold(0.0, f32::max)
    };
    let best_name = most(Feature::Name, found);
    let best_file_name = most(Feature::FileName, found);
    let order = by_sum(found);
    let best_sum = order.first().map_or(0.0, |at| found[*at].features.sum());
    let crowd = Crowd::of(found, &order);
    let mut of_file: HashMap<FileId, u32> = HashMap::new();
    for (rank, at) in (1_u32..).zip(order) {
        let place = of_file.entry(found[at].hit.file).or_default();
        *place += 1;
        let first_of_file = 1.0 / *place as f32;
        let (file_crowd, folder_crowd) = crowd.around(&found[at]);
        let features = &mut found[at].features;
        let sum = features.sum();
        features.set(Feature::Sum, sum);
        features.set(Feature::SumLead, share(sum, best_sum));
        features.set(Feature::SumRank, 1.0 / rank as f32);
        features.set(Feature::NameLead, share(features.get(Feature::Name), best_name));
        features.set(Feature::FileNameLead, share(features.get(Feature::FileName), best_file_name));
        features.set(Feature::BestName, best_name);
        features.set(Feature::FirstOfFile, first_of_file);
        features.set(Feature::FileCrowd, file_crowd);
        features.set(Feature::FolderCrowd, folder_crowd);
    }
}

/// Positions, best sum first.
fn by_sum(found: &[Found]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..found.len()).collect();
    let tie = |at: usize| (found[at].hit.file, found[at].hit.chunk);
    order.sort_by(|a, b| {
        let (left, right) = (&found[*a].features, &found[*b].features);
        right.sum().total_cmp(&left.sum()).then_with(|| tie(*a).cmp(&tie(*b)))
    });
    order
}

/// How many of the best candidates lie in each file and folder.
struct Crowd {
    files: HashMap<FileId, usize>,
    folders: HashMap<String, usize>,
    all: usize,
}

impl Crowd {
    fn of(found: &[Found], order: &[usize]) -> Self {
        let (mut files, mut folders) = (HashMap::new(), HashMap::new());
        let best = &order[..order.len().min(CROWD)];
        for at in best {
            let hit = &found[*at].hit;
            *files.entry(hit.file).or_default() += 1;
            *folders.entry(hit.path.parent().to_owned()).or_default() += 1;
        }
        Self { files, folders, all: best.len().max(1) }
    }

    /// The shares of the best that lie in the same file and in the same folder.
    fn around(&self, found: &Found) -> (f32, f32) {
        let in_file = self.files.get(&found.hit.file).copied().unwrap_or(0);
        let in_folder = self.folders.get(found.hit.path.parent()).copied().unwrap_or(0);
        (in_file as f32 / self.all as f32, in_folder as f32 / self.all as f32)
    }
}
