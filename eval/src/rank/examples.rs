//! Examples: the candidates of every question with their features, and which targets they cover.

use std::collections::BTreeMap;

use flux_engine::query::rank::features::Group;
use flux_engine::query::rank::spread::{Placed, SameFile, spread};
use flux_engine::query::{Feature, Features, Hit, QueryKind, Ranking};
use rayon::prelude::*;

use super::opened::{Opened, Set};
use crate::metrics::{Found, Scores, ranks, score};
use crate::suite::{Lines, Question, Target};

/// Questions with all their candidates.
pub(crate) struct Examples {
    /// Names of the sets.
    pub(crate) sets: Vec<String>,
    /// Names of the repositories.
    pub(crate) repositories: Vec<String>,
    pub(crate) queries: Vec<Query>,
}

/// A question with its candidates.
#[derive(Clone)]
pub(crate) struct Query {
    /// Position in [`Examples::sets`].
    pub(crate) set: usize,
    /// Position in [`Examples::repositories`].
    pub(crate) repository: usize,
    pub(crate) category: String,
    pub(crate) kind: QueryKind,
    pub(crate) targets: usize,
    /// What it counts in training, 1 in the mean. Sets count alike; within a set a repository
    /// counts by the root of the number of its questions, so that none drowns the others.
    pub(crate) weight: f32,
    pub(crate) candidates: Vec<Candidate>,
}

/// A candidate, judged.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub(crate) features: Features,
    /// Targets it covers, one bit each.
    pub(crate) covers: u64,
    /// Whether it lies in the file of a target and misses its lines.
    pub(crate) is_near: bool,
    place: Placed,
}

/// Repositories with up to so many questions are always asked all.
const FEW: usize = 40;

/// The questions of a repository that are asked.
pub(crate) fn asked(opened: &Opened, every: usize) -> impl Iterator<Item = &Question> {
    let every = if opened.questions.len() > FEW { every } else { 1 };
    opened.questions.iter().step_by(every)
}

impl Examples {
    /// Asks the questions of `sets`, of repositories with many every so manieth.
    pub(crate) fn collect(sets: &[Set], ranking: &Ranking, every: usize) -> anyhow::Result<Self> {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        for opened in sets.iter().flat_map(|set| &set.repositories) {
            let next = numbers.len();
            numbers.entry(&opened.name).or_insert(next);
        }
        let mut queries = Vec::new();
        for (number, set) in sets.iter().enumerate() {
            for opened in &set.repositories {
                let questions: Vec<&Question> = asked(opened, every).collect();
                let weight = (questions.len() as f32).sqrt().recip();
                let repository = numbers[opened.name.as_str()];
                let judged = questions.into_par_iter().map(|question| {
                    let candidates = candidates(opened, question, ranking)?;
                    let asks_name = |one: &Candidate| one.features.get(Feature::SymbolQuery) > 0.0;
                    let kind = match candidates.first().is_some_and(asks_name) {
                        true => QueryKind::Symbol,
                        false => QueryKind::Natural,
                    };
                    Ok(Query {
                        set: number,
                        repository,
                        category: question.category.clone(),
                        kind,
                        targets: question.targets.len(),
                        weight,
                        candidates,
                    })
                });
                queries.extend(judged.collect::<anyhow::Result<Vec<_>>>()?);
            }
        }
        for set in 0..sets.len() {
            let own = || queries.iter().filter(|query: &&Query| query.set == set);
            let total: f32 = own().map(|query| query.weight).sum();
            let share = queries.len() as f32 / sets.len() as f32 / total;
            let own = queries.iter_mut().filter(|query| query.set == set);
            own.for_each(|query| query.weight *= share);
        }
        let mut repositories = vec![String::new(); numbers.len()];
        for (name, number) in numbers {
            repositories[number] = name.to_owned();
        }
        Ok(Self { sets: sets.iter().map(|set| set.name.clone()).collect(), repositories, queries })
    }

    /// The same with groups of features left out, and without the candidates that only their
    /// retriever found.
    pub(crate) fn without(&self, groups: &[Group]) -> Self {
        let queries = self.queries.iter().map(|query| {
            let mut query = query.clone();
            for candidate in &mut query.candidates {
                candidate.features = candidate.features.without(groups);
            }
            query.candidates.retain(|candidate| candidate.features.sum() > 0.0);
            query
        });
        Self {
            sets: self.sets.clone(),
            repositories: self.repositories.clone(),
            queries: queries.collect(),
        }
    }
}

fn candidates(
    opened: &Opened,
    question: &Question,
    ranking: &Ranking,
) -> anyhow::Result<Vec<Candidate>> {
    let found = opened.consider(question, ranking)?;
    let view = opened.snapshot().view();
    let judged = found.into_iter().map(|(hit, features)| {
        let content = view.file(hit.file).content();
        let place = Placed { file: hit.file, content, lines: hit.lines, score: 0.0 };
        let (covers, is_near) = judge(&hit, &question.targets);
        Candidate { features, covers, is_near, place }
    });
    Ok(judged.collect())
}

/// The targets that a hit covers, and whether it lies in the file of one that it misses.
fn judge(hit: &Hit, targets: &[Target]) -> (u64, bool) {
    let path = hit.path.to_string();
    let lines = Lines { start: hit.lines.start, end: hit.lines.end };
    let here = [Found { path: path.clone(), lines: Some(lines) }];
    let file = [Found { path, lines: None }];
    let (mut covers, mut is_near) = (0, false);
    for (number, target) in targets.iter().take(64).enumerate() {
        let one = std::slice::from_ref(target);
        if ranks(&here, one)[0].is_some() {
            covers |= 1 << number;
        } else {
            is_near |= ranks(&file, one)[0].is_some();
        }
    }
    (covers, is_near)
}

/// Candidates that take part in learning, besides those that cover a target; what lies below
/// hardly ever reaches the first page.
const LEARNED: usize = 50;

impl Query {
    /// The question with only the candidates that are worth learning from.
    pub(crate) fn pruned(&self) -> Self {
        let mut order: Vec<usize> = (0..self.candidates.len()).collect();
        let sum = |at: usize| self.candidates[at].features.sum();
        order.sort_by(|a, b| sum(*b).total_cmp(&sum(*a)).then(a.cmp(b)));
        let (best, rest) = order.split_at(order.len().min(LEARNED));
        let covering = rest.iter().filter(|at| self.candidates[**at].covers != 0);
        let kept = best.iter().chain(covering).map(|at| self.candidates[*at].clone());
        Self { candidates: kept.collect(), category: self.category.clone(), ..*self }
    }

    /// The order in which the candidates are shown, given their scores: positions and what
    /// remains of the scores.
    pub(crate) fn order(&self, scores: &[f32], same_file: SameFile) -> Vec<(usize, f32)> {
        let placed: Vec<Placed> = self
            .candidates
            .iter()
            .zip(scores)
            .map(|(candidate, score)| Placed { score: *score, ..candidate.place })
            .collect();
        spread(&placed, same_file).into_iter().map(|one| (one.index, one.score)).collect()
    }

    /// How well the question is answered.
    pub(crate) fn score(&self, scores: &[f32], same_file: SameFile) -> Scores {
        let mut found: Vec<Option<usize>> = vec![None; self.targets];
        for (rank, (index, _)) in (1..).zip(self.order(scores, same_file)) {
            let covers = self.candidates[index].covers;
            for (number, known) in found.iter_mut().enumerate().take(64) {
                if covers >> number & 1 == 1 && known.is_none() {
                    *known = Some(rank);
                }
            }
        }
        score(&found)
    }

    /// A candidate on one line.
    #[cfg(test)]
    pub(crate) fn candidate(file: u32, line: u32, covers: u64, features: Features) -> Candidate {
        let (file, lines) = (flux_core::FileId(file), flux_core::LineSpan::new(line, line));
        let place = Placed { file, content: None, lines, score: 0.0 };
        Candidate { features, covers, is_near: false, place }
    }
}
