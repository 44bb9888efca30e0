//! Ranking: candidates of all retrievers, their features, a hand-made sum of signals, what a
//! learned model makes of it, then an order that spreads over files.
//!
//! Every signal of the sum is a share between 0 and 1 of what a perfect match would get, times a
//! parameter, so that numbers of different origin can be added. What multiplies (tests, vendored
//! code) comes after what adds. The model starts from the sum and moves candidates by what
//! examples of other repositories taught it.

mod candidates;
mod exact;
pub mod features;
mod focus;
mod hits;
mod meaning;
pub mod model;
mod relate;
mod score;
pub mod spread;

use std::collections::HashMap;

use flux_core::{FileId, Outline};
use flux_store::Snapshot;
use flux_store::lexical::text::Analyzer;
use flux_store::lexical::{Field, Scores};

use crate::error::QueryError;
use crate::filter::{FileFilter, Filter, Tests};
use crate::hit::Hit;
use crate::kind::QueryKind;
use crate::meaning::Meaning;
use crate::names::NameMatcher;
use crate::request::SearchRequest;
use crate::search::Context;
use crate::terms::{Terms, terms};
use features::{Feature, Features};
use meaning::Meant;
use spread::{Placed, spread};

pub use score::{Ranking, Retrievers};

/// A chunk on its way to becoming a hit.
#[derive(Clone, Debug)]
struct Candidate {
    file: FileId,
    chunk: u32,
    /// Which terms it holds.
    matched: u64,
    features: Features,
    places: Places,
}

/// 1-based positions in the retrievers' own lists.
#[derive(Clone, Copy, Debug, Default)]
struct Places {
    words: Option<u32>,
    file: Option<u32>,
    meaning: Option<u32>,
}

/// A hit that has no score yet.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) hit: Hit,
    pub(crate) features: Features,
    places: Places,
    /// As what its file is ranked down.
    demoted: Option<&'static str>,
}

/// The best hits.
pub(crate) struct Ranked {
    pub(crate) hits: Vec<Hit>,
    /// Whether there were more than were asked for.
    pub(crate) is_cut: bool,
    /// Names like the one asked for, when nothing has that.
    pub(crate) similar: Vec<String>,
}

/// Ranks the chunks of a snapshot for `text`.
pub(crate) fn rank(
    context: &Context<'_>,
    text: &str,
    kind: QueryKind,
    request: &SearchRequest,
) -> Result<Ranked, QueryError> {
    with_ranker(context, text, kind, request, |ranker, scores| {
        let found = ranker.found(scores, context.meaning)?;
        let placed: Vec<Placed> = found.iter().map(|one| ranker.placed(one)).collect();
        let same_file = context.ranking.same_file(kind);
        let order = spread(&placed, same_file);
        let is_cut = order.len() > request.limit;
        let mut hits = Vec::with_capacity(order.len().min(request.limit));
        for one in order.iter().take(request.limit) {
            let score = placed[one.index].score;
            let mut hit = ranker.explained(&found[one.index], score, one.before);
            if found[one.index].features.get(Feature::Exact) == 0.0 {
                ranker.focus(&mut hit, &scores.rarity, context);
            }
            hits.push(hit);
        }
        Ok(Ranked { hits, is_cut, similar: std::mem::take(&mut ranker.similar) })
    })
}

/// Everything that could be ranked, with its features, unordered and without scores.
pub(crate) fn consider(
    context: &Context<'_>,
    text: &str,
    kind: QueryKind,
    request: &SearchRequest,
) -> Result<Vec<(Hit, Features)>, QueryError> {
    with_ranker(context, text, kind, request, |ranker, scores| {
        let found = ranker.found(scores, context.meaning)?;
        Ok(found.into_iter().map(|one| (one.hit, one.features)).collect())
    })
}

fn with_ranker<T>(
    context: &Context<'_>,
    text: &str,
    kind: QueryKind,
    request: &SearchRequest,
    then: impl FnOnce(&mut Ranker<'_>, &Scores) -> Result<T, QueryError>,
) -> Result<T, QueryError> {
    let (snapshot, parameters) = (context.snapshot, &context.ranking.parameters);
    let related = context.meaning.map_or(&[][..], |meaning| meaning.related);
    let terms = terms(text, kind, snapshot.lexical()?, parameters, related)?;
    let scores = snapshot.lexical()?.score(&terms.scored, &parameters.weights)?;
    let admitted = FileFilter::new(&request.filter, snapshot.view())?;
    let traits = Traits {
        kind,
        wants_tests: wants_tests(&terms, &admitted),
        asks_how: text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("how ")),
        terms: terms.scored.len(),
        best_words: 0.0,
        best_similarity: 0.0,
    };
    let mut ranker = Ranker {
        snapshot,
        ranking: context.ranking,
        filter: &request.filter,
        terms: &terms,
        names: NameMatcher::new(&terms, &scores.rarity, parameters),
        traits,
        admitted,
        outlines: HashMap::new(),
        file_symbols: HashMap::new(),
        mentions: HashMap::new(),
        analyzer: Analyzer::default(),
        wanted: exact::wanted_names(text, kind, &terms),
        similar: Vec::new(),
    };
    then(&mut ranker, &scores)
}

/// What a query is like.
struct Traits {
    kind: QueryKind,
    wants_tests: bool,
    asks_how: bool,
    terms: usize,
    best_words: f32,
    best_similarity: f32,
}

struct Ranker<'a> {
    snapshot: &'a Snapshot,
    ranking: &'a Ranking,
    filter: &'a Filter,
    admitted: FileFilter<'a>,
    terms: &'a Terms,
    names: NameMatcher<'a>,
    traits: Traits,
    /// Outlines of the candidates' files.
    outlines: HashMap<FileId, Outline>,
    /// What the best name at the top of a file says.
    file_symbols: HashMap<FileId, f32>,
    /// Files that mention a name.
    mentions: HashMap<String, usize>,
    analyzer: Analyzer,
    wanted: Vec<exact::WantedName>,
    similar: Vec<String>,
}

impl Ranker<'_> {
    /// Everything that could be ranked, with its features.
    fn found(
        &mut self,
        scores: &Scores,
        meaning: Option<Meaning<'_>>,
    ) -> Result<Vec<Found>, QueryError> {
        let meaning = meaning.filter(|_| self.ranking.retrievers.meaning);
        let mut words = self.words(scores);
        let view = self.snapshot.view();
        let share = match self.traits.kind {
            QueryKind::Symbol => self.ranking.parameters.meaning_of_name,
            _ => 1.0,
        };
        let mut meant = Meant::new(meaning, share, &|file| self.admitted.admits(view.file(file)));
        if scores.chunks.is_empty() {
            meant.keep_related();
        }
        self.traits.best_words = words.best_share();
        self.traits.best_similarity = meant.best();
        let mut candidates = self.gather(&mut words, &mut meant);
        if self.ranking.retrievers.names {
            self.add_exact(&mut candidates, &mut words, &mut meant)?;
        }
        let mut found = self.hits(candidates)?;
        relate::relate(&mut found);
        Ok(found)
    }

    /// The number of files with a name in their text.
    fn mentions(&mut self, name: &str) -> Result<usize, QueryError> {
        if let Some(known) = self.mentions.get(name) {
            return Ok(*known);
        }
        let mut files = 0;
        let mut last = None;
        // The term of a whole compound comes last; a simple name is its only part.
        if let Some((_, term)) = self.analyzer.terms(name).pop() {
            self.snapshot.lexical()?.chunks_with(Field::Body, &term, |file, _| {
                files += usize::from(last != Some(file));
                last = Some(file);
            })?;
        }
        self.mentions.insert(name.to_owned(), files);
        Ok(files)
    }

    fn focus(&mut self, hit: &mut Hit, rarity: &[f32], context: &Context<'_>) {
        let outline = &self.outlines[&hit.file];
        let Some(chunk) = outline.chunks.get(hit.chunk as usize) else { return };
        let weighed: Vec<_> =
            self.terms.scored.iter().cloned().zip(rarity.iter().copied()).collect();
        let names = (&mut self.names, self.filter);
        focus::focus(hit, chunk, outline, &weighed, names, context.sources);
    }
}

/// Whether tests are asked for, so that they must not be ranked down.
fn wants_tests(terms: &Terms, filter: &FileFilter<'_>) -> bool {
    let is_about_tests = |term: &str| matches!(term, "test" | "fixtur" | "mock");
    filter.tests == Tests::Only
        || terms.scored.iter().any(|term| is_about_tests(&term.variants[0].0))
}
