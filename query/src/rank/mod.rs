//! Ranking: candidates from words and names, signals, then an order that spreads over files.
//!
//! Every signal is a share between 0 and 1 of what a perfect match would get, times a parameter,
//! so that numbers of different origin can be added. What multiplies (tests, vendored code) comes
//! after what adds.

mod candidates;
mod exact;
mod focus;
mod hits;
mod spread;

use std::collections::{HashMap, HashSet};

use flux_core::{FileId, Outline};
use flux_store::Snapshot;
use flux_store::lexical::Scores;

use crate::error::QueryError;
use crate::filter::{FileFilter, Filter, Tests};
use crate::hit::{Hit, Signal};
use crate::kind::QueryKind;
use crate::names::NameMatcher;
use crate::parameters::Parameters;
use crate::request::{SearchRequest, Sources};
use crate::terms::{Terms, terms};

/// A chunk on its way to becoming a hit.
#[derive(Clone, Debug)]
struct Candidate {
    file: FileId,
    chunk: u32,
    /// Which terms it holds.
    matched: u64,
    signals: Vec<Signal>,
}

/// The best hits.
pub(crate) struct Ranked {
    pub(crate) hits: Vec<Hit>,
    /// Whether there were more than were asked for.
    pub(crate) is_cut: bool,
    /// Names like the one asked for, when nothing has that.
    pub(crate) similar: Vec<String>,
}

/// Ranks the chunks of `snapshot` for `text`.
pub(crate) fn rank(
    snapshot: &Snapshot,
    text: &str,
    kind: QueryKind,
    request: &SearchRequest,
    sources: &dyn Sources,
    parameters: &Parameters,
) -> Result<Ranked, QueryError> {
    let terms = terms(text, kind, snapshot.lexical(), parameters)?;
    let scores = snapshot.lexical().score(&terms.scored, &parameters.weights)?;
    let admitted = FileFilter::new(&request.filter, snapshot.view())?;
    let mut ranker = Ranker {
        snapshot,
        parameters,
        filter: &request.filter,
        terms: &terms,
        names: NameMatcher::new(&terms, &scores.rarity, parameters),
        wants_tests: wants_tests(&terms, &admitted),
        admitted,
        outlines: HashMap::new(),
        file_symbols: HashMap::new(),
        wanted: exact::wanted_names(text, kind, &terms),
        similar: Vec::new(),
    };
    let mut candidates = ranker.by_words(&scores);
    ranker.add_exact(kind, &mut candidates)?;
    let hits = ranker.hits(candidates)?;
    let mut hits = spread::spread(hits, parameters.same_file);
    let mut shown = HashSet::new();
    hits.retain(|hit| shown.insert((snapshot.view().file(hit.file).content(), hit.lines)));
    let is_cut = hits.len() > request.limit;
    hits.truncate(request.limit);
    let weighed: Vec<_> = terms.scored.iter().cloned().zip(scores.rarity).collect();
    for hit in hits.iter_mut().filter(|hit| !hit.has_signal("exact name")) {
        let outline = &ranker.outlines[&hit.file];
        if let Some(chunk) = outline.chunks.get(hit.chunk as usize) {
            focus::focus(
                hit,
                chunk,
                outline,
                &weighed,
                (&mut ranker.names, ranker.filter),
                sources,
            );
        }
    }
    Ok(Ranked { hits, is_cut, similar: ranker.similar })
}

struct Ranker<'a> {
    snapshot: &'a Snapshot,
    parameters: &'a Parameters,
    filter: &'a Filter,
    admitted: FileFilter<'a>,
    terms: &'a Terms,
    names: NameMatcher<'a>,
    wants_tests: bool,
    /// Outlines of the candidates' files.
    outlines: HashMap<FileId, Outline>,
    /// What the best name at the top of a file says.
    file_symbols: HashMap<FileId, f32>,
    wanted: Vec<exact::WantedName>,
    similar: Vec<String>,
}

/// Whether tests are asked for, so that they must not be ranked down.
fn wants_tests(terms: &Terms, filter: &FileFilter<'_>) -> bool {
    let is_about_tests = |term: &str| matches!(term, "test" | "fixtur" | "mock");
    filter.tests == Tests::Only
        || terms.scored.iter().any(|term| is_about_tests(&term.variants[0].0))
}

/// What a perfect match of every term would score.
fn perfect(scores: &Scores) -> f32 {
    scores.rarity.iter().sum::<f32>().max(f32::MIN_POSITIVE)
}
